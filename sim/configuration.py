"""The configuration of a campaign: overrides are checked, Hydra composes, a strict schema has the last word.

The schema stands in `sim/settings.py`. Scenario files, the register of parameters, theories and worldviews are not
composed: they have readers of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sim.errors import InputError, did_you_mean, in_words, twice
from sim.locations import CONFIGS
from sim.overrides import OVER, check_coupling, check_key, check_rule, dotted, factors_typed, single_choices
from sim.parameters.theories import load_theory
from sim.parameters.worldviews import load_worldview
from sim.results.schema import DEFAULT_POINT, DESIGN_POINT, PAIRED_POINT
from sim.settings import ENGINES, UNSEEDED, Config, Dask, Design, Variant
from sim.world.calendar import parse_quarter


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


def designs() -> tuple[str, ...]:
    """Return the names of the sampling designs, sorted."""
    return tuple(sorted(path.stem for path in (CONFIGS / "design").glob("*.yaml")))


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
    typed: dict[str, str] = {}
    for key, _, value in (text.partition("=") for text in overrides):
        if key in typed:
            raise twice(key, typed[key], value)
        typed[key] = value
    choices = [single_choices(text, multirun) for text in overrides]
    if not multirun:
        return [Job(tuple(overrides), _compose(overrides))]
    return [Job(combination, _compose(combination)) for combination in itertools.product(*choices)]


_USUAL_ENGINE = "threads"
"""The engine of configs/config.yaml."""

_WORLDVIEW = "worldview="
"""Begins an override that Hydra is not given: it takes the folder of that name for a group of its own."""

_PRECISION = "precision."
"""Begins overrides that Hydra is not given: it takes the dots in the names of outcomes for steps down."""


def _compose(overrides: Sequence[str]) -> Config:
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    for key, known in (("experiment", experiments()), ("engine", engines()), ("design", designs())):
        _check_choice(key, known, overrides)
    _check_engine_keys(overrides)
    try:
        with initialize_config_dir(str(CONFIGS), version_base="1.3"):
            ours = [text for text in overrides if not text.startswith((_WORLDVIEW, _PRECISION, OVER))]
            composed = compose("config", [_for_hydra(text) for text in ours] + _implied(overrides))
        content: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise InputError(f"configuration: {str(error).strip().splitlines()[0]}") from error
    if "design=none" in overrides:
        typed = {text.partition("=")[0].removeprefix("design.") for text in overrides}
        content["design"] = {key: value for key, value in content["design"].items() if key in typed}
    content["design"]["over"] = factors_typed(overrides, content["design"].get("over", {}))
    worldview = [text.removeprefix(_WORLDVIEW) for text in overrides if text.startswith(_WORLDVIEW)]
    content["precision"] = content["precision"] | _widths(overrides)
    config = validated({**content, "worldview": worldview[0]} if worldview else content)
    _check_idle(overrides, config)
    asked = [text for text in overrides if not text.startswith("experiment=")]
    return config.compared_with(_compose([text for text in overrides if text not in asked])) if asked else config


def _widths(overrides: Sequence[str]) -> dict[str, float]:
    """Return outcome to half-width, as overrides ask for them."""
    asked = {}
    for text in overrides:
        if text.startswith(_PRECISION):
            key, _, value = text.partition("=")
            try:
                asked[key.removeprefix(_PRECISION)] = float(value)
            except ValueError:
                raise InputError(f"{key}: {value!r} is not a number.") from None
    return asked


def _check_choice(key: str, known: tuple[str, ...], overrides: Sequence[str]) -> None:
    for text in overrides:
        name, _, value = text.partition("=")
        if name == key and value.strip("'\"") not in known:
            raise InputError(f"{key}: there is no {value!r}.{did_you_mean(value, known)} Known: {', '.join(known)}.")


def _check_engine_keys(overrides: Sequence[str]) -> None:
    """Raise InputError for a key that the engine does not take, naming those that do."""
    typed = dict(text.partition("=")[::2] for text in overrides)
    engine = typed.get("engine", _USUAL_ENGINE).strip("'\"")
    for key in (text.removeprefix("engine.") for text in typed if text.startswith("engine.")):
        if key not in ENGINES[engine].model_fields:
            takers = " or ".join(f"engine={name}" for name, model in ENGINES.items() if key in model.model_fields)
            raise InputError(f"engine.{key}: engine={engine} does not take it; write {takers} with it.")


def _for_hydra(override: str) -> str:
    """Return the override as composed: scenario files are not a group of Hydra's, and mappings grow key by key."""
    if override.startswith("scenario="):
        return "scenarios=" + override.removeprefix("scenario=")
    return "++" + override if override.startswith(("parameters.", "levers.", "rules.", "couplings.")) else override


