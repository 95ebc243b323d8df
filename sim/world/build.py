"""From the tables of a world to its record: who stands in which row, and the state in which a run begins.

The tables are read once; nothing in them is changed. Ids are hashes of codes and names, never row numbers, so that
adding an actor leaves the draws of all others as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sim.errors import InputError
from sim.locations import TABLES
from sim.numerics.draws import stable_id
from sim.world.build_bases import fill_cells, measure_supply
from sim.world.build_conflict import fill_conflict
from sim.world.build_cooperation import (
    fill_channels,
    fill_record,
    fill_routes,
    read_channels,
    read_legs,
)
from sim.world.build_names import read_names
from sim.world.calendar import quarter_of
from sim.world.conditions import CONDITION_ROWS, STRATEGY_ROWS
from sim.world.conflict import SEVERITIES
from sim.world.cooperation import ANSWERS, KINDS, STATUSES
from sim.world.fields import NEVER, NOBODY
from sim.world.invariants import check_invariants
from sim.world.names import Names
from sim.world.records import DOMAINS, Sizes, world_dtype
from sim.world.surveillance import MODELS
from sim.world.tables import Row, Tables

HORIZON = quarter_of(2022, 3)
"""Last quarter of the documents' horizon."""

INJECT_ROWS = 320
"""Rows kept for injects: part of the record's shape, so that another scenario needs no new compilation."""

INCIDENT_ROWS = 64
"""Rows kept for incidents: older ones give way to new ones."""

PAIRS = {
    "dyads": ("state", "states", "partner", "states"),
    "legs": ("start", "nodes", "end", "nodes"),
    "channels": ("state", "states", "origin", "origins"),
    "designations": ("group", "groups", "power", "states"),
    "migrants": ("host", "states", "pool", "pools"),
}
"""Tables whose rows are named by two others: the fields that point to these, and their tables."""


@dataclass(frozen=True)
class World:
    """A world before its first quarter: the record, shape (1,), and who stands in which row of it."""

    record: np.ndarray
    names: Names
    sizes: Sizes
    folder: Path

    @cached_property
    def _pairs(self) -> dict[str, dict[tuple[int, int], int]]:
        return {
            table: {(int(row[first]), int(row[second])): place for place, row in enumerate(self.record[table][0])}
            for table, (first, _, second, _) in PAIRS.items()
        }

    def pair(self, table: str, name: str) -> int:
        """Return the row of a table of PAIRS, written `first>second`; InputError where there is none."""
        first, _, second = name.partition(">")
        _, of_first, _, of_second = PAIRS[table]
        key = (self.names.index(of_first, first), self.names.index(of_second, second))
        if key not in self._pairs[table]:
            raise InputError(f"{name} is none of the {table}.")
        return self._pairs[table][key]

    def pair_names(self, table: str) -> tuple[str, ...]:
        """Return the names of the rows of a table of PAIRS, in their order."""
        first, of_first, second, of_second = PAIRS[table]
        one, other = getattr(self.names, of_first), getattr(self.names, of_second)
        return tuple(f"{one[row[first]]}>{other[row[second]]}" for row in self.record[table][0])

    def dyad(self, client: str, partner: str) -> int:
        """Return the row of the dyad client → partner; InputError where there is none."""
        return self.pair("dyads", f"{client}>{partner}")

    def with_record(self, record: np.ndarray) -> World:
        """Return the same world with another record of the same shape."""
        return World(record, self.names, self.sizes, self.folder)


def _sellers(tables: Tables, names: Names) -> list[list[int]]:
    """Return for each sector the firms that sell in it, in the order of the table."""
    sellers: list[list[int]] = [[] for _ in names.sectors]
    for firm, row in enumerate(tables.rows("firms", ["name", "sectors"])):
        for part in row.parts("sectors"):
            sellers[row.one_of("sectors", names.sectors, part)].append(firm)
    return sellers


