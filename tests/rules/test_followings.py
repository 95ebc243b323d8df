"""Members of groups move between groups, areas and custody; nobody is made or lost, and leanings follow from people."""

import math

import pytest

from sim.rules.followings import GONE, defect, disperse, join, leave, release, seize, to_pool
from sim.world.fields import NOBODY
from tests.rules.made_world import blank, default_world, index, only

HARDER, CLIENT = index("groups", "Hurras al-Din"), index("groups", "Katibat al-Tawhid wal-Jihad")
JAILED, FAR = index("groups", "Islamic State"), index("groups", "Islamic Jihad Union")
GUARD = index("holders", "Syrian Democratic Forces")
BORDER, IDLIB = index("theatres", "Afghanistan-Pakistan border"), index("theatres", "Idlib")
HOME_ONLY = only(territory={"const_home": 0.0, "const_abroad": -1.0})


@pytest.fixture
def world():
    made = blank()
    made["groups"]["pool"][0, :, 1] = 1.0
    for g, hard, other, lean_hard, lean_other in ((CLIENT, 100.0, 300.0, 0.8, 0.2), (HARDER, 50.0, 50.0, 1.0, 0.4)):
        group = made["groups"][0][g]
        group["hard"], group["other"], group["leaning_hard"], group["leaning_other"] = (
            hard,
            other,
            lean_hard,
            lean_other,
        )
    return made


def everybody(world):
    groups, pools, custodies = world["groups"], world["pools"], world["custodies"]
    abroad = sum(pools[name].sum() for name in ("left", "gone", "fallen", "returned"))
    return groups["hard"].sum() + groups["other"].sum() + abroad + custodies["hard"].sum() + custodies["other"].sum()


def test_who_joins_brings_a_leaning_along(world):
    join(world["groups"][0, HARDER], 50.0, 0.0, 0.5, 0.0)
    group = world["groups"][0, HARDER]
    assert (group["hard"], group["leaning_hard"], group["leaning_other"]) == (100.0, pytest.approx(0.75), 0.4)
    assert group["orientation"] == pytest.approx((100 * 0.75 + 50 * 0.4) / 150)


def test_orientation_falls_when_hardliners_leave_though_nobodys_leaning_changes(world):
    leave(world["groups"][0, CLIENT], 60.0, 0.0)
    group = world["groups"][0, CLIENT]
    assert (group["leaning_hard"], group["leaning_other"]) == (0.8, 0.2)
    assert group["orientation"] == pytest.approx((40 * 0.8 + 300 * 0.2) / 340)
    assert group["orientation"] < (100 * 0.8 + 300 * 0.2) / 400


def test_who_defects_is_counted_and_takes_the_leaning_along(world):
    before = everybody(world)
    defect(world[0], CLIENT, HARDER, 150.0, 10.0)
    groups = world["groups"][0]
    assert groups["hard"][[CLIENT, HARDER]].tolist() == [0.0, 150.0]
    assert groups["cum_defected"][CLIENT] == 110.0
    assert groups["leaning_hard"][HARDER] == pytest.approx((50 * 1.0 + 100 * 0.8) / 150)
    assert everybody(world) == pytest.approx(before)


def test_custody_keeps_who_is_taken_where_there_is_one(world):
    assert seize(world[0], GUARD, JAILED, 30.0, 5.0)
    assert not seize(world[0], index("holders", "FRA"), JAILED, 30.0, 5.0)
    assert world["custodies"]["hard"].sum() == 30.0


def test_half_of_those_who_get_out_go_back(world):
    c = default_world().names.custodies.index("Syrian Democratic Forces>Islamic State")
    world["custodies"]["hard"][0, c], world["custodies"]["other"][0, c] = 100.0, 40.0
    before = everybody(world)
    release(world[0], c, 0.5, HOME_ONLY)
    assert world["groups"]["hard"][0, JAILED] == 25.0
    assert world["groups"]["other"][0, JAILED] == 10.0
    assert world["custodies"]["cum_escaped"][0, c] == 70.0
    assert everybody(world) == pytest.approx(before)


def test_without_a_war_elsewhere_they_go_home_or_hide(world):
    world["groups"]["aim"][0, CLIENT, index("states", "RUS")] = 0.4
    disperse(world[0], CLIENT, 60.0, 40.0, HOME_ONLY)
    assert world["pools"]["returned"].sum() == pytest.approx(50.0)
    assert world["pools"]["gone"].sum() == pytest.approx(50.0)
    assert world["states"]["returnees"][0, index("states", "RUS")] == pytest.approx(20.0)


def test_war_elsewhere_draws_them_to_the_group_of_most_kin(world):
    world["theatres"]["war"][0, BORDER] = 1.0
    world["groups"]["pool"][0, :, 1] = 0.0
    world["groups"]["pool"][0, CLIENT, 1] = world["groups"]["pool"][0, FAR, 1] = 1.0
    params = only(territory={"weight_war": 2.0, "weight_kin": 1.0, "const_abroad": -1.0})
    disperse(world[0], CLIENT, 60.0, 40.0, params)
    share = math.exp(2.0) / (2.0 + math.exp(2.0))
    assert world["groups"]["hard"][0, FAR] == pytest.approx(60 * share)
    assert world["groups"]["leaning_hard"][0, FAR] == pytest.approx(0.8)


def test_closed_borders_leave_more_in_hiding(world):
    turkey = index("states", "TUR")
    assert world["theatres"]["transit"][0, IDLIB] == turkey
    guarded = world["legs"]["owner"][0] == turkey
    assert guarded.any()
    world["legs"]["control"][0, guarded] = 0.5
    disperse(world[0], CLIENT, 100.0, 0.0, only(territory={"const_home": 0.0, "weight_closed": 2.0}))
    assert world["pools"]["gone"].sum() == pytest.approx(100.0 / (1.0 + math.exp(-1.0)))


def test_areas_get_their_shares(world):
    world["groups"]["pool"][0, CLIENT, 1:3] = (0.25, 0.75)
    to_pool(world[0], CLIENT, 100.0, GONE)
    assert world["pools"]["gone"][0, 1:3].tolist() == [25.0, 75.0]


def test_nobody_is_at_a_loss_where_there_is_no_theatre(world):
    world["groups"]["theatre"][0, CLIENT] = NOBODY
    disperse(world[0], CLIENT, 100.0, 0.0, HOME_ONLY)
    assert everybody(world) == pytest.approx(600.0)
