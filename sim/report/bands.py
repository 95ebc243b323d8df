"""Medians and central bands over runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
"""Quantiles that bound the 90 and the 50 per cent band, and the median."""


@dataclass(frozen=True)
class Bands:
    """Quantiles over runs, each of shape (points in time,); with one run all five are that run."""

    low_90: np.ndarray
    low_50: np.ndarray
    median: np.ndarray
    high_50: np.ndarray
    high_90: np.ndarray


def bands(values: np.ndarray) -> Bands:
    """Return the bands of `values`, shape (runs, points in time); missing values are left out of their point."""
    if values.ndim != 2 or not values.shape[0]:
        raise ValueError("bands need at least one run")
    wide = np.asarray(values, dtype=np.float64)
    rows = np.nanquantile(wide, LEVELS, axis=0) if np.isnan(wide).any() else np.quantile(wide, LEVELS, axis=0)
    return Bands(*rows)


def summary(values: np.ndarray) -> tuple[float, float, float]:
    """Return (5 %, median, 95 %) of one outcome over runs; NaN throughout where no run has a value."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return (float("nan"),) * 3
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95))
    return float(low), float(middle), float(high)
