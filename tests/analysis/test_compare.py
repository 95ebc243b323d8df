from __future__ import annotations

import math

import numpy as np
import pytest

from sim.analysis.compare import NEVER, Opening, actor, opening, shares
from sim.analysis.pairs import mean_interval


def series(*gaps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return three pairs of runs whose differences are a gap a quarter, with a little luck where it is not 0."""
    luck = np.array([[-0.01], [0.0], [0.01]])
    wide = np.array([gaps])
    before = np.linspace(0.2, 0.9, 3)[:, None] + np.zeros((3, len(gaps)))
    return before, before + wide + luck * (wide != 0.0)


def test_mean_and_interval_by_hand_for_every_quarter() -> None:
    # gaps 0, 1, 2 and 5, 5, 5: mean 1, sd 1, t(0.975, 2) = 4.3027; and a point
    mean, low, high = mean_interval(np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]]))
    half = 4.302653 / math.sqrt(3)
    assert mean.tolist() == [1.0, 5.0]
    assert low.tolist() == pytest.approx([1.0 - half, 5.0], rel=1e-6)
    assert high.tolist() == pytest.approx([1.0 + half, 5.0], rel=1e-6)


def test_one_pair_has_no_interval() -> None:
    mean, low, high = mean_interval(np.array([[3.0]]))
    assert (mean[0], math.isnan(low[0]), math.isnan(high[0])) == (3.0, True, True)


def test_it_opens_with_the_first_quarter_of_a_year_that_leaves_zero_out() -> None:
    before, after = series(0.0, 0.0, 0.5, 0.0, 0.5, 0.5, 0.5, 0.5, 0.0)
    assert opening(before, after) == Opening(differs=2, opens=4)
    assert opening(after, before) == Opening(differs=2, opens=4)


def test_a_shorter_spell_and_a_change_of_side_do_not_open_it() -> None:
    assert opening(*series(0.0, 0.5, 0.5, 0.5, 0.0, 0.0)) == Opening(1, NEVER)
    assert opening(*series(0.5, 0.5, -0.5, -0.5, 0.5, 0.5)) == Opening(0, NEVER)
    assert opening(*series(0.0, 0.5, 0.5)) == Opening(1, NEVER)


def test_equal_runs_neither_differ_nor_open() -> None:
    before, after = series(0.0, 0.0, 0.0, 0.0)
    before[:, 1] = after[:, 1] = np.nan
    assert opening(before, after) == Opening(NEVER, NEVER)


def test_a_difference_that_luck_may_make_differs_and_does_not_open() -> None:
    before = np.zeros((4, 6))
    after = np.array([[1.0], [-1.0], [2.0], [-1.9]]) * np.ones(6)
    assert opening(before, after) == Opening(0, NEVER)


def test_shares_count_a_rise_and_a_fall_alike_and_leave_out_what_is_still() -> None:
    assert shares({"A": 1.0, "B": -3.0, "C": 0.0}) == [("B", 0.75), ("A", 0.25)]
    assert shares({"B": -1.0, "A": 1.0}) == [("A", 0.5), ("B", 0.5)]
    assert shares({"A": 0.0}) == []


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("states[KGZ].dependence[CHN]", "KGZ"),
        ("dyads[KGZ>CHN].debt", "KGZ"),
        ("cells[KGZ,devices].share[Xiaomi]", "KGZ"),
        ("groups[Hayat Tahrir al-Sham].hard", "Hayat Tahrir al-Sham"),
        ("measures.cum_answers[refuse]", ""),
        ("politics.tension", ""),
    ],
)
def test_an_actor_is_the_first_name_of_a_row(address: str, who: str) -> None:
    assert actor(address) == who
