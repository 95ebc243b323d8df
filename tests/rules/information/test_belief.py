"""Belief: the likelihood ratio, forgetting, denial, errors and credibility, legitimacy, rally and standing."""

import math

import numpy as np
import pytest

from sim.rules.information import belief
from sim.world.fields import NOBODY
from tests.rules.information.made_voices import accuser_of, quiet
from tests.rules.made_world import index, only, register, run

RUS, USA = accuser_of("RUS"), accuser_of("USA")
HOLDER, LENDER = 2, index("states", "TUR")


def given(**values):
    return only(belief={"weight_discount": 1.0, "keep": 1.0, **values})


@pytest.fixture
def calm(world):
    """Three groups are there; nobody is accused, all audiences and accusers are alike."""
    return quiet(world)


def logit(x):
    return np.log(x / (1.0 - x))


def accuse(world, g=1, d=RUS, said=1.0):
    world["accusers"]["accuses"][0, d, g] = said


def test_the_ratio_by_hand():
    # [0.6 + 0.4 · 0.2] / 0.2.
    assert belief.ratio_of(0.6, 0.2) == pytest.approx(3.4)


def test_the_ratio_is_one_for_an_accuser_who_finds_nothing_and_never_below_one():
    generator = np.random.default_rng(0)
    for h, f in generator.uniform(0, 1, (500, 2)):
        assert belief.ratio_of(0.0, f) == 1.0
        assert belief.ratio_of(h, f) >= 1.0
        assert belief.ratio_of(h, f) == pytest.approx(belief.chance_if_guilty(h, f) / f)
        assert belief.ratio_of(h, 1.0) == 1.0, "nor where everybody is accused"


def test_h_is_the_chance_of_accusing_if_guilty_where_nobody_is_accused_for_nothing():
    assert belief.chance_if_guilty(0.6, 0.0) == 0.6
    assert belief.chance_if_guilty(0.0, 0.2) == 0.2, "who finds nothing accuses the guilty as it does anybody"


def test_the_ratio_rises_with_what_the_accuser_finds_and_falls_with_false_alarms():
    assert belief.ratio_of(0.7, 0.2) > belief.ratio_of(0.6, 0.2) > belief.ratio_of(0.6, 0.3)


def test_false_alarms_by_hand():
    # 0.1 + 0.5 · 0.6 · 0.8 + 0.2 · 0.7.
    params = given(base_alarm=0.1, weight_protest=0.5, weight_breadth=0.2)
    assert belief.false_alarm_of(0.6, 0.8, 0.7, params) == pytest.approx(0.48)
    assert belief.false_alarm_of(1.0, 1.0, 1.0, given(base_alarm=0.9, weight_protest=0.9)) == 1.0
    assert belief.false_alarm_of(0.0, 0.0, 0.0, given()) == belief.LEAST


def test_false_alarms_rise_with_protest_in_the_eyes_of_independent_audiences_alone(calm):
    calm["audiences"]["independence"][0, :3] = 0.0, 0.4, 0.9
    params = given(base_alarm=0.1, weight_protest=0.5)
    run(belief, calm, params)
    before = calm["audiences"]["false_alarm"].copy()
    calm["states"]["protest"][0, index("states", "RUS")] = 0.6
    run(belief, calm, params)
    rise = (calm["audiences"]["false_alarm"] - before)[0]
    np.testing.assert_allclose(rise[:3, RUS], 0.5 * 0.6 * np.array([0.0, 0.4, 0.9]), atol=1e-15)
    np.testing.assert_array_equal(rise[:, USA], 0.0)


def test_an_accusation_raises_belief_by_hand(calm):
    # h = 0.8 · 0.5, f = 0.1: LR = 0.46 / 0.1.
    accuse(calm)
    run(belief, calm, given(hit=0.8, base_alarm=0.1))
    found = calm["audiences"]["belief"][0]
    np.testing.assert_allclose(logit(found[:, 1]), logit(0.1) + math.log(4.6))
    np.testing.assert_array_equal(np.delete(found, 1, axis=1), 0.1)


