"""Great-power tension."""

import pytest

from sim.rules.world_politics import tension
from tests.rules.made_world import index, only, run

PARAMS = only(tension={"rate_declared": 0.2, "rate_contest": 0.1, "rate_decay": 0.05})


def test_tension_by_hand():
    # 0.4 + (0.2 · 0.5 + 0.1 · 0.6) · 0.6 − 0.05 · 0.4 = 0.4 + 0.096 − 0.02.
    assert tension.next_tension(0.4, 0.5, 0.6, PARAMS) == pytest.approx(0.476)
    assert tension.next_tension(0.4, 0.6, 0.6, PARAMS) > 0.476
    assert tension.next_tension(0.4, 0.5, 0.7, PARAMS) > 0.476


def test_the_limits():
    assert tension.next_tension(0.0, 0.0, 0.0, PARAMS) == 0.0
    assert tension.next_tension(1.0, 0.0, 0.0, PARAMS) == pytest.approx(0.95)
    assert tension.next_tension(1.0, 1.0, 1.0, PARAMS) <= 1.0


def test_the_largest_home_counts(world):
    world["measures"]["market"][0, index("homes", "USA")] = 0.3
    world["measures"]["market"][0, index("homes", "CHN")] = 0.6
    run(tension, world, PARAMS)
    assert world["politics"]["tension"][0] == pytest.approx(0.06)


def test_what_is_declared_raises_it(world):
    world["politics"]["tension_declared"] = 0.5
    run(tension, world, PARAMS)
    assert world["politics"]["tension"][0] == pytest.approx(0.1)
