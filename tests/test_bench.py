"""The benchmarks run: what they measure is nobody's to test, that they still call what there is, is."""

from __future__ import annotations

import numpy as np

from sim.rules.schedule import NAMES
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import build_world
from tests.bench.kernel import rule_lines
from tests.bench.measuring import QUARTERS, Ready
from tests.bench.run import _parts


def test_every_rule_is_measured_by_itself() -> None:
    ready = Ready(stage(build_world(), load_scenario("baseline"), "free", 0, QUARTERS - 1))
    lines = rule_lines(ready, every=90, times=1, calls=1)
    assert [line.what.strip() for line in lines] == list(NAMES)
    assert np.isfinite([line.figure for line in lines]).all()


def test_every_part_can_be_asked_for() -> None:
    assert set(_parts()) == {"kernel", "size", "rules", "mesa", "handles", "sweeps", "commands"}
