"""The arms of a campaign, ready to run: few at points with names of their own, and those of sampled points on demand.

A world is staged once for each scenario and mode of history. An arm at a sampled point takes all but its numbers and
switches from a template, one for each combination of theories, worldview and couplings; the point's numbers are written
into a copy of the template's record of parameters, which costs microseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np

from sim.ensemble.checks import BASELINE, Inputs
from sim.ensemble.designs import Sample
from sim.ensemble.points import record_of, under
from sim.kernel.held import Base
from sim.kernel.run import switches_for
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT
from sim.rules.couplings import held_of
from sim.rules.schedule import NAMES
from sim.scenario.levers import set_levers
from sim.scenario.reader import Scenario, base_of, load_scenario
from sim.scenario.stage import lever_rows, stage, with_levers
from sim.settings import Config
from sim.world.build import World
from sim.world.calendar import parse_quarter


@dataclass(frozen=True)
class PreparedArm:
    """A scenario in a mode of history at a point, ready to run.

    `world` is staged; `params` is the record of parameters, shape (1,); `switches` is what `switches_for` returns;
    `base` is the run that its held couplings read, where any is held.
    """

    scenario: Scenario
    history: str
    world: World
    params: np.ndarray
    switches: np.ndarray
    point: str = DEFAULT_POINT
    base: Base | None = None


@dataclass(frozen=True, eq=False)
class Stages:
    """Worlds with a scenario on stage, each made once and shared by all arms; read only."""

    world: World
    first: int
    last: int
    _staged: dict[tuple[Any, ...], World] = field(default_factory=dict)
    _rows: dict[tuple[str, str], Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    _before: dict[str, Scenario] = field(default_factory=dict)
    _bases: dict[tuple[str, ...], Base] = field(default_factory=dict)

    def of(self, scenario: Scenario, history: str) -> World:
        """Return the world with a scenario on stage, its levers as they are."""
        key = (str(scenario.path), history, *(lever.value for lever in scenario.levers.values()))
        if key not in self._staged:
            self._staged[key] = stage(self.world, scenario, history, self.first, self.last)
        return self._staged[key]

    def with_levers(self, world: World, scenario: Scenario, history: str, values: Mapping[str, float]) -> World:
        """Return a world on which a scenario is staged, with other values of its levers, by `scenario.lever`."""
        keys = {name: f"{scenario.name}.{name}" for name in scenario.levers}
        own = {name: values[key] for name, key in keys.items() if key in values}
        if not own:
            return world
        key = (str(scenario.path), history)
        if key not in self._rows:
            self._rows[key] = lever_rows(self.world, scenario, history, self.first, self.last)
        return with_levers(world, self._rows[key], own)

    def before(self, scenario: Scenario) -> Scenario:
        """Return the scenario whose run held couplings read: its base, or the baseline."""
        key = str(scenario.path)
        if key not in self._before:
            self._before[key] = base_of(scenario) or load_scenario(BASELINE)
        return self._before[key]

    def base(self, world: World, params: np.ndarray, held: Sequence[str]) -> Base:
        """Return the run that held couplings read; which numbers these are is found once."""
        key = tuple(sorted(held))
        if key not in self._bases:
            self._bases[key] = Base.of(world, params, held)
        return replace(self._bases[key], world=world, params=params)


@dataclass(frozen=True, eq=False)
class Arms(Sequence[PreparedArm]):
    """All arms in the order of the plan: those of points with names of their own, then those of sampled points."""

    config: Config
    inputs: Inputs
    stages: Stages
    sample: Sample | None
    fixed: tuple[PreparedArm, ...]
    """Arms at the default point, of pairs and of variants."""
    _templates: dict[tuple[int, ...], PreparedArm] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.fixed) + (0 if self.sample is None else len(self.sample) * len(self.config.arms))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_templates": {}}

    @overload
    def __getitem__(self, place: int) -> PreparedArm: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[PreparedArm, ...]: ...
    def __getitem__(self, place: int | slice) -> PreparedArm | tuple[PreparedArm, ...]:
        """Return an arm; those of sampled points are made anew each time."""
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        if place < len(self.fixed):
            return self.fixed[place]
        point, arm = divmod(place - len(self.fixed), len(self.config.arms))
        template = self.template(point, arm)
        return replace(
            template,
            point=self._sample.name(point),
            world=self._set(template.world, template.scenario, template.history, point),
            params=self._params(template, point),
            switches=self.switches(point),
            base=None if template.base is None else self._base(template, template.base, point),
        )

    def _base(self, template: PreparedArm, base: Base, point: int) -> Base:
        """Return the run that held couplings read, at a sampled point."""
        before = self.stages.before(template.scenario)
        world = self._set(base.world, before, template.history, point)
        return replace(base, world=world, params=self._params(base, point))

    def _set(self, world: World, scenario: Scenario, history: str, point: int) -> World:
        """Return a staged world with the levers of its scenario as they stand at a sampled point."""
        levers = {name: float(self._sample.values[point, j]) for j, name in self._levers}
        return self.stages.with_levers(world, scenario, history, levers) if levers else world

    def _params(self, of: PreparedArm | Base, point: int) -> np.ndarray:
        """Return a copy of a record of parameters, shape (1,), with the numbers of a sampled point."""
        columns, places = self._parameters
        params = of.params.copy()
        params.view(np.float64)[places] = self._sample.values[point, columns]
        return params

    def template(self, point: int, arm: int) -> PreparedArm:
        """Return the arm with the theories, worldview and couplings of a sampled point, its numbers and rules apart."""
        row = self._sample.values[point]
        key = (arm, *(int(row[j]) for j in self._deciding))
        if key not in self._templates:
            asked, history = self.config.arms[arm]
            factors = self._sample.factors
            named = {factors[j].key: factors[j].levels[int(row[j])] for j in self._deciding}
            at = under(self.config, named)
            self._templates[key] = replace(arm_of(at, self.inputs, self.stages, asked, history), point="")
        return self._templates[key]

    @cached_property
    def numbered(self) -> tuple[str, ...]:
        """Keys of the factors that are numbers, in the order of `numbers`."""
        return tuple(factor.key for factor in self._sample.factors if factor.is_number)

    def numbers(self, point: int) -> np.ndarray:
        """Return the numbers that a sampled point sets, float64, in the order of its factors."""
        return self._sample.values[point, self._numeric]

    def switches(self, point: int) -> np.ndarray:
        """Return what `switches_for` returns for the rules that are off at a sampled point."""
        found = self._usual_switches.copy()
        for j, place in self._ruled:
            factor = self._sample.factors[j]
            found[place] = int(bool(factor.levels[int(self._sample.values[point, j])]))
        return found

    @property
    def _sample(self) -> Sample:
        assert self.sample is not None, "no points are sampled"
        return self.sample

    @cached_property
    def _usual_switches(self) -> np.ndarray:
        return switches_for(self.config.switched_off())

    @cached_property
    def _ruled(self) -> tuple[tuple[int, int], ...]:
        """Places of the factors that are rules: among the factors, and in the schedule."""
        found = ((j, factor.key.partition(".")[2].replace(".", "/")) for j, factor in enumerate(self._sample.factors)
                 if factor.key.startswith("rules."))  # fmt: skip
        return tuple((j, NAMES.index(name)) for j, name in found)

    @cached_property
    def _numeric(self) -> np.ndarray:
        """Which factors are numbers, bool, shape (factors,)."""
        return np.array([factor.is_number for factor in self._sample.factors])

    @cached_property
    def _deciding(self) -> tuple[int, ...]:
        """Places of the factors that are theories, worldview and couplings."""
        ruled = {j for j, _ in self._ruled}
        return tuple(j for j in np.flatnonzero(~self._numeric).tolist() if j not in ruled)

    @cached_property
    def _levers(self) -> tuple[tuple[int, str], ...]:
        """Place among the factors, and name (`scenario.lever`), of those that are levers."""
        factors = enumerate(self._sample.factors)
        return tuple((j, f.key.removeprefix("levers.")) for j, f in factors if f.key.startswith("levers."))

    @cached_property
    def _parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the factors that are parameters, int64: among the factors, and in the record of parameters."""
        order = {f"parameters.{key}": place for place, key in enumerate(self.inputs.register.entries)}
        columns = [j for j, factor in enumerate(self._sample.factors) if factor.key in order]
        places = [order[self._sample.factors[j].key] for j in columns]
        return np.array(columns, np.int64), np.array(places, np.int64)


