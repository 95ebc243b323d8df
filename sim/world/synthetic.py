"""Synthetic worlds of any size, to test and to measure with: nothing in them is a claim about a real state or firm.

Every row of the record is copied from a row of the default world. States that are homes of firms come first and stay
who they are, as many as there is room for; all other states (S001, S002 …) and all firms (F001, F002 …) are drawn.
The draw is a balanced bootstrap (Davison, Hinkley and Schechtman 1986, "Efficient bootstrap simulation"): shuffled
rounds of the whole table, so that no row stands behind more than one actor more than another. A drawn state brings its
installed bases, memberships and dyads with it, a drawn firm its sectors and dates of entry; where several drawn firms
have the same original they part its base and its service equally.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.errors import InputError
from sim.locations import TABLES as FOLDER
from sim.numerics.draws import stable_id
from sim.world.build import World, build_world
from sim.world.build_bases import measure_supply
from sim.world.fields import NOBODY
from sim.world.invariants import check_invariants
from sim.world.names import Names
from sim.world.records import TABLES, Sizes, field, world_dtype

Rows = dict[str, np.ndarray]
"""By dimension of the record: the row of the default world that stands behind each row, int64."""

_MAX_SELLERS = int(field("sectors.n_sellers").high)


def _drawn(generator: np.random.Generator, pool: np.ndarray, n: int) -> np.ndarray:
    """Return n rows of a pool in shuffled rounds."""
    rounds = -(-n // len(pool))
    return np.concatenate([pool[:0], *(generator.permutation(pool) for _ in range(rounds))])[:n]


def _draw_actors(source: World, states: int, firms: int, seed: int) -> Rows:
    generator = np.random.default_rng(seed)
    home_states = source.record["homes"]["state"][0]
    others = np.setdiff1d(np.arange(source.sizes.states), home_states)
    n_homes = min(len(home_states), states)
    pool = np.flatnonzero(source.record["firms"]["home"][0] < n_homes)
    return {
        "homes": np.arange(n_homes),
        "states": np.concatenate([home_states[:n_homes], _drawn(generator, others, states - n_homes)]),
        "firms": _drawn(generator, pool, firms),
    }


def _pairs(source: World, rows: Rows) -> np.ndarray:
    """Return (client, home) of every dyad, int64 (dyads, 2): all clients with all homes but themselves."""
    return np.argwhere(source.record["states"]["supplier_dyad"][0][np.ix_(rows["states"], rows["homes"])] != NOBODY)


def _sellers(source: World, firms: np.ndarray) -> list[np.ndarray]:
    """Return for each sector the drawn firms whose originals sell in it."""
    return [np.flatnonzero(np.isin(firms, seller)) for seller in source.record["sectors"]["seller"][0]]


def _copied(source: World, rows: Rows, sizes: Sizes) -> np.ndarray:
    """Return a record, shape (1,), in which every number is that of the rows behind it."""
    record = np.zeros(1, world_dtype(sizes))
    for table, (fields, dims) in TABLES.items():
        for f in fields:
            behind = np.ix_(*(rows[d] for d in (*dims, *f.shape)))
            record[table][f.name][0] = source.record[table][f.name][0][behind]
    return record


def _states_of_routes(source: World, rows: Rows) -> np.ndarray:
    """Return for each state of the default world the drawn state that takes its place on routes, int64 (states,).

    It is the first that has it as its original, or else a home of firms.
    """
    places = np.arange(source.sizes.states) % len(rows["homes"])
    drawn, first = np.unique(rows["states"], return_index=True)
    places[drawn] = first
    return places


def _channels(source: World, rows: Rows) -> np.ndarray:
    """Return (state, origin) of every channel, int64 (channels, 2): every origin with all states but its own."""
    own = _states_of_routes(source, rows)[source.record["origins"]["state"][0]]
    return np.argwhere(np.arange(len(rows["states"]))[:, None] != own)


def _behind_channels(source: World, rows: Rows, channels: np.ndarray) -> np.ndarray:
    """Return the channel of the default world behind each, int64 (channels,); the first where there is none."""
    there = source.record["channels"][0]
    places = np.zeros((source.sizes.states, source.sizes.origins), np.int64)
    places[there["state"], there["origin"]] = np.arange(len(there))
    return places[rows["states"][channels[:, 0]], channels[:, 1]]


def _point_channels(world: np.ndarray, names: Names, channels: np.ndarray, places: np.ndarray) -> None:
    """Set the ids of channels, and every index of routes and channels that points to a state or a dyad."""
    origins, made = world["origins"], world["channels"]
    for table, pointer in (("origins", "state"), ("nodes", "state"), ("nodes", "issuer"), ("legs", "owner")):
        there = world[table][pointer]
        world[table][pointer] = np.where(there == NOBODY, NOBODY, places[there])
    n_homes = len(names.homes)
    origins["home"] = np.where(origins["state"] < n_homes, origins["state"], NOBODY)
    made["state"], made["origin"] = channels[:, 0], channels[:, 1]
    made["dyad"] = world["states"]["supplier_dyad"][channels[:, 0], origins["home"][channels[:, 1]]]
    made["id"] = [stable_id(f"channel:{names.states[s]}>{names.origins[o]}") for s, o in channels]


_POINTERS_TO_STATES = (
    *(("groups", "state"), ("groups", "sponsor"), ("patrons", "state"), ("theatres", "state"), ("theatres", "transit")),
    *(("designations", "power"), ("accusers", "state"), ("audiences", "state"), ("migrants", "host")),
)


def _point_conflict(world: np.ndarray, source: World, places: np.ndarray) -> None:
    """Let every state of the armed groups' tables be the one that takes its place, with all its land and their aims."""
    for table, pointer in _POINTERS_TO_STATES:
        there = world[table][pointer]
        world[table][pointer] = np.where(there == NOBODY, NOBODY, places[there])
    n_groups = source.sizes.groups
    holders = np.concatenate([np.arange(n_groups), n_groups + places])
    world["custodies"]["custodian"] = holders[world["custodies"]["custodian"]]
    for table, name, taken in (("groups", "aim", places), ("theatres", "control", holders)):
        world[table][name] = 0.0
        np.add.at(world[table][name].T, taken, source.record[table][name][0].T)
    world["theatres"]["is_guarantor"] = 0
    t, guarantor = np.nonzero(source.record["theatres"]["is_guarantor"][0])
    world["theatres"]["is_guarantor"][t, places[guarantor]] = 1


