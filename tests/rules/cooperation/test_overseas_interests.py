"""Danger to projects abroad: who is thought dangerous, what is asked for first, and when a mission may follow."""

import numpy as np
import pytest

from sim.rules.cooperation import overseas_interests
from sim.world.fields import NOBODY
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import index, only, run

HOME, TURKEY, SYRIA = (index("nodes", name) for name in ("Western China", "Turkey", "Syria"))
CHN, KAZ, TUR, SYR = (index("states", iso) for iso in ("CHN", "KAZ", "TUR", "SYR"))
CEFC, BEELINE = index("firms", "CEFC"), index("firms", "Beeline")
ALWAYS = 1e9


def given(**values):
    return only(overseas_interests={"half_present": 1000.0, "half_value": 0.5, **values})


def threat(world):
    return world["states"]["threat"][0]


def origin(world):
    return world["origins"][0, 0]


@pytest.fixture
def exposed(world):
    """A world with projects of 0.5 in Turkey and 0.25 in Kazakhstan, and 1,000 persons in Turkey; its channel."""
    world["firms"]["project_value"][0, [CEFC, BEELINE]] = 0.5
    world["firms"]["presence"][0, CEFC, [TUR, KAZ]] = (1.0, 0.5)
    world["firms"]["presence"][0, BEELINE] = 1.0
    world["nodes"]["persons"][0, TURKEY, 0] = (500.0, 400.0, 100.0)
    return channel(world, "TUR")


def test_threat_by_hand():
    # 0.4 · 1,000/2,000 + 0.2 · 0.5.
    params = given(weight_present=0.4, weight_near=0.2)
    assert overseas_interests.threat_of(1000.0, 0.5, 0.0, 0.0, params) == pytest.approx(0.3)
    assert overseas_interests.threat_of(1100.0, 0.5, 0.0, 0.0, params) > 0.3
    assert overseas_interests.threat_of(1000.0, 0.6, 0.0, 0.0, params) > 0.3
    assert overseas_interests.threat_of(0.0, 0.0, 0.0, 0.0, params) == 0.0
    assert overseas_interests.threat_of(1e9, 1.0, 0.0, 0.0, given(weight_present=0.8, weight_near=0.8)) == 1.0


def test_fear_and_returnees_by_hand():
    # 0.2 + 0.2 · 0.5 + 0.1 · 3,000/4,000.
    params = given(weight_present=0.4, weight_insecurity=0.2, weight_returnees=0.1)
    assert overseas_interests.threat_of(1000.0, 0.0, 0.5, 3000.0, params) == pytest.approx(0.375)
    assert overseas_interests.threat_of(1000.0, 0.0, 0.6, 3000.0, params) > 0.375
    assert overseas_interests.threat_of(1000.0, 0.0, 0.5, 4000.0, params) > 0.375


def test_without_their_weights_fear_and_returnees_change_no_bit():
    params = given(weight_present=0.37, weight_near=0.21)
    before = 0.37 * (123.0 / (123.0 + 1000.0)) + 0.21 * 0.71
    assert overseas_interests.threat_of(123.0, 0.71, 0.9, 5000.0, params) == before


def test_each_state_is_afraid_for_itself(world):
    world["states"]["insecurity"][0, TUR], world["states"]["returnees"][0, KAZ] = 0.5, 1000.0
    run(overseas_interests, world, given(weight_insecurity=0.2, weight_returnees=0.1))
    assert threat(world)[TUR] == pytest.approx(0.1)
    assert threat(world)[KAZ] == pytest.approx(0.05)
    assert threat(world).sum() == pytest.approx(0.15)


def test_danger_by_hand():
    # (0.3 + 0.5 · 0.3) · (1 − 0.6 · 0.5) = 0.45 · 0.7.
    params = given(weight_grievance=0.5, relief=0.6)
    assert overseas_interests.danger_of(0.3, 0.3, 0.5, params) == pytest.approx(0.315)
    assert overseas_interests.danger_of(0.4, 0.3, 0.5, params) > 0.315
    assert overseas_interests.danger_of(0.3, 0.4, 0.5, params) > 0.315
    assert overseas_interests.danger_of(0.3, 0.3, 0.6, params) < 0.315
    assert overseas_interests.danger_of(0.0, 0.0, 0.0, params) == 0.0
    assert overseas_interests.danger_of(0.8, 1.0, 0.0, params) == 1.0


def test_those_who_left_count_where_they_are_and_not_at_home(world):
    world["nodes"]["persons"][0, TURKEY, 0] = (500.0, 400.0, 100.0)
    world["nodes"]["persons"][0, HOME, 0, 0] = 100000.0
    run(overseas_interests, world, given(weight_present=0.4))
    assert threat(world)[TUR] == pytest.approx(0.2)
    assert threat(world).sum() == pytest.approx(0.2)


def test_a_grievance_endangers_projects_where_there_are_sympathisers_and_threatens_no_state(world, exposed):
    # 0.5 · 0.5 · 0.5 · 0.8 = 0.1 in Turkey: (0.5 · 0.1 + 0.25 · 0)/0.75.
    exposed["solidarity"] = 0.8
    world["origins"]["repression"], world["origins"]["salience"] = 0.5, 0.5
    run(overseas_interests, world, given(weight_grievance=0.5))
    assert origin(world)["risk"] == pytest.approx(0.05 / 0.75)
    assert not threat(world).any()


