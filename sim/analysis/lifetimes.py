"""Censored lifetimes: the product-limit curve, three parametric fits, and what is uncertain about them.

A lifetime is the time from a beginning to an event; it is censored where the event had not come when watching ended.
The curve is that of Kaplan and Meier (1958, J. Am. Stat. Assoc. 53) with pointwise bands by Greenwood's variance of
log(-log S) (Kalbfleisch and Prentice 2002, *The Statistical Analysis of Failure Time Data*). Fits maximise the
likelihood in which an event gives its density and a censored lifetime its survival; they are compared by Akaike's
criterion (Akaike 1974, IEEE Trans. Autom. Control 19). The bootstrap draws whole lifetimes, time and censoring
together (Efron 1981, J. Am. Stat. Assoc. 76). Censoring is taken to say nothing of when the event would have come.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import optimize, stats

FAMILIES: Mapping[str, Any] = {"log-normal": stats.lognorm, "Weibull": stats.weibull_min, "gamma": stats.gamma}
"""Families of lifetimes by name. Each has a shape and a scale, both above 0; the location is 0."""

LEVEL = 0.9
"""Usual level of bands and intervals."""

_STEP = 1e-4
"""Step in the logarithm of a parameter for second differences of the log-likelihood."""

_SETTLED = 1e-10
"""Tolerance of the search for the largest likelihood."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, which hold what they speak of with probability `level`."""

    low: float
    high: float
    level: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Lifetimes:
    """Lifetimes, censored on the right or not.

    `time`: float64, shape (n,), years, above 0. `is_event`: bool, shape (n,), False where the lifetime is censored.
    ValueError where shapes differ, a time is not above 0 and finite, or nothing has happened.
    """

    time: np.ndarray
    is_event: np.ndarray

    def __post_init__(self) -> None:
        if self.time.ndim != 1 or self.time.shape != self.is_event.shape:
            raise ValueError(f"times and events have the shapes {self.time.shape} and {self.is_event.shape}.")
        if not (np.isfinite(self.time).all() and (self.time > 0.0).all()):
            raise ValueError("a lifetime has to be above 0 and finite.")
        if not self.is_event.any():
            raise ValueError("every lifetime is censored: nothing can be fitted to them.")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def n_events(self) -> int:
        """Number of lifetimes that ended with the event."""
        return int(self.is_event.sum())

    def pick(self, rows: np.ndarray) -> Lifetimes:
        """Return the lifetimes of these rows, integers of any number; ValueError where none of them is an event."""
        return Lifetimes(self.time[rows], self.is_event[rows])

    def censored_data(self) -> stats.CensoredData:
        """Return the same lifetimes as SciPy takes them."""
        return stats.CensoredData(uncensored=self.time[self.is_event], right=self.time[~self.is_event])


@dataclass(frozen=True)
class Curve:
    """A survival curve in steps, with a pointwise band.

    All arrays are float64 of shape (m,): the distinct times in years, rising; survival just after them; the band, NaN
    where it is not defined (survival 1 or 0).
    """

    time: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float

    @property
    def median(self) -> float:
        """First time at which survival is one half or less, years; infinite where it stays above."""
        return _first_at(self.time, self.survival, 0.5)

    def survive(self, time: np.ndarray | float) -> np.ndarray:
        """Return survival at times in years, of any shape; after the last time it stays as it is."""
        return np.concatenate([[1.0], self.survival])[np.searchsorted(self.time, time, side="right")]


