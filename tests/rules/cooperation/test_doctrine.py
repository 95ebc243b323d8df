"""Acceptance of terms, and what returns and policy at home bring: protest, criticism, attention."""

import numpy as np
import pytest

from sim.rules.cooperation import doctrine
from sim.world.cooperation import EXTRADITION, THREE_EVILS
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import index, only, run


def given(**values):
    return only(doctrine={"half_returned": 50.0, **values})


def test_the_goal_of_acceptance_by_hand():
    # (0.6 + 0.5 · 0.4) · (1 − 0.3 · 0.8 · 0.5) · (1 − 0.5 · 0.6 · 0.5) = 0.8 · 0.88 · 0.85.
    params = given(weight_agreement=0.5, weight_breadth=0.3, weight_salience=0.5)
    assert doctrine.acceptance_goal(0.6, 1.0, 0.8, 0.6, 0.5, params) == pytest.approx(0.5984)
    assert doctrine.acceptance_goal(0.6, 0.0, 0.8, 0.6, 0.5, params) == pytest.approx(0.4488)
    assert doctrine.acceptance_goal(0.6, 1.0, 0.8, 0.6, 0.0, params) == pytest.approx(0.8), "rights weigh nothing here"
    assert doctrine.acceptance_goal(0.6, 1.0, 0.9, 0.6, 0.5, params) < 0.5984
    assert doctrine.acceptance_goal(0.6, 1.0, 0.8, 0.7, 0.5, params) < 0.5984
    assert doctrine.acceptance_goal(0.6, 1.0, 0.8, 0.6, 0.6, params) < 0.5984


def test_the_goal_of_acceptance_stays_within_bounds():
    most = given(weight_agreement=1.0, weight_breadth=1.0, weight_salience=1.0)
    assert doctrine.acceptance_goal(0.9, 1.0, 1.0, 1.0, 1.0, most) == 0.0
    assert doctrine.acceptance_goal(0.1, 1.0, 0.0, 0.0, 1.0, most) == 1.0


def test_salience_by_hand():
    # 0.2 + (0.1 · 0.5 + 0.2 · 0.5) · 0.8 − 0.05 · 0.2 = 0.2 + 0.12 − 0.01.
    params = given(rate_notice=0.1, rate_protest=0.2, rate_fade=0.05)
    assert doctrine.next_salience(0.2, 0.0, 0.5, 0.5, params) == pytest.approx(0.31)
    assert doctrine.next_salience(0.2, 0.7, 0.5, 0.5, params) == 0.7, "what is set from outside is the least"
    assert doctrine.next_salience(0.2, 0.0, 0.6, 0.5, params) > 0.31
    assert doctrine.next_salience(0.2, 0.0, 0.5, 0.6, params) > 0.31
    assert doctrine.next_salience(0.2, 0.0, 0.0, 0.0, params) == pytest.approx(0.19)
    assert doctrine.next_salience(1.0, 0.0, 1.0, 1.0, params) <= 1.0


def test_backlash_and_protest_by_hand():
    # 0.1 + 0.8 · 0.5 · (0.4 + 0.6 · 0.5) · 0.9 − 0.2 · 0.1 = 0.1 + 0.252 − 0.02.
    params = given(rate_backlash=0.8, base_notice=0.4, rate_forget=0.2, weight_protest=0.8, rate_calm=0.2)
    assert doctrine.next_backlash(0.1, 0.5, 0.5, params) == pytest.approx(0.332)
    assert doctrine.next_backlash(0.1, 0.5, 0.0, params) == pytest.approx(0.1 + 0.144 - 0.02)
    assert doctrine.next_backlash(0.1, 0.0, 1.0, params) == pytest.approx(0.08)
    # 0.1 + 0.8 · 0.5 · 0.5 · 0.9 − 0.2 · 0.1.
    assert doctrine.next_protest(0.1, 0.5, 0.5, params) == pytest.approx(0.26)
    assert doctrine.next_protest(0.1, 0.5, 0.0, params) == pytest.approx(0.08), "no sympathisers, no protest"


def test_acceptance_moves_towards_its_goal_and_stays_there(world):
    thailand = channel(world, "THA")
    thailand["acceptance_base"], thailand["acceptance"] = 0.6, 0.2
    run(doctrine, world, given(rate_acceptance=0.25))
    assert thailand["acceptance"] == pytest.approx(0.3)
    assert world["channels"]["acceptance"].sum() == pytest.approx(0.3)
    for _ in range(100):
        run(doctrine, world, given(rate_acceptance=0.25))
    assert thailand["acceptance"] == pytest.approx(0.6)


