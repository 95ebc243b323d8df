"""Figure: paired differences of scenarios to the baseline, ranked, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.analysis.pairs import STILL, Contrast
from sim.report import style
from sim.report.contrasts import Tally, largest, tally
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import figure_text, figure_texts, lower_first
from sim.report.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS, MOST_SCENARIOS = 10, 4
LEFT, WIDE = 3.95, 3.75
"""Room for labels, and width of a panel, inches."""

ROW, HEAD = 0.235, 0.84
"""Height of a row and of what stands above and below a panel, inches."""

MOST_STILL = 8
"""Outcomes that a caption names as not moving, at most."""


def sketch(study: Study, found: Mapping[str, Sequence[Contrast]]) -> Sketch:
    """Return the figure, a panel a scenario; `found` holds each scenario's contrasts. Cannot without differences."""
    effects = {s: [row for row in rows if not study.is_set(s, row.outcome)] for s, rows in found.items()}
    shown = {scenario: largest(rows, ROWS) for scenario, rows in list(effects.items())[:MOST_SCENARIOS]}
    shown = {scenario: rows for scenario, rows in shown.items() if rows}
    counts = {scenario: tally(study, scenario, found[scenario]) for scenario in shown}
    if not shown:
        raise Cannot("it needs a second scenario with two or more runs on the baseline's dice, and outcomes that vary")
    n = max(row.n_pairs for rows in shown.values() for row in rows)
    before = lower_first(study.title(study.baseline))
    left_out = any(len(effects[s]) < len(found[s]) for s in shown)
    rest = "What a scenario sets itself is left out here and marked in the table. " if left_out else ""
    return Sketch(
        key="differences",
        title=f"Paired differences to the {before}",
        figure=_draw(study, shown, counts),
        caption=(
            f"The {ROWS} outcomes of each scenario that differ most from the {before} on the same dice "
            f"(up to {n} pairs of runs). {rest}A home is the state where suppliers are at home; the largest supplies "
            "most. Place of the mark: mean difference in standard deviations of the baseline's "
            "runs, with its 95 per cent interval. To the right: the mean difference in the outcome's own unit, with "
            "its interval. Filled marks: the interval leaves zero out. Intervals hold for one outcome at a time and "
            "are not widened for the ranking; they speak of luck within the model, not of whether the model is right. "
            f"Moved: the interval leaves zero out. Not moved: it lies within {STILL:g} standard deviations of zero. "
            f"Undecided: neither. {_still(study, counts)}"
            "The file differences.csv has all outcomes, the report their units."
        ),
        alt=_alt(study, shown),
    )


def _still(study: Study, counts: Mapping[str, Tally]) -> str:
    """Say what each scenario moves in no state."""
    told = []
    for scenario, count in counts.items():
        words = [study.meaning(stem) for stem in count.still[:MOST_STILL]]
        more = len(count.still) - len(words)
        rest = f" and {more} more kinds of outcome" if more else ""
        told.append(f"Not moved in any state ({study.title(scenario)}): {'; '.join(words)}{rest}. " if words else "")
    return "".join(told)


def _draw(study: Study, shown: dict[str, list[Contrast]], counts: Mapping[str, Tally]) -> Figure:
    heights = [ROW * len(rows) for rows in shown.values()]
    height = 0.45 + sum(h + HEAD for h in heights) + 0.5
    title = f"Largest paired differences to the {lower_first(study.title(study.baseline))}"
    figure = style.new_figure(height, title, study.standing(study.baseline, *shown))
    ends = [
        e
        for rows in shown.values()
        for r in rows
        for e in (r.standardised_low, r.standardised_high, 0.0)
        if not math.isnan(e)
    ]
    low, high = min(ends), max(ends)
    margin = 0.06 * (high - low)
    top = height - 0.45
    for (scenario, rows), tall in zip(shown.items(), heights, strict=True):
        axes = style.place(figure, LEFT, top - HEAD + 0.32 - tall, WIDE, tall)
        axes.set_xlim(low - margin, high + margin)
        _panel(axes, study, rows)
        left = -(LEFT - 0.12) / WIDE
        axes.set_title(study.title(scenario), x=left, pad=21)
        for x, words in ((left, _counted(counts[scenario])), (1.03, "difference, own unit [95%]")):
            axes.text(x, 1.0 + 0.1 / tall, words, transform=axes.transAxes, fontsize=8, color=style.MUTED)
        top -= tall + HEAD
    axes.set_xlabel("mean difference in standard deviations of the baseline's runs")
    return figure


def _counted(count: Tally) -> str:
    return (
        f"Of {count.n} outcomes {count.n_moved} moved, {count.n_still} did not ({count.n_same} of them the same in "
        f"every pair), {count.n_open} undecided. The largest:"
    )


def _panel(axes: Axes, study: Study, rows: list[Contrast]) -> None:
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_yticks(range(len(rows)), [study.outcome(row.outcome) for row in rows])
    for i, row in enumerate(rows):
        axes.plot([row.standardised_low, row.standardised_high], [i, i], color=style.MEDIAN, linewidth=2.0)
        fill = style.MEDIAN if row.is_clear else style.PAPER
        axes.plot(row.standardised, i, marker="o", markersize=5.5, markerfacecolor=fill, markeredgecolor=style.MEDIAN)
        own = _own(row, study.unit(row.outcome))
        axes.text(1.03, i, own, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def _own(row: Contrast, unit: str) -> str:
    mean, low, high = figure_texts((row.mean, row.low, row.high), signed=True)
    return f"{mean} [{low}, {high}]" + (f" {unit}" if unit and unit not in ("0-1", "share") and len(unit) < 9 else "")


def _alt(study: Study, shown: dict[str, list[Contrast]]) -> str:
    parts = []
    for scenario, rows in shown.items():
        first = [f"{study.outcome(r.outcome)} {figure_text(r.standardised, '', signed=True)}" for r in rows[:5]]
        parts.append(f"{study.title(scenario)}: {', '.join(first)}")
    return f"Dot plots of standardised differences. The five largest a scenario. {'; '.join(parts)}."
