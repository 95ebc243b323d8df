"""The configuration of a campaign: overrides are checked, Hydra composes, a strict schema has the last word.

Keys that the user may set are `KEYS`, `parameters.<group>.<name>` and `rules.<folder>.<file>`; the rest of an
experiment's file (name, title, question, measure, figures, pair, columns) is set in that file. Scenario files and the
register of parameters are not composed: they have readers of their own.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, ValidationInfo

from sim.errors import InputError, did_you_mean, in_words
from sim.locations import CONFIGS
from sim.world.calendar import parse_quarter

KEYS = {
    "experiment": "experiment of configs/experiment/ to run",
    "scenario": "a scenario, a list [a,b] or a scenario file, in place of all arms of the experiment",
    "runs": "replications of each arm",
    "seed": "seed of all dice",
    "start": "first quarter, such as 1991Q1",
    "end": "last quarter, such as 2035Q4",
    "history": "replay or free: whether documented events happen on their dates",
    "engine": "how runs are spread: threads",
    "engine.threads": "number of threads; null: one for each CPU",
    "trajectories": "true, false or a list of addresses to store quarter by quarter",
    "trace": "true: keep the decision ledger of the first replication of each arm, as ledger.parquet",
    "report": "false: no figures and no report",
    "results_dir": "folder for results",
}
"""Keys of `steppe run` with one line each."""

FREE_KEYS = {
    "parameters.<group>.<name>": "value of a parameter, within its range (steppe list parameters)",
    "rules.<folder>.<file>": "false: switch a mechanism off (steppe list rules)",
}

_RULES = Path(__file__).resolve().parent / "rules"


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
    figures: Annotated[tuple[Figure, ...], BeforeValidator(_tuple)] = ()
    """Figures of the report, in their order; none named: all that the result allows."""
    pair: Texts = ()
    """Rules (`folder/file`) that are off in a second run of every arm on the same dice; none named: no second run."""
    runs: Annotated[int, Field(ge=1, le=10_000_000)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    start: Quarter
    end: Quarter
    history: History
    engine: Engine
    parameters: dict[str, dict[str, float]]
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
        usual = shipped.parameter_values()
        values = sorted(self.parameter_values().items())
        found += [f"{key} = {value:g}" for key, value in values if usual.get(key) != value]
        off, usually_off = set(self.switched_off()), set(shipped.switched_off())
        found += [f"{name} off" for name in sorted(off - usually_off)] + [f"{n} on" for n in sorted(usually_off - off)]
        found += [] if self.seed == shipped.seed else [f"seed {self.seed}"]
        known = self.model_copy()
        known._differences, known._is_own_question = tuple(found), own
        return known

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
        """Values set by hand, as `group.name`."""
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


def rule_names() -> tuple[str, ...]:
    """Return the rules that can be switched, as `folder/file`, sorted."""
    files = (path for path in _RULES.glob("*/*.py") if not path.name.startswith("_"))
    return tuple(sorted(f"{path.parent.name}/{path.stem}" for path in files))


def compose(overrides: Sequence[str]) -> Config:
    """Return the configuration that the overrides (`key=value`) make of the shipped one; InputError for bad ones."""
    return read_jobs(overrides, multirun=False)[0].config


def read_jobs(overrides: Sequence[str], multirun: bool) -> list[Job]:
    """Return one job, or with `multirun` one for each combination of comma-separated values.

    A rule may be written `rules.folder/file` too. Raises InputError for an unknown key (nearest spelling), a wrong
    type, a value out of range, or several values without `multirun`.
    """
    overrides = [_dotted(text) for text in overrides]
    for text in overrides:
        check_key(text)
    keys = [text.partition("=")[0] for text in overrides]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise InputError(f"{twice[0]} is given twice.")
    choices = [_choices(text, multirun) for text in overrides]
    if not multirun:
        return [Job(tuple(overrides), _compose(overrides))]
    return [Job(combination, _compose(combination)) for combination in itertools.product(*choices)]


def _dotted(override: str) -> str:
    """Return the override with dots in the key of a rule, where it may be written with a slash."""
    key, equals, value = override.partition("=")
    return key.replace("/", ".") + equals + value if key.startswith("rules.") else override


def check_key(override: str) -> None:
    """Raise InputError unless `override` reads `key=value` with a key that exists; parameters are checked later."""
    key, equals, _ = override.partition("=")
    if not equals:
        raise InputError(f"{override!r} is not key=value.")
    if key.startswith(("+", "~")):
        raise InputError(f"{override!r}: write {key.lstrip('+~')}=..., keys are neither added nor removed.")
    head, *rest = key.split(".")
    if head == "rules":
        _check_rule(".".join(rest))
    elif head == "parameters":
        if len(rest) != 2 or not all(rest):
            hint = _parameter_named(".".join(rest)) or " `steppe list parameters` lists all parameters."
            raise InputError(f"{key!r}: write parameters.<group>.<name>=value.{hint}")
    elif key not in KEYS:
        hint = _elsewhere(key) or did_you_mean(key, KEYS)
        raise InputError(f"unknown key {key!r}.{hint} `steppe run --help` lists all keys.")


def _elsewhere(key: str) -> str:
    """Return a hint where the key is that of a rule or a parameter without its prefix."""
    rule = key.replace("/", ".").removeprefix("rules.")
    if rule.replace(".", "/") in rule_names():
        return f" Did you mean 'rules.{rule}'?"
    if "." in key and (CONFIGS / "parameters" / f"{key.partition('.')[0]}.yaml").is_file():
        return f" Did you mean 'parameters.{key}'?"
    return _parameter_named(key, likeness=0.9)


def _parameter_named(name: str, likeness: float = 0.75) -> str:
    """Return a hint at the full keys of the parameters of this name, or of the nearest name."""
    from sim.parameters.register import load_register

    by_name: dict[str, list[str]] = {}
    for entry in load_register().entries.values():
        by_name.setdefault(entry.name, []).append(f"parameters.{entry.key}")
    near = difflib.get_close_matches(name, by_name, n=1, cutoff=likeness)
    return f" Did you mean {' or '.join(map(repr, by_name[near[0]]))}?" if near else ""


def _check_rule(dotted: str) -> None:
    """Raise InputError unless there is a rule `folder.file`; one without a switch is named as such."""
    keys = {f"rules.{name.replace('/', '.')}" for name in rule_names()}
    if (key := f"rules.{dotted}".rstrip(".")) in keys:
        return
    if "/" not in dotted and dotted and (_RULES / f"{dotted}.py").is_file():
        raise InputError(f"{key}: this is part of every run and cannot be switched off.")
    same_file = [known for known in keys if known.rpartition(".")[2] == re.split("[./]", dotted)[-1]]
    hint = did_you_mean(key, same_file or (keys if dotted else ()), likeness=0.2 if same_file else 0.6)
    raise InputError(
        f"unknown rule {key!r}: write rules.<folder>.<file>=false.{hint} `steppe list rules` lists all rules."
    )


def _choices(override: str, multirun: bool) -> list[str]:
    """Return the single overrides that a comma-separated one stands for."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import Glob
    from hydra.errors import HydraException

    key = override.partition("=")[0]
    try:
        parsed = OverridesParser.create().parse_overrides([override])[0]
    except HydraException as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{key}: the value cannot be read{_mended(override, reason)}") from error
    if isinstance(parsed.value(), Glob):
        raise InputError(f"{key}: patterns of names are not understood; list the values.")
    if not parsed.is_sweep_override():
        return [override]
    if not multirun:
        raise InputError(f"{override!r} has several values: write [a,b] for a list, or add -m to run each on its own.")
    return [f"{key}={value}" for value in parsed.sweep_string_iterator()]


def _mended(override: str, reason: str) -> str:
    """Return why an override cannot be read and what would be right: brackets in pairs, or quotes."""
    key, _, value = override.partition("=")
    opened, closed = value.count("["), value.count("]")
    if opened != closed:
        missing = "]" if opened > closed else "["
        return f": a {missing!r} is missing. Write a list without spaces, or in quotes: '{key}=[a,b]'."
    return f" ({reason}). Put it in quotes: '{key}=\"...\"'."


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
            composed = compose("config", [_for_hydra(text) for text in overrides] + _implied(overrides))
        content = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise InputError(f"configuration: {str(error).strip().splitlines()[0]}") from error
    config = _validated(content)
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
    return "++" + override if override.startswith(("parameters.", "rules.")) else override


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
        _check_rule(name)
    return config


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
