"""The compiled model beside the same in plain Mesa, and the handles of the Mesa model."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tests.bench.measuring import Line, Ready, median_of
from tests.oracle.dock import dock


def _cpu(act: Callable[[], object]) -> float:
    """Return the CPU seconds of this process for an act."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def oracle_lines(ready: Ready, pairs: int = 2) -> list[Line]:
    """The kernel against the oracle, in turn, and whether they still agree."""
    ready.run(2)
    ratios, speeds, differences = [], [], 0
    for replication in range(pairs):
        kernel = ready.cpu(50) / 50
        run = dock("baseline", "free", replication)
        differences += len(run.differences)
        ratios.append(run.oracle_seconds / kernel)
        speeds.append(1.0 / run.oracle_seconds)
    return [
        Line("the same in plain Mesa (oracle)", float(np.median(speeds)), "runs per CPU-second", ""),
        Line("kernel against the oracle", float(np.median(ratios)), "x", ">= 80"),
        Line("awards that differ from the oracle's", float(differences), "awards", "0"),
    ]


def handle_lines() -> list[Line]:
    """Handles of the Mesa model: making all of them, and reading a field through one."""
    from sim.model import Steppe

    model = Steppe(rng=1)
    kazakhstan = model.states["KAZ"]
    n = 20_000

    def making() -> None:
        for kind in model.actor_types:
            delattr(model, kind.table)
        model._make_actors()

    def reading() -> None:
        for _ in range(n):
            kazakhstan.purse  # noqa: B018  reading it is what is measured

    return [
        Line("handles for the whole world", 1e3 * median_of(lambda: _cpu(making), 7), "ms", "< 5"),
        Line("reading a field through a handle", 1e6 * median_of(lambda: _cpu(reading), 5) / n, "microseconds", "< 2"),
    ]
