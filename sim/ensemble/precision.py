"""Adaptive replication: an arm gets replications until the means asked for are known as narrowly as wanted.

Whether an arm needs more, and how many, follows from the values of its replications 0 to n-1 alone, n going from `runs`
up a fixed ladder. So what is run depends on the plan only, never on engine, shards, interruptions, or on what else the
folder holds. Stopping once an interval is narrow makes it cover slightly less often than it says; the narrower it is
asked for, the less that matters (Chow and Robbins 1965, On the asymptotic theory of fixed-width sequential confidence
intervals for the mean, Annals of Mathematical Statistics 36).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ensemble.failures import check_any, read_failures
from sim.ensemble.plan import PlannedArm, Shard
from sim.ensemble.receipts import Survey, named
from sim.errors import InputError, did_you_mean
from sim.results.outcomes import read_parts
from sim.results.schema import MOST_RUNS, part_name
from sim.settings import Config

if TYPE_CHECKING:
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.sweep import Model

LEVEL = 0.95
"""Level of the intervals."""

UNSEEN = 3.0
"""What n equal values leave open, times n: at LEVEL, 3/n bounds the chance of what none of them showed.

The rule of three (Hanley and Lippman-Hand 1983, If nothing goes wrong, is everything all right?, JAMA 249). The
half-width is that of an event that would change the outcome by 1.
"""

RUNGS = sorted({m * 10**k // 10 for k in range(8) for m in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)})
"""The ladder of numbers of replications."""

NAMED = 3
"""Arms wider than asked that are named in lines; the manifest has them all."""


@dataclass(frozen=True)
class Verdict:
    """How far the rule goes in one arm."""

    replications: int
    """Number at which it stops, or the next one, of which not all are there."""
    widths: np.ndarray
    """Half-width of each outcome at that number, infinite where unknown; at the last rung where it goes on."""
    is_open: bool
    """Whether it has to see more replications."""


@dataclass(frozen=True)
class Rule:
    """What is asked of every arm: a half-width for each of some outcomes."""

    key_of: Mapping[str, str]
    """Outcome to the key under which it was asked for: its own name, or its stem for all that share it."""
    asked: Mapping[str, float]
    """Key to half-width."""
    start: int
    ceiling: int

    @classmethod
    def of(cls, config: Config, outcome_names: Sequence[str]) -> Rule:
        """Return the rule of a configuration; InputError for an outcome that there is not (nearest spelling).

        A width asked of an outcome by its own name goes before one asked of its stem.
        """
        keys = config.precision
        known = dict.fromkeys([*outcome_names, *(name.partition(".")[0] for name in outcome_names)])
        for key in keys:
            if key not in known:
                raise InputError(f"precision.{key}: there is no such outcome.{did_you_mean(key, known)} "
                                 "`steppe list outcomes` lists all outcomes.")  # fmt: skip
        found = {name: name if name in keys else name.partition(".")[0] for name in outcome_names}
        return cls({name: key for name, key in found.items() if key in keys}, keys, config.runs, config.max_runs)

    @property
    def widths(self) -> np.ndarray:
        """Half-width asked of each outcome, shape (outcomes,)."""
        return np.array([self.asked[key] for key in self.key_of.values()])

    def judge(self, values: np.ndarray) -> Verdict:
        """Climb the ladder as far as an arm's values (replications, outcomes) reach; NaN is a value that is missing."""
        n, widths = self.start, np.full(len(self.key_of), np.inf)
        while n <= len(values):
            widths = half_widths(values[:n])
            if n >= self.ceiling or (widths <= self.widths).all():
                return Verdict(n, widths, is_open=False)
            n = next_number(n, float((widths / self.widths).max()), self.ceiling)
        return Verdict(n, widths, is_open=True)


