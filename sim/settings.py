"""What a campaign is configured with: the strict schema that a composed configuration has to meet.

Every key says where its value counts (`sim/roles.py`). Keys that the user may set stand in `sim/overrides.py`; the rest
of an experiment's file (name, title, question, page, measure, figures, pair, variants, columns) is set in that file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationInfo

from sim.errors import InputError, did_you_mean
from sim.parameters.theories import load_theory
from sim.results.schema import DEFAULT_POINT, MOST_RUNS
from sim.roles import ARMS, CONTENT, EXTENT, HOW, PLACE, TOLD, WORDS, Role, roles_of
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
    if isinstance(value, str) and "." in value:
        return (value,)
    if not isinstance(value, bool | list):
        raise ValueError('must be true, false or a list of addresses, such as ["states[KAZ].dependence[CHN]"]')
    return _tuple(value)


def _share(value: Any) -> Any:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value))
    if value is None or (found and 1 <= int(found[1]) <= int(found[2])):
        return value
    if not found:
        raise ValueError(f"write it as 3/16, the third of sixteen shares, not {value!r}")
    if not int(found[2]):
        raise ValueError(f"there are no shares in {value!r}; write it as 3/16, the third of sixteen")
    raise ValueError(f"{value!r}: the shares of {int(found[2])} are 1/{int(found[2])} to {found[2]}/{found[2]}")


def _address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"([a-z]+://)?([^\s/:\[\]]+|\[[^\s/\[\]]+\]):\d{1,5}", value):
        raise ValueError(f"{value!r} is no address of a scheduler; write it as tcp://10.0.0.1:8786")
    return value


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
Values = dict[str, dict[str, float]]
"""Values set by hand: group → parameter → value, or scenario → lever → value."""
ShardRuns = Annotated[int, Field(ge=1, le=100_000)] | None
"""Most runs in a shard; None: as many as suit the size of the plan."""
TimeLimit = Annotated[float, Field(gt=0)] | None
"""Seconds that one run may take before its worker is ended; None: as long as it likes."""


class Variant(_Strict):
    """What differs at one more point at which every arm is run; what it leaves out is as at the default point."""

    theory: dict[str, Name] = {}
    worldview: Name | None = None
    parameters: Values = {}
    levers: Values = {}
    couplings: Couplings = {}


class Threads(_Strict):
    """Runs on the threads of this process; engines never change a result."""

    name: Literal["threads"]
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Number of threads; None: one for each CPU."""
    shard_runs: ShardRuns = None


class Processes(_Strict):
    """Runs in worker processes on this machine, which may die without taking the sweep with them."""

    name: Literal["processes"]
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Number of processes; None: one for each CPU."""
    time_limit: TimeLimit = None
    shard_runs: ShardRuns = None


class Dask(_Strict):
    """Runs on the workers of a Dask scheduler, or on a local cluster where none is named."""

    name: Literal["dask"]
    address: Annotated[str | None, AfterValidator(_address)] = None
    """Address of a running scheduler, such as tcp://10.0.0.1:8786."""
    scheduler_file: str | None = None
    """File in which a running scheduler says where it is."""
    workers: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Number of processes of a local cluster; None: one for each CPU."""
    time_limit: TimeLimit = None
    shard_runs: ShardRuns = None


Engine = Annotated[Threads | Processes | Dask, Field(discriminator="name")]
"""How runs are spread over the machine; never changes a result."""

ENGINES: Mapping[str, type[BaseModel]] = {"threads": Threads, "processes": Processes, "dask": Dask}
"""Each engine's keys, by its name."""


Method = Literal[
    "none", "grid", "latin_hypercube", "sobol", "halton", "saltelli", "morris", "one_at_a_time", "table"
]  # fmt: skip


UNSEEDED = ("none", "grid", "one_at_a_time", "table")
"""Methods whose points follow from their factors alone: they take no seed."""


