"""What can be refused before anything heavy is loaded: scenario files, keys and values of parameters, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.ensemble.design_table import read_table
from sim.ensemble.designs import Sample, sample
from sim.ensemble.factors import read_factors
from sim.ensemble.points import check_theories, usual_value
from sim.errors import InputError, did_you_mean
from sim.overrides import rule_names
from sim.parameters.register import Register, load_register
from sim.results.schema import DEFAULT_POINT
from sim.scenario.levers import set_levers
from sim.scenario.reader import Scenario, load_scenario
from sim.settings import Config

BASELINE = "baseline"


@dataclass(frozen=True)
class Inputs:
    """The register, and each scenario by the name or path under which the configuration asks for it."""

    register: Register
    scenarios: Mapping[str, Scenario]
    question: str
    """The experiment's; where scenarios were named in place of its own, theirs."""
    overruled: tuple[str, ...]
    """A sentence for each value set by hand that a scenario sets otherwise."""
    sample: Sample | None = None
    """The points of the design, with a value for every factor; None without a design."""
    left_out: tuple[str, ...] = ()
    """A sentence for each factor that a pattern of the design names, but that would not vary."""


def read_inputs(config: Config) -> Inputs:
    """Read what a configuration names, apart from the world.

    Raises InputError for an unknown parameter or scenario (nearest spelling), a value outside its range, a fault in a
    scenario file, for two files of one name, whose runs could not be told apart, for a value set by hand that every
    scenario sets itself, so that it would hold nowhere, for what `check_pair`, `check_theories` and `check_levers`
    refuse, and for factors and tables of a design that `read_factors` and `read_table` refuse.
    """
    check_pair(config)
    register = load_register()
    by_hand = config.parameter_values()
    for at in config.points().values():
        register.record(at.parameter_values())
    scenarios = {asked: load_scenario(asked) for asked, _ in config.arms}
    seen: dict[str, str] = {}
    for asked, scenario in scenarios.items():
        if seen.setdefault(scenario.name, asked) != asked:
            raise InputError(f"{asked} and {seen[scenario.name]} are both scenarios named {scenario.name!r}.")
        register.record(scenario.parameters)
        check_theories(config, scenario)
    found = list(scenarios.values())
    check_levers(config, {scenario.name: scenario for scenario in found})
    question = config.question if config.is_own_question else _asked(found)
    return Inputs(register, scenarios, question, overruled(by_hand, found), *_sampled(config, register, found))


def _sampled(
    config: Config, register: Register, scenarios: Sequence[Scenario]
) -> tuple[Sample | None, tuple[str, ...]]:
    """Return the points of the design, and a sentence for each factor that it leaves out."""
    if config.design.method == "none":
        return None, ()
    left_out: tuple[str, ...] = ()
    if config.design.method == "table":
        found = read_table(config, register, scenarios)
    else:
        factors, left_out = read_factors(config, register, scenarios)
        found = sample(config.design, factors)
    return found.filled({f.key: usual_value(config, register, f.key) for f in found.factors}), left_out


def check_levers(config: Config, scenarios: Mapping[str, Scenario]) -> None:
    """Raise InputError where a lever set at some point is none of a scenario that runs, or its value is out of range.

    `scenarios` maps the names of those that run to them.
    """
    for point, at in config.points().items():
        place = "" if point == DEFAULT_POINT else f"configs/experiment/{config.name}.yaml: variants.{point}: "
        for name, values in at.levers.items():
            if name not in scenarios:
                hint = did_you_mean(name, scenarios) or f" Those are {', '.join(scenarios)}."
                key = f"levers.{name}.{next(iter(values), '')}".rstrip(".")
                raise InputError(f"{place}{key}: {name!r} is none of the scenarios that are run.{hint}")
            try:
                set_levers(scenarios[name], values)
            except InputError as error:
                raise InputError(f"{place}{error}") from error


def check_pair(config: Config) -> None:
    """Raise InputError where a rule of `pair` does not exist, or is off already, so that a pair would not differ."""
    known, off = rule_names(), config.switched_off()
    for name in config.pair:
        place = f"configs/experiment/{config.name}.yaml: pair"
        if name not in known:
            raise InputError(f"{place}: there is no rule {name!r}.{did_you_mean(name, known)}")
        if name in off:
            key = f"rules.{name.replace('/', '.')}=false"
            raise InputError(f"{place}: {key} leaves nothing to pair, since {name} is off in every run as it is.")


def overruled(by_hand: Mapping[str, float], scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return a sentence for each value set by hand that a scenario sets otherwise; InputError where all of them do.

    What a scenario sets is what it is about, so that it stays; a value set by hand holds for all scenarios that leave
    the parameter alone.
    """
    sentences: list[str] = []
    for key, value in sorted(by_hand.items()):
        otherwise = [scenario for scenario in scenarios if scenario.parameters.get(key, value) != value]
        told = [f"the scenario {scenario.name} sets it to {scenario.parameters[key]:g}" for scenario in otherwise]
        if len(otherwise) == len(scenarios):
            raise InputError(
                f"parameters.{key}={value:g} would hold for no run: {', '.join(told)}. Change it there, or run a "
                "scenario beside it that leaves it alone."
            )
        sentences += [f"parameters.{key}={value:g} does not hold everywhere: {sentence}." for sentence in told]
    return tuple(sentences)


def _asked(scenarios: list[Scenario]) -> str:
    """Return the questions of scenarios; the baseline, which others are set against, asks only for itself."""
    others = [scenario for scenario in scenarios if scenario.name != BASELINE]
    return " ".join(dict.fromkeys(scenario.question for scenario in others or scenarios))
