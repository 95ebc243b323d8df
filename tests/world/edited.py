"""Copies of the default world's tables in which a test changes a cell, a row or a column."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from sim.locations import TABLES

Line = dict[str, str]


def copied(folder: Path) -> Path:
    """Return a copy of the default tables in a new folder below `folder`."""
    return Path(shutil.copytree(TABLES, folder / "tables"))


def read(tables: Path, name: str) -> list[Line]:
    """Return the rows of a table."""
    with (tables / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(tables: Path, name: str, rows: list[Line]) -> None:
    """Write the rows of a table, with the columns of the first."""
    with (tables / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change(tables: Path, name: str, is_meant: Callable[[Line], bool], column: str, text: str) -> int:
    """Write `text` into a column of the first row that is meant; return the line of the file in which it stands."""
    rows = read(tables, name)
    place = next(i for i, row in enumerate(rows) if is_meant(row))
    assert column in rows[place]
    rows[place][column] = text
    write(tables, name, rows)
    return place + 2


def insert(tables: Path, name: str, place: int, row: Line) -> None:
    """Put a row in at a place of a table; columns not given are copied from the row that stood there."""
    rows = read(tables, name)
    rows.insert(place, {**rows[place], **row})
    write(tables, name, rows)
