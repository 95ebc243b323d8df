"""Figure: how long groups under a patron go without an attempt abroad, by scenario.

A panel a scenario: steps for the runs, dashed steps for their pairs without the patron's effort, and the baseline's
steps thin. Ticks on a curve mark lives that were last seen without an attempt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.analysis.restraint import FAILURES, POOLED, SPELL, survival
from sim.report import panels, style
from sim.report.drawn import Cannot, Sketch
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from sim.results.runs import Runs

COLUMNS, HIGH, LEFT, BETWEEN = 4, 1.5, 0.62, 0.68
"""Panels in a row, height of a panel, space left of them and between rows, inches."""

APART = 0.11
"""Labels at the ends of curves stand at least so far apart, parts of a panel's height."""

AGES = (5, 10, 20, 30)
"""Ages at which the caption counts the lives that are still watched, years, where there are any."""

_SPELL = re.compile(rf"{SPELL}_(.+)")
_STEPS: dict[str, Any] = {"color": style.BROAD, "linewidth": 2.4, "zorder": 3}
_PAIR: dict[str, Any] = {"color": style.SCENARIOS[1], "linewidth": 1.4, "linestyle": (0, (4, 1.6)), "zorder": 4}
_BASE: dict[str, Any] = {"color": style.INK, "linewidth": 0.8, "zorder": 5}
_TICK: dict[str, Any] = {"color": style.MEDIAN, "linestyle": "none", "marker": "|", "markersize": 5, "zorder": 6}


@dataclass(frozen=True)
class Lives:
    """The lives under a patron of one scenario's runs, all groups together."""

    runs: Runs
    groups: tuple[str, ...]

    @cached_property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Years, and the share still without an attempt abroad from each on."""
        return survival(self.runs, self.groups).get(POOLED, (np.zeros(1), np.ones(1)))

    def _of(self, stem: str) -> np.ndarray:
        columns = [f"{stem}_{group}" for group in self.groups]
        return np.concatenate([self.runs[name] for name in columns])

    @property
    def n_ended(self) -> int:
        """Lives that an attempt abroad ended."""
        return int((self._of(FAILURES) > 0).sum())

    @cached_property
    def censored(self) -> np.ndarray:
        """Years after which lives were last seen without an attempt, one number for each such life."""
        spell = self._of(SPELL)
        return np.sort(spell[(spell > 0) & (self._of(FAILURES) == 0)]) / 4

    @property
    def n(self) -> int:
        """Lives."""
        return self.n_ended + len(self.censored)

    def share(self, years: np.ndarray) -> np.ndarray:
        """Return the share still without an attempt at these ages."""
        age, values = self.curve
        return values[np.searchsorted(age, years, side="right") - 1]

    def watched(self, years: float) -> int:
        """Return how many lives are still seen without an attempt at this age."""
        return int((self._of(SPELL) >= 4 * years).sum())

    @property
    def last(self) -> float:
        """Share at the end of the longest life."""
        return float(self.curve[1][-1])


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where no group's spells and attempts under a patron are known."""
    names = [match[1] for name in study.outcomes.names if (match := _SPELL.fullmatch(name))]
    groups = tuple(n for n in names if f"{FAILURES}_{n}" in study.outcomes)
    if not groups:
        raise Cannot(f"the result has no outcomes {SPELL}_<group> and {FAILURES}_<group>")
    live = {s: Lives(study.runs(s), groups) for s in study.compared}
    if not live[study.baseline].n:
        raise Cannot("no group has a patron in any run")
    pairs = {s: Lives(study.paired(s), groups) for s in study.compared if len(study.paired(s))}
    return Sketch(
        key="survival",
        title="Time without an attempt abroad",
        figure=_draw(study, live, pairs),
        caption=_caption(study, live, pairs),
        alt=_alt(study, live, pairs),
    )