def _over(value: Any) -> Any:
    """Return factors by key, where a list of them may stand for their whole ranges."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"a list holds the keys of factors, not {odd[0]!r}")
        if twice := [key for key in value if value.count(key) > 1]:
            raise ValueError(f"{twice[0]} is named twice")
        return dict.fromkeys(value, "all")
    if not isinstance(value, Mapping):
        raise ValueError("must be a list of factors, or a mapping of factors to what each may be")
    return {str(key): _values(str(key), spec) for key, spec in value.items()}


def _values(key: str, spec: Any) -> Any:
    """Return what a factor may be: all, a tuple, or a mapping with levels."""
    if spec in ("all", None):
        return "all"
    if isinstance(spec, Mapping) and set(spec) == {"levels"} and _are_levels(spec["levels"]):
        return {"levels": tuple(spec["levels"])}
    if _are_levels(spec):
        return tuple(spec)
    first = str(next(iter(spec), "")) if isinstance(spec, Mapping) else ""
    hint = did_you_mean(first, ["levels"], likeness=0.7) if first != "levels" else " Levels are two or more values."
    if first and not hint:
        hint = f" Write its key in one, such as {key}.{first}."
    raise ValueError(f"{key}: write [low,high], a list of names, {{levels: [...]}} or all, not {_plain(spec)}.{hint}")


def _plain(value: Any) -> str:
    """Return a value as it is typed, in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_plain(one)}' for key, one in value.items())}}}"
    return f"[{', '.join(map(_plain, value))}]" if isinstance(value, list | tuple) else str(value)


def _are_levels(value: Any) -> bool:
    return (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(v, bool | int | float | str) for v in value)
    )


class Design(_Strict):
    """Which further points are sampled, at each of which every arm is run; see `sim/ensemble/designs.py`."""

    method: Annotated[Method, CONTENT] = "none"
    n: Annotated[Annotated[int, Field(ge=1)] | None, EXTENT] = None
    """Size of the design; what it counts depends on the method."""
    over: Annotated[dict[str, Any], BeforeValidator(_over), CONTENT] = {}
    """Factors by key, and what each may be: all, (low, high), names, or {levels: numbers}."""
    seed: Annotated[int, Field(ge=0), CONTENT] = 0
    table: Annotated[str | None, PLACE] = None
    """Path of the user's own table of points."""

    @property
    def told(self) -> str:
        """The design in words, but for its size."""
        name = self.method.replace("_", " ")
        keys = sorted(self.over)
        over = ", ".join(keys) if len(keys) < 4 else f"{len(keys)} factors"
        if self.table is not None:
            return f"design {name} {Path(self.table).name}"
        return f"design {name} over {over}" if keys else f"design {name}"


def _by_key(values: Values) -> dict[str, float]:
    return {f"{first}.{name}": value for first, items in values.items() for name, value in items.items()}


def _joined(values: Values, own: Values) -> Values:
    return values | {first: {**values.get(first, {}), **items} for first, items in own.items()}


