"""Which rules a firm or a group acts in: none idle, and those of all sorts of sellers, buyers, hubs and clients."""

from pathlib import Path

import pytest

from sim.rules.participants import rules_of_firm, rules_of_group
from sim.rules.schedule import NAMES
from tests.rules.made_world import default_world
from tests.world.edited import change, copied, read, write

SELLS = {"vendors", "sanctions", "outage"}
EXPECTED = {
    "Beeline": {"home_government", "sanctions", "tenders"},
    "CEFC": {"home_government"},
    "Ant": {"home_government"},
    "Weidong": {"home_government", "training"},
    "Hikvision": SELLS | {"home_government", "tenders", "bundles"},
    "Samsung": SELLS | {"home_government", "consumer_markets"},
    "Amazon": SELLS | {"home_government", "tenders", "bundles", "consumer_markets"},
    "Huawei": SELLS | {"home_government", "tenders", "bundles", "consumer_markets", "training"},
}


@pytest.mark.parametrize("firm", default_world().names.firms)
def test_every_firm_acts_in_some_rule_of_the_schedule_each_named_once(firm):
    acts_in = rules_of_firm(firm)
    assert acts_in
    assert set(acts_in) <= set(NAMES)
    assert len(set(acts_in)) == len(acts_in)


@pytest.mark.parametrize("firm", EXPECTED)
def test_a_firm_acts_in_the_rules_of_what_it_does(firm):
    assert set(rules_of_firm(firm)) == {f"technology/{rule}" for rule in EXPECTED[firm]}


@pytest.mark.parametrize(
    ("firm", "table", "column", "nothing", "gone"),
    [
        ("CEFC", "firms", "exposure", "0", {"home_government"}),
        ("Weidong", "firms", "programme_size", "0", {"training"}),
        ("ZTE", "firms", "sectors", "", {*SELLS, "tenders", "bundles"}),
        ("Amazon", "firms", "sectors", "ecommerce", {"tenders", "bundles"}),
        ("Amazon", "firms", "sectors", "cloud", {"consumer_markets"}),
    ],
)
def test_a_firm_without_the_means_does_not_act(tmp_path: Path, firm, table, column, nothing, gone):
    tables = copied(tmp_path)
    change(tables, table, lambda row: row["name"] == firm, column, nothing)
    assert set(rules_of_firm(firm)) - set(rules_of_firm(firm, tables)) == {f"technology/{rule}" for rule in gone}


@pytest.mark.parametrize(
    ("firm", "table", "gone"),
    [("Beeline", "operators", {"sanctions", "tenders"}), ("Weidong", "programmes", {"training"})],
)
def test_a_firm_without_a_row_does_not_act(tmp_path: Path, firm, table, gone):
    tables = copied(tmp_path)
    write(tables, table, [row for row in read(tables, table) if row["firm"] != firm])
    assert set(rules_of_firm(firm)) - set(rules_of_firm(firm, tables)) == {f"technology/{rule}" for rule in gone}


def test_a_stranger_acts_in_nothing():
    assert rules_of_firm("Bee line") == ()
    assert rules_of_group("Talban") == ()


@pytest.mark.parametrize("group", default_world().names.groups)
def test_every_group_acts_in_rules_of_the_schedule_each_named_once(group):
    acts_in = rules_of_group(group)
    assert {"restraint/succession", "restraint/recruitment", "information/reports"} <= set(acts_in) <= set(NAMES)
    assert len(set(acts_in)) == len(acts_in)


@pytest.mark.parametrize(
    ("group", "does", "does_not"),
    [
        ("Hayat Tahrir al-Sham", {"patron_effort", "territory", "detention", "recognition"}, {"state_patrons"}),
        ("Katibat al-Tawhid wal-Jihad", {"conduct", "territory"}, {"patron_effort", "detention", "state_patrons"}),
        ("Malhama Tactical", {"territory"}, {"conduct", "patron_effort"}),
        ("Lashkar-e-Tayyaba", {"state_patrons", "recognition", "conduct"}, {"territory", "patron_effort"}),
        ("Islamic State", {"detention", "conduct"}, {"patron_effort", "state_patrons"}),
        ("Mujahidin Indonesia Timur", {"conduct"}, {"territory", "recognition"}),
    ],
)
def test_a_group_acts_in_the_rules_of_what_it_is(group, does, does_not):
    acts_in = {rule.removeprefix("restraint/") for rule in rules_of_group(group)}
    assert does <= acts_in
    assert not does_not & acts_in


def test_a_group_of_an_area_whose_migrants_are_counted_acts_on_them(tmp_path: Path):
    tables = copied(tmp_path)
    assert "information/migrants" in rules_of_group("Turkestan Islamic Party", tables)
    write(tables, "migrants", [row for row in read(tables, "migrants") if row["area"] != "Western China"])
    assert "information/migrants" not in rules_of_group("Turkestan Islamic Party", tables)
