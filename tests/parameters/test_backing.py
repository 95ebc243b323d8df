"""The table of backing and the check of the register against the facts."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.evidence.loader import load_findings
from sim.parameters.backing import BackingTable, backing, check
from sim.parameters.register import Register, load_register
from sim.parameters.schema import BACKINGS, Entry
from tests.parameters.build import ENTRY, FACTS, entry, fact, write

ENTRIES = {
    "documented": entry(evidence=["E0001"], assumption=None),
    "documented_contested": entry(evidence=["E0001", "E0003"], assumption=None),
    "derived": entry(evidence=["E0002"]),
    "derived_contested": entry(evidence=["E0005"], kept="a shape"),
    "derived_too": entry(evidence=["E0004"]),
    "assumed": entry(evidence=[]),
    "assumed_too": entry(evidence=[]),
    "assumed_again": entry(evidence=[]),
}


@pytest.fixture
def register(tmp_path) -> Register:
    """One parameter or more of each kind."""
    return load_register(write(tmp_path, vendors=ENTRIES), FACTS)


def test_counts_by_hand(register):
    table = backing(register, FACTS)
    assert table.total == 8
    assert [(row.backing, row.contested, row.count, row.share) for row in table.rows] == [
        ("documented", False, 1, 0.125),
        ("documented", True, 1, 0.125),
        ("derived", False, 2, 0.25),
        ("derived", True, 1, 0.125),
        ("assumed", False, 3, 0.375),
        ("assumed", True, 0, 0.0),
    ]
    assert (table.count("derived"), table.count("derived", contested=True)) == (3, 1)
    assert (table.share("documented"), table.share("assumed", contested=True)) == (0.25, 0.0)


def test_contested_follows_from_the_facts_given(register):
    calm = {name: dataclasses.replace(found, contested=False) for name, found in FACTS.items()}
    assert not any(row.count for row in backing(register, calm).rows if row.contested)


def test_an_empty_register_has_shares_of_nought():
    table = backing(Register({}), FACTS)
    assert table.total == 0
    assert all(row.count == row.share == table.share(row.backing) == 0 for row in table.rows)


def test_the_table_is_frozen(register):
    table = backing(register, FACTS)
    assert isinstance(table, BackingTable)
    for frozen, field in ((table, "total"), (table.rows[0], "count")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, field, 1)


def test_a_sound_register_has_no_problems(register):
    assert check(register, FACTS) == []


def test_a_fact_that_has_gone_is_a_problem_of_file_and_key(register, tmp_path):
    rest = {name: found for name, found in FACTS.items() if name != "E0002"}
    problem = f"{tmp_path / 'vendors.yaml'}: vendors.derived: unknown fact 'E0002' in evidence. Did you mean 'E000"
    (found,) = check(register, rest)
    assert found.startswith(problem)


def test_a_fact_whose_status_changed_is_a_problem(register):
    changed = FACTS | {"E0002": fact(2, contested=True)}
    marked, left = check(register, changed)
    assert "vendors.derived: is marked contested=False" in marked
    assert "vendors.derived: rests on contested facts alone: state neutral" in left


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (["E0002"], ["none of its facts gives a figure"]),
        (["E0004"], ["low confidence only"]),
        (["E0005"], ["none of its facts gives a figure", "low confidence only"]),
        (["E0002", "E0004"], []),
        (["E0001"], []),
    ],
)
def test_a_documented_value_needs_a_figure_and_a_grade_above_low(tmp_path, evidence, words):
    kept = "a shape" if evidence == ["E0005"] else None
    sole = entry(evidence=evidence, assumption=None, kept=kept)
    documented = load_register(write(tmp_path, vendors={"zeal": sole}), FACTS)
    problems = check(documented, FACTS)
    assert len(problems) == len(words)
    assert all(word in problem for word, problem in zip(words, problems, strict=True))
    derived = load_register(write(tmp_path, vendors={"zeal": entry(evidence=evidence, kept=kept)}), FACTS)
    assert check(derived, FACTS) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"evidence": ["E0005"]}, "rests on contested facts alone: state neutral"),
        ({"evidence": ["E0003", "E0005"], "neutral": 0.0}, ""),
        ({"evidence": ["E0005"], "kept": "a shape"}, ""),
        ({"evidence": ["E0002", "E0005"]}, ""),
        ({"evidence": ["E0002", "E0005"], "neutral": 0.0}, "does not rest on contested facts alone"),
        ({"evidence": [], "kept": "a shape"}, "does not rest on contested facts alone"),
    ],
)
def test_what_rests_on_contested_facts_alone_says_what_becomes_of_it(tmp_path, fields, words):
    problems = check(load_register(write(tmp_path, vendors={"zeal": entry(**fields)}), FACTS), FACTS)
    assert len(problems) == bool(words)
    assert words in "".join(problems)


def made(number: int, evidence: list[str], assumption: str | None) -> Entry:
    """Return an entry without a file."""
    contested = any(FACTS[name].contested for name in evidence)
    fields = ENTRY | {"evidence": evidence, "assumption": assumption}
    place = {"key": f"vendors.p{number}", "group": "vendors", "name": f"p{number}", "file": "vendors.yaml"}
    return Entry(**fields, **place, contested=contested)


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(sorted(FACTS)), unique=True), st.sampled_from([None, "because"])).filter(
            any
        ),
        max_size=30,
    )
)
def test_counts_and_shares_add_up(drawn):
    entries = [made(number, evidence, assumption) for number, (evidence, assumption) in enumerate(drawn)]
    table = backing(Register({found.key: found for found in entries}), FACTS)
    assert sum(row.count for row in table.rows) == table.total == len(drawn)
    assert sum(table.share(kind) for kind in BACKINGS) == pytest.approx(1.0 if drawn else 0.0)
    assert sum(row.count for row in table.rows if row.contested) == sum(found.contested for found in entries)
    assert table.count("assumed", contested=True) == 0


def test_the_shipped_register_is_sound():
    register, findings = load_register(), load_findings()
    assert check(register, findings) == []
    assert backing(register, findings).total == len(register.entries)
