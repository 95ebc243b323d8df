"""Laws on interception: what a state copied from a partner, as several rules read it."""

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY


@compiled
def copied_law(world, s):
    """Return the most that state s copied any partner's law on interception, 0-1."""
    most = 0.0
    for d in world.states[s].supplier_dyad:
        if d != NOBODY:
            most = max(most, world.dyads[d].law)
    return most
