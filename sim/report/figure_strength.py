"""Figure: members of the main groups as they are and as they are reported, with those who left for another group.

Nobody in the model knows true numbers: states and audiences act on reported ones. Both are named in the figure, and
differ in line, width and what bounds them.
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
from sim.report.bands import bands, summary
from sim.report.drawn import Cannot, Sketch
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist

MOST, COLUMNS = 6, 3
"""Panels at most, and how many stand in a row."""

HIGH, STRIP, LEFT = 1.45, 0.34, 0.78
"""Heights of a panel and of the strip below it, and space left of them, inches."""

BETWEEN = 0.58
"""Space between rows of panels, inches."""

_REPORTED = re.compile(r"groups\[([^*]+)\]\.rep_members")
_LINE: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 1.5, "linestyle": (0, (5, 1.6)), "zorder": 5}
_BOUND: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 0.9, "linestyle": (0, (1, 1.4)), "zorder": 4}
_BAR: dict[str, Any] = {"facecolor": "#b4b4b4", "hatch": "////", "edgecolor": style.INK, "linewidth": 0.3}


@dataclass(frozen=True)
class Strength:
    """Members of one group in the baseline."""

    study: Study
    group: str

    def _series(self, field: str) -> np.ndarray:
        return self.study.series(f"groups[{self.group}].{field}", self.study.baseline).astype(np.float64)

    @cached_property
    def since(self) -> int:
        """Place of the last quarter before members first change: until then the record holds those to come with."""
        return max(0, int(np.argmax((self.true != self.true[:, :1]).any(axis=0))) - 1)

    @property
    def true(self) -> np.ndarray:
        """Members, hardliners and others, shape (runs, quarters)."""
        return self._series("hard") + self._series("other")

    @property
    def reported(self) -> np.ndarray:
        """Members as reported, shape (runs, quarters)."""
        return self._series("rep_members")

    @property
    def defected(self) -> np.ndarray | None:
        """Persons who left for another group in each year, mean of runs; None where that was not recorded."""
        if not self.study.has(f"groups[{self.group}].cum_defected"):
            return None
        new = np.diff(self._series("cum_defected"), axis=1, prepend=0.0)
        if self.study.years[0] > 1991:
            new[:, 0] = 0.0
        whole = np.floor(self.study.years)
        return np.array([new[:, whole == year].sum(axis=1).mean() for year in np.unique(whole)])


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where no group's members were recorded, true and reported."""
    names = [m[1] for address in study.columns if (m := _REPORTED.fullmatch(address))]
    whole = [n for n in names if study.has(f"groups[{n}].hard", f"groups[{n}].other")]
    if not whole:
        raise Cannot("the result records no group's members, groups[<group>].hard, .other and .rep_members")
    shown = [Strength(study, name) for name in whole[:MOST]]
    return Sketch(
        key="strength",
        title="Strength, true and reported",
        figure=_draw(study, shown),
        caption=_caption(study, shown),
        alt=_alt(shown),
    )


def _draw(study: Study, shown: list[Strength]) -> Figure:
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    row = HIGH + STRIP + 0.08 + BETWEEN
    height = 0.6 + rows * row + 0.42
    title = "Members of groups, true and reported, and those who left for another group (each panel its own scale)"
    figure = style.new_figure(height, title, study.standing(study.baseline))
    wide = (style.WIDTH - 0.1) / columns
    first = _first(study, shown)
    for i, one in enumerate(shown):
        at, bottom = LEFT + i % columns * wide, height - 0.6 - (i // columns + 1) * row + 0.2
        axes = style.place(figure, at, bottom + STRIP + 0.08, wide - LEFT - 0.12, HIGH)
        axes.set_title(panels.broken(study.label(one.group), wide - LEFT, 1))
        _panel(axes, one)
        panels.time_axis(axes, study, first, is_labelled=False)
        strip = style.place(figure, at, bottom, wide - LEFT - 0.12, STRIP)
        _strip(strip, one)
        panels.time_axis(strip, study, first)
        if i % columns == 0:
            axes.set_ylabel("Members")
            strip.set_ylabel("Left", labelpad=4)
    panels.legend(figure, _keys(study), 0.36)
    return figure


def _first(study: Study, shown: list[Strength]) -> float:
    """Return the year in which half of the groups are there."""
    years = sorted(float(np.floor(study.years[one.since])) for one in shown)
    return years[len(years) // 2]


def _panel(axes: Any, one: Strength) -> None:
    axes.grid(axis="y")
    when = one.study.years[one.since :]
    panels.draw_band(axes, when, bands(one.true[:, one.since :]))
    found = bands(one.reported[:, one.since :])
    axes.plot(when, found.median, **_LINE)
    if len(one.reported) > 1:
        for edge in (found.low_90, found.high_90):
            axes.plot(when, edge, **_BOUND)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_formatter("{x:,g}")


def _strip(axes: Any, one: Strength) -> None:
    """Draw those who left for another group by year, and write the largest number at the axis."""
    left = one.defected
    top = 0.0 if left is None else float(left.max())
    if left is not None:
        axes.bar(np.unique(np.floor(one.study.years)) + 0.5, left, 0.8, zorder=3, **_BAR)
    axes.set_ylim(0, 1.1 * top or 1.0)
    axes.set_yticks([0, top] if top else [0], ["0", _short(top)] if top else ["0"])


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1g}"


def _keys(study: Study) -> list[Artist]:
    keys = panels.band_keys(study, "true")
    one = len(study.runs(study.baseline)) == 1
    keys.append(Line2D([], [], label="reported" if one else "reported, median", **_LINE))
    if not one:
        keys.append(Line2D([], [], label="its middle 90%", **_BOUND))
    keys.append(Patch(label="left for another group, persons a year", **_BAR))
    return keys + panels.after_key(study)


def _caption(study: Study, shown: list[Strength]) -> str:
    groups = ", ".join(study.label(one.group) for one in shown)
    return (
        f"Members of {groups}: true (broad line and bands: median, middle 50 and 90 per cent of "
        f"{n_runs_text(len(study.runs(study.baseline)))}) and reported (dashed line: median; dotted: middle 90 per "
        f"cent). {study.title(study.baseline)}. States and audiences in the model know reported numbers alone. Sizes "
        "are drawn between the documents' lowest and highest figures, and reports misjudge them by a factor drawn once "
        "a run: the gap says how little is known, not who is lying. Bars: persons who left the group for another, mean "
        f"a year. Years before {_first(study, shown):.0f}, when half of these groups were there, are not drawn. "
        f"Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _alt(shown: list[Strength]) -> str:
    parts = []
    for one in shown:
        true, told = (summary(values[:, -1])[1] for values in (one.true, one.reported))
        left = one.defected
        gone = "" if left is None else f", left for another group {_short(float(left.sum()))} in all"
        parts.append(f"{one.study.label(one.group)}: true {true:,.0f}, reported {told:,.0f}{gone}")
    return f"Line charts of members over time. Medians in the last quarter. {'; '.join(parts)}."
