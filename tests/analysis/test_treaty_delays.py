"""The documents' extradition treaties as lifetimes: what is known when, and what the fits say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.analysis.lifetimes import percentile_intervals, refit
from sim.analysis.treaty_delays import DAYS, EARLY, ROUTE, WRITTEN, Assessment, assess, delays, followed, marks
from sim.errors import InputError
from sim.locations import TABLES
from sim.world.tables import Tables
from sim.world.treaties import Instrument, Span, of_kind, read_treaties


@pytest.fixture(scope="module")
def instruments() -> tuple[Instrument, ...]:
    return read_treaties(Tables(TABLES))


@pytest.fixture(scope="module")
def found(instruments: tuple[Instrument, ...]) -> Assessment:
    return assess(instruments, n_resamples=1000)


def made(iso: str, signed: date, in_force: date | None) -> Instrument:
    span = None if in_force is None else Span(in_force, in_force)
    return Instrument("extradition", iso, "CHN", Span(signed, signed), span, True, "assumption: made")


def test_delays_are_those_counted_by_hand(instruments: tuple[Instrument, ...]) -> None:
    years = delays(instruments)
    assert (len(years), years.n_events) == (36, 30)
    # Thailand 2019 days, Uzbekistan 326 (the shortest), France 3772 (the longest), Kenya seen waiting for 442.
    days = np.rint(years.time * DAYS).astype(int)
    assert (days[0], days[10], days[22], days[35]) == (2019, 326, 3772, 442)
    in_force = days[years.is_event]
    assert (in_force.min(), in_force.max(), float(np.median(in_force))) == (326, 3772, 917.5)


def test_the_early_rows_know_nothing_of_later_years(instruments: tuple[Instrument, ...]) -> None:
    years = delays(instruments, EARLY)
    assert (len(years), years.n_events) == (23, 19)
    assert years.time[~years.is_event] * DAYS == pytest.approx(
        [(EARLY - day).days for day in (date(2005, 3, 17), date(2006, 11, 6), date(2007, 1, 31), date(2007, 3, 20))]
    )
    later = [
        replace(one, in_force=None) if one.in_force and one.in_force.earliest > EARLY else one for one in instruments
    ]
    again = delays(later, EARLY)
    assert (again.time == years.time).all()
    assert (again.is_event == years.is_event).all()


def test_what_followed_is_the_rest_from_its_age_on(instruments: tuple[Instrument, ...]) -> None:
    rest = followed(instruments)
    assert (len(rest.start), rest.n_events) == (17, 11)
    assert np.count_nonzero(rest.start) == 4
    # France: 652 days old at the end of 2008, in force at 3772.
    france = int(np.argmax(rest.end))
    assert (rest.start[france] * DAYS, rest.end[france] * DAYS) == (pytest.approx(652), pytest.approx(3772))
    assert rest.limit[france] * DAYS == pytest.approx((WRITTEN - date(2007, 3, 20)).days)
    assert (rest.limit >= rest.end).all()


def test_a_treaty_of_the_day_is_neither_lost_nor_counted_twice() -> None:
    rows = [
        made("THA", date(2000, 1, 1), EARLY),
        made("FRA", EARLY, date(2010, 1, 1)),
        made("ITA", date(2001, 1, 1), date(2001, 1, 1)),
    ]
    assert delays(rows, EARLY).is_event.tolist() == [True, True]
    assert delays(rows, EARLY).time[1] == 1 / DAYS
    assert followed(rows).start.tolist() == [0.0]


def test_nothing_in_force_or_nothing_waiting_is_refused() -> None:
    with pytest.raises(InputError, match=r"no extradition treaty had entered into force by 2008-12-31"):
        delays([made("THA", date(2000, 1, 1), None)], EARLY)
    with pytest.raises(InputError, match=r"no extradition treaty was waiting"):
        followed([made("THA", date(2000, 1, 1), date(2001, 1, 1))])


def test_covariates_mark_whom_the_documents_name(instruments: tuple[Instrument, ...]) -> None:
    isos = np.array([one.iso for one in of_kind(instruments, "extradition")])
    alike, route = marks(instruments).values()
    assert set(isos[alike == 1.0]) == {"RUS", "PAK", "KAZ", "KGZ", "TJK", "UZB"}
    assert set(isos[route == 1.0]) == ROUTE - {"MYS"}


def test_the_fitted_median_lies_within_the_bootstrap_interval(found: Assessment) -> None:
    assert found.curve.median * DAYS == pytest.approx(1016)
    assert found.is_median_met
    assert found.curve.median in found.median_interval
    assert 1.5 < found.median_interval.low < found.median_interval.high < 5.0


def test_the_log_normal_fits_best_both_times(found: Assessment) -> None:
    assert [made.family for made in found.fits] == ["log-normal", "gamma", "Weibull"]
    assert [made.family for made in found.early] == ["log-normal", "gamma", "Weibull"]
    assert found.best.shape == pytest.approx(0.623, abs=0.002)
    assert found.best.median == pytest.approx(2.806, abs=0.005)
    assert found.early[0].median < found.best.median


def test_ranges_by_information_and_by_bootstrap_are_alike(found: Assessment) -> None:
    again = percentile_intervals(refit(found.lifetimes, "log-normal", n=50))
    for of, other in zip(("shape", "scale"), again, strict=False):
        span = found.best.interval(of)
        assert (span.low, span.high) == pytest.approx((other.low, other.high), rel=0.2)


def test_no_covariate_is_carried(found: Assessment) -> None:
    assert [one.n_marked for one in found.covariates] == [6, 3]
    assert [one.factor > 1.0 for one in found.covariates] == [False, True]
    assert found.carried == ()


def test_the_early_fits_are_scored_beside_the_early_curve(found: Assessment) -> None:
    scores = {one.name: one for one in found.scores}
    assert len({one.n_years for one in found.scores}) == 1
    assert scores["Kaplan-Meier as it is"].log_score == -np.inf
    best, drawn, flat = (scores[name] for name in ("log-normal", "Kaplan-Meier drawn out", "constant hazard"))
    assert best.log_score > max(drawn.log_score, flat.log_score)
    assert abs(best.expected - found.watched.n_events) < 2 * best.spread
    assert len(best.by_lifetime) == 17
