"""Small graphs of routes for the tests of rules: nodes and legs by hand in the rows of the default world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.world.fields import NOBODY
from tests.rules.made_world import blank, index, only

CHN, KAZ, LAO, TUR = (index("states", iso) for iso in ("CHN", "KAZ", "LAO", "TUR"))
SCO = index("institutions", "SCO")


def bare() -> np.ndarray:
    """A world of equals without routes: no leg leads anywhere, and all nodes lie in China, which governs them.

    The one origin is China's and starts at node 0.
    """
    world = blank()
    for name in ("start", "end", "owner", "corridor"):
        world["legs"][name] = NOBODY
    world["nodes"]["state"] = world["origins"]["state"] = CHN
    world["origins"]["node"] = 0
    return world


def lay(world: np.ndarray, legs: Sequence[tuple[int, int, float]], owner: int = NOBODY) -> None:
    """Lay legs (start, end, cost) in the first rows."""
    for row, (start, end, cost) in enumerate(legs):
        leg = world["legs"][0, row]
        leg["start"], leg["end"], leg["cost"], leg["owner"] = start, end, cost, owner


def put(world: np.ndarray, node: int, irregular: float = 0.0, papers: float = 0.0, held: float = 0.0) -> None:
    """Put persons of the first origin at a node."""
    world["nodes"]["persons"][0, node, 0] = (irregular, papers, held)


def join(world: np.ndarray, *states: int, security_from: int = 0) -> None:
    """Make the states members of one body that shares security from that quarter."""
    world["institutions"]["joins"][0, SCO, list(states)] = 0
    world["institutions"]["security_from"][0, SCO] = security_from


def given(**values: float) -> np.ndarray:
    """Parameters that are all 0 but these of routes, and a scale of 1."""
    return only(routes={"scale": 1.0, **values})


def persons(world: np.ndarray) -> np.ndarray:
    """Persons of the first origin at every node, by status."""
    return world["nodes"]["persons"][0, :, 0]
