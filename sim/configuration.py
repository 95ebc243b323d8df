"""The configuration of a campaign: overrides are checked, Hydra composes, a strict schema has the last word.

Keys that the user may set stand in `sim/overrides.py`; the rest of an experiment's file (name, title, question, page,
measure, figures, pair, variants, columns) is set in that file. Scenario files, the register of parameters, theories and
worldviews are not composed: they have readers of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, ValidationInfo

from sim.errors import InputError, did_you_mean, in_words
from sim.locations import CONFIGS
from sim.overrides import check_coupling, check_key, check_rule, dotted, single_choices
from sim.parameters.theories import load_theory
from sim.parameters.worldviews import load_worldview
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT
from sim.world.calendar import parse_quarter


def _quarter(text: Any, info: ValidationInfo) -> Any:
    if isinstance(text, int) and not isinstance(text, bool) and 1000 <= text <= 9999:
        end = "Q4" if info.field_name == "end" else "Q1"
        raise ValueError(f"{text} is a year, not a quarter; write it as {text}{end}")
    try:
        parse_quarter(text)
    except InputError as error:
        raise ValueError(str(error)) from error
    return text


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else _tuple(value)


def _switch_or_tuple(value: Any) -> Any:
    if not isinstance(value, bool | list):
        raise ValueError("must be true, false or a list of addresses")
    return _tuple(value)


Quarter = Annotated[str, BeforeValidator(_quarter)]
Name = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Name, ...], BeforeValidator(_tuple)]
TextOrTexts = Annotated[tuple[Name, ...], BeforeValidator(_texts)]
History = Literal["replay", "free"]
Figure = Literal[
    "dependence", "supply", "vendors", "differences", "map", "routes", "stocks", "answers", "instruments", "lifetimes",
    "restraint", "survival", "accusations", "beliefs", "strength", "near_misses",
]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Validation(_Strict):
    """An arm run beside the scenarios, to be set against the documents' figures."""

    scenario: Name
    history: History


class Theories(_Strict):
    """Name of the theory that holds of each question; see `sim/parameters/theories.py`."""

    choice: Name
    restraint: Name
    accusation: Name

    def parameters(self) -> dict[str, float]:
        """Return the values that the theories stand for, as `group.name`."""
        named = self.model_dump().items()
        return {key: value for question, name in named for key, value in load_theory(question, name).parameters.items()}


Couplings = dict[str, Literal["live", "held"]]


class Variant(_Strict):
    """What differs at one more point at which every arm is run; what it leaves out is as at the default point."""

    theory: dict[str, Name] = {}
    worldview: Name | None = None
    parameters: dict[str, dict[str, float]] = {}
    couplings: Couplings = {}


class Engine(_Strict):
    """How runs are spread over the machine; never changes a result."""

    name: Literal["threads"]
    threads: Annotated[int, Field(ge=1, le=1024)] | None


