"""Means and running totals over many states."""

import pytest

from sim.rules import measures
from tests.rules.made_world import default_world, dyad, index, only, run

CHN, KAZ = index("homes", "CHN"), index("homes", "KAZ")
FOCUS = [index("states", iso) for iso in default_world().names.reported]
FRA, CHINA = index("states", "FRA"), index("states", "CHN")


def test_means_by_hand(world):
    # Two of n reported states depend by 0.3 and 0.2; of all others France alone, by 0.4: China itself is not counted.
    world["states"]["dependence"][0, FOCUS[0], CHN], world["states"]["dependence"][0, FOCUS[1], CHN] = 0.3, 0.2
    world["states"]["dependence"][0, FRA, CHN], world["states"]["dependence"][0, CHINA, CHN] = 0.4, 0.9
    done = run(measures, world, only())["measures"]
    others = len(world["states"][0]) - len(FOCUS) - 1
    assert done["dependence_focus"][CHN] == pytest.approx(0.5 / len(FOCUS))
    assert done["dependence_other"][CHN] == pytest.approx(0.4 / others)


def test_supply_of_the_reported_states_by_hand(world):
    # Two homes supply one of n reported states by 0.3 and 0.2; what France is supplied does not count.
    world["states"]["supply"][0, FOCUS[0], CHN], world["states"]["supply"][0, FOCUS[0], KAZ] = 0.3, 0.2
    world["states"]["supply"][0, FRA, CHN] = 0.9
    assert run(measures, world, only())["measures"]["supply_focus"] == pytest.approx(0.5 / len(FOCUS))


def test_a_reported_state_that_is_home_itself_is_left_out(world):
    world["states"]["dependence"][0, FOCUS, KAZ] = 0.2
    world["states"]["dependence"][0, index("states", "KAZ"), KAZ] = 1.0
    assert run(measures, world, only())["measures"]["dependence_focus"][KAZ] == pytest.approx(0.2)


def test_totals_count_reported_states_alone_and_start_anew(world):
    world["dyads"]["cum_gifts"][0, dyad("KAZ", "CHN")] = 2
    world["dyads"]["cum_gifts"][0, dyad("FRA", "CHN")] = 5
    world["dyads"]["cum_loans"][0, dyad("UZB", "CHN")] = 3
    world["dyads"]["cum_bundles"][0, dyad("KAZ", "RUS")] = 1
    for _ in range(2):
        done = run(measures, world, only())["measures"]
    assert (done["cum_gifts"], done["cum_loans"], done["cum_bundles"]) == (2, 3, 1)


def test_service_lost_is_the_mean_of_reported_states(world):
    world["states"]["service_lost"][0, FOCUS[0]], world["states"]["service_lost"][0, FRA] = 0.5, 0.9
    assert run(measures, world, only())["measures"]["service_lost"] == pytest.approx(0.5 / len(FOCUS))


def test_a_world_in_which_nobody_is_reported(world):
    world["states"]["is_focus"] = 0
    done = run(measures, world, only())["measures"]
    assert done["dependence_focus"].sum() == done["service_lost"] == done["cum_gifts"] == 0.0
