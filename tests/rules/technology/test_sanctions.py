"""Sanctions, bans, and taking out what is banned."""

import numpy as np
import pytest

from sim.rules.technology import sanctions
from sim.world.fields import NOBODY
from tests.rules.made_world import HISTORY_END, default_world, dyad, index, only, run, settle_base, slot

KGZ, HUAWEI, ZTE = index("states", "KGZ"), index("firms", "Huawei"), index("firms", "ZTE")
USA, CHN = index("homes", "USA"), index("homes", "CHN")
FIRM_HOMES = default_world().record["firms"]["home"][0]
CHINESE = FIRM_HOMES == CHN
ALWAYS = 1e9
MODES = [(1, HISTORY_END, False), (1, HISTORY_END + 1, True), (0, HISTORY_END, True)]


def given(**values):
    return only(sanctions={"severity": 0.5, **values})


@pytest.fixture
def tense(world):
    """The United States would sanction; tension is high and every firm prominent."""
    world["homes"]["sender"][0, USA] = 1.0
    world["politics"]["tension"], world["firms"]["prominence"] = 0.5, 0.5
    return world


def test_a_sender_sanctions_foreign_firms_and_never_its_own(tense):
    run(sanctions, tense, given(rate_sanction=ALWAYS))
    strength = tense["firms"]["sanction"][0]
    assert (strength[FIRM_HOMES != USA] == 0.5).all()
    assert (strength[FIRM_HOMES == USA] == 0.0).all()


@pytest.mark.parametrize(("table", "field"), [("homes", "sender"), ("politics", "tension"), ("firms", "prominence")])
def test_without_sender_tension_or_prominence_there_is_no_sanction(tense, table, field):
    tense[table][field] = 0.0
    run(sanctions, tense, given(rate_sanction=ALWAYS))
    assert not tense["firms"]["sanction"].any()


def test_prominent_firms_are_sanctioned_more_often(tense):
    tense["firms"]["prominence"], tense["firms"]["prominence"][0, HUAWEI] = 0.1, 0.8
    hits = np.zeros(len(FIRM_HOMES))
    for replication in range(200):
        tense["firms"]["sanction_own"] = 0.0
        run(sanctions, tense, given(rate_sanction=1.0), replication)
        hits += tense["firms"]["sanction"][0] > 0
    # 1 − exp(−1 · 1 · 0.5 · 0.8) = 0.33 and 1 − exp(−0.05) = 0.049.
    assert hits[HUAWEI] / 200 == pytest.approx(0.33, abs=0.1)
    assert np.delete(hits, HUAWEI)[np.delete(FIRM_HOMES, HUAWEI) != USA].mean() / 200 == pytest.approx(0.049, abs=0.02)


def test_a_sanction_fades_and_a_declared_one_holds(world):
    world["firms"]["sanction_own"][0, [HUAWEI, ZTE]] = 0.5
    world["firms"]["sanction_declared"][0, ZTE] = 0.8
    run(sanctions, world, given(rate_fade=0.1))
    assert world["firms"]["sanction"][0, HUAWEI] == pytest.approx(0.45)
    assert world["firms"]["sanction"][0, ZTE] == 0.8
    assert world["firms"]["sanction"][0].sum() == pytest.approx(1.25)


@pytest.mark.parametrize(("is_replay", "quarter", "happens"), MODES)
def test_in_replay_sanctions_are_decided_only_after_history(tense, is_replay, quarter, happens):
    tense["clock"]["is_replay"], tense["clock"]["quarter"] = is_replay, quarter
    run(sanctions, tense, given(rate_sanction=ALWAYS))
    assert tense["firms"]["sanction"].any() == happens


@pytest.mark.parametrize(("is_replay", "quarter", "happens"), MODES)
def test_a_quarrel_bans_the_homes_firms_unless_history_decides(world, is_replay, quarter, happens):
    world["clock"]["is_replay"], world["clock"]["quarter"] = is_replay, quarter
    world["dyads"]["quarrel"][0, dyad("KGZ", "CHN")] = 0.5
    run(sanctions, world, given(rate_ban=ALWAYS))
    bans = world["firms"]["ban"][0]
    assert (bans[CHINESE, KGZ] == float(happens)).all()
    assert bans.sum() == world["measures"]["cum_bans"][0] == (CHINESE.sum() if happens else 0)


