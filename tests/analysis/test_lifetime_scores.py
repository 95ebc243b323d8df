"""Scores of survival curves, worked by hand and on simulated lifetimes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.analysis.lifetime_scores import Watched, advantage, constant_hazard, drawn_out, score, score_fit
from sim.analysis.lifetimes import FAMILIES, Fit, Lifetimes, fit, kaplan_meier

HALF = math.log(2.0)


def halving(age: np.ndarray) -> np.ndarray:
    """Survival that halves every year."""
    return np.exp(-HALF * age)


def watched(*rows: tuple[float, float, float, bool]) -> Watched:
    start, end, limit, is_event = zip(*rows, strict=True)
    return Watched(np.array(start), np.array(end), np.array(limit), np.array(is_event))


def test_the_score_of_years_worked_by_hand() -> None:
    # Event in the second year: ½ · ½. Censored after two years: ½ · ½. Watched from 1.5, event within a year: ½.
    found = score("half", halving, watched((0, 1.4, 3, True), (0, 2, 2, False), (1.5, 2.1, 4, True)))
    assert found.by_lifetime == pytest.approx([-2 * HALF, -2 * HALF, -HALF])
    assert found.log_score == pytest.approx(-5 * HALF)
    assert (found.n_years, found.brier) == (5, pytest.approx(0.25))
    chances = [1 - 0.5**3, 1 - 0.5**2, 1 - 0.5**2.5]
    assert found.expected == pytest.approx(sum(chances))
    assert found.spread == pytest.approx(math.sqrt(sum(p * (1 - p) for p in chances)))


def test_the_last_year_ends_with_watching_and_not_with_the_event() -> None:
    found = score("half", halving, watched((0, 0.3, 0.5, True), (0, 0.3, 9, True), (0, 0.5, 0.5, False)))
    chance = 1 - 0.5**0.5
    assert found.by_lifetime == pytest.approx([math.log(chance), -HALF, math.log(1 - chance)])


def test_the_density_score_conditions_on_the_age_at_the_start() -> None:
    made = Fit("Weibull", 1.0, 1.0 / HALF, 0.0, np.eye(2))
    found = score_fit(made, watched((2, 3.5, 5, True), (0, 1.5, 1.5, False)))
    assert found.log_density == pytest.approx(math.log(HALF) - 1.5 * HALF - 1.5 * HALF)
    assert found.name == "Weibull"


def test_a_surprise_gives_minus_infinity_and_an_overdue_event_has_chance_one() -> None:
    curve = kaplan_meier(Lifetimes(np.array([1.5, 3.5]), np.array([True, True])))
    assert score("steps", curve.survive, watched((0, 0.5, 5, True))).log_score == -math.inf
    overdue = score("steps", curve.survive, watched((4, 4.5, 6, True)))
    assert (overdue.log_score, overdue.expected, overdue.spread) == (0.0, 1.0, 0.0)


def test_the_curve_drawn_out_worked_by_hand() -> None:
    # Hazards 1/3 at age 1 and 1/1 at age 2 (one censored between): straight to 1/3 and 4/3, then on at 2/3 a year.
    survive = drawn_out(Lifetimes(np.array([1.0, 1.5, 2.0]), np.array([True, False, True])))
    assert -np.log(survive(np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0]))) == pytest.approx(
        [0, 1 / 6, 1 / 3, 5 / 6, 4 / 3, 2]
    )


def test_a_constant_hazard_is_events_by_years() -> None:
    survive = constant_hazard(Lifetimes(np.array([1.0, 3.0]), np.array([True, False])))
    assert survive(np.array([0.0, 4.0])) == pytest.approx([1.0, math.exp(-1.0)])


def test_the_true_family_scores_best_on_many_unseen_lifetimes() -> None:
    draw = np.random.default_rng(2)
    true = FAMILIES["log-normal"].rvs(0.4, scale=2.5, size=(2, 1500), random_state=draw)
    seen = Lifetimes(np.minimum(true[0], 4.0), true[0] <= 4.0)
    start = np.zeros(1500)
    unseen = Watched(start, np.minimum(true[1], 6.0), np.full(1500, 6.0), true[1] <= 6.0)
    right, wrong = (score_fit(fit(seen, family), unseen) for family in ("log-normal", "Weibull"))
    flat = score("constant hazard", constant_hazard(seen), unseen)
    gap, error = advantage(right, flat)
    assert gap > 4 * error > 0
    assert right.log_score > wrong.log_score
    assert right.log_density is not None
    assert wrong.log_density is not None
    assert right.log_density > wrong.log_density
    assert right.brier < flat.brier
    assert abs(right.expected - unseen.n_events) < 3 * right.spread


def test_the_advantage_is_a_sum_with_its_error() -> None:
    rows = watched((0, 1, 1, True), (0, 1, 1, False))
    even, sure = score("half", halving, rows), score("sure", lambda age: np.exp(-2 * HALF * age), rows)
    gap, error = advantage(sure, even)
    assert gap == pytest.approx(math.log(1.5) - HALF)
    assert error == pytest.approx(math.sqrt(2) * np.std([math.log(1.5), -HALF], ddof=1))
    steps = score("steps", kaplan_meier(Lifetimes(np.array([5.0]), np.array([True]))).survive, rows)
    assert advantage(steps, even)[0] == -math.inf


@pytest.mark.parametrize("row", [(2.0, 2.0, 3.0, True), (-1.0, 2.0, 3.0, True), (0.0, 2.0, 1.0, False)])
def test_ages_out_of_order_are_refused(row: tuple[float, float, float, bool]) -> None:
    with pytest.raises(ValueError, match="watched from 0"):
        watched(row)
    with pytest.raises(ValueError, match="one length"):
        Watched(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
