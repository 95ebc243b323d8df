"""A real scheduler of Dask and three real workers on this machine, each a process of its own."""

from __future__ import annotations

import json
import os
import queue
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sim.ensemble.engines import cluster, roster
from sim.ensemble.engines.deaths import FUTILE
from sim.ensemble.engines.roster import Roster
from sim.ensemble.engines.worker import Ticket
from sim.ensemble.flight import FLIGHT, Mark, mark_path
from sim.ensemble.plan import Shard
from sim.errors import InputError
from sim.results.schema import MOST_RUNS, RECEIPTS
from tests.ensemble.fakes import FakeWatcher
from tests.faults.killing import killing
from tests.faults.model import FaultModel, campaign_of, digest_without, engine
from tests.faults.sweep import ROOT, session_of, start, told, until

RUN = MOST_RUNS + 7
TICKET = Ticket(Path("a.work"), "", ())


class Cluster:
    """Scheduler and workers, started from the command line; the workers' nannies start again those that die."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._folder = folder
        self.scheduler = self._start_scheduler()
        self.workers = self._start_workers(workers)

    def restart(self) -> None:
        """Have the scheduler killed and begin anew at the same place; its workers end with it, others come."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._start_scheduler()
        self.workers += self._start_workers(3)

    def join(self, path: Path) -> None:
        """Have one more worker join, with its Steppe in a folder."""
        self.workers.append(self._start_worker(path))

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
        place = ("--host", "127.0.0.1", "--port", str(self.port))
        scheduler = self._start("scheduler", *place, "--no-dashboard", path=without(self._folder))
        until(self._is_there)
        return scheduler

    def _is_there(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _start_workers(self, number: int) -> list[subprocess.Popen[bytes]]:
        return [self._start_worker(ROOT) for _ in range(number)]

    def _start_worker(self, path: Path) -> subprocess.Popen[bytes]:
        limits = ("--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--host", "127.0.0.1")
        return self._start("worker", self.address, *limits, path=path)

    def _start(self, command: str, *arguments: str, path: Path) -> subprocess.Popen[bytes]:
        with (self._folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", command, *arguments],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(path)},
                stdout=log,
                stderr=log,
            )


def free_port() -> int:
    """Return a port that nobody listens at, and that no outgoing connection is given before the scheduler has it."""
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def without(folder: Path) -> Path:
    """Return a folder that hides Steppe from whoever has it first on its path, also where it is installed."""
    nothing = folder / "nothing"
    nothing.mkdir(exist_ok=True)
    (nothing / "sim.py").write_text("raise ModuleNotFoundError(\"No module named 'sim'\")\n")
    return nothing


@contextmanager
def started(folder: Path, workers: int = 3) -> Iterator[Cluster]:
    """A cluster of its own, as long as the context lasts."""
    running = Cluster(folder, workers)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("dask")) as running:
        yield running


def test_runs_that_kill_their_worker_or_take_too_long_are_left_out(tmp_path: Path, there: Cluster) -> None:
    settings = engine("dask", address=there.address, time_limit=3.0)
    run = campaign_of(tmp_path / "a", FaultModel(kills=(RUN,), hangs=(RUN + 40,)), engine=settings)
    assert told(run, run.run()) == {
        "digest": digest_without(tmp_path / "b", RUN, RUN + 40),
        "failures": [[RUN, "died"], [RUN + 40, "time limit"]],
    }
    assert run.watcher.done == 180  # type: ignore[attr-defined]
    assert not (run.folder / FLIGHT).exists()


def test_workers_that_others_kill_cost_nothing_but_time(tmp_path: Path, there: Cluster) -> None:
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.01), engine=engine("dask", address=there.address))
    with killing(tmp_path, 3, (0.1, 0.3)) as killed:
        shards = run.run()
    assert killed
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_workers_that_cannot_run_steppe_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "sim", other / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    (other / "configs").symlink_to(ROOT / "configs")
    with (other / "sim" / "world" / "records.py").open("a") as source:
        source.write("# changed\n")
    with started(tmp_path, workers=0) as own:
        own.join(without(tmp_path))
        run = campaign_of(tmp_path / "a", FaultModel(), engine=engine("dask", address=own.address))
        with monkeypatch.context() as soon:
            soon.setattr(roster, "COMPANY_SECONDS", 0.5)
            with pytest.raises(InputError, match=r"the worker at tcp://.* cannot run Steppe: ModuleNotFoundError"):
                run.run()
        own.join(other)
        run = campaign_of(tmp_path / "a", FaultModel(), engine=engine("dask", address=own.address))
        lines = run.watcher.lines  # type: ignore[attr-defined]
        joined = threading.Thread(target=lambda: (until(lambda: "source hash" in "".join(lines)), own.join(ROOT)))
        joined.start()
        monkeypatch.setattr(roster, "COMPANY_SECONDS", 300.0)
        assert told(run, run.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}
        joined.join()
    nothing, changed = sorted(line for line in lines if line.endswith("It is given no runs."))
    assert "cannot run Steppe: ModuleNotFoundError(\"No module named 'sim'\")" in nothing
    assert changed.startswith(f"The worker on {socket.gethostname()} has source hash")


