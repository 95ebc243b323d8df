"""Docks the compiled model with the oracle, run by run: `python -m tests.oracle.dock` does it at full size.

Docking is meant as by Axtell, Axelrod, Epstein and Cohen (1996), at its hardest grade: not distributions, but each run.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.draws import throw_dice
from sim.numerics.feed import UNFED
from sim.parameters.register import load_register
from sim.rules.schedule import NAMES, step
from sim.scenario.conditions import Conditions
from sim.scenario.injects import parse_inject
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage, write_injects
from sim.world.build import build_world
from tests.oracle.oracle import Oracle
from tests.oracle.tables import ranges
from tests.oracle.view import awards, by_slot, events, shown

LAST = 179

NOT_DOCKED: dict[str, str] = {
    name: "the oracle covers technology; no rule of technology reads what this one writes"
    for name in NAMES
    if name.startswith(("cooperation/", "restraint/", "information/")) or name == "world_politics/protest"
} | {
    name: "the oracle takes what technology reads of surveillance as given; see `given_mood`"
    for name in NAMES
    if name.startswith("surveillance/")
}
"""Rules that the oracle leaves out, as folder/file, with the reason: they are switched off when it is docked."""

ARMS = [
    (case, history)
    for history in ("replay", "free")
    for case in ("vendor_outage", "western_sanctions", "great_power_tension")
]


@dataclass
class Run:
    """How far the two agreed in one run."""

    case: str
    history: str
    replication: int
    quarters: int
    awards: int = 0
    differences: list[str] = field(default_factory=list)
    share_gap: float = 0.0
    gaps: dict[str, float] = field(default_factory=dict)
    events: dict[str, float] = field(default_factory=dict)
    oracle_seconds: float = 0.0
    compiled_seconds: float = 0.0

    @property
    def gap(self) -> float:
        """The largest difference of any number other than shares."""
        return max(self.gaps.values(), default=0.0)


def given_mood(place: int, model: int) -> tuple[float, float, int]:
    """Return demand, opposition and the end of a suspension of a model of surveillance in the state at a place."""
    return (3 * place + 2 * model) % 5 / 4, (2 * place + model) % 7 / 6, (20 * place + 70 * model) % LAST


def _set_mood(record, oracle: Oracle) -> None:
    """Let every state of both models want, oppose and have suspended each model of surveillance in its own measure."""
    for place, state in enumerate(oracle.states):
        row = record["states"][0, place]
        for m, name in enumerate(state.demand):
            demand, opposition, until = given_mood(place, m)
            state.demand[name], state.opposition[name], state.suspended_until[name] = demand, opposition, until
            row["demand"][m], row["opposition"][m], row["suspended_until"][m] = demand, opposition, until


def compiled(case, history, replication, quarters, seed, parameters, injects, begin=None) -> Iterator:
    """Yield the record of the compiled model after each quarter; `begin` may change the first state.

    Injects that are added are not checked: they may contradict one another, and the last counts.
    """
    world = stage(build_world(), load_scenario(case), history, 0, LAST)
    record, values = world.record.copy(), load_register().record(dict(parameters))
    rows, conditions = record["injects"][0], Conditions(world)
    added = [row for i, told in enumerate(injects) for row in parse_inject(told, world, f"added[{i}]", conditions)]
    write_injects(rows[np.count_nonzero(rows["kind"]) :], added)
    dice, switches = np.uint64(throw_dice(seed, replication)), switches_for(NOT_DOCKED)
    if begin is not None:
        begin(record)
    for quarter in range(quarters):
        record["clock"]["quarter"] = quarter
        step(record[0], values[0], switches, dice, NO_LEDGER, *UNFED)
        yield record


def dock(
    case, history, replication=0, *, quarters=LAST + 1, seed=1, parameters=None, injects=(), model=Oracle, oracles=None,
    deep=False, moody=False,
) -> Run:  # fmt: skip
    """Run both, quarter by quarter, and say where awards differ and how far shares and other numbers lie apart.

    `model` and `oracles` put another oracle or other parameters in the oracle's place alone, to see that a difference
    is found. Numbers other than awards and shares are compared in the last quarter, and in every one if `deep`. If
    `moody`, every state wants, opposes and has suspended surveillance in its own measure, throughout.
    """
    run = Run(case, history, replication, quarters)
    parameters = parameters or {}
    oracle = model(case, history, seed, replication, parameters if oracles is None else oracles, injects)
    begin = partial(_set_mood, oracle=oracle) if moody else None
    records = compiled(case, history, replication, quarters, seed, parameters, injects, begin)
    for quarter in range(quarters):
        start = time.process_time()
        record = next(records)
        between = time.process_time()
        oracle.step()
        run.oracle_seconds += time.process_time() - between
        run.compiled_seconds += between - start
        _compare_awards(run, oracle, record)
        run.share_gap = max(run.share_gap, _gap(by_slot(oracle, "share"), record["cells"]["share"][0]))
        if deep or quarter == quarters - 1:
            _compare_all(run, oracle, record)
    run.events = events(oracle)
    return run


def _gap(ours, theirs) -> float:
    """Return the largest difference; infinity where either is no number."""
    gap = float(np.abs(np.asarray(ours, float) - np.asarray(theirs, float)).max())
    return gap if np.isfinite(gap) else np.inf


def _compare_awards(run: Run, oracle: Oracle, record) -> None:
    slots, modes = awards(oracle)
    cells = record["cells"]
    run.awards += int((cells["award_slot"][0] >= 0).sum())
    differ = (slots != cells["award_slot"][0]) | (modes != cells["award_mode"][0])
    for s, k in np.argwhere(differ):
        theirs = cells["award_slot"][0, s, k], cells["award_mode"][0, s, k]
        where = f"quarter {oracle.quarter}, {oracle.states[s].name}, {oracle.sectors[k].name}"
        run.differences.append(f"{where}: oracle {slots[s, k], modes[s, k]}, compiled {theirs}")


def _compare_all(run: Run, oracle: Oracle, record) -> None:
    for table, name, numbers in shown(oracle):
        gap = _gap(numbers, record[table][name][0])
        address = f"{table}.{name}"
        if gap > run.gaps.get(address, 0.0):
            run.gaps[address] = gap


def point(number: int) -> dict[str, float]:
    """Return a point of parameter space: even ones at ends of the ranges, odd ones anywhere within.

    The oracle knows random utility alone, so that no rival theory of choice is in force.
    """
    chance = random.Random(number)
    where = {address: (low, high) for address, (low, high) in ranges().items() if address != "tenders.theory"}
    if number % 2:
        return {address: chance.uniform(*ends) for address, ends in where.items()}
    return {address: chance.choice(ends) for address, ends in where.items()}


def report(runs: list[Run]) -> str:
    """Return a table of arms: runs, awards, runs whose awards differ, largest gaps, seconds a run of the oracle."""
    head = f"{'scenario':<22}{'history':<9}{'runs':>5}{'awards':>9}{'differ':>8}"
    lines = [f"{head}{'share gap':>12}{'other gap':>12}{'s/run':>8}"] if runs else []
    for case, history in dict.fromkeys((run.case, run.history) for run in runs):
        arm = [run for run in runs if (run.case, run.history) == (case, history)]
        lines.append(
            f"{case:<22}{history:<9}{len(arm):>5}{sum(run.awards for run in arm):>9}"
            f"{sum(bool(run.differences) for run in arm):>8}{max(run.share_gap for run in arm):>12.2g}"
            f"{max(run.gap for run in arm):>12.2g}{sum(run.oracle_seconds for run in arm) / len(arm):>8.2f}"
        )
    return "\n".join(lines)


def _arm(runs: Iterator[Run]) -> list[Run]:
    """Dock an arm, saying what differs and how it ended as soon as that is known."""
    done = []
    for run in runs:
        done.append(run)
        for difference in run.differences[:3]:
            print(f"{run.case}, {run.history}, replication {run.replication}: {difference}", flush=True)
    print(report(done), flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="replications of each arm")
    parser.add_argument("--points", type=int, default=20, help="points of parameter space for each mode of history")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deep", action="store_true", help="compare every number in every quarter")
    options = parser.parse_args()
    how = {"seed": options.seed, "deep": options.deep}
    print("At the default parameters:")
    runs = []
    for case, history in ARMS:
        runs += _arm(dock(case, history, r, **how) for r in range(options.runs))
    print("At points of parameter space:")
    for history in ("replay", "free"):
        runs += _arm(dock("western_sanctions", history, r, parameters=point(r), **how) for r in range(options.points))
    if any(run.differences or run.share_gap > 1e-9 or run.gap > 1e-9 for run in runs):
        raise SystemExit("They do not dock.")


if __name__ == "__main__":
    main()
