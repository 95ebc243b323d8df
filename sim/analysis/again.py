"""Make runs of a result again, and set them against those that were kept.

Nothing is written. Parts are read one by one and runs are made on threads, so that memory does not grow with their
number.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.analysis.moved import SAMPLED, Group, Tally, differ, sampled
from sim.analysis.verify import Mode
from sim.ensemble.plan import Plan
from sim.ensemble.receipts import Receipt
from sim.ensemble.reopen import Reopened
from sim.results.digest import digest_of
from sim.results.outcomes import read_parts
from sim.results.schema import CHUNK_RUNS, KEYS, MOST_RUNS, TRAJECTORIES, part_name
from sim.results.store import Result
from sim.results.trajectories import VALUE

STEP_RUNS = 20
"""Runs of one arm that are made in one call."""

Chosen = Mapping[int, np.ndarray]
"""Replications, int64, by the number of their arm."""


class Watcher(Protocol):
    """Whoever is told how the work gets on."""

    def begin(self, done: int, total: int) -> None: ...  # noqa: D102
    def advance(self, runs: int) -> None: ...  # noqa: D102
    def end(self) -> None: ...  # noqa: D102


class _Pairs(NamedTuple):
    """Runs of one part as they were kept and as they were made again: keys, outcomes, trajectories where any are."""

    keys: pa.Table
    before: np.ndarray
    now: np.ndarray
    series: tuple[np.ndarray, np.ndarray] | None
    problem: str


@dataclass
class Comparison:
    """Runs made again, against those that were kept."""

    outcomes: Tally
    series: Tally
    """Trajectories: of each column whether any quarter differs, and means over quarters."""
    digest: str | None = None
    """Of all runs made again, where all were."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each part whose runs are not those of the plan."""

    @property
    def differing(self) -> set[int]:
        """Numbers of the runs in which anything differs."""
        return self.outcomes.differing | self.series.differing


