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
from sim.world.conflict import SEVERITIES
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
    return _lively().copy()[0]


@cache
def _lively() -> np.ndarray:
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
    order_conflict(world, now, held)


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
    order(world, "answer", index("states", "THA"), origin, ANSWERS.index("third_country"), strength=0.001, **now)
    order(world, "border", origin, sector=index("corridors", "Central Asia"), strength=0.4, **held)
    order(world, "accusation", index("states", "PAK"), origin, **now)


def order_conflict(world: np.ndarray, now: dict[str, int], held: dict[str, int]) -> None:
    """Order an inject of every kind that concerns groups, theatres and accusations."""
    hub, client = index("groups", "Hayat Tahrir al-Sham"), index("groups", "Katibat al-Tawhid wal-Jihad")
    hard, other = index("groups", "Hurras al-Din"), index("groups", "Ansar al-Din")
    taliban, rus, usa, syr = index("groups", "Taliban"), *(index("states", iso) for iso in ("RUS", "USA", "SYR"))
    idlib, forces = index("theatres", "Idlib"), index("holders", "Syrian Democratic Forces")
    jailed, accuser = index("groups", "Islamic State"), index("accusers", "RUS")
    order(world, "war", index("theatres", "Afghanistan-Pakistan border"), strength=0.7, **held)
    order(world, "support", rus, forces, idlib, strength=0.4, **held)
    order(world, "guarantee", index("states", "TUR"), idlib, strength=0.8, **held)
    order(world, "pressure", rus, idlib, strength=0.6, **held)
    order(world, "war", idlib, strength=0.6, **held)
    order(world, "war", index("theatres", "north-east Syria"), strength=0.6, **held)
    order(world, "veto", usa, hub, strength=1.0, **held)
    order(world, "veto", usa, jailed, strength=1.0, start=now["start"] - 8, end=now["start"])
    order(world, "protest", rus, strength=0.7, **held)
    order(world, "content", strength=0.8, **held)
    order(world, "ceasefire", idlib, strength=0.7, **now)
    order(world, "offensive", index("holders", "SYR"), idlib, hub, strength=0.2, **now)
    order(world, "abandon", usa, forces, strength=0.4, **now)
    order(world, "patron", other, hub, **now)
    order(world, "protector", hard, hub, **now)
    order(world, "move", index("groups", "Islamic Jihad Union"), idlib, **now)
    order(world, "line", client, strength=0.8, **now)
    order(world, "purge", hub, client, strength=0.5, **now)
    order(world, "purge", *(index("groups", name) for name in ("al-Qaeda", "Lashkar-e-Tayyaba")), strength=0.5, **now)
    order(world, "defection", client, hard, strength=0.3, **now)
    order(world, "arrest", hub, other, strength=0.2, **now)
    order(world, "merge", hub, index("groups", "Small contingents"), strength=0.4, **now)
    order(world, "clash", hub, hard, strength=0.9, **now)
    order(world, "truce", hub, hard, strength=0.9, **now)
    order(world, "transfer", forces, jailed, strength=0.1, **now)
    order(world, "prison_break", forces, jailed, strength=0.2, **now)
    order(world, "incident", client, index("states", "TUR"), SEVERITIES.index("serious"), strength=0.5, **now)
    order(world, "accuse", accuser, client, **now)
    order(world, "accuse", index("accusers", "TUR"), client, **now)
    order(world, "deny", client, accuser, **now)
    order(world, "exposure", accuser, **now)
    order(world, "disavow", hub, strength=0.6, **now)
    order(world, "acknowledge", usa, hub, strength=0.5, **now)
    order(world, "designate", usa, hub, strength=0.0, **now)
    order(world, "become_state", taliban, index("states", "AFG"), **now)
    order(world, "become_state", hub, syr, **now)


def stir(world: np.ndarray, quarter: int) -> None:
    """Bring together what runs seldom do: neighbours, hope, a lifting, a war over land, and incidents old and new."""
    client, proxy = index("groups", "Katibat al-Tawhid wal-Jihad"), index("groups", "Lashkar-e-Tayyaba")
    rus, ind, accuser = index("states", "RUS"), index("states", "IND"), index("accusers", "RUS")
    groups = world["groups"][0]
    neighbour = groups[index("groups", "Islamic Movement of Uzbekistan")]
    neighbour["theatre"], neighbour["state"] = NOBODY, groups["state"][proxy]
    forces = groups[index("groups", "Syrian Democratic Forces")]
    forces["pledge"], forces["protector"], forces["hard"], forces["aim"][rus] = NOBODY, NOBODY, 100.0, 0.5
    jailed, guests = groups[index("groups", "Islamic State")], groups[index("groups", "Turkestan Islamic Party")]
    jailed["hard"] = jailed["other"] = 2000.0
    guests["hard"], guests["other"], guests["theatre"] = 5.0, 5.0, index("theatres", "Idlib")
    held = world["theatres"]["control"][0, index("theatres", "north-east Syria")]
    held[:] = 0.0
    held[[index("groups", name) for name in ("Islamic State", "Syrian Democratic Forces")]] = 0.45, 0.35
    world["nodes"]["persons"][0, index("nodes", "Syria")] = 2000.0
    groups["loyalty"] = 0.4
    world["channels"]["signed"][0, world["channels"]["state"][0] == index("states", "TUR")] = NEVER
    groups["is_state"], world["patrons"]["hope"] = 0, 0.5
    world["accusers"]["accuses"][0, accuser, [client, proxy]] = 1.0
    world["designations"]["listed"][world["designations"]["group"] == client] = 0.0
    rows, first = world["incidents"][0], int(world["politics"]["next_incident"][0])
    for k in range(12):
        rows[(first + k) % len(rows)] = (quarter - 30, rus, 2, client, client, accuser, (k + 1) % 2, 1, 1)
    rows[first - 1] = (quarter - 1, rus, 2, client, NOBODY, NOBODY, 1, 0, 0)
    rows[first - 2] = (quarter - 1, ind, 2, proxy, proxy, accuser, 1, 0, 0)
    rows[first - 3] = (quarter - 1, ind, 1, proxy, client, accuser, 1, 0, 0)


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
    if lead is not None:
        stir(world, quarters)
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
