"""What is installed where as a run begins, and by whom: from `bases.csv` to the cells of the record."""

from __future__ import annotations

import numpy as np

from sim.world.fields import NOBODY
from sim.world.names import Names
from sim.world.tables import Row, Tables


def fill_cells(world: np.ndarray, tables: Tables, names: Names, sellers: list[list[int]]) -> None:
    """Fill the cells, `sellers` being the firms that sell in each sector; InputError where a row is wrong."""
    world["cells"]["order_slot"] = NOBODY
    world["cells"]["award_slot"] = NOBODY
    columns = ["iso", "sector", "penetration", "age", "shares"]
    rows = sorted(tables.rows("bases", columns, once=("iso", "sector")), key=lambda r: r.text("iso") != "*")
    for row in rows:
        k = row.one_of("sector", names.sectors)
        states = range(len(names.states)) if row.text("iso") == "*" else [row.one_of("iso", names.states)]
        shares = _shares(row, names, sellers[k])
        for s in states:
            cell = world["cells"][s, k]
            for column in ("penetration", "age"):
                cell[column] = row.number(column, f"cells.{column}")
            cell["share"] = 0.0
            for slot, share in shares.items():
                cell["share"][slot] = share


def measure_supply(world: np.ndarray) -> None:
    """Fill every state's supply as the rule of dependence will measure it at the end of each quarter."""
    cells, sectors = world["cells"], world["sectors"]
    for k in range(len(sectors)):
        for slot in range(int(sectors[k]["n_sellers"])):
            base = cells["penetration"][:, k] * cells["share"][:, k, slot]
            world["states"]["supply"][:, sectors[k]["seller_home"][slot]] += sectors[k]["criticality"] * base


def _shares(row: Row, names: Names, sellers: list[int]) -> dict[int, float]:
    """Return slot → share of a cell's `Huawei=0.2; ZTE=0.8`, which have to sum to one unless there are none."""
    shares: dict[int, float] = {}
    for part in row.parts("shares"):
        name, _, value = part.partition("=")
        firm = row.one_of("shares", names.firms, name.strip())
        if firm not in sellers:
            raise row.fail("shares", f"{name.strip()} does not sell in {row.text('sector')}.")
        try:
            shares[sellers.index(firm)] = float(value)
        except ValueError:
            raise row.fail("shares", f"{part!r}: write Firm=0.5.") from None
    if shares and abs(sum(shares.values()) - 1.0) > 1e-9:
        raise row.fail("shares", f"the shares sum to {sum(shares.values()):g}, not to 1.")
    if not shares and row.number("penetration", "cells.penetration") > 0.0:
        raise row.fail("shares", "penetration is above 0, but nobody has a share.")
    return shares
