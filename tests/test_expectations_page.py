"""`docs/expectations.md`: it lists what scenarios expect, its counts add up, and opposite findings are talked about."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest

from sim.analysis.expectations import VERDICTS
from sim.configuration import compose
from sim.scenario.reader import load_scenario

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "expectations.md").read_text(encoding="utf-8")
_SPEC = importlib.util.spec_from_file_location("written", ROOT / "scripts" / "expectations.py")
assert _SPEC
assert _SPEC.loader
written = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(written)

COLUMNS = ("scenario", "outcome", "change", "against", "source", "mean", "interval", "standardised", "verdict")
ROWS = [
    dict(zip(COLUMNS, (cell.strip("` ") for cell in line.strip("| \n").split(" | ")), strict=True))
    for line in re.findall(r"(?m)^\| `\w+` \| `[\w.]+` \|.*$", PAGE)
]


def test_the_table_lists_every_expectation_of_the_library_in_its_order() -> None:
    keys = ("scenario", "outcome", "change", "against", "source")
    shipped = [
        (name, one.outcome, one.change, one.against, one.source)
        for name in compose(["experiment=library"]).scenarios
        for one in load_scenario(name).expects
    ]
    assert [tuple(row[key] for key in keys) for row in ROWS] == shipped
    assert {row["verdict"] for row in ROWS} <= set(VERDICTS)


def test_the_counts_are_those_of_the_table() -> None:
    told = {words: int(n) for n, words in re.findall(r"\*\*(\d+) ([a-z ]+)\*\*", PAGE)}
    assert told == Counter(row["verdict"] for row in ROWS)


def test_every_opposite_finding_is_talked_about() -> None:
    assert written.untold(PAGE, ROWS) == []


def test_a_finding_that_nobody_talks_about_is_named() -> None:
    row = {"scenario": "sco_bank", "outcome": "gifts", "verdict": "opposite"}
    assert written.untold(PAGE, [row]) == ["sco_bank: gifts"]


@pytest.mark.parametrize("text", ["", "old text\n"])
def test_only_what_stands_between_the_marks_is_written(text: str) -> None:
    begin, end = written.BEGIN.format("table"), written.END.format("table")
    assert written.put(f"head\n{begin}{text}{end}tail\n", "table", "new\n") == f"head\n{begin}\nnew\n\n{end}tail\n"
