"""Procurement: asks, bids and the nested choice, the quarter's payments and ages, gifts and loans."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.technology import tenders
from sim.world.fields import NEVER, NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN
from tests.rules.made_world import HISTORY_END, dice, dyad, index, only, run, settle_base, slot

KGZ, KAZ = index("states", "KGZ"), index("states", "KAZ")
CHN, USA = index("homes", "CHN"), index("homes", "USA")
NETWORKS, SURVEILLANCE = index("sectors", "networks"), index("sectors", "surveillance")
HUAWEI, ZTE, WESTERN = (slot("networks", name) for name in ("Huawei", "ZTE", "Western networks"))
ALWAYS = 1e9


def given(retreat=1.0, **values):
    tenders_values = {"nest_scale": 0.5, "build_size": 0.2, "constant_none": -50.0, "purse_limit": 8.0, **values}
    return only(tenders=tenders_values, vendors={"weight_retreat": retreat})


def only_networks(world, *firms):
    """Leave these firms to sell in networks, and nothing else to be tendered."""
    world["sectors"]["is_tendered"] = 0
    world["sectors"]["is_tendered"][0, NETWORKS] = 1
    world["firms"]["entry"] = NEVER
    for firm in firms:
        world["firms"]["entry"][0, index("firms", firm)] = 0


# What makes a cell ask


def test_the_rate_of_asking_by_hand(world):
    # 0.01 · exp(want 0.3 + gap 1·0.5 + age 1·16/32 + operators 1·0.5·0.4 + law 2·0.6·0.5) = 0.01 · e^2.1 = 0.0816617.
    cell = settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    cell["age"] = 16
    world["sectors"]["renewal"][0, NETWORKS], world["sectors"]["operators"][0, NETWORKS] = 32, 0.4
    world["sectors"]["by_law"][0, NETWORKS] = 0.5
    world["states"]["operators"][0, KGZ] = 0.5
    params = given(rate_tender=0.01, weight_gap=1.0, weight_age=1.0, weight_operators=1.0, weight_demanded=2.0)
    rate = tenders.tender_rate(cell, world[0]["states"][KGZ], world[0]["sectors"][NETWORKS], 0.3, 0.6, params)
    assert rate == pytest.approx(0.0816617, rel=1e-5)


def test_ambition_and_online_demand_make_a_state_want_more(world):
    state, params = world[0]["states"][KGZ], given(weight_ambition=2.0, weight_online=0.5)
    assert tenders.want_of(state, params) == 0.0
    state["ambition"], state["online_demand"] = 0.5, 0.4
    assert tenders.want_of(state, params) == pytest.approx(1.2)


@pytest.mark.parametrize("name", ["weight_gap", "weight_age", "weight_operators", "weight_demanded", "rate_tender"])
def test_the_rate_of_asking_rises_with_each_of_its_weights(world, name):
    cell = settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    cell["age"] = 8
    world["states"]["operators"], world["sectors"]["operators"], world["sectors"]["by_law"] = 0.5, 0.5, 0.5
    state, sector = world[0]["states"][KGZ], world[0]["sectors"][NETWORKS]
    weak, strong = (
        tenders.tender_rate(cell, state, sector, 0.0, 0.5, given(**{"rate_tender": 0.01, name: x})) for x in (1, 2)
    )
    assert strong > weak


# How a tender is decided


def held(world, params, replications):
    """Winners (slots, or nobody) of one tender of Kyrgyzstan's networks with each of these dice."""
    cell = world[0]["cells"][KGZ, NETWORKS]
    winners = []
    for replication in range(replications):
        cell["award_slot"] = NOBODY
        tenders.hold_tender(world[0], KGZ, NETWORKS, params, dice(replication), NO_LEDGER)
        winners.append(int(cell["award_slot"]))
    return np.array(winners)


def test_a_second_chinese_firm_does_not_by_itself_raise_chinas_share(world):
    params = given(weight_quality=2.0, constant_none=0.0)
    only_networks(world, "Huawei", "Western networks")
    alone = held(world, params, 600)
    only_networks(world, "Huawei", "ZTE", "Western networks")
    both = held(world, params, 600)
    assert 0 < (alone == HUAWEI).sum() < 600
    np.testing.assert_array_equal(np.isin(both, (HUAWEI, ZTE)), alone == HUAWEI)
    assert (both == ZTE).any()


