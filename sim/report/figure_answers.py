"""Figure: how states answered requests for persons, by kind of answer and period.

Bars are stacked, so they are means over runs, which add up where medians do not, and they are rates a year, since the
periods differ in length; at the end of a bar stand the period's number and what single runs do. Kinds differ in
hatching. Below stands who was returned beside who was exposed to it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.report import style
from sim.report.bands import summary
from sim.report.drawn import Cannot, Sketch
from sim.report.opening import STATUSES
from sim.report.replay import of_answers
from sim.report.study import HISTORY_END, Study, n_runs_text
from sim.world.calendar import FIRST_YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PERIODS = {"free": (-math.inf, 2013.0, 2019.0, math.inf), "replay": (-math.inf, 2013.0, HISTORY_END, math.inf)}
"""Decimal years that bound the periods, by history; the first and the last are the runs' own.

In replay no period mixes what is on record with what is the model's.
"""

KINDS: dict[str, tuple[str, str, str]] = {
    "extradite": ("extradited under law", "#0072B2", ""),
    "return": ("returned by an administrative act", "#E69F00", "////"),
    "refuse": ("refused", "#FFFFFF", ""),
    "share": ("refused, intelligence shared", "#F2F2F2", "...."),
    "third_country": ("sent to a third country", "#CDE7F7", "\\\\\\\\"),
    "stall": ("stalled", "#B4B4B4", "xxxx"),
}
"""Words, fill and hatching of each kind of answer, in the order of the bars."""

ROW, LEFT = 0.3, 1.05
"""Height of a state's row, and space left of the panels, inches."""

_COUNT = re.compile(r"channels\[(\w+)>(.+)\]\.cum_answers\[(\w+)\]")
_EDGE: dict[str, Any] = {"edgecolor": style.INK, "linewidth": 0.5}
_TEXT: dict[str, Any] = {"fontsize": 7.5, "va": "center"}


@dataclass(frozen=True)
class Period:
    """Quarters from place `first` to before place `end` in the record."""

    words: str
    first: int
    end: int

    @property
    def years(self) -> float:
        """Length in years."""
        return (self.end - self.first) / 4


def sketch(study: Study) -> Sketch:
    """Return the figure; Cannot where no state's answers were recorded or no request was answered."""
    states, origin = _states(study)
    periods = _periods(study)
    counts = {p.words: {s: _answers(study, s, origin, p) for s in states} for p in periods}
    if not any(table.any() for rows in counts.values() for table in rows.values()):
        raise Cannot("none of the states whose answers were recorded was asked for persons in any run")
    returns = _returns(study)
    return Sketch(
        key="answers",
        title="Answers to requests for persons",
        figure=_draw(study, states, counts, {p.words: p.years for p in periods}, returns),
        caption=_caption(study, returns),
        alt=_alt(study, counts, returns),
    )


def _states(study: Study) -> tuple[tuple[str, ...], str]:
    """Return the states whose answers of every kind were recorded towards the first origin, in recorded order."""
    found = [m.groups() for address in study.columns if (m := _COUNT.fullmatch(address))]
    if not found:
        raise Cannot("the result records no series of answers, channels[<state>><origin>].cum_answers[<kind>]")
    origin = found[0][1]
    states = dict.fromkeys(state for state, of, _ in found if of == origin)
    whole = tuple(s for s in states if study.has(*(_address(s, origin, kind) for kind in KINDS)))
    if not whole:
        raise Cannot("the result records the answers of no state in all their kinds")
    return whole, origin


def _address(state: str, origin: str, kind: str) -> str:
    return f"channels[{state}>{origin}].cum_answers[{kind}]"


def _periods(study: Study) -> list[Period]:
    """Return the periods that the runs reach into.

    A record that begins late begins with the count of all answers until then, so its first quarter is in no period.
    """
    years, made = study.years, []
    known = np.arange(len(years)) >= int(_is_late(study))
    for start, stop in pairwise(PERIODS[study.history]):
        inside = np.flatnonzero((years >= start) & (years < stop) & known)
        if inside.size:
            first, last = int(inside[0]), int(inside[-1])
            begins = _quarter(years[first]) if years[first] % 1 else f"{years[first]:.0f}"
            ends = f"{int(years[last])}" if years[last] % 1 == 0.75 else _quarter(years[last])
            made.append(Period(f"{begins}–{ends}", first, last + 1))
    return made


def _is_late(study: Study) -> bool:
    """Return whether the record begins after the model, so that what was counted before it is not known."""
    return bool(study.years[0] > FIRST_YEAR)


def _quarter(year: float) -> str:
    return f"{int(year)}Q{int(4 * (year % 1)) + 1}"


def _answers(study: Study, state: str, origin: str, period: Period) -> np.ndarray:
    """Return the answers that fall into a period, shape (kinds, runs)."""
    series = [study.series(_address(state, origin, kind), study.baseline) for kind in KINDS]
    counts = np.stack(series).astype(np.float64)
    before = counts[:, :, period.first - 1] if period.first else 0.0
    found: np.ndarray = counts[:, :, period.end - 1] - before
    return found


