"""The utility of an offer: its sum by hand, the sign of each term, and who may offer."""

import pytest

from sim.rules.supplier_choice import best_offer_of, foreign_terms, is_eligible, offer_utility
from sim.world.records import NEVER, NOBODY
from tests.rules.made_world import QUARTER, blank, dyad, index, only, settle_base, slot

KGZ, KAZ, CHN = index("states", "KGZ"), index("states", "KAZ"), index("homes", "CHN")
HUAWEI, ZTE = index("firms", "Huawei"), index("firms", "ZTE")
NETWORKS, CLOUD = index("sectors", "networks"), index("sectors", "cloud")
SLOT = slot("cloud", "Huawei")
WEIGHTS = {
    "weight_quality": 2.0,
    "weight_price": 1.5,
    "weight_poverty": 1.0,
    "weight_credit": 1.0,
    "weight_lock_in": 3.0,
    "weight_alignment": 1.0,
    "weight_trust": 0.5,
    "weight_similarity": 0.5,
    "weight_pressure": 1.0,
    "weight_hedging": 2.0,
    "weight_sanction": 1.5,
    "weight_closure": 1.0,
    "weight_layer": 1.0,
}
PARAMS = only(tenders=WEIGHTS)
INPUTS = {
    "politics.tension": ((), 0.5, +1),
    "states.economy_class": ((KGZ,), 3.0, +1),
    "states.aid_dependence": ((KGZ,), 0.4, +1),
    "states.hedging": ((KGZ,), 0.25, -1),
    "states.western_ties": ((KGZ,), 0.5, -1),
    "states.openness": ((KGZ,), 0.8, +1),
    "states.supply": ((KGZ, CHN), 0.3, -1),
    "dyads.alignment": ((dyad("KGZ", "CHN"),), 0.4, +1),
    "dyads.trust": ((dyad("KGZ", "CHN"),), 0.6, +1),
    "dyads.similarity": ((dyad("KGZ", "CHN"),), 0.2, +1),
    "dyads.leverage": ((dyad("KGZ", "CHN"),), 0.2, +1),
    "dyads.energy_leverage": ((dyad("KGZ", "CHN"),), 0.1, +1),
    "firms.offer_price": ((HUAWEI,), 0.8, -1),
    "firms.offer_quality": ((HUAWEI,), 0.5, +1),
    "firms.offer_credit": ((HUAWEI,), 0.5, +1),
    "firms.sanction": ((HUAWEI,), 0.4, -1),
    "sectors.lock_in": ((CLOUD,), 0.5, +1),
    "sectors.renewal": ((CLOUD,), 32.0, -1),
    "cells.age": ((KGZ, CLOUD), 8.0, +1),
    "cells.share": ((KGZ, CLOUD, SLOT), 0.6, +1),
}
"""Each input of the example: its row, its value, and the sign of its effect."""


def put(world, path, value):
    table, _, name = path.partition(".")
    world[table][name][(0, *INPUTS[path][0])] = value


@pytest.fixture
def offered():
    """Huawei's offer to Kyrgyzstan's cloud, in a world of equals but for the inputs above and a network of 0.7."""
    world = blank()
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.4, "ZTE": 0.3, "Western networks": 0.3})
    world["sectors"]["lower"][0, CLOUD] = NETWORKS
    for path, (_, value, _) in INPUTS.items():
        put(world, path, value)
    return world


def utility(world, factor=1.0):
    return offer_utility(world[0], KGZ, CLOUD, SLOT, factor, PARAMS)


def test_utility_by_hand(offered):
    # Merit: 2·0.5 − 1.5·(1 + 0.5)·0.8 + 1·0.4·0.5 = −0.6, poverty of class 3 being 0.5.
    # Bond: 3·0.5·0.6·(8/32) = 0.225. Layer below: 0.4 + 0.3 = 0.7.
    # Foreign: 0.4 + 0.5·0.6 + 0.5·0.2 + 0.5·(0.2 + 0.1) − 2·0.25·0.3 − 1.5·0.4·0.5 − (1 − 0.8) = 0.3.
    assert utility(offered) == pytest.approx(-0.6 + 0.225 + 0.7 + 0.3)


