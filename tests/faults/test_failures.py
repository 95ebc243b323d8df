"""Runs that raise or kill the process: they are named, their neighbours are kept, and the sweep goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from sim.ensemble.campaign import Campaign
from sim.ensemble.engines.worker import issued
from sim.ensemble.failures import caveat, failures_of, lines, listed
from sim.ensemble.flight import FLIGHT, Flight, Mark, mark_path, regroup
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Failure, Receipt, Survey
from sim.ensemble.shards import ShardWork
from sim.results.manifest import seal
from sim.results.schema import FIGURES, LAYOUT, MOST_RUNS, OUTCOMES, REPORT, part_name, receipt_name
from sim.results.store import Result
from tests.faults.model import Disturbed, FaultModel, campaign_of, digest_without, engine
from tests.faults.sweep import ROOT, start, told

RUN = MOST_RUNS + 7
"""Replication 7 of the second arm."""


def test_a_run_that_raises_is_named_with_its_command_and_all_others_are_kept(tmp_path: Path) -> None:
    run = campaign_of(tmp_path / "a", FaultModel(raises=(RUN, 2 * MOST_RUNS)))
    shards = run.run()
    assert told(run, shards) == {
        "digest": digest_without(tmp_path / "b", RUN, 2 * MOST_RUNS),
        "failures": [[RUN, "raised"], [2 * MOST_RUNS, "raised"]],
    }
    assert run.watcher.done == run.watcher.total == 180  # type: ignore[attr-defined]
    assert not (run.folder / FLIGHT).exists()
    failures = failures_of(Receipt.read(run.folder / receipt_name(shard.name)) for shard in shards)
    rows = listed(failures, run.plan, run.folder)
    assert rows[0] == {
        "run": RUN,
        "point": "default",
        "scenario": "scenario_1",
        "history": "replay",
        "replication": 7,
        "kind": "raised",
        "error": "ZeroDivisionError: a share of nothing",
        "rerun": f"steppe rerun {run.folder} {RUN}",
    }
    first, *_, last = lines(rows, 2)
    assert first.endswith(f"failed, raised: ZeroDivisionError: a share of nothing. Alone: {rows[0]['rerun']}")
    assert last == "2 runs have failed; the same command with retry=true tries again."
    assert caveat(2, 180)[0].startswith("2 of 180 runs failed and are missing")
    assert lines([], 0) == caveat(0, 180) == []


def test_of_many_failures_a_few_are_said() -> None:
    row = {"run": 1, "point": "p", "scenario": "s", "history": "h", "replication": 1, "kind": "died", "error": "e"}
    said = lines([{**row, "rerun": "r"}] * 8, 8)
    assert len(said) == 6
    assert said[-1] == "8 runs have failed, of which 5 are named here; the same command with retry=true tries again."


def test_what_failed_is_not_tried_again_unless_that_is_asked_for(tmp_path: Path) -> None:
    campaign_of(tmp_path, FaultModel(raises=(RUN,))).run()
    again = campaign_of(tmp_path, FaultModel())
    assert told(again, again.run())["failures"] == [[RUN, "raised"]]
    assert again.watcher.lines == ["All 180 runs are there already."]  # type: ignore[attr-defined]
    retried = campaign_of(tmp_path, FaultModel(), retry=True)
    assert told(retried, retried.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}
    assert retried.watcher.lines[0] == "165 of 180 runs are there already."  # type: ignore[attr-defined]


def test_a_report_without_the_runs_that_are_tried_again_is_removed(tmp_path: Path) -> None:
    run = campaign_of(tmp_path, FaultModel(raises=(RUN,)), report=True)
    run.run()
    report, figure = run.folder / REPORT, run.folder / FIGURES / "a.svg"
    figure.parent.mkdir()
    for path in (report, figure):
        path.write_text("of 179 runs")

    def again(**changes: object) -> list[str]:
        seal(run.folder, {"layout": LAYOUT, "complete": False, "plan_hash": run.plan.sha256})
        campaign = campaign_of(tmp_path, FaultModel(), **changes)
        campaign.run()
        return campaign.watcher.lines  # type: ignore[attr-defined,no-any-return]

    again()
    assert report.is_file()
    assert figure.is_file()
    assert again(retry=True)[0].endswith("lacks runs that are tried again; it is removed.")
    assert not report.exists()
    assert not figure.parent.exists()


def test_what_a_worker_of_an_earlier_command_finishes_meanwhile_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = campaign_of(tmp_path, FaultModel())
    work = ShardWork(run.folder, run.plan, run.model_hash, run.model.outcome_names, None, None, run.model)
    shards = run.plan.missing((), 15, None)
    surveyed = run._survey

    def finished_meanwhile(_: Campaign) -> Survey:
        assert ticket.is_set()
        found = surveyed()
        work.run(shards[0], Event(), lambda runs: None)
        return found

    monkeypatch.setattr(Campaign, "_survey", finished_meanwhile)
    (run.folder / OUTCOMES).mkdir(parents=True)
    with issued(work) as ticket:
        run.clear(run.surveyed())
    assert not (run.folder / receipt_name(shards[0].name)).exists()
    assert not work.is_done(shards[0])
    work.run(shards[0], Event(), lambda runs: None)
    assert work.is_done(shards[0])


def test_failed_runs_leave_no_row_in_trajectories(tmp_path: Path) -> None:
    column = "states[KAZ].local_capacity"
    run = campaign_of(tmp_path, FaultModel(raises=(RUN,), columns=(column,)), trajectories=True)
    parts = [part_name(shard.name) for shard in run.run()]
    series = Result(run.folder, {"trajectories": [column], "parts": parts, "counts": {"failed": 1}}).trajectories
    assert series is not None
    assert sorted(series["run"].values) == sorted({a * MOST_RUNS + r for a in range(3) for r in range(60)} - {RUN})
    assert np.isfinite(series.values).all()


def test_with_threads_the_same_command_again_and_again_finds_the_run_that_kills_it(tmp_path: Path) -> None:
    guilty = (RUN, RUN + 2)
    ends: list[int] = []
    while not ends or ends[-1] == -signal.SIGKILL:
        process = start(tmp_path / "a", engine("threads", threads=2), kills=guilty)
        answer, errors = process.communicate(timeout=60)
        ends.append(process.returncode)
        assert len(ends) < 8, errors
    assert ends[-1] == 1, errors
    assert json.loads(answer) == {
        "digest": digest_without(tmp_path / "b", *guilty),
        "failures": [[run, "died"] for run in guilty],
    }


def test_a_run_is_blamed_when_it_died_alone_twice_and_not_before(tmp_path: Path) -> None:
    shard = Shard(1, 1, 0, 15)
    first = Flight(tmp_path, shard)
    with first.step([RUN, RUN + 1]):
        second = Flight(tmp_path, shard)
    assert second.suspects == {RUN, RUN + 1}
    for expected in ((), (), (RUN,)):
        attempt = Flight(tmp_path, shard)
        assert tuple(failure.run for failure in attempt.quarantined) == expected
        with attempt.step([RUN]):
            pass
    attempt.break_off()
    assert Mark.read(mark_path(tmp_path, shard)).in_flight == ()
    assert [failure.run for failure in Flight(tmp_path, shard).quarantined] == [RUN]


def test_a_run_that_was_always_alone_is_suspected_before_it_is_blamed(tmp_path: Path) -> None:
    shard = Shard(1, 1, 0, 15)
    blamed = []
    for _ in range(4):
        attempt = Flight(tmp_path, shard)
        blamed.append([failure.run for failure in attempt.quarantined])
        with attempt.step([RUN], time_limit=60):
            pass
    assert blamed == [[], [], [], [RUN]]


STOPPED = """
import os, signal, sys
from pathlib import Path
from sim.ensemble.flight import Flight
from sim.ensemble.plan import Shard

