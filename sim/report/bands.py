"""Medians and central bands over runs, of their series or as they were counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.results.quantiles import LEVELS


@dataclass(frozen=True)
class Bands:
    """Quantiles over runs, each of shape (points in time,); with one run all five are that run."""

    low_90: np.ndarray
    low_50: np.ndarray
    median: np.ndarray
    high_50: np.ndarray
    high_90: np.ndarray
    error: float = 0.0
    """How far any of them can be off, since they were read off a histogram."""

    @classmethod
    def counted(cls, rows: np.ndarray, error: float) -> Bands:
        """Return the bands of quantiles, the lowest first, shape (5, points in time), and how far these can be off."""
        low_90, low_50, median, high_50, high_90 = rows
        return cls(low_90, low_50, median, high_50, high_90, error)

    @property
    def rows(self) -> np.ndarray:
        """All five, the lowest first, shape (5, points in time)."""
        return np.array([self.low_90, self.low_50, self.median, self.high_50, self.high_90])


def bands(values: np.ndarray) -> Bands:
    """Return the bands of `values`, shape (runs, points in time); missing values are left out of their point."""
    if values.ndim != 2 or not values.shape[0]:
        raise ValueError("bands need at least one run")
    wide = np.asarray(values, dtype=np.float64)
    rows = np.nanquantile(wide, LEVELS, axis=0) if np.isnan(wide).any() else np.quantile(wide, LEVELS, axis=0)
    return Bands(*rows)


def told_error(found: Iterable[Bands]) -> str:
    """Return the sentence of a caption on how far bands may be off, each set against its largest value; or nothing."""
    parts = [one.error / top for one in found if one.error and (top := float(np.nanmax(np.abs(one.rows))))]
    if not parts:
        return ""
    return (
        " Bands and medians are read off histograms of the runs: none is off by more than "
        f"{100 * max(parts):.2g} per cent of the largest value of its panel."
    )


def summary(values: np.ndarray) -> tuple[float, float, float]:
    """Return (5 %, median, 95 %) of one outcome over runs; NaN throughout where no run has a value."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return (float("nan"),) * 3
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95))
    return float(low), float(middle), float(high)
