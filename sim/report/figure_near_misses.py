"""Figure: how close quiet quarters came to an attempt, by group and by scenario.

A quarter's margin is by how much its draw missed an attempt, in log-odds: below 0 nothing was tried. Quiet says little
where it was luck, so the quiet quarters that came near are counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.report import panels, style
from sim.report.bands import summary
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import figure_text
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist

NEAR = -2.0
"""A quiet quarter whose margin lies above this is a near miss, log-odds."""

FARTHEST = -10.0
"""Margins farther off than this stand in the first bin."""

MISSES, CALM, ATTEMPTS = "near_misses", "calm", "attempts_abroad"
"""Outcomes of the right panels: near misses among quiet quarters, and attempts."""

LEFT, WIDE, ROW, HISTOGRAM = 2.05, 2.95, 0.27, 1.25
"""Space for names, width of the left panels, height of a row and of the histogram, inches."""

RIGHT = 2.3
"""Space for the scenarios' names, inches."""

_MARGIN = re.compile(r"groups\[([^*]+)\]\.margin")
_NEAR: dict[str, Any] = {"facecolor": "#f3ddd2", "hatch": "////", "edgecolor": style.SCENARIOS[1], "linewidth": 0.4}
_FAR: dict[str, Any] = {"facecolor": style.BAND_50, "edgecolor": style.MEDIAN, "linewidth": 0.5}


@dataclass(frozen=True)
class Quiet:
    """Margins of the quarters in which groups could have tried something and did not, in the baseline."""

    study: Study
    groups: tuple[str, ...]

    @cached_property
    def margins(self) -> dict[str, np.ndarray]:
        """Margins of each group's quiet quarters over all runs; quarters without any hazard are left out."""
        return {group: found for group in self.groups if (found := self._of(group)).size}

    def _of(self, group: str) -> np.ndarray:
        margin, hazard = (
            self.study.series(f"groups[{group}].{field}", self.study.baseline).astype(np.float64)
            for field in ("margin", "hazard")
        )
        return margin[(margin < 0) & (hazard > 0)]

    @property
    def near(self) -> dict[str, float]:
        """Share of each group's quiet quarters that were near misses."""
        return {group: float((values > NEAR).mean()) for group, values in self.margins.items()}


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where no group's margin and hazard were recorded, or no quarter was quiet."""
    names = [m[1] for address in study.columns if (m := _MARGIN.fullmatch(address))]
    quiet = Quiet(study, tuple(n for n in names if study.has(f"groups[{n}].hazard")))
    if not quiet.groups:
        raise Cannot("the result records no group's margin and hazard, groups[<group>].margin and .hazard")
    if not quiet.margins:
        raise Cannot("in no run was there a quarter in which a group could have tried something and did not")
    return Sketch(
        key="near_misses",
        title="How close quiet quarters came",
        figure=_draw(study, quiet),
        caption=_caption(study, quiet),
        alt=_alt(study, quiet),
    )


def _draw(study: Study, quiet: Quiet) -> Figure:
    scenarios = _by_scenarios(study)
    below = ROW * len(quiet.margins)
    height = max(0.95 + HISTOGRAM + 0.42 + below, 0.95 + ROW * len(study.compared)) + 0.85
    title = "How close quiet quarters came to an attempt abroad"
    figure = style.new_figure(height, title, study.standing())
    axes = style.place(figure, LEFT, height - 0.95 - HISTOGRAM, WIDE, HISTOGRAM)
    _histogram(axes, quiet)
    rows = style.place(figure, LEFT, height - 0.95 - HISTOGRAM - 0.42 - below, WIDE, below)
    _by_group(rows, quiet)
    start = LEFT + WIDE + RIGHT
    wide = (style.WIDTH - start - 0.1) / max(1, len(scenarios))
    for i, (words, values) in enumerate(scenarios.items()):
        tall = ROW * len(study.compared)
        panel = style.place(figure, start + i * wide, height - 0.95 - tall, wide - 0.24, tall)
        _by_scenario(panel, study, words, values, i == 0)
    panels.legend(figure, _keys(), 0.36)
    return figure


def _histogram(axes: Any, quiet: Quiet) -> None:
    pooled = np.concatenate(list(quiet.margins.values()))
    edges = np.arange(FARTHEST, 0.5, 0.5)
    counts, _ = np.histogram(np.maximum(pooled, FARTHEST), edges)
    shares = counts / pooled.size
    for left, share in zip(edges[:-1], shares, strict=True):
        axes.bar(left, share, 0.5, align="edge", **(_NEAR if left >= NEAR else _FAR))
    axes.set_title(f"{quiet.study.title(quiet.study.baseline)}: these groups together")
    axes.set_ylabel("Share of quarters")
    axes.grid(axis="y")
    _margin_axis(axes)


