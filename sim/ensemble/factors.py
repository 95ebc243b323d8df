"""Factors: what a design varies from point to point, and over which values.

A factor is a parameter or a lever (a range or a list of numbers), or a theory, worldview, coupling or rule (a list of
names). A point of the unit cube becomes values by the inverse of each factor's distribution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.overrides import check_coupling, check_rule, rule_names
from sim.parameters.theories import QUESTIONS, load_theory, theories
from sim.parameters.worldviews import worldviews
from sim.rules.couplings import load_couplings

if TYPE_CHECKING:
    from sim.parameters.register import Register
    from sim.scenario.reader import Scenario
    from sim.settings import Config

ALL = "all"
"""In place of values: the whole range, or every level. In place of a factor: every parameter."""

Level = float | str | bool


@dataclass(frozen=True)
class Factor:
    """Something that differs from point to point; `levels` are given in place of a range."""

    key: str
    """As in `design.parquet`: `parameters.tenders.weight_price`, `theory.choice`."""
    low: float = 0.0
    high: float = 1.0
    distribution: str = "uniform"
    peak: float = 0.5
    """Where a triangular distribution has its peak."""
    levels: tuple[Level, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers: those of others are told by their place among its levels."""
        return self.key.startswith(("parameters.", "levers."))

    def at(self, share: np.ndarray) -> np.ndarray:
        """Return the values, float64, at shares of its distribution (float64 in 0..1): of a name, its place."""
        if self.levels:
            place = np.minimum(np.floor(share * len(self.levels)), len(self.levels) - 1)
            return np.array(self.levels, np.float64)[place.astype(np.int64)] if self.is_number else place
        return np.clip(self._inverse(share), self.low, self.high)

    def _inverse(self, share: np.ndarray) -> np.ndarray:
        from scipy.stats import loguniform, triang

        width = self.high - self.low
        if self.distribution == "loguniform":
            return loguniform.ppf(share, self.low, self.high)
        if self.distribution == "triangular":
            return triang.ppf(share, (self.peak - self.low) / width, self.low, width)
        return self.low + share * width

    def read(self, value: Any) -> float:
        """Return a value, as a table states it, as a float64: of a name, its place; ValueError that says why not."""
        if self.is_number:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{value!r} is not a number")
            if math.isnan(value):
                raise ValueError("nan is no value; leave the cell empty for that of the default point")
            if not self.low <= value <= self.high:
                raise ValueError(f"{value:g} lies outside {self.low:g}..{self.high:g}")
            return float(value)
        if value not in self.levels:
            raise ValueError(f"there is no {value!r}.{did_you_mean(str(value), map(str, self.levels))} "
                             f"Known: {_listed(self.levels)}")  # fmt: skip
        return self.place_of(value)

    def place_of(self, value: Level) -> float:
        """Return a value as samples hold it: a number itself, of a name its place among the levels."""
        return float(value) if self.is_number else float(self.levels.index(value))

    def stored(self, values: np.ndarray) -> Any:
        """Return values of a sample (float64, shape (n,)) as tables hold them: numbers, or the names themselves."""
        return values if self.is_number else [self.levels[int(place)] for place in values]

    def told(self) -> dict[str, Any]:
        """Return what the manifest says of it: all that an analysis of the sample has to know."""
        if self.levels:
            return {"key": self.key, "kind": "levels", "levels": list(self.levels)}
        return {"key": self.key, "kind": "range", **{name: getattr(self, name) for name in _OF_RANGE}}


_OF_RANGE = ("low", "high", "distribution", "peak")


