"""Figures of the routes: persons who left the origin by corridor over time, and persons by node over time.

Corridors are stacked, so they are means over runs, which add up where medians do not; what single runs do stands in the
lines about the stack's top. Layers differ in hatching, and their order is that of the list beside them.
"""

from __future__ import annotations

import math
import re
import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.report import style
from sim.report.bands import Bands, bands, told_error
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import figure_text, lower_first
from sim.report.replay import of_borders
from sim.report.study import HISTORY_END, LAST_OF_HISTORY, Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOUTH = "South-East Asia"
"""The corridor to the south, the first to be drawn where there is one; of others the largest."""

TURN = 2014
"""Year around which the documents place the turn to the south (E0932); drawn beside the model, not by it."""

MOST_SCENARIOS, MOST_NODES, COLUMNS = 5, 16, 4
"""Panels of one corridor's share; panels of persons by node, and how many of them stand in a row."""

FEWEST = 1.0
"""Nodes with fewer persons than this in 95 of 100 runs throughout are not drawn but named."""

UNSEEN = 0.01
"""Medians that differ by less than this part of a panel's height everywhere are said to coincide."""

LAYERS: tuple[tuple[str, str], ...] = (
    ("#0072B2", ""), ("#F5E7C0", "////"), ("#56B4E9", "...."), ("#E69F00", ""), ("#F2F2F2", "xxxx"),
    ("#009E73", "\\\\\\\\"), ("#FFFFFF", "||||"), ("#CC79A7", ""),
)  # fmt: skip
"""Fill and hatching of each layer, the lowest first; neighbours differ in luminance and in hatching."""

STACK, SHARE, NODE = 2.3, 1.35, 1.25
"""Heights of the panels, inches."""

LEFT, TOP, SIDE = 0.65, 0.62, 3.55
"""Space left of the panels and above them, and width of the list beside the stack, inches."""

PARTS, LETTERS = (2.6, 3.25), 26
"""Right edges of the list's columns, inches, and letters of a corridor's name that fit in a line before them."""

ABOVE = 0.95
"""Space above the first row of places, with its legend of up to two lines, inches."""

_LEAVING = re.compile(r"origins\[([^*]+)\]\.leaving\[([^*]+)\]")
_STOCK = re.compile(r"nodes\[([^*]+)\]\.stock\[([^*]+)\]")
_EDGE: dict[str, Any] = {"edgecolor": style.INK, "linewidth": 0.4}
_TOTAL: dict[str, Any] = {"color": style.INK, "linewidth": 1.1, "linestyle": (0, (4, 1.6))}
_TURN: dict[str, Any] = {"color": style.INK, "linewidth": 1.0, "linestyle": (0, (1, 1.6)), "zorder": 5}
_MAIN: dict[str, Any] = {"color": style.BROAD, "linewidth": 3.6, "zorder": 3, "solid_capstyle": "butt"}
_BESIDE: dict[str, Any] = {"color": style.INK, "linewidth": 1.0, "zorder": 4}


