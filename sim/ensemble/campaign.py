"""A campaign from plan to data: resume what is there, run what is missing, and describe the whole."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sim.ensemble import engines, flight, origins
from sim.ensemble.asked import Asked, read_asked, stated, write_asked
from sim.ensemble.bands import Binning
from sim.ensemble.plan import Shard
from sim.ensemble.receipts import Foreign, Survey, receipts_in, survey
from sim.ensemble.shards import ShardWork
from sim.ensemble.sweep import Model, Sweep
from sim.ensemble.warming import warm
from sim.errors import InputError
from sim.results import trajectories
from sim.results.files import halting, held, storing, sweep_parts
from sim.results.schema import BANDS, FIGURES, LOG, MANIFEST, OUTCOMES, REPORT, bands_name, part_name, receipt_name


@dataclass(frozen=True)
class Campaign[M: Model](Sweep[M]):
    """A sweep in its folder."""

    @contextmanager
    def opened(self) -> Iterator[Campaign[M]]:
        """Hold the folder, and yield the campaign as far as the folder has grown, or is to be grown.

        A folder always describes all points and replications that it holds, so a campaign that asks for fewer is made
        as large; with `precision`, `runs` stays the number from which its rule goes on. Raises InputError where another
        process holds the folder or where the points there are others; Halted where the disk fails meanwhile, unless
        that is a matter of permissions.
        """
        with held(self.folder), halting(), storing(self.folder):
            yield self.grown()

    def run(self, found: Survey | None = None) -> list[Shard]:
        """Run what is missing and return the shards that make up the plan.

        `found` is what the folder holds, where that was looked at already. Raises InputError for a folder that is of
        another model or plan, and for a scheduler that does not answer, and leaves it as it was; DiskFailed for a disk
        that refuses and KeyboardInterrupt when stopped: what is done stays done, and the folder has no manifest.
        """
        found = self.surveyed() if found is None else found
        left = self._left_of(found)
        if missing := self.missing(left.done):
            engines.reach(self.config.engine)
        self.clear(found)
        if found.damage:
            self.say("What does not count is run again.")
        if missing:
            self.say_origins(left.origins)
        return self.complete(left.done)

    def complete(self, there: Sequence[Shard]) -> list[Shard]:
        """Run what is missing besides shards that are there, sound; return those that make up the plan.

        The folder has no manifest. Raises as `run` does.
        """
        missing = self.missing(there)
        self._tell_plan(missing)
        shards = [*there, *missing]
        self.lay_out(shards)
        if missing:
            self._run_shards(missing)
        flight.clear(self.folder)
        return self.plan.wanted(shards)

    def surveyed(self) -> Survey:
        """Call off whoever still works for an earlier command, and return what there is; InputError as `run` has it."""
        flight.call_off(self.folder)
        found = self._survey()
        if self.layout is not None:
            trajectories.check(self.folder, self.layout)
        return found

    def lay_out(self, shards: Sequence[Shard]) -> None:
        """Write what is asked, and make room for the trajectories of shards; a report on another plan goes."""
        if not self._is_planned():
            self._drop_report("is on another number of replications")
        write_asked(self.folder, self.config, self.plan, self.about())
        self.model.write_design(self.folder)
        if self.layout is not None:
            slots = {shard.slot: self.plan.keys(shard) for shard in shards if self.plan.arms[shard.arm].is_recorded}
            trajectories.prepare(self.folder, self.layout, slots)

    def clear(self, found: Survey) -> Survey:
        """Take away the manifest, what is half-written and what does not count; return what is left of `found`."""
        left = self._left_of(found)
        (self.folder / OUTCOMES).mkdir(parents=True, exist_ok=True)
        (self.folder / MANIFEST).unlink(missing_ok=True)
        sweep_parts(self.folder)
        if self.config.retry:
            flight.clear(self.folder)
        if found.damage or len(left.sound) < len(found.sound):
            self._drop_report("may show damaged runs" if found.damage else "lacks runs that are tried again")
        for why in found.damage.values():
            self.say(why)
        names = (receipt_name, part_name, bands_name)
        vouched = {self.folder / name(shard.name) for shard in left.done for name in names}
        parts = (path for kind in (OUTCOMES, BANDS) for path in (self.folder / kind).glob("*.parquet"))
        for path in (*receipts_in(self.folder), *parts):
            if path not in vouched:
                path.unlink()
        return left

    def _left_of(self, found: Survey) -> Survey:
        """Return what counts of a survey: shards with failures do not where these are to be tried again."""
        return found.without_failures() if self.config.retry else found

    def _is_planned(self) -> bool:
        """Return whether what was asked of the folder last is this plan."""
        try:
            return bool(read_asked(self.folder).about["plan_hash"] == self.plan.sha256)
        except InputError:
            return False

    def _drop_report(self, why: str) -> None:
        """Take away report and figures, saying why where no others are to be made."""
        if (self.folder / REPORT).is_file() and not self.config.report:
            self.say(f"The report in {self.folder} {why}; it is removed.")
        shutil.rmtree(self.folder / FIGURES, ignore_errors=True)
        (self.folder / REPORT).unlink(missing_ok=True)

    def say(self, line: str) -> None:
        """Tell the watcher and the log of the campaign; InputError where the disk refuses."""
        self.watcher.say(line)
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")

    def say_origins(self, counts: Mapping[origins.Origin, int]) -> None:
        """Say of how many runs that are there this process would make others in the last bit."""
        for line in origins.lines(counts):
            self.say(line)

    def _survey(self) -> Survey:
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
        now = Asked(self.folder, stated(self.config, self.model.question), self.about())
        return "".join(f" {difference}." for difference in asked.differences(now))

    def _tell_plan(self, missing: list[Shard]) -> None:
        to_run, total = sum(shard.n_runs for shard in missing), self.n_runs
        done = total - to_run
        if done and to_run:
            self.say(f"{done} of {total} runs are there already.")
        elif not to_run and total:
            self.say(f"All {total} runs are there already.")
        if to_run and not done and self.layout is not None:
            recorded = (n for arm, n in zip(self.plan.arms, self.plan.replications, strict=True) if arm.is_recorded)
            self.say(f"Trajectories: {self.layout.told(sum(recorded))}")
        self.watcher.begin(done, total)

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
        warm(self.model, self.say)  # in this thread, where Ctrl-C ends it
        flight.regroup(self.folder, missing)
        begun = time.perf_counter()
        engine.run(missing, work, self.watcher)
        self.watcher.end()
        seconds = time.perf_counter() - begun
        runs = sum(shard.n_runs for shard in missing)
        self.say(f"{runs} run{'' if runs == 1 else 's'} in {seconds:.1f} s on {engine.told}.")
