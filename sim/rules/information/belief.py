"""Belief.

Summary of rule: audiences weigh an accusation by who makes it, and take back what they believed as time passes; errors
found out cost credibility, blame costs a patron legitimacy, fear rallies people, and lending force costs standing.

    h  = hit · clip(1 − weight_discount · (1 − credibility) − weight_standing · use of force of the accuser)
    f  = clip(base_alarm + weight_protest · protest · independence + weight_breadth · breadth), 0.001 at least
    LR = [h + (1 − h) · f] / f;   denied: LR ^ (1 − weight_denial · legitimacy of the accused group's patron)
    logit belief = keep · logit belief + (1 − keep) · logit prior + Σ of ln LR over accusations

h is the chance that an accuser who is believed finds a guilty group out and says so; f the chance that it accuses an
innocent one all the same, as this audience sees it. A guilty group is accused with h + (1 − h) · f, an innocent one
with f. f rises with protest only as far as the audience is independent. Without an accusation belief goes back to what
it was before anything was said.

    Δcredibility = rate_trust · (usual − credibility) − loss_exposed · exposed · (1 + weight_doubt · independence)
                   · credibility
    usual        = independence · (1 − control) + (1 − independence) · (1 at home, 0.5 elsewhere)
    Δlegitimacy  = rate_legit · (reported land + acknowledged + weight_disavowed · disavowed · (1 − blame))
                   · (1 − legitimacy) − (rate_ebb + rate_loss · blame) · legitimacy        patrons that are groups
    Δrally       = rate_rally · insecurity · control · (1 − rally)
                   − (rate_fade_rally + rate_punish · exposed · (1 − control)) · rally      states that accuse
    Δuse of force = rate_force · Σ war · support lent · (1 − use of force) − rate_calm · use of force

A disavowal counts as far as blame does not belie it, and is forgotten at rate_forget.

Mechanisms 93 (discounting what an interested agency says), 96 (doubt of official accounts), 94 (what an exposed error
costs), 63 (blame on the patron), 66 (denial and disavowal), 88 (rally) and 140 (standing lost by force). Evidence:
E0466, E0462, E0510, E0395, E0557, E0503, E0513, E0514, E0561, E0334 (most of them contested or an author's judgement;
E0557 is called a conspiracy theory by the document itself: here it says that some come to doubt, never that they are
right). Assumed: the form, a likelihood ratio on log-odds, and every number.

Known limits: audiences do not talk to one another; who was behind an incident is not read here, nor does an exposed
error take back what was believed of the group it wronged; force is that lent in wars of the model, not single strikes.
"""

import math

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, moved, towards
from sim.rules.groups import is_active, patron_of
from sim.world.fields import NOBODY

NAME = "information/belief"
READS = (
    "clock.quarter",
    "states.protest",
    "states.insecurity",
    "states.use_of_force",
    "states.rally",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.enters",
    "groups.rep_hold",
    "patrons.group",
    "patrons.state",
    "patrons.blame",
    "patrons.legitimacy",
    "patrons.disavowed",
    "patrons.acknowledged",
    "theatres.war",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "accusers.state",
    "accusers.breadth",
    "accusers.control",
    "accusers.accuses",
    "accusers.denied",
    "accusers.exposed",
    "audiences.state",
    "audiences.independence",
    "audiences.prior",
    "audiences.belief",
    "audiences.credibility",
)
WRITES = (
    "states.use_of_force",
    "states.rally",
    "patrons.legitimacy",
    "patrons.disavowed",
    "audiences.belief",
    "audiences.credibility",
    "audiences.false_alarm",
)
DRAWS = ()
LEAST = 0.001
MOST = 0.999
STILL = 1e-9


@compiled
def heard(credibility, force, params):
    """Return the chance (0-1) that an accuser finds a guilty group out and says so, as an audience sees it."""
    p = params.belief
    return p.hit * clipped(1.0 - p.weight_discount * (1.0 - credibility) - p.weight_standing * force)


@compiled
def false_alarm_of(protest, independence, breadth, params):
    """Return the chance (0-1, never 0) of being accused though innocent, as an audience sees it."""
    p = params.belief
    return max(LEAST, clipped(p.base_alarm + p.weight_protest * protest * independence + p.weight_breadth * breadth))


@compiled
def chance_if_guilty(h, f):
    """Return the chance that a guilty group is accused: found out, or as anybody may be."""
    return h + (1.0 - h) * f


@compiled
def ratio_of(h, f):
    """Return the likelihood ratio of an accusation, chance_if_guilty / f: 1 at h = 0 and never below."""
    return 1.0 + h * (1.0 - f) / f


@compiled
def weight_of(h, f, said, denied, legitimacy, params):
    """Return the log-odds that an accusation of strength `said` adds, less as far as a patron's word stands for it."""
    return said * math.log(ratio_of(h, f)) * (1.0 - params.belief.weight_denial * denied * legitimacy)


@compiled
def logit(x):
    """Return the log-odds of a belief, which never goes all the way to 0 or 1."""
    x = min(MOST, max(LEAST, x))
    return math.log(x / (1.0 - x))


@compiled
def next_belief(belief, usual, evidence, params):
    """Return belief after a quarter; `usual` is the prior and `evidence` what was said, both in log-odds."""
    keep = params.belief.keep
    return min(MOST, max(LEAST, logistic(keep * logit(belief) + (1.0 - keep) * usual + evidence)))


