"""From the shards of a campaign to the description of its results: digest, counts, provenance, caveats."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

import numpy as np

import sim
from sim.ensemble.campaign import Campaign
from sim.ensemble.caveats import caveats
from sim.ensemble.plan import Shard
from sim.ensemble.points import design, told
from sim.ensemble.prepare import Prepared
from sim.ensemble.receipts import Receipt
from sim.parameters.theories import load_theory, theories
from sim.results.digest import digest_of
from sim.results.files import canonical_json, write_text
from sim.results.manifest import commit, lock_hash, machine, versions
from sim.results.outcomes import read_parts, write_design
from sim.results.schema import CONFIG, DESIGN, LAYOUT, WORLD, part_name, receipt_name
from sim.world.build import HORIZON
from sim.world.calendar import format_quarter

_HOW = ("engine", "results_dir", "report", "trace", "measure", "figures", "page")
"""Keys of the configuration that say where and how it is run, and what its report shows."""


def describe(campaign: Campaign, prepared: Prepared, shards: list[Shard]) -> dict[str, Any]:
    """Write config.yaml and design.parquet, and return the manifest but for checksums, not yet marked complete.

    Raises InputError where the disk refuses.
    """
    config, plan, folder = campaign.config, campaign.plan, campaign.folder
    content = json.loads(config.model_dump_json()) | {"question": prepared.question}
    write_text(folder / CONFIG, _yaml(content))
    write_design(folder / DESIGN, design(config, prepared.register))
    origin = commit()
    parts = [part_name(shard.number) for shard in shards]
    digest = digest_of(read_parts(folder, parts, plan.replications))
    return {
        "layout": LAYOUT,
        "complete": False,
        "experiment": config.name,
        "title": config.full_title,
        "question": prepared.question,
        "digest": digest,
        "seed": config.seed,
        "start": config.start,
        "end": config.end,
        "history_end": format_quarter(HORIZON),
        "arms": [asdict(arm) for arm in plan.arms],
        "points": told(config),
        "world": WORLD,
        "scenarios": prepared.told(),
        "counts": _counts(campaign, shards),
        "outcomes": list(prepared.outcome_names),
        "trajectories": list(prepared.columns),
        "parts": parts,
        "config": content,
        "config_hash": config_hash(content),
        "plan_hash": plan.sha256,
        "model_version": sim.__version__,
        "source_hash": prepared.source_hash,
        "inputs_hash": inputs_hash(prepared),
        **origin,
        "lock_hash": lock_hash(),
        "versions": versions(),
        "machine": machine(),
        "seconds": _seconds(campaign, shards),
        "caveats": caveats(prepared, bool(origin["dirty"])),
    }


def digest_of_asked(campaign: Campaign, shards: list[Shard], replications: int) -> str:
    """Return the digest over the first replications of every arm, whatever more the folder holds."""
    parts = [part_name(shard.number) for shard in shards if shard.first < replications]
    return digest_of(read_parts(campaign.folder, parts, replications))


def config_hash(content: dict[str, Any]) -> str:
    """Return the sha256 of a configuration apart from where and how it is run, which changes no result."""
    asked = {key: value for key, value in content.items() if key not in _HOW}
    return hashlib.sha256(canonical_json(asked)).hexdigest()


def inputs_hash(prepared: Prepared) -> str:
    """Return the sha256 of the world's tables and of the values of parameters: default, neutral, of each theory."""
    entries = prepared.register.entries
    stated = {f"{question}.{name}": dict(load_theory(question, name).parameters)
              for question, names in theories().items() for name in names}  # fmt: skip
    digest = hashlib.sha256(canonical_json([stated, {key: entry.neutral for key, entry in entries.items()}]))
    for array in (prepared.world.record, prepared.register.record()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _counts(campaign: Campaign, shards: list[Shard]) -> dict[str, int]:
    return {
        "runs": campaign.plan.n_runs,
        "replications": campaign.plan.replications,
        "arms": len(campaign.plan.arms),
        "points": len({arm.point for arm in campaign.plan.arms}),
        "shards": len(shards),
        "outcomes": len(campaign.model.outcome_names),
        "quarters": len(campaign.model.quarters),
    }


def _seconds(campaign: Campaign, shards: list[Shard]) -> dict[str, float]:
    """Return seconds on the clock and of CPU that the shards took, summed over threads."""
    receipts = [Receipt.read(campaign.folder / receipt_name(shard.number)) for shard in shards]
    wall, cpu = sum(r.wall_seconds for r in receipts), sum(r.cpu_seconds for r in receipts)
    return {"wall_over_shards": round(wall, 3), "cpu": round(cpu, 3)}


def _yaml(content: dict[str, Any]) -> str:
    import yaml

    return "# The configuration of these results, resolved.\n" + yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True
    )
