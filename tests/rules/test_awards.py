"""What every award does: its cost by hand, what it installs and counts, and what a loan adds to a debt."""

import numpy as np
import pytest

from sim.rules import awards
from sim.world.records import GIFT, TENDER
from tests.rules.made_world import dyad, index, only, settle_base, slot

KGZ, KAZ, CHN = index("states", "KGZ"), index("states", "KAZ"), index("homes", "CHN")
NETWORKS, SURVEILLANCE = index("sectors", "networks"), index("sectors", "surveillance")
HUAWEI, ZTE = slot("networks", "Huawei"), slot("networks", "ZTE")


def given(**values):
    return only(tenders={"cost_replacement": 2.0, "rate_purchases": 0.1, "concession": 0.4, **values})


def test_the_cost_of_an_award_by_hand(world):
    # 10 · 0.8 · (build 0.1 + replaced 0.5·0.4 · (1 + (2 − 1) · 0.75 of others)) = 8 · 0.45 = 3.6.
    cell = settle_base(world, "KGZ", "networks", 0.4, {"Huawei": 0.25, "ZTE": 0.75})
    world["sectors"]["cost"][0, NETWORKS] = 10.0
    sector = world[0]["sectors"][NETWORKS]
    assert awards.build_cost(cell, sector, HUAWEI, 0.1, 0.5, 0.8, given()) == pytest.approx(3.6)
    # One's own base costs less: 8 · (0.1 + 0.2 · 1.25) = 2.8.
    assert awards.build_cost(cell, sector, ZTE, 0.1, 0.5, 0.8, given()) == pytest.approx(2.8)
    assert awards.build_cost(cell, sector, HUAWEI, 0.1, 0.0, 0.8, given()) == pytest.approx(0.8), "a build alone"


def test_an_award_is_installed_marked_and_counted(world):
    cell = settle_base(world, "KGZ", "networks", 0.5, {"ZTE": 1.0})
    cell["age"] = 16
    world["states"]["foreign_purchases"][0, KGZ] = 0.4
    awards.carry_out(world[0], KGZ, NETWORKS, HUAWEI, GIFT, 0.1, 0.4, given())
    # 0.5 · (1 − 0.4) = 0.3 of ZTE's base is left; Huawei has 0.2 + 0.1 = 0.3 of 0.6.
    assert cell["penetration"] == pytest.approx(0.6)
    assert cell["share"][[HUAWEI, ZTE]] == pytest.approx([0.5, 0.5])
    assert (cell["age"], cell["award_slot"], cell["award_mode"]) == (0.0, HUAWEI, GIFT)
    assert cell["cum_awards"][HUAWEI] == world["cells"]["cum_awards"].sum() == 1.0
    assert world["states"]["cum_awards"][0, KGZ, CHN] == world["states"]["cum_awards"].sum() == 1.0
    # 0.4 + 0.1 · (1 − 0.4).
    assert world["states"]["foreign_purchases"][0, KGZ] == pytest.approx(0.46)
    assert np.delete(world["states"]["foreign_purchases"][0], KGZ).max() == 0.0
    awards.carry_out(world[0], KGZ, NETWORKS, ZTE, TENDER, 0.1, 0.4, given())
    assert world["states"]["cum_awards"][0, KGZ, CHN] == 2.0
    assert cell["cum_awards"][[HUAWEI, ZTE]].tolist() == [1.0, 1.0]


def test_an_award_at_home_lowers_the_foreign_share_of_purchases(world):
    world["states"]["foreign_purchases"][0, KAZ] = 0.5
    own = slot("surveillance", "Kazakh supplier")
    awards.carry_out(world[0], KAZ, SURVEILLANCE, own, TENDER, 0.1, 0.0, given())
    assert world["states"]["foreign_purchases"][0, KAZ] == pytest.approx(0.45)
    assert world["states"]["cum_awards"][0, KAZ, index("homes", "KAZ")] == 1.0


def test_what_is_bought_on_a_loan_is_owed_at_its_concession_and_never_without_limit(world):
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    relation["debt"] = 1.0
    awards.owe(relation, 3.0, given())
    assert relation["debt"] == pytest.approx(1.0 + 3.0 * 0.6)
    awards.owe(relation, 1000.0, given())
    assert relation["debt"] == 60.0
    awards.owe(relation, 1.0, given())
    assert world["dyads"]["debt"].sum() == 60.0
