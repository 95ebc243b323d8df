"""What a campaign will take: runs, time and disk, from a short trial that leaves nothing behind."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.ensemble.blocks import Block, simulated
from sim.ensemble.campaign import Campaign
from sim.ensemble.engines.threads import n_cpus
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import read_receipts
from sim.ensemble.sweep import Model
from sim.ensemble.warming import warm
from sim.ensemble.weighing import End, Trial, Weight, weighed
from sim.errors import AllFailed
from sim.results.amounts import several, size, span
from sim.results.schema import MOST_RUNS
from sim.settings import Dask, Threads

SECONDS = 1.0
"""How long the trial runs, once the model is loaded."""

MOST_TRIED = 2000
"""Runs at which it ends earlier: more would not be weighed as they are stored, some hundred in a shard."""

STEP_RUNS = 5
"""Runs of one arm in a row."""

MOST_ARMS = 16
"""Arms that the trial takes its runs from, spread over the plan."""

FEW_POINTS = 4
"""So many points that are not sampled are no longer named one by one."""

LARGE = 1e9
"""Bytes of trajectories above which they are spoken of."""


_EMPTY = "the plan has so few runs that none falls to this share"


@dataclass(frozen=True)
class Expected:
    """What a campaign will take."""

    numbers: Mapping[str, Any]
    """Runs, points, arms, replications, shards; what is there; seconds and bytes; workers; what is not in them."""

    @property
    def lines(self) -> list[str]:
        """The same in words."""
        n = self.numbers
        least, most = n["replications"]
        each = several(most, "replication") if least == most else f"{least} to {most} replications"
        there = f", {n['runs_there']:,} of them there already" if n["runs_there"] else ""
        of = "" if n["runs"] == n["runs_of_plan"] else f" of {n['runs_of_plan']:,}, for this share"
        kinds = [(kind, n[f"bytes_{kind}"]) for kind in ("outcomes", "bands", "trajectories") if n[f"bytes_{kind}"]]
        found = [
            f"runs     {n['runs']:,}{of}: {several(n['points'], 'point')}{_told_points(n)}, "
            f"{several(n['arms'], 'arm')}, {each} of each{there}",
            *_told_precision(n),
        ]
        if not n["shards"]:
            return [*found, f"shards   none to run: {'all of it is there' if n['runs'] else _EMPTY}"]
        found += [
            f"shards   {n['shards']:,} to run",
            f"time     about {span(n['seconds'])} on {n['engine']}, {span(n['seconds_one_cpu'])} on one CPU "
            f"({n['seconds_a_run'] * 1000:.3g} ms a run, measured over {n['runs_tried']})",
            f"         with {span(n['seconds_start'])} to begin and {span(n['seconds_end'])} for bands; not counted: "
            f"{', '.join(n['not_counted'])}",
            f"disk     about {size(n['bytes'])}: {', '.join(f'{kind} {size(of)}' for kind, of in kinds)}"
            f"{'; not counted: figures and report' if n['has_report'] else ''}",
        ]
        if n["bytes_trajectories"] > LARGE:
            found.append(
                "         Trajectories are most of it: trajectories=false leaves them out, runs stay the same."
            )
        return found


def _told_points(numbers: Mapping[str, Any]) -> str:
    """Return which points are sampled and which are not, where there are both."""
    others = numbers["points_unsampled"]
    if len(others) == numbers["points"]:
        return ""
    rest = " and ".join(others) if len(others) < FEW_POINTS else f"{others[0]} and {len(others) - 1} more"
    return f" ({numbers['points'] - len(others):,} sampled, {rest})"


def _told_precision(numbers: Mapping[str, Any]) -> list[str]:
    """Return the lines on how far precision may go beyond what is told, and on what it looks at first."""
    if numbers["runs_at_most"] is None:
        return []
    most, runs = numbers["max_runs"], numbers["runs_at_most"]
    found = [
        f"         precision may add to them, up to max_runs={most}: {runs:,} runs at most; what follows is without"
    ]
    if (held := numbers["replications_there"]) > numbers["replications"][1]:
        found.append(
            f"         arms have up to {held:,} replications there already, which precision uses before it adds any"
        )
    return found


QUANTILE_BYTES = 11
"""Bytes of a row of the table of quantiles, roughly, as stored."""


def expected[M: Model](campaign: Campaign[M]) -> Expected:
    """Measure what is missing of a campaign: about a second of its runs, stored in a folder that is thrown away.

    Where nothing is missing, nothing is loaded or measured. Raises InputError where the compiled model or the part
    cannot be kept, and where the folder holds other points.
    """
    plan, begun = campaign.plan, _cpu_to_begin()
    kept = _kept(campaign)
    within = None if campaign.share is None else campaign.share.tiles(plan)
    missing = plan.missing(kept, campaign.config.engine.shard_runs, within)
    told = _told_plan(campaign, kept, missing)
    if not missing:
        return Expected(told)
    begun += _load(campaign)
    tried = _tried(campaign.model, plan, missing[len(missing) // 2].arms > 1)
    weight = weighed(campaign, tried)
    if not isinstance(campaign.config.engine, Threads):
        begun *= 2  # workers begin once the command has
    of_shards = [shard.n_runs * tried.seconds_a_run + weight.seconds_a_shard for shard in missing]
    end = _seconds_of_end(campaign, [*kept, *missing], weight.end)
    sizes = {kind: round(of) for kind, of in _sizes(campaign, missing, weight).items()}
    return Expected({
        **told,
        "seconds": begun + _spread(of_shards, told["workers"]) + end, "seconds_one_cpu": begun + sum(of_shards) + end,
        "seconds_start": begun, "seconds_end": end,
        "seconds_a_run": tried.seconds_a_run, "runs_tried": tried.n_runs,
        "bytes": sum(sizes.values()), **{f"bytes_{kind}": of for kind, of in sizes.items()},
    })  # fmt: skip


def _kept[M: Model](campaign: Campaign[M]) -> list[Shard]:
    """Return the shards that the folder's receipts speak of and that would not be run again; data are not looked at."""
    plan, retry = campaign.plan, campaign.config.retry
    receipts = read_receipts(campaign.folder, with_hashes=False)[0].values()
    reach = max((receipt.shard.reach.stop for receipt in receipts), default=0)
    campaign.model.joined_to(campaign.folder, min(reach, len(plan.arms)))
    known = (receipt for receipt in receipts if receipt.shard.reach.stop <= len(plan.arms))
    sound = (receipt for receipt in known if receipt.rows_hash == plan.rows_hash(receipt.shard))
    return [receipt.shard for receipt in sound if not (retry and receipt.failures)]


