"""Figure: what a state accuses groups of by year, and whether rightly, with protest beside.

Bars are stacked, so they are means over runs, which add up where medians do not; the line through a bar holds the
middle of the runs' totals. Whether an accusation was right is known of simulated incidents alone: what the documents
tell of is counted and not scored.
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
from matplotlib.ticker import MaxNLocator

from sim.report import panels, style
from sim.report.bands import bands
from sim.report.drawn import Cannot, Sketch
from sim.report.study import HISTORY_END, LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist

KINDS: dict[str, tuple[str, str, str]] = {
    "record": ("on record, not scored", "#FFFFFF", ""),
    "right": ("right", "#0072B2", ""),
    "wrong": ("wrong", "#F2C46D", "////"),
    "unsettled": ("unsettled (incident on record)", "#FFFFFF", "...."),
    "bare": ("about no incident", "#A8A8A8", "\\\\\\\\"),
}
"""Words, fill and hatching of each kind of accusation, from the bottom of a bar to its top."""

SCORED = tuple(KINDS)[1:]
BARS, PROTEST, LEFT = 2.15, 1.0, 0.65
"""Heights of the panels, and space left of them, inches."""

_COUNT = re.compile(r"accusers\[(\w+)\]\.cum_accused")
_RANGE: dict[str, Any] = {"color": style.INK, "linewidth": 1.0}


@dataclass(frozen=True)
class Accusations:
    """The accusations of one state in one scenario."""

    study: Study
    accuser: str
    scenario: str

    @cached_property
    def quarterly(self) -> dict[str, np.ndarray]:
        """Accusations of each kind by quarter, shape (runs, quarters)."""
        total = self._new("accused")
        scored = {kind: self._new(kind) for kind in SCORED}
        if self.study.history == "replay":
            given = self.study.years < HISTORY_END
            scored = {kind: np.where(given, 0.0, values) for kind, values in scored.items()}
        return {"record": np.maximum(total - sum(scored.values()), 0.0), **scored}

    def _new(self, kind: str) -> np.ndarray:
        """Return how many came in each quarter; what was counted before the record begins is in none."""
        counts = self.study.series(f"accusers[{self.accuser}].cum_{kind}", self.scenario).astype(np.float64)
        start = counts[:, :1] if self.study.years[0] > 1991 else 0.0 * counts[:, :1]
        return np.diff(counts, axis=1, prepend=start)

    @cached_property
    def years(self) -> np.ndarray:
        """Calendar years of the record."""
        return np.unique(np.floor(self.study.years))

    @cached_property
    def yearly(self) -> np.ndarray:
        """Accusations by kind, run and year."""
        whole = np.floor(self.study.years)
        rows = [
            np.stack([values[:, whole == year].sum(axis=1) for year in self.years], axis=1)
            for values in self.quarterly.values()
        ]
        return np.stack(rows)

    @property
    def totals(self) -> dict[str, float]:
        """Mean number of each kind in a run."""
        return {kind: float(values.sum(axis=1).mean()) for kind, values in self.quarterly.items()}


def sketch(study: Study) -> Sketch:
    """Return the figure of the first accuser recorded; Cannot where none was, or where it accuses nobody."""
    accuser = _accuser(study)
    base = Accusations(study, accuser, study.baseline)
    if not base.yearly.any():
        raise Cannot(f"{study.label(accuser)} accuses nobody in any run")
    shown = [base, *_moved_most(study, accuser)]
    return Sketch(
        key="accusations",
        title=f"Accusations by {study.label(accuser)}",
        figure=_draw(study, shown),
        caption=_caption(study, shown),
        alt=_alt(study, shown),
    )


def _accuser(study: Study) -> str:
    for address in study.columns:
        match = _COUNT.fullmatch(address)
        if match and study.has(*(f"accusers[{match[1]}].cum_{kind}" for kind in SCORED)):
            return match[1]
    raise Cannot("the result records no accuser's numbers in all kinds, accusers[<state>].cum_accused, cum_right, …")


def _moved_most(study: Study, accuser: str) -> list[Accusations]:
    """Return the accusations of the scenario that changes their mean number most; none where all are the same."""
    all_of = [Accusations(study, accuser, scenario) for scenario in study.compared]
    sizes = [sum(one.totals.values()) for one in all_of]
    gaps = [abs(size - sizes[0]) for size in sizes]
    most = int(np.argmax(gaps))
    return [all_of[most]] if gaps[most] > 0 else []


def _draw(study: Study, shown: list[Accusations]) -> Figure:
    accuser, height = shown[0].accuser, 0.98 + BARS + 0.25 + PROTEST + 0.52
    title = f"Accusations by {study.label(accuser)} against groups, a year: claims, not findings, with protest there"
    figure = style.new_figure(height, title, study.standing(*(one.scenario for one in shown)))
    first = panels.begins(study, *(study.series(f"accusers[{accuser}].cum_accused", one.scenario) for one in shown))
    top = 1.06 * max(_high(one, first) for one in shown)
    wide = (style.WIDTH - LEFT - 0.12) / len(shown)
    for i, one in enumerate(shown):
        at = LEFT + i * wide
        axes = style.place(figure, at, 0.52 + PROTEST + 0.25, wide - 0.2, BARS)
        axes.set_title(panels.broken(f"{study.title(one.scenario)}: accusations", wide, 1))
        _bars(axes, one, top)
        panels.time_axis(axes, study, first, is_labelled=not _has_protest(one))
        axes.tick_params(labelleft=i == 0)
        if i == 0:
            axes.set_ylabel("Accusations a year")
        if _has_protest(one):
            _protest(style.place(figure, at, 0.52, wide - 0.2, PROTEST), one, first, i == 0)
    panels.legend(figure, _keys(study), 0.36)
    return figure


def _has_protest(one: Accusations) -> bool:
    return one.study.has(f"states[{one.accuser}].protest")


def _protest_of(one: Accusations) -> np.ndarray:
    return one.study.series(f"states[{one.accuser}].protest", one.scenario)


def _high(one: Accusations, first: float) -> float:
    kept = one.yearly[:, :, one.years >= first]
    return max(float(np.quantile(kept.sum(axis=0), 0.95, axis=0).max()), float(kept.mean(axis=1).sum(axis=0).max()))


def _bars(axes: Any, one: Accusations, top: float) -> None:
    axes.grid(axis="y")
    floor = np.zeros(len(one.years))
    for (_, fill, hatch), values in zip(KINDS.values(), one.yearly, strict=True):
        means = values.mean(axis=0)
        axes.bar(one.years + 0.5, means, 0.8, floor, facecolor=fill, hatch=hatch, zorder=2, **panels.EDGE)
        floor = floor + means
    if one.yearly.shape[1] > 1:
        found = bands(one.yearly.sum(axis=0))
        axes.vlines(one.years + 0.5, found.low_90, found.high_90, zorder=4, **_RANGE)
    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))


def _protest(axes: Any, one: Accusations, first: float, is_first: bool) -> None:
    axes.grid(axis="y")
    axes.set_title(f"{one.study.label(one.accuser)}: protest", fontsize=8.5, pad=3)
    panels.draw_band(axes, one.study.years, bands(_protest_of(one)))
    axes.set_ylim(0, 1)
    panels.time_axis(axes, one.study, first)
    axes.tick_params(labelleft=is_first)
    if is_first:
        axes.set_ylabel("Protest (0–1)")


def _keys(study: Study) -> list[Artist]:
    kinds = list(KINDS.values()) if study.history == "replay" else list(KINDS.values())[1:]
    shown: list[Artist] = [
        Patch(facecolor=fill, hatch=hatch, label=words, **panels.EDGE) for words, fill, hatch in kinds
    ]
    if len(study.runs(study.baseline)) > 1:
        shown.append(Line2D([], [], label="middle 90% of totals", marker="|", linestyle="none", markersize=9, **_RANGE))
    return shown + panels.after_key(study)


def _told(one: Accusations) -> str:
    parts = [f"{KINDS[kind][0]} {number:.1f}" for kind, number in one.totals.items() if kind != "record" or number]
    return f"{one.study.title(one.scenario)}: {', '.join(parts)}"


def _caption(study: Study, shown: list[Accusations]) -> str:
    record = (
        f" Up to {LAST_OF_HISTORY} replay holds the accusations of the documents alone; they are counted and not "
        "scored, since who was behind a real incident is not the model's to say."
        if study.history == "replay"
        else ""
    )
    beside = " Beside it the scenario that changes their number most." if len(shown) > 1 else ""
    return (
        f"Accusations of groups by {study.label(shown[0].accuser)}, a year, means of "
        f"{n_runs_text(len(study.runs(study.baseline)))}, stacked; lines hold the middle 90 per cent of the runs' "
        f"totals.{beside} An accusation is a claim. It is right or wrong by who made the simulated attempt, which "
        "nobody in the model is told; about an incident on record it stays unsettled; about no incident: "
        f"nothing had happened.{record} Mean numbers a run: {'; '.join(_told(one) for one in shown)}. Below: protest "
        f"in the accusing state. Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _alt(study: Study, shown: list[Accusations]) -> str:
    return (
        f"Stacked bars of accusations by {study.label(shown[0].accuser)} by year, with protest below. Mean numbers a "
        f"run: {'; '.join(_told(one) for one in shown)}."
    )
