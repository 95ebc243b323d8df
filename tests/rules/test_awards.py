"""What every award does: its cost by hand, what it installs and counts, who pays; and what draws a home to offer."""

import numpy as np
import pytest

from sim.rules import awards
from sim.world.fields import NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN
from tests.rules.made_world import dyad, index, only, settle_base, slot

KGZ, KAZ, CHN = index("states", "KGZ"), index("states", "KAZ"), index("homes", "CHN")
NETWORKS, SURVEILLANCE = index("sectors", "networks"), index("sectors", "surveillance")
HUAWEI, ZTE = slot("networks", "Huawei"), slot("networks", "ZTE")


def given(**values):
    return only(
        tenders={"cost_replacement": 2.0, "rate_purchases": 0.1, "concession": 0.4, "build_size": 0.2, **values}
    )


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


# What an award builds and costs, carried out as far as the state can pay


def settled(world, mode, purse):
    """Settle an award to Huawei of a build in Kyrgyzstan's networks, half of it ZTE's; cost of the whole: 3."""
    cell = settle_base(world, "KGZ", "networks", 0.5, {"ZTE": 1.0})
    world["sectors"]["cost"][0, NETWORKS] = 10.0
    world["sectors"]["renewal"][0, NETWORKS] = 32
    cell["age"] = 16
    cell["award_slot"], cell["award_mode"] = HUAWEI, mode
    world["states"]["purse"][0, KGZ] = purse
    # build 0.2 · 0.5 = 0.1 and turnover 0.8 · 16/32 = 0.4 of 0.5 = 0.2: 10 · 1 · 0.3 = 3.
    awards.settle(world[0], KGZ, NETWORKS, given(turnover=0.8, cost_replacement=1.0, least_share=0.3))
    return cell


def test_an_award_moves_shares_and_penetration_and_costs_money(world):
    cell = settled(world, TENDER, 5.0)
    # 0.5 · (1 − 0.4) = 0.3 of ZTE's base is left; Huawei has 0.2 + 0.1 = 0.3 of 0.6.
    assert cell["penetration"] == pytest.approx(0.6)
    assert cell["share"][HUAWEI] == pytest.approx(0.5)
    assert world["states"]["purse"][0, KGZ] == pytest.approx(2.0)
    assert cell["age"] == 0.0
    assert world["states"]["cum_awards"][0, KGZ, CHN] == cell["cum_awards"][HUAWEI] == 1.0
    assert world["states"]["foreign_purchases"][0, KGZ] == pytest.approx(0.1)


def test_who_can_pay_half_gets_half(world):
    cell = settled(world, TENDER, 1.5)
    assert cell["penetration"] == pytest.approx(0.55)
    assert cell["share"][HUAWEI] * cell["penetration"] == pytest.approx(0.15)
    assert world["states"]["purse"][0, KGZ] == pytest.approx(0.0)


def test_a_state_that_cannot_pay_keeps_the_old_one(world):
    cell = settled(world, TENDER, 0.8)
    assert (cell["penetration"], cell["share"][ZTE], cell["age"]) == (0.5, 1.0, 16)
    assert (cell["award_slot"], cell["award_mode"]) == (NOBODY, NO_AWARD)
    assert world["states"]["purse"][0, KGZ] == 0.8
    assert world["states"]["cum_awards"].sum() == cell["cum_awards"].sum() == 0.0


def test_a_gift_costs_the_recipient_nothing(world):
    cell = settled(world, GIFT, 0.0)
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    assert cell["penetration"] == pytest.approx(0.6)
    assert (relation["debt"], relation["cum_gifts"], relation["cum_loans"]) == (0.0, 1.0, 0.0)
    assert (relation["offer_sector"], relation["offer_mode"]) == (NETWORKS, GIFT)


def test_a_tied_loan_becomes_debt_at_its_concession(world):
    settled(world, TIED_LOAN, 0.0)
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    assert relation["debt"] == pytest.approx(3.0 * 0.6)
    assert (relation["cum_gifts"], relation["cum_loans"]) == (0.0, 1.0)
    assert world["dyads"]["debt"].sum() == relation["debt"], "nobody else lends"


# Who pays


def charged(world, iso, mode, cost, firm=HUAWEI, sector=NETWORKS):
    """Charge an award of this cost to a state and return its relation with China."""
    cell = world[0]["cells"][index("states", iso), sector]
    cell["award_slot"], cell["award_mode"] = firm, mode
    awards.charge(world[0], index("states", iso), sector, cost, given())
    return world[0]["dyads"][dyad(iso, "CHN")]


