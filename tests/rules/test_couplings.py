"""Every coupling flows from rules that write to rules that only read, and the page tells of all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.rules.couplings import COLUMNS, COUPLINGS, Coupling, held_of, load_couplings
from sim.rules.schedule import NAMES, SCHEDULE
from sim.world.fields import FLOAT
from sim.world.records import field

READS = {rule.NAME: set(rule.READS) for rule in SCHEDULE}
WRITES = {rule.NAME: set(rule.WRITES) for rule in SCHEDULE}
WITHIN = ("repression", "salience")
"""Couplings between two rules of one folder; all others cross from one folder to another."""

PAGE = Path(__file__).parents[2] / "docs" / "couplings.md"

every_coupling = pytest.mark.parametrize("coupling", load_couplings().values(), ids=lambda coupling: coupling.name)


@every_coupling
def test_receivers_read_what_flows_and_write_none_of_it(coupling: Coupling) -> None:
    assert set(coupling.receivers) <= set(NAMES)
    for name in coupling.receivers:
        assert READS[name] & set(coupling.fields), f"{name} reads nothing of it"
        assert not WRITES[name] & set(coupling.fields), f"{name} writes what it would be fed"
    for path in coupling.fields:
        assert any(path in READS[name] for name in coupling.receivers), f"no receiver reads {path}"
        assert field(path).kind == FLOAT


@every_coupling
def test_another_part_of_the_model_writes_what_flows(coupling: Coupling) -> None:
    folders = {name.partition("/")[0] for name in coupling.receivers}
    for path in coupling.fields:
        writers = {name for name in NAMES if path in WRITES[name]} - {"scenario_acts"}
        assert writers - set(coupling.receivers)
        abroad = {name for name in writers if name.partition("/")[0] not in folders}
        assert bool(abroad) != (coupling.name in WITHIN), path


def test_the_couplings_of_the_model_are_all_there() -> None:
    between = {coupling.between for coupling in load_couplings().values()}
    assert {
        "technology > cooperation",
        "cooperation > restraint",
        "restraint > technology",
        "repression > salience",
        "salience > cooperation",
        "accusation > recruitment",
    } <= between
    assert len(set(COUPLINGS)) == len(COUPLINGS)


def test_the_page_tells_of_every_coupling_in_order() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"))
    assert rows == [
        (c.name, c.between.replace(">", "→"), c.meaning, _code(c.fields), _code(c.receivers))
        for c in load_couplings().values()
    ]


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def test_held_are_those_that_are_said_to_be_in_the_order_of_the_file() -> None:
    assert held_of({}) == ()
    assert held_of({"stocks": "held", "leverage": "held", "capability": "live"}) == ("leverage", "stocks")


@pytest.mark.parametrize(
    ("couplings", "words"),
    [
        ({"levarage": "held"}, r"couplings\.levarage: there is no such coupling\. Did you mean 'leverage'\?"),
        ({"leverage": "holt"}, r"couplings\.leverage=holt: write live or held\. Did you mean 'held'\?"),
    ],
)
def test_an_unknown_coupling_or_mode_is_refused(couplings: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        held_of(couplings)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,b > c,m,,technology/tenders", "line 3: fields is empty"),
        ("x,b > c,m,states.purse,technology/tenders", "line 3: the coupling 'x' stands twice"),
    ],
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "couplings.csv"
    path.write_text("\n".join([",".join(COLUMNS), "x,a > b,m,states.purse,technology/debt", row]) + "\n")
    with pytest.raises(InputError, match=words):
        load_couplings(path)
