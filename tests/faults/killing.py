"""Kills workers from outside, at moments thrown by dice, and never so often that a run could be blamed for it."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.ensemble.flight import DEATHS, FLIGHT, Mark

STOPPED = ("T", "t", "Z", "X")
"""States of threads that write nothing any more."""


@contextmanager
def killing(folder: Path, most: int, pause: tuple[float, float]) -> Iterator[set[int]]:
    """Kill up to so many workers that have runs in hand, with pauses within these bounds, seconds; yields their ids.

    A run is left out once it was in hand at one death more than `DEATHS`, so that no shard is hit more often than that.
    """
    killed: set[int] = set()
    hits: Counter[str] = Counter()
    over = threading.Event()

    def kill() -> None:
        dice = random.Random(7)
        while not over.wait(dice.uniform(*pause)) and len(killed) < most:
            found = {mark.pid for _, mark in _marks(folder)} - killed - {0}
            for pid in sorted(found)[:1]:
                with suppress(ProcessLookupError):
                    if _is_killed(folder, pid, hits):
                        killed.add(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def _is_killed(folder: Path, pid: int, hits: Counter[str]) -> bool:
    """Stop a worker, look what it has in hand, and kill it or let it go on; ProcessLookupError where it is gone."""
    os.kill(pid, signal.SIGSTOP)
    while not _is_still(pid):
        time.sleep(0.001)
    hit = [name for name, mark in _marks(folder) if mark.pid == pid]
    if any(hits[name] >= DEATHS for name in hit):
        os.kill(pid, signal.SIGCONT)
        return False
    hits.update(hit)
    os.kill(pid, signal.SIGKILL)
    return True


def _is_still(pid: int) -> bool:
    """Return whether every thread of a process has stopped, or ended."""
    try:
        stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return False
    return all(stat.rpartition(")")[2].split()[0] in STOPPED for stat in stats)


def _marks(folder: Path) -> list[tuple[str, Mark]]:
    """Return the marks of runs in hand, by file name."""
    found = [(path.name, Mark.read(path)) for path in folder.rglob(f"{FLIGHT}/*.json")]
    return [(name, mark) for name, mark in found if mark.in_flight]
