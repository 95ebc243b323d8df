"""Scenario acts put in force what is set from outside, for as long as it holds."""

import pytest

from sim.rules import scenario_acts
from sim.world.records import GIFT, NEVER, NOBODY, TENDER, TIED_LOAN
from tests.rules.made_world import QUARTER, dyad, index, only, order, run, slot

KAZ, CHN, HUAWEI = index("states", "KAZ"), index("homes", "CHN"), index("firms", "Huawei")
NETWORKS = index("sectors", "networks")


def act(world, quarter=QUARTER):
    world["clock"]["quarter"] = quarter
    return run(scenario_acts, world, only())


def test_nothing_ordered_leaves_every_level_at_its_base(world):
    world["states"]["leader_base"][0, KAZ], world["homes"]["subsidy_base"][0, CHN] = 0.3, 0.4
    world["states"]["leader_demand"], world["homes"]["isolation"], world["dyads"]["quarrel"] = 0.9, 0.9, 0.9
    done = act(world)
    assert done["states"]["leader_demand"][KAZ] == 0.3
    assert done["homes"]["subsidy"][CHN] == 0.4
    assert done["homes"]["isolation"].max() == done["dyads"]["quarrel"].max() == 0.0
    assert (done["cells"]["order_slot"] == NOBODY).all()
    assert (done["institutions"]["level_order"] == -1.0).all()


@pytest.mark.parametrize(("quarter", "holds"), [(99, False), (100, True), (103, True), (104, False)])
def test_a_level_holds_from_its_first_quarter_until_its_end(world, quarter, holds):
    order(world, "tension", start=100, end=104, strength=0.6)
    assert act(world, quarter)["politics"]["tension_declared"] == (0.6 if holds else 0.0)


@pytest.mark.parametrize(
    ("kind", "table", "field", "actor"),
    [
        ("pandemic", "politics", "pandemic_declared", None),
        ("tension", "politics", "tension_declared", None),
        ("capacity_drive", "states", "drive", KAZ),
        ("expelled_industry", "states", "expelled_industry", KAZ),
        ("isolation", "homes", "isolation", CHN),
        ("sanction", "firms", "sanction_declared", HUAWEI),
        ("outage", "firms", "failing_declared", HUAWEI),
    ],
)
def test_the_strongest_of_several_counts_and_nobody_else_is_touched(world, kind, table, field, actor):
    for strength in (0.3, 0.6, 0.5):
        order(world, kind, NOBODY if actor is None else actor, strength=strength)
    level = act(world)[table][field]
    assert (level if actor is None else level[actor]) == 0.6
    assert level.sum() == 0.6


def test_subsidies_and_prices_add_up_within_their_ranges(world):
    world["homes"]["subsidy_base"][0, CHN] = 0.4
    order(world, "subsidy", CHN, strength=0.3)
    order(world, "price", CHN, strength=-0.6)
    order(world, "price", CHN, strength=0.2)
    done = act(world)["homes"][CHN]
    assert done["subsidy"] == pytest.approx(0.7)
    assert done["price_shift"] == pytest.approx(-0.4)
    order(world, "subsidy", CHN, strength=0.8)
    order(world, "price", CHN, strength=-0.9)
    done = act(world)["homes"][CHN]
    assert done["subsidy"] == 1.0
    assert done["price_shift"] == -0.9


def test_a_leaders_demand_is_set_by_the_last_in_the_list(world):
    order(world, "leader_demand", KAZ, strength=0.9)
    order(world, "leader_demand", KAZ, strength=0.2)
    assert act(world)["states"]["leader_demand"][KAZ] == 0.2


def test_levels_towards_a_state_reach_that_state_alone(world):
    order(world, "ban", HUAWEI, KAZ, strength=0.8)
    order(world, "training", HUAWEI, KAZ, strength=0.4)
    order(world, "quarrel", KAZ, CHN, strength=0.7)
    done = act(world)
    assert done["firms"]["ban_declared"][HUAWEI, KAZ] == done["firms"]["ban_declared"].sum() == 0.8
    assert done["firms"]["programme_order"][HUAWEI, KAZ] == done["firms"]["programme_order"].sum() == 0.4
    assert done["dyads"]["quarrel"][dyad("KAZ", "CHN")] == done["dyads"]["quarrel"].sum() == 0.7


def test_nobody_quarrels_with_its_own_home(world):
    order(world, "quarrel", KAZ, index("homes", "KAZ"), strength=0.7)
    assert act(world)["dyads"]["quarrel"].sum() == 0.0


@pytest.mark.parametrize(("kind", "mode"), [("gift", GIFT), ("tied_loan", TIED_LOAN), ("award", TENDER)])
def test_an_award_is_ordered_once_in_the_slot_of_its_firm(world, kind, mode):
    order(world, kind, HUAWEI, KAZ, NETWORKS, start=QUARTER, end=QUARTER + 1, strength=0.2)
    cell = act(world)["cells"][KAZ, NETWORKS]
    assert (cell["order_slot"], cell["order_mode"], cell["order_size"]) == (slot("networks", "Huawei"), mode, 0.2)
    assert (act(world, QUARTER + 1)["cells"]["order_slot"] == NOBODY).all()


def test_a_firm_that_does_not_sell_in_the_sector_gets_no_order(world):
    order(world, "award", index("firms", "Apple"), KAZ, NETWORKS, start=QUARTER, end=QUARTER + 1)
    assert (act(world)["cells"]["order_slot"] == NOBODY).all()


def test_crackdowns_and_agreements_are_ordered_in_their_quarter_only(world):
    order(world, "crackdown", HUAWEI, start=QUARTER, end=QUARTER + 1, strength=0.6)
    order(world, "agreement", 0, NOBODY, 2, start=QUARTER, end=QUARTER + 1, strength=0.5)
    done = act(world)
    assert done["firms"]["crackdown_order"][HUAWEI] == 0.6
    assert done["institutions"]["level_order"][0, 2] == 0.5
    done = act(world, QUARTER + 1)
    assert done["firms"]["crackdown_order"].sum() == 0.0
    assert (done["institutions"]["level_order"] == -1.0).all()


def test_joining_and_leaving_change_the_dates(world):
    order(world, "join", 0, KAZ, start=QUARTER, end=QUARTER + 1)
    order(world, "leave", 0, KAZ, start=QUARTER + 8, end=QUARTER + 9)
    institution = act(world)["institutions"][0]
    assert (institution["joins"][KAZ], institution["leaves"][KAZ]) == (QUARTER, NEVER)
    assert act(world, QUARTER + 8)["institutions"][0]["leaves"][KAZ] == QUARTER + 8
