"""What a document expects to follow from a scenario: which outcome, in which direction, in which line.

An expectation is data of a scenario's file. No rule reads it and no parameter is set by it: runs are held against it
after they are made (`sim/analysis/expectations.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import InputError, did_you_mean

CHANGES = ("rises", "falls", "holds")
"""Directions in which an outcome may be expected to move; `holds`: it is expected not to."""

KEYS = ("outcome", "change", "says", "source", "against")
_OPTIONAL = ("against",)
_LINES = re.compile(r"\d{3}:\d+(, \d{3}:\d+)*")


@dataclass(frozen=True)
class Expectation:
    """One expectation, in words of one's own, with the line of the document that it is read from."""

    outcome: str
    """Name of an outcome, with its state where it has one: `dependence_china.KGZ`."""
    change: str
    """One of `CHANGES`."""
    says: str
    source: str
    """Lines as `document:line`, such as `000:91`."""
    against: str
    """Name of the scenario that it is set against, on the same dice."""


def parse_expectations(
    entries: Sequence[Mapping[str, Any]], file: str, base: str | None, scenarios: Sequence[str]
) -> tuple[Expectation, ...]:
    """Return the expectations of a scenario's file.

    `base` is the scenario that they are set against where they name none, `scenarios` those that may be named. Raises
    InputError naming file and key for a missing or unknown key, an unknown direction, scenario or kind of source.
    """
    return tuple(_parse(entry, f"{file}: expects[{i}]", base, scenarios) for i, entry in enumerate(entries))


def _parse(entry: Mapping[str, Any], place: str, base: str | None, scenarios: Sequence[str]) -> Expectation:
    for key in entry:
        if key not in KEYS:
            raise InputError(f"{place}: unknown key {key!r}.{did_you_mean(str(key), KEYS)}")
    for key in KEYS:
        if key not in entry and key not in _OPTIONAL:
            raise InputError(f"{place}: {key} is missing.")
        if key in entry and (not isinstance(entry[key], str) or not entry[key]):
            raise InputError(f"{place}: {key}: must be text, not {entry[key]!r}.")
    if entry["change"] not in CHANGES:
        hint = did_you_mean(entry["change"], CHANGES)
        raise InputError(f"{place}: change: write {', '.join(CHANGES[:-1])} or {CHANGES[-1]}.{hint}")
    if not _LINES.fullmatch(entry["source"]):
        raise InputError(f"{place}: source: write document and line, such as 000:91, not {entry['source']!r}.")
    against = _against(entry, place, base, scenarios)
    return Expectation(entry["outcome"], entry["change"], entry["says"], entry["source"], against)


def _against(entry: Mapping[str, Any], place: str, base: str | None, scenarios: Sequence[str]) -> str:
    named = entry.get("against", base)
    if named is None:
        raise InputError(f"{place}: against: a scenario without a base has to say what its runs are set against.")
    if named != base and named not in scenarios:
        raise InputError(f"{place}: against: there is no scenario {named!r}.{did_you_mean(named, scenarios)}")
    return str(named)


def check_expectations(expected: Mapping[str, Sequence[Expectation]], outcomes: Sequence[str]) -> None:
    """Raise InputError naming file, key and nearest spelling where an outcome that is expected to move is none.

    `expected` maps the name of a scenario's file to its expectations.
    """
    known = set(outcomes)
    for file, expectations in expected.items():
        for i, expectation in enumerate(expectations):
            if expectation.outcome not in known:
                hint = did_you_mean(expectation.outcome, outcomes)
                place = f"{file}: expects[{i}]: outcome"
                raise InputError(f"{place}: there is no outcome {expectation.outcome!r}.{hint}")
