"""What goes with numbers that leave: unit and meaning of every column, and what the whole is, in plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sim.results.schema import LOG, MANIFEST
from sim.results.store import Result

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WIDTH = 110


class Column(NamedTuple):
    """Unit and meaning of a column; empty where nothing is declared."""

    unit: str
    meaning: str


UNKNOWN = Column("", "")

KEY_COLUMNS = {
    "run": Column("", "number of the run in the plan"),
    "point": Column("", "theories, worldview and parameters under which the run stands, by name"),
    "scenario": Column("", "scenario, by name"),
    "history": Column("", "mode of history: replay or free"),
    "replication": Column("", "throw of the dice: the same number is the same luck in every arm"),
    "seed": Column("", "seed of all dice"),
    "column": Column("", "number that is followed through the quarters, by its address"),
    "quarter": Column("", "quarter, such as 2035Q4"),
    "n": Column("runs", "runs that have the number then"),
    **{f"p{level:02d}": Column("", f"quantile {level} of 100 over these runs") for level in (5, 25, 50, 75, 95)},
    "error": Column("", "how far each of these quantiles can be off"),
    "is_exact": Column("", "whether they are of stored series, not of counts in bins"),
}
"""Columns that say which run a row is, and those of quantiles."""


def about(result: Result) -> dict[str, str]:
    """Return what a reader has to know of a result, name to text; of the same folder always the same."""
    manifest = result.manifest
    told = manifest["scenarios"].items()
    scenarios = [f"{name}: {of.get('title', name)}. {of.get('question') or ''}".rstrip() for name, of in told]
    facts = {
        "title": manifest.get("title", manifest["experiment"]),
        "question": manifest["question"],
        "experiment": manifest["experiment"],
        "scenarios": "\n".join(scenarios),
        "seed": manifest["seed"],
        "window": f"{manifest['start']} to {manifest['end']}",
        "runs": manifest["counts"]["runs"],
        "model_version": manifest["model_version"],
        "source_hash": manifest["source_hash"],
        "config_hash": manifest["config_hash"],
        "digest": manifest["digest"],
        "date_created": finished_at(result),
        "caveats": "\n".join(manifest["caveats"]),
    }
    return {name: str(value) for name, value in facts.items()}


def finished_at(result: Result) -> str:
    """Return when the result was finished, in UTC: the last time in its log, else that of its manifest's file."""
    log = result.path / LOG
    stamps: list[str] = _STAMP.findall(log.read_text(encoding="utf-8")) if log.is_file() else []
    if stamps:
        return stamps[-1]
    written = datetime.fromtimestamp((result.path / MANIFEST).stat().st_mtime, UTC)
    return written.strftime("%Y-%m-%dT%H:%M:%SZ")


def readme(told: Mapping[str, str], files: Mapping[str, str]) -> str:
    """Return the page that goes with an export: what `about` returned, and what each of its files holds."""
    lines = [told["title"], "=" * len(told["title"]), ""]
    for name, text in told.items():
        label = name.replace("_", " ")
        if name in ("scenarios", "caveats"):
            lines += ["", f"{label}:", *(_wrapped(line, "  - ") for line in text.splitlines()), ""]
        elif name != "title":
            lines.append(_wrapped(text, f"{label + ':':<15} "))
    held = [_wrapped(f"{name}: {words}", "  - ") for name, words in files.items()]
    closing = "An empty cell, or NaN, in a column of dates says that it did not come within the window."
    return "\n".join([*lines, "files:", *held, "", closing, ""])


def _wrapped(text: str, first: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_long_words=False)
