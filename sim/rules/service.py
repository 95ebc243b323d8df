"""What a failure of equipment costs: shared by the rule of outages and the measure of exposure to them.

The cross terms of the sectors are the common mode: what rests on one supplier fails together.
"""

from sim.numerics.compiled import compiled


@compiled
def loss_of(simple, squares, capacity, common_mode):
    """Return service lost (0-1) from Σ a·x and Σ (a·x)²: their difference gives the cross terms."""
    cross = 0.5 * (simple * simple - squares)
    return min(1.0, (1.0 - capacity) * (simple + common_mode * cross))
