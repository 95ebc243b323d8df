"""Sponsoring states: of what use a client is, what it gets, what a crisis rests on, and what abandoning it does."""

import numpy as np
import pytest

from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.restraint import state_patrons
from sim.world.conflict import ABANDONMENT
from sim.world.fields import NOBODY
from tests.rules.made_world import HISTORY_END, QUARTER, dice, index, only, run

FORCES, RIVAL = index("groups", "Syrian Democratic Forces"), index("groups", "Lashkar-e-Tayyaba")
USA, PAK, IND, SYR = (index("states", iso) for iso in ("USA", "PAK", "IND", "SYR"))
NORTH_EAST = index("theatres", "north-east Syria")
AMERICA, PAKISTAN = index("patrons", "USA"), index("patrons", "PAK")
SURE = 1e9
MASS = 2


def given(**values):
    return only(state_patrons=values)


@pytest.fixture
def forces(world):
    """Forces in the north-east, sponsored by the USA with support on record of 0.8, that aim at Syria."""
    world["groups"]["theatre"][0, RIVAL] = NOBODY
    world["groups"]["sponsor"][0, RIVAL] = PAK
    world["groups"]["aim"][0, RIVAL, IND] = 1.0
    group = world["groups"][0][FORCES]
    group["sponsor"], group["theatre"] = USA, NORTH_EAST
    group["supply_base"], group["supply"] = 1000.0, 1000.0
    world["theatres"]["support_declared"][0, NORTH_EAST, FORCES] = 0.8
    world["theatres"]["backer"][0, NORTH_EAST, FORCES] = USA
    world["states"]["population_class"] = 1
    return group


def lay(world, accused, severity=MASS, ago=1, foiled=0):
    """Write an incident so many quarters ago that a group is accused of."""
    row = int(world["politics"]["next_incident"][0])
    found = world["incidents"][0][row]
    found["quarter"], found["severity"], found["accused"], found["is_foiled"] = QUARTER - ago, severity, accused, foiled
    found["author"] = NOBODY
    world["politics"]["next_incident"] = row + 1


def test_use_by_hand():
    params = given(weight_cost=0.5, weight_deny=0.8)
    assert state_patrons.use_of(0.4, 0.5, 0.25, params) == pytest.approx(0.4 * 1.25 * 0.8)


def test_use_falls_as_deniability_falls_and_rises_with_what_war_would_cost():
    params = given(weight_cost=0.5, weight_deny=1.0)
    assert state_patrons.use_of(0.4, 0.5, 0.6, params) < state_patrons.use_of(0.4, 0.5, 0.3, params)
    assert state_patrons.use_of(0.4, 0.9, 0.3, params) > state_patrons.use_of(0.4, 0.5, 0.3, params)
    assert state_patrons.use_of(0.9, 0.5, 0.3, params) > state_patrons.use_of(0.4, 0.5, 0.3, params)
    assert state_patrons.use_of(0.4, 0.5, 1.0, params) == 0.0


def test_supply_by_hand():
    # Goal 200 · (1 + 0.5 · 0.6 − 0.5 · 0.2) = 240.
    params = given(weight_use=0.5, weight_press=0.5, rate_supply=0.25)
    assert state_patrons.next_supply(100.0, 200.0, 0.6, 0.2, params) == pytest.approx(135.0)
    assert state_patrons.next_supply(100.0, 200.0, 0.0, 1.0, given(weight_press=9.0, rate_supply=1.0)) == 0.0


def test_a_sponsor_reads_support_on_record_as_far_as_it_stands(world, forces):
    world["theatres"]["kept"][0, NORTH_EAST, FORCES] = 0.5
    run(state_patrons, world, given(weight_use=1.0, rate_supply=1.0))
    assert forces["supply"] == pytest.approx(1400.0)
    assert world["patrons"]["faction"][0, AMERICA] == pytest.approx(0.4)


@pytest.mark.parametrize("reason", ["no theatre", "no record", "another's support"])
def test_without_support_on_record_the_usual_interest_holds(world, forces, reason):
    if reason == "no theatre":
        forces["theatre"] = NOBODY
    elif reason == "no record":
        world["theatres"]["support_declared"][0, NORTH_EAST, FORCES] = 0.0
    else:
        world["theatres"]["backer"][0, NORTH_EAST, FORCES] = PAK
    run(state_patrons, world, given(base_interest=0.3))
    assert world["patrons"]["faction"][0, AMERICA] == pytest.approx(0.3)


def test_war_costs_more_against_the_larger(world, forces):
    world["states"]["population_class"][0, IND], world["states"]["population_class"][0, SYR] = 5, 2
    assert state_patrons.cost_of(world[0], world["groups"][0][RIVAL]) == 1.0
    world["groups"]["aim"][0, RIVAL, IND], world["groups"]["aim"][0, RIVAL, SYR] = 0.5, 0.5
    assert state_patrons.cost_of(world[0], world["groups"][0][RIVAL]) == pytest.approx(0.625)


