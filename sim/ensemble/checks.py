"""What can be refused before anything heavy is loaded: names of scenarios, keys and values of parameters."""

from __future__ import annotations

from pathlib import Path

from sim.configuration import Config
from sim.errors import InputError, did_you_mean
from sim.locations import CONFIGS
from sim.parameters.register import Register, load_register

SCENARIOS = CONFIGS / "scenario"


def check_inputs(config: Config) -> Register:
    """Return the register, once the configuration's parameters and scenarios are found.

    Raises InputError for an unknown parameter or scenario (nearest spelling) and a value outside its range.
    """
    register = load_register()
    register.record(config.parameter_values())
    for name, _ in config.arms:
        check_scenario(name)
    return register


def check_scenario(name: str) -> None:
    """Raise InputError unless `name` is a shipped scenario or the path of a file."""
    known = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    if name in known:
        return
    if name.endswith((".yaml", ".yml")) or "/" in name:
        if not Path(name).expanduser().is_file():
            raise InputError(f"scenario: there is no file {name!r}.")
        return
    hint = did_you_mean(name, known)
    raise InputError(f"scenario: there is no {name!r}.{hint} `steppe list scenarios` lists all; a file ends in .yaml.")
