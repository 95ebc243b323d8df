"""Figure: from signature to entry into force, the treaties' survival curve with the fitted lifetimes.

The curve stands in steps with its band; the fit that is used is drawn thick, the others thin and dashed. Beside the
panel stand their criterion and medians. Lines differ in width and dashes, so that the figure reads in grey.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import InputError
from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.labels import figure_text
from sim.world.tables import Tables
from sim.world.treaties import Instrument, read_treaties

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from sim.analysis.lifetimes import Curve, Fit
    from sim.analysis.treaty_delays import Assessment
    from sim.report.study import Study

FILE = "treaties.csv"
"""Table of a world's folder that holds the treaties."""

N_RESAMPLES = 2000
"""Resamples for the interval of the curve's median: a few hundredths of a second."""

HEIGHT, PANEL = 4.1, 6.1
"""Height of the figure and width of its panel, inches."""

LAST = 12.0
"""Years after signature that are drawn: past the longest delay."""

THICK, THIN = 2.8, 1.3
"""Widths of the fit that is used and of the others, points."""

_STEPS: dict[str, Any] = {"color": style.BROAD, "linewidth": 1.6, "zorder": 3}
_BAND: dict[str, Any] = {"facecolor": style.BAND_90, "linewidth": 0}
_BAR: dict[str, Any] = {"color": style.MUTED, "linewidth": 1.2, "marker": "|", "markersize": 7, "zorder": 5}
_WAITING: dict[str, Any] = {
    "color": style.INK,
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.5,
    "markerfacecolor": style.PAPER,
    "zorder": 6,
}
_DOT: dict[str, Any] = {"marker": "o", "markersize": 6.5}


def of_tables(study: Study, tables: Path | None) -> Sketch:
    """Return the figure of a world's table of treaties; Cannot where it has none, or none that could be fitted.

    Drawn from the documents alone: no run changes it.
    """
    if tables is None or not (tables / FILE).is_file():
        raise Cannot(f"the world has no {FILE}")
    try:
        found = _assessed(read_treaties(Tables(tables)))
    except InputError as error:
        raise Cannot(str(error).rstrip(".")) from error
    facts = study.provenance
    return sketch(found, f"The documents' treaties to {found.until:%B %Y}; no runs · Steppe {facts.version}")


@lru_cache(maxsize=4)
def _assessed(instruments: tuple[Instrument, ...]) -> Assessment:
    """Return the assessment of a table, made once in a process; what it needs is slow to load and loaded here."""
    from sim.analysis.treaty_delays import assess

    return assess(instruments, N_RESAMPLES)


def sketch(found: Assessment, standing: str) -> Sketch:
    """Return the figure; `standing` is its last line, as the other figures have it."""
    return Sketch(
        key="lifetimes",
        title="From signature to entry into force",
        figure=_draw(found, standing),
        caption=_caption(found),
        alt=_alt(found),
    )


def _draw(found: Assessment, standing: str) -> Figure:
    title = "Extradition treaties with China: share not yet in force, by years since signature"
    figure = style.new_figure(HEIGHT, title, standing)
    axes = style.place(figure, 0.65, 0.75, PANEL, HEIGHT - 1.25)
    axes.grid(axis="y")
    _steps(axes, found)
    age = np.linspace(0.0, LAST, 241)
    for i, fit in enumerate(found.fits):
        axes.plot(age, fit.survive(age), **_line(i))
    bar = found.median_interval
    axes.plot([bar.low, min(bar.high, LAST)], [0.5, 0.5], **_BAR)
    axes.plot([found.best.median], [0.5], color=style.SCENARIOS[0], zorder=6, **_DOT)
    axes.set_xlim(0, LAST)
    axes.set_ylim(0, 1.02)
    axes.set_xticks(range(0, int(LAST) + 1, 2))
    axes.set_xlabel("Years since signature")
    axes.set_ylabel("Share not yet in force")
    _legend(figure, found)
    return figure


def _steps(axes: Axes, found: Assessment) -> None:
    """Draw the curve from 1 at age 0 with its band, and a circle where a treaty was last seen waiting."""
    curve = found.curve
    age = np.concatenate([[0.0], curve.time])
    low, high = (_band_edge(curve, band) for band in (curve.low, curve.high))
    axes.fill_between(age, low, high, step="post", **_BAND)
    axes.step(age, _from_one(curve.survival), where="post", **_STEPS)
    censored = np.sort(found.lifetimes.time[~found.lifetimes.is_event])
    axes.plot(censored, curve.survive(censored), **_WAITING)


def _from_one(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[1.0], values])


def _band_edge(curve: Curve, values: np.ndarray) -> np.ndarray:
    """Return a band from age 0 on: 1 while the curve is 1; where that has reached 0, the step before has its end."""
    edge = _from_one(np.where(curve.survival == 1.0, 1.0, values))
    if np.isnan(edge[-1]):
        edge[-1] = edge[-2]
    return edge


