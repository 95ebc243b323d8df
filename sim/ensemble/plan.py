"""The plan: which runs there are, and how they are cut into shards.

A run is keyed by (point, scenario, history, replication). Its number counts replications first and arms second, so that
more replications leave the numbers of those that exist as they are. A shard holds successive replications of one arm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.results.files import canonical_json
from sim.results.outcomes import RunKeys
from sim.results.schema import DEFAULT_POINT

SHARD_RUNS = 100
"""Most runs in a shard, and the length of a chunk of trajectories; part of the layout, never of a result."""


@dataclass(frozen=True)
class PlannedArm:
    """A scenario in a mode of history at a point.

    `fingerprint` is the sha256 of everything that its runs are computed from.
    """

    point: str
    scenario: str
    history: str
    fingerprint: str

    @property
    def is_recorded(self) -> bool:
        """Whether its trajectories are stored: those of paired runs and of variants are not."""
        return self.point == DEFAULT_POINT


@dataclass(frozen=True)
class Shard:
    """Replications `first` to `first + count - 1` of one arm; `number` names its files and its slot of trajectories."""

    number: int
    arm: int
    first: int
    count: int

    @property
    def replications(self) -> np.ndarray:
        """Numbers of its replications, int64, shape (count,)."""
        return np.arange(self.first, self.first + self.count, dtype=np.int64)


@dataclass(frozen=True)
class Plan:
    """All runs of one campaign: `replications` of every arm, on the same dice."""

    arms: tuple[PlannedArm, ...]
    replications: int
    seed: int

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return self.replications * len(self.arms)

    def keys(self, arm: int, replications: np.ndarray) -> RunKeys:
        """Return the keys of some replications of an arm."""
        planned = self.arms[arm]
        runs = replications * len(self.arms) + arm
        return RunKeys(planned.point, planned.scenario, planned.history, self.seed, runs, replications)

    def all_keys(self) -> Iterator[RunKeys]:
        """Yield the keys of every arm."""
        for arm in range(len(self.arms)):
            yield self.keys(arm, np.arange(self.replications, dtype=np.int64))

    def rows_hash(self, shard: Shard) -> str:
        """Return the sha256 of a shard's rows: what a receipt must match to count for this plan."""
        arm = self.arms[shard.arm]
        place = (len(self.arms), shard.arm, shard.first, shard.count, self.seed)
        content = [arm.point, arm.scenario, arm.history, arm.fingerprint, *place]
        return hashlib.sha256(canonical_json(content)).hexdigest()

    @property
    def sha256(self) -> str:
        """Hash of the whole plan."""
        arms = [[arm.point, arm.scenario, arm.history, arm.fingerprint] for arm in self.arms]
        return hashlib.sha256(canonical_json([arms, self.replications, self.seed])).hexdigest()

    def missing(self, kept: Sequence[Shard]) -> list[Shard]:
        """Return shards for the replications that `kept` does not hold.

        They get the lowest numbers that `kept` does not use; the gaps of each arm are cut into shards of at most
        SHARD_RUNS.
        """
        used = {shard.number for shard in kept}
        numbers = (n for n in range(self.n_runs + len(used) + 1) if n not in used)
        gaps = [(arm, *gap) for arm in range(len(self.arms)) for gap in self._gaps(arm, kept)]
        gaps.sort(key=lambda gap: gap[1])
        return [Shard(next(numbers), arm, first, count) for arm, first, count in gaps]

    def _gaps(self, arm: int, kept: Sequence[Shard]) -> Iterator[tuple[int, int]]:
        """Yield (first, count) of the replications of an arm that no kept shard holds."""
        next_free = 0
        held = sorted((shard.first, shard.count) for shard in kept if shard.arm == arm)
        for first, count in [*held, (self.replications, 0)]:
            end = min(first, self.replications)
            while next_free < end:
                length = min(SHARD_RUNS, end - next_free)
                yield next_free, length
                next_free += length
            next_free = max(next_free, first + count)

    def wanted(self, shards: Iterable[Shard]) -> list[Shard]:
        """Return the shards that hold any run of the plan, in the order of arms and replications."""
        held = [shard for shard in shards if shard.first < self.replications]
        return sorted(held, key=lambda shard: (shard.arm, shard.first))
