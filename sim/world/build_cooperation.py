"""From the tables of law-enforcement cooperation to their part of the record: origins, routes, channels, treaties."""

from __future__ import annotations

import numpy as np

from sim.numerics.draws import stable_id
from sim.world.cooperation import KINDS
from sim.world.fields import NEVER, NOBODY
from sim.world.names import Names
from sim.world.tables import Row, Tables
from sim.world.treaties import read_treaties

_ORIGIN_COLUMNS = ["breadth", "priority", "repression", "contacts"]
_CHANNEL_COLUMNS = ["acceptance", "solidarity", "sharing", "trust", "goodwill", "fugitives"]

Pair = tuple[int, int]


def read_corridors(tables: Tables) -> tuple[str, ...]:
    """Return the names of the corridors that legs begin, in the order of the table."""
    named = (row.text("corridor") for row in tables.rows("legs", ["corridor"]))
    return tuple(dict.fromkeys(name for name in named if name))


def read_legs(tables: Tables, names: Names) -> list[Pair]:
    """Return (start, end) of every leg, nodes by their rows; InputError where one stands twice or leads nowhere."""
    found: list[Pair] = []
    for row in tables.rows("legs", ["start", "end", "source"]):
        start, end = row.one_of("start", names.nodes), row.one_of("end", names.nodes)
        if start == end:
            raise row.fail("end", f"a leg joins two nodes, not {names.nodes[start]} and itself.")
        if (start, end) in found:
            raise row.fail("end", f"the leg from {names.nodes[start]} to {names.nodes[end]} stands twice.")
        found.append((start, end))
    return found


def read_channels(tables: Tables, names: Names) -> list[Pair]:
    """Return (state, origin) of every channel: every origin with all states but the one that it lies in.

    InputError where two origins lie in one state, since they would have to share its instruments.
    """
    homes: list[int] = []
    for row in tables.rows("origins", ["state", "source"]):
        if (home := row.one_of("state", names.states)) in homes:
            raise row.fail("state", f"{names.states[home]} has another origin already; a state has one at most.")
        homes.append(home)
    return [(s, o) for s in range(len(names.states)) for o, home in enumerate(homes) if s != home]


def fill_routes(world: np.ndarray, tables: Tables, names: Names, legs: list[Pair]) -> None:
    """Fill origins, nodes and legs; InputError where a cell is wrong."""
    for o, row in enumerate(tables.rows("origins", ["name", "state", "node", *_ORIGIN_COLUMNS])):
        origin = world["origins"][o]
        origin["id"] = stable_id(f"origin:{names.origins[o]}")
        origin["state"], origin["node"] = row.one_of("state", names.states), row.one_of("node", names.nodes)
        home = row.text("state")
        origin["home"] = names.homes.index(home) if home in names.homes else NOBODY
        _fill(origin, row, "origins", _ORIGIN_COLUMNS)
        origin["priority_base"] = origin["priority"]
    for n, row in enumerate(tables.rows("nodes", ["name", "state", "issuer", "governed", "haven", "persons"])):
        node = world["nodes"][n]
        node["id"] = stable_id(f"node:{names.nodes[n]}")
        node["state"] = row.one_of("state", names.states)
        node["issuer"] = row.one_of("issuer", names.states) if row.text("issuer") else NOBODY
        _fill(node, row, "nodes", ["governed", "haven"])
        for part in row.parts("persons"):
            _settle(node, row, names, part)
    for place, row in enumerate(tables.rows("legs", ["start", "end", "owner", "cost", "control"])):
        leg = world["legs"][place]
        leg["start"], leg["end"] = legs[place]
        leg["id"] = stable_id(f"leg:{row.text('start')}>{row.text('end')}")
        corridor = row.text("corridor")
        leg["corridor"] = names.corridors.index(corridor) if corridor else NOBODY
        leg["is_border"] = row.flag("border")
        leg["owner"] = row.one_of("owner", names.states)
        _fill(leg, row, "legs", ["cost", "control"])
        leg["control_base"] = leg["control"]


