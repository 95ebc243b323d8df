"""What can be done to the installed base of a cell (state × sector) so that its shares stay shares.

The base of a seller is penetration × share. Every operation changes bases and derives penetration and shares from them.
"""

from __future__ import annotations

from sim.numerics.compiled import compiled


@compiled
def install(cell, slot, build, turnover):
    """Build `build` (share of a full build) anew and replace `turnover` (0-1) of the old base, all for one slot."""
    old = cell.penetration
    new = min(1.0, old + build)
    if new <= 0.0:
        return
    kept = old * (1.0 - turnover) / new
    for j in range(cell.share.shape[0]):
        cell.share[j] *= kept
    cell.share[slot] += 1.0 - kept
    cell.penetration = new


@compiled
def remove(cell, slot, fraction):
    """Take out a fraction (0-1) of a slot's base and leave the rest as it is; return the base taken out."""
    taken = cell.penetration * cell.share[slot] * fraction
    left = 0.0
    for j in range(cell.share.shape[0]):
        cell.share[j] *= cell.penetration
        if j == slot:
            cell.share[j] -= taken
        left += cell.share[j]
    for j in range(cell.share.shape[0]):
        cell.share[j] = cell.share[j] / left if left > 1e-12 else 0.0
    cell.penetration = min(1.0, left) if left > 1e-12 else 0.0
    return taken


@compiled
def home_share(cells, sectors, s, k, home):
    """Return the share of a home's firms in the base of cell (s, k), 0-1."""
    total = 0.0
    for j in range(sectors[k].n_sellers):
        if sectors[k].seller_home[j] == home:
            total += cells[s, k].share[j]
    return total
