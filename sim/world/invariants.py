"""What always holds in a world: every number within its declared range, shares that are shares, indices that point."""

from __future__ import annotations

import numpy as np

from sim.errors import InputError
from sim.world.fields import ID, NOBODY
from sim.world.names import Names
from sim.world.records import TABLES


def violations(record: np.ndarray, names: Names) -> list[str]:
    """Return what does not hold in a world, record (1,), one sentence each; an empty list where all is well."""
    return [*_out_of_range(record), *_broken_shares(record, names), *_broken_indices(record, names)]


def check_invariants(record: np.ndarray, names: Names, place: str) -> None:
    """Raise InputError naming `place` where anything does not hold."""
    if found := violations(record, names):
        raise InputError(f"{place}: {found[0]}" + (f" ({len(found)} faults in all)" if len(found) > 1 else ""))


def _out_of_range(record: np.ndarray) -> list[str]:
    found = []
    for table, (fields, _) in TABLES.items():
        for f in fields:
            if f.kind == ID:
                continue
            values = np.asarray(record[table][f.name], dtype=float)
            if values.size and not ((values >= f.low) & (values <= f.high)).all():
                found.append(f"{table}.{f.name} leaves its range {f.low:g}..{f.high:g}.")
    return found


def _broken_shares(record: np.ndarray, names: Names) -> list[str]:
    cells = record["cells"][0]
    wrong = (cells["penetration"] > 0.0) & (np.abs(cells["share"].sum(axis=-1) - 1.0) > 1e-9)
    return [f"the shares of {names.states[s]}, {names.sectors[k]} do not sum to one." for s, k in np.argwhere(wrong)]


def _broken_indices(record: np.ndarray, names: Names) -> list[str]:
    world = record[0]
    found = [
        f"{names.firms[f]} has no home."
        for f, home in enumerate(world["firms"]["home"])
        if not 0 <= home < len(names.homes)
    ]
    found += [
        f"{names.homes[h]} is no state."
        for h, s in enumerate(world["homes"]["state"])
        if not 0 <= s < len(names.states)
    ]
    for k, sector in enumerate(world["sectors"]):
        n = int(sector["n_sellers"])
        if (sector["seller"][:n] == NOBODY).any() or (sector["seller"][n:] != NOBODY).any():
            found.append(f"{names.sectors[k]}: the slots of its sellers are not filled from the first.")
    found += [
        f"{names.sectors[k]} stands above {names.sectors[lower]}, the layer below it; lower layers come first."
        for k, lower in enumerate(world["sectors"]["lower"])
        if k <= lower < len(names.sectors)
    ]
    if world["sectors"]["criticality"].sum() > 1.0 + 1e-9:
        found.append("the criticalities of the sectors sum to more than one.")
    for place, institution in enumerate(world["institutions"]):
        joined = institution["joins"] < institution["leaves"]
        if not (joined | (institution["joins"] == institution["leaves"])).all():
            found.append(f"{names.institutions[place]}: a member leaves before it joins.")
    return found
