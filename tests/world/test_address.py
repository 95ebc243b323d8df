"""Addresses as an analyst writes them: stars, slots by firm, dyads by arrow, and errors that help."""

from __future__ import annotations

import pytest

import sim.world.rows as handles
from sim.errors import InputError
from sim.world.address import resolve
from sim.world.build import World, build_world
from sim.world.records import TABLES, flat_view


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def value(world: World, text: str) -> float:
    (address,) = resolve(text, world)
    return float(flat_view(world.record)[address.offset])


def test_one_number(world: World) -> None:
    place = world.names.index("states", "KAZ")
    assert value(world, "states[KAZ].population_class") == world.record["states"]["population_class"][0, place]
    (address,) = resolve(" states[KAZ].dependence[ CHN ] ", world)
    assert address.text == "states[KAZ].dependence[CHN]"
    assert address.state is None


def test_a_slot_is_named_by_its_seller(world: World) -> None:
    k = world.names.index("sectors", "devices")
    slot = list(world.record["sectors"]["seller"][0, k]).index(world.names.index("firms", "Xiaomi"))
    marked = world.record.copy()
    marked["cells"]["share"][0, world.names.index("states", "KGZ"), k, slot] = 0.375
    assert value(world.with_record(marked), "cells[KGZ,devices].share[Xiaomi]") == 0.375


def test_a_star_stands_for_the_reported_states_and_two_for_all(world: World) -> None:
    found = resolve("states[*].dependence[CHN]", world)
    assert [address.state for address in found] == list(world.names.reported)
    assert [address.text for address in found] == [f"states[{iso}].dependence[CHN]" for iso in world.names.reported]
    assert [address.state for address in resolve("states[**].hedging", world)] == list(world.names.states)


def test_stars_stand_in_cells_and_dyads_too(world: World) -> None:
    cells = resolve("cells[*,networks].penetration", world)
    assert [address.state for address in cells] == list(world.names.reported)
    assert cells[0].offset == resolve(cells[0].text, world)[0].offset
    dyads = resolve("dyads[*>CHN].trust", world)
    assert [address.text for address in dyads] == [f"dyads[{iso}>CHN].trust" for iso in world.names.reported]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no address"),
        ("states", "is no address"),
        ("states[KAZ", "is no address"),
        ("states[KAZ].dependence[CHN].more", "is no address"),
        ("state[KAZ].hedging", r"there is no table 'state'.* Did you mean 'states'\?"),
        ("states[KAZ].hedgin", r"states has no field 'hedgin'.* Did you mean 'hedging'\?"),
        ("states[KAZZ].hedging", r"'KAZZ' is none of the states.* Did you mean 'KAZ'\?"),
        ("states[KAZ].dependence[CHI]", r"'CHI' is none of the homes.* Did you mean 'CHN'\?"),
        ("cells[KGZ,device].penetration", r"'device' is none of the sectors.* Did you mean 'devices'\?"),
        ("cells[KGZ,devices].share[Xiomi]", r"'Xiomi' is none of the firms.* Did you mean 'Xiaomi'\?"),
        ("firms[Huawey].price", r"'Huawey' is none of the firms.* Did you mean 'Huawei'\?"),
        ("institutions[SCO].level[digitl]", r"'digitl' is none of the domains.* Did you mean 'digital'\?"),
        ("dyads[KAZ>CNH].trust", r"'CNH' is none of the states.* Did you mean 'CHN'\?"),
        ("dyads[KAZ>KAZ].trust", "KAZ>KAZ is none of the dyads"),
        ("dyads[KAZ].trust", "'' is none of the states"),
        ("cells[KGZ,networks].share[Xiaomi]", "Xiaomi' does not sell in networks"),
        ("states.hedging", r"write it as states\[states\]\.hedging"),
        ("states[KAZ].dependence", r"write it as states\[states\]\.dependence\[homes\]"),
        ("states[KAZ].hedging[CHN]", r"write it as states\[states\]\.hedging"),
        ("cells[KGZ].penetration", r"write it as cells\[states, sectors\]\.penetration"),
        ("politics[KAZ].tension", r"write it as politics\.tension"),
        ("groups[Jabhat al-Nusra].hazard", "is none of the groups; it stands there as 'Hayat Tahrir al-Sham'"),
        ("designations[Taliban>CHN].chance", "Taliban>CHN is none of the designations"),
    ],
)
def test_an_address_that_names_nothing_is_refused_with_the_nearest_spelling(world: World, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        resolve(text, world)


@pytest.mark.parametrize("row", ["x", "-1", "100000", "1.5"])
def test_rows_without_names_are_numbers_within_the_table(world: World, row: str) -> None:
    with pytest.raises(InputError, match="injects"):
        resolve(f"injects[{row}].strength", world)


def test_a_number_in_a_row_without_a_name(world: World) -> None:
    assert resolve("injects[0].strength", world)[0].offset < resolve("injects[3].strength", world)[0].offset


@pytest.mark.parametrize(
    "text",
    [
        "patrons[TUR].effort",
        "patrons[Hayat Tahrir al-Sham].legitimacy",
        "groups[Islamic State].cum_severity[mass]",
        "theatres[Idlib].control[SYR]",
        "theatres[Idlib].control[Hayat Tahrir al-Sham]",
        "custodies[Syrian Democratic Forces>Islamic State].relatives",
        "designations[Hayat Tahrir al-Sham>RUS].veto",
        "audiences[public in Russia].belief[Islamic State]",
        "audiences[public in Russia].credibility[RUS]",
        "migrants[RUS>Central Asia].pressure",
        "pools[Central Asia].left",
    ],
)
def test_armed_groups_and_what_they_hold_have_addresses(world: World, text: str) -> None:
    assert [address.text for address in resolve(text, world)] == [text]


@pytest.mark.parametrize("name", [declared.name for declared in TABLES["incidents"][0]])
def test_nothing_of_an_incident_has_an_address_or_a_handle(world: World, name: str) -> None:
    """Who was truly behind an incident on record is shown nowhere."""
    with pytest.raises(InputError, match="is no measured number"):
        resolve(f"incidents[0].{name}", world)
    assert "incidents" not in {getattr(kind, "table", "") for kind in vars(handles).values()}