def half_widths(values: np.ndarray) -> np.ndarray:
    """Return the half-width of Student's t interval of the mean of each column of `values` (n, outcomes).

    What is not finite is left out; the width is infinite with fewer than two values, and UNSEEN / n where all are the
    same, which a rare event may be for long.
    """
    from scipy.special import stdtrit

    known = np.isfinite(values)
    values = np.where(known, values, np.nan)
    n = known.sum(axis=0)
    enough = np.maximum(n, 2)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(n, 1)
    squares = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
    widths = stdtrit(enough - 1, 0.5 + LEVEL / 2) * np.sqrt(squares / (enough - 1) / enough)
    is_constant = np.fmin.reduce(values, axis=0) == np.fmax.reduce(values, axis=0)
    return np.where(n < 2, np.inf, np.where(is_constant, UNSEEN / enough, widths))


def next_number(n: int, excess: float, ceiling: int) -> int:
    """Return the rung to go on to from `n` replications, whose widest interval is `excess` times what was asked.

    It is the first that should do, since widths go with the square root of the number; at most twice `n`.
    """
    should_do = min(n * excess**2, 2 * n)
    rung = max(bisect_left(RUNGS, should_do), bisect_right(RUNGS, n))
    return min(ceiling, RUNGS[min(rung, bisect_right(RUNGS, 2 * n) - 1)])


def narrowed[M: Model](
    asked: Campaign[M], campaign: Campaign[M], found: Survey
) -> tuple[Campaign[M], Campaign[M], list[Shard] | None]:
    """Run as many replications of each arm as `precision` wants, in rounds that can each be resumed.

    `asked` is what was asked, `campaign` the same as far as its folder reaches, `found` what that holds. Return both,
    grown to what the rule wants, and the shards where anything was run. With `retry`, what failed is tried again once,
    before anything is judged. Raises what `Campaign.run` raises.
    """
    config, arms = asked.config, asked.plan.arms
    if not config.precision:
        return asked, campaign, None
    rule = Rule.of(config, asked.model.outcome_names)
    ran = None
    if found.damage or campaign.missing(found.done) or (config.retry and found.has_failures):
        ran = campaign.run(found)
    campaign = replace(campaign, config=campaign.config.model_copy(update={"retry": False}))
    while True:
        shards = campaign.plan.wanted(found.done) if ran is None else ran
        values = _values(campaign.folder, shards, len(campaign.plan.arms), list(rule.key_of))
        if not any(np.isfinite(of_arm).any() for of_arm in values):
            check_any(read_failures(campaign.folder, shards), campaign.plan.n_runs, campaign.plan, campaign.folder)
        verdicts = [rule.judge(of_arm) for of_arm in values[: len(arms)]]
        wanted = tuple(verdict.replications for verdict in verdicts)
        beyond = (0,) * (len(values) - len(arms))
        grown = tuple(int(n) for n in np.maximum(campaign.plan.replications, wanted + beyond))
        asked = replace(asked, plan=replace(asked.plan, replications=wanted))
        if not any(verdict.is_open for verdict in verdicts):
            reached = told(rule, arms, verdicts)
            return replace(asked, reached=reached), replace(campaign, reached=reached), ran
        n_open, more = sum(verdict.is_open for verdict in verdicts), sum(grown) - campaign.plan.n_runs
        campaign = replace(campaign, plan=replace(campaign.plan, replications=grown))
        campaign.say(f"Precision: {n_open} of {len(arms)} arms need more replications, {more} runs.")
        ran = campaign.run(found) if ran is None else campaign.complete(ran)


