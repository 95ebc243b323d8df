"""Figures: what scenarios change, and how much there is of it without them, under every theory and worldview.

A panel a finding or an outcome, a row a point of the result; the default's interval runs through all rows as a shade.
Marks differ in shape and fill, so that the figures read in grey.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.report import panels, style
from sim.report.bands import summary
from sim.report.contrasts import HIDDEN
from sim.report.drawn import Cannot, Sketch
from sim.report.findings import APPEARS, FADES, HOLDS, OPEN, TURNS, Finding
from sim.report.labels import figure_text
from sim.report.study import Study
from sim.report.variants import KINDS, Variant
from sim.results.schema import DEFAULT_POINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8
"""Panels of a figure at most."""

COLUMNS, LEFT, GAP = 4, 2.62, 0.2
"""Panels beside each other, space for the names of rows, space between panels, inches."""

ROW, HEAD, FOOT, TOP, BOTTOM = 0.168, 0.78, 0.36, 0.62, 0.34
"""Height of a row, space above and below a band of panels, above the first and below the last, inches."""

DEFAULT_ROW = "As the experiment stands"
LONE = "the result has no variants to set beside each other"

LOOKS: Mapping[str, dict[str, Any]] = {
    HOLDS: {"marker": "o", "markersize": 4.6, "markerfacecolor": style.MEDIAN, "color": style.MEDIAN},
    TURNS: {"marker": "D", "markersize": 5.2, "markerfacecolor": style.SCENARIOS[1], "color": style.SCENARIOS[1]},
    APPEARS: {"marker": "^", "markersize": 5.4, "markerfacecolor": style.SCENARIOS[1], "color": style.SCENARIOS[1]},
    FADES: {"marker": "o", "markersize": 4.6, "markerfacecolor": style.PAPER, "color": style.MEDIAN},
    OPEN: {"marker": "x", "markersize": 4.8, "markerfacecolor": style.PAPER, "color": style.MUTED},
}
"""Marks by how a finding stands at a point."""

MEANINGS = {
    HOLDS: "as at the default point",
    TURNS: "the other direction",
    APPEARS: "a change that the default lacks",
    FADES: "no change",
    OPEN: "undecided",
}


@dataclass(frozen=True)
class Rows:
    """The rows of all panels, from the top: names with their heights, and the points that they show."""

    names: tuple[str, ...]
    points: tuple[str | None, ...]
    """None for a heading."""

    @classmethod
    def of(cls, variants: Sequence[Variant]) -> Rows:
        """Return the default and, below a heading for each kind, the variants."""
        names: list[str] = [DEFAULT_ROW]
        points: list[str | None] = [DEFAULT_POINT]
        for kind, heading in KINDS.items():
            of_kind = [variant for variant in variants if variant.kind == kind]
            names += [heading] * bool(of_kind) + [variant.short for variant in of_kind]
            points += [None] * bool(of_kind) + [variant.name for variant in of_kind]
        return cls(tuple(names), tuple(points))

    @property
    def tall(self) -> float:
        """Height of all rows, inches."""
        return ROW * len(self.names)


def effects(studies: Mapping[str, Study], found: Sequence[Finding], variants: Sequence[Variant]) -> Sketch:
    """Return the figure of findings, whose number is their place, MOST of them at most; Cannot without any."""
    if not found or not variants:
        raise Cannot("no scenario moves an outcome of the measure" if variants else LONE)
    study, rows = studies[DEFAULT_POINT], Rows.of(variants)
    largest = sorted(found, key=lambda one: -one.most)[:MOST]
    shown = [one for one in found if one in largest]
    titles = [(f"{found.index(one) + 1}. {study.title(one.scenario)}", study.meaning(one.stem)) for one in shown]
    title = "What scenarios change, under every theory and worldview"
    figure = _grid(study, title, rows, titles, lambda axes, i: _effect(axes, rows, shown[i], study))
    panels.legend(figure, _keys(shown), 0.36)
    n_left = len(found) - len(shown)
    rest = f" The largest are shown; {n_left} more stand in the table alone." if n_left else ""
    return Sketch(
        key="theories",
        title=title,
        figure=figure,
        caption=(
            "Mean difference to the baseline on the same dice, both at the point that the row names, with its 95 per "
            "cent interval, in the outcome's own unit; the mean over the reported states where they have a number "
            "each. The shade is the interval at the default point, the line zero. Titles are cut where they are long; "
            "the page has them in full. Intervals speak of luck within the model, not of whether a theory is "
            f"right.{rest}"
        ),
        alt=_alt_effects(study, shown, variants),
    )


def levels(studies: Mapping[str, Study], variants: Sequence[Variant]) -> Sketch:
    """Return the figure of the baseline's outcomes at every point; Cannot where none is in the result."""
    study = studies[DEFAULT_POINT]
    stems = [stem for stem in study.measure if not stem.startswith(HIDDEN) and len(level(study, stem))][:MOST]
    if not stems or not variants:
        raise Cannot("the result has no outcome of the measure" if variants else LONE)
    rows = Rows.of(variants)
    words = [study.meaning(stem) for stem in stems]
    titles = [(f"{of[:1].upper()}{of[1:]}", study.unit(stem)) for of, stem in zip(words, stems, strict=True)]
    title = f"{study.title(study.baseline)}: levels under every theory and worldview"
    figure = _grid(study, title, rows, titles, lambda axes, i: _level(axes, rows, stems[i], studies))
    band = Patch(color=style.BAND_90, linewidth=0, label="middle 90% as the experiment stands")
    panels.legend(figure, [Line2D([], [], label="median and middle 90% of runs", **panels.FILLED), band], 0.36)
    return Sketch(
        key="levels",
        title=title,
        figure=figure,
        caption=(
            "What the baseline comes to at every point: median and middle 90 per cent of the runs, the mean over the "
            "reported states where they have a number each. The shade is the middle 90 per cent at the default point. "
            "A theory may change how much there is of something and leave what a scenario does to it as it was."
        ),
        alt=_alt_levels(studies, stems, variants),
    )


