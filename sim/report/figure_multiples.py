"""Figure: small multiples of a scenario beside what it is set against, and beneath each the paired difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator

from sim.analysis.compare import NEVER, Opening
from sim.analysis.pairs import mean_interval
from sim.report import style
from sim.report.bands import bands
from sim.report.drawn import Cannot, Sketch
from sim.report.effects import Effects
from sim.report.panels import after_key, band_keys, broken, draw_band, legend
from sim.report.study import HISTORY_END, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST, COLUMNS = 9, 3
"""Outcomes that are shown, and panels in a row."""

BEFORE = 5.0
"""Years shown before anything differs."""

TALL, LOW, HEAD, FOOT = 1.15, 0.72, 0.60, 0.30
"""Heights of the panel of both, of the difference, and of what stands above and below them, inches."""

BESIDE: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 1.4, "zorder": 5}
EDGE_50: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 0.8, "linestyle": style.DASHES[1], "zorder": 4}
EDGE_90: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 0.8, "linestyle": style.DASHES[2], "zorder": 4}
OPENS: dict[str, Any] = {"color": style.INK, "linewidth": 0.9, "linestyle": style.DASHES[3], "zorder": 6}
DIFFERENCE: dict[str, Any] = {"color": style.INK, "linewidth": 1.3, "zorder": 3}
PAIRS, MEAN = "#e3e3e3", "#9a9a9a"
"""Fills of the middle 90 per cent of the pairs and of the interval of their mean."""


@dataclass(frozen=True)
class Cell:
    """One outcome: its words and unit, and its series under both, each (runs, quarters) on the same dice."""

    words: str
    unit: str
    before: np.ndarray
    after: np.ndarray
    opened: Opening


def sketch(effects: Effects) -> Sketch:
    """Return the figure of the families that a scenario moves most; Cannot where none of them has a series."""
    study, scenario = effects.study, effects.scenario
    cells = _cells(effects)
    if not cells:
        raise Cannot(f"no series of what {study.title(scenario)} moves was recorded")
    return Sketch(
        key=f"multiples_{effects.key}",
        title=f"{study.title(scenario)} beside {study.title(study.baseline)}",
        figure=_draw(study, scenario, cells),
        caption=_caption(study, scenario, cells),
        alt=_alt(study, cells),
    )


def _cells(effects: Effects) -> list[Cell]:
    """Return the outcomes to be shown, one for each family and for each number."""
    study, found, seen = effects.study, [], set()
    for effect in (*effects.sized, *effects.bare):
        address = effects.places.get(effect.row.outcome, "")
        if effect.opened is not None and effect.opened.differs != NEVER and address not in seen:
            before, after = study.beside(address, effects.scenario)
            name = effect.row.outcome
            found.append(Cell(study.outcome(name), study.unit(name), before, after, effect.opened))
        seen.add(address)
    return found[:MOST]


def _draw(study: Study, scenario: str, cells: list[Cell]) -> Figure:
    n_rows = -(-len(cells) // COLUMNS)
    each = TALL + LOW + HEAD + FOOT
    height = 0.82 + n_rows * each + 0.30
    title = f"What “{study.title(scenario)}” moves most, beside “{study.title(study.baseline)}”"
    figure = style.new_figure(height, title, study.standing(study.baseline, scenario))
    wide = (style.WIDTH - 0.15) / COLUMNS
    first = max(float(study.years[0]), float(np.floor(study.years[min(c.opened.differs for c in cells)] - BEFORE)))
    for place, cell in enumerate(cells):
        row, column = divmod(place, COLUMNS)
        left, top = 0.62 + column * wide, height - 0.82 - row * each - HEAD
        upper = style.place(figure, left, top - TALL, wide - 0.72, TALL)
        lower = style.place(figure, left, top - TALL - LOW - 0.08, wide - 0.72, LOW)
        _both(upper, study, cell, first)
        _difference(lower, study, cell, first)
        upper.set_title(broken(cell.words, wide - 0.30), x=-0.19, pad=15)
        upper.text(-0.19, 1.04, cell.unit, transform=upper.transAxes, fontsize=7.5, color=style.MUTED)
    legend(figure, _keys_above(study, scenario), 0.33)
    legend(figure, _keys_beneath(study), 0.53)
    return figure


def _both(axes: Axes, study: Study, cell: Cell, first: float) -> None:
    before, after = bands(cell.before), bands(cell.after)
    draw_band(axes, study.years, before)
    axes.plot(study.years, after.median, **BESIDE)
    if len(cell.after) > 1:
        for edges, look in (((after.low_50, after.high_50), EDGE_50), ((after.low_90, after.high_90), EDGE_90)):
            for edge in edges:
                axes.plot(study.years, edge, **look)
    _frame(axes, study, cell, first, [before.low_90, before.high_90, after.low_90, after.high_90])
    axes.tick_params(labelbottom=False)


def _difference(axes: Axes, study: Study, cell: Cell, first: float) -> None:
    gap = cell.after.astype(np.float64) - cell.before
    mean, low, high = mean_interval(gap)
    found = bands(gap)
    axes.axhline(0.0, color=style.MUTED, linewidth=0.7, zorder=1)
    if len(gap) > 1:
        axes.fill_between(study.years, found.low_90, found.high_90, color=PAIRS, linewidth=0, zorder=1.5)
        axes.fill_between(study.years, low, high, color=MEAN, linewidth=0, zorder=2)
    axes.plot(study.years, mean, **DIFFERENCE)
    _frame(axes, study, cell, first, [found.low_90, found.high_90, mean, np.zeros(1)])
    if cell.opened.opens != NEVER:
        when, end = study.years[cell.opened.opens], study.years[-1]
        rises = mean[-1] > 0
        axes.text(
            when, 0.96 if rises else 0.04, f" {study.quarter(cell.opened.opens)} ", fontsize=7, zorder=7,
            transform=axes.get_xaxis_transform(), va="top" if rises else "bottom",
            ha="right" if when > (first + 2 * end) / 3 else "left",
        )  # fmt: skip


def _frame(axes: Axes, study: Study, cell: Cell, first: float, shown: list[np.ndarray]) -> None:
    """Give both panels of a cell the same years, each the range of what is shown in them, and mark the opening."""
    end = float(study.years[-1]) + 0.25
    style.mark_after(axes, HISTORY_END, end)
    axes.set_xlim(first, end)
    seen = [line[study.years >= first] if len(line) > 1 else line for line in shown]
    low, high = (float(pick([pick(line) for line in seen])) for pick in (np.min, np.max))
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    axes.set_ylim(low - margin, high + margin)
    step = 10 if end - first > 24 else 5
    axes.xaxis.set_major_locator(FixedLocator([year for year in range(1990, 2041, step) if first <= year <= end]))
    axes.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    axes.grid(axis="y")
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)
    if cell.opened.opens != NEVER:
        axes.axvline(study.years[cell.opened.opens], **OPENS)


def _keys_above(study: Study, scenario: str) -> list[Any]:
    """Return the keys of the upper panels."""
    one = len(study.runs(scenario)) == 1
    shown = [*band_keys(study, study.title(study.baseline))]
    shown.append(Line2D([], [], label=study.title(scenario) + ("" if one else ", median"), **BESIDE))
    edges = [Line2D([], [], label="middle 50%", **EDGE_50), Line2D([], [], label="middle 90%", **EDGE_90)]
    return shown if one else [*shown, *edges]


def _keys_beneath(study: Study) -> list[Any]:
    """Return the keys of the lower panels, and of what marks both."""
    shown: list[Any] = [Line2D([], [], label="difference, mean", **DIFFERENCE)]
    if len(study.runs(study.baseline)) > 1:
        shown.append(Patch(color=MEAN, linewidth=0, label="95% interval of the mean"))
        shown.append(Patch(color=PAIRS, linewidth=0, label="middle 90% of the pairs"))
    return [*shown, Line2D([], [], label="difference opens", **OPENS), *after_key(study)]


def _caption(study: Study, scenario: str, cells: list[Cell]) -> str:
    n = len(cells[0].before)
    return (
        f"The {len(cells)} outcomes that “{study.title(scenario)}” moves most and that have a number for each quarter, "
        "the largest in standard deviations first; of a family with one outcome a state the state that moves most. "
        f"Above, both scenarios on the same axes: “{study.title(study.baseline)}” filled, “{study.title(scenario)}” in "
        "lines; median, middle 50 and 90 per cent of the runs. Beneath, scenario less "
        f"“{study.title(study.baseline)}”, replication by replication on the same dice ({n} pairs): mean (line), its "
        "95 per cent interval (dark) and the middle 90 per cent of the pairs (pale). The upright line marks the "
        "quarter in which the difference opens: from there on, for a year, the interval of the mean leaves zero out on "
        "one side. Outcomes that are means, totals or dates are shown by the number that they are taken from. All "
        "panels share the years; each outcome has its own scale, in its own unit."
    )


def _alt(study: Study, cells: list[Cell]) -> str:
    told = []
    for cell in cells:
        last = float(np.mean(cell.after[:, -1] - cell.before[:, -1]))
        opens = f"opens in {study.quarter(cell.opened.opens)}" if cell.opened.opens != NEVER else "does not open"
        told.append(f"{cell.words}: {opens}, mean difference at the end {last:.3g}")
    return f"Small multiples of two scenarios and their difference over time. {'; '.join(told)}."