def test_an_agreement_on_the_three_evils_raises_acceptance_and_no_other_instrument_does(world):
    signer, other = channel(world, "KAZ"), channel(world, "FRA")
    signer["standing"][THREE_EVILS], other["standing"][EXTRADITION] = 1.0, 1.0
    run(doctrine, world, given(rate_acceptance=1.0, weight_agreement=0.5))
    assert (signer["acceptance"], other["acceptance"]) == (0.5, 0.0)


def test_breadth_and_salience_cost_acceptance_where_rights_weigh(world):
    world["channels"]["acceptance_base"] = world["channels"]["acceptance"] = 0.8
    world["origins"]["breadth"], world["origins"]["salience"] = 0.5, 0.4
    world["states"]["rights"][0, index("states", "FRA")] = 1.0
    run(doctrine, world, given(rate_acceptance=1.0, weight_breadth=0.4, weight_salience=0.5))
    # 0.8 · (1 − 0.4 · 0.5) · (1 − 0.5 · 0.4) = 0.512.
    assert channel(world, "FRA")["acceptance"] == pytest.approx(0.512)
    assert channel(world, "KAZ")["acceptance"] == pytest.approx(0.8)


def returned_from_thailand(world, number):
    """Thailand returned persons last quarter; people in Turkey feel with them, and may say so."""
    channel(world, "THA")["returned"] = number
    channel(world, "TUR")["solidarity"] = 0.8
    world["states"]["voice"][0, index("states", "TUR")] = 0.5


def test_people_protest_where_there_are_sympathisers_wherever_the_return_was(world):
    # A hundred returned: attention 100/150. 0.9 · 2/3 · 0.8 · 0.5 = 0.24.
    returned_from_thailand(world, 100.0)
    run(doctrine, world, given(weight_protest=0.9))
    np.testing.assert_allclose(world["origins"]["protest"][0, 0], 0.24)
    world["states"]["voice"], world["origins"]["protest"] = 0.0, 0.0
    run(doctrine, world, given(weight_protest=0.9))
    assert not world["origins"]["protest"].any()


def test_protest_draws_attention_in_the_next_quarter_and_calms_down(world):
    returned_from_thailand(world, 100.0)
    params = given(weight_protest=0.9, rate_calm=0.5, rate_protest=0.5)
    run(doctrine, world, params)
    assert not world["origins"]["salience"].any()
    channel(world, "THA")["returned"] = 0.0
    run(doctrine, world, params)
    assert world["origins"]["salience"][0, 0] == pytest.approx(0.12)
    assert world["origins"]["protest"][0, 0] == pytest.approx(0.12)


def test_the_state_that_returned_is_criticised_and_no_other(world):
    # 0.6 · 100/150 · (0.5 + 0.5 · 0.4) = 0.28.
    returned_from_thailand(world, 100.0)
    world["origins"]["salience"] = 0.4
    params = given(rate_backlash=0.6, base_notice=0.5, rate_forget=0.1)
    run(doctrine, world, params)
    assert channel(world, "THA")["backlash"] == pytest.approx(0.28)
    assert world["channels"]["backlash"].sum() == pytest.approx(0.28)
    channel(world, "THA")["returned"] = 0.0
    run(doctrine, world, params)
    assert channel(world, "THA")["backlash"] == pytest.approx(0.252), "criticism is forgotten bit by bit"


def test_more_returned_draw_more_attention_and_none_draw_none(world):
    found = []
    for number in (0.0, 10.0, 100.0, 1e6):
        returned_from_thailand(world, number)
        world["origins"]["protest"] = 0.0
        run(doctrine, world, given(weight_protest=1.0))
        found.append(world["origins"]["protest"][0, 0])
    assert found[0] == 0.0
    assert found == sorted(set(found))
    assert found[-1] == pytest.approx(0.4, abs=1e-4)


def test_all_follows_from_what_the_rule_found(world):
    world["origins"]["repression"] = world["origins"]["protest"] = 1.0
    world["states"]["rights"] = 1.0
    world["channels"]["acceptance_base"] = world["channels"]["acceptance"] = 0.8
    params = given(rate_notice=0.5, rate_acceptance=1.0, weight_salience=0.5, rate_calm=1.0, rate_protest=0.2)
    run(doctrine, world, params)
    np.testing.assert_allclose(world["channels"]["acceptance"], 0.8)
    np.testing.assert_allclose(world["origins"]["salience"], 0.7)
    assert not world["origins"]["protest"].any()
    run(doctrine, world, params)
    np.testing.assert_allclose(world["channels"]["acceptance"], 0.8 * (1.0 - 0.5 * 0.7))