def test_two_accusers_add_and_a_hedged_accusation_counts_in_part(calm):
    accuse(calm)
    accuse(calm, d=USA, said=0.5)
    run(belief, calm, given(hit=0.8, base_alarm=0.1))
    np.testing.assert_allclose(logit(calm["audiences"]["belief"][0, :, 1]), logit(0.1) + 1.5 * math.log(4.6))


def test_protest_makes_an_accusation_count_for_less_with_independent_audiences(calm):
    calm["audiences"]["independence"][0, :2] = 0.0, 1.0
    calm["states"]["protest"] = 0.8
    accuse(calm)
    run(belief, calm, given(hit=0.8, base_alarm=0.1, weight_protest=0.5))
    found = calm["audiences"]["belief"][0, :, 1]
    np.testing.assert_allclose(logit(found[:2]), logit(0.1) + np.log([4.6, (0.4 + 0.6 * 0.5) / 0.5]))


def test_without_accusations_log_odds_go_back_to_the_priors_by_keep_each_quarter(calm):
    calm["audiences"]["prior"][0, :2] = 0.05, 0.3
    calm["audiences"]["belief"][0, :2, 1] = 0.9, 0.2
    start = logit(calm["audiences"]["belief"][0, :, 1]) - logit(calm["audiences"]["prior"][0])
    for quarters in range(1, 9):
        run(belief, calm, given(keep=0.85))
        now = logit(calm["audiences"]["belief"][0, :, 1]) - logit(calm["audiences"]["prior"][0])
        np.testing.assert_allclose(now, start * 0.85**quarters, atol=1e-9)


def test_a_belief_that_is_the_prior_is_left_alone_to_the_last_bit(calm):
    calm["audiences"]["belief"][0, :, 1] = 0.1 + 5e-10
    calm["audiences"]["belief"][0, :, 2] = 0.1 + 1e-8
    before = calm["audiences"]["belief"].copy()
    run(belief, calm, given(keep=0.5, hit=0.8))
    np.testing.assert_array_equal(calm["audiences"]["belief"][:, :, :2], before[:, :, :2])
    assert (calm["audiences"]["belief"][:, :, 2] < before[:, :, 2]).all()


def test_belief_never_becomes_certain(calm):
    accuse(calm)
    for _ in range(40):
        run(belief, calm, given(hit=0.9, base_alarm=0.02, keep=0.98))
    np.testing.assert_array_equal(calm["audiences"]["belief"][0, :, 1], belief.MOST)
    calm["accusers"]["accuses"] = 0.0
    for _ in range(40):
        run(belief, calm, given(hit=0.9, base_alarm=0.02, keep=0.8))
    np.testing.assert_allclose(calm["audiences"]["belief"][0, :, 1], 0.1, rtol=0.01)


@pytest.mark.parametrize(("legitimacy", "denied"), [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (1.0, 0.0), (1.0, 0.5)])
def test_a_denial_takes_weight_away_by_the_patrons_legitimacy(calm, legitimacy, denied):
    calm["groups"]["protector"][0, 1] = 0
    calm["patrons"]["legitimacy"][0, 0] = legitimacy
    accuse(calm)
    calm["accusers"]["denied"][0, RUS, 1] = denied
    run(belief, calm, given(hit=0.8, base_alarm=0.1, weight_denial=0.6))
    expected = logit(0.1) + math.log(4.6) * (1.0 - 0.6 * denied * legitimacy)
    np.testing.assert_allclose(logit(calm["audiences"]["belief"][0, :, 1]), expected)


def test_a_denial_by_a_group_without_a_patron_or_of_nothing_changes_nothing(calm):
    calm["patrons"]["legitimacy"] = 1.0
    calm["accusers"]["denied"] = 1.0
    accuse(calm)
    run(belief, calm, given(hit=0.8, base_alarm=0.1, weight_denial=0.6))
    found = calm["audiences"]["belief"][0]
    np.testing.assert_allclose(logit(found[:, 1]), logit(0.1) + math.log(4.6))
    np.testing.assert_array_equal(found[:, 0], 0.1)


