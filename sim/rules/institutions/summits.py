"""Summits.

Summary of rule: once a year members propose, every other veto player accepts or blocks, and what was agreed is slowly
put into practice.

What a member is ordered to propose from outside is voted on at once, in any quarter; refusal from outside takes its
share of the chance to accept.
A proposal by p in domain d passes when every veto player m accepts, each with probability

    σ(base + w_benefit · benefit_d · (1 + ratchet · level_d) + w_firms · supply by p's firms of m − w_quarrel · quarrel
      − w_gap · gap(p, m) · bindingness_d − w_bloc · rival level · bindingness_d)

with the same weights in every domain: what stalls and what passes is an outcome. gap is the proposer's lead in size
(mean of two classes) plus in markets; quarrel is the member's with the proposer as a home. An accepted proposal raises
the level by `step` of what is left. Implementation moves by

    rate_implementation · level · (1 − opacity) · (1 − implementation) − rate_lapse · implementation

a quarter. A home whose proposals are blocked is stalled: that follows the share of them that were blocked by `memory`
a summit, and is felt where that home makes offers to single states. In replay levels are set by record.

Mechanisms 19, 20 (through the rival level), 21, 23, 32. Evidence: E0010, E0040, E0041, E0066-E0068, E0072,
E0082-E0086, E0185, E0228. Assumed: all weights. 119 is in the data: domains open in the order of the record. Left out:
22, relabelling what exists, which changes words and no agreement. Known limits: members do not trade one domain for
another, and the security domain arrives with cooperation.
"""

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import mix, moment, stable_id, stream, uniform
from sim.numerics.hazards import margin
from sim.numerics.ledger import note_vote
from sim.numerics.stocks import clipped, moved, towards
from sim.world.fields import NOBODY
from sim.world.records import DOMAINS
from sim.world.standing import is_member, is_open

NAME = "institutions/summits"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.population_class",
    "states.economy_class",
    "states.opacity",
    "states.agreement",
    "states.supply",
    "states.supplier_dyad",
    "homes.state",
    "homes.stalled",
    "dyads.state",
    "dyads.partner",
    "dyads.quarrel",
    "dyads.harmony",
    "dyads.bank",
    "institutions.id",
    "institutions.joins",
    "institutions.leaves",
    "institutions.is_veto",
    "institutions.opens",
    "institutions.zeal",
    "institutions.benefit",
    "institutions.bindingness",
    "institutions.level_order",
    "institutions.proposal_order",
    "institutions.refusal_declared",
    "institutions.level",
    "institutions.implementation",
    "institutions.effect",
    "institutions.cum_blocked",
    "measures.market",
)
WRITES = (
    "states.agreement",
    "homes.stalled",
    "dyads.harmony",
    "dyads.bank",
    "institutions.level",
    "institutions.implementation",
    "institutions.effect",
    "institutions.cum_blocked",
)
DRAWS = ("institutions/summits/proposals", "institutions/summits/votes")
_PROPOSALS, _VOTES = (stream(name) for name in DRAWS)
_DOMAIN_IDS = np.array([stable_id(f"domain:{name}") for name in DOMAINS], np.uint64)
_SUMMIT = 1  # the second quarter of a year
_DIGITAL, _FINANCE, _CUSTOMS = (DOMAINS.index(name) for name in ("digital", "finance", "customs"))


@compiled
def home_of(world, s):
    """Return the home of firms that state s is, or nobody."""
    for h in range(world.homes.shape[0]):
        if world.homes[h].state == s:
            return h
    return NOBODY


@compiled
def market_of(world, s):
    """Return the share of a state's own firms in all installed bases, 0-1."""
    h = home_of(world, s)
    return world.measures.market[h] if h != NOBODY else 0.0


@compiled
def gap(world, proposer, member):
    """Return the proposer's lead over a member in size and markets, 0-1."""
    p, m = world.states[proposer], world.states[member]
    size = (p.population_class + p.economy_class - m.population_class - m.economy_class) / 8.0
    return clipped(max(0.0, size) + max(0.0, market_of(world, proposer) - market_of(world, member)))


@compiled
def rival_level(world, i, member, quarter):
    """Return the customs level of the strongest other institution that the member belongs to, 0-1."""
    strongest = 0.0
    for o in range(world.institutions.shape[0]):
        if o != i and is_member(world.institutions[o], member, quarter):
            strongest = max(strongest, world.institutions[o].level[_CUSTOMS])
    return strongest


@compiled
def p_accept(world, i, d, proposer, member, params):
    """Return the probability that a veto player accepts a proposal."""
    institution = world.institutions[i]
    h = home_of(world, proposer)
    firms = world.states[member].supply[h] if h != NOBODY else 0.0
    benefit = institution.benefit[d] * (1.0 + params.summits.ratchet * institution.level[d])
    cost = params.summits.weight_gap * gap(world, proposer, member)
    cost += params.summits.weight_bloc * rival_level(world, i, member, world.clock.quarter)
    d_home = world.states[member].supplier_dyad[h] if h != NOBODY else NOBODY
    quarrel = world.dyads[d_home].quarrel if d_home != NOBODY else 0.0
    support = params.summits.base_support - params.summits.weight_quarrel * quarrel
    support += params.summits.weight_benefit * benefit + params.summits.weight_firms * firms
    return logistic(support - cost * institution.bindingness[d])