def arms_of(config: Config, world: World, inputs: Inputs) -> Arms:
    """Return all arms; InputError for what is wrong in injects."""
    stages = Stages(world, parse_quarter(config.start), parse_quarter(config.end))
    arms = [arm_of(config, inputs, stages, asked, history) for asked, history in config.arms]
    if config.pair:
        without = switches_for({*config.switched_off(), *config.pair})
        arms += [replace(arm, point=PAIRED_POINT, switches=without) for arm in arms]
    for point, at in config.points().items():
        if point != DEFAULT_POINT:
            arms += [replace(arm_of(at, inputs, stages, *arm), point=point) for arm in at.arms]
    return Arms(config, inputs, stages, inputs.sample, tuple(arms))


def arm_of(config: Config, inputs: Inputs, stages: Stages, asked: str, history: str) -> PreparedArm:
    """Return one arm, under the theories, the worldview and the values of a configuration."""
    scenario = set_levers(inputs.scenarios[asked], config.levers.get(inputs.scenarios[asked].name, {}))
    params = record_of(config, inputs.register, scenario)
    held = held_of(config.couplings)
    base = None
    if held:
        before = stages.before(scenario)
        before = set_levers(before, config.levers.get(before.name, {}))
        base = stages.base(stages.of(before, history), record_of(config, inputs.register, before), held)
    switches = switches_for(config.switched_off())
    return PreparedArm(scenario, history, stages.of(scenario, history), params, switches, base=base)


class Fingerprints:
    """Hashes of all that runs are computed from, the dice apart; a world is hashed once, however many arms share it."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.worlds: dict[int, bytes] = {}
        self.templates: dict[int, bytes] = {}

    def of(self, arm: PreparedArm) -> str:
        """Return the sha256 of an arm's numbers."""
        digest = hashlib.sha256(self.head)
        digest.update(self._of_world(arm.world))
        arrays = [arm.params, arm.switches]
        if arm.base is not None:
            digest.update(self._of_world(arm.base.world))
            arrays += [arm.base.params, arm.base.starts, arm.base.offsets]
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def of_point(self, template: PreparedArm, switches: np.ndarray, keys: Sequence[str], numbers: np.ndarray) -> str:
        """Return the sha256 of what a sampled point is made of.

        These are a template, which has to live on, the point's switches, and its numbers with the keys of their
        factors: the same numbers of other factors are another point.
        """
        if id(template) not in self.templates:
            self.templates[id(template)] = self.of(template).encode()
        told = "\n".join(keys).encode()
        return hashlib.sha256(self.templates[id(template)] + switches.tobytes() + told + numbers.tobytes()).hexdigest()

    def _of_world(self, world: World) -> bytes:
        if id(world) not in self.worlds:
            self.worlds[id(world)] = hashlib.sha256(np.ascontiguousarray(world.record).tobytes()).digest()
        return self.worlds[id(world)]
