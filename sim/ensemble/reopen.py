"""Open a folder of results again, ready to run: to verify, repeat or join what was made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sim
from sim.configuration import validated
from sim.ensemble.asked import deeds
from sim.ensemble.checks import read_inputs
from sim.ensemble.plan import Plan
from sim.ensemble.prepare import Prepared, prepare
from sim.ensemble.provenance import changed_values, values_of
from sim.ensemble.receipts import Receipt, reach_of, read_receipts
from sim.errors import InputError
from sim.locations import CONFIGS
from sim.parameters.register import Unfit
from sim.parameters.strict_yaml import read_mapping
from sim.results.schema import CONFIG, DESIGN, MOST_RUNS
from sim.settings import Config

_OWN_FILE = re.compile(r"[^:=]+\.(yaml|yml|csv|parquet):")
"""How a message begins that names the file at fault."""

NAMED = 5
"""Values of parameters that are named where more have changed."""


@dataclass(frozen=True)
class Reopened:
    """A folder of results, finished or not, with its configuration and model as they are made of today's files."""

    folder: Path
    config: Config
    """As it was asked for; a model of a table of points is made of the folder's own copy."""
    prepared: Prepared

    @cached_property
    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts that can be read and whose arms are planned today, the first replications of all arms first."""
        n_arms = len(self.prepared.planned)
        found = read_receipts(self.folder)[0].values()
        return tuple(receipt for receipt in found if receipt.shard.reach.stop <= n_arms)

    @cached_property
    def plan(self) -> Plan:
        """The plan of all runs that the receipts reach to, as today's files make it."""
        arms = self.prepared.planned
        reach = reach_of((receipt.shard for receipt in self.receipts), len(arms))
        return Plan(arms, tuple(int(n) for n in reach), self.config.seed)

    def is_of_today(self, receipt: Receipt) -> bool:
        """Return whether a receipt is of the scenarios, parameters, tables and sources of today's files."""
        return receipt.rows_hash == self.plan.rows_hash(receipt.shard)

    def receipt_of(self, run: int) -> Receipt | None:
        """Return the receipt of the shard that holds a run, given by its number; None where it was not run yet."""
        arm, replication = divmod(run, MOST_RUNS)
        return next(
            (r for r in self.receipts if arm in r.shard.reach and 0 <= replication - r.shard.first < r.shard.count),
            None,
        )


def reopen(folder: Path | str) -> Reopened:
    """Return a folder of results ready to run again.

    The model is that of today's files; `differences` tells whether it is the one that made the results. Raises
    InputError where the folder has no readable configuration, or where a file that it names is not there any more.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path}: there is no such folder of results.")
    if not (path / CONFIG).is_file():
        raise InputError(f"{path}: holds no {CONFIG}, so it is not a folder of results.")
    try:
        config = made_of = validated(read_mapping(path / CONFIG))
        if config.design.method == "table":  # the user's own may have moved, or grown
            own = config.design.model_copy(update={"table": str(path / DESIGN)})
            made_of = config.model_copy(update={"design": own})
        return Reopened(path, config, prepare(made_of, read_inputs(made_of)))
    except InputError as error:
        if _OWN_FILE.match(str(error)) and not isinstance(error, Unfit):  # a value that is unfit is one of config.yaml
            raise
        raise InputError(f"{path / CONFIG}: {error}") from error


def differences(manifest: Mapping[str, Any], prepared: Prepared) -> list[str]:
    """Return in sentences what of a manifest's model is otherwise today; empty where its runs can be made again.

    Names the sources, the tables of the world, the parameters that have other values, as far as the manifest keeps
    values, and each scenario by its file.
    """
    if manifest["source_hash"] != prepared.source_hash:
        was, now = (f"{h[:12]}" for h in (manifest["source_hash"], prepared.source_hash))
        versions = f"version {manifest['model_version']}, source {was}", f"version {sim.__version__}, source {now}"
        return [f"The model's source is another one: {versions[0]} made the results, this is {versions[1]}."]
    now_there = {(arm.point, arm.scenario, arm.history): place for place, arm in enumerate(prepared.planned)}
    found, changed = [], []
    for arm in manifest["arms"]:
        key = (arm["point"], arm["scenario"], arm["history"])
        if key not in now_there:
            found.append(f"{', '.join(key)} is not planned any more.")
        elif prepared.planned[now_there[key]].fingerprint != arm["fingerprint"]:
            changed.append(now_there[key])
    return found + (_reasons(manifest, prepared, changed) if changed else [])


def _reasons(manifest: Mapping[str, Any], prepared: Prepared, changed: list[int]) -> list[str]:
    """Return which files must have changed for these arms to have other fingerprints."""
    found = []
    if manifest["tables_hash"] != prepared.stands_on["tables_hash"]:
        found.append("The tables of the world, configs/world/default/, have changed.")
    if manifest["register_hash"] != prepared.stands_on["register_hash"]:
        found.append(_parameters(manifest, prepared))
    was, now = manifest["scenarios"], prepared.told()
    names = dict.fromkeys(prepared.planned[arm].scenario for arm in changed)
    own = [name for name in names if name in was and name in now and deeds(was[name]) != deeds(now[name])]
    paths = {prepared.planned[arm].scenario: prepared.arms[arm].scenario.path for arm in changed}
    found += [f"The scenario {name} has changed: {_shown(paths[name])}." for name in own]
    if found:
        return found
    told = "; ".join(", ".join((a.point, a.scenario, a.history)) for a in (prepared.planned[n] for n in changed))
    return [
        "What these arms stand on has changed: the base of the scenario, history.csv, leaders.csv or pledges.csv in "
        f"configs/world/default/, or the outcomes that are declared there. {told}."
    ]


def _parameters(manifest: Mapping[str, Any], prepared: Prepared) -> str:
    """Return which parameters have other values, as far as the manifest keeps those that they had."""
    was = manifest.get("register")
    changed = changed_values(was, values_of(prepared.register)) if was else []
    more = [f"and {len(changed) - NAMED} more"] if len(changed) > NAMED else []
    told = f": {'; '.join([*changed[:NAMED], *more])}" if changed else ""
    return f"The parameters, configs/parameters/, or the theories, configs/theory/, have changed{told}."


def _shown(path: Path) -> str:
    return path.relative_to(CONFIGS.parent).as_posix() if path.is_relative_to(CONFIGS) else str(path)
