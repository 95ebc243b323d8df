"""Figure: attempts abroad to be expected with and without the patron's effort, and the share that it holds back.

Each run stands beside its pair, the same arm on the same dice in which no patron makes an effort. Rows are scenarios
and, below, groups of the baseline; marks and bars differ in shape and width, so that the figure reads in grey.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.analysis.restraint import HAZARD, SUMS, held_back
from sim.report import panels, style
from sim.report.bands import summary
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import figure_texts, lower_first
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text

SUM = SUMS["restraint_idlib"]
"""Outcome that holds the attempts to be expected in the theatre."""

LEFT, WIDE, GAP, HELD = 2.45, 2.75, 0.22, 2.45
"""Space for names, width of the panel of attempts, space after it, and width of the panel of restraint, inches."""

ROW, HEAD, BETWEEN = 0.26, 0.92, 0.74
"""Height of a row, space above the first panel and between the two, inches."""

MOST_GROUPS = 16
"""Groups at most, those with most attempts to be expected in the pair."""

FARTHEST = -1.0
"""Restraint below this is told in the numbers and not drawn."""

_GROUP = re.compile(rf"{HAZARD}_(?!all$|idlib$|clients_)(.+)")


@dataclass(frozen=True)
class Row:
    """One scenario or group: attempts to be expected in the runs and in their pairs, and restraint; shape (runs,)."""

    words: str
    live: np.ndarray
    without: np.ndarray
    restraint: np.ndarray


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where runs have no pairs or the theatre's attempts to be expected are not there."""
    if study.pairs is None:
        raise Cannot("the runs have no pairs without the patron's effort")
    if SUM not in study.outcomes:
        raise Cannot(f"the result has no outcome {SUM}")
    scenarios, groups = _scenarios(study), _groups(study)
    if not any(row.without.any() for row in scenarios):
        raise Cannot("no attempt abroad from Idlib is to be expected in any run, even without the patron's effort")
    return Sketch(
        key="restraint",
        title="Restraint by the patron",
        figure=_draw(study, scenarios, groups),
        caption=_caption(study, scenarios),
        alt=_alt(scenarios, groups),
    )


def _scenarios(study: Study) -> list[Row]:
    """Return a row for each scenario in the main history and, where that is replay, the baseline's in free history."""
    rows = [_row(study, study.title(s), SUM, s, study.history) for s in study.compared]
    if study.history != "free" and len(study.runs(study.baseline, "free")):
        rows.append(_row(study, f"{study.title(study.baseline)}, free history", SUM, study.baseline, "free"))
    return rows


def _groups(study: Study) -> list[Row]:
    """Return a row for each group whose attempts to be expected are known, those with most of them first."""
    found = [(name, match[1]) for name in study.outcomes.names if (match := _GROUP.fullmatch(name))]
    rows = [_row(study, _label(study, *one), one[0], study.baseline, study.history) for one in found]
    rows = [row for row in rows if row.without.any() or row.live.any()]
    return sorted(rows, key=lambda row: -float(np.median(row.without)))[:MOST_GROUPS]


def _label(study: Study, outcome: str, suffix: str) -> str:
    """Return a group's name: what stands in the outcome's meaning after its comma, or else the outcome's suffix."""
    words = study.meaning(outcome).partition(", ")[2] or study.label(suffix)
    return words[:1].upper() + words[1:] if words[:3] != "al-" else words


def _row(study: Study, words: str, outcome: str, scenario: str, history: str) -> Row:
    runs, pairs = study.runs(scenario, history), study.paired(scenario, history)
    return Row(words, runs[outcome], pairs[outcome], held_back(runs, pairs, outcome))


def _draw(study: Study, scenarios: list[Row], groups: list[Row]) -> Figure:
    height = HEAD + ROW * len(scenarios) + BETWEEN * bool(groups) + ROW * len(groups) + 0.78
    title = "Attempts abroad to be expected with and without the patron's effort, and the share that it holds back"
    figure = style.new_figure(height, title, study.standing())
    parts = [("From Idlib, by scenario", scenarios)]
    if groups:
        parts.append((f"By group, {lower_first(study.title(study.baseline))}", groups))
    top = height - HEAD
    low = min(_low(rows) for _, rows in parts)
    for words, rows in parts:
        tall = ROW * len(rows)
        _attempts(style.place(figure, LEFT, top - tall, WIDE, tall), words, rows, rows is parts[-1][1])
        held = style.place(figure, LEFT + WIDE + GAP, top - tall, HELD, tall)
        _held(held, rows, low, rows is parts[-1][1])
        top -= tall + BETWEEN
    panels.legend(figure, _keys(), 0.36)
    return figure


