"""How every figure looks: palette, line styles, type and size, and how a figure becomes a file.

Colours are Okabe and Ito's, taken in an order in which neighbours differ in luminance, and never the only sign: lines
differ in dashes, areas in hatching or by a number in them. Figures use matplotlib's object interface alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure

from sim.report.svg import tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 10.0
"""Width of every figure, inches."""

DPI = 110

INK, MUTED, FAINT, PAPER = "#1a1a1a", "#5c5c5c", "#d9d9d9", "#ffffff"

AFTER: dict[str, Any] = {"facecolor": "#f6f6f6", "edgecolor": "#8a8a8a", "linestyle": (0, (2, 2)), "linewidth": 0.7}
"""How the years after the documents' horizon look: paler than any band, and with an edge, so that grey tells them."""

BAND_90, BAND_50, BROAD, MEDIAN = "#dce8f2", "#b5d3e7", "#4296ca", "#00395c"
"""Bands and broad median line of the main scenario, and its ink where nothing is drawn over it; light to dark."""

SCENARIOS = ("#000000", "#8a2500", "#00472f", "#5b0f5b")
"""Thin lines of the other scenarios: dark, so that they are seen on the main one's broad line."""

COLOURS = ("#000000", "#D55E00", "#56B4E9", "#0072B2", "#E69F00", "#CC79A7", "#009E73")
"""Okabe and Ito, ordered so that neighbours differ in luminance."""

DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (1.3, 1.3)),
    (0, (6, 1.5, 1.3, 1.5)),
    (0, (9, 2)),
    (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0, (2.5, 2.5)),
)

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.color": INK,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.5,
    "hatch.linewidth": 0.5,
    "hatch.color": "#7a7a7a",
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "steppe",
}

_lock = threading.Lock()


@contextmanager
def drawing() -> Iterator[None]:
    """Hold the figures' settings: matplotlib keeps them for the whole process, so one report is drawn at a time."""
    with _lock, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(height: float, title: str, footer: str) -> Figure:
    """Return an empty figure of the common width and a height in inches, with its title above and a note below."""
    figure = Figure(figsize=(WIDTH, height))
    figure.text(0.012, 1 - 0.10 / height, title, fontsize=11, fontweight="bold", va="top", ha="left")
    figure.text(0.012, 0.07 / height, footer, fontsize=7.5, color=MUTED, va="bottom", ha="left")
    return figure


def place(figure: Figure, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
    """Return axes at a place in inches from the figure's lower left corner."""
    wide, high = figure.get_size_inches()
    return figure.add_axes((left / wide, bottom / high, width / wide, height / high), **options)


def mark_after(axes: Axes, start: float, end: float) -> None:
    """Set the years from `start` apart where the axes reach so far, to `end`."""
    if end > start:
        axes.axvspan(start, end + 5, zorder=0, **AFTER)


def to_svg(figure: Figure, key: str, alt: str) -> str:
    """Return the figure as an SVG element without style attributes or ids that could clash with another figure's."""
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return tidy(text.getvalue(), key, alt)


def to_png(figure: Figure, caption: str) -> bytes:
    """Return the figure as PNG that carries its caption and neither date nor software."""
    data = BytesIO()
    figure.savefig(data, format="png", dpi=DPI, metadata={"Description": caption, "Software": None})
    return data.getvalue()
