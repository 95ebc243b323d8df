"""Summits: who proposes, who accepts, and what becomes of it."""

import math

import numpy as np
import pytest

from sim.numerics.ledger import make_ledger
from sim.rules.institutions import summits
from sim.world.fields import NEVER, NOBODY
from sim.world.records import DOMAINS
from tests.rules.made_world import HISTORY_END, dice, dyad, index, only, run

SCO, EAEU = index("institutions", "SCO"), index("institutions", "EAEU")
CHINA, RUSSIA, KAZ, KGZ = (index("states", iso) for iso in ("CHN", "RUS", "KAZ", "KGZ"))
CHN = index("homes", "CHN")
DIGITAL, TRADE, FINANCE, CUSTOMS = (DOMAINS.index(name) for name in ("digital", "trade", "finance", "customs"))
SUMMIT = 101
WEIGHTS = {
    "base_support": 0.5,
    "weight_benefit": 2.0,
    "ratchet": 1.0,
    "weight_firms": 3.0,
    "weight_gap": 6.0,
    "weight_bloc": 2.0,
    "weight_quarrel": 4.0,
}


def given(**values):
    return only(summits={"step": 0.2, **values})


def join(world, institution, *states):
    for s in states:
        world["institutions"]["joins"][0, institution, s] = 0


@pytest.fixture
def club(world):
    """China proposes digital agreements to Kazakhstan, which has a veto, and Kyrgyzstan, which has not, at a summit."""
    world["clock"]["quarter"] = SUMMIT
    join(world, SCO, CHINA, KAZ, KGZ)
    institution = world[0]["institutions"][SCO]
    institution["opens"] = 0
    institution["zeal"][CHINA, DIGITAL] = 1.0
    institution["is_veto"][[CHINA, KAZ]] = 1
    institution["benefit"], institution["bindingness"] = 0.5, 0.5
    return world


def agreed(world, params, replication=0):
    return float(run(summits, world, params, replication)["institutions"]["level"][SCO, DIGITAL])


# The vote


def test_the_probability_of_accepting_by_hand(club):
    # China of classes 5, 5 to Kazakhstan of 3, 3: 4/8 = 0.5, and 0.4 of the markets: 0.9.
    # 0.5 + 2 · 0.5 · (1 + 1 · 0.2) + 3 · 0.3 − (6 · 0.9 + 2 · 0.5) · 0.5 = 0.5 + 1.2 + 0.9 − 3.2 = −0.6.
    world = club[0]
    club["states"]["population_class"][0, CHINA] = club["states"]["economy_class"][0, CHINA] = 5
    club["states"]["economy_class"][0, KAZ] = 3
    club["measures"]["market"][0, CHN] = 0.4
    world["institutions"][SCO]["level"][DIGITAL] = 0.2
    club["states"]["supply"][0, KAZ, CHN] = 0.3
    join(club, EAEU, KAZ)
    world["institutions"][EAEU]["level"][CUSTOMS] = 0.5
    assert summits.gap(world, CHINA, KAZ) == pytest.approx(0.9)
    assert summits.rival_level(world, SCO, KAZ, SUMMIT) == 0.5
    p = summits.p_accept(world, SCO, DIGITAL, CHINA, KAZ, given(**WEIGHTS))
    assert p == pytest.approx(1 / (1 + math.exp(0.6)))


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ("benefit", 1),
        ("level", 1),
        ("firms", 1),
        ("size", -1),
        ("market", -1),
        ("bloc", -1),
        ("bindingness", -1),
        ("quarrel", -1),
    ],
)
def test_the_direction_of_each_reason(club, change, sign):
    world, institution = club[0], club[0]["institutions"][SCO]
    club["states"]["population_class"][0, CHINA] = 4
    before = summits.p_accept(world, SCO, DIGITAL, CHINA, KAZ, given(**WEIGHTS))
    if change in ("benefit", "level", "bindingness"):
        institution[change][DIGITAL] += 0.3
    elif change == "firms":
        club["states"]["supply"][0, KAZ, CHN] = 0.3
    elif change == "size":
        club["states"]["population_class"][0, CHINA] = 5
    elif change == "quarrel":
        club["dyads"]["quarrel"][0, dyad("KAZ", "CHN")] = 0.3
    elif change == "market":
        club["measures"]["market"][0, CHN] = 0.3
    else:
        join(club, EAEU, KAZ)
        world["institutions"][EAEU]["level"][CUSTOMS] = 0.3
    assert (summits.p_accept(world, SCO, DIGITAL, CHINA, KAZ, given(**WEIGHTS)) - before) * sign > 0.0


