"""The tables of armed groups: what is read, what follows from it, and every mistake named by file, line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.scenario.history import read_history
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from sim.world.fields import NOBODY
from sim.world.injects import CODES
from sim.world.links import read_changes
from sim.world.synthetic import synthetic_world
from sim.world.tables import Tables
from tests.world.edited import Line, change, copied, insert, read, write

KTJ, HTS, IS = "Katibat al-Tawhid wal-Jihad", "Hayat Tahrir al-Sham", "Islamic State"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return copied(tmp_path)


def any_row(row: Line) -> bool:
    return True


def of(column: str, text: str):
    return lambda row: row[column] == text


WRONG = [
    ("groups", of("name", KTJ), "theatre", "Idlb", "'Idlb' is not known. Did you mean 'Idlib'?"),
    ("groups", of("name", "Mujahidin Indonesia Timur"), "state", "", "it lies in no theatre, so name the state"),
    ("groups", of("name", KTJ), "protector", "Hayat Tahrir al-Shm", f"Did you mean '{HTS}'?"),
    ("groups", of("name", KTJ), "target", "RUX", "'RUX' is not known. Did you mean 'RUS'?"),
    ("groups", of("name", "Lashkar-e-Tayyaba"), "target", "PAK", "PAK sponsors Lashkar-e-Tayyaba; it does not aim"),
    ("groups", of("name", KTJ), "size_low", "800", "800 lies above size_high, 700."),
    ("groups", of("name", KTJ), "size", "701", "701 lies above size_high, 700."),
    ("groups", of("name", KTJ), "founded", "2014Q1", "2014Q1 lies after it enters, 2013Q1."),
    ("groups", of("name", KTJ), "enters", "", "is empty; write a quarter such as 1998Q1."),
    ("groups", of("name", KTJ), "pools", "Central Asia=0.7", "the shares of the areas sum to 0.7, not to one."),
    ("groups", of("name", KTJ), "pools", "Central Asia", "'Central Asia': write Name=0.5, a share of 0..1."),
    ("groups", of("name", KTJ), "pools", "Central Asai=1", "Did you mean 'Central Asia'?"),
    ("groups", of("name", KTJ), "dependence", "1", "1 would take supply without end; write less."),
    ("theatres", of("name", "Idlib"), "control", f"SYR=0.7; {HTS}=0.4", "the shares of the land sum to 1.1"),
    ("theatres", of("name", "Idlib"), "guarantors", "TUR; RUX", "'RUX' is not known. Did you mean 'RUS'?"),
    ("theatres", of("name", "Idlib"), "node", "Syra", "'Syra' is not known. Did you mean 'Syria'?"),
    ("pledges", of("link", "patron"), "to", "al-Qaida", "'al-Qaida' is not known. Did you mean 'al-Qaeda'?"),
    ("pledges", of("link", "patron"), "link", "patrn", "'patrn' is not known. Did you mean 'patron'?"),
    ("pledges", of("group", KTJ), "from", "2012Q4", f"{KTJ} enters later, see groups.csv."),
    ("pledges", of("link", "theatre"), "to", "", "is empty; write the theatre that it moves to."),
    ("group_leaders", any_row, "line", "1.5", "1.5 lies outside 0..1"),
    ("group_leaders", any_row, "mode", "free", "'free' is not known."),
    ("designations", any_row, "power", "RUX", "'RUX' is not known. Did you mean 'RUS'?"),
    ("designations", any_row, "lifted", "2014Q4", "2014Q4 does not lie after 2015Q1, see column from."),
    ("designations", of("power", "USA"), "power", "RUS", f"{HTS}, RUS stands twice."),
    ("aims", of("group", IS), "weight", "0.9", f"the aims of {IS} sum to"),
    ("pools", of("name", "Western China"), "persons", "5", "is left empty for an origin"),
    ("pools", of("name", "Central Asia"), "persons", "50", "50 are fewer than the first members of groups"),
    ("custodies", any_row, "custodian", "Talban", "'Talban' is not known. Did you mean 'Taliban'?"),
    ("custodies", any_row, "capacity", "0", "0 lies outside 1..1e+06"),
    ("accusers", any_row, "iso", "RUX", "'RUX' is not known. Did you mean 'RUS'?"),
    ("audiences", any_row, "independence", "2", "2 lies outside 0..1"),
    ("migrants", any_row, "accuser", "KAZ", "'KAZ' is not known."),
    ("migrants", any_row, "area", "Central Asai", "Did you mean 'Central Asia'?"),
    ("lineage", any_row, "successor", "Hayat Tahrir", f"Did you mean '{HTS}'?"),
    ("lineage", any_row, "former", HTS, "is empty, stands twice or is a group of its own."),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}-{case[2]}-{case[3]}")
def test_a_wrong_cell_is_named_by_file_line_and_column(tables: Path, case: tuple) -> None:
    name, is_meant, column, text, says = case
    change(tables, name, is_meant, column, text)
    with pytest.raises(InputError) as caught:
        build_world(tables)
    message = str(caught.value)
    assert message.startswith(f"{name}.csv, line "), message
    assert f", column {column}: " in message
    assert says in message
    assert "\n" not in message


def pledge(tables: Path, group: str, link: str, to: str, start: str, mode: str = "given") -> None:
    row = {"group": group, "link": link, "to": to, "from": start, "mode": mode}
    insert(tables, "pledges", 0, row)


def test_protection_in_a_circle_is_refused_from_its_date_on(tables: Path) -> None:
    pledge(tables, HTS, "protector", KTJ, "2018Q1", "replay")
    circle = f"ties in a circle: {HTS} > {KTJ} > {HTS}."
    with pytest.raises(InputError, match=rf"^pledges\.csv, line 2, column to: {circle}$"):
        build_world(tables)


def test_a_circle_within_the_table_of_groups_is_named_there(tables: Path) -> None:
    change(tables, "groups", of("name", HTS), "protector", KTJ)
    with pytest.raises(InputError, match=r"^groups\.csv, line (3|6), column protector: ties in a circle: "):
        build_world(tables)


def test_a_circle_that_was_never_closed_at_one_date_is_none(tables: Path) -> None:
    """The protector parts from its client before it goes to it for protection itself."""
    pledge(tables, KTJ, "protector", "", "2017Q4")
    pledge(tables, "Katibat Imam al-Bukhari", "protector", "", "2017Q4")
    pledge(tables, HTS, "protector", KTJ, "2018Q1")
    build_world(tables)


def test_a_circle_that_only_replay_would_open_is_refused(tables: Path) -> None:
    pledge(tables, KTJ, "protector", "", "2017Q4", "replay")
    pledge(tables, HTS, "protector", KTJ, "2018Q1")
    with pytest.raises(InputError, match="ties in a circle"):
        build_world(tables)


def test_nobody_is_tied_to_a_group_that_enters_later(tables: Path) -> None:
    pledge(tables, KTJ, "patron", "National Liberation Front", "2018Q1")
    says = rf"^pledges\.csv, line 2, column to: National Liberation Front enters later than {KTJ} is tied to it"
    with pytest.raises(InputError, match=says):
        build_world(tables)


def test_leaderships_of_a_group_stand_in_the_order_of_their_dates(tables: Path) -> None:
    insert(tables, "group_leaders", 0, {"group": KTJ, "from": "2020Q1"})
    with pytest.raises(InputError, match=rf"^group_leaders\.csv, line \d, column from: .* {KTJ} stand in the wrong"):
        build_world(tables)


def test_a_sponsor_is_no_aim(tables: Path) -> None:
    insert(tables, "aims", 0, {"group": "Lashkar-e-Tayyaba", "state": "PAK", "weight": "0.1"})
    with pytest.raises(InputError, match=r"^aims\.csv, line 2, column state: PAK sponsors Lashkar-e-Tayyaba"):
        build_world(tables)


@pytest.mark.parametrize(
    ("kind", "column", "text", "says"),
    [
        ("accuse", "actor", "FRA", "'FRA' is none of the accusers"),
        ("accuse", "target", "Jabhat al-Nusra", f"it stands there as '{HTS}'"),
        ("incident", "sector", "seriuos", "Did you mean 'serious'?"),
        ("offensive", "actor", "Talban", "Did you mean 'Taliban'?"),
    ],
)
def test_history_names_who_is_in_the_tables_and_there(tables: Path, kind, column, text, says) -> None:
    line = change(tables, "history", of("kind", kind), column, text)
    with pytest.raises(InputError) as caught:
        read_history(build_world(tables), "replay")
    assert str(caught.value).startswith(f"history.csv, line {line}, column {column}: ")
    assert says in str(caught.value)


def test_history_tells_only_what_is_possible(tables: Path) -> None:
    line = change(tables, "history", of("kind", "incident"), "start", "1991Q2")
    with pytest.raises(InputError, match=rf"^history\.csv, line {line}: .* enters in \w+, after 1991Q2\.$"):
        read_history(build_world(tables), "replay")


def test_the_mean_of_leanings_is_the_orientation_of_the_table(world: World, tables: Path) -> None:
    groups = world.record["groups"][0]
    members = groups["hard"] + groups["other"]
    mean = (groups["hard"] * groups["leaning_hard"] + groups["other"] * groups["leaning_other"]) / members
    assert mean == pytest.approx(groups["orientation"])
    assert (groups["leaning_hard"] >= groups["leaning_other"]).all()
    assert members == pytest.approx([float(row["size"]) for row in read(tables, "groups")])
    ktj = groups[world.names.index("groups", KTJ)]
    assert ktj["leaning_hard"] == pytest.approx(0.45 + 0.5 * 0.55)
    assert ktj["ceiling"] == pytest.approx(np.sqrt(300 * 700))


@pytest.mark.parametrize(("hardliners", "hard"), [("0", 0.725), ("1", 0.45)])
def test_a_group_of_one_mind_leans_one_way(tables: Path, hardliners: str, hard: float) -> None:
    change(tables, "groups", of("name", KTJ), "hardliners", hardliners)
    made = build_world(tables)
    ktj = made.record["groups"][0, made.names.index("groups", KTJ)]
    assert ktj["leaning_hard"] == pytest.approx(hard)
    assert ktj["leaning_other"] == pytest.approx(0.45)


def test_supply_makes_the_dependence_of_the_table(world: World) -> None:
    groups = world.record["groups"][0]
    own = groups["income"] * (groups["hard"] + groups["other"])
    assert groups["supply"] / (groups["supply"] + own) == pytest.approx(groups["dependence"])
    assert (groups["supply"] == groups["supply_base"]).all()


def test_people_of_an_area_are_members_or_may_yet_join(world: World, tables: Path) -> None:
    groups, pools = world.record["groups"][0], world.record["pools"][0]
    members = (groups["hard"] + groups["other"]) @ groups["pool"]
    for a, row in enumerate(read(tables, "pools")):
        origin = pools["origin"][a]
        everybody = float(row["persons"]) if row["persons"] else world.record["nodes"]["persons"][0, :, origin].sum()
        assert pools["left"][a] + members[a] == pytest.approx(everybody)


def test_every_group_and_every_sponsor_is_a_patron_in_its_row(world: World) -> None:
    patrons, names = world.record["patrons"][0], world.names
    n = len(names.groups)
    assert patrons["group"][:n].tolist() == list(range(n))
    assert [names.states[s] for s in patrons["state"][n:]] == list(names.patrons[n:])
    sponsors = world.record["groups"]["sponsor"][0]
    assert {names.states[s] for s in sponsors if s != NOBODY} == set(names.patrons[n:])
    assert patrons["legitimacy"].tolist() == [0.0] * n + [1.0] * (len(patrons) - n)
    hubs = {name for name, group in zip(names.groups, world.record["groups"][0], strict=True) if group["is_hub"]}
    assert hubs == {"al-Qaeda", HTS, "Taliban", "National Liberation Front"}


def test_hubs_have_a_custody_of_their_own(world: World) -> None:
    custodies, names = world.record["custodies"][0], world.names
    assert names.custodies[:2] == (f"Syrian Democratic Forces>{IS}", "IRN>al-Qaeda")
    for custody, name in zip(custodies, names.custodies, strict=True):
        assert names.holders[custody["custodian"]] == name.partition(">")[0]
        assert (custody["of"] == NOBODY) == (">" not in name)
    assert custodies["relatives_base"][0] == 70000
    assert custodies["begins"][0] == parse_quarter("2019Q1")


def test_weights_of_powers_sum_to_one_a_group(world: World) -> None:
    designations = world.record["designations"][0]
    for group in np.unique(designations["group"]):
        assert designations["weight"][designations["group"] == group].sum() == pytest.approx(1.0)
    assert not designations["listed"].any(), "nothing is listed as a run begins"
    row = designations[world.pair("designations", f"{HTS}>RUS")]
    assert (row["veto"], row["lists"]) == (1.0, parse_quarter("2015Q1"))


def test_powers_without_weight_are_refused(tables: Path) -> None:
    rows = read(tables, "designations")
    write(tables, "designations", [{**row, "weight": "0"} for row in rows])
    with pytest.raises(InputError, match=r"designations\.csv: the weights of the powers that list .* are all nought"):
        build_world(tables)


def test_an_audience_doubts_a_government_that_controls_its_press(world: World) -> None:
    audiences, names = world.record["audiences"][0], world.names
    west, russia = (names.index("audiences", name) for name in ("governments of the West", "public in Russia"))
    rus, usa = (names.index("accusers", iso) for iso in ("RUS", "USA"))
    credibility = audiences["credibility"]
    assert credibility[west, rus] == pytest.approx(0.8 * (1 - 0.7) + 0.2 * 0.5)
    assert credibility[russia, rus] == pytest.approx(0.3 * (1 - 0.7) + 0.7 * 1.0)
    assert credibility[west, usa] > credibility[west, rus]
    assert (audiences["belief"] == audiences["prior"][:, None]).all()


def test_no_incident_stands_in_the_record_as_a_run_begins(world: World) -> None:
    incidents = world.record["incidents"][0]
    assert len(incidents) == 64
    for name in ("quarter", "author", "accused", "accuser"):
        assert (incidents[name] == -1).all()


def test_states_can_do_more_against_attempts_the_richer_they_are(world: World) -> None:
    states = world.record["states"][0]
    assert states["capability"] == pytest.approx(0.1 + 0.1 * (states["economy_class"] - 1))


def test_changes_of_groups_are_orders_of_history(world: World) -> None:
    free, replay = (read_history(world, mode) for mode in ("free", "replay"))
    changes = read_changes(Tables(world.folder), world.names)
    kinds = ("patron", "protector", "move", "line", "designate")
    for injects, wanted in ((replay, changes), (free, [c for c in changes if c.is_given])):
        found = [i for i in injects if i.kind in {CODES[kind] for kind in kinds}]
        assert [(i.start, i.actor, i.target) for i in found] == [(c.start, c.actor, c.target) for c in wanted]
        assert all(i.end == i.start + 1 for i in found)
    pledges = [i for i in replay if i.kind == CODES["patron"] and i.actor == world.names.index("groups", HTS)]
    assert [(i.start, i.target) for i in pledges] == [(parse_quarter("2016Q3"), NOBODY)], "it left al-Qaeda"


def test_a_lifting_on_record_is_an_order_of_replay(tables: Path) -> None:
    change(tables, "designations", of("power", "USA"), "lifted", "2020Q1")
    made = build_world(tables)
    lifting = [i for i in read_history(made, "replay") if i.kind == CODES["designate"]]
    assert [(i.start, i.strength) for i in lifting] == [(parse_quarter("2020Q1"), 0.0)]
    assert made.names.states[lifting[0].actor] == "USA"
    assert not [i for i in read_history(made, "free") if i.kind == CODES["designate"]]


def test_a_guarantee_is_given_in_both_modes(world: World) -> None:
    for mode in ("free", "replay"):
        assert CODES["guarantee"] in {i.kind for i in read_history(world, mode)}


@pytest.mark.parametrize("states", [2, 6, 80])
def test_synthetic_worlds_keep_land_aims_and_pointers(world: World, states: int) -> None:
    made, there = synthetic_world(states, 5).record[0], world.record[0]
    for table, pointer in (("groups", "state"), ("theatres", "state"), ("accusers", "state"), ("migrants", "host")):
        assert ((made[table][pointer] >= 0) & (made[table][pointer] < states)).all(), (table, pointer)
    for table, name in (("groups", "aim"), ("theatres", "control")):
        assert made[table][name].sum(axis=-1) == pytest.approx(there[table][name].sum(axis=-1))
    assert made["custodies"]["custodian"].max() < len(there["groups"]) + states
    assert made["theatres"]["is_guarantor"].any()