class Config(_Strict):
    """A whole campaign, resolved and checked."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    title: Name
    question: Name
    scenarios: Annotated[tuple[Name, ...], BeforeValidator(_tuple), Field(min_length=1)]
    validation: Validation | None = None
    columns: Texts = ()
    measure: TextOrTexts = ()
    """Outcomes that the report opens with, the first being what scenarios are set against each other by."""
    page: Literal["report", "library", "theories"] = "report"
    """Which page tells the result."""
    figures: Annotated[tuple[Figure, ...], BeforeValidator(_tuple)] = ()
    """Figures of the report, in their order; none named: all that the result allows."""
    pair: Texts = ()
    """Rules (`folder/file`) that are off in a second run of every arm on the same dice; none named: no second run."""
    variants: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Variant] = {}
    """Points at which every arm is run besides the default one, by name, on the same dice."""
    runs: Annotated[int, Field(ge=1, le=10_000_000)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    start: Quarter
    end: Quarter
    history: History
    engine: Engine
    theory: Theories
    worldview: Name
    parameters: dict[str, dict[str, float]]
    couplings: Couplings
    rules: dict[str, dict[str, bool]]
    trajectories: Annotated[bool | tuple[Name, ...], BeforeValidator(_switch_or_tuple)]
    trace: bool
    report: bool
    results_dir: Name

    _differences: tuple[str, ...] = PrivateAttr(())
    _is_own_question: bool = PrivateAttr(True)

    @property
    def full_title(self) -> str:
        """The experiment's title, and what differs from it as shipped."""
        return f"{self.title}: {'; '.join(self._differences)}" if self._differences else self.title

    @property
    def is_own_question(self) -> bool:
        """Whether the experiment's own scenarios are run, so that its question is the question of this run."""
        return self._is_own_question

    def compared_with(self, shipped: Config) -> Config:
        """Return this configuration, knowing what differs from the experiment as shipped."""
        own = set(self.scenarios) == set(shipped.scenarios)
        found = [] if own else [f"scenario{'s' if len(self.scenarios) > 1 else ''} {', '.join(self._scenario_names)}"]
        found += [] if self.history == shipped.history else [f"history {self.history}"]
        found += [] if self.start == shipped.start else [f"from {self.start}"]
        found += [] if self.end == shipped.end else [f"to {self.end}"]
        found += self.differences(shipped)
        off, usually_off = set(self.switched_off()), set(shipped.switched_off())
        found += [f"{name} off" for name in sorted(off - usually_off)] + [f"{n} on" for n in sorted(usually_off - off)]
        found += [] if self.seed == shipped.seed else [f"seed {self.seed}"]
        known = self.model_copy()
        known._differences, known._is_own_question = tuple(found), own
        return known

    def differences(self, usual: Config) -> list[str]:
        """Return in words what differs from another configuration in theory, worldview, values and couplings."""
        names, usual_names = self.theory.model_dump(), usual.theory.model_dump()
        found = [f"theory {name}" for key, name in names.items() if name != usual_names[key]]
        found += [] if self.worldview == usual.worldview else [f"worldview {self.worldview}"]
        values, usual_values = sorted(self.parameter_values().items()), usual.parameter_values()
        found += [f"{key} = {value:g}" for key, value in values if usual_values.get(key) != value]
        links = sorted(self.couplings.items())
        return found + [f"{key} {state}" for key, state in links if usual.couplings.get(key, "live") != state]

    def points(self) -> dict[str, Config]:
        """Return the configuration at every point: the default one first, then each variant, in their order."""
        return {DEFAULT_POINT: self} | {name: self._under(variant) for name, variant in self.variants.items()}

    def _under(self, variant: Variant) -> Config:
        values = {group: {**self.parameters.get(group, {}), **own} for group, own in variant.parameters.items()}
        changes: Mapping[str, Any] = {
            "theory": self.theory.model_copy(update=variant.theory),
            "worldview": variant.worldview or self.worldview,
            "parameters": self.parameters | values,
            "couplings": self.couplings | variant.couplings,
        }
        return self.model_copy(update={**changes, "variants": {}})

    @property
    def _scenario_names(self) -> tuple[str, ...]:
        """Names of the scenarios, with those of files for their paths."""
        return tuple(Path(name).stem if name.endswith((".yaml", ".yml")) else name for name in self.scenarios)

    @property
    def stored_columns(self) -> tuple[str, ...]:
        """Addresses to be stored quarter by quarter: the experiment's, those asked for, or none."""
        if isinstance(self.trajectories, bool):
            return self.columns if self.trajectories else ()
        return self.trajectories

    @property
    def arms(self) -> tuple[tuple[str, str], ...]:
        """Pairs of scenario (name or file) and mode of history, each once, in the order in which they are reported."""
        wanted = [(scenario, self.history) for scenario in self.scenarios]
        if self.validation is not None:
            wanted.append((self.validation.scenario, self.validation.history))
        return tuple(dict.fromkeys(wanted))

    def parameter_values(self) -> dict[str, float]:
        """Values set by hand, as `group.name`; a worldview's and a theory's are not among them."""
        return {f"{group}.{name}": value for group, items in self.parameters.items() for name, value in items.items()}

    def switched_off(self) -> tuple[str, ...]:
        """Names of the rules that are off, as `folder/file`, sorted."""
        return tuple(sorted(f"{d}/{f}" for d, files in self.rules.items() for f, on in files.items() if not on))


@dataclass(frozen=True)
class Job:
    """One campaign of a command: the overrides that single it out, and its configuration."""

    overrides: tuple[str, ...]
    config: Config


def experiments() -> tuple[str, ...]:
    """Return the names of the shipped experiments, sorted."""
    return tuple(sorted(path.stem for path in (CONFIGS / "experiment").glob("*.yaml")))


def engines() -> tuple[str, ...]:
    """Return the names of the engines, sorted."""
    return tuple(sorted(path.stem for path in (CONFIGS / "engine").glob("*.yaml")))


def compose(overrides: Sequence[str]) -> Config:
    """Return the configuration that the overrides (`key=value`) make of the shipped one; InputError for bad ones."""
    return read_jobs(overrides, multirun=False)[0].config


def read_jobs(overrides: Sequence[str], multirun: bool) -> list[Job]:
    """Return one job, or with `multirun` one for each combination of comma-separated values.

    A rule may be written `rules.folder/file` too. Raises InputError for an unknown key (nearest spelling), a wrong
    type, a value out of range, or several values without `multirun`.
    """
    overrides = [dotted(text) for text in overrides]
    for text in overrides:
        check_key(text)
    keys = [text.partition("=")[0] for text in overrides]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise InputError(f"{twice[0]} is given twice.")
    choices = [single_choices(text, multirun) for text in overrides]
    if not multirun:
        return [Job(tuple(overrides), _compose(overrides))]
    return [Job(combination, _compose(combination)) for combination in itertools.product(*choices)]


