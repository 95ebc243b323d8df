"""Where the fields of a world lie in its flat vector, and how a field may be changed without leaving what is valid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from sim.world.conflict import OTHER_AUTHOR, UNKNOWN
from sim.world.fields import FLOAT, ID, NEVER, NOBODY
from sim.world.injects import KINDS
from sim.world.records import field, paths
from tests.rules.made_world import default_world

FIELDS = paths()


def bits(world: np.ndarray) -> np.ndarray:
    """The world, shape (1,), as one uint64 vector over the same memory."""
    return world.view(np.uint8).view(np.uint64)


@cache
def places() -> dict[str, np.ndarray]:
    """`table.field` to the positions of its numbers in `bits`; empty fields have none."""
    counted = np.zeros_like(default_world().record)
    bits(counted)[:] = np.arange(counted.nbytes // 8, dtype=np.uint64)
    return {path: _whole(counted, path).view(np.int64).ravel() for path in FIELDS}


def _whole(world: np.ndarray, path: str) -> np.ndarray:
    table, _, name = path.partition(".")
    return np.ascontiguousarray(world[table][name])


@cache
def positions(names: tuple[str, ...]) -> np.ndarray:
    """Positions in `bits` of all numbers of these fields."""
    return np.concatenate([places()[name] for name in names]) if names else np.empty(0, np.int64)


def versions(world: np.ndarray, path: str, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield other valid contents of a field, as flat arrays of its own kind."""
    now = _whole(world, path).ravel()
    declared = field(path)
    if declared.kind == ID:
        yield dice.integers(1, 2**63, now.size).astype(np.uint64)
    elif path in _SPECIAL:
        yield from _SPECIAL[path](world, now, dice)
    elif declared.unit.startswith("index in"):
        yield _indices(declared.unit.removeprefix("index in "), now, dice)
    elif declared.unit.startswith("quarters since"):
        quarter = int(world["clock"]["quarter"][0])
        yield dice.choice([0, quarter - 1, quarter, quarter + 1, NEVER], now.size)
        yield np.where(now > quarter, 0, quarter + 1)
    elif declared.kind == FLOAT:
        low, high = declared.low, min(declared.high, max(60.0, declared.low))
        yield dice.uniform(low, high, now.size)
        yield np.where(now > (low + high) / 2, low, high)
    else:
        yield dice.integers(int(declared.low), int(declared.high) + 1, now.size)
        yield np.where(now > declared.low, int(declared.low), int(declared.high))


def _indices(table: str, now: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Other rows of the table; nobody only where nobody stood already."""
    size = getattr(default_world().sizes, table)
    return np.where(now == NOBODY, NOBODY, dice.integers(0, size, now.size))


def _kinds(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Other kinds that name the same tables, and nobody in the same place."""
    names = [(kind.actor, kind.target, kind.sector, kind.optional) for kind in KINDS]
    alike = [[code for code in range(1, len(KINDS)) if names[code] == names[max(1, k)]] for k in range(len(KINDS))]
    yield np.array([dice.choice(alike[k]) if k > 0 else 0 for k in now])


def _acting(column: str):
    """Rows of the tables that the injects' kinds name, wherever somebody is named."""

    def other(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
        tables = [getattr(KINDS[kind], column) for kind in world["injects"]["kind"][0]]
        rows = [dice.integers(0, getattr(default_world().sizes, table)) if table else NOBODY for table in tables]
        yield np.where(now == NOBODY, NOBODY, rows)

    return other


def _slots(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Slots that every sector fills, or nobody."""
    fewest = int(world["sectors"]["n_sellers"][0].min())
    yield dice.integers(NOBODY, fewest, now.size)


def _anybody(table: str):
    """Other rows of a table, and nobody where somebody stood and the other way round."""

    def other(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
        yield _indices(table, now, dice)
        size = getattr(default_world().sizes, table)
        yield np.where(dice.random(now.size) < 0.3, NOBODY, dice.integers(0, size, now.size))

    return other


def _exchanged(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """The same rows, each in its neighbour's place."""
    yield np.roll(now, 1)
    yield np.roll(now, -1)


def _fewer(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    yield np.maximum(1, now - 1)
    yield np.ones_like(now)


def _layers(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Another layer below, of the rows above in the table; and none anywhere."""
    yield np.array([NOBODY, *(dice.integers(0, k) for k in range(1, now.size))])
    yield np.full_like(now, NOBODY)


def _authors(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Other groups, nobody known, or somebody who is no group."""
    yield dice.integers(OTHER_AUTHOR, default_world().sizes.groups, now.size)
    yield np.where(now < 0, 0, UNKNOWN)


def _next_rows(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Other rows of the ring of incidents."""
    yield (now + dice.integers(1, 10, now.size)) % default_world().sizes.incidents


def _or_nobody(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """The same row, the only one that the default world has, or nobody."""
    yield np.where(dice.random(now.size) < 0.5, NOBODY, now)


def _on_the_way(world: np.ndarray, now: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """States that nodes lie in."""
    yield dice.choice(world["nodes"]["state"][0], now.size)


_SPECIAL = {
    "injects.kind": _kinds,
    "injects.actor": _acting("actor"),
    "injects.target": _acting("target"),
    "injects.sector": _acting("sector"),
    "cells.order_slot": _slots,
    "cells.award_slot": _slots,
    "states.supplier_dyad": _anybody("dyads"),
    "homes.state": _exchanged,
    "sectors.n_sellers": _fewer,
    "sectors.lower": _layers,
    "sectors.model": _anybody("models"),
    "homes.model": _anybody("models"),
    "channels.origin": _or_nobody,
    "origins.state": _on_the_way,
    "politics.next_incident": _next_rows,
    "incidents.author": _authors,
    "groups.theatre": _anybody("theatres"),
    "groups.pledge": _anybody("groups"),
    "groups.protector": _anybody("groups"),
    "groups.sponsor": _anybody("states"),
    "theatres.node": _anybody("nodes"),
    "theatres.transit": _anybody("states"),
    "theatres.backer": _anybody("states"),
    "custodies.of": _anybody("groups"),
    "custodies.theatre": _anybody("theatres"),
    "pools.origin": _or_nobody,
    "migrants.accuser": _anybody("accusers"),
}


def changed(world: np.ndarray, path: str, content: np.ndarray) -> np.ndarray:
    """A copy of the world with other content in one field."""
    other = world.copy()
    _put(other, path, content)
    return other


def shaken(world: np.ndarray, dice: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield two worlds in which every field has other content, each valid beside the others' content in `world`."""
    others = world.copy(), world.copy()
    for path in FIELDS:
        if places()[path].size:
            contents = list(versions(world, path, dice))
            _put(others[0], path, contents[0])
            _put(others[1], path, contents[-1])
    yield from others


def mixed(world: np.ndarray, other: np.ndarray, paths: Sequence[str]) -> np.ndarray:
    """A copy of the world with the other's content in some fields."""
    result = world.copy()
    here = np.concatenate([places()[path] for path in paths])
    bits(result)[here] = bits(other)[here]
    return result


def _put(world: np.ndarray, path: str, content: np.ndarray) -> None:
    bits(world)[places()[path]] = content.astype(_whole(world, path).dtype).view(np.uint64)
