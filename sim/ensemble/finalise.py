"""From the shards of a campaign to the description of its results: digest, counts, provenance, caveats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import sim
from sim.ensemble import origins
from sim.ensemble.asked import stated
from sim.ensemble.bands import make_quantiles
from sim.ensemble.campaign import Campaign
from sim.ensemble.caveats import caveats
from sim.ensemble.failures import caveat, check_any, emptied, failures_of, lines, listed, of_plan
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.points import told
from sim.ensemble.precision import caveats as caveats_of_precision
from sim.ensemble.prepare import Prepared
from sim.ensemble.provenance import config_hash, inputs_hash, values_of
from sim.ensemble.receipts import Receipt, files_of, rows_of
from sim.results.digest import Rows, digest_of_rows
from sim.results.manifest import commit, lock_hash, machine, seal, versions
from sim.results.schema import LAYOUT, WORLD, part_name
from sim.results.store import Result
from sim.world.build import HORIZON
from sim.world.calendar import format_quarter

WritePage = Callable[[Result, Prepared], None]
"""Writes the page of a result, and what stands beside it, into the result's folder."""


def finish(campaign: Campaign[Prepared], shards: list[Shard], write: WritePage) -> dict[str, Any]:
    """Describe the runs, trace them and write their page where that is wanted; seal the folder and return its manifest.

    Raises as `describe` and `seal` do: the same command then finishes what has no manifest.
    """
    prepared = campaign.model
    manifest = describe(campaign, shards)
    for line in lines(manifest["failures"], manifest["counts"]["failed"]):
        campaign.say(line)
    if campaign.config.trace:
        campaign.say("Tracing the first replication of each arm.")
        for line in prepared.write_ledger(campaign.folder):
            campaign.say(line)
    if campaign.config.report and manifest["without_runs"]:
        arms = "; ".join(", ".join(arm) for arm in manifest["without_runs"])
        campaign.say(f"No report is made, since all runs failed of: {arms}.")
    elif campaign.config.report:
        campaign.say("Drawing figures and writing the report.")
        sound = set(manifest["files"])  # as receipts say: it was looked at when it was found, or has just been made
        write(Result(campaign.folder, manifest, sound=sound).unsampled, prepared)
    return seal(campaign.folder, manifest)


def describe(campaign: Campaign[Prepared], shards: list[Shard]) -> dict[str, Any]:
    """Return the manifest, not yet marked complete and with the checksums of the data of runs alone, as receipts state.

    Raises AllFailed where no run gave anything.
    """
    origin, prepared = commit(), campaign.model
    receipts, digest = _read(campaign, campaign.plan, shards)
    failed = failures_of(receipts)
    check_any(of_plan(failed, campaign.plan), campaign.plan.n_runs, campaign.plan, campaign.folder)
    made = origins.counted(receipts)
    return {
        "layout": LAYOUT,
        "complete": False,
        **_what_was_asked(campaign),
        "digest": digest,
        **_what_was_made(campaign, shards, receipts),
        "made_by": origins.rows(made),
        **_what_made_it(prepared),
        **origin,
        "caveats": [
            *caveats(prepared, bool(origin["dirty"])),
            *origins.caveat(made),
            *caveat(len(failed), campaign.plan.n_runs),
            *caveats_of_precision(campaign.reached),
        ],
        "files": files_of(receipts),
    }


def _what_was_asked(campaign: Campaign[Prepared]) -> dict[str, Any]:
    config, plan, prepared = campaign.config, campaign.plan, campaign.model
    content = stated(config, prepared.question)
    return {
        "experiment": config.name,
        "title": config.full_title,
        "question": prepared.question,
        "seed": config.seed,
        "start": config.start,
        "end": config.end,
        "history_end": format_quarter(HORIZON),
        "arms": [asdict(arm) for arm in plan.arms if not arm.is_sampled],
        "points": told(config),
        "design": prepared.sampled or None,
        "world": WORLD,
        "scenarios": prepared.told(),
        "config": content,
        "config_hash": config_hash(content),
        "plan_hash": plan.sha256,
    }


def _what_was_made(campaign: Campaign[Prepared], shards: list[Shard], receipts: list[Receipt]) -> dict[str, Any]:
    """Return what is said of the runs, and make the bands over them."""
    plan, folder, names = campaign.plan, campaign.folder, list(campaign.model.outcome_names)
    if campaign.window is not None:
        make_quantiles(folder, plan, shards, campaign.window, campaign.layout is not None)
    failed, columns = failures_of(receipts), list(campaign.model.columns)
    return {
        "counts": {**_counts(campaign, shards), "failed": len(failed)},
        "failures": listed(failed, plan, folder),
        "without_runs": [[arm.point, arm.scenario, arm.history] for arm in emptied(failed, plan)],
        "outcomes": names,
        "trajectories": [] if campaign.layout is None else columns,
        "quantiles": columns,
        "parts": [part_name(shard.name) for shard in shards],
        "precision": campaign.reached,
        "seconds": _seconds(receipts),
    }


def _what_made_it(prepared: Prepared) -> dict[str, Any]:
    tables, register = (prepared.stands_on[key] for key in ("tables_hash", "register_hash"))
    return {
        "model_version": sim.__version__,
        "source_hash": prepared.source_hash,
        "inputs_hash": inputs_hash(tables, register),
        "tables_hash": tables,
        "register_hash": register,
        "register": values_of(prepared.register),
        "lock_hash": lock_hash(),
        "versions": versions(),
        "machine": machine(),
    }


def digest_of_asked(campaign: Campaign[Prepared], asked: Plan, shards: list[Shard]) -> str:
    """Return the digest over the runs that were asked for, whatever more the folder of a campaign holds.

    Raises AllFailed where none of them gave anything.
    """
    receipts, digest = _read(campaign, asked, shards)
    check_any(of_plan(failures_of(receipts), asked), asked.n_runs, asked, campaign.folder)
    return digest


def _read(campaign: Campaign[Prepared], plan: Plan, shards: list[Shard]) -> tuple[list[Receipt], str]:
    """Return the receipts of shards without the hashes of their rows, and the digest that these make over a plan.

    Each is read once, and its hashes, of which there is one a run, are kept no longer than they are needed.
    """
    receipts: list[Receipt] = []

    def rows() -> Iterator[Rows]:
        for shard in shards:
            receipt = Receipt.of(campaign.folder, shard)
            receipts.append(replace(receipt, outcome_hashes=""))
            yield from rows_of(receipt, plan, list(campaign.model.outcome_names))

    digest = digest_of_rows(rows())
    return receipts, digest


def _counts(campaign: Campaign[Prepared], shards: list[Shard]) -> dict[str, int]:
    return {
        "runs": campaign.plan.n_runs,
        "replications": max(campaign.plan.replications),
        "fewest_replications": min(campaign.plan.replications),
        "arms": len(campaign.plan.arms),
        "points": len({arm.point for arm in campaign.plan.arms}),
        "shards": len(shards),
        "outcomes": len(campaign.model.outcome_names),
        "quarters": len(campaign.model.quarters),
    }


def _seconds(receipts: list[Receipt]) -> dict[str, float]:
    """Return seconds on the clock and of CPU that the shards took, summed over threads."""
    wall, cpu = sum(r.wall_seconds for r in receipts), sum(r.cpu_seconds for r in receipts)
    return {"wall_over_shards": round(wall, 3), "cpu": round(cpu, 3)}
