"""Land that changes hands: shares, who loses people, and where these go."""

import numpy as np
import pytest

from sim.rules.land import (
    are_allied,
    free_land,
    head_of,
    largest_foe,
    share_of_clients,
    take,
    take_share,
)
from sim.world.fields import NOBODY
from tests.rules.made_world import index, only
from tests.rules.restraint.made_theatre import (
    AFAR,
    BORDER,
    CLIENT,
    ELSEWHERE,
    HUB,
    IDLIB,
    RIVAL,
    SYRIA,
    members_of,
    people,
    populate,
    protect,
)

RUSSIA = index("holders", "RUS")


def given(**values):
    return only(territory={"weight_displaced": 1.0, "weight_loss": 0.5} | values)


@pytest.fixture
def held(world):
    """A hub of 1000 with land and a client of 100 in Idlib, a rival with less land, and the state."""
    populate(world, hub=1000.0, client=100.0, rival=200.0)
    protect(world)
    control = world["theatres"]["control"][0, IDLIB]
    control[HUB], control[RIVAL], control[SYRIA] = 0.5, 0.2, 0.2
    return world


def test_land_passes_from_one_to_the_other_and_sums_to_no_more(held):
    control = held["theatres"]["control"][0, IDLIB]
    assert take(held[0], IDLIB, SYRIA, HUB, 0.2, given()) == pytest.approx(0.2)
    assert (control[HUB], control[SYRIA]) == (pytest.approx(0.3), pytest.approx(0.4))
    assert control.sum() == pytest.approx(0.9)
    assert held["theatres"]["cum_displaced"][0, IDLIB] == pytest.approx(0.2)
    assert held["theatres"]["regained"][0, IDLIB] == pytest.approx(0.2), "the state of the theatre won it back"


def test_nobody_takes_more_than_there_is(held):
    control = held["theatres"]["control"][0, IDLIB]
    assert take(held[0], IDLIB, SYRIA, RIVAL, 0.7, given()) == pytest.approx(0.2)
    assert control[RIVAL] == 0.0
    assert take(held[0], IDLIB, SYRIA, NOBODY, 0.7, given()) == pytest.approx(0.1)
    assert free_land(held["theatres"][0, IDLIB]) == pytest.approx(0.0)
    assert control.sum() == pytest.approx(1.0)
    assert take(held[0], IDLIB, SYRIA, NOBODY, 0.7, given()) == 0.0
    assert take(held[0], IDLIB, SYRIA, SYRIA, 0.7, given()) == 0.0


def test_land_that_was_nobodys_costs_nobody_anything(held):
    before = held["groups"].copy()
    take(held[0], IDLIB, RIVAL, NOBODY, 0.1, given())
    np.testing.assert_array_equal(held["groups"], before)
    assert held["theatres"]["cum_displaced"][0, IDLIB] == 0.0
    assert held["theatres"]["regained"][0, IDLIB] == 0.0


def test_the_loser_and_its_clients_lose_people_by_the_share_of_land_lost(held):
    # Two fifths of its land, half of that in people: one fifth of 1000; clients lose 0.5 of that share.
    take(held[0], IDLIB, SYRIA, HUB, 0.2, given(weight_client=0.5))
    assert members_of(held, HUB) == pytest.approx(800.0)
    assert members_of(held, CLIENT) == pytest.approx(90.0)
    assert members_of(held, RIVAL) == pytest.approx(200.0)


def test_clients_disperse_with_the_loss_of_all_land_and_not_where_their_weight_is_nothing(held):
    other = held.copy()
    take(held[0], IDLIB, SYRIA, HUB, 1.0, given(weight_loss=1.0, weight_client=1.0))
    assert members_of(held, CLIENT) == pytest.approx(0.0)
    take(other[0], IDLIB, SYRIA, HUB, 1.0, given(weight_loss=1.0))
    assert members_of(other, CLIENT) == pytest.approx(100.0)


def test_a_client_elsewhere_and_an_ally_who_takes_the_land_lose_nobody(held):
    held["groups"]["theatre"][0, CLIENT] = BORDER
    take(held[0], IDLIB, SYRIA, HUB, 0.5, given(weight_client=1.0))
    assert members_of(held, CLIENT) == pytest.approx(100.0)