def factor_of(key: str, spec: Any, register: Register, scenarios: Mapping[str, Scenario]) -> Factor:
    """Return the factor that a key of `design.over` or a column of a table names, with the values it may have.

    Raises InputError for an unknown key (nearest spelling), for values that it cannot have, and for a scenario.
    """
    place = f"design.over.{key}"
    head, _, rest = key.partition(".")
    if head in ("scenario", "scenarios", "history"):
        raise InputError(
            f"{place}: {head} is not a factor: every point is run under every arm of the experiment, on the same dice. "
            f"Name several with {'history' if head == 'history' else 'scenario'}=."
        )
    if head in _NAMED:
        full, known = _NAMED[head](rest)
        return Factor(full, levels=_chosen(place, spec, known))
    if head == "levers":
        return _narrowed(place, *_lever(place, rest, scenarios), spec)
    name = key.removeprefix("parameters.")
    if name not in register.entries:
        keys = [*register.entries, *(f"theory.{q}" for q in QUESTIONS), "worldview", *_rule_keys(), *_coupling_keys()]
        raise InputError(f"{place}: there is no such factor.{did_you_mean(name, keys)} "
                         "`steppe list parameters` lists parameters.")  # fmt: skip
    entry = register.entries[name]
    whole = Factor(f"parameters.{name}", entry.low, entry.high, entry.distribution, entry.value)
    return _narrowed(place, whole, f"{entry.file}: {entry.key}", spec)


def read_factors(
    config: Config, register: Register, scenarios: Sequence[Scenario]
) -> tuple[tuple[Factor, ...], tuple[str, ...]]:
    """Return the factors of `design.over` in the order of their keys, and a sentence for what a pattern left out.

    What a scenario of the experiment or a theory sets itself would not vary: it is refused where it is named, and left
    out where a pattern (`tenders.*`, `all`) stands for it.
    """
    found: dict[str, Factor] = {}
    by_name, left = {scenario.name: scenario for scenario in scenarios}, []
    named = {key: spec for key, spec in config.design.over.items() if not _is_pattern(key)}
    for key, spec in named.items():
        factor = factor_of(key, spec, register, by_name)
        if factor.key in found:
            raise InputError(f"design.over.{key}: {factor.key} is named twice.")
        found[factor.key] = factor
    for pattern in (key for key in config.design.over if _is_pattern(key)):
        keys = _matching(pattern, register, scenarios)
        for key in (key for key in keys if key not in found):
            found[key] = factor_of(key, config.design.over[pattern], register, by_name)
    for key, why in fixed(config, found, scenarios).items():
        if key in named or key.removeprefix("parameters.") in named:
            raise InputError(f"design.over.{key}: {why}, so that it would not vary. Leave one of the two out.")
        left.append(f"{key} is not varied: {why}.")
        del found[key]
    return tuple(found[key] for key in sorted(found)), tuple(left)


