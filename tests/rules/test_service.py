"""What a failure of equipment costs: by hand, with its cross term, and at its limits."""

import numpy as np
import pytest

from sim.rules.service import loss_of


def test_the_loss_by_hand_with_its_cross_term():
    # a·x = 0.3, 0.2 and 0.1: Σ = 0.6; cross pairs 0.06 + 0.03 + 0.02 = 0.11. (1 − 0.25) · (0.6 + 1.5 · 0.11) = 0.57375.
    parts = np.array([0.3, 0.2, 0.1])
    assert loss_of(parts.sum(), (parts * parts).sum(), 0.25, 1.5) == pytest.approx(0.57375)
    assert loss_of(parts.sum(), (parts * parts).sum(), 0.25, 0.0) == pytest.approx(0.45)


def test_the_limits_of_a_loss():
    assert loss_of(0.0, 0.0, 0.0, 1.5) == 0.0
    assert loss_of(1.0, 0.4, 0.0, 4.0) == 1.0
    assert loss_of(1.0, 0.4, 1.0, 4.0) == 0.0
    assert loss_of(0.5, 0.25, 0.0, 4.0) == 0.5, "one sector has no common mode"
