"""Quarters: written and read alike, and clearly refused where they are not quarters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.world.calendar import FIRST_YEAR, format_quarter, parse_quarter, quarter_of, year_of


@pytest.mark.parametrize(
    ("text", "index"), [("1991Q1", 0), ("1991Q4", 3), ("1992Q1", 4), ("2022Q3", 126), (" 2035Q4 ", 179)]
)
def test_quarters_by_hand(text: str, index: int) -> None:
    assert parse_quarter(text) == index
    assert format_quarter(index) == text.strip()


@given(st.integers(0, 4 * (9999 - FIRST_YEAR) + 3))
def test_a_quarter_survives_being_written(index: int) -> None:
    assert parse_quarter(format_quarter(index)) == index
    assert quarter_of(int(year_of(index)), index % 4 + 1) == index


def test_decimal_years() -> None:
    assert year_of(0) == 1991.0
    assert year_of(parse_quarter("2020Q3")) == 2020.5


@pytest.mark.parametrize(
    "text", ["", "2020", "2020q1", "2020Q0", "2020Q5", "2020 Q1", "Q12020", "20Q1", "2020-03", "2020Q11", "never"]
)
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="2020Q1"):
        parse_quarter(text)


def test_a_quarter_before_the_first_is_refused() -> None:
    with pytest.raises(InputError, match=r"1990Q4 lies before .*1991Q1"):
        parse_quarter("1990Q4")
