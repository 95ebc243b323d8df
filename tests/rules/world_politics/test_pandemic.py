"""A pandemic: restrictions of contact and what moves online."""

import pytest

from sim.rules.world_politics import pandemic
from tests.rules.made_world import only, run

PARAMS = only(pandemic={"rate_response": 0.5, "rate_online": 0.2, "rate_return": 0.05})


def test_online_demand_by_hand():
    # 0.4 + 0.2 · 0.5 · 0.6 − 0.05 · 0.4 = 0.44.
    assert pandemic.next_online_demand(0.4, 0.5, PARAMS) == pytest.approx(0.44)
    assert pandemic.next_online_demand(0.4, 0.6, PARAMS) > 0.44
    assert pandemic.next_online_demand(0.0, 0.0, PARAMS) == 0.0
    assert pandemic.next_online_demand(1.0, 1.0, PARAMS) == pytest.approx(0.95)


def test_restrictions_follow_the_severity_and_move_demand_at_once(world):
    world["politics"]["pandemic_declared"] = 0.8
    run(pandemic, world, PARAMS)
    assert world["politics"]["contact_restriction"][0] == pytest.approx(0.4)
    assert world["states"]["online_demand"][0].tolist() == pytest.approx([0.08] * len(world["states"][0]))


def test_part_stays_after_restrictions_end(world):
    world["politics"]["pandemic_declared"] = 0.8
    for quarter in range(12):
        if quarter == 4:
            world["politics"]["pandemic_declared"] = 0.0
        run(pandemic, world, PARAMS)
    assert world["politics"]["contact_restriction"][0] < 0.01
    assert world["states"]["online_demand"][0].min() > 0.1


def test_a_world_without_a_pandemic_stays_as_it_is(world):
    run(pandemic, world, PARAMS)
    assert not world["politics"]["contact_restriction"].any()
    assert not world["states"]["online_demand"].any()