def test_a_quarrel_with_the_proposer_by_hand(club):
    # 0.5 + 2 · 0.5 · 1 − 4 · 0.5 = −0.5, whatever the domain binds; quarrels with others, and of others, do not count.
    club["dyads"]["quarrel"][0, dyad("KAZ", "CHN")] = 0.5
    club["dyads"]["quarrel"][0, [dyad("KAZ", "RUS"), dyad("KGZ", "CHN")]] = 1.0
    p = summits.p_accept(club[0], SCO, DIGITAL, CHINA, KAZ, given(**WEIGHTS))
    assert p == pytest.approx(1 / (1 + math.exp(0.5)))


def test_a_proposer_without_firms_has_neither_market_nor_base(club):
    club["measures"]["market"], club["states"]["supply"] = 0.9, 0.9
    assert summits.home_of(club[0], KGZ) == NOBODY
    assert summits.market_of(club[0], KGZ) == 0.0
    alone = summits.p_accept(club[0], SCO, DIGITAL, KGZ, RUSSIA, given(weight_firms=5.0))
    assert alone == pytest.approx(0.5)


def test_a_smaller_proposer_has_no_gap(club):
    club["states"]["population_class"][0, KAZ] = 5
    club["measures"]["market"][0, index("homes", "KAZ")] = 0.5
    assert summits.gap(club[0], CHINA, KAZ) == 0.0


# The summit


def test_what_nobody_blocks_raises_the_level(club):
    assert agreed(club, given(base_support=50.0)) == pytest.approx(0.2)
    assert agreed(club, given(base_support=50.0)) == pytest.approx(0.36)
    assert club["institutions"]["level"][0].sum() == pytest.approx(0.36), "nothing else was proposed"
    assert club["institutions"]["cum_blocked"].sum() == 0.0


def test_a_veto_blocks_and_is_counted(club):
    assert agreed(club, given(base_support=-50.0)) == 0.0
    assert club["institutions"]["cum_blocked"][0, SCO, DIGITAL] == 1.0


@pytest.mark.parametrize("reason", ["no veto", "not yet a member", "left"])
def test_only_a_member_with_a_veto_blocks(club, reason):
    institution = club[0]["institutions"][SCO]
    if reason == "no veto":
        institution["is_veto"][KAZ] = 0
    elif reason == "not yet a member":
        institution["joins"][KAZ] = SUMMIT + 1
    else:
        institution["leaves"][KAZ] = SUMMIT
    assert agreed(club, given(base_support=-50.0)) == pytest.approx(0.2)


@pytest.mark.parametrize("reason", ["no zeal", "not open", "no member", "not the quarter", "customs"])
def test_nothing_is_proposed(club, reason):
    institution = club[0]["institutions"][SCO]
    if reason == "no zeal":
        institution["zeal"] = 0.0
    elif reason == "not open":
        institution["opens"] = SUMMIT + 1
    elif reason == "no member":
        institution["joins"][CHINA] = NEVER
    elif reason == "not the quarter":
        club["clock"]["quarter"] = SUMMIT + 1
    else:
        institution["zeal"][CHINA, DIGITAL], institution["zeal"][CHINA, CUSTOMS] = 0.0, 1.0
    run(summits, club, given(base_support=50.0))
    assert club["institutions"]["level"].sum() == club["institutions"]["cum_blocked"].sum() == 0.0


@pytest.mark.parametrize(("is_replay", "quarter", "happens"), [(1, 125, False), (1, 129, True), (0, 125, True)])
def test_in_replay_nobody_votes_before_history_ends(club, is_replay, quarter, happens):
    assert 125 <= HISTORY_END < 129
    club["clock"]["is_replay"], club["clock"]["quarter"] = is_replay, quarter
    assert (agreed(club, given(base_support=50.0)) > 0.0) == happens


def test_in_replay_an_ordered_level_is_taken(club):
    club["clock"]["is_replay"] = 1
    club["institutions"]["level_order"][0, SCO, DIGITAL] = 0.7
    assert agreed(club, given(base_support=50.0)) == 0.7


def test_members_propose_as_often_as_they_are_zealous(club):
    club["institutions"]["zeal"][0, SCO, CHINA, DIGITAL] = 0.3
    count = 0
    for replication in range(400):
        club["institutions"]["level"] = 0.0
        count += agreed(club, given(base_support=50.0), replication) > 0.0
    assert count / 400 == pytest.approx(0.3, abs=0.08)


