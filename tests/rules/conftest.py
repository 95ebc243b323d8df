"""Fixtures of the tests of rules."""

import numpy as np
import pytest

from tests.rules.made_world import blank


@pytest.fixture
def world() -> np.ndarray:
    """A world of equals in which nothing happens, shape (1,)."""
    return blank()