class Answer:
    """What a worker said when it was asked, or None where it has not answered."""

    def __init__(self, said: BaseException | str | None) -> None:
        self._said, self.status = said, {None: "pending", "ready": "finished"}.get(said, "error")  # type: ignore[call-overload]

    def done(self) -> bool:
        return self._said is not None

    def exception(self) -> object:
        return self._said

    def add_done_callback(self, _: object) -> None:
        """Nobody waits."""


class Client:
    """Workers by name, each with what it says."""

    def __init__(self, **there: BaseException | str | None) -> None:
        self.there, self.asked = there, 0

    def nthreads(self) -> dict[str, int]:
        return dict.fromkeys(self.there, 1)

    def submit(self, *_: object, workers: list[str], **__: object) -> Answer:
        self.asked += 1
        return Answer(self.there[workers[0]])


def rostered() -> tuple[Roster, list[str]]:
    lines: list[str] = []
    return Roster(TICKET, lines.append, queue.SimpleQueue()), lines


def test_only_workers_that_are_ready_are_given_shards_and_each_is_asked_once() -> None:
    known, lines = rostered()
    no = InputError("the worker on b has no folder.")
    client = Client(a="ready", b=no, b2=no, c=None, d=ModuleNotFoundError("No module named 'sim'"))
    for _ in range(3):
        known.look(client)
    assert known.ready == {"a"}
    assert client.asked == 5
    assert lines == [
        "The worker on b has no folder. It is given no runs.",
        "The worker at d cannot run Steppe: ModuleNotFoundError(\"No module named 'sim'\"). It is given no runs.",
    ]
    client.there = {"c": None}
    known.look(client)
    assert known.ready == set()


def test_a_sweep_ends_where_no_worker_is_left_that_can_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "COMPANY_SECONDS", 0.05)
    known, _ = rostered()
    client = Client(a="ready", b=InputError("the worker on b has no folder."))
    known.look(client)
    time.sleep(0.1)
    known.look(client)
    del client.there["a"]
    known.look(client)
    time.sleep(0.1)
    with pytest.raises(InputError, match="the worker on b has no folder"):
        known.look(client)


def test_who_waits_for_workers_to_get_ready_is_told_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "SILENT_SECONDS", 0.0)
    for said, expected in ((None, ["Waiting for 2 workers to get ready."]), ("ready", [])):
        known, lines = rostered()
        for _ in range(3):
            known.look(Client(a=said, b=None))
        assert lines == expected


def test_workers_that_die_over_and_over_before_they_are_ready_end_the_sweep() -> None:
    known, _ = rostered()
    for number in range(FUTILE + 1):
        known.look(Client(**{f"w{number}": None}))
    with pytest.raises(InputError, match="workers die before they run anything"):
        known.look(Client())


def test_shards_wait_again_where_none_is_left_of_the_workers_that_they_were_sent_to(tmp_path: Path) -> None:
    class Recalled(Client):
        def cancel(self, futures: list[object], force: bool) -> None:
            cancelled.extend(futures)

    cancelled: list[object] = []
    shards = [Shard(arm, 1, 0, 15) for arm in range(2)]
    sweep = cluster._Sweep(cluster._Place("tcp://127.0.0.1:9", None), TICKET, tmp_path, FakeWatcher(), deque())
    sweep.client = Recalled()
    sweep.flying = {"x": ("future", shards[0], frozenset("ac")), "y": ("other", shards[1], frozenset("ab"))}
    sweep.roster.ready = {"b"}
    sweep._call_back()
    assert (list(sweep.waiting), list(sweep.flying), cancelled) == ([shards[0]], ["y"], ["future"])


