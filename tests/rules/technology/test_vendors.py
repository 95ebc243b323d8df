"""Vendors' offers and the industries behind them."""

import pytest

from sim.rules.technology import vendors
from tests.rules.made_world import index, only, run

HUAWEI, SAMSUNG = index("firms", "Huawei"), index("firms", "Samsung")
CHN, USA = index("homes", "CHN"), index("homes", "USA")
WEIGHTS = {"weight_subsidy": 0.5, "weight_sanction": 0.4, "weight_isolation": 0.5, "weight_industry": 0.6}
RATES = {"rate_growth": 0.1, "rate_ageing": 0.01, "rate_isolation": 0.05, "rate_displaced": 0.04, "rate_showcase": 0.1}
PARAMS = only(vendors=WEIGHTS | RATES)


def test_the_price_by_hand():
    # 0.8 · (1 − 0.5 · 0.4) · (1 + 0.1) · (1 + 0.4 · 0.5) · (1 + 0.5 · 0.6) = 0.64 · 1.1 · 1.2 · 1.3.
    assert vendors.offered_price(0.8, 0.4, 0.1, 0.5, 0.6, PARAMS) == pytest.approx(1.098240)


@pytest.mark.parametrize(
    ("place", "sign"),
    [(0, +1), (1, -1), (2, +1), (3, +1), (4, +1)],
    ids=["list price", "subsidy", "shift", "sanction", "isolation"],
)
def test_the_direction_of_each_input_to_price(place, sign):
    inputs = [0.8, 0.4, 0.1, 0.5, 0.6]
    inputs[place] += 0.1
    assert (vendors.offered_price(*inputs, PARAMS) - 1.098240) * sign > 0.0


def test_a_price_is_never_negative():
    assert vendors.offered_price(0.8, 1.0, -1.0, 0.0, 0.0, PARAMS) == 0.0
    assert vendors.offered_price(0.8, 0.0, 0.0, 0.0, 0.0, PARAMS) == 0.8


def test_industry_by_hand():
    # 0.6 + 0.1 · 0.3 · 0.4 − (0.01 + 0.05 · 0.2 + 0.04 · 0.5) · 0.6 = 0.6 + 0.012 − 0.024.
    assert vendors.next_industry(0.6, 0.3, 0.2, 0.5, PARAMS) == pytest.approx(0.588)
    assert vendors.next_industry(0.6, 0.4, 0.2, 0.5, PARAMS) > 0.588
    assert vendors.next_industry(0.6, 0.3, 0.3, 0.5, PARAMS) < 0.588
    assert vendors.next_industry(0.6, 0.3, 0.2, 0.6, PARAMS) < 0.588
    assert (
        0.0
        <= vendors.next_industry(0.0, 0.0, 1.0, 1.0, PARAMS)
        <= vendors.next_industry(1.0, 1.0, 0.0, 0.0, PARAMS)
        <= 1.0
    )


def test_the_foreign_share_at_home_leaves_out_ones_own(world):
    world["states"]["supply"][0, index("states", "CHN")] = 0.1
    world["states"]["supply"][0, index("states", "CHN"), CHN] = 0.4
    assert vendors.foreign_at_home(world[0], CHN) == pytest.approx(0.1 * (len(world["homes"][0]) - 1))


def test_offers_follow_the_home(world):
    world["firms"]["price"], world["firms"]["quality"], world["firms"]["credit"] = 1.0, 0.8, 0.5
    home = world[0]["homes"][CHN]
    home["subsidy"], home["industry"], home["credit"], home["isolation"] = 0.4, 0.5, 0.6, 0.2
    run(vendors, world, only(vendors=WEIGHTS | {"weight_retreat": 0.5}))
    chinese, korean = world[0]["firms"][HUAWEI], world[0]["firms"][SAMSUNG]
    # Price 1 · (1 − 0.2) · (1 + 0.1); quality 0.8 · (1 − 0.6 · 0.5); credit 0.5 · 0.6 · (1 − 0.5 · 0.2).
    assert chinese["offer_price"] == pytest.approx(0.88)
    assert chinese["offer_quality"] == pytest.approx(0.56)
    assert chinese["offer_credit"] == pytest.approx(0.27)
    assert (korean["offer_price"], korean["offer_quality"], korean["offer_credit"]) == (1.0, 0.8, 0.0)


@pytest.mark.parametrize(("retreat", "credit"), [(0.0, 0.3), (0.5, 0.15), (1.0, 0.0)])
def test_isolation_takes_credit_as_far_as_a_home_retreats(world, retreat, credit):
    world["firms"]["credit"], world["homes"]["credit"], world["homes"]["isolation"][0, CHN] = 0.5, 0.6, 1.0
    run(vendors, world, only(vendors={"weight_retreat": retreat}))
    assert world["firms"]["offer_credit"][0, HUAWEI] == pytest.approx(credit)
    assert world["firms"]["offer_credit"][0, SAMSUNG] == pytest.approx(0.3), "a home that is not isolated"


def test_only_the_sanctioned_firm_grows_dearer(world):
    world["firms"]["sanction"][0, HUAWEI] = 0.5
    run(vendors, world, PARAMS)
    assert world["firms"]["offer_price"][0, HUAWEI] == pytest.approx(1.2)
    assert world["firms"]["offer_price"][0, index("firms", "ZTE")] == 1.0


def test_an_industry_without_sales_declines_and_its_offer_of_the_quarter_with_it(world):
    run(vendors, world, PARAMS)
    industry = world["homes"]["industry"][0, CHN]
    assert industry == pytest.approx(0.99)
    assert world["firms"]["offer_quality"][0, HUAWEI] == pytest.approx(0.5 * (1 - 0.6 * 0.01))


def test_sales_and_displacement_are_felt_by_the_home_concerned(world):
    world["homes"]["industry"] = 0.5
    world["measures"]["market"][0, CHN] = 0.5
    world["states"]["supply"][0, index("states", "USA"), CHN] = 0.5
    run(vendors, world, PARAMS)
    # China: 0.5 + 0.1 · 0.5 · 0.5 − 0.01 · 0.5. United States: 0.5 − (0.01 + 0.04 · 0.5) · 0.5.
    assert world["homes"]["industry"][0, CHN] == pytest.approx(0.52)
    assert world["homes"]["industry"][0, USA] == pytest.approx(0.485)


def test_showcase_follows_success_in_the_reported_states(world):
    world["measures"]["dependence_focus"][0, CHN] = 0.5
    run(vendors, world, PARAMS)
    assert world["homes"]["showcase"][0, CHN] == pytest.approx(0.05)
    assert world["homes"]["showcase"][0].sum() == pytest.approx(0.05)


def test_suppliers_are_indifferent_to_regimes(world):
    run(vendors, world, PARAMS)
    offers = world["firms"]["offer_price"].copy(), world["firms"]["offer_quality"].copy()
    world["homes"]["industry"] = 1.0
    world["states"]["opacity"], world["states"]["openness"], world["states"]["ambition"] = 1.0, 0.0, 1.0
    run(vendors, world, PARAMS)
    assert (world["firms"]["offer_price"] == offers[0]).all()
    assert (world["firms"]["offer_quality"] == offers[1]).all()
