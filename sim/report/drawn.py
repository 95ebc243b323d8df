"""A figure before and after it is drawn, and the reason why one is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Cannot(Exception):
    """A figure cannot be drawn from this result; the message says what is missing."""


@dataclass(frozen=True)
class Sketch:
    """One figure with what has to stand beside it."""

    key: str
    """Stem of its files, and its anchor in the page."""
    title: str
    figure: Figure
    caption: str
    """What it shows and how to read it. Runs, seed, version and caveat stand in the figure's last line."""
    alt: str
    """What readers who cannot see it are told."""


@dataclass(frozen=True)
class Drawn:
    """One figure as text for the page and as bytes for its PNG."""

    key: str
    number: int
    title: str
    caption: str
    """As in the sketch, for the page."""
    full: str
    """With question, scenarios, runs, seed, version and caveats, for files that stand alone."""
    alt: str
    svg: str
    png: bytes


@dataclass(frozen=True)
class Left:
    """A figure that was not drawn, and why."""

    title: str
    reason: str
