"""Whether the files of results are as they were sealed, and how their values can be compared on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from sim.ensemble.asked import read_asked
from sim.ensemble.origins import elsewhere, here, origin_of, told_of
from sim.ensemble.receipts import Receipt, read_receipts, runs_of, shards_named
from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.results.digest import digest_of
from sim.results.files import unlike
from sim.results.outcomes import read_parts
from sim.results.schema import CONFIG, DATA, MANIFEST, bands_name, part_name, receipt_name
from sim.results.store import Result


@dataclass(frozen=True)
class Mode:
    """How values are compared, and why: bit for bit, or within a tolerance."""

    is_exact: bool
    why: str

    @property
    def told(self) -> str:
        """In words."""
        return "bit for bit" if self.is_exact else "within a tolerance"


def mode_of(made_by: Mapping[str, str], is_same_model: bool) -> Mode:
    """Return how runs are to be compared in this process, by what their receipt says made them."""
    if not is_same_model:
        return Mode(False, "another source of the model may differ in the last bits without meaning to")
    origin, now = origin_of(made_by), here()
    if origin != now:
        return Mode(False, elsewhere(origin, now))
    return Mode(True, f"made by the same source of the model {told_of(now, [name for name, _ in now])}")


def told(modes: Mapping[Mode, int]) -> tuple[str, str]:
    """Return in words how runs were compared and why, from the number of runs that were compared in each way."""
    ways = dict.fromkeys(mode.told for mode in sorted(modes, key=lambda mode: not mode.is_exact))
    why = [mode.why if len(modes) == 1 else f"{n} {mode.told}: {mode.why}" for mode, n in modes.items()]
    return " or ".join(ways), "; ".join(why)


@dataclass(frozen=True)
class Files:
    """What was found of the files of a result."""

    checked: int
    problems: tuple[str, ...]
    """A sentence for each that is not as the manifest or its receipt says."""
    damaged: frozenset[str]
    """Their paths inside the folder."""
    others: tuple[str, ...]
    """Files that the manifest does not list, outside the folders of data; they do no harm."""
    failures: int
    """Runs that gave nothing when the results were made."""


def check_files(result: Result) -> Files:
    """Compare every file with the manifest, receipts with parts, and the digest with what the parts hold."""
    folder, listed = result.path, result.manifest["files"]
    wrong = {name: f"{name} {why}" for name, why in unlike(folder, listed)}
    there = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    names = (path.relative_to(folder).as_posix() for path in there)
    unlisted = [name for name in names if name not in listed and name != MANIFEST]
    for name in (name for name in unlisted if name.startswith(DATA)):
        wrong[name] = f"{name} is not in the manifest"
    found, unread = read_receipts(folder)
    receipts = list(found.values())
    for name in (path.relative_to(folder).as_posix() for path in unread):
        wrong.setdefault(name, f"{name} is signed by the manifest, but cannot be read as a receipt")
    held = _runs_held(folder, receipts) if wrong else {}
    damaged = {name: f"{why}{held.get(name, '')}." for name, why in wrong.items()}
    told = [*damaged.values(), *_receipts(result, receipts, damaged)]
    if not damaged:
        told += [*_settings(result), *_digest(result)]
    others = tuple(name for name in unlisted if "/" not in name)
    return Files(len(listed), tuple(told), frozenset(damaged), others, sum(len(r.failures) for r in receipts))


def _runs_held(folder: Path, receipts: Sequence[Receipt]) -> dict[str, str]:
    """Return which runs rest on a file, in words after a colon, by its path; empty where the plan cannot be read."""
    try:
        plan = read_asked(folder).plan
    except InputError:
        return {}
    places = (receipt_name, part_name, bands_name)
    found = {place(shard.name): shard for shard in shards_named(folder) for place in places}
    found |= {name: receipt.shard for receipt in receipts for name in receipt.files}
    n_arms = len(plan.arms)
    return {name: f": {runs_of(plan, shard)}" for name, shard in found.items() if shard.reach.stop <= n_arms}


def _receipts(result: Result, receipts: Sequence[Receipt], damaged: Mapping[str, str]) -> Iterator[str]:
    """Yield what does not fit between receipts and the files that they vouch for."""
    vouched = {}
    for receipt in receipts:
        for name, checksum in receipt.files.items():
            vouched[name] = receipt
            if name not in damaged and result.manifest["files"].get(name) != checksum:
                yield f"{receipt_name(receipt.shard.name)} vouches for another {name} than the manifest."
    for part in (part for part in result.manifest["parts"] if part not in damaged):
        if part not in vouched:
            yield f"No receipt vouches for {part}."
        elif (n := pq.read_metadata(str(result.path / part)).num_rows) != _runs_kept(vouched[part]):
            yield f"{part} holds {n} runs, but its receipt says {_runs_kept(vouched[part])}."


def _runs_kept(receipt: Receipt) -> int:
    return receipt.shard.n_runs - len(receipt.failures)


def _settings(result: Result) -> list[str]:
    """Return the keys in which config.yaml and the manifest differ."""
    stated, kept = read_mapping(result.path / CONFIG), result.manifest["config"]
    other = sorted(key for key in {**stated, **kept} if json.dumps(stated.get(key)) != json.dumps(kept.get(key)))
    return [f"{CONFIG} and the manifest differ in {', '.join(other)}."] if other else []


def _digest(result: Result) -> list[str]:
    """Return whether the outcomes, as they are kept, give the digest of the manifest."""
    try:
        digest = digest_of(read_parts(result.path, result.manifest["parts"]))
    except ValueError as error:
        return [f"The outcomes give no digest: {error}."]
    if digest == result.manifest["digest"]:
        return []
    return [f"The outcomes give the digest {digest}, the manifest says {result.manifest['digest']}."]