def test_what_audiences_believe_lowers_use_and_what_is_given(world, forces):
    params = given(weight_deny=1.0, weight_use=1.0, rate_supply=1.0)
    forces["rep_blame"] = 0.5
    run(state_patrons, world, params)
    assert forces["supply"] == pytest.approx(1400.0)
    assert world["patrons"]["faction"][0, AMERICA] == pytest.approx(0.4)


def test_a_crisis_by_hand_and_what_it_presses_for(world, forces):
    world["states"]["population_class"][0, IND] = 5
    world["patrons"]["crisis"][0, PAKISTAN] = 0.25
    lay(world, RIVAL)
    params = given(rate_crisis=0.4, weight_escalation=0.5, rate_cool=0.2, weight_press=1.0, rate_supply=1.0)
    world["groups"]["supply_base"][0, RIVAL] = 100.0
    run(state_patrons, world, params)
    assert world["patrons"]["crisis"][0, PAKISTAN] == pytest.approx(0.25 + 0.4 * 1.5 * 0.75 - 0.2 * 0.25)
    assert world["groups"]["supply"][0, RIVAL] == pytest.approx(75.0), "by the crisis that it found"


def test_a_crisis_rests_on_whom_somebody_accuses(world, forces):
    lay(world, NOBODY)
    world["incidents"]["author"][0, 0] = RIVAL
    lay(world, RIVAL, ago=2)
    lay(world, RIVAL, ago=0)
    lay(world, RIVAL, foiled=1)
    lay(world, index("groups", "Islamic State"))
    run(state_patrons, world, given(rate_crisis=1.0))
    assert world["patrons"]["crisis"].max() == 0.0
    lay(world, RIVAL, severity=0)
    run(state_patrons, world, given(rate_crisis=1.0))
    assert world["patrons"]["crisis"][0, PAKISTAN] == pytest.approx(0.1)
    assert world["patrons"]["crisis"][0, AMERICA] == 0.0


def test_crises_cool(world, forces):
    world["patrons"]["crisis"][0, PAKISTAN] = 0.5
    run(state_patrons, world, given(rate_cool=0.2))
    assert world["patrons"]["crisis"][0, PAKISTAN] == pytest.approx(0.4)


def test_who_abandons_a_client_keeps_part_of_the_support(world, forces):
    world["custodies"]["custodian"][0, 0] = FORCES
    world["custodies"]["custodian"][0, 1:] = RIVAL
    run(state_patrons, world, given(rate_abandon=SURE, size_abandon=0.6))
    assert world["theatres"]["kept"][0, NORTH_EAST, FORCES] == pytest.approx(0.4)
    assert world["theatres"]["kept"][0, NORTH_EAST].sum() == pytest.approx(world["theatres"]["kept"].shape[-1] - 0.6)
    assert world["custodies"]["abandoned"][0].tolist() == [0.6] + [0.0] * (world["custodies"].shape[-1] - 1)


def test_nobody_abandons_in_full_alert_or_what_it_does_not_support(world, forces):
    params = given(rate_abandon=SURE, size_abandon=0.6)
    world["politics"]["alert"] = 1.0
    run(state_patrons, world, params)
    world["politics"]["alert"] = 0.0
    world["theatres"]["backer"][0, NORTH_EAST, FORCES] = PAK
    run(state_patrons, world, params)
    assert world["theatres"]["kept"].min() == 1.0


def test_the_rate_of_abandoning_by_hand(world, forces):
    # 1 − exp(−1.5 · (1 − 0.6)) = 0.451.
    world["politics"]["alert"] = 0.6
    count = 0
    for replication in range(400):
        other = world.copy()
        run(state_patrons, other, given(rate_abandon=1.5, size_abandon=0.5), replication)
        count += other["theatres"]["kept"][0, NORTH_EAST, FORCES] < 1.0
    assert count / 400 == pytest.approx(0.451, abs=0.07)


@pytest.mark.parametrize(("quarter", "kept"), [(QUARTER, 1.0), (HISTORY_END, 1.0), (HISTORY_END + 1, 0.4)])
def test_in_replay_nobody_abandons_but_on_record(world, forces, quarter, kept):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    run(state_patrons, world, given(rate_abandon=SURE, size_abandon=0.6))
    assert world["theatres"]["kept"][0, NORTH_EAST, FORCES] == pytest.approx(kept)


def test_what_was_abandoned_stands_in_the_ledger(world, forces):
    ledger = make_ledger(10)
    state_patrons.apply(world[0], given(rate_abandon=SURE), dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert (lines["kind"].tolist(), lines["by"].tolist()) == ([HAZARD], [ABANDONMENT])
    assert lines["who"][0, [0, 6, 7]].tolist() == [USA, FORCES, NORTH_EAST]


def test_groups_without_a_sponsor_keep_what_they_get(world, forces):
    forces["sponsor"] = NOBODY
    run(state_patrons, world, given(weight_use=1.0, rate_supply=1.0, base_interest=1.0))
    assert forces["supply"] == 1000.0
    np.testing.assert_array_equal(world["patrons"]["faction"][0, AMERICA], 0.0)
