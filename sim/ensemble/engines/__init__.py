"""Engines: ways to have shards run, none of which changes a result."""

from __future__ import annotations

from sim.ensemble.engines.engine import Engine
from sim.ensemble.engines.threads import ThreadEngine, n_cpus
from sim.settings import Engine as Settings
from sim.settings import Processes, Threads


def reach(settings: Settings) -> None:
    """Raise InputError where settings name a scheduler of Dask that does not answer; nothing is started or written."""
    if settings.name == "dask":
        from sim.ensemble.engines.cluster import reach as reach_scheduler

        reach_scheduler(settings.address, settings.scheduler_file)


def chosen(settings: Settings, n_shards: int) -> Engine:
    """Return the engine that settings ask for, no larger than the number of shards can use."""
    if isinstance(settings, Threads):
        return ThreadEngine(min(n_cpus(settings.threads), n_shards))
    workers = min(n_cpus(settings.workers), n_shards)
    if isinstance(settings, Processes):
        from sim.ensemble.engines.processes import ProcessEngine

        return ProcessEngine(workers, settings.time_limit)
    from sim.ensemble.engines.cluster import ClusterEngine

    return ClusterEngine(workers, settings.address, settings.scheduler_file, settings.time_limit)