def test_a_gift_is_judged_without_a_price(offered):
    assert utility(offered, 0.0) - utility(offered) == pytest.approx(1.5 * 1.5 * 0.8)


@pytest.mark.parametrize("path", INPUTS)
def test_the_sign_of_every_term(offered, path):
    before = utility(offered)
    put(offered, path, INPUTS[path][1] * 1.2)
    change = utility(offered) - before
    assert change * INPUTS[path][2] > 1e-6


def test_a_home_that_holds_the_layer_below_is_preferred(offered):
    before = utility(offered)
    settle_base(offered, "KGZ", "networks", 0.5, {"Huawei": 0.9, "Western networks": 0.1})
    assert utility(offered) - before == pytest.approx(0.2)
    offered["sectors"]["lower"][0, CLOUD] = NOBODY
    assert utility(offered) - before == pytest.approx(-0.7)


def test_age_binds_no_more_beyond_the_life_of_an_installation(offered):
    put(offered, "cells.age", 32.0)
    full = utility(offered)
    put(offered, "cells.age", 500.0)
    assert utility(offered) == full


def test_a_states_own_firms_count_as_aligned_trusted_and_alike_and_nothing_foreign_counts(offered):
    firm = offered[0]["firms"][index("firms", "Kazakh supplier")]
    firm["sanction"] = 1.0
    offered["states"]["hedging"], offered["states"]["western_ties"], offered["states"]["openness"] = 1.0, 1.0, 0.0
    offered["states"]["supply"] = 1.0
    surveillance = index("sectors", "surveillance")
    own = foreign_terms(offered[0], KAZ, surveillance, index("homes", "KAZ"), firm, PARAMS)
    assert own == pytest.approx(1.0 + 0.5 + 0.5)
    assert foreign_terms(offered[0], KGZ, surveillance, index("homes", "KAZ"), firm, PARAMS) < own


@pytest.mark.parametrize(
    ("field", "value", "may"),
    [
        ("entry", QUARTER, True),
        ("entry", QUARTER + 1, False),
        ("entry", NEVER, False),
        ("suspended_until", QUARTER, True),
        ("suspended_until", QUARTER + 1, False),
        ("ban", 0.4, True),
        ("ban", 0.5, False),
    ],
)
def test_who_may_offer(world, field, value, may):
    firm = world[0]["firms"][HUAWEI]
    firm[field] = value
    assert is_eligible(firm, world[0]["sectors"][NETWORKS], 0, KGZ, QUARTER) == may


def test_nobody_offers_before_the_sector_opens(world):
    world["sectors"]["opens"] = QUARTER + 1
    assert not is_eligible(world[0]["firms"][HUAWEI], world[0]["sectors"][NETWORKS], 0, KGZ, QUARTER)


def test_nobody_offers_before_the_firm_sells_in_the_sector(world):
    sector = world[0]["sectors"][NETWORKS]
    sector["seller_from"][slot("networks", "Huawei")] = QUARTER + 1
    assert not is_eligible(world[0]["firms"][HUAWEI], sector, slot("networks", "Huawei"), KGZ, QUARTER)
    assert is_eligible(world[0]["firms"][ZTE], sector, slot("networks", "ZTE"), KGZ, QUARTER)


def test_the_best_offer_of_a_home(world):
    def best(home="CHN"):
        return best_offer_of(world[0], KGZ, NETWORKS, index("homes", home), QUARTER)

    assert best() == min(slot("networks", "Huawei"), slot("networks", "ZTE")), "the lower slot where two are equal"
    world["firms"]["offer_price"][0, ZTE] = 0.7
    assert best() == slot("networks", "ZTE")
    world["firms"]["offer_quality"][0, HUAWEI] = 0.9
    assert best() == slot("networks", "Huawei")
    world["firms"]["ban"][0, HUAWEI, KGZ] = 1.0
    assert best() == slot("networks", "ZTE")
    world["firms"]["entry"][0, ZTE, KGZ] = NEVER
    assert best() == NOBODY
    assert best("KAZ") == NOBODY, "it has no firm in the sector"
