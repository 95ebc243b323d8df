"""The home government's hand: when it falls, what it costs, and how trust returns."""

import math

import pytest

from sim.rules.supplier_choice import is_eligible
from sim.rules.technology import home_government
from sim.world.records import NOBODY
from tests.rules.made_world import HISTORY_END, QUARTER, dyad, index, only, run, slot

HUAWEI, KGZ = index("firms", "Huawei"), index("states", "KGZ")
ALWAYS = 1e9


def given(**values):
    return only(home_government={"severity": 0.5, "dur_suspension": 8.0, "weight_trust": 0.8, **values})


@pytest.fixture
def exposed(world):
    """Huawei alone is exposed to its home, with projects of 0.5; Kyrgyzstan trusts China, which courts it by half."""
    world["firms"]["exposure"][0, HUAWEI], world["firms"]["project_value"][0, HUAWEI] = 1.0, 0.5
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    relation["trust"], relation["trust_base"], relation["interest"] = 0.6, 0.6, 0.5
    return world


def test_the_hazard_by_hand():
    # 0.004 · 0.5 · exp(6 · 0.3) = 0.002 · 6.04965.
    params = given(rate_crackdown=0.004, weight_prominence=6.0)
    assert home_government.crackdown_rate(0.5, 0.3, params) == pytest.approx(0.002 * math.exp(1.8))
    assert home_government.crackdown_rate(0.5, 0.4, params) > home_government.crackdown_rate(0.5, 0.3, params)
    assert home_government.crackdown_rate(0.6, 0.3, params) > home_government.crackdown_rate(0.5, 0.3, params)
    assert home_government.crackdown_rate(0.0, 1.0, params) == 0.0


def test_trust_by_hand():
    # 0.4 + 0.1 · (0.6 − 0.4) + 0.5 · 0.4 · 0.5 · (1 − 0.4) = 0.4 + 0.02 + 0.06.
    params = given(rate_return=0.1, rate_goodwill=0.5)
    assert home_government.next_trust(0.4, 0.6, 0.4, 0.5, params) == pytest.approx(0.48)
    assert home_government.next_trust(0.4, 0.6, 0.4, 0.0, params) == pytest.approx(0.42)
    assert home_government.next_trust(0.4, 0.6, 0.0, 0.5, params) == pytest.approx(0.42)
    assert home_government.next_trust(1.0, 1.0, 1.0, 1.0, params) == 1.0


def test_a_crackdown_suspends_devalues_and_costs_trust(exposed):
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    firm, relation = exposed[0]["firms"][HUAWEI], exposed[0]["dyads"][dyad("KGZ", "CHN")]
    assert firm["suspended_until"] == QUARTER + 4
    assert firm["project_value"] == pytest.approx(0.25)
    # 0.5 of the value 0.5 in a client courted by 0.5; trust 0.6 · (1 − 0.8 · 0.5 · 0.5).
    assert exposed["states"]["lost_investment"][0, KGZ] == pytest.approx(0.125)
    assert relation["trust"] == pytest.approx(0.48)
    assert exposed["measures"]["cum_crackdowns"][0] == 1.0


def test_a_suspension_of_full_severity_lasts_eight_quarters(exposed):
    exposed["firms"]["crackdown_order"][0, HUAWEI] = 1.0
    firm, sector = exposed[0]["firms"][HUAWEI], exposed[0]["sectors"][index("sectors", "networks")]
    place = slot("networks", "Huawei")

    def offers(quarter):
        return is_eligible(firm, sector, place, KGZ, quarter)

    assert offers(QUARTER)
    run(home_government, exposed, given())
    assert sum(not offers(quarter) for quarter in range(QUARTER, QUARTER + 40)) == 8
    assert not offers(QUARTER), "from the quarter of the crackdown on"
    assert not offers(QUARTER + 7)
    assert offers(QUARTER + 8)


@pytest.mark.parametrize(("severity", "length"), [(0.01, 1), (0.3, 3), (0.5, 4), (0.9, 8)])
def test_a_milder_suspension_is_shorter_and_never_none(exposed, severity, length):
    exposed["firms"]["crackdown_order"][0, HUAWEI] = severity
    run(home_government, exposed, given())
    assert exposed["firms"]["suspended_until"][0, HUAWEI] == QUARTER + length