def _draw(study: Study, live: dict[str, Lives], pairs: dict[str, Lives]) -> Figure:
    columns = min(COLUMNS, len(live))
    rows = -(-len(live) // columns)
    height = 0.68 + rows * (HIGH + BETWEEN) + 0.5
    title = "Groups under a patron: share without an attempt abroad so far, by years with a patron"
    figure = style.new_figure(height, title, study.standing())
    wide = (style.WIDTH - LEFT - 0.1) / columns
    everyone = [*live.values(), *pairs.values()]
    longest = max(float(one.curve[0][-1]) for one in everyone)
    low = max(0.0, min(0.8, np.floor(10 * min(one.last for one in everyone) - 0.2) / 10))
    for i, (scenario, one) in enumerate(live.items()):
        bottom = height - 0.68 - (i // columns + 1) * (HIGH + BETWEEN) + 0.3
        axes = style.place(figure, LEFT + i % columns * wide, bottom, wide - 0.5, HIGH)
        axes.set_title(panels.broken(study.title(scenario), wide), fontsize=8.5, linespacing=1.1)
        _panel(axes, one, pairs.get(scenario), None if i == 0 else live[study.baseline], longest)
        axes.set_ylim(low, 1.02)
        _ends(axes, one, pairs.get(scenario))
        axes.tick_params(labelleft=i % columns == 0)
        if i % columns == 0:
            axes.set_ylabel("Share")
        if i // columns == rows - 1:
            axes.set_xlabel("Years with a patron")
    panels.legend(figure, _keys(pairs), 0.36)
    return figure


def _panel(axes: Any, one: Lives, pair: Lives | None, base: Lives | None, longest: float) -> None:
    axes.grid(axis="y")
    axes.step(*_drawn_on(one, longest), where="post", **_STEPS)
    if pair is not None:
        axes.step(*_drawn_on(pair, longest), where="post", **_PAIR)
    if base is not None:
        axes.step(*_drawn_on(base, longest), where="post", **_BASE)
    ages = np.unique(one.censored)
    axes.plot(ages, one.share(ages), **_TICK)
    axes.set_xlim(0, longest)
    axes.set_xticks(range(0, int(longest) + 1, 10 if longest > 20 else 5))


def _drawn_on(one: Lives, longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the curve with its last step drawn on to its longest life."""
    age, share = one.curve
    end = max(float(age[-1]), float(one.censored[-1]) if len(one.censored) else 0.0)
    return np.append(age, min(end, longest)), np.append(share, share[-1])


def _ends(axes: Any, one: Lives, pair: Lives | None) -> None:
    """Write at the curves' ends what they are and the share that they end at, apart from each other."""
    low, high = axes.get_ylim()
    labels = [(one.last, f"{one.last:.2f}", {"fontweight": "bold"})]
    if pair is not None:
        labels.append((pair.last, f"{pair.last:.2f}", {"color": style.SCENARIOS[1]}))
    labels.sort(key=lambda label: label[0])
    heights = [(share - low) / (high - low) for share, *_ in labels]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + APART)
    above = max(0.0, heights[-1] - 1.0)
    for height, (_, words, look) in zip(heights, labels, strict=True):
        axes.text(1.03, height - above, words, transform=axes.transAxes, va="center", fontsize=8, **look)


def _keys(pairs: dict[str, Lives]) -> list[Line2D]:
    shown = [Line2D([], [], label="as it is, with its last share (bold)", **_STEPS)]
    if pairs:
        shown.append(Line2D([], [], label="without the patron's effort, with its last share", **_PAIR))
    shown.append(Line2D([], [], label="baseline's", **_BASE))
    shown.append(Line2D([], [], label="last seen without an attempt", **_TICK))
    return shown


def _caption(study: Study, live: dict[str, Lives], pairs: dict[str, Lives]) -> str:
    base = live[study.baseline]
    watched = ", ".join(f"{age} years {base.watched(age):,}" for age in AGES if base.watched(age))
    pair = " Dashed: the pairs on the same dice in which no patron makes an effort." if pairs else ""
    replay = (
        f" In replay time is counted only after {LAST_OF_HISTORY}, from when on groups of the model may act, also for "
        "groups that had a patron before; scenarios part from 2023 on."
        if study.history == "replay"
        else ""
    )
    return (
        "Share of groups under a patron that have made no attempt abroad so far, by years with a patron: product-limit "
        f"estimate over {n_runs_text(len(study.runs(study.baseline)))} and {len(base.groups)} groups together. "
        f"{study.title(study.baseline)}: {base.n:,} lives, of which an attempt ended {base.n_ended:,}; the others were "
        f"censored (ticks), when the runs ended or a group lost its patron, which is taken to say nothing of an "
        f"attempt.{f' Still watched after {watched}: the last steps rest on few.' if watched else ''}"
        f"{pair}{replay} Lives of one run are not independent of each other; no band is drawn."
    )


def _alt(study: Study, live: dict[str, Lives], pairs: dict[str, Lives]) -> str:
    told = []
    for scenario, one in live.items():
        other = f", without effort {pairs[scenario].last:.2f}" if scenario in pairs else ""
        told.append(f"{study.title(scenario)} {one.last:.2f}{other}")
    return f"Survival curves in steps, a panel a scenario. Share at the end of the longest life: {'; '.join(told)}."
