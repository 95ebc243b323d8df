"""What a plan is told to take: the beginning and the end are counted, and so is a last round of few shards."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.ensemble import trial, weighing
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import PlannedArm
from sim.errors import AllFailed
from sim.settings import Threads
from tests.ensemble.fakes import FakeBlock, FakeModel, FakeWatcher, fake_config

COLUMNS = ("states[KAZ].dependence[CHN]", "states[KAZ].local_capacity")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SECONDS", 0.02)


def told(folder: Path, **changes: object) -> tuple[dict[str, Any], str]:
    config = fake_config(folder, **{"runs": 130, **changes})
    found = trial.expected(Campaign.of(config, FakeModel(is_paired=True, columns=COLUMNS), FakeWatcher()))
    return dict(found.numbers), "\n".join(found.lines)


@pytest.mark.parametrize("has_trajectories", [False, True])
def test_time_is_that_of_beginning_runs_and_bands(tmp_path: Path, has_trajectories: bool) -> None:
    one, words = told(tmp_path, trajectories=has_trajectories, engine={"name": "threads", "threads": 1})
    assert one["seconds"] == pytest.approx(one["seconds_one_cpu"])
    assert one["seconds_start"] > 0
    assert one["seconds_end"] > 0
    between = one["seconds_one_cpu"] - one["seconds_start"] - one["seconds_end"]
    assert between > 780 * one["seconds_a_run"] > 0
    assert " to begin and " in words
    assert not list(tmp_path.iterdir())


def test_what_is_not_counted_is_said(tmp_path: Path) -> None:
    usual, words = told(tmp_path)
    assert "not counted: figures and report" in told(tmp_path, report=True)[1].splitlines()[4]
    assert "figures and report" not in words
    assert words.splitlines()[3].endswith("not counted: waiting for the disk and for other programs")
    more = told(tmp_path, report=True, trace=True, precision={"year.KAZ": 1.0})[0]["not_counted"]
    assert "figures and report" not in told(tmp_path, report=True, shard="1/2")[0]["not_counted"]
    assert more == ["figures and report", "the ledger", "what precision adds", *usual["not_counted"]]


def test_a_share_has_no_end_and_workers_begin_after_the_command(tmp_path: Path) -> None:
    assert told(tmp_path, shard="1/2")[0]["seconds_end"] == 0
    threads = told(tmp_path)[0]["seconds_start"]
    processes = told(tmp_path, engine={"name": "processes", "workers": 2})[0]["seconds_start"]
    assert processes == pytest.approx(2 * threads, rel=0.1)


def test_a_share_says_of_how_many_and_a_whole_that_is_there_that_none_are_left(tmp_path: Path) -> None:
    numbers, words = told(tmp_path, shard="1/3")
    runs, whole = numbers["runs"], numbers["runs_of_plan"]
    assert words.splitlines()[0].startswith(f"runs     {runs} of {whole}, for this share: ")
    model = FakeModel(is_paired=True, columns=COLUMNS)
    Campaign.of(fake_config(tmp_path, runs=20), model, FakeWatcher()).run()
    assert told(tmp_path, runs=20)[1].splitlines()[1:] == ["shards   none to run: all of it is there"]


def test_a_share_without_runs_and_one_of_a_kind_are_told_as_such(tmp_path: Path) -> None:
    shares = [told(tmp_path, runs=1, shard=f"{number}/9") for number in range(1, 10)]
    empty = next(words for numbers, words in shares if not numbers["runs"])
    first, last = empty.splitlines()
    assert first.endswith("1 replication of each")
    assert last == "shards   none to run: the plan has so few runs that none falls to this share"


def test_bands_take_longer_the_more_shards_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "_seconds_of_bands", lambda folder, plan, shards, *_: 0.01 + 0.002 * len(shards))
    few, many = (
        told(tmp_path, runs=1000, trajectories=False, engine={"name": "threads", "threads": 1, "shard_runs": runs})[0]
        for runs in (100, 2)
    )
    assert many["seconds_end"] > 2 * few["seconds_end"]


@pytest.mark.parametrize(
    ("shards", "workers", "seconds"),
    [([1.0] * 3, 2, 2.0), ([1.0] * 4, 2, 2.0), ([3.0, 1.0, 1.0], 2, 3.0), ([], 1, 0.0)],
)
def test_the_last_shard_decides(shards: list[float], workers: int, seconds: float) -> None:
    assert trial._spread(shards, workers) == seconds


@dataclass
class Failing(FakeModel):
    """Every third replication raises, and the others take as long as `seconds`."""

    each: int = 3
    seconds: float = 0.0

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        begun = time.thread_time()
        while time.thread_time() < begun + self.seconds * len(replications):
            pass
        if (replications % self.each == 0).any():
            raise ZeroDivisionError("a share of nothing")
        return super().simulate(arm, replications)


def expected(folder: Path, model: FakeModel, **changes: Any) -> Any:
    config = fake_config(folder, runs=20, **changes)
    return trial.expected(Campaign.of(config, model, FakeWatcher())).numbers


@pytest.mark.parametrize("has_trajectories", [False, True])
def test_runs_that_fail_are_left_out_of_the_trial(tmp_path: Path, has_trajectories: bool) -> None:
    found = expected(tmp_path, Failing(columns=COLUMNS), trajectories=has_trajectories)
    assert found["seconds"] > 0
    assert found["bytes"] > 0


def test_where_all_runs_of_the_trial_fail_there_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(AllFailed, match="runs of the trial failed"):
        expected(tmp_path, Failing(each=1))


def test_one_arm_of_slow_runs_is_weighed(tmp_path: Path) -> None:
    found = expected(tmp_path, Failing(each=10**9, seconds=0.01, arms=(("baseline", "replay"),)))
    assert found["seconds_a_run"] >= 0.01


def test_how_far_precision_may_go_is_told(tmp_path: Path) -> None:
    numbers, words = told(tmp_path, precision={"year.KAZ": 0.1}, max_runs=4000)
    assert (numbers["max_runs"], numbers["runs_at_most"]) == (4000, 6 * 4000)
    assert "up to max_runs=4000: 24,000 runs at most" in words
    assert "precision uses" not in words
    model = FakeModel(is_paired=True, columns=COLUMNS)
    Campaign.of(fake_config(tmp_path, runs=200), model, FakeWatcher()).run()
    words = told(tmp_path, precision={"year.KAZ": 0.1}, max_runs=4000)[1]
    assert "arms have up to 200 replications there already, which precision uses before it adds any" in words


def test_points_that_are_sampled_are_told_apart_from_others(tmp_path: Path) -> None:
    class Sampling(FakeModel):
        @property
        def planned(self) -> tuple[PlannedArm, ...]:
            points = (PlannedArm(f"p{i:07d}", "baseline", "replay", f"{i}", False, True) for i in range(20))
            return (*super().planned, *points)

    assert "points (" not in told(tmp_path)[1]
    sampling = Sampling(is_paired=True, columns=COLUMNS)
    found = trial.expected(Campaign.of(fake_config(tmp_path), sampling, FakeWatcher()))
    assert f": 22 points (20 sampled, {' and '.join(found.numbers['points_unsampled'])}), " in found.lines[0]


def bytes_in(*folders: Path) -> int:
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(("shard", "shard_runs"), [(None, 100), ("2/3", None), ("1/2", 7)])
def test_disk_is_what_a_sweep_or_a_share_of_it_then_takes(
    tmp_path: Path, shard: str | None, shard_runs: int | None
) -> None:
    config = fake_config(tmp_path, runs=130, shard=shard, engine=Threads(name="threads", shard_runs=shard_runs))
    campaign = Campaign.of(config, FakeModel(is_paired=True, columns=COLUMNS), FakeWatcher())
    numbers = trial.expected(campaign).numbers
    with campaign.opened() as opened:
        opened.run()
    there = bytes_in(*(opened.folder / name for name in ("outcomes", "receipts")))
    assert numbers["bytes_outcomes"] == pytest.approx(there, rel=0.15)
    quantiles = 0 if shard else trial.QUANTILE_BYTES * 3 * 6
    assert numbers["bytes_bands"] == pytest.approx(bytes_in(opened.folder / "bands") + quantiles, rel=0.15)


@dataclass
class Unloaded(FakeModel):
    """A model that must not be loaded."""

    def warm(self) -> None:
        raise AssertionError("nobody needs the model")


def test_where_all_is_there_the_model_is_neither_loaded_nor_run(tmp_path: Path) -> None:
    config = fake_config(tmp_path, runs=20)
    Campaign.of(config, FakeModel(), FakeWatcher()).run()
    model = Unloaded()
    numbers = trial.expected(Campaign.of(config, model, FakeWatcher())).numbers
    assert (numbers["runs"], numbers["runs_there"], numbers["shards"], numbers["bytes"]) == (60, 60, 0, 0)
    assert model.n_simulated == 0


def test_runs_that_failed_are_to_be_run_where_they_are_tried_again(tmp_path: Path) -> None:
    config = fake_config(tmp_path, runs=20)
    Campaign.of(config, FakeModel(fail_at=7, error=ZeroDivisionError("nothing")), FakeWatcher()).run()
    for retry, left in ((False, 0), (True, 60)):
        campaign = Campaign.of(fake_config(tmp_path, runs=20, retry=retry), FakeModel(), FakeWatcher())
        assert trial.expected(campaign).numbers["runs_to_run"] == left
    again = FakeModel()
    Campaign.of(fake_config(tmp_path, runs=20, retry=True), again, FakeWatcher()).run()
    assert again.n_simulated == 60
