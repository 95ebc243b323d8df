"""Local capacity.

Summary of rule: ambition follows the leader's demand; a state's own capacity grows with its effort, less so while it
buys ready-made tools abroad, and with what training leaves behind.

    Δambition = rate_ambition · (leader's demand − ambition)
    effort = ambition · (effort_base + weight_bonus · leader's demand) + drive
    Δc = (1 − c) · [rate_effort · effort · (1 − crowding · foreign) + rate_spillover · trained] − rate_decay · c

Mechanisms 8 and 10. Evidence: adopting ready-made tools keeps capacity low (E0196, E0200), leaders set deadlines and
pay for progress (E0188-E0194). Assumed: all rates; no document gives one. Known limit: one capacity for all sectors;
dependence contains (1 − c), so it may not also drive c down.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, moved, towards

NAME = "technology/local_capacity"
READS = (
    "states.leader_demand",
    "states.ambition",
    "states.drive",
    "states.local_capacity",
    "states.trained",
    "states.foreign_purchases",
)
WRITES = ("states.ambition", "states.local_capacity")
DRAWS = ()


@compiled
def effort_of(ambition, leader_demand, drive, params):
    """Return effort at own capacity, 0-1."""
    pay = params.local_capacity.effort_base + params.local_capacity.weight_bonus * leader_demand
    return clipped(ambition * pay + drive)


@compiled
def next_capacity(capacity, effort, foreign, trained, params):
    """Return local capacity (0-1) after a quarter; effort, foreign share of purchases and trained are 0-1."""
    effort_left = params.local_capacity.rate_effort * effort * (1.0 - params.local_capacity.crowding * foreign)
    gain = effort_left + params.local_capacity.rate_spillover * trained
    return moved(capacity, gain, params.local_capacity.rate_decay)


@compiled
def apply(world, params, dice, ledger):
    """Move every state's ambition and capacity on by one quarter."""
    for state in world.states:
        state.ambition = towards(state.ambition, state.leader_demand, params.local_capacity.rate_ambition)
        effort = effort_of(state.ambition, state.leader_demand, state.drive, params)
        state.local_capacity = next_capacity(
            state.local_capacity, effort, state.foreign_purchases, state.trained, params
        )
