"""One shard: run, write, sync, receipt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.ensemble.bands import Binning, Tally
from sim.ensemble.blocks import STEP_RUNS, Block, Simulator, in_a_line, simulated, stretches
from sim.ensemble.flight import Flight
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Failure, Receipt, problem_of
from sim.ensemble.stopping import Stop, Stopped
from sim.results import trajectories
from sim.results.digest import hashes_of
from sim.results.files import sha256_of, storing
from sim.results.manifest import made_by
from sim.results.outcomes import RunKeys, write_part
from sim.results.schema import MOST_RUNS, bands_name, part_name, receipt_name

STEP_SECONDS = 0.5
"""A step that takes less on the clock is followed by one of twice as many runs, so that marks cost next to nothing."""


@dataclass(frozen=True)
class ShardWork:
    """What all shards of a campaign share."""

    folder: Path
    plan: Plan
    model_hash: str
    outcome_names: Sequence[str]
    layout: trajectories.Layout | None
    """Shape of the trajectories, or None where none are stored."""
    binning: Binning | None
    """How series that are not stored are counted, or None where none are observed."""
    model: Simulator
    time_limit: float | None = None
    """Seconds that one run may take before its process is ended; only where a process is a worker."""

    def run(self, shard: Shard, stop: Stop, advance: Callable[[int], None]) -> None:
        """Run a shard and store it, its receipt last, unless another attempt has done so meanwhile.

        Raises Stopped once `stop` is set or another attempt has taken up the shard; InputError for a failing disk. A
        run that raises, or that was found to end its worker, is left out and stands in the receipt. `advance` is told
        of every few runs that are done, and takes back those of a shard that was given up.
        """
        if self.is_done(shard):
            advance(shard.n_runs)
            return
        wall, cpu = time.perf_counter(), time.thread_time()
        with storing(self.folder):
            attempt = _Attempt(self, shard, Flight(self.folder, shard), stop, advance)
        try:
            with storing(self.folder):
                attempt.simulate()
            Receipt(
                shard=shard,
                rows_hash=self.plan.rows_hash(shard),
                model_hash=self.model_hash,
                files=attempt.write(),
                wall_seconds=round(time.perf_counter() - wall, 4),
                cpu_seconds=round(time.thread_time() - cpu, 4),
                outcome_hashes=attempt.outcome_hashes(),
                failures=tuple(sorted(attempt.failures.values(), key=lambda failure: failure.run)),
                made_by=made_by(),
            ).write(self.folder)
        except BaseException:
            attempt.flight.break_off()
            advance(-attempt.n_told)
            raise
        attempt.flight.land()

    def is_done(self, shard: Shard) -> bool:
        """Return whether a shard is there, for this plan and this model, with data that match its receipt.

        A worker of an earlier command may have finished it after this one took away what no receipt vouched for.
        """
        try:
            receipt = Receipt.read(self.folder / receipt_name(shard.name))
        except ValueError:
            return False
        found, wanted = (receipt.shard, receipt.rows_hash, receipt.model_hash), (shard, self.plan.rows_hash(shard))
        return found == (*wanted, self.model_hash) and not problem_of(self.folder, receipt)


class _Attempt:
    """One attempt at a shard, in memory."""

    def __init__(
        self, work: ShardWork, shard: Shard, flight: Flight, stop: Stop, advance: Callable[[int], None]
    ) -> None:
        self._work, self._shard, self._stop, self._advance = work, shard, stop, advance
        self.flight = flight
        self.failures: dict[int, Failure] = {failure.run: failure for failure in flight.quarantined}
        self._keys: RunKeys = work.plan.keys(shard)
        self._step_runs = STEP_RUNS
        self.n_told = 0
        self._layout = work.layout if work.plan.arms[shard.arm].is_recorded else None
        self._outcomes = np.empty((shard.n_runs, len(work.outcome_names)))
        layout = self._layout
        shape = (0, 0, 0) if layout is None else (shard.n_runs, len(layout.quarters), len(layout.columns))
        self._series = np.full(shape, np.nan, np.float32)
        is_banded = layout is None and any(work.plan.arms[arm].banded_as for arm in shard.reach)
        self._tally = Tally(work.binning, work.plan) if work.binning is not None and is_banded else None

    def simulate(self) -> None:
        """Run all that is not in quarantine."""
        self._tell(len(self.failures))
        for rows in self._steps():
            begun = time.perf_counter()
            self._run(rows)
            self._tell(len(rows))
            if len(rows) == self._step_runs and time.perf_counter() - begun < STEP_SECONDS:
                self._step_runs *= 2
        with self.flight.step(()):
            pass  # nothing is in hand while the data are written

    def _tell(self, runs: int) -> None:
        self.n_told += runs
        self._advance(runs)

    def outcome_hashes(self) -> str:
        """Return the hashes of the rows of the runs that did not fail."""
        kept = self._kept
        return hashes_of(self._keys.seed, self._keys.replications[kept], self._outcomes[kept]).hex()

    @property
    def _kept(self) -> np.ndarray:
        return np.flatnonzero(~np.isin(self._keys.runs, list(self.failures)))

    def write(self) -> dict[str, str]:
        """Write the data of the runs that did not fail and return the names of the files, each to its sha256."""
        kept = self._kept
        folder, part, shard = self._work.folder, part_name(self._shard.name), self._shard
        names, keys = self._work.outcome_names, self._keys.of(kept)
        files = {part: write_part(folder / part, keys, names, self._outcomes[kept])}
        if self._layout is not None:
            trajectories.write_slot(folder, self._layout, shard.slot, self._series)
            chunk = trajectories.chunk_name(shard.slot)
            files[chunk] = sha256_of(folder / chunk)
        if self._tally is not None:
            counts = bands_name(shard.name)
            self._tally.write(folder / counts)
            files[counts] = sha256_of(folder / counts)
        return files

    def _steps(self) -> Iterator[np.ndarray]:
        """Yield the places of the runs of each step: suspects alone and first, others many at once, of many arms."""
        runs = self._keys.runs
        left = ~np.isin(runs, list(self.failures))
        alone = np.isin(runs, list(self.flight.suspects)) | (self._work.time_limit is not None)
        for row in np.flatnonzero(left & alone):
            yield np.array([row])
        rows = np.flatnonzero(left & ~alone)
        while len(rows):
            step, rows = np.split(rows, [self._step_runs])
            yield step

    def _run(self, rows: np.ndarray) -> None:
        """Run some rows; those that raise are left out."""
        if self._stop.is_set():
            raise Stopped
        runs = self._keys.runs
        with self.flight.step(runs[rows], self._work.time_limit):
            for places in stretches(runs[rows]):
                for kept, made in simulated(self._work.model, runs, rows[places]):
                    self._keep(kept, made)

    def _keep(self, rows: np.ndarray, made: Block | Exception) -> None:
        """Keep what rows of one arm came to."""
        run = int(self._keys.runs[rows[0]])
        if isinstance(made, Exception):
            self.failures[run] = Failure(run, "raised", in_a_line(made))
            return
        self._outcomes[rows] = made.outcomes
        if self._layout is not None:
            self._series[rows] = made.trajectories
        if self._tally is not None:
            self._tally.add(run // MOST_RUNS, made.trajectories)
