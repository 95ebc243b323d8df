"""Whether what is written in a figure fits: for tests of figures."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

SLACK = 1.0
"""Points by which two texts may touch."""


def texts(figure: Figure) -> list[Text]:
    """Return all that is written in the figure and seen."""
    FigureCanvasAgg(figure).draw()
    beyond = _beyond(figure)
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in beyond]


def cut(figure: Figure) -> list[str]:
    """Return what reaches beyond the figure's edge."""
    box = figure.bbox
    found = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    return [t for t, e in found if e.x0 < 0 or e.y0 < 0 or e.x1 > box.x1 or e.y1 > box.y1]


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts that lie on each other."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK
    ]


def _beyond(figure: Figure) -> set[Text]:
    """Return the labels of ticks beyond their axis, which are there and not drawn."""
    found: set[Text] = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.majorTicks, *axis.minorTicks):
            if not low <= tick.get_loc() <= high:
                found |= {tick.label1, tick.label2}
    return found
