"""Figure: dependence of each reported state on each supplier over time, with bands over runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.report import style
from sim.report.bands import Bands, told_error
from sim.report.drawn import Cannot, Sketch
from sim.report.study import HISTORY_END, LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUPPLIERS = (("China", "CHN"), ("Russia", "RUS"), ("the West (US)", "USA"))
"""Rows of the figure: words, and the home of the suppliers."""

BROAD, THIN = 3.6, 1.3
"""Widths of the main scenario's line and of the others, points: one that lies on the main one's is seen on it."""

UNSEEN = 0.01
"""Medians that differ by less than this part of the axis everywhere are said to coincide."""

MOST_OTHERS = 4
"""Scenarios besides the main one whose medians are drawn."""


def sketch(study: Study) -> Sketch:
    """Return the figure: rows are suppliers, columns states; Cannot where no dependence was recorded."""
    states = [s for s in study.names.reported if study.has(_address(s, "CHN"))]
    rows = _rows(study, states)
    if not rows:
        raise Cannot("the result records no series of dependence")
    figure = _draw(study, states, rows)
    others = study.compared[1 : 1 + MOST_OTHERS]
    return Sketch(
        key="dependence",
        title="Dependence by supplier",
        figure=figure,
        caption=_caption(study, others, _coinciding(study, states, rows, others))
        + told_error(
            study.bands(_address(state, home), scenario)
            for _, home in rows
            for state in states
            for scenario in (study.baseline, *others)
        ),
        alt=_alt(study, states, rows),
    )


def _caption(study: Study, others: tuple[str, ...], same: dict[str, float]) -> str:
    runs = n_runs_text(len(study.runs(study.baseline)))
    rest = " Other scenarios: medians only, drawn thin on the broad line." if others else ""
    if same:
        names = " and ".join(study.title(name) for name in same)
        rest += (
            f" {names} coincide{'s' if len(same) == 1 else ''} with the baseline here: no median differs by more than "
            f"{max(same.values()):.3f}; the figure of paired differences shows what changes."
        )
    return (
        "Dependence of each state on each supplier: the sum over sectors of criticality × build-out × the supplier's "
        f"share, less what local capacity could replace (0 to 1). {study.title(study.baseline)}: median of {runs}, "
        f"with the bands that hold the middle 50 and 90 per cent of the runs.{rest} Other suppliers are not drawn; "
        "the West (US) stands for Western vendors, whose home in the model is the United States. "
        f"All panels share both axes. Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _rows(study: Study, states: list[str]) -> list[tuple[str, str]]:
    """Return the suppliers whose series were recorded for all these states."""
    return [row for row in SUPPLIERS if states and study.has(*(_address(state, row[1]) for state in states))]


def _address(state: str, home: str) -> str:
    return f"states[{state}].dependence[{home}]"


def _draw(study: Study, states: list[str], rows: list[tuple[str, str]]) -> Figure:
    height = 1.0 + 1.55 * len(rows) + 0.35
    title = "Dependence on suppliers of technology, by state and supplier (0–1)"
    figure = style.new_figure(height, title, study.standing())
    others = study.compared[1 : 1 + MOST_OTHERS]
    wide = (style.WIDTH - 0.75) / len(states)
    made: list[Axes] = []
    for r, (words, home) in enumerate(rows):
        for c, state in enumerate(states):
            axes = style.place(figure, 0.65 + c * wide, height - 0.95 - (r + 1) * 1.55 + 0.17, wide - 0.14, 1.38)
            _panel(axes, study, study.bands(_address(state, home), study.baseline))
            for i, other in enumerate(others):
                median = study.bands(_address(state, home), other).median
                axes.plot(study.years, median, zorder=4, **_thin(i))
            axes.tick_params(labelbottom=r == len(rows) - 1, labelleft=c == 0)
            if r == 0:
                axes.set_title(study.label(state))
            if c == 0:
                axes.set_ylabel(f"On {words}")
            made.append(axes)
    _share_axes(made, study)
    _legend(figure, study, others, height)
    return figure


def _panel(axes: Axes, study: Study, found: Bands) -> None:
    axes.grid(axis="y")
    axes.fill_between(study.years, found.low_90, found.high_90, color=style.BAND_90, linewidth=0)
    axes.fill_between(study.years, found.low_50, found.high_50, color=style.BAND_50, linewidth=0)
    axes.plot(study.years, found.median, color=style.BROAD, linewidth=BROAD, zorder=3, solid_capstyle="butt")


def _thin(i: int) -> dict[str, Any]:
    """Return how the line of the i-th other scenario looks."""
    return {"color": style.SCENARIOS[i], "linestyle": style.DASHES[i + 1], "linewidth": THIN}


def _coinciding(
    study: Study, states: list[str], rows: list[tuple[str, str]], others: tuple[str, ...]
) -> dict[str, float]:
    """Return the scenarios whose medians can nowhere be told from the main one's, with their largest difference."""
    addresses = [_address(state, home) for _, home in rows for state in states]
    main = {a: study.bands(a, study.baseline) for a in addresses}
    top = max(0.05, *(float(found.high_90.max()) for found in main.values()))
    gaps = {
        other: max(float(np.abs(study.bands(a, other).median - main[a].median).max()) for a in addresses)
        for other in others
    }
    return {other: gap for other, gap in gaps.items() if gap < UNSEEN * top}


def _share_axes(made: list[Axes], study: Study) -> None:
    top = max(0.05, *(axes.get_ylim()[1] for axes in made))
    for axes in made:
        axes.set_ylim(0, top)
        style.mark_after(axes, HISTORY_END, study.years[-1])
        axes.set_xlim(study.years[0], study.years[-1])
        axes.set_xticks([year for year in (2000, 2015, 2030) if study.years[0] <= year <= study.years[-1]])


def _legend(figure: Figure, study: Study, others: tuple[str, ...], height: float) -> None:
    one = len(study.runs(study.baseline)) == 1
    main = study.title(study.baseline) + ("" if one else ", median")
    shown: list[Line2D | Patch] = [Line2D([], [], color=style.BROAD, linewidth=BROAD, label=main)]
    if not one:
        shown.append(Patch(color=style.BAND_50, linewidth=0, label="middle 50%"))
        shown.append(Patch(color=style.BAND_90, linewidth=0, label="middle 90%"))
    shown += [Line2D([], [], label=study.title(name), **_thin(i)) for i, name in enumerate(others)]
    if study.years[-1] > HISTORY_END:
        shown.append(Patch(**style.AFTER, label=f"after {LAST_OF_HISTORY}"))
    figure.legend(
        handles=shown, loc="upper left", bbox_to_anchor=(0.008, 1 - 0.33 / height), ncol=len(shown), handlelength=2.4,
        columnspacing=1.6, borderaxespad=0,
    )  # fmt: skip


def _alt(study: Study, states: list[str], rows: list[tuple[str, str]]) -> str:
    ends = []
    for words, home in rows:
        last = [f"{study.label(s)} {study.bands(_address(s, home), study.baseline).median[-1]:.2f}" for s in states]
        ends.append(f"on {words}: {', '.join(last)}")
    return (
        f"Line charts of dependence over time. Medians in the last quarter of the {study.baseline}, {'; '.join(ends)}."
    )
