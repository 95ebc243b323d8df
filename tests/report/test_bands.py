from __future__ import annotations

import numpy as np
import pytest

from sim.report.bands import bands, summary


def test_bands_are_the_quantiles_over_runs() -> None:
    found = bands(np.tile(np.arange(101.0)[:, None], (1, 3)))
    assert [row[0] for row in (found.low_90, found.low_50, found.median, found.high_50, found.high_90)] == [
        5,
        25,
        50,
        75,
        95,
    ]
    assert found.median.shape == (3,)


def test_one_run_is_all_its_bands() -> None:
    found = bands(np.array([[0.1, 0.4]]))
    assert np.array_equal(found.low_90, found.high_90)


def test_missing_values_are_left_out() -> None:
    assert bands(np.array([[1.0], [np.nan], [3.0]])).median[0] == 2.0


def test_no_run_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        bands(np.empty((0, 4)))


def test_summary_knows_what_never_came() -> None:
    assert summary(np.array([1.0, np.nan, 3.0]))[1] == 2.0
    assert all(np.isnan(summary(np.array([np.nan]))))
