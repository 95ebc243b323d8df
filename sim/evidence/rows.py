"""Rows of a table in CSV, and their cells: what is malformed raises `InputError` naming file, line and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.errors import InputError, did_you_mean

Row = Mapping[str, str]


def rows_of(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield each row with the place to name in an error, `<file>, line <n>`; refuse other columns than `columns`."""
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text.") from error
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        _check_header(path, list(reader.fieldnames or []), columns)
        for row in reader:
            place = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                raise InputError(f"{place}: the row does not have {len(columns)} cells.")
            yield place, {column: cell.strip() for column, cell in row.items()}
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}.") from error


def _check_header(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in header:
            raise InputError(f"{path}: the column {column!r} is missing.{did_you_mean(column, header)}")
    for column in header:
        if column not in columns:
            raise InputError(f"{path}: unknown column {column!r}.{did_you_mean(column, columns)}")
    if len(header) != len(columns):
        raise InputError(f"{path}: a column stands twice.")


def text(place: str, row: Row, column: str) -> str:
    """Return a cell that may not be empty."""
    if not row[column]:
        raise InputError(f"{place}: {column} is empty.")
    return row[column]


def whole(place: str, row: Row, column: str) -> int:
    """Return a cell that is a whole number above 0."""
    if not re.fullmatch(r"[1-9]\d*", row[column], re.ASCII):
        raise InputError(f"{place}: {column} is {row[column]!r}, not a whole number above 0.")
    return int(row[column])


def one_of(place: str, row: Row, column: str, allowed: tuple[str, ...]) -> str:
    """Return a cell that is one of the words allowed; the message names the nearest spelling."""
    if row[column] not in allowed:
        hint = did_you_mean(row[column], allowed)
        raise InputError(f"{place}: {column} is {row[column]!r}, not one of {', '.join(allowed)}.{hint}")
    return row[column]


def parts_of(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that semicolons separate."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())