with Flight(Path(sys.argv[1]), Shard(0, 1, 0, 15)).step([7], time_limit=1.5):
    os.kill(os.getpid(), signal.SIGSTOP)
    input()
"""


@pytest.mark.parametrize(("word", "status"), [("over\n", 0), ("", -signal.SIGKILL)], ids=["in time", "never"])
def test_what_a_process_was_stopped_for_is_not_counted_as_time_of_its_run(
    tmp_path: Path, word: str, status: int
) -> None:
    command = [sys.executable, "-c", STOPPED, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        os.waitpid(process.pid, os.WUNTRACED)
        time.sleep(2.0)
        process.send_signal(signal.SIGCONT)
        process.stdin.write(word)
        process.stdin.flush()
        assert process.wait(timeout=120) == status
    failed = Mark.read(mark_path(tmp_path, Shard(0, 1, 0, 15))).quarantined
    assert [(one.run, one.kind) for one in failed] == ([] if word else [(7, "time limit")])


def test_an_attempt_that_lands_leaves_the_mark_of_the_one_that_took_up_its_shard(tmp_path: Path) -> None:
    shard = Shard(1, 1, 0, 15)
    early, late = Flight(tmp_path, shard), Flight(tmp_path, shard)
    early.land()
    with late.step([RUN]):
        assert Mark.read(mark_path(tmp_path, shard)).in_flight == (RUN,)
    late.land()
    assert not mark_path(tmp_path, shard).exists()


@pytest.mark.parametrize("is_finished", [True, False], ids=["finishes", "leaves"])
def test_a_shard_that_another_attempt_takes_up_is_run_again_or_taken_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_finished: bool
) -> None:
    monkeypatch.setattr("sim.ensemble.stopping.FIRST_WAIT", 0.01)

    def take_up(arm: int, replications: np.ndarray) -> None:
        if arm == 1 and taken:
            shard = taken.pop()
            if is_finished:
                ShardWork(
                    run.folder, run.plan, run.model_hash, FaultModel().outcome_names, None, None, FaultModel()
                ).run(shard, Event(), lambda runs: None)
            else:
                Flight(run.folder, shard)

    run = campaign_of(tmp_path / "a", Disturbed(disturb=take_up), engine=engine("threads", threads=1))
    taken = [run.plan.missing((), 15, None)[1]]
    shards = run.run()
    assert not taken
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}
    assert run.watcher.done == run.watcher.total == 180  # type: ignore[attr-defined]


def test_a_step_goes_over_arms_and_only_the_runs_to_blame_are_left_out(tmp_path: Path) -> None:
    calls: list[tuple[int, list[int]]] = []
    guilty = (3 * MOST_RUNS, 7 * MOST_RUNS + 1)
    model = Disturbed(n_arms=30, raises=guilty, disturb=lambda arm, runs: calls.append((arm, runs.tolist())))
    work = ShardWork(tmp_path, Plan.uniform(model.planned, 2, 1), "h", model.outcome_names, None, None, model)
    steps: list[int] = []
    shard = Shard(0, 30, 0, 2)
    work.run(shard, Event(), steps.append)
    assert steps == [0, 20, 40]
    assert sorted(set(map(len, (runs for _, runs in calls)))) == [1, 2]
    assert [arm for arm, runs in calls if len(runs) == 2] == list(range(30))
    assert [(arm, runs) for arm, runs in calls if len(runs) == 1] == [(3, [0]), (3, [1]), (7, [0]), (7, [1])]
    receipt = Receipt.read(tmp_path / receipt_name(shard.name))
    assert tuple((failure.run, failure.kind) for failure in receipt.failures) == tuple(
        (run, "raised") for run in guilty
    )


def test_an_attempt_that_was_broken_off_blames_nobody(tmp_path: Path) -> None:
    shard = Shard(1, 1, 0, 15)
    attempt = Flight(tmp_path, shard)
    with attempt.step([RUN]):
        attempt.break_off()
    assert not mark_path(tmp_path, shard).exists()
    assert Flight(tmp_path, shard).suspects == frozenset()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"in_flight": 3}'])
def test_a_mark_that_cannot_be_read_knows_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert Mark.read(path) == Mark()


def test_marks_go_with_their_runs_when_shards_are_cut_anew(tmp_path: Path) -> None:
    old, left, right = Shard(1, 1, 0, 15), Shard(1, 1, 0, 8), Shard(1, 1, 8, 7)
    known = Failure(RUN + 1, "died", "twice")
    Mark("x", in_flight=(RUN,), deaths={RUN: 0}, quarantined=(known,)).write(mark_path(tmp_path, old))
    regroup(tmp_path, [left, right, Shard(2, 1, 0, 8)])
    assert Mark.read(mark_path(tmp_path, left)).deaths == {RUN: 1}
    assert Mark.read(mark_path(tmp_path, right)).quarantined == (known,)
    assert len(list((tmp_path / FLIGHT).iterdir())) == 2
