"""Worry about reliance: values worked by hand, directions, limits, and the switch."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.schedule import step
from sim.rules.technology import worry
from tests.rules.made_world import dice, index, only, run

KGZ, CHN = index("states", "KGZ"), index("homes", "CHN")


def given(**values):
    """Return parameters that are all zero but those of this rule."""
    return only(worry={"rate": 0.1, "threshold": 0.25} | values)


@pytest.fixture
def reliant(world):
    """Give Kyrgyzstan a dependence of 0.75 on China, and nobody else any; everybody hedges a little."""
    world["states"]["dependence"][0, KGZ, CHN] = 0.75
    world["states"]["hedging"] = 0.2
    return world


def test_hedging_by_hand():
    """0.2 + 0.1 · (0.75 − 0.25) · (1 − 0.2) = 0.24."""
    assert worry.next_hedging(0.2, 0.75, given()) == pytest.approx(0.24)


def test_nobody_worries_below_the_threshold(reliant):
    """Only who depends on one home beyond the threshold hedges more; the others stay as they were."""
    run(worry, reliant, given())
    hedging = reliant["states"]["hedging"][0]
    assert hedging[KGZ] == pytest.approx(0.24)
    assert (np.delete(hedging, KGZ) == 0.2).all()


@pytest.mark.parametrize(("name", "other", "is_more"), [("rate", 0.2, True), ("threshold", 0.5, False)])
def test_direction_of_each_parameter(name, other, is_more):
    """A higher rate makes for more hedging, a higher threshold for less."""
    usual, changed = (worry.next_hedging(0.2, 0.75, params) for params in (given(), given(**{name: other})))
    assert changed != usual
    assert (changed > usual) == is_more


@pytest.mark.parametrize("hedging", [0.0, 0.5, 1.0])
def test_hedging_stays_a_share(hedging):
    """Whatever the dependence, hedging neither falls nor leaves 0-1."""
    assert hedging <= worry.next_hedging(hedging, 1.0, given(rate=1.0, threshold=0.0)) <= 1.0


@pytest.mark.parametrize(("off", "hedging"), [((), 0.24), ((worry.NAME,), 0.2)])
def test_switched_off_nobody_worries(reliant, off, hedging):
    """A whole quarter, all else at parameters of zero and dependence not measured anew: the switch alone decides."""
    step(reliant[0], given(), switches_for((*off, "technology/dependence")), dice(), NO_LEDGER, *UNFED)
    assert reliant["states"]["hedging"][0, KGZ] == pytest.approx(hedging)