def test_what_binds_stalls_where_what_does_not_passes(club):
    # The same weights, China larger by half of the scale: σ(0.5 + 1 − 6·0.5·0.2) = 0.71, σ(0.5 + 1 − 6·0.5·0.9) = 0.23.
    club["states"]["population_class"][0, CHINA] = club["states"]["economy_class"][0, CHINA] = 5
    club["states"]["economy_class"][0, KAZ] = 3
    institution = club[0]["institutions"][SCO]
    institution["zeal"][CHINA, TRADE] = 1.0
    institution["bindingness"][DIGITAL], institution["bindingness"][TRADE] = 0.2, 0.9
    passed = np.zeros(2)
    for replication in range(300):
        club["institutions"]["level"] = 0.0
        run(summits, club, given(**WEIGHTS), replication)
        passed += club["institutions"]["level"][0, SCO, [DIGITAL, TRADE]] > 0.0
    assert passed / 300 == pytest.approx([0.711, 0.231], abs=0.09)


# What the ledger tells


def lines(club, params, replication=0):
    ledger = make_ledger(8)
    summits.apply(club[0], params, dice(replication), ledger)
    return ledger.entries[: ledger.cursor[0]]


def test_a_proposal_leaves_a_line_before_the_votes_on_it(club):
    proposal, vote = lines(club, given(base_support=50.0))
    assert [line["who"].tolist() for line in (proposal, vote)] == [
        [CHINA, NOBODY, NOBODY, SCO, *(NOBODY,) * 4],
        [KAZ, NOBODY, NOBODY, SCO, *(NOBODY,) * 4],
    ]
    assert proposal["by"] == vote["by"] == CHINA
    assert proposal["about"] == vote["about"] == DIGITAL
    assert proposal["probability"] == 1.0, "its zeal"
    assert proposal["chosen"] == vote["chosen"] == 1


def test_what_is_not_proposed_leaves_no_line(club):
    club["institutions"]["zeal"][0, SCO, CHINA, DIGITAL] = 0.4
    told = [lines(club.copy(), given(base_support=50.0), replication) for replication in range(60)]
    assert {len(found) for found in told} == {0, 2}
    for proposal, _ in filter(len, told):
        assert proposal["draw"] < proposal["probability"] == 0.4
        assert proposal["margin"] > 0.0


# What a home remembers


def test_a_home_remembers_the_share_of_its_proposals_that_was_blocked(club):
    # Of two proposals the finance one is blocked: 0.2 + 0.3 · (0.5 − 0.2) = 0.29.
    institution = club[0]["institutions"][SCO]
    institution["zeal"][CHINA, FINANCE] = 1.0
    institution["benefit"][DIGITAL], institution["benefit"][FINANCE] = 1.0, 0.0
    club["homes"]["stalled"][0, CHN] = 0.2
    params = given(base_support=-50.0, weight_benefit=100.0, memory=0.3)
    run(summits, club, params)
    assert institution["cum_blocked"][[DIGITAL, FINANCE]].tolist() == [0.0, 1.0]
    assert club["homes"]["stalled"][0, CHN] == pytest.approx(0.29)
    run(summits, club, params)
    assert club["homes"]["stalled"][0, CHN] == pytest.approx(0.353)
    assert club["homes"]["stalled"][0].sum() == pytest.approx(0.353), "nobody else proposed"


def test_proposals_in_all_institutions_count_together(club):
    # Russia and China propose in the SCO, Russia in the EAEU too; only Kazakhstan in the SCO objects.
    join(club, SCO, RUSSIA)
    join(club, EAEU, RUSSIA, KGZ)
    club["institutions"]["opens"][0, EAEU] = 0
    club["institutions"]["zeal"][0, SCO, RUSSIA, DIGITAL] = 1.0
    club["institutions"]["zeal"][0, EAEU, RUSSIA, DIGITAL] = 1.0
    club["institutions"]["is_veto"][0, SCO] = 0
    club["institutions"]["is_veto"][0, SCO, KAZ] = 1
    run(summits, club, given(base_support=-50.0, memory=0.4))
    assert club["homes"]["stalled"][0, CHN] == pytest.approx(0.4)
    assert club["homes"]["stalled"][0, index("homes", "RUS")] == pytest.approx(0.2)


@pytest.mark.parametrize(("support", "expected"), [(50.0, 0.3), (-50.0, 0.8)])
def test_success_is_remembered_like_failure(club, support, expected):
    club["homes"]["stalled"][0, CHN] = 0.6
    run(summits, club, given(base_support=support, memory=0.5))
    assert club["homes"]["stalled"][0, CHN] == pytest.approx(expected)


