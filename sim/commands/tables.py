"""What `steppe list` and `steppe show` tell of a kind of thing, and of rows of the world's tables with their facts."""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from sim.locations import TABLES

_WIDTH = 110

Detail = dict[str, Any]
Line = Mapping[str, str]
"""A row of a table: its cells by column."""


@dataclass(frozen=True)
class Kind:
    """A kind of thing: what it is, the line that each gets in a list, and what is shown of one."""

    meaning: str
    lines: Callable[[], Mapping[str, str]]
    detail: Callable[[str], Detail]
    range: str = ""
    """What names there are, said in place of the nearest spelling where they are numbers."""
    respelt: Callable[[str], str] = str
    """The name in a list that another spelling stands for; a spelling that stands for none as it is."""
    is_part: bool = False
    """Whether names of another kind stand here for a part that they have, so that a name alone never means it."""
    form: Callable[[str], str] = str
    """The name as a list prints it: with `.<state>` where it stands for one of every state."""


def rows(name: str, **wanted: str) -> list[dict[str, str]]:
    """Return the rows of a table whose cells are these, without their sources."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        found = [row for row in csv.DictReader(handle) if all(row[key] == text for key, text in wanted.items())]
    return [{key: text for key, text in row.items() if key != "source"} for row in found]


def table(name: str, key: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table by the cells of a column, or of two, written `first>second`."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return {">".join(row[column] for column in key.split(">")): row for row in csv.DictReader(handle)}


def of_table(
    name: str,
    key: str,
    line: Callable[[Line], str],
    meaning: str,
    more: Callable[[str], Detail] | None = None,
    respelt: Callable[[str], str] = str,
    is_part: bool = False,
) -> Kind:
    """Return the kind whose things are the rows of a table; `line` and `more` tell what its cells alone do not."""

    def detail(thing: str) -> Detail:
        row = dict(table(name, key)[thing])
        sources = row.pop("source", "")
        told = {column: value for column, value in row.items() if column != "name"}
        label = {"label": row["name"]} if key != "name" and "name" in row else {}
        extra = more(thing) if more else {}
        known = {"sources": _by_attribute(sources), "facts": cited(ids(sources))}
        return {"file": f"configs/world/default/{name}.csv", **label, **told, **extra, **known}

    def lines() -> dict[str, str]:
        return {thing: line(row) for thing, row in table(name, key).items()}

    return Kind(meaning, lines, detail, respelt=respelt, is_part=is_part)


def _by_attribute(sources: str) -> dict[str, str]:
    """Return attribute → source of a cell such as `price: E0098; quality: assumption: reason`."""
    parts = re.split(r";\s+(?=\w+: )", sources)
    return {part.partition(": ")[0].strip(): part.partition(": ")[2].strip() for part in parts if part.strip()}


def ids(text: str) -> list[str]:
    """Return the ids of facts in a text, a range such as E0212-E0214 in full, each once."""
    found: list[str] = []
    for first, last in re.findall(r"(E\d{4})(?:\s*[-–]\s*(E\d{4}))?", text):
        end = int((last or first)[1:])
        found += [f"E{number:04d}" for number in range(int(first[1:]), end + 1)]
    return list(dict.fromkeys(found))


def cited(known: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
    """Return the facts of these ids, with claim, place and grade; those that do not exist are left out."""
    from sim.evidence.loader import load_findings

    findings = load_findings()
    return [
        {"id": fact.id, "source": fact.citation, "confidence": fact.confidence, "claim": fact.claim}
        for fact in (findings[identity] for identity in known if identity in findings)
    ]


@cache
def outcomes_declared() -> Mapping[str, Mapping[str, str]]:
    """Return the entries of outcomes.yaml by name, read once: parsing it takes longer than all else that is shown."""
    from sim.parameters.strict_yaml import read_mapping

    return MappingProxyType(read_mapping(TABLES / "outcomes.yaml"))


def outcomes_of(kinds: str, name: str) -> dict[str, str]:
    """Return name → meaning of the outcomes about one row of some of the record's tables, such as `groups|patrons`."""
    told = re.compile(rf"^(?:{kinds})\[{re.escape(name)}\]")
    return {key: entry["meaning"] for key, entry in outcomes_declared().items() if told.match(entry["of"])}


def states_of_outcome(name: str) -> tuple[str, ...]:
    """Return the states that an outcome is kept for one by one; empty where it is one number of the whole world."""
    star = re.match(r"(\w+)\[(\*\*?)(?:>([^\],]+))?[\],]", outcomes_declared()[name]["of"])
    if star is None:
        return ()
    kind, stars, partner = star.groups()
    known = table("states", "iso")
    if kind == "migrants":
        known = {iso: known[iso] for iso in known if rows("migrants", host=iso, area=partner)}
    asker = {"channels": table("origins", "name").get(partner, {}).get("state"), "dyads": partner}.get(kind)
    return tuple(iso for iso in known if iso != asker and (stars == "**" or known[iso]["reported"] == "yes"))


def wrapped(text: str, first: str) -> list[str]:
    """Return a text as lines for the terminal, the first beginning with `first`; none for an empty text."""
    rest = " " * min(len(first), 12)
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)