def _told_plan[M: Model](campaign: Campaign[M], kept: Sequence[Shard], missing: Sequence[Shard]) -> dict[str, Any]:
    """Return what needs no trial; what does is nought."""
    plan, config = campaign.plan, campaign.config
    runs = sum(shard.n_runs for shard in missing)
    workers, engine = _workers(campaign, len(missing))
    measured = ("seconds", "seconds_one_cpu", "seconds_start", "seconds_end", "seconds_a_run", "runs_tried",
                "bytes", "bytes_outcomes", "bytes_bands", "bytes_trajectories")  # fmt: skip
    return {
        "runs": campaign.n_runs, "runs_of_plan": plan.n_runs,
        "points": len({arm.point for arm in plan.arms}), "arms": len(plan.arms),
        "points_unsampled": list(dict.fromkeys(arm.point for arm in plan.arms if not arm.is_sampled)),
        "replications": [min(plan.replications), max(plan.replications)],
        "replications_there": max((shard.first + shard.count for shard in kept), default=0),
        "shards": len(missing), "runs_there": campaign.n_runs - runs, "runs_to_run": runs,
        "engine": engine, "workers": workers, "has_report": _has_report(campaign),
        "not_counted": _not_counted(campaign),
        "max_runs": config.max_runs if config.precision else None,
        "runs_at_most": config.max_runs * len(plan.arms) if config.precision else None,
        **dict.fromkeys(measured, 0),
    }  # fmt: skip


def _is_stored[M: Model](campaign: Campaign[M], shard: Shard) -> bool:
    """Return whether the trajectories of a shard are stored, so that its series are not counted."""
    return campaign.layout is not None and campaign.plan.arms[shard.arm].is_recorded


def _banded[M: Model](campaign: Campaign[M], shards: Sequence[Shard]) -> list[int]:
    """Return how many runs of each group each shard counts, one shard after another."""
    if campaign.window is None:
        return []
    arms, found = campaign.plan.arms, []
    for shard in (shard for shard in shards if not _is_stored(campaign, shard)):
        groups = Counter(arms[arm].banded_as for arm in shard.reach)
        found += [n * shard.count for group, n in groups.items() if group is not None]
    return found


def _sizes[M: Model](campaign: Campaign[M], missing: Sequence[Shard], weight: Weight) -> dict[str, float]:
    """Return the bytes that missing shards will take, by what they are of; shares have no table of quantiles."""
    runs = sum(shard.n_runs for shard in missing)
    n_quantiles = 0 if campaign.share is not None else _n_quantiles(campaign)
    counted = _banded(campaign, missing)
    return {
        "outcomes": weight.outcomes[0] * runs + weight.outcomes[1] * len(missing),
        "bands": (weight.of_counts(counted) if counted else 0.0) + QUANTILE_BYTES * n_quantiles,
        "trajectories": weight.series * sum(shard.n_runs for shard in missing if _is_stored(campaign, shard)),
    }


