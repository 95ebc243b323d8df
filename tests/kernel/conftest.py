"""The default world, kept busy, and the register's values: shared, since each shape of world is compiled anew."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.build import World, build_world
from tests.kernel.runs import busy, values


@pytest.fixture(scope="session")
def world() -> World:
    return busy(build_world())


@pytest.fixture(scope="session")
def params() -> np.ndarray:
    return values()