_WORLDVIEW = "worldview="
"""Begins the one override that Hydra is not given: it takes the folder of that name for a group of its own."""


def _compose(overrides: Sequence[str]) -> Config:
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    for key, known in (("experiment", experiments()), ("engine", engines())):
        _check_choice(key, known, overrides)
    try:
        with initialize_config_dir(str(CONFIGS), version_base="1.3"):
            ours = [text for text in overrides if not text.startswith(_WORLDVIEW)]
            composed = compose("config", [_for_hydra(text) for text in ours] + _implied(overrides))
        content: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise InputError(f"configuration: {str(error).strip().splitlines()[0]}") from error
    worldview = [text.removeprefix(_WORLDVIEW) for text in overrides if text.startswith(_WORLDVIEW)]
    config = _validated({**content, "worldview": worldview[0]} if worldview else content)
    asked = [text for text in overrides if not text.startswith("experiment=")]
    return config.compared_with(_compose([text for text in overrides if text not in asked])) if asked else config


def _check_choice(key: str, known: tuple[str, ...], overrides: Sequence[str]) -> None:
    for text in overrides:
        name, _, value = text.partition("=")
        if name == key and value.strip("'\"") not in known:
            raise InputError(f"{key}: there is no {value!r}.{did_you_mean(value, known)} Known: {', '.join(known)}.")


def _for_hydra(override: str) -> str:
    """Return the override as composed: scenario files are not a group of Hydra's, and mappings grow key by key."""
    if override.startswith("scenario="):
        return "scenarios=" + override.removeprefix("scenario=")
    return "++" + override if override.startswith(("parameters.", "rules.", "couplings.")) else override


def _implied(overrides: Sequence[str]) -> list[str]:
    """Return what follows from the overrides: `scenario=` replaces every arm of the experiment."""
    return ["++validation=null"] if any(text.startswith("scenario=") for text in overrides) else []


def _validated(content: Any) -> Config:
    if isinstance(content.get("scenarios"), str):
        content["scenarios"] = [content["scenarios"]]
    try:
        config = Config.model_validate(content)
    except ValidationError as error:
        raise InputError("\n".join(_explain(content, problem) for problem in error.errors())) from error
    if parse_quarter(config.end) < parse_quarter(config.start):
        raise InputError(f"end={config.end} lies before start={config.start}.")
    for name in [f"{folder}.{file}" for folder, files in config.rules.items() for file in files]:
        check_rule(name)
    _check_point(config)
    _check_variants(config)
    return config


def _check_variants(config: Config) -> None:
    """Raise InputError for a variant that bears the name of another point, sets nothing, or what there is not."""
    for name, variant in config.variants.items():
        place = f"configs/experiment/{config.name}.yaml: variants.{name}"
        if name in (DEFAULT_POINT, PAIRED_POINT):
            raise InputError(f"{place}: {name!r} is the name of another point; choose another.")
        if variant == Variant():
            raise InputError(f"{place}: sets nothing; give it a theory, worldview, parameters or couplings.")
        try:
            for question, theory in variant.theory.items():
                load_theory(question, theory)
            _check_point(config.points()[name])
        except InputError as error:
            raise InputError(f"{place}: {error}") from error


def _check_point(config: Config) -> None:
    """Raise InputError for a theory, worldview or coupling that does not exist, and a value that a theory forbids."""
    load_worldview(config.worldview)
    for name in config.couplings:
        check_coupling(name)
    by_hand = config.parameter_values()
    for question, name in config.theory.model_dump().items():
        theory = load_theory(question, name)
        for key, value in theory.parameters.items():
            if by_hand.get(key, value) != value:
                raise InputError(
                    f"parameters.{key}={by_hand[key]:g} contradicts {theory.key}, which sets it to {value:g}. Leave it "
                    f"out, or choose another theory: `steppe list theories`."
                )


def _explain(content: dict[str, Any], problem: Any) -> str:
    """Return one of pydantic's problems as a sentence that begins with the key."""
    where = [str(part) for part in problem["loc"]]
    key = ".".join("scenario" if part == "scenarios" else part for part in where if part in _steps(content, where))
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(where[-1], Config.model_fields)
        return f"configs/experiment/{content.get('name', '?')}.yaml: unknown key {'.'.join(where)!r}.{hint}"
    if problem["type"] == "missing":
        return f"configs/experiment/: the key {'.'.join(where)!r} is missing."
    return f"{key}: {in_words(problem)}."


def _steps(content: Any, where: list[str]) -> list[str]:
    """Return the parts of a location that are keys of the configuration, not names of pydantic's alternatives."""
    steps = []
    for part in where:
        if isinstance(content, dict) and part in content:
            steps.append(part)
            content = content[part]
    return steps
