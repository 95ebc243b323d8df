"""The points of a campaign: under which theories, worldview and values every arm is run, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.ensemble.designs import Sample
from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.parameters.register import Register
from sim.parameters.theories import Theory, load_theory
from sim.parameters.worldviews import load_worldview
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT
from sim.scenario.reader import Scenario, load_scenario
from sim.settings import Config


def theories_of(config: Config) -> tuple[Theory, ...]:
    """Return the theories that hold at the point that `config` describes, one for each question."""
    return tuple(load_theory(question, name) for question, name in config.theory.model_dump().items())


def values_at(config: Config, register: Register, scenario: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the value of every parameter at the point that `config` describes, with what a scenario sets, if any.

    A value stands over those before it: the register's, the neutral one of a claim that the worldview drops, what the
    worldview sets, what theories stand for, what was set by hand, what the scenario sets.
    """
    worldview = load_worldview(config.worldview)
    wanted = {**worldview.parameters, **config.theory.parameters(), **config.parameter_values(), **(scenario or {})}
    return register.values(wanted, worldview.dropped(register, load_findings()))


def usual_value(config: Config, register: Register, key: str) -> float | str | bool:
    """Return the value of a factor, by its key in a design, at the default point."""
    head, _, rest = key.partition(".")
    match head:
        case "parameters":
            return values_at(config, register)[rest]
        case "levers":
            return config.lever_values().get(rest, _lever_of(rest, config))
        case "theory":
            return str(getattr(config.theory, rest))
        case "worldview":
            return config.worldview
        case "couplings":
            return config.couplings.get(rest, "live")
        case _:
            return rest.replace(".", "/") not in config.switched_off()


def record_of(config: Config, register: Register, scenario: Scenario) -> np.ndarray:
    """Return the record of parameters, shape (1,), of a scenario's runs at the point that `config` describes."""
    return register.record_of(values_at(config, register, scenario.parameters))


def check_theories(config: Config, scenario: Scenario) -> None:
    """Raise InputError where a scenario sets a parameter otherwise than a theory that holds at some point."""
    for theory in (theory for at in config.points().values() for theory in theories_of(at)):
        for key, value in theory.parameters.items():
            if scenario.parameters.get(key, value) != value:
                raise InputError(
                    f"the scenario {scenario.name} sets {key} to {scenario.parameters[key]:g}, but {theory.key} sets "
                    f"it to {value:g}. Take it out of the scenario, or choose another theory."
                )


def told(config: Config) -> dict[str, dict[str, Any]]:
    """Return what stands at every point, by name: title, theory, worldview, what was set by hand, couplings."""
    return {
        name: {
            "title": _title(config, at),
            "theory": at.theory.model_dump(),
            "worldview": at.worldview,
            "parameters": at.parameter_values(),
            "levers": at.lever_values(),
            "couplings": dict(at.couplings),
        }
        for name, at in config.points().items()
    }


def _title(config: Config, at: Config) -> str:
    """Return in words what differs at a point from the default one."""
    usual = theories_of(config)
    words = [theory.title for theory in theories_of(at) if theory not in usual]
    words += [load_worldview(at.worldview).title] if at.worldview != config.worldview else []
    words += at.model_copy(update={"theory": config.theory, "worldview": config.worldview}).differences(config)
    return "; ".join(words) or "As the experiment stands"


def _lever_of(key: str, config: Config) -> float:
    """Return the value that a lever, `scenario.lever`, has in its own file."""
    scenarios = {scenario.name: scenario for scenario in (load_scenario(asked) for asked, _ in config.arms)}
    name, _, lever = key.partition(".")
    return scenarios[name].levers[lever].value


def design(config: Config, register: Register) -> dict[str, list[Any]]:
    """Return the table of points, column by column: theories and worldview, and what was set by hand or differs.

    A second point of `pair` has the values of the first; the rules (`folder/file`) that are off at it stand as
    `rules.<folder>.<file>`, true and false.
    """
    points = config.points()
    if config.pair:
        points = {DEFAULT_POINT: config, PAIRED_POINT: config, **points}
    columns: dict[str, list[Any]] = {"point": list(points)}
    for question in config.theory.model_dump():
        columns[f"theory.{question}"] = [getattr(at.theory, question) for at in points.values()]
    columns["worldview"] = [at.worldview for at in points.values()]
    values = [values_at(at, register) for at in points.values()]
    typed = {key for at in points.values() for key in at.parameter_values()}
    for key in register.entries:
        here = [value[key] for value in values]
        if key in typed or len(set(here)) > 1:
            columns[f"parameters.{key}"] = here
    for key in sorted({key for at in points.values() for key in at.lever_values()}):
        usual = _lever_of(key, config)
        columns[f"levers.{key}"] = [at.lever_values().get(key, usual) for at in points.values()]
    for name in sorted({name for at in points.values() for name in at.couplings}):
        columns[f"couplings.{name}"] = [at.couplings.get(name, "live") for at in points.values()]
    for name in sorted(set(config.pair)):
        columns[f"rules.{name.replace('/', '.')}"] = [point != PAIRED_POINT for point in points]
    return columns


def under(config: Config, named: Mapping[str, Any]) -> Config:
    """Return the configuration with theories, worldview, couplings and rules as they stand at a sampled point."""
    theory = {key.partition(".")[2]: value for key, value in named.items() if key.startswith("theory.")}
    couplings = {key.partition(".")[2]: value for key, value in named.items() if key.startswith("couplings.")}
    rules = {folder: dict(files) for folder, files in config.rules.items()}
    for key, is_on in named.items():
        if key.startswith("rules."):
            _, folder, file = key.split(".")
            rules.setdefault(folder, {})[file] = is_on
    changes = {
        "theory": config.theory.model_copy(update=theory),
        "worldview": named.get("worldview", config.worldview),
        "couplings": config.couplings | couplings,
        "rules": rules,
    }
    return config.model_copy(update=changes)


def with_sample(
    columns: Mapping[str, Sequence[Any]], sample: Sample, config: Config, register: Register
) -> dict[str, Sequence[Any]]:
    """Return the table of points with the sampled ones below, and a column for every factor.

    What a sampled point does not set stands there as at the default point, or as its theories and worldview have it.
    """
    n, drawn = len(columns["point"]), sample.columns()
    following = _following(columns, drawn, config, register)
    found: dict[str, Any] = {"point": [*columns["point"], *sample.names]}
    for key in [*columns, *(key for key in drawn if key not in columns)][1:]:
        above = columns.get(key) or [usual_value(config, register, key)] * n
        below = drawn.get(key, following.get(key, [above[0]] * len(sample)))
        found[key] = np.concatenate([above, below]) if isinstance(below, np.ndarray) else [*above, *below]
    return found


def _following(
    columns: Mapping[str, Sequence[Any]], drawn: Mapping[str, Any], config: Config, register: Register
) -> dict[str, list[float]]:
    """Return the parameters among some columns that follow from sampled theories and worldviews, by column."""
    deciding = [key for key in drawn if key.startswith("theory.") or key == "worldview"]
    keys = [key for key in columns if key.startswith("parameters.") and key not in drawn]
    if not deciding or not keys:
        return {}
    combinations = list(zip(*(drawn[key] for key in deciding), strict=True))
    values = {c: values_at(under(config, dict(zip(deciding, c, strict=True))), register) for c in set(combinations)}
    return {key: [values[c][key.removeprefix("parameters.")] for c in combinations] for key in keys}
