"""From a configuration to what can be run: worlds with their scenarios, parameters, switches, observations.

The one place that knows how the parts of the model fit together.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.configuration import Config
from sim.ensemble.checks import BASELINE, Inputs
from sim.ensemble.observed import observations_of
from sim.ensemble.plan import PlannedArm
from sim.ensemble.points import record_of
from sim.errors import InputError, did_you_mean
from sim.kernel.held import Base
from sim.kernel.observe import Observations
from sim.kernel.quarter import simulate
from sim.kernel.run import Block, run_block, switches_for
from sim.kernel.trace import CAPACITY, trace_run
from sim.numerics.compiled import CACHE_FOLDER, is_cold, source_hash
from sim.parameters.register import Register
from sim.results.files import canonical_json, reason_of
from sim.results.ledger import Traced, write_ledger
from sim.results.schema import DEFAULT_POINT, EFFORT, JOINED, LEDGER, PAIRED_POINT
from sim.rules.couplings import held_of
from sim.rules.schedule import NAMES
from sim.scenario.expectations import check_expectations
from sim.scenario.reader import Scenario, base_of, load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.calendar import format_quarter, parse_quarter


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


@dataclass(frozen=True)
class Prepared:
    """A campaign's model, ready to run; everything in it is read only."""

    config: Config
    world: World
    register: Register
    arms: tuple[PreparedArm, ...]
    observations: Observations
    question: str

    @cached_property
    def source_hash(self) -> str:
        """Sha256 of every source that is compiled."""
        return source_hash()

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcomes in the order of their columns."""
        return self.observations.outcome_names

    @property
    def columns(self) -> tuple[str, ...]:
        """Addresses of the trajectories; empty where none are stored."""
        return self.observations.trajectory_names

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters that count: from start to end."""
        return tuple(format_quarter(q) for q in range(parse_quarter(self.config.start), self._n_quarters))

    @property
    def _n_quarters(self) -> int:
        return parse_quarter(self.config.end) + 1

    @cached_property
    def planned(self) -> tuple[PlannedArm, ...]:
        """The arms as the plan knows them."""
        return tuple(PlannedArm(arm.point, arm.scenario.name, arm.history, self._fingerprint(arm)) for arm in self.arms)

    def simulate(self, arm: int, replications: np.ndarray) -> Block:
        """Run replications (int64, shape (n,)) of an arm; releases the interpreter's lock."""
        ready, seen = self.arms[arm], self.observations
        if not self.planned[arm].is_recorded:
            seen = replace(seen, trajectory_names=(), columns=seen.columns[:0])
        return run_block(
            ready.world,
            ready.params,
            ready.switches,
            seen,
            self.config.seed,
            replications,
            self._n_quarters,
            ready.base,
        )

    @property
    def is_cold(self) -> bool:
        """Whether the model is still to be compiled: nothing was cached, and this process has not run it yet."""
        return is_cold() and not simulate.signatures

    def warm(self) -> None:
        """Compile the model, or load it from the cache, without running it; InputError where it cannot be kept."""
        try:
            self.simulate(0, np.zeros(0, np.int64))
        except OSError as error:
            raise InputError(
                f"cannot keep the compiled model in {CACHE_FOLDER}: {reason_of(error)}. "
                "Make room or name another folder with STEPPE_CACHE_DIR=."
            ) from error

    def write_ledger(self, folder: Path) -> list[str]:
        """Trace the first replication of each arm and write the ledger; return a sentence for each cut short.

        Of a pair only the run with all its rules is traced, and of variants none.
        """
        traces, cut = [], []
        for arm in (arm for arm in self.arms if arm.point == DEFAULT_POINT):
            settings = (self.config.seed, 0, self._n_quarters, arm.base)
            run = trace_run(arm.world, arm.params, arm.switches, *settings)
            traces.append(Traced(arm.scenario.name, arm.history, 0, run.entries))
            if len(run.entries) >= CAPACITY:
                cut.append(f"The ledger of {arm.scenario.name}, {arm.history} ends after {CAPACITY} lines.")
        write_ledger(folder / LEDGER, traces, NAMES, self.world.names)
        return cut

    def told(self) -> dict[str, dict[str, Any]]:
        """Return what each scenario asks, does by its own file, and what its documents expect, by name."""
        return {arm.scenario.name: _told(arm.scenario) for arm in self.arms}

    def _fingerprint(self, arm: PreparedArm) -> str:
        """Return the sha256 of every number that the runs of an arm are computed from, the dice apart."""
        outcomes = [[o.name, o.of, o.how] for o in self.observations.outcomes]
        span = [self.config.start, self.config.end]
        digest = hashlib.sha256(canonical_json([span, outcomes, self.source_hash]))
        arrays = [arm.world.record, arm.params, arm.switches]
        if arm.base is not None:
            arrays += [arm.base.world.record, arm.base.params, arm.base.starts, arm.base.offsets]
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def _told(scenario: Scenario) -> dict[str, Any]:
    """Return what the manifest says of a scenario."""
    facts = ("title", "question", "expected", "tag", "source", "base")
    expects = [asdict(expectation) for expectation in scenario.expects]
    injects = [dict(entry) for _, entry in scenario.own]
    own = (strategy for strategy in scenario.strategies if strategy.place.startswith(f"{scenario.path.name}:"))
    injects += [entry for strategy in own for entry in strategy.as_entries()]
    done = {"expects": expects, "injects": injects, "parameters": dict(scenario.parameters)}
    return {**{fact: getattr(scenario, fact) for fact in facts}, **done}


