"""Designs: how points are sampled from the ranges of factors.

Samplers are those of scipy.stats.qmc and SALib, over the unit cube; each factor makes values of its coordinate.
A sample is a table of float64, a row a point and a column a factor: names are told by their place among the factor's
levels. A factor that a point leaves alone (NaN, until `filled`) stands as at the default point.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.ensemble.factors import Factor, Level
from sim.errors import InputError
from sim.settings import Design

MOST_POINTS = 1_000_000
"""Most points of a design."""

LEVELS = 4
"""Levels of a factor in Morris trajectories."""


@dataclass(frozen=True)
class Method:
    """One way to sample; `size(n, factors)` is the number of its points, `sample(n, factors, seed)` their values."""

    size: Callable[[int, Sequence[Factor]], int]
    sample: Callable[[int, Sequence[Factor], int], np.ndarray]
    is_extensible: bool = False
    """Whether more points leave those that are there as they are."""
    wants_power: bool = False
    """Whether its balance holds for powers of two alone."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The points of a design: `values` is float64, shape (points, factors)."""

    method: str
    n: int | None
    seed: int
    factors: tuple[Factor, ...]
    values: np.ndarray
    given: tuple[str, ...] = ()
    """Names that a table gives its points; where it gives none they are numbered."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_extensible(self) -> bool:
        """Whether more points leave those that are there as they are."""
        return self.method not in METHODS or METHODS[self.method].is_extensible

    def name(self, point: int) -> str:
        """Return the name of a point."""
        return self.given[point] if self.given else f"p{point:07d}"

    @property
    def names(self) -> list[str]:
        """Names of all points, in their order."""
        return list(self.given) or [self.name(point) for point in range(len(self))]

    def grown(self, n: int) -> Sample:
        """Return the sample of an extensible method with n points, of which those that are here are the first."""
        return replace(self, n=n, values=METHODS[self.method].sample(n, self.factors, self.seed))

    def filled(self, usual: Mapping[str, Level]) -> Sample:
        """Return the sample with the usual value of a factor, by key, at every point that leaves it alone."""
        factors, values = list(self.factors), self.values.copy()
        for j, factor in enumerate(factors):
            alone = np.isnan(values[:, j])
            if alone.any() and not factor.is_number and usual[factor.key] not in factor.levels:
                factors[j] = replace(factor, levels=(*factor.levels, usual[factor.key]))
            if alone.any():
                values[alone, j] = factors[j].place_of(usual[factor.key])
        return replace(self, factors=tuple(factors), values=values)

    def columns(self) -> dict[str, Any]:
        """Return the values of every factor by key, as tables hold them: float64, or the names of levels."""
        return {factor.key: factor.stored(self.values[:, j]) for j, factor in enumerate(self.factors)}

    def told(self) -> dict[str, Any]:
        """Return what the manifest says of it: all that an analysis of the sample has to know."""
        own: dict[str, Any] = {"calc_second_order": False} if self.method == "saltelli" else {}
        own |= {"num_levels": LEVELS} if self.method == "morris" else {}
        size = {"n": self.n, "points": len(self), "seed": self.seed, "extensible": self.is_extensible}
        return {"method": self.method, **size, **own, "factors": [factor.told() for factor in self.factors]}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of its size, of whether it can grow, and of points that are alike."""
        found = []
        if not self.is_extensible:
            can = " and ".join(name for name, method in METHODS.items() if method.is_extensible)
            found.append(f"design={self.method} cannot grow by more points later; {can} can.")
        if self.method == "table" and (alike := len(self) - len(np.unique(self.values, axis=0))):
            found.append(
                f"design.table: {alike} of {len(self)} points have the values of another one; they are run too."
            )
        if self.n and self.method in METHODS and METHODS[self.method].wants_power and self.n & (self.n - 1):
            found.append(
                f"design.n={self.n} is no power of two, so that the {self.method} sample is not balanced; "
                f"{1 << self.n.bit_length()} would be."
            )
        return tuple(found)


