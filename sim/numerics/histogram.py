"""Histograms on fixed grids: counts of runs that add up over shards and machines, and quantiles read off them.

A grid is a sorted row of float32 `starts`; bin b holds the values of starts[b] <= x < starts[b + 1]. It follows from
the declared range of a field alone and is made by additions, multiplications and divisions, so that it is the same on
every machine. Where a range is narrow, bins are thousandths of it; else they widen with the value. A bin that ends at
the next float32 after its start holds that one number: both ends of a narrow range, nought and, of a wide range, small
whole numbers are exact. What lies outside a grid stands in its first bin or in its last, and NaN in the bin MISSING.

Quantiles are numpy's of method `linear`: the order statistics about a place, each read off its bin, and the line
between them. Each lies between the least and the most that its bin can hold, which gives a bound on the error.
"""

from __future__ import annotations

import math

import numpy as np

from sim.numerics.compiled import compiled

N_BINS = 1024
"""Bins of every grid, of which some stay empty."""

MISSING = N_BINS - 1
"""Bin of NaN."""

NARROW = 64.0
"""Width of the widest range that is cut evenly."""

_EVEN = 1000
"""Bins of a narrow range."""

_OCTAVES = 29
"""Doublings that a wide range's bins follow, down from its end; what is smaller shares one bin with all above 0."""

_FINE, _COARSE = 32, 16
"""Bins of a doubling on one side of nought, where a wide range has one side and where it has two."""


def grid(low: float, high: float) -> np.ndarray:
    """Return the grid of a declared range as starts, float32, shape (N_BINS,); a bin that starts at infinity is empty.

    On a wide range a bin is 1/32 of a value wide, 1/16 where the range has two sides, and whole numbers below 64 (32)
    have bins of their own.
    """
    starts = _even(low, high) if high - low <= NARROW else _widening(low, high)
    ordered = np.unique(np.array([-math.inf, *starts], np.float32))
    return np.append(ordered, np.full(N_BINS - len(ordered), np.inf, np.float32))


def _even(low: float, high: float) -> list[float]:
    cuts = [low + (high - low) * k / _EVEN for k in range(_EVEN)]
    return cuts + [start for point in (low, 0.0, high) if low <= point <= high for start in _alone(point)]


def _widening(low: float, high: float) -> list[float]:
    top = math.ceil(math.log2(max(-low, high)))
    bins = _FINE if low >= 0 else _COARSE
    cuts = [math.ldexp(1.0 + k / bins, j) for j in range(top - _OCTAVES, top) for k in range(bins)]
    points = [float(k) for k in range(1, 2 * bins) if k < 2**top] + [math.ldexp(1.0, top)]
    starts = cuts + [start for point in points for start in _alone(point)]
    if low < 0:
        starts += [float(_after(-start)) for start in cuts] + [start for p in points for start in _alone(-p)]
    return starts + _alone(0.0)


def _alone(point: float) -> list[float]:
    """Return the starts between which one number has a bin to itself."""
    return [point, float(_after(point))]


def _after(number: float) -> np.float32:
    return np.nextafter(np.float32(number), np.float32(math.inf))