@cache
def _cpu_to_begin() -> float:
    """Return the CPU seconds that this process took until its first trial: reading, importing, preparing."""
    return time.process_time()


def _load[M: Model](campaign: Campaign[M]) -> float:
    """Load the model, and return the CPU seconds that takes; 0 where it is compiled, which a later run is spared."""
    was_cold, begun = campaign.model.is_cold, time.thread_time()
    warm(campaign.model, campaign.watcher.say)
    return 0.0 if was_cold else time.thread_time() - begun


def _spread(seconds: Sequence[float], workers: int) -> float:
    """Return when the last of some workers has done, each taking the next shard once it is free."""
    free = [0.0] * workers
    for of_shard in seconds:
        heapq.heapreplace(free, free[0] + of_shard)
    return max(free)


def _seconds_of_end[M: Model](campaign: Campaign[M], shards: Sequence[Shard], end: End) -> float:
    """Return the CPU seconds from the last run to the manifest; shares have no such end."""
    if campaign.share is not None or campaign.window is None:
        return 0.0
    groups = {arm.banded_as for arm in campaign.plan.arms} - {None}
    n_series = sum(shard.n_runs for shard in shards if _is_stored(campaign, shard))
    return end.a_group * len(groups) + end.a_part * len(_banded(campaign, shards)) + end.a_run * n_series


def _has_report[M: Model](campaign: Campaign[M]) -> bool:
    """Return whether a report will be made: none is of a share."""
    return campaign.config.report and campaign.share is None


def _not_counted[M: Model](campaign: Campaign[M]) -> list[str]:
    """Return in words what a campaign takes besides what is told."""
    config = campaign.config
    wanted = (("figures and report", _has_report(campaign)), ("the ledger", config.trace),
              ("what precision adds", bool(config.precision)), ("waiting for a cluster", config.engine.name == "dask"),
              ("waiting for the disk and for other programs", True))  # fmt: skip
    return [name for name, on in wanted if on]


def _n_quantiles[M: Model](campaign: Campaign[M]) -> int:
    """Return the number of rows of the table of quantiles."""
    window, groups = campaign.window, {arm.banded_as for arm in campaign.plan.arms} - {None}
    return 0 if window is None else window.n_cells * len(groups)


def _tried(model: Model, plan: Plan, on_same_dice: bool) -> Trial:
    """Run some replications of arms spread over the plan, one CPU at work.

    On the same dice where a shard has several arms too: such runs are alike, and are stored in less.
    """
    arms = np.unique(np.linspace(0, len(plan.arms) - 1, MOST_ARMS).astype(np.int64)).tolist()
    _made(model, arms[0], np.arange(1))  # whatever the first run of a process loads is not counted
    blocks: list[tuple[int, Block]] = []
    spent, steps = 0.0, 0
    while (spent < SECONDS and STEP_RUNS * steps < MOST_TRIED) or (len(blocks) < 2 and steps < 2 * MOST_ARMS):
        arm, first = arms[steps % len(arms)], STEP_RUNS * (steps // len(arms) if on_same_dice else steps)
        begun = time.thread_time()
        blocks += [(arm, block) for block in _made(model, arm, np.arange(first, first + STEP_RUNS))]
        spent += time.thread_time() - begun
        steps += 1
    if not blocks:
        raise AllFailed(f"All {STEP_RUNS * steps} runs of the trial failed; `steppe run` tells why, run by run.")
    return Trial(blocks if len(blocks) > 1 else 2 * blocks, spent / (STEP_RUNS * steps))


def _made(model: Model, arm: int, replications: np.ndarray) -> list[Block]:
    """Return what runs leave, one by one where any of them fails; those that fail leave nothing."""
    made = simulated(model, MOST_RUNS * arm + replications, np.arange(len(replications)))
    return [block for _, block in made if not isinstance(block, Exception)]


def _workers[M: Model](campaign: Campaign[M], shards: int) -> tuple[int, str]:
    """Return how many CPUs will be at work, and the engine in words."""
    settings = campaign.config.engine
    wanted = settings.threads if isinstance(settings, Threads) else settings.workers
    is_elsewhere = isinstance(settings, Dask) and bool(settings.address or settings.scheduler_file)
    workers = n_cpus(wanted) if is_elsewhere else min(n_cpus(wanted), n_cpus(None))
    workers = max(1, min(workers, shards))
    return workers, f"{workers} CPU{'s' if workers > 1 else ''} (engine={settings.name})"
