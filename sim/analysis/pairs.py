"""Paired differences: the same replication of two arms throws the same dice, so the difference is the arms' own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from sim.results.runs import Runs

LEVEL = 0.95

STILL = 0.1
"""An outcome does not move where its whole interval lies within so many standard deviations of the baseline's runs."""


@dataclass(frozen=True)
class Contrast:
    """One outcome under one scenario, less the same outcome of the same replication under the baseline."""

    scenario: str
    outcome: str
    n_pairs: int
    """Pairs in which both runs have a value (a date that never comes has none)."""
    baseline: float
    """Mean of the baseline over these pairs, own unit."""
    mean: float
    low: float
    high: float
    """Mean difference and its t interval at LEVEL, own unit; the interval is NaN with one pair."""
    standardised: float
    """Mean difference in standard deviations of the baseline's runs; NaN where these do not differ."""
    standardised_low: float
    standardised_high: float
    p_up: float
    p_down: float
    """Shares of pairs in which the scenario lies above and below the baseline."""

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def is_same(self) -> bool:
        """Whether scenario and baseline are equal in every pair."""
        return self.p_up == 0.0 and self.p_down == 0.0

    @property
    def is_still(self) -> bool:
        """Whether it does not move: the same in every pair, or an interval that reaches nowhere beyond STILL."""
        return self.is_same or max(abs(self.standardised_low), abs(self.standardised_high)) < STILL

    @property
    def is_moved(self) -> bool:
        """Whether it moves: the interval leaves zero out, and reaches beyond STILL."""
        return self.is_clear and not self.is_still


def side_by_side(before: Runs, after: Runs, same: Sequence[str] = ("point", "replication")) -> tuple[Runs, Runs]:
    """Return the runs that have the same dice, a row for each value of the keys `same` that both have."""
    left, right = (runs.keys.set_index(list(same)).index for runs in (before, after))
    shared = left.intersection(right).sort_values()
    return before.at(left.get_indexer(shared)), after.at(right.get_indexer(shared))


def mean_interval(gap: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, low and high of the t interval at LEVEL over pairs, the first axis of `gap`.

    Each has the shape of one pair; the interval is NaN with one pair.
    """
    n = len(gap)
    mean = gap.mean(axis=0)
    if n < 2:
        return mean, mean * math.nan, mean * math.nan
    half = stdtrit(n - 1, 0.5 + LEVEL / 2) * gap.std(axis=0, ddof=1) / math.sqrt(n)
    return mean, mean - half, mean + half


def contrast(scenario: str, outcome: str, before: np.ndarray, after: np.ndarray) -> Contrast:
    """Return the paired difference of one outcome; `before` and `after` have shape (pairs,), a pair a row."""
    both = np.isfinite(before) & np.isfinite(after)
    n, before, after = int(both.sum()), before[both], after[both]
    if not n:
        return Contrast(scenario, outcome, 0, *(math.nan,) * 9)
    gap = after - before
    mean, low, high = (float(number) for number in mean_interval(gap))
    spread = float(before.std(ddof=1)) if n > 1 else 0.0
    unit = spread if spread > 1e-12 else math.nan
    return Contrast(
        scenario,
        outcome,
        n,
        float(before.mean()),
        mean,
        low,
        high,
        mean / unit,
        low / unit,
        high / unit,
        float((gap > 0).mean()),
        float((gap < 0).mean()),
    )
