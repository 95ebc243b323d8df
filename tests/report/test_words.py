from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.words import BANDS, band_of, confidence, likelihood, likelihood_sentence, wilson

WORDS = [word for word, _, _ in BANDS]


def test_wilson_agrees_with_hand_calculation() -> None:
    # 8 of 10 at 95 %: centre (0.8 + 1.9208/10) / (1 + 3.8415/10), half-width by the formula
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


@given(st.integers(1, 5000), st.data())
def test_wilson_interval_holds_the_share_and_stays_in_the_unit(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    low, high = wilson(count, n)
    assert 0.0 <= low <= count / n <= high <= 1.0


def test_without_runs_everything_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert likelihood(0, 0).phrase == "undetermined: no runs"
    assert math.isnan(likelihood(0, 0).share)


def test_more_than_all_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


def test_bands_follow_one_another_without_gap() -> None:
    assert BANDS[0][1] == 0.0
    assert BANDS[-1][2] == 1.0
    assert all(left[2] == right[1] for left, right in pairwise(BANDS))


@pytest.mark.parametrize(
    ("count", "word"),
    [(0, "almost no chance"), (100, "very unlikely"), (300, "unlikely"), (500, "roughly even chance"), (700, "likely"),
     (900, "very likely"), (1000, "almost certain")],
)  # fmt: skip
def test_a_thousand_runs_well_inside_a_band_get_its_word(count: int, word: str) -> None:
    assert likelihood(count, 1000).phrase == word


@given(st.integers(1, 400), st.data())
def test_a_word_is_given_only_where_the_whole_interval_lies_in_its_band(n: int, data: st.DataObject) -> None:
    found = likelihood(data.draw(st.integers(0, n)), n)
    start_end = {word: (start, end) for word, start, end in BANDS}
    if found.word:
        start, end = start_end[found.word]
        assert start <= found.low
        assert found.high <= end
    else:
        assert band_of(found.low, found.high) is None
        assert found.phrase.startswith("undetermined")


def test_the_runs_named_are_enough_and_about_half_are_not() -> None:
    found = likelihood(14, 20)
    assert found.more_runs is not None
    enough = 20 + found.more_runs
    assert likelihood(round(0.7 * enough), enough).word == "likely"
    too_few = 20 + found.more_runs // 2
    assert likelihood(round(0.7 * too_few), too_few).word is None


def test_a_share_on_the_edge_of_two_bands_is_not_settled_by_runs() -> None:
    assert likelihood(80, 100).phrase == "undetermined: at the edge of two bands"


def test_one_run_settles_nothing() -> None:
    assert likelihood(1, 1).word is None


def test_an_undetermined_share_is_a_whole_sentence() -> None:
    few = likelihood_sentence("the bank passes", likelihood(8, 200))
    assert few.startswith("The bank passes in 8 of 200 runs: too few runs to choose between 'almost no chance' and")
    assert few.endswith(" more would do.")
    edge = likelihood_sentence("the bank passes", likelihood(80, 100))
    assert edge.endswith("on the edge between 'likely' and 'very likely', which more runs would hardly settle.")
    assert likelihood_sentence("the bank passes", likelihood(0, 0)).endswith("there are no runs.")


def test_sentences_never_join_likelihood_and_confidence() -> None:
    for count in range(0, 201, 5):
        sentence = likelihood_sentence("the bank passes", likelihood(count, 200))
        assert "onfidence" not in sentence
        assert sentence.endswith(".")
    for documented in (0.0, 0.3, 0.8):
        sentence = confidence(documented, 0.2, 0.0).sentence
        assert not any(re.search(rf"\b{word}\b", sentence) for word in WORDS)


@pytest.mark.parametrize(
    ("documented", "derived", "contested", "level"),
    [(0.8, 0.1, 0.05, "high"), (0.8, 0.1, 0.2, "moderate"), (0.3, 0.3, 0.1, "moderate"), (0.0, 0.9, 0.0, "low"),
     (0.9, 0.1, 0.5, "low"), (0.2, 0.2, 0.0, "low")],
)  # fmt: skip
def test_confidence_follows_backing(documented: float, derived: float, contested: float, level: str) -> None:
    assert confidence(documented, derived, contested).level == level
