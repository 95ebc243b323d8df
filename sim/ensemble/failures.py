"""Runs that gave nothing: how they are told, and how they are forgotten so that they are run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sim.ensemble import flight
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.receipts import Failure, Receipt
from sim.results.schema import MOST_RUNS, receipt_name

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
                "rerun": f"steppe rerun {folder} {failure.run}",
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


def caveat(n_failed: int, n_runs: int) -> list[str]:
    """Return what readers of results have to know of failed runs."""
    if not n_failed:
        return []
    verb = "is" if n_failed == 1 else "are"
    return [f"{n_failed} of {n_runs} runs failed and {verb} missing: what is shown is of the others, which may differ."]


def forget(folder: Path, shards: Iterable[Shard]) -> bool:
    """Remove the receipts of shards with failed runs, and all marks; return whether any shard has to be run again."""
    flight.clear(folder)
    found = [path for shard in shards if Receipt.read(path := folder / receipt_name(shard.name)).failures]
    for path in found:
        path.unlink()
    return bool(found)
