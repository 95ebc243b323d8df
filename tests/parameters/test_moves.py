"""Every parameter moves what its entry says: no slider without a wire.

At the two ends of its range, everything else as its entry's setting has it, the outcome that the entry names moves by
at least a tenth of a standard deviation over 20 replications on the same dice, in the same direction with two seeds.
Where it moves by much more over the first few of them, these settle it: that is less often chance than the rule.
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

STAGES = {5: 1.0, 10: 0.6, 20: 0.1}
"""Replications, and by how many standard deviations the outcome has to move over these, or else over more."""

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


def outcome_at(key: str, value: float, seed: int, replications: np.ndarray) -> np.ndarray:
    """Return the outcome that the entry names, over some replications, with the parameter at a value."""
    moves = REGISTER.find(key).moves
    setting = dict(moves.setting)
    ready = staged(str(setting.pop("scenario", "baseline")), str(setting.pop("history", "replay")))
    params = REGISTER.record({**{name: float(other) for name, other in setting.items()}, key: value})
    outcomes = run_block(ready, params, switches(key), observed(), seed, replications, LAST + 1).outcomes
    return outcomes[:, observed().outcome_names.index(moves.outcome)]


def at_both_ends(key: str, replications: np.ndarray) -> np.ndarray:
    """Return the outcome, float64 (seeds, ends, replications), with the parameter at either end of its range."""
    entry = REGISTER.find(key)
    ends = (entry.low, entry.high)
    return np.array([[outcome_at(key, end, seed, replications) for end in ends] for seed in SEEDS])


def is_moved(outcomes: np.ndarray, least: float) -> bool:
    """Return whether it moves between the ends by so many standard deviations, in one direction with every seed."""
    moved = outcomes[:, 1].mean(axis=1) - outcomes[:, 0].mean(axis=1)
    spread = np.sqrt(outcomes.var(axis=2).mean(axis=1))
    is_one_way = len(set(np.sign(moved))) == 1
    return is_one_way and bool((np.abs(moved) > 1e-9).all() and (np.abs(moved) >= least * spread).all())


@pytest.mark.parametrize("key", list(REGISTER.entries))
def test_the_ends_of_its_range_move_the_outcome_that_the_entry_names(key: str) -> None:
    outcomes = np.empty((len(SEEDS), 2, 0))
    for replications, least in STAGES.items():
        more = at_both_ends(key, np.arange(outcomes.shape[2], replications))
        outcomes = np.concatenate([outcomes, more], axis=2)
        if is_moved(outcomes, least):
            return
    pytest.fail(f"means by seed, at low and at high: {outcomes.mean(axis=2).tolist()}")


def test_what_moves_nothing_is_found_out() -> None:
    """The same runs at both ends, a shift within the spread, and one that turns with the seed."""
    run = np.random.default_rng(1).normal(size=(len(SEEDS), 1, max(STAGES)))
    least = min(STAGES.values())
    for shift in ([[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.05], [0.0, 0.05]], [[0.0, 1.0], [1.0, 0.0]]):
        assert not is_moved(run + np.array(shift)[:, :, None], least)
    assert is_moved(run + np.array([[0.0, 0.2], [0.0, 0.2]])[:, :, None], least)
