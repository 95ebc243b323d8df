"""Worlds whose tables have their rows in another order, with all that points to a row following it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.world.fields import NOBODY, Field
from sim.world.injects import KINDS
from sim.world.records import TABLES
from tests.rules.fields import bits

Rows = Mapping[str, np.ndarray]
"""For each table or dimension that changes: which row comes to stand in each place."""


def followed(rows: Rows, n_groups: int, n_states: int) -> dict[str, np.ndarray]:
    """Return the rows with what follows groups and states: holders, and the patrons that are groups."""
    groups = rows.get("groups", np.arange(n_groups))
    states = n_groups + rows.get("states", np.arange(n_states))
    return {**rows, "holders": np.concatenate([groups, states])}


class Reorder:
    """Puts the rows of worlds of one shape into another order; built once, since it goes through every field."""

    def __init__(self, world: np.ndarray, rows: Rows):
        self._rows = followed(rows, world["groups"].shape[-1], world["states"].shape[-1])
        self._rows["patrons"] = _patrons(world["patrons"].shape[-1], self._rows, world["groups"].shape[-1])
        self._new_row = {table: np.argsort(order) for table, order in self._rows.items()}
        counted = np.zeros_like(world)
        bits(counted)[:] = np.arange(counted.nbytes // 8, dtype=np.uint64)
        self._indices: list[tuple[np.ndarray, np.ndarray]] = []
        source = counted.copy()
        for table, (fields, dims) in TABLES.items():
            for field in fields:
                content = self._moved(counted[table][field.name], (*dims, *field.shape))
                source[table][field.name] = content
                if (target := _target(table, field)) in self._rows:
                    place = np.ascontiguousarray(counted[table][field.name]).view(np.int64).ravel()
                    self._indices.append((place, self._new_row[target]))
        self._source = bits(source).astype(np.int64)

    def __call__(self, world: np.ndarray) -> np.ndarray:
        """Return a copy of the world with its rows in the new order."""
        other = world.copy()
        flat = bits(other)
        flat[:] = bits(world)[self._source]
        for place, new_row in self._indices:
            now = flat[place].view(np.int64)
            flat[place] = np.where(now < 0, now, new_row[np.maximum(now, 0)]).view(np.uint64)
        for inject in other["injects"][0]:
            kind = KINDS[inject["kind"]]
            for column in ("actor", "target", "sector"):
                table = getattr(kind, column)
                if table in self._new_row and inject[column] != NOBODY:
                    inject[column] = self._new_row[table][inject[column]]
        return other

    def _moved(self, content: np.ndarray, dims: tuple[str, ...]) -> np.ndarray:
        for axis, dim in enumerate(dims):
            if dim in self._rows:
                content = np.take(content, self._rows[dim], axis + 1)
        return content


def _patrons(n: int, rows: Rows, n_groups: int) -> np.ndarray:
    """Return the rows of patrons: groups as they stand, then states in the order asked for, if any."""
    states = rows.get("patrons", np.arange(n - n_groups))
    return np.concatenate([rows.get("groups", np.arange(n_groups)), n_groups + states])


def _target(table: str, field: Field) -> str:
    """Return the table that a field's numbers are rows of, or an empty string."""
    if (table, field.name) == ("incidents", "author"):
        return "groups"
    return field.unit.removeprefix("index in ") if field.unit.startswith("index in ") else ""
