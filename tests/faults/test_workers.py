"""Workers that are processes: what they die of is found, what others do to them costs nothing but time."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from sim.commands.interrupts import MESSAGE
from sim.ensemble.engines.deaths import Deaths
from sim.ensemble.engines.worker import attempt, issued, origin
from sim.ensemble.flight import FLIGHT, Flight, Mark, call_off, mark_path
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Failure
from sim.ensemble.shards import ShardWork
from sim.ensemble.stopping import Stopped
from sim.errors import InputError
from sim.results.schema import MOST_RUNS, RECEIPTS
from tests.faults.killing import killing
from tests.faults.model import FatalToLoad, FaultModel, campaign_of, digest_without, engine
from tests.faults.sweep import session_of, start, told, until

RUN = MOST_RUNS + 7
QUIET = "steppe: interrupted. What is finished is kept; the same command resumes.\n"
PROCESSES = engine("processes", workers=2)


def marks(folder: Path) -> list[Mark]:
    return [Mark.read(path) for path in folder.rglob(f"{FLIGHT}/*.json")]


def receipts(folder: Path) -> int:
    return len(list(folder.rglob(f"{RECEIPTS}/*.json")))


def test_runs_that_kill_their_worker_are_left_out_and_all_others_are_there(tmp_path: Path) -> None:
    guilty = (RUN, RUN + 2)
    run = campaign_of(tmp_path / "a", FaultModel(kills=guilty), engine=PROCESSES)
    assert told(run, run.run()) == {
        "digest": digest_without(tmp_path / "b", *guilty),
        "failures": [[run, "died"] for run in guilty],
    }
    assert run.watcher.done == 180  # type: ignore[attr-defined]
    lines = run.watcher.lines  # type: ignore[attr-defined]
    assert sum(line.startswith("A worker died (") for line in lines) == 5
    assert not (run.folder / FLIGHT).exists()


def test_a_run_that_takes_too_long_is_left_out(tmp_path: Path) -> None:
    run = campaign_of(tmp_path / "a", FaultModel(hangs=(RUN,)), engine={**PROCESSES, "time_limit": 3.0})
    assert told(run, run.run()) == {"digest": digest_without(tmp_path / "b", RUN), "failures": [[RUN, "time limit"]]}
    assert run.watcher.lines[:-1] == [  # type: ignore[attr-defined]
        f"Run {RUN} took more than 3 s (engine.time_limit); it is left out, and the rest of its shard is run again."
    ]


def test_runs_that_take_too_long_are_told_of_when_they_have_become_twice_as_many(tmp_path: Path) -> None:
    shard, lines = Shard(0, 1, 0, 15), list[str]()

    def late(*runs: int) -> None:
        failures = tuple(Failure(run, "time limit", "took more than 60 s") for run in runs)
        Mark(quarantined=failures).write(mark_path(tmp_path, shard))

    late(3)  # known from before
    deaths = Deaths(tmp_path, lines.append)
    deaths.tell(shard, "A worker died.")
    for last in range(4, 9):
        late(*range(3, last + 1))
        deaths.tell(shard, "A worker died.")
    rest = "they are left out, and the rest of their shards is run again."
    assert lines == [
        "A worker died.",
        "Run 4 took more than 60 s (engine.time_limit); it is left out, and the rest of its shard is run again.",
        f"So far 2 runs took more than 60 s (engine.time_limit); {rest}",
        f"So far 4 runs took more than 60 s (engine.time_limit); {rest}",
    ]


def test_workers_that_others_kill_at_any_moment_cost_nothing_but_time(tmp_path: Path) -> None:
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.01), engine=PROCESSES)
    with killing(tmp_path, 4, (0.2, 0.5)) as killed:
        shards = run.run()
    assert killed
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_workers_that_die_before_they_run_anything_are_not_sent_for_ever(tmp_path: Path) -> None:
    run = campaign_of(tmp_path, FatalToLoad(n_arms=1), engine=engine("processes", workers=1))
    with pytest.raises(InputError, match="workers die before they run anything"):
        run.run()


@pytest.mark.parametrize("settings", [PROCESSES, engine("dask", workers=2)], ids=["processes", "dask"])
def test_workers_do_not_outlive_a_sweep_that_is_killed_and_it_resumes(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    process = start(tmp_path / "a", settings, pause=0.1)
    until(lambda: receipts(tmp_path) >= 1)
    process.kill()
    process.communicate()
    until(lambda: not session_of(process))
    resumed = campaign_of(tmp_path / "a", FaultModel())
    assert told(resumed, resumed.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}
    assert not (resumed.folder / FLIGHT).exists()


@pytest.mark.parametrize("settings", [engine("threads", threads=2), PROCESSES], ids=["threads", "processes"])
def test_ctrl_c_ends_a_sweep_in_good_order_and_it_resumes(tmp_path: Path, settings: dict[str, object]) -> None:
    process = start(tmp_path / "a", settings, pause=0.1)
    until(lambda: receipts(tmp_path) >= 1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (3, QUIET)
    until(lambda: not session_of(process))
    assert marks(tmp_path) == []
    resumed = campaign_of(tmp_path / "a", FaultModel())
    assert told(resumed, resumed.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}


@pytest.mark.parametrize("settings", [engine("threads", threads=2), PROCESSES], ids=["threads", "processes"])
def test_ctrl_c_twice_ends_a_sweep_at_once(tmp_path: Path, settings: dict[str, object]) -> None:
    process = start(tmp_path, settings, hangs=[RUN])
    until(lambda: [mark for mark in marks(tmp_path) if RUN in mark.in_flight] and receipts(tmp_path) >= 1)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3
    assert errors == f"steppe: {MESSAGE}\n"
    until(lambda: not session_of(process))
    resumed = campaign_of(tmp_path, FaultModel())
    assert told(resumed, resumed.run())["failures"] == []


def test_a_second_sweep_in_the_same_folder_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    first = start(tmp_path, engine("threads"), hangs=[RUN])
    until(lambda: receipts(tmp_path) >= 1)
    second = start(tmp_path, engine("threads"))
    _, errors = second.communicate(timeout=120)
    first.kill()
    first.communicate()
    assert second.returncode == 2
    assert f"another steppe (process {first.pid} on {platform.node()}) is at work in this folder" in errors


def work_in(folder: Path) -> ShardWork:
    model = FaultModel()
    (folder / FLIGHT).mkdir(parents=True)
    return ShardWork(folder, Plan.uniform(model.planned, 60, 1), "h" * 64, model.outcome_names, None, None, model)


def test_a_worker_of_other_sources_or_versions_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tuple((name, "0" * 64 if name == "source" else found) for name, found in origin())
    words = f"has source hash {'0' * 64}, the campaign has {dict(origin())['source']}"
    with issued(work_in(tmp_path)) as ticket:
        monkeypatch.setattr("sim.ensemble.engines.worker.origin", lambda: other)
        with pytest.raises(InputError, match=words):
            attempt(ticket, Shard(0, 1, 0, 15))


def test_a_worker_that_does_not_see_the_folder_refuses(tmp_path: Path) -> None:
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    with issued(work_in(there)) as ticket:
        there.rename(elsewhere)
        with pytest.raises(InputError, match=r"does not see .*there: .* all workers share"):
            attempt(ticket, Shard(0, 1, 0, 15))


def test_a_worker_whose_ticket_was_withdrawn_before_it_came_is_stopped(tmp_path: Path) -> None:
    with issued(work_in(tmp_path)) as ticket:
        ticket.insist()
    with pytest.raises(Stopped):
        attempt(ticket, Shard(0, 1, 0, 15))
    with pytest.raises(InputError, match="another steppe has taken up this folder"):
        ticket.insist()


@pytest.mark.parametrize("settings", [PROCESSES, engine("dask", workers=2)], ids=["processes", "dask"])
def test_a_command_whose_workers_another_one_calls_off_says_so(tmp_path: Path, settings: dict[str, object]) -> None:
    run = campaign_of(tmp_path, FaultModel(pause=0.1), engine=settings)
    other = threading.Thread(target=lambda: (until(lambda: receipts(tmp_path) >= 1), call_off(run.folder)))
    other.start()
    with pytest.raises(InputError, match="another steppe has taken up this folder and called the workers"):
        run.run()
    other.join()


def test_a_shard_that_another_attempt_takes_from_a_worker_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.ensemble.stopping.FIRST_WAIT", 0.01)
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.05, n_arms=1), engine={**PROCESSES, "shard_runs": 60})
    shard, taken = Shard(0, 1, 0, 60), []

    def take_up() -> None:
        until(lambda: Mark.read(mark_path(run.folder, shard)).in_flight)
        taken.append(Flight(run.folder, shard))

    other = threading.Thread(target=take_up)
    other.start()
    shards = run.run()
    other.join()
    assert taken
    assert told(run, shards)["failures"] == []
    assert len(shards) == 1


def test_a_worker_takes_a_shard_that_has_its_receipt_as_done(tmp_path: Path) -> None:
    work, shard = work_in(tmp_path), Shard(0, 1, 0, 15)
    with issued(work) as ticket:
        attempt(ticket, shard)
        written = (tmp_path / RECEIPTS / f"shard-{shard.name}.json").stat().st_mtime_ns
        attempt(ticket, shard)
    assert (tmp_path / RECEIPTS / f"shard-{shard.name}.json").stat().st_mtime_ns == written
