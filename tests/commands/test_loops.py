"""`steppe show couplings`, `steppe show loops`, and the loops in `steppe show schedule`."""

from __future__ import annotations

import json

import pytest

from sim.rules.couplings import COUPLINGS
from sim.rules.loops import load_loops, loops_of
from sim.rules.schedule import NAMES
from tests.commands.test_show import shown


def test_couplings_are_shown_with_who_writes_and_who_reads(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(shown(capsys, "show", "couplings", "--json"))["couplings"]
    assert [row["name"] for row in answer] == list(COUPLINGS)
    stigma = next(row for row in answer if row["name"] == "stigma")
    assert stigma["written by"] == ["information/migrants"]
    assert stigma["receivers"] == ["cooperation/intelligence"]
    salience = next(row for row in answer if row["name"] == "salience")
    assert salience["cuts"] == ["R3", "B3"]
    out = shown(capsys, "show", "couplings")
    assert "stigma  (accusation > cooperation)\n" in out
    assert "    receivers   cooperation/intelligence\n" in out


def test_loops_are_shown_link_by_link_with_what_cuts_them(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(shown(capsys, "show", "loops", "--json"))["loops"]
    assert [row["name"] for row in answer] == list(load_loops())
    repression = next(row for row in answer if row["name"] == "R3")
    assert repression["cut by"] == ["repression", "salience"]
    assert repression["chains"][0][1] == {
        "writer": "cooperation/doctrine",
        "field": "origins.salience",
        "reader": "cooperation/requests",
        "cut by": ["salience"],
    }
    out = shown(capsys, "show", "loops")
    assert "R1  lock-in  (reinforcing; mechanisms 1, 3, 4, 5, 8, 9)\n" in out
    assert "      > origins.salience           > cooperation/requests   cut by salience\n" in out


def test_the_schedule_names_for_every_rule_its_loops(capsys: pytest.CaptureFixture[str]) -> None:
    rules = json.loads(shown(capsys, "show", "schedule", "--json"))["schedule"]
    assert {rule["name"]: tuple(rule["loops"]) for rule in rules} == {name: loops_of(name) for name in NAMES}
    out = shown(capsys, "show", "schedule")
    assert "    loops   R1, R2\n" in out
    assert out.count("    loops   ") == sum(bool(loops_of(name)) for name in NAMES)
