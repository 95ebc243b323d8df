"""Worldviews: reads `configs/worldview/<name>.yaml`, and says which claims each holds and which it drops.

The documents are compilations; each article in them makes contested claims. A worldview holds all of these, none, or
those of one article. What rests on claims that it drops alone loses them: a parameter all of whose facts are contested,
and none of them held, takes its neutral value, where it states one (`sim/parameters/schema.py`). Where articles
contradict each other, a worldview sets parameters itself, and says by which line of its article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim.errors import InputError, did_you_mean
from sim.evidence.loader import Finding
from sim.locations import CONFIGS
from sim.parameters.schema import Entry, Number, Strict, Text
from sim.parameters.theories import read_stated

if TYPE_CHECKING:
    from sim.parameters.register import Register

FOLDER = CONFIGS / "worldview"

ALL = "all"
"""The worldview of the register as it stands."""


class Article(Strict):
    """One article of a document."""

    document: Text
    """The first three figures of the document's file name."""
    lines: list[int] = Field(min_length=2, max_length=2)
    """First and last line, counted from 1."""
    author: Text
    published: Text

    def holds(self, fact: Finding) -> bool:
        """Return whether a fact stands in the article."""
        return fact.document.startswith(self.document) and self.lines[0] <= fact.paragraph <= self.lines[1]


class _Stated(Strict):
    title: Text
    meaning: Text
    holds: Literal["all", "none", "article"]
    article: Article | None = None
    parameters: Mapping[str, Number] = {}
    says: Mapping[str, Text] = {}


@dataclass(frozen=True)
class Worldview:
    """What is held to be true of what the documents contest."""

    name: str
    title: str
    meaning: str
    holds_all: bool
    article: Article | None
    """The article whose contested claims alone are held, if any."""
    parameters: Mapping[str, float]
    """Values (`group.name`) that it sets itself."""
    says: Mapping[str, str]
    """For each of them the line of the article and what it says."""

    def holds(self, fact: Finding) -> bool:
        """Return whether a fact is held: whatever is not contested is."""
        return self.holds_all or not fact.contested or (self.article is not None and self.article.holds(fact))

    def dropped(self, register: Register, findings: Mapping[str, Finding]) -> tuple[str, ...]:
        """Return the parameters that rest on nothing that is held, sorted, but for those that it sets itself."""
        return tuple(
            key
            for key, entry in register.entries.items()
            if rests_on_contested_alone(entry, findings)
            and not any(self.holds(findings[identity]) for identity in entry.evidence)
            and key not in self.parameters
        )


def rests_on_contested_alone(entry: Entry, findings: Mapping[str, Finding]) -> bool:
    """Return whether the entry cites facts, and each of them is contested."""
    return bool(entry.evidence) and all(findings[identity].contested for identity in entry.evidence)


def worldviews() -> tuple[str, ...]:
    """Return the names of the worldviews, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def load_worldview(name: str) -> Worldview:
    """Return a worldview; InputError for an unknown name (nearest spelling) or a fault in its file."""
    known = worldviews()
    if name not in known:
        raise InputError(f"worldview: there is no {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}.")
    stated = read_stated(_Stated, FOLDER / f"{name}.yaml")
    place = f"configs/worldview/{name}.yaml"
    if (stated.article is not None) != (stated.holds == "article"):
        raise InputError(f"{place}: holds: article and the key article go together.")
    if set(stated.parameters) != set(stated.says):
        odd = sorted(set(stated.parameters) ^ set(stated.says))[0]
        raise InputError(f"{place}: {odd} has to stand under parameters and, with its line, under says.")
    return Worldview(
        name,
        stated.title,
        stated.meaning,
        stated.holds == "all",
        stated.article,
        stated.parameters,
        stated.says,
    )
