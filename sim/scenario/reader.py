"""Scenario files: what is asked, on which base, what is done from outside, and what the documents expect to follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import InputError, did_you_mean, in_words
from sim.locations import CONFIGS
from sim.parameters.strict_yaml import read_mapping
from sim.scenario.expectations import Expectation, parse_expectations
from sim.scenario.injects import keys_of, kind_of
from sim.scenario.levers import Lever, drive, in_use, read_levers
from sim.scenario.strategies import Strategy, read_strategies
from sim.scenario.timing import read_timing

FOLDER = CONFIGS / "scenario"


class _Stated(BaseModel):
    """What a scenario file may contain."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    title: str
    question: str
    tag: Literal["document", "analyst"]
    source: str
    base: str | None = None
    expected: str | None = None
    expects: list[dict[str, Any]] = []
    levers: dict[str, dict[str, Any]] = {}
    injects: list[dict[str, Any]] = []
    strategies: list[dict[str, Any]] = []
    parameters: dict[str, float | int] = {}


Entry = tuple[str, Mapping[str, Any]]
"""What stands in a file, and its place there."""


@dataclass(frozen=True)
class Scenario:
    """A scenario with all that its bases bring: injects as (place, entry) in order, strategies, parameters by key,
    levers by name.

    `own` are the injects of its own file, `displaced` those of its bases whose place they take.
    """

    name: str
    title: str
    question: str
    tag: str
    source: str
    expected: str | None
    base: str | None
    injects: tuple[Entry, ...]
    parameters: Mapping[str, float]
    path: Path
    own: tuple[Entry, ...] = ()
    """The injects of its own file, without those of its bases."""
    displaced: tuple[Entry, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    expects: tuple[Expectation, ...] = ()
    """What its own file says that documents expect; what they expect of its bases is not repeated."""
    levers: Mapping[str, Lever] = field(default_factory=dict)
    """Those of its bases too, where they drive anything here."""


def list_scenarios(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of the scenarios of a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def is_path(name: str) -> bool:
    """Return whether a scenario is asked for by the path of its file."""
    return name.endswith((".yaml", ".yml"))


def _path_of(name: str, folder: Path, place: str) -> Path:
    """Return the file of a scenario: of that name in the folder, or the path of a file anywhere.

    `place` says where the name stands, for messages.
    """
    if is_path(name):
        path = Path(name).expanduser()
        if not path.is_file():
            raise InputError(f"{place}: there is no such file.")
        return path
    known = list_scenarios(folder)
    if name not in known:
        own = next((f"{name}{end}" for end in (".yaml", ".yml") if Path(f"{name}{end}").is_file()), "")
        hint = f" Did you mean './{own}'?" if own else did_you_mean(name, known)
        raise InputError(
            f"{place}: there is no such scenario.{hint} "
            "`steppe list scenarios` shows all; a file of your own is given by its path, such as ./mine.yaml."
        )
    return folder / f"{name}.yaml"


def _read(path: Path) -> _Stated:
    content = read_mapping(path)
    for key in content:
        if key not in _Stated.model_fields:
            raise InputError(f"{path.name}: unknown key {key!r}.{did_you_mean(str(key), _Stated.model_fields)}")
    try:
        return _Stated(**content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("float", "int"))
        raise InputError(f"{path.name}: {where}: {in_words(first)}.") from None


def load_scenario(name: str, folder: Path = FOLDER, above: tuple[str, ...] = (), place: str = "") -> Scenario:
    """Return a scenario by name or path, its bases composed; InputError naming file and key where anything is wrong.

    `place` says where the name stands: by default on the command line.
    """
    path = _path_of(name, folder, place or f"scenario={name}")
    stated = _read(path)
    if name in above:
        raise InputError(f"{path.name}: base: the scenarios {', '.join((*above, name))} stand on one another.")
    base = None
    if stated.base is not None:
        where = f"{path.name}: base: {stated.base}"
        base = load_scenario(_beside(stated.base, path), folder, (*above, name), where)
    scenario = _own(stated, path, base, list_scenarios(folder))
    return in_use(scenario if base is None else _on_base(scenario, base), stated.levers)


def _own(stated: _Stated, path: Path, base: Scenario | None, known: tuple[str, ...]) -> Scenario:
    """Return what a scenario's file says by itself, with the levers of its base; `known` are the shipped scenarios."""
    name = base.name if base else None
    levers = read_levers(stated.levers, path.name, base.levers if base else {}, name)
    own = _driven(((f"{path.name}: injects[{i}]", entry) for i, entry in enumerate(stated.injects)), levers)
    strategies = read_strategies(stated.strategies, path.name)
    return Scenario(
        name=stated.name,
        title=stated.title,
        question=stated.question,
        tag=stated.tag,
        source=stated.source,
        expected=stated.expected,
        base=stated.base,
        injects=own,
        parameters=stated.parameters,
        path=path,
        own=own,
        strategies=tuple(replace(strategy, orders=_driven(strategy.orders, levers)) for strategy in strategies),
        expects=parse_expectations(stated.expects, path.name, name, known),
        levers=levers,
    )


def _driven(entries: Iterable[Entry], levers: Mapping[str, Lever]) -> tuple[Entry, ...]:
    """Return injects or orders as written, with the values of the levers that they name."""
    return tuple((place, drive(entry, place, levers)) for place, entry in entries)


def _on_base(scenario: Scenario, base: Scenario) -> Scenario:
    """Return a scenario with what its base brings, less that whose place it takes itself."""
    displaced = tuple(entry for entry in base.injects if any(_takes_place(mine, entry) for mine in scenario.own))
    acting = [strategy.actor for strategy in scenario.strategies]
    kept = (strategy for strategy in base.strategies if strategy.actor not in acting)
    return replace(
        scenario,
        injects=(*(entry for entry in base.injects if entry not in displaced), *scenario.own),
        displaced=displaced,
        strategies=(*kept, *scenario.strategies),
        parameters={**base.parameters, **scenario.parameters},
    )


def base_of(scenario: Scenario) -> Scenario | None:
    """Return the scenario that another stands on, or None."""
    return load_scenario(_beside(scenario.base, scenario.path)) if scenario.base is not None else None


def _takes_place(mine: Entry, theirs: Entry) -> bool:
    """Return whether an inject takes the place of one of the base: of one kind, about the same, at one time."""
    if mine[1].get("kind") != theirs[1].get("kind"):
        return False
    (kind, *about), (_, *other) = _subject(*mine), _subject(*theirs)
    spans = (read_timing(kind, entry, place).span for place, entry in (mine, theirs))
    first, last = zip(*spans, strict=True)
    return about == other and max(first) < min(last)


def _subject(place: str, entry: Mapping[str, Any]) -> list[Any]:
    """Return the kind of an inject, and whom it names."""
    kind = kind_of(entry.get("kind"), f"{place}: kind")
    return [kind, *(str(entry.get(key)) for key, _ in keys_of(kind) if key)]


def _beside(base: str, path: Path) -> str:
    """Return the base as it is looked up: a file's path counts from the file that names it."""
    if is_path(base) and not Path(base).is_absolute():
        return str(path.parent / base)
    return base
