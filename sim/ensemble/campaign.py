"""A campaign from plan to data: resume what is there, run what is missing, and describe the whole."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

import sim
from sim.ensemble import engines, flight
from sim.ensemble.asked import Asked, read_asked, stated, write_asked
from sim.ensemble.bands import Binning
from sim.ensemble.engines.engine import Watcher
from sim.ensemble.failures import forget
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.precision import Rule
from sim.ensemble.receipts import Foreign, Survey, arms_held, held_by, reach_of, survey
from sim.ensemble.shards import Block, ShardWork
from sim.ensemble.shares import Share
from sim.ensemble.warming import warm
from sim.errors import InputError
from sim.results import trajectories
from sim.results.files import canonical_json, held, storing, sweep_parts
from sim.results.manifest import checksums
from sim.results.quantiles import Window
from sim.results.schema import (
    BANDS,
    CHUNK_RUNS,
    FIGURES,
    LAYOUT,
    LEDGER,
    LOG,
    MANIFEST,
    OUTCOMES,
    REPORT,
    bands_name,
    part_name,
)
from sim.results.store import open_result
from sim.settings import Config

_NOT_CONTENT = {
    *("runs", "engine", "trace", "report", "results_dir", "measure", "figures", "page"),
    *("plan", "shard", "retry", "precision", "max_runs"),
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
    @property
    def sampled(self) -> Mapping[str, Any]: ...  # noqa: D102
    def simulate(self, arm: int, replications: np.ndarray) -> Block: ...  # noqa: D102
    def write_design(self, folder: Path) -> None: ...  # noqa: D102
    def joined_to(self, folder: Path, arms_held: int) -> Self: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def is_cold(self) -> bool: ...  # noqa: D102
    def warm(self) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Campaign[M: Model]:
    """One campaign in its folder."""

    config: Config
    model: M
    plan: Plan
    folder: Path
    watcher: Watcher
    command: tuple[str, ...] = ()
    """What was typed after `steppe run`."""
    reached: dict[str, Any] | None = None
    """How narrow the means became that `precision` asks for, as the manifest tells it; None where nothing is asked."""

    @classmethod
    def of(cls, config: Config, model: M, watcher: Watcher, command: tuple[str, ...] = ()) -> Campaign[M]:
        """Plan a campaign; its folder follows from its content, and a share of it has one of its own.

        InputError for a `precision` of what is no outcome.
        """
        if config.precision:
            Rule.of(config, model.outcome_names)
        plan = Plan.uniform(model.planned, config.runs, config.seed)
        share = f".{Share.parse(config.shard).label}" if config.shard else ""
        folder = Path(config.results_dir).expanduser() / config.name / f"{identity(config, model)}{share}"
        return cls(config, model, plan, folder, watcher, command)

    @property
    def share(self) -> Share | None:
        """The share that is run here, or None where it is the whole."""
        return Share.parse(self.config.shard) if self.config.shard else None

    @property
    def n_runs(self) -> int:
        """Number of runs that are to be here: those of the plan, or of the share."""
        return self.plan.n_runs if self.share is None else sum(shard.n_runs for shard in self._missing_from(()))

    @contextmanager
    def opened(self) -> Iterator[Campaign[M]]:
        """Hold the folder, and yield the campaign as far as the folder has grown, or is to be grown.

        A folder always describes all points and replications that it holds, so a campaign that asks for fewer is made
        as large; with `precision`, `runs` stays the number from which its rule goes on. Raises InputError where another
        process holds the folder or where the points there are others, and for whatever the disk refuses meanwhile.
        """
        with held(self.folder), storing(self.folder):
            yield self._grown(self.model.joined_to(self.folder, arms_held(self.folder)))

    def _grown(self, model: M) -> Campaign[M]:
        """Return the campaign of a model with all points that the folder holds, and all replications.

        Points beyond those that were asked for keep what they hold; where some miss replications that others have, as
        after an interruption, they get as many as those have, or as were asked for.
        """
        plan, asked = replace(self.plan, arms=model.planned), max(self.plan.replications)
        held_there = reach_of(held_by(self.folder, plan), len(plan.arms))
        beyond = held_there[len(self.plan.arms) :]
        least = np.full(len(beyond), min(asked, beyond.max(initial=0)), np.int64)
        wanted = np.maximum(np.append(self.plan.replications, least), held_there)
        changes: dict[str, Any] = {} if self.config.precision else {"runs": int(wanted.max())}
        if model.sampled:
            changes["design"] = self.config.design.model_copy(update={"n": model.sampled["n"]})
        plan = replace(plan, replications=tuple(int(n) for n in wanted))
        return replace(self, config=self.config.model_copy(update=changes), model=model, plan=plan)

    def settled(self) -> list[Shard] | None:
        """Return the shards of a folder that is whole as it stands, with all that is wanted; else None."""
        if self.config.retry:
            return None
        try:
            manifest = open_result(self.folder).manifest
            if manifest["plan_hash"] != self.plan.sha256:
                return None
            wanted = [name for name, on in ((REPORT, self.config.report), (LEDGER, self.config.trace)) if on]
            if checksums(self.folder) != manifest["files"] or not set(wanted) <= set(manifest["files"]):
                return None
        except (InputError, KeyError, OSError):
            return None
        return self.whole()

    def whole(self) -> list[Shard] | None:
        """Return the shards that make up the plan, where the folder holds all its runs, sound; else None."""
        found = self._survey()
        return None if self._missing(found) else self.plan.wanted(found.done)

    @property
    def layout(self) -> trajectories.Layout | None:
        """Shape of the trajectories, or None where none are stored."""
        columns = self.model.columns
        return trajectories.Layout(self.model.quarters, columns) if columns and self.config.trajectories else None

    @property
    def window(self) -> Window | None:
        """Columns and quarters that bands are made of, or None where nothing is observed."""
        return Window(self.model.columns, self.model.quarters) if self.model.columns else None

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
        found = self.cleared()
        missing = self._missing(found)
        self._tell_plan(missing)
        shards = [*found.done, *missing]
        self.lay_out(shards)
        if missing:
            self._run_shards(missing)
        return self.plan.wanted(shards)

    def cleared(self) -> Survey:
        """Take away what is damaged or half done, and return what there is; raises InputError as `run` does."""
        with storing(self.folder):
            flight.call_off(self.folder)
        found = self._survey()
        with storing(self.folder):
            (self.folder / OUTCOMES).mkdir(parents=True, exist_ok=True)
            self._clear()
            unfit = self.layout is not None and trajectories.discard_unfit(self.folder, self.layout)
            forgotten = self.config.retry and forget(self.folder, found.done)
            if forgotten:
                self._drop_report("lacks runs that are tried again")
            if forgotten or unfit:
                found = self._survey()
            self._drop_damage(found)
        return found

    def lay_out(self, shards: Sequence[Shard]) -> None:
        """Write what is asked, and make room for the trajectories of shards; InputError where the disk refuses."""
        write_asked(self.folder, self.config, self.plan, self._about())
        self.model.write_design(self.folder)
        if self.layout is not None:
            slots = {shard.slot: self.plan.keys(shard) for shard in shards if self.plan.arms[shard.arm].is_recorded}
            trajectories.prepare(self.folder, self.layout, slots)

    def _about(self) -> dict[str, Any]:
        """Return what plan.parquet says of the campaign, under the names that the manifest has for it."""
        return {
            "layout": LAYOUT,
            "experiment": self.config.name,
            "id": self.folder.name.partition(".")[0],
            "title": self.config.full_title,
            "question": self.model.question,
            "seed": self.plan.seed,
            "share": None if self.share is None else str(self.share),
            "command": list(self.command),
            "plan_hash": self.plan.sha256,
            "model_version": sim.__version__,
            "model_hash": self.model_hash,
            "source_hash": self.model.source_hash,
            "arms": [asdict(arm) for arm in self.plan.arms if not arm.is_sampled],
        }

    def _clear(self) -> None:
        """Take away the manifest, what a killed process left half-written, and a report on another number of runs."""
        try:
            reported = open_result(self.folder).manifest["plan_hash"]
        except (InputError, KeyError, TypeError):
            reported = None
        (self.folder / MANIFEST).unlink(missing_ok=True)
        sweep_parts(self.folder)
        if reported != self.plan.sha256:
            self._drop_report("is on another number of replications")

    def _drop_report(self, why: str) -> None:
        """Take away report and figures, saying why where no others are to be made."""
        if (self.folder / REPORT).is_file() and not self.config.report:
            self.say(f"The report in {self.folder} {why}; it is removed.")
        shutil.rmtree(self.folder / FIGURES, ignore_errors=True)
        (self.folder / REPORT).unlink(missing_ok=True)

    def say(self, line: str) -> None:
        """Tell the watcher and the log of the campaign; InputError where the disk refuses."""
        self.watcher.say(line)
        with storing(self.folder / LOG), (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")

    def _survey(self) -> Survey:
        with storing(self.folder):
            try:
                return survey(self.folder, self.plan, self.model_hash, self.layout is not None)
            except Foreign as found:
                raise InputError(f"{found}{self._differences()} Name another folder with results_dir=.") from found

    def _differences(self) -> str:
        """Return in words how what is asked of the folder differs from this campaign, where it says so."""
        try:
            asked = read_asked(self.folder)
        except InputError:
            return ""
        now = Asked(self.folder, stated(self.config, self.model.question), self._about())
        return "".join(f" {difference}." for difference in asked.differences(now))

    def _missing(self, found: Survey) -> list[Shard]:
        return self._missing_from(found.done)

    def _missing_from(self, kept: Sequence[Shard]) -> list[Shard]:
        within = None if self.share is None else self.share.tiles(self.plan)
        return self.plan.missing(kept, self.config.engine.shard_runs, within)

    def _tell_plan(self, missing: list[Shard]) -> None:
        to_run, total = sum(shard.n_runs for shard in missing), self.n_runs
        done = total - to_run
        if done and to_run:
            self.say(f"{done} of {total} runs are there already.")
        elif not to_run and total:
            self.say(f"All {total} runs are there already.")
        if to_run and self.layout is not None:
            self.say(self._told_size(self.layout))
        self.watcher.begin(done, total)

    def _told_size(self, layout: trajectories.Layout) -> str:
        """Return in words how large the trajectories of the whole plan can become."""
        runs = sum(n for arm, n in zip(self.plan.arms, self.plan.replications, strict=True) if arm.is_recorded)
        shape = f"{runs:,} runs × {len(layout.quarters)} quarters × {len(layout.columns)} columns"
        size = 4 * runs * len(layout.quarters) * len(layout.columns) / 1e6
        told = f"{size:,.0f}" if size >= 10 else f"{size:.2g}"
        return f"Trajectories: {shape}, at most {told} MB before compression."

    def _drop_damage(self, found: Survey) -> None:
        """Remove receipts that do not count, saying why, and parts that no receipt vouches for."""
        for path, why in found.damage.items():
            self.say(why)
            path.unlink()
        vouched = {self.folder / name(shard.name) for shard in found.done for name in (part_name, bands_name)}
        for kind in (OUTCOMES, BANDS):
            for part in (self.folder / kind).glob("*.parquet"):
                if part not in vouched:
                    part.unlink()

    def _warm(self) -> None:
        """Compile the model or load it from the cache, in this thread, where Ctrl-C ends it; say so if it takes long.

        Another shape of the world compiles anew although the cache is not empty, which only the time it takes shows.
        """
        line = "Compiling the model, once; later runs begin at once."
        if self.model.is_cold:
            self.say(line)
            warm(self.model)
            return
        timer = threading.Timer(PATIENCE, self.watcher.say, [line])
        timer.start()
        try:
            warm(self.model)
        finally:
            timer.cancel()

    def _run_shards(self, missing: list[Shard]) -> None:
        work = ShardWork(
            folder=self.folder,
            plan=self.plan,
            model_hash=self.model_hash,
            outcome_names=self.model.outcome_names,
            layout=self.layout,
            binning=None if self.window is None else Binning(self.window),
            model=self.model,
        )
        engine = engines.chosen(self.config.engine, len(missing))
        self._warm()
        with storing(self.folder):
            flight.regroup(self.folder, missing)
        begun = time.perf_counter()
        engine.run(missing, work, self.watcher)
        flight.clear(self.folder)
        self.watcher.end()
        seconds = time.perf_counter() - begun
        runs = sum(shard.n_runs for shard in missing)
        self.say(f"{runs} run{'' if runs == 1 else 's'} in {seconds:.1f} s on {engine.told}.")


def identity(config: Config, model: Model) -> str:
    """Return the id of a campaign: twelve hexadecimal digits of what its runs are computed from and what is kept."""
    content = config.model_dump(mode="json", exclude=_NOT_CONTENT)
    content["design"] = {key: model.sampled[key] for key in ("method", "seed", "factors") if model.sampled}
    arms = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in model.planned if not arm.is_sampled]
    kept = [list(model.outcome_names), list(model.columns), CHUNK_RUNS, LAYOUT]
    return hashlib.sha256(canonical_json([content, arms, model.source_hash, kept])).hexdigest()[:12]
