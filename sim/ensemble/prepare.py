"""From a configuration to what can be run: worlds with their scenarios, parameters, switches, observations.

The one place that knows how the parts of the model fit together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble.arms import Arms, Fingerprints, arms_of
from sim.ensemble.blocks import NOT_THE_RUN, in_a_line
from sim.ensemble.checks import Inputs
from sim.ensemble.design_table import NOTE, sample_joined
from sim.ensemble.engines.threads import n_cpus
from sim.ensemble.observed import expand, observations_of
from sim.ensemble.plan import PlannedArm
from sim.ensemble.points import design, with_sample
from sim.ensemble.provenance import register_hash, tables_hash
from sim.ensemble.receipts import named
from sim.errors import InputError, did_you_mean
from sim.kernel.ahead import compile_ahead
from sim.kernel.observe import Observations
from sim.kernel.run import Block, run_block
from sim.kernel.trace import CAPACITY, trace_run
from sim.numerics.compiled import CACHE_FOLDER, model_folder, source_hash
from sim.parameters.register import Register
from sim.results.files import canonical_json, reason_of
from sim.results.ledger import Traced, write_ledger
from sim.results.manifest import made_by
from sim.results.outcomes import write_design
from sim.results.schema import DEFAULT_POINT, DESIGN, EFFORT, JOINED, LEDGER, PAIRED_POINT
from sim.rules.schedule import NAMES
from sim.scenario.expectations import check_expectations
from sim.scenario.reader import Scenario
from sim.settings import Config
from sim.world.address import resolve
from sim.world.build import World, build_world
from sim.world.calendar import format_quarter, parse_quarter


@dataclass(frozen=True)
class Prepared:
    """A campaign's model, ready to run; everything in it is read only."""

    config: Config
    world: World
    register: Register
    arms: Arms
    observations: Observations
    question: str
    remarks: tuple[str, ...] = ()
    """What is to be said before anything is run: of what the design leaves out, and of its size."""

    @cached_property
    def stands_on(self) -> dict[str, Any]:
        """What arms are computed from besides the sources, as a manifest names it: `differences` tells by it."""
        hashes = {"tables_hash": tables_hash(self.world), "register_hash": register_hash(self.register)}
        return {**hashes, "scenarios": self.told()}

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
        """Addresses of the series that are observed: for trajectories, where these are stored, and for bands."""
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
        outcomes = [[o.name, o.of, o.how] for o in self.observations.outcomes]
        hashes = Fingerprints(canonical_json([[self.config.start, self.config.end], outcomes, self.source_hash]))
        is_stored = bool(self.config.stored_columns)
        found = [
            PlannedArm(
                arm.point, arm.scenario.name, arm.history, hashes.of(arm), is_stored and arm.point == DEFAULT_POINT
            )
            for arm in self.arms.fixed
        ]
        names = () if self.arms.sample is None else self.arms.sample.names
        for point, name in enumerate(names):
            switches, numbers = self.arms.switches(point), self.arms.numbers(point)
            for arm in range(len(self.config.arms)):
                template = self.arms.template(point, arm)
                told = hashes.of_point(template, switches, self.arms.numbered, numbers)
                found.append(PlannedArm(name, template.scenario.name, template.history, told, False, is_sampled=True))
        return tuple(found)

    @property
    def sampled(self) -> dict[str, Any]:
        """What the manifest says of the sampled points as a whole; empty without a design."""
        return self.arms.sample.told() if self.arms.sample is not None else {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process: the plan goes its own way."""
        return {key: value for key, value in self.__dict__.items() if key != "planned"}

    def simulate(self, arm: int, replications: np.ndarray) -> Block:
        """Run replications (int64, shape (n,)) of an arm; releases the interpreter's lock."""
        ready, seen = self.arms[arm], self.observations
        if ready.point == PAIRED_POINT:
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
        """Whether the model is still to be compiled for a world of this shape, or was left in part by one killed."""
        return not self._mark.is_file()

    @property
    def _mark(self) -> Path:
        """The file which says that the whole model is kept: for these types of world and parameters, CPU, versions."""
        types = [str(self.arms[0].world.record.dtype.descr), str(self.arms[0].params.dtype.descr)]
        made = hashlib.sha256(canonical_json([types, dict(made_by())])).hexdigest()
        return model_folder() / f".compiled-{made[:16]}"

    def warm(self) -> None:
        """Compile the model, or load it from the cache, without running it; InputError where it cannot be kept."""
        try:
            if self.is_cold and model_folder().is_dir():
                compile_ahead(self.arms[0].world.record, self.arms[0].params, n_cpus(None))
            self.simulate(0, np.zeros(0, np.int64))
        except OSError as error:
            raise InputError(
                f"cannot keep the compiled model in {CACHE_FOLDER}: {reason_of(error)}. "
                "Make room or name another folder with STEPPE_CACHE_DIR=."
            ) from error
        with suppress(OSError):
            self._mark.touch()

    def trace(self, arm: int, replication: int) -> Traced:
        """Run one replication of an arm, given by its place in the plan, and return its decision ledger."""
        ready = self.arms[arm]
        settings = (self.config.seed, replication, self._n_quarters, ready.base)
        run = trace_run(ready.world, ready.params, ready.switches, *settings)
        return Traced(ready.scenario.name, ready.history, replication, run.entries)

    def write_ledger(self, folder: Path) -> list[str]:
        """Trace the first replication of each arm and write the ledger; return a sentence for each cut or missing.

        Of a pair only the run with all its rules is traced, and of variants none.
        """
        traces, cut = [], []
        for place in (place for place, arm in enumerate(self.arms.fixed) if arm.point == DEFAULT_POINT):
            try:
                traced = self.trace(place, 0)
            except (*NOT_THE_RUN, MemoryError):
                raise
            except Exception as error:
                arm = named(self.planned[place])
                cut.append(f"The ledger has no lines of {arm}, whose first replication failed: {in_a_line(error)}.")
                continue
            traces.append(traced)
            if len(traced.entries) >= CAPACITY:
                cut.append(f"The ledger of {traced.scenario}, {traced.history} ends after {CAPACITY} lines.")
        write_ledger(folder / LEDGER, traces, NAMES, self.world.names)
        return cut

    def told(self) -> dict[str, dict[str, Any]]:
        """Return what each scenario asks, does by its own file, and what its documents expect, by name.

        Levers have the values of the default point.
        """
        return {arm.scenario.name: _told(arm.scenario) for arm in self.arms.fixed if arm.point == DEFAULT_POINT}

    def write_design(self, folder: Path) -> None:
        """Write the table of points, with what was sampled noted in it; InputError where the disk refuses."""
        columns: Mapping[str, Any] = design(self.config, self.register)
        note: dict[bytes, bytes] = {}
        if (sample := self.arms.sample) is not None:
            noted = {**sample.told(), "rows_before": len(columns["point"])}
            note[NOTE] = canonical_json(noted)
            columns = with_sample(columns, sample, self.config, self.register)
        write_design(folder / DESIGN, columns, note)

    def joined_to(self, folder: Path, arms_held: int) -> Prepared:
        """Return the model with all points that a folder holds, of which receipts reach to so many arms.

        Raises InputError where the folder's points are others: of a design that cannot grow, or of another table.
        """
        sample, fixed = self.arms.sample, len(self.arms.fixed)
        if sample is None or arms_held <= fixed:
            return self
        joined = sample_joined(sample, folder / DESIGN, -(-(arms_held - fixed) // len(self.config.arms)))
        if joined is sample:
            return self
        size = {"n": joined.n} if joined.n is not None else {}
        config = self.config.model_copy(update={"design": self.config.design.model_copy(update=size)})
        arms = replace(self.arms, config=config, sample=joined, _templates={})
        return replace(self, config=config, arms=arms)


_OF_LEVER = ("value", "low", "high", "unit", "meaning")


def _told(scenario: Scenario) -> dict[str, Any]:
    """Return what the manifest says of a scenario."""
    facts = ("title", "question", "expected", "tag", "source", "base")
    expects = [asdict(expectation) for expectation in scenario.expects]
    injects = [dict(entry) for _, entry in scenario.own]
    own = (strategy for strategy in scenario.strategies if strategy.place.startswith(f"{scenario.path.name}:"))
    injects += [entry for strategy in own for entry in strategy.as_entries()]
    levers = {name: {key: getattr(lever, key) for key in _OF_LEVER} for name, lever in scenario.levers.items()}
    done = {"expects": expects, "injects": injects, "levers": levers, "parameters": dict(scenario.parameters)}
    return {**{fact: getattr(scenario, fact) for fact in facts}, **done}


def prepare(config: Config, inputs: Inputs) -> Prepared:
    """Build the world and every arm from what `read_inputs` returned.

    Raises InputError for whatever is wrong in tables and injects, before the model is compiled or a file is written.
    """
    world = build_world()
    _check_addresses(config, world)
    observations = observations_of(world, config.observed_columns)
    _check_measure(config, observations)
    expected = {scenario.path.name: scenario.expects for scenario in inputs.scenarios.values()}
    check_expectations(expected, observations.outcome_names)
    return Prepared(
        config=config,
        world=world,
        register=inputs.register,
        arms=arms_of(config, world, inputs),
        observations=observations,
        question=inputs.question,
        remarks=inputs.left_out + (inputs.sample.remarks if inputs.sample is not None else ()),
    )


def _check_addresses(config: Config, world: World) -> None:
    """Raise InputError, naming the key, where an address that is to be observed names nothing."""
    own = not isinstance(config.trajectories, bool)
    for address in (address for column in config.observed_columns for address in expand(column, world)):
        try:
            resolve(address, world)
        except InputError as error:
            key = "trajectories" if own else f"configs/experiment/{config.name}.yaml: columns"
            raise InputError(f"{key}: {error}") from error


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
