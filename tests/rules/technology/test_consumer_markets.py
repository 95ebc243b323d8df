"""Consumer markets: appeal, shares, growth, displaced producers."""

import numpy as np
import pytest

from sim.rules.technology import consumer_markets as markets
from sim.world.fields import NEVER
from sim.world.records import DOMAINS
from tests.rules.made_world import QUARTER, dyad, index, only, run, settle_base, slot

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")
DEVICES, SHOPS, NETWORKS = (index("sectors", key) for key in ("devices", "ecommerce", "networks"))
SAMSUNG, XIAOMI, APPLE = (slot("devices", name) for name in ("Samsung", "Xiaomi", "Apple"))
AMAZON, ALIBABA = slot("ecommerce", "Amazon"), slot("ecommerce", "Alibaba")


def given(**values):
    return only(consumer_markets=values)


def only_sellers(world, *names):
    world["firms"]["entry"] = NEVER
    for name in names:
        world["firms"]["entry"][0, index("firms", name)] = 0


def test_growth_by_hand():
    # 0.04 · (0.1 + 0.5) · (1 + 1.5·0.4 + 0.5·0.8) · (1 − 0.5·0.2) = 0.04 · 0.6 · 2 · 0.9.
    params = given(rate_growth=0.04, base_reach=0.1, weight_online=1.5, weight_agreement=0.5, weight_grid=0.5)
    assert markets.growth_rate(0.5, 0.4, 0.8, 0.2, params) == pytest.approx(0.0432)
    assert markets.growth_rate(0.6, 0.4, 0.8, 0.2, params) > 0.0432
    assert markets.growth_rate(0.5, 0.5, 0.8, 0.2, params) > 0.0432
    assert markets.growth_rate(0.5, 0.4, 0.9, 0.2, params) > 0.0432
    assert markets.growth_rate(0.5, 0.4, 0.8, 0.3, params) < 0.0432


def test_price_weighs_more_on_the_poor(world):
    # Class 3 of 5: poverty 0.5, 1.2 · (1 + 0.8 · 0.5) = 1.68; class 5: 1.2.
    state, params = world[0]["states"][KGZ], given(weight_price=1.2, weight_poverty=0.8)
    assert markets.price_weight_of(state, params) == pytest.approx(1.2)
    state["economy_class"] = 3.0
    assert markets.price_weight_of(state, params) == pytest.approx(1.68)


def test_appeal_by_hand(world):
    # 3·0.5 − 1.5·0.6 + 1·0.4 + pull 0.41 + taste 0.1 = 1.51.
    firm = world[0]["firms"][index("firms", "Xiaomi")]
    firm["offer_price"] = 0.6
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Xiaomi": 0.4, "Samsung": 0.6})
    cell["taste"][XIAOMI] = 0.1
    params = given(weight_quality=3.0, weight_network=1.0)
    assert markets.appeal(firm, cell, XIAOMI, 0.41, 1.5, params) == pytest.approx(1.51)
    assert markets.appeal(firm, cell, XIAOMI, 0.51, 1.5, params) == pytest.approx(1.61)
    assert markets.appeal(firm, cell, XIAOMI, 0.41, 1.6, params) == pytest.approx(1.45)


def test_the_pull_of_homes_by_hand(world):
    # Alignment 0.2·0.3 with each home, 0.2·1 with one's own; half of what a home's firms hold in the layer below.
    world["dyads"]["alignment"] = 0.3
    fit, pull = np.empty((2, len(world["homes"][0])))
    params = given(weight_layer=0.5, weight_alignment=0.2)
    markets.fit_by_home(world[0], index("states", "CHN"), params, fit)
    assert fit[CHN] == pytest.approx(0.2), "at home there is no dyad: fully aligned"
    assert np.delete(fit, CHN) == pytest.approx(0.06)
    markets.fit_by_home(world[0], KGZ, params, fit)
    assert fit == pytest.approx(0.06)
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.4, "ZTE": 0.3, "Western networks": 0.3})
    markets.pull_by_home(world[0], KGZ, DEVICES, params, fit, pull)
    assert (pull == fit).all(), "without a layer below, alignment alone"
    world["sectors"]["lower"][0, DEVICES] = NETWORKS
    markets.pull_by_home(world[0], KGZ, DEVICES, params, fit, pull)
    assert pull[CHN] == pytest.approx(0.06 + 0.35)
    assert pull[index("homes", "USA")] == pytest.approx(0.06 + 0.15)
    assert pull[index("homes", "KOR")] == pytest.approx(0.06)
    assert fit == pytest.approx(0.06), "the state's fit serves its other markets too"


