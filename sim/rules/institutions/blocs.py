"""Rival blocs.

Summary of rule: the leader of a customs bloc revives it as a rival's plans advance and as displaced producers ask for
it.

    hazard a quarter = zeal · (rate_rivalry · progress + rate_demand · displaced)

`progress` is the highest level that plans outside the bloc have reached in any institution in which the leader is a
member, or the largest share of all markets that another home holds; `displaced` is the mean share of producers lost in
member states. A revival raises the customs level by `step` of what is left. In replay the level is set by record.

Mechanisms 20, 24 (dates of entry are data) and 26 (demand for protection). Evidence: E0044, E0048, E0049, E0051,
E0063. Assumed: both rates and the step.
"""

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import margin, probability
from sim.numerics.ledger import note_hazard
from sim.world.fields import NOBODY
from sim.world.records import DOMAINS
from sim.world.standing import is_member, is_open

NAME = "institutions/blocs"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.local_producers",
    "homes.state",
    "institutions.id",
    "institutions.joins",
    "institutions.leaves",
    "institutions.zeal",
    "institutions.opens",
    "institutions.level",
    "measures.market",
)
WRITES = ("institutions.level",)
DRAWS = ("institutions/blocs/revivals",)
_REVIVALS = stream(DRAWS[0])
_CUSTOMS = DOMAINS.index("customs")


@compiled
def rivals_progress(world, leader, bloc):
    """Return how far plans outside the bloc have come, 0-1: agreements that the leader sits in, or markets."""
    quarter = world.clock.quarter
    progress = 0.0
    for h in range(world.homes.shape[0]):
        if world.homes[h].state != leader:
            progress = max(progress, world.measures.market[h])
    for i in range(world.institutions.shape[0]):
        other = world.institutions[i]
        if i != bloc and is_member(other, leader, quarter):
            for d in range(_CUSTOMS):
                progress = max(progress, other.level[d])
    return progress


@compiled
def displaced(world, institution):
    """Return the mean share of producers lost in the bloc's member states, 0-1."""
    quarter = world.clock.quarter
    total = 0.0
    members = 0
    for s in range(world.states.shape[0]):
        if is_member(institution, s, quarter):
            total += 1.0 - world.states[s].local_producers
            members += 1
    return total / max(1, members)


@compiled
def is_revived_by(world, i, leader, params, dice, ledger):
    """Return whether a leader of a bloc revives it this quarter."""
    institution = world.institutions[i]
    rate = params.blocs.rate_rivalry * rivals_progress(world, leader, i)
    rate += params.blocs.rate_demand * displaced(world, institution)
    p = probability(institution.zeal[leader, _CUSTOMS] * rate)
    u = uniform(moment(dice, world.clock.quarter, _REVIVALS), institution.id, world.states[leader].id, NO_ID)
    note_hazard(ledger, leader, NOBODY, NOBODY, i, NOBODY, p, u, margin(p, u))
    return u < p


@compiled
def apply(world, params, dice, ledger):
    """Let the leaders of customs blocs decide, unless the record does."""
    clock = world.clock
    if not is_open(clock):
        return
    for i in range(world.institutions.shape[0]):
        institution = world.institutions[i]
        is_revived = False
        for s in range(world.states.shape[0]):
            is_leader = institution.zeal[s, _CUSTOMS] > 0.0 and clock.quarter >= institution.opens[_CUSTOMS]
            if is_leader and is_member(institution, s, clock.quarter):
                is_revived = is_revived_by(world, i, s, params, dice, ledger) or is_revived
        if is_revived:
            institution.level[_CUSTOMS] += params.blocs.step * (1.0 - institution.level[_CUSTOMS])
