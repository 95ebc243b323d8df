"""Receipts: a shard counts as done when its receipt stands and the data match it; nothing else is asked.

A receipt is written after the data are synced. It holds the rows it is for, the sha256 of each data file, the hash of
its rows of the plan and of the model, counts and times.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.errors import InputError
from sim.results.digest import HASH_BYTES, Rows
from sim.results.files import canonical_json, sha256_of, write_json
from sim.results.schema import DEFAULT_POINT, MOST_RUNS, RECEIPTS, receipt_name


@dataclass(frozen=True)
class Failure:
    """A run that gave nothing."""

    run: int
    """Its number in the plan."""
    kind: str
    """raised, died or time limit."""
    error: str
    """What was said of it, in one line."""


@dataclass(frozen=True)
class Receipt:
    """What was done for one shard; `files` maps paths inside the folder to their sha256, times are in seconds."""

    shard: Shard
    rows_hash: str
    model_hash: str
    files: Mapping[str, str]
    wall_seconds: float
    cpu_seconds: float
    outcome_hashes: str
    """Hash of each row that is there, in the order of their runs, in hexadecimal digits: what the digest is made of."""
    failures: tuple[Failure, ...] = ()
    """Runs of the shard that gave nothing."""

    def write(self, folder: Path) -> None:
        """Write the receipt; raises InputError where the disk refuses.

        A receipt that a power cut takes with it costs a shard, never a result, so that nothing waits for its name.
        """
        content = asdict(self)
        write_json(folder / receipt_name(self.shard.name), {**content, "sha256": _sha256(content)}, lasting=False)

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt; ValueError where it is not one, or not as it was written."""
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("sha256") != _sha256(content):
                raise ValueError("it does not match its checksum")
            failures = tuple(Failure(**failure) for failure in content.pop("failures"))
            return cls(shard=Shard(**content.pop("shard")), failures=failures, **content)
        except (OSError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def rows_of(receipt: Receipt, plan: Plan, outcome_names: Sequence[str]) -> Iterator[Rows]:
    """Yield the rows of a shard, arm by arm, as its receipt knows them, as far as they are of the plan."""
    shard, failed = receipt.shard, {failure.run for failure in receipt.failures}
    hashes = bytes.fromhex(receipt.outcome_hashes)
    first = 0
    for number in shard.reach:
        made = [r for r in range(shard.first, shard.first + shard.count) if MOST_RUNS * number + r not in failed]
        if number < len(plan.arms):
            kept = sum(r < plan.replications[number] for r in made)
            arm = plan.arms[number]
            here = hashes[HASH_BYTES * first : HASH_BYTES * (first + kept)]
            yield Rows((arm.point, arm.scenario, arm.history), outcome_names, np.array(made[:kept], np.int64), here)
        first += len(made)


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


@dataclass(frozen=True)
class Survey:
    """What a folder already holds of a plan: sound shards, and the receipts of those that have to be run again."""

    done: tuple[Shard, ...]
    damage: Mapping[Path, str]
    """Each receipt that does not count, to a sentence that says why."""


def held_by(folder: Path, plan: Plan) -> list[Shard]:
    """Return the shards that a folder's receipts speak of, as far as they are of this plan; data are not looked at."""
    found = []
    for path in sorted((folder / RECEIPTS).glob("shard-*.json")):
        with suppress(ValueError):
            receipt = Receipt.read(path)
            if receipt.shard.reach.stop <= len(plan.arms) and receipt.rows_hash == plan.rows_hash(receipt.shard):
                found.append(receipt.shard)
    return found


def arms_held(folder: Path) -> int:
    """Return how many arms the receipts of a folder reach to, whatever plan they are of."""
    reach = 0
    for path in (folder / RECEIPTS).glob("shard-*.json"):
        with suppress(ValueError):
            reach = max(reach, Receipt.read(path).shard.reach.stop)
    return reach


def reach_of(shards: Iterable[Shard], n_arms: int) -> np.ndarray:
    """Return how many replications of each arm shards reach to, int64, shape (arms,)."""
    reach = np.zeros(n_arms, np.int64)
    for shard in shards:
        there = slice(shard.reach.start, shard.reach.stop)
        reach[there] = np.maximum(reach[there], shard.first + shard.count)
    return reach


class Foreign(InputError):
    """A receipt is of another model or of another plan than the folder's campaign."""


def survey(folder: Path, plan: Plan, model_hash: str, has_trajectories: bool) -> Survey:
    """Check every receipt of a folder against the plan, the model and its data; nothing is changed.

    With `has_trajectories` a whole shard has a chunk of them beside its outcomes, where its arm is recorded. Raises
    Foreign where a receipt is of another model or of another plan: such a folder is never mixed.
    """
    done: list[Shard] = []
    receipts, damage = read_receipts(folder)
    ends: dict[int, int] = {}
    for path, receipt in receipts.items():
        shard = receipt.shard
        _check_origin(path, receipt, plan, model_hash)
        n_files = 2 if has_trajectories and plan.arms[shard.arm].is_recorded else 1
        if any(shard.first < ends.get(arm, 0) for arm in shard.reach):
            damage[path] = f"{told_of(plan, shard)} stands in two shards; the second is left out"
        elif problem := problem_of(folder, receipt, n_files):
            damage[path] = f"{told_of(plan, shard)} is run again: {problem}"
        else:
            done.append(shard)
            ends |= dict.fromkeys(shard.reach, shard.first + shard.count)
    return Survey(tuple(done), damage)


def read_receipts(folder: Path) -> tuple[dict[Path, Receipt], dict[Path, str]]:
    """Return the receipts of a folder, the first replications of all arms first, and why others cannot be read."""
    found: dict[Path, Receipt] = {}
    unread: dict[Path, str] = {}
    for path in sorted((folder / RECEIPTS).glob("shard-*.json")):
        try:
            found[path] = Receipt.read(path)
        except ValueError as error:
            unread[path] = f"{path.name} cannot be read, so its runs are run again: {error}"
    return dict(sorted(found.items(), key=lambda item: (item[1].shard.first, item[1].shard.arm))), unread


def _check_origin(path: Path, receipt: Receipt, plan: Plan, model_hash: str) -> None:
    shard = receipt.shard
    if receipt.model_hash != model_hash:
        was, now = receipt.model_hash[:12], model_hash[:12]
        raise Foreign(f"{path}: comes from another version of the model, {was}; this is {now}.")
    if shard.reach.stop > len(plan.arms):
        raise Foreign(
            f"{path}: comes from another plan, with {shard.reach.stop} arms or more; this has {len(plan.arms)}."
        )
    if receipt.rows_hash != plan.rows_hash(shard):
        raise Foreign(f"{path}: comes from another plan: {told_of(plan, shard)} were computed from something else.")


def problem_of(folder: Path, receipt: Receipt, n_files: int = 1) -> str:
    """Return what is wrong with the data of a receipt, of which there are to be so many files, or an empty string."""
    if len(receipt.files) < n_files:
        return "a part of its data was not stored"
    for name, expected in receipt.files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if sha256_of(path) != expected:
            return f"{name} does not match its checksum"
    return ""


def told_of(plan: Plan, shard: Shard) -> str:
    """Return in words which runs a shard holds."""
    first, last = plan.arms[shard.arm], plan.arms[shard.reach[-1]]
    through = "" if shard.arms == 1 else f" to {named(last)}"
    return f"{named(first)}{through}, replications {shard.first} to {shard.first + shard.count - 1},"


def named(arm: PlannedArm) -> str:
    """Return an arm in words."""
    point = "" if arm.point == DEFAULT_POINT else f"{arm.point}, "
    return f"{point}{arm.scenario}, {arm.history}"
