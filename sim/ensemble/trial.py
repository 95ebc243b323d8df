"""What a campaign will take: runs, time and disk, from a short trial that leaves nothing behind."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble.bands import Binning, Tally
from sim.ensemble.campaign import Campaign, Model
from sim.ensemble.engines.threads import n_cpus
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Receipt, arms_held, held_by
from sim.ensemble.shards import Block
from sim.results import trajectories
from sim.results.outcomes import write_part
from sim.results.schema import receipt_name
from sim.settings import Dask, Threads

SECONDS = 1.0
"""How long the trial runs, once the model is loaded."""

STEP_RUNS = 5
"""Runs of one arm in a row."""

MOST_ARMS = 16
"""Arms that the trial takes its runs from, spread over the plan."""

LARGE = 1e9
"""Bytes of trajectories above which they are spoken of."""


@dataclass(frozen=True)
class Expected:
    """What a campaign will take."""

    numbers: Mapping[str, Any]
    """Runs, points, arms, replications, shards; what is there; seconds and bytes; workers."""

    @property
    def lines(self) -> list[str]:
        """The same in words."""
        n = self.numbers
        least, most = n["replications"]
        each = f"{least}" if least == most else f"{least} to {most}"
        there = f", {n['runs_there']:,} of them there already" if n["runs_there"] else ""
        kinds = [(kind, n[f"bytes_{kind}"]) for kind in ("outcomes", "bands", "trajectories") if n[f"bytes_{kind}"]]
        found = [
            f"runs     {n['runs']:,}: {n['points']:,} points, {n['arms']:,} arms, {each} replications of each{there}",
            f"shards   {n['shards']:,} to run",
            f"time     about {_span(n['seconds'])} on {n['engine']}, {_span(n['seconds_one_cpu'])} on one CPU "
            f"({n['seconds_a_run'] * 1000:.3g} ms a run, measured over {n['runs_tried']})",
            f"disk     about {_size(n['bytes'])}: {', '.join(f'{kind} {_size(size)}' for kind, size in kinds)}",
        ]
        if n["bytes_trajectories"] > LARGE:
            found.append(
                "         Trajectories are most of it: trajectories=false leaves them out, runs stay the same."
            )
        return found


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
    """What stored runs take: bytes a run and a shard of outcomes and of bands, and of the trajectories of a run."""

    outcomes: tuple[float, float]
    bands: tuple[float, float]
    series: float
    seconds_a_shard: float


QUANTILE_BYTES = 10
"""Bytes of a row of the table of quantiles, roughly, as stored."""


def expected[M: Model](campaign: Campaign[M]) -> Expected:
    """Measure what is missing of a campaign: about a second of its runs, stored in a folder that is thrown away.

    Raises InputError where the compiled model or the part cannot be kept, and where the folder holds other points.
    """
    model, plan = campaign.model, campaign.plan
    model.joined_to(campaign.folder, min(arms_held(campaign.folder), len(plan.arms)))
    within = None if campaign.share is None else campaign.share.tiles(plan)
    missing = plan.missing(held_by(campaign.folder, plan), campaign.config.engine.shard_runs, within)
    if model.is_cold:
        campaign.watcher.say("Compiling the model, once; later runs begin at once.")
    model.warm()
    tried = _tried(model, plan)
    weight = _weighed(campaign, tried)
    runs = sum(shard.n_runs for shard in missing)
    stored = [shard for shard in missing if campaign.layout is not None and plan.arms[shard.arm].is_recorded]
    banded = [shard for shard in missing if shard not in set(stored) and plan.arms[shard.arm].banded_as]
    outcomes = weight.outcomes[0] * runs + weight.outcomes[1] * len(missing)
    bands = weight.bands[0] * sum(shard.n_runs for shard in banded) + weight.bands[1] * len(banded)
    bands += QUANTILE_BYTES * _n_quantiles(campaign) * bool(missing)
    series = weight.series * sum(shard.n_runs for shard in stored)
    workers, engine = _workers(campaign, len(missing))
    seconds = runs * tried.seconds_a_run + len(missing) * weight.seconds_a_shard
    return Expected({
        "runs": campaign.n_runs, "points": len({arm.point for arm in plan.arms}), "arms": len(plan.arms),
        "replications": [min(plan.replications), max(plan.replications)],
        "shards": len(missing), "runs_there": campaign.n_runs - runs, "runs_to_run": runs,
        "engine": engine, "workers": workers, "seconds": seconds / workers, "seconds_one_cpu": seconds,
        "seconds_a_run": tried.seconds_a_run, "runs_tried": tried.n_runs,
        "bytes": round(outcomes + bands + series), "bytes_outcomes": round(outcomes), "bytes_bands": round(bands),
        "bytes_trajectories": round(series),
    })  # fmt: skip


def _n_quantiles[M: Model](campaign: Campaign[M]) -> int:
    """Return the number of rows of the table of quantiles."""
    window, groups = campaign.window, {arm.banded_as for arm in campaign.plan.arms} - {None}
    return 0 if window is None else window.n_cells * len(groups)


def _tried(model: Model, plan: Plan) -> Trial:
    """Run some replications of arms spread over the plan, one CPU at work."""
    arms = np.unique(np.linspace(0, len(plan.arms) - 1, MOST_ARMS).astype(np.int64)).tolist()
    model.simulate(arms[0], np.arange(1))  # whatever the first run of a process loads is not counted
    blocks: list[tuple[int, Block]] = []
    spent, first = 0.0, 0
    while spent < SECONDS:
        for arm in arms:
            begun = time.thread_time()
            blocks.append((arm, model.simulate(arm, np.arange(first, first + STEP_RUNS))))
            spent += time.thread_time() - begun
            if spent >= SECONDS and len(blocks) > 1:
                break
        first += STEP_RUNS
    return Trial(blocks, spent / (STEP_RUNS * len(blocks)))


def _weighed[M: Model](campaign: Campaign[M], tried: Trial) -> Weight:
    """Store the runs of a trial in a folder of its own, weigh them, and throw them away."""
    half = len(tried.blocks) // 2
    with tempfile.TemporaryDirectory(prefix="steppe-") as name:
        folder = Path(name)
        begun = time.perf_counter()
        whole = _stored(campaign, tried.blocks, folder / "whole")
        receipt = _receipt(folder)
        seconds = time.perf_counter() - begun
        part = _stored(campaign, tried.blocks[:half], folder / "half")
        # What a part takes by itself is told from what its runs take by a smaller part.
        more, n = STEP_RUNS * (len(tried.blocks) - half), tried.n_runs
        runs = [(large - small) / more for large, small in zip(whole, part, strict=True)]
        outcomes, bands = ((a_run, max(of - a_run * n, 0.0)) for a_run, of in zip(runs, whole, strict=True))
        series = _chunk(campaign, tried, folder)
    return Weight((outcomes[0], outcomes[1] + receipt), bands, series, seconds)


def _stored[M: Model](campaign: Campaign[M], blocks: Sequence[tuple[int, Block]], folder: Path) -> tuple[int, int]:
    """Return the bytes of outcomes and of bands of some runs, as one shard would store them."""
    plan, outcomes, counts = campaign.plan, folder / "part.parquet", folder / "bands.parquet"
    values = np.concatenate([block.outcomes for _, block in blocks])
    write_part(outcomes, plan.keys(Shard(0, 1, 0, len(values))), campaign.model.outcome_names, values)
    if campaign.window is None:
        return outcomes.stat().st_size, 0
    tally = Tally(Binning(campaign.window), plan)
    for arm, block in blocks:
        tally.add(arm, block.trajectories)
    tally.write(counts)
    return outcomes.stat().st_size, counts.stat().st_size


def _chunk[M: Model](campaign: Campaign[M], tried: Trial, folder: Path) -> float:
    """Return the bytes of the trajectories of a run; 0 where none are stored."""
    layout = campaign.layout
    if layout is None:
        return 0.0
    own = [block.trajectories for arm, block in tried.blocks if campaign.plan.arms[arm].is_recorded]
    block = np.concatenate(own)[: layout.slot_runs]
    trajectories.prepare(folder, layout, {0: campaign.plan.keys(Shard(0, 1, 0, len(block)))})
    trajectories.write_slot(folder, layout, 0, block)
    return (folder / trajectories.chunk_name(0)).stat().st_size / len(block)


def _receipt(folder: Path) -> int:
    """Return the bytes of a receipt."""
    shard = Shard(0, 1, 0, 100, 0)
    Receipt(shard, "0" * 64, "0" * 64, {"outcomes/part": "0" * 64}, 1.0, 1.0, "0" * 6400).write(folder)
    return (folder / receipt_name(shard.name)).stat().st_size


def _workers[M: Model](campaign: Campaign[M], shards: int) -> tuple[int, str]:
    """Return how many CPUs will be at work, and the engine in words."""
    settings = campaign.config.engine
    wanted = settings.threads if isinstance(settings, Threads) else settings.workers
    is_elsewhere = isinstance(settings, Dask) and bool(settings.address or settings.scheduler_file)
    workers = n_cpus(wanted) if is_elsewhere else min(n_cpus(wanted), n_cpus(None))
    workers = max(1, min(workers, shards))
    return workers, f"{workers} CPU{'s' if workers > 1 else ''} (engine={settings.name})"


def _span(seconds: float) -> str:
    """Return a span of time in words."""
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} seconds"


def _size(n_bytes: float) -> str:
    """Return a number of bytes in words."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes / 1e3:.1f} kB"