def _margin_axis(axes: Any) -> None:
    axes.set_xlim(FARTHEST, 0.4)
    axes.set_xticks(
        range(int(FARTHEST), 1, 2), [f"≤{FARTHEST:g}".replace("-", "\N{MINUS SIGN}"), *map(_minus, range(-8, 1, 2))]
    )
    axes.axvline(0, color=style.INK, linewidth=1.2, zorder=4)


def _minus(number: float) -> str:
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


def _by_group(axes: Any, quiet: Quiet) -> None:
    """Draw each group's median, middle half and middle 90 per cent of its quiet quarters, and its near misses."""
    axes.axvspan(NEAR, 0, zorder=0, **_NEAR)
    for row, values in enumerate(quiet.margins.values()):
        low, first, middle, third, high = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
        axes.plot([low, high], [row, row], color=style.MEDIAN, linewidth=1.1, zorder=3)
        axes.plot([first, third], [row, row], color=style.MEDIAN, linewidth=3.6, zorder=3, solid_capstyle="butt")
        axes.plot([middle], [row], marker="o", markersize=5, color=style.MEDIAN, markerfacecolor="white", zorder=4)
        axes.text(0.55, row, f"{100 * quiet.near[list(quiet.margins)[row]]:.1f}%", va="center", fontsize=8)
    panels.name_rows(axes, [panels.broken(quiet.study.label(group), 2.4, 1) for group in quiet.margins])
    axes.set_title("By group, with the share of near misses", fontsize=8.5)
    axes.set_xlabel("Margin of quiet quarters, log-odds (0: an attempt)")
    _margin_axis(axes)


def _by_scenarios(study: Study) -> dict[str, list[np.ndarray]]:
    """Return by title of a panel the values of each scenario's runs, where outcomes tell."""
    found = {}
    if MISSES in study.outcomes and CALM in study.outcomes:
        found["Near misses, %"] = [_share(study, scenario) for scenario in study.compared]
    if ATTEMPTS in study.outcomes:
        found["Attempts"] = [study.values(ATTEMPTS, scenario) for scenario in study.compared]
    return found


def _share(study: Study, scenario: str) -> np.ndarray:
    """Return near misses as per cent of quiet quarters, shape (runs,); NaN where no quarter was quiet."""
    near, calm = (study.values(name, scenario) for name in (MISSES, CALM))
    return 100 * np.divide(near, calm, out=np.full(len(near), np.nan), where=calm > 0)


def _by_scenario(axes: Any, study: Study, words: str, values: list[np.ndarray], is_first: bool) -> None:
    panels.draw_rows(axes, values, panels.FILLED)
    panels.name_rows(axes, [panels.broken(study.title(s), 2.9, 1) for s in study.compared], is_first)
    axes.set_title(words)
    highest = np.nanmax([0.0, *(summary(found)[2] for found in values)])
    axes.set_xlim(0, 1.08 * float(highest) or 1.0)


def _keys() -> list[Artist]:
    return [
        Patch(label="near miss", **_NEAR),
        Patch(label="farther off", **_FAR),
        Line2D([], [], color=style.MEDIAN, linewidth=3.6, label="groups: middle 50% of quarters"),
        Line2D([], [], color=style.MEDIAN, linewidth=1.1, label="middle 90%"),
        Line2D([], [], label="scenarios: median and middle 90% of runs", **panels.FILLED),
    ]


def _caption(study: Study, quiet: Quiet) -> str:
    would = (
        f" Up to {LAST_OF_HISTORY} replay lets no group of the model act; margins of those years are of draws that "
        "were made and set aside."
        if study.history == "replay"
        else ""
    )
    return (
        "Margins of quiet quarters: by how much a group's draw missed an attempt, in log-odds, over "
        f"{n_runs_text(len(study.runs(study.baseline)))} of the {study.title(study.baseline).lower()} and all quarters "
        f"in which it could have tried something. A margin between {_minus(NEAR)} and 0 is a near miss: other luck of "
        f"a usual size would have made it an attempt.{would} Left: {', '.join(map(study.label, quiet.margins))}. "
        "Right, by scenario and for all groups: the share of near misses among quiet quarters, and attempts abroad, "
        "median and middle 90 per cent of runs. Nothing here is a forecast of any act."
    )


def _alt(study: Study, quiet: Quiet) -> str:
    told = [f"{study.label(g)} {100 * share:.1f} per cent" for g, share in quiet.near.items()]
    ends = ""
    for words, values in _by_scenarios(study).items():
        rows = [f"{study.title(s)} {figure_text(summary(v)[1])}" for s, v in zip(study.compared, values, strict=True)]
        ends += f" {words.partition(',')[0]} by scenario, median{' per cent' * ('%' in words)}: {', '.join(rows)}."
    return f"Histogram and rows of margins. Share of near misses among quiet quarters: {', '.join(told)}.{ends}"
