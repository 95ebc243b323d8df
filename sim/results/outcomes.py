"""The table of outcomes: one row a run, keys first, then one float64 column an outcome; one Parquet part a shard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.files import write_whole
from sim.results.schema import KEYS

KEY_TYPES = {
    "run": pa.int64(),
    "point": pa.string(),
    "scenario": pa.string(),
    "history": pa.string(),
    "replication": pa.int64(),
    "seed": pa.int64(),
}


@dataclass(frozen=True)
class RunKeys:
    """Which runs the rows of one arm are: `runs` and `replications` have shape (n,)."""

    point: str
    scenario: str
    history: str
    seed: int
    runs: np.ndarray
    replications: np.ndarray

    def columns(self) -> dict[str, pa.Array]:
        """Return the key columns in the order of `KEYS`."""
        n = len(self.runs)
        content = {
            "run": self.runs,
            "point": [self.point] * n,
            "scenario": [self.scenario] * n,
            "history": [self.history] * n,
            "replication": self.replications,
            "seed": [self.seed] * n,
        }
        return {name: pa.array(content[name], KEY_TYPES[name]) for name in KEYS}


def write_part(path: Path, keys: RunKeys, names: Sequence[str], values: np.ndarray) -> None:
    """Write one part; `values` is float64, shape (n, len(names)); raises InputError where the disk refuses."""
    columns = keys.columns()
    for j, name in enumerate(names):
        columns[name] = pa.array(values[:, j])
    table = pa.table(columns)
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def write_plan(path: Path, arms: Iterable[RunKeys]) -> None:
    """Write the table of all runs, in the order of `run`; raises InputError where the disk refuses."""
    table = pa.concat_tables([pa.table(keys.columns()) for keys in arms]).sort_by("run")
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def write_design(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write the table of points, one row each, from its columns; raises InputError where the disk refuses."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def read_part(path: Path, n_replications: int) -> pa.Table:
    """Return a part's rows whose replication is below `n_replications`, in the order of replications.

    A folder that once held a larger experiment may hold rows that a smaller one leaves out.
    """
    table = pq.read_table(str(path))
    wanted = table.column("replication").to_numpy() < n_replications
    return table.filter(pa.array(wanted)).sort_by("replication")


def read_parts(folder: Path, parts: Iterable[str], n_replications: int) -> Iterator[pa.Table]:
    """Yield the rows of each part in turn."""
    for part in parts:
        yield read_part(folder / part, n_replications)
