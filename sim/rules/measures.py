"""Measures over many states.

Summary of rule: means and running totals that concern more than one state are written down at the end of the quarter.

    dependence_focus[h] = mean of D[s, h] over the reported states;  dependence_other[h] over all others but h itself
    cum_hazard of a theatre = Σ over quarters and its groups of the rate of attempts abroad, while history is open
    a calm quarter of a group is a near miss where -NEAR < margin < 0 (log-odds of its rate less those of its draw)

Draws nothing, and is never switched off. Outcomes of a run are read off these and all other fields (see `observe`).
"""

from sim.numerics.compiled import compiled
from sim.rules.groups import is_active, patron_of, reach_of
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "measures"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
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
    "groups.theatre",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.enters",
    "groups.hard",
    "groups.other",
    "groups.hazard",
    "groups.margin",
    "groups.attempts",
    "groups.cum_external",
    "groups.cum_failures",
    "groups.cum_severity",
    "groups.cum_defected",
    "groups.rep_members",
    "patrons.group",
    "patrons.state",
    "accusers.cum_accused",
    "accusers.cum_right",
    "accusers.cum_wrong",
    "accusers.cum_unsettled",
    "accusers.cum_bare",
    "migrants.pressure",
    "migrants.wrong",
    "measures.cum_hazard",
    "measures.cum_hazard_clients",
    "measures.cum_hazard_all",
    "measures.cum_near",
    "measures.cum_calm",
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
    "measures.cum_hazard",
    "measures.cum_hazard_clients",
    "measures.cum_hazard_all",
    "measures.cum_external",
    "measures.cum_failures",
    "measures.cum_severity",
    "measures.cum_near",
    "measures.cum_calm",
    "measures.cum_accused",
    "measures.cum_right",
    "measures.cum_wrong",
    "measures.cum_unsettled",
    "measures.cum_bare",
    "measures.cum_defected",
    "measures.members",
    "measures.rep_members",
    "measures.pressure",
    "measures.wrong",
)
DRAWS = ()

NEAR = 2.0
"""A calm quarter whose log-odds fell short of an attempt by less than this counts as a near miss."""


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
def count_group(world, g):
    """Add the quarter of one group to the running totals, where attempts are the model's own."""
    measures, group = world.measures, world.groups[g]
    if not is_open(world.clock):
        return
    measures.cum_hazard_all += group.hazard
    if group.theatre != NOBODY:
        measures.cum_hazard[group.theatre] += group.hazard
        p = patron_of(world, g)
        if p != NOBODY and reach_of(world, g, p, 0.0) > 0.0:
            measures.cum_hazard_clients[group.theatre] += group.hazard
    if group.attempts == 0.0 and group.hazard > 0.0:
        measures.cum_calm += 1.0
        if -NEAR < group.margin < 0.0:
            measures.cum_near += 1.0


@compiled
def count_groups(world):
    """Write what groups did so far, and their members, true and reported."""
    measures = world.measures
    measures.cum_external = 0.0
    measures.cum_failures = 0.0
    measures.cum_defected = 0.0
    measures.members = 0.0
    measures.rep_members = 0.0
    measures.cum_severity[:] = 0.0
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        if is_active(group, world.clock.quarter):
            count_group(world, g)
            measures.cum_external += group.cum_external
            measures.cum_failures += group.cum_failures
            measures.cum_defected += group.cum_defected
            measures.members += group.hard + group.other
            measures.rep_members += group.rep_members
            for severity in range(measures.cum_severity.shape[0]):
                measures.cum_severity[severity] += group.cum_severity[severity]


@compiled
def count_accusations(world):
    """Write how states accused groups so far, and what migrants bear."""
    measures = world.measures
    measures.cum_accused = 0.0
    measures.cum_right = 0.0
    measures.cum_wrong = 0.0
    measures.cum_unsettled = 0.0
    measures.cum_bare = 0.0
    for accuser in world.accusers:
        measures.cum_accused += accuser.cum_accused
        measures.cum_right += accuser.cum_right
        measures.cum_wrong += accuser.cum_wrong
        measures.cum_unsettled += accuser.cum_unsettled
        measures.cum_bare += accuser.cum_bare
    measures.pressure = 0.0
    measures.wrong = 0.0
    for migrant in world.migrants:
        measures.pressure += migrant.pressure / world.migrants.shape[0]
        measures.wrong += migrant.wrong / world.migrants.shape[0]


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
    count_groups(world)
    count_accusations(world)
