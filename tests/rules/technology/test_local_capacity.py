"""Local capacity and the ambition behind it."""

import pytest

from sim.rules.technology import local_capacity
from tests.rules.made_world import index, only, run

KGZ = index("states", "KGZ")
RATES = {
    "rate_ambition": 0.1,
    "effort_base": 0.4,
    "weight_bonus": 0.5,
    "rate_effort": 0.05,
    "crowding": 0.5,
    "rate_spillover": 0.02,
    "rate_decay": 0.01,
}
PARAMS = only(local_capacity=RATES)


def test_effort_by_hand():
    # 0.5 · (0.4 + 0.5 · 0.6) + 0.1 = 0.45.
    assert local_capacity.effort_of(0.5, 0.6, 0.1, PARAMS) == pytest.approx(0.45)
    assert local_capacity.effort_of(1.0, 1.0, 1.0, PARAMS) == 1.0
    assert local_capacity.effort_of(0.0, 1.0, 0.0, PARAMS) == 0.0


def test_capacity_by_hand():
    # 0.4 + 0.6 · (0.05 · 0.5 · (1 − 0.5 · 0.8) + 0.02 · 0.3) − 0.01 · 0.4 = 0.4 + 0.6 · 0.021 − 0.004.
    assert local_capacity.next_capacity(0.4, 0.5, 0.8, 0.3, PARAMS) == pytest.approx(0.4086)


@pytest.mark.parametrize(("place", "sign"), [(1, +1), (2, -1), (3, +1)], ids=["effort", "foreign purchases", "trained"])
def test_the_direction_of_each_input(place, sign):
    inputs = [0.4, 0.5, 0.5, 0.3]
    before = local_capacity.next_capacity(*inputs, PARAMS)
    inputs[place] += 0.2
    assert (local_capacity.next_capacity(*inputs, PARAMS) - before) * sign > 0.0


@pytest.mark.parametrize("name", ["rate_effort", "rate_spillover"])
def test_capacity_rises_with_each_rate_of_gain(name):
    more = only(local_capacity=RATES | {name: 2 * RATES[name]})
    assert local_capacity.next_capacity(0.4, 0.5, 0.5, 0.5, more) > local_capacity.next_capacity(
        0.4, 0.5, 0.5, 0.5, PARAMS
    )


@pytest.mark.parametrize("name", ["crowding", "rate_decay"])
def test_capacity_falls_with_crowding_and_decay(name):
    more = only(local_capacity=RATES | {name: 2 * RATES[name]})
    assert local_capacity.next_capacity(0.4, 0.5, 0.5, 0.5, more) < local_capacity.next_capacity(
        0.4, 0.5, 0.5, 0.5, PARAMS
    )


def test_the_limits():
    assert local_capacity.next_capacity(0.0, 0.0, 1.0, 0.0, PARAMS) == 0.0
    assert local_capacity.next_capacity(1.0, 1.0, 0.0, 1.0, PARAMS) == pytest.approx(0.99)


def test_buying_abroad_limits_development_and_does_not_erode_it():
    bought = local_capacity.next_capacity(0.4, 0.0, 1.0, 0.0, PARAMS)
    assert bought == local_capacity.next_capacity(0.4, 0.0, 0.0, 0.0, PARAMS)


def test_ambition_follows_the_leaders_demand_before_effort_is_made(world):
    world["states"]["leader_demand"][0, KGZ] = 1.0
    run(local_capacity, world, PARAMS)
    # Ambition 0.1, effort 0.1 · 0.9 = 0.09, capacity 0.05 · 0.09.
    assert world["states"]["ambition"][0, KGZ] == pytest.approx(0.1)
    assert world["states"]["local_capacity"][0, KGZ] == pytest.approx(0.0045)
    assert world["states"]["local_capacity"][0].sum() == pytest.approx(0.0045)


def test_a_drive_from_outside_is_effort(world):
    world["states"]["drive"][0, KGZ] = 0.5
    run(local_capacity, world, PARAMS)
    assert world["states"]["local_capacity"][0, KGZ] == pytest.approx(0.025)
