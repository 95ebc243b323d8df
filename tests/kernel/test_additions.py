"""Adding a state, a firm and parameters leaves every draw, and so every other actor's fate, as it was.

One state that nobody enters or invests in and that joins nothing, one firm that sells nothing, and parameters that no
rule reads are put into the middle of their tables: all row numbers after them shift. By the model's logic they touch
nobody, so all other numbers have to be equal bit for bit; were any draw addressed by a row number, or taken in
sequence, they would not be.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.world.build import World, build_world
from sim.world.records import TABLES
from tests.kernel.runs import busy, last_worlds, last_worlds_by_rules, run
from tests.world.edited import copied, insert, read, write

STATE, FIRM = "XXA", "Idle"
COUNTS_STATES = {"measures.dependence_other", "measures.signed", "measures.in_force"}
"""Means and counts over all states, which no rule reads: they count the added one."""


def enlarged(folder: Path) -> World:
    """Return the default world with a state and a firm put in that touch nobody."""
    tables = copied(folder)
    insert(tables, "states", 10, {"iso": STATE, "name": "Added", "reported": "no"})
    insert(tables, "firms", 5, {"name": FIRM, "home": "KOR", "sectors": "", "exposure": "0", "project_value": "0",
                                "programme_size": "0", "default_entry": "never"})  # fmt: skip
    for row in read(tables, "firms"):
        insert(tables, "entries", 0, {"firm": row["name"], "iso": STATE, "entry": "never"})
        insert(tables, "projects", 0, {"firm": row["name"], "iso": STATE, "presence": "0"})
    for row in read(tables, "sectors"):
        insert(tables, "bases", 0, {"iso": STATE, "sector": row["key"], "penetration": "0", "age": "0", "shares": ""})
    write(tables, "dyads", [row for row in read(tables, "dyads") if row["iso"] != STATE])
    return build_world(tables)


def with_unread_parameters(params: np.ndarray) -> np.ndarray:
    """Return the record of values with a group before all others, and a value before all others of each group."""
    groups = [(group, [("aaa", "f8"), *params.dtype[group].descr]) for group in params.dtype.names]
    wider = np.zeros(1, [("aaa_group", [("aaa", "f8")]), *groups])
    for group in params.dtype.names:
        for name in params.dtype[group].names:
            wider[group][name] = params[group][name]
        wider[group]["aaa"] = 0.123
    return wider


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> World:
    return busy(enlarged(tmp_path_factory.mktemp("larger")))


@pytest.fixture(scope="module")
def pair(world: World, larger: World, params: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the last worlds (runs,) of the default and of the larger world."""
    before = last_worlds(world, run(world, params, [0, 1, 2]))
    return before, last_worlds_by_rules(larger, with_unread_parameters(params), [0, 1, 2])


def rows_of(world: World, larger: World, dimension: str) -> np.ndarray:
    """Return where each row of the default world stands in the larger one."""
    if dimension in ("states", "firms", "holders"):
        names = getattr(larger.names, dimension)
        return np.array([names.index(name) for name in getattr(world.names, dimension)])
    if dimension in ("dyads", "channels"):
        ids = larger.record[dimension]["id"][0].tolist()
        return np.array([ids.index(i) for i in world.record[dimension]["id"][0].tolist()])
    return np.arange(getattr(world.sizes, dimension))


NUMBERS = [(table, f) for table, (fields, _) in TABLES.items() for f in fields if f.kind == "f8"]


def test_both_additions_shift_all_later_rows(world: World, larger: World) -> None:
    assert (larger.sizes.states, larger.sizes.firms) == (world.sizes.states + 1, world.sizes.firms + 1)
    assert larger.names.states.index(STATE) == 10
    assert larger.names.firms.index(FIRM) == 5
    for table in ("states", "firms", "homes", "dyads", "sectors", "institutions", "channels"):
        assert set(world.record[table]["id"][0].tolist()) <= set(larger.record[table]["id"][0].tolist())


@pytest.mark.parametrize(("table", "declared"), NUMBERS, ids=[f"{table}.{f.name}" for table, f in NUMBERS])
def test_every_other_number_is_equal_bit_for_bit(
    world: World, larger: World, pair: tuple, table: str, declared
) -> None:
    before, after = (last[table][declared.name] for last in pair)
    for axis, dimension in enumerate((*TABLES[table][1], *declared.shape), start=1):
        after = after.take(rows_of(world, larger, dimension), axis=axis)
    if f"{table}.{declared.name}" in COUNTS_STATES:
        assert before.shape == after.shape
    else:
        assert before.tobytes() == np.ascontiguousarray(after).tobytes()


def test_rules_called_one_by_one_make_the_same_run(world: World, params: np.ndarray, pair: tuple) -> None:
    assert last_worlds_by_rules(world, params, [0, 1, 2]).tobytes() == pair[0].tobytes()


def test_something_happened_in_these_runs(pair: tuple) -> None:
    before, _ = pair
    for field in ("cum_tenders", "lost_investment", "dependence"):
        assert before["states"][field].max() > 0.0
    assert before["measures"]["cum_bans"].max() > 0.0
    assert len(np.unique(before["measures"]["market"][:, 0])) == 3, "three replications that differ"