def _line(i: int) -> dict[str, Any]:
    """Return how the i-th fit looks: the first thick and whole."""
    width, order = (THICK, 4) if i == 0 else (THIN, 5)
    return {"color": style.SCENARIOS[i], "linestyle": style.DASHES[i], "linewidth": width, "zorder": order}


def _legend(figure: Figure, found: Assessment) -> None:
    """Write beside the panel what each line is, with the fits' criterion and medians."""
    curve, bar = found.curve, found.median_interval
    shown: list[Line2D | Patch] = [
        Line2D([], [], label=f"Kaplan–Meier, {len(found.lifetimes)} treaties\nmedian {_median(curve)}", **_STEPS),
        Patch(**_BAND, label=f"its pointwise {curve.level:.0%} band"),
        Line2D([], [], label=f"{bar.level:.0%} bootstrap interval of its\nmedian: {_years(bar.low, bar.high)}", **_BAR),
        Line2D([], [], label="last seen waiting (censored)", **_WAITING),
    ]
    for i, fit in enumerate(found.fits):
        shown.append(Line2D([], [], label=_of_fit(fit), **_line(i), **(_DOT if i == 0 else {})))
    left = 0.65 + PANEL + 0.25
    figure.legend(
        handles=shown, loc="upper left", bbox_to_anchor=(left / style.WIDTH, 1 - 0.42 / HEIGHT), handlelength=2.8,
        labelspacing=0.85, borderaxespad=0,
    )  # fmt: skip


def _of_fit(fit: Fit) -> str:
    span = fit.interval("median")
    return f"{fit.family}: AIC {fit.aic:.1f}\nmedian {fit.median:.2f} ({_years(span.low, span.high)})"


def _years(low: float, high: float) -> str:
    return f"{low:.2f}–{high:.2f} years"


def _median(curve: Curve) -> str:
    return f"{curve.median:.2f} years" if np.isfinite(curve.median) else "not reached"


def _caption(found: Assessment) -> str:
    waiting = len(found.lifetimes) - found.lifetimes.n_events
    met = "lies" if found.is_median_met else "does not lie"
    return (
        f"Time from signature to entry into force of the {len(found.lifetimes)} extradition treaties that the "
        f"documents list, {waiting} of them censored at the end of {found.until:%B %Y} because they had not entered "
        f"into force. Steps: the product-limit estimate with its pointwise {found.curve.level:.0%} band. Lines: "
        f"lifetimes fitted by largest likelihood, the {found.best.family} thick because its AIC is least: it gives the "
        f"parameters instruments.median and instruments.spread. Intervals in brackets hold "
        f"{found.best.interval('median').level:.0%}. The dot is the fitted median, which {met} within "
        f"the bootstrap interval of the curve's median. {_of_covariates(found)} {_of_scores(found)} "
        "Only treaties that were signed are listed: the figure says nothing of negotiations that failed."
    )


def _of_covariates(found: Assessment) -> str:
    """Return in words which covariates were tested and whether any is carried."""
    tested = "; ".join(f"{one.covariate} ({one.n_marked} treaties): p {one.p_value:.3f}" for one in found.covariates)
    names = " and ".join(one.covariate for one in found.carried) or "none"
    return f"Covariates tested by likelihood ratio: {tested}; carried after correction for their number: {names}."


def _of_scores(found: Assessment) -> str:
    """Return in words how the early fits foretold the years after, the best family's first."""
    from sim.analysis.treaty_delays import EARLY

    fits = [one for one in found.scores if one.name in {fit.family for fit in found.early}]
    fits.sort(key=lambda one: one.name != found.best.family)
    told = "; ".join(
        f"{s.name} {s.expected:.1f} (standard deviation {s.spread:.1f}), log score {figure_text(s.log_score)}"
        for s in fits
    )
    return (
        f"Fitted to what was known at the end of {EARLY:%Y} and scored on the {len(found.watched.start)} treaties that "
        f"were waiting then or signed later, of which {found.watched.n_events} entered into force, they expected: "
        f"{told}."
    )


def _alt(found: Assessment) -> str:
    at = np.array([1.0, 2.0, 5.0, 10.0])
    seen = ", ".join(f"{s:.2f} after {a:.0f}" for a, s in zip(at, found.curve.survive(at), strict=True))
    fits = ", ".join(f"{fit.family} {fit.median:.2f}" for fit in found.fits)
    return (
        "Survival curve in steps with band and three fitted lines. Share of treaties not yet in force by years since "
        f"signature: {seen}. Median of the curve {_median(found.curve)}; fitted medians in years: {fits}."
    )
