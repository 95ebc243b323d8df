"""Shares: equal parts of a plan for machines that share nothing.

Which runs are whose follows from their numbers alone, never from the size of the plan, of shards, or what is there. So
a plan may grow, be resumed and be cut otherwise, and no run is ever in two shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sim.ensemble.plan import Plan, Shard

TILE_RUNS = 100
"""Most runs of a tile, of which shares are made up."""

_EDGES = (0, 1, 2, 5, 10, 20, 50)
"""Where tiles of fewer than TILE_RUNS replications begin: the first replications are of many arms, the later of few."""


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

        Tiles of one stretch of replications go round the shares, and each stretch begins with another of them.
        """
        for place, (first, length) in enumerate(_stretches(max(plan.replications))):
            width = TILE_RUNS // length
            for tile in range((self.number - 1 - place) % self.of, -(-len(plan.arms) // width), self.of):
                yield Shard(tile * width, min(width, len(plan.arms) - tile * width), first, length)


def _stretches(replications: int) -> Iterator[tuple[int, int]]:
    """Yield (first, count) of the stretches of replications that tiles have."""
    yield from ((first, end - first) for first, end in zip(_EDGES, (*_EDGES[1:], TILE_RUNS), strict=True))
    for first in count(TILE_RUNS, TILE_RUNS):
        if first >= replications:
            return
        yield first, TILE_RUNS
