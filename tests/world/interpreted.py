"""A few quarters of a folder of tables, interpreted: another shape of world would take minutes to compile.

    NUMBA_DISABLE_JIT=1 python -m tests.world.interpreted FOLDER 2013Q1 4 FILE

stages the baseline in free history, starts it in a quarter and writes the record after so many quarters as bytes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from sim.kernel.conditions import judge
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.draws import throw_dice
from sim.numerics.feed import UNFED
from sim.parameters.register import load_register
from sim.rules.schedule import step
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from sim.world.records import flat_view

SEED, LAST = 7, 179


def walked(world: World, start: str, n_quarters: int, file: Path) -> np.ndarray:
    """Return the record of a world, built from tables, after so many quarters; computed by a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", __name__, str(world.folder), start, str(n_quarters), str(file)]
    subprocess.run(command, check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
    return np.frombuffer(file.read_bytes(), world.record.dtype)


def _walk(folder: Path, start: str, n_quarters: int) -> np.ndarray:
    world = stage(build_world(folder), load_scenario("baseline"), "free", 0, LAST)
    record, params = world.record.copy().view(np.recarray), load_register().record().view(np.recarray)
    first, dice, flat = parse_quarter(start), np.uint64(throw_dice(SEED, 0)), flat_view(record)
    for quarter in range(first, first + n_quarters):
        record.clock.quarter = quarter
        judge(record[0], flat)
        step(record[0], params[0], switches_for(), dice, NO_LEDGER, *UNFED)
    return record


if __name__ == "__main__":
    np.seterr(over="ignore")
    folder, start, n_quarters, file = sys.argv[1:]
    Path(file).write_bytes(_walk(Path(folder), start, int(n_quarters)).tobytes())
