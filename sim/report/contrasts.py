"""Paired differences of scenarios to the baseline: the same replication has the same dice in both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.analysis.pairs import Contrast, contrast
from sim.report.study import Study

HIDDEN = ("map_",)
"""Outcomes whose names begin so feed a map; they are not ranked, since the reported states have their own."""


@dataclass(frozen=True)
class Tally:
    """How many outcomes a scenario moves and does not, and what it moves nowhere."""

    n: int
    n_moved: int
    """The interval leaves zero out, and reaches beyond STILL."""
    n_still: int
    n_same: int
    """Of those that do not move, the equal in every pair."""
    still: tuple[str, ...]
    """Stems of outcomes that do not move in any state, but differ in some pair."""
    same: tuple[str, ...]
    """Stems of outcomes that are equal in every pair in every state."""

    @property
    def n_open(self) -> int:
        """Outcomes that may move or not: so many runs do not tell."""
        return self.n - self.n_moved - self.n_still


def tally(study: Study, scenario: str, found: Sequence[Contrast]) -> Tally:
    """Count what a scenario moves, does not and may; what it sets itself is not counted. Stems stand as declared."""
    rows = {row.outcome: row for row in found if not study.is_set(scenario, row.outcome)}
    kinds: dict[str, list[Contrast]] = {}
    for name in ranked(study):
        if name in rows:
            kinds.setdefault(name.partition(".")[0], []).append(rows[name])
    same = tuple(stem for stem, kind in kinds.items() if all(row.is_same for row in kind))
    still = tuple(stem for stem, kind in kinds.items() if stem not in same and all(row.is_still for row in kind))
    return Tally(
        n=len(rows),
        n_moved=sum(row.is_moved for row in rows.values()),
        n_still=sum(row.is_still for row in rows.values()),
        n_same=sum(row.is_same for row in rows.values()),
        still=still,
        same=same,
    )


def contrasts(study: Study, scenario: str, names: Sequence[str] | None = None) -> list[Contrast]:
    """Return paired differences of outcomes, all but a map's where none are named; empty without pairs.

    The largest standardised one comes first; outcomes without one come last, by their names. Intervals hold for one
    outcome at a time: they are not widened for the choice of the largest.
    """
    before, after = study.against_baseline(scenario)
    if not len(before):
        return []
    wanted = ranked(study) if names is None else names
    found = [contrast(scenario, name, before[name], after[name]) for name in wanted]
    return sorted((c for c in found if c.n_pairs), key=_rank)


def by_kind(study: Study, scenario: str) -> list[Contrast]:
    """Return each kind's paired difference, the largest standardised one first; empty without pairs.

    A kind is an outcome without its state: the mean over the states that it is reported for. What the scenario sets
    itself is left out.
    """
    kinds: dict[str, list[str]] = {}
    for name in (name for name in ranked(study) if not study.is_set(scenario, name)):
        kinds.setdefault(name.partition(".")[0], []).append(name)
    before, after = study.against_baseline(scenario)
    if not len(before):
        return []
    found = [contrast(scenario, stem, before.mean(names), after.mean(names)) for stem, names in kinds.items()]
    return sorted((c for c in found if c.n_pairs), key=_rank)


def ranked(study: Study) -> list[str]:
    """Return the outcomes that are compared: all but those that feed a map."""
    return [name for name in study.outcomes.names if not name.startswith(HIDDEN)]


def _rank(contrast: Contrast) -> tuple[float, str]:
    size = abs(contrast.standardised)
    return (math.inf if math.isnan(size) else -size, contrast.outcome)


def largest(found: Sequence[Contrast], n: int) -> list[Contrast]:
    """Return the first `n` that have a standardised difference other than zero."""
    return [c for c in found if not math.isnan(c.standardised) and c.standardised != 0.0][:n]
