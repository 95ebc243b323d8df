"""Papers given on the way, accusations whether or not they are, and what suspicion and doubt do to trust."""

import numpy as np
import pytest

from sim.rules.cooperation import passage
from sim.world.cooperation import HELD, IRREGULAR, PAPERS
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import HISTORY_END, QUARTER, index, only, run

MALAYSIA, TURKEY, SYRIA = (index("nodes", name) for name in ("Malaysia", "Turkey", "Syria"))
TUR, SYR = index("states", "TUR"), index("states", "SYR")
CHN = index("states", "CHN")
IDLIB = index("theatres", "Idlib")
TIP, NLF = index("groups", "Turkestan Islamic Party"), index("groups", "National Liberation Front")
ALWAYS = 1e9


def given(**values):
    return only(passage={"half_present": 1000.0, **values})


@pytest.fixture
def sponsor(world):
    """The channel of a sympathising state with a mission on the way, 1,000 persons there and 500 at a war next door."""
    asked = channel(world, "TUR")
    asked["solidarity"], asked["trust"] = 0.5, 0.8
    world["nodes"]["issuer"][0, MALAYSIA] = TUR
    world["nodes"]["persons"][0, MALAYSIA, 0] = (1000.0, 0.0, 50.0)
    world["nodes"]["persons"][0, SYRIA, 0, IRREGULAR] = 500.0
    world["nodes"]["pull_declared"][0, SYRIA] = 0.9
    return asked


def test_papers_by_hand():
    # 0.4 · 0.5 · (1 − 0.5 · 0.6) = 0.14.
    params = given(rate_issue=0.4, weight_pressure=0.5)
    assert passage.issued_share(0.5, 0.6, params) == pytest.approx(0.14)
    assert passage.issued_share(0.6, 0.6, params) > 0.14
    assert passage.issued_share(0.5, 0.7, params) < 0.14
    assert passage.issued_share(1.0, 1.0, given(rate_issue=0.4, weight_pressure=1.0)) == 0.0
    assert passage.issued_share(1.0, 0.0, given(rate_issue=2.0)) == 1.0


def test_a_mission_gives_papers_to_some_of_those_without(world, sponsor):
    # 0.4 · 0.5 · (1 − 0.5 · 0.6) of 1,000.
    sponsor["pressure"] = 0.6
    run(passage, world, given(rate_issue=0.4, weight_pressure=0.5))
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], (860.0, 140.0, 50.0))
    np.testing.assert_allclose(world["nodes"]["persons"][0, SYRIA, 0], (500.0, 0.0, 0.0), err_msg="no mission there")


def test_nobody_is_made_or_lost(world, sponsor):
    before = world["nodes"]["persons"].sum()
    for _ in range(20):
        run(passage, world, given(rate_issue=0.4))
    assert world["nodes"]["persons"].sum() == pytest.approx(before, rel=1e-12)
    assert world["nodes"]["persons"][0, MALAYSIA, 0, HELD] == 50.0
    assert world["nodes"]["persons"].min() >= 0.0


@pytest.mark.parametrize("reason", ["no mission", "no solidarity", "none given"])
def test_no_papers_without_a_mission_or_solidarity(world, sponsor, reason):
    if reason == "no mission":
        world["nodes"]["issuer"] = -1
    elif reason == "no solidarity":
        sponsor["solidarity"] = 0.0
    run(passage, world, given(rate_issue=0.0 if reason == "none given" else 0.4))
    assert not world["nodes"]["persons"][..., PAPERS].any()


def test_trust_by_hand():
    # 0.8 + 0.1 · (0.3 − 0.8) − (0.2 · 0.5 + 0.1 · 0.4 + 0.25) · 0.8 = 0.75 − 0.312.
    params = given(rate_mend=0.1, rate_proxy=0.2, weight_doubt=0.1, share_lost=0.25)
    assert passage.next_trust(0.8, 0.3, 0.5, 0.4, 0.0, True, params) == pytest.approx(0.438)
    assert passage.next_trust(0.8, 0.3, 0.5, 0.4, 0.0, False, params) == pytest.approx(0.638)
    assert passage.next_trust(0.8, 0.4, 0.5, 0.4, 0.0, False, params) > 0.638
    assert passage.next_trust(0.8, 0.3, 0.6, 0.4, 0.0, False, params) < 0.638
    assert passage.next_trust(0.8, 0.3, 0.5, 0.5, 0.0, False, params) < 0.638
    assert passage.next_trust(0.2, 0.9, 0.0, 0.0, 0.0, False, params) == pytest.approx(0.27), "it mends"
    assert passage.next_trust(0.3, 0.3, 0.0, 0.0, 0.0, False, params) == pytest.approx(0.3)
    assert (
        passage.next_trust(1.0, 0.0, 1.0, 1.0, 0.0, True, given(rate_mend=1.0, rate_proxy=1.0, share_lost=1.0)) == 0.0
    )


