"""Injects that wait for a condition or for means, or end by a condition: judged before the first rule of a quarter.

What is compared is what the last quarter left, so that all orders of a quarter are simultaneous. The rules themselves
never see a condition, only the quarters in which an inject holds.
"""

from __future__ import annotations

from sim.numerics.compiled import compiled
from sim.world.conditions import WITH_LAST
from sim.world.fields import NEVER, NOBODY


@compiled
def holds(world, flat, c):
    """Return whether condition c and those chained to it hold, as nobody's always does; flat: the world, one vector."""
    while c != NOBODY:
        condition = world.conditions[c]
        value = flat[condition.offset]
        is_met = value > condition.level if condition.is_above == 1 else value < condition.level
        if not is_met:
            return False
        c = condition.also
    return True


@compiled
def is_due(world, flat, inject, quarter):
    """Return whether an inject may begin: it is not in force, has times left, and its condition counts and holds."""
    is_waiting = inject.times > 0 and (inject.start == NEVER or inject.end <= quarter)
    return is_waiting and inject.opens <= quarter < inject.closes and holds(world, flat, inject.when)


@compiled
def pay(world, inject):
    """Return whether an inject's strategy has the points for it, which it then takes; nobody pays for one of none."""
    if inject.strategy == NOBODY:
        return True
    strategy = world.strategies[inject.strategy]
    if strategy.left < inject.cost:
        return False
    strategy.left -= inject.cost
    return True


@compiled
def judge(world, flat):
    """Let injects begin that are due and paid for, in their order, and end those whose condition to end holds.

    A world without conditions and strategies is left at once.
    """
    if world.conditions[0].offset == 0 and world.strategies[0].budget == 0:
        return
    quarter = world.clock.quarter
    for strategy in world.strategies:
        strategy.left = strategy.budget
    is_paid = False
    for inject in world.injects:
        if inject.kind == 0:
            continue
        if is_due(world, flat, inject, quarter):
            is_paid = is_paid if inject.cost == WITH_LAST else pay(world, inject)
            if is_paid:
                inject.start = quarter
                inject.end = min(NEVER, quarter + inject.lasts)
                inject.times -= 1
        elif inject.until != NOBODY and inject.start < quarter < inject.end and holds(world, flat, inject.until):
            inject.end = quarter
