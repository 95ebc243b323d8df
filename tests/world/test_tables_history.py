"""The documents' history as it lies on disk: rows that name what their kind asks for, and what they may rest on."""

from __future__ import annotations

import re

import pytest

from sim.locations import TABLES
from sim.world.calendar import parse_quarter
from sim.world.injects import CODES, KINDS
from tests.world.on_disk import known, rows, sellers, sources

TESTED = {
    *("E0608", "E0610", "E0611", "E0612", "E0655", "E0656", "E0658", "E0659", "E0515", "E0582", "E0474", "E0497"),
    *("E0573", "E0454", "E0576", "E0546", "E0547", "E0548", "E0549", "E0630", "E0631"),
}
"""Facts that the model is judged by: free history must not know them."""


@pytest.mark.parametrize("row", rows("history"), ids=lambda row: f"{row['kind']}-{row['actor']}-{row['start']}")
def test_history_rows_name_what_their_kind_asks_for(row: dict[str, str]) -> None:
    kind = KINDS[CODES[row["kind"]]]
    for name, wanted in (("actor", kind.actor), ("target", kind.target), ("sector", kind.sector)):
        names = known(wanted) if wanted else {""}
        if kind.optional == name:
            names |= {""}
        if wanted == "firms":
            names |= {f"all:{home}" for home in known("homes")}
        assert row[name] in names, f"{name} {row[name]!r}"
    assert row["mode"] in ("given", "replay")
    assert kind.low <= float(row["strength"]) <= kind.high
    if row["end"]:
        assert not kind.once, "an order has no end"
        assert parse_quarter(row["end"]) > parse_quarter(row["start"])
    elif not kind.once:
        assert "end" in sources(row), "an open end has a source"
    if kind.name in ("treaty", "answer", "accusation"):
        assert row["target"] == "Western China"
        assert row["actor"] != "CHN", "nobody asks itself"
    if kind.name in ("gift", "tied_loan", "award"):
        assert row["actor"] in sellers()[row["sector"]]
    if kind.name == "agreement":
        assert (row["actor"], row["sector"]) in {(d["institution"], d["domain"]) for d in rows("domains")}


def test_firms_have_entered_before_their_documented_contracts() -> None:
    defaults = {firm["name"]: firm["default_entry"] for firm in rows("firms")}
    dated = {(row["firm"], row["iso"]): row["entry"] for row in rows("entries")}
    for row in rows("history"):
        if row["kind"] in ("gift", "tied_loan", "award"):
            entry = dated.get((row["actor"], row["target"]), defaults[row["actor"]])
            assert parse_quarter(entry) <= parse_quarter(row["start"]), row


def test_facts_that_test_the_model_stand_in_rows_of_replay_alone() -> None:
    for path in TABLES.glob("*.csv"):
        for row in rows(path.stem):
            cited = set(re.findall(r"E\d{4}", row.get("source", "")))
            assert row.get("mode") == "replay" or not cited & TESTED, (path.name, row)


def test_accusations_and_incidents_say_that_they_are_no_findings() -> None:
    """Every accusation is marked as contested; what stands behind an incident is a prior, and nobody where none is."""
    for row in rows("history"):
        if row["kind"] == "accuse":
            assert "contested" in row["source"], row
        if row["kind"] == "incident":
            assert (row["actor"] == "") == (float(row["strength"]) == 0.0), row
            assert float(row["strength"]) < 1.0, row
