"""Operators: whose service counts, what bans and isolation take from it, and how much sooner operators renew."""

import math

import pytest

from sim.rules.technology import tenders
from tests.rules.made_world import default_world, index, only, run, settle_base

KAZ, KGZ, TJK = (index("states", iso) for iso in ("KAZ", "KGZ", "TJK"))
BEELINE, TELECOM, HUAWEI = (index("firms", name) for name in ("Beeline", "Kazakhtelecom", "Huawei"))
RUS, KAZ_HOME = index("homes", "RUS"), index("homes", "KAZ")
NETWORKS = index("sectors", "networks")


@pytest.fixture
def served(world):
    """Beeline runs 0.4 of service in Kazakhstan and 0.35 in Kyrgyzstan, Kazakhtelecom 0.3 in Kazakhstan."""
    firms = world["firms"]
    firms["service"][0, BEELINE, [KAZ, KGZ]], firms["service"][0, TELECOM, KAZ] = (0.4, 0.35), 0.3
    firms["is_operator"][0, [BEELINE, TELECOM]] = 1
    return world


def counted(world, retreat=1.0):
    """Operators in Kazakhstan and Kyrgyzstan."""
    tenders.count_operators(world[0], only(vendors={"weight_retreat": retreat}))
    assert (world["states"]["operators"][0] > 0.0).sum() <= 2, "nobody serves the others"
    return world["states"]["operators"][0, [KAZ, KGZ]].tolist()


def test_the_service_of_all_operators_in_a_state_adds_up(served):
    served["states"]["operators"] = 0.9
    assert counted(served) == pytest.approx([0.7, 0.35])
    assert counted(served) == pytest.approx([0.7, 0.35]), "counted anew, not added to"


def test_service_is_never_more_than_the_whole(served):
    served["firms"]["service"][0, TELECOM, KAZ] = 0.9
    assert counted(served) == pytest.approx([1.0, 0.35])


def test_a_ban_takes_its_part_of_a_firms_service_where_it_holds(served):
    # Kazakhstan: 0.4 · (1 − 0.6) + 0.3.
    served["firms"]["ban"][0, BEELINE, KAZ] = 0.6
    assert counted(served) == pytest.approx([0.46, 0.35])
    served["firms"]["ban"][0, BEELINE, KAZ] = 1.0
    assert counted(served) == pytest.approx([0.3, 0.35])


def test_isolation_of_a_home_takes_its_part_of_its_operators_service_everywhere(served):
    # Kazakhstan: 0.4 · (1 − 0.5) + 0.3; Kyrgyzstan: 0.35 · 0.5.
    served["homes"]["isolation"][0, RUS] = 0.5
    assert counted(served) == pytest.approx([0.5, 0.175])
    assert counted(served, 0.4) == pytest.approx([0.62, 0.28]), "the less, the less the home retreats: by 0.4 · 0.5"
    assert counted(served, 0.0) == pytest.approx([0.7, 0.35])
    served["homes"]["isolation"][0, RUS] = 1.0
    assert counted(served) == pytest.approx([0.3, 0.0])
    served["homes"]["isolation"][0, RUS], served["homes"]["isolation"][0, KAZ_HOME] = 0.0, 1.0
    assert counted(served) == pytest.approx([0.4, 0.35])


def test_who_is_no_operator_and_serves_nobody_counts_for_nothing(world):
    world["firms"]["is_operator"][0, HUAWEI] = 1
    assert counted(world) == [0.0, 0.0]


def test_the_default_worlds_operators_are_counted_each_quarter(world):
    table = default_world().record["firms"]
    world["firms"]["service"], world["firms"]["is_operator"] = table["service"], table["is_operator"]
    run(tenders, world, only(tenders={"nest_scale": 1.0}))
    assert world["states"]["operators"][0, [KAZ, KGZ, TJK]] == pytest.approx([0.7, 0.35, 0.25])


@pytest.mark.parametrize(("operators", "use"), [(0.5, 0.4), (1.0, 0.4), (0.5, 1.0), (0.5, 0.0), (0.0, 1.0)])
def test_operators_renew_sooner_by_their_service_and_the_sectors_use_by_them(world, operators, use):
    cell = settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    state, sector = world[0]["states"][KGZ], world[0]["sectors"][NETWORKS]
    state["operators"], sector["operators"] = operators, use
    rates = [
        tenders.tender_rate(cell, state, sector, 0.0, 0.0, only(tenders={"rate_tender": 0.01, "weight_operators": w}))
        for w in (0.0, 2.0)
    ]
    assert rates[0] == 0.01
    assert rates[1] == pytest.approx(0.01 * math.exp(2.0 * operators * use))
