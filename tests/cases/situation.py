"""One case: read strictly from its file, and set in a world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.evidence.loader import load_findings
from sim.parameters.strict_yaml import read_mapping
from sim.rules.cooperation import requests, swaps
from sim.world.build import World
from sim.world.cooperation import ANSWERS, EXTRADITION
from sim.world.records import field

FOLDER = Path(__file__).parent

DETERMINANTS = {
    "leverage": "dyads.leverage",
    "interest": "dyads.interest",
    "supply": "states.supply",
    "western_ties": "states.western_ties",
    "rights": "states.rights",
    "voice": "states.voice",
    "threat": "states.threat",
    "salience": "origins.salience",
    "protest": "origins.protest",
    "acceptance": "channels.acceptance",
    "solidarity": "channels.solidarity",
    "sharing": "channels.sharing",
    "backlash": "channels.backlash",
    "goodwill": "channels.goodwill",
    "fugitives": "channels.fugitives",
    "extradition_treaty": "channels.standing",
}
"""What a case may set, each from 0 to 1, and the field it stands for."""

KEYS = ("title", "reports", "evidence", "state", "origin", "situation", "expected")
MAY_BE_LEFT_OUT = ("swap",)
SWAPS = ("consented", "declined")


@dataclass(frozen=True)
class Case:
    """A situation of the documents, and the answers that fit what they report."""

    title: str
    reports: str
    evidence: tuple[str, ...]
    state: str
    origin: str
    situation: Mapping[str, float]
    expected: tuple[str, ...]
    swap: str | None


def _known(place: str, key: str, name: Any, choices: Iterable[str]) -> str:
    choices = list(choices)
    if name not in choices:
        hint = did_you_mean(str(name), choices)
        raise InputError(f"{place}: {key}: unknown {name!r}; there are {', '.join(choices)}.{hint}")
    return str(name)


def _texts(place: str, key: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not given or not all(isinstance(item, str) for item in given):
        raise InputError(f"{place}: {key}: must be a list of names, not {given!r}.")
    return given


def _number(place: str, key: str, entry: Any) -> float:
    if not isinstance(entry, dict) or set(entry) != {"value", "why"} or not str(entry["why"]).strip():
        raise InputError(f"{place}: {key}: needs a value and why it is so.")
    value, declared = entry["value"], field(DETERMINANTS[key.removeprefix("situation.")])
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not declared.low <= value <= declared.high:
        raise InputError(f"{place}: {key}: must lie between {declared.low:g} and {declared.high:g}, not {value!r}.")
    return float(value)


def read_case(path: Path) -> Case:
    """Return the case in a file; InputError naming file and key where something is missing, unknown or out of range."""
    content = read_mapping(path)
    place = str(path)
    for key in content:
        _known(place, key, key, KEYS + MAY_BE_LEFT_OUT)
    for key in KEYS:
        if not content.get(key):
            raise InputError(f"{place}: {key}: is missing or empty.")
    if not isinstance(content["situation"], dict):
        raise InputError(f"{place}: situation: must be a mapping of determinants, not {content['situation']!r}.")
    findings = load_findings()
    situation = {}
    for name, entry in content["situation"].items():
        _known(place, f"situation.{name}", name, DETERMINANTS)
        situation[name] = _number(place, f"situation.{name}", entry)
    return Case(
        title=str(content["title"]),
        reports=str(content["reports"]),
        evidence=tuple(_known(place, "evidence", e, findings) for e in _texts(place, "evidence", content["evidence"])),
        state=str(content["state"]),
        origin=str(content["origin"]),
        situation=situation,
        expected=tuple(_known(place, "expected", e, ANSWERS) for e in _texts(place, "expected", content["expected"])),
        swap=_known(place, "swap", content["swap"], SWAPS) if "swap" in content else None,
    )


def all_cases() -> dict[str, Path]:
    """Return the files of all cases by their stems."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def put_on_stage(case: Case, world: World) -> tuple[np.ndarray, int]:
    """Return a copy of the world in the situation of the case, shape (1,), and the row of its channel."""
    record = world.record.copy()
    s, o = world.names.index("states", case.state), world.names.index("origins", case.origin)
    channels = record["channels"][0]
    c = int(np.flatnonzero((channels["state"] == s) & (channels["origin"] == o))[0])
    rows = {"states": s, "origins": o, "channels": c, "dyads": int(channels["dyad"][c])}
    for name, value in case.situation.items():
        table, _, column = DETERMINANTS[name].partition(".")
        if name == "extradition_treaty":
            channels["standing"][c, EXTRADITION] = value
        elif name == "supply":
            record[table][column][0, s, int(record["origins"]["home"][0, o])] = value
        else:
            record[table][column][0, rows[table]] = value
    return record, c


def utilities(case: Case, world: World, params: np.void) -> np.ndarray:
    """Return the utility of each answer in the situation of the case, without the random term (6,)."""
    record, c = put_on_stage(case, world)
    return requests.utilities_in(record[0], c, requests.pressure_on(record[0], c, params), params)


def consent(case: Case, world: World, params: np.void) -> float:
    """Return the probability that the state consents to a swap in the situation of the case."""
    record, c = put_on_stage(case, world)
    record["channels"]["pressure"][0, c] = requests.pressure_on(record[0], c, params)
    return swaps.consent_in(record[0], c, params)
