"""Bundles: what a second part is worth, and what taking it builds, costs and counts."""

import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import make_ledger
from sim.rules.technology import bundles
from sim.world.fields import NEVER, NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN
from tests.rules.made_world import HISTORY_END, dice, dyad, index, only, run, settle_base, slot

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")
NETWORKS, CLOUD, SURVEILLANCE = (index("sectors", key) for key in ("networks", "cloud", "surveillance"))
RELATION = dyad("KGZ", "CHN")


def given(none=-50.0, motive=0.0, **values):
    procurement = {"build_size": 0.2, "concession": 0.5, "rate_purchases": 0.1, "weight_motive": motive}
    return only(tenders={"constant_none": none, **procurement}, bundles=values)


@pytest.fixture
def accepted(world):
    """Kyrgyzstan has taken a gift of networks this quarter; of what else China builds, surveillance lags most."""
    for sector, penetration in (("networks", 0.6), ("cloud", 0.5), ("surveillance", 0.4)):
        firm = "Hikvision" if sector == "surveillance" else "Huawei"
        settle_base(world, "KGZ", sector, penetration, {firm: 1.0})
    relation, cell = world[0]["dyads"][RELATION], world[0]["cells"][KGZ, NETWORKS]
    relation["offer_sector"], relation["offer_mode"], relation["offer_value"] = NETWORKS, GIFT, 1.0
    cell["award_slot"], cell["award_mode"] = slot("networks", "Huawei"), GIFT
    world["sectors"]["cost"] = 10.0
    world["sectors"]["renewal"] = 32.0
    return world


# What it is worth


def test_the_premium_of_a_bundle_by_hand():
    # (1 + 0.5·2) · aid 0.4 − 2 · (0.2 · (1 − 0.25)) = 0.8 − 0.3.
    weights = {
        "weight_investment": 1.0,
        "conditionality": 0.5,
        "weight_condition": 2.0,
        "weight_leverage": 2.0,
        "per_bundle": 0.2,
    }
    assert bundles.bundle_premium(0.4, 0.25, given(**weights)) == pytest.approx(0.5)
    dropped = bundles.bundle_premium(0.4, 0.25, given(**weights | {"conditionality": 0.0}))
    assert dropped == pytest.approx(0.1), "without the contested claim the condition counts for nothing"
    assert bundles.bundle_premium(0.4, 0.25, given(**weights | {"weight_leverage": 4.0})) == pytest.approx(0.2)
    assert bundles.bundle_premium(0.4, 1.0, given(**weights)) == pytest.approx(0.8), "who is bound wholly risks no more"


def weighed(world, **weights):
    params = given(none=0.0, **weights)
    return bundles.weigh(world[0], RELATION, SURVEILLANCE, params, dice(), NO_LEDGER)


def test_aid_dependence_wins_a_bundle_that_leverage_loses(accepted):
    weights = {"weight_investment": 30.0, "weight_leverage": 300.0, "per_bundle": 0.1}
    # The premium: 0 − 30, 30 − 30, and 30 − 300 · 0.1 · (1 − 0.9).
    plain = weighed(accepted)
    assert weighed(accepted, **weights) == pytest.approx(plain - 30.0)
    accepted["states"]["aid_dependence"][0, KGZ] = 1.0
    assert weighed(accepted, **weights) == pytest.approx(plain)
    accepted["dyads"]["leverage"] = 0.9
    assert weighed(accepted, **weights) == pytest.approx(plain + 27.0)


def test_a_first_part_that_was_taken_adds_nothing_and_one_that_was_declined_what_it_lacked(accepted):
    taken = weighed(accepted)
    accepted["dyads"]["offer_value"][0, RELATION] = -1.5
    assert weighed(accepted) == taken, "taken is taken"
    accepted["cells"]["award_slot"][0, KGZ, NETWORKS] = NOBODY
    assert weighed(accepted) == pytest.approx(taken - 1.5)
    accepted["dyads"]["offer_value"][0, RELATION] = -4.0
    assert weighed(accepted) == pytest.approx(taken - 4.0)


def test_the_second_part_is_judged_at_its_concession_and_by_the_bans_on_its_seller(accepted):
    # Weight of price 2, at half the price of 1; of a ban of 0.75 a quarter of the odds is left, ln 0.25 = −1.386.
    plain = weighed(accepted)
    params = only(tenders={"concession": 0.5, "weight_price": 2.0})
    assert bundles.weigh(accepted[0], RELATION, SURVEILLANCE, params, dice(), NO_LEDGER) == pytest.approx(plain - 1.0)
    accepted["firms"]["ban"][0, :, KGZ] = 0.75
    assert weighed(accepted) == pytest.approx(plain - 1.3862944)


