"""Strategies: what an actor orders, and on what condition, out of the points that it has each quarter.

    strategies:
      - actor: KAZ
        budget: 1
        orders:
          - {act: ban, firm: Huawei, when: "states[KAZ].dependence[CHN] > 0.5", for: 8, strength: 0.5}

An act is a kind of inject; the actor stands in the key that names its own kind. What an actor may order is in `ACTS`. A
strategy reads what is reported: no true number of an armed group (`sim/scenario/reported.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sim.world.build import World
    from sim.world.names import Names


@dataclass(frozen=True)
class Act:
    """Who may order an act: a state, group or firm, in which key it then stands, and whom it has to own for that."""

    by: str
    """states, groups or firms."""
    key: str = ""
    """The key that the actor fills; empty where the act names others alone."""
    of: str = ""
    """firm: the actor is its home; origin: it lies in the actor; theatre: the actor may guarantee there or holds it;
    sender: the actor sends sanctions."""


_STATE = (Act("states", "state"),)
_GROUP = (Act("groups", "group"),)
_HOLDER = (Act("states", "holder"), Act("groups", "holder"))
_HOME_OF_FIRM = Act("states", of="firm")
_OWN_ORIGIN = (Act("states", of="origin"),)

ACTS: Mapping[str, tuple[Act, ...]] = {
    **dict.fromkeys(("leader_demand", "capacity_drive", "quarrel", "ban", "award", "join", "leave"), _STATE),
    **dict.fromkeys(("treaty", "answer", "support", "guarantee", "pressure", "veto", "abandon"), _STATE),
    **dict.fromkeys(("acknowledge", "designate", "accuse", "ask", "audit", "localise", "suspend"), _STATE),
    **dict.fromkeys(("opacity", "civil_society", "protest", "proposal", "refusal"), _STATE),
    **dict.fromkeys(("negotiate", "sign", "break_off", "papers", "guard"), _STATE),
    **dict.fromkeys(("subsidy", "offer_gift", "offer_loan"), (Act("states", "home"),)),
    "repatriation": (Act("states"),),
    "sanction": (Act("states", of="sender"),),
    "crackdown": (_HOME_OF_FIRM,),
    **dict.fromkeys(("gift", "tied_loan", "training"), (_HOME_OF_FIRM, Act("firms", "firm"))),
    **dict.fromkeys(("repression", "hunt", "deploy_law", "border", "accusation", "request", "swap"), _OWN_ORIGIN),
    "ceasefire": (Act("states", of="theatre"),),
    **dict.fromkeys(("offensive", "transfer"), _HOLDER),
    **dict.fromkeys(("patron", "protector", "move", "line", "purge", "arrest", "merge", "clash", "truce"), _GROUP),
    **dict.fromkeys(("deny", "disavow", "become_state"), _GROUP),
}
"""Kinds of inject that somebody can order, and who. What nobody decides (a war, an outage) is no act."""

_KEYS = ("actor", "budget", "orders")
_SINGULAR = {"states": "state", "groups": "group", "firms": "firm"}


@dataclass(frozen=True)
class Strategy:
    """The orders of one actor, as (place, entry), and the points that it has each quarter."""

    place: str
    actor: str
    budget: int
    orders: tuple[tuple[str, Mapping[str, Any]], ...]

    def as_entries(self) -> list[dict[str, Any]]:
        """Return the orders as entries of injects, with the actor in the key of the act that the order leaves to it."""
        return [{"kind": order.get("act"), **order, **self._actor_in(order)} for _, order in self.orders]

    def _actor_in(self, order: Mapping[str, Any]) -> dict[str, str]:
        keys = (act.key for act in ACTS.get(str(order.get("act")), ()))
        return {key: self.actor for key in keys if key and key not in order}


def read_strategies(entries: list[dict[str, Any]], file: str) -> tuple[Strategy, ...]:
    """Return the strategies of a file; InputError naming file, entry and key."""
    found: dict[str, Strategy] = {}
    for number, entry in enumerate(entries):
        place = f"{file}: strategies[{number}]"
        for key in entry:
            if key not in _KEYS:
                raise InputError(f"{place}: a strategy takes no key {key!r}.{did_you_mean(str(key), _KEYS)}")
        for key in _KEYS:
            if key not in entry:
                raise InputError(f"{place}: a strategy needs the key {key!r}.")
        strategy = Strategy(
            place, str(entry["actor"]), _points(entry["budget"], "budget", place, 1), _orders(entry["orders"], place)
        )
        if strategy.actor in found:
            raise InputError(f"{place}: actor: {strategy.actor} has a strategy already; write its orders there.")
        found[strategy.actor] = strategy
        for where, order in strategy.orders:
            if cost_of(order, where) > strategy.budget:
                raise InputError(f"{where}: cost: {order['cost']} is more than its budget, {strategy.budget}.")
    return tuple(found.values())


def _orders(value: Any, place: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    if not isinstance(value, list) or not value or not all(isinstance(order, dict) for order in value):
        raise InputError(f"{place}: orders: write a list of orders, such as {{act: join, institution: SCO, ...}}.")
    return tuple((f"{place}.orders[{number}]", order) for number, order in enumerate(value))


def _points(value: Any, key: str, place: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 100_000:
        raise InputError(f"{place}: {key}: {value!r} is no whole number from {least}.")
    return value


def cost_of(order: Mapping[str, Any], place: str) -> int:
    """Return the points that an order takes when it begins, 1 where none are named."""
    return _points(order.get("cost", 1), "cost", place, 0)


def table_of(actor: str, names: Names, place: str) -> str:
    """Return the table that an actor stands in: states, groups or firms; InputError with the nearest spelling."""
    for table in _SINGULAR:
        if actor in getattr(names, table) or names.former.get(actor) in getattr(names, table):
            return table
    known = [*names.states, *names.groups, *names.firms]
    raise InputError(f"{place}: actor: {actor!r} is no state, group or firm.{did_you_mean(actor, known)}")


def acts_of(table: str) -> list[str]:
    """Return the acts that actors of a table may order."""
    return [name for name, acts in ACTS.items() if any(act.by == table for act in acts)]


def as_inject(order: Mapping[str, Any], actor: str, world: World, place: str) -> dict[str, Any]:
    """Return an order as the entry of an inject, with the actor in its key; InputError where it is not its to give."""
    table = table_of(actor, world.names, place.partition(".orders[")[0])
    who, name = _SINGULAR[table], order.get("act")
    act = next((act for act in ACTS.get(str(name), ()) if act.by == table), None)
    if act is None:
        hint = did_you_mean(str(name), acts_of(table))
        raise InputError(
            f"{place}: act: {name!r} is not for a {who} to order.{hint} A {who} may order {', '.join(acts_of(table))}."
        )
    entry = {key: value for key, value in order.items() if key not in ("act", "cost")}
    if "kind" in entry:
        raise InputError(f"{place}: an order names its 'act', not a 'kind'.")
    if act.key in entry:
        raise InputError(f"{place}: {act.key}: {actor} stands there already; leave the key out.")
    if act.of:
        _check_owner(world, act.of, entry, actor, f"{place}: act: {name}")
    return {"kind": name, **entry, **({act.key: actor} if act.key else {})}


def _check_owner(world: World, of: str, entry: Mapping[str, Any], actor: str, place: str) -> None:
    """Raise InputError where an actor, a state, orders about what is not its own."""
    record, names = world.record, world.names
    if of == "sender":
        senders = [home for home, will in zip(names.homes, record["homes"]["sender"][0], strict=True) if will > 0.0]
        if actor not in senders:
            raise InputError(
                f"{place}: {actor} sends no sanctions in homes.csv; those that do are {', '.join(senders)}."
            )
        return
    table, whose = f"{of}s", str(entry.get(of))
    if whose.startswith("all:"):
        owners = [whose.removeprefix("all:")]
    elif whose not in getattr(names, table):
        return
    else:
        owners = _owners(world, of, getattr(names, table).index(whose))
    if actor not in owners:
        raise InputError(f"{place}: {of}: {whose} is not {actor}'s; it is for {' or '.join(owners)} to order.")


def _owners(world: World, of: str, row: int) -> list[str]:
    """Return the states whose firm, origin or theatre a row is."""
    record, states = world.record, world.names.states
    if of == "firm":
        return [world.names.homes[record["firms"]["home"][0, row]]]
    owner = [states[record[f"{of}s"]["state"][0, row]]]
    if of == "origin":
        return owner
    guarantors = record["theatres"]["is_guarantor"][0, row]
    return list(dict.fromkeys(owner + [iso for iso, is_one in zip(states, guarantors, strict=True) if is_one]))
