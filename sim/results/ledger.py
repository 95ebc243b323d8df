"""The decision ledger as a table: one row a line, with names instead of rows of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.numerics.ledger import ENTITIES, KINDS
from sim.results.files import write_whole
from sim.world.calendar import format_quarter
from sim.world.names import Names


@dataclass(frozen=True)
class Traced:
    """The ledger of one run: `entries` are its lines, in the order in which they were written."""

    scenario: str
    history: str
    replication: int
    entries: np.ndarray


def write_ledger(path: Path, traces: Sequence[Traced], rules: Sequence[str], names: Names) -> None:
    """Write all traces as one table; `rules` are the names of the rules by their numbers.

    `line` counts within a run; `rests_on` names lines of the same run. Raises InputError where the disk refuses.
    """
    table = pa.concat_tables([_table(trace, rules, names) for trace in traces])
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def _table(trace: Traced, rules: Sequence[str], names: Names) -> pa.Table:
    entries = trace.entries
    n = len(entries)
    columns: dict[str, pa.Array] = {
        "scenario": pa.array([trace.scenario] * n, pa.string()),
        "history": pa.array([trace.history] * n, pa.string()),
        "replication": pa.array(np.full(n, trace.replication, np.int64)),
        "line": pa.array(np.arange(n, dtype=np.int64)),
        "quarter": pa.array([format_quarter(int(q)) for q in entries["quarter"]], pa.string()),
        "rule": pa.array([rules[r] for r in entries["rule"]], pa.string()),
        "kind": pa.array([KINDS[k] for k in entries["kind"]], pa.string()),
    }
    for place, entity in enumerate(ENTITIES):
        known = getattr(names, f"{entity}s")
        columns[entity] = pa.array([known[i] if i >= 0 else None for i in entries["who"][:, place]], pa.string())
    for field in ("chosen", "margin", "probability", "draw"):
        columns[field] = pa.array(entries[field])
    columns["options"] = _lists(entries["option"], np.minimum(entries["n_options"], entries["option"].shape[1]))
    columns["utilities"] = _lists(entries["utility"], np.minimum(entries["n_options"], entries["utility"].shape[1]))
    columns["rests_on"] = pa.array(
        [[int(i) for i in row if i >= 0] for row in entries["rests_on"]], pa.list_(pa.int64())
    )
    return pa.table(columns)


def _lists(values: np.ndarray, lengths: np.ndarray) -> pa.Array:
    """Return the first `lengths[i]` values of each row as lists."""
    kind = pa.list_(pa.float64() if values.dtype.kind == "f" else pa.int64())
    return pa.array([row[:length].tolist() for row, length in zip(values, lengths, strict=True)], kind)
