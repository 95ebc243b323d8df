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

_OF_STATES = "iso state partner sponsor target power host issuer owner iso_a iso_b guarantors transit"
_OF_GROUPS = "group of patron protector successor"
LISTED = {
    **dict.fromkeys(_OF_STATES.split(), "states"),
    **dict.fromkeys(_OF_GROUPS.split(), "groups"),
    **{"home": "homes", "firm": "firms", "shares": "firms", "sector": "sectors", "sectors": "sectors"},
    **{"lower": "sectors", "institution": "institutions", "theatre": "theatres", "origin": "origins", "node": "nodes"},
    **{"start": "nodes", "end": "nodes", "third": "nodes", "pools": "pools", "area": "pools", "accuser": "accusers"},
}
"""Columns that name an actor to the table in which he has to have a row of his own."""

FEW = 3
"""Choices at most that a message lists."""


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
        if not self.text(column):
            why = f"is empty; write a number of {declared.low:g}..{declared.high:g} ({declared.unit})."
            raise self.fail(column, why)
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
            raise self.fail(
                column, f"{name!r} is not known.{did_you_mean(name, choices)}{self._remedy(column, choices)}"
            )
        return list(choices).index(name)

    def _remedy(self, column: str, choices: Sequence[str]) -> str:
        """Return what to do about a name that is none of the choices: where it gets a row, or what to write."""
        if table := LISTED.get(column):
            return f" Whoever is named here needs a row in {table}.csv."
        return f" Write {' or '.join(choices)}." if len(choices) <= FEW else ""

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

    def rows(self, name: str, columns: Sequence[str], once: Sequence[str] = ()) -> Iterator[Row]:
        """Yield the rows of `name`.csv; InputError where the file or a column is missing, or a row is ragged.

        `once`: columns that together name a row, so that no two rows may agree in them.
        """
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
                    raise InputError(f"{path}: column {column!r} is missing.{_hint(column, reader.fieldnames or [])}")
            met: set[tuple[str, ...]] = set()
            for row in reader:
                place = f"{path.name}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise InputError(f"{place}: the row has another number of cells than the header.")
                found = Row(row, place)
                key = tuple(found.text(column) for column in once)
                if once and key in met:
                    raise found.fail(once[-1], f"{', '.join(key)} stands twice.")
                met.add(key)
                yield found


def _hint(column: str, there: Sequence[str]) -> str:
    """Return what may be wrong with a header in which a column is missing."""
    if len(there) == 1 and ";" in there[0]:
        return " The cells are divided by semicolons; save the table with commas."
    return did_you_mean(column, there)
