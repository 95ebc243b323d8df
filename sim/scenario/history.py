"""The documents' own history as injects: dated events, leaderships, ties of groups, from the tables of the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import InputError
from sim.scenario.conditions import Conditions
from sim.scenario.injects import WITHOUT_STRENGTH, Inject, keys_of, kind_of, optional_key, parse_inject
from sim.scenario.possible import check_possible
from sim.world.build import World
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from sim.world.links import read_changes
from sim.world.tables import Row, Tables

MODES = ("replay", "free")
"""Modes of history: `replay` has documented events on their dates; in `free` the model's own rules decide."""


def _entry(row: Row, world: World) -> Mapping[str, Any]:
    """Return a row of history.csv as an entry of a scenario file would be."""
    kind = kind_of(row.text("kind"), f"{row.place}, column kind")
    entry: dict[str, Any] = {"kind": kind.name, "start": row.text("start")}
    for (key, table), column in zip(keys_of(kind), ("actor", "target", "sector"), strict=True):
        if key and (row.text(column) or key != optional_key(kind)):
            entry[key] = row.text(column)
            _check_name(row, column, table, world)
        elif not key and row.text(column):
            raise row.fail(column, f"{kind.name} names nothing here.")
    if not kind.once and row.text("end"):
        entry["end"] = row.text("end")
    if kind.name not in WITHOUT_STRENGTH:
        entry["strength"] = float(row.number("strength", "injects.strength"))
    return entry


def _check_name(row: Row, column: str, table: str | None, world: World) -> None:
    """Raise InputError for a cell that names nobody."""
    if table in (None, "firms"):
        return
    try:
        world.names.index(str(table), row.text(column))
    except InputError as error:
        raise row.fail(column, str(error)) from None


def read_history(world: World, mode: str) -> list[Inject]:
    """Return what is on record for a mode, given in both or in replay alone: history.csv, then changes of groups."""
    columns = ["kind", "actor", "target", "sector", "start", "end", "strength", "mode"]
    conditions = Conditions(world)
    found: list[Inject] = []
    for row in Tables(world.folder).rows("history", columns):
        is_given = row.one_of("mode", ("given", "replay")) == 0
        if is_given or mode == "replay":
            for inject in parse_inject(_entry(row, world), world, row.place, conditions):
                check_possible(world, inject, row.place)
                found.append(inject)
    return [*found, *_read_groups(world, mode)]


def _read_groups(world: World, mode: str) -> list[Inject]:
    """Return pledges, protection, moves, leaderships and liftings of groups as the orders that scenarios give."""
    return [
        Inject(CODES[made.kind], made.start, made.start + 1, made.strength, made.actor, made.target, NOBODY)
        for made in read_changes(Tables(world.folder), world.names)
        if made.is_given or mode == "replay"
    ]


def custodies_not_begun(world: World, mode: str) -> list[int]:
    """Return the rows of custodies that are on record in replay alone, where the mode is another."""
    rows = Tables(world.folder).rows("custodies", ["custodian", "of", "mode"])
    is_given = [row.one_of("mode", ("given", "replay")) == 0 for row in rows]
    return [] if mode == "replay" else [c for c, given in enumerate(is_given) if not given]


def read_leaders(world: World) -> list[Inject]:
    """Return every leadership of leaders.csv as a leader's demand, until the next leadership of that state."""
    rows = list(Tables(world.folder).rows("leaders", ["iso", "from", "leader_demand"]))
    terms = [
        (
            row.one_of("iso", world.names.states),
            row.quarter("from"),
            row.number("leader_demand", "states.leader_demand"),
        )
        for row in rows
    ]
    found = []
    for state, start, demand in terms:
        later = [begins for other, begins, _ in terms if other == state and begins > start]
        end = min(later, default=NEVER)
        found.append(Inject(CODES["leader_demand"], start, end, demand, state, NOBODY, NOBODY))
    return found
