"""The engine of threads: the compiled model releases the interpreter's lock, so threads share one copy of the world."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from sim.ensemble.flight import mark_path
from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.ensemble.stopping import until_done
from sim.results.watching import Watcher


@dataclass(frozen=True)
class ThreadEngine:
    """So many threads of this process."""

    threads: int

    @property
    def told(self) -> str:
        """In words, what ran."""
        return f"{self.threads} thread{'s' if self.threads > 1 else ''}"

    def run(self, shards: Sequence[Shard], work: ShardWork, watcher: Watcher) -> None:
        """Run every shard; the first failure stops the others and is raised.

        Shards that were in flight when this process died come first, one after another: whatever ends it again is then
        known for certain.
        """

        def run(shard: Shard, stop: threading.Event) -> None:
            until_done(lambda: work.run(shard, stop, watcher.advance), stop)

        marked = {shard for shard in shards if mark_path(work.folder, shard).is_file()}
        run_on_threads([shard for shard in shards if shard in marked], 1, run)
        run_on_threads([shard for shard in shards if shard not in marked], self.threads, run)


def n_cpus(wanted: int | None) -> int:
    """Return the wanted number of workers, or one for each CPU that this process may use."""
    if wanted:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_on_threads[Task](tasks: Sequence[Task], threads: int, run: Callable[[Task, threading.Event], None]) -> None:
    """Run every task; on the first failure or interrupt stop the others, wait for them, and raise it.

    `run` is called on several threads at once; it looks at the event now and then and raises Stopped once it is set.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(threads, thread_name_prefix="steppe") as pool:
        try:
            for future in as_completed([pool.submit(run, task, stop) for task in tasks]):
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
