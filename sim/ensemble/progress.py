"""How far a folder of results is: read from what it holds, by anybody, at any moment, and never in the way of a run."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.ensemble.asked import Asked, read_asked
from sim.ensemble.design_table import noted_in
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Receipt, problem_of, read_receipts
from sim.ensemble.shares import Share
from sim.errors import InputError
from sim.results.files import holder_of, is_held, unlike
from sim.results.schema import CONFIG, DESIGN, LOG, MANIFEST, MOST_RUNS, PLAN
from sim.results.store import open_result

FINISHED, DONE, FAILED = "finished", "done", "failed"
"""States of a folder that holds all its runs: sealed by its manifest; a share, which has none; all runs failed."""

RUNNING, INTERRUPTED = "running", "interrupted"
"""States of other folders: some process holds it; none does."""

LOG_LINES = 5
"""Lines of the log that are told."""


@dataclass(frozen=True)
class ArmProgress:
    """How far the runs of a scenario in a mode of history are, over all points."""

    scenario: str
    history: str
    points: int
    runs: int
    done: int
    failed: int


@dataclass(frozen=True)
class Standing:
    """How far a folder of results is."""

    results: str
    experiment: str
    title: str
    question: str
    design: Mapping[str, Any] | None
    """`method`, number of `points`, and the keys of the `factors`, of sampled points; None where there are none."""
    share: str | None
    state: str
    holder: Mapping[str, Any] | None
    """Process, host, begin and last sign of life (seconds since 1970) of who holds it, or did when it was killed."""
    runs: int
    done: int
    failed: int
    runs_a_second: float | None
    """While it is running, since it was begun."""
    seconds_left: float | None
    cpu_seconds: float
    """Over all runs that are done."""
    arms: tuple[ArmProgress, ...]
    bytes_used: int
    log: tuple[str, ...]
    resume: str | None
    """The command that goes on with it where it was interrupted; None elsewhere, and where it was moved."""
    typed_at: str
    """Where that has to be typed, in words; empty where it does not matter."""
    damage: tuple[str, ...] | None
    """What does not match its checksum, a sentence each; None where it was not looked at."""

    def as_json(self) -> dict[str, Any]:
        """Return all of it by name."""
        return asdict(self)


def is_result(folder: Path) -> bool:
    """Return whether a folder is one of results, finished or not."""
    return (folder / CONFIG).is_file() and (folder / PLAN).is_file()


def results_in(folder: Path) -> list[Path]:
    """Return the folders of results of an experiment, or of a whole folder for results, by name.

    A folder that is one itself comes first: a result may be kept where those of its experiment stand.
    """
    below = [path for path in folder.iterdir() if path.is_dir()]
    deeper = [] if is_result(folder) else [path for parent in below for path in parent.iterdir()]
    return sorted(filter(is_result, (folder, *below, *deeper)))


def standing(folder: Path, with_check: bool = False) -> Standing:
    """Return how far a folder is; with `with_check` every file is read, to see whether it is as it was written.

    Raises InputError where it is no folder of results. Nothing is changed, and no run is kept waiting.
    """
    asked = read_asked(folder)
    receipts, unread = read_receipts(folder, with_hashes=False)
    plan, share = asked.plan, Share.parse(asked.about["share"]) if asked.about["share"] else None
    shards = [receipt.shard for receipt in receipts.values()]
    missing = plan.missing(shards, None, None if share is None else share.tiles(plan))
    arms = tuple(_arms(asked.plan, share, missing, list(receipts.values())))
    runs, left = sum(arm.runs for arm in arms), sum(shard.n_runs for shard in missing)
    failed = sum(arm.failed for arm in arms)
    is_running, holder = is_held(folder), holder_of(folder)
    rate = _rate(receipts, holder) if is_running else None
    state = RUNNING if is_running else FAILED if failed and failed == runs else _state(asked, left)
    return Standing(
        results=str(folder),
        experiment=asked.about["experiment"],
        title=asked.about["title"],
        question=asked.about["question"],
        design=_design(folder),
        share=asked.about["share"],
        state=state,
        holder=holder,
        runs=runs,
        done=runs - left,
        failed=failed,
        runs_a_second=rate,
        seconds_left=left / rate if rate else None,
        cpu_seconds=round(sum(receipt.cpu_seconds for receipt in receipts.values()), 1),
        arms=arms,
        bytes_used=sum(_size(path) for path in _own(folder)),
        log=_last_lines(folder / LOG),
        resume=asked.resumed_by if state == INTERRUPTED and asked.is_in_place else None,
        typed_at=asked.typed_at,
        damage=(*unread.values(), *_damage(folder, receipts)) if with_check else None,
    )


def _design(folder: Path) -> dict[str, Any] | None:
    if (noted := noted_in(folder / DESIGN)) is None:
        return None
    factors = [factor["key"].removeprefix("parameters.") for factor in noted["factors"]]
    return {"method": noted["method"], "points": noted["points"], "factors": factors}


def _state(asked: Asked, left: int) -> str:
    """Return the state of a folder that nobody holds."""
    if asked.about["share"]:
        return INTERRUPTED if left else DONE
    try:
        return FINISHED if open_result(asked.folder).manifest["plan_hash"] == asked.about["plan_hash"] else INTERRUPTED
    except InputError:
        return INTERRUPTED


def _arms(
    plan: Plan, share: Share | None, missing: Sequence[Shard], receipts: Sequence[Receipt]
) -> Iterator[ArmProgress]:
    """Yield how far every scenario in a mode of history is."""
    wanted = plan.missing([], None, None if share is None else share.tiles(plan))
    runs, left = _by_arm(wanted), _by_arm(missing)
    failed: dict[int, int] = {}
    for failure in (failure for receipt in receipts for failure in receipt.failures):
        failed[failure.run // MOST_RUNS] = failed.get(failure.run // MOST_RUNS, 0) + 1
    places: dict[tuple[str, str], list[int]] = {}
    for place, arm in enumerate(plan.arms):
        places.setdefault((arm.scenario, arm.history), []).append(place)
    for (scenario, history), arms in places.items():
        total, still = _sum(runs, arms), _sum(left, arms)
        yield ArmProgress(scenario, history, len(arms), total, total - still, _sum(failed, arms))


def _by_arm(shards: Iterable[Shard]) -> dict[int, int]:
    found: dict[int, int] = {}
    for shard in shards:
        for arm in shard.reach:
            found[arm] = found.get(arm, 0) + shard.count
    return found


def _sum(runs: Mapping[int, int], arms: Sequence[int]) -> int:
    return sum(runs.get(arm, 0) for arm in arms)


def _rate(receipts: Mapping[Path, Receipt], holder: Mapping[str, Any] | None) -> float | None:
    """Return runs a second since the process that holds the folder began to run, or None before its first receipt."""
    begun = float(holder["since"]) if holder else 0.0
    ours = {path: written for path in receipts if (written := _written(path)) >= begun}
    if not ours:
        return None
    first = max(begun, min(written - receipts[path].wall_seconds for path, written in ours.items()))
    return sum(receipts[path].shard.n_runs for path in ours) / max(time.time() - first, 1e-3)


def _written(path: Path) -> float:
    """Return when a file was written, seconds since 1970; before all times where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return -math.inf


def _own(folder: Path) -> Iterator[Path]:
    """Yield what a folder holds, without the results that stand in it."""
    for path in folder.iterdir():
        if not path.is_dir():
            yield path
        elif not is_result(path):
            yield from path.rglob("*")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0  # It went while it was looked at: a file that was being written got its name.


def _last_lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="utf-8").splitlines()[-LOG_LINES:])
    except OSError:
        return ()


def _damage(folder: Path, receipts: Mapping[Path, Receipt]) -> Iterator[str]:
    """Yield what is wrong with a folder's files: those of receipts, and where it is finished, those of its manifest."""
    known = set()
    for receipt in receipts.values():
        known |= set(receipt.files)
        if problem := problem_of(folder, receipt):
            yield problem
    try:
        files: dict[str, str] = open_result(folder).manifest["files"]
    except InputError as error:
        if (folder / MANIFEST).is_file():
            yield str(error)
        return
    others = {name: expected for name, expected in files.items() if name not in known}
    yield from (f"{name} {why}" for name, why in unlike(folder, others))
