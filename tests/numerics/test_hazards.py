"""Hazards in discrete time: probabilities of a rate, and by how much an event was missed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.numerics.hazards import happens, margin, probability
from tests.numerics.addressed import draws

rates = st.floats(0.0, 50.0)
inside = st.floats(1e-9, 1.0 - 1e-9)


def test_probability_by_hand() -> None:
    assert probability(0.0) == 0.0
    assert probability(math.log(2.0)) == pytest.approx(0.5)
    assert probability(1e6) == 1.0


@given(rates, rates)
def test_probability_rises_with_the_rate_and_two_hazards_compete(one: float, other: float) -> None:
    assert 0.0 <= probability(one) <= 1.0
    assert probability(one + other) >= probability(one)
    assert 1.0 - probability(one + other) == pytest.approx((1.0 - probability(one)) * (1.0 - probability(other)))


def test_an_event_happens_where_the_draw_lies_below_its_probability_by_hand() -> None:
    assert not happens(0.0, 0.0)
    assert happens(math.log(2.0), 0.49)
    assert not happens(math.log(2.0), 0.51), "below the rate, 0.69, but not below the probability"
    assert happens(1e6, 1.0 - 1e-12)


@given(rates, inside)
def test_an_event_happens_just_where_the_draw_lies_below_its_probability(rate: float, u: float) -> None:
    assume(abs(probability(rate) - u) > 1e-12)
    assert happens(rate, u) == (u < probability(rate))


def test_addressed_events_happen_as_often_as_their_rate_says() -> None:
    """Time to event at a constant rate a quarter is geometric: its mean is 1/p."""
    p = probability(0.3)
    n_runs, n_quarters = 4_000, 80
    u = draws(replication=np.repeat(np.arange(n_runs), n_quarters), quarter=np.tile(np.arange(n_quarters), n_runs))
    happened = u.reshape(n_runs, n_quarters) < p
    assert happened.any(axis=1).all()
    waited = happened.argmax(axis=1) + 1
    assert waited.mean() == pytest.approx(1.0 / p, abs=4.0 * math.sqrt(1.0 - p) / p / math.sqrt(n_runs))


@given(inside, inside)
def test_the_margin_is_positive_just_where_the_event_happened(p: float, u: float) -> None:
    assume(abs(p - u) > 1e-12)
    assert (margin(p, u) > 0.0) == (u < p)


def test_margin_is_a_difference_of_log_odds() -> None:
    assert margin(0.5, 0.5) == 0.0
    assert margin(0.9, 0.5) == pytest.approx(math.log(9.0))
    assert margin(0.5, 0.9) == pytest.approx(-math.log(9.0))
    assert margin(0.0, 0.5) == -math.inf
    assert margin(1.0, 0.5) == math.inf
