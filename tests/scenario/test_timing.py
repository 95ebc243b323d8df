"""When an entry holds: dates, durations, conditions that it waits for, and what does not go together."""

import pytest

from sim.errors import InputError
from sim.scenario.timing import read_timing
from sim.world.fields import NEVER
from sim.world.injects import CODES, KINDS

LEVEL, ORDER = KINDS[CODES["outage"]], KINDS[CODES["gift"]]
WHEN = "politics.tension > 0.5"
PLACE = "mine.yaml: injects[0]"


@pytest.mark.parametrize(
    ("fields", "first", "end"),
    [
        ({"start": "2025Q1", "end": "2025Q3"}, 136, 138),
        ({"start": "2025Q1", "for": 8}, 136, 144),
        ({"start": "2025Q1", "for": "8 quarters"}, 136, 144),
        ({"start": "2025Q1", "for": "2 years"}, 136, 144),
        ({"start": "2025Q1", "for": "1 quarter"}, 136, 137),
        ({"start": "2025Q1"}, 136, NEVER),
    ],
)
def test_a_level_with_a_date_lasts_as_long_as_it_says(fields: dict, first: int, end: int) -> None:
    timing = read_timing(LEVEL, fields, PLACE)
    assert (timing.start, timing.end, timing.times) == (first, end, 0)
    assert timing.span == (first, end)


def test_a_level_that_waits_has_no_date_and_counts_within_its_quarters() -> None:
    timing = read_timing(LEVEL, {"when": WHEN, "from": "2020Q1", "by": "2020Q4", "for": 8, "times": 3}, PLACE)
    assert (timing.start, timing.end) == (NEVER, NEVER)
    assert (timing.opens, timing.closes, timing.lasts, timing.times) == (116, 120, 8, 3)
    assert timing.span == (116, 127), "it may begin in 2020Q4 and then holds for eight quarters"


def test_without_quarters_a_condition_counts_for_ever() -> None:
    timing = read_timing(ORDER, {"when": [WHEN, "politics.alert < 0.2"]}, PLACE)
    assert (timing.opens, timing.closes, timing.lasts, timing.times) == (-1, NEVER, 1, 1)
    assert timing.when == (WHEN, "politics.alert < 0.2")


def test_the_order_of_a_strategy_waits_on_its_date_too() -> None:
    timing = read_timing(LEVEL, {"start": "2025Q1", "end": "2025Q3"}, PLACE, is_order=True)
    assert (timing.start, timing.opens, timing.closes, timing.lasts, timing.times) == (NEVER, 136, NEVER, 2, 1)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (LEVEL, {}, "outage needs the key 'start', or 'when'"),
        (LEVEL, {"start": "2025Q1", "when": WHEN}, "a date, 'start', and a condition, 'when': write one"),
        (LEVEL, {"when": WHEN, "end": "2025Q1"}, "it takes no 'end'"),
        (LEVEL, {"start": "2025Q1", "end": "2026Q1", "for": 4}, "write one of the two"),
        (LEVEL, {"start": "2025Q1", "by": "2026Q1"}, "'by' goes with 'when'; with 'start' write 'end' or 'for'"),
        (LEVEL, {"start": "2025Q1", "times": 2}, "'times' goes with 'when'"),
        (LEVEL, {"when": WHEN, "from": "2025Q1", "by": "2024Q4"}, "by: 2024Q4 lies before 2025Q1"),
        (LEVEL, {"when": WHEN, "for": 0}, "for: 0 is no whole number from 1"),
        (LEVEL, {"when": WHEN, "for": 1.5}, "for: 1.5 is no whole number"),
        (LEVEL, {"when": WHEN, "for": "a year"}, "'a year' is no duration; write 8, 8 quarters or 2 years"),
        (LEVEL, {"when": WHEN, "for": "2 months"}, "'2 months' is no duration"),
        (LEVEL, {"when": WHEN, "times": True}, "times: True is no whole number"),
        (LEVEL, {"when": 3}, "when: write a condition or a list of them, not 3"),
        (LEVEL, {"when": []}, "when: write a condition or a list of them, not []"),
        (LEVEL, {"start": "2025Q1", "until": [3]}, "until: write a condition"),
        (ORDER, {"when": WHEN, "for": 2}, "gift is an order, given once in its first quarter; it takes no 'for'"),
        (ORDER, {"start": "2025Q1", "until": WHEN}, "it takes no 'until'"),
    ],
)
def test_keys_of_time_that_do_not_go_together_are_refused(kind, fields: dict, words: str) -> None:
    with pytest.raises(InputError) as error:
        read_timing(kind, fields, PLACE)
    assert str(error.value).startswith(PLACE)
    assert words in str(error.value)


def test_an_order_with_a_date_takes_no_second_one() -> None:
    with pytest.raises(InputError, match="'start' says it already"):
        read_timing(LEVEL, {"start": "2025Q1", "from": "2025Q1"}, PLACE, is_order=True)
