"""Outages: what is lost when a firm's equipment fails, how firms fail and mend, and who learns from it."""

import numpy as np
import pytest

from sim.rules.technology import outage
from tests.rules.made_world import index, only, run, settle_base

KGZ, HUAWEI, ZTE = index("states", "KGZ"), index("firms", "Huawei"), index("firms", "ZTE")
ALWAYS = 1e9


def given(**values):
    return only(outage={"common_mode": 1.5, **values})


def test_a_failing_firm_costs_service_where_it_is_installed(world):
    # Networks: 0.3 · (0.5 failing · 0.6 share) · 0.5 = 0.045; surveillance, 0.2 · (0.5 · 1) · 0.4 = 0.04.
    # (1 − 0.2) · (0.085 + 1.5 · 0.0018) = 0.07016.
    world["firms"]["failing_declared"][0, HUAWEI] = 0.5
    world["sectors"]["criticality"][0, index("sectors", "networks")] = 0.3
    world["sectors"]["criticality"][0, index("sectors", "surveillance")] = 0.2
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.6, "ZTE": 0.4})
    settle_base(world, "KGZ", "surveillance", 0.4, {"Huawei": 1.0})
    settle_base(world, "UZB", "networks", 0.5, {"ZTE": 1.0})
    world["states"]["local_capacity"] = 0.2
    run(outage, world, given())
    assert world["states"]["service_lost"][0, KGZ] == pytest.approx(0.07016)
    assert world["states"]["service_lost"][0].sum() == pytest.approx(0.07016)


def test_two_failing_firms_add_up(world):
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.6, "ZTE": 0.4})
    world["sectors"]["criticality"] = 0.3
    world["firms"]["failing_declared"][0, [HUAWEI, ZTE]] = 1.0
    run(outage, world, given())
    assert world["states"]["service_lost"][0, KGZ] == pytest.approx(0.15)


def test_no_failure_no_loss(world):
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    world["states"]["service_lost"] = 0.4
    run(outage, world, given())
    assert not world["states"]["service_lost"].any()


def test_equipment_mends_by_a_rate_and_in_the_end_wholly(world):
    world["firms"]["failing"][0, HUAWEI] = 0.8
    run(outage, world, given(rate_repair=0.5))
    assert world["firms"]["failing"][0, HUAWEI] == pytest.approx(0.4)
    for _ in range(12):
        run(outage, world, given(rate_repair=0.5))
    assert world["firms"]["failing"][0, HUAWEI] == 0.0


def test_a_declared_failure_holds_while_it_is_declared(world):
    world["firms"]["failing_declared"][0, HUAWEI] = 0.3
    for _ in range(3):
        run(outage, world, given(rate_repair=0.9))
    assert world["firms"]["failing"][0, HUAWEI] == 0.3


def test_a_firm_that_fails_by_chance_fails_with_the_severity(world):
    run(outage, world, given(rate_failure=ALWAYS, severity=0.4))
    np.testing.assert_allclose(world["firms"]["failing"], 0.4)
    run(outage, world, given(rate_failure=0.0, severity=0.4, rate_repair=1.0))
    assert not world["firms"]["failing"].any()


def test_sanctioned_firms_fail_more_often(world):
    world["firms"]["sanction"][0, HUAWEI] = 1.0
    failures = np.zeros(len(world["firms"][0]))
    for replication in range(200):
        world["firms"]["failing"] = 0.0
        run(outage, world, given(rate_failure=0.05, weight_sanction=6.0, severity=0.5), replication)
        failures += world["firms"]["failing"][0] > 0
    # 1 − exp(−0.05 · 7) = 0.295 and 1 − exp(−0.05) = 0.049.
    assert failures[HUAWEI] / 200 == pytest.approx(0.295, abs=0.1)
    assert np.delete(failures, HUAWEI).mean() / 200 == pytest.approx(0.049, abs=0.02)


def test_hedging_by_hand():
    # 0.3 + 0.5 · 0.4 · 0.7 − 0.1 · (0.3 − 0.2) = 0.3 + 0.14 − 0.01.
    params = given(gain_hedging=0.5, rate_forget=0.1)
    assert outage.next_hedging(0.3, 0.2, 0.4, params) == pytest.approx(0.43)
    assert outage.next_hedging(0.3, 0.2, 0.5, params) > 0.43
    assert outage.next_hedging(0.2, 0.2, 0.0, params) == pytest.approx(0.2), "without a loss it stays as usual"
    assert outage.next_hedging(1.0, 1.0, 1.0, params) == 1.0


def test_those_hit_come_to_hedge(world):
    world["firms"]["failing_declared"][0, HUAWEI] = 1.0
    settle_base(world, "KGZ", "networks", 1.0, {"Huawei": 1.0})
    world["sectors"]["criticality"] = 0.4
    run(outage, world, given(gain_hedging=0.5))
    assert world["states"]["hedging"][0, KGZ] == pytest.approx(0.2)
    assert world["states"]["hedging"][0].sum() == pytest.approx(0.2)