@dataclass(frozen=True)
class Fit:
    """A family fitted to lifetimes by largest likelihood."""

    family: str
    """One of FAMILIES."""
    shape: float
    """Log-normal: standard deviation of the logarithm. Weibull and gamma: shape. No unit."""
    scale: float
    """Years. Log-normal: the median."""
    log_likelihood: float
    """Sum of log densities (per year) and log survivals."""
    covariance: np.ndarray
    """Of log shape and log scale, float64, shape (2, 2): inverse of the observed information."""

    @cached_property
    def distribution(self) -> Any:
        """SciPy's frozen distribution of the lifetime in years."""
        return FAMILIES[self.family](self.shape, scale=self.scale)

    @property
    def aic(self) -> float:
        """Akaike's criterion: twice the number of parameters less twice the log-likelihood; less is better."""
        return 2.0 * 2 - 2.0 * self.log_likelihood

    @property
    def median(self) -> float:
        """Median lifetime, years."""
        return float(self.distribution.median())

    def survive(self, time: np.ndarray | float) -> np.ndarray:
        """Return survival at times in years, of any shape."""
        return self.distribution.sf(time)

    def standard_errors(self) -> tuple[float, float]:
        """Return the standard errors of shape and of scale, in their own units, by the delta method."""
        errors = np.sqrt(np.diag(self.covariance))
        return float(errors[0]) * self.shape, float(errors[1]) * self.scale

    def interval(self, of: str, level: float = LEVEL) -> Interval:
        """Return a Wald interval of `shape`, `scale` or `median`, normal in its logarithm, so that it lies above 0.

        The register takes low and high of a parameter from it. KeyError where `of` is none of the three.
        """
        value, slope = {
            "shape": (self.shape, np.array([1.0, 0.0])),
            "scale": (self.scale, np.array([0.0, 1.0])),
            "median": (self.median, self._slope_of_median()),
        }[of]
        half = float(stats.norm.ppf(0.5 + level / 2.0) * np.sqrt(slope @ self.covariance @ slope))
        return Interval(float(value * np.exp(-half)), float(value * np.exp(half)), level)

    def _slope_of_median(self) -> np.ndarray:
        """Return the derivatives of the log median by log shape and log scale; every family's scale multiplies it."""
        up, down = (FAMILIES[self.family](self.shape * np.exp(h)).median() for h in (_STEP, -_STEP))
        return np.array([np.log(up / down) / (2.0 * _STEP), 1.0])


@dataclass(frozen=True)
class LikelihoodRatio:
    """What a covariate adds to a fit whose scale it multiplies (an accelerated lifetime)."""

    covariate: str
    n_marked: int
    """Lifetimes for which it is not 0."""
    factor: float
    """By what one unit of it multiplies every lifetime."""
    log_likelihood: float
    """With the covariate."""
    statistic: float
    """Twice the gain in log-likelihood; chi-squared with one degree of freedom where the covariate says nothing."""
    p_value: float

    @property
    def aic_gain(self) -> float:
        """By what the covariate lowers Akaike's criterion; below 0 where it does not earn its parameter."""
        return self.statistic - 2.0


def kaplan_meier(lifetimes: Lifetimes, level: float = LEVEL) -> Curve:
    """Return the product-limit curve with its pointwise band by the log-log transformation."""
    found = stats.ecdf(lifetimes.censored_data()).sf
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The confidence interval is undefined", category=RuntimeWarning)
        band = found.confidence_interval(level, method="log-log")
    return Curve(found.quantiles, found.probabilities, band.low.probabilities, band.high.probabilities, level)


def fit(lifetimes: Lifetimes, family: str) -> Fit:
    """Return one of FAMILIES fitted by largest likelihood, its location held at 0; KeyError for another name."""
    shape, _, scale = FAMILIES[family].fit(lifetimes.censored_data(), floc=0.0)
    at = np.log([shape, scale])
    return Fit(
        family=family,
        shape=float(shape),
        scale=float(scale),
        log_likelihood=_log_likelihood(lifetimes, family, at),
        covariance=np.linalg.inv(_information(lifetimes, family, at)),
    )


def fit_all(lifetimes: Lifetimes) -> tuple[Fit, ...]:
    """Return the fits of all FAMILIES, that with the least of Akaike's criterion first."""
    return tuple(sorted((fit(lifetimes, family) for family in FAMILIES), key=lambda made: made.aic))


def likelihood_ratio(lifetimes: Lifetimes, plain: Fit, covariate: str, marks: np.ndarray) -> LikelihoodRatio:
    """Return what a covariate adds to the plain fit of the same lifetimes.

    `marks`: shape (n,), the covariate of every lifetime. ValueError where it is the same for all: it can add nothing.
    """
    if marks.shape != lifetimes.time.shape or np.ptp(marks) == 0:
        raise ValueError(f"{covariate}: a covariate needs a value for every lifetime, and not the same for all.")
    start = np.array([np.log(plain.shape), np.log(plain.scale), 0.0])
    found = optimize.minimize(
        lambda at: -_log_likelihood(lifetimes, plain.family, at[:2], at[2] * marks),
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": _SETTLED, "maxiter": 2000},
    )
    statistic = max(0.0, 2.0 * (-float(found.fun) - plain.log_likelihood))
    return LikelihoodRatio(
        covariate=covariate,
        n_marked=int(np.count_nonzero(marks)),
        factor=float(np.exp(found.x[2])),
        log_likelihood=-float(found.fun),
        statistic=statistic,
        p_value=float(stats.chi2.sf(statistic, 1)),
    )


