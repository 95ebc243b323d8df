"""From signature to entry into force: the documents' extradition treaties as lifetimes, fitted and scored.

The fit is made twice: once on what was known at the end of 2008, scored on what happened after; once on all rows, for
use. Treaties that had not entered into force are censored when watching ends. Only treaties that were signed are in
the table: nothing here speaks of negotiations that failed. Mechanisms 39 and 43.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.analysis.lifetime_scores import Score, Watched, constant_hazard, drawn_out, score, score_fit
from sim.analysis.lifetimes import (
    LEVEL,
    Curve,
    Fit,
    Interval,
    Lifetimes,
    LikelihoodRatio,
    fit_all,
    kaplan_meier,
    likelihood_ratio,
    median_interval,
)
from sim.errors import InputError
from sim.world.treaties import Instrument, of_kind

KIND = "extradition"
"""The one kind whose days the documents give."""

EARLY = date(2008, 12, 31)
"""End of what the first fit knows."""

WRITTEN = date(2018, 7, 31)
"""End of watching: the last month that the document with the table names (E0848); its last entry into force is of
January 2018."""

ROUTE = frozenset({"IDN", "MYS", "THA", "TUR"})
"""States on the new route (E0828), which the document calls less dependable (E0925)."""

ALPHA = 0.05
"""A covariate is carried where its p-value is below this, shared out among those that are tested."""

DAYS = 365.25
"""Days of a year."""


@dataclass(frozen=True)
class Assessment:
    """Everything that the table says about delays, in years."""

    until: date
    lifetimes: Lifetimes
    curve: Curve
    fits: tuple[Fit, ...]
    """On all rows, that with the least of Akaike's criterion first: its parameters are for use."""
    median_interval: Interval
    """Bootstrap interval of the curve's median."""
    covariates: tuple[LikelihoodRatio, ...]
    """What each documented covariate would add to the first fit.

    Only three treaties lie on the route, Thailand's was signed twenty years before there was one, and the document
    calls the route hard because of Indonesia's delay: its test looks at what suggested it, and flatters it.
    """
    early: tuple[Fit, ...]
    """On what was known at the end of EARLY, in the same order."""
    watched: Watched
    """What happened after EARLY."""
    scores: tuple[Score, ...]
    """Of the early fits, of the early curve as it is and drawn out, and of a constant hazard."""

    @property
    def best(self) -> Fit:
        """The fit with the least of Akaike's criterion."""
        return self.fits[0]

    @property
    def carried(self) -> tuple[LikelihoodRatio, ...]:
        """The covariates that the rows can carry: those that pass Bonferroni's share of ALPHA."""
        return tuple(one for one in self.covariates if one.p_value < ALPHA / len(self.covariates))

    @property
    def is_median_met(self) -> bool:
        """Whether the fitted median lies within the bootstrap interval of the curve's."""
        return self.best.median in self.median_interval


def delays(instruments: Sequence[Instrument], until: date = WRITTEN) -> Lifetimes:
    """Return the years from signature to entry into force as they were known at the end of `until`.

    Treaties signed later are left out; those in force later are censored. A date known within a span counts as its
    middle, and a delay of less than a day as one day. InputError where none had entered into force by then.
    """
    signed, in_force = _days(instruments)
    known = signed < until.toordinal()
    end = np.minimum(in_force, until.toordinal())
    is_event = in_force <= until.toordinal()
    if not (known & is_event).any():
        raise InputError(f"treaties.csv: no extradition treaty had entered into force by {until}; a fit needs some.")
    return Lifetimes(np.maximum(end - signed, 1)[known] / DAYS, is_event[known])


def followed(instruments: Sequence[Instrument], start: date = EARLY, until: date = WRITTEN) -> Watched:
    """Return the treaties that were signed and not in force at the end of `start`, or signed later, until `until`.

    Ages are years since signature. InputError where there are none.
    """
    signed, in_force = _days(instruments)
    is_open = (in_force > start.toordinal()) & (signed < until.toordinal())
    if not is_open.any():
        raise InputError(f"treaties.csv: no extradition treaty was waiting for entry into force after {start}.")
    signed, in_force = signed[is_open], in_force[is_open]
    return Watched(
        start=np.maximum(start.toordinal() - signed, 0) / DAYS,
        end=np.maximum(np.minimum(in_force, until.toordinal()) - signed, 1) / DAYS,
        limit=(until.toordinal() - signed) / DAYS,
        is_event=in_force <= until.toordinal(),
    )


def marks(instruments: Sequence[Instrument]) -> dict[str, np.ndarray]:
    """Return the two documented covariates of the treaties, float64 of shape (n,), in the order of their rows.

    Whether the partner signed an agreement on the three evils, at any time (E0921, mechanism 39: cooperation is
    dependable with those who share terms), and whether it lies on the new route (E0828, E0925).
    """
    alike = {one.iso for one in instruments if one.kind == "three_evils"}
    isos = [one.iso for one in _dated(instruments)]
    return {
        "agreement on the three evils": np.array([float(iso in alike) for iso in isos]),
        "on the new route": np.array([float(iso in ROUTE) for iso in isos]),
    }


def assess(instruments: Sequence[Instrument], n_resamples: int = 2000, seed: int = 1) -> Assessment:
    """Return the fits, their uncertainty, what covariates add, and how the early fits foretold the later years."""
    lifetimes, early, watched = delays(instruments), delays(instruments, EARLY), followed(instruments)
    fits, early_fits = fit_all(lifetimes), fit_all(early)
    signed, _ = _days(instruments)
    rows = signed < WRITTEN.toordinal()
    return Assessment(
        until=WRITTEN,
        lifetimes=lifetimes,
        curve=kaplan_meier(lifetimes),
        fits=fits,
        median_interval=median_interval(lifetimes, n_resamples, seed, LEVEL),
        covariates=tuple(likelihood_ratio(lifetimes, fits[0], k, v[rows]) for k, v in marks(instruments).items()),
        early=early_fits,
        watched=watched,
        scores=(
            *(score_fit(made, watched) for made in early_fits),
            score("Kaplan-Meier as it is", kaplan_meier(early).survive, watched),
            score("Kaplan-Meier drawn out", drawn_out(early), watched),
            score("constant hazard", constant_hazard(early), watched),
        ),
    )


def _dated(instruments: Sequence[Instrument]) -> tuple[Instrument, ...]:
    return tuple(one for one in of_kind(instruments, KIND) if one.is_force_known)


def _days(instruments: Sequence[Instrument]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ordinals of signature and entry into force, int64 of shape (n,); the latest day there is for never."""
    dated = _dated(instruments)
    signed = [one.signed.middle.toordinal() for one in dated]
    in_force = [(one.in_force.middle if one.in_force else date.max).toordinal() for one in dated]
    return np.array(signed, dtype=np.int64), np.array(in_force, dtype=np.int64)
