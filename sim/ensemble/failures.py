"""Runs that gave nothing, and how they are told."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.receipts import Failure, Receipt
from sim.errors import AllFailed
from sim.results.schema import MOST_RUNS

MOST_LISTED = 1000
"""Most failures that a manifest lists; all of them stand in the receipts."""

MOST_SAID = 5
"""Most failures that are told one by one."""


def failures_of(receipts: Iterable[Receipt]) -> list[Failure]:
    """Return all runs that failed, in the order of their numbers."""
    return sorted((failure for receipt in receipts for failure in receipt.failures), key=lambda f: f.run)


def emptied(failures: Iterable[Failure], plan: Plan) -> list[PlannedArm]:
    """Return the arms of which all runs failed."""
    count = Counter(failure.run // MOST_RUNS for failure in failures)
    return [plan.arms[arm] for arm, failed in sorted(count.items()) if failed >= plan.replications[arm]]


def listed(failures: Sequence[Failure], plan: Plan, folder: Path) -> list[dict[str, Any]]:
    """Return what the manifest says of each run that failed, up to MOST_LISTED, with the command that repeats it."""
    rows = []
    for failure in failures[:MOST_LISTED]:
        arm, replication = divmod(failure.run, MOST_RUNS)
        planned = plan.arms[arm]
        rows.append(
            {
                "run": failure.run,
                "point": planned.point,
                "scenario": planned.scenario,
                "history": planned.history,
                "replication": replication,
                "kind": failure.kind,
                "error": failure.error,
                "rerun": shlex.join(["steppe", "rerun", str(folder), str(failure.run)]),
            }
        )
    return rows


def lines(rows: Sequence[dict[str, Any]], n_failed: int) -> list[str]:
    """Return the sentences that tell of failed runs: the first few, and how to run them again."""
    if not n_failed:
        return []
    told = [
        f"Run {row['run']} ({row['point']}, {row['scenario']}, {row['history']}, replication {row['replication']}) "
        f"failed, {row['kind']}: {row['error']}. Alone: {row['rerun']}"
        for row in rows[:MOST_SAID]
    ]
    more = f", of which {MOST_SAID} are named here" if n_failed > MOST_SAID else ""
    one = n_failed == 1
    head = f"{n_failed} run{' has' if one else 's have'} failed{more}; the same command with retry=true tries again."
    return [*told, head]


def told(rows: Sequence[dict[str, Any]], n_failed: int, n_runs: int) -> list[str]:
    """Return the line with which an answer ends where some runs failed; `rows` are those of `listed`."""
    if not n_failed:
        return []
    return [f"failed   {n_failed:,} of {n_runs:,} runs; retry=true tries again. The first: {_first(rows[0])}"]


def check_any(failures: Sequence[Failure], n_runs: int, plan: Plan, folder: Path) -> None:
    """Raise AllFailed where all of so many runs failed: there is nothing to make a digest or a report of."""
    if not n_runs or len(failures) < n_runs:
        return
    runs = "The only run" if n_runs == 1 else f"All {n_runs:,} runs"
    first = _first(listed(failures[:1], plan, folder)[0])
    raise AllFailed(
        f"{runs} failed, so there is no result. The first: {first}. What is known of them is kept in {folder}; once "
        "the cause is gone, the same command with retry=true tries again."
    )


def read_failures(folder: Path, shards: Iterable[Shard]) -> list[Failure]:
    """Return the runs of shards that failed, in the order of their numbers."""
    return failures_of(Receipt.of(folder, shard) for shard in shards)


def of_plan(failures: Iterable[Failure], plan: Plan) -> list[Failure]:
    """Return the failures of a plan's own runs, of those of a folder that may hold more."""
    keys = ((failure, *divmod(failure.run, MOST_RUNS)) for failure in failures)
    return [failure for failure, arm, n in keys if arm < len(plan.arms) and n < plan.replications[arm]]


def _first(row: dict[str, Any]) -> str:
    return f"{row['kind']}, {row['error']}; alone: {row['rerun']}"


def caveat(n_failed: int, n_runs: int) -> list[str]:
    """Return what readers of results have to know of failed runs."""
    if not n_failed:
        return []
    verb = "is" if n_failed == 1 else "are"
    return [f"{n_failed} of {n_runs} runs failed and {verb} missing: what is shown is of the others, which may differ."]