def _pairs(tables: Tables, names: Names) -> list[tuple[int, int]]:
    """Return (client, partner) of every dyad of interest: all states with all homes and origins, and its own rows."""
    partners = {row.one_of("iso", names.states) for row in tables.rows("homes", ["iso"])}
    partners |= {row.one_of("state", names.states) for row in tables.rows("origins", ["state"])}
    pairs = {(s, p) for s in range(len(names.states)) for p in partners if s != p}
    for row in tables.rows("dyads", ["iso", "partner"]):
        if row.text("iso") != "*":
            client, partner = row.one_of("iso", names.states), row.one_of("partner", names.states)
            if client != partner:
                pairs.add((client, partner))
    return sorted(pairs)


def _fill(record: np.ndarray, row: Row, table: str, columns: Sequence[str]) -> None:
    for column in columns:
        record[column] = row.number(column, f"{table}.{column}")


_STATE_COLUMNS = [
    *("population_class", "economy_class", "ambition", "leader_demand", "local_capacity", "hedging", "openness"),
    *("aid_dependence", "western_ties", "opacity", "purse", "rights", "voice", "civil_society"),
]
_BASES = {
    "leader_demand": "leader_base",
    "hedging": "hedging_base",
    "openness": "openness_base",
    "western_ties": "western_base",
    "opacity": "opacity_base",
    "civil_society": "civil_base",
}
_HOME_COLUMNS = ["subsidy", "credit", "sender", "motive", "industry", "goodwill"]
_FIRM_COLUMNS = ["price", "quality", "credit", "exposure", "project_value", "programme_size"]
_SECTOR_COLUMNS = [
    *("criticality", "lock_in", "renewal", "cost", "operators"),
    *("displaces", "by_law", "watches", "visibility"),
]
_DYAD_COLUMNS = ["interest", "similarity", "trust", "alignment", "law", "energy_leverage", "debt"]


def _fill_states(world: np.ndarray, tables: Tables, names: Names) -> None:
    for s, row in enumerate(tables.rows("states", ["iso", "reported", *_STATE_COLUMNS])):
        state = world["states"][s]
        state["id"] = stable_id(f"state:{names.states[s]}")
        _fill(state, row, "states", _STATE_COLUMNS)
        state["is_focus"] = row.flag("reported")
        for column, as_it_began in _BASES.items():
            state[as_it_began] = state[column]
        state["local_producers"] = 1.0


def _model(row: Row) -> int:
    """Return the model of surveillance that a row names, or nobody."""
    return row.one_of("model", MODELS) if row.text("model") else NOBODY


def _fill_homes(world: np.ndarray, tables: Tables, names: Names) -> None:
    for h, row in enumerate(tables.rows("homes", ["iso", "model", *_HOME_COLUMNS])):
        home = world["homes"][h]
        home["id"] = stable_id(f"home:{names.homes[h]}")
        home["state"] = row.one_of("iso", names.states)
        _fill(home, row, "homes", _HOME_COLUMNS)
        home["subsidy_base"] = home["subsidy"]
        home["model"] = _model(row)


def _entry(row: Row, column: str, firm: np.ndarray) -> int:
    """Return a date of entry, which may be never; InputError where the firm is founded later."""
    entry = row.quarter(column)
    if entry < firm["founded"]:
        raise row.fail(column, f"{row.text(column)} lies before the firm is founded, see firms.csv.")
    return entry


def _fill_firms(world: np.ndarray, tables: Tables, names: Names) -> None:
    for f, row in enumerate(tables.rows("firms", ["name", "home", "founded", "default_entry", *_FIRM_COLUMNS])):
        firm = world["firms"][f]
        firm["id"] = stable_id(f"firm:{names.firms[f]}")
        if not row.text("home"):
            raise row.fail("home", f"{names.firms[f]} has no home.")
        firm["home"] = row.one_of("home", names.homes)
        _fill(firm, row, "firms", _FIRM_COLUMNS)
        firm["founded"] = row.date("founded")
        firm["project_base"], firm["project_value"] = firm["project_value"], 0.0
        firm["entry"] = _entry(row, "default_entry", firm)
        firm["programme"] = NEVER
    for row in tables.rows("entries", ["firm", "iso", "entry"], once=("firm", "iso")):
        firm = world["firms"][row.one_of("firm", names.firms)]
        firm["entry"][row.one_of("iso", names.states)] = _entry(row, "entry", firm)
    for row in tables.rows("programmes", ["firm", "iso", "from"]):
        firm = world["firms"][row.one_of("firm", names.firms)]
        firm["programme"][row.one_of("iso", names.states)] = row.quarter("from")
    for row in tables.rows("operators", ["firm", "iso", "service"]):
        firm = world["firms"][row.one_of("firm", names.firms)]
        firm["service"][row.one_of("iso", names.states)] = row.number("service", "firms.service")
        firm["is_operator"] = 1
    crowded = world["firms"]["service"].sum(axis=0) > 1.0 + 1e-9
    if crowded.any():
        raise InputError(f"operators.csv: the shares of service in {names.states[int(crowded.argmax())]} exceed one.")


