"""Offers and tenders ordered from outside: made at once, in both modes, and decided by the state as any other."""

import numpy as np
import pytest

from sim.rules import scenario_acts
from sim.rules.technology import tenders
from sim.world.fields import NEVER, NOBODY
from sim.world.records import GIFT, TENDER, TIED_LOAN
from tests.rules.made_world import HISTORY_END, QUARTER, dyad, index, only, order, run, slot

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")
NETWORKS, SURVEILLANCE = index("sectors", "networks"), index("sectors", "surveillance")
HUAWEI = slot("networks", "Huawei")
TIE = dyad("KGZ", "CHN")


def given(none=-50.0):
    """No offer and no tender by chance; nothing (`none`) is worth this much."""
    values = {"nest_scale": 0.5, "build_size": 0.2, "constant_none": none, "purse_limit": 8.0, "concession": 0.5}
    return only(tenders=values, vendors={"weight_retreat": 1.0})


@pytest.fixture
def market(world):
    """Huawei alone may sell in Kyrgyzstan, in a replay up to whose horizon homes make no offers of their own."""
    world["clock"]["is_replay"], world["clock"]["history_end"] = 1, HISTORY_END
    world["firms"]["entry"] = NEVER
    world["firms"]["entry"][0, index("firms", "Huawei")] = 0
    world["states"]["purse"] = 8.0
    return world


def ordered(world, kind, *who, params=None):
    """Order something for this quarter, let it be decided, and return Kyrgyzstan's cell of networks."""
    order(world, kind, *who, start=QUARTER, end=QUARTER + 1)
    run(scenario_acts, world, only())
    return run(tenders, world, params or given())["cells"][KGZ, NETWORKS]


@pytest.mark.parametrize(("kind", "mode"), [("offer_gift", GIFT), ("offer_loan", TIED_LOAN)])
def test_an_ordered_offer_is_made_on_record_too_and_taken_where_it_beats_nothing(market, kind, mode):
    cell = ordered(market, kind, CHN, KGZ, NETWORKS)
    assert (cell["award_slot"], cell["award_mode"]) == (HUAWEI, mode)
    tie = market["dyads"][0, TIE]
    assert (tie["offer_sector"], tie["offer_mode"]) == (NETWORKS, mode)
    assert tie["offer_value"] > 0.0


def test_an_ordered_offer_may_be_declined(market):
    cell = ordered(market, "offer_loan", CHN, KGZ, NETWORKS, params=given(none=50.0))
    assert cell["award_slot"] == NOBODY
    assert market["dyads"]["offer_value"][0, TIE] < 0.0


def test_nothing_is_offered_where_nobody_may_sell_or_an_award_is_ordered(market):
    market["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 1.0
    assert ordered(market.copy(), "offer_loan", CHN, KGZ, NETWORKS)["award_slot"] == NOBODY
    market["firms"]["ban"] = 0.0
    order(market, "award", index("firms", "Huawei"), KGZ, NETWORKS, start=QUARTER, end=QUARTER + 1, strength=0.5)
    assert ordered(market, "offer_loan", CHN, KGZ, NETWORKS)["award_mode"] == TENDER


def test_an_ordered_tender_is_held_and_lets_the_state_choose(market):
    assert ordered(market.copy(), "ask", KGZ, NOBODY, NETWORKS)["award_slot"] == HUAWEI
    assert ordered(market.copy(), "ask", KGZ, NOBODY, NETWORKS, params=given(none=50.0))["award_slot"] == NOBODY
    ordered(market, "ask", KGZ, NOBODY, NETWORKS)
    assert market["states"]["cum_tenders"].sum() == 1.0, "nobody else asks"


def test_nobody_asks_for_what_is_suspended(market):
    market["sectors"]["model"][0, SURVEILLANCE] = 0
    market["states"]["suspended_until"][0, KGZ, 0] = QUARTER + 4
    ordered(market, "ask", KGZ, NOBODY, SURVEILLANCE)
    assert market["states"]["cum_tenders"].sum() == 0.0


def test_orders_are_for_one_quarter(market):
    for kind, who in (("ask", (KGZ, NOBODY, NETWORKS)), ("offer_gift", (CHN, KGZ, NETWORKS))):
        order(market, kind, *who, start=QUARTER, end=QUARTER + 1)
    run(scenario_acts, market, only())
    assert market["cells"]["ask_order"].sum() == 1.0
    assert np.flatnonzero(market["dyads"]["ordered_sector"][0] != NOBODY).tolist() == [TIE]
    market["clock"]["quarter"] = QUARTER + 1
    run(scenario_acts, market, only())
    assert not market["cells"]["ask_order"].any()
    assert (market["dyads"]["ordered_sector"] == NOBODY).all()
