"""Hand-made facts and files of parameters for the tests beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sim.evidence.loader import Confidence, Finding

ENTRY: dict[str, Any] = {
    "value": 1.2,
    "low": 0.4,
    "high": 2.5,
    "distribution": "uniform",
    "unit": "utility per unit of price",
    "meaning": "weight of the price",
    "evidence": ["E0001", "E0002"],
    "assumption": "no document gives a weight",
    "moves": {"outcome": "awards_china.KGZ", "setting": {"history": "free"}},
}


def fact(number: int, contested: bool = False, figure: str = "", confidence: Confidence = "high") -> Finding:
    """Return a fact with this number; the rest of it does not matter here."""
    return Finding(
        id=f"E{number:04d}",
        document="000_a.txt",
        paragraph=number,
        kind="claim",
        claim="A claim.",
        figure=figure,
        unit="",
        year=None,
        actors=(),
        mechanism="stack_layering",
        contested=contested,
        confidence=confidence,
        note="",
    )


FACTS = {
    found.id: found
    for found in (
        fact(1, figure="30"),
        fact(2),
        fact(3, contested=True, figure="5"),
        fact(4, figure="7", confidence="low"),
        fact(5, contested=True, confidence="low"),
    )
}


def write(folder: Path, **groups: dict[str, Any] | str) -> Path:
    """Write one file a group, from a mapping or from text as it stands; return the folder."""
    for group, content in groups.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        (folder / f"{group}.yaml").write_text(text, encoding="utf-8")
    return folder


def entry(**changes: Any) -> dict[str, Any]:
    """Return the fields of a sound entry with changes; a change to None that is not the assumption drops the field."""
    fields = ENTRY | changes
    return {name: value for name, value in fields.items() if value is not None or name == "assumption"}
