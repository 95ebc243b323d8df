"""Hazards in discrete time: the chance that something happens within a quarter."""

from __future__ import annotations

import math

from sim.numerics.compiled import compiled


@compiled
def probability(rate):
    """Return the probability of at least one event in a quarter at a rate a quarter: 1 - exp(-rate)."""
    return 1.0 - math.exp(-rate)


@compiled
def happens(rate, u):
    """Return whether the draw `u` says that an event at this rate a quarter happens: u < 1 - exp(-rate)."""
    return u < rate and u < probability(rate)


@compiled
def margin(p, u):
    """Return by how much an event happened (+) or was missed (-): the log-odds of `p` less those of the draw `u`."""
    if p <= 0.0:
        return -math.inf
    if p >= 1.0:
        return math.inf
    return math.log(p / (1.0 - p)) - math.log(u / (1.0 - u))
