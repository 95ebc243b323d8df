"""Expelled industry: strain on the grid and leverage of who sells the power."""

import pytest

from sim.rules.technology import displacement
from sim.world.fields import NOBODY
from tests.rules.made_world import dyad, index, only, run

KAZ = index("states", "KAZ")
RATES = {
    "rate_strain": 0.2,
    "rate_relief": 0.1,
    "rate_purchase": 0.3,
    "rate_leverage": 0.5,
    "usual_leverage": 0.5,
    "rate_ebb": 0.1,
}
PARAMS = only(displacement=RATES)


def test_stress_by_hand():
    # 0.4 + 0.2 · 0.5 · 0.6 − (0.1 + 0.3 · 0.5) · 0.4 = 0.4 + 0.06 − 0.1.
    assert displacement.next_stress(0.4, 0.5, 0.5, PARAMS) == pytest.approx(0.36)
    assert displacement.next_stress(0.4, 0.6, 0.5, PARAMS) > 0.36
    assert displacement.next_stress(0.4, 0.5, 0.6, PARAMS) < 0.36


def test_leverage_by_hand():
    # 0.3 + 0.5 · 0.4 · 0.5 · 0.7 − 0.1 · (0.3 − 0.5 · 0.4) = 0.3 + 0.07 − 0.01.
    assert displacement.next_leverage(0.3, 0.5, 0.4, PARAMS) == pytest.approx(0.36)
    assert displacement.next_leverage(0.3, 0.6, 0.4, PARAMS) > 0.36


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_bounds_hold(value):
    for other in (0.0, 1.0):
        for tie in (0.0, 1.0):
            assert 0.0 <= displacement.next_stress(value, other, tie, PARAMS) <= 1.0
            assert 0.0 <= displacement.next_leverage(value, other, tie, PARAMS) <= 1.0


def test_without_industry_and_tie_both_only_ebb():
    assert displacement.next_stress(0.4, 0.0, 0.0, PARAMS) == pytest.approx(0.36)
    assert displacement.next_leverage(0.3, 1.0, 0.0, PARAMS) == pytest.approx(0.27)


def test_industry_strains_the_grid_first_and_gives_leverage_later(world):
    world["states"]["expelled_industry"][0, KAZ] = 1.0
    world["dyads"]["energy_tie"][0, dyad("KAZ", "RUS")] = 0.8
    world["dyads"]["energy_tie"][0, dyad("KAZ", "CHN")] = 0.1
    russia, china = world[0]["dyads"][dyad("KAZ", "RUS")], world[0]["dyads"][dyad("KAZ", "CHN")]
    params = only(displacement=RATES | {"usual_leverage": 0.0})
    run(displacement, world, params)
    assert world["states"]["grid_stress"][0, KAZ] == pytest.approx(0.2)
    assert russia["energy_leverage"] == 0.0, "it rests on the stress that the quarter began with"
    run(displacement, world, params)
    assert russia["energy_leverage"] == pytest.approx(0.5 * 0.8 * 0.2)
    assert 0.0 < china["energy_leverage"] < russia["energy_leverage"]
    assert world["states"]["grid_stress"].sum() == world["states"]["grid_stress"][0, KAZ]


def test_the_strongest_tie_relieves_and_nobody_has_none(world):
    world["dyads"]["energy_tie"][0, dyad("KAZ", "RUS")] = 0.8
    world["dyads"]["energy_tie"][0, dyad("KAZ", "CHN")] = 0.3
    assert displacement.strongest_tie(world[0], KAZ) == 0.8
    world["states"]["supplier_dyad"] = NOBODY
    assert displacement.strongest_tie(world[0], KAZ) == 0.0