def ends(starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most that each bin of a grid can hold, float64, shape (N_BINS,)."""
    most = np.nextafter(np.append(starts[1:], np.float32(math.inf)), np.float32(-math.inf))
    most[np.isinf(np.append(starts[1:], np.float32(math.inf)))] = math.inf
    return starts.astype(np.float64), most.astype(np.float64)


@compiled
def bin_series(series, grids, starts, bins):
    """Write the bin of every value into `bins`.

    series: float32 (runs, quarters, columns). grids: int64 (columns,), row of each column's grid in `starts`.
    starts: float32 (grids, N_BINS). bins: uint16 (runs, columns, quarters). The bin of the quarter before is tried
    first.
    """
    for r in range(series.shape[0]):
        for q in range(series.shape[1]):
            for c in range(series.shape[2]):
                before = bins[r, c, q - 1] if q else MISSING
                bins[r, c, q] = _bin_of(series[r, q, c], starts[grids[c]], before)


@compiled
def _bin_of(value, starts, guess):
    """Return the bin of a value on a grid; `guess` is tried first unless it is MISSING."""
    if math.isnan(value):
        return MISSING
    if guess != MISSING and starts[guess] <= value < starts[guess + 1]:
        return int(guess)
    low, high = 0, MISSING
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@compiled
def count_bins(bins, lengths, found, counts):
    """Count the runs in each bin of each cell, leaving out empty bins; return how many entries were written.

    bins: uint16 (runs, cells). lengths: int64 (cells,), entries of each cell. found: uint16, and counts: uint32, long
    enough for as many entries as bins has: the bin and the runs of each entry, cell after cell, by ascending bin.
    """
    in_bin = np.zeros(N_BINS, np.uint32)
    written = 0
    for cell in range(bins.shape[1]):
        first, last = N_BINS, -1
        for r in range(bins.shape[0]):
            b = int(bins[r, cell])
            in_bin[b] += 1
            first, last = min(first, b), max(last, b)
        begun = written
        for b in range(first, last + 1):
            if in_bin[b]:
                found[written], counts[written] = b, in_bin[b]
                in_bin[b] = 0
                written += 1
        lengths[cell] = written - begun
    return written


@compiled
def merge_counts(lengths, found, counts, more_lengths, more_found, more_counts, sum_lengths, sum_found, sum_counts):
    """Add up two sets of counts as `count_bins` writes them, and return how many entries were written.

    The last three take the sum: `sum_found` and `sum_counts` are long enough for the entries of both.
    """
    one = other = written = 0
    for cell in range(lengths.shape[0]):
        end, other_end, begun = one + lengths[cell], other + more_lengths[cell], written
        while one < end or other < other_end:
            own = found[one] if one < end else N_BINS
            its = more_found[other] if other < other_end else N_BINS
            sum_found[written], sum_counts[written] = min(own, its), 0
            if own <= its:
                sum_counts[written] += counts[one]
                one += 1
            if its <= own:
                sum_counts[written] += more_counts[other]
                other += 1
            written += 1
        sum_lengths[cell] = written - begun
    return written


@compiled
def add_counts(lengths, found, counts, total):
    """Add counts as `count_bins` writes them to `total`, uint32 (cells, N_BINS); bins have to be below N_BINS."""
    entry = 0
    for cell in range(lengths.shape[0]):
        for _ in range(lengths[cell]):
            total[cell, found[entry]] += counts[entry]
            entry += 1


@compiled
def quantiles(counts, least, most, levels, values, errors):
    """Read quantiles off counts, with a bound on how far each lies from that of the values that were counted.

    counts: uint32 (cells, N_BINS). least, most: what `ends` returns of the cells' one grid. levels: float64 (levels,).
    values, errors: float64 (cells, levels), written; NaN where a cell has no value, an infinite error where a quantile
    lies outside the grid.
    """
    until = np.empty(MISSING, np.int64)
    for cell in range(counts.shape[0]):
        n = 0
        for b in range(MISSING):
            n += counts[cell, b]
            until[b] = n
        for i in range(levels.shape[0]):
            if n == 0:
                values[cell, i] = errors[cell, i] = math.nan
                continue
            place = (n - 1) * levels[i]
            below = int(place)
            part = place - below
            low, low_error = _ranked(until, least, most, below)
            high, high_error = _ranked(until, least, most, min(below + 1, n - 1))
            gap = high - low
            values[cell, i] = low + gap * part if part < 0.5 else high - gap * (1.0 - part)
            errors[cell, i] = low_error if part == 0.0 else (1.0 - part) * low_error + part * high_error


@compiled
def _ranked(until, least, most, rank):
    """Return the value of a rank, from 0, were the values of its bin spread evenly, and how far off it can be."""
    b = np.searchsorted(until, rank, side="right")
    low, high = least[b], most[b]
    if math.isinf(low):
        return high, math.inf
    if math.isinf(high):
        return low, math.inf
    before = until[b - 1] if b else 0
    value = low + (high - low) * (rank - before + 0.5) / (until[b] - before)
    return value, max(value - low, high - value)
