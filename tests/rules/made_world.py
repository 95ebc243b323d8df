"""Worlds and parameters for the tests of rules: all of one shape, so that every rule is compiled once."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.draws import throw_dice
from sim.parameters.register import Register, load_register
from sim.scenario.injects import Inject
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage, write_injects
from sim.world.build import HORIZON, World, build_world
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
    return _lively().copy()[0]


@cache
def _lively() -> np.ndarray:
    record = register().record()
    record["tenders"]["rate_offer"] = 0.8
    record["tenders"]["rate_tender"] = 0.02
    record["tenders"]["share_gift"] = 1.0
    record["tenders"]["weight_lock_in"] = 6.0
    record["tenders"]["weight_law"], record["tenders"]["weight_demanded"] = 4.0, 3.0
    record["tenders"]["weight_motive"], record["tenders"]["weight_opposition"] = 6.0, 20.0
    record["sanctions"]["rate_sanction"] = 2.0
    record["sanctions"]["rate_ban"] = 0.6
    record["sanctions"]["rate_strain"] = 0.2
    record["home_government"]["rate_crackdown"] = 0.02
    record["outage"]["rate_failure"] = 0.02
    record["blocs"]["rate_rivalry"] = record["blocs"]["rate_demand"] = 0.5
    record["bundles"]["weight_leverage"], record["bundles"]["per_bundle"] = 6.0, 0.4
    record["bundles"]["weight_investment"], record["tenders"]["constant_none"] = 12.0, 4.0
    record["opinion"]["rate_suspend"], record["data_access"]["rate_discover"] = 0.2, 4.0
    _enliven_cooperation(record)
    enliven_conflict(record)
    return record


def _enliven_cooperation(record: np.ndarray) -> None:
    """Let talks, requests, swaps, accusations and missions come soon, and every answer and outcome now and then."""
    record["instruments"]["rate_talks"], record["instruments"]["rate_sign"] = 0.1, 0.6
    record["instruments"]["base_demand"], record["doctrine"]["rate_notice"] = 0.1, 0.3
    record["instruments"]["rate_suspend"] = record["instruments"]["rate_resume"] = 0.5
    record["requests"]["rate_request"], record["requests"]["base_third"] = 4.0, 3.0
    record["swaps"]["rate_offer"], record["swaps"]["rate_fugitives"] = 8.0, 0.3
    record["swaps"]["base_accept"], record["swaps"]["share_anyway"] = 0.0, 0.5
    record["passage"]["rate_accuse"] = 2.0
    record["overseas_interests"]["rate_mission"], record["overseas_interests"]["threshold"] = 4.0, 0.05


def enliven_conflict(record: np.ndarray) -> None:
    """Let groups attempt, split, clash, take land and break out soon, and states protest, accuse and lift."""
    record["conduct"]["rate_base"], record["conduct"]["rate_cells"] = 8.0, 0.2
    record["succession"]["rate_replace"], record["succession"]["rate_lost"] = 4.0, 0.3
    record["alliances"]["rate_review"], record["alliances"]["rate_clash"] = 0.5, 8.0
    record["territory"]["rate_offensive"], record["territory"]["rate_ceasefire"] = 2.0, 1.0
    record["detention"]["rate_break"], record["detention"]["rate_transfer"] = 0.5, 4.0
    record["recognition"]["rate_lift"], record["recognition"]["rate_state"] = 0.5, 0.3
    record["recognition"]["rate_list"] = 2.0
    record["state_patrons"]["rate_abandon"] = 0.3
    record["protest"]["rate_wave"] = 0.3
    record["accusation"]["rate_quota"], record["accusation"]["rate_expose"] = 3.0, 2.0
    record["conduct"]["weight_root"], record["conduct"]["weight_heard"] = 0.5, 4.0
    record["conduct"]["ease"] = 3.0
    record["accusation"]["weight_known"], record["accusation"]["rate_evidence"] = 30.0, 50.0
    record["routes"]["weight_held"] = 0.5


def dice(replication: int = 0) -> np.uint64:
    return np.uint64(throw_dice(SEED, replication))


def run(rule: ModuleType, world: np.ndarray, params: np.void, replication: int = 0) -> np.void:
    """Run one rule once on the world, shape (1,), in place; return its record."""
    rule.apply(world[0], params, dice(replication), NO_LEDGER)
    return world[0]


def staged(history: str) -> np.ndarray:
    """The default world with the record of history in its injects, and no scenario's."""
    return stage(default_world(), load_scenario("baseline"), history, 0, 179).record


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
    write_injects(rows[free:], [Inject(CODES[kind], start, end, strength, actor, target, sector)])


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
    world["dyads"]["offer_sector"] = world["dyads"]["ordered_sector"] = NOBODY
    world["institutions"]["proposal_order"] = NOBODY
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
    clear_conflict(world)
    return world


def clear_conflict(world: np.ndarray) -> None:
    """Take all numbers, ties and dates out of groups, theatres and those who accuse; who is who and where stays.

    Every group is there, pledged to nobody, aims at nobody and has no members; nobody is designated or believed guilty.
    """
    for table in ("groups", "patrons", "theatres", "custodies", "designations", "pools", "accusers", "audiences"):
        for field in TABLES[table][0]:
            if field.name in ("pledge", "protector", "sponsor", "backer"):
                world[table][field.name] = NOBODY
            elif not field.unit.startswith(("index in", "hash")) and field.name not in ("is_hub", "is_guarantor"):
                world[table][field.name] = 0
    world["theatres"]["kept"] = world["groups"]["noise"] = world["custodies"]["capacity"] = 1
    for name in ("presence", "pressure", "stigma", "wrong"):
        world["migrants"][name] = 0
    for field in TABLES["incidents"][0]:
        world["incidents"][field.name] = NOBODY if field.low < 0 else 0


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
        if name not in ("id", "state", "model"):
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
