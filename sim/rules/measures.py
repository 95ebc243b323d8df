"""Measures over many states.

Summary of rule: means and running totals that concern more than one state are written down at the end of the quarter.

    dependence_focus[h] = mean of D[s, h] over the reported states;  dependence_other[h] over all others but h itself

Draws nothing, and is never switched off. Outcomes of a run are read off these and all other fields (see `observe`).
"""

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY

NAME = "measures"
READS = (
    "clock.quarter",
    "states.is_focus",
    "states.dependence",
    "states.service_lost",
    "states.supply",
    "states.supplier_dyad",
    "dyads.state",
    "dyads.cum_gifts",
    "dyads.cum_loans",
    "dyads.cum_bundles",
    "legs.control",
    "channels.signed",
    "channels.standing",
    "channels.cum_answers",
    "channels.cum_exposed",
    "channels.cum_returned",
)
WRITES = (
    "measures.dependence_focus",
    "measures.dependence_other",
    "measures.supply_focus",
    "measures.cum_gifts",
    "measures.cum_loans",
    "measures.cum_bundles",
    "measures.service_lost",
    "measures.in_force",
    "measures.signed",
    "measures.cum_answers",
    "measures.cum_exposed",
    "measures.cum_returned",
    "measures.control",
)
DRAWS = ()


@compiled
def mean_dependence(world, h, is_focus):
    """Return the mean dependence on home h of the states reported singly (1) or of all others (0)."""
    total = 0.0
    count = 0
    for state in world.states:
        if state.is_focus == is_focus and state.supplier_dyad[h] != NOBODY:
            total += state.dependence[h]
            count += 1
    return total / count if count > 0 else 0.0


@compiled
def mean_supply(world):
    """Return the mean over the reported states of what all homes supply, 0-1."""
    total = 0.0
    count = 0
    for state in world.states:
        if state.is_focus == 1:
            count += 1
            for h in range(state.supply.shape[0]):
                total += state.supply[h]
    return total / count if count > 0 else 0.0


@compiled
def count_offers(world):
    """Write how many gifts, loans and bundles the reported states have accepted so far."""
    measures = world.measures
    measures.cum_gifts = 0.0
    measures.cum_loans = 0.0
    measures.cum_bundles = 0.0
    for dyad in world.dyads:
        if world.states[dyad.state].is_focus == 1:
            measures.cum_gifts += dyad.cum_gifts
            measures.cum_loans += dyad.cum_loans
            measures.cum_bundles += dyad.cum_bundles


@compiled
def count_instruments(world):
    """Write how many instruments of each kind are signed and in force."""
    measures = world.measures
    for k in range(measures.in_force.shape[0]):
        measures.in_force[k] = 0.0
        measures.signed[k] = 0.0
        for channel in world.channels:
            measures.in_force[k] += channel.standing[k]
            if channel.signed[k] <= world.clock.quarter:
                measures.signed[k] += 1.0


@compiled
def count_persons(world):
    """Write how requests were answered so far, and who was abroad and returned by legal status."""
    measures = world.measures
    for a in range(measures.cum_answers.shape[0]):
        measures.cum_answers[a] = 0.0
        for channel in world.channels:
            measures.cum_answers[a] += channel.cum_answers[a]
    for status in range(measures.cum_returned.shape[0]):
        measures.cum_exposed[status] = 0.0
        measures.cum_returned[status] = 0.0
        for channel in world.channels:
            measures.cum_exposed[status] += channel.cum_exposed[status]
            measures.cum_returned[status] += channel.cum_returned[status]


@compiled
def mean_control(world):
    """Return the mean control of all legs, 0-1."""
    total = 0.0
    for leg in world.legs:
        total += leg.control
    return total / max(1, world.legs.shape[0])


@compiled
def apply(world, params, dice, ledger):
    """Write the quarter's means and totals."""
    for h in range(world.homes.shape[0]):
        world.measures.dependence_focus[h] = mean_dependence(world, h, 1)
        world.measures.dependence_other[h] = mean_dependence(world, h, 0)
    world.measures.supply_focus = mean_supply(world)
    count_offers(world)
    lost = 0.0
    count = 0
    for state in world.states:
        if state.is_focus == 1:
            lost += state.service_lost
            count += 1
    world.measures.service_lost = lost / max(1, count)
    count_instruments(world)
    count_persons(world)
    world.measures.control = mean_control(world)
