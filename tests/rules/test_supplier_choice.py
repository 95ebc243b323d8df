"""The utility of an offer: its sum by hand, the sign of each term, what a ban takes, and who may offer."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.draws import NO_ID, gumbel, moment
from sim.numerics.ledger import make_ledger
from sim.rules.supplier_choice import (
    best_offer_of,
    closed_off,
    foreign_terms,
    is_eligible,
    net_value,
    offer_utility,
    taken_by_peers,
)
from sim.world.fields import NEVER, NOBODY
from sim.world.records import GIFT, TIED_LOAN
from tests.rules.made_world import QUARTER, blank, default_world, dice, dyad, index, only, settle_base, slot

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
    "weight_law": 2.0,
    "constant_none": -0.5,
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
    "dyads.law": ((dyad("KGZ", "CHN"),), 0.4, +1),
    "dyads.leverage": ((dyad("KGZ", "CHN"),), 0.2, +1),
    "dyads.energy_leverage": ((dyad("KGZ", "CHN"),), 0.1, +1),
    "firms.offer_price": ((HUAWEI,), 0.8, -1),
    "firms.offer_quality": ((HUAWEI,), 0.5, +1),
    "firms.offer_credit": ((HUAWEI,), 0.5, +1),
    "firms.sanction": ((HUAWEI,), 0.4, -1),
    "sectors.lock_in": ((CLOUD,), 0.5, +1),
    "sectors.renewal": ((CLOUD,), 32.0, -1),
    "sectors.by_law": ((CLOUD,), 0.5, +1),
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
    # Law: 2·0.5·0.4 = 0.4.
    assert utility(offered) == pytest.approx(-0.6 + 0.225 + 0.7 + 0.3 + 0.4)


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


@pytest.mark.parametrize("gone", ["weight_law", "dyads.law", "sectors.by_law"])
def test_a_copied_law_counts_only_where_a_law_was_copied_and_asks_for_the_sector(offered, gone):
    before = utility(offered)
    if gone == "weight_law":
        without = offer_utility(offered[0], KGZ, CLOUD, SLOT, 1.0, only(tenders=WEIGHTS | {"weight_law": 0.0}))
    else:
        put(offered, gone, 0.0)
        without = utility(offered)
    assert before - without == pytest.approx(2.0 * 0.5 * 0.4)


def test_a_copied_law_favours_the_home_it_was_copied_from_and_no_other(offered):
    before = utility(offered)
    offered["dyads"]["law"][0, dyad("KGZ", "CHN")], offered["dyads"]["law"][0, dyad("KGZ", "RUS")] = 0.4, 1.0
    assert utility(offered) == before
    # 2·0.5·1 less what the closure of 0.2 takes.
    rostec = offered[0]["firms"][index("firms", "Rostec")]
    assert foreign_terms(offered[0], KGZ, CLOUD, index("homes", "RUS"), rostec, PARAMS) == pytest.approx(0.8)


@pytest.mark.parametrize(("ban", "odds"), [(0.0, 1.0), (0.25, 0.75), (0.6, 0.4), (0.99, 0.01)])
def test_a_ban_takes_its_part_of_the_odds(offered, ban, odds):
    before = utility(offered)
    offered["firms"]["ban"][0, HUAWEI, KGZ] = ban
    assert utility(offered) - before == pytest.approx(math.log(odds))
    assert math.exp(closed_off(ban)) == pytest.approx(odds)


def test_a_whole_ban_leaves_no_odds_and_a_ban_elsewhere_takes_none(offered):
    before = utility(offered)
    offered["firms"]["ban"][0, HUAWEI, KAZ] = offered["firms"]["ban"][0, ZTE, KGZ] = 0.6
    assert utility(offered) == before
    offered["firms"]["ban"][0, HUAWEI, KGZ] = 1.0
    assert utility(offered) == closed_off(1.0) == -math.inf


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
    offered["sectors"]["by_law"][0, surveillance] = 0.3
    own = foreign_terms(offered[0], KAZ, surveillance, index("homes", "KAZ"), firm, PARAMS)
    assert own == pytest.approx(1.0 + 0.5 + 0.5 + 2.0 * 0.3), "they fit the law"
    assert foreign_terms(offered[0], KGZ, surveillance, index("homes", "KAZ"), firm, PARAMS) < own


@pytest.mark.parametrize(
    ("field", "value", "may"),
    [
        ("entry", QUARTER, True),
        ("entry", QUARTER + 1, False),
        ("entry", NEVER, False),
        ("suspended_until", QUARTER, True),
        ("suspended_until", QUARTER + 1, False),
        ("ban", 0.5, True),
        ("ban", 0.99, True),
        ("ban", 1.0, False),
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


# A gift or loan against nothing


def value_of(world, premium=0.0, mode=TIED_LOAN, ledger=NO_LEDGER, carried=0.0):
    when = moment(dice(), QUARTER, np.uint64(7))
    return net_value(world[0], dyad("KGZ", "CHN"), CLOUD, SLOT, 0.5, premium, carried, mode, when, PARAMS, ledger)


def test_what_an_offer_is_worth_beyond_nothing_by_hand(offered):
    when = moment(dice(), QUARTER, np.uint64(7))
    rows = (("states", KGZ), ("sectors", CLOUD), ("firms", HUAWEI))
    state, sector, firm = (offered[table]["id"][0, row] for table, row in rows)
    nothing = -0.5 + gumbel(when, state, sector, NO_ID)
    taken = utility(offered, 0.5) + gumbel(when, state, sector, firm)
    assert value_of(offered) == pytest.approx(taken - nothing)
    assert value_of(offered, 1.25) - value_of(offered) == pytest.approx(1.25)
    assert value_of(offered, carried=-0.75) - value_of(offered) == pytest.approx(-0.75)


@pytest.mark.parametrize(("premium", "chosen"), [(50.0, 1), (-50.0, 0)])
def test_an_offer_leaves_a_line_that_names_its_mode_and_what_was_chosen(offered, premium, chosen):
    ledger = make_ledger(2)
    value = value_of(offered, premium, GIFT, ledger, carried=0.25)
    assert ledger.cursor[0] == 1
    line = ledger.entries[0]
    assert line["who"].tolist() == [KGZ, CHN, HUAWEI, NOBODY, CLOUD, *(NOBODY,) * 3]
    assert (line["mode"], line["chosen"], line["n_options"]) == (GIFT, chosen, 2)
    assert line["option"][:2].tolist() == [NOBODY, HUAWEI]
    assert line["utility"][:2] == pytest.approx([-0.5, utility(offered, 0.5) + premium])
    assert line["margin"] == pytest.approx(abs(value))


# A gift or loan, and peers, under rival theories


def under(theory, **values):
    """The parameters of this file under a theory."""
    params = np.array([PARAMS]).copy()
    for name, value in {"theory": theory, **values}.items():
        params["tenders"][name] = value
    return params[0]


def worth_under(world, params, premium=0.0, carried=0.0):
    when = moment(dice(), QUARTER, np.uint64(7))
    who = world[0], dyad("KGZ", "CHN"), CLOUD, SLOT
    return net_value(*who, 0.5, premium, carried, TIED_LOAN, when, params, NO_LEDGER)


def test_under_satisficing_an_offer_is_worth_what_it_exceeds_the_aspiration_by(offered):
    params = under(1.0, aspiration=0.75)
    assert worth_under(offered, params) == pytest.approx(utility(offered, 0.5) - 0.75)
    assert worth_under(offered, params, 0.5, 0.25) == pytest.approx(utility(offered, 0.5) - 0.75 + 0.5 + 0.25)


def test_under_imitation_an_offer_is_worth_what_peers_took_of_it(offered):
    params = under(2.0, weight_peers=4.0)
    offered["cells"]["penetration"] = 0.0
    without = worth_under(offered, params, premium=9.0)
    settle_base(offered, "UZB", "cloud", 0.5, {"Huawei": 0.25, other_in_cloud(): 0.75})
    assert worth_under(offered, params) - without == pytest.approx(4.0 * 0.25), "neither price nor premium counts"


def other_in_cloud():
    """Another seller of cloud than Huawei."""
    sellers = default_world().record["sectors"]["seller"][0, CLOUD]
    names = default_world().names.firms
    return next(names[int(f)] for f in sellers if f != NOBODY and names[int(f)] != "Huawei")


def test_what_peers_took_counts_them_by_likeness_of_income_and_leaves_out_the_state_itself(world):
    # Classes 2 and 2: 1 · 0.5 · 0.4 of Huawei; classes 2 and 5: (1 − 3/4) · 0.8 · 1 of ZTE.
    world["states"]["economy_class"] = 2.0
    world["states"]["economy_class"][0, index("states", "KAZ")] = 5.0
    settle_base(world, "KGZ", "networks", 1.0, {"ZTE": 1.0})
    settle_base(world, "UZB", "networks", 0.5, {"Huawei": 0.4, "Western networks": 0.6})
    settle_base(world, "KAZ", "networks", 0.8, {"ZTE": 1.0})
    taken = taken_by_peers(world[0], KGZ, NETWORKS)
    assert taken[slot("networks", "Huawei")] == pytest.approx(0.2)
    assert taken[slot("networks", "ZTE")] == pytest.approx(0.2)
    assert taken.sum() == pytest.approx(0.7)
