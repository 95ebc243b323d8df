"""A blank world in which cameras and taps belong to their models, and China and Russia stand for them."""

from __future__ import annotations

import numpy as np

from sim.world.fields import NOBODY
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.made_world import blank, dyad, index

KAZ, KGZ = index("states", "KAZ"), index("states", "KGZ")
CHN, RUS, USA = (index("homes", iso) for iso in ("CHN", "RUS", "USA"))
CAMERAS, TAPS, NETWORKS = (index("sectors", key) for key in ("surveillance", "interception", "networks"))
KGZ_CHN, KGZ_RUS = dyad("KGZ", "CHN"), dyad("KGZ", "RUS")


def watched() -> np.ndarray:
    """Return a blank world: cameras are seen and watch, taps rest on law; no civil groups, no secrecy, no voice."""
    world = blank()
    world["homes"]["model"] = world["sectors"]["model"] = NOBODY
    world["homes"]["model"][0, [CHN, RUS]] = TECHNICAL, LEGAL
    world["sectors"]["model"][0, [CAMERAS, TAPS]] = TECHNICAL, LEGAL
    world["sectors"]["visibility"] = 0.0
    world["sectors"]["visibility"][0, CAMERAS] = 0.9
    world["sectors"]["by_law"][0, TAPS] = 1.0
    world["sectors"]["watches"][0, [CAMERAS, TAPS]] = 1.0, 0.5
    return world
