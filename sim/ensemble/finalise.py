"""From the shards of a campaign to the description of its results: digest, counts, provenance, caveats."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np

import sim
from sim.ensemble.asked import stated
from sim.ensemble.bands import make_quantiles
from sim.ensemble.campaign import Campaign
from sim.ensemble.caveats import caveats
from sim.ensemble.failures import caveat, emptied, failures_of, listed
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.points import told
from sim.ensemble.precision import caveats as caveats_of_precision
from sim.ensemble.prepare import Prepared
from sim.ensemble.receipts import Receipt, rows_of
from sim.parameters.theories import load_theory, theories
from sim.results.digest import digest_of_rows
from sim.results.files import canonical_json
from sim.results.manifest import commit, lock_hash, machine, versions
from sim.results.schema import LAYOUT, WORLD, part_name, receipt_name
from sim.world.build import HORIZON
from sim.world.calendar import format_quarter

_HOW = ("engine", "results_dir", "report", "trace", "measure", "figures", "page", "plan", "shard", "retry")
"""Keys of the configuration that say where and how it is run, and what its report shows."""


def describe(campaign: Campaign[Prepared], prepared: Prepared, shards: list[Shard]) -> dict[str, Any]:
    """Return the manifest but for checksums, not yet marked complete."""
    origin = commit()
    receipts = [Receipt.read(campaign.folder / receipt_name(shard.name)) for shard in shards]
    failed = failures_of(receipts)
    return {
        "layout": LAYOUT,
        "complete": False,
        **_what_was_asked(campaign, prepared),
        **_what_was_made(campaign, shards, receipts),
        **_what_made_it(prepared),
        **origin,
        "caveats": [
            *caveats(prepared, bool(origin["dirty"])),
            *caveat(len(failed), campaign.plan.n_runs),
            *caveats_of_precision(campaign.reached),
        ],
    }


def _what_was_asked(campaign: Campaign[Prepared], prepared: Prepared) -> dict[str, Any]:
    config, plan = campaign.config, campaign.plan
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
        "digest": digest_of_rows(rows for receipt in receipts for rows in rows_of(receipt, plan, names)),
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
    return {
        "model_version": sim.__version__,
        "source_hash": prepared.source_hash,
        "inputs_hash": inputs_hash(prepared),
        "tables_hash": tables_hash(prepared),
        "register_hash": register_hash(prepared),
        "lock_hash": lock_hash(),
        "versions": versions(),
        "machine": machine(),
    }


def digest_of_asked(campaign: Campaign[Prepared], asked: Plan, shards: list[Shard]) -> str:
    """Return the digest over the runs that were asked for, whatever more the folder of a campaign holds."""
    receipts = (Receipt.read(campaign.folder / receipt_name(shard.name)) for shard in shards)
    names = campaign.model.outcome_names
    return digest_of_rows(rows for receipt in receipts for rows in rows_of(receipt, asked, names))


def config_hash(content: dict[str, Any]) -> str:
    """Return the sha256 of a configuration apart from where and how it is run, which changes no result."""
    asked = {key: value for key, value in content.items() if key not in _HOW}
    return hashlib.sha256(canonical_json(asked)).hexdigest()


def inputs_hash(prepared: Prepared) -> str:
    """Return the sha256 of the world's tables and of the values of parameters: default, neutral, of each theory."""
    return hashlib.sha256(canonical_json([tables_hash(prepared), register_hash(prepared)])).hexdigest()


def tables_hash(prepared: Prepared) -> str:
    """Return the sha256 of the world as its tables make it, without any scenario."""
    return hashlib.sha256(np.ascontiguousarray(prepared.world.record).tobytes()).hexdigest()


def register_hash(prepared: Prepared) -> str:
    """Return the sha256 of the values of parameters: default, neutral, of each theory."""
    entries = prepared.register.entries
    stated = {f"{question}.{name}": dict(load_theory(question, name).parameters)
              for question, names in theories().items() for name in names}  # fmt: skip
    digest = hashlib.sha256(canonical_json([stated, {key: entry.neutral for key, entry in entries.items()}]))
    digest.update(np.ascontiguousarray(prepared.register.record()).tobytes())
    return digest.hexdigest()


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