def test_suspicion_falls_on_the_sympathising_neighbour_of_a_war(world, sponsor):
    # suspicion = 0.5 · 500/1,500 = 1/6; 0.8 − 0.3 · 1/6 · 0.8.
    run(passage, world, given(rate_proxy=0.3))
    assert sponsor["trust"] == pytest.approx(0.76)


def test_no_suspicion_far_from_a_war_after_it_or_without_sympathy(world, sponsor):
    far = channel(world, "MYS")
    far["solidarity"], far["trust"] = 1.0, 0.8
    sponsor["solidarity"] = 0.0
    run(passage, world, given(rate_proxy=0.3, rate_accuse=ALWAYS))
    assert (far["trust"], sponsor["trust"]) == (0.8, 0.8)
    sponsor["solidarity"] = 0.5
    world["nodes"]["pull_declared"] = 0.0
    run(passage, world, given(rate_proxy=0.3, rate_accuse=ALWAYS))
    assert sponsor["trust"] == 0.8
    assert world["channels"]["cum_accused"].sum() == 0.0


def test_a_seat_of_war_counts_once_however_many_ways_lead_there(world, sponsor):
    world["legs"]["start"], world["legs"]["end"], world["legs"]["is_border"] = TURKEY, SYRIA, 1
    near = passage.near_war(world[0])
    assert near[TUR, 0] == 500.0
    assert near.sum() == 500.0


def test_a_war_is_near_across_a_border_and_not_where_one_flies(world):
    world["nodes"]["persons"][0, TURKEY, 0] = (100.0, 200.0, 300.0)
    world["nodes"]["pull_declared"][0, TURKEY] = 0.9
    near = passage.near_war(world[0])
    assert near[SYR, 0] == near.sum() == 600.0, "from Kazakhstan, Thailand and others one flies to Turkey"


@pytest.mark.parametrize("rate_issue", [0.0, 0.4])
def test_an_accusation_costs_trust_whether_or_not_papers_were_given(world, sponsor, rate_issue):
    run(passage, world, given(rate_issue=rate_issue, rate_accuse=ALWAYS, share_lost=0.25))
    assert sponsor["cum_accused"] == 1.0
    assert sponsor["trust"] == pytest.approx(0.6)
    assert world["channels"]["cum_accused"].sum() == 1.0, "nobody else is accused"
    assert world["nodes"]["persons"][0, MALAYSIA, 0, PAPERS] == pytest.approx(500.0 * rate_issue)


def test_papers_abroad_bring_accusations_on_a_state_with_missions_only(world, sponsor):
    world["nodes"]["pull_declared"] = 0.0
    world["nodes"]["persons"][0, SYRIA, 0, PAPERS] = 500.0
    world["channels"]["solidarity"] = 0.5
    rumours = given(rate_accuse=ALWAYS, weight_papers=1.0)
    run(passage, world, rumours)
    assert sponsor["cum_accused"] == world["channels"]["cum_accused"].sum() == 1.0
    run(passage, world, given(rate_accuse=ALWAYS, weight_papers=0.0))
    assert sponsor["cum_accused"] == 1.0
    world["nodes"]["persons"] = 0.0
    world["nodes"]["persons"][0, TURKEY, 0, PAPERS] = 500.0
    run(passage, world, rumours)
    assert sponsor["cum_accused"] == 1.0, "those at home in the state that is asked are not counted"


def test_accusations_come_as_often_as_their_rate_says(world, sponsor):
    # suspicion 1/6, rumour 0.5 · 500/1,500 = 1/6 as well: 1.2 · (1/6 + 0.5 · 1/6) = 0.3, 1 − exp(−0.3) = 0.259.
    world["nodes"]["persons"][0, MALAYSIA, 0, PAPERS] = 500.0
    assert passage.accusation_rate(1 / 6, 1 / 6, given(rate_accuse=1.2, weight_papers=0.5)) == pytest.approx(0.3)
    for replication in range(300):
        run(passage, world, given(rate_accuse=1.2, weight_papers=0.5), replication)
    assert sponsor["cum_accused"] / 300 == pytest.approx(0.259, abs=0.07)


@pytest.mark.parametrize("is_replay", [0, 1])
def test_an_ordered_accusation_is_made_without_suspicion_or_chance(world, is_replay):
    world["clock"]["is_replay"] = is_replay
    accused, other = channel(world, "KAZ"), channel(world, "TUR")
    accused["accusation_order"], accused["trust"], other["trust"] = 1.0, 0.8, 0.8
    run(passage, world, given(share_lost=0.25))
    assert accused["cum_accused"] == world["channels"]["cum_accused"].sum() == 1.0
    assert (accused["trust"], other["trust"]) == (pytest.approx(0.6), 0.8)


