"""Effort of patrons.

Summary of rule: a patron holds its clients back as far as recognition, legitimacy on its own land, blame and cover make
that worth its while, and less the more hardliners it has among its own; two rival theories know blame or creed alone.

    stake   = legitimacy · land as reported            for a state: crisis over attacks that its clients are accused of
    faction = (hard/(hard + other) + line)/2           for a state: the use that it has of its clients
    z0      = base + w · hope + w · stake + w · blame + w · cover − w · faction     (principal and agent)
    z1      = base + w · blame · legitimacy − w · faction                           (reputation: damage already done)
    z2      = base + w · (1 − line) − w · faction                                   (ideology: conviction alone)
    effort  = moved by rate_adjust of its distance to share_exerted · logistic(z of the theory)

Those who are neither a hub nor have clients let go: their effort goes to 0 at the same rate. With share_exerted 0
nobody makes an effort and nothing else changes, as without the rule.

Mechanisms 61, 63, 67, 69, 73, 74, 75, as far as they move effort; 68 through hope. Evidence: E0501, E0503, E0514
(contested), E0583, E0585, E0643, E0502, E0661, E0664, E0418 (contested). The documents fix the signs. Assumed: the form
and every weight; that the three theories exclude one another; that a state has no creed. Whether land restrains rests
on legitimacy, never on land alone. Known limits: a patron knows only what is reported; one effort for all clients.
"""

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.stocks import towards
from sim.rules.groups import is_active, members, patron_of
from sim.world.fields import NOBODY

NAME = "restraint/patron_effort"
READS = (
    "clock.quarter",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.is_hub",
    "groups.enters",
    "groups.hard",
    "groups.other",
    "groups.line",
    "groups.rep_hold",
    "patrons.group",
    "patrons.state",
    "patrons.effort",
    "patrons.hope",
    "patrons.blame",
    "patrons.cover",
    "patrons.faction",
    "patrons.legitimacy",
    "patrons.crisis",
)
WRITES = ("patrons.effort", "patrons.stake", "patrons.faction")
DRAWS = ()


@compiled
def will_of(hope, stake, blame, cover, legitimacy, creed, faction, params):
    """Return the log-odds z of full effort under the theory chosen; all determinants 0-1."""
    weights = params.patron_effort
    against = weights.weight_faction * faction
    if weights.theory < 0.5:
        reward = weights.weight_hope * hope + weights.weight_stake * stake
        return weights.base_effort + reward + weights.weight_blame * blame + weights.weight_cover * cover - against
    if weights.theory < 1.5:
        return weights.base_effort + weights.weight_record * blame * legitimacy - against
    return weights.base_effort + weights.weight_creed * creed - against


@compiled
def look(world, p):
    """Write what patron p has at stake and who among its own pulls the other way; a state's use is not known here."""
    patron = world.patrons[p]
    if patron.group == NOBODY:
        patron.stake = patron.crisis
        return
    group = world.groups[patron.group]
    persons = members(group)
    patron.stake = patron.legitimacy * group.rep_hold
    ranks = group.hard / persons if persons > 0.0 else 0.0
    patron.faction = 0.5 * (ranks + group.line)


@compiled
def goal_of(world, p, params):
    """Return the effort (0-1) that patron p comes to make as things stand."""
    patron = world.patrons[p]
    creed = 1.0 - world.groups[patron.group].line if patron.group != NOBODY else 0.0
    outside = patron.hope, patron.stake, patron.blame, patron.cover
    return params.patron_effort.share_exerted * logistic(
        will_of(*outside, patron.legitimacy, creed, patron.faction, params)
    )


@compiled
def apply(world, params, dice, ledger):
    """Move the effort of every patron that is there, each by what it is told and by its own members."""
    if params.patron_effort.share_exerted <= 0.0:
        return
    quarter = world.clock.quarter
    has_clients = np.zeros(world.patrons.shape[0])
    for g in range(world.groups.shape[0]):
        if is_active(world.groups[g], quarter):
            p = patron_of(world, g)
            if p != NOBODY:
                has_clients[p] = 1.0
    for p in range(world.patrons.shape[0]):
        patron = world.patrons[p]
        if patron.group != NOBODY and not is_active(world.groups[patron.group], quarter):
            continue
        look(world, p)
        is_hub = patron.group != NOBODY and world.groups[patron.group].is_hub == 1
        goal = goal_of(world, p, params) if is_hub or has_clients[p] > 0.0 else 0.0
        patron.effort = towards(patron.effort, goal, params.patron_effort.rate_adjust)