def test_a_tender_is_paid_from_the_purse_and_owed_to_nobody(world):
    world["states"]["purse"] = 5.0
    relation = charged(world, "KGZ", TENDER, 3.0)
    assert world["states"]["purse"][0, [KGZ, KAZ]].tolist() == [2.0, 5.0]
    assert (relation["debt"], relation["offer_mode"]) == (0.0, NO_AWARD)
    charged(world, "KGZ", TENDER, 3.0)
    assert world["states"]["purse"][0, KGZ] == 0.0


def test_a_gift_is_counted_and_owed_by_nobody(world):
    relation = charged(world, "KGZ", GIFT, 3.0)
    assert (relation["debt"], relation["cum_gifts"], relation["cum_loans"]) == (0.0, 1.0, 0.0)
    assert (relation["offer_sector"], relation["offer_mode"]) == (NETWORKS, GIFT)


def test_what_is_bought_on_a_loan_is_owed_at_its_concession_and_never_without_limit(world):
    world["states"]["purse"] = 5.0
    world["dyads"]["debt"][0, dyad("KGZ", "CHN")] = 1.0
    relation = charged(world, "KGZ", TIED_LOAN, 3.0)
    assert relation["debt"] == pytest.approx(1.0 + 3.0 * 0.6)
    assert (relation["cum_gifts"], relation["cum_loans"]) == (0.0, 1.0)
    assert (relation["offer_sector"], relation["offer_mode"]) == (NETWORKS, TIED_LOAN)
    charged(world, "KGZ", TIED_LOAN, 1000.0)
    assert relation["debt"] == world["dyads"]["debt"].sum() == 60.0
    assert (world["states"]["purse"] == 5.0).all()


@pytest.mark.parametrize("mode", [GIFT, TIED_LOAN])
def test_what_a_home_builds_in_its_own_state_is_owed_to_nobody(world, mode):
    cell = world[0]["cells"][index("states", "CHN"), NETWORKS]
    cell["award_slot"], cell["award_mode"] = HUAWEI, mode
    awards.charge(world[0], index("states", "CHN"), NETWORKS, 3.0, given())
    assert world["dyads"]["debt"].sum() == world["dyads"]["cum_gifts"].sum() == world["dyads"]["cum_loans"].sum() == 0.0


def test_the_part_of_the_price_that_counts(world):
    assert awards.price_factor_of_mode(GIFT, given()) == 0.0
    assert awards.price_factor_of_mode(TIED_LOAN, given()) == pytest.approx(0.6)


# What draws a home to a sector


def test_the_pull_of_a_sector_by_hand(world):
    # Gap 0.6 · (1 + 2 · motive 0.5 · interest 0.8 · watches 0.5) = 0.6 · 1.4.
    settle_base(world, "KGZ", "surveillance", 0.4, {"Hikvision": 1.0})
    d, home = dyad("KGZ", "CHN"), world[0]["homes"][CHN]
    relation = world[0]["dyads"][d]
    home["motive"], relation["interest"], world["sectors"]["watches"][0, SURVEILLANCE] = 0.5, 0.8, 0.5
    params = given(weight_motive=2.0)
    assert awards.pull(world[0], d, SURVEILLANCE, params) == pytest.approx(0.84)
    assert awards.most_pull(home, relation, params) == pytest.approx(1.8), "of a sector that lacks all and watches all"
    assert awards.pull(world[0], d, SURVEILLANCE, given()) == pytest.approx(0.6), "at weight 0 the gap alone"
    assert awards.most_pull(home, relation, given()) == 1.0
    assert awards.pull(world[0], d, NETWORKS, params) == 1.0, "what does not watch pulls by its gap alone"
    assert awards.pull(world[0], dyad("KGZ", "USA"), SURVEILLANCE, params) == pytest.approx(0.6), (
        "others have no motive"
    )


@pytest.mark.parametrize("changed", ["motive", "interest", "watches"])
def test_each_reason_to_watch_adds_to_the_pull_and_without_one_the_gap_alone_counts(world, changed):
    d = dyad("KGZ", "CHN")
    rows = {
        "motive": (world["homes"]["motive"], CHN),
        "interest": (world["dyads"]["interest"], d),
        "watches": (world["sectors"]["watches"], SURVEILLANCE),
    }
    for content, row in rows.values():
        content[0, row] = 0.5
    content, row = rows[changed]
    found = []
    for value in (0.0, 0.5, 0.6):
        content[0, row] = value
        found.append(awards.pull(world[0], d, SURVEILLANCE, given(weight_motive=2.0)))
    assert found == pytest.approx([1.0, 1.25, 1.3])