def test_shards_are_kept_for_workers_that_get_ready(tmp_path: Path) -> None:
    shards = [Shard(arm, 1, 0, 15) for arm in range(5)]
    sweep = cluster._Sweep(cluster._Place("tcp://127.0.0.1:9", None), TICKET, tmp_path, FakeWatcher(), deque(shards))
    sweep.client = Client(a="ready", b=None, c=None, d=None)
    sweep.client.status = "running"
    sweep._submit()
    assert (len(sweep.flying), len(sweep.waiting)) == (2, 3)
    sweep.client.there = {"a": "ready"}
    sweep._submit()
    assert (len(sweep.flying), len(sweep.waiting)) == (2, 3)
    sweep.client.there = {"a": "ready", "e": "ready"}
    sweep._submit()
    assert (len(sweep.flying), len(sweep.waiting)) == (4, 1)
    sweep.flying.popitem()
    sweep.client.there |= {"f": None}
    sweep._submit()
    assert (len(sweep.flying), len(sweep.waiting)) == (3, 1)


def test_a_scheduler_that_is_killed_and_comes_back_costs_nothing_but_time(tmp_path: Path, there: Cluster) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": there.address}))
    run = campaign_of(tmp_path / "a", FaultModel(pause=0.05), engine=engine("dask", scheduler_file=str(file)))
    restarted = threading.Thread(target=lambda: (until(lambda: list(tmp_path.rglob(f"{RECEIPTS}/*"))), there.restart()))
    restarted.start()
    shards = run.run()
    restarted.join()
    assert any("The scheduler is lost" in line for line in run.watcher.lines)  # type: ignore[attr-defined]
    assert told(run, shards) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def interrupted(folder: Path, settings: dict[str, object]) -> subprocess.Popen[str]:
    """Interrupt a sweep after its first receipt, and resume it."""
    process = start(folder / "a", settings, pause=0.1)
    until(lambda: list(folder.rglob(f"{RECEIPTS}/*")))
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3
    said = [line for line in errors.splitlines() if "aiting for" not in line]  # workers may be slow to come
    assert said == ["steppe: interrupted. What is finished is kept; the same command resumes."]
    assert not list(folder.rglob(f"{FLIGHT}/*.json"))
    resumed = campaign_of(folder / "a", FaultModel())
    assert told(resumed, resumed.run()) == {"digest": digest_without(folder / "b"), "failures": []}
    return process


def test_ctrl_c_stops_workers_at_their_next_step_and_the_sweep_resumes(tmp_path: Path, there: Cluster) -> None:
    interrupted(tmp_path, engine("dask", address=there.address))


def test_a_cluster_of_our_own_ends_quietly_and_the_sweep_resumes(tmp_path: Path) -> None:
    process = interrupted(tmp_path, engine("dask", workers=2))
    until(lambda: not session_of(process))


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
    sweep = cluster._Sweep(place, TICKET, tmp_path, FakeWatcher(), deque(shards))
    for died in range(20):
        Mark(in_flight=(died,)).write(mark_path(tmp_path, shards[0]))
        sweep._learn(shards[:1])
    for _ in range(FUTILE - 1):
        sweep._learn(shards[:1])
    with pytest.raises(InputError, match="workers die before they run anything"):
        sweep._learn(shards[:1])


def test_a_connection_that_breaks_before_the_client_says_so_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking:
        status = "running"

        def nthreads(self) -> dict[str, int]:
            return {"a": 1}

        def submit(self, *_: object, **__: object) -> None:
            raise ConnectionResetError("the comm is closed")

    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.01)
    flying, waiting = Shard(0, 1, 0, 15), Shard(1, 1, 0, 15)
    sweep = cluster._Sweep(cluster._Place("tcp://127.0.0.1:9", None), TICKET, tmp_path, FakeWatcher(), deque([waiting]))
    sweep.client, sweep.flying = Breaking(), {"key": (None, flying, frozenset("a"))}
    sweep.roster.ready = {"a"}
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


def test_no_client_is_made_of_an_address_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    def client(*_: object, **__: object) -> None:
        raise AssertionError("a client was made")

    monkeypatch.setattr("distributed.Client", client)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for port in (9, mute.getsockname()[1]):  # nobody, and somebody who does not speak as Dask does
            with pytest.raises(InputError, match="nobody answered within"):
                cluster._Place(f"tcp://127.0.0.1:{port}", None).client()