def level(study: Study, stem: str) -> np.ndarray:
    """Return an outcome of the baseline, shape (runs,), the mean over its states; empty where it is not there."""
    table = study.runs(study.baseline)
    names = [name for name in table.names if name.partition(".")[0] == stem]
    return table.mean(names) if names else np.empty(0)


def _grid(
    study: Study, title: str, rows: Rows, titles: Sequence[tuple[str, str]], draw: Callable[[Axes, int], None]
) -> Figure:
    """Return a figure of panels, COLUMNS beside each other, each with a bold title and a line below it."""
    n_bands = -(-len(titles) // COLUMNS)
    height = TOP + n_bands * (HEAD + rows.tall + FOOT) + BOTTOM
    runs = f"{study.title(study.baseline)} and {len(study.compared) - 1} scenarios · {study.history} · "
    footer = f"{runs}{len(study.runs(study.baseline)):,} runs a scenario and point · {study.provenance.footer}"
    figure = style.new_figure(height, title, footer)
    wide = (style.WIDTH - LEFT - 0.2) / COLUMNS - GAP
    for i, (bold, below) in enumerate(titles):
        band, column = divmod(i, COLUMNS)
        bottom = height - TOP - band * (HEAD + rows.tall + FOOT) - HEAD - rows.tall
        axes = style.place(figure, LEFT + column * (wide + GAP), bottom, wide, rows.tall)
        _name(axes, rows, column == 0)
        draw(axes, i)
        axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
        lines = textwrap.wrap(below, int(15.5 * wide), max_lines=2, placeholder=" …")
        axes.text(0.0, 1.0 + 0.05 / rows.tall, "\n".join(lines), transform=axes.transAxes, fontsize=7.5, va="bottom")
        axes.set_title(panels.broken(bold, wide, 3), pad=5 + 10 * len(lines), fontsize=8.5)
    return figure


def _name(axes: Axes, rows: Rows, is_labelled: bool) -> None:
    """Name the rows; headings are bold and have no line."""
    axes.set_ylim(len(rows.names) - 0.4, -0.6)
    places = [i for i, point in enumerate(rows.points) if point is not None]
    axes.set_yticks(places, [rows.names[i] for i in places] if is_labelled else [""] * len(places))
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.grid(axis="both")
    for i, point in enumerate(rows.points):
        if point is None and is_labelled:
            place: dict[str, Any] = {
                "transform": axes.get_yaxis_transform(),
                "va": "center",
                "ha": "right",
                "fontweight": "bold",
            }
            axes.text(-0.035, i, rows.names[i], fontsize=7.5, **place)


def _effect(axes: Axes, rows: Rows, finding: Finding, study: Study) -> None:
    axes.axvspan(finding.default.low, finding.default.high, color=style.BAND_90, linewidth=0, zorder=0.5)
    axes.axvline(0, color=style.INK, linewidth=0.9, zorder=1)
    for i, point in enumerate(rows.points):
        row = finding.at.get(point or "")
        if row is None or point is None:
            continue
        look = LOOKS[stands_at(finding, point)]
        axes.plot([row.low, row.high], [i, i], color=look["color"], linewidth=1.6, solid_capstyle="butt", zorder=3)
        axes.plot([row.mean], [i], linestyle="none", zorder=4, **look)
    unit = study.unit(finding.stem)
    axes.set_xlabel(f"difference, {unit}" if unit else "difference", fontsize=7.5, labelpad=2)


def stands_at(finding: Finding, point: str) -> str:
    """Return how a finding stands at a point; at the default itself whether anything moves there."""
    if point != DEFAULT_POINT:
        return finding.stands(point)
    return {None: OPEN, 0: FADES}.get(finding.direction, HOLDS)


def _level(axes: Axes, rows: Rows, stem: str, studies: Mapping[str, Study]) -> None:
    low, _, high = summary(level(studies[DEFAULT_POINT], stem))
    axes.axvspan(low, high, color=style.BAND_90, linewidth=0, zorder=0.5)
    for i, point in enumerate(rows.points):
        if point is not None:
            low, middle, high = summary(level(studies[point], stem))
            axes.plot([low, high], [i, i], color=style.MEDIAN, linewidth=1.8, solid_capstyle="butt", zorder=3)
            axes.plot([middle], [i], marker="o", markersize=4.6, color=style.MEDIAN, zorder=4)


def _keys(shown: Sequence[Finding]) -> list[Any]:
    """Return what the legend says of the marks that are there, and of the shade."""
    there = {stands_at(one, point) for one in shown for point in one.at}
    marks = [Line2D([], [], linewidth=1.6, label=MEANINGS[kind], **LOOKS[kind]) for kind in LOOKS if kind in there]
    return [*marks, Patch(color=style.BAND_90, linewidth=0, label="default's interval")]


def _alt_effects(study: Study, shown: Sequence[Finding], variants: Sequence[Variant]) -> str:
    told = []
    for one in shown:
        counts = ", ".join(f"{MEANINGS[kind]} {len(found)}" for kind in LOOKS if (found := one.where(kind)))
        size = figure_text(one.default.mean, signed=True)
        told.append(f"{study.title(one.scenario)}, {study.meaning(one.stem)}: {size} by default; {counts}")
    return f"Rows of marks with intervals at {len(variants)} points beside the default. {'. '.join(told)}."


def _alt_levels(studies: Mapping[str, Study], stems: Sequence[str], variants: Sequence[Variant]) -> str:
    study, told = studies[DEFAULT_POINT], []
    for stem in stems:
        usual = figure_text(summary(level(study, stem))[1])
        medians = [summary(level(studies[variant.name], stem))[1] for variant in variants]
        low, high = (figure_text(float(end)) for end in (np.nanmin(medians), np.nanmax(medians)))
        told.append(f"{study.meaning(stem)} {usual} by default, {low} to {high} elsewhere")
    return f"Rows of medians with bars. {'. '.join(told)}."
