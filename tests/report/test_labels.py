from __future__ import annotations

import math

import pytest

from sim.locations import TABLES
from sim.report.labels import declared, figure_text, figure_texts, fixed_text, label_of, lower_first, unit_of
from tests.report.made_result import NAMES

WORDS = {"dependence_china": ("dependence on China at the end", "0-1")}


def test_words_of_an_outcome() -> None:
    assert label_of("dependence_china.KAZ", WORDS, NAMES) == "Kazakhstan: dependence on China at the end"
    assert label_of("dependence_china", WORDS, NAMES) == "Dependence on China at the end"
    assert label_of("something_new.KAZ", WORDS, NAMES) == "Kazakhstan: something new"
    assert unit_of("dependence_china.KAZ", WORDS) == "0-1"
    assert unit_of("something_new", WORDS) == ""


def test_words_come_from_the_worlds_folder(tmp_path: object) -> None:
    assert "dependence_china" in declared(TABLES)
    assert declared(TABLES / "nowhere") == {}


@pytest.mark.parametrize(
    ("value", "unit", "signed", "text"),
    [
        (0.0512, "", False, "0.051"),
        (-0.0512, "", True, "\N{MINUS SIGN}0.051"),
        (-1e-9, "", True, "0.000"),
        (0.00213, "", True, "+0.0021"),
        (1234.5, "", False, "1,234"),
        (2019.25, "year", False, "2019.2"),
        (math.nan, "year", False, "never"),
        (math.nan, "", False, "–"),
        (2.5, "", True, "+2.50"),
    ],
)
def test_numbers_as_printed(value: float, unit: str, signed: bool, text: str) -> None:
    assert figure_text(value, unit, signed) == text


def test_numbers_that_stand_together_have_the_same_decimals() -> None:
    assert figure_texts((1.234, 0.5, math.nan), signed=True) == ("+1.23", "+0.50", "–")
    assert fixed_text(0.126, 2) == "+0.13"
    assert fixed_text(math.nan, 2) == "–"


def test_a_small_first_letter_but_not_in_an_abbreviation() -> None:
    assert lower_first("Cloud") == "cloud"
    assert lower_first("SCO bank") == "SCO bank"


def test_what_never_comes_near_is_infinitely_far() -> None:
    assert figure_text(float("inf")) == "∞"
