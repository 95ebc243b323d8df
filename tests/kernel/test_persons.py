"""Persons on the routes over whole runs: nobody is made or lost, and the way south is a matter of borders."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernel.observe import Observations
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import run_block, switches_for
from sim.numerics.draws import throw_dice
from sim.numerics.feed import UNFED
from sim.parameters.register import load_register
from sim.rules.schedule import step
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world

QUARTERS = 180
SOUTH = "origins[Western China].corridor_share[South-East Asia]"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def everybody(record: np.ndarray) -> np.ndarray:
    """Return all persons of each origin: at every node in every status, and those returned; shape (origins,)."""
    return record["nodes"]["persons"][0].sum(axis=(0, 2)) + record["origins"]["returned"][0]


@pytest.mark.parametrize("scenario", ["baseline", "internment_salience", "asean_treaty"])
@pytest.mark.parametrize("history", ["free", "replay"])
def test_nobody_is_made_or_lost(world: World, scenario: str, history: str) -> None:
    record = stage(world, load_scenario(scenario), history, 0, QUARTERS - 1).record
    before = everybody(record)
    params, switches = load_register().record(), switches_for()
    for quarter in range(QUARTERS):
        record["clock"]["quarter"] = quarter
        step(record[0], params[0], switches, np.uint64(throw_dice(3, 1)), NO_LEDGER, *UNFED)
        np.testing.assert_allclose(everybody(record), before, rtol=1e-9)
        assert (record["nodes"]["persons"] >= 0.0).all()
    assert record["origins"]["returned"][0].sum() > 0.0, "somebody was returned on the way"


def share_going_south(world: World, switched_off: list[str]) -> np.ndarray:
    """Return the share of South-East Asia in those who left, by run and quarter, in free history."""
    staged = stage(world, load_scenario("baseline"), "free", 0, QUARTERS - 1)
    observed = Observations.of(staged, {}, [SOUTH])
    params, switches = load_register().record(), switches_for(switched_off)
    block = run_block(staged, params, switches, observed, 1, np.arange(40), QUARTERS)
    return block.trajectories[:, :, 0]


def test_without_hardening_borders_the_way_south_is_never_the_usual_one(world: World) -> None:
    share = share_going_south(world, ["cooperation/borders"])
    assert share.max() < 0.2
    assert share_going_south(world, []).max() > 0.5
