"""`steppe list` and `steppe show` of theories and worldviews."""

from __future__ import annotations

import json

import pytest

from sim.cli import main
from sim.parameters.theories import QUESTIONS, theories
from sim.parameters.worldviews import worldviews


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_theories_are_listed_by_question_and_worldviews_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(shown(capsys, "list", "theories", "--json"))["theories"]
    assert [row["name"] for row in listed] == [f"{q}.{name}" for q in QUESTIONS for name in theories()[q]]
    assert shown(capsys, "list", "theory") == shown(capsys, "list", "theories")
    views = json.loads(shown(capsys, "list", "worldview", "--json"))["worldviews"]
    assert [row["name"] for row in views] == list(worldviews())


@pytest.mark.parametrize("name", ["imitation", "choice.imitation", "theory.choice.imitation", "Imitation"])
def test_a_theory_is_shown_with_what_it_sets_and_its_literature(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "show", "theory", name)
    assert "choice.imitation  (theory)" in out
    assert "tenders.theory: 2" in out
    assert "chosen by: theory.choice=imitation" in out
    assert "DiMaggio" in out


def test_a_worldview_is_shown_with_what_it_holds_drops_keeps_and_sets(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(shown(capsys, "show", "worldview", "surveillance_models", "--json"))
    assert answer["drops"]["tenders.weight_sanction"] == "0 in place of 1.5"
    assert "tenders.weight_motive" not in answer["drops"], "its own claim"
    assert answer["sets"]["bundles.conditionality"].startswith("1, line 16: ")
    assert answer["keeps without their claim"]["migrants.rate_fade"]
    assert "E0799" in answer["claims held"]
    assert "E0214" in answer["claims dropped"]
    assert not set(answer["claims held"]) & set(answer["claims dropped"])
    assert "claims dropped" not in shown(capsys, "show", "worldview", "all")
    assert "claims held" not in shown(capsys, "show", "cautious")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("theory", "imitating"), "there is no 'imitating' among the theories. Did you mean 'choice.imitation'?"),
        (("worldview", "rusi_soc"), "there is no 'rusi_soc' among the worldviews. Did you mean 'rusi_sco'?"),
    ],
)
def test_what_there_is_not_is_refused(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", *words]) == 2
    assert message in capsys.readouterr().err
