"""The page of the library: every scenario in a few words, and what its document expects beside what the runs say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.analysis.expectations import OPPOSITE, Judged
from sim.analysis.pairs import STILL, Contrast
from sim.parameters.register import Register
from sim.report.contrasts import by_kind, contrasts
from sim.report.expectations import Counts, Row, counts, judged, rows, table_of
from sim.report.labels import figure_text, figure_texts, lower_first
from sim.report.library_panels import REACH, Mark, panel
from sim.report.page import Peopled, Stored, as_csv, of_model, render, study_of
from sim.report.questions import ASKED
from sim.report.study import LAST_OF_HISTORY, Study
from sim.report.words import likelihood
from sim.results.files import write_text
from sim.results.schema import FIGURES, REPORT, WORLD
from sim.scenario.words import named_in, time_in_words
from sim.world.injects import CODES, KINDS

MOST = 5
"""Effects that are told of a scenario, the largest first."""

TEMPLATE = "library.html.j2"
SHEETS = ("report.css", "library.css")

SHORT = {
    "dependence_china": "dependence on China",
    "service_lost": "service lost",
    "returned": "persons handed over",
    "risk": "risk to projects abroad",
    "hazard_idlib": "expected attempts, Idlib",
    "accused": "accusations of groups",
}
"""Names of outcomes in small panels; others go by their stem."""

PARTS: Mapping[str, tuple[str, str]] = {
    "technology": ("What begins with technology and surveillance", "dependence_china"),
    "cooperation": ("What begins with law-enforcement cooperation", "returned"),
    "groups": ("What begins with armed groups and those who watch them", "restraint_idlib"),
}
"""Parts of the page: heading, and the outcome by which the model's question goes (`sim/report/questions.py`)."""

_OF_COOPERATION = {"origins", "nodes"}
_OF_GROUPS = {"groups", "theatres", "holders", "accusers"}
_ALSO_OF_GROUPS = {"protest", "content", "incident", "agreement EUIF"}
_OF_DOCUMENT = {"001": "groups", "002": "groups", "004": "cooperation"}


@dataclass(frozen=True)
class Entry:
    """One scenario of the library."""

    name: str
    title: str
    question: str
    expected: str
    origin: str
    """Whose what-if it is, with the line of the document or the reason."""
    base: str
    """Title of the scenario that it stands on, empty for the baseline."""
    deeds: tuple[str, ...]
    """What it does, a line for each kind of act and time."""
    effects: tuple[str, ...]
    """What it moves most, in words."""
    rows: tuple[Row, ...]
    counts: Counts
    panel: str
    """The small panel as SVG, empty where nothing is compared."""
    most: str
    """What it moves most, in a few words, empty where nothing moves."""

    @property
    def verdicts(self) -> str:
        """What became of its expectations, in a few words; empty where it has none."""
        of = self.counts
        told = ((of.confirmed, "confirmed"), (of.open, "not confirmed"), (of.opposite, "opposite"))
        return ", ".join(f"{n} {words}" for n, words in told if n)


@dataclass(frozen=True)
class Part:
    """The scenarios that begin with one part of the model."""

    heading: str
    asks: str
    entries: tuple[Entry, ...]


def write_library(result: Stored, world: Peopled, register: Register) -> Path:
    """Write report.html and, into `figures/`, expectations.csv and differences.csv; return the page's path.

    Equal results give equal bytes. Raises InputError where the disk refuses.
    """
    study = study_of(result, world)
    found = judged(study)
    folder = result.path / FIGURES
    write_text(folder / "expectations.csv", table_of(found))
    write_text(folder / "differences.csv", as_csv(study, {s: contrasts(study, s) for s in study.compared[1:]}))
    context = {
        "study": study,
        "facts": study.provenance,
        "world": WORLD,
        "history_end": LAST_OF_HISTORY,
        "n_runs": len(study.runs(study.baseline)),
        "rows": rows(study, found),
        "counts": counts(found),
        "opposite": [sentence(study, one) for one in found if one.verdict == OPPOSITE],
        "parts": parts(study, found),
        "still": STILL,
        "reach": REACH,
        **of_model(result.manifest, register),
    }
    path = result.path / REPORT
    write_text(path, render(context, TEMPLATE, SHEETS))
    return path


def parts(study: Study, found: Sequence[Judged]) -> list[Part]:
    """Return the scenarios by the part of the model that they begin with, in the order in which they were asked for."""
    entries: dict[str, list[Entry]] = {part: [] for part in PARTS}
    for name in study.compared:
        if name != study.baseline or len(study.compared) == 1:
            entries[part_of(study.given.get(name) or {})].append(_entry(study, name, found))
    return [
        Part(words, ASKED[stem].asks, tuple(entries[part])) for part, (words, stem) in PARTS.items() if entries[part]
    ]


