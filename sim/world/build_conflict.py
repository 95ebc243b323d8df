"""From the tables of armed groups to their part of the record: theatres, groups, patrons, custody, accusers, audiences.

Groups stand in the record with their first members from the start; rules pass over those that have not entered yet.
What a column does not give follows here, by assumption:

- hardliners lie GAP_HARD of the way from their group's orientation to 1, its other members so that the mean holds;
- supply is what makes the dependence that the table gives: dependence/(1 - dependence) x own income x size;
- the ceiling of a group's size is the geometric mean of both estimates until a run draws one;
- a hub can safely hold as many as the lowest estimate of its own size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.numerics.draws import stable_id
from sim.world.fields import NOBODY
from sim.world.links import check_ties, read_changes, read_hubs
from sim.world.names import Names
from sim.world.tables import Row, Tables

GAP_HARD = 0.5
"""How far hardliners lie from their group's orientation towards 1, as a share of the way. Assumption: a hub is said to
have removed the hardest of its own (E0502), so that members differ; no document gives a number."""

_ACCUSER_COLUMNS = ["breadth", "publicity", "control"]
_AUDIENCE_COLUMNS = ["independence", "prior", "weight"]


def read_sponsors(tables: Tables, states: Sequence[str]) -> tuple[str, ...]:
    """Return the states that sponsor a group, in the order of the states."""
    rows = tables.rows("groups", ["sponsor"])
    named = {states[row.one_of("sponsor", states)] for row in rows if row.text("sponsor")}
    return tuple(state for state in states if state in named)


def read_custodies(tables: Tables, groups: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the rows of custodies: those of the table, then the hubs'."""
    found: list[str] = []
    for row in tables.rows("custodies", ["custodian", "of", "source"]):
        name = f"{row.text('custodian')}>{row.text('of')}"
        if name in found:
            raise row.fail("of", f"{name} stands twice.")
        found.append(name)
    return (*found, *read_hubs(tables, groups))


def read_former_names(tables: Tables, groups: Sequence[str]) -> dict[str, str]:
    """Return the present name of every group that once had another."""
    found: dict[str, str] = {}
    for row in tables.rows("lineage", ["former", "successor", "from", "source"]):
        former = row.text("former")
        if not former or former in groups or former in found:
            raise row.fail("former", f"{former!r} is empty, stands twice or is a group of its own.")
        row.date("from")
        found[former] = groups[row.one_of("successor", groups)]
    return found


