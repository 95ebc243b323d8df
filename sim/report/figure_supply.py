"""Figure: how firmly one home holds each sector of each state, as a heat map with its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.study import Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_SCENARIOS = 3
ROW, COLUMN = 0.36, 0.475
"""Height and width of a cell, inches."""


def sketch(study: Study) -> Sketch:
    """Return the figure, one panel a scenario; needs outcomes `supply_<sector>.<state>`, else Cannot."""
    states = list(study.names.reported)
    wanted = [f"supply_{sector}.{state}" for state in states for sector in study.names.sectors]
    if not any(name in study.outcomes for name in wanted):
        raise Cannot("the result has no outcomes supply_<sector>.<state>")
    shown = study.compared[:MOST_SCENARIOS]
    tables = {scenario: _table(study, states, scenario) for scenario in shown}
    n = len(study.runs(study.baseline))
    return Sketch(
        key="supply",
        title="Hold of the largest supplier, by state and sector",
        figure=_draw(study, states, tables),
        caption=(
            "Build-out of each sector times the share of the home that supplies most of it, in the last quarter: 0 "
            f"nothing built or no large supplier, 1 fully built by one home. Medians over {n_runs_text(n)} a "
            "scenario; the number in a cell is what its shade shows. Crossed cells have no value."
        ),
        alt=_alt(study, states, tables[study.baseline]),
    )


def _table(study: Study, states: list[str], scenario: str) -> np.ndarray:
    rows = [[_median(study.values(f"supply_{k}.{s}", scenario)) for k in study.names.sectors] for s in states]
    return np.array(rows, dtype=np.float64)


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


def _draw(study: Study, states: list[str], tables: dict[str, np.ndarray]) -> Figure:
    sectors = study.names.sectors
    height = 1.75 + ROW * len(states)
    n = len(study.runs(study.baseline))
    title = "Build-out × share of the largest supplying home, last quarter (0–1)"
    figure = style.new_figure(height, title, f"median of {n_runs_text(n)} a scenario · {study.provenance.footer}")
    wide = min(COLUMN, 2.86 / len(sectors)) * len(sectors)
    for i, (scenario, table) in enumerate(tables.items()):
        axes = style.place(figure, 1.05 + i * (wide + 0.12), height - 0.62 - ROW * len(states), wide, ROW * len(states))
        _panel(axes, table)
        axes.set_title(study.title(scenario), pad=5)
        words = [study.label(k).partition(" and ")[0] for k in sectors]
        axes.set_xticks(range(len(sectors)), words, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(states)), [study.label(s) for s in states] if i == 0 else [""] * len(states))
    return figure


def _panel(axes: Axes, table: np.ndarray) -> None:
    shades = matplotlib.colormaps["YlGnBu"]
    n_rows, n_columns = table.shape
    axes.set_xlim(-0.5, n_columns - 0.5)
    axes.set_ylim(n_rows - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for r in range(n_rows):
        for c in range(n_columns):
            value = table[r, c]
            missing = math.isnan(value)
            colour = style.PAPER if missing else shades(min(max(value, 0.0), 1.0) * 0.92)
            axes.add_patch(
                matplotlib.patches.Rectangle(
                    (c - 0.5, r - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.2,
                    hatch="xx" if missing else None,
                )
            )  # fmt: skip
            if not missing:
                ink = style.PAPER if _luminance(colour) < 0.30 else style.INK
                axes.text(c, r, f"{value:.2f}", ha="center", va="center", fontsize=8, color=ink)


def _luminance(colour: Any) -> float:
    """Return the relative luminance of a colour, 0-1 (WCAG)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _alt(study: Study, states: list[str], table: np.ndarray) -> str:
    parts = []
    for state, row in zip(states, table, strict=True):
        cells = [
            f"{study.label(k)} {v:.2f}" for k, v in zip(study.names.sectors, row, strict=True) if not math.isnan(v)
        ]
        parts.append(f"{study.label(state)}: {', '.join(cells)}")
    return f"Heat map of states by sectors. {study.title(study.baseline)}. {'; '.join(parts)}."
