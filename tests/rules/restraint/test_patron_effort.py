"""Effort: what each of the three theories reacts to, who makes none, states as patrons, and the switch."""

import math

import numpy as np
import pytest

from sim.numerics.choice import logistic
from sim.rules.restraint import patron_effort
from sim.world.fields import NEVER
from tests.rules.made_conflict import enter
from tests.rules.made_world import index, only, register, run

HUB, CLIENT = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"
P, KTJ = index("groups", HUB), index("groups", CLIENT)
PAK = index("states", "PAK")
WEIGHTS = {
    "base_effort": -0.5,
    "weight_hope": 2.0,
    "weight_stake": 3.0,
    "weight_blame": 1.5,
    "weight_cover": 0.7,
    "weight_faction": 2.0,
    "weight_record": 4.0,
    "weight_creed": 5.0,
    "rate_adjust": 1.0,
    "share_exerted": 1.0,
}
DETERMINANTS = ("hope", "stake", "blame", "cover", "legitimacy", "creed", "faction")


def given(**values):
    return only(patron_effort=WEIGHTS | values)


def will(params, **values):
    found = dict.fromkeys(DETERMINANTS, 0.3) | values
    return patron_effort.will_of(*(found[name] for name in DETERMINANTS), params)


@pytest.fixture
def hub(world):
    """The hub of Idlib as a patron with one client."""
    enter(world, HUB, hard=300.0, other=700.0)
    enter(world, CLIENT, hard=35.0, other=65.0)["protector"] = P
    world["groups"]["line"][0, P] = 0.2
    patron = world["patrons"][0, P]
    patron["hope"], patron["blame"], patron["cover"], patron["legitimacy"] = 0.4, 0.2, 0.5, 0.5
    world["groups"]["rep_hold"][0, P] = 0.8
    return patron


def state_patron(world):
    return world["patrons"][0, int(np.flatnonzero(world["patrons"]["state"][0] == PAK)[0])]


def test_effort_by_hand(world, hub):
    # z = −0.5 + 2 · 0.4 + 3 · (0.5 · 0.8) + 1.5 · 0.2 + 0.7 · 0.5 − 2 · 0.3 = 1.55; from 0.2, half of the way.
    hub["effort"], world["groups"]["line"][0, P] = 0.2, 0.3
    run(patron_effort, world, given(rate_adjust=0.5))
    assert hub["stake"] == pytest.approx(0.4)
    assert hub["faction"] == pytest.approx(0.3)
    assert hub["effort"] == pytest.approx(0.2 + 0.5 * (1 / (1 + math.exp(-1.55)) - 0.2))


REACTS = {
    0.0: {"hope": 2.0, "stake": 3.0, "blame": 1.5, "cover": 0.7, "faction": -2.0},
    1.0: {"blame": 4.0 * 0.3, "legitimacy": 4.0 * 0.3, "faction": -2.0},
    2.0: {"creed": 5.0, "faction": -2.0},
}


@pytest.mark.parametrize("theory", REACTS)
@pytest.mark.parametrize("name", DETERMINANTS)
def test_each_theory_reacts_to_what_it_says_and_to_nothing_else(theory, name):
    params = given(theory=theory)
    slope = (will(params, **{name: 0.4}) - will(params)) / 0.1
    assert slope == pytest.approx(REACTS[theory].get(name, 0.0))


@pytest.mark.parametrize("name", ["hope", "stake", "blame", "cover", "faction"])
def test_a_weight_of_nothing_takes_its_determinant_away(name):
    params = given(**{f"weight_{name}": 0.0})
    assert will(params, **{name: 1.0}) == will(params)


def test_without_any_reason_effort_comes_to_the_base_and_stays_below_one(world):
    enter(world, HUB, other=10.0)
    enter(world, CLIENT, other=10.0)["protector"] = P
    for _ in range(60):
        run(patron_effort, world, given(rate_adjust=0.3))
    assert world["patrons"]["effort"][0, P] == pytest.approx(logistic(-0.5))


def test_land_restrains_by_legitimacy_only(world, hub):
    hub["legitimacy"] = 0.0
    run(patron_effort, world, given())
    landed = float(hub["effort"])
    world["groups"]["rep_hold"][0, P] = 0.0
    run(patron_effort, world, given())
    assert hub["effort"] == landed


def test_a_group_that_nobody_answers_to_lets_go(world):
    enter(world, "Ahrar al-Sham", other=100.0)
    patron = world["patrons"][0, index("groups", "Ahrar al-Sham")]
    patron["effort"], patron["hope"] = 0.6, 1.0
    run(patron_effort, world, given(rate_adjust=0.25))
    assert patron["effort"] == pytest.approx(0.45)


def test_a_hub_makes_an_effort_for_its_own_members(world, hub):
    world["groups"]["protector"][0, KTJ] = -1
    run(patron_effort, world, given())
    assert hub["effort"] > 0.5


def test_a_patron_that_is_not_there_yet_makes_none(world, hub):
    world["groups"]["enters"][0, P] = NEVER
    run(patron_effort, world, given())
    assert hub["effort"] == 0.0


def test_clients_that_are_not_there_yet_are_none(world):
    enter(world, "Ahrar al-Sham", other=100.0)
    enter(world, CLIENT, since=NEVER)["protector"] = index("groups", "Ahrar al-Sham")
    run(patron_effort, world, given())
    assert world["patrons"]["effort"][0, index("groups", "Ahrar al-Sham")] == 0.0


def test_a_state_weighs_a_crisis_against_the_use_of_its_clients(world):
    # z = −0.5 + 3 · 0.6 − 2 · 0.4 = 0.5, and whatever a creed is worth, a state has none.
    enter(world, "Lashkar-e-Tayyaba", other=100.0)["sponsor"] = PAK
    patron = state_patron(world)
    patron["crisis"], patron["faction"], patron["legitimacy"] = 0.6, 0.4, 1.0
    run(patron_effort, world, given())
    assert patron["stake"] == 0.6
    assert patron["faction"] == 0.4
    assert patron["effort"] == pytest.approx(logistic(0.5))
    run(patron_effort, world, given(theory=2.0))
    assert patron["effort"] == pytest.approx(logistic(-0.5 - 0.8))


def test_without_effort_exerted_the_rule_changes_nothing(world, hub):
    before = world.tobytes()
    run(patron_effort, world, given(share_exerted=0.0))
    assert world.tobytes() == before


def test_a_part_of_the_effort_is_a_part_of_it(world, hub):
    run(patron_effort, world, given(share_exerted=0.25))
    part = float(hub["effort"])
    hub["effort"] = 0.0
    run(patron_effort, world, given())
    assert part == pytest.approx(0.25 * hub["effort"])


@pytest.mark.parametrize("theory", [0.0, 1.0, 2.0])
def test_effort_stays_within_its_range(world, hub, theory):
    params = register().record({"patron_effort.theory": theory})[0]
    for _ in range(40):
        run(patron_effort, world, params)
        assert (world["patrons"]["effort"] >= 0.0).all()
        assert (world["patrons"]["effort"] <= 1.0).all()
