"""Quantiles over runs, quarter by quarter: the table that readers see, and the counts of each shard that it is made of.

A file of counts has a row for every group (a point, scenario and history) and cell (a column in a quarter), in this
order: the bins that hold a run, and the number of runs in each. A row group of the file is one group's rows of SLICE
columns, so that any number of columns is added up in little memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import InputError
from sim.numerics.histogram import N_BINS, add_counts
from sim.results.files import write_whole

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
"""Quantiles that bound the 90 and the 50 per cent band, and the median."""

NAMES = tuple(f"p{round(100 * level):02d}" for level in LEVELS)
"""Their columns."""

SLICE = 48
"""Columns of a row group of counts."""

CELLS = 30_000
"""Cells whose counts are added up at once, about: 120 MB of counts."""

SORTED = 4_000_000
"""Values of stored series that are sorted at once, about."""

Group = tuple[str, str, str]
"""Point, scenario and history of the runs that quantiles are over."""

_GROUP = ("point", "scenario", "history")
_LABEL = pa.dictionary(pa.int32(), pa.string())
_LABELS = [(name, _LABEL) for name in (*_GROUP, "column", "quarter")]
_COUNTS = pa.schema([*_LABELS, ("bin", pa.list_(pa.uint16())), ("count", pa.list_(pa.uint32()))])
_COMPACT = {
    "compression": "zstd",
    "use_dictionary": [name for name, _ in _LABELS],
    "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in ("bin", "count")},
    "write_statistics": list(_GROUP),
}
"""How counts are written: smallest and fastest of what was tried."""

_QUANTILES = pa.schema(
    [
        *_LABELS,
        ("n", pa.int64()),
        *((name, pa.float64()) for name in NAMES),
        ("error", pa.float64()),
        ("is_exact", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Window:
    """What the cells of a group are: its columns, and in each its quarters."""

    columns: tuple[str, ...]
    quarters: tuple[str, ...]

    @property
    def n_cells(self) -> int:
        """Number of cells: a cell is a column in a quarter."""
        return len(self.columns) * len(self.quarters)

    def slices(self, size: int | None = None) -> Iterator[Window]:
        """Yield windows of so many columns, by default of those of a row group of counts, one after another."""
        size = size or SLICE
        for first in range(0, len(self.columns), size):
            yield Window(self.columns[first : first + size], self.quarters)

    def labels(self, group: Group) -> list[pa.Array]:
        """Return the columns that say of every cell, in their order, which group and cell it is."""
        labels = [_dictionary(np.zeros(self.n_cells), [name]) for name in group]
        columns = np.repeat(np.arange(len(self.columns)), len(self.quarters))
        quarters = np.tile(np.arange(len(self.quarters)), len(self.columns))
        return [*labels, _dictionary(columns, self.columns), _dictionary(quarters, self.quarters)]


def _dictionary(codes: np.ndarray, names: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names, pa.string()))


@dataclass(frozen=True)
class Counts:
    """How many runs of a group are in each bin of each cell, without empty bins.

    `lengths`, int64, shape (cells,): the entries of each cell. `bins`, uint16, and `counts`, uint32: the entries.
    """

    lengths: np.ndarray
    bins: np.ndarray
    counts: np.ndarray


def write_counts(path: Path, window: Window, counts: Mapping[Group, Counts]) -> None:
    """Write the counts of a shard by group; raises InputError where the disk refuses."""

    def write(temporary: Path) -> None:
        with pq.ParquetWriter(str(temporary), _COUNTS, store_schema=False, **_COMPACT) as file:
            for group, of in counts.items():
                cell = first = 0
                for part in window.slices():
                    starts = first + np.concatenate([[0], np.cumsum(of.lengths[cell : cell + part.n_cells])])
                    entries = slice(first, int(starts[-1]))
                    lists = (
                        pa.ListArray.from_arrays((starts - first).astype(np.int32), pa.array(values[entries]))
                        for values in (of.bins, of.counts)
                    )
                    file.write_table(pa.Table.from_arrays([*part.labels(group), *lists], schema=_COUNTS))
                    cell, first = cell + part.n_cells, entries.stop

    write_whole(path, write)


def groups_in(path: Path, window: Window) -> dict[Group, int]:
    """Return the groups that a file of counts over a window holds, each with the number of its first row group."""
    with pq.ParquetFile(str(path)) as file:
        firsts = range(0, file.metadata.num_row_groups, len(list(window.slices())))
        return {_group_of(file.metadata.row_group(first)): first for first in firsts}


def add_up(parts: Mapping[Path, int], window: Window) -> Iterator[tuple[Window, np.ndarray]]:
    """Yield some columns of a window at a time, and the counts of a group in them, uint32, shape (cells, N_BINS).

    `parts` are the files that hold the group, each with its first row group there. Raises InputError for a file that
    holds something else.
    """
    step = max(1, CELLS // (SLICE * len(window.quarters)))
    for place, some in enumerate(window.slices(step * SLICE)):
        yield some, _added_up({path: first + place * step for path, first in parts.items()}, some)


def _added_up(parts: Mapping[Path, int], window: Window) -> np.ndarray:
    total = np.zeros((window.n_cells, N_BINS), np.uint32)
    for path, first in parts.items():
        with pq.ParquetFile(str(path)) as file:
            cell = 0
            for number, of in enumerate(window.slices(), first):
                lists = file.read_row_group(number, ["bin", "count"], use_threads=False).combine_chunks()
                bins, counts = (lists.column(name).chunk(0) for name in ("bin", "count"))
                entries = bins.flatten().to_numpy()
                if len(bins) != of.n_cells or entries.max(initial=0) >= N_BINS:  # compiled code does not look
                    raise InputError(f"{path}: holds counts of something else than this campaign's bands.")
                rows = total[cell : cell + of.n_cells]
                add_counts(np.diff(bins.offsets.to_numpy()), entries, counts.flatten().to_numpy(), rows)
                cell += of.n_cells
    return total


def _group_of(rows: pq.RowGroupMetaData) -> Group:
    point, scenario, history = (rows.column(i).statistics.min for i in range(len(_GROUP)))
    return point, scenario, history


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of the cells of a window: `n`, int64, `values`, float64, shape (cells, levels), `error`, float64."""

    window: Window
    n: np.ndarray
    values: np.ndarray
    error: np.ndarray
    is_exact: bool


