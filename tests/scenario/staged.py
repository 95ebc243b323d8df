"""Scenarios written for a test and put on stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World
from sim.world.calendar import parse_quarter
from sim.world.injects import CODES

HEAD = "name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\n"


def staged(world: World, folder: Path, text: str, first: str = "1991Q1", last: str = "2035Q4") -> World:
    """Return a world in free history with a scenario of these lines, mine.yaml."""
    path = folder / "mine.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return stage(world, load_scenario(str(path)), "free", parse_quarter(first), parse_quarter(last))


def rows_of(world: World, kind: str) -> np.ndarray:
    """Return the rows of injects of a kind, in order."""
    rows = world.record["injects"][0]
    return rows[rows["kind"] == CODES[kind]]


def listed(*entries: str) -> str:
    """Return injects as lines of a file."""
    return "injects:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def ordered(actor: str, *orders: str, budget: int = 1) -> str:
    """Return a strategy as lines of a file."""
    lines = "".join(f"      - {{{order}}}\n" for order in orders)
    return f"strategies:\n  - actor: {actor}\n    budget: {budget}\n    orders:\n{lines}"
