"""Means and running totals over many states."""

import pytest

from sim.rules import measures
from sim.world.fields import NEVER
from tests.rules.made_world import QUARTER, default_world, dyad, index, only, run

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


HUB, CLIENT = index("groups", "Hayat Tahrir al-Sham"), index("groups", "Katibat al-Tawhid wal-Jihad")
IDLIB = index("theatres", "Idlib")


@pytest.fixture
def groups(world):
    """Two groups in Idlib, the one a client of the other; all others enter later."""
    world["groups"]["enters"] = NEVER
    rows = world["groups"][0]
    for g, hazard, margin in ((HUB, 0.25, -1.5), (CLIENT, 0.5, -2.5)):
        rows["enters"][g], rows["hazard"][g], rows["margin"][g], rows["hard"][g] = 0, hazard, margin, 100.0
        rows["rep_members"][g], rows["cum_external"][g], rows["cum_defected"][g] = 150.0, 2.0, 30.0
    rows["protector"][CLIENT] = HUB
    return rows


def test_rates_are_summed_over_quarters_by_theatre_and_for_clients_near_their_patron(world, groups):
    run(measures, world, only())
    done = run(measures, world, only())["measures"]
    assert (done["cum_hazard_all"], done["cum_hazard"][IDLIB], done["cum_hazard_clients"][IDLIB]) == (1.5, 1.5, 1.0)
    groups["theatre"][HUB] = index("theatres", "north-east Syria")
    done = run(measures, world, only())["measures"]
    assert (done["cum_hazard"][IDLIB], done["cum_hazard_clients"][IDLIB]) == (2.0, 1.0)


def test_while_the_record_speaks_nothing_is_summed_that_could_not_happen(world, groups):
    world["clock"]["is_replay"], world["clock"]["history_end"] = 1, QUARTER
    done = run(measures, world, only())["measures"]
    assert (done["cum_hazard_all"], done["cum_calm"], done["cum_near"]) == (0.0, 0.0, 0.0)
    assert done["members"] == 200.0


def test_a_calm_quarter_short_of_an_attempt_by_little_is_a_near_miss(world, groups):
    done = run(measures, world, only())["measures"]
    assert (done["cum_calm"], done["cum_near"]) == (2.0, 1.0)
    groups["attempts"][HUB] = 1.0
    done = run(measures, world, only())["measures"]
    assert (done["cum_calm"], done["cum_near"]) == (3.0, 1.0)


def test_what_groups_and_accusers_did_is_added_up(world, groups):
    world["accusers"]["cum_accused"], world["accusers"]["cum_wrong"] = 2.0, 1.0
    world["migrants"]["pressure"] = 0.4
    done = run(measures, world, only())["measures"]
    assert (done["cum_external"], done["cum_defected"]) == (4.0, 60.0)
    assert (done["members"], done["rep_members"]) == (200.0, 300.0)
    n = len(world["accusers"][0])
    assert (done["cum_accused"], done["cum_wrong"], done["cum_right"]) == (2.0 * n, 1.0 * n, 0.0)
    assert done["pressure"] == pytest.approx(0.4)