def _settle(node: np.ndarray, row: Row, names: Names, part: str) -> None:
    """Put the people of one `Origin=1000` at a node: nobody asks for them yet, and they hold no papers."""
    name, _, number = part.partition("=")
    origin = row.one_of("persons", names.origins, name.strip())
    try:
        persons = float(number)
    except ValueError:
        raise row.fail("persons", f"{part!r}: write Origin=1000.") from None
    if not 0.0 <= persons <= 1e7:
        raise row.fail("persons", f"{part!r}: a number of persons lies between 0 and 10 million.")
    node["persons"][origin, 0] = persons


def fill_channels(world: np.ndarray, tables: Tables, names: Names, pairs: list[Pair], dyads: dict[Pair, int]) -> None:
    """Fill the channels, `dyads` being the rows of dyads by (state, partner); InputError where no row fits one."""
    columns = ["state", "origin", "third", *_CHANNEL_COLUMNS]
    rows: dict[tuple[str, str], Row] = {}
    for row in tables.rows("channels", columns):
        origin = names.origins[row.one_of("origin", names.origins)]
        state = "*" if row.text("state") == "*" else names.states[row.one_of("state", names.states)]
        if state != "*" and names.states.index(state) == world["origins"][names.origins.index(origin)]["state"]:
            raise row.fail("state", f"{origin} lies in {state}, which asks nobody at home.")
        if (state, origin) in rows:
            raise row.fail("state", f"{state}, {origin} stands twice.")
        rows[state, origin] = row
    for c, (s, o) in enumerate(pairs):
        channel, state, origin = world["channels"][c], names.states[s], names.origins[o]
        found = rows.get((state, origin)) or rows.get(("*", origin))
        if found is None:
            raise tables.fault("channels", f"there is no row {state},{origin} and no default row *,{origin}.")
        channel["id"] = stable_id(f"channel:{state}>{origin}")
        channel["state"], channel["origin"] = s, o
        channel["dyad"] = dyads[s, int(world["origins"][o]["state"])]
        channel["third"] = found.one_of("third", names.nodes) if found.text("third") else NOBODY
        _fill(channel, found, "channels", _CHANNEL_COLUMNS)
        channel["acceptance_base"], channel["trust_base"] = channel["acceptance"], channel["trust"]
        channel["answer"] = channel["answer_order"] = NOBODY
        for date in ("talks", "signed", "in_force", "signed_on_record", "in_force_on_record"):
            channel[date] = NEVER


def fill_record(world: np.ndarray, tables: Tables, names: Names, pairs: list[Pair]) -> None:
    """Fill when instruments were signed and entered into force by the documents.

    A span counts as its middle, or as its end where only that is known. Where no document says whether an instrument
    entered into force, it did so with its signature. InputError for an instrument to which no origin's state is party.
    """
    of_state = {int(origin["state"]): o for o, origin in enumerate(world["origins"])}
    for made in read_treaties(tables):
        s, partner = names.states.index(made.iso), names.states.index(made.partner)
        if partner not in of_state:
            s, partner = partner, s
        if partner not in of_state:
            raise tables.fault("treaties", f"neither {made.iso} nor {made.partner} is the state of an origin.")
        k = KINDS.index(made.kind)
        channel = world["channels"][pairs.index((s, of_state[partner]))]
        channel["signed_on_record"][k] = made.signed.likeliest_quarter
        if made.in_force is not None:
            channel["in_force_on_record"][k] = made.in_force.likeliest_quarter
        elif not made.is_force_known:
            channel["in_force_on_record"][k] = channel["signed_on_record"][k]


def _fill(record: np.ndarray, row: Row, table: str, columns: list[str]) -> None:
    for column in columns:
        record[column] = row.number(column, f"{table}.{column}")
