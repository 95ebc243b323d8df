"""Words of the tables: governments, firms and organisations are told of, people by origin area and legal status."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sim.evidence.loader import load_actors, load_findings, load_mechanisms

COMMUNITY = re.compile(
    r"\b(?:Uyghurs?|Uighurs?|Han|Kurds?|Kurdish|Chechens?|Uzbeks|Tajiks|Kazakhs|Turkic|Muslims?|Sunnis?|Shias?|Islamophobia"
    r"|ethnic(?:ity|ities)?|diasporas?|communit(?:y|ies)|minorit(?:y|ies))\b",
    re.IGNORECASE,
)


def told() -> Iterator[tuple[str, str]]:
    """Yield every text in our own words, with where it stands."""
    for fact in load_findings().values():
        yield f"claim of {fact.id}", fact.claim
        yield f"note of {fact.id}", fact.note
        yield f"keys of {fact.id}", fact.mechanism.replace("_", " ")
    for actor in load_actors().values():
        yield f"role of {actor.name}", actor.role
        yield f"aliases of {actor.name}", "; ".join(actor.aliases)
    for mechanism in load_mechanisms().values():
        yield f"mechanism {mechanism.number}", f"{mechanism.title}: {mechanism.sentence}"
        yield f"keys of mechanism {mechanism.number}", " ".join(mechanism.keys).replace("_", " ")


def test_no_text_speaks_of_an_ethnic_or_religious_community() -> None:
    assert [f"{place}: {text}" for place, text in told() if COMMUNITY.search(text)] == []


@pytest.mark.parametrize("text", ["Kurdish units", "the Muslim community", "ethnic ties", "fears of Uyghurs abroad"])
def test_such_words_are_found(text: str) -> None:
    assert COMMUNITY.search(text)


def test_persons_from_xinjiang_are_told_by_legal_status() -> None:
    role = load_actors()["Persons from Xinjiang abroad"].role
    assert all(status in role for status in ("fleeing", "suspected", "convicted", "combatant"))
