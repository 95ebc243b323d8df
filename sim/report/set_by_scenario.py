"""What a scenario sets by its own injects: an outcome read from there is the scenario itself, not an effect of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.report.labels import OUTCOMES
from sim.scenario.reader import load_scenario

_ANSWER = ("channels[{state}>{origin}].cum_answers[{answer}]", "measures.cum_answers[{answer}]")
_HANDED_OVER = (
    "channels[{state}>{origin}].returned",
    "origins[{origin}].returned",
    "origins[{origin}].wrong",
    "measures.cum_returned[irregular]",
    "measures.cum_returned[papers]",
    "measures.cum_returned[held]",
)

_PLACES = {
    "sanction": ("firms[{firm}].sanction",),
    "tension": ("politics.tension",),
    "agreement": ("institutions[{institution}].level[{domain}]",),
    "salience": ("origins[{origin}].salience",),
    "repression": ("origins[{origin}].repression",),
    "pull": ("nodes[{node}].pull_declared",),
    "hunt": ("origins[{origin}].hunt",),
    "deploy_law": ("origins[{origin}].deploy_law",),
    "treaty": (
        "channels[{state}>{origin}].standing[{instrument}]",
        "channels[{state}>{origin}].signed[{instrument}]",
        "channels[{state}>{origin}].in_force[{instrument}]",
        "measures.signed[{instrument}]",
        "measures.in_force[{instrument}]",
    ),
    "sign": ("channels[{state}>{origin}].signed[{instrument}]", "measures.signed[{instrument}]"),
    "break_off": ("channels[{state}>{origin}].standing[*]",),
    "swap": ("channels[{state}>{origin}].cum_swaps",),
    "guard": ("measures.control",),
    "answer": _ANSWER,
    "answer extradite": _HANDED_OVER,
    "answer return": _HANDED_OVER,
    "border": ("measures.control",),
    "accusation": ("channels[{state}>{origin}].cum_accused",),
    "protest": ("states[{state}].protest",),
    "opinion": ("states[{state}].opposition[{model}]",),
    "suspend": ("states[{state}].cum_suspended[{model}]",),
    "scandal": ("dyads[{state}>{partner}].cum_discovered",),
    "opacity": ("states[{state}].opacity",),
    "civil_society": ("states[{state}].civil_society",),
    "ceasefire": ("theatres[{theatre}].ceasefire",),
    "pressure": ("theatres[{theatre}].pressure",),
    "offensive": ("theatres[{theatre}].control[*]", "theatres[{theatre}].cum_displaced"),
    "line": ("groups[{group}].line",),
    "merge": (
        *("groups[{group}].hard", "groups[{group}].other", "groups[{group}].orientation"),
        *("groups[{other}].hard", "groups[{other}].other", "measures.cum_defected"),
    ),
    "designate": ("designations[{group}>{state}].listed", "designations[{group}>{state}].cum_lifted"),
    "acknowledge": ("patrons[{group}].acknowledged",),
    "accuse": ("accusers[{state}].cum_accused", "measures.cum_accused"),
}
"""Kinds of inject that set numbers which outcomes are read from, and where these stand.

Counts and means over several states are among them though a scenario sets them only in part: the part is no effect.
"""


def set_by_scenario(scenarios: Iterable[Any], folder: Path) -> dict[str, frozenset[str]]:
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
        ordered = [order for strategy in scenario.strategies for order in strategy.as_entries()]
        entries = [*(inject for _, inject in scenario.injects), *ordered]
        places = {place for entry in entries for place in _places(entry)}
        found[scenario.name] = frozenset(o for stem, of in read_from.items() for o in _outcomes(stem, of, places))
    return found


def addresses(folder: Path) -> dict[str, str]:
    """Return outcome's stem to the address it is read off, as a world's folder declares it; empty without the file."""
    file = folder / OUTCOMES
    declared = read_mapping(file) if file.is_file() else {}
    return {name: str(entry.get("of")) for name, entry in declared.items() if isinstance(entry, Mapping)}


def _outcomes(stem: str, address: str, places: Iterable[str]) -> list[str]:
    """Return the stem's outcomes that are read off one of the places.

    A star in the address stands for any state, one at the end of a place for whoever has a number there.
    """
    if any(place.endswith("[*]") and address.startswith(place[:-2]) for place in places):
        return [stem]
    pattern = re.sub(r"(\\\*)+", r"(\\w+)", re.escape(address), count=1)
    return [".".join((stem, *match.groups())) for place in places if (match := re.fullmatch(pattern, place))]


def _places(inject: Mapping[str, Any]) -> tuple[str, ...]:
    kind = str(inject.get("kind"))
    of_kind = (*_PLACES.get(kind, ()), *_PLACES.get(f"{kind} {inject.get('answer')}", ()))
    try:
        return tuple(place.format_map(inject) for place in of_kind)
    except KeyError:
        return ()