def test_who_proposes_nothing_remembers_as_before(club):
    club["homes"]["stalled"] = 0.6
    club["institutions"]["zeal"] = 0.0
    run(summits, club, given(base_support=-50.0, memory=0.5))
    assert (club["homes"]["stalled"] == 0.6).all()


def test_a_proposer_that_is_no_home_leaves_no_memory(club):
    club["institutions"]["zeal"][0, SCO] = 0.0
    club["institutions"]["zeal"][0, SCO, KGZ, DIGITAL] = 1.0
    run(summits, club, given(base_support=-50.0, memory=0.5))
    assert club["institutions"]["cum_blocked"][0, SCO, DIGITAL] == 1.0
    assert not club["homes"]["stalled"].any()


# What was agreed


def test_implementation_by_hand(club):
    # 0.3 + 0.1 · 0.5 · (1 − mean opacity 0.4) · 0.7 = 0.321; effect 0.5 · 0.321.
    institution = club[0]["institutions"][SCO]
    institution["level"][DIGITAL], institution["implementation"][DIGITAL] = 0.5, 0.3
    club["states"]["opacity"][0, [CHINA, KAZ, KGZ]] = 0.6, 0.6, 0.0
    club["clock"]["quarter"] = SUMMIT + 1
    run(summits, club, given(rate_implementation=0.1))
    assert institution["implementation"][DIGITAL] == pytest.approx(0.321)
    assert institution["effect"][DIGITAL] == pytest.approx(0.1605)


def test_what_is_not_renewed_lapses(club):
    # 0.3 + 0.1 · 0.5 · 0.7 − 0.02 · 0.3 = 0.329; where nothing is agreed 0.4 · (1 − 0.02) = 0.392.
    institution = club[0]["institutions"][SCO]
    institution["level"][DIGITAL], institution["implementation"][[DIGITAL, TRADE]] = 0.5, (0.3, 0.4)
    club["clock"]["quarter"] = SUMMIT + 1
    run(summits, club, given(rate_implementation=0.1, rate_lapse=0.02))
    assert institution["implementation"][[DIGITAL, TRADE]] == pytest.approx([0.329, 0.392])
    for _ in range(2000):
        run(summits, club, given(rate_implementation=0.1, rate_lapse=0.02))
    assert institution["implementation"][DIGITAL] == pytest.approx(0.05 / 0.07)
    assert institution["implementation"][TRADE] == pytest.approx(0.0, abs=1e-12)


def test_what_is_secret_or_not_agreed_is_not_put_into_practice(club):
    club["states"]["opacity"] = 1.0
    club["institutions"]["level"][0, SCO, DIGITAL] = 0.5
    run(summits, club, given(rate_implementation=0.1))
    assert not club["institutions"]["implementation"].any()
    club["institutions"]["level"], club["states"]["opacity"] = 0.0, 0.0
    run(summits, club, given(rate_implementation=0.1))
    assert not club["institutions"]["implementation"].any()


def test_members_share_the_strongest_effect_and_nobody_else_does(club):
    club["institutions"]["zeal"] = 0.0
    join(club, EAEU, KAZ, RUSSIA)
    for institution, effect in ((SCO, 0.6), (EAEU, 0.8)):
        club["institutions"]["level"][0, institution, DIGITAL] = effect
        club["institutions"]["level"][0, institution, FINANCE] = effect / 2
        club["institutions"]["implementation"][0, institution] = 1.0
    club["states"]["agreement"] = 0.3
    run(summits, club, given())
    agreement = club["states"]["agreement"][0, :, DIGITAL]
    assert agreement[[CHINA, KAZ, KGZ, RUSSIA]].tolist() == [0.6, 0.8, 0.6, 0.8]
    assert np.delete(agreement, [CHINA, KAZ, KGZ, RUSSIA]).max() == 0.0
    dyads = club[0]["dyads"]
    pairs = [dyad(*pair) for pair in (("KAZ", "CHN"), ("KAZ", "RUS"), ("KGZ", "CHN"), ("KGZ", "RUS"))]
    assert dyads["harmony"][pairs].tolist() == [0.6, 0.8, 0.6, 0.0]
    assert dyads["bank"][pairs].tolist() == [0.3, 0.4, 0.3, 0.0]


def test_effects_are_felt_from_the_next_summit_on(club):
    club["clock"]["quarter"] = SUMMIT + 1
    club["institutions"]["level"][0, SCO], club["institutions"]["implementation"][0, SCO] = 0.5, 1.0
    run(summits, club, given())
    assert not club["states"]["agreement"].any()
