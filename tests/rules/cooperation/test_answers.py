"""What each answer to a request is worth to the state asked: pressure, gain, cost and utilities, worked by hand."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.cooperation import requests
from sim.world.cooperation import ANSWERS, EXTRADITE, REFUSE, RETURN, SHARE, STALL, THIRD_COUNTRY
from sim.world.fields import NOBODY
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import dice, index, only, register, run

MYS = index("states", "MYS")
WEIGHTS = {
    "weight_pressure": 2.0,
    "weight_doctrine": 1.5,
    "weight_threat": 1.0,
    "weight_goodwill": 0.5,
    "weight_rights": 4.0,
    "weight_solidarity": 5.0,
    "weight_protest": 0.5,
    "weight_backlash": 1.5,
}
ANSWER_WEIGHTS = {
    "base_extradite": -2.0,
    "weight_treaty": 4.0,
    "base_return": -1.0,
    "weight_intelligence": 3.0,
    "weight_fear": 0.5,
    "base_share": -1.5,
    "weight_substitute": 2.0,
    "part_gain": 0.4,
    "base_third": -1.8,
    "part_cost": 0.7,
    "base_stall": -1.0,
    "weight_cross": 0.6,
}


def given(**values):
    return only(requests={"half_wanted": 1.0, **values})


def test_pressure_by_hand():
    # (0.2 + 0.5 · 0.4 + 0.6 · 0.3) · (1 − 0.5 · 0.8) = 0.58 · 0.6.
    params = given(weight_economy=0.5, weight_supply=0.6, weight_west=0.5)
    assert requests.pressure_of(0.2, 0.4, 0.3, 0.8, params) == pytest.approx(0.348)
    assert requests.pressure_of(0.3, 0.4, 0.3, 0.8, params) > 0.348
    assert requests.pressure_of(0.2, 0.5, 0.3, 0.8, params) > 0.348
    assert requests.pressure_of(0.2, 0.4, 0.4, 0.8, params) > 0.348
    assert requests.pressure_of(0.2, 0.4, 0.3, 0.9, params) < 0.348
    assert requests.pressure_of(1.0, 1.0, 1.0, 0.0, params) == 1.0, "no more than full pressure"


def test_pressure_is_written_for_every_channel(world):
    asked = channel(world, "MYS")
    world["dyads"]["leverage"][0, asked["dyad"]] = 0.2
    world["dyads"]["interest"][0, asked["dyad"]] = 0.4
    world["states"]["supply"][0, MYS, index("homes", "CHN")] = 0.3
    world["states"]["western_ties"][0, MYS] = 0.8
    run(requests, world, given(weight_economy=0.5, weight_supply=0.6, weight_west=0.5))
    assert asked["pressure"] == pytest.approx(0.348)
    assert world["channels"]["pressure"].sum() == pytest.approx(0.348)


def test_where_the_asking_state_is_no_home_its_supply_does_not_press(world):
    world["states"]["supply"] = 0.5
    world["origins"]["home"] = NOBODY
    run(requests, world, given(weight_supply=1.0))
    assert not world["channels"]["pressure"].any()


def test_gain_and_cost_by_hand():
    params = given(**WEIGHTS)
    # 2 · 0.4 + 1.5 · 0.2 + 1 · 0.3 + 0.5 · 0.6.
    assert requests.gain_of(0.4, 0.2, 0.3, 0.6, params) == pytest.approx(1.7)
    # 4 · 0.5 · 0.3 + 5 · 0.4 · 0.5 · (1 + 0.5 · 0.2) + 1.5 · 0.1 = 0.6 + 1.1 + 0.15.
    assert requests.cost_of(0.5, 0.3, 0.4, 0.5, 0.2, 0.1, params) == pytest.approx(1.85)


@pytest.mark.parametrize("place", range(4))
def test_each_part_of_the_gain_raises_it(place):
    values = [0.4] * 4
    values[place] += 0.1
    assert requests.gain_of(*values, given(**WEIGHTS)) > requests.gain_of(*[0.4] * 4, given(**WEIGHTS))


@pytest.mark.parametrize("place", range(6))
def test_each_part_of_the_cost_raises_it(place):
    values = [0.4] * 6
    values[place] += 0.1
    assert requests.cost_of(*values, given(**WEIGHTS)) > requests.cost_of(*[0.4] * 6, given(**WEIGHTS))


def test_rights_weigh_only_where_policy_is_noticed_and_sympathy_only_where_it_is_heard():
    params = given(**WEIGHTS)
    assert requests.cost_of(1.0, 0.0, 1.0, 0.0, 1.0, 0.0, params) == 0.0


def test_utilities_by_hand():
    # Gain 1.7, cost 1.2, pressure 0.4, treaty in force, acceptance 0.5, sharing 0.3.
    found = requests.utilities_of(1.7, 1.2, 0.4, 1.0, 0.5, 0.3, True, given(**ANSWER_WEIGHTS))
    expected = {
        EXTRADITE: -2.0 + 4.0 * 0.5 + 0.5,
        RETURN: -1.0 + 3.0 * 0.3 + 0.5,
        REFUSE: -0.2,
        SHARE: -1.5 + 0.6 + 0.68,
        THIRD_COUNTRY: -1.8 + 0.84,
        STALL: -1.0 + 0.6 * 1.2,
    }
    np.testing.assert_allclose(found, [expected[answer] for answer in range(len(ANSWERS))])


def test_a_treaty_is_neither_necessary_nor_sufficient():
    params = given(**ANSWER_WEIGHTS)
    without = requests.utilities_of(3.0, 0.0, 0.4, 0.0, 0.8, 0.6, False, params)
    assert without.argmax() == RETURN, "the will is there"
    against = requests.utilities_of(0.5, 3.0, 0.2, 1.0, 0.2, 0.1, False, params)
    assert against.argmax() == REFUSE, "it is not"
    unaccepted = requests.utilities_of(0.5, 3.0, 0.2, 1.0, 0.0, 0.1, False, params)
    none = requests.utilities_of(0.5, 3.0, 0.2, 0.0, 0.0, 0.1, False, params)
    np.testing.assert_array_equal(unaccepted, none)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("gain", {EXTRADITE: 1, RETURN: 1, SHARE: 1, STALL: 1}),
        ("cost", {EXTRADITE: -1, RETURN: -1, THIRD_COUNTRY: 1}),
        ("pressure", {REFUSE: -1}),
        ("treaty", {EXTRADITE: 1}),
        ("acceptance", {EXTRADITE: 1}),
        ("sharing", {RETURN: 1, SHARE: 1}),
    ],
)
def test_the_direction_in_which_each_determinant_moves_each_answer(name, answers):
    base = {"gain": 1.0, "cost": 1.4, "pressure": 0.4, "treaty": 0.5, "acceptance": 0.5, "sharing": 0.3}
    params = given(**ANSWER_WEIGHTS)
    before = requests.utilities_of(*base.values(), True, params)
    after = requests.utilities_of(*{**base, name: base[name] + 0.1}.values(), True, params)
    moves = {answer: int(np.sign(after[answer] - before[answer])) for answer in range(len(ANSWERS))}
    assert moves == {answer: answers.get(answer, 0) for answer in range(len(ANSWERS))}


@pytest.mark.parametrize(
    ("table", "field", "sign"),
    [
        ("states", "threat", 1),
        ("channels", "acceptance", 1),
        ("channels", "goodwill", 1),
        ("states", "rights", -1),
        ("origins", "salience", -1),
        ("channels", "solidarity", -1),
        ("states", "voice", -1),
        ("origins", "protest", -1),
        ("channels", "backlash", -1),
    ],
)
def test_each_determinant_moves_a_return_in_its_direction_by_the_register(world, table, field, sign):
    for name in ("threat", "rights", "voice"):
        world["states"][name] = 0.4
    for name in ("salience", "protest"):
        world["origins"][name] = 0.4
    for name in ("acceptance", "solidarity", "backlash", "goodwill"):
        world["channels"][name] = 0.4
    c = int(np.flatnonzero(world["channels"]["state"][0] == MYS)[0])
    params = register().record()[0]
    before = requests.utilities_in(world[0], c, 0.3, params)[RETURN]
    world[table][field] = 0.5
    assert np.sign(requests.utilities_in(world[0], c, 0.3, params)[RETURN] - before) == sign


# Rival theories


def answers_under(world, theory, replications=300, **values):
    """How often each answer was chosen on the channel of Malaysia under a theory."""
    params = given(**{"theory": theory, **ANSWER_WEIGHTS, **values})
    counts, c = np.zeros(len(ANSWERS)), place_of(world, "MYS")
    for replication in range(replications):
        counts[requests.chosen_answer(world[0], c, 0.0, params, dice(replication), NO_LEDGER)] += 1
    return counts / replications


def test_a_satisficing_state_gives_any_answer_that_is_good_enough(world):
    # Without gain, cost or pressure: refuse 0, return −1, stall −1, share −1.5, extradite −2; no third country.
    channel(world, "MYS")["third"] = NOBODY
    found = answers_under(world, 1.0, aspiration=-1.2)
    assert found[[REFUSE, RETURN, STALL]] == pytest.approx([1 / 3] * 3, abs=0.08)
    assert found[[SHARE, EXTRADITE, THIRD_COUNTRY]].tolist() == [0.0, 0.0, 0.0]


def test_a_satisficing_state_stalls_where_no_answer_is_good_enough(world):
    assert answers_under(world, 1.0, 20, aspiration=0.5)[STALL] == 1.0


def test_an_imitating_state_answers_as_others_did(world):
    # Others refused once and returned three times: worth 4 · 0.25 and 4 · 0.75, the other three 0.
    channel(world, "MYS")["third"] = NOBODY
    channel(world, "MYS")["cum_answers"][EXTRADITE] = 50
    channel(world, "THA")["cum_answers"][REFUSE] = 1
    channel(world, "IDN")["cum_answers"][RETURN] = 3
    found = answers_under(world, 2.0, 600, weight_peers=4.0)
    total = np.exp(1.0) + np.exp(3.0) + 3.0
    assert found[REFUSE] == pytest.approx(np.exp(1.0) / total, abs=0.04)
    assert found[RETURN] == pytest.approx(np.exp(3.0) / total, abs=0.05)
    assert found[EXTRADITE] == pytest.approx(1.0 / total, abs=0.03), "its own answers are no model to it"
    assert found[THIRD_COUNTRY] == 0.0


def test_answers_to_another_origin_are_no_model(world):
    channel(world, "THA")["cum_answers"][REFUSE] = 4
    given_so_far = requests.answers_of_others(world[0], place_of(world, "MYS"))
    assert given_so_far[REFUSE] == 4.0
    assert requests.answers_of_others(world[0], place_of(world, "THA")).sum() == 0.0
    channel(world, "THA")["origin"] = 1
    assert requests.answers_of_others(world[0], place_of(world, "MYS")).sum() == 0.0


def place_of(world, state):
    """The row of the channel on which a state is asked by the first origin."""
    rows = world[0]["channels"]
    return int(np.flatnonzero(rows["state"] == index("states", state))[0])
