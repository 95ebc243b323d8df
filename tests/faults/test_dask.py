"""A real scheduler of Dask and three real workers on this machine, each a process of its own."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sim.ensemble.engines import cluster
from sim.ensemble.engines.worker import Ticket
from sim.ensemble.flight import FLIGHT, Mark, mark_path
from sim.ensemble.plan import Shard
from sim.errors import InputError
from sim.results.schema import MOST_RUNS, RECEIPTS
from tests.ensemble.fakes import FakeWatcher
from tests.faults.model import FaultModel, campaign_of, digest_without, engine
from tests.faults.sweep import ROOT, session_of, start, told, until

RUN = MOST_RUNS + 7


class Cluster:
    """Scheduler and workers, started from the command line; the workers' nannies start again those that die."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._folder = folder
        self.scheduler = self._start_scheduler()
        self.workers = self._start_workers()

    def restart(self) -> None:
        """Have the scheduler killed and begin anew at the same place; its workers end with it, others come."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._start_scheduler()
        self.workers += self._start_workers()

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGTERM)
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        return self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def _start_workers(self) -> list[subprocess.Popen[bytes]]:
        limits = ("--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--host", "127.0.0.1")
        return [self._start("worker", self.address, *limits) for _ in range(3)]

    def _start(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", command, *arguments],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """A cluster of its own, as long as the context lasts."""
    running = Cluster(folder)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("dask")) as running:
        yield running


@contextmanager
def killing(folder: Path, most: int) -> Iterator[set[int]]:
    """Kill workers that have runs in hand, now and then, up to so many."""
    killed: set[int] = set()
    over = threading.Event()

    def kill() -> None:
        dice = random.Random(7)
        while not over.wait(dice.uniform(0.1, 0.3)) and len(killed) < most:
            found = {Mark.read(path).pid for path in folder.rglob(f"{FLIGHT}/*.json")} - killed - {0}
            for pid in sorted(found)[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                killed.add(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def test_runs_that_kill_their_worker_or_take_too_long_are_left_out(tmp_path: Path, there: Cluster) -> None:
    settings = engine("dask", address=there.address, time_limit=1.0)
    run = campaign_of(tmp_path / "a", FaultModel(kills=(RUN,), hangs=(RUN + 40,)), engine=settings)
    assert told(run, run.run()) == {
        "digest": digest_without(tmp_path / "b", RUN, RUN + 40),
        "failures": [[RUN, "died"], [RUN + 40, "time limit"]],
    }
    assert run.watcher.done == 180  # type: ignore[attr-defined]
    assert not (run.folder / FLIGHT).exists()


def test_workers_that_others_kill_cost_nothing_but_time(tmp_path: Path, there: Cluster) -> None:
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.01), engine=engine("dask", address=there.address))
    with killing(tmp_path, 3) as killed:
        shards = run.run()
    assert killed
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_a_scheduler_that_is_killed_and_comes_back_costs_nothing_but_time(tmp_path: Path, there: Cluster) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": there.address}))
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.02), engine=engine("dask", scheduler_file=str(file)))
    restarted = threading.Thread(target=lambda: (until(lambda: list(tmp_path.rglob(f"{RECEIPTS}/*"))), there.restart()))
    restarted.start()
    shards = run.run()
    restarted.join()
    assert any("The scheduler is lost" in line for line in run.watcher.lines)  # type: ignore[attr-defined]
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_ctrl_c_stops_workers_at_their_next_step_and_the_sweep_resumes(tmp_path: Path, there: Cluster) -> None:
    process = start(tmp_path / "a", engine("dask", address=there.address), pause=0.05)
    until(lambda: list(tmp_path.rglob(f"{RECEIPTS}/*")))
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert errors == "steppe: interrupted. What is finished is kept; the same command resumes.\n"
    assert not list(tmp_path.rglob(f"{FLIGHT}/*.json"))
    resumed = campaign_of(tmp_path / "a", FaultModel())
    assert told(resumed, resumed.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_a_cluster_of_our_own_ends_quietly_and_the_sweep_resumes(tmp_path: Path) -> None:
    process = start(tmp_path / "a", engine("dask", workers=2), pause=0.05)
    until(lambda: list(tmp_path.rglob(f"{RECEIPTS}/*")))
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert errors == "steppe: interrupted. What is finished is kept; the same command resumes.\n"
    until(lambda: not session_of(process))
    resumed = campaign_of(tmp_path / "a", FaultModel())
    assert told(resumed, resumed.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_where_no_scheduler_answers_one_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    for settings, words in (
        ({"address": "tcp://127.0.0.1:9"}, r"engine.address: tcp://127.0.0.1:9: no scheduler"),
        ({"scheduler_file": str(tmp_path / "none.json")}, r"engine.scheduler_file: .*none.json: no scheduler"),
    ):
        with pytest.raises(InputError, match=words):
            campaign_of(tmp_path, FaultModel(), engine=engine("dask", **settings)).run()


def test_workers_that_die_before_they_run_anything_are_not_waited_for_for_ever(tmp_path: Path) -> None:
    shards, place = [Shard(arm, 1, 0, 15) for arm in range(4)], cluster._Place("tcp://127.0.0.1:9", None)
    sweep = cluster._Sweep(place, None, tmp_path, FakeWatcher(), deque(shards))  # type: ignore[arg-type]
    for died in range(20):
        Mark(in_flight=(died,)).write(mark_path(tmp_path, shards[0]))
        sweep._learn(shards[0])
    for _ in range(cluster.FUTILE - 1):
        sweep._learn(shards[0])
    with pytest.raises(InputError, match="workers die before they run anything"):
        sweep._learn(shards[0])


def test_a_connection_that_breaks_before_the_client_says_so_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking:
        status = "running"

        def nthreads(self) -> dict[str, int]:
            return {"worker": 1}

        def submit(self, *_: object, **__: object) -> None:
            raise ConnectionResetError("the comm is closed")

    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.01)
    flying, waiting = Shard(0, 1, 0, 15), Shard(1, 1, 0, 15)
    ticket = Ticket(tmp_path / "a.work", "", ())
    sweep = cluster._Sweep(cluster._Place("tcp://127.0.0.1:9", None), ticket, tmp_path, FakeWatcher(), deque([waiting]))
    sweep.client, sweep.flying = Breaking(), {"key": (None, flying)}
    sweep._submit()
    assert list(sweep.waiting) == [flying, waiting]
    assert not sweep.flying


def test_a_scheduler_that_does_not_come_back_ends_the_sweep_as_one_that_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 0.5)
    with started(tmp_path) as own:
        run = campaign_of(tmp_path, FaultModel(pause=0.1), engine=engine("dask", address=own.address))
        killed = threading.Thread(
            target=lambda: (until(lambda: list(tmp_path.rglob(f"{RECEIPTS}/*"))), own.scheduler.kill())
        )
        killed.start()
        with pytest.raises(KeyboardInterrupt):
            run.run()
        killed.join()
    assert "did not come back" in run.watcher.lines[-1]  # type: ignore[attr-defined]