def write_quantiles(path: Path, rows: Iterable[tuple[Group, Quantiles]]) -> None:
    """Write the table of quantiles as its rows come; raises InputError where the disk refuses."""

    def write(temporary: Path) -> None:
        with pq.ParquetWriter(str(temporary), _QUANTILES, compression="zstd", store_schema=False) as file:
            for group, found in rows:
                values = [pa.array(found.values[:, i]) for i in range(len(LEVELS))]
                exact = pa.array(np.full(found.window.n_cells, found.is_exact))
                data = [*found.window.labels(group), pa.array(found.n), *values, pa.array(found.error), exact]
                file.write_table(pa.Table.from_arrays(data, schema=_QUANTILES))

    write_whole(path, write)


def exact(series: np.ndarray, window: Window) -> Quantiles:
    """Return the quantiles of series, float32, shape (runs, quarters, columns), numpy's, NaN left out."""
    cells = np.moveaxis(series, 0, 2)
    found, n = np.full((*cells.shape[:2], len(LEVELS)), np.nan), np.zeros(cells.shape[:2], np.int64)
    step = max(1, SORTED // max(1, len(series)))
    for column in range(len(window.columns) if len(series) else 0):
        for first in range(0, len(window.quarters), step):
            here = slice(first, first + step), column
            found[here], n[here] = _quantiles_of(cells[here].astype(np.float64))
    values = found.transpose(1, 0, 2).reshape(window.n_cells, len(LEVELS))
    return Quantiles(window, n.T.ravel(), values, np.zeros(window.n_cells), is_exact=True)


def _quantiles_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles of values, shape (cells, runs), and how many of each cell's values are no NaN."""
    is_missing = np.isnan(values)
    found = np.quantile(values, LEVELS, axis=1).T
    for cell in np.flatnonzero(is_missing.any(axis=1) & ~is_missing.all(axis=1)):
        found[cell] = np.quantile(values[cell, ~is_missing[cell]], LEVELS)
    return found, (~is_missing).sum(axis=1)
