"""Expelled industry.

Summary of rule: an industry that another state expelled strains the grid where it settles, and the power that is bought
to relieve it gives the seller leverage.

    Δstress = rate_strain · industry · (1 − stress) − (rate_relief + rate_purchase · tie) · stress
    Δleverage = rate_leverage · tie · stress · (1 − leverage) − rate_ebb · (leverage − usual_leverage · tie)

with `tie` the strongest usual reliance on a partner's energy for the stress, and each partner's own for its leverage.

Mechanism 28. Evidence: E0209-E0211. Assumed: all rates. Known limit: the grid is one number; no outage of power.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, moved
from sim.world.fields import NOBODY

NAME = "technology/displacement"
READS = (
    "states.expelled_industry",
    "states.grid_stress",
    "states.supplier_dyad",
    "dyads.state",
    "dyads.energy_tie",
    "dyads.energy_leverage",
)
WRITES = ("states.grid_stress", "dyads.energy_leverage")
DRAWS = ()


@compiled
def next_stress(stress, industry, tie, params):
    """Return strain on the grid (0-1) after a quarter."""
    relief = params.displacement.rate_relief + params.displacement.rate_purchase * tie
    return moved(stress, params.displacement.rate_strain * industry, relief)


@compiled
def next_leverage(leverage, stress, tie, params):
    """Return the energy seller's leverage (0-1) after a quarter."""
    gain = params.displacement.rate_leverage * tie * stress * (1.0 - leverage)
    return clipped(
        leverage + gain - params.displacement.rate_ebb * (leverage - params.displacement.usual_leverage * tie)
    )


@compiled
def strongest_tie(world, s):
    """Return the strongest usual reliance of state s on a partner's energy, 0-1."""
    tie = 0.0
    for d in world.states[s].supplier_dyad:
        if d != NOBODY:
            tie = max(tie, world.dyads[d].energy_tie)
    return tie


@compiled
def apply(world, params, dice, ledger):
    """Move strain and energy leverage on by one quarter, all from the values that the quarter began with."""
    for dyad in world.dyads:
        stress = world.states[dyad.state].grid_stress
        dyad.energy_leverage = next_leverage(dyad.energy_leverage, stress, dyad.energy_tie, params)
    for s in range(world.states.shape[0]):
        state = world.states[s]
        tie = strongest_tie(world, s)
        state.grid_stress = next_stress(state.grid_stress, state.expelled_industry, tie, params)
