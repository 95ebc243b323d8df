"""Groups and incidents put into blank worlds by hand, for the tests of rules."""

from __future__ import annotations

import numpy as np

from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import QUARTER, blank, index


def quiet() -> np.ndarray:
    """A blank world that no group has entered yet."""
    world = blank()
    world["groups"]["enters"] = NEVER
    return world


def enter(world: np.ndarray, name: str, hard: float = 0.0, other: float = 0.0, since: int = 0) -> np.void:
    """Let a group be there from a quarter on, with so many members; return its row, over the same memory."""
    group = world["groups"][0, index("groups", name)]
    group["enters"], group["hard"], group["other"] = since, hard, other
    return group


def strike(world: np.ndarray, state: str, severity: int, accused: str = "", quarter: int = QUARTER - 1) -> np.void:
    """Record an incident in a state, by default in the quarter before the blank world's; return its row."""
    rows = world["incidents"][0]
    row = rows[int(np.flatnonzero(rows["quarter"] < 0)[0])]
    row["quarter"], row["target"], row["severity"] = quarter, index("states", state), severity
    row["accused"] = index("groups", accused) if accused else NOBODY
    return row
