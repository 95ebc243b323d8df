"""The table of outcomes: one row a run, keys first, then one float64 column an outcome; one Parquet part a shard."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import InputError
from sim.results.files import canonical_json, write_bytes, write_whole
from sim.results.schema import KEYS, MOST_RUNS

if TYPE_CHECKING:
    import pandas as pd

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
    """Which runs some rows are: all columns have shape (n,), rows stand in the order of `runs`."""

    points: Sequence[str]
    scenarios: Sequence[str]
    histories: Sequence[str]
    seed: int
    runs: np.ndarray
    replications: np.ndarray

    def columns(self) -> dict[str, pa.Array]:
        """Return the key columns in the order of `KEYS`."""
        content = {
            "run": self.runs,
            "point": self.points,
            "scenario": self.scenarios,
            "history": self.histories,
            "replication": self.replications,
            "seed": np.full(len(self.runs), self.seed, np.int64),
        }
        return {name: pa.array(content[name], KEY_TYPES[name]) for name in KEYS}

    def of(self, rows: np.ndarray) -> RunKeys:
        """Return the keys of some of the rows, given by their places."""
        points, scenarios, histories = (
            [column[i] for i in rows] for column in (self.points, self.scenarios, self.histories)
        )
        return RunKeys(points, scenarios, histories, self.seed, self.runs[rows], self.replications[rows])


def write_part(path: Path, keys: RunKeys, names: Sequence[str], values: np.ndarray) -> str:
    """Write one part and return its sha256; `values` is float64, shape (n, len(names)).

    Raises InputError where the disk refuses.
    """
    flat, n = pa.array(np.ascontiguousarray(values.T).reshape(-1)), len(values)
    columns = [flat.slice(n * j, n) for j in range(len(names))]
    table = pa.Table.from_arrays([*keys.columns().values(), *columns], schema=_schema(tuple(names)))
    content = pa.BufferOutputStream()
    pq.write_table(table, content, **_ENCODING)
    return write_bytes(path, memoryview(content.getvalue()))


_ENCODING: dict[str, Any] = {
    "compression": "snappy",
    "use_dictionary": ["point", "scenario", "history"],
    "write_statistics": False,
    "store_schema": False,
}
"""How tables of runs are encoded. With hundreds of columns of a hundred rows each, what counts is the cost of a column:
zstd, dictionaries of numbers and statistics take five times as long and make a file no smaller."""


@lru_cache(maxsize=8)
def _schema(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([*KEY_TYPES.items(), *((name, pa.float64()) for name in names)])


def write_plan(path: Path, arms: Iterable[RunKeys], about: Mapping[str, Any]) -> None:
    """Write the table of all runs from the keys of its arms, in the order of `run`, a few arms at a time.

    Its metadata say what it is a plan of, as JSON. Raises InputError where the disk refuses.
    """
    schema = pa.schema(KEY_TYPES, metadata={_ABOUT: canonical_json(about)})

    def write(temporary: Path) -> None:
        with pq.ParquetWriter(str(temporary), schema, **(_ENCODING | {"store_schema": True})) as writer:
            for some in _at_least(_GROUP_ROWS, arms):
                writer.write_table(pa.concat_tables(some).combine_chunks().cast(schema))

    write_whole(path, write)


_GROUP_ROWS = 50_000
"""Rows of the plan that are held in memory at a time, at least."""


def _at_least(rows: int, arms: Iterable[RunKeys]) -> Iterator[list[pa.Table]]:
    """Yield tables of the keys of successive arms, so many that they have at least so many rows."""
    held: list[pa.Table] = []
    for keys in arms:
        held.append(pa.table(keys.columns()))
        if sum(table.num_rows for table in held) >= rows:
            yield held
            held = []
    if held:
        yield held


_ABOUT = b"steppe"
"""Key of a plan's metadata."""


def plan_about(path: Path) -> dict[str, Any] | None:
    """Return what the metadata of a plan say, or None where they say nothing; InputError for a file that is no plan."""
    try:
        content: bytes | None = (pq.read_schema(str(path)).metadata or {}).get(_ABOUT)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read as a plan ({str(error).splitlines()[0]}).") from error
    return None if content is None else json.loads(content)


@dataclass(frozen=True)
class ArmRows:
    """An arm of a plan, and how many replications of it there are to be."""

    point: str
    scenario: str
    history: str
    replications: int


def plan_arms(path: Path) -> list[ArmRows]:
    """Return the arms of a plan in their order."""
    names = ("point", "scenario", "history")
    table = pq.read_table(str(path), columns=["run", *names])
    _, first, counts = np.unique(table.column("run").to_numpy() // MOST_RUNS, return_index=True, return_counts=True)
    labels = table.select(names).take(pa.array(first)).to_pylist()
    return [ArmRows(**label, replications=int(n)) for label, n in zip(labels, counts, strict=True)]


def write_design(path: Path, columns: Mapping[str, Sequence[Any]], note: Mapping[bytes, bytes] | None = None) -> None:
    """Write the table of points, one row each, from its columns, with a note beside it.

    Raises InputError where the disk refuses.
    """
    table = pa.table({name: pa.array(values) for name, values in columns.items()}).replace_schema_metadata(note)
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def read_parts(
    folder: Path,
    parts: Iterable[str],
    columns: Sequence[str] | None = None,
    points: Collection[str] | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows of each part in turn, in the order of `run`.

    `columns`: only these, by default all; `points`: only runs at these, by default at all.
    """
    for part in parts:
        if points is None:
            table = pq.ParquetFile(folder / part).read(columns, use_threads=False)
        else:
            table = pq.read_table(str(folder / part), columns=columns, filters=[("point", "in", list(points))])
        yield table


def read_frame(folder: Path, parts: Sequence[str], points: Collection[str] | None = None) -> pd.DataFrame:
    """Return the rows of all parts in the order of `run`, held in memory once; `points` as in `read_parts`."""
    import pandas as pd

    found = [part.column("run").to_numpy() for part in read_parts(folder, parts, columns=["run"], points=points)]
    holding = [part for part, runs in zip(parts, found, strict=True) if len(runs)] or parts[:1]
    order = np.argsort(np.concatenate(found))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    keys: list[pa.Table] = []
    names, values, first = [], np.empty((0, 0)), 0
    for part in read_parts(folder, holding, points=points):
        if not keys:
            names = [name for name in part.column_names if name not in KEYS]
            values = np.empty((len(names), len(order)))
        rows = place[first : first + part.num_rows]
        for row, column in zip(values, part.select(names).itercolumns(), strict=True):
            row[rows] = column
        keys.append(part.select(KEYS))
        first += part.num_rows
    frame = pa.concat_tables(keys).take(pa.array(order)).to_pandas()
    return pd.concat([frame, pd.DataFrame(values.T, columns=names, copy=False)], axis=1)
