"""Bounded stocks: they move by what room is left and by what they hold."""

from __future__ import annotations

from sim.numerics.compiled import compiled


@compiled
def moved(x, gain, loss):
    """Return x + gain·(1 - x) - loss·x, held within 0-1: saturating growth and proportional decay a quarter."""
    return clipped(x + gain * (1.0 - x) - loss * x)


@compiled
def towards(x, goal, rate):
    """Return x moved by `rate` (0-1 a quarter) of its distance to `goal`."""
    return x + rate * (goal - x)


@compiled
def clipped(x):
    """Return x held within 0 and 1."""
    return min(1.0, max(0.0, x))
