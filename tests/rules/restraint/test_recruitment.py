"""Joining and leaving: who joins, from where and how many, that nobody is made or lost, and what moves on with it."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.restraint import conduct, recruitment, state_patrons
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import default_world, dice, index, only, register, run

CLIENT, HUB = index("groups", "Katibat al-Tawhid wal-Jihad"), index("groups", "Hayat Tahrir al-Sham")
RIVAL = index("groups", "Hurras al-Din")
RUS, CHN, SYR = (index("states", iso) for iso in ("RUS", "CHN", "SYR"))
IDLIB = index("theatres", "Idlib")
SYRIA = index("nodes", "Syria")
WEST, CENTRAL = index("pools", "Western China"), index("pools", "Central Asia")
STATE_HOLDER = index("holders", "SYR")
WEIGHTS = {"weight_kin": 0.5, "half_kin": 300.0, "weight_online": 0.5, "weight_place": 0.25}
JOINING = {**WEIGHTS, "rate_join": 0.1, "base_appeal": 0.25, "weight_grievance": 0.5, "weight_land": 0.5}


def given(**values):
    return only(recruitment=values)


@pytest.fixture
def client(world):
    """A client of 100 in Idlib at war, with room for 400, that draws on 8000 in Central Asia; nobody else is there."""
    groups = world["groups"]
    groups["enters"] = NEVER
    group = groups[0][CLIENT]
    group["enters"], group["theatre"], group["state"], group["protector"] = 0, IDLIB, SYR, HUB
    group["size_low"] = group["size_high"] = 400.0
    group["hard"], group["other"], group["hardliners"] = 25.0, 75.0, 0.4
    group["leaning_hard"], group["leaning_other"] = 0.8, 0.2
    group["pool"][CENTRAL] = 1.0
    world["pools"]["left"][0, CENTRAL] = 8000.0
    world["theatres"]["war"][0, IDLIB] = 1.0
    world["theatres"]["node"][0, IDLIB] = SYRIA
    return group


def members(group):
    return float(group["hard"] + group["other"])


def everybody(world):
    groups, pools, custodies = world["groups"], world["pools"], world["custodies"]
    outside = sum(pools[name].sum() for name in ("left", "gone", "fallen", "returned"))
    return groups["hard"].sum() + groups["other"].sum() + outside + custodies["hard"].sum() + custodies["other"].sum()


# Joining.


def test_contact_and_appeal_by_hand():
    # 0.5 · 100/400 + 0.5 · 0.3 + 0.25 · 0.4; 0.25 + 0.5 · 0.2 + 0.5 · 0.1.
    assert recruitment.contact_of(100.0, 0.3, 0.4, given(**WEIGHTS)) == pytest.approx(0.375)
    assert recruitment.appeal_of(0.2, 0.1, given(**JOINING)) == pytest.approx(0.4)
    assert recruitment.contact_of(1e9, 1.0, 1.0, given(**WEIGHTS)) == 1.0


@pytest.mark.parametrize("values", [(200.0, 0.3, 0.4), (100.0, 0.6, 0.4), (100.0, 0.3, 0.8)])
def test_kin_screens_and_places_each_add_to_contact(values):
    params = given(**WEIGHTS)
    assert recruitment.contact_of(*values, params) > recruitment.contact_of(100.0, 0.3, 0.4, params)


def test_who_joins_by_hand(world, client):
    # 0.1 · 8000 · contact 0.125 · appeal 0.35 · room 0.75 · war 0.8 = 21.
    client["grievance"] = 0.2
    world["theatres"]["war"][0, IDLIB] = 0.8
    run(recruitment, world, given(**JOINING))
    assert client["cum_recruited"] == pytest.approx(21.0)
    assert (client["hard"], client["other"]) == (pytest.approx(25 + 0.4 * 21), pytest.approx(75 + 0.6 * 21))
    assert world["pools"]["left"][0, CENTRAL] == pytest.approx(7979.0)
    assert (client["leaning_hard"], client["leaning_other"]) == (pytest.approx(0.8), pytest.approx(0.2))


def recruited(world, **fields):
    other = world.copy()
    for name, value in fields.items():
        other["groups"][name][0, CLIENT] = value
    run(recruitment, other, given(**JOINING))
    return float(other["groups"]["cum_recruited"][0, CLIENT])


def test_grievance_of_the_group_or_of_the_area_raises_joins(world, client):
    before = recruited(world)
    raised = recruited(world, grievance=0.5)
    assert raised > before > 0.0
    world["pools"]["grievance"][0, CENTRAL] = 0.5
    assert recruited(world) == pytest.approx(raised), "the larger of both counts"
    assert recruited(world, grievance=0.5) == pytest.approx(raised)


def test_land_content_and_roots_raise_joins(world, client):
    before = recruited(world)
    assert recruited(world, content=0.5) > before
    assert recruited(world, embedding=0.5) > before
    world["theatres"]["control"][0, IDLIB, CLIENT] = 0.5
    assert recruited(world) > before


def test_nobody_joins_a_group_that_is_full_or_without_war_or_not_there_or_from_an_empty_area(world, client):
    assert recruited(world, size_low=100.0, size_high=100.0) == 0.0
    assert recruited(world, enters=NEVER) == 0.0
    world["theatres"]["war"] = 0.0
    assert recruited(world) == 0.0
    world["theatres"]["war"] = 1.0
    world["pools"]["left"] = 0.0
    assert recruited(world) == 0.0


def test_outside_theatres_people_join_as_in_war(world, client):
    world["theatres"]["war"] = 0.0
    assert recruited(world, theatre=NOBODY, protector=NOBODY) > 0.0


def test_areas_are_finite_and_groups_share_what_is_left(world, client):
    rival = world["groups"][0][RIVAL]
    for name in client.dtype.names:
        if name not in ("id", "protector"):
            rival[name] = client[name]
    rival["hard"], rival["other"] = 50.0, 150.0
    world["pools"]["left"][0, CENTRAL] = 90.0
    params = given(**{**JOINING, "rate_join": 1e6})
    run(recruitment, world, params)
    assert world["pools"]["left"][0, CENTRAL] == 0.0
    first, second = client["cum_recruited"], rival["cum_recruited"]
    assert first + second == pytest.approx(90.0)
    # contact · room: 0.125 · 0.75 against 0.2 · 0.5.
    assert second / first == pytest.approx(0.1 / 0.09375)


def test_an_origins_people_are_bounded_by_those_at_the_node_who_stay_there(world, client):
    client["pool"][CENTRAL], client["pool"][WEST] = 0.0, 1.0
    world["pools"]["left"][0, WEST] = 5000.0
    world["nodes"]["persons"][0, SYRIA, 0] = [200.0, 100.0, 0.0]
    before = world["nodes"]["persons"].copy()
    group = world["groups"][0][CLIENT]
    assert recruitment.candidates(world[0], group, WEST, given(share_most=0.5)) == pytest.approx(50.0)
    assert recruitment.candidates(world[0], group, WEST, given(share_most=0.3)) == 0.0
    for _ in range(60):
        run(recruitment, world, given(**{**JOINING, "share_most": 0.5, "base_appeal": 1.0, "weight_kin": 4.0}))
    assert members(client) == pytest.approx(150.0, rel=0.01)
    assert members(client) <= 150.0
    assert (world["nodes"]["persons"] == before).all()
    client["theatre"] = NOBODY
    assert recruitment.candidates(world[0], group, WEST, given(share_most=0.5)) == 0.0


def test_the_ceiling_lies_between_the_estimates_and_is_the_same_in_every_quarter(world, client):
    assert recruitment.ceiling_of(100.0, 400.0, 0.5) == pytest.approx(200.0)
    assert recruitment.ceiling_of(0.0, 400.0, 0.5) == 0.0
    client["size_low"], client["size_high"], client["enters"] = 100.0, 900.0, 7
    found = set()
    for replication in range(30):
        run(recruitment, world, given(), replication)
        found.add(float(client["ceiling"]))
    assert len(found) == 30
    assert min(found) > 100.0
    assert max(found) < 900.0
    world["clock"]["quarter"] += 1
    run(recruitment, world, given(), 29)
    assert float(client["ceiling"]) in found


# Leaving, means, roots and grievance.


def test_who_leaves_in_peace_by_hand(world, client):
    # 0.2 · (1 − 0.5 · 0.4) · (1 − 0.25) = 0.12.
    client["embedding"] = 0.4
    world["theatres"]["war"][0, IDLIB] = 0.25
    run(recruitment, world, given(rate_leave=0.2, weight_settled=0.5))
    assert (client["hard"], client["other"]) == (pytest.approx(22.0), pytest.approx(66.0))
    assert world["pools"]["gone"][0, CENTRAL] == pytest.approx(12.0)


def test_nobody_leaves_in_open_war_and_the_settled_stay():
    params = given(rate_leave=0.2, weight_settled=1.0)
    assert recruitment.share_leaving(0.0, 1.0, params) == 0.0
    assert recruitment.share_leaving(1.0, 0.0, params) == 0.0
    assert recruitment.share_leaving(0.5, 0.0, params) < recruitment.share_leaving(0.2, 0.0, params)


def test_income_by_hand():
    # 0.4 · (1 + 0.5 · 0.3) + 0.5 · 0.2 + 0.25 · 0.6.
    params = given(weight_crime=0.5, weight_tax=0.5, weight_diaspora=0.25)
    assert recruitment.income_of(0.4, 0.7, 0.2, 0.6, params) == pytest.approx(0.71)
    assert recruitment.income_of(0.4, 0.9, 0.2, 0.6, params) < 0.71, "who is provided for turns less to crime"


def test_dependence_rises_as_members_leave_and_falls_with_own_means(world, client):
    client["supply"], client["income_base"] = 60.0, 0.4
    run(recruitment, world, given())
    assert client["dependence"] == pytest.approx(0.6)
    client["hard"] = 0.0
    run(recruitment, world, given())
    assert client["dependence"] == pytest.approx(60 / 90)
    world["pools"]["grievance"][0, CENTRAL] = 0.5
    run(recruitment, world, given(weight_diaspora=0.4))
    assert client["income"] == pytest.approx(0.6)
    assert client["dependence"] == pytest.approx(60 / 105)


def test_roots_grow_with_the_protectors_land_and_are_torn_out_without_it(world, client):
    client["embedding"] = 0.5
    params = given(rate_embed=0.2, rate_uproot=0.1)
    world["theatres"]["control"][0, IDLIB, [HUB, CLIENT]] = 0.75, 0.0
    run(recruitment, world, params)
    assert client["embedding"] == pytest.approx(0.5 + 0.15 * 0.5 - 0.025 * 0.5)
    world["theatres"]["control"][0, IDLIB, HUB] = 0.0
    before = float(client["embedding"])
    run(recruitment, world, params)
    assert client["embedding"] == pytest.approx(0.9 * before)
    client["protector"] = NOBODY
    world["theatres"]["control"][0, IDLIB, CLIENT] = 1.0
    before = float(client["embedding"])
    run(recruitment, world, params)
    assert client["embedding"] > before, "on its own land, where it has no protector"


def test_grievance_by_hand(world, client):
    client["grievance"], client["aim"][RUS], client["aim"][CHN] = 0.5, 0.75, 0.25
    theatre = world["theatres"][0][IDLIB]
    theatre["war"], theatre["support_declared"][STATE_HOLDER], theatre["kept"][STATE_HOLDER] = 0.5, 0.8, 0.5
    theatre["backer"][STATE_HOLDER] = RUS
    world["states"]["use_of_force"][0, [RUS, CHN]] = 0.4, 0.8
    hosts = world["migrants"]["pool"][0] == CENTRAL
    world["migrants"]["pressure"][0, hosts] = 0.6 / hosts.sum()
    client["pool"][CENTRAL], client["pool"][WEST] = 0.5, 0.5
    world["origins"]["repression"], world["origins"]["salience"] = 0.8, 0.5
    params = given(
        rate_grieve=0.2, weight_enemy=1.0, weight_force=0.5, weight_migrants=0.5, weight_home=0.25, rate_forgive=0.1
    )
    # Enemies 0.5 · 0.75 · 0.8 · 0.5 = 0.15; force 0.5 · 0.5; pressure 0.5 · 0.3; home 0.25 · 0.5 · 0.4 = 0.05.
    run(recruitment, world, params)
    assert client["grievance"] == pytest.approx(0.5 + 0.2 * (0.15 + 0.25 + 0.15 + 0.05) * 0.5 - 0.1 * 0.5)


def test_surveillance_without_rights_feeds_grievance_by_the_aim_of_the_group(world, client):
    # 0.5 · (0.75 · 0.8 + 0.25 · 0.4) = 0.35, at a rate of 0.2; nobody aims at Syria.
    client["aim"][RUS], client["aim"][CHN] = 0.75, 0.25
    world["states"]["misuse"][0, [RUS, CHN, SYR]] = 0.8, 0.4, 1.0
    run(recruitment, world, given(rate_grieve=0.2, weight_watched=0.5))
    assert client["grievance"] == pytest.approx(0.07)


def test_support_of_the_protector_or_by_others_is_no_grievance(world, client):
    client["aim"][RUS] = 1.0
    theatre = world["theatres"][0][IDLIB]
    theatre["support_declared"][[HUB, STATE_HOLDER]] = 1.0
    theatre["backer"][HUB], theatre["backer"][STATE_HOLDER] = RUS, CHN
    run(recruitment, world, given(rate_grieve=1.0, weight_enemy=1.0))
    assert client["grievance"] == 0.0


def test_what_is_written_does_not_depend_on_the_order_of_groups(world, client):
    """A group reads the members and areas that all found, whoever moves first."""
    rival = world["groups"][0][RIVAL]
    for name in client.dtype.names:
        if name not in ("id", "protector"):
            rival[name] = client[name]
    run(recruitment, world, given(**JOINING))
    assert client["cum_recruited"] == pytest.approx(rival["cum_recruited"])


# People.


@pytest.mark.parametrize("replication", range(4))
def test_people_are_conserved_in_a_whole_run_of_these_rules(replication):
    world, params = default_world().record.copy(), register().record()[0]
    generator = np.random.default_rng(replication)
    before = everybody(world)
    world["clock"]["is_replay"] = 0
    thrown = dice(replication)
    for quarter in range(180):
        world["clock"]["quarter"] = quarter
        world["theatres"]["war"] = generator.uniform(0, 1, world["theatres"]["war"].shape)
        world["nodes"]["persons"][0, SYRIA, 0] = generator.uniform(0, 4000, 3)
        for rule in (conduct, state_patrons, recruitment):
            rule.apply(world[0], params, thrown, NO_LEDGER)
        assert everybody(world) == pytest.approx(before, rel=1e-9, abs=1e-6)
    assert world["pools"]["left"].min() >= 0.0
    assert world["groups"]["cum_recruited"].sum() > 1000.0
    assert world["pools"]["gone"].sum() > 100.0
    for name in ("grievance", "embedding", "dependence", "orientation"):
        assert world["groups"][name].max() < 1.0
