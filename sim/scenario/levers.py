"""Levers: what a decision-maker can set in a scenario, by name and within a range.

    levers:
      price_cut: {value: -0.3, low: -0.6, high: 0.0, unit: share of the price, meaning: by how much vendors cut prices}
    injects:
      - {kind: price, home: USA, start: 2024Q1, strength: price_cut}

An inject, or the order of a strategy, that names a lever in place of its strength is driven by it. Once read it holds
the lever's value under `strength`, like any other, and the lever's name under `lever`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.errors import InputError, did_you_mean
from sim.parameters.schema import Number, Strict, Text, first_problem
from sim.scenario.injects import WITHOUT_STRENGTH, kind_of

if TYPE_CHECKING:
    from sim.scenario.reader import Entry, Scenario

YES_OR_NO = ("veto", "designate")
"""Kinds whose strength is 1 or 0, for yes or no: nothing between them means anything."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _Declared(Strict):
    """What a file states of a lever."""

    value: Number
    low: Number
    high: Number
    unit: Text
    meaning: Text


class _Set(Strict):
    """What a file may state of a lever of its base."""

    value: Number


@dataclass(frozen=True)
class Lever:
    """A number that a decision-maker can set: its value, and the range low..high, in `unit`."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str
    place: str
    """Where it is declared: file and key."""

    def set_to(self, value: float, place: str) -> Lever:
        """Return the lever with another value; InputError naming `place` where that lies outside its range."""
        if not self.low <= value <= self.high:
            raise InputError(f"{place}: {value:g} lies outside {self.low:g}..{self.high:g} ({self.place}).")
        return replace(self, value=float(value))


def read_levers(
    stated: Mapping[str, Mapping[str, Any]], file: str, base: Mapping[str, Lever], base_name: str | None
) -> dict[str, Lever]:
    """Return the levers that entries of a file may name: its base's, some with another value, then its own.

    `stated` maps names to fields as they stand in the file. InputError naming file and key for an unknown or missing
    field, a value outside its range, and for anything but another `value` of a lever of the base.
    """
    found = dict(base)
    for name, fields in stated.items():
        place = f"{file}: levers.{name}"
        if name in base:
            found[name] = _set_again(base[name], fields, place, base_name)
        elif base_name is not None and set(fields) == {"value"}:
            raise InputError(f"{place}: its base {base_name} has no such lever to set.{did_you_mean(name, base)}")
        else:
            found[name] = _declared(name, fields, place)
    return found


def _set_again(lever: Lever, fields: Mapping[str, Any], place: str, base_name: str | None) -> Lever:
    if other := next((key for key in fields if key != "value"), None):
        raise InputError(
            f"{place}: {other}: it is a lever of the base {base_name} ({lever.place}); here only its value can be set, "
            f"as {lever.name}: {{value: {lever.value:g}}}. Choose another name for a lever of your own."
        )
    try:
        return lever.set_to(_Set.model_validate(fields).value, f"{place}: value")
    except ValidationError as error:
        raise InputError(f"{place}: {first_problem(error.errors(), _Set.model_fields)}") from None


def _declared(name: str, fields: Mapping[str, Any], place: str) -> Lever:
    if not _NAME.fullmatch(name):
        raise InputError(f"{place}: a lever's name has small letters, digits and _, such as price_cut.")
    try:
        declared = _Declared.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"{place}: {first_problem(error.errors(), _Declared.model_fields)}") from None
    if not declared.low < declared.high:
        raise InputError(f"{place}: low ({declared.low:g}) must be below high ({declared.high:g}).")
    return Lever(name=name, place=place, **declared.model_dump()).set_to(declared.value, f"{place}: value")


def drive(entry: Mapping[str, Any], place: str, levers: Mapping[str, Lever]) -> Mapping[str, Any]:
    """Return an inject or order as written, with the value of the lever that it names in place of a strength, if any.

    InputError naming `place` for an unknown lever (nearest spelling), a kind that takes none, and a lever whose range
    goes beyond that of the kind.
    """
    if "lever" in entry:
        raise InputError(f"{place}: lever: write the name of a lever as the strength.")
    name = entry.get("strength")
    if not isinstance(name, str):
        return entry
    if name not in levers:
        hint = did_you_mean(name, levers) or (f" Levers are {', '.join(levers)}." if levers else "")
        raise InputError(f"{place}: strength: {name!r} is not a number, and no lever has that name.{hint}")
    _check_takes(entry, place, levers[name])
    return {**entry, "strength": levers[name].value, "lever": name}


def _check_takes(entry: Mapping[str, Any], place: str, lever: Lever) -> None:
    """Raise InputError unless the kind of an entry takes any strength from the lever's lowest to its highest."""
    kind = kind_of(entry.get("act", entry.get("kind")), f"{place}: {'act' if 'act' in entry else 'kind'}")
    if kind.name in WITHOUT_STRENGTH:
        raise InputError(f"{place}: strength: {kind.name} has no strength that the lever {lever.name} could set.")
    if kind.name in YES_OR_NO:
        raise InputError(
            f"{place}: strength: {kind.name} takes no lever, since its strength is 1 or 0, for yes or no; write one."
        )
    for key, end in (("low", lever.low), ("high", lever.high)):
        if not kind.low <= end <= kind.high:
            raise InputError(
                f"{lever.place}: {key}: {end:g} lies outside {kind.low:g}..{kind.high:g} for {kind.name} ({place})."
            )


def in_use(scenario: Scenario, stated: Collection[str]) -> Scenario:
    """Return a scenario with those levers alone that drive something in it, and every entry with its lever's value.

    `stated` are the levers that its own file names: InputError where one of them drives nothing. One of its base does
    not where entries of its own took the place of all that it drove.
    """
    used = driven_by(scenario)
    for name in stated:
        if name not in used:
            raise InputError(f"{scenario.path.name}: levers.{name}: no inject and no order has it as its strength.")
    return set_levers(replace(scenario, levers={n: one for n, one in scenario.levers.items() if n in used}), {})


def driven_by(scenario: Scenario) -> dict[str, list[str]]:
    """Return the places of the injects and orders that each lever drives, by its name."""
    found: dict[str, list[str]] = {}
    for place, entry in (*scenario.injects, *(order for s in scenario.strategies for order in s.orders)):
        if "lever" in entry:
            found.setdefault(entry["lever"], []).append(place)
    return found


def set_levers(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario with other values of levers, by name, and all that they drive.

    InputError, with the key levers.<scenario>.<lever>, for an unknown lever (nearest spelling) and a value outside its
    range.
    """
    levers = dict(scenario.levers)
    for name, value in values.items():
        key = f"levers.{scenario.name}.{name}"
        if name not in levers:
            there = f" Its levers are {', '.join(levers)}." if levers else f" {scenario.path.name} has no levers."
            raise InputError(f"{key}: there is no such lever.{did_you_mean(name, levers) or there}")
        levers[name] = levers[name].set_to(value, key)

    def driven(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        lever = [levers.get(entry.get("lever", "")) for _, entry in entries]
        pairs = zip(entries, lever, strict=True)
        return tuple((at, {**entry, "strength": one.value} if one else entry) for (at, entry), one in pairs)

    return replace(
        scenario,
        injects=driven(scenario.injects),
        own=driven(scenario.own),
        strategies=tuple(replace(strategy, orders=driven(strategy.orders)) for strategy in scenario.strategies),
        levers=levers,
    )
