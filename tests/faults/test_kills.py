"""A sweep of the real model that is killed ten times, shared out, or grown comes to what it comes to undisturbed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.ensemble.asked import read_asked
from sim.ensemble.merge import campaign_of, check_alike, join
from tests.faults.small_world import digest, made, sweep

POINTS, RUNS, KILLS = 20, 1000, 10
"""20,000 runs."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Digest of the whole sweep, by processes and in other shards than all below."""
    engine = {"name": "processes", "workers": 2, "shard_runs": 230}
    return made(sweep(tmp_path_factory.mktemp("whole"), POINTS, RUNS, engine=engine))


def killed(folder: Path, kills: int, *share: str) -> dict[str, Any]:
    """Kill the sweep, or a share of it, so many times, let it finish, and return what was told of it."""
    command = [sys.executable, "-m", "tests.faults.killer", str(folder), str(POINTS), str(RUNS), str(kills), *share]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert len(told["kills"]) == kills
    for before, after in told["kills"]:
        assert before < after < told["shards"], "each kill has to hit midway"
    assert told["lost"] == 0, "what was acknowledged was run again"
    return told


def test_ten_kills_at_random_moments_change_nothing(tmp_path: Path, undisturbed: str) -> None:
    assert killed(tmp_path, KILLS)["digest"] == undisturbed


def test_three_shares_that_were_killed_ten_times_are_joined_to_the_same(tmp_path: Path, undisturbed: str) -> None:
    told = [killed(tmp_path / str(n), kills, f"{n}/3") for n, kills in ((1, 4), (2, 3), (3, 3))]
    folders = [Path(share["folder"]) for share in told]
    asked = [read_asked(folder) for folder in folders]
    check_alike(asked)
    usual = sweep(tmp_path, POINTS, RUNS)
    whole = campaign_of(asked, usual.config, usual.model, tmp_path / "joined", usual.watcher)
    with whole.opened() as campaign:
        joined = join(campaign, folders)
        assert (joined.brought, joined.lost) == (20_000, {})
        shards = campaign.run()
    assert digest(campaign, shards) == undisturbed
    assert "All 20000 runs are there already." in usual.watcher.lines  # type: ignore[attr-defined]


def test_a_sweep_grown_in_points_and_replications_equals_one_made_at_once(tmp_path: Path, undisturbed: str) -> None:
    small = sweep(tmp_path, POINTS // 2, RUNS // 2)
    assert small.plan.n_runs == 5000
    before = made(small)
    grown = sweep(tmp_path, POINTS, RUNS)
    assert grown.folder == small.folder
    assert grown.plan.n_runs == 20_000
    assert made(grown) == undisturbed != before
    watcher = grown.watcher
    assert any("5000 of 20000 runs are there already." in line for line in watcher.lines)  # type: ignore[attr-defined]
