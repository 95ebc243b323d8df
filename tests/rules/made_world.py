"""Worlds and parameters for the tests of rules: all of one shape, so that every rule is compiled once."""

from __future__ import annotations

from functools import cache
from types import ModuleType, SimpleNamespace

import numpy as np

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.draws import throw_dice
from sim.parameters.register import Register, load_register
from sim.rules.schedule import step
from sim.scenario.stage import stage
from sim.world.build import HORIZON, World, build_world
from sim.world.cooperation import ANSWERS, KINDS
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from sim.world.records import TABLES

SEED = 11
HISTORY_END = HORIZON
QUARTER = 100
"""The quarter of a blank world: the first of a year, within the documents' horizon."""


@cache
def default_world() -> World:
    return build_world()


@cache
def register() -> Register:
    return load_register()


def index(kind: str, name: str) -> int:
    return default_world().names.index(kind, name)


def only(**groups: dict[str, float]) -> np.void:
    """Parameters that are all zero but those given, in and out of the register's ranges: no default can matter."""
    record = np.zeros(1, register().dtype)
    record["tenders"]["nest_scale"] = 1.0
    for group, values in groups.items():
        for name, value in values.items():
            record[group][name] = value
    return record[0]


def lively() -> np.void:
    """The register's parameters, with rates so high that whatever may happen soon does, or nearly."""
    record = register().record()
    record["tenders"]["rate_offer"] = 0.8
    record["tenders"]["rate_tender"] = 0.02
    record["tenders"]["share_gift"] = 1.0
    record["tenders"]["weight_lock_in"] = 6.0
    record["tenders"]["weight_law"], record["tenders"]["weight_demanded"] = 4.0, 3.0
    record["tenders"]["weight_motive"] = 6.0
    record["sanctions"]["rate_sanction"] = 2.0
    record["sanctions"]["rate_ban"] = 0.6
    record["sanctions"]["rate_strain"] = 0.2
    record["home_government"]["rate_crackdown"] = 0.02
    record["outage"]["rate_failure"] = 0.02
    record["blocs"]["rate_rivalry"] = record["blocs"]["rate_demand"] = 0.5
    record["bundles"]["weight_leverage"], record["bundles"]["per_bundle"] = 6.0, 0.4
    record["bundles"]["weight_investment"], record["tenders"]["constant_none"] = 12.0, 4.0
    _enliven_cooperation(record)
    return record[0]


def _enliven_cooperation(record: np.ndarray) -> None:
    """Let talks, requests, swaps, accusations and missions come soon, and every answer and outcome now and then."""
    record["instruments"]["rate_talks"], record["instruments"]["rate_sign"] = 0.04, 0.6
    record["instruments"]["base_demand"], record["doctrine"]["rate_notice"] = 0.1, 0.3
    record["instruments"]["rate_suspend"] = record["instruments"]["rate_resume"] = 0.5
    record["requests"]["rate_request"] = 4.0
    record["swaps"]["rate_offer"], record["swaps"]["rate_fugitives"] = 8.0, 0.3
    record["swaps"]["base_accept"], record["swaps"]["share_anyway"] = 0.0, 0.5
    record["passage"]["rate_accuse"] = 2.0
    record["overseas_interests"]["rate_mission"], record["overseas_interests"]["threshold"] = 4.0, 0.05


def dice(replication: int = 0) -> np.uint64:
    return np.uint64(throw_dice(SEED, replication))


def run(rule: ModuleType, world: np.ndarray, params: np.void, replication: int = 0) -> np.void:
    """Run one rule once on the world, shape (1,), in place; return its record."""
    rule.apply(world[0], params, dice(replication), NO_LEDGER)
    return world[0]


def staged(history: str) -> np.ndarray:
    """The default world with the record of history in its injects, and no scenario's."""
    nothing = SimpleNamespace(name="nothing", injects=(), parameters={})
    return stage(default_world(), nothing, history, 0, 179).record


