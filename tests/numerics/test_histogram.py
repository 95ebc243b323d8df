from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.numerics.histogram import (
    MISSING,
    N_BINS,
    add_counts,
    bin_series,
    count_bins,
    ends,
    grid,
    merge_counts,
    quantiles,
)
from sim.world.fields import FLOAT
from sim.world.records import TABLES

LEVELS = np.array([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])
RANGES = sorted({(f.low, f.high) for fields, _ in TABLES.values() for f in fields if f.kind == FLOAT})


def bins_of(values: object, low: float, high: float) -> np.ndarray:
    """Return the bin of each value, on the grid of a range."""
    series = np.asarray(values, np.float32).reshape(-1, 1, 1)
    bins = np.empty(series.shape, np.uint16)
    bin_series(series, np.zeros(1, np.int64), grid(low, high)[None], bins)
    return bins.ravel()


def read(values: object, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles of values by their histogram, and the bounds of their errors."""
    counts = np.bincount(bins_of(values, low, high), minlength=N_BINS).astype(np.uint32)
    found, errors = np.empty((2, 1, len(LEVELS)))
    quantiles(counts[None], *ends(grid(low, high)), LEVELS, found, errors)
    return found[0], errors[0]


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_a_grid_covers_the_range_of_every_field_in_sorted_bins(low: float, high: float) -> None:
    starts = grid(low, high)
    known = starts[np.isfinite(starts)]
    assert starts.shape == (N_BINS,)
    assert len(known) <= MISSING - 1
    assert (np.diff(known) > 0).all()
    inside = bins_of([low, (low + high) / 2, high], low, high)
    assert inside.min() >= 1
    assert inside.max() < len(known)


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_every_start_opens_its_bin_and_the_number_before_ends_the_one_before(low: float, high: float) -> None:
    starts = grid(low, high)
    known = starts[np.isfinite(starts)]
    assert np.array_equal(bins_of(known, low, high), np.arange(1, len(known) + 1))
    before = np.nextafter(known, np.float32(-np.inf))
    assert np.array_equal(bins_of(before, low, high), np.arange(len(known)))


def test_bins_of_a_share_are_thousandths_and_its_ends_are_exact() -> None:
    found, errors = read([0.0, 0.0, 0.4, 1.0, 1.0], 0, 1)
    assert found[[0, -1]].tolist() == [0.0, 1.0]
    assert errors[[0, -1]].tolist() == [0.0, 0.0]
    assert found[3] == pytest.approx(0.4, abs=0.0005)
    assert errors[3] == pytest.approx(0.0005, rel=1e-3)


def test_small_counts_are_exact_and_large_numbers_within_a_thirty_second() -> None:
    found, errors = read(np.repeat(np.arange(64), 3), 0, 1e6)
    assert found[[0, 3, -1]].tolist() == [0.0, 31.5, 63.0]
    assert errors.max() == 0.0
    found, errors = read([123_456.0], 0, 1e6)
    assert abs(found[0] - 123_456) <= errors[0] <= 123_456 / 64


def test_a_range_with_two_sides_is_alike_on_both() -> None:
    values = np.array([-900.5, -31, -1, -0.3, 0, 0.3, 1, 31, 900.5])
    found, errors = read(values, -1000, 1000)
    assert found == pytest.approx(-found[::-1])
    assert errors == pytest.approx(errors[::-1])
    assert (errors <= np.abs(np.quantile(values, LEVELS)) / 16 + 1e-6).all()


def test_what_lies_outside_has_no_bound_and_what_is_missing_is_left_out() -> None:
    found, errors = read([-5.0, 0.2, 0.3, 7.0, math.nan], 0, 1)
    assert errors[[0, -1]].tolist() == [math.inf, math.inf]
    assert found[3] == pytest.approx(0.25, abs=0.001)
    assert bins_of([math.nan], 0, 1).tolist() == [MISSING]
    nothing, unknown = read([math.nan], 0, 1)
    assert np.isnan(nothing).all()
    assert np.isnan(unknown).all()


@settings(max_examples=200)
@given(st.sampled_from(RANGES), st.data())
def test_a_quantile_is_within_its_error_of_that_of_the_values(limits: tuple[float, float], data: st.DataObject) -> None:
    low, high = limits
    some = (
        st.floats(low, high) | st.sampled_from([low, high]) | st.integers(math.ceil(low), int(min(high, 99))).map(float)
    )
    near = st.floats(low, min(high, low + (high - low) / 1e4))
    values = np.array(data.draw(st.lists(some | near, min_size=1, max_size=60)), np.float32)
    values = values[(values >= low) & (values <= high)]
    if not len(values):
        return
    found, errors = read(values, low, high)
    true = np.quantile(values.astype(np.float64), LEVELS)
    assert (np.abs(found - true) <= errors + 1e-12 * (np.abs(true) + np.abs(found))).all()
    assert (np.diff(found) >= 0).all()


@settings(max_examples=50)
@given(st.lists(st.integers(0, N_BINS - 1), min_size=1, max_size=40), st.integers(1, 5))
def test_entries_are_the_counts_of_each_cell_by_ascending_bin(codes: list[int], n_cells: int) -> None:
    bins = np.resize(np.array(codes, np.uint16), (len(codes), n_cells))
    lengths, found, counts = np.empty(n_cells, np.int64), np.empty(bins.size, np.uint16), np.empty(bins.size, np.uint32)
    n = count_bins(bins, lengths, found, counts)
    assert n == lengths.sum()
    first = 0
    for cell, length in enumerate(lengths):
        known, times = np.unique(bins[:, cell], return_counts=True)
        assert np.array_equal(found[first : first + length], known)
        assert np.array_equal(counts[first : first + length], times)
        first += length


def entries_of(bins: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the counts of bins, shape (runs, cells), as lengths, found and counts."""
    lengths, found, counts = (
        np.empty(bins.shape[1], np.int64),
        np.empty(bins.size, np.uint16),
        np.empty(bins.size, np.uint32),
    )
    n = count_bins(bins, lengths, found, counts)
    return lengths, found[:n], counts[:n]


@settings(max_examples=50)
@given(st.lists(st.integers(0, N_BINS - 1), min_size=2, max_size=40), st.integers(1, 5), st.data())
def test_counts_of_runs_add_up_in_whatever_parts_they_come(codes: list[int], n_cells: int, data: st.DataObject) -> None:
    bins = np.resize(np.array(codes, np.uint16), (len(codes), n_cells))
    cut = data.draw(st.integers(1, len(codes) - 1))
    whole, parts = entries_of(bins), (entries_of(bins[:cut]), entries_of(bins[cut:]))
    lengths, found, counts = (np.empty_like(of, shape=2 * bins.size) for of in whole)
    n = merge_counts(*parts[0], *parts[1], lengths[:n_cells], found, counts)
    for merged, expected in zip((lengths[:n_cells], found[:n], counts[:n]), whole, strict=True):
        assert np.array_equal(merged, expected)
    total = np.zeros((n_cells, N_BINS), np.uint32)
    for part in parts:
        add_counts(*part, total)
    assert np.array_equal(total, [np.bincount(bins[:, cell], minlength=N_BINS) for cell in range(n_cells)])
