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

from sim.ensemble.engines.threads import n_cpus, run_on_threads
from sim.ensemble.observed import observations_of
from sim.ensemble.plan import Shard
from sim.ensemble.prepare import Prepared
from sim.ensemble.shards import NOT_THE_RUN
from sim.ensemble.stopping import Stopped
from sim.results.schema import DEFAULT_POINT

if TYPE_CHECKING:
    import xarray as xr

STEP_RUNS = 20
"""Runs between two looks at whether to stop."""


def record_series(prepared: Prepared, addresses: Sequence[str], replications: int) -> xr.DataArray:
    """Return float32, dimensions run × quarter × column, arm after arm, of the first replications of each.

    Coordinates along `run`: scenario, history, replication. Paired arms are left out, and so are runs that fail, as in
    the results. Raises InputError for an unknown address.
    """
    import xarray as xr

    seen = replace(prepared, observations=observations_of(prepared.world, addresses))
    arms = [place for place, arm in enumerate(seen.arms.fixed) if arm.point == DEFAULT_POINT]
    shape = (len(arms) * replications, len(seen.quarters), len(seen.columns))
    values, made = np.empty(shape, np.float32), np.ones(shape[0], bool)

    def run(shard: Shard, stop: threading.Event) -> None:
        if stop.is_set():
            raise Stopped
        first = shard.arm * replications + shard.first
        try:
            values[first : first + shard.count] = seen.simulate(arms[shard.arm], shard.replications).trajectories
        except (*NOT_THE_RUN, MemoryError):
            raise
        except Exception:
            if shard.count == 1:
                made[first] = False
                return
            for number in range(shard.first, shard.first + shard.count):
                run(replace(shard, first=number, count=1), stop)

    run_on_threads(_shards(len(arms), replications), n_cpus(None), run)
    told = [seen.planned[arm] for arm in arms]
    series = xr.DataArray(
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
    return series if made.all() else series.isel(run=np.flatnonzero(made))


def _shards(n_arms: int, replications: int) -> list[Shard]:
    """Return the runs of all arms in short stretches; here an arm is its place among the recorded ones."""
    cuts = [(arm, first) for arm in range(n_arms) for first in range(0, replications, STEP_RUNS)]
    return [Shard(arm, 1, first, min(STEP_RUNS, replications - first)) for arm, first in cuts]