def _values(folder: Path, shards: Sequence[Shard], n_arms: int, outcomes: list[str]) -> list[np.ndarray]:
    """Return for each arm the values (replications, outcomes) of all its replications, NaN where a run gave none."""
    reach = [0] * n_arms
    for shard in shards:
        for arm in shard.reach:
            reach[arm] = max(reach[arm], shard.first + shard.count)
    values = [np.full((n, len(outcomes)), np.nan) for n in reach]
    for table in read_parts(folder, [part_name(shard.name) for shard in shards], columns=["run", *outcomes]):
        run = table.column("run").to_numpy()
        rows = np.column_stack([table.column(name) for name in outcomes])
        for arm in np.unique(run // MOST_RUNS):
            own = run // MOST_RUNS == arm
            values[arm][run[own] % MOST_RUNS] = rows[own]
    return values


def told(rule: Rule, arms: Sequence[PlannedArm], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the manifest says of it: what was asked, how many arms reached it, and which did not.

    Half-widths are those at the number of replications at which the rule stopped; None with fewer than two values.
    """
    widths = np.array([verdict.widths for verdict in verdicts])
    excess = widths / rule.widths
    names, keys = list(rule.key_of), list(rule.key_of.values())
    widest = {}
    for key, asked in rule.asked.items():
        own = [j for j, found in enumerate(keys) if found == key]
        if own:
            arm, j = divmod(int(excess[:, own].argmax()), len(own))
            worst = {"outcome": names[own[j]], "half_width": _finite(widths[arm, own[j]]), "arm": named(arms[arm])}
            widest[key] = {"asked": asked, **worst}
    wider = []
    for arm in np.flatnonzero(excess.max(axis=1) > 1.0).tolist():
        j = int(excess[arm].argmax())
        asked_of_it = rule.asked[keys[j]]
        worst = {"outcome": names[j], "half_width": _finite(widths[arm, j]), "asked": asked_of_it}
        wider.append({"arm": named(arms[arm]), "replications": verdicts[arm].replications, **worst})
    reached = [verdict.replications for verdict in verdicts]
    numbers = {"fewest": min(reached), "most": max(reached), "start": rule.start, "max_runs": rule.ceiling}
    return {"asked": dict(rule.asked), "arms": len(arms), "met": len(arms) - len(wider), "replications": numbers,
            "widest": widest, "wider": wider}  # fmt: skip


def _finite(width: float) -> float | None:
    return float(width) if np.isfinite(width) else None


def lines_of(reached: Mapping[str, Any]) -> list[str]:
    """Return `told` as lines for a reader."""
    n, wider = reached["replications"], reached["wider"]
    held = f"{n['fewest']} to {n['most']}" if n["fewest"] < n["most"] else n["most"]
    lines = [f"{reached['met']} of {reached['arms']} arms are as narrow as asked; they have {held} replications."]
    lines += [f"  {key}: asked {row['asked']:g}, widest {_shown(row)} ({row['outcome']}; {row['arm']})"
              for key, row in reached["widest"].items()]  # fmt: skip
    lines += [f"not met  {row['outcome']} of {row['arm']}: half-width {_shown(row)} at {row['replications']} "
              f"replications, wanted {row['asked']:g}{_would_do(row)}" for row in wider[:NAMED]]  # fmt: skip
    if len(wider) > NAMED:
        lines.append(f"         and {len(wider) - NAMED} more arms")
    return lines + ([f"         max_runs={n['max_runs']} is reached; a larger max_runs= goes on"] if wider else [])


def _shown(row: Mapping[str, Any]) -> str:
    return "unknown" if row["half_width"] is None else f"{row['half_width']:.3g}"


def _would_do(row: Mapping[str, Any]) -> str:
    """Return in words how many replications should do, since half-widths go with the square root of their number."""
    if row["half_width"] is None:
        return ""
    return f" (about {float(f'{row["replications"] * (row["half_width"] / row["asked"]) ** 2:.2g}'):,.0f} should do)"


def caveats(reached: Mapping[str, Any] | None) -> list[str]:
    """Return what a reader has to bear in mind of results whose replications were added until means were known."""
    if reached is None:
        return []
    n, wider = reached["replications"], len(reached["wider"])
    asked = ", ".join(f"{key} ±{width:g}" for key, width in reached["asked"].items())
    found = [
        f"Each arm was given replications, from {n['start']} up to {n['max_runs']}, until the 95 % interval of the "
        f"mean was as narrow as asked: {asked}. An interval at which one stops because it is narrow is slightly "
        "optimistic (Chow and Robbins 1965)."
    ]
    if wider:
        found.append(f"{wider} of {reached['arms']} arms stopped at max_runs={n['max_runs']} with a wider interval.")
    return found