@compiled
def is_blocked(world, i, d, proposer, params, dice, ledger):
    """Let every veto player vote on a proposal, and return whether any blocks it."""
    institution = world.institutions[i]
    quarter = world.clock.quarter
    blocked = False
    for m in range(world.states.shape[0]):
        if m != proposer and institution.is_veto[m] == 1 and is_member(institution, m, quarter):
            p = (1.0 - institution.refusal_declared[m, d]) * p_accept(world, i, d, proposer, m, params)
            where = mix(institution.id + mix(world.states[proposer].id))
            u = uniform(moment(dice, quarter, _VOTES), where, world.states[m].id, _DOMAIN_IDS[d])
            note_vote(ledger, m, i, d, proposer, p, u, margin(p, u))
            blocked = blocked or u >= p
    return blocked


@compiled
def count_proposal(world, proposer, was_blocked, tried, blocked):
    """Count a proposal, and whether it was blocked, for the proposer's home."""
    h = home_of(world, proposer)
    if h != NOBODY:
        tried[h] += 1.0
        blocked[h] += 1.0 if was_blocked else 0.0


@compiled
def hear_order(world, i, d, params, dice, ledger):
    """Put to the vote at once what a member was ordered to propose in a domain; raise its level if it passes."""
    institution = world.institutions[i]
    proposer = institution.proposal_order[d]
    if proposer == NOBODY or not is_member(institution, proposer, world.clock.quarter):
        return
    if is_blocked(world, i, d, proposer, params, dice, ledger):
        institution.cum_blocked[d] += 1.0
    else:
        institution.level[d] += params.summits.step * (1.0 - institution.level[d])


@compiled
def hold_summits(world, params, dice, ledger):
    """Hold the year's summits, and let every home that proposed remember how it went."""
    tried = np.zeros(world.homes.shape[0])
    blocked = np.zeros(world.homes.shape[0])
    for i in range(world.institutions.shape[0]):
        hold_summit(world, i, tried, blocked, params, dice, ledger)
    for h in range(world.homes.shape[0]):
        if tried[h] > 0.0:
            world.homes[h].stalled = towards(world.homes[h].stalled, blocked[h] / tried[h], params.summits.memory)


@compiled
def hold_summit(world, i, tried, blocked, params, dice, ledger):
    """Let every member propose in every open domain, save what it is ordered to; raise the levels that nobody blocks.

    Counts in tried and blocked (homes,) the proposals of every home and those of them that were blocked.
    """
    institution = world.institutions[i]
    quarter = world.clock.quarter
    for d in range(institution.level.shape[0]):
        proposals = 0
        passed = 0
        for s in range(world.states.shape[0]):
            zeal = institution.zeal[s, d]
            if d == _CUSTOMS or zeal <= 0.0 or quarter < institution.opens[d] or s == institution.proposal_order[d]:
                continue
            if is_member(institution, s, quarter):
                u = uniform(moment(dice, quarter, _PROPOSALS), institution.id, world.states[s].id, _DOMAIN_IDS[d])
                if u < zeal:
                    note_vote(ledger, s, i, d, s, zeal, u, margin(zeal, u))
                    was_blocked = is_blocked(world, i, d, s, params, dice, ledger)
                    count_proposal(world, s, was_blocked, tried, blocked)
                    proposals += 1
                    passed += 0 if was_blocked else 1
        if passed > 0:
            institution.level[d] += params.summits.step * (1.0 - institution.level[d])
        institution.cum_blocked[d] += proposals - passed


@compiled
def implement(world, i, params):
    """Take levels set by record, and move implementation on by one quarter."""
    institution = world.institutions[i]
    quarter = world.clock.quarter
    opacity = 0.0
    members = 0
    for s in range(world.states.shape[0]):
        if is_member(institution, s, quarter):
            opacity += world.states[s].opacity
            members += 1
    openness = 1.0 - opacity / max(1, members)
    for d in range(institution.level.shape[0]):
        if institution.level_order[d] >= 0.0:
            institution.level[d] = institution.level_order[d]
        rate = params.summits.rate_implementation * institution.level[d] * openness
        institution.implementation[d] = moved(institution.implementation[d], rate, params.summits.rate_lapse)
        institution.effect[d] = institution.level[d] * institution.implementation[d]


@compiled
def share_effects(world, quarter):
    """Tell every state the strongest agreement that binds it, and every dyad what both belong to."""
    for s in range(world.states.shape[0]):
        world.states[s].agreement[:] = 0.0
        for institution in world.institutions:
            if is_member(institution, s, quarter):
                for d in range(institution.effect.shape[0]):
                    world.states[s].agreement[d] = max(world.states[s].agreement[d], institution.effect[d])
    for dyad in world.dyads:
        dyad.harmony = 0.0
        dyad.bank = 0.0
        for institution in world.institutions:
            if is_member(institution, dyad.state, quarter) and is_member(institution, dyad.partner, quarter):
                dyad.harmony = max(dyad.harmony, institution.effect[_DIGITAL])
                dyad.bank = max(dyad.bank, institution.effect[_FINANCE])


@compiled
def apply(world, params, dice, ledger):
    """Hold the year's summits in its second quarter, and implement what was agreed."""
    clock = world.clock
    is_summit = clock.quarter % 4 == _SUMMIT
    if is_summit and is_open(clock):
        hold_summits(world, params, dice, ledger)
    for i in range(world.institutions.shape[0]):
        for d in range(world.institutions[i].level.shape[0]):
            hear_order(world, i, d, params, dice, ledger)
        implement(world, i, params)
    if is_summit:
        share_effects(world, clock.quarter)
