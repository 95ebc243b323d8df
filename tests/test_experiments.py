"""Every study has an experiment of its name and a page, and a page names outcomes and scenarios that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.configuration import compose, experiments
from sim.locations import TABLES
from sim.parameters.strict_yaml import read_mapping
from sim.results.schema import JOINED

STUDIES = Path(__file__).resolve().parent.parent / "experiments"
ROWS = re.compile(r"(?m)^\| ((?:`\w+`(?:, )?)+) \| (\S+(?: \d)?) \|")


def rows(study: str) -> list[tuple[list[str], str]]:
    """Return (names, second cell) of the rows of the page's tables that begin with names."""
    page = (STUDIES / study / "README.md").read_text(encoding="utf-8")
    return [(re.findall(r"`(\w+)`", names), cell) for names, cell in ROWS.findall(page)]


def test_every_experiment_has_its_study() -> None:
    assert {path.name for path in STUDIES.iterdir()} == set(experiments())


@pytest.mark.parametrize("study", experiments())
def test_a_page_names_the_arms_and_outcomes_that_there_are(study: str) -> None:
    found = rows(study)
    arms = [(names[0], cell) for names, cell in found if cell in ("replay", "free")]
    assert tuple(arms) == compose([f"experiment={study}"]).arms
    expected = [name for names, cell in found if cell in ("+", "−", "near 0") for name in names]
    assert expected
    assert set(expected) <= {*read_mapping(TABLES / "outcomes.yaml"), *JOINED}
