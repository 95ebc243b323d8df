"""Worlds in the middle of a run, with injects of every kind in force and what runs seldom bring together."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.schedule import step
from sim.world.conflict import SEVERITIES
from sim.world.cooperation import ANSWERS, KINDS
from sim.world.fields import NEVER, NOBODY
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.made_world import dice, index, lively, order, staged


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
    order(world, "ask", index("states", "UZB"), sector=cloud, **now)
    order(world, "offer_gift", home, index("states", "TJK"), networks, **now)
    order(world, "offer_loan", home, index("states", "UZB"), surveillance, **now)
    order(world, "agreement", index("institutions", "SCO"), NOBODY, 0, strength=0.5, **now)
    order(world, "proposal", index("institutions", "SCO"), index("states", "CHN"), 1, **now)
    order(world, "refusal", index("institutions", "SCO"), index("states", "RUS"), 2, **held)
    order(world, "join", index("institutions", "SCO"), index("states", "TKM"), **now)
    order(world, "leave", index("institutions", "EAEU"), index("states", "KGZ"), **now)
    order_cooperation(world, now, held)
    order_conflict(world, now, held)
    order_surveillance(world, now, held)


def order_surveillance(world: np.ndarray, now: dict[str, int], held: dict[str, int]) -> None:
    """Order an inject of every kind that concerns surveillance; two levels end now."""
    kaz, kgz, chn = index("states", "KAZ"), index("states", "KGZ"), index("homes", "CHN")
    ended = {"start": now["start"] - 8, "end": now["start"]}
    order(world, "opinion", kgz, sector=TECHNICAL, strength=0.5, **held)
    order(world, "suspend", kaz, sector=LEGAL, **held)
    order(world, "scandal", kgz, chn, strength=0.8, **now)
    order(world, "audit", kgz, chn, strength=0.5, **held)
    order(world, "localise", index("states", "TJK"), strength=0.5, **held)
    order(world, "opacity", kaz, strength=0.9, **held)
    order(world, "opacity", index("states", "AFG"), strength=0.2, **ended)
    order(world, "civil_society", kaz, strength=0.8, **held)
    order(world, "civil_society", index("states", "AFG"), strength=0.6, **ended)


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
    order(world, "negotiate", index("states", "VNM"), origin, KINDS.index("intelligence"), **now)
    order(world, "sign", index("states", "IDN"), origin, KINDS.index("three_evils"), **now)
    order(world, "break_off", index("states", "KAZ"), origin, **held)
    order(world, "request", index("states", "KGZ"), origin, **now)
    order(world, "swap", index("states", "MYS"), origin, **now)
    order(world, "papers", index("states", "TUR"), origin, strength=0.001, **held)
    order(world, "guard", index("states", "KAZ"), strength=0.5, **held)


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
    order(world, "repatriation", forces, jailed, strength=0.1, **now)
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
        step(world[0], params, switches, thrown, NO_LEDGER, *UNFED)
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
