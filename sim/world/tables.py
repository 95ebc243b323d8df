"""Reading the world's tables: CSV files with a row an actor, whose mistakes are named by file, line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError, did_you_mean
from sim.world.calendar import parse_quarter
from sim.world.fields import NEVER
from sim.world.records import field


@dataclass(frozen=True)
class Row:
    """One line of a table: its cells by column, and where it stands."""

    cells: dict[str, str]
    place: str

    def text(self, column: str) -> str:
        """Return a cell as it is written, without spaces around it."""
        return self.cells[column].strip()

    def fail(self, column: str, why: str) -> InputError:
        """Return the error of a cell, naming file, line and column."""
        return InputError(f"{self.place}, column {column}: {why}")

    def number(self, column: str, path: str) -> float:
        """Return a cell as a number within the range of the field `table.name` that it fills."""
        declared = field(path)
        try:
            value = float(self.text(column))
        except ValueError:
            raise self.fail(column, f"{self.text(column)!r} is not a number.") from None
        if not declared.low <= value <= declared.high:
            raise self.fail(column, f"{value:g} lies outside {declared.low:g}..{declared.high:g} ({declared.unit}).")
        return value

    def quarter(self, column: str) -> int:
        """Return a cell as the index of a quarter; empty or `never` gives NEVER."""
        text = self.text(column)
        if text in ("", "never"):
            return NEVER
        try:
            return parse_quarter(text)
        except InputError as error:
            raise self.fail(column, str(error)) from None

    def date(self, column: str) -> int:
        """Return a cell as the index of a quarter that has to be given."""
        found = self.quarter(column)
        if found == NEVER:
            raise self.fail(column, "is empty; write a quarter such as 1998Q1.")
        return found

    def one_of(self, column: str, choices: Sequence[str], text: str | None = None) -> int:
        """Return the place of a cell (or of `text`, part of it) among the choices."""
        name = self.text(column) if text is None else text
        if name not in choices:
            raise self.fail(column, f"{name!r} is not known.{did_you_mean(name, choices)}")
        return list(choices).index(name)

    def flag(self, column: str) -> int:
        """Return 1 for yes and 0 for no."""
        return 1 - self.one_of(column, ("yes", "no"))

    def parts(self, column: str) -> list[str]:
        """Return the parts of a cell that are separated by semicolons."""
        return [part.strip() for part in self.text(column).split(";") if part.strip()]


@dataclass(frozen=True)
class Tables:
    """The folder of a world's tables."""

    folder: Path

    def fault(self, name: str, why: str) -> InputError:
        """Return the error of a whole table."""
        return InputError(f"{self.folder / name}.csv: {why}")

    def rows(self, name: str, columns: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of `name`.csv; InputError where the file or a column is missing, or a row is ragged."""
        path = self.folder / f"{name}.csv"
        if not path.is_file():
            raise InputError(f"{path}: this table of the world is missing.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(f"{path}: the table is not in UTF-8; save it as CSV in UTF-8.") from None
        with io.StringIO(text, newline="") as handle:
            reader = csv.DictReader(handle)
            for column in columns:
                if column not in (reader.fieldnames or []):
                    raise InputError(
                        f"{path}: column {column!r} is missing.{did_you_mean(column, reader.fieldnames or [])}"
                    )
            for row in reader:
                place = f"{path.name}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise InputError(f"{place}: the row has another number of cells than the header.")
                yield Row(row, place)
