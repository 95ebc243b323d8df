"""The page of an experiment with variants: which findings hold under which theories and worldviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.pairs import STILL
from sim.parameters.register import Register
from sim.report import figure_theories, style
from sim.report.drawn import Cannot, Drawn, Left
from sim.report.figures import finish, write_figures
from sim.report.findings import Finding, at_points, findings
from sim.report.held import CLASSES, claim, class_of, holds, likely, says
from sim.report.labels import figure_texts, lower_first
from sim.report.page import Peopled, Stored, of_model, render, study_of
from sim.report.questions import ASKED
from sim.report.study import LAST_OF_HISTORY, Study
from sim.report.variants import KINDS, Variant, default_words, told_of, variants_of
from sim.results.files import write_text
from sim.results.schema import DEFAULT_POINT, FIGURES, REPORT, WORLD

TEMPLATE = "theories.html.j2"
SHEETS = ("report.css", "theories.css")


@dataclass(frozen=True)
class Line:
    """One finding as the page tells it."""

    number: int
    finding: Finding
    of_class: str
    """One of CLASSES."""
    claim: str
    """It in a few words."""
    says: str
    """What the scenario does by default, a sentence."""
    likely: str
    """How often a run shows it by default, a sentence; empty where nothing moves."""
    holds: str
    """Where else it holds, and where it does not."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Cell:
    """One finding at one point."""

    words: str
    """`same` where what differs does not touch it, else how it stands, and whether it is weaker or stronger."""
    stands: str
    number: str


@dataclass(frozen=True)
class Asked:
    """The findings of one question."""

    asks: str
    lines: tuple[Line, ...]
    still: str
    """What no scenario moves anywhere, in words; empty where everything moves."""


def write_theories(result: Stored, world: Peopled, register: Register) -> Path:
    """Write report.html, and into `figures/` figures (SVG, PNG), captions and findings.csv; return the page's path.

    Equal results give equal bytes. Raises InputError where the disk refuses.
    """
    study, variants = study_of(result, world), variants_of(result.manifest)
    studies = at_points(study, result.runs, variants, study.measure)
    found = findings(studies, study.measure)
    asked = by_question(study, found, variants)
    lines = [line for one in asked for line in one.lines]
    drawn, left = _figures(studies, [line.finding for line in lines], variants)
    write_figures(drawn, result.path / FIGURES)
    write_text(result.path / FIGURES / "findings.csv", table_of(found))
    context = {
        "study": study,
        "facts": study.provenance,
        "world": WORLD,
        "history_end": LAST_OF_HISTORY,
        "asked": asked,
        "lines": lines,
        "classes": {words: [line for line in lines if line.of_class == name] for name, words in CLASSES.items()},
        "variants": variants,
        "kinds": KINDS,
        "still": STILL,
        "default": default_words(result.manifest),
        "told": told_of(variants, register),
        "figures": drawn,
        "left": left,
        **of_model(result.manifest, register),
        "n_pairs": max((line.finding.default.n_pairs for line in lines), default=0),
    }
    path = result.path / REPORT
    write_text(path, render(context, TEMPLATE, SHEETS))
    return path


def by_question(study: Study, found: Sequence[Finding], variants: Sequence[Variant]) -> list[Asked]:
    """Return the findings by question, numbered, those that move anywhere; scenarios that move nothing are named."""
    groups: dict[str, list[str]] = {}
    current = study.measure[0]
    for stem in study.measure:
        current = stem if stem in ASKED else current
        groups.setdefault(current, []).append(stem)
    asked, number = [], 0
    for first, stems in groups.items():
        lines = []
        for one in (one for one in found if one.stem in stems and one.is_moving):
            number += 1
            lines.append(_line(study, number, one, variants))
        still = [one for one in found if one.stem in stems and not one.is_moving]
        meaning = study.meaning(first)
        asks = ASKED[first].asks if first in ASKED else meaning[:1].upper() + meaning[1:]
        asked.append(Asked(asks, tuple(lines), _still(study, still)))
    return [one for one in asked if one.lines or one.still]


def _line(study: Study, number: int, finding: Finding, variants: Sequence[Variant]) -> Line:
    cells = tuple(_cell(finding, variant.name) for variant in variants)
    return Line(
        number,
        finding,
        class_of(finding),
        claim(study, finding),
        says(study, finding),
        likely(study, finding),
        holds(finding, variants),
        cells,
    )


def _cell(finding: Finding, point: str) -> Cell:
    row, stands = finding.at[point], finding.stands(point)
    words = "same" if finding.is_untouched(point) else ", ".join(filter(None, (stands, finding.size(point))))
    return Cell(words, stands, figure_texts((row.mean,), signed=True)[0])


def _still(study: Study, still: Sequence[Finding]) -> str:
    """Say which outcomes scenarios move at no point, scenario by scenario."""
    by_scenario: dict[str, list[str]] = {}
    for one in still:
        by_scenario.setdefault(study.title(one.scenario), []).append(lower_first(study.meaning(one.stem)))
    return "; ".join(f"{scenario} ({', '.join(meanings)})" for scenario, meanings in by_scenario.items())


def _figures(
    studies: Mapping[str, Study], found: Sequence[Finding], variants: Sequence[Variant]
) -> tuple[list[Drawn], list[Left]]:
    makers = (
        ("What scenarios change, by point", lambda: figure_theories.effects(studies, found, variants)),
        ("Levels by point", lambda: figure_theories.levels(studies, variants)),
    )
    drawn: list[Drawn] = []
    left: list[Left] = []
    with style.drawing():
        for title, make in makers:
            try:
                drawn.append(finish(studies[DEFAULT_POINT], make(), len(drawn) + 1))
            except Cannot as reason:
                left.append(Left(title, str(reason)))
    return drawn, left


def table_of(found: Sequence[Finding]) -> str:
    """Return all findings at all points as CSV."""
    lines = ["scenario,outcome,point,stands,difference,low,high,standardised,pairs"]
    for one in found:
        for point, row in one.at.items():
            stands = figure_theories.stands_at(one, point) if point == DEFAULT_POINT else one.stands(point)
            numbers = ",".join(repr(value) for value in (row.mean, row.low, row.high, row.standardised))
            lines.append(f"{one.scenario},{one.stem},{point},{stands},{numbers},{row.n_pairs}")
    return "\n".join(lines) + "\n"
