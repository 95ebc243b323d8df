"""Where the parts of the model meet: what one part writes and another reads, as typed records of `couplings.csv`.

A coupling is `live` or `held`. Held, its receivers read the fields as they were in the same replication of the base
run, so that what this run does to them goes no further through these rules. A test holds every row to account against
what the rules declare. It reads no rule, so that a key can be checked quickly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, did_you_mean
from sim.evidence.rows import Row, parts_of, rows_of, text

COUPLINGS_FILE = Path(__file__).resolve().parent / "couplings.csv"
COLUMNS = ("name", "between", "meaning", "fields", "receivers")
MODES = ("live", "held")
"""What a coupling may be: the run's own numbers flow, or those of the base run."""


@dataclass(frozen=True)
class Coupling:
    """One flow between two parts of the model."""

    name: str
    between: str
    """The parts, such as `technology > cooperation`."""
    meaning: str
    fields: tuple[str, ...]
    """What flows, as `table.field`; no receiver writes any of it."""
    receivers: tuple[str, ...]
    """Rules (`folder/file`) that read it; each is fed those of the fields that it declares."""


def load_couplings(path: Path = COUPLINGS_FILE) -> Mapping[str, Coupling]:
    """Return all couplings by name, in their order; raise InputError naming file and line where a row is malformed."""
    return _couplings(path)


@cache
def _couplings(path: Path) -> Mapping[str, Coupling]:
    found: dict[str, Coupling] = {}
    for place, row in rows_of(path, COLUMNS):
        coupling = _coupling(place, row)
        if coupling.name in found:
            raise InputError(f"{place}: the coupling {coupling.name!r} stands twice.")
        found[coupling.name] = coupling
    return MappingProxyType(found)


def _coupling(place: str, row: Row) -> Coupling:
    name, between, meaning = (text(place, row, column) for column in COLUMNS[:3])
    fields, receivers = (parts_of(text(place, row, column)) for column in COLUMNS[3:])
    return Coupling(name, between, meaning, fields, receivers)


COUPLINGS: tuple[str, ...] = tuple(load_couplings())
"""Names of the couplings."""


def held_of(couplings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the couplings that are held, in the order of `COUPLINGS`; `couplings` maps names to modes.

    Raises InputError for an unknown name or mode, with the nearest spelling.
    """
    for name, mode in couplings.items():
        if name not in COUPLINGS:
            hint = did_you_mean(name, COUPLINGS)
            raise InputError(
                f"couplings.{name}: there is no such coupling.{hint} `steppe show couplings` lists all couplings."
            )
        if mode not in MODES:
            raise InputError(f"couplings.{name}={mode}: write live or held.{did_you_mean(mode, MODES)}")
    return tuple(name for name in COUPLINGS if couplings.get(name) == "held")
