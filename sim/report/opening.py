"""What the page opens with: a table a question, what scenarios moved most, all outcomes where nothing compares."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from sim.analysis.pairs import Contrast
from sim.report.bands import summary
from sim.report.contrasts import HIDDEN, by_kind, ranked
from sim.report.labels import figure_text, figure_texts, lower_first
from sim.report.patterns import spread_text
from sim.report.questions import Part, parts
from sim.report.replay import of_answers
from sim.report.study import Study
from sim.results.schema import JOINED

MOST = 3
"""Kinds of outcome that are named as moved most."""

MOST_COLUMNS = 6
"""Scenarios that stand beside each other in a table."""

NOT_MEASURED = "not measured"

MOST_STATES, FEWER_STATES = 12, 6
"""States shown of an outcome that every state has, and where several questions share the page."""

STATUSES = {"irregular": "without papers", "papers": "with papers", "held": "held"}
"""Words for each legal status, in the order in which returns are told."""

ADDED = {"wrong": ", expected number"}
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
class Column:
    """One column of an opening table: the runs of a scenario in one history."""

    title: str
    scenario: str
    history: str


@dataclass(frozen=True)
class Headline:
    """The opening table of one question."""

    asks: str
    """The question, a heading where there are several."""
    of: str
    """What the table shows."""
    head: str
    """Heading of the first column."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, list[str]], ...]
    """A state or outcome each, and a cell a column."""
    note: str
    left: tuple[str, ...]
    """Titles of scenarios that hardly move what the question asks for."""
    moves: str
    """Words for that."""
    figures: tuple[str, ...]
    """Keys of the question's figures."""

    @property
    def table(self) -> tuple[list[str], list[list[str]]]:
        """The table's head and its lines, each with its name first; scenarios are the lines of a wide table."""
        titles, names = [column.title for column in self.columns], [name for name, _ in self.rows]
        if len(titles) <= MOST_COLUMNS or len(titles) <= len(names):
            return [self.head, *titles], [[name, *cells] for name, cells in self.rows]
        turned = zip(titles, *(cells for _, cells in self.rows), strict=True)
        return ["Scenario", *names], [list(line) for line in turned]


def headlines(study: Study, lost: Collection[str] = ()) -> list[Headline]:
    """Return the opening tables, one a question: its outcomes by scenario, medians with the middle 90%.

    An outcome with a number for each reported state has a row for each; one for every state has rows for those with
    the most of it; one without states has one row. Persons returned have beside them who was exposed to it. What
    replay understates has the baseline's free history in the first column. `lost`: outcomes that were not measured.
    """
    found = parts(study)
    return [_headline(part, len(found), lost) for part in found]


def _headline(part: Part, n_parts: int, lost: Collection[str]) -> Headline:
    study, stems = part.study, part.study.measure
    is_measured = not set(stems) & set(lost)
    columns = _columns(study)
    rows: list[tuple[str, list[str]]] = []
    for stem in stems:
        if stem in study.outcomes:
            rows.append((study.outcome(stem) + ADDED.get(stem, ""), _cells(study, stem, columns, is_measured)))
            rows += _exposed(study, columns) if stem == "returned" and is_measured else []
            continue
        states = _states(study, stem)[: MOST_STATES if n_parts == 1 else FEWER_STATES]
        for name in (name for state in states if (name := f"{stem}.{state}") in study.outcomes or not is_measured):
            rows.append((study.label(name.partition(".")[2]), _cells(study, name, columns, is_measured)))
    has_states = any(stem not in study.outcomes for stem in stems)
    head = "State" if stems[0] not in study.outcomes else "Outcome, state" if has_states else "Outcome"
    note = f"{part.asked.note} {of_answers(study)}".strip() if stems[0] == "returned" else part.asked.note
    left = tuple(study.title(scenario) for scenario in part.left)
    moves = lower_first(study.meaning(stems[0]))
    return Headline(part.asked.asks, part.asked.of, head, columns, tuple(rows), note, left, moves, part.asked.figures)


def _columns(study: Study) -> tuple[Column, ...]:
    """Return the scenarios in the main history and, before them, free history where replay understates a row."""
    found = [Column(study.title(s), s, study.history) for s in study.compared]
    has_free = study.history != "free" and len(study.runs(study.baseline, "free"))
    if has_free and set(JOINED) & set(study.measure) & set(study.outcomes):
        found.insert(0, Column(f"{study.title(study.baseline)}, free history", study.baseline, "free"))
    return tuple(found)


def _states(study: Study, stem: str) -> list[str]:
    """Return the states to be shown of an outcome: the reported ones, or of all those that have any, the most first."""
    if not stem.startswith(HIDDEN):
        return list(study.names.reported)
    size = {}
    for state in study.names.states:
        medians = [np.median(v) for s in study.compared if len(v := study.values(f"{stem}.{state}", s))]
        size[state] = float(max(medians, default=0.0))
    return sorted((state for state in size if size[state] > 0.0), key=lambda state: -size[state])


def _cells(study: Study, name: str, columns: Sequence[Column], is_measured: bool) -> list[str]:
    """Return a cell for each column."""
    if not is_measured:
        return [NOT_MEASURED] * len(columns)
    found = [study.values(name, column.scenario, column.history) for column in columns]
    return [_spread(values, study.unit(name)) if len(values) else "–" for values in found]


def _spread(values: np.ndarray, unit: str) -> str:
    """Return the median and, of several runs, the middle 90 per cent."""
    found = summary(values)
    low, middle, high = (f"{v:.2f}" for v in found) if unit in ("", "0-1", "share") else figure_texts(found)
    return middle if len(values) == 1 else f"{middle} ({low}–{high})"


def _exposed(study: Study, columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    """Return rows of years abroad by legal status, and of returns in 1,000 of them all; none without the outcomes."""
    names = [f"exposed_{status}" for status in STATUSES]
    if any(name not in study.outcomes for name in names):
        return []
    years = [[study.values(name, c.scenario, c.history) / 4 for name in names] for c in columns]
    rows = [
        (f"Person-years abroad, {words}", [_spread(found[i], "person-years") for found in years])
        for i, words in enumerate(STATUSES.values())
    ]
    rates = []
    for column, found in zip(columns, years, strict=True):
        returned, exposed = study.values("returned", column.scenario, column.history), np.sum(found, axis=0)
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


def sampled(manifest: Mapping[str, Any]) -> str:
    """Return the sentence that points of a sampled design are not shown; empty where a result has none."""
    n = (manifest.get("design") or {}).get("points", 0)
    points = "the sampled point" if n == 1 else f"the {n:,} sampled points"
    return f"This page leaves out the runs at {points} of the design." if n else ""


def beside(study: Study, asked: Iterable[Any]) -> str:
    """Return the command that runs a lone scenario beside the baseline; `asked` are names or paths of scenarios."""
    named = next((PurePath(str(item)).name for item in asked if str(item) != "baseline"), None)
    other = named or (study.baseline if study.baseline != "baseline" else "vendor_outage")
    return f"steppe run 'scenario=[baseline,{other}]'"
