"""Training and standards.

Summary of rule: courses, equipment and harmonised law bring a client's standards closer to the supplier's soon, and
leave trained people at work slowly.

    Δa = (rate_courses · training + rate_harmony · harmony + rate_equipment · supply) · (1 − a) − rate_drift · a
    Δtrained = rate_people · (training of all homes) · (1 − trained) − rate_leave · trained

Training of a home is what is ordered from outside and the sum of its firms' programmes under way in the state, more by
`weight_online` while contact is restricted. Mechanisms 9 and 33 (donated teaching). Evidence: E0138, E0165-E0177,
E0178. Assumed: all rates.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved
from sim.world.fields import NOBODY

NAME = "technology/training"
READS = (
    "clock.quarter",
    "politics.contact_restriction",
    "states.trained",
    "states.supply",
    "states.supplier_dyad",
    "dyads.state",
    "dyads.home",
    "dyads.harmony",
    "dyads.alignment",
    "dyads.training_order",
    "firms.home",
    "firms.programme",
    "firms.programme_size",
)
WRITES = ("states.trained", "dyads.alignment", "dyads.training")
DRAWS = ()


@compiled
def next_alignment(alignment, training, harmony, equipment, params):
    """Return alignment (0-1) after a quarter of training, harmony of law and equipment in place (each 0-1)."""
    gain = params.training.rate_courses * training + params.training.rate_harmony * harmony
    return moved(alignment, gain + params.training.rate_equipment * equipment, params.training.rate_drift)


@compiled
def next_trained(trained, training, params):
    """Return trained people at work (0-1) after a quarter of training (0 or more)."""
    return moved(trained, params.training.rate_people * training, params.training.rate_leave)


@compiled
def hold_courses(world, params):
    """Sum the programmes under way into each dyad's training."""
    quarter = world.clock.quarter
    online = 1.0 + params.training.weight_online * world.politics.contact_restriction
    for dyad in world.dyads:
        dyad.training = min(1.0, dyad.training_order * online)
    for firm in world.firms:
        if firm.programme_size > 0.0:
            for s in range(firm.programme.shape[0]):
                d = world.states[s].supplier_dyad[firm.home]
                if firm.programme[s] <= quarter and d != NOBODY:
                    world.dyads[d].training = min(1.0, world.dyads[d].training + firm.programme_size * online)


@compiled
def apply(world, params, dice, ledger):
    """Hold the quarter's courses, then move alignment and trained people on."""
    hold_courses(world, params)
    for dyad in world.dyads:
        if dyad.home != NOBODY:
            equipment = world.states[dyad.state].supply[dyad.home]
            dyad.alignment = next_alignment(dyad.alignment, dyad.training, dyad.harmony, equipment, params)
    for state in world.states:
        total = 0.0
        for h in range(state.supplier_dyad.shape[0]):
            if state.supplier_dyad[h] != NOBODY:
                total += world.dyads[state.supplier_dyad[h]].training
        state.trained = next_trained(state.trained, total, params)
