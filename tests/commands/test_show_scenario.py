"""`steppe show scenario`: what differs from the base, in words, and nothing else."""

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.words import entry_in_words

HEAD = "title: Mine\nquestion: What if?\ntag: document\nsource: '000:85'\n"
BASE = """name: under
expected: All is lost.
injects:
  - {kind: outage, firm: Huawei, start: 2025Q1, end: 2025Q3, strength: 0.8}
  - {kind: tension, start: 2025Q1, strength: 0.5}
parameters: {tenders.turnover: 0.3, tenders.concession: 0.2}
strategies:
  - {actor: RUS, budget: 1, orders: [{act: join, institution: SCO, start: 2025Q1}]}
"""
MINE = """name: mine
base: under.yaml
expected: Half of it is saved.
injects:
  - {kind: outage, firm: Huawei, start: 2025Q1, for: 1 year, strength: 0.4}
parameters: {tenders.turnover: 0.9, tenders.concession: 0.2}
strategies:
  - {actor: KAZ, budget: 2, orders: [{act: leave, institution: SCO, when: politics.tension > 0.5, cost: 2}]}
"""


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["show", *arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def mine(tmp_path: Path) -> str:
    (tmp_path / "under.yaml").write_text(HEAD + BASE, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(HEAD + MINE, encoding="utf-8")
    return str(tmp_path / "mine.yaml")


def test_what_is_its_own_is_shown_and_what_it_displaces(capsys: pytest.CaptureFixture[str], mine: str) -> None:
    told = json.loads(shown(capsys, "scenario", mine, "--json"))
    assert (told["question"], told["expected"], told["source"]) == (
        "What if?",
        "Half of it is saved.",
        "000:85 (document)",
    )
    words = "outage, firm Huawei, from 2025Q1, {}, strength {} (this share of the firm's equipment fails)"
    assert told["injects"] == {"injects[0]": words.format("for 1 year", "0.4")}
    assert told["they take the place of"] == {"under.yaml: injects[0]": words.format("until 2025Q3", "0.8")}
    assert told["parameters"] == {"tenders.turnover": "0.3 → 0.9"}
    assert told["strategies"] == {
        "strategies[0]": "KAZ, 2 points a quarter",
        "strategies[0].orders[0]": "leave, institution SCO, when politics.tension > 0.5, cost 2 "
        "(the state leaves the institution)",
    }


LEVERS = "levers:\n  hit: {value: 0.5, low: 0.0, high: 1.0, unit: 0-1, meaning: how much fails}\n"
DRIVEN = "injects: [{kind: outage, firm: Huawei, start: 2025Q1, end: 2025Q3, strength: hit}]\n"


def test_levers_are_shown_with_value_range_meaning_and_what_they_set(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    under, path = tmp_path / "under.yaml", tmp_path / "mine.yaml"
    under.write_text(f"name: under\n{HEAD}{LEVERS}{DRIVEN}", encoding="utf-8")
    path.write_text(f"name: mine\nbase: under.yaml\n{HEAD}levers: {{hit: {{value: 0.2}}}}\n", encoding="utf-8")
    told = json.loads(shown(capsys, "scenario", str(under), "--json"))
    assert told["levers"] == {"hit": "0.5 (0 to 1) 0-1: how much fails; sets injects[0]"}
    words = "outage, firm Huawei, from 2025Q1, until 2025Q3, strength 0.5, set by the lever hit (this share of"
    assert told["injects"]["injects[0]"].startswith(words)
    told = json.loads(shown(capsys, "scenario", str(path), "--json"))
    assert told["levers"] == {"hit": "0.2 (0 to 1) 0-1: how much fails; sets under.yaml: injects[0]"}


def test_a_shipped_lever_is_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    name = "western_sanctions.severity"
    assert main(["list", "levers"]) == 0
    listed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert listed[name].startswith("0.8 (0 to 1) 0-1: how hard")
    told = json.loads(shown(capsys, "lever", name, "--json"))
    assert (told["low"], told["value"], told["high"]) == (0.0, 0.8, 1.0)
    assert list(told["sets"]) == [f"western_sanctions.yaml: injects[{i}]" for i in range(3)]


def test_text_says_the_same_as_json(capsys: pytest.CaptureFixture[str], mine: str) -> None:
    text = " ".join(shown(capsys, mine).split())
    told = json.loads(shown(capsys, mine, "--json"))
    for key in ("injects", "they take the place of", "parameters", "strategies"):
        for place, words in told[key].items():
            assert f"{place}: {words}" in text
    assert "tension" not in told["injects"]
    assert "RUS" not in text


def test_the_baseline_differs_in_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "scenario", "baseline")
    assert "differs: in nothing; other scenarios are set against it\n" in text
    assert "injects" not in text


def test_a_parameter_is_set_against_the_register_where_the_base_leaves_it_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(HEAD + "name: alone\nbase: baseline\nparameters: {tenders.weight_price: 0.5}\n", encoding="utf-8")
    usual = json.loads(shown(capsys, "parameter", "tenders.weight_price", "--json"))["value"]
    assert json.loads(shown(capsys, str(path), "--json"))["parameters"] == {"tenders.weight_price": f"{usual:g} → 0.5"}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"kind": "tension", "start": "2025Q1", "strength": 0.5}, "tension, from 2025Q1 on, strength 0.5"),
        (
            {"kind": "join", "institution": "SCO", "state": "TKM", "start": "2025Q1"},
            "institution SCO, state TKM, in 2025Q1",
        ),
        (
            {
                "kind": "tension",
                "when": ["a > 1", "b < 2"],
                "from": "2020Q1",
                "by": "2021Q1",
                "for": 8,
                "times": 2,
                "until": "c > 3",
                "strength": 0.5,
            },
            "tension, when a > 1 and b < 2, counted from 2020Q1 up to 2021Q1, for 8 quarters, until c > 3, "
            "at most 2 times, strength 0.5",
        ),
        (
            {"kind": "tension", "when": "a > 1", "by": "2021Q1", "strength": 0.5},
            "when a > 1, counted up to 2021Q1, strength",
        ),
    ],
)
def test_an_inject_in_words(entry: dict, words: str) -> None:
    assert words in entry_in_words(entry, "mine.yaml: injects[0]")
