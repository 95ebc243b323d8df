"""What is kept of every run: the declared outcomes, and the trajectories that were asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.kernel.observe import Observations, read_outcomes
from sim.world.build import World
from sim.world.records import TABLES

OUTCOMES_FILE = "outcomes.yaml"

_ALL_OF_LAST = re.compile(r"(\w+)(?:\[([^\]]+)\])?\.(\w+)\[\*\]")


def observations_of(world: World, columns: Sequence[str]) -> Observations:
    """Return the outcomes declared beside the world's tables, and these columns; InputError for an unknown address."""
    wanted = [address for column in columns for address in expand(column, world)]
    return Observations.of(world, read_outcomes(world.folder / OUTCOMES_FILE), wanted)


def expand(column: str, world: World) -> list[str]:
    """Return a column with each name in turn in place of a star in its last brackets.

    `states[*].dependence[*]` stands for every home, `cells[KGZ,devices].share[*]` for every seller of the sector;
    a star in the first brackets is left to the address.
    """
    match = _ALL_OF_LAST.fullmatch(column.strip())
    if match is None:
        return [column]
    table, rows, name = match[1], match[2], match[3]
    shape = next((field.shape for field in TABLES.get(table, ((), ()))[0] if field.name == name), ())
    if len(shape) != 1:
        return [column]
    first = f"{table}[{rows}].{name}" if rows else f"{table}.{name}"
    return [f"{first}[{inner}]" for inner in _names(world, shape[0], rows)]


def _names(world: World, dimension: str, rows: str | None) -> Sequence[str]:
    if dimension != "slots":
        return getattr(world.names, dimension)
    sector = world.names.index("sectors", (rows or "").rpartition(",")[2].strip())
    sellers = world.record["sectors"][0, sector]
    return [world.names.firms[int(firm)] for firm in sellers["seller"][: int(sellers["n_sellers"])]]
