"""Marks of shards in flight: what a worker had in hand when it died, and which runs are in quarantine for it.

Every attempt at a shard leaves a mark, `flight/<shard>.json`, that says before each step which runs are in hand. It is
renamed into place, not synced: it has to outlive a killed process, not a power cut. Whoever takes up a shard whose last
attempt died suspects what was in hand, and runs it one run at a time; a suspect that dies twice is left out from then
on. So the run to blame is found by running the same shard again, whatever runs it, and its neighbours are kept. Why a
process died is not known to whoever takes up its shard: three kills from outside that all hit one run count against it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sim.ensemble.plan import Shard
from sim.ensemble.receipts import Failure
from sim.ensemble.stopping import Stopped
from sim.results.schema import MOST_RUNS

FLIGHT = "flight"
"""Folder of the marks, inside the folder of results; gone once all runs are there."""

TICKET = ".work"
"""How the file ends that tells workers that the campaign goes on; its name begins with a point."""

DEATHS = 2
"""So many times a suspect takes its worker with it, alone, before it is left out."""

SLICES = 10
"""A time limit is waited for in so many slices: a process or machine that was stopped did not run for all that time."""


@dataclass(frozen=True)
class Mark:
    """What is known of a shard that is not done."""

    attempt: str = ""
    """Which attempt wrote it."""
    host: str = ""
    pid: int = 0
    since: str = ""
    """When the step began, in UTC."""
    in_flight: tuple[int, ...] = ()
    """Numbers of the runs in hand."""
    deaths: Mapping[int, int] = field(default_factory=dict)
    """Suspects: runs that were in hand when a worker died, and how often each died alone since."""
    quarantined: tuple[Failure, ...] = ()
    """Runs that are left out."""

    @classmethod
    def read(cls, path: Path) -> Mark:
        """Return a mark; one that knows nothing where there is none or where it cannot be read."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            in_flight = tuple(content.pop("in_flight"))
            deaths = {int(run): times for run, times in content.pop("deaths").items()}
            quarantined = tuple(Failure(**failure) for failure in content.pop("quarantined"))
            return cls(in_flight=in_flight, deaths=deaths, quarantined=quarantined, **content)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def write(self, path: Path) -> None:
        """Write it in one go; OSError where the disk refuses."""
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_name(f".{path.name}.{self.attempt or uuid.uuid4().hex}.part")
        try:
            temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    @property
    def verdict(self) -> tuple[object, ...]:
        """What it says of runs, whoever wrote it and when."""
        return self.in_flight, self.deaths, self.quarantined

    def after_death(self) -> Mark:
        """Return what follows where the attempt that left it has died."""
        known = {failure.run for failure in self.quarantined}
        hit = [run for run in self.in_flight if run not in known]
        deaths = {run: self.deaths.get(run, 0) for run in hit}
        quarantined = self.quarantined
        if len(self.in_flight) == 1 and hit and hit[0] in self.deaths:
            deaths[hit[0]] += 1
            if deaths[hit[0]] >= DEATHS:
                error = f"its worker died {DEATHS} times while it was run alone (last on {self.host})"
                quarantined += (Failure(hit[0], "died", error),)
        return replace(self, in_flight=(), deaths={**self.deaths, **deaths}, quarantined=quarantined)


