"""Bundles: what a second part is worth, and what taking it builds, costs and counts."""

import math

import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.technology import bundles
from sim.world.records import GIFT, NEVER, NO_AWARD, NOBODY, TIED_LOAN
from tests.rules.made_world import HISTORY_END, dice, dyad, index, only, run, settle_base, slot

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")
NETWORKS, CLOUD, SURVEILLANCE = (index("sectors", key) for key in ("networks", "cloud", "surveillance"))


def given(none=-50.0, **values):
    return only(
        tenders={"constant_none": none, "build_size": 0.2, "concession": 0.5, "rate_purchases": 0.1}, bundles=values
    )


def test_the_premium_of_a_bundle_by_hand():
    # (1 + 0.5·2) · aid 0.4 + 0.5 · interest 0.6 − 2 · (0.2 · (1 − 0.25)) = 0.8 + 0.3 − 0.3.
    weights = {
        "weight_investment": 1.0,
        "conditionality": 0.5,
        "weight_condition": 2.0,
        "weight_motive": 0.5,
        "weight_leverage": 2.0,
        "per_bundle": 0.2,
    }
    assert bundles.bundle_premium(0.4, 0.6, 0.25, given(**weights)) == pytest.approx(0.8)
    dropped = bundles.bundle_premium(0.4, 0.6, 0.25, given(**weights | {"conditionality": 0.0}))
    assert dropped == pytest.approx(0.4), "without the contested claim the condition counts for nothing"
    dearer = bundles.bundle_premium(0.4, 0.6, 0.25, given(**weights | {"weight_leverage": 4.0}))
    assert dearer < 0.8


@pytest.fixture
def accepted(world):
    """Kyrgyzstan has taken a gift of networks this quarter; of what else China builds, surveillance lags most."""
    for sector, penetration in (("networks", 0.6), ("cloud", 0.5), ("surveillance", 0.4)):
        firm = "Hikvision" if sector == "surveillance" else "Huawei"
        settle_base(world, "KGZ", sector, penetration, {firm: 1.0})
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    relation["offer_sector"], relation["offer_mode"] = NETWORKS, GIFT
    world["sectors"]["cost"] = 10.0
    return world


def test_a_bundle_builds_a_second_sector_on_a_loan(accepted):
    run(bundles, accepted, given(per_bundle=0.1))
    cell = accepted[0]["cells"][KGZ, SURVEILLANCE]
    relation = accepted[0]["dyads"][dyad("KGZ", "CHN")]
    # A fifth of the gap of 0.6 is built, at 10 · 1 · 0.12 · (1 − 0.5) = 0.6.
    assert cell["penetration"] == pytest.approx(0.52)
    assert cell["award_mode"] == TIED_LOAN
    assert cell["cum_awards"].sum() == accepted["states"]["cum_awards"][0, KGZ, CHN] == 1.0
    assert relation["debt"] == pytest.approx(0.6)
    assert relation["leverage"] == pytest.approx(0.1)
    assert relation["cum_bundles"] == accepted["dyads"]["cum_bundles"].sum() == 1.0
    assert accepted["cells"]["award_slot"][0, KGZ, CLOUD] == NOBODY
    assert cell["share"].sum() == pytest.approx(1.0)


def test_a_bundle_counts_as_a_foreign_purchase(accepted):
    accepted["states"]["foreign_purchases"][0, KGZ] = 0.4
    run(bundles, accepted, given(per_bundle=0.1))
    # 0.4 + 0.1 · (1 − 0.4) = 0.46.
    assert accepted["states"]["foreign_purchases"][0, KGZ] == pytest.approx(0.46)
    assert accepted["states"]["foreign_purchases"][0].sum() == pytest.approx(0.46), "nobody else bought"


