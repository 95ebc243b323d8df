"""Rival theories: what is shipped, and that each names parameters that there are."""

from __future__ import annotations

from itertools import product

import pytest

from sim.errors import InputError
from sim.parameters import theories as module
from sim.parameters.register import load_register
from sim.parameters.theories import QUESTIONS, Theory, load_theory, theories

SHIPPED = {
    "choice": ("imitation", "random_utility", "satisficing"),
    "restraint": ("ideology", "principal_agent", "reputation"),
    "accusation": ("diversion", "evidence", "mixture", "quota"),
}
EVERY = [(question, name) for question, names in SHIPPED.items() for name in names]


def test_there_are_rivals_to_each_question() -> None:
    assert dict(theories()) == SHIPPED
    assert tuple(QUESTIONS) == tuple(SHIPPED)


@pytest.mark.parametrize(("question", "name"), EVERY)
def test_a_theory_is_told_with_its_literature_and_sets_values_within_their_ranges(question: str, name: str) -> None:
    theory = load_theory(question, name)
    assert theory.key == f"theory.{question}={name}"
    assert 2 <= theory.meaning.count(". ") + 1 <= 4
    assert theory.literature
    assert all(reference.count(",") >= 3 and "(" in reference for reference in theory.literature)
    load_register().record(theory.parameters)


@pytest.mark.parametrize("question", ["choice", "restraint"])
def test_theories_of_a_question_set_the_same_parameters_otherwise(question: str) -> None:
    rivals = [load_theory(question, name) for name in SHIPPED[question]]
    assert len({tuple(theory.parameters) for theory in rivals}) == 1
    assert len({tuple(theory.parameters.values()) for theory in rivals}) == len(rivals)


def test_a_theory_of_accusation_is_the_whole_of_its_mixture() -> None:
    for name in ("evidence", "diversion", "quota"):
        shares = load_theory("accusation", name).parameters
        assert shares[f"accusation.mix_{name}"] == 1.0
        assert sum(shares.values()) == 1.0
    assert load_theory("accusation", "mixture").parameters == {}, "its shares are the register's, to be swept"


def test_questions_share_no_parameter_and_theories_no_name() -> None:
    found: list[Theory] = [load_theory(*pair) for pair in EVERY]
    for one, other in product(found, found):
        if one.question != other.question:
            assert not set(one.parameters) & set(other.parameters)
            assert one.name != other.name


@pytest.mark.parametrize(
    ("question", "name", "words"),
    [
        (
            "choice",
            "satisfice",
            "theory.choice: there is no 'satisfice'. Did you mean 'satisficing'? Known:",
        ),
        ("choise", "imitation", "theory: there is no 'choise'. Did you mean 'choice'?"),
    ],
)
def test_what_there_is_not_is_refused(question: str, name: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load_theory(question, name)
    assert words in str(caught.value)


def test_a_fault_in_a_file_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "choice").mkdir()
    text = "title: Mine\nmeaning: So.\nliterature: [One]\nparameters: {}\nparameter: {tenders.theory: 0}\n"
    (tmp_path / "choice" / "mine.yaml").write_text(text)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=r"mine.yaml: unknown field 'parameter'. Did you mean 'parameters'"):
        load_theory("choice", "mine")
