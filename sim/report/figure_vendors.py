"""Figure: shares of vendors over time in the cells (state × sector) whose shares were recorded.

Lines are means over runs: they add up, and where most runs have one winner or another, the median would show neither.
Beside each line stand its mean and what single runs do: their median and their middle half.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import lower_first
from sim.report.study import HISTORY_END, LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CELLS, MOST_FIRMS, COLUMNS = 6, 4, 2
LEAST = 0.02
"""Firms whose mean share never reaches this are not drawn."""

LABELS = 3.02
"""Width beside a panel that its names and numbers take, inches."""

PLACES = (27, 97, 125)
"""Where name, mean and median begin, points right of the panel."""

_BESIDE: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}

PANEL, GAP = 1.75, 0.58
"""Height of a panel and of the space above it, inches."""


def sketch(study: Study) -> Sketch:
    """Return the figure, a panel a cell; Cannot where no shares were recorded, or none that can be seen."""
    if not study.vendor_cells:
        raise Cannot("the result records no series of vendors' shares")
    cells = ((cell, _largest(study, cell, firms)) for cell, firms in study.vendor_cells.items())
    shown = dict(islice(((cell, series) for cell, series in cells if series), MOST_CELLS))
    if not shown:
        raise Cannot(f"no vendor has a share of {LEAST:g} or more in the years that were run")
    return Sketch(
        key="vendors",
        title="Vendors' shares",
        figure=_draw(study, shown),
        caption=_caption(study),
        alt=_alt(study, shown),
    )


def _caption(study: Study) -> str:
    runs = n_runs_text(len(study.runs(study.baseline)))
    return (
        f"Shares of the installed base by vendor. {study.title(study.baseline)}: mean of {runs}. At the end of a line: "
        "the vendor's mean share in the last quarter, then the median and, in brackets, the middle 50 per cent of the "
        "runs. The middle is wide where one vendor or another takes most of a cell, and lies below the mean where a "
        f"vendor has a large share in a few runs alone. Up to {MOST_FIRMS} vendors a panel, those "
        "with the largest means; the rest is not drawn. A share says nothing of how much is built. Western networks "
        "and Western cameras stand for several vendors each. Shaded years lie after "
        f"{LAST_OF_HISTORY}, the documents' horizon."
    )


def _largest(study: Study, cell: tuple[str, str], firms: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the series of the firms with the largest peaks of their means, the largest at the end first."""
    series = {firm: study.series(f"cells[{cell[0]},{cell[1]}].share[{firm}]", study.baseline) for firm in firms}
    means = {firm: values.mean(axis=0, dtype=np.float64) for firm, values in series.items()}
    large = [firm for firm in firms if means[firm].max() >= LEAST]
    kept = sorted(large, key=lambda firm: (-means[firm].max(), firm))[:MOST_FIRMS]
    return {firm: series[firm] for firm in sorted(kept, key=lambda firm: (-means[firm][-1], firm))}


def _draw(study: Study, shown: dict[tuple[str, str], dict[str, np.ndarray]]) -> Figure:
    n_rows = math.ceil(len(shown) / COLUMNS)
    height = 0.45 + n_rows * (PANEL + GAP) + 0.3
    figure = style.new_figure(
        height,
        f"Vendors' shares of the installed base (0–1; shaded: after {LAST_OF_HISTORY})",
        study.standing(study.baseline),
    )
    wide = (style.WIDTH - 0.5) / COLUMNS
    inks = _inks(shown)
    for i, ((state, sector), series) in enumerate(shown.items()):
        row, column = divmod(i, COLUMNS)
        bottom = height - 0.45 - (row + 1) * (PANEL + GAP) + 0.32
        axes = style.place(figure, 0.42 + column * wide, bottom, wide - LABELS, PANEL)
        axes.set_title(f"{study.label(state)}: {lower_first(study.label(sector))}")
        _panel(axes, study, series, inks)
        axes.tick_params(labelleft=column == 0)
    return figure


