"""Facts, actors and mechanisms of the five documents as frozen typed records.

The tables lie beside this file: `findings.csv`, `actors.csv`, `mechanisms.csv`. Each is read once and cached. A
malformed row raises `InputError` naming the file, the line of the file, and the column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from sim.errors import InputError
from sim.evidence.rows import Row, one_of, parts_of, rows_of, text, whole

FOLDER = Path(__file__).resolve().parent
FINDINGS = FOLDER / "findings.csv"
ACTORS = FOLDER / "actors.csv"
MECHANISMS = FOLDER / "mechanisms.csv"

Confidence = Literal["high", "medium", "low"]
GRADES: tuple[Confidence, ...] = ("high", "medium", "low")
KINDS = ("claim", "mechanism", "date", "quantity", "event", "relation")
ACTOR_TYPES = ("state", "firm", "organisation", "militant_group", "programme", "person", "persons")

# fmt: off
FINDING_COLUMNS = (
    "id", "document", "paragraph", "kind", "claim", "figure", "unit", "year", "actors", "mechanism", "contested",
    "confidence", "note",
)
# fmt: on
ACTOR_COLUMNS = ("name", "type", "aliases", "documents", "role")
MECHANISM_COLUMNS = ("number", "title", "keys", "section", "sentence")


@dataclass(frozen=True)
class Finding:
    """One fact of one document, in our own words, with the line where it stands."""

    id: str
    """`E` and four digits."""
    document: str
    """File name of the document, e.g. `000_5fcbee48dc253343.txt`."""
    paragraph: int
    """Line of the document, counted from 1."""
    kind: str
    """claim, mechanism, date, quantity, event or relation."""
    claim: str
    """What the document says, in our own words."""
    figure: str
    """The number or date as it stands in that line; empty where there is none."""
    unit: str
    """Unit of the figure; empty where there is no figure or the figure is a name."""
    year: int | None
    """Year that the fact is about, where it has one."""
    actors: tuple[str, ...]
    """Names as in `actors.csv`."""
    mechanism: str
    """Key of the mechanism, or a label of events and context that no mechanism has."""
    contested: bool
    """Whether the fact is disputed, partisan or speculative."""
    confidence: Confidence
    """Grade of the fact: high, medium or low."""
    note: str
    """Caveat, or empty."""

    @property
    def citation(self) -> str:
        """Document and line as in the mechanisms' sources, e.g. `000:85`."""
        return f"{self.document.partition('_')[0]}:{self.paragraph}"


@dataclass(frozen=True)
class Actor:
    """A state, firm, organisation, militant group, programme or person, or persons by origin area, of the documents."""

    name: str
    type: str
    aliases: tuple[str, ...]
    documents: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Mechanism:
    """One mechanism that the documents describe."""

    number: int
    title: str
    keys: tuple[str, ...]
    """Values of `Finding.mechanism` that belong to it; a key may belong to two mechanisms."""
    section: str
    """Heading under which it stands, e.g. `Technology dependence`."""
    sentence: str
    """What happens and why, in our own words."""


def load_findings(path: Path = FINDINGS) -> Mapping[str, Finding]:
    """Return all facts by id, in the order of the file; raise InputError on a malformed row."""
    return _findings(path)


def load_actors(path: Path = ACTORS) -> Mapping[str, Actor]:
    """Return all actors by name; raise InputError on a malformed row or a name or alias that stands twice."""
    return _actors(path)


def load_mechanisms(path: Path = MECHANISMS) -> Mapping[int, Mechanism]:
    """Return all mechanisms by number; raise InputError on a malformed row or a gap in the numbering."""
    return _mechanisms(path)


@cache
def _findings(path: Path) -> Mapping[str, Finding]:
    found: dict[str, Finding] = {}
    for place, row in rows_of(path, FINDING_COLUMNS):
        finding = _finding(place, row)
        if finding.id in found:
            raise InputError(f"{place}: the id {finding.id!r} stands twice.")
        found[finding.id] = finding
    return MappingProxyType(found)


@cache
def _actors(path: Path) -> Mapping[str, Actor]:
    found: dict[str, Actor] = {}
    taken: dict[str, str] = {}
    for place, row in rows_of(path, ACTOR_COLUMNS):
        actor = Actor(
            name=text(place, row, "name"),
            type=one_of(place, row, "type", ACTOR_TYPES),
            aliases=parts_of(row["aliases"]),
            documents=parts_of(row["documents"]),
            role=text(place, row, "role"),
        )
        for name in (actor.name, *actor.aliases):
            if name.casefold() in taken:
                raise InputError(f"{place}: the name {name!r} already stands for {taken[name.casefold()]!r}.")
            taken[name.casefold()] = actor.name
        found[actor.name] = actor
    return MappingProxyType(found)


@cache
def _mechanisms(path: Path) -> Mapping[int, Mechanism]:
    found: dict[int, Mechanism] = {}
    for place, row in rows_of(path, MECHANISM_COLUMNS):
        number = whole(place, row, "number")
        if number != len(found) + 1:
            raise InputError(f"{place}: number {number} where {len(found) + 1} is due.")
        keys = parts_of(row["keys"])
        if not keys:
            raise InputError(f"{place}: keys is empty.")
        title, section, sentence = (text(place, row, column) for column in ("title", "section", "sentence"))
        found[number] = Mechanism(number, title, keys, section, sentence)
    return MappingProxyType(found)


def _finding(place: str, row: Row) -> Finding:
    identity = text(place, row, "id")
    if not re.fullmatch(r"E\d{4}", identity):
        raise InputError(f"{place}: the id {identity!r} is not E and four digits.")
    return Finding(
        id=identity,
        document=text(place, row, "document"),
        paragraph=whole(place, row, "paragraph"),
        kind=one_of(place, row, "kind", KINDS),
        claim=text(place, row, "claim"),
        figure=row["figure"],
        unit=row["unit"],
        year=whole(place, row, "year") if row["year"] else None,
        actors=parts_of(row["actors"]),
        mechanism=text(place, row, "mechanism"),
        contested=one_of(place, row, "contested", ("yes", "no")) == "yes",
        confidence=cast(Confidence, one_of(place, row, "confidence", GRADES)),
        note=row["note"],
    )
