"""The compiled model beside the same in plain Mesa, and the runner beside Mesa's own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

import numpy as np

from sim.commands.progress import Progress
from sim.configuration import read_jobs
from sim.ensemble.campaign import Campaign
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import prepare
from tests.bench.measuring import Line, Ready, median_of
from tests.oracle.dock import dock


def _cpu(act: Callable[[], object]) -> float:
    """Return the CPU seconds of this process for an act."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def oracle_lines(ready: Ready, pairs: int = 2) -> list[Line]:
    """The kernel against the oracle, in turn, and whether they still agree."""
    ready.run(2)
    ratios, speeds, differences = [], [], 0
    for replication in range(pairs):
        kernel = ready.cpu(50) / 50
        run = dock("baseline", "free", replication)
        differences += len(run.differences)
        ratios.append(run.oracle_seconds / kernel)
        speeds.append(1.0 / run.oracle_seconds)
    return [
        Line("the same in plain Mesa (oracle)", float(np.median(speeds)), "runs per CPU-second", ""),
        Line("kernel against the oracle", float(np.median(ratios)), "x", ">= 80"),
        Line("awards that differ from the oracle's", float(differences), "awards", "0"),
    ]


def runner_lines(ready: Ready, runs: int = 200, by_mesa: int = 10) -> list[Line]:
    """What a run costs beyond the kernel: through `steppe run`'s runner, and through `mesa.batch_run` of `Steppe`."""
    import mesa

    from sim.model import Steppe

    grid = {"scenario": ["baseline"], "history": ["free"], "replication": range(by_mesa)}
    ours, theirs = [], []
    for _ in range(3):
        kernel = ready.cpu(runs) / runs
        ours.append(_campaign(runs) / runs - kernel)
        batch = _cpu(lambda: mesa.batch_run(Steppe, grid, rng=[1], number_processes=1, display_progress=False))
        theirs.append(batch / by_mesa - kernel)
    return [
        Line("runner, beyond the kernel and its outcomes", 1e3 * float(np.median(ours)), "ms a run", ""),
        Line("mesa.batch_run of Steppe, beyond the kernel", 1e3 * float(np.median(theirs)), "ms a run", ""),
    ]


def _campaign(runs: int) -> float:
    """Return the CPU seconds of the runner for the runs of one arm, stored with their receipts."""
    with tempfile.TemporaryDirectory() as folder:
        keys = ("scenario=baseline", "history=free", "trajectories=false", "report=false")
        asked = (*keys, f"runs={runs}", "seed=1", "engine.threads=1", f"results_dir={folder}")
        config = read_jobs(asked, False)[0].config
        prepared = prepare(config, read_inputs(config))
        with Progress(True) as progress, Campaign.of(config, prepared, progress).opened() as campaign:
            return _cpu(campaign.run)


def handle_lines() -> list[Line]:
    """Handles of the Mesa model: making all of them, and reading a field through one."""
    from sim.model import Steppe

    model = Steppe(rng=1)
    kazakhstan = model.states["KAZ"]
    n = 20_000

    def making() -> None:
        for kind in model.actor_types:
            delattr(model, kind.table)
        model._make_actors()

    def reading() -> None:
        for _ in range(n):
            kazakhstan.purse  # noqa: B018  reading it is what is measured

    return [
        Line("handles for the whole world", 1e3 * median_of(lambda: _cpu(making), 7), "ms", "< 5"),
        Line("reading a field through a handle", 1e6 * median_of(lambda: _cpu(reading), 5) / n, "microseconds", "< 2"),
    ]
