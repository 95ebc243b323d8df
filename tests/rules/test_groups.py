"""Groups: who answers to whom, how near and strong they are, and what holds them back."""

import pytest

from sim.rules.groups import (
    dependence_of,
    hold_on,
    is_linked,
    is_near,
    kin,
    patron_of,
    reach_of,
    set_orientation,
    strength_of,
)
from sim.world.fields import NOBODY
from tests.rules.made_world import blank, default_world, index

HUB, CLIENT = index("groups", "Hayat Tahrir al-Sham"), index("groups", "Katibat al-Tawhid wal-Jihad")
AFAR, SPONSORED = index("groups", "Islamic Movement of Uzbekistan"), index("groups", "Lashkar-e-Tayyaba")
PAKISTAN = index("states", "PAK")
SPONSOR = default_world().names.patrons.index("PAK")


@pytest.fixture
def world():
    return blank()


def test_a_protector_goes_before_a_sponsor_and_a_sponsor_before_a_pledge(world):
    groups = world["groups"][0]
    assert patron_of(world[0], CLIENT) == NOBODY
    groups["pledge"][CLIENT] = AFAR
    assert patron_of(world[0], CLIENT) == AFAR
    groups["sponsor"][CLIENT] = PAKISTAN
    assert patron_of(world[0], CLIENT) == SPONSOR
    groups["protector"][CLIENT] = HUB
    assert patron_of(world[0], CLIENT) == HUB


def test_a_client_is_held_back_by_effort_as_far_as_it_depends_and_is_near(world):
    world["groups"]["protector"][0, CLIENT] = HUB
    world["groups"]["dependence"][0, CLIENT], world["patrons"]["effort"][0, HUB] = 0.5, 0.8
    assert hold_on(world[0], CLIENT, 0.3) == pytest.approx(0.4)
    world["groups"]["theatre"][0, CLIENT] = index("theatres", "north-east Syria")
    assert hold_on(world[0], CLIENT, 0.3) == pytest.approx(0.12)


def test_a_hub_that_answers_to_nobody_holds_itself_back_and_others_do_not(world):
    world["patrons"]["effort"][0, :] = 0.6
    assert hold_on(world[0], HUB, 0.3) == pytest.approx(0.6)
    assert hold_on(world[0], CLIENT, 0.3) == 0.0


def test_a_sponsoring_state_reaches_its_client_wherever_it_is(world):
    assert reach_of(world[0], SPONSORED, SPONSOR, 0.3) == 1.0


def test_groups_without_a_theatre_are_near_in_one_state_only(world):
    assert not is_near(world[0], SPONSORED, AFAR)
    world["groups"]["theatre"][0, AFAR], world["groups"]["state"][0, AFAR] = NOBODY, PAKISTAN
    assert is_near(world[0], SPONSORED, AFAR)


def test_linked_are_client_and_protector_and_clients_of_one(world):
    groups = world["groups"][0]
    assert not is_linked(world[0], CLIENT, AFAR)
    groups["protector"][[CLIENT, AFAR]] = HUB
    assert is_linked(world[0], CLIENT, HUB)
    assert is_linked(world[0], HUB, CLIENT)
    assert is_linked(world[0], CLIENT, AFAR)


def test_kin_is_what_two_groups_share_of_their_areas(world):
    world["groups"]["pool"][0, CLIENT, :3] = (0.2, 0.5, 0.3)
    world["groups"]["pool"][0, AFAR, :3] = (0.6, 0.4, 0.0)
    assert kin(world[0], CLIENT, AFAR) == pytest.approx(0.6)


def test_orientation_is_the_mean_over_members_and_stays_where_there_are_none(world):
    group = world["groups"][0, CLIENT]
    group["leaning_hard"], group["leaning_other"], group["orientation"] = 0.9, 0.1, 0.7
    set_orientation(world["groups"][0, CLIENT])
    assert group["orientation"] == 0.7
    world["groups"]["hard"][0, CLIENT], world["groups"]["other"][0, CLIENT] = 30.0, 10.0
    set_orientation(world["groups"][0, CLIENT])
    assert world["groups"]["orientation"][0, CLIENT] == pytest.approx(0.7)


def test_strength_saturates_and_is_lost_in_disarray(world):
    world["groups"]["hard"][0, CLIENT], world["groups"]["disarray"][0, CLIENT] = 1000.0, 0.5
    assert strength_of(world["groups"][0, CLIENT], 1000.0, 0.4) == pytest.approx(0.5 * 0.8)


@pytest.mark.parametrize(
    ("supply", "income", "persons", "share"), [(0, 0, 10, 0.0), (5, 0, 10, 1.0), (10, 1, 30, 0.25)]
)
def test_dependence_is_the_share_of_supply(supply, income, persons, share):
    assert dependence_of(float(supply), float(income), float(persons)) == pytest.approx(share)
