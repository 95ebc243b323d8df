"""The register of parameters: reads `configs/parameters/*.yaml` and makes the record of values that rules read.

The file's stem is the group and names the rule; a key is `group.name`. Rules read `params.tenders.weight_price`.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.evidence.loader import Finding, load_findings
from sim.locations import CONFIGS
from sim.parameters.schema import Entry, stated
from sim.parameters.strict_yaml import read_mapping

FOLDER = CONFIGS / "parameters"

RESERVED = frozenset(dir(np.ndarray)) | frozenset(dir(np.recarray)) | frozenset(dir(np.record))
"""Attributes of arrays and records: a field of the same name could not be read as `params.group.name`."""


class Unfit(InputError):
    """A value that is not its parameter's, or that of no parameter: the message names file and range, `key` says which.

    Where the value was written, only the caller knows.
    """

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Register:
    """All parameters, checked, by key in sorted order."""

    entries: Mapping[str, Entry]
    """`group.name` to entry, sorted."""

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names of the parameters in each group, both sorted."""
        groups: dict[str, list[str]] = {}
        for entry in self.entries.values():
            groups.setdefault(entry.group, []).append(entry.name)
        return {group: tuple(names) for group, names in groups.items()}

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Key to (low, high), each in the entry's unit."""
        return {key: (entry.low, entry.high) for key, entry in self.entries.items()}

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Nested dtype: group to name to float64, without padding, in sorted order."""
        return np.dtype([(group, [(name, "f8") for name in names]) for group, names in self.groups.items()])

    def defaults(self) -> dict[str, float]:
        """Return key to default value."""
        return {key: entry.value for key, entry in self.entries.items()}

    def neutral(self, keys: Iterable[str]) -> dict[str, float]:
        """Return key to neutral value of those among the keys whose entries state one; Unfit for an unknown key."""
        stated = {key: self.find(key).neutral for key in keys}
        return {key: value for key, value in stated.items() if value is not None}

    def find(self, key: str) -> Entry:
        """Return the entry; raise Unfit with the nearest spelling when there is none."""
        if key not in self.entries:
            raise Unfit(f"Unknown parameter {key!r}.{did_you_mean(key, self.entries)}", key)
        return self.entries[key]

    def values(self, overrides: Mapping[str, float] | None = None, dropped: Iterable[str] = ()) -> dict[str, float]:
        """Return the value of every parameter, by key.

        `overrides` maps keys to values that replace the defaults; entries of the keys in `dropped` have their neutral
        value for a default, where they state one. Raises Unfit for an unknown key (nearest spelling) and for a value
        that is no finite number or lies outside low..high (file, key and range).
        """
        values = self.defaults() | self.neutral(dropped)
        for key, value in (overrides or {}).items():
            values[key] = _within(self.find(key), value)
        return values

    def record(self, overrides: Mapping[str, float] | None = None) -> np.ndarray:
        """Return the values with these overrides as one record, shape (1,), nested dtype `self.dtype`; see `values`."""
        return self.record_of(self.values(overrides))

    def record_of(self, values: Mapping[str, float]) -> np.ndarray:
        """Return the values of all keys as one record, shape (1,), nested dtype `self.dtype`; a new array each time."""
        nested = tuple(tuple(values[f"{group}.{name}"] for name in names) for group, names in self.groups.items())
        return np.array([nested], dtype=self.dtype)


def load_register(folder: Path = FOLDER, findings: Mapping[str, Finding] | None = None) -> Register:
    """Return the register of all `*.yaml` files in `folder`, checked against the facts (by default the shipped ones).

    Raises InputError naming file and key for every fault: a field unknown or missing, a value outside its range, an
    unknown fact, neither fact nor assumption, a name that stands twice or that arrays reserve.
    """
    facts = load_findings() if findings is None else findings
    entries: dict[str, Entry] = {}
    for path in _files(folder):
        group = path.stem
        _check_name(str(path), "group", group)
        content = read_mapping(path)
        if not content:
            raise InputError(f"{path}: holds no parameter.")
        for name, fields in content.items():
            entries[f"{group}.{name}"] = _entry(path, group, name, fields, facts)
    return Register({key: entries[key] for key in sorted(entries, key=lambda key: key.split("."))})


def cites_contested(evidence: Iterable[str], findings: Mapping[str, Finding]) -> bool:
    """Return whether any of the facts is contested; ids that do not exist count as not contested."""
    return any(findings[name].contested for name in evidence if name in findings)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of parameters.")
    if wrong := sorted(folder.glob("*.yml")):
        raise InputError(f"{wrong[0]}: files of parameters must end in .yaml.")
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise InputError(f"{folder}: holds no .yaml file of parameters.")
    return files


def _entry(path: Path, group: str, name: str, fields: Any, findings: Mapping[str, Finding]) -> Entry:
    file = _shown(path)
    place = f"{file}: {group}.{name}"
    _check_name(place, "parameter", name)
    checked = stated(place, fields)
    for identity in checked.evidence:
        if identity not in findings:
            raise InputError(f"{place}: unknown fact {identity!r} in evidence.{did_you_mean(identity, findings)}")
    return Entry(
        **{field: getattr(checked, field) for field in type(checked).model_fields},
        key=f"{group}.{name}",
        group=group,
        name=name,
        file=file,
        contested=cites_contested(checked.evidence, findings),
    )


def _shown(path: Path) -> str:
    """Return the path from the folder above configs/ if it lies there: outputs must not depend on the machine."""
    root = CONFIGS.parent
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _check_name(place: str, what: str, name: str) -> None:
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name) or name.startswith("_"):
        raise InputError(f"{place}: the {what} name {name!r} is not a plain Python name.")
    if name in RESERVED:
        raise InputError(f"{place}: the {what} name {name!r} is an attribute of NumPy arrays; choose another.")


def _within(entry: Entry, value: float) -> float:
    place = f"{entry.file}: {entry.key}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real) or not math.isfinite(value):
        raise Unfit(f"{place}: {value!r} is not a finite number.", entry.key)
    if not entry.low <= value <= entry.high:
        raise Unfit(
            f"{place}: {value:g} lies outside its range {entry.low:g}..{entry.high:g} ({entry.unit}).", entry.key
        )
    return float(value)