@pytest.mark.parametrize(("threshold", "missions"), [(0.04, 1.0), (0.06, 0.0)])
def test_a_grievance_alone_may_bring_a_mission(world, exposed, threshold, missions):
    # 0.5/(0.5 + 0.5) · 0.1 = 0.05 in Turkey.
    exposed["solidarity"], world["origins"]["deploy_law"] = 0.8, 1.0
    world["origins"]["repression"], world["origins"]["salience"] = 0.5, 0.5
    run(overseas_interests, world, given(weight_grievance=0.5, rate_mission=ALWAYS, threshold=threshold))
    assert exposed["mission"] == missions


@pytest.mark.parametrize("seat", [SYRIA, TURKEY], ids=["Syria", "Turkey"])
def test_a_war_counts_where_it_is_and_across_a_border_but_not_where_one_flies(world, seat):
    world["nodes"]["pull_declared"][0, seat] = 0.5
    run(overseas_interests, world, given(weight_near=0.4))
    assert set(np.flatnonzero(threat(world))) == {TUR, SYR}
    np.testing.assert_allclose(threat(world)[[TUR, SYR]], 0.2)


def test_priority_follows_the_danger_to_projects(world, exposed):
    # threat 0.2 in Turkey: (0.5 · 0.2 + 0.25 · 0)/0.75, of the home's own firms only.
    world["origins"]["priority_base"], world["origins"]["priority"] = 0.4, 0.9
    run(overseas_interests, world, given(weight_present=0.4, weight_risk=0.6))
    assert origin(world)["risk"] == pytest.approx(0.1 / 0.75)
    assert origin(world)["priority"] == pytest.approx(0.48)
    assert origin(world)["cum_missions"] == 0.0


def test_without_projects_there_is_no_risk(world, exposed):
    world["firms"]["project_value"] = 0.0
    world["origins"]["priority_base"], world["origins"]["deploy_law"] = 0.4, 1.0
    run(overseas_interests, world, given(weight_present=0.4, weight_risk=0.6, rate_mission=ALWAYS))
    assert (origin(world)["risk"], origin(world)["priority"]) == (0.0, 0.4)
    assert origin(world)["cum_missions"] == 0.0


def test_an_origin_whose_state_is_home_of_no_firm_has_no_projects(world, exposed):
    world["origins"]["home"] = NOBODY
    run(overseas_interests, world, given(weight_present=0.4, weight_risk=0.6))
    assert origin(world)["risk"] == 0.0


def test_the_excess_by_hand():
    # 0.5/(0.5 + 0.5) · 0.8 · (1 + 0.5 · 0.4) − 0.3 = 0.18.
    params = given(weight_cost=0.5, threshold=0.3)
    assert overseas_interests.excess_of(0.5, 0.8, 0.4, params) == pytest.approx(0.18)
    assert overseas_interests.excess_of(0.6, 0.8, 0.4, params) > 0.18
    assert overseas_interests.excess_of(0.5, 0.9, 0.4, params) > 0.18
    assert overseas_interests.excess_of(0.5, 0.8, 0.5, params) > 0.18, "the less help, the more is force considered"


@pytest.mark.parametrize(("law", "threshold", "missions"), [(1.0, 0.09, 1.0), (1.0, 0.11, 0.0), (0.0, 0.09, 0.0)])
def test_a_mission_only_past_the_threshold_and_only_with_the_law(world, exposed, law, threshold, missions):
    # 0.5/(0.5 + 0.5) · 0.2 = 0.1 in Turkey.
    world["origins"]["deploy_law"] = law
    run(overseas_interests, world, given(weight_present=0.4, rate_mission=ALWAYS, threshold=threshold))
    assert exposed["mission"] == origin(world)["cum_missions"] == world["channels"]["mission"].sum() == missions


def test_a_mission_relieves_and_is_withdrawn(world, exposed):
    exposed["mission"] = 0.5
    run(overseas_interests, world, given(weight_present=0.4, relief=0.6, rate_withdraw=0.2))
    assert origin(world)["risk"] == pytest.approx(0.07 / 0.75), "0.2 · (1 − 0.6 · 0.5) = 0.14 in Turkey"
    assert threat(world)[TUR] == pytest.approx(0.2), "the state itself is relieved of nothing"
    assert exposed["mission"] == pytest.approx(0.4)


def test_no_second_mission_while_the_first_is_whole(world, exposed):
    world["origins"]["deploy_law"], exposed["mission"] = 1.0, 1.0
    params = given(weight_present=0.4, rate_mission=ALWAYS, rate_withdraw=0.2)
    run(overseas_interests, world, params)
    assert (exposed["mission"], origin(world)["cum_missions"]) == (pytest.approx(0.8), 0.0)
    run(overseas_interests, world, params)
    assert (exposed["mission"], origin(world)["cum_missions"]) == (1.0, 1.0), "when part is gone, it may be sent anew"


def test_missions_come_as_often_as_their_rate_says(world, exposed):
    # 4 · 0.5 · 0.1 = 0.2 with half the law, 1 − exp(−0.2) = 0.181.
    world["origins"]["deploy_law"] = 0.5
    for replication in range(300):
        world["channels"]["mission"] = 0.0
        run(overseas_interests, world, given(weight_present=0.4, rate_mission=4.0), replication)
    assert origin(world)["cum_missions"] / 300 == pytest.approx(0.181, abs=0.06)
