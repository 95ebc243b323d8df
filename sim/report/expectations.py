"""What the documents expect of a result's scenarios, and what its runs say to that, as reports show it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.analysis.expectations import CONFIRMED, OPEN, OPPOSITE, UNJUDGED, Judged, judge_all
from sim.report.labels import figure_text, figure_texts, fixed_text
from sim.report.study import Study
from sim.scenario.expectations import Expectation

_WORDS = ("scenario", "outcome", "change", "against", "says", "source")
_NUMBERS = ("n_pairs", "baseline", "mean", "low", "high", "standardised")
"""Columns of the table in CSV: those before the verdict and those after it."""


@dataclass(frozen=True)
class Row:
    """One expectation as a line of a table."""

    scenario: str
    title: str
    says: str
    source: str
    outcome: str
    change: str
    against: str
    """Title of the scenario that it is set against, empty for the study's baseline."""
    difference: str
    """Mean paired difference, with its unit."""
    interval: str
    deviations: str
    verdict: str
    is_set: bool
    """Whether the scenario sets the outcome itself."""


@dataclass(frozen=True)
class Counts:
    """How many expectations came to which verdict."""

    confirmed: int
    open: int
    opposite: int
    unjudged: int
    scenarios: int
    """Scenarios that have an expectation."""

    @property
    def total(self) -> int:
        """All expectations."""
        return self.confirmed + self.open + self.opposite + self.unjudged


def judged(study: Study) -> tuple[Judged, ...]:
    """Return the verdicts on what the manifest says is expected of the scenarios; empty where nothing is."""
    expected = {name: _expectations(study.given.get(name) or {}) for name in study.compared}
    return judge_all(expected, study.runs)


def _expectations(told: Mapping[str, object]) -> tuple[Expectation, ...]:
    listed = told.get("expects")
    return tuple(Expectation(**entry) for entry in listed) if isinstance(listed, Sequence) else ()


def rows(study: Study, found: Sequence[Judged]) -> list[Row]:
    """Return a line for each verdict, in their order."""
    return [_row(study, one) for one in found]


def counts(found: Sequence[Judged]) -> Counts:
    """Count the verdicts."""
    of = Counter(one.verdict for one in found)
    scenarios = len({one.scenario for one in found})
    return Counts(of[CONFIRMED], of[OPEN], of[OPPOSITE], of[UNJUDGED], scenarios)


def table_of(found: Sequence[Judged]) -> str:
    """Return all verdicts as a table in CSV, numbers in full; without numbers where nothing could be judged."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow((*_WORDS, "verdict", *_NUMBERS))
    for one in found:
        numbers = [getattr(one.found, name) for name in _NUMBERS] if one.found else [""] * len(_NUMBERS)
        words = [one.scenario, *(getattr(one.expected, name) for name in _WORDS[1:])]
        lines.writerow([*words, one.verdict, *numbers])
    return text.getvalue()


def _row(study: Study, one: Judged) -> Row:
    expected, contrast = one.expected, one.found
    difference, interval, deviations = "–", "–", "–"
    if contrast:
        mean, low, high = figure_texts((contrast.mean, contrast.low, contrast.high), signed=True)
        difference = f"{mean} on {figure_text(contrast.baseline, study.unit(expected.outcome))}"
        interval = f"{low} to {high}"
        deviations = fixed_text(contrast.standardised, 2)
    return Row(
        scenario=one.scenario,
        title=study.title(one.scenario),
        says=expected.says,
        source=expected.source,
        outcome=study.outcome(expected.outcome),
        change=expected.change,
        against="" if expected.against == study.baseline else study.title(expected.against),
        difference=difference,
        interval=interval,
        deviations=deviations,
        verdict=one.verdict,
        is_set=study.is_set(one.scenario, expected.outcome),
    )