def test_in_replay_a_declared_ban_is_put_in_force_and_lifted_with_its_declaration(world):
    world["clock"]["is_replay"] = 1
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = 1.0
    for _ in range(2):
        run(sanctions, world, given())
    assert world["firms"]["ban"][0, HUAWEI, KGZ] == 1.0
    assert world["measures"]["cum_bans"][0] == 1.0, "a ban is counted when it begins"
    world["firms"]["ban_declared"] = 0.0
    run(sanctions, world, given())
    assert not world["firms"]["ban"].any()


def test_a_ban_that_a_state_decided_on_outlives_the_quarrel_and_any_declaration(world):
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    relation["quarrel"] = 1.0
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = 0.8
    run(sanctions, world, given(rate_ban=ALWAYS))
    relation["quarrel"], world["firms"]["ban_declared"] = 0.0, 0.0
    run(sanctions, world, given(rate_ban=ALWAYS))
    assert (world["firms"]["ban"][0, CHINESE, KGZ] == 1.0).all()
    assert world["firms"]["ban_own"][0].sum() == world["firms"]["ban"][0].sum() == CHINESE.sum()
    assert world["measures"]["cum_bans"][0] == CHINESE.sum()


def test_a_quarrel_with_a_partner_that_is_no_home_bans_nobody(world):
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    relation["quarrel"], relation["home"] = 1.0, NOBODY
    run(sanctions, world, given(rate_ban=ALWAYS))
    assert not world["firms"]["ban"].any()


def test_what_is_banned_is_taken_out_bit_by_bit_at_a_cost(world):
    # A tenth of Huawei's 0.5 · 0.6 = 0.3 goes: 0.03 at 1.5 · 10. ZTE keeps 0.2 of the 0.47 that is left.
    cell = settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.6, "ZTE": 0.4})
    other = settle_base(world, "UZB", "networks", 0.5, {"Huawei": 1.0})
    world["sectors"]["cost"] = 10.0
    world["states"]["purse"] = 5.0
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = 1.0
    run(sanctions, world, given(rate_removal=0.1, cost_removal=1.5))
    assert cell["penetration"] == pytest.approx(0.47)
    assert cell["share"][slot("networks", "ZTE")] == pytest.approx(0.2 / 0.47)
    assert cell["share"].sum() == pytest.approx(1.0)
    assert world["states"]["purse"][0, KGZ] == pytest.approx(5.0 - 0.45)
    assert other["penetration"] == 0.5
    assert world["states"]["purse"][0, index("states", "UZB")] == 5.0


def test_a_declared_sanction_ends_with_its_declaration(world):
    world["firms"]["sanction_declared"][0, ZTE] = 0.8
    run(sanctions, world, given(rate_fade=0.1))
    world["firms"]["sanction_declared"] = 0.0
    run(sanctions, world, given(rate_fade=0.1))
    assert not world["firms"]["sanction"].any()


def test_in_consumer_markets_the_state_does_not_pay(world):
    cell = settle_base(world, "KGZ", "devices", 0.5, {"Huawei": 1.0})
    world["sectors"]["cost"], world["states"]["purse"] = 10.0, 5.0
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = 1.0
    run(sanctions, world, given(rate_removal=0.5, cost_removal=1.0))
    assert cell["penetration"] == 0.25
    assert world["states"]["purse"][0, KGZ] == 5.0


def test_an_empty_purse_pays_no_more_than_it_holds(world):
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    world["sectors"]["cost"], world["states"]["purse"] = 10.0, 0.1
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = 1.0
    run(sanctions, world, given(rate_removal=0.5, cost_removal=1.0))
    assert world["states"]["purse"][0, KGZ] == 0.0


@pytest.mark.parametrize(("ban", "left"), [(0.2, 0.45), (0.6, 0.35), (1.0, 0.25)])
def test_what_a_ban_takes_out_goes_with_its_strength(world, ban, left):
    # Of a base of 0.5, at a rate of 0.5, a ban of 0.6 takes 0.15; it costs 2 · 10 · 0.15 = 3.
    cell = settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 1.0})
    world["sectors"]["cost"], world["states"]["purse"] = 10.0, 8.0
    world["firms"]["ban_declared"][0, HUAWEI, KGZ] = ban
    run(sanctions, world, given(rate_removal=0.5, cost_removal=2.0))
    assert cell["penetration"] == pytest.approx(left)
    assert world["states"]["purse"][0, KGZ] == pytest.approx(8.0 - 20.0 * (0.5 - left))
    assert world["firms"]["ban"][0, HUAWEI, KGZ] == ban
    assert world["measures"]["cum_bans"][0] == 1.0


