"""Who stands in a world: the names of all its actors, read from the tables in the order of their rows."""

from __future__ import annotations

import re

from sim.world.build_conflict import read_custodies, read_former_names, read_sponsors
from sim.world.build_cooperation import read_corridors
from sim.world.conflict import SEVERITIES
from sim.world.cooperation import ANSWERS, KINDS, STATUSES
from sim.world.names import Names
from sim.world.records import DOMAINS
from sim.world.surveillance import MODELS
from sim.world.tables import Row, Tables


def read_names(tables: Tables) -> Names:
    """Return who stands in which row of the record; InputError where a name is empty, stands twice or is no code."""
    labels: dict[str, str] = {}

    def column(table: str, name: str, label: str | None = None) -> tuple[str, ...]:
        found: list[str] = []
        for row in tables.rows(table, [name, *([label] if label else []), "source"]):
            key = row.text(name)
            if not key or key in found:
                raise row.fail(name, "stands twice." if key else "is empty.")
            found.append(key)
            if label:
                labels[key] = _label(row, label)
        return tuple(found)

    states, groups = column("states", "iso", "name"), column("groups", "name")
    return Names(
        states=states,
        homes=column("homes", "iso"),
        firms=column("firms", "name"),
        sectors=column("sectors", "key", "name"),
        institutions=column("institutions", "short", "name"),
        domains=DOMAINS,
        groups=groups,
        theatres=column("theatres", "name"),
        origins=column("origins", "name"),
        nodes=column("nodes", "name"),
        corridors=read_corridors(tables),
        kinds=KINDS,
        answers=ANSWERS,
        statuses=STATUSES,
        holders=groups + states,
        patrons=groups + read_sponsors(tables, states),
        custodies=read_custodies(tables, groups),
        pools=column("pools", "name"),
        accusers=column("accusers", "iso"),
        audiences=column("audiences", "name"),
        severities=SEVERITIES,
        models=MODELS,
        reported=_read_states(tables, states),
        labels=labels,
        former=read_former_names(tables, groups),
    )


def _label(row: Row, column: str) -> str:
    """Return the words that readers see for an actor."""
    if not row.text(column):
        raise row.fail(column, "is empty; write the name that readers see.")
    return row.text(column)


def _read_states(tables: Tables, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the states whose outcomes are reported; InputError for a code that is none."""
    rows = list(tables.rows("states", ["iso", "reported"]))
    for row, iso in zip(rows, names, strict=True):
        if not re.fullmatch("[A-Z]{3}", iso):
            raise row.fail("iso", f"{iso!r} is no code of ISO 3166-1; write three capital letters such as KAZ.")
    return tuple(row.text("iso") for row in rows if row.flag("reported"))
