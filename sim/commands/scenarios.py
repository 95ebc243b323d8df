"""What `steppe show` tells of a scenario: what differs from its base, in words, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.commands.tables import Detail
from sim.parameters.register import load_register
from sim.scenario.expectations import Expectation
from sim.scenario.levers import Lever, driven_by
from sim.scenario.reader import Entry, Scenario, base_of, is_path, list_scenarios, load_scenario
from sim.scenario.words import entry_in_words


def of_scenario(name: str) -> Detail:
    """Return question, expectation, injects in words, levers, parameters from base to here, and strategies."""
    scenario = load_scenario(name)
    base = base_of(scenario)
    differs = {
        "injects": in_words(scenario.own),
        "they take the place of": in_words(scenario.displaced, with_file=True),
        "levers": _levers(scenario),
        "parameters": _parameters(scenario, base),
        "strategies": _strategies(scenario, base),
    }
    what = {} if any(differs.values()) else {"differs": "in nothing; other scenarios are set against it"}
    return {
        "file": str(scenario.path) if is_path(name) else f"configs/scenario/{name}.yaml",
        "title": scenario.title,
        "question": scenario.question,
        "expected": scenario.expected,
        "expects": {f"expects[{i}]": _expectation(one) for i, one in enumerate(scenario.expects)},
        "source": f"{scenario.source} ({scenario.tag})",
        "base": scenario.base,
        **what,
        **differs,
    }


def _expectation(one: Expectation) -> str:
    """Return an expectation in words: outcome, direction, what it is set against, and the document's line."""
    return f"{one.outcome} {one.change} against {one.against}: {one.says} ({one.source})"


def in_words(entries: Iterable[Entry], with_file: bool = False) -> dict[str, str]:
    """Return each entry in words, by its place in its file."""
    return {place if with_file else place.partition(": ")[2]: entry_in_words(entry, place) for place, entry in entries}


def _levers(scenario: Scenario) -> dict[str, str]:
    """Return each lever in words: value, range, unit, meaning, and what it drives, those of bases with their file."""
    drives, own = driven_by(scenario), f"{scenario.path.name}: "
    return {
        name: f"{lever_line(lever)}; sets {', '.join(place.removeprefix(own) for place in drives[name])}"
        for name, lever in scenario.levers.items()
    }


def lever_line(lever: Lever) -> str:
    """Return a lever's value, range, unit and meaning in words."""
    return f"{lever.value:g} ({lever.low:g} to {lever.high:g}) {lever.unit}: {lever.meaning}"


def list_levers() -> dict[str, str]:
    """Return every lever of the shipped scenarios in words, as `scenario.lever`."""
    scenarios = map(load_scenario, list_scenarios())
    return {f"{one.name}.{name}": lever_line(lever) for one in scenarios for name, lever in one.levers.items()}


def of_lever(name: str) -> Detail:
    """Return all that is known of a lever, `scenario.lever`: its fields, what it sets in words, and how to set it."""
    scenario = load_scenario(name.partition(".")[0])
    lever = scenario.levers[name.partition(".")[2]]
    places = driven_by(scenario)[lever.name]
    orders = (order for strategy in scenario.strategies for order in strategy.orders)
    told = {key: getattr(lever, key) for key in ("meaning", "value", "low", "high", "unit")}
    return {
        "file": f"configs/scenario/{scenario.name}.yaml",
        **told,
        "set by": f"levers.{name}=value",
        "sets": in_words((entry for entry in (*scenario.injects, *orders) if entry[0] in places), with_file=True),
    }


def _parameters(scenario: Scenario, base: Scenario | None) -> dict[str, str]:
    """Return what each parameter is in the base and here, where that differs."""
    entries = load_register().entries
    before = base.parameters if base is not None else {}
    found = {}
    for key, value in scenario.parameters.items():
        usual = before.get(key, entries[key].value if key in entries else value)
        if usual != value:
            found[key] = f"{usual:g} → {value:g}"
    return found


def _strategies(scenario: Scenario, base: Scenario | None) -> dict[str, Any]:
    """Return the orders in words of each strategy that the base does not have, by the place of the order."""
    known = base.strategies if base is not None else ()
    found: dict[str, str] = {}
    for strategy in scenario.strategies:
        if strategy not in known:
            points = "point" if strategy.budget == 1 else "points"
            found[strategy.place.partition(": ")[2]] = f"{strategy.actor}, {strategy.budget} {points} a quarter"
            found |= in_words(strategy.orders)
    return found