def _returns(study: Study) -> dict[str, tuple[float, float]]:
    """Return by legal status the mean persons returned and person-years exposed in a run, where outcomes tell."""
    found = {}
    for status in STATUSES:
        returned, exposed = (study.values(f"{stem}_{status}", study.baseline) for stem in ("returned", "exposed"))
        if returned.size and exposed.size:
            found[status] = (float(returned.mean()), float(exposed.mean()) / 4)
    return found


def _draw(
    study: Study, states: tuple[str, ...], counts: dict[str, dict[str, np.ndarray]], years: dict[str, float],
    returns: dict[str, tuple[float, float]],
) -> Figure:  # fmt: skip
    height = 1.55 + ROW * len(states) + (0.4 if returns else 0.0)
    title = "Answers to requests for persons: bars, mean number a year; beside them, number in the period"
    figure = style.new_figure(height, title, study.standing(study.baseline))
    wide = (style.WIDTH - LEFT - 0.05) / len(counts)
    top = max(float(t.sum(axis=0).mean()) / years[p] for p, rows in counts.items() for t in rows.values())
    for i, (words, rows) in enumerate(counts.items()):
        axes = style.place(figure, LEFT + i * wide, height - 1.0 - ROW * len(states), wide - 0.15, ROW * len(states))
        axes.set_title(words)
        _panel(axes, rows, years[words], 1.55 * top)
        axes.set_yticks(range(len(states)), [study.label(s) for s in states] if i == 0 else [""] * len(states))
    if returns:
        line = _line(returns).replace(": ", ":\n", 1)
        figure.text(0.012, 0.3 / height, line, fontsize=8, va="bottom", ha="left")
    _legend(figure, height)
    return figure


def _panel(axes: Axes, rows: dict[str, np.ndarray], years: float, right: float) -> None:
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    for r, table in enumerate(rows.values()):
        means, start = table.mean(axis=1) / years, 0.0
        for mean, (_, fill, hatch) in zip(means, KINDS.values(), strict=True):
            axes.barh(r, mean, 0.66, left=start, facecolor=fill, hatch=hatch, **_EDGE)
            start += mean
        axes.annotate(_total(table), (start, r), (4, 0), textcoords="offset points", **_TEXT)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, right)
    axes.set_xticks([tick for tick in MaxNLocator(5).tick_values(0, right) if tick < 0.9 * right])


def _total(table: np.ndarray) -> str:
    """Return the mean number of a period's answers in a run and, of several runs, the middle 90 per cent."""
    totals = table.sum(axis=0)
    low, _, high = summary(totals)
    return f"{totals.mean():.1f}" + ("" if len(totals) == 1 else f" ({low:.0f}–{high:.0f})")


def _legend(figure: Figure, height: float) -> None:
    shown = [Patch(facecolor=fill, hatch=hatch, label=words, **_EDGE) for words, fill, hatch in KINDS.values()]
    figure.legend(
        handles=shown, loc="upper left", bbox_to_anchor=(0.008, 1 - 0.36 / height), ncol=len(shown), handlelength=1.9,
        handleheight=1.0, columnspacing=1.2, fontsize=8, borderaxespad=0,
    )  # fmt: skip


def _line(returns: dict[str, tuple[float, float]]) -> str:
    """Return who was returned beside who was exposed, in one line."""
    parts = [f"{STATUSES[s]} {n:,.0f} in {exposed:,.0f} person-years" for s, (n, exposed) in returns.items()]
    return f"Persons returned, and years that persons spent exposed, mean of runs, all states: {'; '.join(parts)}."


def _caption(study: Study, returns: dict[str, tuple[float, float]]) -> str:
    runs = len(study.runs(study.baseline))
    totals = " and in brackets the middle 90 per cent of the runs" if runs > 1 else ""
    exposed = f" {_line(returns)}" if returns else ""
    given = f" {of_answers(study)}" if of_answers(study) else ""
    late = (
        f" Answers of {_quarter(study.years[0])}, the first quarter recorded, are in no bar: the record cannot part "
        "them from those before it."
        if _is_late(study)
        else ""
    )
    return (
        f"Answers to requests for persons by kind, state asked and period. {study.title(study.baseline)}: mean of "
        f"{n_runs_text(runs)}. The periods differ in length, so bars are numbers a year; beside each stands the number "
        f"in the whole period{totals}.{late}{given} "
        "An answer may concern one person or many, and none of them is a success or a failure here: who is returned "
        "may be wrongly suspected, and what becomes of those returned is beyond the model. Returns are therefore told "
        f"with those exposed to them.{exposed} Persons are counted by the area they left and by legal status alone."
    )


def _alt(
    study: Study, counts: dict[str, dict[str, np.ndarray]], returns: dict[str, tuple[float, float]]
) -> str:  # fmt: skip
    parts = []
    for words, rows in counts.items():
        told = [f"{study.label(state)} {_most(table)}" for state, table in rows.items() if table.any()]
        parts.append(f"{words}: {', '.join(told) or 'none'}")
    rest = f" {_line(returns)}" if returns else ""
    return f"Stacked bars of answers by state and period, with the commonest kind. {'; '.join(parts)}.{rest}"


def _most(table: np.ndarray) -> str:
    means = table.mean(axis=1)
    words = list(KINDS.values())[int(np.argmax(means))][0]
    return f"{means.sum():.1f}, most {words}"
