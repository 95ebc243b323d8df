"""Sweeps: what a run costs beyond the kernel, by our runner and by others; more threads, workers, and memory.

Every figure is the median over processes of their own, which take turns. Seconds beyond the kernel are of CPU; what
threads and workers gain is of the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

import numpy as np

from sim.errors import InputError
from tests.bench.measuring import Line
from tests.bench.runners import seconds_of

TIMES = 3
RUNS = {"steppe": 500, "ema": 200, "mesa": 20}
"""Runs that each runner makes at a time."""

PAIRS = 5
"""Times that workers are compared, of which the median counts on both sides."""

MANY = 100_000
AT_DEFAULT = 200
"""Runs at the default point, and at each sampled one, where memory is measured."""

SHARD_RUNS = 200
"""Runs in a shard where workers are compared: more than a second of work."""


def sweep_lines() -> list[Line]:
    """Return all lines on sweeps."""
    return [*runner_lines(), *thread_lines(), *worker_lines(), *memory_lines()]


def runner_lines() -> list[Line]:
    """Milliseconds of CPU a run beyond the kernel, and for ours beyond the writing of the Parquet parts too."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in RUNS}
    for _ in range(TIMES):
        for name, runs in RUNS.items():
            found[name].append(_in_own_process(["-m", "tests.bench.runners", name, str(runs)]))

    def median(name: str, figure: Callable[[dict[str, float]], float]) -> float:
        return 1e3 * float(np.median([figure(one) / one["runs"] for one in found[name]]))

    def beyond(one: dict[str, float]) -> float:
        return one["whole"] - one["kernel"] - one["output"]

    return [
        Line("our runner, beyond kernel and output", median("steppe", beyond), "ms a run", "< 0.1"),
        Line("  of it after the last run", median("steppe", lambda one: one["end"]), "ms a run", ""),
        Line("  encoding and writing outcomes, bands", median("steppe", lambda one: one["output"]), "ms a run", ""),
        Line("EMA Workbench, sequential, beyond kernel", median("ema", beyond), "ms a run", ""),
        Line("mesa.batch_run of Steppe, beyond kernel", median("mesa", beyond), "ms a run", ""),
    ]


def _in_own_process(arguments: Sequence[str]) -> dict[str, float]:
    """Run Python and return the JSON object on the last line that it prints."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def thread_lines(runs: int = 800) -> list[Line]:
    """What a second thread gains in a whole campaign."""
    seconds_of(2, "engine.threads=1")
    pairs = [seconds_of(runs, "engine.threads=1") / seconds_of(runs, "engine.threads=2") for _ in range(TIMES)]
    return [Line("two threads against one, whole campaign", float(np.median(pairs)), "x", ">= 1.7")]


def worker_lines(runs: int = 4 * SHARD_RUNS) -> list[Line]:
    """What two workers of a local Dask cluster make of the time of two processes that each run half by themselves.

    All store the same shards. Both times are what twice the runs take longer, so that starting processes and loading
    the model do not count.
    """
    engine = ("engine=dask", "engine.workers=2", f"engine.shard_runs={SHARD_RUNS}")
    by_dask, alone = [], []
    for _ in range(PAIRS):
        try:
            by_dask.append(seconds_of(2 * runs, *engine) - seconds_of(runs, *engine))
        except InputError as error:
            print(f"not measured: {error}")
            return []
        alone.append(_side_by_side(runs) - _side_by_side(runs // 2))
    share = 100 * float(np.median(alone) / np.median(by_dask))
    return [Line("two Dask workers against two processes", share, "% of their speed", ">= 95")]


def _side_by_side(runs: int) -> float:
    """Return the seconds on the clock that the slower of two processes takes to make and store so many runs each."""
    code = f"from tests.bench.runners import by_hand; by_hand({runs}, {SHARD_RUNS})"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    return max(float(process.communicate()[0].splitlines()[-1]) for process in both)


def memory_lines() -> list[Line]:
    """Peak memory of the whole command over many runs of an instant kernel, without and with a report.

    Most are at sampled points, which no report shows; at last all are at the default point.
    """
    lines = []
    kinds = (
        ("", AT_DEFAULT, "false"),
        (", reported", AT_DEFAULT, "true"),
        (", all at the default point, reported", MANY, "true"),
    )
    for told, at_default, report in kinds:
        with tempfile.TemporaryDirectory() as folder:
            found = _in_own_process(["-m", "tests.bench.instant", str(MANY), str(at_default), report, folder])
        lines.append(Line(f"peak memory, {MANY} instant runs{told}", found["memory"], "MB", "< 1000"))
        lines.append(Line(f"the same command{told}, all of it", 1e3 * found["cpu"] / MANY, "CPU ms a run", ""))
    return lines
