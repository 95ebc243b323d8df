"""One runner of many runs, measured in a process of its own: `python -m tests.bench.runners steppe 200`.

Prints as JSON, in seconds of CPU: the whole of the runs, the kernel in it, the output (encoding and writing outcomes,
counting and writing bands, and the table of their quantiles), and what came after the last run apart from that table.
All make the same runs: baseline, free, seed 1, every outcome.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

import numpy as np

SEED = 1
RUNS_TO_WARM = 3


class Clock:
    """CPU seconds that calls take, on whatever threads."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed[**P, R](self, act: Callable[P, R]) -> Callable[P, R]:
        """Return the same function, whose time is counted."""

        def counted(*args: P.args, **keys: P.kwargs) -> R:
            begun = time.thread_time()
            try:
                return act(*args, **keys)
            finally:
                self.seconds += time.thread_time() - begun

        return counted


@contextmanager
def counting(where: ModuleType | type, name: str) -> Iterator[Clock]:
    """Count the time of a module's or a class's function meanwhile."""
    clock, plain = Clock(), getattr(where, name)
    setattr(where, name, clock.timed(plain))
    try:
        yield clock
    finally:
        setattr(where, name, plain)


def overrides(folder: str, runs: int, *more: str) -> list[str]:
    """Return what a command would be told to make the runs of one arm into a folder."""
    keys = ("experiment=cooperation", "scenario=baseline", "history=free", "trajectories=false", "report=false")
    return [*keys, f"runs={runs}", f"seed={SEED}", f"results_dir={folder}", *more]


def by_steppe(runs: int) -> dict[str, float]:
    """Measure a campaign on one thread, from an empty folder to the manifest.

    A sweep of twice as many runs less one of so many: what a sweep costs once, however long it is, falls out.
    """
    _sweep(runs)
    few, many = _measured(runs), _measured(2 * runs)
    return {name: many[name] - few[name] for name in many}


def _measured(runs: int) -> dict[str, float]:
    from sim.ensemble import finalise, prepare, shards
    from sim.ensemble.bands import Tally

    with ExitStack() as stack:
        kernel, part, add, write, quantiles = (
            stack.enter_context(counting(where, name))
            for where, name in (
                (prepare, "run_block"),
                (shards, "write_part"),
                (Tally, "add"),
                (Tally, "write"),
                (finalise, "make_quantiles"),
            )
        )
        whole, end = _sweep(runs)
    output = sum(clock.seconds for clock in (part, add, write, quantiles))
    return {"whole": whole, "kernel": kernel.seconds, "output": output, "end": end - quantiles.seconds}


def _sweep(runs: int) -> tuple[float, float]:
    """Return the CPU seconds of a campaign, and those after its last run among them."""
    from sim.ensemble.finalise import describe
    from sim.results.manifest import seal

    with tempfile.TemporaryDirectory() as folder:
        asked = ready(folder, runs, "engine.threads=1")
        begun = time.process_time()
        with asked.opened() as opened:
            made = opened.run()
        ran = time.process_time()
        seal(opened.folder, describe(opened, made))
        ended = time.process_time()
    return ended - begun, ended - ran


def ready(folder: str, runs: int = RUNS_TO_WARM, *more: str) -> Any:
    """Return a campaign that is ready to run."""
    from sim.commands.progress import Progress
    from sim.configuration import compose
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.checks import read_inputs
    from sim.ensemble.prepare import prepare

    config = compose(overrides(folder, runs, *more))
    return Campaign.of(config, prepare(config, read_inputs(config)), Progress(True))


def by_mesa(runs: int) -> dict[str, float]:
    """Measure `mesa.batch_run` of `Steppe`; its kernel is what as many runs of the compiled kernel take beside it."""
    import mesa

    from sim.model import Steppe

    def batch(n: int) -> None:
        grid = {"scenario": ["baseline"], "history": ["free"], "replication": range(n)}
        mesa.batch_run(Steppe, grid, rng=[SEED], number_processes=1, display_progress=False)

    batch(1)
    begun = time.process_time()
    batch(runs)
    return {"whole": time.process_time() - begun, "kernel": kernel_of(runs), "output": 0.0, "end": 0.0}


def kernel_of(runs: int) -> float:
    """Return the CPU seconds of the kernel alone, run by run."""
    clock, run = Clock(), one_run()
    run(0)
    timed = clock.timed(run)
    for replication in range(runs):
        timed(replication)
    return clock.seconds


def one_run() -> Callable[[int], np.ndarray]:
    """Return a function that makes one replication and returns its outcomes."""
    with tempfile.TemporaryDirectory() as folder:
        model = ready(folder).model
    return lambda replication: model.simulate(0, np.array([replication])).outcomes[0]


def seconds_of(runs: int, *engine: str) -> float:
    """Return the seconds on the clock that an engine takes for so many runs of one arm, stored with their receipts."""
    with tempfile.TemporaryDirectory() as folder, ready(folder, runs, *engine).opened() as campaign:
        begun = time.perf_counter()
        campaign.run()
        return time.perf_counter() - begun


def by_hand(runs: int, shard_runs: int) -> None:
    """Make runs on the one thread of this process, and print what `seconds_of` finds."""
    print(seconds_of(runs, "engine.threads=1", f"engine.shard_runs={shard_runs}"))


def by_ema(runs: int) -> dict[str, float]:
    """Measure the EMA Workbench's sequential evaluator around the same kernel call."""
    from ema_workbench import IntegerParameter, Model, Sample, ScalarOutcome, SequentialEvaluator

    with tempfile.TemporaryDirectory() as folder:
        names = ready(folder).model.outcome_names
    clock, run = Clock(), one_run()
    timed = clock.timed(run)
    places = {f"outcome_{i}": i for i in range(len(names))}

    def function(replication: int) -> dict[str, float]:
        values = timed(int(replication))
        return {name: values[i] for name, i in places.items()}

    model = Model("steppe", function=function)
    model.uncertainties = [IntegerParameter("replication", 0, 10**6)]
    model.outcomes = [ScalarOutcome(name) for name in places]

    def perform(n: int) -> None:
        samples = [Sample(f"run {i}", i, replication=i) for i in range(n)]
        with SequentialEvaluator(model) as evaluator:
            evaluator.perform_experiments(samples)

    perform(RUNS_TO_WARM)
    clock.seconds = 0.0
    begun = time.process_time()
    perform(runs)
    return {"whole": time.process_time() - begun, "kernel": clock.seconds, "output": 0.0, "end": 0.0}


RUNNERS = {"steppe": by_steppe, "mesa": by_mesa, "ema": by_ema}


def main() -> None:
    """Measure the runner that was named and print what was found, last, as one line."""
    name, runs = sys.argv[1], int(sys.argv[2])
    found = RUNNERS[name](runs)
    print(json.dumps({"runs": runs, **found}))


if __name__ == "__main__":
    main()
