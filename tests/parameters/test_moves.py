"""Every parameter moves what its entry says: no slider without a wire.

At the two ends of its range, everything else as its entry's setting has it, the outcome that the entry names moves by
at least a tenth of a standard deviation over 20 replications on the same dice, in the same direction with two seeds.
"""

from functools import cache

import numpy as np
import pytest

from sim.kernel.observe import Observations, read_outcomes
from sim.kernel.run import run_block, switches_for
from sim.locations import TABLES
from sim.parameters.register import load_register
from sim.rules.schedule import NAMES
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter

REPLICATIONS = np.arange(20)
SEEDS = (7, 8)
LAST = parse_quarter("2035Q4")
REGISTER = load_register()


@cache
def world() -> World:
    return build_world()


@cache
def staged(scenario: str, history: str) -> World:
    return stage(world(), load_scenario(scenario), history, 0, LAST)


@cache
def observed() -> Observations:
    return Observations.of(world(), read_outcomes(TABLES / "outcomes.yaml"), [])


@cache
def switches_without(*folders: str) -> np.ndarray:
    return switches_for([name for name in NAMES if name.partition("/")[0] in folders])


def switches(key: str) -> np.ndarray:
    """Return the switches for a parameter: those of technology run without the modules that technology never reads."""
    rule = next((name for name in NAMES if name.rpartition("/")[2] == key.partition(".")[0]), "")
    if rule.startswith(("technology/", "institutions/")):
        return switches_without("cooperation", "restraint", "information")
    return switches_without()


def outcome_at(key: str, value: float, seed: int) -> np.ndarray:
    """Return the outcome that the entry names, over all replications, with the parameter at a value."""
    moves = REGISTER.find(key).moves
    setting = dict(moves.setting)
    ready = staged(str(setting.pop("scenario", "baseline")), str(setting.pop("history", "replay")))
    params = REGISTER.record({**{name: float(other) for name, other in setting.items()}, key: value})
    outcomes = run_block(ready, params, switches(key), observed(), seed, REPLICATIONS, LAST + 1).outcomes
    return outcomes[:, observed().outcome_names.index(moves.outcome)]


@pytest.mark.parametrize("key", list(REGISTER.entries))
def test_the_ends_of_its_range_move_the_outcome_that_the_entry_names(key: str) -> None:
    entry = REGISTER.find(key)
    moves = []
    for seed in SEEDS:
        low, high = outcome_at(key, entry.low, seed), outcome_at(key, entry.high, seed)
        moved, spread = high.mean() - low.mean(), np.sqrt((low.var() + high.var()) / 2.0)
        assert abs(moved) > 1e-9
        assert abs(moved) >= 0.1 * spread
        moves.append(moved)
    assert np.sign(moves[0]) == np.sign(moves[1])