def yearly(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the means of each calendar year's quarters, shape (runs, calendar years)."""
    whole = np.floor(years)
    means = [values[:, whole == year].mean(axis=1, dtype=np.float64) for year in np.unique(whole)]
    return np.stack(means, axis=1)


@dataclass(frozen=True)
class Ways:
    """The corridors of one origin whose leavers were recorded: the southern one first, the others by size."""

    study: Study
    origin: str
    corridors: tuple[str, ...]

    @cached_property
    def years(self) -> np.ndarray:
        """Calendar years of the runs."""
        return np.unique(np.floor(self.study.years))

    def flows(self, scenario: str) -> np.ndarray:
        """Return persons a quarter as means of each year, shape (corridors, runs, years)."""
        series = [self.study.series(_leaving(self.origin, corridor), scenario) for corridor in self.corridors]
        return np.stack([yearly(self.study.years, values) for values in series])

    def share(self, scenario: str) -> np.ndarray:
        """Return the first corridor's share of those who left in a year, shape (runs, years); 0 where nobody did."""
        flows = self.flows(scenario)
        total = flows.sum(axis=0)
        return np.divide(flows[0], total, out=np.zeros_like(total), where=total > 0)

    def parts(self, first: float, end: float) -> np.ndarray:
        """Return each corridor's part of all who left from a year to before another, in all runs of the baseline."""
        kept = (self.years >= first) & (self.years < end)
        sums = self.flows(self.study.baseline)[:, :, kept].sum(axis=(1, 2))
        return sums / sums.sum() if sums.sum() else np.full(len(sums), math.nan)


def _leaving(origin: str, corridor: str) -> str:
    return f"origins[{origin}].leaving[{corridor}]"


def _ways(study: Study) -> Ways:
    """Return the corridors of the first origin with two or more recorded ones; Cannot where none has."""
    found: dict[str, dict[str, float]] = {}
    for address in study.columns:
        if match := _LEAVING.fullmatch(address):
            found.setdefault(match[1], {})[match[2]] = float(study.series(address, study.baseline).mean())
    for origin, size in found.items():
        if len(size) > 1:
            return Ways(study, origin, tuple(sorted(size, key=lambda c: (c != SOUTH, -size[c], c))))
    raise Cannot("the result records no series of persons by two or more corridors, origins[<origin>].leaving[*]")


def routes(study: Study) -> Sketch:
    """Return the figure of the ways out; Cannot where fewer than two corridors were recorded or nobody left."""
    ways = _ways(study)
    if not ways.flows(study.baseline).any():
        raise Cannot(f"nobody leaves {ways.origin} in any run")
    return Sketch(
        key="routes",
        title=f"Ways out of {ways.origin}",
        figure=_draw_routes(ways),
        caption=_routes_caption(ways),
        alt=_routes_alt(ways),
    )


def _draw_routes(ways: Ways) -> Figure:
    study = ways.study
    height = TOP + STACK + 0.92 + SHARE + 0.52
    told = study.compared[:MOST_SCENARIOS]
    title = f"Persons leaving {ways.origin} by corridor, and the share that leaves by {ways.corridors[0]}"
    figure = style.new_figure(height, title, study.standing(*told))
    axes = style.place(figure, LEFT, height - TOP - STACK, style.WIDTH - LEFT - SIDE, STACK)
    axes.set_title(f"By corridor: {study.title(study.baseline)}, mean of runs")
    axes.set_ylabel("Persons a quarter")
    _stack(axes, ways)
    _list(figure, ways, height)
    wide = (style.WIDTH - LEFT - 0.05) / max(2, len(told))
    for i, scenario in enumerate(told):
        axes = style.place(figure, LEFT + i * wide, 0.52, wide - 0.16, SHARE)
        axes.set_title(_two_lines(study.title(scenario), wide), fontsize=8.5, linespacing=1.1)
        _share_panel(axes, ways, scenario)
        axes.tick_params(labelleft=i == 0)
        if i == 0:
            axes.set_ylabel("Share")
    _legend(figure, study, height - TOP - STACK - 0.3, height, has_turn=_has_turn(ways))
    return figure


def _two_lines(title: str, wide: float) -> str:
    """Return a title broken, and where need be cut, so that it fits above a panel of this width in inches."""
    return "\n".join(textwrap.wrap(title, int(14 * wide), max_lines=2, placeholder=" …"))


def _stack(axes: Axes, ways: Ways) -> None:
    flows = ways.flows(ways.study.baseline)
    middle = ways.years + 0.5
    tops = np.cumsum(flows.mean(axis=1), axis=0)
    floor = np.zeros_like(middle)
    for top, (fill, hatch) in zip(tops, _looks(ways), strict=True):
        axes.fill_between(middle, floor, top, facecolor=fill, hatch=hatch, zorder=2, **_EDGE)
        floor = top
    if flows.shape[1] > 1:
        total = bands(flows.sum(axis=0))
        for edge in (total.low_90, total.high_90):
            axes.plot(middle, edge, color=style.PAPER, linewidth=2.6, zorder=4)
            axes.plot(middle, edge, zorder=4, **_TOTAL)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_formatter("{x:,g}")
    _time(axes, ways.study, ways)


def _looks(ways: Ways) -> list[tuple[str, str]]:
    return [LAYERS[i % len(LAYERS)] for i in range(len(ways.corridors))]


def _has_turn(ways: Ways) -> bool:
    return ways.corridors[0] == SOUTH and bool(ways.years[0] <= TURN <= ways.years[-1])


def _time(axes: Axes, study: Study, ways: Ways | None = None) -> None:
    style.mark_after(axes, HISTORY_END, study.years[-1])
    if ways is not None and _has_turn(ways):
        axes.axvline(TURN, **_TURN)
    axes.set_xlim(study.years[0], study.years[-1])
    axes.set_xticks([year for year in (2000, 2015, 2030) if study.years[0] <= year <= study.years[-1]])


def _list(figure: Figure, ways: Ways, height: float) -> None:
    """Write beside the stack what its layers are, in their order, with each corridor's part of all who left."""
    axes = style.place(figure, style.WIDTH - SIDE + 0.15, height - TOP - STACK, SIDE - 0.2, STACK)
    axes.set_axis_off()
    axes.set_xlim(0, SIDE - 0.2)
    axes.set_ylim(0, STACK)
    columns = _columns(ways)
    row = min(0.42, (STACK - 0.35) / len(ways.corridors))
    head: dict[str, Any] = {"fontsize": 7.5, "color": style.MUTED, "va": "bottom"}
    axes.text(0, STACK - 0.1, "Part of all who left, %", **head)
    for place, (words, _) in zip(PARTS, columns, strict=False):
        axes.text(place, STACK - 0.1, words, ha="right", **head)
    for i, (corridor, (fill, hatch)) in enumerate(zip(ways.corridors, _looks(ways), strict=True)):
        level = STACK - 0.2 - (len(ways.corridors) - i) * row
        axes.add_patch(Rectangle((0, level), 0.34, row * 0.78, facecolor=fill, hatch=hatch, **_EDGE))
        axes.text(0.43, level + row * 0.38, textwrap.fill(corridor, LETTERS), va="center", linespacing=1.0)
        for place, (_, parts) in zip(PARTS, columns, strict=False):
            axes.text(place, level + row * 0.38, _percent(parts[i]), ha="right", va="center")


def _columns(ways: Ways) -> list[tuple[str, np.ndarray]]:
    """Return the columns of the list: parts before and since the documents' turn, or of all years."""
    if not _has_turn(ways):
        return [("", ways.parts(-math.inf, math.inf))]
    return [(f"to {TURN - 1}", ways.parts(-math.inf, TURN)), (f"from {TURN}", ways.parts(TURN, math.inf))]


def _percent(part: float) -> str:
    return "–" if math.isnan(part) else f"{100 * part:.1f}"


def _share_panel(axes: Axes, ways: Ways, scenario: str) -> None:
    study = ways.study
    axes.grid(axis="y")
    _band(axes, ways.years + 0.5, bands(ways.share(scenario)))
    if scenario != study.baseline:
        axes.plot(ways.years + 0.5, np.median(ways.share(study.baseline), axis=0), **_BESIDE)
    axes.set_ylim(0, 1)
    _time(axes, study, ways)


def _band(axes: Axes, when: np.ndarray, found: Bands) -> None:
    axes.fill_between(when, found.low_90, found.high_90, color=style.BAND_90, linewidth=0)
    axes.fill_between(when, found.low_50, found.high_50, color=style.BAND_50, linewidth=0)
    axes.plot(when, found.median, **_MAIN)


def _legend(figure: Figure, study: Study, bottom: float, height: float, has_turn: bool) -> None:
    one = len(study.runs(study.baseline)) == 1
    shown: list[Line2D | Patch] = [Line2D([], [], label="share" if one else "median", **_MAIN)]
    if not one:
        shown.append(Patch(color=style.BAND_50, linewidth=0, label="middle 50%"))
        shown.append(Patch(color=style.BAND_90, linewidth=0, label="middle 90%"))
        shown.append(Line2D([], [], label="middle 90% of totals", **_TOTAL))
    if len(study.compared) > 1:
        shown.append(Line2D([], [], label="baseline's median", **_BESIDE))
    if has_turn:
        shown.append(Line2D([], [], label=f"documents: turn about {TURN}", **_TURN))
    if study.years[-1] > HISTORY_END:
        shown.append(Patch(**style.AFTER, label=f"after {LAST_OF_HISTORY}"))
    figure.legend(
        handles=shown, loc="upper left", bbox_to_anchor=(0.008, bottom / height), ncol=len(shown), handlelength=2.0,
        columnspacing=1.1, fontsize=8, borderaxespad=0,
    )  # fmt: skip


def _routes_caption(ways: Ways) -> str:
    study = ways.study
    lines = "; dashed lines hold the middle 90 per cent of the runs' totals"
    runs = len(study.runs(study.baseline))
    turn = f" The dotted line is the documents' date for a turn south, about {TURN} (E0932): theirs, not the model's."
    others = " The thin line in the other panels is the baseline's median." if len(study.compared) > 1 else ""
    return (
        f"Above: expected persons a quarter who leave {ways.origin} by each corridor, means of a year's quarters and "
        f"over {n_runs_text(runs)} of the {lower_first(study.title(study.baseline))}, stacked: the upper edge is the "
        f"mean total{lines if runs > 1 else ''}. Beside it each corridor's part of all who left. Below: the share of a "
        f"year's leavers who left by {ways.corridors[0]}, with the bands that hold the middle 50 and 90 per cent of "
        f"the runs.{others}{turn if _has_turn(ways) else ''} {of_borders(study)} "
        "Persons are counted by the area that they left and by legal status alone; how many might leave is assumed, so "
        "that the mix of corridors says more than its height. "
        f"Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _routes_alt(ways: Ways) -> str:
    study = ways.study
    parts = []
    for words, found in _columns(ways):
        told = ", ".join(f"{name} {_percent(part)} per cent" for name, part in zip(ways.corridors, found, strict=True))
        parts.append(f"{words or 'all years'}: {told}")
    ends = [f"{study.title(s)} {np.median(ways.share(s)[:, -1]):.2f}" for s in study.compared[:MOST_SCENARIOS]]
    return (
        f"Stacked areas of persons leaving {ways.origin} by corridor. Parts of all who left in the "
        f"{lower_first(study.title(study.baseline))}, {'; '.join(parts)}. Line charts of the share by "
        f"{ways.corridors[0]}; medians in the last year: {', '.join(ends)}."
    )


def stocks(study: Study) -> Sketch:
    """Return the figure of persons by node, the origin's own left out; Cannot where none was recorded or came."""
    recorded = [(m[2], m[1], address) for address in study.columns if (m := _STOCK.fullmatch(address))]
    origin = recorded[0][0] if recorded else ""
    found = {node: address for of, node, address in recorded if of == origin and node != origin}
    if not found:
        raise Cannot("the result records no series of persons by node, nodes[<node>].stock[<origin>]")
    made = {node: study.bands(address, study.baseline) for node, address in found.items()}
    order = sorted(made, key=lambda node: (-float(made[node].high_90.max()), node))
    shown = [node for node in order if made[node].high_90.max() >= FEWEST][:MOST_NODES]
    if not shown:
        raise Cannot("no node but the origin's ever has as much as one person in 95 of 100 runs")
    return Sketch(
        key="stocks",
        title=f"Persons from {origin} by place",
        figure=_draw_stocks(study, {node: found[node] for node in shown}, made, origin),
        caption=_stocks_caption(study, [node for node in order if node not in shown], _same(study, found, made, shown))
        + told_error(made[node] for node in shown),
        alt=_stocks_alt(study, made, shown),
    )


def _draw_stocks(study: Study, shown: dict[str, str], made: dict[str, Bands], origin: str) -> Figure:
    n_rows = math.ceil(len(shown) / COLUMNS)
    height = ABOVE + n_rows * (NODE + 0.45) + 0.3
    figure = style.new_figure(
        height, f"Persons from {origin}, by place (each panel has its own scale)", study.standing()
    )
    wide = (style.WIDTH + 0.05) / COLUMNS
    others = study.compared[1:MOST_SCENARIOS]
    for i, (node, address) in enumerate(shown.items()):
        row, column = divmod(i, COLUMNS)
        axes = style.place(
            figure, 0.6 + column * wide, height - ABOVE - (row + 1) * (NODE + 0.45) + 0.3, wide - 0.67, NODE
        )
        axes.set_title(node)
        axes.grid(axis="y")
        _band(axes, study.years, made[node])
        for k, other in enumerate(others):
            axes.plot(study.years, study.bands(address, other).median, **_thin(k))
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter("{x:,g}")
        _time(axes, study)
    _stocks_legend(figure, study, others, height)
    return figure


def _thin(i: int) -> dict[str, Any]:
    return {"color": style.SCENARIOS[i], "linestyle": style.DASHES[i + 1], "linewidth": 1.3, "zorder": 4}


def _stocks_legend(figure: Figure, study: Study, others: tuple[str, ...], height: float) -> None:
    one = len(study.runs(study.baseline)) == 1
    main = study.title(study.baseline) + ("" if one else ", median")
    shown: list[Line2D | Patch] = [Line2D([], [], label=main, **_MAIN)]
    if not one:
        shown.append(Patch(color=style.BAND_50, linewidth=0, label="middle 50%"))
        shown.append(Patch(color=style.BAND_90, linewidth=0, label="middle 90%"))
    shown += [Line2D([], [], label=study.title(name), **_thin(i)) for i, name in enumerate(others)]
    if study.years[-1] > HISTORY_END:
        shown.append(Patch(**style.AFTER, label=f"after {LAST_OF_HISTORY}"))
    figure.legend(
        handles=shown, loc="upper left", bbox_to_anchor=(0.008, 1 - 0.33 / height), ncol=4, handlelength=2.0,
        columnspacing=1.5, fontsize=8, borderaxespad=0,
    )  # fmt: skip


def _same(study: Study, found: dict[str, str], made: dict[str, Bands], shown: list[str]) -> list[str]:
    """Return titles of the other scenarios whose medians can nowhere be told from the baseline's."""

    def gap(node: str, other: str) -> float:
        median = study.bands(found[node], other).median
        return float(np.abs(median - made[node].median).max() / made[node].high_90.max())

    others = study.compared[1:MOST_SCENARIOS]
    return [study.title(other) for other in others if max(gap(node, other) for node in shown) < UNSEEN]


def _stocks_caption(study: Study, left: list[str], same: list[str]) -> str:
    runs = n_runs_text(len(study.runs(study.baseline)))
    rest = f" Not drawn, with fewer persons: {', '.join(left)}." if left else ""
    others = " Other scenarios: medians only, drawn thin." if len(study.compared) > 1 else ""
    if same:
        others += f" {' and '.join(same)} cannot be told from the baseline in any panel."
    return (
        "Expected persons at each place on the routes, whatever their legal status. "
        f"{study.title(study.baseline)}: median of {runs}, with the bands that hold the middle 50 and 90 per "
        f"cent of the runs.{others} Places stand in the order of their largest number, and each has its own "
        f"scale. The place where they start is left out.{rest} How many might leave is assumed; nobody is born or dies "
        f"on the way. Shaded years lie after {LAST_OF_HISTORY}, the documents' horizon."
    )


def _stocks_alt(study: Study, made: dict[str, Bands], shown: list[str]) -> str:
    told = []
    for node in shown:
        most = int(np.argmax(made[node].median))
        peak, end = (figure_text(float(made[node].median[i])) for i in (most, -1))
        told.append(f"{node} {peak} in {int(study.years[most])}, {end} at the end")
    return f"Line charts of persons by place over time. Largest and last medians: {'; '.join(told)}."
