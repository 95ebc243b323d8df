"""Runs as a table whose keys are held and whose outcomes are read one by one, so that it need never be in memory whole.

What reads a result names the outcomes that it needs. Opening hundreds of parts for each of hundreds of outcomes would
be slow, so they are copied once into a file without a name, in which the values of an outcome stand together.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.files import storing
from sim.results.outcomes import read_parts
from sim.results.schema import KEYS

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 20
"""Values that are gathered before they are copied."""

_IN_MEMORY = 1 << 24
"""Bytes up to which a copy stays in memory, without a file."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Some runs, a row each.

    `len(runs)` is how many there are, `name in runs` and iteration are over columns, and `runs[name]` is one of them,
    shape (runs,): a key, or an outcome (float64; a date is a decimal year, NaN where it did not come).
    """

    keys: pd.DataFrame
    names: tuple[str, ...]
    """Of the outcomes."""
    read: Callable[[str, np.ndarray], np.ndarray]
    """Returns an outcome in the rows at these places (int64), as an array of its own."""

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Runs:
        """Return the runs of a table in memory, whose columns are keys and outcomes."""
        keys = [name for name in frame if name in KEYS]
        names = tuple(str(name) for name in frame if name not in KEYS)
        return cls(frame[keys], names, lambda name, rows: frame[name].to_numpy(np.float64)[rows])

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[str]:
        return iter((*self.keys, *self.names))

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self.keys:
            return self.keys[name].to_numpy()
        if name not in self:
            raise KeyError(name)
        return self.read(name, np.arange(len(self)))

    def mean(self, names: Sequence[str]) -> np.ndarray:
        """Return the mean over several outcomes, shape (runs,)."""
        return np.array([self[name] for name in names]).mean(axis=0)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self)

    def at(self, rows: np.ndarray | pd.Series | slice) -> Runs:
        """Return some rows, given by places or by a mark for each."""
        places = np.arange(len(self))[rows]
        return Runs(self.keys.iloc[places], self.names, lambda name, some: self.read(name, places[some]))

    def having(self, names: Collection[str]) -> Runs:
        """Return the runs with these outcomes alone, as far as they have them."""
        wanted = frozenset(names)
        return replace(self, names=tuple(name for name in self.names if name in wanted))

    def assign(self, **values: float | np.ndarray) -> Runs:
        """Return the runs with further outcomes, or others in the place of their own: an array (runs,) or one number."""
        held = {name: np.full(len(self), value, np.float64) for name, value in values.items()}
        names = tuple(dict.fromkeys((*self.names, *held)))
        return Runs(self.keys, names, lambda name, rows: held[name][rows] if name in held else self.read(name, rows))

    def frame(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return keys and these outcomes, by default all, as one table in memory."""
        import pandas as pd

        wanted = list(self.names if names is None else names)
        values = np.empty((len(wanted), len(self)))
        for row, name in zip(values, wanted, strict=True):
            row[:] = self[name]
        outcomes = pd.DataFrame(values.T, index=self.keys.index, columns=wanted, copy=False)
        return pd.concat([self.keys, outcomes], axis=1)


def stacked(tables: Sequence[Runs]) -> Runs:
    """Return the runs of several tables, one after the other, with the outcomes that all of them have."""
    import pandas as pd

    ends = np.cumsum([len(table) for table in tables])

    def read(name: str, rows: np.ndarray) -> np.ndarray:
        found, of = np.empty(len(rows)), np.searchsorted(ends, rows, side="right")
        for i, table in enumerate(tables):
            if (here := of == i).any():
                found[here] = table.read(name, rows[here] - (ends[i] - len(table)))
        return found

    names = tuple(name for name in tables[0].names if all(name in table for table in tables))
    return Runs(pd.concat([table.keys for table in tables], ignore_index=True), names, read)


def read_runs(folder: Path, parts: Sequence[str], points: Collection[str] | None = None) -> Runs:
    """Return the runs of all parts in the order of `run`; `points` as in `read_parts`.

    Raises InputError where the disk refuses the copy of their outcomes.
    """
    schema = pq.read_schema(folder / parts[0])
    names = tuple(name for name in schema.names if name not in KEYS)
    place = folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())
    keys = [schema.empty_table().select(KEYS)]
    with storing(place):
        copy = _Copy(names, place)
        for part in read_parts(folder, parts, points=points):
            keys.append(part.select(KEYS))
            for batch in part.to_batches():
                copy.add(batch.select(names).to_tensor().to_numpy())
        copy.flush()
    table = pa.concat_tables(keys)
    order = np.argsort(table.column("run").to_numpy())
    return Runs(table.take(pa.array(order)).to_pandas(), names, lambda name, rows: copy.read(name, order[rows]))


class _Copy:
    """Outcomes of runs in a file without a name: blocks of rows, and in each the values of one outcome after another."""

    def __init__(self, names: Sequence[str], place: Path) -> None:
        self._columns = {name: i for i, name in enumerate(names)}
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(place))
        self._gathered: list[np.ndarray] = []
        self._ends = [0]

    def add(self, values: np.ndarray) -> None:
        """Add rows, shape (rows, outcomes)."""
        self._gathered.append(values)
        if sum(values.size for values in self._gathered) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Copy what was gathered."""
        if self._gathered:
            values = np.concatenate(self._gathered)
            self._file.write(np.ascontiguousarray(values.T))
            self._ends.append(self._ends[-1] + len(values))
            self._gathered = []

    def read(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return an outcome in these rows, by their places in the order in which they were added."""
        if not len(rows):
            return np.empty(0)
        low, high = int(rows.min()), int(rows.max()) + 1
        found = np.empty(high - low)
        for first, last in pairwise(self._ends):
            begin, end = max(first, low), min(last, high)
            if begin < end:
                before = first * len(self._columns) + self._columns[name] * (last - first) + begin - first
                self._file.seek(found.itemsize * before)
                found[begin - low : end - low] = np.frombuffer(self._file.read(found.itemsize * (end - begin)))
        return found[rows - low]
