"""Speed of the compiled model: runs, threads, sizes, and what each rule costs."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.draws import throw_dice
from sim.numerics.feed import UNFED
from sim.rules.schedule import NAMES, step
from sim.world.synthetic import synthetic_world
from tests.bench.measuring import QUARTERS, Line, Ready, exponent, median_of


def on_threads(ready: Ready, threads: int, n: int) -> float:
    """Return the wall seconds for n replications spread over threads."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ready.run, [n // threads] * threads))
    return time.perf_counter() - begun


def kernel_lines(ready: Ready, observed: Ready, two: Ready, technology: Ready) -> list[Line]:
    """Speed of the kernel: whole, without its third module, its first alone; observing, a second thread, more runs."""
    bare, full, both, alone, pairs = [], [], [], [], []
    ready.run(2), observed.run(2)
    for _ in range(7):
        bare.append(ready.cpu(100))
        full.append(observed.cpu(100))
        both.append(two.cpu(100))
        alone.append(technology.cpu(100))
        pairs.append(on_threads(observed, 1, 100) / on_threads(observed, 2, 100))
    counts = [25, 50, 100, 200, 400]
    costs = [median_of(lambda n=n: observed.cpu(n), 3) for n in counts]
    return [
        Line("kernel, default world", 100 / float(np.median(bare)), "runs per CPU-second", ">= 80"),
        Line("kernel, technology and cooperation", 100 / float(np.median(both)), "runs per CPU-second", ">= 100"),
        Line("kernel, technology alone", 100 / float(np.median(alone)), "runs per CPU-second", ">= 150"),
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


def rule_lines(ready: Ready, every: int = 7, times: int = 15, calls: int = 8) -> list[Line]:
    """Cost of each rule in milliseconds a run, by itself on the worlds that one run passes through.

    Worlds are taken down every few quarters, and the rule is called several times on a copy of each; what copying and
    calling nothing costs is taken off.
    """
    worlds = _worlds(ready, every)
    scratch = ready.world.record.copy()
    dice = np.uint64(throw_dice(1, 0))

    def seconds(switches: np.ndarray) -> float:
        begun = time.thread_time()
        for world in worlds:
            scratch[0] = world[0]
            for _ in range(calls):
                step(scratch[0], ready.params[0], switches, dice, NO_LEDGER, *UNFED)
        return time.thread_time() - begun

    nothing = np.zeros(len(NAMES), np.int64)
    measured: list[list[float]] = [[] for _ in NAMES]
    for _ in range(times):
        empty = seconds(nothing)
        for place, found in enumerate(measured):
            only = nothing.copy()
            only[place] = 1
            found.append(seconds(only) - empty)
    a_run = 1e3 * QUARTERS / (len(worlds) * calls)
    return [
        Line(f"  {name}", a_run * float(np.median(found)), "ms a run", "")
        for name, found in zip(NAMES, measured, strict=True)
    ]


def _worlds(ready: Ready, every: int) -> list[np.ndarray]:
    """Return the worlds at the beginning of every so many quarters of one run."""
    world, dice = ready.world.record.copy(), np.uint64(throw_dice(1, 0))
    switches, found = np.ones(len(NAMES), np.int64), []
    for quarter in range(QUARTERS):
        world["clock"]["quarter"] = quarter
        if quarter % every == 0:
            found.append(world.copy())
        step(world[0], ready.params[0], switches, dice, NO_LEDGER, *UNFED)
    return found
