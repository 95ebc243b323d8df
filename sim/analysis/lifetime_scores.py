"""Scores of a survival curve on lifetimes that it has not seen.

Each lifetime is watched from an age on (0, or what it had reached when the curve was made) until its event or the end
of watching, and cut into years. For each year the curve gives the chance that the event comes within it, given that it
had not before; the score is the logarithm of the chance given to what happened (Good 1952, J. R. Stat. Soc. B 14),
and the Brier score the mean squared gap (Brier 1950, Mon. Weather Rev. 78). Fits are also scored by densities.

A product-limit curve gives years without a step no chance at all, and ends where its data end. It is scored as it is,
which one surprise makes minus infinity, and with its cumulative hazard (Nelson 1972, Technometrics 14) drawn out in
straight lines between steps (in the spirit of Kim and Proschan 1991, IEEE Trans. Reliab. 40) and beyond the last at its
mean rate (Brown, Hollander and Korwar 1974, in *Reliability and Biometry*).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.analysis.lifetimes import Fit, Lifetimes

Survive = Callable[[np.ndarray], np.ndarray]
"""Survival at ages in years: from an array to one of the same shape."""


@dataclass(frozen=True)
class Watched:
    """Lifetimes from the age at which they are watched, in years; all arrays have the shape (n,).

    `start`: age when watching begins, 0 or more. `end`: age at the event or when watching ends, above `start`. `limit`:
    age when watching ends or would have ended, at least `end`. `is_event`: bool. ValueError where they are not so.
    """

    start: np.ndarray
    end: np.ndarray
    limit: np.ndarray
    is_event: np.ndarray

    def __post_init__(self) -> None:
        if not self.start.shape == self.end.shape == self.limit.shape == self.is_event.shape or not len(self.start):
            raise ValueError("starts, ends, limits and events have to be arrays of one length, not empty.")
        if not ((self.start >= 0.0) & (self.end > self.start) & (self.limit >= self.end)).all():
            raise ValueError("a lifetime is watched from 0 or later to a later end, within its limit.")

    @property
    def n_events(self) -> int:
        """Number of events seen."""
        return int(self.is_event.sum())


@dataclass(frozen=True)
class Score:
    """How well a curve foretold what was watched."""

    name: str
    by_lifetime: np.ndarray
    """Log score of each lifetime, natural logarithms, summed over its years: float64, shape (n,)."""
    n_years: int
    """Years of lifetimes that were scored, the last of each counted whole."""
    brier: float
    """Mean squared gap between chance and what happened over these years, 0-1; less is better."""
    expected: float
    """Events that the curve expected until each lifetime's limit."""
    spread: float
    """Standard deviation of their number, the lifetimes taken as independent."""
    log_density: float | None
    """Log likelihood of the events' ages (per year) and of what is censored; None where the curve has no density."""

    @property
    def log_score(self) -> float:
        """Sum over lifetimes; nearer to 0 is better, and minus infinity where something had been given no chance."""
        return float(self.by_lifetime.sum())


def score(name: str, survive: Survive, watched: Watched, log_density: float | None = None) -> Score:
    """Return the score of a survival curve; where it has reached 0, the event is overdue and its chance is 1."""
    years = [_years(watched, i) for i in range(len(watched.start))]
    chances = [1.0 - _ratio(survive(edges[1:]), survive(edges[:-1])) for edges, _ in years]
    by_lifetime = [_log_of(p, came).sum() for p, (_, came) in zip(chances, years, strict=True)]
    gaps = np.concatenate([(p - came) ** 2 for p, (_, came) in zip(chances, years, strict=True)])
    come = 1.0 - _ratio(survive(watched.limit), survive(watched.start))
    return Score(
        name=name,
        by_lifetime=np.array(by_lifetime),
        n_years=len(gaps),
        brier=float(gaps.mean()),
        expected=float(come.sum()),
        spread=float(np.sqrt((come * (1.0 - come)).sum())),
        log_density=log_density,
    )


def score_fit(fit: Fit, watched: Watched) -> Score:
    """Return the score of a fit, by years and by densities."""
    of = fit.distribution
    ends = np.where(watched.is_event, of.logpdf(watched.end), of.logsf(watched.end))
    return score(fit.family, fit.survive, watched, float((ends - of.logsf(watched.start)).sum()))


def drawn_out(lifetimes: Lifetimes) -> Survive:
    """Return the product-limit curve of lifetimes without steps: above 0 and falling at every age."""
    time, cumulative = _cumulative_hazard(lifetimes)
    ages, hazards = np.concatenate([[0.0], time]), np.concatenate([[0.0], cumulative])
    rate = hazards[-1] / ages[-1]

    def survive(age: np.ndarray) -> np.ndarray:
        return np.exp(-np.where(age <= ages[-1], np.interp(age, ages, hazards), rate * np.asarray(age)))

    return survive


def constant_hazard(lifetimes: Lifetimes) -> Survive:
    """Return exponential survival at the mean rate: events by years watched."""
    rate = lifetimes.n_events / lifetimes.time.sum()
    return lambda age: np.exp(-rate * np.asarray(age))


def advantage(one: Score, other: Score) -> tuple[float, float]:
    """Return by how much the log score of `one` exceeds that of `other`, and its standard error over lifetimes.

    The error is NaN where a score is minus infinity, and so is the gap where both are.
    """
    with np.errstate(invalid="ignore"):
        gap = one.by_lifetime - other.by_lifetime
        return float(gap.sum()), float(np.sqrt(len(gap)) * gap.std(ddof=1))


def _cumulative_hazard(lifetimes: Lifetimes) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct ages of events, and the sum of events by those at risk up to each."""
    time, events = np.unique(lifetimes.time[lifetimes.is_event], return_counts=True)
    at_risk = (lifetimes.time[:, None] >= time).sum(axis=0)
    return time, np.cumsum(events / at_risk)


def _years(watched: Watched, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of a lifetime's years, shape (m + 1,), and whether the event came in each, bool, shape (m,).

    The last year ends with watching. The event's year is not cut short by the event: that would tell it.
    """
    start, end, limit = watched.start[i], watched.end[i], watched.limit[i]
    n = int(np.ceil(end - start - 1e-9))
    edges = np.minimum(start + np.arange(n + 1), limit)
    came = np.zeros(n, dtype=bool)
    came[-1] = watched.is_event[i]
    return edges, came


def _ratio(later: np.ndarray, sooner: np.ndarray) -> np.ndarray:
    return np.divide(later, sooner, out=np.zeros_like(sooner, dtype=float), where=sooner > 0.0)


def _log_of(chance: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Return the logarithm of the chance given to what happened; -inf where that was none."""
    given = np.where(came, chance, 1.0 - chance)
    return np.log(given, out=np.full_like(given, -np.inf), where=given > 0.0)
