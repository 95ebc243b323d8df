"""Protest: when waves come, who is afraid, and what is forgotten."""

import math

import numpy as np
import pytest

from sim.rules.world_politics import protest
from tests.rules.made_conflict import quiet, strike
from tests.rules.made_world import HISTORY_END, QUARTER, index, only, run

RUS, FRA = index("states", "RUS"), index("states", "FRA")
MINOR, SERIOUS, MASS = range(3)
ALWAYS = 1e9


def given(**values):
    return only(protest={"half_fear": 0.4, **values})


def waves(world, params, replications):
    """Mean share of quarters with a wave in each state."""
    found = np.zeros(len(world["states"][0]))
    for replication in range(replications):
        other = world.copy()
        run(protest, other, params, replication)
        found += other["states"]["protest"][0] > 0.0
    return found / replications


def test_the_rate_of_waves_by_hand():
    # 0.02 · 0.6 · (1 + 0.5 · 0.8) = 0.0168.
    params = given(rate_wave=0.02, weight_discontent=0.5)
    assert protest.wave_rate(0.4, 0.2, params) == pytest.approx(0.0168)
    assert protest.wave_rate(0.5, 0.2, params) < 0.0168, "rights heeded"
    assert protest.wave_rate(0.4, 0.3, params) < 0.0168, "those who rally do not protest"
    assert protest.wave_rate(1.0, 0.0, params) == 0.0


def test_waves_come_as_often_as_their_rate_says():
    # 0.2 · 0.5 · (1 + 0.5) = 0.15 in all states alike.
    world = quiet()
    world["states"]["rights"] = 0.5
    found = waves(world, given(rate_wave=0.2, weight_discontent=0.5, size_wave=0.5), 20)
    assert found.mean() == pytest.approx(1.0 - math.exp(-0.15), abs=0.04)


def test_a_state_that_heeds_rights_sees_none():
    world = quiet()
    world["states"]["rights"][0, FRA] = 1.0
    found = waves(world, given(rate_wave=ALWAYS, size_wave=0.5), 2)
    assert (found[FRA], found[RUS]) == (0.0, 1.0)


@pytest.mark.parametrize(("quarter", "protests"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 0.5)])
def test_in_replay_protest_comes_as_declared_as_long_as_there_is_a_record(quarter, protests):
    world = quiet()
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    world["states"]["protest_declared"][0, RUS] = 0.7
    run(protest, world, given(rate_wave=ALWAYS, size_wave=0.5))
    assert world["states"]["protest"][0, RUS] == pytest.approx(0.7)
    assert world["states"]["protest"][0, FRA] == protests


def test_protest_calms_down():
    world = quiet()
    world["states"]["protest"] = 0.8
    run(protest, world, given(rate_calm=0.5))
    np.testing.assert_allclose(world["states"]["protest"], 0.4)


def test_a_wave_takes_what_room_is_left():
    world = quiet()
    world["states"]["protest"] = 0.4
    run(protest, world, given(rate_wave=ALWAYS, size_wave=0.5, rate_calm=0.25))
    np.testing.assert_allclose(world["states"]["protest"], 0.4 + 0.5 * 0.6 - 0.25 * 0.4)


def test_insecurity_by_hand():
    # 0.2 + 0.6 · 1/(1 + 0.4) · 0.8 − 0.1 · 0.2.
    params = given(rate_fear=0.6, rate_forget=0.1)
    assert protest.next_insecurity(0.2, 1.0, params) == pytest.approx(0.2 + 0.48 / 1.4 - 0.02)
    assert protest.next_insecurity(0.2, 0.0, params) == pytest.approx(0.18)


@pytest.mark.parametrize(("severity", "weight"), [(MINOR, 0.1), (SERIOUS, 0.4), (MASS, 1.0)])
def test_fear_follows_the_class_of_an_incident_where_it_happened(severity, weight):
    world = quiet()
    strike(world, "FRA", severity)
    run(protest, world, given(rate_fear=0.6))
    insecurity = world["states"]["insecurity"][0]
    assert insecurity[FRA] == insecurity.sum() == pytest.approx(0.6 * weight / (weight + 0.4))


def test_several_incidents_add_up_and_those_that_were_foiled_frighten_nobody():
    world = quiet()
    strike(world, "FRA", SERIOUS, "Islamic State")
    strike(world, "FRA", MINOR)
    strike(world, "FRA", MASS)["is_foiled"] = 1
    strike(world, "FRA", MASS, quarter=QUARTER)
    run(protest, world, given(rate_fear=0.6))
    assert world["states"]["insecurity"][0, FRA] == pytest.approx(0.6 * 0.5 / 0.9)


def test_who_was_behind_it_and_who_is_accused_makes_no_difference():
    first, second = quiet(), quiet()
    strike(first, "FRA", MASS)["author"] = -2
    strike(second, "FRA", MASS, "Islamic State")["author"] = 3
    for world in (first, second):
        run(protest, world, given(rate_fear=0.6))
    assert (first["states"] == second["states"]).all()


def test_fear_fades_and_returnees_are_forgotten():
    world = quiet()
    world["states"]["insecurity"], world["states"]["returnees"] = 0.5, 200.0
    run(protest, world, given(rate_forget=0.1))
    np.testing.assert_allclose(world["states"]["insecurity"], 0.45)
    np.testing.assert_allclose(world["states"]["returnees"], 180.0)


def test_before_the_first_quarter_nothing_has_happened():
    world = quiet()
    world["clock"]["quarter"] = 0
    run(protest, world, given(rate_fear=0.6))
    assert not world["states"]["insecurity"].any()
