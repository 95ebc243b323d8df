"""Surveillance as it is bought: what the government wants of it, what the public thinks of it, and suspensions."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.supplier_choice import best_offer_of, offer_utility
from sim.rules.technology import bundles, tenders
from sim.world.fields import NEVER, NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.made_world import QUARTER, dice, dyad, index, only, run, settle_base, slot

KGZ, KAZ, CHN = index("states", "KGZ"), index("states", "KAZ"), index("homes", "CHN")
NETWORKS, CLOUD, SURVEILLANCE, INTERCEPTION = (
    index("sectors", key) for key in ("networks", "cloud", "surveillance", "interception")
)
HIKVISION, SIGNATEK = slot("surveillance", "Hikvision"), slot("interception", "Signatek")
ALWAYS = 1e9


def given(**values):
    return only(tenders={"nest_scale": 1.0, "constant_none": -50.0, "build_size": 0.2, **values})


# What the government wants


def test_the_rate_of_asking_for_what_is_wanted_by_hand(world):
    # 0.01 · exp(1.5 · 0.6) for the technical model, 0.01 · exp(1.5 · 0.2) for the legal one.
    params = given(rate_tender=0.01, weight_wanted=1.5)
    state = world[0]["states"][KGZ]
    state["demand"] = 0.6, 0.2
    for k, wanted in ((SURVEILLANCE, 0.6), (INTERCEPTION, 0.2), (NETWORKS, 0.0), (CLOUD, 0.0)):
        rate = tenders.tender_rate(world[0]["cells"][KGZ, k], state, world[0]["sectors"][k], 0.0, 0.0, params)
        assert rate == pytest.approx(0.01 * math.exp(1.5 * wanted))


@pytest.mark.parametrize("demand", [(0.0, 1.0), (1.0, 0.0), (0.4, 0.4)])
def test_no_cell_asks_at_more_than_the_bound(world, demand):
    params = given(rate_tender=0.01, weight_wanted=3.0, weight_gap=1.0, weight_age=0.5)
    state = world[0]["states"][KGZ]
    state["demand"] = demand
    world["cells"]["age"] = 500.0
    bound = tenders.most_rate(state, 0.2, 0.5, params)
    for cell, sector in zip(world[0]["cells"][KGZ], world[0]["sectors"], strict=True):
        assert tenders.tender_rate(cell, state, sector, 0.2, 0.5, params) <= bound


def asked(world, params, n=300):
    """How many of these dice make each state ask, by nobody who could sell it."""
    world["firms"]["entry"], world["states"]["cum_tenders"] = NEVER, 0.0
    for replication in range(n):
        tenders.apply(world[0], params, dice(replication), NO_LEDGER)
    return world["states"]["cum_tenders"][0]


def only_asks_for(world, sector):
    world["sectors"]["is_tendered"], world["sectors"]["is_tendered"][0, sector] = 0, 1


def test_only_the_state_that_wants_the_model_asks_more_often_for_it(world):
    only_asks_for(world, SURVEILLANCE)
    world["states"]["demand"][0, KGZ] = 1.0, 0.0
    world["states"]["demand"][0, KAZ] = 0.0, 1.0
    tenders_held = asked(world, given(rate_tender=0.05, weight_wanted=2.0))
    # 300 · (1 − exp(−0.05 · e²)) = 92.7, and 300 · (1 − exp(−0.05)) = 14.6.
    assert tenders_held[KGZ] == pytest.approx(92.7, abs=25.0)
    assert tenders_held[KAZ] == pytest.approx(14.6, abs=12.0), "the other model is no part of this sector"


# What the public thinks


def cost(world, k, j):
    """What opposition takes off the utility of slot j's offer in sector k to Kyrgyzstan at a weight of 2."""
    with_opposition = offer_utility(world[0], KGZ, k, j, 1.0, given(weight_opposition=2.0))
    return offer_utility(world[0], KGZ, k, j, 1.0, given()) - with_opposition


def test_opposition_that_is_heard_by_hand(world):
    world["states"]["opposition"][0, KGZ], world["states"]["voice"][0, KGZ] = (0.6, 0.1), 0.5
    assert cost(world, SURVEILLANCE, HIKVISION) == pytest.approx(2.0 * 0.6 * 0.5)
    assert cost(world, INTERCEPTION, SIGNATEK) == pytest.approx(2.0 * 0.1 * 0.5)
    assert cost(world, NETWORKS, 0) == cost(world, CLOUD, 0) == 0.0, "no model of surveillance"
    world["states"]["voice"][0, KGZ] = 0.0
    assert cost(world, SURVEILLANCE, HIKVISION) == 0.0, "a public that is not heard"


