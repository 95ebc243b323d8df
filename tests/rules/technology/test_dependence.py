"""Measures of dependence, by hand and at their limits."""

import numpy as np
import pytest

from sim.rules.technology import dependence
from tests.rules.made_world import index, only, run, settle_base

KGZ, KAZ = index("states", "KGZ"), index("states", "KAZ")
CHN, USA, KAZ_HOME = (index("homes", iso) for iso in ("CHN", "USA", "KAZ"))
HUAWEI = index("firms", "Huawei")
PARAMS = only(dependence={"weight_lock_in": 0.5, "rate_prominence": 0.1}, outage={"common_mode": 1.5})


@pytest.fixture
def measured(world):
    """Kyrgyzstan has 0.5 of networks, 0.8 of it Chinese, and 0.4 of surveillance, all Chinese; capacity 0.25."""
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.6, "ZTE": 0.2, "Western networks": 0.2})
    settle_base(world, "KGZ", "surveillance", 0.4, {"Hikvision": 1.0})
    sectors = world["sectors"][0]
    for key, criticality, lock_in, renewal, cost in (("networks", 0.3, 0.6, 32, 10), ("surveillance", 0.2, 0.4, 24, 5)):
        sector = sectors[index("sectors", key)]
        sector["criticality"], sector["lock_in"], sector["renewal"], sector["cost"] = (
            criticality,
            lock_in,
            renewal,
            cost,
        )
    world["states"]["local_capacity"][0, KGZ] = 0.25
    run(dependence, world, PARAMS)
    return world[0]["states"][KGZ]


def test_dependence_by_hand(measured):
    # China: (0.3 · 0.5 · 0.8 + 0.2 · 0.4) · 0.75 = 0.2 · 0.75 = 0.15. West: 0.3 · 0.5 · 0.2 · 0.75 = 0.0225.
    assert measured["dependence"][CHN] == pytest.approx(0.15)
    assert measured["dependence"][USA] == pytest.approx(0.0225)
    assert measured["dependence"].sum() == pytest.approx(0.1725)


def test_concentration_by_hand(measured):
    # Bases 0.2 and 0.03 of 0.23: (0.04 + 0.0009) / 0.0529.
    assert measured["concentration"] == pytest.approx(0.0409 / 0.0529)


def test_supply_by_hand(measured):
    # What dependence rests on before skill at home: China 0.3 · 0.5 · 0.8 + 0.2 · 0.4, the West 0.3 · 0.5 · 0.2.
    assert measured["supply"][CHN] == pytest.approx(0.2)
    assert measured["supply"].sum() == pytest.approx(0.23)


def test_capacity_gap_by_hand(measured, world):
    # Nothing of 0.23 is beyond the skill of 0.25; of skill 0.1 it is 0.13.
    assert measured["capacity_gap"] == 0.0
    world["states"]["local_capacity"][0, KGZ] = 0.1
    run(dependence, world, PARAMS)
    assert measured["capacity_gap"] == pytest.approx(0.13)
    assert world["states"]["capacity_gap"][0, KAZ] == 0.0


def test_bidders_by_hand(measured, world):
    assert measured["bidders"] == 0.0, "without tenders"
    world["states"]["cum_tenders"][0, KGZ], world["states"]["cum_bidders"][0, KGZ] = 4.0, 10.0
    run(dependence, world, PARAMS)
    assert measured["bidders"] == pytest.approx(2.5)
    assert world["states"]["bidders"][0].sum() == pytest.approx(2.5)


def test_exit_and_exposure_by_hand(measured):
    # China, the largest: a·x = 0.3 · 0.4 = 0.12 and 0.2 · 0.4 = 0.08; exposure 0.75 · (0.2 + 1.5 · 0.0096) = 0.1608.
    # Cost 10 · 0.4 · (1 + 0.5 · 0.6) + 5 · 0.4 · (1 + 0.5 · 0.4) = 5.2 + 2.4. Time 32 · 0.4 · (2 − 0.25) = 22.4.
    assert measured["outage_exposure"] == pytest.approx(0.1608)
    assert measured["exit_cost"] == pytest.approx(7.6)
    assert measured["exit_time"] == pytest.approx(22.4)