def _name(source: World, rows: Rows) -> Names:
    n_homes = len(rows["homes"])
    drawn = tuple(f"S{n:03d}" for n in range(1, len(rows["states"]) - n_homes + 1))
    states, firms = source.names.homes[:n_homes] + drawn, tuple(f"F{n + 1:03d}" for n in range(len(rows["firms"])))
    labels = dict(source.names.labels)
    for name, behind in zip(drawn, rows["states"][n_homes:], strict=True):
        labels[name] = f"{name}, like {source.names.label(source.names.states[behind])}"
    for name, behind in zip(firms, rows["firms"], strict=True):
        labels[name] = f"{name}, like {source.names.firms[behind]}"
    focus = source.record["states"]["is_focus"][0][rows["states"]]
    reported = tuple(name for name, is_focus in zip(states, focus, strict=True) if is_focus)
    names = replace(source.names, states=states, homes=states[:n_homes], firms=firms, reported=reported, labels=labels)
    return replace(names, holders=names.groups + states)


def _point_states(world: np.ndarray, names: Names, pairs: np.ndarray) -> None:
    """Set the ids of states and dyads, and every index that points to a state, a home or a dyad."""
    states, dyads = world["states"], world["dyads"]
    states["id"] = [stable_id(f"state:{name}") for name in names.states]
    world["homes"]["state"] = np.arange(len(names.homes))
    dyads["state"], dyads["partner"], dyads["home"] = pairs[:, 0], pairs[:, 1], pairs[:, 1]
    dyads["id"] = [stable_id(f"dyad:{names.states[client]}>{names.states[home]}") for client, home in pairs]
    states["supplier_dyad"] = NOBODY
    states["supplier_dyad"][pairs[:, 0], pairs[:, 1]] = np.arange(len(pairs))


def _part_service(world: np.ndarray, rows: Rows) -> None:
    """Let all drawn firms that have the same original part its service equally."""
    twins = np.bincount(rows["firms"])[rows["firms"]]
    world["firms"]["service"] /= twins[:, None]


