"""The default world's tables as they lie on disk."""

from __future__ import annotations

import csv

from sim.locations import TABLES
from sim.world.conflict import SEVERITIES
from sim.world.cooperation import ANSWERS
from sim.world.cooperation import KINDS as INSTRUMENTS
from sim.world.records import DOMAINS


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table; a row with too many or too few cells fails here."""
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream, strict=True))
    for number, row in enumerate(found, start=2):
        assert None not in row, f"{table}.csv line {number} has too many cells"
        assert None not in row.values(), f"{table}.csv line {number} has too few cells"
        assert all(cell == cell.strip() for cell in row.values()), f"{table}.csv line {number} has stray spaces"
    return found


def column(table: str, name: str) -> list[str]:
    return [row[name] for row in rows(table)]


def sellers() -> dict[str, set[str]]:
    """Return the firms that sell in each sector."""
    found: dict[str, set[str]] = {key: set() for key in column("sectors", "key")}
    for firm in rows("firms"):
        for key in filter(None, firm["sectors"].split(";")):
            found[key].add(firm["name"])
    return found


def known(kind: str) -> set[str]:
    """Return the names that an inject may use for a table of names."""
    return {
        "states": set(column("states", "iso")),
        "homes": set(column("homes", "iso")),
        "firms": set(column("firms", "name")),
        "sectors": set(column("sectors", "key")),
        "institutions": set(column("institutions", "short")),
        "domains": set(DOMAINS),
        "origins": set(column("origins", "name")),
        "nodes": set(column("nodes", "name")),
        "kinds": set(INSTRUMENTS),
        "answers": set(ANSWERS),
        "corridors": set(column("legs", "corridor")) - {""},
        "groups": set(column("groups", "name")),
        "theatres": set(column("theatres", "name")),
        "holders": set(column("groups", "name")) | set(column("states", "iso")),
        "severities": set(SEVERITIES),
        "accusers": set(column("accusers", "iso")),
    }[kind]


def sources(row: dict[str, str]) -> dict[str, str]:
    """Return what a row's source says about each of its attributes."""
    parts = [part.partition(": ") for part in row["source"].split("; ")]
    assert all(words for _, _, words in parts), f"an entry without words in {row['source']!r}"
    return {name: words for name, _, words in parts}
