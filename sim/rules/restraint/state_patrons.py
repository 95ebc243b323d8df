"""Sponsoring states.

Summary of rule: a state sponsors a group that serves its cause as long as that can be denied and open war would cost it
more; incidents laid to its clients bring a crisis, which presses it to give less, and it may abandon a client.

    cost    = Σ over states aimed at of aim · (class of population − 1)/4
    use     = clip(interest · (1 + w_cost · cost) · (1 − w_deny · blame))
    supply' = towards(supply, supply at entry · max(0, 1 + w_use · use − w_press · crisis), rate_supply)
    crisis' = moved(crisis, rate_crisis · Σ class weight · (1 + w_escalation · cost), rate_cool)
    hazard of abandoning a client = rate_abandon · (1 − alert), where it supports the client in a theatre

blame is how far audiences believe the group guilty beyond what they always did. interest is the support that the state
gives the group in its theatre, as far as it has not been withdrawn, or `base_interest` where no support is on record.
The sum of a crisis goes over the last quarter's incidents that were not foiled and that a client is accused of: who is
behind them plays no part. What a state gets out of its clients, the largest use, stands as its `faction`. A client
that is abandoned keeps a part of the support, what it holds in custody is left alone, and the state's name suffers.

Mechanisms 95 (deniability), 113 (cost of war), 130 (use of a group to a state), 136 (backing withdrawn), 139 (an attack
between rivals weighs more than its size). Evidence: E0525, E0527, E0361, E0349, E0680, E0721 (contested). Assumed: all
rates and weights; that open war costs more the more people the state has against which it would be fought.

Known limits: no act of war follows from a crisis; an abandoned client is not taken up again. In replay, as long as
there is a record, nobody abandons but on record.
"""

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import clipped, moved, towards
from sim.rules.groups import is_active, withdraw_support
from sim.rules.incidents import class_weight
from sim.world.conflict import ABANDONMENT
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/state_patrons"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "politics.alert",
    "states.id",
    "states.population_class",
    "groups.id",
    "groups.theatre",
    "groups.sponsor",
    "groups.enters",
    "groups.aim",
    "groups.supply_base",
    "groups.supply",
    "groups.rep_blame",
    "patrons.state",
    "patrons.crisis",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "custodies.custodian",
    "custodies.abandoned",
    "incidents.quarter",
    "incidents.severity",
    "incidents.accused",
    "incidents.is_foiled",
)
WRITES = (
    "groups.supply",
    "patrons.faction",
    "patrons.crisis",
    "theatres.kept",
    "custodies.abandoned",
)
DRAWS = ("restraint/state_patrons/abandonments",)
_ABANDONMENTS = stream(DRAWS[0])


@compiled
def use_of(interest, cost, blame, params):
    """Return of how much use (0-1) a group is to its sponsor; all arguments 0-1."""
    p = params.state_patrons
    return clipped(interest * (1.0 + p.weight_cost * cost) * (1.0 - p.weight_deny * blame))


@compiled
def next_supply(supply, base, use, crisis, params):
    """Return a client's supply after a quarter, by what it was at its entry."""
    p = params.state_patrons
    goal = base * max(0.0, 1.0 + p.weight_use * use - p.weight_press * crisis)
    return towards(supply, goal, p.rate_supply)


@compiled
def cost_of(world, group):
    """Return how much open war (0-1) against those at whom a group aims would cost: the larger they are, the more."""
    total = 0.0
    for s in range(world.states.shape[0]):
        if group.aim[s] > 0.0:
            total += group.aim[s] * (world.states[s].population_class - 1.0) / 4.0
    return clipped(total)


@compiled
def is_supported(world, g):
    """Return whether group g has the support of its sponsor on record where it is."""
    group = world.groups[g]
    if group.theatre == NOBODY or group.sponsor == NOBODY:
        return False
    theatre = world.theatres[group.theatre]
    return theatre.backer[g] == group.sponsor and theatre.support_declared[g] > 0.0


@compiled
def interest_in(world, g, params):
    """Return a sponsor's interest (0-1) in group g: its support on record or the usual one, as far as it stands."""
    interest = params.state_patrons.base_interest
    t = world.groups[g].theatre
    if t == NOBODY:
        return interest
    return world.theatres[t].kept[g] * (world.theatres[t].support_declared[g] if is_supported(world, g) else interest)


@compiled
def shock_of(world, state, params):
    """Return what the last quarter's incidents weigh of which clients of a state are accused."""
    total = 0.0
    for incident in world.incidents:
        if incident.quarter == world.clock.quarter - 1 and incident.is_foiled == 0 and incident.accused != NOBODY:
            accused = world.groups[incident.accused]
            if accused.sponsor == state:
                weight = 1.0 + params.state_patrons.weight_escalation * cost_of(world, accused)
                total += class_weight(incident.severity) * weight
    return total


@compiled
def may_abandon(world, p, g, rate, params, dice, ledger):
    """Let patron p, a state, abandon its client g in a theatre at this rate, or not."""
    group = world.groups[g]
    state = world.patrons[p].state
    u = uniform(moment(dice, world.clock.quarter, _ABANDONMENTS), world.states[state].id, group.id, NO_ID)
    if happens(rate, u):
        note_group(ledger, state, g, group.theatre, ABANDONMENT, NOBODY, probability(rate), u)
        withdraw_support(world, g, state, params.state_patrons.size_abandon)


@compiled
def sponsor(world, p, rate, params, dice, ledger):
    """Let patron p, a state, look at its clients: of what use they are, what they get, and whom it abandons."""
    patron = world.patrons[p]
    most = 0.0
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        if group.sponsor == patron.state and is_active(group, world.clock.quarter):
            use = use_of(interest_in(world, g, params), cost_of(world, group), group.rep_blame, params)
            most = max(most, use)
            group.supply = next_supply(group.supply, group.supply_base, use, patron.crisis, params)
            if rate > 0.0 and is_supported(world, g):
                may_abandon(world, p, g, rate, params, dice, ledger)
    patron.faction = most


@compiled
def apply(world, params, dice, ledger):
    """Let every sponsoring state look at its clients by the crisis that it finds, then move the crisis on."""
    rate = params.state_patrons.rate_abandon * (1.0 - world.politics.alert) if is_open(world.clock) else 0.0
    for p in range(world.patrons.shape[0]):
        patron = world.patrons[p]
        if patron.state != NOBODY:
            sponsor(world, p, rate, params, dice, ledger)
            gain = params.state_patrons.rate_crisis * shock_of(world, patron.state, params)
            patron.crisis = moved(patron.crisis, gain, params.state_patrons.rate_cool)