def test_what_is_heard_by_hand():
    # 0.8 · (1 − 0.5 · (1 − 0.6) − 0.1 · 0.5).
    assert belief.heard(0.6, 0.5, given(hit=0.8, weight_discount=0.5, weight_standing=0.1)) == pytest.approx(0.6)
    assert belief.heard(0.1, 1.0, given(hit=0.8, weight_standing=0.4)) == 0.0
    assert belief.heard(0.1, 1.0, given(hit=0.8, weight_discount=0.0)) == 0.8, "everybody's word is taken"


def test_force_costs_the_accuser_standing(calm):
    calm["states"]["use_of_force"][0, index("states", "RUS")] = 1.0
    accuse(calm)
    accuse(calm, g=2, d=USA)
    run(belief, calm, given(hit=0.8, base_alarm=0.1, weight_standing=0.2))
    found = calm["audiences"]["belief"][0]
    np.testing.assert_allclose(logit(found[:, 1]), logit(0.1) + math.log(1 + 0.24 * 9))
    np.testing.assert_allclose(logit(found[:, 2]), logit(0.1) + math.log(1 + 0.4 * 9))


def test_usual_credibility_by_hand():
    assert belief.usual_credibility(0.8, 0.7, False) == pytest.approx(0.8 * 0.3 + 0.2 * 0.5)
    assert belief.usual_credibility(0.8, 0.7, True) == pytest.approx(0.8 * 0.3 + 0.2)
    assert belief.usual_credibility(0.0, 1.0, True) == 1.0


def test_an_exposed_error_lowers_credibility_with_every_audience_and_more_where_independent(calm):
    calm["audiences"]["independence"][0] = np.linspace(0.1, 0.9, calm["audiences"].shape[1])
    calm["accusers"]["exposed"][0, RUS] = 1.0
    run(belief, calm, given(loss_exposed=0.4, weight_doubt=0.5))
    found = calm["audiences"]["credibility"][0]
    np.testing.assert_allclose(found[:, RUS], 0.5 * (1 - 0.4 * (1 + 0.5 * calm["audiences"]["independence"][0])))
    assert (np.diff(found[:, RUS]) < 0).all()
    assert (found[:, RUS] < 0.5).all()
    np.testing.assert_array_equal(found[:, USA], 0.5)


def test_credibility_comes_back_to_what_it_was(calm):
    calm["audiences"]["independence"], calm["accusers"]["control"][0, RUS] = 1.0, 0.8
    run(belief, calm, given(rate_trust=0.1))
    np.testing.assert_allclose(calm["audiences"]["credibility"][0, :, RUS], 0.5 + 0.1 * (0.2 - 0.5))
    assert belief.next_credibility(0.1, 0.9, 1.0, 1.0, given(loss_exposed=0.9, weight_doubt=1.0)) == 0.0


def test_an_error_that_comes_out_does_not_touch_what_is_believed_in_the_same_quarter(calm):
    accuse(calm)
    other = calm.copy()
    other["accusers"]["exposed"][0, RUS] = 1.0
    params = given(hit=0.8, base_alarm=0.1, loss_exposed=0.5)
    run(belief, calm, params)
    run(belief, other, params)
    np.testing.assert_array_equal(calm["audiences"]["belief"], other["audiences"]["belief"])


def test_legitimacy_by_hand():
    # 0.5 + 0.1 · (0.6 + 0.2 + 0.5 · 0.4 · 0.9) · 0.5 − (0.02 + 0.3 · 0.1) · 0.5.
    params = given(rate_legit=0.1, weight_disavowed=0.5, rate_ebb=0.02, rate_loss=0.3)
    assert belief.next_legitimacy(0.5, 0.6, 0.2, 0.4, 0.1, params) == pytest.approx(0.524)


@pytest.mark.parametrize(("place", "sign"), [(1, 1), (2, 1), (3, 1), (4, -1)])
def test_the_direction_in_which_legitimacy_moves(place, sign):
    values = [0.5, 0.4, 0.4, 0.4, 0.4]
    params = given(rate_legit=0.1, weight_disavowed=0.5, rate_ebb=0.02, rate_loss=0.3)
    before = belief.next_legitimacy(*values, params)
    values[place] += 0.1
    assert np.sign(belief.next_legitimacy(*values, params) - before) == sign


