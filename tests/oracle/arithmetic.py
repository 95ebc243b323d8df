"""The few formulas that all rules share (section 3 of the model's page)."""

from __future__ import annotations

import math
from collections.abc import Iterable

NEVER = 100_000
"""The quarter that never comes."""


def added(numbers: Iterable[float]) -> float:
    """Add floats one by one: Python's own `sum` compensates for rounding, and would differ in the last bit."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def clip(x: float) -> float:
    return min(1.0, max(0.0, x))


def moved(stock: float, gain: float, loss: float) -> float:
    """Fill a stock by what room is left and let it decay by what it holds."""
    return clip((stock + gain * (1.0 - stock)) - loss * stock)


def towards(x: float, goal: float, rate: float) -> float:
    return x + rate * (goal - x)


def prob(rate: float) -> float:
    """Return the probability of at least one event in a quarter at this rate."""
    return 1.0 - math.exp(-rate)


def happens(rate: float, draw: float) -> bool:
    return draw < rate and draw < prob(rate)


def logistic(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)
