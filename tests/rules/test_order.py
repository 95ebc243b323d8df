"""No rule favours a row of a table: with the rows of actors in another order, every actor fares as before."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.rules.schedule import NAMES, SCHEDULE
from sim.world.fields import NOBODY
from sim.world.injects import KINDS
from sim.world.records import TABLES
from tests.rules.made_world import lively, run
from tests.rules.test_contracts import DICE, SETTINGS, before

ACTORS = ("states", "homes", "firms", "dyads", "institutions", "nodes", "legs", "channels")


def reordered(world: np.ndarray, table: str, rows: np.ndarray) -> np.ndarray:
    """A copy of the world with the rows of a table in the order `rows`, and every index into it following them."""
    other = world.copy()
    new_row = np.argsort(rows)
    for name, (fields, dims) in TABLES.items():
        for field in fields:
            content = world[name][field.name]
            axes = [axis + 1 for axis, dim in enumerate((*dims, *field.shape)) if dim == table]
            for axis in axes:
                content = np.take(content, rows, axis)
            if field.unit == f"index in {table}":
                content = np.where(content == NOBODY, NOBODY, new_row[content])
            other[name][field.name] = content
    _reorder_injects(other["injects"][0], table, new_row)
    return other


def _reorder_injects(injects: np.ndarray, table: str, new_row: np.ndarray) -> None:
    for inject in injects:
        kind = KINDS[inject["kind"]]
        for column in ("actor", "target"):
            if getattr(kind, column) == table:
                inject[column] = new_row[inject[column]]


@pytest.mark.parametrize("table", ACTORS)
@pytest.mark.parametrize("rule", SCHEDULE, ids=NAMES)
def test_a_rule_treats_rows_alike(rule, table):
    for setting, replication in itertools.product(SETTINGS, range(DICE if rule.DRAWS else 1)):
        world = before(rule, setting)
        rows = np.random.default_rng(replication).permutation(world[table].shape[-1])
        other = reordered(world, table, rows)
        run(rule, world, lively(), replication)
        run(rule, other, lively(), replication)
        expected = reordered(world, table, rows)
        for path in rule.WRITES:
            name, _, field = path.partition(".")
            np.testing.assert_allclose(other[name][field], expected[name][field], rtol=1e-9, atol=1e-12, err_msg=path)
