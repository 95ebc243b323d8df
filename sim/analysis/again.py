"""Make runs of a result again, and set them against those that were kept.

Nothing is written. Parts are read one by one and runs are made on threads, so that memory does not grow with their
number.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.analysis.moved import SAMPLED, Group, Tally, differ, sampled
from sim.analysis.verify import Mode, mode_of
from sim.ensemble.blocks import STEP_RUNS, in_a_line, simulated, stretches
from sim.ensemble.plan import Plan
from sim.ensemble.receipts import Receipt
from sim.ensemble.reopen import Reopened
from sim.results.digest import digest_of
from sim.results.outcomes import read_parts
from sim.results.schema import CHUNK_RUNS, KEYS, MOST_RUNS, TRAJECTORIES, part_name
from sim.results.store import Result
from sim.results.trajectories import VALUE
from sim.results.watching import Watcher

Chosen = Mapping[int, np.ndarray]
"""Replications, int64, by the number of their arm."""


class _Pairs(NamedTuple):
    """Runs of one part as they were kept and as they were made again: keys, outcomes, trajectories where any are."""

    keys: pa.Table
    before: np.ndarray
    now: np.ndarray
    series: tuple[np.ndarray, np.ndarray] | None
    mode: Mode
    problems: tuple[str, ...]


@dataclass
class Comparison:
    """Runs made again, against those that were kept."""

    outcomes: Tally
    series: Tally
    """Trajectories: of each column whether any quarter differs, and means over quarters."""
    digest: str | None = None
    """Of all runs made again, where all were."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each part whose runs are not those of the plan, or raise today."""
    modes: Counter[Mode] = field(default_factory=Counter)
    """How many runs were compared in which way."""
    differing: int = 0
    """Number of the runs in which anything differs."""
    first_run: int | None = None
    """Number of the first of them."""
    left_out: int = 0
    """Number of runs that were drawn, but rest on damaged files."""

    def add(self, group: Group, rows: np.ndarray, runs: np.ndarray, pairs: _Pairs) -> None:
        """Compare some runs of a part: their places among its pairs, and their numbers."""
        before, now = pairs.before[rows], pairs.now[rows]
        other = differ(before, now, pairs.mode.is_exact)
        self.outcomes.add(group, runs, before, now, other)
        moved = other.any(axis=1)
        if pairs.series is not None:
            before, now = (side[rows] for side in pairs.series)
            other = differ(before, now, pairs.mode.is_exact).any(axis=1)
            before, now = (side.mean(axis=1, dtype=np.float64) for side in (before, now))
            self.series.add(group, runs, before, now, other)
            moved |= other.any(axis=1)
        self.modes[pairs.mode] += len(runs)
        if moved.any():
            first = int(runs[moved].min())
            self.differing += int(moved.sum())
            self.first_run = first if self.first_run is None else min(first, self.first_run)


@dataclass(frozen=True)
class Again:
    """The runs of a result, to be made again by the model of today's files."""

    result: Result
    reopened: Reopened
    is_same_model: bool
    """Whether the source of the model is that which made the results."""
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
        compared = Comparison(Tally(self.names), Tally(self.columns), left_out=self._n_left_out(chosen))
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

    def _n_left_out(self, chosen: Chosen) -> int:
        """Return how many of some runs rest on damaged files."""
        whole = [receipt.shard for receipt in self._receipts.values()]
        of_arms = [(shard, chosen[arm]) for shard in whole for arm in shard.reach if arm in chosen]
        sound = sum(int(((n >= s.first) & (n < s.first + s.count)).sum()) for s, n in of_arms)
        return sum(map(len, chosen.values())) - sound

    def kept(self) -> Tally:
        """Return the tally of all runs as they were kept, whose spread is the unit of shifts."""
        kept = Tally(self.names)
        for table in read_parts(self.result.path, self._receipts):
            values = _values(table, self.names)
            for group, rows, runs in self._groups(table):
                kept.add(group, runs, values[rows], values[rows], np.zeros((len(rows), len(self.names)), np.bool_))
        return kept

    def _tables(
        self, parts: Sequence[str], chosen: Chosen, threads: int, watcher: Watcher, compared: Comparison
    ) -> Iterator[pa.Table]:
        """Yield the runs made again part by part, in the order of the parts, once they are compared."""
        stop = threading.Event()
        pool = ThreadPoolExecutor(threads)
        try:
            for pairs in pool.map(lambda part: self._pairs(part, chosen, stop, watcher), parts):
                compared.problems += pairs.problems
                for group, rows, runs in self._groups(pairs.keys):
                    compared.add(group, rows, runs, pairs)
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
        outcomes, series, raised = self._made(runs[rows], receipt, stop, watcher)
        kept = ~np.isin(runs[rows], list(raised))
        before, own = table.take(rows[kept]), None if series is None else series[kept]
        both = self._both_series(receipt, runs[rows[kept]], own)
        mode = mode_of(receipt.made_by, self.is_same_model)
        problems = tuple(found for found in (problem, _raised(part, raised)) if found)
        return _Pairs(before, _values(before, self.names), outcomes[kept], both, mode, problems)

    def _made(
        self, runs: np.ndarray, receipt: Receipt, stop: threading.Event, watcher: Watcher
    ) -> tuple[np.ndarray, np.ndarray | None, dict[int, Exception]]:
        """Return what runs, given by their numbers, come to today, and what some of them raise, by number.

        Outcomes are float64, shape (runs, outcomes), trajectories float32, shape (runs, quarters, columns), or None
        where none are kept; both NaN where a run raises.
        """
        prepared, raised = self.reopened.prepared, {}
        places = [prepared.outcome_names.index(name) for name in self.names]
        columns = [prepared.columns.index(name) for name in self.columns]
        outcomes, series = np.full((len(runs), len(places)), np.nan), None
        if self._is_recorded(receipt) and len(runs):
            series = np.full((len(runs), len(prepared.quarters), len(columns)), np.nan, np.float32)
        for rows in stretches(runs, STEP_RUNS):
            if stop.is_set():
                break
            for some, made in simulated(prepared, runs, rows):
                if isinstance(made, Exception):
                    raised[int(runs[some[0]])] = made
                    continue
                outcomes[some] = made.outcomes[:, places]
                if series is not None:
                    series[some] = made.trajectories[:, :, columns]
            watcher.advance(len(rows))
        return outcomes, series, raised

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


def _values(table: pa.Table, names: Sequence[str]) -> np.ndarray:
    """Return columns of a table, float64, shape (rows, names)."""
    values = np.empty((table.num_rows, len(names)))
    for place, name in enumerate(names):
        values[:, place] = table.column(name).to_numpy()
    return values


def _raised(part: str, raised: Mapping[int, Exception]) -> str:
    """Return a sentence where runs of a part that were kept raise today; else an empty one."""
    if not raised:
        return ""
    first = min(raised)
    what = f"run {first} raises" if len(raised) == 1 else f"{len(raised)} runs raise, the first of them run {first},"
    return f"{part}: {what} today where values were kept: {in_a_line(raised[first])}."


def _other_runs(part: str, table: pa.Table, receipt: Receipt, plan: Plan) -> str:
    """Return a sentence where the keys of a part are not those of its runs in the plan; else an empty one."""
    failed = [failure.run for failure in receipt.failures]
    keys = plan.keys(receipt.shard)
    expected = keys.of(np.flatnonzero(~np.isin(keys.runs, failed))).columns()
    others = [name for name, column in expected.items() if table.column(name).to_pylist() != column.to_pylist()]
    return f"{part}: its runs are not those of the plan; they differ in {', '.join(others)}." if others else ""
