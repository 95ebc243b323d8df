"""What figures of several panels share: the axis of time, bands, rows of intervals, broken titles, the legend."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from sim.report import style
from sim.report.bands import Bands, summary
from sim.report.study import HISTORY_END, LAST_OF_HISTORY, Study

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAIN: dict[str, Any] = {"color": style.BROAD, "linewidth": 3.0, "zorder": 3, "solid_capstyle": "butt"}
BESIDE: dict[str, Any] = {"color": style.INK, "linewidth": 1.0, "zorder": 4}
EDGE: dict[str, Any] = {"edgecolor": style.INK, "linewidth": 0.5}

FILLED: dict[str, Any] = {"marker": "o", "markersize": 5.5, "color": style.MEDIAN, "linewidth": 1.8}
OPEN: dict[str, Any] = {
    "marker": "s", "markersize": 5.0, "color": style.SCENARIOS[1], "markerfacecolor": style.PAPER, "linewidth": 1.1,
}  # fmt: skip
"""Marks of rows: full dots with thick bars, and open squares with thin ones, so that grey tells them apart."""

TICKS = (1995, 2005, 2015, 2025, 2035)


def begins(study: Study, *series: np.ndarray) -> float:
    """Return the year in which one of these series, shape (runs, quarters), first leaves where it began."""
    moved = np.zeros(len(study.years), dtype=bool)
    for values in series:
        moved |= (values != values[:, :1]).any(axis=0)
    return float(np.floor(study.years[int(np.argmax(moved))]))


def time_axis(axes: Axes, study: Study, first: float, is_labelled: bool = True) -> None:
    """Let the axis run from the year `first` to the runs' end and set apart what lies after the documents' horizon."""
    end = float(study.years[-1]) + 0.25
    style.mark_after(axes, HISTORY_END, end)
    axes.set_xlim(first, end)
    step = 10 if end - first > 24 else 5
    axes.xaxis.set_major_locator(FixedLocator([year for year in range(1990, 2041, step) if first <= year <= end]))
    axes.tick_params(labelbottom=is_labelled)


def draw_band(axes: Axes, when: np.ndarray, found: Bands) -> None:
    """Draw the bands that hold the middle 90 and 50 per cent of the runs, and their median."""
    axes.fill_between(when, found.low_90, found.high_90, color=style.BAND_90, linewidth=0, zorder=1.5)
    axes.fill_between(when, found.low_50, found.high_50, color=style.BAND_50, linewidth=0, zorder=2)
    axes.plot(when, found.median, **MAIN)


def band_keys(study: Study, words: str) -> list[Artist]:
    """Return what the legend says of bands; with one run there are none."""
    one = len(study.runs(study.baseline)) == 1
    shown: list[Artist] = [Line2D([], [], label=words if one else f"{words}, median", **MAIN)]
    if not one:
        shown.append(Patch(color=style.BAND_50, linewidth=0, label="middle 50%"))
        shown.append(Patch(color=style.BAND_90, linewidth=0, label="middle 90%"))
    return shown


def after_key(study: Study) -> list[Artist]:
    """Return what the legend says of the years after the documents' horizon, where the runs reach them."""
    return [Patch(**style.AFTER, label=f"after {LAST_OF_HISTORY}")] if study.years[-1] > HISTORY_END else []


def legend(figure: Figure, shown: Sequence[Artist], below: float) -> None:
    """Write the legend so many inches below the figure's upper edge."""
    height = figure.get_size_inches()[1]
    figure.legend(
        handles=list(shown), loc="upper left", bbox_to_anchor=(0.008, 1 - below / height),
        ncol=len(shown), handlelength=2.0, handleheight=1.0, columnspacing=1.2, fontsize=8, borderaxespad=0,
    )  # fmt: skip


def broken(text: str, width: float, lines: int = 2) -> str:
    """Return a bold title broken, and where need be cut, so that it fits in a width in inches."""
    return "\n".join(textwrap.wrap(text, int(12.5 * width), max_lines=lines, placeholder=" …"))


def draw_rows(axes: Axes, values: Sequence[np.ndarray], look: dict[str, Any], offset: float = 0.0) -> None:
    """Draw for each row its median over runs and a bar that holds the middle 90 per cent; nothing for empty rows."""
    line = {"color": look["color"], "linewidth": look["linewidth"], "zorder": 3, "solid_capstyle": "butt"}
    mark = {name: value for name, value in look.items() if name != "linewidth"}
    for row, found in enumerate(values):
        low, middle, high = summary(found)
        if not np.isnan(middle):
            axes.plot([low, high], [row + offset, row + offset], **line)
            axes.plot([middle], [row + offset], zorder=4, **mark)


def name_rows(axes: Axes, labels: Sequence[str], is_labelled: bool = True) -> None:
    """Name the rows, the first on top, with a faint line for each."""
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), list(labels) if is_labelled else [""] * len(labels))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="both")