@pytest.mark.parametrize("taker", [HUB, SYRIA], ids=["who has a custody", "who has none"])
def test_people_are_conserved_and_fall_are_held_or_disperse(held, taker):
    held["theatres"]["war"][0, BORDER] = 1.0
    before = people(held)
    params = given(share_dead=0.25, share_held=0.5, weight_loss=1.0, const_home=-1.0, weight_war=2.0, weight_kin=1.0)
    take(held[0], IDLIB, taker, RIVAL, 0.2, params)
    assert people(held) == pytest.approx(before)
    assert members_of(held, RIVAL) == pytest.approx(0.0)
    assert held["pools"]["fallen"].sum() == held["groups"]["cum_fallen"][0, RIVAL] == pytest.approx(50.0)
    custody = held["custodies"][0][held["custodies"]["custodian"][0] == taker]
    kept = float(custody["hard"].sum() + custody["other"].sum())
    assert kept == pytest.approx(100.0 if taker == HUB else 0.0), "where there is no custody they disperse"
    home, gone = held["pools"]["returned"].sum(), held["pools"]["gone"].sum()
    abroad = sum(members_of(held, g) for g in range(held["groups"].shape[1])) - 1100.0
    assert min(home, gone, abroad) > 0.0
    assert home + gone + abroad == pytest.approx(150.0 - kept)


def test_hard_members_stay_hard_wherever_they_go(held):
    held["theatres"]["war"][0, BORDER] = 1.0
    take(held[0], IDLIB, SYRIA, RIVAL, 0.2, given(weight_loss=1.0))
    there = held["groups"][0][held["groups"]["theatre"][0] == BORDER]
    assert there["hard"].sum() / (there["hard"].sum() + there["other"].sum()) == pytest.approx(0.25)


@pytest.mark.parametrize(("amount", "fell"), [(0.1, 0.0), (0.16, 1.0), (0.2, 1.0)])
def test_a_stronghold_falls_where_hardly_any_land_is_left(held, amount, fell):
    others = np.arange(held["groups"].shape[1]) != RIVAL
    assert held["theatres"]["control"][0, IDLIB, : len(others)][others].sum() > 0.0
    again = held.copy()
    take(again[0], IDLIB, SYRIA, RIVAL, amount, given())
    assert again["theatres"]["fell"][0, IDLIB] == 0.0, "another group still holds land there"
    held["theatres"]["control"][0, IDLIB, : len(others)][others] = 0.0
    take(held[0], IDLIB, SYRIA, RIVAL, amount, given())
    assert held["theatres"]["fell"][0, IDLIB] == fell


def test_who_had_hardly_any_land_has_nothing_left_to_fall(held):
    held["theatres"]["control"][0, IDLIB, RIVAL] = 0.04
    take(held[0], IDLIB, SYRIA, RIVAL, 0.04, given())
    assert held["theatres"]["fell"][0, IDLIB] == 0.0


def test_heads_are_protectors_in_the_same_theatre(held):
    assert head_of(held[0], CLIENT) == HUB
    assert head_of(held[0], HUB) == HUB
    protect(held, HUB, RIVAL)
    assert head_of(held[0], CLIENT) == RIVAL, "the protector's own"
    protect(held, CLIENT, ELSEWHERE)
    assert head_of(held[0], CLIENT) == CLIENT, "one elsewhere gives no land to live on"


def test_the_share_of_clients_counts_those_on_land(held):
    assert share_of_clients(held[0], IDLIB) == pytest.approx(100.0 / 1300.0)
    held["theatres"]["control"][0, IDLIB, HUB] = 0.0
    assert share_of_clients(held[0], IDLIB) == 0.0
    assert share_of_clients(held[0], BORDER) == 0.0


def test_who_leaves_whose_land_alone(held):
    assert are_allied(held[0], HUB, CLIENT)
    assert are_allied(held[0], SYRIA, RUSSIA), "states"
    assert not are_allied(held[0], HUB, RIVAL)
    assert not are_allied(held[0], HUB, SYRIA)
    assert not are_allied(held[0], SYRIA, HUB)


def test_an_ordered_share_comes_from_the_one_named_then_nobody_then_the_largest_foes(held):
    control = held["theatres"]["control"][0, IDLIB]
    take_share(held[0], IDLIB, HUB, RIVAL, 0.35, given())
    np.testing.assert_allclose(control[[HUB, RIVAL, SYRIA]], [0.85, 0.0, 0.15])
    assert largest_foe(held[0], IDLIB, HUB) == SYRIA
    take_share(held[0], IDLIB, HUB, NOBODY, 0.9, given())
    np.testing.assert_allclose(control[[HUB, RIVAL, SYRIA]], [1.0, 0.0, 0.0])
    assert largest_foe(held[0], IDLIB, HUB) == NOBODY


def test_groups_that_are_not_there_yet_lose_nobody(held):
    held["groups"]["enters"][0, CLIENT] = 10**5
    take(held[0], IDLIB, SYRIA, HUB, 0.5, given(weight_client=1.0))
    assert members_of(held, CLIENT) == pytest.approx(100.0)
    assert members_of(held, AFAR) == 0.0