def test_blame_for_clients_costs_the_patron_legitimacy(calm):
    calm["patrons"]["legitimacy"], calm["patrons"]["blame"][0, 1] = 0.5, 0.4
    run(belief, calm, given(rate_loss=0.25))
    found = calm["patrons"]["legitimacy"][0]
    assert found[1] == pytest.approx(0.45)
    np.testing.assert_array_equal(np.delete(found, 1), 0.5)
    run(belief, calm, given(rate_loss=0.0))
    assert calm["patrons"]["legitimacy"][0, 1] == pytest.approx(0.45), "no blame counts where the weight is 0"


def test_groups_that_are_not_there_and_states_keep_their_legitimacy(calm):
    patrons = calm["patrons"][0]
    patrons["legitimacy"], patrons["disavowed"] = 0.5, 0.4
    run(belief, calm, given(rate_ebb=0.1, rate_forget=0.25))
    is_there = (patrons["group"] != NOBODY) & (patrons["group"] < 3)
    np.testing.assert_allclose(patrons["legitimacy"], np.where(is_there, 0.45, 0.5))
    np.testing.assert_allclose(patrons["disavowed"], np.where(is_there, 0.3, 0.4))


def test_land_held_as_reported_makes_a_patron_legitimate(calm):
    calm["groups"]["rep_hold"][0, 1] = 0.8
    run(belief, calm, given(rate_legit=0.1))
    np.testing.assert_allclose(calm["patrons"]["legitimacy"][0, :3], [0.0, 0.08, 0.0])


def test_rally_by_hand():
    # 0.4 + 0.2 · 0.5 · 0.7 · 0.6 − (0.1 + 0.5 · 0.8 · 0.3) · 0.4.
    params = given(rate_rally=0.2, rate_fade_rally=0.1, rate_punish=0.5)
    assert belief.next_rally(0.4, 0.5, 0.7, 0.8, params) == pytest.approx(0.354)


def test_fear_rallies_people_where_reports_are_controlled_and_an_error_costs_where_they_are_not(calm):
    calm["states"]["insecurity"] = 1.0
    calm["accusers"]["control"][0, [RUS, USA]] = 1.0, 0.0
    run(belief, calm, given(rate_rally=0.2))
    russia, states = index("states", "RUS"), index("states", "USA")
    rally = calm["states"]["rally"][0]
    assert (rally[russia], rally[states]) == (pytest.approx(0.2), 0.0)
    assert rally[index("states", "BEL")] == 0.0, "nobody accuses there"
    rally[[russia, states]] = 0.5
    calm["accusers"]["exposed"] = 1.0
    run(belief, calm, given(rate_punish=0.5))
    assert (rally[russia], rally[states]) == (0.5, pytest.approx(0.25))


def test_force_lent_in_wars_makes_a_reputation_that_fades(calm):
    theatre = calm["theatres"][0, 0]
    theatre["war"] = 0.5
    theatre["support_declared"][HOLDER], theatre["kept"][HOLDER], theatre["backer"][HOLDER] = 0.8, 0.5, LENDER
    calm["states"]["use_of_force"] = 0.4
    run(belief, calm, given(rate_force=0.5, rate_calm=0.25))
    # 0.4 + 0.5 · 0.5 · 0.8 · 0.5 · 0.6 − 0.25 · 0.4.
    found = calm["states"]["use_of_force"][0]
    assert found[LENDER] == pytest.approx(0.36)
    np.testing.assert_allclose(np.delete(found, LENDER), 0.3)


def test_where_all_accusers_are_believed_alike_audiences_differ_no_more(calm):
    calm["audiences"]["credibility"][0] = np.linspace(0.1, 0.9, calm["audiences"].shape[1])[:, None]
    calm["audiences"]["independence"][0] = np.linspace(0.1, 0.9, calm["audiences"].shape[1])
    calm["states"]["protest"] = calm["accusers"]["breadth"] = 0.5
    accuse(calm)
    params = register().record()[0]
    other = calm.copy()
    run(belief, other, params)
    assert np.ptp(other["audiences"]["belief"][0, :, 1]) > 0.02
    for name in ("weight_discount", "weight_protest", "weight_breadth"):
        params["belief"][name] = 0.0
    run(belief, calm, params)
    assert np.ptp(calm["audiences"]["belief"][0, :, 1]) < 1e-12
