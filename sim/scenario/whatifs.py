"""The what-ifs that the documents raise, in own words, and the scenarios that ask them: `whatifs.csv`, kept beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, did_you_mean
from sim.evidence.rows import parts_of, rows_of, text, whole
from sim.scenario.reader import list_scenarios

WHATIFS = Path(__file__).resolve().parent / "whatifs.csv"
COLUMNS = ("number", "whatif", "source", "scenarios", "reason")


@dataclass(frozen=True)
class WhatIf:
    """One what-if of the documents."""

    number: int
    whatif: str
    """What is supposed, in own words."""
    source: tuple[str, ...]
    """Lines as `document:line`."""
    scenarios: tuple[str, ...]
    """Names of the scenarios that ask it; empty where none does."""
    reason: str
    """Why no scenario asks it, or what of it the scenarios ask; may be empty."""


def load_whatifs(path: Path = WHATIFS) -> Mapping[int, WhatIf]:
    """Return all what-ifs by number, numbered from 1 without a gap.

    Raises InputError naming file and line for a malformed row, an unknown scenario (nearest spelling), and a what-if
    that has neither scenario nor reason.
    """
    return _load(path)


@cache
def _load(path: Path) -> Mapping[int, WhatIf]:
    known = list_scenarios()
    found: dict[int, WhatIf] = {}
    for place, row in rows_of(path, COLUMNS):
        number = whole(place, row, "number")
        if number != len(found) + 1:
            raise InputError(f"{place}: number is {number}, where {len(found) + 1} is next.")
        scenarios = parts_of(row["scenarios"])
        for name in scenarios:
            if name not in known:
                raise InputError(f"{place}: scenarios: there is no {name!r}.{did_you_mean(name, known)}")
        if not scenarios and not row["reason"]:
            raise InputError(f"{place}: it names neither a scenario nor the reason why there is none.")
        source = parts_of(text(place, row, "source"))
        found[number] = WhatIf(number, text(place, row, "whatif"), source, scenarios, row["reason"])
    return MappingProxyType(found)
