"""The documents' own history as injects: dated events and leaderships, from the tables of the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.injects import WITHOUT_STRENGTH, Inject, keys_of, kind_of, parse_inject
from sim.world.build import World
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from sim.world.tables import Row, Tables

MODES = ("replay", "free")
"""Modes of history: `replay` has documented events on their dates; in `free` the model's own rules decide."""


def homes_of_firms(world: World) -> dict[str, str]:
    """Return the home of every firm, by names."""
    homes = world.record["firms"]["home"][0]
    return {firm: world.names.homes[int(h)] for firm, h in zip(world.names.firms, homes, strict=True)}


def _entry(row: Row) -> Mapping[str, Any]:
    """Return a row of history.csv as an entry of a scenario file would be."""
    kind = kind_of(row.text("kind"), f"{row.place}, column kind")
    entry: dict[str, Any] = {"kind": kind.name, "start": row.text("start")}
    for (key, _), column in zip(keys_of(kind), ("actor", "target", "sector"), strict=True):
        if key:
            entry[key] = row.text(column)
        elif row.text(column):
            raise row.fail(column, f"{kind.name} names nothing here.")
    if not kind.once and row.text("end"):
        entry["end"] = row.text("end")
    if kind.name not in WITHOUT_STRENGTH:
        entry["strength"] = float(row.number("strength", "injects.strength"))
    return entry


def read_history(world: World, mode: str) -> list[Inject]:
    """Return the injects of history.csv that hold in a mode: those given in both, and in replay all."""
    columns = ["kind", "actor", "target", "sector", "start", "end", "strength", "mode"]
    homes = homes_of_firms(world)
    found: list[Inject] = []
    for row in Tables(world.folder).rows("history", columns):
        is_given = row.one_of("mode", ("given", "replay")) == 0
        if is_given or mode == "replay":
            found += parse_inject(_entry(row), world.names, homes, row.place)
    return found


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
