"""The digest: one sha256 over which runs there are and what came out, and over nothing else.

Every row has a sha256, which its shard's receipt holds; every (point, scenario, history) one over those of its rows in
the order of replications, whatever file they stand in and whoever made them; and the digest is over these in sorted
order. So it can be taken of any number of runs in little memory, from receipts or from the tables themselves. Run
numbers, file names, times and machine stay out of it, and so do runs that failed. Equal digests mean equal runs and
equal values, bit for bit (a NaN is a NaN, and minus nought is nought).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from sim.results.files import canonical_json
from sim.results.schema import KEYS


def digest_of(tables: Iterable[pa.Table]) -> str:
    """Return the digest of tables of outcomes as 64 hexadecimal digits; see `digest_of_rows`.

    A table may hold the rows of several arms, in the order of `run`.
    """
    return digest_of_rows(row for table in tables for row in _rows_of(table))


@dataclass(frozen=True)
class Rows:
    """Successive rows of one arm, each as its hash."""

    arm: tuple[str, str, str]
    """Point, scenario and history."""
    names: Sequence[str]
    """Outcomes, in the order in which they were hashed."""
    replications: np.ndarray
    """int64, shape (n,)."""
    hashes: bytes
    """What `hashes_of` returns of them."""


def digest_of_rows(found: Iterable[Rows]) -> str:
    """Return the digest of rows as 64 hexadecimal digits.

    The rows of one arm come in the order of replications, other arms may come between them; ValueError where they do
    not, or where a run stands twice.
    """
    arms: dict[tuple[str, ...], _Arm] = {}
    for rows in found:
        if len(rows.replications):
            arms.setdefault(rows.arm, _Arm(list(rows.names))).take(rows)
    digest = hashlib.sha256()
    for label, arm in sorted(arms.items()):
        digest.update(canonical_json([*label, arm.names, arm.digest.hexdigest()]))
    return digest.hexdigest()


def hashes_of(seed: int | np.ndarray, replications: np.ndarray, values: np.ndarray) -> bytes:
    """Return the sha256 of each row, HASH_BYTES each, one behind the other.

    A row is seed and replication as little-endian int64, then its outcomes as float64; `replications` has shape (n,),
    `values` (n, outcomes).
    """
    keys = np.column_stack([np.broadcast_to(seed, len(replications)), replications]).astype("<i8")
    numbers = values.astype("<f8") + 0.0
    numbers[np.isnan(numbers)] = np.nan
    rows = np.hstack([keys.view(np.uint8), np.ascontiguousarray(numbers).view(np.uint8)])
    return b"".join(hashlib.sha256(row).digest() for row in rows)


HASH_BYTES = 32
"""Length of the hash of a row."""

_LABELS = ("point", "scenario", "history")


@dataclass
class _Arm:
    """The rows of one (point, scenario, history) so far."""

    names: list[str]
    digest: Any = field(default_factory=hashlib.sha256)
    last: int = -1

    def take(self, rows: Rows) -> None:
        if rows.replications[0] <= self.last or (np.diff(rows.replications) <= 0).any():
            raise ValueError(f"{rows.arm}: replications are not in order, or stand twice")
        self.last = int(rows.replications[-1])
        self.digest.update(rows.hashes)


def _rows_of(table: pa.Table) -> Iterator[Rows]:
    """Yield the rows of each arm of a table."""
    keys = [table.column(name).to_pylist() for name in _LABELS]
    names = [name for name in table.column_names if name not in KEYS]
    values = np.empty((table.num_rows, len(names)))
    for j, column in enumerate(table.select(names).itercolumns()):
        values[:, j] = column
    seeds, replications = (table.column(name).to_numpy() for name in ("seed", "replication"))
    first = 0
    for arm, group in groupby(zip(*keys, strict=True)):
        here = slice(first, first + sum(1 for _ in group))
        hashes = hashes_of(seeds[here], replications[here], values[here])
        yield Rows(arm, names, replications[here], hashes)
        first = here.stop
