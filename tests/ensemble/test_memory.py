"""A sweep is never held in memory: neither while it runs, nor for its digest, its checksums or its precision."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import PlannedArm
from sim.ensemble.precision import narrowed
from sim.results.digest import digest_of
from sim.results.manifest import checksums
from sim.results.outcomes import read_parts
from sim.results.runs import read_runs
from sim.results.schema import part_name
from tests.ensemble.fakes import FakeBlock, FakeModel, FakeWatcher, fake_config

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = 600
RUNS = 20_000
ALL_MB = 8 * OUTCOMES * RUNS / 1e6
"""What all outcomes take, once."""


@dataclass
class Wide(FakeModel):
    outcome_names: tuple[str, ...] = tuple(f"outcome_{i}" for i in range(OUTCOMES))

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        return (PlannedArm("default", "baseline", "replay", "0", is_recorded=False),)

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        values = np.sin(replications[:, None] + np.arange(OUTCOMES))
        return FakeBlock(values, np.empty((len(replications), 0, 0), np.float32))


def sweep(folder: Path, runs: int) -> Campaign:
    """Run a campaign to the end of what does not need the real model."""
    engine = {"name": "threads", "threads": 2, "shard_runs": 500}
    precision = {"outcome_1": 1e-9}
    asked = Campaign.of(
        fake_config(folder, runs=runs // 2, max_runs=runs, precision=precision, engine=engine), Wide(), FakeWatcher()
    )
    with asked.opened() as opened:
        _, grown, shards = narrowed(asked, opened, opened.surveyed())
        assert shards is not None
        assert grown.plan.n_runs == runs
        digest_of(read_parts(grown.folder, [part_name(shard.name) for shard in shards]))
        checksums(grown.folder)
    return grown


def peak() -> float:
    """Return the most memory that this process has held so far, in MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1e3


def measure(folder: Path) -> None:
    """Print by how much the peak grows from a small sweep to a large one, its outcomes one by one, all at once."""
    sweep(folder / "small", 4000)
    before = peak()
    grown = sweep(folder / "large", RUNS)
    after = peak()
    runs = read_runs(grown.folder, [f"outcomes/{p.name}" for p in sorted((grown.folder / "outcomes").iterdir())])
    assert all(len(runs[name]) == RUNS for name in runs.names)
    one_by_one = peak()
    assert runs.frame().shape == (RUNS, 6 + OUTCOMES)
    print(after - before, one_by_one - before, peak() - before)


def test_a_large_sweep_takes_little_more_memory_than_a_small_one_and_a_table_of_it_takes_it_once(
    tmp_path: Path,
) -> None:
    code = "import sys, pathlib; from tests.ensemble.test_memory import measure; measure(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    swept, one_by_one, whole = map(float, done.stdout.split())
    assert swept < 0.5 * ALL_MB
    assert one_by_one < 0.75 * ALL_MB
    assert 0.6 * ALL_MB < whole < 1.6 * ALL_MB


def test_a_lack_of_memory_is_one_message(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("sim.commands.list.names_of", fail)
    assert main(["list", "states"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("steppe: there is not enough memory. Of a sweep set fewer engine.threads=")
    assert said.count("\n") == 1
