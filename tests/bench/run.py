"""Benchmarks: `make bench`. Prints a table and stores it as results/bench.json.

Speeds are runs per second of CPU time of one thread; everything compared is measured in turn, in one process, so that
the machine's moods cancel. Whole commands run as processes of their own, with the CPU time that the system counted.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sim.ensemble.observed import observations_of
from sim.kernel.observe import Observations
from sim.kernel.run import run_block, switches_for
from sim.parameters.register import load_register
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.synthetic import synthetic_world

QUARTERS = 180
RESULT = Path("results") / "bench.json"


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    figure: float
    unit: str
    wanted: str


class Ready:
    """A world with parameters and observations, ready to run n replications."""

    def __init__(self, world: World, observations: Observations | None = None) -> None:
        self.world = world
        self.params = load_register().record()
        self.observations = observations or Observations.of(world, {}, [])

    def run(self, n: int) -> None:
        """Run n replications in this thread."""
        run_block(self.world, self.params, switches_for(), self.observations, 1, np.arange(n), QUARTERS)

    def cpu(self, n: int) -> float:
        """Return the CPU seconds of this thread for n replications."""
        begun = time.thread_time()
        self.run(n)
        return time.thread_time() - begun


def median_of(measure: Callable[[], float], times: int = 5) -> float:
    """Return the median of several measurements, after one that does not count."""
    measure()
    return float(np.median([measure() for _ in range(times)]))


def exponent(sizes: list[float], costs: list[float]) -> float:
    """Return the slope of log cost over log size."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def on_threads(ready: Ready, threads: int, n: int) -> float:
    """Return the wall seconds for n replications spread over threads."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ready.run, [n // threads] * threads))
    return time.perf_counter() - begun


def kernel_lines(ready: Ready, observed: Ready) -> list[Line]:
    """Speed of the kernel, what observing adds, what a second thread brings, and cost against the number of runs."""
    bare, full, pairs = [], [], []
    ready.run(2), observed.run(2)
    for _ in range(7):
        bare.append(ready.cpu(100))
        full.append(observed.cpu(100))
        pairs.append(on_threads(observed, 1, 100) / on_threads(observed, 2, 100))
    counts = [25, 50, 100, 200, 400]
    costs = [median_of(lambda n=n: observed.cpu(n), 3) for n in counts]
    return [
        Line("kernel, default world", 100 / float(np.median(bare)), "runs per CPU-second", ">= 150"),
        Line("observing scalar outcomes", 100 * (float(np.median(np.divide(full, bare))) - 1), "% on top", "<= 15"),
        Line("two threads against one", float(np.median(pairs)), "x", ">= 1.6"),
        Line("cost against runs", exponent([float(c) for c in counts], costs), "exponent", "<= 1.05"),
    ]


def size_lines() -> list[Line]:
    """Cost against the number of states and of firms, as exponents of the size of the world's record."""
    lines = []
    for what, shapes in (("states", [(25, 30), (50, 30), (100, 30)]), ("firms", [(50, 15), (50, 30), (50, 60)])):
        sizes, costs = [], []
        for states, firms in shapes:
            ready = Ready(synthetic_world(states, firms))
            sizes.append(float(ready.world.record.nbytes))
            costs.append(median_of(lambda r=ready: r.cpu(20), 3))
        lines.append(Line(f"cost against the data of more {what}", exponent(sizes, costs), "exponent", "<= 1"))
    return lines


COMMAND = """
import re, sys
from pathlib import Path
from sim.cli import main
status = main()
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(status)
"""
"""A command that ends by printing its own peak memory in kB; what the system counts for a child includes its parent."""


def command(*overrides: str, cache: str | None = None) -> tuple[float, float]:
    """Run `steppe run` as a process; return its CPU seconds and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **({"STEPPE_CACHE_DIR": cache} if cache else {})}
        arguments = [sys.executable, "-c", COMMAND, "run", f"results_dir={folder}", *overrides]
        process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(arguments[3:])} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, int(printed.split()[-1]) / 1024


def command_lines() -> list[Line]:
    """Warm and cold starts, storing, and memory, of whole commands."""
    single = ["scenario=baseline", "runs=1"]
    warm = median_of(lambda: command(*single, "report=false")[0], 3)
    reported = median_of(lambda: command(*single)[0], 3)
    with tempfile.TemporaryDirectory() as cache:
        cold = command(*single, "report=false", cache=cache)[0]
    scalars = ["scenario=baseline", "report=false", "trajectories=false"]
    lines = [
        Line("warm start, one run, no report", warm, "CPU s", "< 3"),
        Line("warm start, one run, with report", reported, "CPU s", "< 8"),
        Line("cold start, one run, no report", cold, "CPU s", "< 45"),
    ]
    for runs in (100, 1000, 10000):
        cpu, memory = command(*scalars, f"runs={runs}")
        lines.append(Line(f"peak memory, {runs} runs of scalars", memory, "MB", "< 500"))
    lines.append(Line("10000 runs, whole command", 10000 / cpu, "runs per CPU-second", ""))
    return lines


def main() -> None:
    """Measure everything, print the table, store it."""
    world = stage(build_world(), load_scenario("baseline"), "free", 0, QUARTERS - 1)
    lines = [*kernel_lines(Ready(world), Ready(world, observations_of(world, ()))), *size_lines(), *command_lines()]
    width = max(len(line.what) for line in lines)
    for line in lines:
        print(f"{line.what:{width}}  {line.figure:9.3g} {line.unit:22} {line.wanted}")
    RESULT.parent.mkdir(exist_ok=True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    content = {"lines": [asdict(line) for line in lines], "cpu_seconds": usage.ru_utime + usage.ru_stime}
    RESULT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"stored in {RESULT}")


if __name__ == "__main__":
    main()