def test_opposition_turns_a_tender_to_no_award_as_often_as_the_logit_says(world):
    # One bidder of utility −2 · 0.8 · 0.5 = −0.8 against 0 for none: 1 / (1 + e^0.8) = 0.310.
    world["firms"]["entry"], world["firms"]["entry"][0, index("firms", "Hikvision")] = NEVER, 0
    world["states"]["voice"] = 0.5
    cell, shares = world[0]["cells"][KGZ, SURVEILLANCE], []
    for opposition in (0.0, 0.8):
        world["states"]["opposition"][0, KGZ, TECHNICAL] = opposition
        winners = []
        for replication in range(800):
            cell["award_slot"] = NOBODY
            params = given(weight_opposition=2.0, constant_none=0.0)
            tenders.hold_tender(world[0], KGZ, SURVEILLANCE, params, dice(replication), NO_LEDGER)
            winners.append(cell["award_slot"] == HIKVISION)
        shares.append(np.mean(winners))
    assert shares == pytest.approx([0.5, 0.310], abs=0.05)


def test_opposition_weighs_against_a_gift_or_loan_as_well(world):
    world["states"]["opposition"], world["states"]["voice"] = 1.0, 1.0
    relation = offering(world)
    run(tenders, world, given(rate_offer=ALWAYS, weight_opposition=100.0))
    assert (relation["offer_sector"], relation["offer_mode"]) == (SURVEILLANCE, TIED_LOAN)
    assert relation["offer_value"] == pytest.approx(50.0 - 100.0, abs=15.0)
    assert world["cells"]["award_slot"][0, KGZ, SURVEILLANCE] == NOBODY


# Suspensions


def offering(world):
    """China is certain to offer cameras to Kyrgyzstan, which is certain to accept; return the dyad."""
    settle_base(world, "KGZ", "networks", 0.6, {"Huawei": 1.0})
    settle_base(world, "KGZ", "cloud", 0.6, {"Huawei": 1.0})
    settle_base(world, "KGZ", "surveillance", 0.4, {"Hikvision": 1.0})
    world["dyads"]["interest"][0, dyad("KGZ", "CHN")] = 1.0
    world["homes"]["credit"][0, CHN] = 1.0
    return world[0]["dyads"][dyad("KGZ", "CHN")]


def suspend(world, model, until=QUARTER + 1):
    world["states"]["suspended_until"][0, KGZ, model] = until


@pytest.mark.parametrize(
    ("model", "until", "sector"),
    [
        (TECHNICAL, QUARTER, SURVEILLANCE),
        (TECHNICAL, QUARTER + 1, NETWORKS),
        (LEGAL, QUARTER + 1, SURVEILLANCE),
    ],
)
def test_a_home_offers_nothing_of_a_suspended_model(world, model, until, sector):
    offering(world)
    suspend(world, model, until)
    assert tenders.sector_to_offer(world[0], dyad("KGZ", "CHN"), given()) == sector


def test_a_home_has_no_best_offer_of_a_suspended_model_in_that_state_alone(world):
    suspend(world, TECHNICAL)
    assert best_offer_of(world[0], KGZ, SURVEILLANCE, CHN, QUARTER) == NOBODY
    assert best_offer_of(world[0], KAZ, SURVEILLANCE, CHN, QUARTER) != NOBODY
    assert best_offer_of(world[0], KGZ, SURVEILLANCE, CHN, QUARTER + 1) != NOBODY


@pytest.mark.parametrize(("model", "times"), [(TECHNICAL, 0), (LEGAL, 5)])
def test_a_suspended_model_is_not_asked_for(world, model, times):
    only_asks_for(world, SURVEILLANCE)
    suspend(world, model)
    held = asked(world, given(rate_tender=ALWAYS), 5)
    assert (held[KGZ], held[KAZ]) == (times, 5)


def test_a_suspended_model_is_no_second_part_of_a_bundle(world):
    relation = offering(world)
    cell = world[0]["cells"][KGZ, NETWORKS]
    relation["offer_sector"], relation["offer_mode"] = NETWORKS, GIFT
    cell["award_slot"], cell["award_mode"] = slot("networks", "Huawei"), GIFT
    assert bundles.second_sector(world[0], dyad("KGZ", "CHN"), given()) == SURVEILLANCE
    suspend(world, TECHNICAL)
    assert bundles.second_sector(world[0], dyad("KGZ", "CHN"), given()) == CLOUD


def test_an_ordered_award_of_a_suspended_model_is_carried_out(world):
    suspend(world, TECHNICAL)
    cell = world[0]["cells"][KGZ, SURVEILLANCE]
    cell["order_slot"], cell["order_mode"], cell["order_size"] = HIKVISION, TENDER, 0.4
    run(tenders, world, given())
    assert (cell["penetration"], cell["award_mode"]) == (pytest.approx(0.4), TENDER)
    assert (world["dyads"]["offer_mode"] == NO_AWARD).all()
