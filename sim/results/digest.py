"""The digest: one sha256 over what was planned and what came out, and over nothing else.

Rows count in the order of (point, scenario, history, replication), whatever file they stand in and whichever thread
made them; run numbers, file names, times and machine stay out of it. Equal digests mean equal runs and equal values,
bit for bit (a NaN is a NaN, and minus nought is nought).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from sim.results.files import canonical_json
from sim.results.schema import KEYS


def digest_of(tables: Iterable[pa.Table]) -> str:
    """Return the digest of tables of outcomes as 64 hexadecimal digits.

    Each table holds rows of one (point, scenario, history) in the order of replications; the tables come in any order.
    """
    pieces = sorted(((_arm(table), _first(table), table) for table in tables if table.num_rows), key=lambda p: p[:2])
    digest = hashlib.sha256()
    last = None
    for arm, _, table in pieces:
        names = [name for name in table.column_names if name not in KEYS]
        if arm != last:
            digest.update(canonical_json([*arm, names]))
            last = arm
        digest.update(_rows(table, names))
    return digest.hexdigest()


def _arm(table: pa.Table) -> tuple[str, str, str]:
    point, scenario, history = (table.column(name)[0].as_py() for name in ("point", "scenario", "history"))
    return point, scenario, history


def _first(table: pa.Table) -> int:
    return int(table.column("replication")[0].as_py())


def _rows(table: pa.Table, names: list[str]) -> bytes:
    """Return the rows as bytes: seed and replication as little-endian int64, the outcomes as float64."""
    keys = np.column_stack([table.column(name).to_numpy() for name in ("seed", "replication")]).astype("<i8")
    values = np.empty((table.num_rows, len(names)), "<f8")
    for j, name in enumerate(names):
        values[:, j] = table.column(name).to_numpy() + 0.0
    values[np.isnan(values)] = np.nan
    return np.hstack([keys.view(np.uint8), values.view(np.uint8)]).tobytes()
