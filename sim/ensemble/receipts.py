"""Receipts: a shard counts as done when its receipt stands and the data match it; nothing else is asked.

A receipt is written after the data are synced. It holds the rows it is for, the sha256 of each data file, the hash of
its rows of the plan and of the model, counts and times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.ensemble.plan import Plan, Shard
from sim.errors import InputError
from sim.results.files import sha256_of, write_json
from sim.results.schema import DEFAULT_POINT, RECEIPTS, receipt_name


@dataclass(frozen=True)
class Receipt:
    """What was done for one shard; `files` maps paths inside the folder to their sha256, times are in seconds."""

    shard: Shard
    rows_hash: str
    model_hash: str
    files: Mapping[str, str]
    n_outcomes: int
    wall_seconds: float
    cpu_seconds: float

    def write(self, folder: Path) -> None:
        """Write the receipt; raises InputError where the disk refuses."""
        write_json(folder / receipt_name(self.shard.number), asdict(self))

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt; ValueError where it is not one."""
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(shard=Shard(**content.pop("shard")), **content)
        except (OSError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class Survey:
    """What a folder already holds of a plan: sound shards, and the receipts of those that have to be run again."""

    done: tuple[Shard, ...]
    damage: Mapping[Path, str]
    """Each receipt that does not count, to a sentence that says why."""


def replications_held(folder: Path, plan: Plan) -> int:
    """Return how many replications a folder's receipts reach to; receipts of other plans are left out."""
    reach = 0
    for path in (folder / RECEIPTS).glob("shard-*.json"):
        try:
            receipt = Receipt.read(path)
        except ValueError:
            continue
        shard = receipt.shard
        if shard.arm < len(plan.arms) and receipt.rows_hash == plan.rows_hash(shard):
            reach = max(reach, shard.first + shard.count)
    return reach


def survey(folder: Path, plan: Plan, model_hash: str, has_trajectories: bool) -> Survey:
    """Check every receipt of a folder against the plan, the model and its data; nothing is changed.

    With `has_trajectories` a whole shard has a chunk of them beside its outcomes, where its arm is recorded. Raises
    InputError where a receipt is of another model or of another plan: such a folder is never mixed.
    """
    done: list[Shard] = []
    damage: dict[Path, str] = {}
    for path in sorted((folder / RECEIPTS).glob("shard-*.json")):
        try:
            receipt = Receipt.read(path)
        except ValueError as error:
            damage[path] = f"{path.name} cannot be read, so its runs are run again: {error}"
            continue
        shard = receipt.shard
        _check_origin(path, receipt, plan, model_hash)
        n_files = 2 if has_trajectories and plan.arms[shard.arm].is_recorded else 1
        if problem := _problem(folder, receipt, n_files):
            damage[path] = f"shard {shard.number} ({_what(plan, shard)}) is run again: {problem}"
        else:
            done.append(shard)
    return Survey(tuple(done), damage)


def _check_origin(path: Path, receipt: Receipt, plan: Plan, model_hash: str) -> None:
    if receipt.model_hash != model_hash:
        raise InputError(f"{path}: comes from another version of the model; name another folder with results_dir=.")
    if receipt.shard.arm >= len(plan.arms) or receipt.rows_hash != plan.rows_hash(receipt.shard):
        raise InputError(f"{path}: comes from another plan; name another folder with results_dir=.")


def _problem(folder: Path, receipt: Receipt, n_files: int) -> str:
    """Return what is wrong with the data of a receipt, or an empty string."""
    if len(receipt.files) < n_files:
        return "a part of its data was not stored"
    for name, expected in receipt.files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if sha256_of(path) != expected:
            return f"{name} does not match its checksum"
    return ""


def _what(plan: Plan, shard: Shard) -> str:
    arm = plan.arms[shard.arm]
    point = "" if arm.point == DEFAULT_POINT else f"{arm.point}, "
    return f"{point}{arm.scenario}, {arm.history}, replications {shard.first} to {shard.first + shard.count - 1}"