def test_a_bundle_leaves_old_debt_and_the_purse_to_the_rule_of_debt(accepted):
    accepted["dyads"]["debt"][0], accepted["states"]["purse"] = 1.0, 0.2
    accepted["dyads"]["leverage"] = 0.3
    accepted["dyads"]["offer_mode"] = NO_AWARD
    run(bundles, accepted, given(per_bundle=0.1))
    assert (accepted["dyads"]["debt"] == 1.0).all()
    assert (accepted["dyads"]["leverage"] == 0.3).all()
    assert (accepted["states"]["purse"] == 0.2).all()


@pytest.mark.parametrize("change", ["declined", "nothing accepted", "nothing to sell", "all supplied"])
def test_no_bundle(accepted, change):
    if change == "nothing accepted":
        accepted["dyads"]["offer_mode"] = NO_AWARD
    elif change == "nothing to sell":
        accepted["firms"]["entry"] = NEVER
    elif change == "all supplied":
        accepted["cells"]["award_slot"][0, KGZ] = 0
    run(bundles, accepted, given(none=50.0 if change == "declined" else -50.0, per_bundle=0.1))
    assert accepted["dyads"]["cum_bundles"].sum() == accepted["dyads"]["leverage"].sum() == 0.0
    assert accepted["cells"]["cum_awards"].sum() == 0.0


def test_the_second_sector_is_the_widest_gap_that_the_home_can_fill(accepted):
    def second():
        return bundles.second_sector(accepted[0], dyad("KGZ", "CHN"))

    assert second() == SURVEILLANCE
    accepted["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 1.0
    accepted["firms"]["ban"][0, index("firms", "Hikvision"), KGZ] = 1.0
    assert second() == CLOUD, "others than Huawei sell it"
    accepted["sectors"]["is_tendered"][0, CLOUD] = 0
    assert second() == NOBODY


def test_aid_dependence_wins_a_bundle_that_leverage_loses(accepted):
    weights = {"weight_investment": 30.0, "weight_leverage": 300.0, "per_bundle": 0.1}
    args = (accepted[0], dyad("KGZ", "CHN"), SURVEILLANCE, slot("surveillance", "Hikvision"))

    def utility():
        return bundles.weigh(*args, given(none=0.0, **weights), dice(), NO_LEDGER)

    # The premium: 0 − 30, 30 − 30, and 30 − 300 · 0.1 · (1 − 0.9).
    assert utility() == -math.inf
    accepted["states"]["aid_dependence"][0, KGZ] = 1.0
    balanced = bundles.bundle_premium(1.0, 0.0, 0.0, given(**weights))
    assert balanced == pytest.approx(0.0)
    accepted["dyads"]["leverage"] = 0.9
    assert utility() > 20.0


@pytest.mark.parametrize("better", ["CHN", "USA"])
def test_of_two_bundles_for_one_cell_the_better_is_taken(accepted, better):
    other = accepted[0]["dyads"][dyad("KGZ", "USA")]
    other["offer_sector"], other["offer_mode"] = NETWORKS, TIED_LOAN
    accepted["dyads"]["interest"][0, dyad("KGZ", better)] = 1.0
    accepted["cells"]["award_slot"][0, KGZ, CLOUD] = 0
    run(bundles, accepted, given(per_bundle=0.1, weight_motive=100.0))
    assert accepted["dyads"]["cum_bundles"][0, dyad("KGZ", better)] == accepted["dyads"]["cum_bundles"].sum() == 1.0
    assert accepted["dyads"]["leverage"][0, dyad("KGZ", better)] == accepted["dyads"]["leverage"].sum()
    assert accepted["cells"]["cum_awards"].sum() == 1.0


@pytest.mark.parametrize(
    ("is_replay", "quarter", "happens"), [(1, HISTORY_END, 0), (1, HISTORY_END + 1, 1), (0, HISTORY_END, 1)]
)
def test_in_replay_no_bundle_is_offered_before_history_ends(accepted, is_replay, quarter, happens):
    accepted["clock"]["is_replay"], accepted["clock"]["quarter"] = is_replay, quarter
    run(bundles, accepted, given(per_bundle=0.1))
    assert accepted["dyads"]["cum_bundles"].sum() == happens
