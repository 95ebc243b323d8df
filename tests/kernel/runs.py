"""Runs for the tests beside this file: a busy world, every number of its last quarter, a reference by quarters."""

from __future__ import annotations

import numpy as np

from sim.kernel.conditions import judge
from sim.kernel.observe import END, PROBE, Observations
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import Block, run_block, switches_for
from sim.numerics.draws import throw_dice
from sim.numerics.feed import UNFED
from sim.parameters.register import load_register
from sim.rules.schedule import SCHEDULE, step
from sim.world.build import World
from sim.world.calendar import parse_quarter
from sim.world.fields import NOBODY
from sim.world.injects import CODES
from sim.world.records import flat_view

SEED = 7
QUARTERS = 180
ACTS = (
    ("pandemic", None, None, None, "2020Q1", "2022Q1", 0.8),
    ("tension", None, None, None, "2017Q1", "2030Q1", 0.7),
    ("quarrel", ("states", "UKR"), ("homes", "RUS"), None, "2014Q1", "2030Q1", 1.0),
    ("sanction", ("firms", "Huawei"), None, None, "2019Q2", "2030Q1", 0.9),
    ("outage", ("firms", "Huawei"), None, None, "2025Q1", "2025Q3", 0.8),
    ("gift", ("firms", "Huawei"), ("states", "KGZ"), ("sectors", "networks"), "2005Q1", "2005Q2", 0.3),
    ("subsidy", ("homes", "CHN"), None, None, "2000Q1", "2010Q1", 0.4),
)
"""Injects that keep every rule busy: kind, actor, target, sector, first quarter, end, strength."""


def busy(world: World) -> World:
    """Return a world in free history, reported from its first quarter, in which the injects of `ACTS` are set."""
    record = world.record.copy()
    record["clock"]["is_replay"] = record["clock"]["first_reported"] = 0
    record["injects"][["actor", "target", "sector", "when", "until", "strategy"]] = (NOBODY,) * 6
    for place, (kind, *named, start, end, strength) in enumerate(ACTS):
        rows = [world.names.index(*who) if who else NOBODY for who in named]
        times = (parse_quarter(start), parse_quarter(end))
        columns = ["kind", "start", "end", "strength", "actor", "target", "sector"]
        record["injects"][columns][0, place] = (CODES[kind], *times, strength, *rows)
    return world.with_record(record)


def values() -> np.ndarray:
    """Return the register's record of values, shape (1,)."""
    return load_register().record()


def everything(world: World) -> Observations:
    """Return observations that keep every number of the last quarter as an outcome, in the order of the flat vector."""
    n = world.record.dtype.itemsize // 8
    probes = np.zeros(n, PROBE)
    probes["offset"], probes["how"], probes["quarter"], probes["other"] = np.arange(n), END, -1, -1
    return Observations((), probes, (), np.empty(0, np.int64))


def run(world: World, params: np.ndarray, replications: list[int], **changes) -> Block:
    """Run a block with all rules, by default of `QUARTERS` quarters and with `everything` observed."""
    settings = {"observations": everything(world), "seed": SEED, "n_quarters": QUARTERS, "switches": switches_for()}
    settings |= changes
    return run_block(world, params, replications=np.array(replications, np.int64), **settings)


def last_worlds(world: World, block: Block) -> np.ndarray:
    """Return the worlds (runs,) in their last quarter, from a block in which `everything` was observed."""
    return np.ascontiguousarray(block.outcomes).view(world.record.dtype)[:, 0]


def walked(world: World, params: np.ndarray, replication: int, n_quarters: int) -> np.ndarray:
    """Return the worlds (quarters,) at the end of each quarter, by calling the step of one quarter again and again."""
    record = world.record.copy()
    path = np.empty(n_quarters, record.dtype)
    dice = np.uint64(throw_dice(SEED, replication))
    for quarter in range(n_quarters):
        record["clock"]["quarter"] = quarter
        step(record[0], params[0], switches_for(), dice, NO_LEDGER, *UNFED)
        path[quarter] = record[0]
    assert flat_view(record).size == world.record.dtype.itemsize // 8
    return path


def last_worlds_by_rules(world: World, params: np.ndarray, replications: list[int]) -> np.ndarray:
    """Return the worlds (runs,) in their last quarter, with each rule called by itself.

    For worlds of another shape: what calls all rules takes a quarter as long to compile as the rules themselves.
    """
    return np.concatenate([_by_rules(world, params, replication) for replication in replications])


def _by_rules(world: World, params: np.ndarray, replication: int) -> np.ndarray:
    record, dice = world.record.copy(), np.uint64(throw_dice(SEED, replication))
    flat = flat_view(record)
    for quarter in range(QUARTERS):
        record["clock"]["quarter"] = quarter
        judge(record[0], flat)
        for rule in SCHEDULE:
            rule.apply(record[0], params[0], dice, NO_LEDGER)
    return record
