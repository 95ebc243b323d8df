"""Worry about reliance.

Summary of rule: a state that depends much on one foreign home comes to wish to spread its suppliers.

    Δhedging = rate · max(0, d − threshold) · (1 − hedging)

with d the state's largest dependence on one home, as this quarter has measured it.

Mechanism 32 (worry about dependence on a member). Evidence: E0230. Assumed: threshold, rate. Known limit: all
homes count alike, trusted or not; what makes hedging fade again is the rule of outages.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved

NAME = "technology/worry"
READS = ("states.dependence", "states.hedging")
WRITES = ("states.hedging",)
DRAWS = ()


@compiled
def next_hedging(hedging, dependence, params):
    """Return hedging (0-1) after a quarter with this largest dependence on one home (0-1)."""
    excess = max(0.0, dependence - params.worry.threshold)
    return moved(hedging, params.worry.rate * excess, 0.0)


@compiled
def apply(world, params, dice, ledger):
    """Let every state worry about the home that it depends on most."""
    for state in world.states:
        state.hedging = next_hedging(state.hedging, state.dependence.max(), params)
