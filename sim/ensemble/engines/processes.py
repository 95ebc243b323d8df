"""The engine of processes: workers on this machine that may die without taking the sweep with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.ensemble.engines.deaths import FUTILE, Deaths, futile
from sim.ensemble.engines.threads import run_on_threads
from sim.ensemble.engines.worker import Ticket, attempt, end_with, issued
from sim.ensemble.flight import Mark, forgive, mark_path
from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.ensemble.stopping import Stopped, until_done, without_interrupts
from sim.results.watching import Watcher

LOOK_SECONDS = 0.2
"""Seconds between two looks at whether to stop."""

GRACE_SECONDS = 5.0
"""Seconds that workers have to reach the end of a step when they are to stop."""


class _Died(Exception):
    """A worker died over a shard."""


@dataclass(frozen=True)
class ProcessEngine:
    """So many processes, each running one shard after another."""

    workers: int
    time_limit: float | None = None

    @property
    def told(self) -> str:
        """In words, what ran."""
        return f"{self.workers} process{'es' if self.workers > 1 else ''}"

    def run(self, shards: Sequence[Shard], work: ShardWork, watcher: Watcher) -> None:
        """Run every shard; a shard whose worker died is run again, the first failure stops the others and is raised.

        Raises InputError where workers die over and over without running anything.
        """
        with issued(replace(work, time_limit=self.time_limit)) as ticket, _Crew(ticket, work.folder) as crew:
            deaths = Deaths(work.folder, watcher.say)

            def run(shard: Shard, stop: threading.Event) -> None:
                _insist(crew, shard, stop, deaths)
                watcher.advance(shard.n_runs)

            run_on_threads(shards, self.workers, run)


def _insist(crew: _Crew, shard: Shard, stop: threading.Event, deaths: Deaths) -> None:
    """Send workers until one returns."""
    path = mark_path(crew.folder, shard)
    verdict, in_vain = Mark.read(path).verdict, 0
    while True:
        try:
            until_done(lambda: crew.fly(shard, stop), stop)
            return
        except _Died as death:
            deaths.tell(shard, f"A worker died ({death}); its shard is run again.")
            known = Mark.read(path).verdict
            in_vain = in_vain + 1 if known == verdict else 0
            verdict = known
            if in_vain >= FUTILE:
                which = f" ({death}, {FUTILE} times over shard {shard.name})"
                raise futile("processes", which, " engine.workers= sets fewer.") from death


class _Crew:
    """One worker for each thread that asks: a pool of its own, so that none waits for a lock that a dead one held."""

    def __init__(self, ticket: Ticket, folder: Path) -> None:
        self.folder = folder
        self._ticket = ticket
        self._own = threading.local()
        self._pools: list[Any] = []

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *of_the_end: object) -> None:
        for pool in self._pools:
            _dismiss(pool)

    def fly(self, shard: Shard, stop: threading.Event) -> None:
        """Have this thread's worker run a shard; _Died where it did, Stopped as `ShardWork.run` does."""
        from pebble import ProcessExpired

        pool, left = self._pool(), Mark.read(mark_path(self.folder, shard)).attempt
        try:
            future: Future[None] = pool.schedule(attempt, args=(self._ticket, shard))
        except RuntimeError as error:
            self._drop(pool)
            raise _Died("while it was idle") from error
        if not self._await(pool, future, shard, left, stop):
            self._drop(pool)
            raise _Died("without a word")
        problem = future.exception()
        if isinstance(problem, ProcessExpired | BrokenProcessPool):
            self._drop(pool)
            raise _Died(_exit_in_words(getattr(problem, "exitcode", None))) from problem
        if isinstance(problem, Stopped) and not stop.is_set():
            self._ticket.insist()
        if problem is not None:
            raise problem

    def _await(self, pool: Any, future: Future[None], shard: Shard, left: str, stop: threading.Event) -> bool:
        """Wait until the shard is done; return False where its worker, or its pool, is gone and nobody told.

        `left` is the attempt whose mark was there before: what became of that one is known.
        """
        path, lost = mark_path(self.folder, shard), 0
        while not wait([future], timeout=LOOK_SECONDS).done:
            if stop.is_set():
                self._stop(pool, future, shard)
            mark = Mark.read(path)
            lost = lost + 1 if not pool.active or (mark.attempt != left and _is_gone(mark.pid)) else 0
            if lost > 2:
                return False
        return True

    def _stop(self, pool: Any, future: Future[None], shard: Shard) -> None:
        """Let the worker end its step, or end it; raises Stopped."""
        self._ticket.withdraw()
        if not wait([future], timeout=GRACE_SECONDS).done:
            self._drop(pool)
            forgive(self.folder, shard)
        raise Stopped

    def _pool(self) -> Any:
        from pebble import ProcessPool

        if getattr(self._own, "pool", None) is None:
            with without_interrupts():
                spawn = multiprocessing.get_context("spawn")
                pool = ProcessPool(1, initializer=end_with, initargs=(os.getpid(),), context=spawn)
                pool.active  # noqa: B018  starts it, here, where interrupts are blocked
            self._own.pool = pool
            self._pools.append(pool)
        return self._own.pool

    def _drop(self, pool: Any) -> None:
        self._own.pool = None
        self._pools.remove(pool)
        _dismiss(pool)


def _dismiss(pool: Any) -> None:
    pool.stop()
    with suppress(RuntimeError):
        pool.join()


def _is_gone(pid: int) -> bool:
    """Return whether there is no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _exit_in_words(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return "without a word" if code is None else f"exit status {code}"