def _implied(overrides: Sequence[str]) -> list[str]:
    """Return what follows: `scenario=` replaces every arm of the experiment, `design=` the method that it names."""
    found = ["++validation=null"] if any(text.startswith("scenario=") for text in overrides) else []
    return found + [f"design.method={text.removeprefix('design=')}" for text in overrides if text.startswith("design=")]


def validated(content: Any) -> Config:
    """Return the configuration that composed content states; InputError, key by key, where it does not hold."""
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
    if isinstance(config.engine, Dask) and config.engine.address and config.engine.scheduler_file:
        raise InputError("engine.address and engine.scheduler_file both say where the scheduler is; leave one out.")
    _check_precision(config)
    _check_point(config)
    _check_variants(config)
    _check_design(config.design)
    return config


def _check_idle(overrides: Sequence[str], config: Config) -> None:
    """Raise InputError for a typed key that would change nothing beside the others."""
    typed = {text.partition("=")[0] for text in overrides}
    if "max_runs" in typed and not config.precision:
        raise InputError("max_runs= changes nothing without precision.<outcome>=; runs= says how many replications.")
    method = config.design.method
    if "design.seed" in typed and method in UNSEEDED:
        raise InputError(
            f"design.seed= changes nothing with design={method}, which takes no seed; seed= is of the runs."
        )
    engine = config.engine
    if "engine.workers" in typed and isinstance(engine, Dask) and (engine.address or engine.scheduler_file):
        raise InputError("engine.workers= is for a cluster of our own: a running scheduler has workers of its own.")
    if "trace" in typed and config.trace and config.shard is not None:
        raise InputError(f"trace=true: a share writes no ledger. Leave it out of shard={config.shard}; once the shares "
                         "are merged, the same command with it and without shard= writes the ledger.")  # fmt: skip


def _check_precision(config: Config) -> None:
    """Raise InputError where `precision` cannot be had: beyond its ceiling, or of runs that lie on other machines."""
    if config.precision and config.shard is not None:
        raise InputError(
            f"shard={config.shard}: precision= cannot be had in shares, since it has to see all runs of an arm to tell "
            "how many more it needs. Run the shares without it; once they are merged, the same command with it goes on."
        )
    if config.precision and config.runs > config.max_runs:
        raise InputError(
            f"runs={config.runs} is more than max_runs={config.max_runs}, up to which precision adds replications."
        )


def _check_design(design: Design) -> None:
    """Raise InputError where the keys of a design do not go together."""
    method = design.method
    if method == "none" and (design.over or design.table or design.n):
        key = "over" if design.over else "table" if design.table else "n"
        wanted = "table" if design.table else "sobol"
        raise InputError(f"design.{key}: no design uses it. Choose one, such as design={wanted} (steppe list designs).")
    if method == "table" and not design.table:
        raise InputError("design=table needs design.table=<file>: a CSV or Parquet file with a row a point.")
    if method != "table" and design.table:
        raise InputError(f"design.table: design={method} takes no table; write design=table.")
    if method == "table" and design.over:
        raise InputError("design.over: the columns of the table say what varies; leave design.over out.")
    if method not in ("none", "table") and not design.over:
        raise InputError(f"design={method} needs design.over=[...]: what varies, such as [tenders.weight_price].")
    counts = _COUNTED.get(method)
    if counts and design.n is None:
        raise InputError(f"design={method} needs design.n=, the number of {counts}.")
    if not counts and design.n is not None:
        raise InputError(f"design.n: design={method} has no size to set; leave it out.")


_COUNTED = {
    "grid": "levels of a range",
    "latin_hypercube": "points",
    "sobol": "points",
    "halton": "points",
    "saltelli": "base points (each gives factors + 2 points)",
    "morris": "trajectories (each gives factors + 1 points)",
}
"""What the size of a design counts, for each method that has one."""


def _check_variants(config: Config) -> None:
    """Raise InputError for a variant that bears the name of another point, sets nothing, or what there is not."""
    for name, variant in config.variants.items():
        place = f"configs/experiment/{config.name}.yaml: variants.{name}"
        if name in (DEFAULT_POINT, PAIRED_POINT, DESIGN_POINT):
            raise InputError(f"{place}: {name!r} is the name of another point; choose another.")
        if variant == Variant():
            raise InputError(f"{place}: sets nothing; give it a theory, worldview, parameters, levers or couplings.")
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
    if where[0] == "engine":
        del where[1:2]  # the name by which pydantic tells engines apart
    key = ".".join("scenario" if part == "scenarios" else part for part in where if part in _steps(content, where))
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(where[-1], Design.model_fields if where[0] == "design" else Config.model_fields)
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