@compiled
def usual_credibility(independence, control, is_own):
    """Return the credibility (0-1) of an accuser with an audience before any error: its own state's, or another's."""
    return clipped(independence * (1.0 - control) + (1.0 - independence) * (1.0 if is_own else 0.5))


@compiled
def next_credibility(credibility, usual, exposed, independence, params):
    """Return credibility (0-1) after a quarter in which an error was exposed, or none (0)."""
    p = params.belief
    loss = p.loss_exposed * exposed * (1.0 + p.weight_doubt * independence)
    return clipped(towards(credibility, usual, p.rate_trust) - loss * credibility)


@compiled
def next_legitimacy(legitimacy, hold, acknowledged, disavowed, blame, params):
    """Return a patron's legitimacy (0-1) after a quarter; all arguments are 0-1."""
    p = params.belief
    gain = p.rate_legit * (hold + acknowledged + p.weight_disavowed * disavowed * (1.0 - blame))
    return moved(legitimacy, gain, p.rate_ebb + p.rate_loss * blame)


@compiled
def next_rally(rally, insecurity, control, exposed, params):
    """Return support for a government out of fear (0-1) after a quarter; all arguments are 0-1."""
    p = params.belief
    return moved(
        rally, p.rate_rally * insecurity * control, p.rate_fade_rally + p.rate_punish * exposed * (1.0 - control)
    )


@compiled
def is_accused(world, g):
    """Return whether anybody accuses group g this quarter."""
    said = 0.0
    for accuser in world.accusers:
        said += accuser.accuses[g]
    return said > 0.0


@compiled
def evidence_against(world, a, g, legitimacy, params):
    """Return the log-odds that this quarter's accusations of group g add in audience a."""
    audience = world.audiences[a]
    total = 0.0
    for d in range(world.accusers.shape[0]):
        accuser = world.accusers[d]
        if accuser.accuses[g] > 0.0:
            h = heard(audience.credibility[d], world.states[accuser.state].use_of_force, params)
            f = audience.false_alarm[d]
            total += weight_of(h, f, accuser.accuses[g], accuser.denied[g], legitimacy, params)
    return total


@compiled
def suspect(world, params):
    """Write the chance of a false alarm by every accuser as every audience sees it."""
    for audience in world.audiences:
        for d in range(world.accusers.shape[0]):
            accuser = world.accusers[d]
            protest = world.states[accuser.state].protest
            audience.false_alarm[d] = false_alarm_of(protest, audience.independence, accuser.breadth, params)


@compiled
def believe(world, params):
    """Move every audience's belief about every group; nothing is computed where nothing was or is said."""
    for g in range(world.groups.shape[0]):
        accused = is_accused(world, g)
        legitimacy = 0.0
        if accused:
            p = patron_of(world, g)
            legitimacy = world.patrons[p].legitimacy if p != NOBODY else 0.0
        for a in range(world.audiences.shape[0]):
            audience = world.audiences[a]
            belief = audience.belief[g]
            if accused or abs(belief - audience.prior) > STILL:
                evidence = evidence_against(world, a, g, legitimacy, params) if accused else 0.0
                audience.belief[g] = next_belief(belief, logit(audience.prior), evidence, params)


@compiled
def trust(world, params):
    """Move every accuser's credibility with every audience."""
    for audience in world.audiences:
        for d in range(world.accusers.shape[0]):
            accuser = world.accusers[d]
            usual = usual_credibility(audience.independence, accuser.control, audience.state == accuser.state)
            audience.credibility[d] = next_credibility(
                audience.credibility[d], usual, accuser.exposed, audience.independence, params
            )


@compiled
def regard_patrons(world, params):
    """Move the legitimacy of patrons that are groups and are there; a state's stays."""
    for patron in world.patrons:
        if patron.group != NOBODY and is_active(world.groups[patron.group], world.clock.quarter):
            hold = world.groups[patron.group].rep_hold
            patron.legitimacy = next_legitimacy(
                patron.legitimacy, hold, patron.acknowledged, patron.disavowed, patron.blame, params
            )
            patron.disavowed *= 1.0 - params.belief.rate_forget


@compiled
def regard_states(world, params):
    """Move support for governments that accuse, and every state's reputation for force by what it lends in wars."""
    for accuser in world.accusers:
        state = world.states[accuser.state]
        state.rally = next_rally(state.rally, state.insecurity, accuser.control, accuser.exposed, params)
    force = np.zeros(world.states.shape[0])
    for theatre in world.theatres:
        for i in range(theatre.backer.shape[0]):
            if theatre.backer[i] != NOBODY:
                force[theatre.backer[i]] += theatre.war * theatre.support_declared[i] * theatre.kept[i]
    for s in range(force.shape[0]):
        state = world.states[s]
        state.use_of_force = moved(state.use_of_force, params.belief.rate_force * force[s], params.belief.rate_calm)


@compiled
def apply(world, params, dice, ledger):
    """Move beliefs by the credibility, legitimacy and force that are found; then those."""
    suspect(world, params)
    believe(world, params)
    trust(world, params)
    regard_patrons(world, params)
    regard_states(world, params)
