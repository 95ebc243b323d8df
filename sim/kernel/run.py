"""Runs of one world at one point of the parameters: the one entrance to the compiled model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from sim.kernel.held import Base
from sim.kernel.observe import Observations
from sim.kernel.quarter import NO_LEDGER, simulate
from sim.numerics.feed import NO_FEED
from sim.rules.schedule import NAMES, check_switches
from sim.world.build import World
from sim.world.records import flat_view


@dataclass(frozen=True)
class Block:
    """What runs leave: outcomes float64 (runs, outcomes), trajectories float32 (runs, quarters, columns)."""

    outcomes: np.ndarray
    trajectories: np.ndarray


def switches_for(switched_off: Collection[str] = ()) -> np.ndarray:
    """Return int64 (rules,), 0 for the rules (`folder/file`) that are switched off; InputError for an unknown one."""
    check_switches(list(switched_off))
    return np.array([0 if name in switched_off else 1 for name in NAMES], dtype=np.int64)


def run_block(
    world: World,
    params: np.ndarray,
    switches: np.ndarray,
    observations: Observations,
    seed: int,
    replications: np.ndarray,
    n_quarters: int,
    base: Base | None = None,
) -> Block:
    """Run the replications (int64) of a staged world from 1991Q1 for `n_quarters`; the GIL is released meanwhile.

    Outcomes and trajectories count from the world's first reported quarter. `params` is the register's record, shape
    (1,); `switches` is what `switches_for` returns. With a base each replication of it is run first, on the same dice
    and switches, and the rules of held couplings read its numbers.
    """
    source = base if base is not None else Base(world, params, NO_FEED.starts, NO_FEED.offsets)
    first = int(world.record["clock"]["first_reported"][0])
    scratch = world.record.copy()
    outcomes = np.empty((len(replications), len(observations.probes)))
    paths = np.empty((len(replications), n_quarters - first, len(observations.columns)), np.float32)
    simulate(
        world.record,
        scratch,
        flat_view(scratch),
        params[0],
        switches,
        observations.probes,
        observations.columns,
        seed,
        np.asarray(replications, dtype=np.int64),
        (first, n_quarters),
        NO_LEDGER,
        (source.world.record, source.params[0]),
        source.feed(n_quarters),
        outcomes,
        paths,
    )
    return Block(outcomes, paths)
