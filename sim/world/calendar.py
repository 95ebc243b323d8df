"""Quarters: index 0 is 1991Q1."""

from __future__ import annotations

import re

from sim.errors import InputError

FIRST_YEAR = 1991


def quarter_of(year: int, quarter: int) -> int:
    """Return the index of a quarter (1-4) of a year."""
    return (year - FIRST_YEAR) * 4 + quarter - 1


def parse_quarter(text: str) -> int:
    """Return the index of a quarter written as `2020Q1`; InputError where it is written otherwise or before 1991."""
    match = re.fullmatch(r"(\d{4})Q([1-4])", str(text).strip())
    if match is None:
        raise InputError(f"{text!r} is not a quarter; write it as 2020Q1.")
    index = quarter_of(int(match[1]), int(match[2]))
    if index < 0:
        raise InputError(f"{text} lies before the model's first quarter, {FIRST_YEAR}Q1.")
    return index


def format_quarter(index: int) -> str:
    """Return `2020Q1` for a quarter's index."""
    return f"{FIRST_YEAR + index // 4}Q{index % 4 + 1}"


def year_of(index: float) -> float:
    """Return a quarter's index as a decimal year: 0 is 1991.0."""
    return FIRST_YEAR + index / 4
