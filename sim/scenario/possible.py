"""What an inject asks for has to be possible in the world that it is put in; InputError says what is not, and where."""

from __future__ import annotations

from sim.errors import InputError
from sim.scenario.injects import Inject
from sim.world.build import World
from sim.world.calendar import format_quarter
from sim.world.fields import NOBODY
from sim.world.injects import KINDS

_OF_DESIGNATIONS = ("veto", "designate")
_OF_CUSTODIES = ("transfer", "prison_break", "arrest", "repatriation")
_OF_HUBS = ("patron", "protector")
_OF_TWO = ("patron", "protector", "defection", "merge", "arrest", "clash", "truce")


_AWARDS = ("gift", "tied_loan", "award")


def check_possible(world: World, inject: Inject, place: str, is_whole_home: bool = False) -> None:
    """Raise InputError naming `place` where an inject is about what the world does not have.

    is_whole_home: it is one of those for all firms of a home, some of which may be founded later.
    """
    kind = KINDS[inject.kind]
    if kind.target == "origins":
        _check_channel(world, inject, place)
    if kind.name in _AWARDS:
        _check_seller(world, inject, place)
    if not (is_whole_home and kind.actor == "firms"):
        _check_there(world, inject, place)
    if kind.name in _OF_TWO and inject.actor == inject.target:
        raise InputError(f"{place}: other: {world.names.groups[inject.actor]} cannot be both groups of a {kind.name}.")
    if kind.name in _OF_DESIGNATIONS:
        _check_designation(world, inject, place)
    elif kind.name in _OF_CUSTODIES:
        _check_custody(world, inject, place)
    elif kind.name in _OF_HUBS:
        _check_hub(world, inject, place)
    elif kind.name == "guarantee":
        _check_guarantor(world, inject, place)
    elif kind.name == "become_state":
        _check_place(world, inject, place)
    elif kind.name in ("scandal", "audit"):
        _check_reader(world, inject, place)
    elif kind.name in ("ask", "offer_gift", "offer_loan"):
        _check_offer(world, inject, place)


def _check_channel(world: World, inject: Inject, place: str) -> None:
    """Nobody asks for persons at home."""
    if int(world.record["origins"]["state"][0, inject.target]) == inject.actor:
        state, origin = world.names.states[inject.actor], world.names.origins[inject.target]
        raise InputError(f"{place}: state: {origin} lies in {state}; name a state that it is asked of.")


def there_from(world: World, inject: Inject) -> tuple[int, str]:
    """Return the first quarter in which all whom an inject names are there, and the words for who comes last."""
    kind = KINDS[inject.kind]
    found = [(0, "")]
    for table, row in ((kind.actor, inject.actor), (kind.target, inject.target), (kind.sector, inject.sector)):
        if table in ("groups", "holders") and NOBODY != row < world.sizes.groups:
            found.append((int(world.record["groups"]["enters"][0, row]), f"{world.names.groups[row]} enters"))
        elif table == "firms":
            found.append((int(world.record["firms"]["founded"][0, row]), f"{world.names.firms[row]} is founded"))
    return max(found)


def _check_there(world: World, inject: Inject, place: str) -> None:
    """Raise InputError where an inject has its date, or its condition its time, before all are there."""
    there, told = there_from(world, inject)
    begins = inject.start if inject.times == 0 else inject.opens
    if NOBODY < begins < there:
        raise InputError(f"{place}: {told} in {format_quarter(there)}, after {format_quarter(begins)}.")
    if inject.times > 0 and inject.closes <= there:
        last = format_quarter(inject.closes - 1)
        raise InputError(f"{place}: it can never happen: {told} in {format_quarter(there)}, after by: {last}.")


def _check_seller(world: World, inject: Inject, place: str) -> None:
    """Raise InputError where a firm is to build what it does not sell."""
    sellers = [int(firm) for firm in world.record["sectors"]["seller"][0, inject.sector] if firm != NOBODY]
    if inject.actor not in sellers:
        firm, sector = world.names.firms[inject.actor], world.names.sectors[inject.sector]
        known = ", ".join(world.names.firms[f] for f in sellers)
        raise InputError(f"{place}: firm: {firm} does not sell in {sector}; those that do are {known}.")


