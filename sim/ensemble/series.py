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

from sim.ensemble.blocks import STEP_RUNS, simulated, stretches
from sim.ensemble.engines.threads import n_cpus, run_on_threads
from sim.ensemble.observed import observations_of
from sim.ensemble.prepare import Prepared
from sim.ensemble.stopping import Stopped
from sim.results.schema import DEFAULT_POINT, MOST_RUNS

if TYPE_CHECKING:
    import xarray as xr


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

    runs = np.concatenate([MOST_RUNS * arm + np.arange(replications) for arm in arms])

    def run(places: np.ndarray, stop: threading.Event) -> None:
        if stop.is_set():
            raise Stopped
        for kept, block in simulated(seen, runs, places):
            if isinstance(block, Exception):
                made[kept] = False
            else:
                values[kept] = block.trajectories

    run_on_threads(list(stretches(runs, STEP_RUNS)), n_cpus(None), run)
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