def test_each_seller_is_pulled_by_its_own_home(world):
    # Xiaomi's home is aligned, Samsung's is not: P = 1 / (1 + exp(−2 · 0.5)).
    only_sellers(world, "Samsung", "Xiaomi")
    world["dyads"]["alignment"][0, dyad("KGZ", "CHN")] = 0.5
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 0.5, "Xiaomi": 0.5})
    run(markets, world, given(rate_choice=1.0, weight_alignment=2.0))
    assert cell["share"][XIAOMI] == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_shares_by_hand(world):
    # Samsung has all; Xiaomi's quality is higher by ln 3, so that P is 3/4. A tenth choose anew: 0.9 · 1 + 0.1 · 0.25.
    only_sellers(world, "Samsung", "Xiaomi")
    world["firms"]["offer_quality"][0, index("firms", "Xiaomi")] = 0.5 + np.log(3.0)
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 1.0})
    run(markets, world, given(rate_choice=0.1, weight_quality=1.0))
    assert cell["share"][SAMSUNG] == pytest.approx(0.925)
    assert cell["share"][XIAOMI] == pytest.approx(0.075)


def test_in_an_empty_market_all_choose_anew(world):
    only_sellers(world, "Samsung", "Xiaomi")
    run(markets, world, given(rate_choice=0.1, rate_growth=0.1, base_reach=1.0))
    cell = world[0]["cells"][KGZ, DEVICES]
    assert cell["share"][SAMSUNG] == pytest.approx(0.5)
    assert cell["penetration"] == pytest.approx(0.1)


def test_one_seller_comes_to_have_all(world):
    only_sellers(world, "Xiaomi")
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 1.0})
    for _ in range(100):
        run(markets, world, given(rate_choice=0.2))
    assert cell["share"][XIAOMI] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("reason", ["entry", "ban", "suspension", "opening"])
def test_where_nobody_may_sell_the_market_only_fades(world, reason):
    if reason == "entry":
        world["firms"]["entry"] = NEVER
    elif reason == "ban":
        world["firms"]["ban"] = 1.0
    elif reason == "suspension":
        world["firms"]["suspended_until"] = QUARTER + 1
    else:
        world["sectors"]["opens"] = QUARTER + 1
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 1.0})
    run(markets, world, given(rate_choice=0.1, rate_growth=0.1, base_reach=1.0, rate_fade=0.02))
    assert cell["penetration"] == pytest.approx(0.49)
    assert cell["share"][SAMSUNG] == 1.0


def test_a_banned_seller_loses_share_to_the_others(world):
    only_sellers(world, "Samsung", "Xiaomi", "Apple")
    world["firms"]["ban"][0, index("firms", "Xiaomi"), KGZ] = 1.0
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 0.2, "Xiaomi": 0.6, "Apple": 0.2})
    run(markets, world, given(rate_choice=0.1))
    assert cell["share"][XIAOMI] == pytest.approx(0.54)
    assert cell["share"][SAMSUNG] == cell["share"][APPLE] == pytest.approx(0.23)


def test_a_ban_of_part_of_the_market_takes_that_part_of_the_odds(world):
    # Xiaomi's appeal is higher by ln 3: odds of 3, of which a ban of 0.6 leaves 1.2; half of the consumers choose anew.
    only_sellers(world, "Samsung", "Xiaomi")
    world["firms"]["offer_quality"][0, index("firms", "Xiaomi")] = 0.5 + np.log(3.0)
    world["firms"]["ban"][0, index("firms", "Xiaomi"), KGZ] = 0.6
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 1.0})
    elsewhere = settle_base(world, "UZB", "devices", 0.5, {"Samsung": 1.0})
    run(markets, world, given(rate_choice=0.5, weight_quality=1.0))
    assert cell["share"][XIAOMI] == pytest.approx(0.5 * 1.2 / 2.2)
    assert cell["share"].sum() == pytest.approx(1.0)
    assert elsewhere["share"][XIAOMI] == pytest.approx(0.5 * 0.75), "no ban, no loss"


