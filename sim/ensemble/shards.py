"""One shard: run, write, sync, receipt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from sim.ensemble.engine import Stopped
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Receipt
from sim.results import trajectories
from sim.results.files import sha256_of
from sim.results.outcomes import write_part
from sim.results.schema import part_name

STEP_RUNS = 20
"""Runs between two looks at whether to stop, and between two steps of progress."""


class Block(Protocol):
    """Outcomes, float64, shape (n, outcomes), and trajectories, float32, shape (n, quarters, columns), of n runs."""

    @property
    def outcomes(self) -> np.ndarray: ...  # noqa: D102
    @property
    def trajectories(self) -> np.ndarray: ...  # noqa: D102


Simulate = Callable[[int, np.ndarray], Block]
"""Runs replications (int64, shape (n,)) of an arm, given by its place in the plan."""


@dataclass(frozen=True)
class ShardWork:
    """What all shards of a campaign share."""

    folder: Path
    plan: Plan
    model_hash: str
    outcome_names: Sequence[str]
    layout: trajectories.Layout | None
    """Shape of the trajectories, or None where none are stored."""
    simulate: Simulate
    advance: Callable[[int], None]
    """Told of every few runs that are done, from any thread."""

    def run(self, shard: Shard, stop: threading.Event) -> None:
        """Run a shard and store it, its receipt last; Stopped once `stop` is set, InputError for a failing disk."""
        wall, cpu = time.perf_counter(), time.thread_time()
        layout = self.layout if self.plan.arms[shard.arm].is_recorded else None
        outcomes, series = self._simulate(shard, layout, stop)
        keys = self.plan.keys(shard.arm, shard.replications)
        part = part_name(shard.number)
        write_part(self.folder / part, keys, self.outcome_names, outcomes)
        names = [part]
        if layout is not None:
            trajectories.write_slot(self.folder, layout, shard.number, series)
            names.append(trajectories.chunk_name(shard.number))
        Receipt(
            shard=shard,
            rows_hash=self.plan.rows_hash(shard),
            model_hash=self.model_hash,
            files={name: sha256_of(self.folder / name) for name in names},
            n_outcomes=len(self.outcome_names),
            wall_seconds=round(time.perf_counter() - wall, 4),
            cpu_seconds=round(time.thread_time() - cpu, 4),
        ).write(self.folder)

    def _simulate(
        self, shard: Shard, layout: trajectories.Layout | None, stop: threading.Event
    ) -> tuple[np.ndarray, np.ndarray]:
        outcomes = np.empty((shard.count, len(self.outcome_names)))
        shape = (0, 0, 0) if layout is None else (shard.count, len(layout.quarters), len(layout.columns))
        series = np.empty(shape, np.float32)
        for done in range(0, shard.count, STEP_RUNS):
            if stop.is_set():
                raise Stopped
            rows = slice(done, min(done + STEP_RUNS, shard.count))
            block = self.simulate(shard.arm, shard.replications[rows])
            outcomes[rows] = block.outcomes
            if layout is not None:
                series[rows] = block.trajectories
            self.advance(rows.stop - rows.start)
        return outcomes, series
