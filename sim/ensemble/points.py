"""The points of a campaign: under which theories, worldview and values every arm is run, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.configuration import Config
from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.parameters.register import Register
from sim.parameters.theories import Theory, load_theory
from sim.parameters.worldviews import load_worldview
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT
from sim.scenario.reader import Scenario


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
    """Return what stands at every point, by name: title, theory, worldview, parameters set by hand, couplings."""
    return {
        name: {
            "title": _title(config, at),
            "theory": at.theory.model_dump(),
            "worldview": at.worldview,
            "parameters": at.parameter_values(),
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
    for name in sorted({name for at in points.values() for name in at.couplings}):
        columns[f"couplings.{name}"] = [at.couplings.get(name, "live") for at in points.values()]
    for name in sorted(set(config.pair)):
        columns[f"rules.{name.replace('/', '.')}"] = [point != PAIRED_POINT for point in points]
    return columns
