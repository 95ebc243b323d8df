"""What a home offers: the sector that pulls it most, by the gap and by what the sector lets it watch."""

import pytest

from sim.rules.technology import tenders
from sim.world.fields import NEVER, NOBODY
from sim.world.records import TIED_LOAN
from tests.rules.made_world import dyad, index, only, run, settle_base, slot

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")
NETWORKS, CLOUD, SURVEILLANCE = (index("sectors", key) for key in ("networks", "cloud", "surveillance"))
ALWAYS = 1e9


def given(weight_motive, **values):
    return only(
        tenders={
            "nest_scale": 1.0,
            "constant_none": -50.0,
            "build_size": 0.2,
            "weight_motive": weight_motive,
            **values,
        }
    )


@pytest.fixture
def courted(world):
    """China lends to Kyrgyzstan alone and would watch there; gaps: networks 0.6, surveillance 0.5, cloud 0.4."""
    for sector, penetration in (("networks", 0.4), ("surveillance", 0.5), ("cloud", 0.6)):
        settle_base(world, "KGZ", sector, penetration, {"Huawei": 1.0})
    world["homes"]["credit"][0, CHN], world["homes"]["motive"][0, CHN] = 1.0, 0.5
    world["dyads"]["interest"][0, dyad("KGZ", "CHN")] = 0.8
    world["sectors"]["watches"][0, SURVEILLANCE] = 1.0
    return world


def sector_of(world, weight_motive):
    return tenders.sector_to_offer(world[0], dyad("KGZ", "CHN"), given(weight_motive))


# Surveillance pulls by 0.5 · (1 + weight · 0.5 · 0.8), networks by 0.6: even at weight 0.5.


@pytest.mark.parametrize(("weight", "sector"), [(0.0, NETWORKS), (0.45, NETWORKS), (0.55, SURVEILLANCE)])
def test_the_sector_that_pulls_most_is_offered(courted, weight, sector):
    assert sector_of(courted, weight) == sector


@pytest.mark.parametrize("gone", ["motive", "interest", "watches"])
def test_without_a_motive_the_widest_gap_wins(courted, gone):
    table = {"motive": "homes", "interest": "dyads", "watches": "sectors"}[gone]
    assert sector_of(courted, 2.0) == SURVEILLANCE
    courted[table][gone] = 0.0
    assert sector_of(courted, 2.0) == NETWORKS


def test_what_the_home_cannot_offer_pulls_it_in_vain(courted):
    for firm in ("Huawei", "Hikvision"):
        courted["firms"]["ban"][0, index("firms", firm), KGZ] = 1.0
    assert sector_of(courted, 2.0) == NETWORKS, "ZTE sells no cameras"
    courted["firms"]["ban"][0, index("firms", "Huawei"), KGZ] = 0.9
    assert sector_of(courted, 2.0) == SURVEILLANCE, "what is left of the market is open to offers"
    courted["cells"]["order_slot"][0, KGZ, SURVEILLANCE] = slot("surveillance", "Hikvision")
    assert sector_of(courted, 2.0) == NETWORKS, "what is ordered is not offered again"
    courted["sectors"]["is_tendered"][0, [NETWORKS, CLOUD]] = 0
    assert sector_of(courted, 2.0) == NOBODY


def test_of_sectors_that_pull_alike_the_first_is_offered(courted):
    settle_base(courted, "KGZ", "cloud", 0.4, {"Huawei": 1.0})
    assert sector_of(courted, 0.0) == min(NETWORKS, CLOUD)


@pytest.mark.parametrize(("weight", "expected"), [(0.0, 0.0582), (2.0, 0.0861), (6.0, 0.1393)])
def test_a_motive_makes_offers_more_frequent(courted, weight, expected):
    # Rate 0.1 · interest 0.8 · credit 1 at a pull of 1. With every other firm gone only surveillance, gap 0.75 here:
    # 1 − exp(−0.06) = 0.0582; with a pull of 0.75 · (1 + 2 · 0.4 · 0.625) = 1.125, 1 − exp(−0.09) = 0.0861; and with
    # one of 0.75 · (1 + 6 · 0.4 · 0.625) = 1.875, 1 − exp(−0.15) = 0.1393.
    settle_base(courted, "KGZ", "surveillance", 0.25, {"Hikvision": 1.0})
    courted["sectors"]["watches"][0, SURVEILLANCE] = 0.625
    courted["firms"]["entry"] = NEVER
    courted["firms"]["entry"][0, index("firms", "Hikvision")] = 0
    kept, offers = courted.copy(), 0
    for replication in range(1500):
        courted[:] = kept
        run(tenders, courted, given(weight, rate_offer=0.1), replication)
        offers += courted["dyads"]["offer_mode"][0, dyad("KGZ", "CHN")] == TIED_LOAN
    assert offers / 1500 == pytest.approx(expected, abs=0.02)


def test_an_offer_keeps_what_it_was_worth_to_the_client(courted):
    relation = courted[0]["dyads"][dyad("KGZ", "CHN")]
    # Huawei's quality of 0.5 at weight 4 against nothing at −50: 52 and the two random terms.
    run(tenders, courted, given(2.0, rate_offer=ALWAYS, weight_quality=4.0))
    assert relation["offer_sector"] == SURVEILLANCE
    taken = float(relation["offer_value"])
    assert taken == pytest.approx(52.0, abs=15.0)
    run(tenders, courted, given(2.0, rate_offer=ALWAYS, weight_quality=2.0))
    assert relation["offer_value"] == pytest.approx(taken - 1.0), "the same dice, a quality of 0.5 at half the weight"
    run(tenders, courted, given(2.0))
    assert (relation["offer_sector"], relation["offer_value"]) == (NOBODY, 0.0)