def resampled(lifetimes: Lifetimes, n: int, seed: int) -> np.ndarray:
    """Return the rows of `n` resamples: integers, shape (n, number of lifetimes), drawn with replacement.

    A row stands for a lifetime with its censoring. Resamples without any event are drawn anew.
    """
    draw = np.random.default_rng(seed)
    rows = draw.integers(len(lifetimes), size=(n, len(lifetimes)))
    while (empty := ~lifetimes.is_event[rows].any(axis=1)).any():
        rows[empty] = draw.integers(len(lifetimes), size=(int(empty.sum()), len(lifetimes)))
    return rows


def median_interval(lifetimes: Lifetimes, n: int = 2000, seed: int = 1, level: float = LEVEL) -> Interval:
    """Return the percentile interval of the Kaplan-Meier median over `n` resamples, years.

    A resample whose curve stays above one half has an infinite median and counts as such.
    """
    medians = np.array([_quick_median(lifetimes.pick(rows)) for rows in resampled(lifetimes, n, seed)])
    return _percentiles(medians, level)


def refit(lifetimes: Lifetimes, family: str, n: int = 200, seed: int = 1) -> np.ndarray:
    """Return shape, scale and median of a family fitted to `n` resamples: float64, shape (n, 3).

    The check on the Wald intervals of `Fit.interval`; about 20 ms a resample.
    """
    fits = (fit(lifetimes.pick(rows), family) for rows in resampled(lifetimes, n, seed))
    return np.array([(made.shape, made.scale, made.median) for made in fits])


def percentile_intervals(values: np.ndarray, level: float = LEVEL) -> tuple[Interval, ...]:
    """Return the percentile interval of each column of `values`, shape (n, columns)."""
    return tuple(_percentiles(column, level) for column in values.T)


def _percentiles(values: np.ndarray, level: float) -> Interval:
    """Return the middle `level` of values that may be infinite: no percentile lies between two of them."""
    low, high = np.quantile(values, [0.5 - level / 2.0, 0.5 + level / 2.0], method="inverted_cdf")
    return Interval(float(low), float(high), level)


def _first_at(time: np.ndarray, survival: np.ndarray, level: float) -> float:
    reached = np.flatnonzero(survival <= level + 1e-12)
    return float(time[reached[0]]) if reached.size else float("inf")


def _quick_median(lifetimes: Lifetimes) -> float:
    """Return the Kaplan-Meier median without band: a product over rows in order, events before what is censored."""
    order = np.lexsort((~lifetimes.is_event, lifetimes.time))
    at_risk = np.arange(len(lifetimes), 0, -1)
    survival = np.cumprod(1.0 - lifetimes.is_event[order] / at_risk)
    return _first_at(lifetimes.time[order], survival, 0.5)


def _log_likelihood(lifetimes: Lifetimes, family: str, at: np.ndarray, shift: np.ndarray | float = 0.0) -> float:
    """Return the log-likelihood at (log shape, log scale); `shift` is added to the log scale, shape (n,) or none."""
    of = FAMILIES[family]
    shape, scale = np.exp(at[0]), np.exp(at[1] + shift)
    density = of.logpdf(lifetimes.time, shape, scale=scale)
    survival = of.logsf(lifetimes.time, shape, scale=scale)
    return float(np.where(lifetimes.is_event, density, survival).sum())


def _information(lifetimes: Lifetimes, family: str, at: np.ndarray) -> np.ndarray:
    """Return minus the second differences of the log-likelihood by log shape and log scale, shape (2, 2)."""
    steps = np.eye(2) * _STEP
    found = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            corners = (steps[i] + steps[j], steps[i] - steps[j], steps[j] - steps[i], -steps[i] - steps[j])
            a, b, c, d = (_log_likelihood(lifetimes, family, at + corner) for corner in corners)
            found[i, j] = -(a - b - c + d) / (4.0 * _STEP**2)
    return found