def _inks(shown: dict[tuple[str, str], dict[str, np.ndarray]]) -> dict[str, int]:
    """Give each firm one colour and dash in all panels, so that no two firms of a panel share them."""
    panels = [set(series) for series in shown.values()]
    firms = sorted({firm for panel in panels for firm in panel})
    order = sorted(firms, key=lambda firm: (-sum(firm in panel for panel in panels), firm))
    inks: dict[str, int] = {}
    for firm in order:
        taken = {inks[other] for panel in panels if firm in panel for other in panel if other in inks}
        free = [ink for ink in range(len(style.COLOURS)) if ink not in taken]
        inks[firm] = free[0] if free else len(inks) % len(style.COLOURS)
    return inks


def _panel(axes: Axes, study: Study, series: dict[str, np.ndarray], inks: dict[str, int]) -> None:
    years = study.years
    axes.grid(axis="y")
    ends = {}
    for firm, values in series.items():
        mean, ink = values.mean(axis=0, dtype=np.float64), inks[firm]
        axes.plot(years, mean, color=style.COLOURS[ink], linestyle=style.DASHES[ink], linewidth=1.6)
        ends[firm] = float(mean[-1])
    axes.set_ylim(0, 1)
    style.mark_after(axes, HISTORY_END, years[-1])
    axes.set_xlim(years[0], years[-1])
    axes.set_xticks([year for year in (2000, 2015, 2030) if years[0] <= year <= years[-1]])
    for firm, height in spread(ends, 0.085).items():
        told = (firm, *_end(series[firm]))
        _name(axes, told, ends[firm], height, style.COLOURS[inks[firm]], style.DASHES[inks[firm]])
    one = len(next(iter(series.values()))) == 1
    heads = ("", "share", "") if one else ("", "mean", "median (middle 50%)")
    for place, head in zip(PLACES, heads, strict=True):
        axes.annotate(head, (1.0, 1.0), (place, 4), **_BESIDE, va="bottom", fontsize=7, color=style.MUTED)


def _end(values: np.ndarray) -> tuple[str, str]:
    """Return the mean in the last quarter and, of several runs, their median with the middle half."""
    last = values[:, -1].astype(np.float64)
    low, middle, high = np.quantile(last, (0.25, 0.5, 0.75))
    return f"{last.mean():.2f}", "" if len(last) == 1 else f"{middle:.2f} ({low:.2f}–{high:.2f})"


def _name(axes: Axes, told: tuple[str, str, str], end: float, height: float, colour: str, dashes: object) -> None:
    """Write a firm's name and shares at the end of its line, led there by a piece of its own line."""
    right = axes.get_xlim()[1]
    span = right - axes.get_xlim()[0]
    axes.plot(
        [right, right + 0.035 * span], [end, height], color=style.MUTED, linewidth=0.5, clip_on=False,
    )  # fmt: skip
    axes.plot(
        [right + 0.045 * span, right + 0.145 * span], [height, height], color=colour, linestyle=dashes, linewidth=1.5,
        clip_on=False,
    )  # fmt: skip
    for place, text in zip(PLACES, told, strict=True):
        axes.annotate(text, (1.0, height), (place, 0), **_BESIDE, va="center", fontsize=7.5)


def spread(ends: dict[str, float], gap: float) -> dict[str, float]:
    """Return heights for labels, as near to `ends` as a least gap between neighbours and the frame 0-1 allow."""
    order = sorted(ends, key=lambda name: (ends[name], name))
    heights: dict[str, float] = {}
    floor = 0.03
    for name in order:
        heights[name] = max(ends[name], floor)
        floor = heights[name] + gap
    ceiling = 0.98
    for name in reversed(order):
        heights[name] = min(heights[name], ceiling)
        ceiling = heights[name] - gap
    return heights


def _alt(study: Study, shown: dict[tuple[str, str], dict[str, np.ndarray]]) -> str:
    parts = []
    for (state, sector), series in shown.items():
        ends = [f"{firm} {' '.join(_end(values)).strip()}" for firm, values in series.items()]
        parts.append(f"{study.label(state)}, {study.label(sector)}: {', '.join(ends)}")
    shown_is = "In the last quarter mean, median and the middle half of the runs"
    return f"Line charts of vendors' shares over time. {shown_is}. {'; '.join(parts)}."
