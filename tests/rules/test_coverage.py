"""Every numbered mechanism of the documents is accounted for, and what a row of `coverage.csv` claims is so.

A row of kind `rule` or `part` may not be there in name only: without its rule, or at the values that it calls neutral,
runs on the same dice end otherwise.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.kernel.observe import Observations, read_outcomes
from sim.kernel.run import run_block, switches_for
from sim.locations import TABLES
from sim.parameters.register import load_register
from sim.rules.coverage import COLUMNS, COVERAGE, KINDS, Covered, check_names, counts, load_coverage
from sim.rules.schedule import ALWAYS_ON, NAMES, SCHEDULE
from sim.scenario.reader import list_scenarios, load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter

REPLICATIONS = range(4)
SEED = 11
LAST = parse_quarter("2035Q4")
REGISTER = load_register()
SHIPPED = load_coverage()
RULES = [entry for entry in SHIPPED.values() if entry.kind == "rule"]
PARTS = [entry for entry in SHIPPED.values() if entry.kind == "part"]
SWITCHED = [(entry.number, key) for entry in PARTS for key in entry.neutral]


def claimed(document: str) -> set[int]:
    """Return the numbers in the sentence of a docstring that names mechanisms, ranges in full."""
    sentence = re.search(r"\bMechanisms?:? (.+?)\.(?:\s|$)", document, re.DOTALL)
    found: set[int] = set()
    for first, last in re.findall(r"(?<![\w.])(\d+)(?:\s*[-–]\s*(\d+))?", sentence[1] if sentence else ""):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def table(path: Path, *changes: dict[str, str]) -> Path:
    """Write the shipped table with changes to the rows of their number; a change without `kind` drops its row."""
    with COVERAGE.open(encoding="utf-8", newline="") as handle:
        rows = {row["number"]: row for row in csv.DictReader(handle)}
    for change in changes:
        if len(change) == 1:
            del rows[change["number"]]
        else:
            rows[change["number"]] = dict.fromkeys(COLUMNS, "") | change
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())
    return path


@cache
def world() -> World:
    return build_world()


@cache
def observed() -> Observations:
    return Observations.of(world(), read_outcomes(TABLES / "outcomes.yaml"), [])


@cache
def staged(scenario: str, history: str) -> World:
    return stage(world(), load_scenario(scenario), history, 0, LAST)


@cache
def outcomes(
    replication: int,
    scenario: str,
    history: str,
    overrides: tuple[tuple[str, float], ...] = (),
    switched_off: tuple[str, ...] = (),
) -> np.ndarray:
    """Return every outcome of one replication."""
    params = REGISTER.record(dict(overrides))
    ready, switches = staged(scenario, history), switches_for(switched_off)
    return run_block(ready, params, switches, observed(), SEED, np.array([replication]), LAST + 1).outcomes


def differ(one: tuple, other: tuple) -> bool:
    """Whether any of a few replications, each on the same dice, ends otherwise in two settings (see `outcomes`)."""
    return any(not np.array_equal(outcomes(r, *one), outcomes(r, *other), equal_nan=True) for r in REPLICATIONS)


def test_every_mechanism_is_accounted_for() -> None:
    assert list(SHIPPED) == list(range(1, 145))
    assert sum(counts(SHIPPED).values()) == 144
    assert list(counts(SHIPPED)) == list(KINDS)


def test_rows_name_rules_and_scenarios_that_there_are() -> None:
    check_names(SHIPPED, NAMES, tuple(list_scenarios()))


@pytest.mark.parametrize("rule", SCHEDULE, ids=lambda rule: rule.NAME)
def test_a_mechanism_that_a_rule_names_leads_back_to_it(rule) -> None:
    lost = [number for number in claimed(rule.__doc__) if rule.NAME not in SHIPPED[number].rules]
    assert lost == [], f"{rule.NAME} names mechanisms whose rows do not name it"


@pytest.mark.parametrize("entry", [*RULES, *PARTS], ids=lambda entry: str(entry.number))
def test_a_mechanism_that_is_there_is_named_by_one_of_its_rules(entry: Covered) -> None:
    documents = [rule.__doc__ for rule in SCHEDULE if rule.NAME in entry.rules]
    assert any(entry.number in claimed(document) for document in documents)


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: str(entry.number))
def test_without_its_rule_runs_end_otherwise(entry: Covered) -> None:
    rule = entry.rules[0]
    assert rule not in ALWAYS_ON
    assert any(differ(("baseline", history), ("baseline", history, (), (rule,))) for history in ("replay", "free"))


@pytest.mark.parametrize(("number", "key"), SWITCHED, ids=str)
def test_at_a_neutral_value_runs_end_otherwise(number: int, key: str) -> None:
    neutral = SHIPPED[number].neutral[key]
    assert neutral != REGISTER.find(key).value
    setting = dict(REGISTER.find(key).moves.setting)
    scenario, history = str(setting.pop("scenario", "baseline")), str(setting.pop("history", "replay"))
    others = tuple((name, float(value)) for name, value in setting.items() if name != key)
    assert differ((scenario, history, others), (scenario, history, (*others, (key, neutral))))


@pytest.mark.parametrize("entry", PARTS, ids=lambda entry: str(entry.number))
def test_neutral_values_can_be_set_together_and_belong_to_the_rules_named(entry: Covered) -> None:
    REGISTER.record(entry.neutral)
    rules = {rule.NAME: Path(rule.__file__).read_text(encoding="utf-8") for rule in SCHEDULE}
    for key in entry.neutral:
        owner = next(name for name in NAMES if name.rpartition("/")[2] == key.partition(".")[0])
        readers = {name for name, source in rules.items() if f"params.{key}" in source}
        assert {owner, *readers} & set(entry.rules), f"{key} is read by no rule of the row"


def test_claims_are_read_from_a_docstring() -> None:
    text = "Rule.\n\nMechanisms 1-4, 6 and 12 (through E0100, law); more (21) comes\nlater. Evidence: E0044, 99.\n"
    assert claimed(text) == {1, 2, 3, 4, 6, 12, 21}
    assert claimed("Mechanism 28. Evidence: E0209-E0211.") == {28}
    assert claimed("Mechanisms: the what-ifs. 7 of them.") == set()
    assert claimed("No word of it.") == set()


def test_a_parameter_that_nothing_feels_is_found_out() -> None:
    """While no part of a bundle is a condition of another, the weight of the condition is there in name only."""
    weightless = (("bundles.conditionality", 0.0), ("bundles.weight_condition", 0.0))
    assert not differ(("baseline", "free"), ("baseline", "free", weightless))


def test_a_renamed_rule_is_found_out() -> None:
    renamed = tuple(name.replace("tenders", "auctions") for name in NAMES)
    with pytest.raises(InputError, match="there is no rule 'technology/tenders'"):
        check_names(SHIPPED, renamed, ())


def test_what_was_planned_and_is_there_now_is_found_out(tmp_path: Path) -> None:
    planned = {"number": "5", "kind": "later", "rules": "technology/vendors; technology/stacks", "reason": "to come"}
    path = table(tmp_path / "coverage.csv", planned)
    check_names(load_coverage(path), NAMES, tuple(list_scenarios()))
    with pytest.raises(InputError, match="mechanism 5: is planned, but technology/vendors, technology/stacks is there"):
        check_names(load_coverage(path), (*NAMES, "technology/stacks"), ())


def test_an_unknown_scenario_gets_a_hint(tmp_path: Path) -> None:
    path = table(tmp_path / "c.csv", {"number": "24", "kind": "scenario", "scenario": "vendor_outrage"})
    with pytest.raises(InputError, match=r"mechanism 24: there is no scenario .*Did you mean 'vendor_outage'\?"):
        check_names(load_coverage(path), NAMES, tuple(list_scenarios()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": "7"}, "number 8 where 7 is due"),
        ({"number": "144"}, "mechanism 144 is not accounted for"),
        ({"number": "2", "kind": "parts"}, "Did you mean 'part'?"),
        ({"number": "2", "kind": "part", "rules": "technology/tenders"}, "a row of kind 'part' needs neutral"),
        ({"number": "2", "kind": "rule"}, "a row of kind 'rule' needs rules"),
        ({"number": "2", "kind": "later", "rules": "cooperation/routes"}, "a row of kind 'later' needs reason"),
        ({"number": "2", "kind": "left_out"}, "a row of kind 'left_out' needs reason"),
        ({"number": "2", "kind": "rule", "rules": "a/b", "neutral": "x=0"}, "a row of kind 'rule' has no neutral"),
        ({"number": "2", "kind": "part", "rules": "a/b", "neutral": "x"}, "neutral says 'x', not parameter=value"),
        ({"number": "2", "kind": "part", "rules": "a/b", "neutral": "x=nan"}, "neutral says 'x=nan'"),
        ({"number": "2", "kind": "part", "rules": "a/b", "neutral": "=1"}, "neutral says '=1'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: dict[str, str], words: str) -> None:
    path = table(tmp_path / "coverage.csv", change)
    with pytest.raises(InputError) as caught:
        load_coverage(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_number_that_no_mechanism_has_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "c.csv", {"number": "145", "kind": "left_out", "reason": "none"})
    with pytest.raises(InputError, match="there is no mechanism 145; they are numbered 1 to 144"):
        load_coverage(path)
