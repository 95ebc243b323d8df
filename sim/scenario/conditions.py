"""Conditions as written, `states[KAZ].dependence[CHN] > 0.5`, and the rows of the record that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.world.address import resolve, split_path
from sim.world.build import World
from sim.world.fields import NOBODY, Field
from sim.world.records import field

_FORM = re.compile(r"(.*\S)\s*([<>])\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")
_OF_SCENARIO = ("injects", "conditions", "strategies")


@dataclass(frozen=True)
class Condition:
    """A number of the world, by its offset in the flat vector, compared with a level."""

    offset: int
    is_above: bool
    level: float
    also: int = NOBODY


class Conditions:
    """The conditions of a world: those that its record holds, and those that are added and not yet written to it."""

    def __init__(self, world: World) -> None:
        self._world = world
        table = world.record["conditions"][0]
        self._room = len(table)
        self._written = int(np.count_nonzero(table["offset"]))
        held = table[: self._written]
        self.rows = [Condition(int(r["offset"]), bool(r["is_above"]), float(r["level"]), int(r["also"])) for r in held]

    def chain(self, texts: Sequence[str], place: str, check: Callable[[str, str], None] | None = None) -> int:
        """Return the row of conditions that have to hold together, nobody's where there are none.

        `check` may refuse an address, by address and place. InputError naming `place` where one is no condition, names
        what is not there, cannot hold, or there is no room left.
        """
        row = NOBODY
        told: list[str] = []
        for text in texts:
            found = _parsed(text, self._world, place, check)
            told.append(text)
            row = self._row_of(replace(found, also=row))
            low, high = self.bounds(row)[found.offset]
            if low >= high:
                raise InputError(f"{place}: {' and '.join(told)} never hold together.")
        if len(self.rows) > self._room:
            raise InputError(f"{place}: there is room for {self._room} conditions in all; this is one too many.")
        return row

    def _row_of(self, condition: Condition) -> int:
        """Return the row of a condition, the same one for all that are alike."""
        if condition not in self.rows:
            self.rows.append(condition)
        return self.rows.index(condition)

    def bounds(self, row: int) -> dict[int, tuple[float, float]]:
        """Return the span in which each number has to lie, by its offset, for a chain of conditions to hold."""
        found: dict[int, tuple[float, float]] = {}
        while row != NOBODY:
            condition = self.rows[row]
            low, high = found.get(condition.offset, (-np.inf, np.inf))
            level = condition.level
            found[condition.offset] = (max(low, level), high) if condition.is_above else (low, min(high, level))
            row = condition.also
        return found

    def exclude(self, row: int, other: int) -> bool:
        """Return whether two chains of conditions can never hold in the same quarter."""
        mine, theirs = self.bounds(row), self.bounds(other)
        shared = mine.keys() & theirs.keys()
        return any(max(mine[o][0], theirs[o][0]) >= min(mine[o][1], theirs[o][1]) for o in shared)

    def write(self, record: np.ndarray) -> None:
        """Write what was added to a record, shape (1,)."""
        table = record["conditions"][0]
        for place, row in enumerate(self.rows[self._written :], self._written):
            table[place] = (row.offset, row.is_above, row.level, row.also)
        self._written = len(self.rows)


def _parsed(text: str, world: World, place: str, check: Callable[[str, str], None] | None) -> Condition:
    """Return a condition as written; InputError naming `place`."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{place}: {text!r} is no condition; write it as states[KAZ].dependence[CHN] > 0.5.")
    try:
        found = resolve(match[1], world)
        level = float(match[3])
    except InputError as error:
        raise InputError(f"{place}: {error}{_as_outcome(match[1], world)}") from None
    except ValueError:
        raise InputError(f"{place}: {text!r}: {match[3]!r} is not a number.") from None
    if len(found) != 1:
        raise InputError(f"{place}: {match[1]!r} names {len(found)} numbers; a condition compares one.")
    table, name = split_path(found[0].text)
    if table in _OF_SCENARIO:
        raise InputError(f"{place}: {match[1]!r}: a condition reads the world, not the {table} of a scenario.")
    if check is not None:
        check(found[0].text, place)
    _check_range(field(f"{table}.{name}"), match[2], level, f"{place}: {text!r}", f"{table}.{name}")
    return Condition(found[0].offset, match[2] == ">", level)


def _check_range(declared: Field, sign: str, level: float, place: str, path: str) -> None:
    """Raise InputError where a number that stays in its range never meets the level."""
    if (level >= declared.high) if sign == ">" else (level <= declared.low):
        raise InputError(f"{place} never holds: {path} lies within {declared.low:g}..{declared.high:g}.")


def _as_outcome(text: str, world: World) -> str:
    """Return a hint where what stands in place of an address is the name of an outcome, such as `gifts.KGZ`."""
    stem, _, who = text.strip().partition(".")
    path = world.folder / "outcomes.yaml"
    declared = read_mapping(path).get(stem) if path.is_file() else None
    if declared is None:
        return ""
    return f" That is an outcome; its address is {str(declared['of']).replace('**', who).replace('*', who)}."
