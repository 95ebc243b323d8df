"""Where each numbered mechanism of the documents stands in the model, as typed records of `coverage.csv`.

Kept with the rules, so that it changes with them; a test holds every row to account. It reads no rule, so that the
command can print it quickly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, did_you_mean
from sim.evidence.loader import load_mechanisms
from sim.evidence.rows import Row, one_of, parts_of, rows_of, whole

COVERAGE = Path(__file__).resolve().parent / "coverage.csv"
COLUMNS = ("number", "kind", "rules", "neutral", "scenario", "reason")
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "rule": "is a rule of its own, taken away by switching the first rule named off",
        "part": "is part of the rules named, taken away by the values under `neutral`",
        "scenario": "is what a scenario supposes",
        "later": "is planned; of the rules named at least one is still to come",
        "left_out": "is left out, for the reason given",
    }
)
"""Every kind of row, and what it says of its mechanism."""

_NEEDED = {
    "rule": ("rules",),
    "part": ("rules", "neutral"),
    "scenario": ("scenario",),
    "later": ("rules", "reason"),
    "left_out": ("reason",),
}
_ALLOWED = {
    "rule": ("rules", "reason"),
    "part": ("rules", "neutral", "reason"),
    "scenario": ("rules", "scenario", "reason"),
    "later": ("rules", "reason"),
    "left_out": ("rules", "reason"),
}


@dataclass(frozen=True)
class Covered:
    """Where one mechanism stands."""

    number: int
    kind: str
    """A key of `KINDS`."""
    rules: tuple[str, ...]
    """Rules as `folder/file` that compute it, or will; of what is left out, those that say so."""
    neutral: Mapping[str, float]
    """Parameters as `group.name` with the values that together take the mechanism away."""
    scenario: str
    """Name of the scenario that supposes it, or empty."""
    reason: str
    """Why it is not there, or what of it is and what is not; may be empty for a rule or part."""


def load_coverage(path: Path = COVERAGE) -> Mapping[int, Covered]:
    """Return all mechanisms by number; raise InputError where a row is malformed or a mechanism has none."""
    return _coverage(path)


def counts(coverage: Mapping[int, Covered]) -> dict[str, int]:
    """Return how many mechanisms there are of each kind, in the order of `KINDS`."""
    return {kind: sum(entry.kind == kind for entry in coverage.values()) for kind in KINDS}


@cache
def _coverage(path: Path) -> Mapping[int, Covered]:
    mechanisms = load_mechanisms()
    found: dict[int, Covered] = {}
    for place, row in rows_of(path, COLUMNS):
        number = whole(place, row, "number")
        if number not in mechanisms:
            raise InputError(f"{place}: there is no mechanism {number}; they are numbered 1 to {len(mechanisms)}.")
        if number != len(found) + 1:
            raise InputError(f"{place}: number {number} where {len(found) + 1} is due.")
        found[number] = _covered(place, number, row)
    if missing := [number for number in mechanisms if number not in found]:
        raise InputError(f"{path}: mechanism {missing[0]} is not accounted for.")
    return MappingProxyType(found)


def _covered(place: str, number: int, row: Row) -> Covered:
    kind = one_of(place, row, "kind", tuple(KINDS))
    for column in _NEEDED[kind]:
        if not row[column]:
            raise InputError(f"{place}: a row of kind {kind!r} needs {column}.")
    for column in COLUMNS[2:]:
        if row[column] and column not in _ALLOWED[kind]:
            raise InputError(f"{place}: a row of kind {kind!r} has no {column}, but it says {row[column]!r}.")
    neutral = MappingProxyType(dict(_setting(place, part) for part in parts_of(row["neutral"])))
    return Covered(number, kind, parts_of(row["rules"]), neutral, row["scenario"], row["reason"])


def _setting(place: str, part: str) -> tuple[str, float]:
    """Return parameter and value of a part such as `tenders.weight_gap=0`."""
    key, sign, value = (piece.strip() for piece in part.partition("="))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not key or not sign or not math.isfinite(number):
        raise InputError(f"{place}: neutral says {part!r}, not parameter=value such as 'tenders.weight_gap=0'.")
    return key, number


def check_names(coverage: Mapping[int, Covered], rules: tuple[str, ...], scenarios: tuple[str, ...]) -> None:
    """Raise InputError for the first row that names a rule or scenario that there is not, or plans what is there.

    `rules` are those of the schedule. A row of kind `later` may name rules to come, and has to name one.
    """
    for entry in coverage.values():
        place = f"{COVERAGE.name}: mechanism {entry.number}"
        unknown = [name for name in entry.rules if name not in rules]
        if entry.kind == "later":
            if not unknown:
                raise InputError(f"{place}: is planned, but {', '.join(entry.rules)} is there.")
        elif unknown:
            raise InputError(f"{place}: there is no rule {unknown[0]!r}.{did_you_mean(unknown[0], rules)}")
        if entry.scenario and entry.scenario not in scenarios:
            hint = did_you_mean(entry.scenario, scenarios)
            raise InputError(f"{place}: there is no scenario {entry.scenario!r}.{hint}")
