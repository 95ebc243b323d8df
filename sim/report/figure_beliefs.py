"""Figure: how far audiences believe that a group is behind attacks abroad, with their prior and who accused when.

Each panel is one audience and one group. The strip below it has the quarters with an accusation of that group: a bar
as high as the share of runs in which there was one, so that what is on record in replay stands at its full height.
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
from sim.report.bands import Bands, told_error
from sim.report.drawn import Cannot, Sketch
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist

MOST, COLUMNS = 9, 3
"""Panels at most, and how many stand in a row."""

HIGH, STRIP, LEFT = 1.25, 0.26, 0.65
"""Heights of a panel and of the strip below it, and space left of them, inches."""

GAP = 0.14
"""Space between a panel and its strip, inches."""

LOWEST_TOP = 0.4
"""The panels' axis, which they share, reaches at least so far."""

BETWEEN = 0.62
"""Space between rows of panels, for titles of two lines, inches."""

_BELIEF = re.compile(r"audiences\[([^*]+)\]\.belief\[([^*]+)\]")
_ACCUSES = re.compile(r"accusers\[([^*]+)\]\.accuses\[([^*]+)\]")
_PRIOR: dict[str, Any] = {"color": style.INK, "linewidth": 1.1, "linestyle": (0, (4, 1.8)), "zorder": 4}
_BAR: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 0}


@dataclass(frozen=True)
class Belief:
    """What one audience believes of one group in the baseline."""

    study: Study
    audience: str
    group: str

    @cached_property
    def bands(self) -> Bands:
        """Belief over runs, by quarter."""
        return self.study.bands(f"audiences[{self.audience}].belief[{self.group}]", self.study.baseline)

    @property
    def prior(self) -> float | None:
        """Belief before anything was said, where it was recorded."""
        address = f"audiences[{self.audience}].prior"
        return float(self.study.bands(address, self.study.baseline).median[0]) if self.study.has(address) else None

    @cached_property
    def accused(self) -> np.ndarray | None:
        """Share of runs with an accusation of the group by quarter; None where no accuser's runs were recorded."""
        if self.study.trajectories is None:
            return None
        found = [
            self.study.series(address, self.study.baseline) > 0
            for address in self.study.columns
            if (match := _ACCUSES.fullmatch(address)) and match[2] == self.group
        ]
        return np.any(found, axis=0).mean(axis=0) if found else None

    @property
    def words(self) -> str:
        """Audience and group."""
        return f"{self.study.label(self.audience)}: {self.study.label(self.group)}"


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where no belief was recorded."""
    found = [Belief(study, *m.groups()) for address in study.columns if (m := _BELIEF.fullmatch(address))]
    if not found:
        raise Cannot("the result records no series of belief, audiences[<audience>].belief[<group>]")
    order = list(dict.fromkeys(one.group for one in found))
    shown = sorted(found, key=lambda one: order.index(one.group))[:MOST]
    return Sketch(
        key="beliefs",
        title="Belief by audience",
        figure=_draw(study, shown),
        caption=_caption(study, shown) + told_error(one.bands for one in shown),
        alt=_alt(shown),
    )


def _draw(study: Study, shown: list[Belief]) -> Figure:
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    has_strips = any(one.accused is not None for one in shown)
    below = STRIP + GAP if has_strips else 0.0
    row = HIGH + below + BETWEEN
    height = 0.72 + rows * row + 0.45
    accused = ", and when it was accused of them" if has_strips else ""
    title = f"Belief of audiences that a group is behind attacks abroad (0–1){accused}"
    figure = style.new_figure(height, title, study.standing(study.baseline))
    wide = (style.WIDTH - LEFT - 0.1) / columns
    first = panels.begins(study, *(one.bands.rows for one in shown))
    top = min(1.0, max(LOWEST_TOP, np.ceil(10.5 * max(one.bands.high_90.max() for one in shown)) / 10))
    for i, one in enumerate(shown):
        at, bottom = LEFT + i % columns * wide, height - 0.72 - (i // columns + 1) * row + 0.2
        axes = style.place(figure, at, bottom + below, wide - 0.2, HIGH)
        axes.set_title(_title(one, wide - 0.2), linespacing=1.1)
        _panel(axes, one, float(top))
        panels.time_axis(axes, study, first, is_labelled=not has_strips)
        axes.tick_params(labelleft=i % columns == 0)
        if i % columns == 0:
            axes.set_ylabel("Belief")
        if has_strips:
            strip = style.place(figure, at, bottom, wide - 0.2, STRIP)
            _strip(strip, one)
            panels.time_axis(strip, study, first)
            strip.tick_params(labelleft=i % columns == 0)
    panels.legend(figure, _keys(study, shown), 0.36)
    return figure


def _title(one: Belief, wide: float) -> str:
    audience = one.study.label(one.audience)
    lines = (audience[:1].upper() + audience[1:], f"of {one.study.label(one.group)}")
    return "\n".join(panels.broken(line, wide, 1) for line in lines)


def _panel(axes: Any, one: Belief, top: float) -> None:
    axes.grid(axis="y")
    panels.draw_band(axes, one.study.years, one.bands)
    if one.prior is not None:
        axes.axhline(one.prior, **_PRIOR)
    axes.set_ylim(0, top)


def _strip(axes: Any, one: Belief) -> None:
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 1])
    if one.accused is not None:
        axes.bar(one.study.years, one.accused, 0.25, align="edge", zorder=3, **_BAR)


def _keys(study: Study, shown: list[Belief]) -> list[Artist]:
    keys = panels.band_keys(study, "belief")
    if any(one.prior is not None for one in shown):
        keys.append(Line2D([], [], label="prior", **_PRIOR))
    if any(one.accused is not None for one in shown):
        keys.append(Patch(label="strip: share of runs with an accusation", **_BAR))
    return keys + panels.after_key(study)


def _caption(study: Study, shown: list[Belief]) -> str:
    of_record = (
        f" In replay accusations up to {LAST_OF_HISTORY} are those of the documents, in every run on the same dates."
        if study.history == "replay"
        else ""
    )
    strips = (
        " The strip below a panel has the share of runs in which the group was accused by a recorded accuser in a "
        f"quarter.{of_record}"
        if any(one.accused is not None for one in shown)
        else ""
    )
    return (
        f"How far audiences believe that a group is behind attacks abroad. {study.title(study.baseline)}: median of "
        f"{n_runs_text(len(study.runs(study.baseline)))}, with the bands that hold the middle 50 and 90 per cent of "
        "the runs. The dashed line is what they believed of any group before anything was said; without new "
        f"accusations belief returns to it. All panels share one axis.{strips} "
        "Belief says what people hold true, not what is: an accusation "
        f"raises it whether it is right or wrong. Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _alt(shown: list[Belief]) -> str:
    ends = []
    for one in shown:
        prior = "" if one.prior is None else f" (prior {one.prior:.2f})"
        median = one.bands.median
        ends.append(f"{one.words} {median[-1]:.2f}, at the most {median.max():.2f}{prior}")
    return f"Line charts of belief over time. Medians in the last quarter: {'; '.join(ends)}."