def _fill_sectors(world: np.ndarray, tables: Tables, names: Names, sellers: list[list[int]]) -> None:
    for k, row in enumerate(tables.rows("sectors", ["key", "tendered", "opens", "lower", "model", *_SECTOR_COLUMNS])):
        sector = world["sectors"][k]
        sector["id"] = stable_id(f"sector:{names.sectors[k]}")
        _fill(sector, row, "sectors", _SECTOR_COLUMNS)
        sector["is_tendered"] = row.flag("tendered")
        sector["opens"] = row.quarter("opens")
        sector["lower"] = row.one_of("lower", names.sectors) if row.text("lower") else NOBODY
        sector["n_sellers"] = len(sellers[k])
        sector["model"] = _model(row)
        sector["seller"] = NOBODY
        sector["seller_home"] = NOBODY
        for slot, firm in enumerate(sellers[k]):
            sector["seller"][slot] = firm
            sector["seller_home"][slot] = world["firms"][firm]["home"]
    for row in tables.rows("launches", ["firm", "sector", "from"]):
        k, firm = row.one_of("sector", names.sectors), row.one_of("firm", names.firms)
        if firm not in sellers[k]:
            raise row.fail("firm", f"{names.firms[firm]} does not sell in {names.sectors[k]}.")
        world["sectors"][k]["seller_from"][sellers[k].index(firm)] = row.quarter("from")


def _fill_dyads(world: np.ndarray, tables: Tables, names: Names, pairs: list[tuple[int, int]]) -> None:
    found = tables.rows("dyads", ["iso", "partner", *_DYAD_COLUMNS], once=("iso", "partner"))
    rows = {(row.text("iso"), row.text("partner")): row for row in found}
    world["states"]["supplier_dyad"] = NOBODY
    for d, (client, partner) in enumerate(pairs):
        dyad = world["dyads"][d]
        iso, other = names.states[client], names.states[partner]
        dyad["id"] = stable_id(f"dyad:{iso}>{other}")
        dyad["state"], dyad["partner"], dyad["offer_sector"] = client, partner, NOBODY
        dyad["ordered_sector"] = NOBODY
        dyad["home"] = names.homes.index(other) if other in names.homes else NOBODY
        row = rows.get((iso, other)) or rows.get(("*", other))
        if row is None:
            why = f"there is no row {iso},{other} and no default row *,{other}; write one of them."
            raise InputError(f"dyads.csv: {why}")
        _fill(dyad, row, "dyads", _DYAD_COLUMNS)
        dyad["trust_base"], dyad["energy_tie"] = dyad["trust"], dyad["energy_leverage"]
        if dyad["home"] != NOBODY:
            world["states"][client]["supplier_dyad"][dyad["home"]] = d


