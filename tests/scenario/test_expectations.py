"""Expectations in scenario files: what is wrong is named, and what is shipped rests on lines of the register."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.locations import TABLES
from sim.report.set_by_scenario import set_by_scenario
from sim.scenario.expectations import Expectation, check_expectations, parse_expectations
from sim.scenario.reader import list_scenarios, load_scenario
from tests.evidence.test_wording import COMMUNITY

ENTRY = {"outcome": "dependence_china.KGZ", "change": "falls", "says": "It is said to fall.", "source": "000:91"}
HEAD = "name: mine\ntitle: Mine\nquestion: What if?\nbase: vendor_outage\ntag: analyst\nsource: a test\n"
SHIPPED = [(name, one) for name in list_scenarios() for one in load_scenario(name).expects]


def parsed(**changes: object) -> tuple[Expectation, ...]:
    entry = {key: value for key, value in (ENTRY | changes).items() if value is not None}
    return parse_expectations([entry], "mine.yaml", "baseline", ["baseline", "idlib_falls"])


def test_an_expectation_is_set_against_the_base_or_whom_it_names() -> None:
    assert parsed() == (Expectation(*ENTRY.values(), against="baseline"),)
    assert parsed(against="idlib_falls")[0].against == "idlib_falls"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"change": "fall"}, "change: write rises, falls or holds. Did you mean 'falls'?"),
        ({"outcom": "x"}, "unknown key 'outcom'. Did you mean 'outcome'?"),
        ({"says": None}, "says is missing."),
        ({"outcome": 3}, "outcome: must be text, not 3."),
        ({"source": "000:91 and more"}, "source: write document and line, such as 000:91, not '000:91 and more'."),
        ({"against": "idlib_fall"}, "against: there is no scenario 'idlib_fall'. Did you mean 'idlib_falls'?"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as error:
        parsed(**changes)
    assert str(error.value) == f"mine.yaml: expects[0]: {words}"


def test_without_a_base_it_has_to_say_what_it_is_set_against() -> None:
    with pytest.raises(InputError, match=r"mine\.yaml: expects\[0\]: against: a scenario without a base"):
        parse_expectations([ENTRY], "mine.yaml", None, ["baseline"])


def test_an_outcome_that_there_is_not_is_met_with_the_nearest() -> None:
    words = r"mine\.yaml: expects\[0\]: outcome: there is no outcome 'dependence_china\.KGZ'\. Did you mean '.*KAZ'\?"
    with pytest.raises(InputError, match=words):
        check_expectations({"mine.yaml": parsed()}, ["dependence_china.KAZ", "gifts"])
    check_expectations({"mine.yaml": parsed()}, ["dependence_china.KGZ"])


def test_a_scenario_has_its_own_expectations_and_injects_and_not_those_of_its_base(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    entry = ", ".join(f"{key}: '{value}'" for key, value in ENTRY.items())
    path.write_text(f"{HEAD}expects: [{{{entry}}}]\ninjects: [{{kind: tension, start: 2025Q1, strength: 0.5}}]\n")
    mine = load_scenario(str(path))
    assert [(one.outcome, one.against) for one in mine.expects] == [("dependence_china.KGZ", "vendor_outage")]
    assert [entry["kind"] for _, entry in mine.own] == ["tension"]
    assert [entry["kind"] for _, entry in mine.injects] == ["outage", "tension"]


def test_every_shipped_expectation_names_lines_of_which_the_register_has_a_fact() -> None:
    known = {line for fact in load_findings().values() for line in re.findall(r"\d{3}:\d+", fact.citation)}
    assert SHIPPED
    missing = {f"{name}: {line}" for name, one in SHIPPED for line in one.source.split(", ") if line not in known}
    assert missing == set()


def test_nobody_expects_what_the_scenario_sets_itself() -> None:
    set_by = set_by_scenario(list_scenarios(), TABLES)
    assert [f"{name}: {one.outcome}" for name, one in SHIPPED if one.outcome in set_by[name]] == []


def test_words_of_scenarios_speak_of_no_community() -> None:
    texts = [(name, one.says) for name, one in SHIPPED]
    texts += [(n, f"{s.title} {s.question} {s.expected}") for n in list_scenarios() if (s := load_scenario(n))]
    assert [found for found in texts if COMMUNITY.search(found[1])] == []