def test_a_ban_that_grows_stricter_is_counted_once(world):
    for ban, bans in ((0.0, 0), (0.1, 1), (0.6, 1), (1.0, 1), (0.0, 1), (0.4, 2)):
        world["firms"]["ban_declared"][0, HUAWEI, KGZ] = ban
        run(sanctions, world, given())
        assert world["firms"]["ban"][0, HUAWEI, KGZ] == ban
        assert world["measures"]["cum_bans"][0] == bans


@pytest.mark.parametrize(("own", "declared"), [(1.0, 0.6), (0.0, 0.6)])
def test_of_a_ban_decided_and_one_declared_the_stricter_holds(world, own, declared):
    world["firms"]["ban_own"][0, HUAWEI, KGZ], world["firms"]["ban_declared"][0, HUAWEI, KGZ] = own, declared
    run(sanctions, world, given())
    assert world["firms"]["ban"][0, HUAWEI, KGZ] == max(own, declared)


# Ties with the West


@pytest.fixture
def tied(world):
    """All have ties of 0.5. Kyrgyzstan rests on Huawei in networks by 0.3 and on ZTE by 0.2, Uzbekistan on nobody."""
    world["states"]["western_ties"] = world["states"]["western_base"] = 0.5
    settle_base(world, "KGZ", "networks", 0.5, {"Huawei": 0.6, "ZTE": 0.4})
    world["sectors"]["criticality"] = 0.4
    return world


STRAIN = {"rate_strain": 0.5, "rate_return": 0.1}


def test_ties_by_hand():
    # 0.3 + 0.1 · (0.5 − 0.3) − 0.5 · 0.4 · 0.3 = 0.26.
    params = given(**STRAIN)
    assert sanctions.next_ties(0.3, 0.5, 0.4, params) == pytest.approx(0.26)
    assert sanctions.next_ties(0.3, 0.5, 0.5, params) == pytest.approx(0.245)
    assert sanctions.next_ties(0.3, 0.5, 0.0, params) == pytest.approx(0.32)
    assert sanctions.next_ties(0.3, 0.3, 0.0, params) == 0.3
    assert sanctions.next_ties(0.0, 0.0, 1.0, params) == 0.0
    assert sanctions.next_ties(1.0, 1.0, 0.0, params) == 1.0


def test_who_rests_on_sanctioned_firms_drifts_from_the_west(tied):
    tied["firms"]["sanction_declared"][0, HUAWEI], tied["firms"]["sanction_declared"][0, ZTE] = 0.8, 0.2
    run(sanctions, tied, given(**STRAIN))
    ties = tied["states"]["western_ties"][0]
    # Supply: 0.4 · (0.3 · 0.8 + 0.2 · 0.2) = 0.112; ties 0.5 − 0.5 · 0.112 · 0.5.
    assert ties[KGZ] == pytest.approx(0.472)
    assert (np.delete(ties, KGZ) == 0.5).all(), "who has nothing of theirs loses nothing"
    run(sanctions, tied, given(**STRAIN))
    # 0.472 + 0.1 · 0.028 − 0.056 · 0.472.
    assert ties[KGZ] == pytest.approx(0.448368)


def test_a_states_own_firms_under_sanctions_strain_nothing(tied):
    china = index("states", "CHN")
    tied["cells"][0, china] = tied["cells"][0, KGZ]
    tied["firms"]["sanction_declared"][0, HUAWEI] = 1.0
    run(sanctions, tied, given(**STRAIN))
    assert tied["states"]["western_ties"][0, china] == 0.5


def test_without_sanctions_ties_stay_whatever_the_supply(tied):
    run(sanctions, tied, given(**STRAIN))
    assert (tied["states"]["western_ties"] == 0.5).all()


def test_without_a_strain_sanctions_cost_no_ties(tied):
    tied["firms"]["sanction_declared"][0] = 1.0
    run(sanctions, tied, given(rate_return=0.1))
    assert (tied["states"]["western_ties"] == 0.5).all()


def test_ties_return_to_the_usual_when_sanctions_end(tied):
    tied["firms"]["sanction_declared"][0, HUAWEI] = 1.0
    for _ in range(20):
        run(sanctions, tied, given(**STRAIN))
    lowest = tied["states"]["western_ties"][0, KGZ]
    assert lowest < 0.4
    tied["firms"]["sanction_declared"] = 0.0
    run(sanctions, tied, given(**STRAIN))
    assert tied["states"]["western_ties"][0, KGZ] == pytest.approx(lowest + 0.1 * (0.5 - lowest))
    for _ in range(200):
        run(sanctions, tied, given(**STRAIN))
    assert tied["states"]["western_ties"][0] == pytest.approx(0.5)
    assert (tied["states"]["western_base"] == 0.5).all()