def test_what_is_held_of_a_cell_is_the_largest_homes(measured, world):
    assert world["cells"]["hold"][0, KGZ, index("sectors", "networks")] == pytest.approx(0.4)
    assert world["cells"]["hold"][0, KGZ, index("sectors", "cloud")] == 0.0


def test_markets_by_hand(measured, world):
    # Huawei 0.3 · 0.5 · 0.6 = 0.09, ZTE 0.03, West 0.03, Hikvision 0.08: 0.23 in all.
    market = world["measures"]["market"][0]
    assert market[CHN] == pytest.approx(0.20 / 0.23)
    assert market.sum() == pytest.approx(1.0)
    assert world["firms"]["prominence"][0, HUAWEI] == pytest.approx(0.1 * 0.09 / 0.23)


def test_prominence_approaches_the_share_of_the_market(measured, world):
    for _ in range(300):
        run(dependence, world, PARAMS)
    assert world["firms"]["prominence"][0, HUAWEI] == pytest.approx(0.09 / 0.23)
    assert world["firms"]["prominence"][0].sum() == pytest.approx(1.0)


def test_a_state_does_not_depend_on_itself(world):
    settle_base(world, "KAZ", "surveillance", 0.4, {"Kazakh supplier": 0.7, "Hikvision": 0.3})
    run(dependence, world, PARAMS)
    state = world[0]["states"][KAZ]
    assert state["dependence"][KAZ_HOME] == 0.0
    assert state["dependence"][CHN] > 0.0
    assert state["concentration"] > 0.5, "its own firms do count in concentration"
    assert state["supply"][KAZ_HOME] > state["supply"][CHN]
    renewal = world["sectors"]["renewal"][0, index("sectors", "surveillance")]
    assert state["exit_time"] == pytest.approx(renewal * 0.12 * 2.0), "exit is measured for the largest foreign home"


def test_full_capacity_ends_dependence(world):
    settle_base(world, "KGZ", "networks", 1.0, {"Huawei": 1.0})
    world["states"]["local_capacity"] = 1.0
    run(dependence, world, PARAMS)
    state = world[0]["states"][KGZ]
    assert state["dependence"].sum() == state["outage_exposure"] == 0.0
    assert state["concentration"] == 1.0
    assert state["exit_cost"] > 0.0


def test_where_nothing_is_installed_everything_is_zero(world):
    measures = ("concentration", "exit_cost", "exit_time", "outage_exposure", "dependence", "supply", "capacity_gap")
    for name in measures:
        world["states"][name] = 0.7
    world["measures"]["market"] = 0.3
    run(dependence, world, PARAMS)
    for name in measures:
        assert not world["states"][name].any()
    assert not world["measures"]["market"].any()


def test_dependence_rises_with_the_base_and_falls_with_capacity(world):
    results = []
    for penetration, capacity in ((0.4, 0.3), (0.5, 0.3), (0.5, 0.4)):
        settle_base(world, "KGZ", "networks", penetration, {"Huawei": 1.0})
        world["states"]["local_capacity"] = capacity
        run(dependence, world, PARAMS)
        results.append(float(world["states"]["dependence"][0, KGZ, CHN]))
    assert results[1] > results[0]
    assert results[2] < results[1]


def test_all_numbers_of_dependence_are_shares(world):
    world["cells"]["penetration"] = 1.0
    world["cells"]["share"][..., 0] = 1.0
    run(dependence, world, PARAMS)
    assert (world["states"]["outage_exposure"] <= 1.0).all()
    assert (np.abs(world["states"]["dependence"].sum(-1)) <= 1.0 + 1e-9).all()
