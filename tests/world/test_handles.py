"""Live handles: they read and write the record itself, by names, and refuse what does not fit."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.world.build import build_world
from sim.world.fields import ID, NEVER
from sim.world.handles import FIXED, HINTS, ByName, LiveWorld, Row, UnknownName
from sim.world.invariants import violations
from sim.world.records import TABLES, paths
from sim.world.rows import (
    Accuser,
    Audience,
    Cell,
    Channel,
    Custody,
    Designation,
    Dyad,
    Group,
    Home,
    Institution,
    Leg,
    Measures,
    Migrants,
    Node,
    Origin,
    Patron,
    Politics,
    Pool,
    Sector,
    Theatre,
)


class State(Row, table="states"):
    """A state."""


class Firm(Row, table="firms"):
    """A firm."""


KINDS = (
    *(State, Firm, Home, Sector, Institution, Dyad, Cell, Origin, Node, Leg, Channel, Politics, Measures),
    *(Group, Theatre, Patron, Custody, Designation, Pool, Accuser, Audience, Migrants),
)


@pytest.fixture
def live() -> LiveWorld:
    world = build_world()
    return LiveWorld(world.with_record(world.record.copy()))


def row(live: LiveWorld, kind: type, name: str = "") -> Row:
    """Return the handle of a name, by default the first."""
    if kind is Cell:
        state, _, sector = (name or "KGZ,networks").partition(",")
        places = live.index("states").find(state), live.index("sectors").find(sector)
        return Cell(live, places[0] * live.world.sizes.sectors + places[1])
    return kind(live, live.index(kind.table).find(name) if name else 0)


def settled(live: LiveWorld) -> Row:
    """Return a cell in which two firms share what is installed."""
    cell = row(live, Cell)
    cell.share = dict.fromkeys(cell.share, 0.0) | {"Huawei": 0.6, "ZTE": 0.4}
    cell.penetration = 0.5
    return cell


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_reads_as_the_record_has_it(live: LiveWorld, kind: type) -> None:
    settled(live)
    handle = row(live, kind)
    held_in = live.world.record[kind.table].reshape(-1)[handle.place]
    for field in TABLES[kind.table][0]:
        read, held = getattr(handle, field.name), held_in[field.name]
        if isinstance(read, ByName):
            assert len(read) == (held.size if field.shape != ("slots",) else len(handle.index("slots").names))
            if field.kind == "f8":
                assert list(read.values()) == held.reshape(-1)[: len(read)].tolist()
        elif isinstance(read, int | float):
            assert read == held
        else:
            assert read is None or isinstance(read, str)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_may_be_written_is_written_to_the_record(live: LiveWorld, kind: type) -> None:
    handle = row(live, kind)
    for field in TABLES[kind.table][0]:
        if f"{kind.table}.{field.name}" in FIXED | HINTS.keys():
            continue
        value, before = getattr(handle, field.name), live.world.record.tobytes()
        target, key = (value, next(iter(value))) if isinstance(value, ByName) else (handle, field.name)
        old = target[key] if isinstance(value, ByName) else value
        number = isinstance(old, int | float) and not isinstance(old, bool)
        new = (field.low if old != field.low else field.high) if number else not old if isinstance(old, bool) else old
        target.__setitem__(key, new) if isinstance(value, ByName) else setattr(handle, field.name, new)
        assert (target[key] if isinstance(value, ByName) else getattr(handle, field.name)) == new
        assert (live.world.record.tobytes() != before) == (number or isinstance(old, bool)), field.name
    assert violations(live.world.record, live.world.names) == []


@pytest.mark.parametrize("kind", KINDS)
def test_its_docstring_lists_every_attribute(kind: type) -> None:
    listed = kind.__doc__.partition("Attributes of the record")[2].splitlines()[2:]
    for line, field in zip(listed, TABLES[kind.table][0], strict=True):
        along = f"[{', '.join(field.shape)}]" if field.shape else ""
        assert line.startswith(f"    {field.name}{along}: {field.meaning} (")
        assert field.unit in line
        assert getattr(kind, field.name).__doc__ == line.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_hides_what_a_handle_is_made_of(kind: type) -> None:
    assert not {"live", "place", "columns", "index", *vars(Row)} & {field.name for field in TABLES[kind.table][0]}


def test_names_labels_and_addresses(live: LiveWorld) -> None:
    kaz, cell = row(live, State, "KAZ"), row(live, Cell, "KGZ,devices")
    assert (kaz.name, kaz.label, kaz.address, repr(kaz)) == ("KAZ", "Kazakhstan", "states[KAZ]", "<State KAZ>")
    assert (cell.name, cell.address) == ("KGZ,devices", "cells[KGZ,devices]")
    assert (Politics(live, 0).name, repr(Politics(live, 0))) == ("", "<Politics>")
    assert row(live, Dyad, "KAZ>CHN").address == "dyads[KAZ>CHN]"
    assert list(live.rows(Home)) == list(live.world.names.homes)
    assert live.rows(Home)["CHN"].state == "CHN"


def test_names_stand_for_indices_codes_and_flags(live: LiveWorld) -> None:
    huawei, kaz, cell = row(live, Firm, "Huawei"), row(live, State, "KAZ"), row(live, Cell)
    assert huawei.home == "CHN"
    assert kaz.is_focus is True
    assert (cell.award_slot, cell.award_mode) == (None, "none")
    assert kaz.supplier_dyad["CHN"] == "KAZ>CHN"
    cell.award_mode = "tied_loan"
    cell.order_slot = huawei
    assert (cell.award_mode, cell.order_slot) == ("tied_loan", "Huawei")
    cell.order_slot = None
    assert cell.order_slot is None


def test_quarters_are_numbers_and_may_be_written_as_text(live: LiveWorld) -> None:
    entry, kaz = row(live, Firm, "Huawei").entry, row(live, State, "KAZ")
    entry["KAZ"] = "1998Q3"
    assert entry["KAZ"] == entry[kaz] == 30
    entry.update({kaz: "never"}, KGZ=12)
    assert (entry["KAZ"], entry["KGZ"]) == (NEVER, 12)


def test_a_field_by_name_is_a_mapping(live: LiveWorld) -> None:
    kaz, zeal = row(live, State, "KAZ"), row(live, Institution, "SCO").zeal
    assert list(kaz.supply) == list(live.world.names.homes)
    assert "CHN" in kaz.supply
    assert "KAN" not in kaz.supply
    assert type(copy.deepcopy(kaz.supply)) is dict
    assert pd.Series(kaz.supply).to_dict() == dict(kaz.supply)
    kaz.agreement = dict.fromkeys(kaz.agreement, 0.25)
    assert set(kaz.agreement.values()) == {0.25}
    zeal["KAZ", "digital"] = 0.5
    assert zeal[kaz, "digital"] == 0.5
    assert len(zeal) == live.world.sizes.states * live.world.sizes.domains


def kaz_of(live: LiveWorld) -> Row:
    return row(live, State, "KAZ")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda w: setattr(kaz_of(w), "purse", 61), r"states\[KAZ\]\.purse: 61 lies outside its range 0\.\.60"),
        (lambda w: setattr(kaz_of(w), "purse", math.nan), "write a number, not nan"),
        (lambda w: setattr(kaz_of(w), "purse", "much"), "write a number, not 'much'"),
        (lambda w: setattr(kaz_of(w), "purse", 10**400), "write a number, not inf"),
        (lambda w: setattr(kaz_of(w), "purse", -(10**5000)), "write a number, not inf"),
        (lambda w: row(w, Firm).entry.update(KAZ=10**400), "write a whole number, not inf"),
        (lambda w: setattr(kaz_of(w), "purse", True), "write a number, not True"),
        (lambda w: setattr(kaz_of(w), "is_focus", 0.5), "write True or False, not 0.5"),
        (lambda w: setattr(kaz_of(w), "id", 3), "who is who"),
        (lambda w: setattr(kaz_of(w), "agreement", {"digital": 1}), "'trade' is missing; agreement.update"),
        (lambda w: setattr(kaz_of(w), "agreement", 0.5), "write a dictionary by domains, not 0.5"),
        (lambda w: kaz_of(w).dependence.update(CHN=1.5), r"states\[KAZ\]\.dependence\[CHN\]: 1\.5 lies outside"),
        (lambda w: row(w, Firm).entry.update([1]), r"entry: write a dictionary by states, not \[1\]"),
        (lambda w: row(w, Firm).entry.update(KAZ=[1]), r"write a whole number, not \[1\]"),
        (lambda w: row(w, Firm).entry.update(KAZ=1.5), "write a whole number, not 1.5"),
        (lambda w: row(w, Firm).entry.update(KAZ="spring"), "'spring' is not a quarter"),
        (lambda w: setattr(row(w, Firm), "home", "RUS"), "who is who"),
        (lambda w: setattr(row(w, Firm), "is_operator", True), "who is who.*tables of the world"),
        (lambda w: row(w, Firm).service.update(KAZ=0.5), "who is who.*tables of the world"),
        (lambda w: row(w, Institution).zeal.update(KAZ=0.5), "write a pair of states and domains"),
        (lambda w: setattr(row(w, Sector), "criticality", 1.0), "criticalities .* Lower another sector's"),
        (lambda w: row(w, Institution, "SCO").leaves.update(KAZ=0), "leaves before it joins. Write the later"),
        (lambda w: kaz_of(w).supply.update(CHN=0.1, CHI=0.1), "'CHI' is none of the homes. Did you mean 'CHN'"),
        (lambda w: w.rows(State)[["KAZ"]], r"\['KAZ'\] is none of the states"),
        (lambda w: row(w, Cell).share[["x"]], r"\['x'\] is none of the sellers in networks"),
        (lambda w: row(w, Institution).zeal[["KAZ"], "digital"], r"\['KAZ'\] is none of the states"),
        (lambda w: row(w, Cell).share.update(Huawey=1), "none of the sellers in networks. Did you mean 'Huawei'"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_no_trace(
    live: LiveWorld, write: Callable[[LiveWorld], object], message: str
) -> None:
    before = live.world.record.tobytes()
    with pytest.raises(InputError, match=message):
        write(live)
    assert live.world.record.tobytes() == before


def test_a_share_that_breaks_its_sum(live: LiveWorld) -> None:
    cell = settled(live)
    with pytest.raises(InputError, match=r"KGZ, networks do not sum to one\. .*share\.update"):
        cell.share["Huawei"] = 0.9
    assert (cell.share["Huawei"], cell.share["ZTE"]) == (0.6, 0.4)
    cell.share.update(Huawei=0.25, ZTE=0.75)
    assert (cell.share["Huawei"], cell.share["ZTE"]) == (0.25, 0.75)


def test_penetration_needs_shares(live: LiveWorld) -> None:
    cell = settled(live)
    cell.penetration = 0
    cell.share = dict.fromkeys(cell.share, 0.0)
    with pytest.raises(InputError, match="Write the shares first"):
        cell.penetration = 0.2


def test_what_groups_hold_and_whom_they_serve_has_to_fit(live: LiveWorld) -> None:
    hub, client = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"
    group, idlib = row(live, Group, client), row(live, Theatre, "Idlib")
    assert (group.theatre, group.protector, group.pledge) == ("Idlib", hub, None)
    with pytest.raises(InputError, match=r"leads back to itself\. Name a group that is there"):
        row(live, Group, hub).protector = client
    with pytest.raises(InputError, match=r"sum to more than one\. Write those that change together"):
        idlib.control[hub] = 0.5
    idlib.control.update({hub: 0.5, "SYR": 0.5})
    with pytest.raises(InputError, match=r"do not sum to one\. Write those that change together"):
        group.pool["Caucasus"] = 0.5
    group.pool.update({"Caucasus": 0.5, "Central Asia": 0.5})
    assert row(live, Custody, "IRN>al-Qaeda").custodian == "IRN"
    assert row(live, Designation, f"{hub}>RUS").veto == 1.0
    assert row(live, Migrants, "RUS>Central Asia").accuser == "RUS"
    assert violations(live.world.record, live.world.names) == []


def test_what_injects_set_is_read_only(live: LiveWorld) -> None:
    held = LiveWorld(live.world, by_inject={"states.drive", "firms.failing_declared"})
    with pytest.raises(InputError, match=r"states\[KAZ\]\.drive is set by injects alone; .*'capacity_drive', \.\.\.\)"):
        row(held, State, "KAZ").drive = 0.5
    with pytest.raises(InputError, match=r"use model\.schedule_inject\(\.\.\.\); docs/model\.md, chapter 6"):
        row(held, Firm).failing_declared = 0.5
    assert row(held, State, "KAZ").drive == 0.0
    row(live, State, "KAZ").drive = 0.5
    assert row(held, State, "KAZ").drive == 0.5


def test_an_unknown_attribute_is_named_with_its_nearest_spelling(live: LiveWorld) -> None:
    kaz = row(live, State, "KAZ")
    for use in (lambda: kaz.local_capasity, lambda: setattr(kaz, "local_capasity", 0.5)):
        with pytest.raises(AttributeError, match=r"no attribute .local_capasity.\. Did you mean .local_capacity."):
            use()
    assert not hasattr(kaz, "colour")
    with pytest.raises(AttributeError, match="A subclass may declare"):
        kaz.zzz = 1


def test_an_unknown_name_is_a_key_error_with_a_readable_message(live: LiveWorld) -> None:
    with pytest.raises(KeyError) as caught:
        live.rows(State)["kaz"]
    assert str(caught.value) == "'kaz' is none of the states. Did you mean 'KAZ'?"
    assert isinstance(caught.value, UnknownName)
    assert live.rows(State).get("kaz") is None


def test_a_handle_of_another_world(live: LiveWorld) -> None:
    other = LiveWorld(build_world())
    with pytest.raises(InputError, match=r"<State KAZ> belongs to another model; .* such as model\.states\['KAZ'\]"):
        row(live, Firm).entry[row(other, State, "KAZ")] = 5


def test_columns_are_views_of_the_record(live: LiveWorld) -> None:
    for table in TABLES:
        for column in live.columns(table).values():
            assert not column.size or np.shares_memory(column, live.world.record)


def test_what_is_fixed_or_has_to_fit_exists() -> None:
    assert FIXED | HINTS.keys() <= set(paths())
    assert {path for path in paths() if path.endswith(".id")} <= FIXED
    assert all(field.kind == ID for fields, _ in TABLES.values() for field in fields if field.name == "id")
