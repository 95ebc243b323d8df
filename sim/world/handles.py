"""Live handles on the rows of a record: every number of a run, read and written by name.

    kaz.local_capacity = 0.6                             refused outside the declared range
    kaz.dependence["CHN"]                                a field along a dimension reads like a dictionary
    cell.share.update({"Huawei": 0.7, "Nokia": 0.3})     what has to fit together is written together

A handle keeps no number of its own, so it never goes stale. Indices show as names (nobody as None), flags as bools,
modes of procurement as words; quarters stay numbers, counted from 1991Q1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from numbers import Real
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.world.build import PAIRS, World
from sim.world.calendar import parse_quarter
from sim.world.fields import FLOAT, ID, INT, NEVER, NOBODY, Field
from sim.world.injects import KINDS
from sim.world.invariants import violations
from sim.world.records import MODES, TABLES, paths

FIXED = frozenset(
    {path for path in paths() if path.endswith(".id")}
    | {"firms.home", "homes.state", "dyads.state", "dyads.partner", "dyads.home", "states.supplier_dyad"}
    | {"sectors.n_sellers", "sectors.seller", "sectors.seller_home", "sectors.lower", "sectors.model", "homes.model"}
    | {"firms.service", "firms.is_operator"}
    | {"origins.state", "origins.home", "origins.node", "nodes.state", "nodes.issuer"}
    | {"legs.start", "legs.end", "legs.corridor", "legs.owner"}
    | {"channels.state", "channels.origin", "channels.dyad", "channels.third"}
    | {"theatres.state", "theatres.node", "theatres.transit", "patrons.group", "patrons.state"}
    | {"custodies.custodian", "custodies.of", "custodies.theatre", "designations.group", "designations.power"}
    | {"pools.origin", "accusers.state", "audiences.state", "migrants.host", "migrants.pool", "migrants.accuser"}
)
"""Who is who: what the rows of the record are, which nothing changes within a run."""

HINTS = {
    "cells.share": "Write those that change together, with share.update({...}).",
    "cells.penetration": "Write the shares first.",
    "sectors.criticality": "Lower another sector's first.",
    "institutions.joins": "Write the later of `joins` and `leaves` first.",
    "institutions.leaves": "Write the later of `joins` and `leaves` first.",
    "groups.pool": "Write those that change together, with pool.update({...}).",
    "groups.aim": "Write those that change together, with aim.update({...}).",
    "groups.enters": "Free those who are tied to it first.",
    "groups.pledge": "Name a group that is there, and that does not depend on this one itself.",
    "groups.protector": "Name a group that is there, and that does not depend on this one itself.",
    "theatres.control": "Write those that change together, with control.update({...}).",
}
"""Fields that have to fit others, with what to do where they do not."""


def as_number(value: Any) -> float:
    """Return a number as a float, infinite where it is too large for one; NaN for whatever is no number."""
    try:
        return float(value) if isinstance(value, Real | np.bool_) else math.nan
    except OverflowError:
        return math.inf


class UnknownName(InputError, KeyError):
    """A name that stands for nothing: a KeyError too, so that `in` and `get` work."""

    __str__ = Exception.__str__


class UnknownAttribute(InputError, AttributeError):
    """An attribute that is no field: an AttributeError too, so that `hasattr` works."""


class Index:
    """The names along a dimension of a live world, and the place of each."""

    def __init__(self, live: LiveWorld, names: tuple[str, ...], what: str) -> None:
        self.names = names
        self._live, self._what = live, what
        self._places = {name: place for place, name in enumerate(names)}

    def find(self, key: Any) -> int:
        """Return the place of a name or handle; UnknownName with the nearest spelling, InputError for another world."""
        if isinstance(key, Row):
            key = self._live.name_of(key)
        if isinstance(key, str) and key in self._places:
            return self._places[key]
        raise UnknownName(f"{key!r} is none of the {self._what}.{did_you_mean(str(key), self.names)}")


class Rows[R: "Row"](Mapping[str, R]):
    """Handles by name, made by `make` from the place of the name."""

    def __init__(self, index: Index, make: Callable[[int], R]) -> None:
        self._index, self._make = index, make

    def __getitem__(self, key: Any) -> R:
        return self._make(self._index.find(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.names)

    def __len__(self) -> int:
        return len(self._index.names)

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


class LiveWorld:
    """A world whose record is at work, seen through handles.

    `by_inject`: fields, as table.field, that injects alone set, so that handles only read them.
    """

    def __init__(self, world: World, by_inject: Collection[str] = ()) -> None:
        self.world, self.by_inject = world, frozenset(by_inject)
        self.columns = cache(self._columns)
        self.index = cache(self._index)

    def _columns(self, table: str) -> dict[str, np.ndarray]:
        """Return views of a table's fields, each (rows, *shape)."""
        here, n_dims = self.world.record[table], len(TABLES[table][1])
        return {
            f.name: here[f.name].reshape(-1, *here[f.name].shape[1 + n_dims :], copy=False) for f in TABLES[table][0]
        }

    def _index(self, dimension: str, sector: int = NOBODY) -> Index:
        """Return the names along a dimension; slots are named by the sellers of a sector."""
        names, record = self.world.names, self.world.record
        if dimension == "slots":
            sellers = record["sectors"][0, sector]
            found = tuple(names.firms[int(f)] for f in sellers["seller"][: int(sellers["n_sellers"])])
            return Index(self, found, f"sellers in {names.sectors[sector]}")
        if dimension in PAIRS:
            return Index(self, self.world.pair_names(dimension), dimension)
        if dimension == "MODES":
            return Index(self, MODES, "modes of procurement")
        return Index(self, getattr(names, dimension), dimension)

    def rows[R: Row](self, kind: type[R]) -> Rows[R]:
        """Return all rows of a kind of handle, by name."""
        return Rows(self.index(kind.table), lambda place: kind(self, place))

    def name_of(self, actor: Any) -> Any:
        """Return the name of a handle, and anything else as it is; InputError for a handle of another model."""
        if not isinstance(actor, Row):
            return actor
        if actor.live is not self:
            own = f"model.{actor.table}[{actor.name!r}]"
            raise InputError(f"{actor!r} belongs to another model; take this model's own, such as {own}.")
        return actor.name


