"""Findings: what a scenario changes, and under which theories and worldviews it does.

A finding is the paired difference of one outcome of the experiment's measure between a scenario and the baseline. It is
computed at every point of the result, scenario and baseline both at that point, all on the same dice. At a point an
outcome rises or falls where it has moved, is still where it has not (`sim/analysis/pairs.py`), and is open where so
many runs do not tell.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.analysis.pairs import Contrast
from sim.report.contrasts import by_kind
from sim.report.study import Study
from sim.report.variants import Variant
from sim.results.schema import DEFAULT_POINT

if TYPE_CHECKING:
    from sim.results.runs import Runs

HOLDS, FADES, TURNS, APPEARS, OPEN = "holds", "fades", "turns", "appears", "open"
"""How a finding stands at a point, beside the default: the same way; no change any more; the other way; a change where
the default has none or cannot tell; so many runs do not tell."""


@dataclass(frozen=True)
class Finding:
    """What one scenario does to one outcome at every point."""

    scenario: str
    stem: str
    at: Mapping[str, Contrast]
    """Point to the paired difference there, the mean over states where the outcome has them; the default first."""

    @property
    def default(self) -> Contrast:
        """The difference at the default point."""
        return self.at[DEFAULT_POINT]

    @property
    def direction(self) -> int | None:
        """Direction at the default point."""
        return direction(self.default)

    def stands(self, point: str) -> str:
        """Return how the finding stands at a point: HOLDS, FADES, TURNS, APPEARS or OPEN."""
        usual, here = self.direction, direction(self.at[point])
        if here is None:
            return OPEN
        if here == usual:
            return HOLDS
        if usual is None:
            return FADES if here == 0 else APPEARS
        if usual == 0:
            return APPEARS
        return FADES if here == 0 else TURNS

    def is_untouched(self, point: str) -> bool:
        """Whether what differs at a point leaves baseline and difference as they are by default, number for number."""
        here, usual = self.at[point], self.default
        return (here.baseline, here.mean, here.low, here.high) == (usual.baseline, usual.mean, usual.low, usual.high)

    def size(self, point: str) -> str:
        """Return `weaker` or `stronger` where the finding holds, but its interval and the default's have no overlap."""
        here, usual = self.at[point], self.default
        if self.stands(point) != HOLDS or not usual.is_moved:
            return ""
        if here.low <= usual.high and usual.low <= here.high:
            return ""
        return "weaker" if abs(here.mean) < abs(usual.mean) else "stronger"

    @property
    def others(self) -> tuple[str, ...]:
        """All points but the default."""
        return tuple(point for point in self.at if point != DEFAULT_POINT)

    def where(self, stands: str) -> tuple[str, ...]:
        """Return the points, the default apart, at which it stands so."""
        return tuple(point for point in self.others if self.stands(point) == stands)

    @property
    def is_moving(self) -> bool:
        """Whether the outcome moves at any point."""
        return any(row.is_moved for row in self.at.values())

    @property
    def most(self) -> float:
        """The largest difference at any point, in standard deviations of the baseline's runs there."""
        sizes = (abs(row.standardised) for row in self.at.values())
        return max((size for size in sizes if not math.isnan(size)), default=0.0)


def direction(row: Contrast) -> int | None:
    """Return 1 where an outcome rises, -1 where it falls, 0 where it is still, None where the runs do not tell."""
    if row.is_moved:
        return 1 if row.mean > 0.0 else -1
    return 0 if row.is_still else None


def at_points(study: Study, runs: Runs, variants: Sequence[Variant], stems: Collection[str]) -> dict[str, Study]:
    """Return the study at the default point and at each variant, with the outcomes of some stems alone.

    `runs` are those of all points, of which the study shows the default's.
    """
    table = runs.having([name for name in study.outcomes.names if name.partition(".")[0] in stems])
    points = (DEFAULT_POINT, *(variant.name for variant in variants))
    return {point: replace(study, outcomes=table.at(table.keys["point"] == point)) for point in points}


def findings(studies: Mapping[str, Study], stems: Sequence[str]) -> list[Finding]:
    """Return a finding for each scenario and outcome; `studies` has the default point first.

    They come by outcome, in the order of `stems`, then by scenario. What a scenario sets itself is left out, and so is
    what has no pair with a value at some point, such as a date that never comes.
    """
    usual = studies[DEFAULT_POINT]
    rows: dict[tuple[str, str], dict[str, Contrast]] = {}
    for point, study in studies.items():
        for scenario in usual.compared[1:]:
            for row in by_kind(study, scenario):
                rows.setdefault((row.outcome, scenario), {})[point] = row
    keys = [(stem, scenario) for stem in stems for scenario in usual.compared[1:]]
    return [
        Finding(scenario, stem, at)
        for stem, scenario in keys
        if set(at := rows.get((stem, scenario), {})) == set(studies)
    ]