def prepare(config: Config, inputs: Inputs) -> Prepared:
    """Build the world and every arm from what `read_inputs` returned.

    Raises InputError for whatever is wrong in tables and injects, before the model is compiled or a file is written.
    """
    world = build_world()
    observations = observations_of(world, config.stored_columns)
    _check_measure(config, observations)
    expected = {scenario.path.name: scenario.expects for scenario in inputs.scenarios.values()}
    check_expectations(expected, observations.outcome_names)
    arms = [_arm(config, world, inputs, asked, history) for asked, history in config.arms]
    if config.pair:
        without = switches_for({*config.switched_off(), *config.pair})
        arms += [replace(arm, point=PAIRED_POINT, switches=without) for arm in arms]
    for point, at in config.points().items():
        if point != DEFAULT_POINT:
            arms += [replace(_arm(at, world, inputs, *arm), point=point) for arm in at.arms]
    return Prepared(
        config=config,
        world=world,
        register=inputs.register,
        arms=tuple(arms),
        observations=observations,
        question=inputs.question,
    )


def _check_measure(config: Config, observations: Observations) -> None:
    """Raise InputError where the experiment's measure names no outcome, or one of pairs that it does not run."""
    own = {name.partition(".")[0] for name in observations.outcome_names}
    known = sorted(own | set(JOINED if EFFORT in config.pair else ()))
    for name in config.measure:
        if name in JOINED and name not in known:
            raise InputError(f"configs/experiment/{config.name}.yaml: measure: {name!r} needs pair: [{EFFORT}].")
        if name not in known:
            raise InputError(f"configs/experiment/{config.name}.yaml: measure: there is no outcome {name!r}."
                             f"{did_you_mean(name, known)}")  # fmt: skip


def _arm(config: Config, world: World, inputs: Inputs, asked: str, history: str) -> PreparedArm:
    """Return one arm, under the theories, the worldview and the values of a configuration."""
    scenario = inputs.scenarios[asked]
    ready = _staged(config, world, inputs, scenario, history)
    held = held_of(config.couplings)
    base = None
    if held:
        before = base_of(scenario) or load_scenario(BASELINE)
        base = Base.of(*_staged(config, world, inputs, before, history), held)
    return PreparedArm(scenario, history, *ready, switches_for(config.switched_off()), base=base)


def _staged(config: Config, world: World, inputs: Inputs, scenario: Scenario, history: str) -> tuple[World, np.ndarray]:
    """Return the world with a scenario on stage, and the record of parameters, shape (1,)."""
    params = record_of(config, inputs.register, scenario)
    return stage(world, scenario, history, parse_quarter(config.start), parse_quarter(config.end)), params
