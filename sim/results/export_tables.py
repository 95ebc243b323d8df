"""Tables of a result as one Parquet file each, and as CSV with a data dictionary; batch by batch, whatever their size.

Columns have plain types only (text, whole numbers, doubles, truth values, no dictionaries), which every reader of
Parquet knows.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.described import UNKNOWN, Column

BATCH_ROWS = 8192
"""Rows that are held in memory at a time, and in a row group of Parquet."""

_LINES_AT_ONCE = 1024


def read_batches(path: Path) -> Iterator[pa.Table]:
    """Yield a Parquet file's rows some at a time; one empty table where there are none."""
    source = pq.ParquetFile(str(path))
    yield source.schema_arrow.empty_table()
    for batch in source.iter_batches(BATCH_ROWS):
        yield pa.Table.from_batches([batch])


def write_parquet(
    path: Path,
    tables: Iterable[pa.Table],
    columns: Mapping[str, Column],
    about: Mapping[str, str],
    advance: Callable[[int], None],
) -> None:
    """Write tables with equal columns, one behind the other, as one file; `tables` holds one at least.

    Every column carries its `unit` and `meaning`, the whole what `about` says, as metadata. The codec is Snappy, which
    is the one that all builds of R's arrow can be expected to read.
    """
    batches = _batches(tables)
    first = next(batches)
    schema = _schema(first.schema, columns, about)
    with pq.ParquetWriter(str(path), schema, compression="snappy") as writer:
        for table in chain([first], batches):
            writer.write_table(_fitted(table, schema))
            advance(table.num_rows)


def write_csv(path: Path, table: Path, advance: Callable[[int], None]) -> None:
    """Write a Parquet file as CSV (RFC 4180, UTF-8): numbers with all digits they need, NaN as an empty cell."""
    source = pq.ParquetFile(str(table), pre_buffer=False)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(source.schema_arrow.names)
        for batch in source.iter_batches(_LINES_AT_ONCE):
            rows.writerows(zip(*(_cells(column) for column in batch.columns), strict=True))
            advance(batch.num_rows)


def write_dictionary(path: Path, tables: Iterable[Path]) -> None:
    """Write the columns of Parquet files as CSV: the table each stands in, its name, type, unit and meaning."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["table", "name", "type", "unit", "meaning"])
        for table in tables:
            for field in pq.read_schema(str(table)):
                known = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
                rows.writerow([table.stem, field.name, field.type, known.get("unit", ""), known.get("meaning", "")])


def _batches(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows of all tables in as few tables of about BATCH_ROWS rows as can be."""
    kept: list[pa.Table] = []
    for table in tables:
        if kept and sum(one.num_rows for one in kept) + table.num_rows > BATCH_ROWS:
            yield pa.concat_tables(kept)
            kept = []
        kept.append(table)
    yield pa.concat_tables(kept)


def _schema(schema: pa.Schema, columns: Mapping[str, Column], about: Mapping[str, str]) -> pa.Schema:
    """Return a schema of plain types with what is known of its columns."""
    fields = []
    for field in schema:
        known = columns.get(field.name, UNKNOWN)
        fields.append(pa.field(field.name, _plain(field.type), metadata={"unit": known.unit, "meaning": known.meaning}))
    return pa.schema(fields, metadata=dict(about))


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the plain type that holds the values of another."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    return pa.string() if pa.types.is_large_string(kind) else kind


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table.select(schema.names).cast(schema)


def _cells(column: pa.Array) -> list[Any]:
    """Return a column's values as csv writes them: a double by the shortest digits that give it back."""
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [None if value is None or math.isnan(value) else value for value in values]
    return values
