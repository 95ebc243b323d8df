"""What stored runs take: some runs are stored in a folder of their own, weighed, and thrown away."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.ensemble.bands import Binning, Tally, make_quantiles
from sim.ensemble.blocks import Block
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Receipt
from sim.ensemble.sweep import Model
from sim.results import trajectories
from sim.results.digest import HASH_BYTES
from sim.results.manifest import made_by
from sim.results.outcomes import write_part
from sim.results.quantiles import Window
from sim.results.schema import bands_name, receipt_name


@dataclass(frozen=True)
class Trial:
    """Some runs that were made: arms, and what each block of them left."""

    blocks: Sequence[tuple[int, Block]]
    seconds_a_run: float

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return sum(len(block.outcomes) for _, block in self.blocks)


@dataclass(frozen=True)
class Weight:
    """What stored runs take: bytes a run and a shard of outcomes, and of the trajectories of a run."""

    outcomes: tuple[float, float]
    bands: Sequence[tuple[int, int]]
    """Numbers of runs of a group, ascending, with the bytes of their counts in one shard."""
    series: float
    seconds_a_shard: float
    end: End

    def of_counts(self, runs: Sequence[int]) -> float:
        """Return the bytes of counts of so many runs each, as if what was weighed went on in a straight line."""
        known, sizes = np.array(self.bands).T
        slope = (sizes[-1] - sizes[-2]) / (known[-1] - known[-2]) if len(known) > 1 else 0.0
        beyond = np.maximum(np.array(runs) - known[-1], 0)
        return float((np.interp(runs, known, sizes) + slope * beyond).sum())


@dataclass(frozen=True)
class End:
    """CPU seconds that bands take once all runs are there."""

    a_group: float
    """For each group of runs that has bands of its own."""
    a_part: float
    """For each shard of a group that is counted."""
    a_run: float
    """For each run whose trajectories are stored."""


COPIES = 4
"""Shards that are read besides the first, to tell what a shard takes from what its group does."""

TIMES = 3
"""So often bands are timed, the least counts: whatever else this process does at the time is counted with it."""


def weighed[M: Model](campaign: Campaign[M], tried: Trial) -> Weight:
    """Store the runs of a trial in a folder of its own, weigh them, and throw them away."""
    blocks = [block.outcomes for _, block in tried.blocks]
    series = [block.trajectories for _, block in tried.blocks if block.trajectories.size]
    with tempfile.TemporaryDirectory(prefix="steppe-") as name:
        folder = Path(name)
        _part(campaign, blocks[:1], folder)  # whatever the first one loads is not counted
        first = _counts(campaign, series[:1], folder)
        begun = time.thread_time()
        whole, counts, receipt = _part(campaign, blocks, folder), _counts(campaign, series, folder), _receipt(folder)
        seconds = time.thread_time() - begun
        # What a part takes by itself is told from what its runs take by a smaller part.
        half = len(blocks) // 2
        a_run = (whole - _part(campaign, blocks[:half], folder)) / sum(map(len, blocks[half:]))
        outcomes = a_run + 2 * HASH_BYTES, max(whole - a_run * tried.n_runs, 0.0) + receipt
        some = _counts(campaign, series[: len(series) // 2 + 1], folder)
        bands = sorted({first, some, counts})
        trajectory, seconds_a_run = _chunk(campaign, tried, folder)
        end = End(*_counted(campaign, tried, folder), seconds_a_run)
    return Weight(outcomes, bands, trajectory, seconds, end)


def _counted[M: Model](campaign: Campaign[M], tried: Trial, folder: Path) -> tuple[float, float]:
    """Return the CPU seconds of bands that are made of counts: for a group, and for each shard of it."""
    window, plan = campaign.window, campaign.plan
    of_groups = [arm for arm, block in tried.blocks if block.trajectories.size and plan.arms[arm].banded_as]
    if window is None or not of_groups:
        return 0.0, 0.0
    own = Plan((plan.arms[of_groups[0]],), (COPIES + 1,), plan.seed)
    tally = Tally(Binning(window), own)
    for _, block in tried.blocks:
        if block.trajectories.size:
            tally.add(0, block.trajectories)
    shards = [Shard(0, 1, first, 1) for first in range(COPIES + 1)]
    for shard in shards:
        tally.write(folder / bands_name(shard.name))
    _seconds_of_bands(folder, own, shards[:1], window, False)  # whatever the first one loads is not counted
    one, several = (
        min(_seconds_of_bands(folder, own, shards[:n], window, False) for _ in range(TIMES)) for n in (1, COPIES + 1)
    )
    a_part = max(several - one, 0.0) / COPIES
    return max(one - a_part, 0.0), a_part


def _seconds_of_bands(
    folder: Path, plan: Plan, shards: Sequence[Shard], window: Window, has_trajectories: bool
) -> float:
    begun = time.process_time()
    make_quantiles(folder, plan, shards, window, has_trajectories)
    return time.process_time() - begun


def _part[M: Model](campaign: Campaign[M], blocks: Sequence[np.ndarray], folder: Path) -> int:
    """Return the bytes of the outcomes of some runs, as one shard would store them."""
    path, values = folder / "part.parquet", np.concatenate(blocks)
    write_part(path, campaign.plan.keys(Shard(0, 1, 0, len(values))), campaign.model.outcome_names, values)
    return path.stat().st_size


def _counts[M: Model](campaign: Campaign[M], series: Sequence[np.ndarray], folder: Path) -> tuple[int, int]:
    """Return how many runs there are, and the bytes of their counts, as one shard would store those of a group."""
    path, arms = folder / "bands.parquet", campaign.plan.arms
    banded = next((number for number, arm in enumerate(arms) if arm.banded_as), None)
    if campaign.window is None or banded is None or not series:
        return 0, 0
    tally = Tally(Binning(campaign.window), campaign.plan)
    for of in series:
        tally.add(banded, of)
    tally.write(path)
    return sum(map(len, series)), path.stat().st_size


def _chunk[M: Model](campaign: Campaign[M], tried: Trial, folder: Path) -> tuple[float, float]:
    """Return bytes and CPU seconds of bands for each run whose trajectories are stored; 0 where none are."""
    layout, plan, window = campaign.layout, campaign.plan, campaign.window
    if layout is None or window is None:
        return 0.0, 0.0
    own = [(arm, block.trajectories) for arm, block in tried.blocks if plan.arms[arm].is_recorded]
    series = np.concatenate([of for _, of in own])[: layout.slot_runs]
    alone, shard = Plan((plan.arms[own[0][0]],), (len(series),), plan.seed), Shard(0, 1, 0, len(series), 0)
    trajectories.prepare(folder, layout, {0: alone.keys(shard)})
    trajectories.write_slot(folder, layout, 0, series)
    seconds = _seconds_of_bands(folder, alone, [shard], window, True)
    return (folder / trajectories.chunk_name(0)).stat().st_size / len(series), seconds / len(series)


def _receipt(folder: Path) -> int:
    """Return the bytes of a receipt, but for the hashes of its rows."""
    shard, files = Shard(0, 1, 0, 100, 0), {"outcomes/part": "0" * 64, "bands/part": "0" * 64}
    Receipt(shard, "0" * 64, "0" * 64, files, 1.0, 1.0, "", made_by=made_by()).write(folder)
    return (folder / receipt_name(shard.name)).stat().st_size
