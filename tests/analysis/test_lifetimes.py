"""Lifetimes: curves and fits worked by hand or recovered from simulated ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.analysis.lifetimes import (
    FAMILIES,
    Fit,
    Interval,
    Lifetimes,
    fit,
    fit_all,
    kaplan_meier,
    likelihood_ratio,
    median_interval,
    percentile_intervals,
    refit,
    resampled,
)


def lifetimes(*years: float, censored: tuple[float, ...] = ()) -> Lifetimes:
    return Lifetimes(np.array([*years, *censored]), np.array([True] * len(years) + [False] * len(censored)))


def simulated(family: str, shape: float, scale: float, n: int, seed: int = 7, end: float = 5.0) -> Lifetimes:
    """Lifetimes of a known family, each censored at a moment that is uniform between 0.5 and `end` years."""
    draw = np.random.default_rng(seed)
    true = FAMILIES[family].rvs(shape, scale=scale, size=n, random_state=draw)
    watched = draw.uniform(0.5, end, size=n)
    return Lifetimes(np.minimum(true, watched), true <= watched)


def test_the_curve_worked_by_hand() -> None:
    # At risk 6, 5 (one event), then 3 at time 3 (two events): 1 × 5/6 × 4/5 (2 censored just after) × 1/3.
    curve = kaplan_meier(lifetimes(1.0, 2.0, 3.0, 3.0, censored=(2.0, 4.0)))
    assert curve.time.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert curve.survival == pytest.approx([5 / 6, 4 / 6, 2 / 9, 2 / 9])
    assert curve.median == 3.0
    assert curve.survive(np.array([0.5, 1.0, 2.9, 9.0])) == pytest.approx([1.0, 5 / 6, 4 / 6, 2 / 9])


def test_the_band_worked_by_hand() -> None:
    # Greenwood after the first of four: variance of log S is 1/(4·3); of log(-log S) that by (log S)².
    curve = kaplan_meier(lifetimes(1.0, 2.0, 3.0, censored=(5.0,)), level=0.95)
    half = 1.959964 * math.sqrt(1 / 12) / abs(math.log(0.75))
    assert curve.low[0] == pytest.approx(0.75 ** math.exp(half), rel=1e-5)
    assert curve.high[0] == pytest.approx(0.75 ** math.exp(-half), rel=1e-5)
    assert (curve.low <= curve.survival).all()
    assert (curve.survival <= curve.high).all()


def test_a_median_that_is_not_reached_is_infinite_and_a_band_without_variance_is_none() -> None:
    assert kaplan_meier(lifetimes(1.0, censored=(2.0, 3.0))).median == math.inf
    assert np.isnan(kaplan_meier(lifetimes(1.0, 2.0)).low[-1])


def test_without_censoring_the_log_normal_fit_is_mean_and_deviation_of_logarithms() -> None:
    years = lifetimes(0.5, 1.0, 2.0, 3.5, 8.0)
    logs = np.log(years.time)
    found = fit(years, "log-normal")
    assert found.shape == pytest.approx(logs.std(), rel=1e-4)
    assert found.scale == found.median == pytest.approx(math.exp(logs.mean()), rel=1e-4)
    # Information of a normal sample: variance of the mean σ²/n, of log σ 1/(2n).
    assert found.covariance == pytest.approx(np.diag([1 / 10, logs.var() / 5]), abs=1e-4)
    assert found.standard_errors() == pytest.approx((logs.std() / math.sqrt(10), found.scale * logs.std() / 5**0.5))


def test_the_likelihood_is_density_for_events_and_survival_for_the_censored() -> None:
    # One event at 1 and one censored at 3: Weibull with shape 1 would be exponential with rate 1/4.
    found = fit(lifetimes(1.0, 2.0, censored=(3.0,)), "gamma")
    of = stats.gamma(found.shape, scale=found.scale)
    assert found.log_likelihood == pytest.approx(of.logpdf([1.0, 2.0]).sum() + of.logsf(3.0))
    assert found.aic == pytest.approx(4.0 - 2.0 * found.log_likelihood)
    assert found.survive(np.array([0.0, found.median])) == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize(
    ("family", "shape", "scale"), [("log-normal", 0.6, 2.5), ("Weibull", 1.7, 3.0), ("gamma", 3, 1)]
)
def test_known_parameters_are_recovered_from_censored_lifetimes(family: str, shape: float, scale: float) -> None:
    years = simulated(family, shape, scale, n=3000)
    assert 0.3 < years.n_events / len(years) < 0.8
    found = fit(years, family)
    assert found.shape == pytest.approx(shape, rel=0.06)
    assert found.scale == pytest.approx(scale, rel=0.06)
    for of, true in (("shape", shape), ("scale", scale), ("median", FAMILIES[family](shape, scale=scale).median())):
        assert true in found.interval(of, 0.999)
    assert fit_all(years)[0].family == family


def test_ignoring_censoring_would_shorten_the_median() -> None:
    years = simulated("log-normal", 0.6, 2.5, n=500)
    events = years.pick(np.flatnonzero(years.is_event))
    assert fit(events, "log-normal").median < 0.85 * fit(years, "log-normal").median


def test_fits_are_ordered_by_the_criterion() -> None:
    found = fit_all(simulated("gamma", 3.0, 1.0, n=60))
    assert {made.family for made in found} == set(FAMILIES)
    assert [made.aic for made in found] == sorted(made.aic for made in found)


def test_intervals_scale_with_the_unit_and_widen_with_the_level() -> None:
    years = simulated("Weibull", 1.7, 3.0, n=80)
    one, four = fit(years, "Weibull"), fit(Lifetimes(years.time * 4.0, years.is_event), "Weibull")
    assert four.shape == pytest.approx(one.shape, rel=1e-3)
    for of in ("scale", "median"):
        assert four.interval(of).low == pytest.approx(4.0 * one.interval(of).low, rel=2e-3)
        assert one.interval(of, 0.99).low < one.interval(of, 0.9).low < one.interval(of, 0.9).high
    with pytest.raises(KeyError):
        one.interval("mean")


def test_intervals_by_information_agree_with_the_bootstrap() -> None:
    years = simulated("log-normal", 0.6, 2.5, n=150)
    found = fit(years, "log-normal")
    again = refit(years, "log-normal", n=40, seed=3)
    assert again.shape == (40, 3)
    for of, spread in zip(("shape", "scale", "median"), again.std(axis=0), strict=True):
        span = found.interval(of, 0.6827)
        assert (span.high - span.low) / 2.0 == pytest.approx(spread, rel=0.35)
    assert all(isinstance(span, Interval) and value in span for span, value in zip(
        percentile_intervals(again), (found.shape, found.scale, found.median), strict=True
    ))  # fmt: skip


def test_resamples_are_rows_with_their_censoring_and_follow_the_seed() -> None:
    years = lifetimes(1.0, censored=(2.0, 3.0))
    rows = resampled(years, 50, seed=5)
    assert rows.shape == (50, 3)
    assert years.is_event[rows].any(axis=1).all()
    assert (rows == resampled(years, 50, seed=5)).all()
    assert (rows != resampled(years, 50, seed=6)).any()


def test_the_interval_of_the_median_covers_what_a_simple_sample_says() -> None:
    # All lifetimes equal: every resample has the same median. One event among many censored later: often no median.
    assert median_interval(lifetimes(2.0, 2.0, 2.0), n=20) == Interval(2.0, 2.0, 0.9)
    assert median_interval(lifetimes(1.0, censored=(5.0,) * 9), n=50).high == math.inf
    years = simulated("log-normal", 0.6, 2.5, n=200, end=9.0)
    span = median_interval(years, n=200, seed=2, level=0.99)
    assert kaplan_meier(years).median in span
    assert 2.5 in span
    assert span == median_interval(years, n=200, seed=2, level=0.99)
    assert span != median_interval(years, n=200, seed=3, level=0.99)


def test_the_quick_median_of_resamples_is_that_of_the_curve() -> None:
    draw = np.random.default_rng(11)
    for _ in range(20):
        years = Lifetimes(draw.integers(1, 9, size=15).astype(float), np.append(draw.random(14) < 0.7, True))
        only = years.pick(resampled(years, 1, seed=1)[0])
        assert median_interval(years, n=1, seed=1).low == kaplan_meier(only).median


def test_a_covariate_that_lengthens_lifetimes_is_found_and_one_that_says_nothing_is_not() -> None:
    draw = np.random.default_rng(4)
    years = simulated("log-normal", 0.6, 2.0, n=400, end=30.0)
    marks = (draw.random(400) < 0.4).astype(float)
    longer = Lifetimes(years.time * np.where(marks == 1.0, 1.5, 1.0), years.is_event)
    plain = fit(longer, "log-normal")
    found = likelihood_ratio(longer, plain, "marked", marks)
    assert found.factor == pytest.approx(1.5, rel=0.12)
    assert found.p_value < 1e-4
    assert found.n_marked == int(marks.sum())
    assert found.aic_gain == pytest.approx(plain.aic - (6.0 - 2.0 * found.log_likelihood), abs=1e-6)
    nothing = likelihood_ratio(longer, plain, "drawn", draw.permutation(marks))
    assert nothing.p_value > 0.02
    assert nothing.aic_gain < 4.0


def test_without_censoring_the_factor_is_the_ratio_of_geometric_means() -> None:
    years = lifetimes(1.0, 2.0, 4.0, 3.0, 6.0, 12.0)
    marks = np.array([0.0, 0, 0, 1, 1, 1])
    found = likelihood_ratio(years, fit(years, "log-normal"), "marked", marks)
    assert found.factor == pytest.approx(3.0, rel=1e-3)
    # Two variances of logarithms, n/2 · log of their ratio in each likelihood.
    logs = np.log(years.time)
    rest = logs - np.where(marks == 1.0, logs[3:].mean(), logs[:3].mean())
    assert found.statistic == pytest.approx(6.0 * math.log(logs.var() / rest.var()), rel=1e-3)


@pytest.mark.parametrize(
    ("time", "is_event", "why"),
    [
        ([1.0, 0.0], [True, True], "above 0"),
        ([1.0, -2.0], [True, True], "above 0"),
        ([1.0, math.inf], [True, False], "finite"),
        ([1.0, 2.0], [True], "shapes"),
        ([1.0, 2.0], [False, False], "every lifetime is censored"),
        ([], [], "every lifetime is censored"),
    ],
)
def test_what_cannot_be_lifetimes_is_refused(time: list[float], is_event: list[bool], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Lifetimes(np.array(time), np.array(is_event, dtype=bool))


def test_a_covariate_without_contrast_or_an_unknown_family_is_refused() -> None:
    years = lifetimes(1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="same: a covariate needs"):
        likelihood_ratio(years, fit(years, "gamma"), "same", np.ones(3))
    with pytest.raises(KeyError):
        fit(years, "normal")


def test_results_cannot_be_changed() -> None:
    found = fit(lifetimes(1.0, 2.0, 3.0), "gamma")
    assert isinstance(found, Fit)
    with pytest.raises(AttributeError):
        found.shape = 2.0  # type: ignore[misc]