def test_a_crackdown_touches_nobody_elses_clients_or_firms(exposed):
    exposed["dyads"]["trust"] = exposed["dyads"]["trust_base"] = 0.6
    exposed["dyads"]["interest"] = 0.5
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    dyads = exposed["dyads"][0]
    hit = dyads["trust"] < 0.6
    assert (dyads["home"][hit] == index("homes", "CHN")).all()
    assert hit.sum() == (dyads["home"] == index("homes", "CHN")).sum()
    assert (exposed["firms"]["suspended_until"][0] > 0).sum() == 1


def test_a_firm_without_exposure_is_left_alone(exposed):
    exposed["firms"]["exposure"] = 0.0
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    assert exposed["measures"]["cum_crackdowns"][0] == 0.0


@pytest.mark.parametrize(
    ("is_replay", "quarter", "happens"), [(1, HISTORY_END, 0), (1, HISTORY_END + 1, 1), (0, HISTORY_END, 1)]
)
def test_in_replay_homes_act_only_after_history(exposed, is_replay, quarter, happens):
    exposed["clock"]["is_replay"], exposed["clock"]["quarter"] = is_replay, quarter
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    assert exposed["measures"]["cum_crackdowns"][0] == happens


def test_in_replay_an_ordered_crackdown_is_carried_out_with_its_severity(exposed):
    exposed["clock"]["is_replay"] = 1
    exposed["firms"]["crackdown_order"][0, HUAWEI] = 0.9
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    assert exposed["firms"]["project_value"][0, HUAWEI] == pytest.approx(0.05)
    assert exposed["measures"]["cum_crackdowns"][0] == 1.0


def test_of_an_order_and_a_decision_the_more_severe_counts_once(exposed):
    exposed["firms"]["crackdown_order"][0, HUAWEI] = 0.9
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    assert exposed["firms"]["project_value"][0, HUAWEI] == pytest.approx(0.05)
    assert exposed["measures"]["cum_crackdowns"][0] == 1.0


def test_projects_go_back_to_their_usual_value(exposed):
    # 0.1 + 0.25 · (0.5 − 0.1) = 0.2; above the usual value they fall: 0.9 − 0.25 · 0.4 = 0.8.
    exposed["firms"]["project_base"], exposed["firms"]["project_value"] = 0.5, 0.1
    exposed["firms"]["project_value"][0, index("firms", "ZTE")] = 0.9
    run(home_government, exposed, given(rate_rebuild=0.25))
    values = exposed["firms"]["project_value"][0]
    assert values[HUAWEI] == pytest.approx(0.2)
    assert values[index("firms", "ZTE")] == pytest.approx(0.8)
    exposed["firms"]["crackdown_order"][0, HUAWEI] = 0.5
    run(home_government, exposed, given(rate_rebuild=0.25))
    assert values[HUAWEI] == pytest.approx(0.275 * 0.5), "rebuilt for a quarter, then hit"
    exposed["firms"]["crackdown_order"] = 0.0
    for _ in range(100):
        run(home_government, exposed, given(rate_rebuild=0.25))
    assert values == pytest.approx(0.5)


def test_goodwill_in_a_pandemic_brings_trust_of_its_own_home_alone(world):
    world["dyads"]["trust"] = world["dyads"]["trust_base"] = 0.4
    world["homes"]["goodwill"][0, index("homes", "CHN")] = 0.5
    world["politics"]["contact_restriction"] = 0.8
    run(home_government, world, given(rate_goodwill=0.5))
    assert world["dyads"]["trust"][0, dyad("KGZ", "CHN")] == pytest.approx(0.4 + 0.5 * 0.5 * 0.8 * 0.6)
    assert world["dyads"]["trust"][0, dyad("KGZ", "RUS")] == pytest.approx(0.4)


def test_trust_in_a_partner_that_is_no_home_stays(world):
    world["dyads"]["trust"][0], world["dyads"]["home"][0, 0] = 0.4, NOBODY
    run(home_government, world, given(rate_return=0.5))
    assert world["dyads"]["trust"][0, 0] == 0.4
    assert world["dyads"]["trust"][0, 1] == pytest.approx(0.2)
