"""Two scenarios on the same dice: the mean paired difference and its interval, when it opens, and who carries it.

A difference opens in the first quarter from which on, for a year, the interval of the mean paired difference leaves
zero out on one side. Shorter spells do not count: many outcomes are looked at, and a few intervals leave zero out by
luck alone. What opens within the last three quarters of a window is therefore not seen. Who carries the difference of
an outcome that several actors have is told by shares of the summed absolute mean difference, so that a rise and a fall
do not cancel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.analysis.pairs import mean_interval

YEAR = 4
"""Quarters for which an interval has to leave zero out."""

NEVER = -1
"""Place of a quarter that does not come."""

_ROW = re.compile(r"\w+\[([^\]>,]+)[^\]]*\]\..*")


@dataclass(frozen=True)
class Opening:
    """Places of two quarters in the window, NEVER where there is none."""

    differs: int
    """First quarter in which any pair differs at all."""
    opens: int
    """First quarter from which on, for a year, the interval of the mean leaves zero out on one side."""


def opening(before: np.ndarray, after: np.ndarray) -> Opening:
    """Return when a number under one scenario leaves that under another; both (pairs, quarters), on the same dice."""
    gap = after.astype(np.float64) - before.astype(np.float64)
    differs = (gap != 0.0) & ~(np.isnan(before) & np.isnan(after))
    _, low, high = mean_interval(gap)
    opens = [place for place in (_first_year(low > 0.0), _first_year(high < 0.0)) if place != NEVER]
    return Opening(_first(differs.any(axis=0)), min(opens, default=NEVER))


def shares(means: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return each actor's share (0-1) of the summed absolute mean difference, the largest first.

    Actors without a difference are left out; equal shares stand in the order of names.
    """
    total = math.fsum(abs(mean) for mean in means.values())
    found = [(who, abs(mean) / total) for who, mean in means.items() if mean != 0.0]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def actor(address: str) -> str:
    """Return whose number an address is: the first name of its row; empty where it is nobody's alone."""
    match = _ROW.fullmatch(address)
    return match[1].strip() if match else ""


def _first(marks: np.ndarray) -> int:
    return int(marks.argmax()) if marks.any() else NEVER


def _first_year(out: np.ndarray) -> int:
    if len(out) < YEAR:
        return NEVER
    return _first(np.lib.stride_tricks.sliding_window_view(out, YEAR).all(axis=1))
