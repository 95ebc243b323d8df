"""Addresses of single numbers in a world, written as an analyst would: `cells[KGZ,devices].share[Xiaomi]`.

`states[*]` stands for every reported state, `states[**]` for every state. An address becomes an offset into the flat
vector of the world (`records.flat_view`), so that any measured number can be recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.world.build import PAIRS, World
from sim.world.fields import FLOAT, Field
from sim.world.records import TABLES

_FORM = re.compile(r"(\w+)(?:\[([^\]]+)\])?\.(\w+)(?:\[([^\]]+)\])?")
_NAMED = (
    *("states", "homes", "firms", "sectors", "institutions", "domains", "groups", "theatres"),
    *("origins", "nodes", "corridors", "kinds", "answers", "statuses"),
    *("holders", "patrons", "custodies", "pools", "accusers", "audiences", "severities", "models"),
)


@dataclass(frozen=True)
class Address:
    """One number of a world: its text, the offset in the flat vector, and the reported state it belongs to, if any."""

    text: str
    offset: int
    state: str | None


def split_path(text: str) -> tuple[str, str]:
    """Return table and field of an address that is well formed."""
    match = _FORM.fullmatch(text)
    assert match is not None
    return match[1], match[3]


def _declared(table: str, name: str, text: str) -> Field:
    if table not in TABLES:
        raise InputError(f"{text!r}: there is no table {table!r}.{did_you_mean(table, TABLES)}")
    fields = {f.name: f for f in TABLES[table][0]}
    if name not in fields:
        raise InputError(f"{text!r}: {table} has no field {name!r}.{did_you_mean(name, fields)}")
    return fields[name]


def _row(world: World, dimension: str, name: str, sector: int | None) -> int:
    """Return the place of a name along a dimension; slots are named by the firm that sells in the sector."""
    if dimension == "slots":
        if sector is None:
            raise InputError(f"{name!r}: slots have names in cells and sectors only.")
        firm = world.names.index("firms", name)
        sellers = list(world.record["sectors"][0, sector]["seller"])
        if firm not in sellers:
            raise InputError(f"{name!r} does not sell in {world.names.sectors[sector]}.")
        return sellers.index(firm)
    if dimension in PAIRS:
        return world.pair(dimension, name)
    if dimension in _NAMED:
        return world.names.index(dimension, name)
    length = getattr(world.sizes, dimension)
    if not name.isdecimal() or int(name) >= length:
        raise InputError(f"{name!r}: {dimension} are numbered from 0 to {length - 1}.")
    return int(name)


def _expand(world: World, table: str, names: list[str]) -> list[list[str]]:
    """Return the rows that names stand for: where a star would pair a state with itself, it passes over it."""
    stars = {"*": world.names.reported, "**": world.names.states}
    for place, name in enumerate(names):
        star, arrow, partner = name.partition(">")
        if star in stars:
            filled = [iso + arrow + partner for iso in stars[star]]
            if table in PAIRS:
                known = set(world.pair_names(table))
                filled = [name for name in filled if name in known]
            return [[*names[:place], name, *names[place + 1 :]] for name in filled]
    return [names]


def _split(inside: str | None) -> list[str]:
    return [part.strip() for part in inside.split(",")] if inside else []


def _start_of(dtype: np.dtype, name: str) -> int:
    """Return the byte at which a field of a record begins."""
    assert dtype.fields is not None
    return dtype.fields[name][1]


def _bracketed(names: list[str]) -> str:
    return f"[{','.join(names)}]" if names else ""


def _offset(world: World, table: str, rows: list[str], declared: Field, inner: list[str], text: str) -> int:
    dims = TABLES[table][1]
    if len(rows) != len(dims) or len(inner) != len(declared.shape):
        wanted = f"{table}{list(dims) or ''}.{declared.name}{list(declared.shape) or ''}"
        raise InputError(f"{text!r}: write it as {wanted.replace(chr(39), '')}.")
    sector = world.names.index("sectors", rows[dims.index("sectors")]) if "sectors" in dims else None
    outer = tuple(_row(world, d, n, sector) for d, n in zip(dims, rows, strict=True))
    last = tuple(_row(world, d, n, sector) for d, n in zip(declared.shape, inner, strict=True))
    view = world.record[table][declared.name]
    start = _start_of(world.record.dtype, table) + _start_of(world.record[table].dtype, declared.name)
    return (start + sum(i * stride for i, stride in zip((0, *outer, *last), view.strides, strict=True))) // 8


def resolve(text: str, world: World) -> list[Address]:
    """Return the addresses that a text names, several where it holds a star; InputError where it names nothing."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no address; write it as states[KAZ].local_capacity.")
    table, rows, name, inner = match[1], _split(match[2]), match[3], _split(match[4])
    declared = _declared(table, name, text)
    if declared.kind != FLOAT:
        raise InputError(f"{text!r}: {table}.{name} is no measured number but a mark ({declared.unit}).")
    found = []
    for chosen in _expand(world, table, rows):
        full = f"{table}{_bracketed(chosen)}.{name}{_bracketed(inner)}"
        state = chosen[0].partition(">")[0] if chosen != rows else None
        found.append(Address(full, _offset(world, table, chosen, declared, inner, text), state))
    return found