@dataclass(frozen=True)
class Again:
    """The runs of a result, to be made again by the model of today's files."""

    result: Result
    reopened: Reopened
    mode: Mode
    damaged: frozenset[str] = frozenset()
    """Paths inside the folder of files that are not as they were: what rests on them is left out."""

    @property
    def names(self) -> tuple[str, ...]:
        """Outcomes that both the results and today's model have."""
        now = set(self.reopened.prepared.outcome_names)
        return tuple(name for name in self.result.manifest["outcomes"] if name in now)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of trajectories that both have; none where the description of the trajectories is damaged."""
        now = set(self.reopened.prepared.columns)
        if any(name.startswith(f"{TRAJECTORIES}/") and name.endswith("zarr.json") for name in self.damaged):
            return ()
        return tuple(name for name in self.result.manifest["trajectories"] if name in now)

    @property
    def unlike(self) -> tuple[str, ...]:
        """Outcomes and columns observed that only one of them has."""
        manifest, prepared = self.result.manifest, self.reopened.prepared
        kept, now = (*manifest["outcomes"], *manifest["quantiles"]), (*prepared.outcome_names, *prepared.columns)
        return tuple(sorted(set(kept) ^ set(now)))

    @cached_property
    def _receipts(self) -> dict[str, Receipt]:
        """Receipts of the parts that are as they were, in the order of the parts."""
        found = {part_name(receipt.shard.name): receipt for receipt in self.reopened.receipts}
        parts = [part for part in self.result.manifest["parts"] if part in found]
        return {part: found[part] for part in parts if not self.damaged & {part, *found[part].files}}

    def compare(self, share: float, seed: int, threads: int, watcher: Watcher) -> Comparison:
        """Make a share of all runs again and compare; `sampled` says which.

        The digest is taken where the share is 1 and nothing is left out.
        """
        chosen = sampled(self.reopened.plan.replications, share, seed)
        wanted = [part for part, of in self._receipts.items() if any(arm in chosen for arm in of.shard.reach)]
        watcher.begin(0, sum(len(replications) for replications in chosen.values()))
        is_exact = self.mode.is_exact
        compared = Comparison(Tally(self.names, is_exact), Tally(self.columns, is_exact))
        tables = self._tables(wanted, chosen, threads, watcher, compared)
        is_whole = share >= 1.0 and len(wanted) == len(self.result.manifest["parts"]) and not self.unlike
        try:
            if is_whole:
                compared.digest = digest_of(tables)
            else:
                deque(tables, maxlen=0)
        finally:
            watcher.end()
        return compared

    def kept(self) -> Tally:
        """Return the tally of all runs as they were kept, whose spread is the unit of shifts."""
        kept = Tally(self.names, is_exact=True)
        for table in read_parts(self.result.path, self._receipts):
            values = _values(table, self.names)
            for group, rows, runs in self._groups(table):
                kept.add(group, runs, values[rows], values[rows])
        return kept

    def _tables(
        self, parts: Sequence[str], chosen: Chosen, threads: int, watcher: Watcher, compared: Comparison
    ) -> Iterator[pa.Table]:
        """Yield the runs made again part by part, in the order of the parts, once they are compared."""
        stop = threading.Event()
        pool = ThreadPoolExecutor(threads)
        try:
            for pairs in pool.map(lambda part: self._pairs(part, chosen, stop, watcher), parts):
                if pairs.problem:
                    compared.problems.append(pairs.problem)
                    continue
                for group, rows, runs in self._groups(pairs.keys):
                    compared.outcomes.add(group, runs, pairs.before[rows], pairs.now[rows])
                    if pairs.series is not None:
                        _add_series(compared.series, group, runs, *(side[rows] for side in pairs.series))
                made = {name: pa.array(pairs.now[:, place]) for place, name in enumerate(self.names)}
                yield pa.table({**{name: pairs.keys.column(name) for name in KEYS}, **made})
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

    def _groups(self, table: pa.Table) -> Iterator[tuple[Group, np.ndarray, np.ndarray]]:
        """Yield for each group in a table its places and the numbers of its runs."""
        runs = table.column("run").to_numpy()
        arms, planned = runs // MOST_RUNS, self.reopened.plan.arms
        groups: dict[Group, list[int]] = {}
        for arm in np.unique(arms):
            of = planned[arm]
            point = SAMPLED if of.is_sampled else of.point
            groups.setdefault(Group(point, of.scenario, of.history), []).append(int(arm))
        for group, members in groups.items():
            rows = np.flatnonzero(np.isin(arms, members))
            yield group, rows, runs[rows]

    def _pairs(self, part: str, chosen: Chosen, stop: threading.Event, watcher: Watcher) -> _Pairs:
        """Read the chosen runs of a part, and make them again."""
        receipt, folder = self._receipts[part], self.result.path
        table = pq.read_table(str(folder / part))
        problem = _other_runs(part, table, receipt, self.reopened.plan)
        runs = table.column("run").to_numpy()
        wanted = [MOST_RUNS * arm + chosen[arm] for arm in receipt.shard.reach if arm in chosen]
        rows = np.flatnonzero(np.isin(runs, np.concatenate(wanted))) if not problem else np.zeros(0, np.int64)
        before = table.take(rows)
        outcomes, series = self._made(runs[rows], receipt, stop, watcher)
        both = self._both_series(receipt, runs[rows], series)
        return _Pairs(before, _values(before, self.names), outcomes, both, problem)

    def _made(
        self, runs: np.ndarray, receipt: Receipt, stop: threading.Event, watcher: Watcher
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return outcomes, float64, and trajectories, float32, of runs given by their numbers, in their order."""
        prepared = self.reopened.prepared
        places = [prepared.outcome_names.index(name) for name in self.names]
        columns = [prepared.columns.index(name) for name in self.columns]
        outcomes, series = [np.empty((0, len(places)))], []
        for arm in np.unique(runs // MOST_RUNS):
            replications = runs[runs // MOST_RUNS == arm] % MOST_RUNS
            for first in range(0, len(replications), STEP_RUNS):
                if stop.is_set():
                    break
                block = prepared.simulate(int(arm), replications[first : first + STEP_RUNS])
                outcomes.append(block.outcomes[:, places])
                if self._is_recorded(receipt):
                    series.append(block.trajectories[:, :, columns])
                watcher.advance(len(block.outcomes))
        return np.concatenate(outcomes), np.concatenate(series) if series else None

    def _is_recorded(self, receipt: Receipt) -> bool:
        return bool(self.columns) and self.reopened.plan.arms[receipt.shard.arm].is_recorded

    def _both_series(
        self, receipt: Receipt, runs: np.ndarray, now: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the trajectories of runs as they were kept, and those made again; None where none are kept."""
        if now is None:
            return None
        import zarr

        array: Any = zarr.open_array(str(self.result.path / TRAJECTORIES / VALUE), mode="r")
        first = receipt.shard.slot * CHUNK_RUNS
        slot = array[first : first + receipt.shard.n_runs]
        places = np.searchsorted(self.reopened.plan.keys(receipt.shard).runs, runs)
        columns = [self.result.manifest["trajectories"].index(name) for name in self.columns]
        return slot[places][:, :, columns], now


def _add_series(tally: Tally, group: Group, runs: np.ndarray, before: np.ndarray, now: np.ndarray) -> None:
    """Take trajectories, float32, shape (n, quarters, columns)."""
    other = differ(before, now, tally.is_exact).any(axis=1)
    tally.add(group, runs, before.mean(axis=1, dtype=np.float64), now.mean(axis=1, dtype=np.float64), other)


def _values(table: pa.Table, names: Sequence[str]) -> np.ndarray:
    """Return columns of a table, float64, shape (rows, names)."""
    values = np.empty((table.num_rows, len(names)))
    for place, name in enumerate(names):
        values[:, place] = table.column(name).to_numpy()
    return values


def _other_runs(part: str, table: pa.Table, receipt: Receipt, plan: Plan) -> str:
    """Return a sentence where the keys of a part are not those of its runs in the plan; else an empty one."""
    failed = [failure.run for failure in receipt.failures]
    keys = plan.keys(receipt.shard)
    expected = keys.of(np.flatnonzero(~np.isin(keys.runs, failed))).columns()
    others = [name for name, column in expected.items() if table.column(name).to_pylist() != column.to_pylist()]
    return f"{part}: its runs are not those of the plan; they differ in {', '.join(others)}." if others else ""
