"""Channels of law-enforcement cooperation by state, for the tests of its rules."""

from __future__ import annotations

import numpy as np

from tests.rules.made_world import index


def channel(world: np.ndarray, state: str | int, origin: int = 0) -> np.void:
    """Return the channel on which a state is asked, by its ISO code or number, over the same memory."""
    s = index("states", state) if isinstance(state, str) else state
    rows = world["channels"][0]
    found = np.flatnonzero((rows["state"] == s) & (rows["origin"] == origin))
    return rows[int(found[0])]
