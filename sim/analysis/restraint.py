"""Restraint: which share of expected attempts abroad patrons' effort takes away, and for how long.

Every run of such an experiment has a pair: the same arm on the same dice with `restraint/patron_effort` off, so that
no patron ever holds anybody back. Sums are over a set of groups and the quarters in which history is open (in replay
those after the documents' horizon):

    restraint = 1 - sum of hazard / sum of hazard in the pair

It is computed run by run, from hazards and not from attempts, which are too rare to count. It is NaN where the pair
has no hazard, and below 0 where effort did harm: a purge may push hardliners into groups that nobody holds back.
Survival is the time, while history is open, that a group spends with a patron before its first attempt abroad, censored
where none came (product-limit curve of `sim/analysis/lifetimes.py`). A group that loses its patron for good is censored
as well, as if that said nothing of when the attempt would have come; that is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.lifetimes import Lifetimes, kaplan_meier

if TYPE_CHECKING:
    from sim.results.runs import Runs

SAME = ["scenario", "history", "replication"]
"""Keys that a run and its pair share."""

SUMS: Mapping[str, str] = {"restraint": "hazard_all", "restraint_idlib": "hazard_idlib"}
"""Joined outcome to the outcome whose sums it compares."""

HAZARD, SPELL, FAILURES = "hazard", "spell", "failures"
"""Stems of what a run leaves of a group: `hazard_<key>`, attempts; `spell_<key>`, quarters; `failures_<key>`."""

POOLED = "all"
"""Name of the survival of all groups taken together."""

WORDS: Mapping[str, tuple[str, str]] = {
    "restraint": ("share of expected attempts abroad that patrons hold back", "share"),
    "restraint_idlib": ("share of expected attempts abroad by groups in Idlib that patrons hold back", "share"),
}
"""Joined outcome to its meaning and unit."""

_QUARTERS = 4.0


def held_back(runs: Runs, pairs: Runs, hazard: str) -> np.ndarray:
    """Return 1 - hazard / hazard in the pair for each of `runs`, float64, shape (runs,).

    `hazard` names the outcome that holds the sum. NaN where a run has no pair, or the pair no hazard.
    """
    of_pairs = pairs.frame([hazard]).set_index(SAME)[hazard]
    without = of_pairs.reindex(runs.keys.set_index(SAME).index).to_numpy()
    live = runs[hazard]
    return 1.0 - np.divide(live, without, out=np.full(len(live), np.nan), where=without > 0.0)


def joined(runs: Runs, pairs: Runs) -> dict[str, np.ndarray]:
    """Return the outcomes that runs and their pairs give together, by name, each of shape (runs,)."""
    return {name: held_back(runs, pairs, hazard) for name, hazard in SUMS.items() if hazard in runs}


def survival(runs: Runs, groups: Sequence[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return for each group, and for POOLED, times in years and the share of runs still without an attempt abroad.

    Both have shape (steps,) and begin at time 0 with share 1; the share holds from its time on. Runs in which a group
    never had a patron are left out, and so is a group of which that is true in all runs.
    """
    lives = {group: _lives(runs, group) for group in groups if f"{SPELL}_{group}" in runs}
    pooled = [np.concatenate(parts) for parts in zip(*lives.values(), strict=True)]
    found = {**lives, POOLED: (pooled[0], pooled[1])} if pooled else {}
    return {group: _curve(time, is_event) for group, (time, is_event) in found.items() if len(time)}


def _lives(runs: Runs, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Return times in years and whether an attempt ended them; an attempt within the first quarter counts as one."""
    quarters = runs[f"{SPELL}_{group}"]
    is_event = runs[f"{FAILURES}_{group}"] > 0.0
    had_patron = (quarters > 0.0) | is_event
    return np.maximum(quarters, 1.0)[had_patron] / _QUARTERS, is_event[had_patron]


def _curve(time: np.ndarray, is_event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the product-limit curve with its beginning; it stays at 1 where every lifetime is censored."""
    if not is_event.any():
        return np.array([0.0, time.max()]), np.ones(2)
    curve = kaplan_meier(Lifetimes(time, is_event))
    return np.concatenate([[0.0], curve.time]), np.concatenate([[1.0], curve.survival])
