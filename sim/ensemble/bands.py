"""Bands over runs: shards count their series in bins, and the counts of all shards give quantiles.

Counts add up, so that the quantiles are the same however the runs were cut into shards, where these were made, and
whether they were made at once or later. Where trajectories are stored, quantiles are of these and exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sim.ensemble.plan import Plan, Shard
from sim.numerics.histogram import MISSING, bin_series, count_bins, ends, grid, merge_counts, quantiles
from sim.results import trajectories
from sim.results.quantiles import (
    LEVELS,
    Counts,
    Group,
    Quantiles,
    Window,
    add_up,
    exact,
    groups_in,
    write_counts,
    write_quantiles,
)
from sim.results.schema import QUANTILES, bands_name
from sim.world.address import split_path
from sim.world.records import field

HELD = 128
"""Runs of a group that are kept in bins until they are counted."""

AT_ONCE = 128_000_000
"""Bytes of trajectories that are held at once, about; at least those of one column."""


@dataclass(frozen=True)
class Binning:
    """How series are counted: the cells, and for each column the grid that its field's declared range stands for."""

    window: Window

    @cached_property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Declared range of each column."""
        found = (field(".".join(split_path(column))) for column in self.window.columns)
        return tuple((declared.low, declared.high) for declared in found)

    @cached_property
    def grids(self) -> tuple[np.ndarray, np.ndarray]:
        """Row of each column's grid, int64, shape (columns,), and the starts of grids, float32, shape (grids, bins)."""
        known = sorted(set(self.ranges))
        return np.array([known.index(of) for of in self.ranges], np.int64), np.array([grid(*of) for of in known])


class Tally:
    """The counts of one shard, by group, as its runs come."""

    def __init__(self, binning: Binning, plan: Plan) -> None:
        """Begin to count runs of a plan."""
        self._binning, self._plan = binning, plan
        self._held: dict[Group, _Held] = {}

    def add(self, arm: int, series: np.ndarray) -> None:
        """Count runs of an arm, float32, shape (runs, quarters, columns); those that belong to no band are left out."""
        group = self._plan.arms[arm].banded_as
        if group is not None:
            held = self._held.setdefault(group, _Held(self._binning))
            for first in range(0, len(series), HELD):
                held.add(series[first : first + HELD])

    def write(self, path: Path) -> None:
        """Write what was counted; raises InputError where the disk refuses."""
        write_counts(path, self._binning.window, {group: held.counted() for group, held in self._held.items()})


class _Held:
    """The runs of one group: some in bins, those before them counted."""

    def __init__(self, binning: Binning) -> None:
        window = binning.window
        self._binning, self._n = binning, 0
        self._bins = np.empty((HELD, len(window.columns), len(window.quarters)), np.uint16)
        self._counts = Counts(np.zeros(window.n_cells, np.int64), np.empty(0, np.uint16), np.empty(0, np.uint32))

    def add(self, series: np.ndarray) -> None:
        shape = (len(self._binning.window.quarters), len(self._binning.window.columns))
        if series.shape[1:] != shape:  # compiled code does not look
            raise ValueError(f"series of shape {series.shape}, of which each should have {shape}")
        if self._n + len(series) > HELD:
            self.counted()
        bin_series(series, *self._binning.grids, self._bins[self._n : self._n + len(series)])
        self._n += len(series)

    def counted(self) -> Counts:
        """Count what is in bins, add it to what was counted, and return that."""
        if self._n:
            new = _count(self._bins[: self._n].reshape(self._n, -1))
            self._counts = new if not len(self._counts.bins) else _sum(self._counts, new)
            self._n = 0
        return self._counts


def _count(bins: np.ndarray) -> Counts:
    lengths = np.empty(bins.shape[1], np.int64)
    found, counts = np.empty(bins.size, np.uint16), np.empty(bins.size, np.uint32)
    n = count_bins(bins, lengths, found, counts)
    return Counts(lengths, found[:n].copy(), counts[:n].copy())


def _sum(one: Counts, other: Counts) -> Counts:
    """Return the counts of two sets of runs together."""
    most, lengths = len(one.bins) + len(other.bins), np.empty_like(one.lengths)
    bins, counts = np.empty(most, np.uint16), np.empty(most, np.uint32)
    given = (one.lengths, one.bins, one.counts, other.lengths, other.bins, other.counts)
    n = merge_counts(*given, lengths, bins, counts)
    return Counts(lengths, bins[:n].copy(), counts[:n].copy())


def make_quantiles(folder: Path, plan: Plan, shards: Sequence[Shard], window: Window, has_trajectories: bool) -> None:
    """Write the quantiles of every group of a plan's shards; raises InputError where the disk refuses.

    Groups come in the order of the plan's arms.
    """
    write_quantiles(folder / QUANTILES, _made(folder, plan, shards, window, has_trajectories))


def _made(
    folder: Path, plan: Plan, shards: Sequence[Shard], window: Window, has_trajectories: bool
) -> Iterator[tuple[Group, Quantiles]]:
    of_groups: dict[Group, list[tuple[Shard, int]]] = {
        arm.banded_as: [] for arm in plan.arms if arm.banded_as is not None
    }
    recorded = {arm.banded_as for arm in plan.arms if arm.is_recorded and has_trajectories}
    groups_of = cache(lambda part: groups_in(folder / part, window))
    for shard in shards:
        for arm in shard.reach:
            group = plan.arms[arm].banded_as
            if group is not None:
                of_groups[group].append((shard, arm))
    for group, held in of_groups.items():
        if group in recorded:
            found = _read(folder, held, window)
        else:
            parts = dict.fromkeys(bands_name(shard.name) for shard, _ in held)
            holding = {folder / part: groups_of(part).get(group) for part in parts}
            found = _counted({path: first for path, first in holding.items() if first is not None}, window)
        for of_slice in found:
            yield group, of_slice


def _read(folder: Path, held: Sequence[tuple[Shard, int]], window: Window) -> Iterator[Quantiles]:
    """Yield the quantiles of stored trajectories of arms in shards, some columns at a time."""
    runs = max(1, sum(shard.count for shard, _ in held))
    size = max(1, AT_ONCE // (4 * runs * len(window.quarters)))
    slots = [(shard.slot, (arm - shard.arm) * shard.count, shard.count) for shard, arm in held]
    first = 0
    for part in window.slices(size):
        yield exact(trajectories.read_columns(folder, slots, first, len(part.columns)), part)
        first += len(part.columns)


def _counted(parts: Mapping[Path, int], window: Window) -> Iterator[Quantiles]:
    """Yield the quantiles that the counts of a group in files stand for, some columns at a time."""
    for part, counts in add_up(parts, window):
        n = counts[:, :MISSING].sum(axis=1, dtype=np.int64)
        values, errors = np.empty((2, len(counts), len(LEVELS)))
        rows, (grids, starts) = len(part.quarters), Binning(part).grids
        limits = [ends(of) for of in starts]
        for column, row in enumerate(grids):
            cells = slice(column * rows, (column + 1) * rows)
            quantiles(counts[cells], *limits[row], np.array(LEVELS), values[cells], errors[cells])
        yield Quantiles(part, n, values, errors.max(axis=1), is_exact=False)