def order(
    world: np.ndarray,
    kind: str,
    actor: int = NOBODY,
    target: int = NOBODY,
    sector: int = NOBODY,
    start: int = 0,
    end: int = NEVER,
    strength: float = 1.0,
) -> None:
    """Write an inject into the first free row."""
    rows = world["injects"][0]
    free = int(np.flatnonzero(rows["kind"] == 0)[0])
    rows[free] = (CODES[kind], start, end, strength, actor, target, sector)


def order_everything(world: np.ndarray, quarter: int, start: int) -> None:
    """Order an inject of every kind: levels hold from `start`, orders are given in `quarter`, one level ends in it."""
    state, home, firm = index("states", "KAZ"), index("homes", "CHN"), index("firms", "Huawei")
    zte, camera = index("firms", "ZTE"), index("firms", "Hikvision")
    networks, cloud, surveillance = (index("sectors", key) for key in ("networks", "cloud", "surveillance"))
    now = {"start": quarter, "end": quarter + 1}
    held = {"start": start, "end": quarter + 6}
    order(world, "pandemic", strength=0.7, **held)
    order(world, "tension", strength=0.9, **held)
    order(world, "leader_demand", state, strength=0.9, **held)
    order(world, "leader_demand", index("states", "AFG"), strength=0.9, start=quarter - 8, end=quarter)
    order(world, "capacity_drive", state, strength=0.3, **held)
    order(world, "subsidy", home, strength=0.2, **held)
    order(world, "price", home, strength=-0.1, **held)
    order(world, "isolation", index("homes", "RUS"), strength=0.5, **held)
    order(world, "quarrel", state, home, strength=1.0, **held)
    order(world, "sanction", firm, strength=0.3, **held)
    order(world, "ban", firm, index("states", "UZB"), strength=1.0, **held)
    order(world, "ban", firm, index("states", "KGZ"), strength=0.6, **held)
    order(world, "crackdown", zte, strength=0.7, **now)
    order(world, "outage", firm, strength=0.6, **held)
    order(world, "expelled_industry", state, strength=0.8, **held)
    order(world, "training", firm, state, strength=0.5, **held)
    order(world, "gift", zte, index("states", "KGZ"), networks, strength=0.2, **now)
    order(world, "tied_loan", camera, index("states", "TJK"), surveillance, strength=0.2, **now)
    order(world, "award", zte, index("states", "TKM"), cloud, strength=0.2, **now)
    order(world, "agreement", index("institutions", "SCO"), NOBODY, 0, strength=0.5, **now)
    order(world, "join", index("institutions", "SCO"), index("states", "TKM"), **now)
    order(world, "leave", index("institutions", "EAEU"), index("states", "KGZ"), **now)
    order_cooperation(world, now, held)


def order_cooperation(world: np.ndarray, now: dict[str, int], held: dict[str, int]) -> None:
    """Order an inject of every kind that concerns law-enforcement cooperation."""
    origin = index("origins", "Western China")
    order(world, "salience", origin, strength=0.6, **held)
    order(world, "repression", origin, strength=0.5, **held)
    order(world, "pull", index("nodes", "Syria"), strength=0.9, **held)
    order(world, "hunt", origin, strength=0.7, **held)
    order(world, "deploy_law", origin, strength=1.0, **now)
    order(world, "treaty", index("states", "TUR"), origin, KINDS.index("extradition"), **now)
    order(world, "answer", index("states", "MYS"), origin, ANSWERS.index("return"), strength=0.001, **now)
    order(world, "border", origin, sector=index("corridors", "Central Asia"), strength=0.4, **held)
    order(world, "accusation", index("states", "PAK"), origin, **now)


@cache
def _after(quarters: int, history: str, replication: int, lead: int | None) -> np.ndarray:
    world = staged(history)
    if lead is not None:
        order_everything(world, quarters, quarters - lead)
        world["homes"]["goodwill"], world["dyads"]["law"] = 0.4, 0.6
    params, switches, thrown = lively(), switches_for(), dice(replication)
    for quarter in range(quarters):
        world["clock"]["quarter"] = quarter
        step(world[0], params, switches, thrown, NO_LEDGER)
    world["clock"]["quarter"] = quarters
    return world


