"""The engine of threads: the compiled model releases the interpreter's lock, so threads share one copy of the world."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

from sim.ensemble.plan import Shard


class Stopped(Exception):
    """A shard was given up because the campaign is being stopped."""


def n_threads(wanted: int | None) -> int:
    """Return the number of threads: the wanted one, or one for each CPU that this process may use."""
    if wanted:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_on_threads(shards: Iterable[Shard], threads: int, run_shard: Callable[[Shard, threading.Event], None]) -> None:
    """Run every shard; on the first failure or interrupt stop the others, wait for them, and raise it.

    `run_shard` is called on several threads at once; it looks at the event now and then and raises Stopped once it is
    set.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(threads, thread_name_prefix="steppe") as pool:
        futures = [pool.submit(run_shard, shard, stop) for shard in shards]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
