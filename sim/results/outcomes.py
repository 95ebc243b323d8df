"""The table of outcomes: one row a run, keys first, then one float64 column an outcome; one Parquet part a shard."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import InputError
from sim.results.files import canonical_json, write_bytes, write_whole
from sim.results.schema import KEYS, MOST_RUNS

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
        with pq.ParquetWriter(str(temporary), schema, **_ENCODING_OF_PLAN) as writer:
            for some in _at_least(_GROUP_ROWS, arms):
                writer.write_table(pa.concat_tables(some).combine_chunks().cast(schema))

    write_whole(path, write)


_ENCODING_OF_PLAN = {**_ENCODING, "store_schema": True, "write_page_checksum": True}

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


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turn what is raised of a Parquet or CSV file that is damaged, or none, into an InputError that names it."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError, json.JSONDecodeError, KeyError) as error:
        why = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        raise InputError(f"{path}: cannot be read as {kind} ({why}).") from error


def plan_about(path: Path) -> dict[str, Any] | None:
    """Return what the metadata of a plan say, or None where they say nothing; InputError for a file that is no plan."""
    with reading(path, "a plan"):
        content: bytes | None = (pq.read_schema(str(path)).metadata or {}).get(_ABOUT)
        return None if content is None else json.loads(content)


@dataclass(frozen=True)
class PlanArms:
    """The arms of a plan in their order, a column each, and how many replications of each there are to be."""

    points: list[str]
    scenarios: list[str]
    histories: list[str]
    replications: list[int]


def plan_arms(path: Path) -> PlanArms:
    """Return the arms of a plan; InputError for a file that is no plan, or is not as it was written.

    It is read whole, some rows at a time, and held against its checksums.
    """
    labels = ["point", "scenario", "history"]
    columns: list[list[str]] = [[] for _ in labels]
    starts: list[np.ndarray] = []
    n_rows, last = 0, -1
    with reading(path, "a plan"), pq.ParquetFile(str(path), page_checksum_verification=True) as plan:
        for group in range(plan.num_row_groups):
            rows = plan.read_row_group(group, use_threads=False)
            numbers = rows.column("run").to_numpy() // MOST_RUNS
            first = np.flatnonzero(np.diff(numbers, prepend=last))
            starts.append(n_rows + first)
            n_rows, last = n_rows + len(numbers), numbers[-1]
            for column, label in zip(columns, labels, strict=True):
                column += rows.column(label).take(pa.array(first)).to_numpy().tolist()
    points, scenarios, histories = columns
    return PlanArms(points, scenarios, histories, np.diff(np.concatenate([*starts, [n_rows]])).tolist())


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

    `columns`: only these, by default all; `points`: only runs at these, by default at all; a part without any is
    passed over.
    """
    for part in parts:
        file = pq.ParquetFile(folder / part)
        here = None
        if points is not None:
            here = np.isin(file.read(["point"], use_threads=False).column(0).to_numpy(), list(points))
            if not here.any():
                continue
        table = file.read(columns, use_threads=False)
        yield table if here is None or here.all() else table.filter(pa.array(here))
