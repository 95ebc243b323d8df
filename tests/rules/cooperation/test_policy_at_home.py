"""Policy at home: harsher with the threat that is seen abroad, softer, if at all, with what it costs."""

import math

import pytest

from sim.rules.cooperation import policy_at_home
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import index, only, run

HOME, THAILAND, TURKEY, SYRIA = (index("nodes", name) for name in ("Western China", "Thailand", "Turkey", "Syria"))


def given(**values):
    return only(policy_at_home={"half_abroad": 1000.0, **values})


def origin(world):
    return world["origins"][0, 0]


def logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


def test_the_goal_by_hand():
    # logistic(2 · 0.5 − 0.5 · 0.4 − 0.25 · 0.8 − 1.1) = logistic(−0.5) = 0.37754, and 0.2 from outside.
    params = given(weight_threat=2.0, weight_cost=0.5, weight_risk=0.25, resistance=1.1)
    usual = policy_at_home.policy_goal(0.5, 0.4, 0.8, 0.2, params)
    assert usual == pytest.approx(0.57754, abs=1e-5)
    assert policy_at_home.policy_goal(0.6, 0.4, 0.8, 0.2, params) > usual
    assert policy_at_home.policy_goal(0.5, 0.5, 0.8, 0.2, params) < usual
    assert policy_at_home.policy_goal(0.5, 0.4, 0.9, 0.2, params) < usual
    assert policy_at_home.policy_goal(0.5, 0.4, 0.8, 1.0, params) == 1.0
    assert policy_at_home.policy_goal(0.5, 0.4, 0.8, -1.0, params) == 0.0


def test_threat_counts_those_at_wars_abroad_of_every_status(world):
    world["nodes"]["persons"][0, SYRIA, 0] = (200.0, 200.0, 100.0)
    world["nodes"]["persons"][0, [HOME, TURKEY], 0, 0] = 9000.0
    world["nodes"]["pull_declared"][0, [SYRIA, HOME]] = 0.3
    run(policy_at_home, world, given())
    assert origin(world)["threat"] == pytest.approx(1 / 3)
    world["nodes"]["pull_declared"][0, SYRIA] = 0.0
    run(policy_at_home, world, given())
    assert origin(world)["threat"] == 0.0, "no war, no threat"


def test_cost_is_what_was_refused_weighed_by_persons(world):
    # (0.6 · 300 + 0.2 · 100)/400, those at home not counted.
    world["nodes"]["persons"][0, THAILAND, 0] = (100.0, 100.0, 100.0)
    world["nodes"]["persons"][0, TURKEY, 0, 1] = 100.0
    world["nodes"]["persons"][0, HOME, 0, 0] = 9000.0
    channel(world, "THA")["denied"], channel(world, "TUR")["denied"] = 0.6, 0.2
    channel(world, "KAZ")["denied"] = 1.0
    run(policy_at_home, world, given())
    assert origin(world)["cost"] == pytest.approx(0.5)


def test_no_cost_where_nobody_is_abroad(world):
    world["channels"]["denied"] = 1.0
    world["origins"]["cost"] = 0.5
    world["nodes"]["persons"][0, HOME, 0, 0] = 9000.0
    run(policy_at_home, world, given())
    assert origin(world)["cost"] == 0.0


def test_policy_moves_towards_its_goal_by_a_rate(world):
    # threat 1/2: logistic(2 · 0.5 − 1) = 0.5; 0.1 + 0.25 · 0.4.
    world["nodes"]["persons"][0, SYRIA, 0, 0] = 1000.0
    world["nodes"]["pull_declared"][0, SYRIA] = 1.0
    world["origins"]["repression"] = 0.1
    params = given(weight_threat=2.0, resistance=1.0, rate_policy=0.25)
    run(policy_at_home, world, params)
    assert origin(world)["repression"] == pytest.approx(0.2)
    for _ in range(60):
        run(policy_at_home, world, params)
    assert origin(world)["repression"] == pytest.approx(0.5, abs=1e-6)


def test_a_shift_from_outside_adds_to_the_goal(world):
    world["origins"]["repression_shift"] = 0.3
    run(policy_at_home, world, given(resistance=1.0, rate_policy=1.0))
    assert origin(world)["repression"] == pytest.approx(logistic(-1.0) + 0.3)


@pytest.mark.parametrize(("weight", "is_touched"), [(0.0, False), (0.5, True)])
def test_lost_cooperation_softens_policy_only_by_its_weight(world, weight, is_touched):
    world["nodes"]["persons"][0, THAILAND, 0, 0] = 100.0
    world["origins"]["repression"] = 0.4
    params = given(weight_cost=weight, resistance=0.2, rate_policy=0.5)
    helped, refused = world.copy(), world
    channel(refused, "THA")["denied"] = 1.0
    run(policy_at_home, helped, params)
    run(policy_at_home, refused, params)
    assert origin(refused)["cost"] == 1.0
    assert (origin(refused)["repression"] < origin(helped)["repression"]) == is_touched
    assert (origin(refused)["repression"] == origin(helped)["repression"]) != is_touched


def test_danger_to_projects_softens_policy_by_its_weight(world):
    world["origins"]["risk"] = 0.8
    run(policy_at_home, world, given(weight_risk=0.5, rate_policy=1.0))
    assert origin(world)["repression"] == pytest.approx(logistic(-0.4))