# Which sector comes second


def second(world, motive=0.0):
    return bundles.second_sector(world[0], RELATION, given(motive=motive))


def test_the_second_sector_is_the_one_that_pulls_the_home_most_and_that_it_can_fill(accepted):
    assert second(accepted) == SURVEILLANCE
    accepted["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 1.0
    accepted["firms"]["ban"][0, index("firms", "Hikvision"), KGZ] = 1.0
    assert second(accepted) == CLOUD, "others than Huawei sell it"
    accepted["sectors"]["is_tendered"][0, CLOUD] = 0
    assert second(accepted) == NOBODY


def test_a_motive_to_watch_brings_a_sector_that_lags_less(accepted):
    # Cloud pulls by its gap of 0.5, surveillance by 0.4 · (1 + 2 · 0.5 · 0.8 · 1).
    settle_base(accepted, "KGZ", "surveillance", 0.6, {"Hikvision": 1.0})
    accepted["homes"]["motive"][0, CHN], accepted["dyads"]["interest"][0, RELATION] = 0.5, 0.8
    accepted["sectors"]["watches"][0, SURVEILLANCE] = 1.0
    assert second(accepted, motive=0.0) == CLOUD
    assert second(accepted, motive=2.0) == SURVEILLANCE
    accepted["homes"]["motive"] = 0.0
    assert second(accepted, motive=2.0) == CLOUD


def test_what_somebody_supplies_this_quarter_comes_second_to_nothing(accepted):
    accepted["cells"]["award_slot"][0, KGZ, SURVEILLANCE] = slot("surveillance", "Western cameras")
    assert second(accepted) == CLOUD
    accepted["cells"]["award_slot"][0, KGZ, CLOUD] = 0
    assert second(accepted) == NOBODY


# What it builds, costs and counts


def test_a_bundle_builds_a_second_sector_on_a_loan(accepted):
    run(bundles, accepted, given(per_bundle=0.1))
    cell = accepted[0]["cells"][KGZ, SURVEILLANCE]
    relation = accepted[0]["dyads"][RELATION]
    # A fifth of the gap of 0.6 is built, at 10 · 1 · 0.12 · (1 − 0.5) = 0.6.
    assert cell["penetration"] == pytest.approx(0.52)
    assert cell["award_mode"] == TIED_LOAN
    assert cell["cum_awards"].sum() == accepted["states"]["cum_awards"][0, KGZ, CHN] == 1.0
    assert relation["debt"] == pytest.approx(0.6)
    assert relation["leverage"] == pytest.approx(0.1)
    assert relation["cum_bundles"] == accepted["dyads"]["cum_bundles"].sum() == 1.0
    assert accepted["cells"]["award_slot"][0, KGZ, CLOUD] == NOBODY
    assert accepted["cells"]["penetration"][0, KGZ, NETWORKS] == 0.6, "the first part was built as it was taken"
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


def nothing_came_of_it(world):
    """Whether nobody took, built or owes anything."""
    counts = ("cum_bundles", "cum_gifts", "cum_loans", "leverage", "debt")
    return world["cells"]["cum_awards"].sum() == 0.0 and not any(world["dyads"][name].any() for name in counts)


@pytest.mark.parametrize("change", ["declined", "nothing offered", "nothing to sell", "all supplied"])
def test_no_bundle(accepted, change):
    if change == "nothing offered":
        accepted["dyads"]["offer_mode"] = NO_AWARD
    elif change == "nothing to sell":
        accepted["firms"]["entry"] = NEVER
    elif change == "all supplied":
        accepted["cells"]["award_slot"][0, KGZ] = 0
    run(bundles, accepted, given(none=50.0 if change == "declined" else -50.0, per_bundle=0.1))
    assert nothing_came_of_it(accepted)


@pytest.mark.parametrize("better", ["CHN", "USA"])
def test_of_two_bundles_for_one_cell_the_better_is_taken(accepted, better):
    other = accepted[0]["dyads"][dyad("KGZ", "USA")]
    other["offer_sector"], other["offer_mode"] = CLOUD, TIED_LOAN
    accepted["cells"]["award_slot"][0, KGZ, CLOUD] = slot("cloud", "Microsoft")
    accepted["cells"]["award_mode"][0, KGZ, CLOUD] = TIED_LOAN
    accepted["cells"]["penetration"][0, KGZ, NETWORKS] = 1.0
    accepted["dyads"]["leverage"][0, dyad("KGZ", better)] = 0.9
    run(bundles, accepted, given(per_bundle=0.1, weight_leverage=1000.0, none=-2000.0))
    assert accepted["dyads"]["cum_bundles"][0, dyad("KGZ", better)] == accepted["dyads"]["cum_bundles"].sum() == 1.0
    assert accepted["dyads"]["leverage"][0, dyad("KGZ", better)] == pytest.approx(0.91)
    assert accepted["cells"]["cum_awards"].sum() == 1.0


@pytest.mark.parametrize(
    ("is_replay", "quarter", "happens"), [(1, HISTORY_END, 0), (1, HISTORY_END + 1, 1), (0, HISTORY_END, 1)]
)
def test_in_replay_no_bundle_is_offered_before_history_ends(accepted, is_replay, quarter, happens):
    accepted["clock"]["is_replay"], accepted["clock"]["quarter"] = is_replay, quarter
    run(bundles, accepted, given(per_bundle=0.1))
    assert accepted["dyads"]["cum_bundles"].sum() == happens


# A first part that was declined


@pytest.fixture
def declined(accepted):
    """Kyrgyzstan has declined the gift of networks, which lacked 20 of utility; a rich bundle brings 60."""
    accepted["dyads"]["offer_value"][0, RELATION] = -20.0
    accepted["cells"]["award_slot"][0, KGZ, NETWORKS] = NOBODY
    accepted["cells"]["award_mode"][0, KGZ, NETWORKS] = NO_AWARD
    accepted["states"]["aid_dependence"][0, KGZ] = 1.0
    return accepted


RICH, POOR = {"weight_investment": 60.0, "per_bundle": 0.1}, {"weight_investment": 5.0, "per_bundle": 0.1}


def test_a_rich_bundle_carries_a_first_part_that_was_declined(declined):
    run(bundles, declined, given(none=0.0, **RICH))
    relation, cells = declined[0]["dyads"][RELATION], declined[0]["cells"][KGZ]
    # A fifth of both gaps; the loan alone is owed, 10 · 0.12 · 0.5 = 0.6: the first part stays a gift.
    assert cells["penetration"][[NETWORKS, SURVEILLANCE, CLOUD]] == pytest.approx([0.68, 0.52, 0.5])
    assert cells["award_mode"][[NETWORKS, SURVEILLANCE]].tolist() == [GIFT, TIED_LOAN]
    assert relation["debt"] == declined["dyads"]["debt"].sum() == pytest.approx(0.6)
    assert [relation[name] for name in ("cum_gifts", "cum_loans", "cum_bundles")] == [1.0, 1.0, 1.0]
    assert relation["leverage"] == pytest.approx(0.1)
    assert declined["states"]["cum_awards"][0, KGZ, CHN] == declined["cells"]["cum_awards"].sum() == 2.0


def test_a_carried_first_part_leaves_a_line_of_its_own(declined):
    ledger = make_ledger(4)
    bundles.apply(declined[0], given(none=0.0, **RICH), dice(), ledger)
    assert ledger.cursor[0] == 2
    second, first = ledger.entries[:2]
    assert [line["who"][4] for line in (second, first)] == [SURVEILLANCE, NETWORKS]
    assert (first["mode"], first["chosen"]) == (GIFT, 1)
    assert first["option"][:2].tolist() == [NOBODY, index("firms", "Huawei")]
    assert first["utility"][:2].tolist() == [0.0, 0.0], "its own utility, which nothing here moves"
    assert first["margin"] == pytest.approx(second["margin"])


def test_a_carried_first_part_on_a_loan_is_owed_too(declined):
    declined["dyads"]["offer_mode"][0, RELATION] = TIED_LOAN
    run(bundles, declined, given(none=0.0, **RICH))
    relation = declined[0]["dyads"][RELATION]
    # 10 · (0.08 + 0.12) · 0.5.
    assert relation["debt"] == pytest.approx(1.0)
    assert (relation["cum_gifts"], relation["cum_loans"]) == (0.0, 2.0)


def test_where_the_bundle_is_poor_a_declined_first_part_stays_declined(declined):
    run(bundles, declined, given(none=0.0, **POOR))
    assert nothing_came_of_it(declined)
    assert declined["cells"]["award_slot"][0, KGZ].tolist() == [NOBODY] * len(declined["cells"][0, KGZ])


def test_the_same_poor_bundle_is_taken_where_the_first_part_was(declined):
    declined["cells"]["award_slot"][0, KGZ, NETWORKS] = slot("networks", "Huawei")
    declined["cells"]["award_mode"][0, KGZ, NETWORKS] = GIFT
    run(bundles, declined, given(none=0.0, **POOR))
    assert declined["dyads"]["cum_bundles"].sum() == declined["cells"]["cum_awards"].sum() == 1.0


@pytest.mark.parametrize(("mode", "firm"), [(TENDER, "Huawei"), (GIFT, "Western networks")])
def test_a_bundle_lapses_where_its_first_cell_was_filled_otherwise(declined, mode, firm):
    declined["cells"]["award_slot"][0, KGZ, NETWORKS] = slot("networks", firm)
    declined["cells"]["award_mode"][0, KGZ, NETWORKS] = mode
    run(bundles, declined, given(none=0.0, **RICH))
    assert nothing_came_of_it(declined)


def test_of_two_bundles_that_would_fill_each_others_cells_one_lapses(declined):
    # China's gift of networks would bring surveillance; the United States' of surveillance would bring networks.
    declined["sectors"]["is_tendered"][0, CLOUD] = 0
    american = declined[0]["dyads"][dyad("KGZ", "USA")]
    american["offer_sector"], american["offer_mode"], american["offer_value"] = SURVEILLANCE, GIFT, -20.0
    run(bundles, declined, given(none=0.0, **RICH))
    assert declined["dyads"]["cum_bundles"].sum() == 1.0
    assert declined["cells"]["cum_awards"].sum() == 2.0
    assert declined["cells"]["penetration"][0, KGZ, [NETWORKS, SURVEILLANCE]] == pytest.approx([0.68, 0.52])
    assert (declined["dyads"]["leverage"] > 0.0).sum() == (declined["dyads"]["debt"] > 0.0).sum() == 1


def american(world, sector, value, firm=None):
    """Let the United States offer a gift in a sector too, taken from a firm or declined; return its relation."""
    relation, cell = world[0]["dyads"][dyad("KGZ", "USA")], world[0]["cells"][KGZ, sector]
    relation["offer_sector"], relation["offer_mode"], relation["offer_value"] = sector, GIFT, value
    if firm is not None:
        cell["award_slot"], cell["award_mode"] = firm, GIFT
    return relation


def test_a_bundle_lapses_where_another_bundle_has_filled_its_first_cell(declined):
    # The United States' gift of cloud brings networks, before China's of networks could bring surveillance.
    declined["firms"]["entry"][0, index("firms", "Western cameras")] = NEVER
    relation = american(declined, CLOUD, -20.0)
    run(bundles, declined, given(none=0.0, **RICH))
    assert relation["cum_bundles"] == declined["dyads"]["cum_bundles"].sum() == 1.0
    assert declined["cells"]["cum_awards"][0, KGZ, [CLOUD, NETWORKS]].sum() == declined["cells"]["cum_awards"].sum()
    assert declined["cells"]["award_slot"][0, KGZ, NETWORKS] == slot("networks", "Western networks")


def test_a_bundle_lapses_where_another_bundle_has_filled_its_second_cell(declined):
    # The United States' gift of surveillance brings cloud, before China's of networks could bring surveillance.
    declined["firms"]["entry"][0, index("firms", "Western networks")] = NEVER
    relation = american(declined, SURVEILLANCE, -20.0)
    run(bundles, declined, given(none=0.0, **RICH))
    assert relation["cum_bundles"] == declined["dyads"]["cum_bundles"].sum() == 1.0
    assert declined["cells"]["penetration"][0, KGZ, NETWORKS] == 0.6
    assert declined["cells"]["award_slot"][0, KGZ, SURVEILLANCE] == slot("surveillance", "Western cameras")


def test_a_bundle_that_cannot_come_about_stands_in_nobodys_way(declined):
    # China's networks went to a tender; its bundle, worth more than the United States', is not offered at all.
    declined["cells"]["award_slot"][0, KGZ, NETWORKS] = slot("networks", "Western networks")
    declined["cells"]["award_mode"][0, KGZ, NETWORKS] = TENDER
    declined["dyads"]["offer_value"][0, RELATION], declined["dyads"]["leverage"][0, RELATION] = 30.0, 0.9
    relation = american(declined, CLOUD, 1.0, slot("cloud", "Microsoft"))
    run(bundles, declined, given(none=0.0, weight_leverage=100.0, **RICH))
    assert relation["cum_bundles"] == declined["dyads"]["cum_bundles"].sum() == 1.0
    assert declined["cells"]["cum_awards"][0, KGZ, SURVEILLANCE].sum() == 1.0
