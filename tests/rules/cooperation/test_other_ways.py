"""Routes as borders, repression and wars change: people go another way, or stay, and none of it stops them."""

import pytest

from sim.rules.cooperation import borders, routes
from sim.world.cooperation import IRREGULAR, PAPERS
from tests.rules.cooperation.made_routes import CHN, KAZ, bare, given, join, lay, persons, put
from tests.rules.made_world import only, run


def two_ways():
    """From home (0) to a haven (3) by a short way over 1, whose first border China guards, or a longer one over 2."""
    world = bare()
    lay(world, [(0, 1, 1.0), (1, 3, 1.0), (0, 2, 1.5), (2, 3, 1.5)])
    world["legs"]["owner"][0, 0] = CHN
    world["nodes"]["haven"][0, 3] = 1.0
    world["states"]["detection"][0, CHN] = 1.0
    world["origins"]["repression"] = 1.0
    put(world, 0, irregular=1000.0)
    return world


WAYS = {"weight_hazard": 10.0, "weight_stay": 8.0, "weight_home": 10.0, "rate_leave": 0.1, "scale": 0.2}


def test_a_hardened_border_sends_people_the_next_cheapest_way():
    world = two_ways()
    run(routes, world, given(**WAYS))
    short, _, long, _ = world["legs"]["flow"][0, :4].copy()
    assert short > 100 * long
    world = two_ways()
    world["legs"]["control"][0, 0] = 0.6
    run(routes, world, given(**WAYS))
    hardened, _, other, _ = world["legs"]["flow"][0, :4]
    assert other > 100 * hardened
    assert hardened + other == pytest.approx(short + long, rel=0.01), "the flow moves, it does not stop"


def shift(*rules):
    """Share of those who leave that goes the longer way, after six years of these rules."""
    world = two_ways()
    world["nodes"]["state"][0, 1] = KAZ
    join(world, CHN, KAZ)
    params = only(
        routes={**WAYS, "rate_leave": 0.05},
        borders={"rate_harden": 0.1, "half_seen": 1.0, "rate_joint": 0.1},
    )
    for _ in range(24):
        for rule in rules:
            run(rule, world, params)
    return world["legs"]["flow"][0, 2] / world["legs"]["flow"][0, [0, 2]].sum()


def test_nothing_shifts_when_borders_do_not_move():
    assert shift(routes, borders) > 0.9
    assert shift(routes) < 0.01


def test_papers_make_more_of_them_take_a_guarded_way():
    world = two_ways()
    put(world, 0, irregular=500.0, papers=500.0)
    world["legs"]["control"][0, 0] = 0.15
    run(routes, world, given(weight_papers=0.8, **WAYS))
    guarded = persons(world)[1]
    assert guarded[PAPERS] > 5 * guarded[IRREGULAR]
    onward = world["nodes"]["onward"][0, 0, 0]
    assert onward[PAPERS] < onward[IRREGULAR]


def test_a_closed_border_moves_people_and_does_not_stop_them():
    # All borders that somebody guards close: the longer way that nobody guards is taken instead.
    flows = []
    for restriction in (0.0, 1.0):
        world = two_ways()
        world["politics"]["contact_restriction"] = restriction
        run(routes, world, given(weight_closure=0.7, **WAYS))
        flows.append(world["legs"]["flow"][0, [0, 2]].copy())
    (short, long), (closed, other) = flows
    assert closed < 0.02 * short < other
    assert other > long
    assert closed + other == pytest.approx(short + long, rel=0.01)


def test_where_every_way_is_closed_some_still_go():
    world = two_ways()
    world["legs"]["owner"][0, :4] = CHN
    world["politics"]["contact_restriction"] = 1.0
    run(routes, world, given(**{**WAYS, "scale": 1.0}, weight_closure=0.7))
    assert 0.0 < world["legs"]["flow"][0, [0, 2]].sum() < 50.0


def test_people_leave_more_under_repression_and_stay_without():
    left = []
    for repression in (0.0, 0.5, 1.0):
        world = two_ways()
        world["origins"]["repression"] = repression
        run(routes, world, given(**{**WAYS, "scale": 1.0}))
        left.append(1000.0 - persons(world)[0].sum())
    assert left[0] < left[1] < left[2]
    assert left[0] < 0.2 * left[2]


def test_a_war_draws_people_and_when_it_ends_they_go_on():
    world = bare()
    put(world, 1, irregular=100.0)
    lay(world, [(1, 2, 0.5), (2, 1, 0.5)])
    world["nodes"]["haven"][0, 1] = 0.5
    world["nodes"]["pull_declared"][0, 2] = 0.9
    params = given(weight_stay=8.0, rate_move=0.5, scale=0.5)
    for _ in range(20):
        run(routes, world, params)
    drawn = persons(world)[2, IRREGULAR]
    assert drawn > 80.0
    world["nodes"]["pull_declared"] = 0.0
    for _ in range(20):
        run(routes, world, params)
    assert persons(world)[2, IRREGULAR] < 20.0