class Config(_Strict):
    """A whole campaign, resolved and checked."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$"), CONTENT]
    title: Annotated[Name, WORDS]
    question: Annotated[Name, WORDS]
    scenarios: Annotated[tuple[Name, ...], BeforeValidator(_tuple), Field(min_length=1), PLACE]
    validation: Annotated[Validation | None, PLACE] = None
    columns: Annotated[Texts, CONTENT] = ()
    measure: Annotated[TextOrTexts, TOLD] = ()
    """Outcomes that the report opens with, the first being what scenarios are set against each other by."""
    page: Annotated[Literal["report", "library", "theories"], TOLD] = "report"
    """Which page tells the result."""
    figures: Annotated[tuple[Figure, ...], BeforeValidator(_tuple), TOLD] = ()
    """Figures of the report, in their order; none named: all that the result allows."""
    pair: Annotated[Texts, ARMS] = ()
    """Rules (`folder/file`) that are off in a second run of every arm on the same dice; none named: no second run."""
    variants: Annotated[dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Variant], ARMS] = {}
    """Points at which every arm is run besides the default one, by name, on the same dice."""
    design: Design = Design()
    runs: Annotated[int, Field(ge=1, lt=MOST_RUNS), EXTENT]
    precision: Annotated[dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]], EXTENT] = {}
    """Outcome, or stem for all its states, to the half-width wanted of the 95 % interval of its mean in every arm."""
    max_runs: Annotated[int, Field(ge=1, lt=MOST_RUNS), EXTENT] = 10_000
    """Most replications of an arm that `precision` may ask for."""
    seed: Annotated[int, Field(ge=0, lt=2**63), CONTENT]
    start: Annotated[Quarter, CONTENT]
    end: Annotated[Quarter, CONTENT]
    history: Annotated[History, ARMS]
    engine: Annotated[Engine, HOW]
    theory: Annotated[Theories, CONTENT]
    worldview: Annotated[Name, CONTENT]
    parameters: Annotated[Values, CONTENT]
    levers: Annotated[Values, CONTENT] = {}
    couplings: Annotated[Couplings, CONTENT]
    rules: Annotated[dict[str, dict[str, bool]], CONTENT]
    trajectories: Annotated[bool | tuple[Name, ...], BeforeValidator(_switch_or_tuple), CONTENT]
    trace: Annotated[bool, HOW]
    report: Annotated[bool, HOW]
    plan: Annotated[bool, HOW] = False
    """Whether only to tell what a campaign will take."""
    shard: Annotated[str | None, BeforeValidator(_share), HOW] = None
    """The share of the shards that this machine runs, such as 3/16."""
    retry: Annotated[bool, HOW] = False
    """Whether to run again what failed."""
    results_dir: Annotated[Name, HOW]

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
        found += [] if self.design == shipped.design or self.design.method == "none" else [self.design.told]
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
        levers, usual_levers = sorted(self.lever_values().items()), usual.lever_values()
        found += [f"lever {key} = {value:g}" for key, value in levers if usual_levers.get(key) != value]
        links = sorted(self.couplings.items())
        return found + [f"{key} {state}" for key, state in links if usual.couplings.get(key, "live") != state]

    def points(self) -> dict[str, Config]:
        """Return the configuration at every point: the default one first, then each variant, in their order."""
        return {DEFAULT_POINT: self} | {name: self._under(variant) for name, variant in self.variants.items()}

    def _under(self, variant: Variant) -> Config:
        changes: Mapping[str, Any] = {
            "theory": self.theory.model_copy(update=variant.theory),
            "worldview": variant.worldview or self.worldview,
            "parameters": _joined(self.parameters, variant.parameters),
            "levers": _joined(self.levers, variant.levers),
            "couplings": self.couplings | variant.couplings,
        }
        return self.model_copy(update={**changes, "variants": {}})

    @property
    def _scenario_names(self) -> tuple[str, ...]:
        """Names of the scenarios, with those of files for their paths."""
        return tuple(Path(name).stem if name.endswith((".yaml", ".yml")) else name for name in self.scenarios)

    @property
    def observed_columns(self) -> tuple[str, ...]:
        """Addresses to be observed quarter by quarter: those asked for, else the experiment's."""
        return self.columns if isinstance(self.trajectories, bool) else self.trajectories

    @property
    def stored_columns(self) -> tuple[str, ...]:
        """Addresses of which every run's series is stored; of the others that are observed there are bands alone."""
        return self.observed_columns if self.trajectories else ()

    @property
    def arms(self) -> tuple[tuple[str, str], ...]:
        """Pairs of scenario (name or file) and mode of history, each once, in the order in which they are reported."""
        wanted = [(scenario, self.history) for scenario in self.scenarios]
        if self.validation is not None:
            wanted.append((self.validation.scenario, self.validation.history))
        return tuple(dict.fromkeys(wanted))

    def parameter_values(self) -> dict[str, float]:
        """Values set by hand, as `group.name`; a worldview's and a theory's are not among them."""
        return _by_key(self.parameters)

    def lever_values(self) -> dict[str, float]:
        """Values of levers set by hand, as `scenario.lever`."""
        return _by_key(self.levers)

    def switched_off(self) -> tuple[str, ...]:
        """Names of the rules that are off, as `folder/file`, sorted."""
        return tuple(sorted(f"{d}/{f}" for d, files in self.rules.items() for f, on in files.items() if not on))


ROLES: Mapping[str, Role] = roles_of(Config)
"""Role of every key of the configuration."""


def role_of(key: str) -> Role:
    """Return the role of a dotted key: its own, or that of the key it stands in; `CONTENT` where none is known."""
    while key not in ROLES and "." in key:
        key = key.rpartition(".")[0]
    return ROLES.get(key, CONTENT)
