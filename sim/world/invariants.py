"""What always holds in a world: every number within its declared range, shares that are shares, indices that point."""

from __future__ import annotations

import numpy as np

from sim.errors import InputError
from sim.world.fields import ID, NOBODY
from sim.world.names import Names
from sim.world.records import TABLES


def violations(record: np.ndarray, names: Names) -> list[str]:
    """Return what does not hold in a world, record (1,), one sentence each; an empty list where all is well."""
    return [
        *(*_out_of_range(record), *_broken_shares(record, names), *_broken_indices(record, names)),
        *(*_broken_land(record[0], names), *_broken_people(record[0], names), *_broken_ties(record[0], names)),
    ]


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


def _broken_land(world: np.ndarray, names: Names) -> list[str]:
    held = world["theatres"]["control"].sum(axis=-1)
    crowded = np.flatnonzero(held > 1.0 + 1e-9)
    return [f"the shares of the land of {names.theatres[t]} sum to more than one." for t in crowded]


def _broken_people(world: np.ndarray, names: Names) -> list[str]:
    pools, aims = (world["groups"][name].sum(axis=-1) for name in ("pool", "aim"))
    wrong = np.flatnonzero(np.abs(pools - 1.0) > 1e-9)
    found = [f"the shares of the areas that {names.groups[g]} draws on do not sum to one." for g in wrong]
    return found + [f"the aims of {names.groups[g]} sum to more than one." for g in np.flatnonzero(aims > 1.0 + 1e-9)]


def _broken_ties(world: np.ndarray, names: Names) -> list[str]:
    """Find pledges and protection that lead to a group that is not there yet, or back to where they began."""
    found: list[str] = []
    enters, quarter = world["groups"]["enters"], world["clock"]["quarter"]
    for link in ("pledge", "protector"):
        to = [h if 0 <= h < len(names.groups) else NOBODY for h in world["groups"][link].tolist()]
        for g, h in enumerate(to):
            if h != NOBODY and enters[g] <= quarter < enters[h]:
                found.append(f"{names.groups[g]} has {names.groups[h]} as its {link}, which has not entered yet.")
            passed, at = [g], h
            while at != NOBODY and at not in passed:
                passed.append(at)
                at = to[at]
            if at == g:
                found.append(f"the {link} of {names.groups[g]} leads back to itself.")
    return found
