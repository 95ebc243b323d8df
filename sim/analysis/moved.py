"""Values as they were kept, set against the same runs made again: what moved, how far, and in which run first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""Within these, values of different machines or versions count as equal.

On another class of CPU, `exp` may differ in its last bit. What is computed from it then differs by some 1e-15 of its
size, which a long sum may make a thousandfold; and where a draw lies just as near to a probability, a decision tips and
the run goes another way altogether. The first is far within the tolerance, the second far outside it.
"""

NONE = np.iinfo(np.int64).max
"""In place of a run's number where there is none."""

SAMPLED = "sampled points"
"""In place of a point's name for all points of a design together."""


class Group(NamedTuple):
    """A scenario in a mode of history at a point; those of a design's points are one group."""

    point: str
    scenario: str
    history: str


def differ(before: np.ndarray, now: np.ndarray, is_exact: bool) -> np.ndarray:
    """Return where values differ, bool: in any bit, or beyond the tolerance; a NaN is a NaN, minus nought is nought."""
    if is_exact:
        return (before != now) & ~(np.isnan(before) & np.isnan(now))
    return ~np.isclose(now, before, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)


@dataclass
class _Sums:
    """Of one group, column by column: values before and now, how many differ, and the first run that does."""

    n: np.ndarray
    total: np.ndarray
    square: np.ndarray
    differing: np.ndarray
    first: np.ndarray
    runs: int = 0


@dataclass
class Tally:
    """What was compared so far. It takes little memory, however many runs there are."""

    names: tuple[str, ...]
    """Of the columns that are compared."""
    runs: int = 0
    differing: int = 0
    """Number of the runs in which anything differs."""
    groups: dict[Group, _Sums] = field(default_factory=dict)

    def add(self, group: Group, runs: np.ndarray, before: np.ndarray, now: np.ndarray, other: np.ndarray) -> None:
        """Take the values of some runs of one group: numbers of runs, shape (n,), float64 values, shape (n, names).

        `other`, bool, says which of them differ. No run is given twice.
        """
        sums = self.groups.setdefault(group, self._empty())
        for side, values in enumerate((before, now)):
            sums.n[side] += (~np.isnan(values)).sum(axis=0)
            sums.total[side] += np.nansum(values, axis=0)
        sums.square += np.nansum(before * before, axis=0)
        sums.differing += other.sum(axis=0)
        sums.first = np.minimum(sums.first, np.where(other, runs[:, None], NONE).min(axis=0, initial=NONE))
        sums.runs += len(runs)
        self.runs += len(runs)
        self.differing += int(other.any(axis=1).sum())

    def _empty(self) -> _Sums:
        n = len(self.names)
        sides = np.zeros((2, n), np.int64), np.zeros((2, n))
        return _Sums(*sides, np.zeros(n), np.zeros(n, np.int64), np.full(n, NONE))

    def spread(self, group: Group) -> np.ndarray:
        """Return the standard deviation between runs of each column as it was kept, float64, shape (names,)."""
        sums = self.groups[group]
        n = np.maximum(sums.n[0], 1)
        return np.sqrt(np.maximum(sums.square / n - (sums.total[0] / n) ** 2, 0.0))

    def moved(self, kept: Tally) -> list[dict[str, Any]]:
        """Return a row for each outcome of each group that differs in any run, the largest shift first.

        `kept` holds all runs as they were kept, whose spread is the unit of shifts. Means are over the runs compared
        that have a value (a date may not come); None where there is none, or no spread. See `_row` for the keys.
        """
        rows = [
            _row(self.names[place], group, sums, place, float(spread[place]))
            for group, sums in self.groups.items()
            for spread in [kept.spread(group)]
            for place in np.flatnonzero(sums.differing).tolist()
        ]
        return sorted(rows, key=_size, reverse=True)


def _row(outcome: str, group: Group, sums: _Sums, place: int, spread: float) -> dict[str, Any]:
    means = [float(sums.total[side, place] / n) if (n := sums.n[side, place]) else None for side in (0, 1)]
    was, now = means
    is_known = was is not None and now is not None and spread > 0.0
    return {
        "outcome": outcome,
        **group._asdict(),
        "runs": int(sums.differing[place]),
        "compared": sums.runs,
        "values_was": int(sums.n[0, place]),
        "values_now": int(sums.n[1, place]),
        "mean_was": was,
        "mean_now": now,
        "shift_in_sd": (now - was) / spread if is_known and was is not None and now is not None else None,
        "first_run": int(sums.first[place]),
    }


def _size(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return what rows are ordered by: the shift, an unknown one before all others, then the share of runs."""
    shift = row["shift_in_sd"]
    return (float("inf") if shift is None else abs(shift), row["runs"] / row["compared"])


def sampled(replications: Sequence[int], share: float, seed: int, least: int = 200) -> dict[int, np.ndarray]:
    """Return which replications to compare, int64, ascending, by the number of their arm; spread over all.

    At least `share` of each arm and one run of it; of more than `least` arms so many are drawn where the share asks for
    fewer. A share of 0 is none, of 1 all. The same `seed` draws the same.
    """
    if share <= 0.0:
        return {}
    dice = np.random.default_rng(seed)
    there = [arm for arm, n in enumerate(replications) if n]
    wanted = max(int(np.ceil(share * sum(replications))), min(least, len(there)))
    if wanted < len(there):
        there = [there[place] for place in _spread(len(there), wanted, dice)]
    sizes = {arm: max(1, int(np.ceil(share * replications[arm] - 1e-9))) for arm in there}
    return {arm: _spread(replications[arm], n, dice) for arm, n in sizes.items()}


def _spread(n: int, wanted: int, dice: np.random.Generator) -> np.ndarray:
    """Return `wanted` of the numbers below n, int64, ascending, one from each of as many equal stretches."""
    if wanted >= n:
        return np.arange(n, dtype=np.int64)
    edges = np.arange(wanted) * n // wanted, (np.arange(wanted) + 1) * n // wanted
    return dice.integers(edges[0], edges[1]).astype(np.int64)
