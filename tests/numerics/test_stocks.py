"""Bounded stocks: whatever moves them, they stay between 0 and 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.numerics.stocks import clipped, moved, towards

shares = st.floats(0.0, 1.0)
rates = st.floats(0.0, 1e3)


def test_moved_by_hand() -> None:
    assert moved(0.5, 0.2, 0.1) == pytest.approx(0.5 + 0.2 * 0.5 - 0.1 * 0.5)
    assert moved(0.0, 0.0, 0.7) == 0.0
    assert moved(1.0, 0.7, 0.0) == 1.0
    assert moved(0.3, 0.0, 0.0) == 0.3


@given(shares, rates, rates)
def test_a_stock_stays_within_its_bounds(x: float, gain: float, loss: float) -> None:
    assert 0.0 <= moved(x, gain, loss) <= 1.0


@given(shares, shares, shares, shares)
def test_more_gain_never_lowers_and_more_loss_never_raises(x: float, gain: float, loss: float, more: float) -> None:
    assert moved(x, gain + more, loss) >= moved(x, gain, loss)
    assert moved(x, gain, loss + more) <= moved(x, gain, loss)


@given(shares, st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_a_stock_rests_where_gain_and_loss_balance(x: float, gain: float, loss: float) -> None:
    for _ in range(3_000):
        x = moved(x, gain, loss)
    assert x == pytest.approx(gain / (gain + loss))


@given(shares, shares, shares)
def test_towards_goes_part_of_the_way_and_never_past(x: float, goal: float, rate: float) -> None:
    found = towards(x, goal, rate)
    assert min(x, goal) - 1e-15 <= found <= max(x, goal) + 1e-15
    assert abs(goal - found) == pytest.approx((1.0 - rate) * abs(goal - x), abs=1e-15)


def test_towards_and_clipped_at_their_ends() -> None:
    assert towards(0.2, 0.8, 0.0) == 0.2
    assert towards(0.2, 0.8, 1.0) == pytest.approx(0.8)
    assert [clipped(x) for x in (-3.0, -0.0, 0.4, 1.0, 7.0)] == [0.0, 0.0, 0.4, 1.0, 1.0]
