"""What a scenario sets by its own injects: an outcome read from there is the scenario itself, not an effect of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.report.labels import OUTCOMES
from sim.scenario.reader import load_scenario

_PLACES = {
    "sanction": ("firms[{firm}].sanction",),
    "tension": ("politics.tension",),
    "agreement": ("institutions[{institution}].level[{domain}]",),
    "salience": ("origins[{origin}].salience",),
    "repression": ("origins[{origin}].repression",),
    "treaty": ("measures.signed[{instrument}]", "measures.in_force[{instrument}]"),
}
"""Kinds of inject that set numbers which outcomes are read from, and where these stand."""


def levers(scenarios: Iterable[Any], folder: Path) -> dict[str, frozenset[str]]:
    """Return name of each scenario to the outcomes that it sets itself.

    `scenarios` are names or paths, `folder` a world's tables. A scenario that cannot be read any more has none.
    """
    read_from = addresses(folder)
    found: dict[str, frozenset[str]] = {}
    for asked in scenarios:
        try:
            scenario = load_scenario(str(asked))
        except InputError:
            continue
        places = {place for _, inject in scenario.injects for place in _places(inject)}
        found[scenario.name] = frozenset(name for name, address in read_from.items() if address in places)
    return found


def addresses(folder: Path) -> dict[str, str]:
    """Return outcome's stem to the address it is read off, as a world's folder declares it; empty without the file."""
    file = folder / OUTCOMES
    declared = read_mapping(file) if file.is_file() else {}
    return {name: str(entry.get("of")) for name, entry in declared.items() if isinstance(entry, Mapping)}


def _places(inject: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        return tuple(place.format_map(inject) for place in _PLACES.get(str(inject.get("kind")), ()))
    except KeyError:
        return ()
