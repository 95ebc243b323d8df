"""Figure: how firmly one home holds each sector of each state, as a heat map with its numbers.

The baseline is shown in values, other scenarios in differences to it on the same dice: levels hardly differ to the eye.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import fixed_text, lower_first
from sim.report.study import Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_SCENARIOS = 3
ROW, COLUMN = 0.36, 0.475
"""Height and width of a cell, inches."""

PALE = 0.5
"""Part of a colour map that is used, so that ink is read on every shade."""

LEAST_TOP = 0.05
"""Difference that has at least the darkest shade's distance from none, so that small ones look small."""


def sketch(study: Study) -> Sketch:
    """Return the figure, one panel a scenario; needs outcomes `supply_<sector>.<state>`, else Cannot."""
    states = list(study.names.reported)
    wanted = [f"supply_{sector}.{state}" for state in states for sector in study.names.sectors]
    if not any(name in study.outcomes for name in wanted):
        raise Cannot("the result has no outcomes supply_<sector>.<state>")
    level = _table(study, states)
    gaps = {scenario: _gaps(study, states, scenario) for scenario in study.compared[1:MOST_SCENARIOS]}
    before = lower_first(study.title(study.baseline))
    others = (
        f" Other panels: mean difference to the {before} on the same dice; the sign is printed, the shade is its size "
        "(orange more, violet less), and cells without a shade differ by less than 0.005."
    )
    return Sketch(
        key="supply",
        title="Hold of the largest supplier, by state and sector",
        figure=_draw(study, states, level, gaps),
        caption=(
            "Build-out of each sector times the share of the home that supplies most of it, in the last quarter: 0 "
            f"nothing built or no large supplier, 1 fully built by one home. {study.title(study.baseline)}: median of "
            f"{n_runs_text(len(study.runs(study.baseline)))}.{others if gaps else ''} Crossed cells have no value."
        ),
        alt=_alt(study, states, level, gaps),
    )


def _table(study: Study, states: list[str]) -> np.ndarray:
    rows = [[_median(study.values(f"supply_{k}.{s}", study.baseline)) for k in study.names.sectors] for s in states]
    return np.array(rows, dtype=np.float64)


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


def _gaps(study: Study, states: list[str], scenario: str) -> np.ndarray:
    """Return the mean paired differences of a scenario, shape (states, sectors); NaN where there are no pairs."""
    names = [f"supply_{k}.{s}" for s in states for k in study.names.sectors]
    before, after = study.against_baseline(scenario)
    means = [_mean(after[name] - before[name]) if name in study.outcomes else math.nan for name in names]
    return np.array(means, dtype=np.float64).reshape(len(states), -1)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _draw(study: Study, states: list[str], level: np.ndarray, gaps: dict[str, np.ndarray]) -> Figure:
    sectors = study.names.sectors
    height = 1.9 + ROW * len(states)
    title = "Build-out × share of the largest supplying home, last quarter (0–1)"
    figure = style.new_figure(height, title, study.standing(study.baseline, *gaps))
    wide = min(COLUMN, 2.86 / len(sectors)) * len(sectors)
    top = max([LEAST_TOP, *(float(np.nanmax(np.abs(g))) for g in gaps.values() if not np.isnan(g).all())])
    for i, scenario in enumerate((study.baseline, *gaps)):
        axes = style.place(figure, 1.05 + i * (wide + 0.12), height - 0.77 - ROW * len(states), wide, ROW * len(states))
        if scenario == study.baseline:
            _panel(axes, level, lambda v: _shade("YlGnBu", v), lambda v: f"{v:.2f}")
        else:
            _panel(axes, gaps[scenario], lambda v: _diverging(v, top), _signed)
        axes.set_title(study.title(scenario), pad=17)
        kind = "value, median" if i == 0 else "mean difference to the baseline"
        axes.annotate(kind, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", color=style.MUTED)
        words_of = [study.label(k).partition(" and ")[0] for k in sectors]
        axes.set_xticks(range(len(sectors)), words_of, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(states)), [study.label(s) for s in states] if i == 0 else [""] * len(states))
    return figure


def _shade(name: str, value: float) -> Any:
    return matplotlib.colormaps[name](min(max(value, 0.0), 1.0) * PALE)


def _diverging(value: float, top: float) -> Any:
    """Return a shade of orange above and violet below zero, none where two decimals would print zero."""
    if abs(value) < 0.005:
        return style.PAPER
    return _shade("Oranges" if value > 0 else "Purples", 0.25 + 0.75 * abs(value) / top)


def _signed(value: float) -> str:
    return fixed_text(value, 2) if abs(value) >= 0.005 else "0"


def _panel(axes: Axes, table: np.ndarray, shade: Any, words: Any) -> None:
    n_rows, n_columns = table.shape
    axes.set_xlim(-0.5, n_columns - 0.5)
    axes.set_ylim(n_rows - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for r in range(n_rows):
        for c in range(n_columns):
            value = table[r, c]
            missing = math.isnan(value)
            axes.add_patch(
                matplotlib.patches.Rectangle(
                    (c - 0.5, r - 0.5), 1, 1, facecolor=style.PAPER if missing else shade(value), edgecolor="#e6e6e6",
                    linewidth=0.8, hatch="xx" if missing else None,
                )
            )  # fmt: skip
            if not missing:
                axes.text(c, r, words(value), ha="center", va="center", fontsize=8, color=style.INK)


def _alt(study: Study, states: list[str], level: np.ndarray, gaps: dict[str, np.ndarray]) -> str:
    parts = []
    for state, row in zip(states, level, strict=True):
        cells = [
            f"{study.label(k)} {v:.2f}" for k, v in zip(study.names.sectors, row, strict=True) if not math.isnan(v)
        ]
        parts.append(f"{study.label(state)}: {', '.join(cells)}")
    most = [f"{study.title(s)} {_furthest(study, states, g)}" for s, g in gaps.items() if not np.isnan(g).all()]
    rest = f" Largest mean difference: {'; '.join(most)}." if most else ""
    return f"Heat maps of states by sectors. {study.title(study.baseline)}. {'; '.join(parts)}.{rest}"


def _furthest(study: Study, states: list[str], gap: np.ndarray) -> str:
    r, c = np.unravel_index(int(np.nanargmax(np.abs(gap))), gap.shape)
    value = fixed_text(float(gap[r, c]), 2)
    return f"{value} ({study.label(states[int(r)])}, {lower_first(study.label(study.names.sectors[int(c)]))})"