def after(quarters: int, history: str = "free", replication: int = 0, lead: int | None = None) -> np.ndarray:
    """A copy of the world as the given quarter begins.

    With a lead, injects of every kind are in force: orders are given in that quarter, levels hold for `lead` quarters;
    one level has held until now.
    """
    return _after(quarters, history, replication, lead).copy()


def blank() -> np.ndarray:
    """The default world's actors as equals: nothing is installed, nobody is rich, hedges, trains, trusts or belongs.

    Every firm has entered everywhere at price 1 and quality 0.5, every sector is on sale, history is free. No law asks
    for a sector, none lets anybody watch, no firm runs service or has projects, nobody is abroad, nothing is
    signed, and every state governs all of its land.
    """
    world = default_world().record.copy()
    world["injects"] = 0
    world["clock"]["quarter"], world["clock"]["is_replay"] = QUARTER, 0
    for table in ("politics", "measures"):
        for name in world.dtype[table].names:
            world[table][name] = 0
    _level_states(world)
    _level_firms(world)
    for name in world.dtype["dyads"].base.names:
        if name not in ("id", "state", "partner", "home"):
            world["dyads"][name] = 0
    world["dyads"]["offer_sector"] = NOBODY
    cells = world["cells"]
    for name in world.dtype["cells"].base.names:
        cells[name] = 0
    cells["order_slot"] = cells["award_slot"] = NOBODY
    world["sectors"]["opens"] = world["sectors"]["seller_from"] = 0
    world["sectors"]["lower"] = NOBODY
    world["sectors"]["by_law"] = world["sectors"]["watches"] = 0
    for name in ("zeal", "benefit", "bindingness", "level", "implementation", "effect", "cum_blocked", "is_veto"):
        world["institutions"][name] = 0
    for name in ("joins", "leaves", "opens"):
        world["institutions"][name] = NEVER
    world["institutions"]["level_order"] = -1.0
    _clear_cooperation(world)
    return world


def _clear_cooperation(world: np.ndarray) -> None:
    """Take all numbers, dates and orders out of origins, nodes, legs and channels; places and borders stay."""
    world["institutions"]["security_from"] = NEVER
    for table in ("origins", "nodes", "legs", "channels"):
        for field in TABLES[table][0]:
            if field.name in ("answer", "answer_order", "third", "issuer"):
                world[table][field.name] = NOBODY
            elif field.unit.startswith("quarters since"):
                world[table][field.name] = NEVER
            elif field.name != "is_border" and not field.unit.startswith(("index in", "hash")):
                world[table][field.name] = 0
    world["nodes"]["governed"] = 1


def _level_states(world: np.ndarray) -> None:
    for name in world.dtype["states"].base.names:
        if name not in ("id", "is_focus", "supplier_dyad"):
            world["states"][name] = 0
    world["states"]["population_class"] = 3
    world["states"]["economy_class"] = 5
    world["states"]["openness"] = 1
    world["states"]["local_producers"] = 1
    for name in world.dtype["homes"].base.names:
        if name not in ("id", "state"):
            world["homes"][name] = 0
    world["homes"]["industry"] = 1


def _level_firms(world: np.ndarray) -> None:
    firms = world["firms"]
    for name in world.dtype["firms"].base.names:
        if name not in ("id", "home"):
            firms[name] = 0
    firms["price"] = firms["offer_price"] = 1
    firms["quality"] = firms["offer_quality"] = 0.5
    firms["programme"] = NEVER


def dyad(client: str, partner: str) -> int:
    return default_world().dyad(client, partner)


def slot(sector: str, firm: str) -> int:
    """Slot of a firm among the sellers of a sector."""
    sellers = default_world().record["sectors"][0][index("sectors", sector)]["seller"]
    return int(np.flatnonzero(sellers == index("firms", firm))[0])


def settle_base(world: np.ndarray, state: str, sector: str, penetration: float, shares: dict[str, float]) -> np.void:
    """Install a base in a cell: shares by firm; return the cell."""
    cell = world["cells"][0, index("states", state), index("sectors", sector)]
    cell["penetration"] = penetration
    cell["share"] = 0.0
    for firm, share in shares.items():
        cell["share"][slot(sector, firm)] = share
    return cell