def fill_conflict(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Fill all tables of armed groups, states being filled; InputError where a row is wrong."""
    check_ties(tables, names, read_changes(tables, names))
    fillers: tuple[Callable[[np.ndarray, Tables, Names], None], ...] = (
        *(_fill_theatres, _fill_groups, _fill_aims, _fill_patrons, _fill_custodies),
        *(_fill_designations, _fill_pools, _fill_accusers, _fill_audiences, _fill_migrants),
    )
    for fill in fillers:
        fill(world, tables, names)
    world["incidents"]["quarter"] = world["incidents"]["author"] = -1
    world["incidents"]["accused"] = world["incidents"]["accuser"] = NOBODY
    world["states"]["capability"] = np.clip(0.1 + 0.1 * (world["states"]["economy_class"] - 1.0), 0.0, 1.0)


def _fill(record: np.ndarray, row: Row, table: str, columns: Sequence[str]) -> None:
    for column in columns:
        record[column] = row.number(column, f"{table}.{column}")


def _one_or_nobody(row: Row, column: str, known: Sequence[str]) -> int:
    return row.one_of(column, known) if row.text(column) else NOBODY


def _share_of(row: Row, column: str, part: str, known: Sequence[str]) -> tuple[int, float]:
    """Return the place and the share of one `Name=0.5`; InputError where it is written otherwise."""
    name, _, number = part.rpartition("=")
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise row.fail(column, f"{part!r}: write Name=0.5, a share of 0..1.")
    return row.one_of(column, known, name.strip()), share


def _fill_theatres(world: np.ndarray, tables: Tables, names: Names) -> None:
    columns = ["name", "state", "node", "part", "control", "guarantors", "transit"]
    for t, row in enumerate(tables.rows("theatres", columns)):
        theatre = world["theatres"][t]
        theatre["id"] = stable_id(f"theatre:{names.theatres[t]}")
        theatre["state"] = row.one_of("state", names.states)
        theatre["node"] = _one_or_nobody(row, "node", names.nodes)
        theatre["transit"] = _one_or_nobody(row, "transit", names.states)
        _fill(theatre, row, "theatres", ["part"])
        for part in row.parts("control"):
            holder, share = _share_of(row, "control", part, names.holders)
            theatre["control"][holder] = share
        if (total := theatre["control"].sum()) > 1.0 + 1e-9:
            raise row.fail("control", f"the shares of the land sum to {total:g}, more than one.")
        for part in row.parts("guarantors"):
            theatre["is_guarantor"][row.one_of("guarantors", names.states, part)] = 1
        theatre["kept"], theatre["backer"] = 1.0, NOBODY


_GROUP_COLUMNS = [
    *("name", "theatre", "state", "patron", "protector", "sponsor", "size", "size_low", "size_high", "orientation"),
    *("hardliners", "dependence", "own_income", "line", "founded", "enters", "pools"),
]


def _fill_groups(world: np.ndarray, tables: Tables, names: Names) -> None:
    hubs = read_hubs(tables, names.groups)
    for g, row in enumerate(tables.rows("groups", _GROUP_COLUMNS)):
        group = world["groups"][g]
        group["id"] = stable_id(f"group:{names.groups[g]}")
        group["is_hub"] = names.groups[g] in hubs
        _place(group, row, names, world["theatres"]["state"])
        _fill(group, row, "groups", ["orientation", "hardliners", "line"])
        _fill_size(group, row)
        _fill_leanings(group)
        _fill_means(group, row)
        for part in row.parts("pools"):
            pool, share = _share_of(row, "pools", part, names.pools)
            group["pool"][pool] = share
        if abs(group["pool"].sum() - 1.0) > 1e-9:
            raise row.fail("pools", f"the shares of the areas sum to {group['pool'].sum():g}, not to one.")


def _place(group: np.ndarray, row: Row, names: Names, of_theatres: np.ndarray) -> None:
    """Set where a group is, to whom it is tied and when it enters."""
    group["theatre"] = _one_or_nobody(row, "theatre", names.theatres)
    group["state"] = _one_or_nobody(row, "state", names.states)
    if group["state"] == NOBODY:
        if group["theatre"] == NOBODY:
            raise row.fail("state", "it lies in no theatre, so name the state that it is in.")
        group["state"] = of_theatres[group["theatre"]]
    group["pledge"] = _one_or_nobody(row, "patron", names.groups)
    group["protector"] = _one_or_nobody(row, "protector", names.groups)
    group["sponsor"] = _one_or_nobody(row, "sponsor", names.states)
    group["enters"] = row.date("enters")
    if row.date("founded") > group["enters"]:
        raise row.fail("founded", f"{row.text('founded')} lies after it enters, {row.text('enters')}.")


def _fill_size(group: np.ndarray, row: Row) -> None:
    low, high = (row.number(column, f"groups.{column}") for column in ("size_low", "size_high"))
    size = row.number("size", "groups.size_high")
    if low > high:
        raise row.fail("size_low", f"{low:g} lies above size_high, {high:g}.")
    if size > high:
        raise row.fail("size", f"{size:g} lies above size_high, {high:g}.")
    group["size_low"], group["size_high"], group["ceiling"] = low, high, np.sqrt(low * high)
    group["hard"] = size * group["hardliners"]
    group["other"] = group["rep_members"] = size
    group["other"] -= group["hard"]
    group["noise"] = 1.0


def _fill_leanings(group: np.ndarray) -> None:
    """Set the leanings of hardliners and others, whose mean is the group's orientation."""
    orientation, hardliners = float(group["orientation"]), float(group["hardliners"])
    hard = orientation + GAP_HARD * (1.0 - orientation)
    if hardliners > 0.0:
        hard = min(hard, orientation / hardliners)
    group["leaning_hard"] = hard
    rest = (orientation - hardliners * hard) / (1.0 - hardliners) if hardliners < 1.0 else orientation
    group["leaning_other"] = max(0.0, rest)


def _fill_means(group: np.ndarray, row: Row) -> None:
    """Set own income and supply, so that at the middle of its estimates a group depends as the table says."""
    income, dependence = row.number("own_income", "groups.income"), row.number("dependence", "groups.dependence")
    if dependence == 1.0:
        raise row.fail("dependence", "1 would take supply without end; write less.")
    group["income"] = group["income_base"] = income
    supply = dependence / (1.0 - dependence) * income * group["ceiling"]
    group["supply"] = group["supply_base"] = supply
    total = supply + income * group["rep_members"]
    group["dependence"] = supply / total if total > 0.0 else 0.0


def _fill_aims(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Set the aims of aims.csv; a group without rows there aims at its target alone."""
    groups = world["groups"]
    for row in tables.rows("aims", ["group", "state", "weight", "source"]):
        g, state = row.one_of("group", names.groups), row.one_of("state", names.states)
        if groups[g]["sponsor"] == state:
            raise row.fail("state", f"{names.states[state]} sponsors {names.groups[g]}; it does not aim there.")
        groups[g]["aim"][state] += row.number("weight", "groups.aim")
        if (total := groups[g]["aim"].sum()) > 1.0 + 1e-9:
            raise row.fail("weight", f"the aims of {names.groups[g]} sum to {total:g}, more than one.")
    for g, row in enumerate(tables.rows("groups", ["target", "sponsor"])):
        if not row.text("target"):
            continue
        target = row.one_of("target", names.states)
        if groups[g]["sponsor"] == target:
            raise row.fail("target", f"{names.states[target]} sponsors {names.groups[g]}; it does not aim there.")
        if not groups[g]["aim"].any():
            groups[g]["aim"][target] = 1.0


def _fill_patrons(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Set a row for every group, in their order, and one for every sponsoring state."""
    patrons, n_groups = world["patrons"], len(names.groups)
    patrons["id"] = [stable_id(f"patron:{name}") for name in names.patrons]
    patrons["group"][:n_groups] = np.arange(n_groups)
    patrons["group"][n_groups:] = NOBODY
    patrons["state"][:n_groups] = NOBODY
    patrons["state"][n_groups:] = [names.states.index(name) for name in names.patrons[n_groups:]]
    patrons["legitimacy"][n_groups:] = 1.0


def _fill_custodies(world: np.ndarray, tables: Tables, names: Names) -> None:
    custodies, n_rows = world["custodies"], 0
    for c, name in enumerate(names.custodies):
        custodies[c]["id"] = stable_id(f"custody:{name}")
    for c, row in enumerate(
        tables.rows("custodies", ["custodian", "of", "theatre", "persons", "capacity", "from", "mode"])
    ):
        custody = custodies[c]
        custody["custodian"], custody["of"] = row.one_of("custodian", names.holders), row.one_of("of", names.groups)
        custody["theatre"] = _one_or_nobody(row, "theatre", names.theatres)
        custody["begins"] = row.date("from")
        custody["relatives_base"] = row.number("persons", "custodies.relatives_base")
        _fill(custody, row, "custodies", ["capacity"])
        n_rows += 1
    for custody, name in zip(custodies[n_rows:], names.custodies[n_rows:], strict=True):
        g = names.groups.index(name)
        custody["custodian"], custody["of"], custody["theatre"] = g, NOBODY, world["groups"][g]["theatre"]
        custody["begins"] = world["groups"][g]["enters"]
        custody["capacity"] = max(1.0, float(world["groups"][g]["size_low"]))


def _fill_designations(world: np.ndarray, tables: Tables, names: Names) -> None:
    designations = world["designations"]
    pairs: list[tuple[int, int]] = []
    for d, row in enumerate(tables.rows("designations", ["group", "power", "from", "interest", "veto", "weight"])):
        group, power = row.one_of("group", names.groups), row.one_of("power", names.states)
        if (group, power) in pairs:
            raise row.fail("power", f"{names.groups[group]}, {names.states[power]} stands twice.")
        pairs.append((group, power))
        designation = designations[d]
        designation["id"] = stable_id(f"designation:{names.groups[group]}>{names.states[power]}")
        designation["group"], designation["power"] = group, power
        designation["lists"] = row.date("from")
        designation["veto"] = designation["veto_base"] = row.flag("veto")
        _fill(designation, row, "designations", ["interest", "weight"])
    totals = np.zeros(len(names.groups))
    np.add.at(totals, designations["group"], designations["weight"])
    if (weightless := totals[designations["group"]] == 0.0).any():
        name = names.groups[int(designations["group"][weightless.argmax()])]
        raise tables.fault("designations", f"the weights of the powers that list {name} are all nought.")
    designations["weight"] /= totals[designations["group"]]


def _fill_pools(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Set who may yet join: the persons of the table, less the first members of all groups.

    Of an origin all its people are counted; recruitment lets only those join who are at the nodes of the theatres.
    """
    groups, nodes = world["groups"], world["nodes"]
    for a, row in enumerate(tables.rows("pools", ["name", "origin", "persons", "source"])):
        pool = world["pools"][a]
        pool["id"] = stable_id(f"pool:{names.pools[a]}")
        pool["origin"] = _one_or_nobody(row, "origin", names.origins)
        members = float(((groups["hard"] + groups["other"]) * groups["pool"][:, a]).sum())
        if pool["origin"] == NOBODY:
            persons = row.number("persons", "pools.left")
            if persons < members:
                raise row.fail("persons", f"{persons:g} are fewer than the first members of groups, {members:g}.")
            pool["left"] = persons - members
        elif row.text("persons"):
            raise row.fail("persons", "is left empty for an origin: its people stand in nodes.csv.")
        else:
            pool["left"] = max(0.0, nodes["persons"][:, pool["origin"]].sum() - members)


def _fill_accusers(world: np.ndarray, tables: Tables, names: Names) -> None:
    for d, row in enumerate(tables.rows("accusers", ["iso", *_ACCUSER_COLUMNS])):
        accuser = world["accusers"][d]
        accuser["id"] = stable_id(f"accuser:{names.accusers[d]}")
        accuser["state"] = row.one_of("iso", names.states)
        _fill(accuser, row, "accusers", _ACCUSER_COLUMNS)


def _fill_audiences(world: np.ndarray, tables: Tables, names: Names) -> None:
    """Set audiences; the more independent one is, the less a government that controls its press is believed."""
    accusers = world["accusers"]
    for a, row in enumerate(tables.rows("audiences", ["name", "state", *_AUDIENCE_COLUMNS])):
        audience = world["audiences"][a]
        audience["id"] = stable_id(f"audience:{names.audiences[a]}")
        audience["state"] = row.one_of("state", names.states)
        _fill(audience, row, "audiences", _AUDIENCE_COLUMNS)
        audience["belief"] = audience["prior"]
        independence = float(audience["independence"])
        word = np.where(accusers["state"] == audience["state"], 1.0, 0.5)
        audience["credibility"] = independence * (1.0 - accusers["control"]) + (1.0 - independence) * word


def _fill_migrants(world: np.ndarray, tables: Tables, names: Names) -> None:
    pairs: list[tuple[int, int]] = []
    for m, row in enumerate(tables.rows("migrants", ["host", "area", "presence", "accuser", "source"])):
        host, pool = row.one_of("host", names.states), row.one_of("area", names.pools)
        if (host, pool) in pairs:
            raise row.fail("area", f"{names.states[host]}, {names.pools[pool]} stands twice.")
        pairs.append((host, pool))
        migrant = world["migrants"][m]
        migrant["id"] = stable_id(f"migrants:{names.states[host]}>{names.pools[pool]}")
        migrant["host"], migrant["pool"] = host, pool
        migrant["accuser"] = row.one_of("accuser", names.accusers)
        _fill(migrant, row, "migrants", ["presence"])
