"""Which rules a firm acts in: none idle, and those of a buyer, an investor, a teacher and of all sorts of sellers."""

from pathlib import Path

import pytest

from sim.rules.participants import rules_of_firm
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
