"""Small panels of the library: what one scenario does to the same few outcomes, on one axis, drawn as plain SVG.

A full dot is an outcome that moves, an open one is an outcome that may or may not; the bar is the interval. An arrow
stands where a difference lies beyond the axis. Nothing is told by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sim.analysis.pairs import STILL, Contrast
from sim.report import style
from sim.report.labels import fixed_text
from sim.report.svg import FONTS

REACH = 2.0
"""The axis runs from minus to plus so many standard deviations."""

_WIDTH, _LABELS, _ROW, _TOP = 300.0, 128.0, 15.0, 6.0
_TICKS = (-2, -1, 0, 1, 2)


@dataclass(frozen=True)
class Mark:
    """One row of a panel: a short name, and the paired difference, None where there is none to show."""

    name: str
    found: Contrast | None
    begins: bool = False
    """Whether a new question begins with it, set off by a line."""


def panel(title: str, marks: Sequence[Mark]) -> str:
    """Return one panel as an `<svg>` element named for readers of the screen."""
    height = _TOP + _ROW * len(marks) + 16.0
    parts = [_axis(len(marks)), *(_row(i, mark) for i, mark in enumerate(marks))]
    alt = f"{title}: {'; '.join(_spoken(mark) for mark in marks)}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(alt)}" font-family="{FONTS}" font-size="9.5">'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _x(deviations: float) -> float:
    """Return where a difference lies across the panel, at most at its edges."""
    share = (max(-REACH, min(REACH, deviations)) + REACH) / (2.0 * REACH)
    return _LABELS + 10.0 + share * (_WIDTH - _LABELS - 18.0)


def _axis(n_rows: int) -> str:
    bottom = _TOP + _ROW * n_rows
    still = _x(STILL) - _x(-STILL)
    lines = [
        f'<rect x="{_x(-STILL):.1f}" y="{_TOP:g}" width="{still:.1f}" height="{bottom - _TOP:g}" fill="{style.FAINT}"/>'
    ]
    for tick in _TICKS:
        x, ink = _x(tick), style.MUTED if tick == 0 else "#e6e6e6"
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TOP:g}" x2="{x:.1f}" y2="{bottom:g}" stroke="{ink}" stroke-width="0.7"/>'
        )
        text = str(tick).replace("-", "\N{MINUS SIGN}")
        lines.append(f'<text x="{x:.1f}" y="{bottom + 11:g}" text-anchor="middle" fill="{style.MUTED}">{text}</text>')
    return "\n".join(lines)


def _row(place: int, mark: Mark) -> str:
    y = _TOP + _ROW * (place + 0.5)
    parts = [f'<text x="{_LABELS:g}" y="{y + 3.3:.1f}" text-anchor="end" fill="{style.INK}">{escape(mark.name)}</text>']
    if mark.begins and place:
        top = y - _ROW / 2.0
        parts.append(_line(0.0, top, _WIDTH, top, style.FAINT, 1.0))
    if mark.found is None or math.isnan(mark.found.standardised):
        parts.append(f'<text x="{_x(0):.1f}" y="{y + 3.3:.1f}" text-anchor="middle" fill="{style.MUTED}">–</text>')
    elif abs(mark.found.standardised) > REACH:
        parts.append(_beyond(mark.found.standardised, y))
    else:
        parts.append(_within(mark.found, y))
    return "\n".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float, ink: str, width: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}" stroke-width="{width:g}"/>'


def _within(found: Contrast, y: float) -> str:
    x, low, high = (_x(v) for v in (found.standardised, found.standardised_low, found.standardised_high))
    width, fill = (2.4, style.MEDIAN) if found.is_moved else (1.0, style.PAPER)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{fill}" stroke="{style.MEDIAN}"/>'
    return _line(low, y, high, y, style.MEDIAN, width) + "\n" + dot


def _beyond(size: float, y: float) -> str:
    """Return an arrow at the edge of the axis, with the number beside it."""
    side = 1.0 if size > 0.0 else -1.0
    tip = _x(side * REACH) + side * 4.0
    back, inside = tip - side * 8.0, tip - side * 11.0
    arrow = f'<path d="M{tip:.1f} {y:.1f} L{back:.1f} {y - 4:.1f} L{back:.1f} {y + 4:.1f} Z" fill="{style.MEDIAN}"/>'
    anchor = "end" if side > 0.0 else "start"
    text = fixed_text(size, 1 if abs(size) < 10.0 else 0)
    words = f'<text x="{inside:.1f}" y="{y + 3.3:.1f}" text-anchor="{anchor}" fill="{style.INK}">{text}</text>'
    return arrow + "\n" + words


def _spoken(mark: Mark) -> str:
    """Return a row in words."""
    if mark.found is None or math.isnan(mark.found.standardised):
        return f"{mark.name}, not shown"
    return (
        f"{mark.name} {fixed_text(mark.found.standardised, 1)}{'' if mark.found.is_moved else ', undecided or still'}"
    )