def _roughly(size: int) -> str:
    """Return a number of points, which may be larger than a float can be, in words."""
    return f"{size:,}" if size < 10**12 else f"about 10^{len(str(size)) - 1}"


def sample(design: Design, factors: Sequence[Factor]) -> Sample:
    """Return the points of a design over factors; InputError where there are too many."""
    method, n = METHODS[design.method], design.n or 0
    size = method.size(n, factors)
    if size > MOST_POINTS:
        fewer = "a smaller design.n=" if size == n else "fewer factors, a smaller design.n=, or design=sobol"
        raise InputError(
            f"design={design.method} has {_roughly(size)} points; there is room for {MOST_POINTS:,}. Choose {fewer}."
        )
    return Sample(design.method, design.n, design.seed, tuple(factors), method.sample(n, factors, design.seed))


def _values(cube: np.ndarray, factors: Sequence[Factor]) -> np.ndarray:
    """Return the values of points of the unit cube, both float64, shape (points, factors)."""
    return np.column_stack([factor.at(cube[:, j]) for j, factor in enumerate(factors)])


def _of_sequence(engine: str) -> Callable[[int, Sequence[Factor], int], np.ndarray]:
    def draw(n: int, factors: Sequence[Factor], seed: int) -> np.ndarray:
        from scipy.stats import qmc

        with warnings.catch_warnings():  # what scipy says of powers of two is said in our words
            warnings.simplefilter("ignore")
            cube = getattr(qmc, engine)(len(factors), rng=np.random.default_rng(seed)).random(n)
        return _values(cube, factors)

    return draw


def _problem(factors: Sequence[Factor]) -> dict[str, Any]:
    """Return the unit cube as SALib states a problem."""
    return {"num_vars": len(factors), "names": [f.key for f in factors], "bounds": [[0.0, 1.0]] * len(factors)}


def _saltelli(n: int, factors: Sequence[Factor], seed: int) -> np.ndarray:
    from SALib.sample import sobol

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _values(sobol.sample(_problem(factors), n, calc_second_order=False, seed=seed), factors)


def _morris(n: int, factors: Sequence[Factor], seed: int) -> np.ndarray:
    from SALib.sample import morris

    return _values(morris.sample(_problem(factors), n, num_levels=LEVELS, seed=seed), factors)


def _levels(factor: Factor, n: int) -> np.ndarray:
    """Return the values of one factor in a grid, ascending along its distribution."""
    count = len(factor.levels)
    shares = (np.arange(count) + 0.5) / count if count else np.linspace(0.0, 1.0, n) if n > 1 else np.array([0.5])
    return factor.at(shares)


def _grid(n: int, factors: Sequence[Factor], seed: int) -> np.ndarray:
    axes = np.meshgrid(*(_levels(factor, n) for factor in factors), indexing="ij")
    return np.column_stack([axis.ravel() for axis in axes])


def _grid_size(n: int, factors: Sequence[Factor]) -> int:
    size = 1
    for factor in factors:
        size *= len(factor.levels) or n
    return size


def _one_at_a_time(n: int, factors: Sequence[Factor], seed: int) -> np.ndarray:
    rows = []
    for j, factor in enumerate(factors):
        for value in _levels(factor, 2):
            row = np.full(len(factors), np.nan)
            row[j] = value
            rows.append(row)
    return np.array(rows)


METHODS: Mapping[str, Method] = {
    "grid": Method(_grid_size, _grid),
    "latin_hypercube": Method(lambda n, factors: n, _of_sequence("LatinHypercube")),
    "sobol": Method(lambda n, factors: n, _of_sequence("Sobol"), is_extensible=True, wants_power=True),
    "halton": Method(lambda n, factors: n, _of_sequence("Halton"), is_extensible=True),
    "saltelli": Method(lambda n, factors: n * (len(factors) + 2), _saltelli, wants_power=True),
    "morris": Method(lambda n, factors: n * (len(factors) + 1), _morris),
    "one_at_a_time": Method(lambda n, factors: sum(len(factor.levels) or 2 for factor in factors), _one_at_a_time),
}
"""How each method samples; the points of `design=table` are the user's."""