def part_of(told: Mapping[str, Any]) -> str:
    """Return the part of the model that a scenario begins with: that of its first act, or else of its document."""
    cited = re.search(r"(\d{3}):\d+", str(told.get("source")))
    for inject in (told.get("injects") or ())[:1]:
        kind = KINDS[CODES.get(str(inject.get("kind")), 0)]
        named = {kind.actor, kind.target, kind.sector}
        if named & _OF_COOPERATION:
            return "cooperation"
        if named & _OF_GROUPS or {kind.name, f"{kind.name} {inject.get('institution')}"} & _ALSO_OF_GROUPS:
            return "groups"
        return "cooperation" if cited and cited[1] == "004" else "technology"
    return _OF_DOCUMENT.get(cited[1] if cited else "", "technology")


def _entry(study: Study, name: str, found: Sequence[Judged]) -> Entry:
    told = study.given.get(name) or {}
    kinds = by_kind(study, name) if name != study.baseline else []
    own = [one for one in found if one.scenario == name]
    base = str(told.get("base") or "")
    tag = {"document": "A what-if of the documents", "analyst": "An analyst's what-if"}.get(str(told.get("tag")), "")
    return Entry(
        name=name,
        title=study.title(name),
        question=str(told.get("question") or ""),
        expected=str(told.get("expected") or ""),
        origin=f"{tag}: {told.get('source')}" if told.get("source") else tag,
        base="" if base in ("", study.baseline) else study.title(base),
        deeds=(*deeds(study, told.get("injects") or ()), *settings(told.get("parameters") or {})),
        effects=tuple(effect(study, row) for row in kinds if row.is_moved)[:MOST],
        rows=tuple(rows(study, own)),
        counts=counts(own),
        panel=panel(study.title(name), marks(study, kinds)) if kinds else "",
        most=next((f"{study.meaning(row.outcome)}: {_direction(row)}" for row in kinds if row.is_moved), ""),
    )


def marks(study: Study, kinds: Sequence[Contrast]) -> list[Mark]:
    """Return the rows of a small panel: the experiment's first outcomes, each the mean over the states it is of."""
    of = {row.outcome: row for row in kinds}
    names = [(stem, SHORT.get(stem, stem.replace("_", " "))) for stem in study.measure]
    return [Mark(name, of.get(stem), i % 2 == 0) for i, (stem, name) in enumerate(names)]


def _direction(row: Contrast) -> str:
    return "rises" if row.mean > 0.0 else "falls"


def effect(study: Study, row: Contrast) -> str:
    """Return one effect as a sentence: direction, size, interval, and how often a single pair of runs shows it."""
    is_up = row.mean > 0.0
    size, low, high = figure_texts((abs(row.mean), *sorted((abs(row.low), abs(row.high)))))
    unit = study.unit(row.outcome)
    count = round((row.p_up if is_up else row.p_down) * row.n_pairs)
    found = likelihood(count, row.n_pairs)
    word = f", {found.word} in a single pair" if found.word else ""
    meaning = study.meaning(row.outcome)
    return (
        f"{meaning[:1].upper()}{meaning[1:]} {_direction(row)} by {size} ({low} to {high}) from "
        f"{figure_text(row.baseline, unit)}{'' if unit in ('0-1', 'share', '') else f' {unit}'}; "
        f"{'higher' if is_up else 'lower'} in {count} of {row.n_pairs} pairs{word}."
    )


def sentence(study: Study, one: Judged) -> str:
    """Return one expectation that the runs contradict, as a sentence."""
    assert one.found is not None
    row = one.found
    size, low, high = figure_texts((abs(row.mean), *sorted((abs(row.low), abs(row.high)))))
    was = {"rises": "to rise", "falls": "to fall", "holds": "to hold"}[one.expected.change]
    outcome = study.outcome(one.expected.outcome)
    outcome = outcome if one.expected.outcome.partition(".")[2] else lower_first(outcome)
    return (
        f"{study.title(one.scenario)} ({one.expected.source}): {outcome} was expected {was}, and {_direction(row)} by "
        f"{size} ({low} to {high}) from {figure_text(row.baseline, study.unit(one.expected.outcome))}."
    )


def deeds(study: Study, injects: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what injects and orders do, those of one kind, strength and time in one line."""
    lines: dict[tuple[str, str], dict[str, list[str]]] = {}
    for inject in injects:
        kind = KINDS[CODES.get(str(inject.get("kind")), 0)]
        level = f" ({inject['strength']:g})" if "strength" in inject else ""
        named = " – ".join(study.label(name) for name in named_in(inject, kind).values())
        time = time_in_words(inject, kind.once, str(inject.get("kind")))
        lines.setdefault((kind.meaning, level), {}).setdefault(time, []).append(named)
    return tuple(
        f"{meaning[:1].upper()}{meaning[1:]}{level}: {'; '.join(_gathered(names, time) for time, names in of.items())}."
        for (meaning, level), of in lines.items()
    )


def _gathered(names: Sequence[str], time: str) -> str:
    """Return all that are named with one time: `Huawei, ZTE, from 2023Q1 on`."""
    return ", ".join(filter(None, [*names, time]))


def settings(parameters: Mapping[str, float]) -> tuple[str, ...]:
    """Return which parameters are set."""
    return tuple(f"Parameter {key} is set to {value:g}." for key, value in sorted(parameters.items()))