class Attribute:
    """A field of a row as an attribute of its handle."""

    def __init__(self, table: str, field: Field) -> None:
        self.field, self.path = field, f"{table}.{field.name}"
        unit = field.unit
        self.choices = unit.removeprefix("index in ") if unit.startswith("index in ") else ""
        self.choices = "MODES" if unit == "code of MODES" else self.choices
        self.is_plain = not field.shape and not self.choices and unit != "flag"
        along = f"[{', '.join(field.shape)}]" if field.shape else ""
        self.__doc__ = f"{field.name}{along}: {field.meaning} ({self._values()})"

    def _values(self) -> str:
        """Return what a number of the field may be, in words."""
        f = self.field
        if f.kind == ID or self.choices or f.unit in ("flag", "0-1"):
            return f.unit
        top = "never" if f.kind == INT and f.high == NEVER else f"{f.high:g}"
        return f"{f.low:g} to {top} {f.unit}"

    def __get__(self, row: Row | None, owner: type) -> Any:
        if row is None:
            return self
        column = row.columns[self.field.name]
        if self.is_plain:
            return column.item(row.place)
        return ByName(row, self) if self.field.shape else self.shown(row, column.item(row.place))

    def __set__(self, row: Row, value: Any) -> None:
        if self.field.shape:
            ByName(row, self).replace(value)
        else:
            self.commit(row, self.stored(row, value, self.address(row)))

    def address(self, row: Row, key: Any = None) -> str:
        """Return the field of a row as outcomes and trajectories write it: `states[KAZ].dependence[CHN]`."""
        names = key if isinstance(key, tuple) else () if key is None else (key,)
        inner = ",".join(str(row.live.name_of(name)) for name in names)
        return f"{row.address}.{self.field.name}" + (f"[{inner}]" if inner else "")

    def shown(self, row: Row, number: float) -> Any:
        """Return a number of the record as it is read: a name, None, a bool, or the number itself."""
        if self.choices:
            return None if number == NOBODY else row.index(self.choices).names[int(number)]
        return bool(number) if self.field.unit == "flag" else number

    def stored(self, row: Row, value: Any, where: str) -> float:
        """Return what is written as a number of the record; InputError naming what is wrong."""
        f = self.field
        if self.path in FIXED:
            raise InputError(f"{where} says who is who, which no run changes; change the tables of the world instead.")
        if self.path in row.live.by_inject:
            raise InputError(f"{where} is set by injects alone; {self._inject()}")
        if self.choices:
            return NOBODY if value is None and self.choices != "MODES" else row.index(self.choices).find(value)
        if f.high == NEVER and isinstance(value, str):
            return NEVER if value == "never" else parse_quarter(value)
        number, is_flag = as_number(value), isinstance(value, bool | np.bool_)
        is_right = is_flag == (f.unit == "flag") and (math.isfinite(number) if f.kind == FLOAT else number.is_integer())
        if not is_right:
            wanted = "True or False" if f.unit == "flag" else "a number" if f.kind == FLOAT else "a whole number"
            raise InputError(f"{where}: write {wanted}, not {number if math.isinf(number) else value!r} ({f.meaning}).")
        if not f.low <= number <= f.high:
            raise InputError(f"{where}: {number:g} lies outside its range {f.low:g}..{f.high:g} ({f.unit}).")
        return number if f.kind == FLOAT else int(number)

    def _inject(self) -> str:
        """Return what to write in place of a field that injects set, with the kinds that its name tells."""
        name = self.field.name
        kinds = [f"{kind.name!r}, " for kind in KINDS if kind.name in name or name in kind.name]
        return f"use model.schedule_inject({''.join(kinds)}...); docs/model.md, chapter 6, lists the kinds."

    def commit(self, row: Row, number: Any) -> None:
        """Write a number or, for a field along dimensions, all of its numbers; nothing where they do not fit."""
        column = row.columns[self.field.name]
        before = column[row.place].copy()
        column[row.place] = number
        if self.path in HINTS and (found := violations(row.live.world.record, row.live.world.names)):
            column[row.place] = before
            raise InputError(f"{self.address(row)}: {found[0]} {HINTS[self.path]}")


