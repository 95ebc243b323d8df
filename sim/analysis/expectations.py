"""What the documents expect of scenarios, held against paired runs: confirmed, not confirmed or opposite.

A verdict speaks of the model, not of the world, and nothing is tuned by it: an expectation that is confirmed may only
say that the model was built from the same document, and one that is opposite may be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.pairs import Contrast, contrast, side_by_side
from sim.scenario.expectations import Expectation

if TYPE_CHECKING:
    from sim.results.runs import Runs

CONFIRMED, OPEN, OPPOSITE, UNJUDGED = "confirmed", "not confirmed", "opposite", "not judged"
VERDICTS = (CONFIRMED, OPEN, OPPOSITE, UNJUDGED)


@dataclass(frozen=True)
class Judged:
    """One expectation, the paired difference that it is held against, and the verdict."""

    scenario: str
    expected: Expectation
    found: Contrast | None
    """None without two pairs of runs."""
    verdict: str
    """One of `VERDICTS`."""


def verdict_of(change: str, found: Contrast) -> str:
    """Return the verdict on an expected change (`rises`, `falls`, `holds`).

    A change is confirmed where the whole interval of the mean paired difference lies on its side and reaches beyond
    what counts as still, opposite where it does so on the other side; `holds` is confirmed where the outcome does not
    move, and opposite where it does. Else more runs might tell.
    """
    if change == "holds":
        return CONFIRMED if found.is_still else OPPOSITE if found.is_moved else OPEN
    if not found.is_moved:
        return OPEN
    return CONFIRMED if (found.mean > 0.0) == (change == "rises") else OPPOSITE


def judge_all(expected: Mapping[str, Sequence[Expectation]], runs: Callable[[str], Runs]) -> tuple[Judged, ...]:
    """Return the verdicts in the order of scenarios and of their files.

    `expected` maps a scenario to its expectations; `runs` returns a scenario's runs, none for a
    scenario that was not run.
    """
    return tuple(_judge(name, one, runs) for name, several in expected.items() for one in several)


def _judge(scenario: str, expected: Expectation, runs: Callable[[str], Runs]) -> Judged:
    before, after = runs(expected.against), runs(scenario)
    if expected.outcome not in before:
        return Judged(scenario, expected, None, UNJUDGED)
    left, right = (side[expected.outcome] for side in side_by_side(before, after))
    found = contrast(scenario, expected.outcome, left, right)
    if found.n_pairs < 2:
        return Judged(scenario, expected, None, UNJUDGED)
    return Judged(scenario, expected, found, verdict_of(expected.change, found))
