"""Discrete choice: logit and nested logit (McFadden 1978; Train 2009, chapters 3 and 4).

A choice is made by the largest sum of utility and Gumbel term. In the nested form a nest is chosen first,

    P(nest) ∝ exp(ASC + λ·I),   I = ln[(1/n) Σ exp(U/λ)],

then one of its n options by U/λ. The mean inside I, in place of the usual sum, keeps a nest's weight from rising merely
because it holds more options.
"""

from __future__ import annotations

import math

from sim.numerics.compiled import compiled


@compiled
def inclusive_value(utility, member, nest, n, scale):
    """Return I of a nest over the first `n` options: `utility`, `member` (n,), λ = `scale`; -inf when it is empty."""
    top = -math.inf
    for j in range(n):
        if member[j] == nest and utility[j] > top:
            top = utility[j]
    if top == -math.inf:
        return top
    total = 0.0
    count = 0
    for j in range(n):
        if member[j] == nest and utility[j] > -math.inf:
            total += math.exp((utility[j] - top) / scale)
            count += 1
    return top / scale + math.log(total / count)


@compiled
def best_two(values, n):
    """Return the index of the largest of the first `n` values (the lower index where two are equal) and its lead.

    The lead is the gap to the second best: inf where there is one option, index -1 where all are -inf or none.
    """
    best = -1
    first = -math.inf
    second = -math.inf
    for j in range(n):
        if values[j] > first:
            second = first
            first = values[j]
            best = j
        elif values[j] > second:
            second = values[j]
    return best, first - second if best >= 0 else math.inf


@compiled
def logistic(x):
    """Return 1 / (1 + exp(-x)), without overflow at either end."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)