def fixed(config: Config, factors: Mapping[str, Factor], scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Return why factors would not vary: what a scenario or a theory that may hold sets itself, by key."""
    found: dict[str, str] = {}
    for question, usual in config.theory.model_dump().items():
        varied = factors.get(f"theory.{question}")
        names = dict.fromkeys((usual, *(varied.levels if varied else ())))
        for theory in (load_theory(question, str(name)) for name in names):
            found |= {f"parameters.{key}": f"{theory.key} sets it" for key in theory.parameters}
    for scenario in scenarios:
        found |= {f"parameters.{key}": f"the scenario {scenario.name} sets it" for key in scenario.parameters}
    return {key: why for key, why in found.items() if key in factors}


def _is_pattern(key: str) -> bool:
    return key == ALL or "*" in key


def _matching(pattern: str, register: Register, scenarios: Sequence[Scenario]) -> list[str]:
    """Return the keys that a pattern stands for, InputError where there are none."""
    keys = {"parameters.*": [f"parameters.{key}" for key in register.entries], "theory.*": _theory_keys(),
            "rules.*": _rule_keys(), "couplings.*": _coupling_keys(),
            "levers.*": [f"levers.{s.name}.{name}" for s in scenarios for name in s.levers]}  # fmt: skip
    whole = "parameters.*" if pattern in (ALL, "*") else pattern
    full = whole if f"{whole.partition('.')[0]}.*" in keys else f"parameters.{whole}"
    found = [key for key in keys[f"{full.partition('.')[0]}.*"] if fnmatchcase(key, full)]
    if not found:
        groups = [f"{group}.*" for group in register.groups]
        raise InputError(f"design.over.{pattern}: stands for no factor.{did_you_mean(pattern, groups)}")
    return found


def _theory_keys() -> list[str]:
    return [f"theory.{question}" for question in QUESTIONS]


def _rule_keys() -> list[str]:
    return [f"rules.{name.replace('/', '.')}" for name in rule_names()]


def _coupling_keys() -> list[str]:
    return [f"couplings.{name}" for name in load_couplings()]


def _theory(question: str) -> tuple[str, tuple[Level, ...]]:
    if question not in QUESTIONS:
        hint = did_you_mean(question, QUESTIONS)
        raise InputError(f"design.over.theory.{question}: there is no such question.{hint} "
                         f"Known: {', '.join(QUESTIONS)}.")  # fmt: skip
    return f"theory.{question}", tuple(theories()[question])


def _worldview(rest: str) -> tuple[str, tuple[Level, ...]]:
    if rest:
        raise InputError(f"design.over.worldview.{rest}: write design.over.worldview=[all,cautious].")
    return "worldview", tuple(worldviews())


def _coupling(name: str) -> tuple[str, tuple[Level, ...]]:
    check_coupling(name)
    return f"couplings.{name}", ("live", "held")


def _rule(name: str) -> tuple[str, tuple[Level, ...]]:
    check_rule(name.replace("/", "."))
    return f"rules.{name.replace('/', '.')}", (True, False)


def _lever(place: str, key: str, scenarios: Mapping[str, Scenario]) -> tuple[Factor, str]:
    """Return the factor of a lever, `scenario.lever`, over its whole range, and where that stands."""
    known = {f"{name}.{lever}": one for name, scenario in scenarios.items() for lever, one in scenario.levers.items()}
    if key not in known:
        hint = did_you_mean(key, known) or (f" They are {', '.join(known)}." if known else "")
        raise InputError(f"{place}: there is no such lever of the scenarios that are run.{hint}")
    lever = known[key]
    return Factor(f"levers.{key}", lever.low, lever.high, peak=lever.value), lever.place


_NAMED: Mapping[str, Callable[[str], tuple[str, tuple[Level, ...]]]] = {
    "theory": _theory,
    "worldview": _worldview,
    "couplings": _coupling,
    "rules": _rule,
}
"""Of each kind of factor whose values are names: from the rest of its key to the whole key, and every level."""


def _levels_in(spec: Any) -> tuple[Any, ...] | None:
    """Return the levels of `{levels: [...]}`, or None for another form."""
    return tuple(spec["levels"]) if isinstance(spec, Mapping) else None


def _chosen(place: str, spec: Any, known: tuple[Level, ...]) -> tuple[Level, ...]:
    """Return the levels that are wanted of those that there are."""
    if spec == ALL:
        return known
    wanted = _levels_in(spec) or tuple(spec)
    for level in wanted:
        if level not in known or isinstance(level, bool) != isinstance(known[0], bool):
            hint = did_you_mean(str(level), map(str, known))
            raise InputError(f"{place}: there is no {level!r}.{hint} Known: {_listed(known)}.")
    return _distinct(place, wanted)


def _narrowed(place: str, whole: Factor, stated: str, spec: Any) -> Factor:
    """Return a factor of numbers over the values that are wanted; `stated` says where its range stands."""
    if spec == ALL:
        return whole
    levels = _levels_in(spec)
    wanted = levels or tuple(spec)
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in wanted):
        raise InputError(f"{place}: {_listed(wanted)}: not all of these are numbers.")
    for value in wanted:
        if not (math.isfinite(value) and whole.low <= value <= whole.high):
            raise InputError(f"{place}: {value:g} lies outside the range {whole.low:g}..{whole.high:g} of {stated}.")
    numbers = tuple(float(value) for value in wanted)
    if levels is not None:
        return Factor(whole.key, whole.low, whole.high, levels=_distinct(place, numbers))
    if len(numbers) != 2 or not numbers[0] < numbers[1]:
        raise InputError(f"{place}: write [low,high], the lower first, or {{levels: [...]}} for single values.")
    low, high = numbers
    return Factor(whole.key, low, high, whole.distribution, min(max(whole.peak, low), high))


def _distinct(place: str, levels: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(levels) < 2 or len(set(levels)) < len(levels):
        raise InputError(f"{place}: needs two levels or more, each once, not {_listed(levels)}.")
    return levels


def _listed(levels: Sequence[Any]) -> str:
    return ", ".join(str(level).lower() if isinstance(level, bool) else str(level) for level in levels)
