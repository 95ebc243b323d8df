"""Every loop closes over fields that the rule before writes and the rule after reads, and is made of its mechanisms."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.rules.coverage import load_coverage
from sim.rules.loops import COLUMNS, Link, Loop, load_loops, loops_of
from sim.rules.schedule import NAMES, SCHEDULE

READS = {rule.NAME: set(rule.READS) for rule in SCHEDULE}
WRITES = {rule.NAME: set(rule.WRITES) for rule in SCHEDULE}
every_loop = pytest.mark.parametrize("loop", load_loops().values(), ids=lambda loop: loop.name)


@every_loop
def test_every_link_is_written_before_it_and_read_after_it(loop: Loop) -> None:
    for chain in loop.chains:
        for link in chain:
            assert link.field in WRITES[link.writer], link
            assert link.field in READS[link.reader], link


@every_loop
def test_every_chain_closes_and_hangs_together(loop: Loop) -> None:
    assert loop.chains
    for chain in loop.chains:
        assert [link.reader for link in chain] == [link.writer for link in (*chain[1:], chain[0])]


@every_loop
def test_a_loop_passes_through_rules_of_its_mechanisms(loop: Loop) -> None:
    for number in loop.mechanisms:
        assert loop.rules & set(load_coverage()[number].rules), f"no rule of the loop computes mechanism {number}"


def test_loops_of_a_rule_are_those_that_pass_through_it() -> None:
    assert loops_of("technology/vendors") == ("R1", "R2")
    assert loops_of("technology/displacement") == ()
    assert set(NAMES) >= {name for loop in load_loops().values() for name in loop.rules}


def test_the_documents_loops_are_there() -> None:
    assert {"R1", "R2", "R3", "R4", "R5", "R6", "B1", "B2", "B3", "B4", "B5", "B6"} <= set(load_loops())
    assert {loop.sign for name, loop in load_loops().items() if name[0] == "R"} == {"reinforcing"}
    assert {loop.sign for name, loop in load_loops().items() if name[0] == "B"} == {"balancing"}


def test_a_coupling_cuts_the_link_that_it_feeds_and_no_other() -> None:
    assert Link("cooperation/doctrine", "origins.salience", "cooperation/requests").cut_by == ("salience",)
    assert Link("cooperation/routes", "nodes.persons", "cooperation/requests").cut_by == ()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("X,reinforcing,t,1,a > f.g > b,n", "line 2: a chain begins at a and ends at b: it does not close"),
        ("X,reinforcing,t,1,a > a,n", "line 2: the chain 'a > a' does not go from rule to field to rule"),
        ("X,reinforcing,t,145,a > f.g > a,n", "line 2: there is no mechanism '145'"),
        ("X,reenforcing,t,1,a > f.g > a,n", "Did you mean 'reinforcing'"),
    ],
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path: Path, cells: str, words: str) -> None:
    path = tmp_path / "loops.csv"
    path.write_text(",".join(COLUMNS) + "\n" + cells + "\n")
    with pytest.raises(InputError, match=words):
        load_loops(path)
