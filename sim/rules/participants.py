"""Which rules a firm acts in: read off what it sells, runs, teaches and risks, so that no table has to repeat it."""

from __future__ import annotations

from pathlib import Path

from sim.locations import TABLES
from sim.world.tables import Tables


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
