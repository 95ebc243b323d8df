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
}
"""The key of an inject that names a row of each table."""

WITHOUT_STRENGTH = ("join", "leave", "treaty", "accusation")
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
    """Return (key, table) of what an inject of this kind names: actor, target, and sector or domain."""
    actor = SINGULAR[kind.actor] if kind.actor else ""
    target = ""
    if kind.target:
        target = "partner" if kind.target == "homes" else SINGULAR[kind.target]
    sector = SINGULAR[kind.sector] if kind.sector else ""
    return ((actor, kind.actor), (target, kind.target), (sector, kind.sector))


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
    optional = ("end", "strength") if kind.name in WITHOUT_STRENGTH else ("end",)
    for key in allowed:
        if key not in optional and key not in fields:
            raise InputError(f"{place}: {kind.name} needs the key {key!r}.")
    start = _quarter(fields["start"], "start", place)
    end = start + 1 if kind.once else _quarter(fields["end"], "end", place) if "end" in fields else NEVER
    if end <= start:
        raise InputError(f"{place}: it ends ({fields['end']}) before it begins ({fields['start']}).")
    strength = _strength(kind, fields.get("strength", 1), place)
    actors = _actors(names, homes, keys[0][1], str(fields.get(keys[0][0])), f"{place}: {keys[0][0]}")
    target = _row(names, keys[1][1], str(fields.get(keys[1][0])), f"{place}: {keys[1][0]}")
    sector = _row(names, keys[2][1], str(fields.get(keys[2][0])), f"{place}: {keys[2][0]}")
    return [Inject(CODES[kind.name], start, end, strength, actor, target, sector) for actor in actors]