class Flight:
    """One attempt at a shard."""

    def __init__(self, folder: Path, shard: Shard) -> None:
        """Take up a shard, knowing what earlier attempts left; OSError where the disk refuses."""
        self._path = mark_path(folder, shard)
        known = Mark.read(self._path).after_death()
        own = Mark(uuid.uuid4().hex, socket.gethostname(), os.getpid(), _now())
        self._mark = replace(own, deaths=known.deaths, quarantined=known.quarantined)
        self._lock = threading.Lock()
        self._mark.write(self._path)

    @property
    def suspects(self) -> frozenset[int]:
        """Numbers of the runs that have to be run alone."""
        return frozenset(self._mark.deaths)

    @property
    def quarantined(self) -> tuple[Failure, ...]:
        """The runs that are left out."""
        return self._mark.quarantined

    @contextmanager
    def step(self, runs: Sequence[int], time_limit: float | None = None) -> Iterator[None]:
        """Have runs in hand; with a limit in seconds it is one run, which is left out and its process ended after it.

        Raises Stopped where another attempt has taken up the shard since; OSError where the disk refuses.
        """
        with self._lock:
            if not self._is_own():
                raise Stopped
            self._mark = replace(self._mark, in_flight=tuple(int(run) for run in runs), since=_now())
            self._mark.write(self._path)
        if time_limit is None:
            yield
            return
        over = threading.Event()
        threading.Thread(target=self._limit, args=(over, self._mark.in_flight, time_limit), daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def break_off(self) -> None:
        """Give up without blaming what is in hand; what is known of runs stays."""
        with self._lock, suppress(OSError):
            if self._is_own():
                _release(self._path, self._mark)

    def land(self) -> None:
        """Take the mark away, the receipt being there; that of another attempt stays."""
        with self._lock, suppress(OSError):
            if self._is_own():
                self._path.unlink(missing_ok=True)

    def _is_own(self) -> bool:
        return Mark.read(self._path).attempt == self._mark.attempt

    def _limit(self, over: threading.Event, in_flight: tuple[int, ...], limit: float) -> None:
        """End this process unless a run is over in time; while it is stopped at most one slice of the time goes by."""
        if not any(over.wait(limit / SLICES) for _ in range(SLICES)):
            self._end_process(in_flight, limit)

    def _end_process(self, in_flight: tuple[int, ...], limit: float) -> None:
        """Put a run in quarantine and end this process: compiled code cannot be stopped otherwise."""
        with self._lock:
            if self._mark.in_flight != in_flight:
                return
            failures = tuple(Failure(run, "time limit", f"took more than {limit:g} s") for run in in_flight)
            with suppress(OSError):
                if self._is_own():
                    replace(self._mark, quarantined=self._mark.quarantined + failures).write(self._path)
            os.kill(os.getpid(), signal.SIGKILL)


def mark_path(folder: Path, shard: Shard) -> Path:
    """Return where the mark of a shard stands."""
    return folder / FLIGHT / f"{shard.name}.json"


def forgive(folder: Path, shard: Shard) -> None:
    """Blame nothing that was in hand: the worker was ended on purpose."""
    path = mark_path(folder, shard)
    with suppress(OSError):
        if path.is_file():
            _release(path, Mark.read(path))


def clear(folder: Path) -> None:
    """Take all marks away, and whatever else lies there."""
    shutil.rmtree(folder / FLIGHT, ignore_errors=True)


def call_off(folder: Path) -> None:
    """Have whoever still works for an earlier command stop at its next step; OSError where the disk refuses."""
    for ticket in (folder / FLIGHT).glob(f".*{TICKET}"):
        ticket.unlink(missing_ok=True)


def regroup(folder: Path, shards: Sequence[Shard]) -> None:
    """Hand what is known of runs to the shards that are to be run now, which may be cut in another way than before.

    Raises OSError where the disk refuses.
    """
    names = {shard.name for shard in shards}
    for path in sorted((folder / FLIGHT).glob("*.json")):
        if path.stem in names:
            continue
        old = Mark.read(path).after_death()
        for shard in shards:
            deaths = {run: times for run, times in old.deaths.items() if _holds(shard, run)}
            quarantined = tuple(failure for failure in old.quarantined if _holds(shard, failure.run))
            if deaths or quarantined:
                there = Mark.read(mark_path(folder, shard))
                known = replace(
                    there, deaths={**there.deaths, **deaths}, quarantined=(*there.quarantined, *quarantined)
                )
                known.write(mark_path(folder, shard))
        path.unlink()


def _release(path: Path, mark: Mark) -> None:
    """Leave a mark that blames nothing, or none where nothing is known."""
    if mark.deaths or mark.quarantined:
        try:
            replace(mark, in_flight=()).write(path)
            return
        except OSError:
            pass
    path.unlink(missing_ok=True)


def _holds(shard: Shard, run: int) -> bool:
    arm, replication = divmod(run, MOST_RUNS)
    return arm in shard.reach and shard.first <= replication < shard.first + shard.count


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
