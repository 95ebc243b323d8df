"""Instruments of law-enforcement cooperation: the documents' treaties and agreements, from `treaties.csv`.

A row is one instrument between two states: its kind, the days of signature and of entry into force, and its source.
The days are written as exactly as the documents give them, and no more exactly:

    2009-07-01    the day
    2009-07       within the month
    2009          within the year
    2002..2010    within these years (ends may be days, months or years)
    ..2018-07     at the latest then; it may be as old as the model

`in_force` may also be empty (it had not entered into force when the documents were written) or `unknown` (no document
says). The documents count ten treaties on sentenced persons and name eight partners (E0919, E0920): eight rows.
Data sharing within an institution is no row: it follows from membership.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sim.errors import InputError
from sim.world.calendar import format_quarter, quarter_of
from sim.world.cooperation import KINDS
from sim.world.tables import Row, Tables

FIRST_DAY, LAST_DAY = date(1991, 1, 1), date(2022, 9, 30)
"""The model's first day and the last of the documents' horizon: every date lies between them."""

UNKNOWN = "unknown"

_COLUMNS = ("kind", "iso", "partner", "signed", "in_force", "source")
_HOW = "write a day, month, year or span: 2009-07-01, 2009-07, 2009, 2002..2010 or ..2018-07"


@dataclass(frozen=True)
class Span:
    """A date as far as it is known: a day between `earliest` and `latest`, both included."""

    earliest: date
    latest: date

    @property
    def middle(self) -> date:
        """The day in the middle, which is the day itself where it is known."""
        return self.earliest + (self.latest - self.earliest) // 2

    @property
    def likeliest_quarter(self) -> int:
        """The quarter that it counts as, from 1991Q1: of its middle, or of its end where only that is known."""
        return _quarter(self.latest if self.earliest == FIRST_DAY else self.middle)

    @property
    def quarters(self) -> tuple[int, int]:
        """Indices of the first and the last quarter in which it may lie."""
        return _quarter(self.earliest), _quarter(self.latest)

    def __str__(self) -> str:
        first, last = (format_quarter(index) for index in self.quarters)
        return first if first == last else f"{first} to {last}"


@dataclass(frozen=True)
class Instrument:
    """One instrument between two states, named by their ISO codes."""

    kind: str
    """One of KINDS."""
    iso: str
    partner: str
    signed: Span
    in_force: Span | None
    """None where it had not entered into force, or where no document says."""
    is_force_known: bool
    """Whether a document says if and when it entered into force."""
    source: str


def read_treaties(tables: Tables) -> tuple[Instrument, ...]:
    """Return the instruments of `treaties.csv` in the order of its rows.

    InputError, naming file, line and column, where a kind or a state is unknown, the two states are the same, an
    instrument stands twice, a date is malformed or lies outside FIRST_DAY..LAST_DAY, or one entered into force before
    its signature.
    """
    states = [row.text("iso") for row in tables.rows("states", ["iso"])]
    found: dict[tuple[str, frozenset[str]], Instrument] = {}
    for row in tables.rows("treaties", _COLUMNS):
        made = _instrument(row, states)
        key = (made.kind, frozenset((made.iso, made.partner)))
        if key in found:
            raise row.fail("partner", f"{made.kind} between {made.iso} and {made.partner} stands twice.")
        found[key] = made
    return tuple(found.values())


def of_kind(instruments: Sequence[Instrument], kind: str) -> tuple[Instrument, ...]:
    """Return the instruments of one of KINDS, in their order; InputError where there are none."""
    chosen = tuple(one for one in instruments if one.kind == kind)
    if not chosen:
        raise InputError(f"treaties.csv: there is no instrument of the kind {kind!r}.")
    return chosen


def _instrument(row: Row, states: Sequence[str]) -> Instrument:
    kind = KINDS[row.one_of("kind", KINDS)]
    iso, partner = (states[row.one_of(column, states)] for column in ("iso", "partner"))
    if iso == partner:
        raise row.fail("partner", f"an instrument binds two states, not {iso} and itself.")
    if not row.text("source"):
        raise row.fail("source", "is empty; every instrument has a source.")
    signed = _span(row, "signed")
    in_force = None if row.text("in_force") in ("", UNKNOWN) else _span(row, "in_force")
    if in_force is not None and in_force.latest < signed.earliest:
        raise row.fail("in_force", f"{row.text('in_force')} lies before the signature, {row.text('signed')}.")
    return Instrument(kind, iso, partner, signed, in_force, row.text("in_force") != UNKNOWN, row.text("source"))


def _span(row: Row, column: str) -> Span:
    """Return a cell as a span; InputError where it is malformed, runs backwards or leaves the model's history."""
    text = row.text(column)
    start, dots, end = text.partition("..")
    if not (start or dots) or (dots and not end):
        raise row.fail(column, f"{text!r} is no date; {_HOW}." if text else f"is empty; {_HOW}.")
    earliest = _ends(row, column, start)[0] if start else FIRST_DAY
    latest = _ends(row, column, end if dots else start)[1]
    for day in (earliest, latest):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise row.fail(column, f"{text} lies outside {FIRST_DAY} to {LAST_DAY}, the documents' part of the model.")
    if latest < earliest:
        raise row.fail(column, f"{text} ends before it begins.")
    return Span(earliest, latest)


def _ends(row: Row, column: str, text: str) -> tuple[date, date]:
    """Return the first and the last day of a day, month or year as it is written."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text.strip())
    if match is None:
        raise row.fail(column, f"{row.text(column)!r} is no date; {_HOW}.")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        return first, date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise row.fail(column, f"{row.text(column)!r} is not in the calendar.") from None


def _quarter(day: date) -> int:
    return quarter_of(day.year, (day.month + 2) // 3)