def _fill_sectors(world: np.ndarray, names: Names, source: World, rows: Rows, sellers: list[np.ndarray]) -> None:
    """Set the ids of firms, who sells what, and the installed bases that these sellers have."""
    world["firms"]["id"] = [stable_id(f"firm:{name}") for name in names.firms]
    world["sectors"]["seller"] = world["sectors"]["seller_home"] = NOBODY
    world["cells"]["share"] = 0.0
    original = source.record[0]
    for k, here in enumerate(sellers):
        n, n_there = len(here), int(original["sectors"]["n_sellers"][k])
        sector, behind = world["sectors"][k], rows["firms"][here]
        sector["n_sellers"], sector["seller"][:n] = n, here
        sector["seller_home"][:n] = world["firms"]["home"][here]
        from_there = np.zeros(source.sizes.firms, np.int64)
        from_there[original["sectors"]["seller"][k, :n_there]] = original["sectors"]["seller_from"][k, :n_there]
        sector["seller_from"][:n] = from_there[behind]
        share_there = np.zeros((source.sizes.states, source.sizes.firms))
        share_there[:, original["sectors"]["seller"][k, :n_there]] = original["cells"]["share"][:, k, :n_there]
        share = share_there[np.ix_(rows["states"], behind)] / np.bincount(behind, minlength=1)[behind]
        total = share.sum(axis=1, keepdims=True)
        world["cells"]["share"][:, k, :n] = np.divide(share, total, out=np.zeros_like(share), where=total > 0.0)
        world["cells"]["penetration"][:, k] *= total[:, 0] > 0.0


def synthetic_world(states: int, firms: int, seed: int = 1) -> World:
    """Return a world of this many states (2 or more) and firms (1 or more) drawn from the default world.

    Sectors, institutions and the tables of armed groups keep the default world's rows and names; no injects are set.
    The same sizes and seed (0 or more) give the same world. Its `folder` is the default world's, for the declared
    outcomes; other tables there do not describe it. InputError where there are too few of either, or more firms than a
    sector has slots for.
    """
    if states < 2 or firms < 1 or seed < 0:
        raise InputError(f"a world needs 2 states, 1 firm and a seed of 0 or more, not {states}, {firms} and {seed}.")
    source = build_world()
    rows = _draw_actors(source, states, firms, seed)
    pairs, sellers = _pairs(source, rows), _sellers(source, rows["firms"])
    slots = max(1, *(len(s) for s in sellers))
    if slots > _MAX_SELLERS:
        raise InputError(f"{firms} firms are too many: {slots} would sell in one sector, at most {_MAX_SELLERS} can.")
    channels = _channels(source, rows)
    sizes = replace(
        source.sizes,
        **{"states": states, "firms": firms, "homes": len(rows["homes"]), "slots": slots},
        **{"dyads": len(pairs), "channels": len(channels), "holders": source.sizes.groups + states},
    )
    behind_pairs = (rows["states"][pairs[:, 0]], rows["homes"][pairs[:, 1]])
    rows["dyads"] = source.record["states"]["supplier_dyad"][0][behind_pairs]
    rows["slots"] = np.zeros(slots, np.int64)
    rows["channels"] = _behind_channels(source, rows, channels)
    rows["holders"] = np.concatenate([np.arange(source.sizes.groups), source.sizes.groups + rows["states"]])
    same = (
        *("sectors", "institutions", "domains", "groups", "theatres", "injects"),
        *("origins", "nodes", "legs", "corridors", "kinds", "answers", "statuses"),
        *("patrons", "custodies", "designations", "pools", "incidents", "accusers", "audiences", "migrants"),
        *("severities", "models", "conditions", "strategies"),
    )
    rows |= {dimension: np.arange(getattr(sizes, dimension)) for dimension in same}
    record, names = _copied(source, rows, sizes), _name(source, rows)
    _point_states(record[0], names, pairs)
    places = _states_of_routes(source, rows)
    _point_channels(record[0], names, channels, places)
    _point_conflict(record[0], source, places)
    _part_service(record[0], rows)
    _fill_sectors(record[0], names, source, rows, sellers)
    record["states"]["supply"] = 0.0
    measure_supply(record[0])
    check_invariants(record, names, f"synthetic world of {states} states and {firms} firms")
    return World(record, names, sizes, FOLDER)
