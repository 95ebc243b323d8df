"""What can be refused before anything heavy is loaded: scenario files, keys and values of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.configuration import Config
from sim.errors import InputError
from sim.parameters.register import Register, load_register
from sim.scenario.reader import Scenario, load_scenario

BASELINE = "baseline"


@dataclass(frozen=True)
class Inputs:
    """The register, and each scenario by the name or path under which the configuration asks for it."""

    register: Register
    scenarios: Mapping[str, Scenario]
    question: str
    """The experiment's; where scenarios were named in place of its own, theirs."""


def read_inputs(config: Config) -> Inputs:
    """Read what a configuration names, apart from the world.

    Raises InputError for an unknown parameter or scenario (nearest spelling), a value outside its range, a fault in a
    scenario file, and for two files of one name: their runs could not be told apart.
    """
    register = load_register()
    register.record(config.parameter_values())
    scenarios = {asked: load_scenario(asked) for asked, _ in config.arms}
    seen: dict[str, str] = {}
    for asked, scenario in scenarios.items():
        if seen.setdefault(scenario.name, asked) != asked:
            raise InputError(f"{asked} and {seen[scenario.name]} are both scenarios named {scenario.name!r}.")
        register.record(scenario.parameters)
    return Inputs(register, scenarios, config.question if config.is_own_question else _asked(list(scenarios.values())))


def _asked(scenarios: list[Scenario]) -> str:
    """Return the questions of scenarios; the baseline, which others are set against, asks only for itself."""
    others = [scenario for scenario in scenarios if scenario.name != BASELINE]
    return " ".join(dict.fromkeys(scenario.question for scenario in others or scenarios))
