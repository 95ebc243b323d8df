"""A campaign from plan to data: resume what is there, run what is missing, and describe the whole."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from sim.configuration import Config
from sim.ensemble.engine import n_threads, run_on_threads
from sim.ensemble.plan import SHARD_RUNS, Plan, PlannedArm, Shard
from sim.ensemble.receipts import Survey, replications_held, survey
from sim.ensemble.shards import Block, ShardWork
from sim.errors import InputError
from sim.results import trajectories
from sim.results.files import canonical_json, held, storing, sweep_parts
from sim.results.manifest import checksums
from sim.results.outcomes import write_plan
from sim.results.schema import FIGURES, LAYOUT, LEDGER, LOG, MANIFEST, OUTCOMES, PLAN, REPORT, part_name
from sim.results.store import open_result

_NOT_CONTENT = {
    *("runs", "engine", "trace", "report", "results_dir", "measure", "figures", "page"),
    *("scenarios", "validation", "history", "pair", "variants"),
}
"""Keys that the id of a campaign leaves out: how it is run, how far it is grown, and what its arms say already."""

PATIENCE = 4.0
"""Seconds after which loading the model must mean that it is being compiled."""


class Model(Protocol):
    """What a campaign needs of a model: see `Prepared`, which is one."""

    @property
    def planned(self) -> tuple[PlannedArm, ...]: ...  # noqa: D102
    @property
    def source_hash(self) -> str: ...  # noqa: D102
    @property
    def quarters(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def outcome_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102
    def simulate(self, arm: int, replications: np.ndarray) -> Block: ...  # noqa: D102
    @property
    def is_cold(self) -> bool: ...  # noqa: D102
    def warm(self) -> None: ...  # noqa: D102


class Watcher(Protocol):
    """Whoever is told how a campaign gets on."""

    def say(self, line: str) -> None: ...  # noqa: D102
    def begin(self, done: int, total: int) -> None: ...  # noqa: D102
    def advance(self, runs: int) -> None: ...  # noqa: D102
    def end(self) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Campaign:
    """One campaign in its folder."""

    config: Config
    model: Model
    plan: Plan
    folder: Path
    watcher: Watcher

    @classmethod
    def of(cls, config: Config, model: Model, watcher: Watcher) -> Campaign:
        """Plan a campaign; its folder follows from its content."""
        plan = Plan(model.planned, config.runs, config.seed)
        folder = Path(config.results_dir).expanduser() / config.name / identity(config, model)
        return cls(config, model, plan, folder, watcher)

    @contextmanager
    def opened(self) -> Iterator[Campaign]:
        """Hold the folder, and yield the campaign as far as the folder has grown, or is to be grown.

        A folder always describes all replications that it holds, so a campaign that asks for fewer is made as large.
        Raises InputError where another process holds the folder, and for whatever the disk refuses meanwhile.
        """
        with held(self.folder), storing(self.folder):
            replications = max(self.plan.replications, replications_held(self.folder, self.plan))
            config = self.config.model_copy(update={"runs": replications})
            yield replace(self, config=config, plan=replace(self.plan, replications=replications))

    def settled(self) -> list[Shard] | None:
        """Return the shards of a folder that is whole as it stands, with all that is wanted; else None."""
        try:
            manifest = open_result(self.folder).manifest
            if (
                manifest["counts"]["replications"] != self.plan.replications
                or manifest["plan_hash"] != self.plan.sha256
            ):
                return None
            wanted = [name for name, on in ((REPORT, self.config.report), (LEDGER, self.config.trace)) if on]
            if checksums(self.folder) != manifest["files"] or not set(wanted) <= set(manifest["files"]):
                return None
        except (InputError, KeyError, OSError):
            return None
        found = self._survey()
        return None if self.plan.missing(found.done) else self.plan.wanted(found.done)

    @property
    def layout(self) -> trajectories.Layout | None:
        """Shape of the trajectories, or None where none are stored."""
        columns = self.model.columns
        return trajectories.Layout(self.model.quarters, columns, SHARD_RUNS) if columns else None

    @property
    def model_hash(self) -> str:
        """Hash of the model's sources and of what it observes."""
        observed = [self.model.source_hash, list(self.model.outcome_names), list(self.model.columns)]
        return hashlib.sha256(canonical_json(observed)).hexdigest()

    def run(self) -> list[Shard]:
        """Run what is missing and return the shards that make up the plan.

        Raises InputError for a folder that is of another model or plan, and leaves it as it was; InputError for a disk
        that refuses and KeyboardInterrupt when stopped: what is done stays done, and the folder has no manifest.
        """
        found = self._survey()
        with storing(self.folder):
            (self.folder / OUTCOMES).mkdir(parents=True, exist_ok=True)
            self._clear()
            if self.layout is not None and trajectories.discard_unfit(self.folder, self.layout):
                found = self._survey()
            self._drop_damage(found)
        missing = self.plan.missing(found.done)
        self._tell_plan(missing)
        shards = [*found.done, *missing]
        write_plan(self.folder / PLAN, self.plan.all_keys())
        if self.layout is not None:
            recorded = [shard for shard in shards if self.plan.arms[shard.arm].is_recorded]
            slots = {shard.number: self.plan.keys(shard.arm, shard.replications) for shard in recorded}
            trajectories.prepare(self.folder, self.layout, slots)
        if missing:
            self._run_shards(missing)
        return self.plan.wanted(shards)

    def _clear(self) -> None:
        """Take away the manifest, what a killed process left half-written, and a report on another number of runs."""
        try:
            reported = open_result(self.folder).manifest["counts"]["replications"]
        except (InputError, KeyError, TypeError):
            reported = None
        (self.folder / MANIFEST).unlink(missing_ok=True)
        sweep_parts(self.folder)
        if reported != self.plan.replications:
            if (self.folder / REPORT).is_file() and not self.config.report:
                self.say(f"The report in {self.folder} is on another number of replications; it is removed.")
            shutil.rmtree(self.folder / FIGURES, ignore_errors=True)
            (self.folder / REPORT).unlink(missing_ok=True)

    def say(self, line: str) -> None:
        """Tell the watcher and the log of the campaign; InputError where the disk refuses."""
        self.watcher.say(line)
        with storing(self.folder / LOG), (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")

    def _survey(self) -> Survey:
        with storing(self.folder):
            return survey(self.folder, self.plan, self.model_hash, self.layout is not None)

    def _tell_plan(self, missing: list[Shard]) -> None:
        to_run = sum(shard.count for shard in missing)
        done = self.plan.n_runs - to_run
        if done and to_run:
            self.say(f"{done} of {self.plan.n_runs} runs are there already.")
        elif not to_run:
            self.say(f"All {self.plan.n_runs} runs are there already.")
        self.watcher.begin(done, self.plan.n_runs)

    def _drop_damage(self, found: Survey) -> None:
        """Remove receipts that do not count, saying why, and parts that no receipt vouches for."""
        for path, why in found.damage.items():
            self.say(why)
            path.unlink()
        vouched = {self.folder / part_name(shard.number) for shard in found.done}
        for part in (self.folder / OUTCOMES).glob("*.parquet"):
            if part not in vouched:
                part.unlink()

    def _warm(self) -> None:
        """Compile the model or load it from the cache, in this thread, where Ctrl-C ends it; say so if it takes long.

        Another shape of the world compiles anew although the cache is not empty, which only the time it takes shows.
        """
        line = "Compiling the model, once; later runs begin at once."
        if self.model.is_cold:
            self.say(line)
            self.model.warm()
            return
        timer = threading.Timer(PATIENCE, self.watcher.say, [line])
        timer.start()
        try:
            self.model.warm()
        finally:
            timer.cancel()

    def _run_shards(self, missing: list[Shard]) -> None:
        work = ShardWork(
            folder=self.folder,
            plan=self.plan,
            model_hash=self.model_hash,
            outcome_names=self.model.outcome_names,
            layout=self.layout,
            simulate=self.model.simulate,
            advance=self.watcher.advance,
        )
        threads = min(n_threads(self.config.engine.threads), len(missing))
        self._warm()
        begun = time.perf_counter()
        run_on_threads(missing, threads, work.run)
        self.watcher.end()
        seconds = time.perf_counter() - begun
        runs = sum(shard.count for shard in missing)
        self.say(
            f"{runs} run{'' if runs == 1 else 's'} in {seconds:.1f} s on {threads} thread{'s' if threads > 1 else ''}."
        )


def identity(config: Config, model: Model) -> str:
    """Return the id of a campaign: twelve hexadecimal digits of what its runs are computed from and what is kept."""
    content = config.model_dump(mode="json", exclude=_NOT_CONTENT)
    arms = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in model.planned]
    kept = [list(model.outcome_names), list(model.columns), SHARD_RUNS, LAYOUT]
    return hashlib.sha256(canonical_json([content, arms, model.source_hash, kept])).hexdigest()[:12]