def test_a_banned_huawei_diverts_first_to_zte(world):
    # All bids alike: two thirds of what Huawei would have won would go elsewhere if choice had no nests.
    params = given(weight_quality=2.0, nest_scale=0.3)
    only_networks(world, "Huawei", "ZTE", "Western networks", "Reliance Jio")
    before = held(world, params, 600)
    world["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 1.0
    now = held(world, params, 600)
    lost = before == HUAWEI
    assert lost.sum() > 50
    assert (now[lost] == ZTE).all()
    np.testing.assert_array_equal(now[~lost], before[~lost])


def test_a_banned_huawei_diverts_first_to_zte_even_where_zte_is_worse(world):
    params = given(weight_quality=2.0, nest_scale=0.3)
    only_networks(world, "Huawei", "ZTE", "Western networks", "Reliance Jio")
    world["firms"]["offer_quality"][0, index("firms", "ZTE")] = 0.4
    lost = held(world, params, 600) == HUAWEI
    world["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 1.0
    now = held(world, params, 600)[lost]
    shares = {name: (now == place).mean() for name, place in (("ZTE", ZTE), ("West", WESTERN))}
    assert shares["ZTE"] > 0.5
    assert shares["ZTE"] > 3 * shares["West"]


def test_a_ban_of_three_fifths_leaves_two_fifths_of_the_odds(world):
    params = given(nest_scale=1.0)
    only_networks(world, "Huawei", "Western networks")
    equal = held(world, params, 800) == HUAWEI
    world["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 0.6
    banned = held(world, params, 800) == HUAWEI
    # Odds 1 and 0.4: shares 1/2 and 0.4/1.4; every tender lost was won before.
    assert equal.mean() == pytest.approx(0.5, abs=0.06)
    assert banned.mean() == pytest.approx(0.4 / 1.4, abs=0.05)
    assert (equal | ~banned).all()


def test_better_bids_win_more_often(world):
    params = given(weight_quality=4.0)
    only_networks(world, "Huawei", "Western networks")
    equal = (held(world, params, 400) == HUAWEI).mean()
    world["firms"]["offer_quality"][0, index("firms", "Huawei")] = 0.8
    better = held(world, params, 400) == HUAWEI
    # Logit: 1 / (1 + exp(−4 · 0.3)) = 0.769.
    assert equal == pytest.approx(0.5, abs=0.08)
    assert better.mean() == pytest.approx(0.769, abs=0.07)


def test_no_award_is_an_option_and_the_only_one_where_nobody_may_bid(world):
    only_networks(world, "Huawei")
    assert (held(world, given(constant_none=50.0), 20) == NOBODY).all()
    assert (held(world, given(), 20) == HUAWEI).all()
    only_networks(world)
    bidders = world["states"]["cum_bidders"][0, KGZ]
    assert (held(world, given(), 5) == NOBODY).all()
    assert world["states"]["cum_bidders"][0, KGZ] == bidders


def test_a_tender_counts_itself_and_its_bidders(world):
    only_networks(world, "Huawei", "ZTE", "Western networks")
    held(world, given(), 1)
    assert (world["states"]["cum_tenders"][0, KGZ], world["states"]["cum_bidders"][0, KGZ]) == (1, 3)


# A quarter


def test_an_ordered_award_is_carried_out_whatever_the_purse_holds(world):
    cell = world[0]["cells"][KGZ, NETWORKS]
    world["sectors"]["cost"][0, NETWORKS] = 10.0
    cell["order_slot"], cell["order_mode"], cell["order_size"] = HUAWEI, TENDER, 0.4
    run(tenders, world, given())
    assert cell["penetration"] == pytest.approx(0.4)
    assert cell["share"][HUAWEI] == 1.0


def test_a_quarter_pays_ages_and_retires(world):
    world["states"]["purse"][0, :2] = 2.0, 7.5
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})["age"] = 1000
    settle_base(world, "KGZ", "devices", 0.5, {"Huawei": 1.0})
    run(tenders, world, given(rate_retire=0.02))
    assert world["states"]["purse"][0, :2].tolist() == [3.0, 8.0]
    assert world["cells"]["penetration"][0, KGZ, NETWORKS] == pytest.approx(0.49)
    assert world["cells"]["penetration"][0, KGZ, index("sectors", "devices")] == 0.5
    assert world["cells"]["age"][0, KGZ, NETWORKS] == 1000
    assert world["cells"]["age"][0, KAZ, NETWORKS] == 1


def test_shares_sum_to_one_after_many_awards(world):
    world["states"]["purse"] = 100.0
    for quarter in range(30):
        world["clock"]["quarter"] = quarter
        run(tenders, world, given(rate_tender=0.5, turnover=0.6, purse_limit=100.0, rate_retire=0.01))
    cells = world["cells"][0]
    total = cells["share"].sum(-1)
    assert (cells["cum_awards"].sum(-1) > 0).sum() > 150
    np.testing.assert_allclose(total[cells["penetration"] > 0], 1.0)


# Gifts and loans


def test_the_rate_of_offers_by_hand(world):
    # 0.2 · interest 0.5 · (credit 0.3 + 0.4 · showcase 0.5 + 0.6 · bank 0.25) · (1 − 0.5 · isolation 0.4)
    # = 0.1 · 0.65 · 0.8.
    relation, home = world[0]["dyads"][dyad("KGZ", "CHN")], world[0]["homes"][CHN]
    params = given(0.5, rate_offer=0.2, weight_showcase=0.4, weight_bank=0.6)
    relation["interest"], relation["bank"] = 0.5, 0.25
    home["credit"], home["showcase"], home["isolation"] = 0.3, 0.5, 0.4
    assert tenders.offer_rate(relation, home, params) == pytest.approx(0.052)
    for row, name in ((relation, "interest"), (relation, "bank"), (home, "credit"), (home, "showcase")):
        kept = float(row[name])
        row[name] = kept + 0.1
        assert tenders.offer_rate(relation, home, params) > 0.0521, name
        row[name] = kept
    home["isolation"] = 1.0
    assert tenders.offer_rate(relation, home, params) == pytest.approx(0.0325)
    assert tenders.offer_rate(relation, home, given(rate_offer=0.2)) == 0.0, "a home that retreats wholly"


def test_a_home_whose_plans_stall_offers_more_to_single_states(world):
    # 0.2 · interest 0.5 · credit 0.4 · (1 + 0.5 · stalled 0.6) = 0.04 · 1.3.
    relation, home = world[0]["dyads"][dyad("KGZ", "CHN")], world[0]["homes"][CHN]
    relation["interest"], home["credit"] = 0.5, 0.4
    assert tenders.offer_rate(relation, home, given(rate_offer=0.2, weight_stalled=0.5)) == pytest.approx(0.04)
    home["stalled"] = 0.6
    assert tenders.offer_rate(relation, home, given(rate_offer=0.2, weight_stalled=0.5)) == pytest.approx(0.052)
    assert tenders.offer_rate(relation, home, given(rate_offer=0.2, weight_stalled=0.0)) == pytest.approx(0.04)


def offering(world, is_replay=0, quarter=100):
    """A world in which China is certain to offer to Kyrgyzstan alone, which is certain to accept."""
    world["clock"]["quarter"], world["clock"]["is_replay"] = quarter, is_replay
    world["dyads"]["interest"][0, dyad("KGZ", "CHN")] = 1.0
    world["homes"]["credit"][0, CHN] = 1.0
    return world[0]["dyads"][dyad("KGZ", "CHN")]


def test_a_home_offers_its_widest_gap_and_the_client_accepts(world):
    relation = offering(world)
    settle_base(world, "KGZ", "networks", 0.6, {"Huawei": 1.0})
    settle_base(world, "KGZ", "cloud", 0.5, {"Huawei": 1.0})
    settle_base(world, "KGZ", "surveillance", 0.4, {"Hikvision": 1.0})
    run(tenders, world, given(rate_offer=ALWAYS))
    assert (relation["offer_sector"], relation["offer_mode"]) == (SURVEILLANCE, TIED_LOAN)
    assert (world["dyads"]["offer_mode"] != NO_AWARD).sum() == 1
    assert world["states"]["cum_tenders"].sum() == 0.0


@pytest.mark.parametrize(("aid", "mode"), [(1.0, GIFT), (0.0, TIED_LOAN)])
def test_aid_dependence_makes_it_a_gift(world, aid, mode):
    relation = offering(world)
    world["states"]["aid_dependence"][0, KGZ] = aid
    run(tenders, world, given(rate_offer=ALWAYS, share_gift=1.0))
    assert relation["offer_mode"] == mode


@pytest.mark.parametrize("change", ["decline", "isolation", "interest", "credit", "nothing to offer", "full"])
def test_nothing_comes_of_an_offer(world, change):
    relation = offering(world)
    relation["offer_mode"], relation["offer_sector"], relation["offer_value"] = GIFT, NETWORKS, 1.0
    if change == "isolation":
        world["homes"]["isolation"][0, CHN] = 1.0
    elif change == "interest":
        relation["interest"] = 0.0
    elif change == "credit":
        world["homes"]["credit"][0, CHN] = 0.0
    elif change == "nothing to offer":
        world["firms"]["entry"][0, :, KGZ] = NEVER
    elif change == "full":
        world["cells"]["penetration"][0, KGZ], world["cells"]["share"][0, KGZ, :, 0] = 1.0, 1.0
    run(tenders, world, given(rate_offer=ALWAYS, constant_none=50.0 if change == "decline" else -50.0))
    assert world["cells"]["cum_awards"].sum() == world["dyads"]["debt"].sum() == 0.0
    if change == "decline":
        assert (relation["offer_mode"], relation["offer_sector"]) == (TIED_LOAN, NETWORKS), "what was offered is kept"
        assert relation["offer_value"] == pytest.approx(-50.0, abs=15.0), "with what the client thought of it"
    else:
        assert (relation["offer_mode"], relation["offer_sector"], relation["offer_value"]) == (NO_AWARD, NOBODY, 0.0)


def test_showcase_and_a_common_bank_bring_offers_without_credit(world):
    relation = offering(world)
    world["homes"]["credit"][0, CHN] = 0.0
    world["homes"]["showcase"][0, CHN] = 0.5
    run(tenders, world, given(rate_offer=ALWAYS, weight_showcase=1.0))
    assert relation["offer_mode"] == TIED_LOAN
    world["homes"]["showcase"][0, CHN], relation["bank"] = 0.0, 0.5
    run(tenders, world, given(rate_offer=ALWAYS, weight_bank=1.0))
    assert relation["cum_loans"] == 2


def test_a_partner_that_is_no_home_offers_nothing(world):
    relation = offering(world)
    relation["home"] = NOBODY
    run(tenders, world, given(rate_offer=ALWAYS))
    assert world["cells"]["cum_awards"].sum() == 0.0


@pytest.mark.parametrize(
    ("is_replay", "quarter", "happens"), [(1, HISTORY_END, False), (1, HISTORY_END + 1, True), (0, HISTORY_END, True)]
)
def test_in_replay_homes_make_no_offers_before_history_ends(world, is_replay, quarter, happens):
    relation = offering(world, is_replay, quarter)
    run(tenders, world, given(rate_offer=ALWAYS))
    assert (relation["offer_mode"] != NO_AWARD) == happens


def test_in_replay_an_ordered_gift_is_carried_out(world):
    relation = offering(world, 1, 100)
    cell = world[0]["cells"][KGZ, NETWORKS]
    cell["order_slot"], cell["order_mode"], cell["order_size"] = ZTE, GIFT, 0.1
    run(tenders, world, given(rate_offer=ALWAYS))
    assert (relation["offer_mode"], cell["share"][ZTE]) == (GIFT, 1.0)


def test_no_home_is_favoured_by_its_place_when_two_offer_at_once(world):
    winners = set()
    for replication in range(40):
        trial = world.copy()
        only_networks(trial, "Huawei", "Western networks")
        for iso, home in (("CHN", CHN), ("USA", USA)):
            trial["dyads"]["interest"][0, dyad("KGZ", iso)] = 1.0
            trial["homes"]["credit"][0, home] = 1.0
        run(tenders, trial, given(rate_offer=ALWAYS), replication)
        winners.add(int(trial["cells"]["award_slot"][0, KGZ, NETWORKS]))
    assert winners == {HUAWEI, WESTERN}
