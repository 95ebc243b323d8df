"""Whether the files of results are as they were sealed, and how their values can be compared on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from sim.ensemble.receipts import Receipt, read_receipts
from sim.parameters.strict_yaml import read_mapping
from sim.results.digest import digest_of
from sim.results.files import sha256_of
from sim.results.manifest import machine, versions
from sim.results.outcomes import read_parts
from sim.results.schema import BANDS, CONFIG, MANIFEST, OUTCOMES, RECEIPTS, TRAJECTORIES, receipt_name
from sim.results.store import Result

_DATA = (f"{OUTCOMES}/", f"{RECEIPTS}/", f"{TRAJECTORIES}/", f"{BANDS}/")
"""Folders that hold nothing but what a manifest lists."""

_DECIDING = ("numba", "numpy", "llvmlite")
"""Packages whose version may decide the last bit of a value."""


@dataclass(frozen=True)
class Mode:
    """How values are compared, and why: bit for bit, or within a tolerance."""

    is_exact: bool
    why: str

    @property
    def told(self) -> str:
        """In words."""
        return "bit for bit" if self.is_exact else "within a tolerance"


def mode_of(manifest: Mapping[str, Any], is_same_model: bool) -> Mode:
    """Return how the results of a manifest are to be compared on this machine."""
    was, now = manifest.get("machine", {}).get("cpu_class"), machine().get("cpu_class")
    if not is_same_model:
        return Mode(False, "another source of the model may differ in the last bits without meaning to")
    if not was or was != now:
        return Mode(False, f"made on a CPU of class {was or 'unknown'}, this is {now or 'unknown'}")
    kept, here = manifest.get("versions", {}), versions()
    others = [f"{name} {kept.get(name, '?')}, here {here.get(name, '?')}" for name in _DECIDING
              if kept.get(name) != here.get(name)]  # fmt: skip
    if others:
        return Mode(False, f"made with {'; '.join(others)}")
    return Mode(True, f"the same source of the model, class of CPU ({now}) and versions of {', '.join(_DECIDING)}")


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
    damaged: dict[str, str] = {}
    for name, checksum in listed.items():
        if not (folder / name).is_file():
            damaged[name] = f"{name} is missing."
        elif sha256_of(folder / name) != checksum:
            damaged[name] = f"{name} is not as it was: its content has another sha256."
    there = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    names = (path.relative_to(folder).as_posix() for path in there)
    unlisted = [name for name in names if name not in listed and name != MANIFEST]
    for name in (name for name in unlisted if name.startswith(_DATA)):
        damaged[name] = f"{name} is not in the manifest."
    found, unread = read_receipts(folder)
    receipts = list(found.values())
    for name in (path.relative_to(folder).as_posix() for path in unread):
        damaged.setdefault(name, f"{name} is signed by the manifest, but cannot be read as a receipt.")
    told = [*damaged.values(), *_receipts(result, receipts, damaged)]
    if not damaged:
        told += [*_settings(result), *_digest(result)]
    others = tuple(name for name in unlisted if "/" not in name)
    return Files(len(listed), tuple(told), frozenset(damaged), others, sum(len(r.failures) for r in receipts))


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