def _low(rows: list[Row]) -> float:
    """Return where the axis of restraint begins, so that the bars are on it down to FARTHEST."""
    ends = [summary(row.restraint)[0] for row in rows]
    return max(FARTHEST, min([-0.1, *(end - 0.05 for end in ends if not np.isnan(end))]))


def _attempts(axes: Any, words: str, rows: list[Row], is_last: bool) -> None:
    panels.draw_rows(axes, [row.live for row in rows], panels.FILLED, -0.16)
    panels.draw_rows(axes, [row.without for row in rows], panels.OPEN, 0.16)
    panels.name_rows(axes, [panels.broken(row.words, 2.9, 1) for row in rows])
    axes.set_title(words)
    highest = max(summary(values)[2] for row in rows for values in (row.live, row.without))
    axes.set_xlim(0, 1.06 * highest)
    if is_last:
        axes.set_xlabel("Attempts to be expected in a run")


def _held(axes: Any, rows: list[Row], low: float, is_last: bool) -> None:
    axes.axvline(0, color=style.MUTED, linewidth=0.9, zorder=1)
    panels.draw_rows(axes, [row.restraint for row in rows], panels.FILLED)
    panels.name_rows(axes, [""] * len(rows), is_labelled=False)
    axes.set_title("Share held back: median [5%, 95%]")
    axes.set_xlim(low, 1.02)
    for i, row in enumerate(rows):
        axes.text(1.03, i, _numbers(row), transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    if is_last:
        axes.set_xlabel("Restraint (below 0: effort did harm)")


def _numbers(row: Row) -> str:
    low, middle, high = (_short(value) for value in summary(row.restraint))
    known = int((~np.isnan(row.restraint)).sum())
    few = f", {known} of {len(row.restraint)}" if 0 < known < len(row.restraint) else ""
    return f"{middle} [{low}, {high}]{few}" if known else "none to hold back"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}")


def _keys() -> list[Line2D]:
    return [
        Line2D([], [], label="with the patron's effort: median and middle 90% of runs", **panels.FILLED),
        Line2D([], [], label="without it, same dice: median and middle 90%", **panels.OPEN),
    ]


def _caption(study: Study, scenarios: list[Row]) -> str:
    replay = (
        f" In replay hazards are summed only after {LAST_OF_HISTORY}, from when on groups of the model may act. What "
        "the documents tell of purges, offensives and deals until then happened in both runs of a pair, and no other "
        "purge: there restraint is a lower bound. In free history hazards of all years are summed, and the model "
        "makes its own."
        if study.history == "replay"
        else ""
    )
    few = any(np.isnan(row.restraint).any() for row in scenarios)
    gaps = " Runs without a hazard in their pair have no share; 'n of m' says how many have one." if few else ""
    return (
        "Attempts abroad to be expected: the sum of the groups' hazards over a run, which is smoother than counts "
        "of attempts that were made. Each run is set beside its pair, the same scenario on the same dice in which no "
        "patron makes an effort to hold its clients back. Share held back: 1 less the ratio of the two, run by run; "
        f"medians and the middle 90 per cent of {n_runs_text(len(study.runs(study.baseline)))}.{gaps} Above: groups in "
        "Idlib. Below: each group's own, wherever it is. Without effort members also go other ways, so that a group's "
        f"share may be below 0 where it takes in those whom others pushed out.{replay} Hazards are assumptions with "
        "few facts behind them: the share says more than the height."
    )


def _alt(scenarios: list[Row], groups: list[Row]) -> str:
    told = []
    for row in scenarios:
        live, without = figure_texts((summary(row.live)[1], summary(row.without)[1]))
        told.append(f"{row.words} {live} with and {without} without, share held back {_numbers(row)}")
    by_group = [f"{row.words} {_numbers(row)}" for row in groups]
    ends = f" Share held back by group: {'; '.join(by_group)}." if groups else ""
    return f"Rows of dots and bars. Attempts abroad to be expected from Idlib, medians: {'; '.join(told)}.{ends}"
