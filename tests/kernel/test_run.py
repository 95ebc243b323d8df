"""Blocks of runs: the same to the last bit, whichever block, order, thread or process a replication runs in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.errors import InputError
from sim.kernel.observe import Observations
from sim.kernel.run import switches_for
from sim.locations import CONFIGS
from sim.parameters.register import load_register
from sim.rules.schedule import ALWAYS_ON, NAMES
from sim.world.build import World
from sim.world.fields import NOBODY
from sim.world.invariants import violations
from sim.world.records import TABLES
from tests.kernel.runs import QUARTERS, last_worlds, run


def test_a_block_is_reproducible_to_the_last_bit(world: World, params: np.ndarray) -> None:
    one, other = run(world, params, [0, 1, 2]), run(world, params, [0, 1, 2])
    assert one.outcomes.tobytes() == other.outcomes.tobytes()


def test_a_run_changes_neither_its_world_nor_its_parameters(world: World, params: np.ndarray) -> None:
    before = world.record.tobytes(), params.tobytes()
    run(world, params, [0])
    assert (world.record.tobytes(), params.tobytes()) == before


def test_a_replication_is_the_same_in_any_block_and_order(world: World, params: np.ndarray) -> None:
    whole = run(world, params, [0, 1, 2, 3, 4, 5]).outcomes
    for block in ([5], [3, 1], [2, 4, 0], [1, 1]):
        assert run(world, params, block).outcomes.tobytes() == whole[block].tobytes()


def test_trajectories_are_the_same_in_any_block_and_order(world: World, params: np.ndarray) -> None:
    observed = Observations.of(world, {}, ["states[*].dependence[CHN]", "politics.tension"])
    whole = run(world, params, [0, 1, 2], observations=observed, n_quarters=60).trajectories
    turned = run(world, params, [2, 0], observations=observed, n_quarters=60).trajectories
    assert turned.tobytes() == whole[[2, 0]].tobytes()


def test_two_threads_equal_one(world: World, params: np.ndarray) -> None:
    alone = run(world, params, list(range(8))).outcomes
    blocks = [[0, 2, 4, 6], [1, 3, 5, 7]]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda block: run(world, params, block).outcomes, blocks))
    for block, outcomes in zip(blocks, found, strict=True):
        assert outcomes.tobytes() == alone[block].tobytes()


def test_replications_and_seeds_differ(world: World, params: np.ndarray) -> None:
    outcomes = run(world, params, [0, 1]).outcomes
    assert outcomes[0].tobytes() != outcomes[1].tobytes()
    assert run(world, params, [0], seed=8).outcomes.tobytes() != outcomes[0].tobytes()


def test_no_replications_leave_nothing(world: World, params: np.ndarray) -> None:
    block = run(world, params, [])
    assert block.outcomes.shape[0] == block.trajectories.shape[0] == 0


def test_an_untraced_run_leaves_the_shared_empty_ledger_as_it_is(world: World, params: np.ndarray) -> None:
    from sim.kernel.quarter import NO_LEDGER

    run(world, params, [0], n_quarters=40)
    assert NO_LEDGER.cursor.tolist() == [0, 0, 0]


HASHED = """
import os, hashlib
from sim.world.build import build_world
from tests.kernel.runs import busy, run, values
print(hashlib.sha256(run(busy(build_world()), values(), [0, 1], n_quarters=80).outcomes.tobytes()).hexdigest())
"""


def test_the_hash_seed_of_python_changes_nothing(world: World, params: np.ndarray) -> None:
    digest = hashlib.sha256(run(world, params, [0, 1], n_quarters=80).outcomes.tobytes()).hexdigest()
    for hash_seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(CONFIGS.parent)}
        done = subprocess.run(
            [sys.executable, "-c", HASHED], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == digest


def assert_sound(world: World, outcomes_of: np.ndarray) -> None:
    """Fail where a number of a last quarter is not finite or leaves its range, or shares do not sum to one."""
    for last in outcomes_of:
        record = np.array([last], world.record.dtype)
        for table, (fields, _) in TABLES.items():
            for f in fields:
                if f.kind == "f8":
                    assert np.isfinite(record[table][f.name]).all(), f"{table}.{f.name}"
        assert violations(record, world.names) == []


def somewhere(generator: np.random.Generator, at_ends: bool) -> np.ndarray:
    """Return a point of the parameters within their ranges, or at one end of each."""
    register = load_register()
    where = generator.integers(0, 2, len(register.ranges)) if at_ends else generator.random(len(register.ranges))
    return register.record(
        {
            key: min(high, low + float(x) * (high - low))
            for (key, (low, high)), x in zip(register.ranges.items(), where, strict=True)
        }
    )


@pytest.mark.parametrize("at_ends", [False, True])
@pytest.mark.parametrize("point", range(6))
def test_no_run_leaves_the_ranges_that_are_declared(world: World, point: int, at_ends: bool) -> None:
    params = somewhere(np.random.default_rng([point, at_ends]), at_ends)
    assert_sound(world, last_worlds(world, run(world, params, [point])))


@pytest.mark.parametrize("point", range(4))
def test_a_sector_that_nobody_sells_in_stays_empty(world: World, point: int) -> None:
    """Nobody offers, and nothing is divided by nobody."""
    record = world.record.copy()
    sector, cells = record["sectors"][0][:1], record["cells"][0][:, 0]
    sector["n_sellers"], sector["seller"], sector["seller_home"] = 0, NOBODY, NOBODY
    cells["penetration"] = cells["share"] = cells["hold"] = 0.0
    emptied = world.with_record(record)
    params = somewhere(np.random.default_rng(point), False)
    last = last_worlds(emptied, run(emptied, params, [0, 1]))
    assert_sound(emptied, last)
    assert not last["cells"]["penetration"][:, :, 0].any()


def test_every_rule_can_be_switched_off_but_the_two_without_which_there_is_no_result(
    world: World, params: np.ndarray
) -> None:
    for place, name in enumerate(NAMES):
        if name not in ALWAYS_ON:
            switches = switches_for([name])
            assert switches[place] == 0
            assert switches.sum() == len(NAMES) - 1
    with pytest.raises(InputError, match="cannot be switched off"):
        switches_for([ALWAYS_ON[0]])


def test_an_unknown_rule_is_named_with_its_nearest_spelling() -> None:
    with pytest.raises(InputError, match=r"technology\.tender:.* Did you mean 'technology/tenders'\?"):
        switches_for(["technology/tender"])


def test_a_rule_that_is_switched_off_does_nothing(world: World, params: np.ndarray) -> None:
    off = run(world, params, [0], switches=switches_for(["world_politics/tension", "technology/tenders"]))
    last = last_worlds(world, off)[0]
    assert last["politics"]["tension"] == 0.0
    assert last["states"]["cum_tenders"].sum() == 0.0
    on = last_worlds(world, run(world, params, [0]))[0]
    assert on["politics"]["tension"] > 0.0
    assert on["clock"]["quarter"] == QUARTERS - 1
