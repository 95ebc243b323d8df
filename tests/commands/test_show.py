"""`steppe show`: mechanisms and where they stand, injects, and names in other spellings."""

from __future__ import annotations

import json

import pytest

from sim.cli import main
from sim.commands.tables import outcomes_declared, states_of_outcome
from sim.ensemble.observed import observations_of
from sim.evidence.loader import load_mechanisms
from sim.parameters.register import load_register
from sim.rules.coverage import KINDS, counts, load_coverage
from sim.world.build import build_world
from sim.world.injects import KINDS as INJECTS


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_coverage_lists_every_mechanism_and_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "show", "coverage")
    for number, entry in load_coverage().items():
        assert f"{number:>3}. {load_mechanisms()[number].title}  ({entry.kind.replace('_', ' ')})\n" in out
    listed, counted = out.split("\n144 mechanisms:\n")
    assert "tenders.weight_gap=0" in listed
    assert len(counted.strip().splitlines()) == len(KINDS)


def test_coverage_as_json_says_where_each_stands(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(shown(capsys, "show", "coverage", "--json"))
    assert answer["counts"] == counts(load_coverage())
    assert [row["number"] for row in answer["coverage"]] == list(range(1, 145))
    for row in answer["coverage"]:
        entry = load_coverage()[row["number"]]
        assert (row["kind"], row["rules"], row["neutral"]) == (entry.kind, list(entry.rules), dict(entry.neutral))
        assert row["title"] == load_mechanisms()[row["number"]].title
        assert row["rules"] or row["scenario"] or row["reason"]


def test_a_mechanism_is_shown_with_its_rules_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "show", "mechanism", "2")
    assert "Infrastructure gap" in out
    assert "technology/tenders" in out
    assert "tenders.weight_gap: 0" in out
    assert "E0097" in out
    assert shown(capsys, "show", "2") == out
    answer = json.loads(shown(capsys, "show", "mechanism", "2", "--json"))
    assert (answer["name"], answer["coverage"], answer["neutral"]) == ("2", "part", {"tenders.weight_gap": 0.0})


def test_every_mechanism_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(shown(capsys, "list", "mechanisms", "--json"))["mechanisms"]
    assert [entry["name"] for entry in listed] == [str(number) for number in range(1, 145)]


def test_rules_and_parameters_lead_to_their_mechanisms(capsys: pytest.CaptureFixture[str]) -> None:
    assert "28 Policy displacement" in shown(capsys, "show", "rule", "technology/displacement")
    assert "2 Infrastructure gap" in shown(capsys, "show", "parameter", "tenders.weight_gap")


@pytest.mark.parametrize(
    "words",
    [
        ("rule", "technology.displacement"),
        ("rule", "displacement"),
        ("technology.displacement",),
        ("displacement",),
        ("Displacement",),
    ],
)
def test_a_rule_goes_by_several_spellings(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    usual = shown(capsys, "show", "rule", "technology/displacement", "--json")
    assert shown(capsys, "show", *words, "--json") == usual


def test_an_outcome_of_one_state_is_shown_as_that_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    usual = shown(capsys, "show", "outcome", "dependence_china")
    assert shown(capsys, "show", "outcome", "dependence_china.KAZ") == usual
    assert shown(capsys, "show", "dependence_china.KAZ") == usual
    assert "map_dependence_china" in shown(capsys, "show", "outcome", "map_dependence_china.RUS")


def test_the_states_of_every_outcome_make_up_the_columns_of_results() -> None:
    columns = observations_of(build_world(), ()).outcome_names
    full = [[f"{name}.{iso}" for iso in states_of_outcome(name)] or [name] for name in outcomes_declared()]
    assert tuple(name for names in full for name in names) == columns


def test_an_outcome_of_many_states_is_listed_as_such_and_shown_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.split()[0] for line in shown(capsys, "list", "outcomes").splitlines()]
    assert {"dependence_china.<state>", "map_returned.<state>", "gifts"} <= set(lines)
    rows = {row["name"]: row for row in json.loads(shown(capsys, "list", "outcomes", "--json"))["outcomes"]}
    assert rows["dependence_china"]["form"] == "dependence_china.<state>"
    assert "form" not in rows["gifts"]
    out = shown(capsys, "show", "outcome", "dependence_china.<state>")
    assert "full name: dependence_china.<state>\none for each of: KAZ, KGZ, TJK, UZB, TKM\n" in out
    answer = json.loads(shown(capsys, "show", "outcome", "map_returned", "--json"))
    assert "RUS" in answer["one for each of"]
    assert "CHN" not in answer["one for each of"]
    assert "one for each of" not in shown(capsys, "show", "outcome", "gifts")


def test_every_outcome_that_a_parameter_moves_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for moved in {entry.moves.outcome.partition(".")[0] for entry in load_register().entries.values()}:
        assert shown(capsys, "show", "outcome", moved).startswith(f"{moved}  (outcome)")


def test_an_inject_is_shown_with_what_it_names_its_range_and_how_long_it_lasts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    price = json.loads(shown(capsys, "show", "inject", "price", "--json"))
    assert (price["names"], price["low"], price["high"]) == ({"home": "one of the homes"}, -0.9, 1.0)
    assert price["lasts"] == "held from start until end"
    assert price["keys in a scenario"] == ["kind", "home", "start", "end", "strength"]
    join = json.loads(shown(capsys, "show", "inject", "join", "--json"))
    assert join["lasts"].startswith("once")
    assert join["keys in a scenario"] == ["kind", "institution", "state", "start"]
    assert len(shown(capsys, "list", "injects").splitlines()) == len(INJECTS) - 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "covrage"], "Did you mean 'coverage'?"),
        (["show", "mechanism", "145"], "there is no '145' among the mechanisms. Numbers run 1 to 144."),
        (["show", "E0213"], "'E0213' is the id of a fact: `steppe evidence E0213` shows it."),
        (["show", "fact", "e0213"], "`steppe evidence E0213` shows it."),
        (["show", "outcome", "dependence_china.XXX"], "Did you mean 'dependence_china'?"),
        (["show", "outcome", "dependence_china.USA"], "there is no 'dependence_china.USA' among the outcomes."),
        (["show", "outcome", "map_returned.CHN"], "there is no 'map_returned.CHN' among the outcomes."),
        (["show", "outcome", "gifts.<state>"], "there is no 'gifts.<state>' among the outcomes."),
        (["show", "outcome", "gifts.KAZ"], "there is no 'gifts.KAZ' among the outcomes."),
        (["show", "rule", "xyzzy"], "there is no 'xyzzy' among the rules.\n"),
        (["show", "mechanism"], "steppe show mechanism needs a name"),
        (["list", "mechanism", "12"], "takes one kind"),
        (["list", "mecanisms"], "Did you mean 'mechanisms'?"),
    ],
)
def test_bad_input_names_the_nearest_spelling(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
