"""The base run of an arm whose couplings are held, and which of its numbers go to which rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sim.numerics.feed import OPEN, Feed
from sim.rules.couplings import load_couplings
from sim.rules.schedule import SCHEDULE
from sim.world.build import World
from sim.world.records import flat_view


@dataclass(frozen=True)
class Base:
    """The run that held couplings read, and what is read of it; read only, so that threads may share it."""

    world: World
    """Staged, of the same shape as the world that is fed."""
    params: np.ndarray
    """The register's record, shape (1,)."""
    starts: np.ndarray
    """int64 (rules + 1,): the numbers fed to rule i are those from starts[i] to starts[i + 1] − 1."""
    offsets: np.ndarray
    """int64 (n,): place of each in the flat vector."""

    @classmethod
    def of(cls, world: World, params: np.ndarray, held: Collection[str]) -> Base:
        """Return the base for couplings (names of `couplings.csv`) that are held."""
        fed = [numbers_fed(world, rule, held) for rule in range(len(SCHEDULE))]
        return cls(world, params, np.cumsum([0, *map(len, fed)]), np.concatenate(fed))

    def feed(self, n_quarters: int) -> Feed:
        """Return a feed with room for the path of one run; every caller needs its own."""
        n = len(self.offsets)
        mode = np.full(1, OPEN, np.int64)
        return Feed(self.starts, self.offsets, np.empty((n_quarters, n)), np.empty(n), mode)


def numbers_fed(world: World, rule: int, held: Collection[str]) -> np.ndarray:
    """Return int64 (n,), ascending: places in the flat vector of what the rule at a place of the schedule is fed."""
    declared = SCHEDULE[rule]
    couplings = [load_couplings()[name] for name in held]
    fields = {f for c in couplings if declared.NAME in c.receivers for f in c.fields if f in declared.READS}
    mask = np.zeros(world.record.dtype.itemsize // 8, np.bool_)
    for path in fields:
        mask |= words_of(world, path)
    return np.flatnonzero(mask)


def words_of(world: World, path: str) -> np.ndarray:
    """Return bool (words,), true for the numbers of one field, `table.field`."""
    table, _, name = path.partition(".")
    marker = np.zeros(1, world.record.dtype)
    marker[table][name].view(np.int64)[...] = 1
    return flat_view(marker).view(np.int64) == 1
