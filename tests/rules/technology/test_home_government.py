"""The home government's hand: when it falls, what it costs, and how trust returns."""

import math

import pytest

from sim.numerics.ledger import make_ledger
from sim.rules.supplier_choice import is_eligible
from sim.rules.technology import home_government
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import HISTORY_END, QUARTER, default_world, dice, dyad, index, only, run, slot

HUAWEI, ZTE = index("firms", "Huawei"), index("firms", "ZTE")
KGZ, KAZ = index("states", "KGZ"), index("states", "KAZ")
ALWAYS = 1e9


def given(**values):
    return only(home_government={"severity": 0.5, "dur_suspension": 8.0, "weight_trust": 0.8, **values})


@pytest.fixture
def exposed(world):
    """Huawei alone is exposed to its home, with projects of 0.5; Kyrgyzstan trusts China, which courts it by half.

    A quarter of its projects lies in Kyrgyzstan.
    """
    world["firms"]["exposure"][0, HUAWEI], world["firms"]["project_value"][0, HUAWEI] = 1.0, 0.5
    world["firms"]["presence"][0, HUAWEI, KGZ] = 0.25
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
    # 0.5 of the value 0.5, a quarter of which lay there; trust 0.6 · (1 − 0.8 · 0.5 · 0.5).
    assert exposed["states"]["lost_investment"][0, KGZ] == pytest.approx(0.0625)
    assert exposed["states"]["lost_investment"][0].sum() == pytest.approx(0.0625), "nobody else had any of it"
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
    exposed["firms"]["project_value"][0, ZTE] = 0.9
    run(home_government, exposed, given(rate_rebuild=0.25))
    values = exposed["firms"]["project_value"][0]
    assert values[HUAWEI] == pytest.approx(0.2)
    assert values[ZTE] == pytest.approx(0.8)
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


# Where projects lie, and since when


def test_investment_is_lost_where_it_lay_whatever_the_interest(exposed):
    exposed["firms"]["presence"][0, HUAWEI, KAZ] = 1.0
    exposed["firms"]["presence"][0, ZTE] = 1.0
    exposed["firms"]["crackdown_order"][0, HUAWEI] = 0.8
    exposed["states"]["lost_investment"][0, KGZ] = 1.0
    run(home_government, exposed, given())
    lost = exposed["states"]["lost_investment"][0]
    # 0.8 · 0.5 · 1, and 0.8 · 0.5 · 0.25 beside what was lost before; ZTE, left alone, loses nothing.
    assert lost[[KAZ, KGZ]] == pytest.approx([0.4, 1.1])
    assert lost.sum() == pytest.approx(1.5)
    assert exposed["dyads"]["trust"][0, dyad("KAZ", "CHN")] == 0.0 < exposed["dyads"]["trust"][0, dyad("KGZ", "CHN")]


def test_a_crackdown_on_cefc_is_felt_where_its_projects_lay(exposed):
    cefc = index("firms", "CEFC")
    exposed["firms"]["presence"][0, cefc] = default_world().record["firms"]["presence"][0, cefc]
    exposed["firms"]["project_value"][0, cefc], exposed["firms"]["crackdown_order"][0, cefc] = 0.6, 1.0
    run(home_government, exposed, given())
    lost = exposed["states"]["lost_investment"][0]
    found = {default_world().names.states[s]: float(lost[s]) for s in lost.nonzero()[0]}
    assert found == pytest.approx({"RUS": 0.6, "CZE": 0.48, "KAZ": 0.42})


@pytest.mark.parametrize(
    ("prominence", "projects", "counts"), [(0.3, 0.0, 0.3), (0.0, 0.3, 0.3), (0.5, 0.3, 0.5), (0.3, 0.5, 0.5)]
)
def test_a_firm_is_prominent_by_its_markets_or_its_projects(exposed, prominence, projects, counts):
    exposed["firms"]["prominence"][0, HUAWEI], exposed["firms"]["project_value"][0, HUAWEI] = prominence, projects
    ledger, params = make_ledger(2), given(rate_crackdown=1.0, weight_prominence=2.0)
    exposed["firms"]["project_base"] = projects
    for replication in range(20):
        home_government.severity_of(exposed[0], HUAWEI, True, params, dice(replication), ledger)
    # 1 − exp(−e^(2·what counts)): how likely the crackdown was, as its line tells.
    assert ledger.entries["probability"] == pytest.approx(1 - math.exp(-math.exp(2.0 * counts)))


@pytest.mark.parametrize(("founded", "is_there"), [(0, True), (QUARTER, True), (QUARTER + 1, False), (NEVER, False)])
def test_before_its_foundation_a_firm_has_no_projects_and_suffers_no_crackdown(exposed, founded, is_there):
    exposed["firms"]["founded"][0, HUAWEI] = founded
    exposed["firms"]["project_base"][0, HUAWEI], exposed["firms"]["project_value"][0, HUAWEI] = 0.8, 0.0
    run(home_government, exposed, given(rate_rebuild=0.25))
    assert exposed["firms"]["project_value"][0, HUAWEI] == pytest.approx(0.2 if is_there else 0.0)
    run(home_government, exposed, given(rate_crackdown=ALWAYS))
    assert exposed["measures"]["cum_crackdowns"][0] == float(is_there)
    assert (exposed["firms"]["suspended_until"][0, HUAWEI] > 0) == is_there


def test_projects_begin_at_nothing_and_build_up_from_the_foundation_on():
    # MegaFon is founded in the 45th quarter: 0.1 · (1 − 0.9^n) after n quarters, counted from that one.
    world, megafon = default_world().record.copy(), index("firms", "MegaFon")
    assert not world["firms"]["project_value"].any()
    world["clock"]["is_replay"] = 1
    for quarter in range(54):
        world["clock"]["quarter"] = quarter
        run(home_government, world, given(rate_rebuild=0.1))
        if quarter == 43:
            assert world["firms"]["project_value"][0, megafon] == 0.0
    assert world["firms"]["project_value"][0, megafon] == pytest.approx(0.1 * (1 - 0.9**10))
