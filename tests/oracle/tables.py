"""Reads the world's tables, the parameters and the scenarios: by itself, so that nothing of the model is taken over."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import yaml

from tests.oracle.arithmetic import NEVER

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
WORLD = CONFIGS / "world" / "default"


@cache
def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of the world; whoever reads them must leave them as they are."""
    with (WORLD / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: (cell or "").strip() for key, cell in row.items()} for row in csv.DictReader(file)]


def quarter(text: str | None, otherwise: int = NEVER) -> int:
    """Return quarters since 1991Q1 from text such as `2020Q1`."""
    if not text or text == "never":
        return otherwise
    year, part = text.split("Q")
    return (int(year) - 1991) * 4 + int(part) - 1


def yes(text: str) -> bool:
    return text == "yes"


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


@cache
def _register() -> dict[str, dict[str, dict]]:
    files = sorted((CONFIGS / "parameters").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in files}


def ranges() -> dict[str, tuple[float, float]]:
    """Return the lowest and highest value of every parameter, by `group.name`."""
    return {
        f"{group}.{name}": (float(entry["low"]), float(entry["high"]))
        for group, entries in _register().items()
        for name, entry in entries.items()
    }


def parameters(changes: dict[str, float]) -> SimpleNamespace:
    """Return the parameters as `groups.name`, with some replaced by the caller."""
    values = {
        group: {name: float(entry["value"]) for name, entry in entries.items()}
        for group, entries in _register().items()
    }
    for address, value in changes.items():
        group, name = address.split(".")
        if name not in values[group]:
            raise KeyError(address)
        values[group][name] = float(value)
    return SimpleNamespace(**{group: SimpleNamespace(**names) for group, names in values.items()})


def scenario(name: str) -> tuple[list[dict], dict[str, float]]:
    """Return the injects of a scenario, those of its base first, its levers at their values, and its parameters."""
    content = yaml.safe_load((CONFIGS / "scenario" / f"{name}.yaml").read_text(encoding="utf-8"))
    injects, changes = scenario(content["base"]) if content.get("base") else ([], {})
    levers = {name: told["value"] for name, told in (content.get("levers") or {}).items()}
    own = [
        {key: levers.get(value, value) if key == "strength" else value for key, value in inject.items()}
        for inject in content.get("injects") or []
    ]
    return injects + own, changes | (content.get("parameters") or {})
