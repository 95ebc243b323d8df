"""The engine of a cluster: the workers of a Dask scheduler, which may join, leave or die at any time.

Dask carries only which shard is to be run; data and receipts go through the folder of results, which all workers see.
It runs tasks again as it likes, also finished ones: a shard that has its receipt is done at once. Shards go to workers
that said that they are ready, and to no others.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import pickle
import queue
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.ensemble.engines.deaths import FUTILE, Deaths, futile
from sim.ensemble.engines.roster import Roster
from sim.ensemble.engines.worker import Ticket, attempt, issued, sealed_call
from sim.ensemble.flight import Mark, mark_path
from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.ensemble.stopping import Stopped, without_interrupts
from sim.errors import InputError
from sim.results.watching import Watcher

AHEAD = 2
"""Shards in flight for each worker: one that it runs and one that waits for it."""

LOOK_SECONDS = 0.5
"""Seconds between two looks at the scheduler."""

CONNECT_SECONDS = 10.0
"""Seconds that a scheduler has to answer."""

GRACE_SECONDS = 10.0
"""Seconds that workers have to reach the end of a step when they are to stop."""

PATIENCE_SECONDS = 300.0
"""Seconds that a scheduler that was lost has to come back."""

_TALKATIVE = ("distributed", "distributed.client", "distributed.gc", "tornado.application", "asyncio")
"""What logs calls that a Ctrl-C or a lost scheduler cut short, with tracebacks, or that this machine is slow."""

_UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
}
"""How a cluster of our own watches itself less: Dask looks at the stacks of workers a hundred times a second, and has
every scheduler, worker and nanny measure itself, all on the CPUs that are to run the model."""


@dataclass(frozen=True)
class ClusterEngine:
    """The workers of the scheduler at an address or named by a file, or so many processes of a cluster of our own."""

    workers: int
    address: str | None = None
    scheduler_file: str | None = None
    time_limit: float | None = None

    @property
    def told(self) -> str:
        """In words, what ran."""
        if self.address or self.scheduler_file:
            return f"the workers of {self.address or self.scheduler_file}"
        return f"{self.workers} worker{'s' if self.workers > 1 else ''} of Dask"

    def run(self, shards: Sequence[Shard], work: ShardWork, watcher: Watcher) -> None:
        """Run every shard; those whose workers died or whose scheduler was lost are run again.

        Raises InputError where no scheduler answers, or where workers refuse; KeyboardInterrupt when stopped, or where
        a scheduler that was lost does not come back.
        """
        with ExitStack() as stack:
            _hush()
            place = _Place(self.address, self.scheduler_file)
            if not place.is_given:
                place.cluster = stack.enter_context(_own_cluster(self.workers))
            ticket = stack.enter_context(issued(replace(work, time_limit=self.time_limit)))
            _Sweep(place, ticket, work.folder, watcher, deque(shards)).fly()


@dataclass
class _Place:
    """Where the scheduler is."""

    address: str | None
    scheduler_file: str | None
    cluster: Any = None

    @property
    def is_given(self) -> bool:
        return bool(self.address or self.scheduler_file)

    @property
    def told(self) -> str:
        return f"engine.address: {self.address}" if self.address else f"engine.scheduler_file: {self.scheduler_file}"

    def reached(self) -> str:
        """Return the address of the scheduler that is named, which answers; InputError where none does.

        Whoever starts both in one script may find no file of it yet, or that of an earlier one: it is read again.
        """
        deadline = time.monotonic() + CONNECT_SECONDS
        while True:
            try:
                address = self.address or str(json.loads(Path(str(self.scheduler_file)).read_text())["address"])
                asyncio.run(_reach(address, CONNECT_SECONDS if self.address else CONNECT_SECONDS / 2))
            except (OSError, ValueError, KeyError, TypeError) as error:
                if self.address or time.monotonic() > deadline:
                    raise InputError(f"{self.told}: no scheduler of Dask answers there ({error}).") from error
                time.sleep(LOOK_SECONDS)
            else:
                return address

    def client(self) -> Any:
        """Return a client; InputError where no scheduler answers."""
        from distributed import Client

        target = self.reached() if self.is_given else self.cluster
        with without_interrupts():
            return Client(target, timeout=CONNECT_SECONDS, set_as_default=False)


def reach(address: str | None, scheduler_file: str | None) -> None:
    """Raise InputError where a scheduler is named and does not answer."""
    place = _Place(address, scheduler_file)
    if place.is_given:
        place.reached()


async def _reach(address: str, seconds: float) -> None:
    """Return once a server of Dask answers; OSError or ValueError where none does within so many seconds.

    A client of nobody is never made: it would try to say goodbye for twice as long, and print that it could not.
    """
    from distributed.comm import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    try:
        async with asyncio.timeout(seconds):  # that of `connect` does not end the wait for one who never says a word
            comm = await connect(address, timeout=2 * seconds, **arguments)
    except TimeoutError as error:
        raise OSError(f"nobody answered within {seconds:g} s") from error
    comm.abort()


@dataclass
class _Sweep:
    """The shards that wait, and those that are in flight: by key the future, the shard, and who may run it."""

    place: _Place
    ticket: Ticket
    folder: Path
    watcher: Watcher
    waiting: deque[Shard]
    flying: dict[str, tuple[Any, Shard, frozenset[str]]] = field(default_factory=dict)
    landed: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    client: Any = None
    attempts: int = 0
    futile: int = 0
    verdicts: object = None

    def __post_init__(self) -> None:
        self.roster = Roster(self.ticket, self.watcher.say, self.landed)
        self.deaths = Deaths(self.folder, self.watcher.say)

    def fly(self) -> None:
        """Run all shards."""
        self.client = self.place.client()
        try:
            while self.waiting or self.flying:
                self._submit()
                for future in self._arrivals():
                    self._receive(future)
        except BaseException:
            self._stop()
            raise
        finally:
            self._close()

    def _submit(self) -> None:
        """Keep as many shards in flight as the workers that there are now can use."""
        if self.client.status != "running":
            self._wait_for_scheduler()
        try:
            self.roster.look(self.client)
            self._call_back()
            while self.waiting and len(self.flying) < self._room:
                self._send(self.waiting[0])
                self.waiting.popleft()
        except OSError:
            self._wait_for_scheduler()  # the connection broke, which the status may not say yet
        except InputError:
            raise
        except Exception:
            if self.client.status == "running":
                raise

    @property
    def _room(self) -> int:
        """How many shards may be in flight: none are sent ahead that workers which get ready could begin with."""
        is_ample = len(self.waiting) > self.roster.n_asked
        return (AHEAD if is_ample else 1) * len(self.roster.ready)

    def _send(self, shard: Shard) -> None:
        self.attempts += 1
        key, ready = f"steppe-{self.ticket.path.stem}-{self.attempts}-{shard.name}", self.roster.ready
        call = sealed_call(attempt, self.ticket, shard)
        future = self.client.submit(pickle.loads, call, workers=sorted(ready), key=key, pure=False)
        self.flying[key] = future, shard, frozenset(ready)
        future.add_done_callback(self.landed.put)

    def _call_back(self) -> None:
        """Let the shards wait again that none of the workers is left to run that were there when they were sent."""
        lost = {key: shard for key, (_, shard, where) in self.flying.items() if not where & self.roster.ready}
        if lost:
            futures = [self.flying.pop(key)[0] for key in lost]
            self.waiting.extendleft(reversed(lost.values()))
            self._learn(list(lost.values()))
            self.client.cancel(futures, force=True)

    def _arrivals(self) -> Iterator[Any]:
        """Yield the futures that are done, whatever became of them, waiting a little for the first."""
        with suppress(queue.Empty):
            yield self.landed.get(timeout=LOOK_SECONDS)
            while True:
                yield self.landed.get_nowait()

    def _receive(self, future: Any) -> None:
        """Count a shard as done, or let it wait again; raises what ends the campaign."""
        from distributed import KilledWorker

        _, shard, _ = self.flying.pop(future.key, (None, None, None))
        if shard is None:
            return
        if future.status == "finished":
            self.watcher.advance(shard.n_runs)
            return
        error = future.exception() if future.status == "error" else None
        if isinstance(error, Stopped):
            self.ticket.insist()
            self.waiting.append(shard)  # another attempt took it up: the later it is looked at again the better
            return
        self.waiting.appendleft(shard)
        if isinstance(error, KilledWorker):
            self._learn([shard])
        elif isinstance(error, InputError | KeyboardInterrupt):
            raise error
        elif error is not None:
            raise InputError(f"engine=dask: a worker cannot run shard {shard.name}: {error!r}") from error

    def _learn(self, shards: Sequence[Shard]) -> None:
        """Go on after deaths of workers as long as marks say more each time."""
        for shard in shards:
            self.deaths.tell(shard, f"Workers died over shard {shard.name}; it is run again.")
        flying = [*shards, *(other for _, other, _ in self.flying.values())]
        known = sorted((one.name, repr(Mark.read(mark_path(self.folder, one)).verdict)) for one in flying)
        self.futile = self.futile + 1 if known == self.verdicts else 0
        self.verdicts = known
        if self.futile >= FUTILE:
            raise futile("dask")

    def _wait_for_scheduler(self) -> None:
        """Wait until the scheduler that was lost is back; KeyboardInterrupt where it does not come."""
        self.watcher.say("The scheduler is lost; waiting for it. What is finished is kept.")
        self._take_back()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            if self.client.status == "running":
                return
            if self.client.status == "closed":
                with suppress(InputError, OSError):
                    self.client = self.place.client()
                    return
        self.watcher.say(f"The scheduler did not come back within {PATIENCE_SECONDS / 60:g} minutes.")
        raise KeyboardInterrupt

    def _take_back(self) -> None:
        """Let everything in flight wait again: a scheduler that begins anew knows nothing of it."""
        self.waiting.extendleft(shard for _, shard, _ in reversed(self.flying.values()))
        self.flying.clear()
        self.roster.forget()

    def _stop(self) -> None:
        """Have workers stop at their next step, and wait until they have.

        Futures are asked, for the interrupt may have come while one that had landed was taken from the queue.
        """
        self.ticket.withdraw()
        deadline = time.monotonic() + GRACE_SECONDS
        futures = [future for future, _, _ in self.flying.values()]
        while not all(future.done() for future in futures):
            if time.monotonic() > deadline or self.client.status != "running":
                break
            for _ in self._arrivals():
                pass
        with suppress(Exception):
            self.client.cancel([future for future in futures if not future.done()], force=True)

    def _close(self) -> None:
        with suppress(Exception):
            self.client.close(timeout=CONNECT_SECONDS)


def _hush() -> None:
    """Have Dask log nothing in this process, nor what it left behind: what matters of it is told in our words."""
    importlib.import_module("distributed")  # it sets these levels when it is first imported
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def _own_cluster(workers: int) -> Iterator[Any]:
    """A scheduler in this process with workers on this machine, talking over its own address only.

    It is made and closed on a thread of its own, where no interrupt is raised: one that is cut short in either Dask
    closes again at the very end of the process, with a traceback or ten seconds late.
    """
    import dask
    from distributed import LocalCluster

    def make(folder: str) -> Any:
        with without_interrupts(), dask.config.set({**_UNWATCHED, "temporary-directory": folder}):
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                local_directory=folder,
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )

    with tempfile.TemporaryDirectory(prefix="steppe-") as name, ThreadPoolExecutor(1) as pool:
        made = pool.submit(make, name)
        try:
            yield made.result()
        finally:
            pool.submit(lambda: made.result().close()).result()