def test_an_ordered_accusation_counts_once_where_one_would_have_come_anyway(world, sponsor):
    sponsor["accusation_order"] = 1.0
    run(passage, world, given(rate_accuse=ALWAYS, share_lost=0.25))
    assert (sponsor["cum_accused"], sponsor["trust"]) == (1.0, pytest.approx(0.6))


@pytest.mark.parametrize(("quarter", "accused"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 1.0)])
def test_in_replay_no_accusation_is_generated_as_long_as_there_is_a_record(world, sponsor, quarter, accused):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    run(passage, world, given(rate_accuse=ALWAYS, rate_issue=0.4))
    assert world["channels"]["cum_accused"].sum() == accused
    assert world["nodes"]["persons"][0, MALAYSIA, 0, PAPERS] == pytest.approx(200.0), "papers are given as ever"


def test_informers_sow_doubt(world):
    world["channels"]["trust"] = 0.5
    world["states"]["informers"][0, TUR] = 0.4
    run(passage, world, given(weight_doubt=0.25))
    assert channel(world, "TUR")["trust"] == pytest.approx(0.45)
    assert channel(world, "KAZ")["trust"] == 0.5


@pytest.fixture
def feared(world):
    """A world in which the government of China believes that a group aims at it; all trust is 0.8."""
    world["channels"]["trust"] = 0.8
    world["audiences"]["prior"] = 0.2
    world["audiences"]["belief"] = 0.2
    world["audiences"]["belief"][0, index("audiences", "government of China"), TIP] = 0.7
    world["groups"]["aim"][0, TIP, CHN] = 0.8
    return world


def trusts(world, params):
    run(passage, world, params)
    return channel(world, "TUR")["trust"], channel(world, "SYR")["trust"]


def test_who_sponsors_a_group_that_is_believed_to_aim_at_the_one_that_asks_loses_its_trust(feared):
    # 0.8 − 0.5 · (0.7 − 0.2) · 0.8 · 0.8.
    feared["groups"]["sponsor"][0, TIP] = TUR
    assert trusts(feared, given(rate_sponsor=0.5)) == (pytest.approx(0.64), 0.8)


def test_who_supports_others_there_is_suspected_as_far_as_that_goes_and_whom_the_group_aims_at_is_not(feared):
    # 0.8 − 0.5 · 0.4 · 0.6 · 0.5: support of 0.5, of which 0.6 is left.
    feared["groups"]["theatre"][0, TIP] = IDLIB
    feared["theatres"]["backer"][0, IDLIB, NLF] = TUR
    feared["theatres"]["support_declared"][0, IDLIB, NLF], feared["theatres"]["kept"][0, IDLIB, NLF] = 0.5, 0.6
    assert trusts(feared.copy(), given(rate_sponsor=0.5)) == (pytest.approx(0.8 - 0.5 * 0.4 * 0.3 * 0.8), 0.8)
    feared["groups"]["aim"][0, TIP, TUR] = 0.1
    assert trusts(feared, given(rate_sponsor=0.5)) == (0.8, 0.8)


@pytest.mark.parametrize("what", ["believed anyway", "another audience", "aims elsewhere", "elsewhere", "a state"])
def test_no_trust_is_lost_without_all_of_these(feared, what):
    feared["groups"]["sponsor"][0, TIP] = TUR
    feared["groups"]["theatre"][0, TIP] = IDLIB
    if what == "believed anyway":
        feared["audiences"]["prior"] = 0.7
    elif what == "another audience":
        feared["audiences"]["state"] = TUR
    elif what == "aims elsewhere":
        feared["groups"]["aim"] = 0.0
    else:
        feared["groups"]["sponsor"] = -1
        where, holder = (1 - IDLIB, NLF) if what == "elsewhere" else (IDLIB, len(feared["groups"][0]) + SYR)
        feared["theatres"]["backer"][0, where, holder] = TUR
        feared["theatres"]["support_declared"][0, where, holder] = feared["theatres"]["kept"][0, where, holder] = 1.0
    assert trusts(feared, given(rate_sponsor=0.5)) == (0.8, 0.8)


def test_without_its_rate_sponsoring_changes_no_bit(feared):
    feared["groups"]["sponsor"][0, TIP] = TUR
    assert trusts(feared, given(rate_mend=0.03)) == (0.8 + 0.03 * (0.0 - 0.8), 0.8 + 0.03 * (0.0 - 0.8))
    params = given(rate_mend=0.03, rate_proxy=0.17, weight_doubt=0.11)
    before = 0.77 + 0.03 * (0.3 - 0.77) - (0.17 * 0.51 + 0.11 * 0.41) * 0.77
    assert passage.next_trust(0.77, 0.3, 0.51, 0.41, 0.9, False, params) == before


def test_a_quiet_world_stays_as_it_is(world):
    before = world.copy()
    run(passage, world, given(rate_issue=0.4, rate_accuse=ALWAYS, weight_papers=1.0, share_lost=0.5, rate_proxy=0.5))
    assert (world == before).all()
