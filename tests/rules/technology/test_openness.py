"""A state that lags behind its region opens a little more, and returns to its usual openness when it has caught up."""

import pytest

from sim.rules.technology import tenders
from sim.rules.technology.tenders import next_openness
from tests.rules.made_world import index, only, run

UZB, KAZ, CHN = index("states", "UZB"), index("states", "KAZ"), index("homes", "CHN")
PARAMS = only(tenders={"rate_opening": 0.1, "rate_closing": 0.02})


def test_by_hand():
    # 0.5 + 0.1·(0.6 − 0.2)·0.5 − 0.02·(0.5 − 0.4) = 0.518
    assert next_openness(0.5, 0.4, 0.6, 0.2, PARAMS) == pytest.approx(0.518)


@pytest.mark.parametrize("own", [0.6, 0.9])
def test_who_does_not_lag_only_returns_to_the_usual(own):
    assert next_openness(0.5, 0.4, 0.6, own, PARAMS) == pytest.approx(0.498)


def test_openness_that_is_whole_stays_whole():
    assert next_openness(1.0, 1.0, 0.9, 0.0, PARAMS) == 1.0


def test_the_lagging_state_opens_and_the_supplied_one_does_not(world):
    states = world["states"]
    states["openness"] = states["openness_base"] = 0.4
    states["supply"][0, KAZ, CHN] = 0.8
    world["measures"]["supply_focus"] = 0.3
    done = run(tenders, world, PARAMS)["states"]["openness"]
    assert done[UZB] == pytest.approx(0.4 + 0.1 * 0.3 * 0.6)
    assert done[KAZ] == 0.4
