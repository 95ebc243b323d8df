"""What the page opens with: the main table, what each scenario moved most, and all outcomes where nothing compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from sim.report.bands import summary
from sim.report.contrasts import HIDDEN, Contrast, by_kind, ranked
from sim.report.labels import figure_text, figure_texts
from sim.report.patterns import spread_text
from sim.report.replay import of_answers
from sim.report.study import Study

MOST = 3
"""Kinds of outcome that are named as moved most."""

MEASURE = "dependence_china"
"""What results open with that do not say."""

NOT_MEASURED = "not measured"

MOST_STATES = 12
"""States shown of an outcome that every state has."""

TOLD = {
    "dependence_china": (
        "dependence on China in the last quarter, 0–1",
        "Dependence is 0 where a state could do without China and 1 where nothing would work without it. It is 0.25, "
        "say, where Chinese equipment carries half of the digital sectors, weighted by how critical each is, and the "
        "state's own capacity could stand in for half of that.",
    ),
    "returned": (
        "persons handed over to China until the end of the run, and by which states",
        "Persons are those who left the area and were in the state asked; numbers are expected values and rest on an "
        "assumed number of people, so that shares and differences say more than sizes. A hand-over is an extradition, "
        "an administrative return or an exchange; it is no success, and whether it was lawful or just is not judged. "
        "The wrongly suspected are an expected number at an assumed share of those returned, so that they follow the "
        "returns almost in proportion and tell nothing beyond them. Years abroad are those of persons within reach of "
        "a state that may be asked, by legal status.",
    ),
}
"""Words for what a page opens with, and a note below its table, by the measure's first outcome; others have the words
that the world's outcomes declare and no note."""

STATUSES = {"irregular": "without papers", "papers": "with papers", "held": "held"}
"""Words for each legal status, in the order in which returns are told."""

ADDED = {"wrong": " (expected number)"}
"""What is said beside an outcome of the opening table."""


@dataclass(frozen=True)
class Moved:
    """What one scenario moved most against the baseline."""

    scenario: str
    rows: tuple[Contrast, ...]
    """The largest kinds of outcome, at most MOST, each the mean over its states; empty where none clearly moved."""
    n_pairs: int
    """Pairs of runs on the same dice; one tells no luck from effect."""


@dataclass(frozen=True)
class Headline:
    """The opening table: what it shows, its rows (a state or outcome, and a cell a scenario), and a note below it."""

    of: str
    rows: tuple[tuple[str, list[str]], ...]
    note: str
    head: str
    """Heading of the first column."""


def headline(study: Study, is_measured: bool = True) -> Headline:
    """Return the opening table: the experiment's measure by scenario, medians with the middle 90%.

    An outcome with a number for each reported state has a row for each; one for every state has rows for those with
    the most of it; one without states has one row. Persons returned have beside them who was exposed to it.
    """
    first = study.measure[0]
    meaning, unit = study.meaning(first), study.unit(first)
    of, note = TOLD.get(first, (meaning if unit in meaning else f"{meaning}, {unit}", ""))
    rows: list[tuple[str, list[str]]] = []
    for stem in study.measure:
        if stem in study.outcomes:
            rows.append((study.outcome(stem) + ADDED.get(stem, ""), _cells(study, stem, is_measured)))
            rows += _exposed(study) if stem == "returned" and is_measured else []
            continue
        found = ((state, _cells(study, f"{stem}.{state}", is_measured)) for state in _states(study, stem))
        rows += [(study.label(state), cells) for state, cells in found if cells]
    note = f"{note} {of_answers(study)}".strip() if first == "returned" else note
    return Headline(of, tuple(rows), note, "State" if first not in study.outcomes else "Outcome, state")


def _states(study: Study, stem: str) -> list[str]:
    """Return the states to be shown of an outcome: the reported ones, or of all those with the most of it."""
    if not stem.startswith(HIDDEN):
        return list(study.names.reported)
    size = {}
    for state in study.names.states:
        medians = [np.median(v) for s in study.compared if len(v := study.values(f"{stem}.{state}", s))]
        size[state] = float(max(medians, default=0.0))
    found = sorted((state for state in size if size[state] > 0.0), key=lambda state: -size[state])
    return found[:MOST_STATES]


def _cells(study: Study, name: str, is_measured: bool) -> list[str]:
    """Return a cell for each scenario, none where the result has no such outcome."""
    if not is_measured:
        return [NOT_MEASURED] * len(study.compared)
    found = [study.values(name, scenario) for scenario in study.compared]
    return [_spread(values, study.unit(name)) for values in found if len(values)]


def _spread(values: np.ndarray, unit: str) -> str:
    """Return the median and, of several runs, the middle 90 per cent."""
    found = summary(values)
    low, middle, high = (f"{v:.2f}" for v in found) if unit in ("", "0-1") else figure_texts(found)
    return middle if len(values) == 1 else f"{middle} ({low}–{high})"


def _exposed(study: Study) -> list[tuple[str, list[str]]]:
    """Return rows of years abroad by legal status, and of returns in 1,000 of them all; none without the outcomes."""
    names = [f"exposed_{status}" for status in STATUSES]
    if any(name not in study.outcomes for name in names):
        return []
    years = {s: [study.values(name, s) / 4 for name in names] for s in study.compared}
    rows = [
        (f"Person-years abroad, {words}", [_spread(found[i], "person-years") for found in years.values()])
        for i, words in enumerate(STATUSES.values())
    ]
    rates = []
    for scenario, found in years.items():
        returned, exposed = study.values("returned", scenario), np.sum(found, axis=0)
        rate = np.divide(1000 * returned, exposed, out=np.zeros_like(exposed), where=exposed > 0)
        rates.append(_spread(rate, "persons"))
    return [*rows, ("Returned per 1,000 person-years abroad", rates)]


def moved_most(study: Study) -> list[Moved]:
    """Return for each scenario but the baseline what it moved most; empty where nothing is to be compared."""
    found = []
    for scenario in study.compared[1:]:
        kinds = by_kind(study, scenario)
        rows = tuple(row for row in kinds if row.is_moved)[:MOST]
        found.append(Moved(scenario, rows, max((row.n_pairs for row in kinds), default=0)))
    return found


def every_kind(study: Study) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return rows of a table of all outcomes of the baseline: its words, its unit and a cell a reported state.

    An outcome that has no state gives a single cell. A cell is the median and, where runs differ, the middle 90 per
    cent; dates that never come in some runs are told in one sentence.
    """
    stems = dict.fromkeys(name.partition(".")[0] for name in ranked(study))
    rows = []
    for stem in stems:
        names = [stem] if stem in study.outcomes else [f"{stem}.{state}" for state in study.names.reported]
        rows.append((study.meaning(stem), study.unit(stem), [_cell(study, name) for name in names]))
    return rows


def _cell(study: Study, name: str) -> tuple[str, str]:
    values, unit = study.values(name, study.baseline), study.unit(name)
    if not len(values):
        return figure_text(float("nan")), ""
    low, middle, high = summary(values)
    if unit == "year":
        return (spread_text(values) if len(values) > 1 else figure_text(middle, unit)), ""
    texts = figure_texts((low, middle, high))
    return texts[1], f"({texts[0]}–{texts[2]})" if low < high else ""


def beside(study: Study, asked: Iterable[Any]) -> str:
    """Return the command that runs a lone scenario beside the baseline; `asked` are names or paths of scenarios."""
    named = next((PurePath(str(item)).name for item in asked if str(item) != "baseline"), None)
    other = named or (study.baseline if study.baseline != "baseline" else "vendor_outage")
    return f"steppe run 'scenario=[baseline,{other}]'"
