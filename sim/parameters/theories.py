"""Rival theories: reads `configs/theory/<question>/<name>.yaml`.

A theory answers one question about how deciders decide; it is nothing but values of parameters that stand together,
with what they mean and the literature behind them. Of each question one theory holds in a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from sim.errors import InputError, did_you_mean
from sim.locations import CONFIGS
from sim.parameters.schema import Number, Strict, Text, Texts, first_problem
from sim.parameters.strict_yaml import read_mapping

FOLDER = CONFIGS / "theory"

QUESTIONS: Mapping[str, str] = {
    "choice": "how governments choose suppliers and answer requests",
    "restraint": "why a patron holds its clients back",
    "accusation": "why governments accuse armed groups",
}
"""The questions, in the order in which they are told, and what each is about."""


class _Stated(Strict):
    title: Text
    meaning: Text
    literature: Texts
    parameters: Mapping[str, Number]


@dataclass(frozen=True)
class Theory:
    """One theory: what deciders do under it, and the values of parameters (`group.name`) that it stands for."""

    question: str
    name: str
    title: str
    meaning: str
    literature: tuple[str, ...]
    parameters: Mapping[str, float]

    @property
    def key(self) -> str:
        """The override that chooses it, such as `theory.choice=imitation`."""
        return f"theory.{self.question}={self.name}"


def theories() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the theories of each question, sorted."""
    return {question: tuple(sorted(path.stem for path in (FOLDER / question).glob("*.yaml"))) for question in QUESTIONS}


@cache
def load_theory(question: str, name: str) -> Theory:
    """Return a theory; InputError for an unknown question or name (nearest spelling) or a fault in its file."""
    if question not in QUESTIONS:
        raise InputError(f"theory: there is no {question!r}.{did_you_mean(question, QUESTIONS)} "
                         f"Known: {', '.join(QUESTIONS)}.")  # fmt: skip
    known = theories()[question]
    if name not in known:
        hint = did_you_mean(name, known)
        raise InputError(f"theory.{question}: there is no {name!r}.{hint} Known: {', '.join(known)}.")
    stated = read_stated(_Stated, FOLDER / question / f"{name}.yaml")
    return Theory(question, name, stated.title, stated.meaning, stated.literature, stated.parameters)


def read_stated[T: Strict](schema: type[T], path: Path) -> T:
    """Return the content of a file under `configs/` as its schema has it; InputError that names file and field."""
    try:
        return schema.model_validate(read_mapping(path))
    except ValidationError as error:
        place = path.relative_to(CONFIGS.parent).as_posix() if path.is_relative_to(CONFIGS.parent) else str(path)
        raise InputError(f"{place}: {first_problem(error.errors(), schema.model_fields)}") from None
