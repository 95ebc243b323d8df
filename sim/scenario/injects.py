"""Injects as written and as the record holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import InputError, did_you_mean
from sim.world.calendar import parse_quarter
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES, KINDS, Kind
from sim.world.names import Names

SINGULAR = {
    **{"states": "state", "homes": "home", "firms": "firm", "institutions": "institution"},
    **{"sectors": "sector", "domains": "domain", "origins": "origin", "nodes": "node"},
    **{"kinds": "instrument", "answers": "answer", "corridors": "corridor"},
    **{"groups": "group", "theatres": "theatre", "holders": "holder", "severities": "severity", "accusers": "state"},
}
"""The key of an inject that names a row of each table."""

WITHOUT_STRENGTH = ("join", "leave", "treaty", "accusation", "patron", "protector", "move", "become_state")
WHOLE_HOME = "all:"
"""A firm written `all:CHN` stands for every firm of that home."""


@dataclass(frozen=True)
class Inject:
    """One row of the record's injects; indices are `NOBODY` where the kind names nobody."""

    kind: int
    start: int
    end: int
    strength: float
    actor: int
    target: int
    sector: int


def keys_of(kind: Kind) -> tuple[tuple[str, str | None], ...]:
    """Return (key, table) of what an inject of this kind names: actor, target, sector; a second group is `other`."""
    found: list[tuple[str, str | None]] = []
    for place, table in enumerate((kind.actor, kind.target, kind.sector)):
        key = SINGULAR[table] if table else ""
        if place == 1 and table == "homes":
            key = "partner"
        found.append(("other" if key and key in [known for known, _ in found] else key, table))
    return tuple(found)


def optional_key(kind: Kind) -> str:
    """Return the key that an inject of this kind may leave out, or an empty text."""
    return keys_of(kind)[("actor", "target", "sector").index(kind.optional)][0] if kind.optional else ""


def kind_of(name: Any, place: str) -> Kind:
    """Return the kind of a name; InputError naming `place`, with the nearest spelling."""
    known = [kind.name for kind in KINDS[1:]]
    if name not in known:
        raise InputError(f"{place}: {name!r} is no kind of inject.{did_you_mean(str(name), known)}")
    return KINDS[CODES[name]]


def _actors(names: Names, homes: Mapping[str, str], table: str | None, value: str, place: str) -> list[int]:
    """Return the rows that a name stands for: one, or every firm of a home."""
    if table is None:
        return [NOBODY]
    if table == "firms" and value.startswith(WHOLE_HOME):
        home = value.removeprefix(WHOLE_HOME)
        if home not in names.homes:
            raise InputError(f"{place}: {value!r}: {home!r} is none of the homes.{did_you_mean(home, names.homes)}")
        return [place for place, firm in enumerate(names.firms) if homes[firm] == home]
    return [_row(names, table, value, place)]


def _row(names: Names, table: str | None, value: str, place: str) -> int:
    if table is None:
        return NOBODY
    try:
        return names.index(table, value)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _quarter(value: Any, key: str, place: str) -> int:
    try:
        return parse_quarter(str(value))
    except InputError as error:
        raise InputError(f"{place}: {key}: {error}") from None


def _strength(kind: Kind, value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{place}: strength: {value!r} is not a number.")
    if not kind.low <= value <= kind.high:
        raise InputError(f"{place}: strength {value:g} lies outside {kind.low:g}..{kind.high:g} for {kind.name}.")
    return float(value)


def parse_inject(fields: Mapping[str, Any], names: Names, homes: Mapping[str, str], place: str) -> list[Inject]:
    """Return the injects that one entry stands for; `homes` maps a firm to its home; InputError naming `place`."""
    kind = kind_of(fields.get("kind"), f"{place}: kind")
    keys = keys_of(kind)
    allowed = ["kind", "start", "strength", *(key for key, _ in keys if key)] + ([] if kind.once else ["end"])
    for key in fields:
        if key == "end" and kind.once:
            raise InputError(f"{place}: {kind.name} is an order, given once in its first quarter; it takes no 'end'.")
        if key not in allowed:
            raise InputError(f"{place}: {kind.name} takes no key {key!r}.{did_you_mean(key, allowed)}")
    optional = ("end", optional_key(kind), *(("strength",) if kind.name in WITHOUT_STRENGTH else ()))
    for key in allowed:
        if key not in optional and key not in fields:
            raise InputError(f"{place}: {kind.name} needs the key {key!r}.")
    start = _quarter(fields["start"], "start", place)
    end = start + 1 if kind.once else _quarter(fields["end"], "end", place) if "end" in fields else NEVER
    if end <= start:
        raise InputError(f"{place}: it ends ({fields['end']}) before it begins ({fields['start']}).")
    strength = _strength(kind, fields.get("strength", 1), place)
    (first, table), *others = keys
    actors = [NOBODY]
    if first in fields:
        actors = _actors(names, homes, table, str(fields[first]), f"{place}: {first}")
    target, sector = (
        _row(names, table, str(fields[key]), f"{place}: {key}") if key in fields else NOBODY for key, table in others
    )
    return [Inject(CODES[kind.name], start, end, strength, actor, target, sector) for actor in actors]
