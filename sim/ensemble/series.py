"""Series of chosen numbers over the first replications of each arm, kept in memory: for what a report asks afterwards.

A run repeated on its dice is the same run, so that series of outcomes that turned out to matter need not be stored
beforehand, and a comparison stays small however many runs it has.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.ensemble.engine import Stopped, n_threads, run_on_threads
from sim.ensemble.observed import observations_of
from sim.ensemble.plan import Shard
from sim.ensemble.prepare import Prepared

if TYPE_CHECKING:
    import xarray as xr

STEP_RUNS = 20
"""Runs between two looks at whether to stop."""


def record_series(prepared: Prepared, addresses: Sequence[str], replications: int) -> xr.DataArray:
    """Return float32, dimensions run × quarter × column, arm after arm, of the first replications of each.

    Coordinates along `run`: scenario, history, replication. Paired arms are left out. Raises InputError for an unknown
    address.
    """
    import xarray as xr

    seen = replace(prepared, observations=observations_of(prepared.world, addresses))
    arms = [place for place, arm in enumerate(seen.planned) if arm.is_recorded]
    shape = (len(arms) * replications, len(seen.quarters), len(seen.columns))
    values = np.empty(shape, np.float32)

    def run(shard: Shard, stop: threading.Event) -> None:
        if stop.is_set():
            raise Stopped
        block = seen.simulate(arms[shard.arm], shard.replications)
        first = shard.arm * replications + shard.first
        values[first : first + shard.count] = block.trajectories

    run_on_threads(_shards(len(arms), replications), n_threads(prepared.config.engine.threads), run)
    told = [seen.planned[arm] for arm in arms]
    return xr.DataArray(
        values,
        dims=("run", "quarter", "column"),
        coords={
            "quarter": list(seen.quarters),
            "column": list(seen.columns),
            "scenario": ("run", np.repeat([arm.scenario for arm in told], replications)),
            "history": ("run", np.repeat([arm.history for arm in told], replications)),
            "replication": ("run", np.tile(np.arange(replications), len(arms))),
        },
    )


def _shards(n_arms: int, replications: int) -> list[Shard]:
    """Return the runs of all arms in short stretches; here an arm is its place among the recorded ones."""
    cuts = [(arm, first) for arm in range(n_arms) for first in range(0, replications, STEP_RUNS)]
    return [Shard(number, arm, first, min(STEP_RUNS, replications - first)) for number, (arm, first) in enumerate(cuts)]
