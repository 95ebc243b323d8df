"""No rule favours a row of a table: with the rows of actors in another order, every actor fares as before.

All tables change at once; where a rule minds, each is tried by itself, so that the message names it. The ring of
incidents keeps its order, which is that of time; rows of it that one rule writes in one quarter may stand in any order.

Members of groups on the move are carried out in turn, as `sim/rules/schedule.py` says: those who have come already
mix with those who leave next. What this can touch is named here, and nothing else may differ.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from sim.rules.schedule import NAMES, SCHEDULE
from tests.rules.made_world import default_world, lively, run
from tests.rules.reorder import Reorder
from tests.rules.test_contracts import DICE, SETTINGS, before

ACTORS = (
    *("states", "homes", "firms", "dyads", "institutions", "nodes", "legs", "channels"),
    *("groups", "patrons", "theatres", "custodies", "designations", "pools", "accusers", "audiences", "migrants"),
)
"""Tables whose rows are actors; of patrons those that are states, since the others stand as the groups do."""


_LEANINGS = ("groups.leaning_hard", "groups.leaning_other", "groups.orientation")
_PEOPLE = ("states.returnees", "groups.hard", "groups.other", *_LEANINGS, "pools.gone", "pools.returned")

IN_TURN = {
    "restraint/succession": {"groups": _PEOPLE},
    "restraint/detention": {"custodies": _LEANINGS},
    "restraint/recognition": {
        "groups": (
            *(*_PEOPLE, "groups.is_state", "groups.pledge", "groups.protector", "groups.loyalty"),
            *("patrons.hope", "patrons.blame", "designations.chance"),
        )
    },
    "restraint/territory": {
        "theatres": (
            *(*_PEOPLE, "groups.cum_fallen", "custodies.hard", "custodies.other", "pools.fallen"),
            *("nodes.held", "theatres.control", "theatres.regained", "theatres.fell", "theatres.cum_displaced"),
        )
    },
}
"""By rule and table, what may follow the order of rows: two leaders replaced, custodies opened, states taken or wars
fought in one quarter, between whose people some move."""


@cache
def _reorder(tables: tuple[str, ...], seed: int) -> Reorder:
    world, generator = default_world().record, np.random.default_rng(seed)
    sizes = {table: world[table].shape[-1] for table in tables}
    if "patrons" in sizes:
        sizes["patrons"] -= world["groups"].shape[-1]
    return Reorder(world, {table: generator.permutation(size) for table, size in sizes.items()})


def _differences(rule, setting, replication: int, tables: tuple[str, ...]) -> list[str]:
    """The fields of WRITES that fare otherwise with the rows of these tables in another order."""
    world, reorder = before(rule, setting), _reorder(tables, replication)
    other = reorder(world)
    run(rule, world, lively(), replication)
    run(rule, other, lively(), replication)
    expected = _in_any_order(reorder(world))
    other = _in_any_order(other)
    return [path for path in rule.WRITES if not _are_close(_content(other, path), _content(expected, path))]


def _in_any_order(world: np.ndarray) -> np.ndarray:
    """Sort the incidents of this quarter by all that they say."""
    rows = world["incidents"][0]
    now = np.flatnonzero(rows["quarter"] == world["clock"]["quarter"][0])
    rows[now] = np.sort(rows[now])
    return world


def _content(world: np.ndarray, path: str) -> np.ndarray:
    table, _, name = path.partition(".")
    return world[table][name]


def _are_close(one: np.ndarray, other: np.ndarray) -> bool:
    return np.allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", SCHEDULE, ids=NAMES)
def test_a_rule_treats_rows_alike(rule):
    found, in_turn = {}, IN_TURN.get(rule.NAME, {})
    tables = tuple(table for table in ACTORS if table not in in_turn)
    for setting, replication in itertools.product(SETTINGS, range(DICE if rule.DRAWS else 2)):
        if _differences(rule, setting, replication, tables):
            alone = {table: _differences(rule, setting, replication, (table,)) for table in tables}
            found[setting, replication] = {table: paths for table, paths in alone.items() if paths} or "all together"
        for table, allowed in in_turn.items():
            if differing := set(_differences(rule, setting, replication, (table,))) - set(allowed):
                found[setting, replication, table] = differing
    assert found == {}, f"{rule.NAME}: fields that fare otherwise with rows in another order"
