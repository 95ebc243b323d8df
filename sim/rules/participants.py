"""Which rules a firm or an armed group acts in: read off what it is and does, so that no table has to repeat it."""

from __future__ import annotations

from pathlib import Path

from sim.locations import TABLES
from sim.world.links import read_hubs
from sim.world.tables import Tables

_OF_GROUP = ("theatre", "sponsor", "target", "pools")


def rules_of_firm(name: str, folder: Path = TABLES) -> tuple[str, ...]:
    """Return the names of the rules in which a firm of a world's tables acts or is acted on; none for a stranger."""
    tables = Tables(folder)
    is_tendered = {row.text("key"): bool(row.flag("tendered")) for row in tables.rows("sectors", ["key", "tendered"])}
    runs_service = any(row.text("firm") == name for row in tables.rows("operators", ["firm"]))
    teaches = any(row.text("firm") == name for row in tables.rows("programmes", ["firm"]))
    found: list[str] = []
    for row in tables.rows("firms", ["name", "sectors", "exposure", "programme_size"]):
        if row.text("name") != name:
            continue
        tendered = [is_tendered[key] for key in row.parts("sectors")]
        acts = {
            "technology/vendors": bool(tendered),
            "technology/home_government": row.number("exposure", "firms.exposure") > 0.0,
            "technology/sanctions": bool(tendered) or runs_service,
            "technology/tenders": any(tendered) or runs_service,
            "technology/bundles": any(tendered),
            "technology/consumer_markets": not all(tendered),
            "technology/training": teaches and row.number("programme_size", "firms.programme_size") > 0.0,
            "technology/outage": bool(tendered),
        }
        found = [rule for rule, is_in_it in acts.items() if is_in_it]
    return tuple(found)


def rules_of_group(name: str, folder: Path = TABLES) -> tuple[str, ...]:
    """Return the rules in which an armed group of a world's tables acts or is acted on; none for a stranger."""
    tables = Tables(folder)
    groups = {row.text("name"): row for row in tables.rows("groups", ["name", *_OF_GROUP])}
    if name not in groups:
        return ()
    theatre, sponsor, target, pools = (groups[name].text(column) for column in _OF_GROUP)

    def stands_in(table: str, *columns: str, **wanted: str) -> bool:
        rows = tables.rows(table, [*columns, *wanted])
        found = (row for row in rows if all(row.text(column) == text for column, text in wanted.items()))
        return any(name == row.text(column) for row in found for column in columns)

    is_hub = name in read_hubs(tables, tuple(groups))
    has_land = bool(theatre) or stands_in("pledges", "group", link="theatre")
    areas = {part.partition("=")[0].strip() for part in pools.split(";")}
    acts = {
        "restraint/patron_effort": is_hub,
        "restraint/succession": True,
        "restraint/alliances": True,
        "restraint/territory": has_land,
        "restraint/detention": is_hub or stands_in("custodies", "custodian", "of"),
        "restraint/recognition": has_land or stands_in("designations", "group"),
        "restraint/conduct": bool(target) or stands_in("aims", "group"),
        "restraint/state_patrons": bool(sponsor),
        "restraint/recruitment": True,
        "information/reports": True,
        "information/accusation": True,
        "information/belief": True,
        "information/migrants": any(row.text("area") in areas for row in tables.rows("migrants", ["area"])),
        "information/content": True,
    }
    return tuple(rule for rule, is_in_it in acts.items() if is_in_it)
