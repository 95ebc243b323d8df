"""The plan: which runs there are, and how they are cut into shards.

A run is keyed by (point, scenario, history, replication). An arm is a scenario in a mode of history at a point; the
arms of a sampled design come last, so that more points, like more replications, leave the numbers of those that exist
as they are. A shard is a rectangle: successive replications of successive arms.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from sim.results.files import canonical_json
from sim.results.outcomes import RunKeys
from sim.results.schema import CHUNK_RUNS, DESIGN_POINT, MOST_RUNS, PAIRED_POINT

SHARD_RUNS = 100
"""Usual number of runs in a shard: about a second of work."""

MOST_SHARDS = 2000
"""Above this many shards they become larger, up to LARGEST."""

LARGEST = 500
"""Most runs in a shard, unless told otherwise."""

KEYS_AT_ONCE = 100_000
"""About as many runs as are listed at a time."""

NO_SLOT = -1
"""Slot of a shard that stores no trajectories."""

Gaps = tuple[tuple[int, int], ...]
"""(first, count) of stretches of replications."""


@dataclass(frozen=True)
class PlannedArm:
    """A scenario in a mode of history at a point.

    `fingerprint` is the sha256 of everything that its runs are computed from, the dice apart.
    """

    point: str
    scenario: str
    history: str
    fingerprint: str
    is_recorded: bool = True
    """Whether its trajectories are stored, where any are: those of paired runs and of variants are not."""
    is_sampled: bool = False
    """Whether its point is one of a sampled design."""

    @property
    def banded_as(self) -> tuple[str, str, str] | None:
        """Point, scenario and history whose bands its runs belong to; None for paired runs, which have none."""
        if self.point == PAIRED_POINT:
            return None
        return DESIGN_POINT if self.is_sampled else self.point, self.scenario, self.history


@dataclass(frozen=True)
class Shard:
    """Replications `first` to `first + count - 1` of each of the arms `arm` to `arm + arms - 1`."""

    arm: int
    arms: int
    first: int
    count: int
    slot: int = NO_SLOT
    """Which chunk of the trajectories is its own."""

    @property
    def n_runs(self) -> int:
        """Number of its runs."""
        return self.arms * self.count

    @property
    def name(self) -> str:
        """Its place in the plan, as files are named after it: the same wherever and in whatever cut it is made."""
        return f"{self.arm:06d}x{self.arms}-{self.first:07d}x{self.count}"

    @property
    def reach(self) -> range:
        """Numbers of its arms."""
        return range(self.arm, self.arm + self.arms)

    @property
    def replications(self) -> np.ndarray:
        """Numbers of its replications, int64, shape (count,)."""
        return np.arange(self.first, self.first + self.count, dtype=np.int64)


@dataclass(frozen=True)
class Plan:
    """All runs of one campaign, on the same dice: so many replications of each arm."""

    arms: tuple[PlannedArm, ...]
    replications: tuple[int, ...]
    """Number for each arm."""
    seed: int

    @classmethod
    def uniform(cls, arms: Sequence[PlannedArm], replications: int, seed: int) -> Plan:
        """Plan the same number of replications of every arm."""
        return cls(tuple(arms), (replications,) * len(arms), seed)

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return sum(self.replications)

    def keys(self, shard: Shard) -> RunKeys:
        """Return the keys of a shard's runs, in the order of their numbers."""
        rows = [self.arms[arm] for arm in shard.reach for _ in range(shard.count)]
        return RunKeys(
            points=[arm.point for arm in rows],
            scenarios=[arm.scenario for arm in rows],
            histories=[arm.history for arm in rows],
            seed=self.seed,
            runs=np.concatenate([MOST_RUNS * arm + shard.replications for arm in shard.reach]),
            replications=np.tile(shard.replications, shard.arms),
        )

    def all_keys(self) -> Iterator[RunKeys]:
        """Yield the keys of every arm, of many arms at a time where they have equal numbers of replications."""
        arm = 0
        for replications, alike in groupby(self.replications):
            end = arm + sum(1 for _ in alike)
            most = max(1, KEYS_AT_ONCE // max(1, replications))
            for first in range(arm, end, most):
                yield self.keys(Shard(first, min(most, end - first), 0, replications))
            arm = end

    def rows_hash(self, shard: Shard) -> str:
        """Return the sha256 of a shard's rows: what a receipt must match to count for this plan."""
        arms = [self.arms[arm] for arm in shard.reach]
        content = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in arms]
        return hashlib.sha256(canonical_json([content, shard.arm, shard.first, shard.count, self.seed])).hexdigest()

    @property
    def sha256(self) -> str:
        """Hash of the whole plan."""
        arms = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in self.arms]
        return hashlib.sha256(canonical_json([arms, self.replications, self.seed])).hexdigest()

    def missing(
        self, kept: Sequence[Shard], shard_runs: int | None = None, within: Iterable[Shard] | None = None
    ) -> list[Shard]:
        """Return shards for the runs that `kept` does not hold, the first replications of all arms first.

        A shard has at most `shard_runs` runs, by default as many as suit the plan; where its arms are recorded, at most
        as many as a chunk of trajectories, and a slot that `kept` does not use. `within`: only runs in these
        rectangles, each cut by itself; by default all runs.
        """
        most = shard_runs or min(LARGEST, max(SHARD_RUNS, -(-self.n_runs // MOST_SHARDS)))
        held = _by_arm(kept)
        cuts: list[Shard] = []
        for part in [Shard(0, len(self.arms), 0, max(self.replications))] if within is None else within:
            for gap, arms in self._alike(held, part):
                cuts += _cut(arms, gap, min(most, CHUNK_RUNS) if self.arms[arms[0]].is_recorded else most)
        return self.slotted(sorted(cuts, key=lambda shard: (shard.first, shard.arm)), kept)

    def slotted(self, shards: Sequence[Shard], kept: Iterable[Shard]) -> list[Shard]:
        """Return shards with slots of their own: recorded ones get the lowest that `kept` does not use, in order."""
        used = {shard.slot for shard in kept}
        slots = (slot for slot in range(len(shards) + len(used)) if slot not in used)
        return [replace(s, slot=next(slots) if self.arms[s.arm].is_recorded else NO_SLOT) for s in shards]

    def _alike(self, held: Mapping[int, Gaps], part: Shard) -> Iterator[tuple[tuple[int, int], list[int]]]:
        """Yield (first, count) of replications that are missing in a rectangle, and successive arms that miss them."""
        end = part.first + part.count
        gaps = [_gaps(held.get(arm, ()), part.first, min(end, self.replications[arm])) for arm in part.reach]
        for (found, _), places in groupby(range(part.arms), lambda i: (gaps[i], self.arms[part.arm + i].is_recorded)):
            together = [part.arm + place for place in places]
            for gap in found:
                yield gap, together

    def wanted(self, shards: Iterable[Shard]) -> list[Shard]:
        """Return the shards that hold any run of the plan, so that the replications of each arm come in order."""
        held = (shard for shard in shards if any(shard.first < self.replications[arm] for arm in shard.reach))
        return sorted(held, key=lambda shard: (shard.first, shard.arm))


def _by_arm(shards: Iterable[Shard]) -> dict[int, Gaps]:
    """Return (first, count) of the replications of each arm that shards hold, in order."""
    held: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for shard in shards:
        for arm in shard.reach:
            held[arm].append((shard.first, shard.count))
    return {arm: tuple(sorted(stretches)) for arm, stretches in held.items()}


def _gaps(held: Gaps, first: int, end: int) -> Gaps:
    """Return the replications of an arm from `first` to before `end` that are not held; `held` does not overlap."""
    found, next_free = [], first
    for start, count in held[max(0, bisect_right(held, (first, MOST_RUNS)) - 1) :]:
        if start >= end:
            break
        if next_free < start:
            found.append((next_free, start - next_free))
        next_free = max(next_free, start + count)
    if next_free < end:
        found.append((next_free, end - next_free))
    return tuple(found)


def _cut(arms: Sequence[int], gap: tuple[int, int], most: int) -> Iterator[Shard]:
    """Cut the same replications of successive arms into shards of at most so many runs."""
    first, count = gap
    if count >= most:
        for arm in arms:
            for done in range(0, count, most):
                yield Shard(arm, 1, first + done, min(most, count - done))
        return
    width = most // count
    for done in range(0, len(arms), width):
        yield Shard(arms[done], min(width, len(arms) - done), first, count)
