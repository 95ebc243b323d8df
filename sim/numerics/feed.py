"""Numbers fed to rules from another run: what a rule is to read in place of what this run holds.

A run that is recorded keeps, for each number named, the value that a rule found in each quarter. A run that is held
puts these values in before the rule and its own back after it, so that the rule sees the other run and nothing else
does. Numbers are named by their place in the flat vector of the world; a rule must not write what it is fed. Where
nothing is fed (no offsets), neither function is to be called: it would find no rule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.numerics.compiled import compiled

OPEN, RECORDED, HELD = range(3)
"""Modes: nothing is fed; what rules find is kept; what was kept is fed."""


class Feed(NamedTuple):
    """Which numbers are fed to which rule, and their path."""

    starts: np.ndarray
    """int64 (rules + 1,): the numbers of rule i are those from starts[i] to starts[i + 1] − 1."""
    offsets: np.ndarray
    """int64 (n,): place of each in the flat vector."""
    path: np.ndarray
    """float64 (quarters, n): what each was in the run that was recorded."""
    own: np.ndarray
    """float64 (n,): what each is in this run, while its rule is at work."""
    mode: np.ndarray
    """int64 (1,): `OPEN`, `RECORDED` or `HELD`."""


NO_FEED = Feed(np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros((0, 0)), np.zeros(0), np.zeros(1, np.int64))
"""Nothing is fed to anybody."""

UNFED = (np.zeros(0), NO_FEED)
"""A flat vector and a feed for `step` where nothing is fed."""


@compiled
def begins(rule, quarter, flat, feed):
    """Keep or put in what a rule is fed, before it is at work."""
    for i in range(feed.starts[rule], feed.starts[rule + 1]):
        if feed.mode[0] == RECORDED:
            feed.path[quarter, i] = flat[feed.offsets[i]]
        elif feed.mode[0] == HELD:
            feed.own[i] = flat[feed.offsets[i]]
            flat[feed.offsets[i]] = feed.path[quarter, i]


@compiled
def ends(rule, flat, feed):
    """Put this run's own numbers back after a rule that was fed others."""
    if feed.mode[0] == HELD:
        for i in range(feed.starts[rule], feed.starts[rule + 1]):
            flat[feed.offsets[i]] = feed.own[i]