class ByName(Mapping[Any, Any]):
    """A field along one dimension, read and written by name, or along two, by pair of names.

    Assigning to it needs every name; `update` changes some, together.
    """

    __slots__ = ("_attribute", "_row")

    def __init__(self, row: Row, attribute: Attribute) -> None:
        self._row, self._attribute = row, attribute

    def _place(self, key: Any) -> Any:
        shape = self._attribute.field.shape
        if len(shape) == 1:
            return self._row.index(shape[0]).find(key)
        if not isinstance(key, tuple) or len(key) != len(shape):
            raise UnknownName(f"{self._attribute.address(self._row)}[{key!r}]: write a pair of {' and '.join(shape)}.")
        return tuple(self._row.index(d).find(k) for d, k in zip(shape, key, strict=True))

    def __getitem__(self, key: Any) -> Any:
        row, attribute = self._row, self._attribute
        return attribute.shown(row, row.columns[attribute.field.name][row.place].item(self._place(key)))

    def __setitem__(self, key: Any, value: Any) -> None:
        self.update({key: value})

    def update(self, changes: Mapping[Any, Any] = MappingProxyType({}), /, **named: Any) -> None:
        """Write several numbers together; none where one is wrong or they do not fit."""
        row, attribute = self._row, self._attribute
        numbers = row.columns[attribute.field.name][row.place].copy()
        for key, value in {**self._dictionary(changes), **named}.items():
            numbers[self._place(key)] = attribute.stored(row, value, attribute.address(row, key))
        attribute.commit(row, numbers)

    def replace(self, values: Mapping[Any, Any]) -> None:
        """Write the whole field; InputError where a name is missing."""
        attribute, given = self._attribute, self._dictionary(values)
        if missing := [key for key in self if key not in given]:
            where = attribute.address(self._row)
            raise InputError(f"{where}: {missing[0]!r} is missing; {attribute.field.name}.update({{...}}) writes some.")
        self.update(given)

    def _dictionary(self, values: Any) -> Mapping[Any, Any]:
        if isinstance(values, Mapping):
            return values
        where, along = self._attribute.address(self._row), " and ".join(self._attribute.field.shape)
        raise InputError(f"{where}: write a dictionary by {along}, not {values!r}.")

    def __iter__(self) -> Iterator[Any]:
        names = [self._row.index(d).names for d in self._attribute.field.shape]
        return iter(names[0]) if len(names) == 1 else itertools.product(*names)

    def __len__(self) -> int:
        return math.prod(len(self._row.index(d).names) for d in self._attribute.field.shape)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        return dict(self)


class Row:
    """A handle on one row of a table, named as `class State(Row, table="states")` does.

    Attributes are the fields of the row, beside `name`, `label` (for readers) and `address` (as outcomes write it).
    """

    table: ClassVar[str] = ""

    def __init_subclass__(cls, *, table: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if table:
            cls.table = table
            attributes = [Attribute(table, field) for field in TABLES[table][0]]
            for attribute in attributes:
                setattr(cls, attribute.field.name, attribute)
            listed = "".join(f"    {attribute.__doc__}\n" for attribute in attributes)
            cls.__doc__ = f"{(cls.__doc__ or '').rstrip()}\n\nAttributes of the record, read and written:\n\n{listed}"

    def __init__(self, live: LiveWorld, place: int) -> None:
        self.live = live
        self.columns = live.columns(self.table)
        self.place = place

    @property
    def name(self) -> str:
        """The name that stands in the tables of the world."""
        dims = TABLES[self.table][1]
        if len(dims) == 1:
            return self.live.index(dims[0]).names[self.place]
        places = np.unravel_index(self.place, [len(self.live.index(d).names) for d in dims]) if dims else ()
        return ",".join(self.live.index(d).names[p] for d, p in zip(dims, places, strict=True))

    @property
    def label(self) -> str:
        """The name for readers."""
        return self.live.world.names.label(self.name)

    @property
    def address(self) -> str:
        """The row as outcomes and trajectories write it: `states[KAZ]`."""
        return f"{self.table}[{self.name}]" if self.name else self.table

    def index(self, dimension: str) -> Index:
        """Return the names along a dimension; slots are those of the row's sector."""
        if dimension != "slots":
            return self.live.index(dimension)
        return self.live.index("slots", self.place % self.live.world.sizes.sectors)

    def __getattr__(self, name: str) -> Any:
        known = [known for known in dir(type(self)) if not known.startswith("_")]
        hint = did_you_mean(name, known) or " A subclass may declare attributes of its own."
        raise UnknownAttribute(f"{type(self).__name__} has no attribute {name!r}.{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        if "place" in self.__dict__ and name not in self.__dict__ and not hasattr(type(self), name):
            self.__getattr__(name)
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>".replace(" >", ">")