def test_the_layer_below_favours_its_home(world):
    only_sellers(world, "Samsung", "Xiaomi")
    world["sectors"]["lower"][0, DEVICES] = NETWORKS
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 0.5, "Xiaomi": 0.5})
    run(markets, world, given(rate_choice=1.0, weight_layer=1.0))
    assert cell["share"][XIAOMI] == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_a_market_grows_with_the_base_of_the_layer_below_as_the_quarter_began(world):
    world["sectors"]["lower"][0, SHOPS] = DEVICES
    settle_base(world, "KGZ", "devices", 0.5, {"Samsung": 1.0})
    run(markets, world, given(rate_choice=0.1, rate_growth=0.2))
    assert world["cells"]["penetration"][0, KGZ, SHOPS] == pytest.approx(0.1)
    assert world["cells"]["penetration"][0, KGZ, NETWORKS] == 0.0, "tendered sectors are another rule's"


@pytest.mark.parametrize(("quarter", "is_drawn"), [(100, True), (101, False), (103, False)])
def test_tastes_are_drawn_once_a_year(world, quarter, is_drawn):
    world["clock"]["quarter"] = quarter
    run(markets, world, given(rate_choice=0.1, taste_size=0.5))
    assert (world["cells"]["taste"] != 0.0).any() == is_drawn
    assert not world["cells"]["taste"][0, :, NETWORKS].any()


def test_tastes_persist_and_are_bounded(world):
    world["cells"]["taste"][0, KGZ, DEVICES] = 4.0
    run(markets, world, given(rate_choice=0.1, taste_persistence=0.5))
    sellers = int(world["sectors"]["n_sellers"][0, DEVICES])
    np.testing.assert_allclose(world["cells"]["taste"][0, KGZ, DEVICES, :sellers], 2.0)
    run(markets, world, given(rate_choice=0.1, taste_size=1e6))
    assert np.abs(world["cells"]["taste"]).max() == 6.0


def test_shares_sum_to_one(world):
    for quarter in range(40):
        world["clock"]["quarter"] = quarter
        params = given(rate_choice=0.1, rate_growth=0.05, base_reach=0.5, taste_size=0.5, taste_persistence=0.7)
        run(markets, world, params)
    cells = world["cells"][0][:, [DEVICES, SHOPS]]
    np.testing.assert_allclose(cells["share"].sum(-1), 1.0)
    assert ((cells["penetration"] > 0.0) & (cells["penetration"] < 1.0)).all()


def test_producers_by_hand():
    # 0.8 + 0.01 · 0.2 − 0.05 · 0.5 · (1 − 0.6 · 0.5) · 0.8 = 0.8 + 0.002 − 0.014.
    params = given(rate_revival=0.01, rate_displaced=0.05, weight_customs=0.6)
    assert markets.next_producers(0.8, 0.5, 0.5, params) == pytest.approx(0.788)
    assert markets.next_producers(0.8, 0.7, 0.5, params) < 0.788
    assert markets.next_producers(0.8, 0.5, 0.9, params) > 0.788
    assert markets.next_producers(1.0, 0.0, 0.0, params) == 1.0


def test_foreign_sales_displace_and_ones_own_do_not(world):
    for iso in ("KGZ", "CHN"):
        settle_base(world, iso, "ecommerce", 0.5, {"Alibaba": 0.4, "Amazon": 0.6})
    world["sectors"]["displaces"][0], world["sectors"]["displaces"][0, SHOPS] = 0.0, 1.0
    assert markets.foreign_sales(world[0], KGZ) == pytest.approx(0.5)
    assert markets.foreign_sales(world[0], index("states", "CHN")) == pytest.approx(0.3)


def test_a_customs_union_protects_producers_and_a_digital_agreement_opens_the_market(world):
    settle_base(world, "KGZ", "ecommerce", 0.5, {"Amazon": 1.0})
    settle_base(world, "TJK", "ecommerce", 0.5, {"Amazon": 1.0})
    world["sectors"]["displaces"] = 1.0
    world["states"]["agreement"][0, KGZ, DOMAINS.index("customs")] = 1.0
    world["states"]["agreement"][0, KGZ, DOMAINS.index("digital")] = 1.0
    params = given(
        rate_choice=0.1, rate_displaced=0.1, weight_customs=1.0, rate_growth=0.1, base_reach=1.0, weight_agreement=1.0
    )
    run(markets, world, params)
    tajik = index("states", "TJK")
    producers, penetration = world["states"]["local_producers"][0], world["cells"]["penetration"][0, :, SHOPS]
    assert producers[KGZ] == 1.0 > producers[tajik]
    assert penetration[KGZ] == pytest.approx(0.6)
    assert penetration[tajik] == pytest.approx(0.55)