def _check_designation(world: World, inject: Inject, place: str) -> None:
    rows = world.record["designations"][0]
    powers = [world.names.states[row["power"]] for row in rows if row["group"] == inject.target]
    state, group = world.names.states[inject.actor], world.names.groups[inject.target]
    if state not in powers:
        known = f"those that do are {', '.join(powers)}" if powers else "nobody does"
        raise InputError(f"{place}: state: {state} has no row for {group} in designations.csv; {known}.")


def _check_custody(world: World, inject: Inject, place: str) -> None:
    rows = world.record["custodies"][0]
    if not any(row["custodian"] == inject.actor and row["of"] in (inject.target, NOBODY) for row in rows):
        holder, group = world.names.holders[inject.actor], world.names.groups[inject.target]
        raise InputError(f"{place}: {holder} has nobody of {group} in custody; see custodies.csv.")


def _check_hub(world: World, inject: Inject, place: str) -> None:
    if inject.target != NOBODY and not world.record["groups"]["is_hub"][0, inject.target]:
        hubs = [
            name for name, is_hub in zip(world.names.groups, world.record["groups"]["is_hub"][0], strict=True) if is_hub
        ]
        name = world.names.groups[inject.target]
        raise InputError(
            f"{place}: other: nobody follows {name} in groups.csv or pledges.csv; hubs: {', '.join(hubs)}."
        )


def _check_place(world: World, inject: Inject, place: str) -> None:
    """A group takes the place of the state that it is in, or that its theatre lies in."""
    group = world.record["groups"][0, inject.actor]
    around = {int(group["state"])}
    if group["theatre"] != NOBODY:
        around.add(int(world.record["theatres"]["state"][0, group["theatre"]]))
    if inject.target not in around:
        name, state = world.names.groups[inject.actor], world.names.states[inject.target]
        places = " or ".join(sorted(world.names.states[s] for s in around))
        raise InputError(f"{place}: state: {name} is not in {state}; write {places}.")


def _check_reader(world: World, inject: Inject, place: str) -> None:
    """Nobody is found out to read its own data."""
    if int(world.record["homes"]["state"][0, inject.target]) == inject.actor:
        state = world.names.states[inject.actor]
        raise InputError(f"{place}: partner: {state} reads no data of its own through suppliers; name another home.")


def _check_offer(world: World, inject: Inject, place: str) -> None:
    """Governments ask for tenders, and homes of others that sell in a sector offer there."""
    sector, name = world.record["sectors"][0, inject.sector], world.names.sectors[inject.sector]
    if not sector["is_tendered"]:
        raise InputError(f"{place}: sector: {name} is bought by consumers; no government asks or is offered anything.")
    if KINDS[inject.kind].name == "ask":
        return
    home = world.names.homes[inject.actor]
    if inject.actor not in sector["seller_home"]:
        sellers = sorted({world.names.homes[h] for h in sector["seller_home"] if h != NOBODY})
        raise InputError(f"{place}: home: nobody from {home} sells in {name}; homes that do: {', '.join(sellers)}.")
    if int(world.record["homes"]["state"][0, inject.actor]) == inject.target:
        raise InputError(f"{place}: state: {home} makes itself no offer; name another state.")


def _check_guarantor(world: World, inject: Inject, place: str) -> None:
    allowed = world.record["theatres"]["is_guarantor"][0, inject.target]
    if not allowed[inject.actor]:
        names = [name for name, is_one in zip(world.names.states, allowed, strict=True) if is_one]
        state, theatre = world.names.states[inject.actor], world.names.theatres[inject.target]
        known = f"; guarantors: {', '.join(names)}" if names else "; nobody is"
        raise InputError(f"{place}: state: {state} is no guarantor of {theatre} in theatres.csv{known}.")
