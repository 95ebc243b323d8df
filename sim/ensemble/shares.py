"""Shares: equal parts of a plan for machines that share nothing.

Which runs are whose follows from their numbers and from the number of shares alone, never from the size of the plan, of
shards, or what is there. So a plan may grow, be resumed and be cut otherwise, and no run is ever in two shares.

Arms and replications are laid out as a grid of blocks, each as long as all before it; a block is cut into tiles, and
tiles are dealt to the shares. Whatever a plan holds, the blocks at its end are no larger than the rest, and are cut
finely enough for it to come out even; far from the origin, where only large plans reach, tiles are large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import gcd

import numpy as np

from sim.ensemble.plan import Plan, Shard

TILE_RUNS = 64
"""Most runs of a tile; a power of two, as all sides of blocks and tiles."""

LEAST_RUNS = 8
"""Runs of a tile of the first blocks: less than a tenth of a share of a hundred runs."""

FINE = 16
"""So many tiles for each share a block has at least, where that leaves them LEAST_RUNS."""

FIRST = 8
"""Side of the first block."""

GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Share:
    """One of `of` shares; `number` counts from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """Return the share that a checked text such as 3/16 names."""
        number, of = map(int, text.split("/"))
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def label(self) -> str:
        """What the name of its folder ends with; labels stand in the order of shares."""
        return f"share-{self.number:0{len(str(self.of))}d}-of-{self.of}"

    def tiles(self, plan: Plan) -> Iterator[Shard]:
        """Yield the rectangles of runs that are its own, of which some may reach beyond the plan's replications.

        The tile in column x and row y of tiles belongs to share x + step * y, modulo the number of shares: every row
        and every column goes round them, and every rectangle of tiles holds about as many of each.
        """
        step, arms, replications = _step(self.of), len(plan.arms), max(plan.replications)
        for block in _blocks(arms, replications, self.of):
            end = min(block.arm + block.arms, arms)
            for row, start in enumerate(range(block.first, min(block.first + block.count, replications), block.height)):
                own = (self.number - 1 - block.columns_before - step * (block.rows_before + row)) % self.of
                for left in range(block.arm + own * block.width, end, self.of * block.width):
                    yield Shard(left, min(block.width, arms - left), start, block.height)


def dealt(shards: Sequence[Shard], of: int) -> dict[Share, int]:
    """Return to which of so many shares the runs of shards belong, and how many to each, as `Share.tiles` has it."""
    runs = sum(_dealt_each(shards, of), np.zeros(of, np.int64))
    return {Share(place + 1, of): int(runs[place]) for place in np.flatnonzero(runs).tolist()}


def are_dealt(shards: Sequence[Shard], of: int) -> bool:
    """Return whether each shard holds runs of only one of so many shares."""
    return all(np.count_nonzero(runs) == 1 for runs in _dealt_each(shards, of))


def _dealt_each(shards: Sequence[Shard], of: int) -> Iterator[np.ndarray]:
    """Yield of each shard how many of its runs belong to which of so many shares, int64, shape (shares,)."""
    reach = max((shard.reach.stop for shard in shards), default=0)
    blocks = list(_blocks(reach, max((shard.first + shard.count for shard in shards), default=0), of))
    for shard in shards:
        runs = np.zeros(of, np.int64)
        end = shard.first + shard.count
        for block in blocks:
            if block.arm + block.arms <= shard.arm or block.first + block.count <= shard.first or block.first >= end:
                continue
            if block.arm >= shard.reach.stop:
                break
            columns, widths = _overlaps(shard.arm, shard.arms, block.arm, block.arms, block.width)
            rows, heights = _overlaps(shard.first, shard.count, block.first, block.count, block.height)
            places = columns + block.columns_before + _step(of) * (rows[:, None] + block.rows_before)
            np.add.at(runs, places % of, widths * heights[:, None])
        yield runs


def _overlaps(first: int, count: int, start: int, length: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the tiles along a side of a block that a stretch meets, and on how much of each."""
    low, high = max(first, start) - start, min(first + count, start + length) - start
    tiles = np.arange(low // side, -(-high // side) if high > low else low // side, dtype=np.int64)
    return tiles, np.minimum(high, (tiles + 1) * side) - np.maximum(low, tiles * side)


@dataclass(frozen=True)
class _Block:
    """A rectangle of arms and replications, its tiles' sides, and how many tiles stand before it in row and column."""

    arm: int
    arms: int
    first: int
    count: int
    width: int
    height: int
    columns_before: int
    rows_before: int


def _blocks(arms: int, replications: int, of: int) -> Iterator[_Block]:
    """Yield the blocks that so many arms and replications reach into."""
    columns_before = [0] * len(list(_stretches(replications)))
    for arm, n_arms in _stretches(arms):
        rows_before = 0
        for place, (first, count) in enumerate(_stretches(replications)):
            width, height = _sides(n_arms, count, of)
            yield _Block(arm, n_arms, first, count, width, height, columns_before[place], rows_before)
            rows_before += count // height
            columns_before[place] += n_arms // width


def _stretches(end: int) -> Iterator[tuple[int, int]]:
    """Yield (first, count) of the sides of blocks up to `end`."""
    first, length = 0, FIRST
    while first < end:
        yield first, length
        first += length
        length = first


def _sides(arms: int, replications: int, of: int) -> tuple[int, int]:
    """Return how many arms and replications the tiles of a block have: about as many tiles in a row as in a column."""
    most = min(TILE_RUNS, max(LEAST_RUNS, arms * replications // (FINE * of)))
    width = height = 1
    while 2 * width * height <= most:
        if arms // width >= replications // height:
            width *= 2
        else:
            height *= 2
    return width, height


@cache
def _step(of: int) -> int:
    """Return by how many shares a row is shifted against the one before: the golden section of all, prime to it.

    It deals rectangles evenly, as a lattice of Fibonacci does (Niederreiter 1992, Random Number Generation and
    Quasi-Monte Carlo Methods, chapter 5).
    """
    nearest = sorted(range(1, of + 1), key=lambda step: abs(step - GOLDEN * of))
    return next(step for step in nearest if gcd(step, of) == 1)