def _fill_projects(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Spread every firm's projects over its home's clients by interest, save where the table says where they lie."""
    for firm in world["firms"]:
        clients = world["states"]["supplier_dyad"][:, firm["home"]]
        firm["presence"] = np.where(clients == NOBODY, 0.0, world["dyads"]["interest"][clients])
    rows = sorted(tables.rows("projects", ["firm", "iso", "presence"]), key=lambda r: r.text("iso") != "*")
    for row in rows:
        firm = world["firms"][row.one_of("firm", names.firms)]
        clients = world["states"]["supplier_dyad"][:, firm["home"]] != NOBODY
        where = clients if row.text("iso") == "*" else row.one_of("iso", names.states)
        firm["presence"][where] = row.number("presence", "firms.presence")


def _fill_institutions(world: np.ndarray, tables: Tables, names: Names) -> None:
    for i, name in enumerate(names.institutions):
        institution = world["institutions"][i]
        institution["id"] = stable_id(f"institution:{name}")
        institution["joins"] = institution["leaves"] = institution["opens"] = NEVER
        institution["level_order"], institution["proposal_order"] = -1.0, NOBODY
    for i, row in enumerate(tables.rows("institutions", ["short", "security_from"])):
        world["institutions"][i]["security_from"] = row.quarter("security_from")
    for row in tables.rows("members", ["institution", "iso", "joins", "leaves", "veto"]):
        institution = world["institutions"][row.one_of("institution", names.institutions)]
        s = row.one_of("iso", names.states)
        institution["joins"][s], institution["leaves"][s] = row.quarter("joins"), row.quarter("leaves")
        institution["is_veto"][s] = row.flag("veto")
    for row in tables.rows("domains", ["institution", "domain", "opens", "benefit", "bindingness"]):
        institution = world["institutions"][row.one_of("institution", names.institutions)]
        d = row.one_of("domain", DOMAINS)
        institution["opens"][d] = row.quarter("opens")
        institution["benefit"][d] = row.number("benefit", "institutions.benefit")
        institution["bindingness"][d] = row.number("bindingness", "institutions.bindingness")
    for row in tables.rows("proposers", ["institution", "iso", "domain", "zeal"]):
        institution = world["institutions"][row.one_of("institution", names.institutions)]
        s, d = row.one_of("iso", names.states), row.one_of("domain", DOMAINS)
        institution["zeal"][s, d] = row.number("zeal", "institutions.zeal")


def build_world(folder: Path = TABLES) -> World:
    """Return the world of a folder of tables; InputError where a row is wrong or an invariant does not hold."""
    tables = Tables(folder)
    names = read_names(tables)
    sellers = _sellers(tables, names)
    pairs = _pairs(tables, names)
    legs, channels = read_legs(tables, names), read_channels(tables, names)
    sizes = Sizes(
        states=len(names.states),
        firms=len(names.firms),
        homes=len(names.homes),
        sectors=len(names.sectors),
        slots=max(1, *(len(s) for s in sellers)),
        dyads=len(pairs),
        institutions=len(names.institutions),
        domains=len(DOMAINS),
        groups=len(names.groups),
        theatres=len(names.theatres),
        origins=len(names.origins),
        nodes=len(names.nodes),
        legs=len(legs),
        channels=len(channels),
        corridors=len(names.corridors),
        kinds=len(KINDS),
        answers=len(ANSWERS),
        statuses=len(STATUSES),
        holders=len(names.holders),
        patrons=len(names.patrons),
        custodies=len(names.custodies),
        designations=sum(1 for _ in tables.rows("designations", [])),
        pools=len(names.pools),
        incidents=INCIDENT_ROWS,
        accusers=len(names.accusers),
        audiences=len(names.audiences),
        migrants=sum(1 for _ in tables.rows("migrants", [])),
        severities=len(SEVERITIES),
        models=len(MODELS),
        conditions=CONDITION_ROWS,
        strategies=STRATEGY_ROWS,
        injects=INJECT_ROWS,
    )
    record = np.zeros(1, world_dtype(sizes))
    world = record[0]
    world["clock"]["history_end"] = HORIZON
    fillers: tuple[Callable[[np.ndarray, Tables, Names], None], ...] = (_fill_states, _fill_homes, _fill_firms)
    for fill in fillers:
        fill(world, tables, names)
    _fill_sectors(world, tables, names, sellers)
    fill_cells(world, tables, names, sellers)
    measure_supply(world)
    _fill_dyads(world, tables, names, pairs)
    _fill_projects(world, tables, names)
    _fill_institutions(world, tables, names)
    fill_routes(world, tables, names, legs)
    fill_conflict(world, tables, names)
    fill_channels(world, tables, names, channels, {pair: d for d, pair in enumerate(pairs)})
    fill_record(world, tables, names, channels)
    check_invariants(record, names, str(folder))
    return World(record, names, sizes, folder)
