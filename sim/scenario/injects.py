"""Injects as written and as the record holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, did_you_mean
from sim.scenario.timing import KEYS, Dated, read_timing
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES, KINDS, Kind
from sim.world.names import Names

if TYPE_CHECKING:
    from sim.scenario.conditions import Conditions
    from sim.world.build import World

SINGULAR = {
    **{"states": "state", "homes": "home", "firms": "firm", "institutions": "institution"},
    **{"sectors": "sector", "domains": "domain", "origins": "origin", "nodes": "node"},
    **{"kinds": "instrument", "answers": "answer", "corridors": "corridor", "models": "model"},
    **{"groups": "group", "theatres": "theatre", "holders": "holder", "severities": "severity", "accusers": "state"},
}
"""The key of an inject that names a row of each table."""

WITHOUT_STRENGTH = (
    *("join", "leave", "treaty", "accusation", "patron", "protector", "move", "become_state", "suspend"),
    *("negotiate", "sign", "break_off", "request", "swap", "proposal", "refusal"),
    *("ask", "offer_gift", "offer_loan"),
)
WHOLE_HOME = "all:"
"""A firm written `all:CHN` stands for every firm of that home."""


@dataclass(frozen=True)
class Inject(Dated):
    """One row of the record's injects; indices are `NOBODY` where the kind names nobody.

    One that waits has `start` and `end` NEVER. It begins, up to `times` times, when its condition holds between `opens`
    (−1: not named) and `closes` and its strategy can pay for it.
    """

    kind: int
    start: int
    end: int
    strength: float
    actor: int
    target: int
    sector: int
    when: int = NOBODY
    until: int = NOBODY
    opens: int = NEVER
    closes: int = NEVER
    lasts: int = 1
    times: int = 0
    strategy: int = NOBODY
    cost: int = 0
    lever: str = ""
    """Name of the lever whose value its strength is; not in the record."""


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


def _actors(world: World, table: str | None, value: str, place: str) -> list[int]:
    """Return the rows that a name stands for: one, or every firm of a home."""
    if table is None:
        return [NOBODY]
    if table != "firms" or not value.startswith(WHOLE_HOME):
        return [_row(world.names, table, value, place)]
    home, homes = value.removeprefix(WHOLE_HOME), world.names.homes
    if home not in homes:
        raise InputError(f"{place}: {value!r}: {home!r} is none of the homes.{did_you_mean(home, homes)}")
    return [firm for firm, at in enumerate(world.record["firms"]["home"][0]) if homes[at] == home]


def _row(names: Names, table: str | None, value: str, place: str) -> int:
    if table is None:
        return NOBODY
    try:
        return names.index(table, value)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None


def _strength(kind: Kind, value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{place}: strength: {value!r} is not a number.")
    if not kind.low <= value <= kind.high:
        raise InputError(f"{place}: strength {value:g} lies outside {kind.low:g}..{kind.high:g} for {kind.name}.")
    return float(value)


def is_whole_home(fields: Mapping[str, Any]) -> bool:
    """Return whether an entry names all firms of a home."""
    return str(fields.get("firm", "")).startswith(WHOLE_HOME)


def parse_inject(
    fields: Mapping[str, Any],
    world: World,
    place: str,
    conditions: Conditions,
    strategy: int = NOBODY,
    check: Callable[[str, str], None] | None = None,
) -> list[Inject]:
    """Return the injects that one entry stands for; InputError naming `place`.

    fields: as written, with `lever` where the reader of its file put a lever's value for the strength. conditions:
    where those that the entry names are added. strategy: the one that the entry is an order of, whose conditions
    `check` may refuse, by address and place.
    """
    kind = kind_of(fields.get("kind"), f"{place}: kind")
    _check_keys(kind, fields, place)
    timing = read_timing(kind, fields, place, strategy != NOBODY)
    strength = _strength(kind, fields.get("strength", 1), place)
    (first, table), *others = keys_of(kind)
    actors = [NOBODY]
    if first in fields:
        actors = _actors(world, table, str(fields[first]), f"{place}: {first}")
    target, sector = (
        _row(world.names, table, str(fields[key]), f"{place}: {key}") if key in fields else NOBODY
        for key, table in others
    )
    when = conditions.chain(timing.when, f"{place}: when", check)
    until = conditions.chain(timing.until, f"{place}: until", check)
    return [
        Inject(
            *(CODES[kind.name], timing.start, timing.end, strength, actor, target, sector),
            *(when, until, timing.opens, timing.closes, timing.lasts, timing.times, strategy),
            lever=str(fields.get("lever", "")),
        )
        for actor in actors
    ]


def _check_keys(kind: Kind, fields: Mapping[str, Any], place: str) -> None:
    """Raise InputError for a key that the kind does not take, and for one that it needs and does not find."""
    keys = [key for key, _ in keys_of(kind) if key]
    allowed = ["kind", "strength", *keys, *KEYS]
    for key in fields:
        if key not in (*allowed, "lever"):
            raise InputError(f"{place}: {kind.name} takes no key {key!r}.{did_you_mean(key, allowed)}")
    needed = [
        *(key for key in keys if key != optional_key(kind)),
        *(() if kind.name in WITHOUT_STRENGTH else ("strength",)),
    ]
    for key in needed:
        if key not in fields:
            raise InputError(f"{place}: {kind.name} needs the key {key!r}.")
