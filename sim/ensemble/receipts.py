"""Receipts: a shard counts as done when its receipt stands and the data match it; nothing else is asked.

A receipt is written after the data are synced. It holds the rows it is for, the sha256 of each data file, the hash of
its rows of the plan and of the model, counts and times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sim.ensemble.origins import Origin, counted
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.errors import InputError
from sim.results.digest import HASH_BYTES, Rows
from sim.results.files import names_in, read_signed, unlike, unreadable, write_signed
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
    made_by: Mapping[str, str] = field(kw_only=True)
    """Class of CPU and versions of the process that made the runs."""

    def write(self, folder: Path) -> None:
        """Write the receipt; raises InputError where the disk refuses.

        A receipt that a power cut takes with it costs a shard, never a result, so that nothing waits for its name.
        """
        write_signed(folder / receipt_name(self.shard.name), asdict(self), lasting=False)

    @classmethod
    def of(cls, folder: Path, shard: Shard) -> Receipt:
        """Read the receipt of a shard that was found or made in a folder; InputError where it is not there now."""
        path = folder / receipt_name(shard.name)
        try:
            return cls.read(path)
        except ValueError as error:
            raise InputError(f"{path}: cannot be read any more: {error}. Run the same command again.") from error

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt; ValueError where it is missing, is not one, or is not as it was written.

        InputError, naming it, where the system does not let it be read: that says nothing of what it holds.
        """
        try:
            content = read_signed(path)
            failures = tuple(Failure(**failure) for failure in content.pop("failures"))
            return cls(shard=Shard(**content.pop("shard")), failures=failures, **content)
        except (FileNotFoundError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        except OSError as error:
            raise unreadable(path, error) from error


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


@dataclass(frozen=True)
class Survey:
    """What a folder already holds of a plan."""

    sound: tuple[Receipt, ...]
    """Receipts whose data are as they say, without the hashes of rows; no two hold the same run."""
    damage: Mapping[Path, str]
    """Each receipt that does not count, to a sentence that says why."""

    @cached_property
    def done(self) -> tuple[Shard, ...]:
        """The sound shards."""
        return tuple(receipt.shard for receipt in self.sound)

    @property
    def origins(self) -> Counter[Origin]:
        """How many runs of the sound shards were made where."""
        return counted(self.sound)

    @property
    def files(self) -> dict[str, str]:
        """The data of the sound shards, path inside the folder to sha256."""
        return files_of(self.sound)

    @property
    def has_failures(self) -> bool:
        """Whether any run of the sound shards failed."""
        return any(receipt.failures for receipt in self.sound)

    def without_failures(self) -> Survey:
        """Return the survey without the shards of which a run failed."""
        return replace(self, sound=tuple(receipt for receipt in self.sound if not receipt.failures))


def files_of(receipts: Iterable[Receipt]) -> dict[str, str]:
    """Return the data that receipts vouch for, path inside the folder to sha256."""
    return {name: checksum for receipt in receipts for name, checksum in receipt.files.items()}


def receipts_in(folder: Path) -> list[Path]:
    """Return the paths of the receipts of a folder, by name; InputError where they cannot be listed."""
    try:
        names = names_in(folder / RECEIPTS)
    except OSError as error:
        raise unreadable(folder / RECEIPTS, error) from error
    return [folder / RECEIPTS / name for name in names if name.startswith("shard-") and name.endswith(".json")]


_NAME = re.compile(r"shard-(\d+)x(\d+)-(\d+)x(\d+)\.json")


def shards_named(folder: Path) -> list[Shard]:
    """Return the shards that the receipts of a folder are named after, without slots; none of them is read."""
    found = (_NAME.fullmatch(path.name) for path in receipts_in(folder))
    return [Shard(*map(int, name.groups())) for name in found if name]


def arms_held(folder: Path) -> int:
    """Return how many arms the receipts of a folder reach to, whatever plan they are of."""
    return max((shard.reach.stop for shard in shards_named(folder)), default=0)


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
    sound: list[Receipt] = []
    receipts, damage = read_receipts(folder, with_hashes=False)
    ends: dict[int, int] = {}
    for path, receipt in receipts.items():
        shard = receipt.shard
        _check_origin(path, receipt, plan, model_hash)
        n_files = 2 if has_trajectories and plan.arms[shard.arm].is_recorded else 1
        if any(shard.first < ends.get(arm, 0) for arm in shard.reach):
            damage[path] = f"{told_of(plan, shard)} stands in two shards; the second is left out"
        elif problem := problem_of(folder, receipt, n_files):
            damage[path] = f"What holds {runs_of(plan, shard)} does not count: {problem}"
        else:
            sound.append(receipt)
            ends |= dict.fromkeys(shard.reach, shard.first + shard.count)
    return Survey(tuple(sound), damage)


def read_receipts(folder: Path, with_hashes: bool = True) -> tuple[dict[Path, Receipt], dict[Path, str]]:
    """Return the receipts of a folder, the first replications of all arms first, and why others cannot be read.

    Unless they are wanted `with_hashes`, those of their rows, of which there is one a run, are left out.
    """
    found: dict[Path, Receipt] = {}
    unread: dict[Path, str] = {}
    for path in receipts_in(folder):
        try:
            receipt = Receipt.read(path)
            found[path] = receipt if with_hashes else replace(receipt, outcome_hashes="")
        except ValueError as error:
            unread[path] = f"{path.name} cannot be read, so its runs do not count: {error}"
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
    """Return what is wrong with the data of a receipt, of which there are to be so many files, or an empty string.

    Raises InputError, naming the file, where the system does not let one be read.
    """
    if len(receipt.files) < n_files:
        return "a part of its data was not stored"
    return next((f"{name} {why}" for name, why in unlike(folder, receipt.files)), "")


def told_of(plan: Plan, shard: Shard) -> str:
    """Return in words which runs a shard holds."""
    first, last = plan.arms[shard.arm], plan.arms[shard.reach[-1]]
    through = "" if shard.arms == 1 else f" to {named(last)}"
    return f"{named(first)}{through}, replications {shard.first} to {shard.first + shard.count - 1},"


def runs_of(plan: Plan, shard: Shard) -> str:
    """Return how many runs a shard holds, and which, each arm with its point."""
    ends = dict.fromkeys(", ".join((f"{a.point} point", a.scenario, a.history))
                         for a in (plan.arms[shard.arm], plan.arms[shard.reach[-1]]))  # fmt: skip
    last = shard.first + shard.count - 1
    which = f"replication {last}" if shard.count == 1 else f"replications {shard.first} to {last}"
    return f"{shard.n_runs} run{'' if shard.n_runs == 1 else 's'} ({' to '.join(ends)}; {which})"


def named(arm: PlannedArm) -> str:
    """Return an arm in words."""
    point = "" if arm.point == DEFAULT_POINT else f"{arm.point}, "
    return f"{point}{arm.scenario}, {arm.history}"
