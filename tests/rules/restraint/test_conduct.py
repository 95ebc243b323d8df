"""Attempts abroad: rates worked by hand, who is spared, what is foiled, the classes, what is counted, and replay."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.restraint import conduct
from sim.world.conflict import ATTEMPT, CELL
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import HISTORY_END, QUARTER, blank, dice, index, only, run

CLIENT, HUB = index("groups", "Katibat al-Tawhid wal-Jihad"), index("groups", "Hayat Tahrir al-Sham")
RUS, CHN, SYR, UZB = (index("states", iso) for iso in ("RUS", "CHN", "SYR", "UZB"))
IDLIB, BORDER = index("theatres", "Idlib"), index("theatres", "Afghanistan-Pakistan border")
SHARED = {"half_strength": 100.0, "share_afar": 0.25, "spare_host": 1.0}
SURE = 1e9
MANY = 300


def given(**values):
    return only(conduct={**SHARED, **values})


@pytest.fixture
def client(world):
    """A client of 100 in Idlib, half of them hardliners, that aims at Russia; nobody else has members."""
    groups = world["groups"]
    groups["enters"] = NEVER
    group = groups[0][CLIENT]
    group["enters"] = 0
    group["theatre"], group["state"], group["protector"] = IDLIB, SYR, HUB
    group["hard"], group["other"], group["orientation"] = 50.0, 50.0, 0.4
    group["aim"][RUS] = 1.0
    groups["theatre"][0, HUB], groups["state"][0, HUB] = IDLIB, SYR
    world["theatres"]["state"][0, IDLIB] = SYR
    return group


def last_of(world):
    return world["incidents"][0][world["politics"]["next_incident"][0] - 1]


def counted(world, params, replications=MANY):
    """Mean of what a group's quarter brings forth: attempts, attempts abroad, and incidents by class."""
    total = np.zeros(5)
    for replication in range(replications):
        other = world.copy()
        run(conduct, other, params, replication)
        group = other["groups"][0, CLIENT]
        total += [group["attempts"], group["cum_external"], *group["cum_severity"]]
    return total / replications


# Rates.


def test_the_hazard_by_hand(world, client):
    # Strength 100/(100 + 100), less 0.4 · 0.5 for disarray: 0.4; times 2 · 0.4 · 0.5 = 0.16. Held back 0.5 · 0.8 = 0.4.
    client["disarray"], client["dependence"], client["grievance"] = 0.5, 0.8, 0.3
    client["alarm"], client["embedding"] = 0.2, 0.5
    world["patrons"]["effort"][0, HUB] = 0.5
    world["theatres"]["control"][0, IDLIB, CLIENT] = 0.25
    world["states"]["detection"][0, RUS] = 0.6
    params = given(
        rate_base=2.0,
        weight_disarray=0.4,
        weight_grievance=1.0,
        weight_control=3.0,
        weight_land=0.5,
        weight_partial=0.5,
        weight_root=0.2,
        rate_cells=0.01,
        weight_block=0.5,
    )
    own = 0.16 * math.exp(0.3 - 3 * 0.4) * (1 + 0.5 * 0.25 * 0.4) * (1 + 0.5 * 0.2) * (1 - 0.2 * 0.5)
    run(conduct, world, params)
    assert client["hazard"] == pytest.approx(own + 0.01 * (1 + 0.5 * 0.6))
    assert client["cum_hazard"] == client["hazard"]


@pytest.mark.parametrize(("theatre", "reach"), [(IDLIB, 1.0), (BORDER, 0.25)])
def test_without_effort_the_hazard_is_larger_by_what_was_held_back(world, client, theatre, reach):
    client["theatre"], client["dependence"] = theatre, 0.7
    params = given(rate_base=0.6, weight_control=4.0)
    hazards = []
    for effort in (0.5, 0.0):
        world["patrons"]["effort"][0, HUB] = effort
        run(conduct, world, params)
        hazards.append(float(client["hazard"]))
    assert hazards[1] / hazards[0] == pytest.approx(math.exp(4.0 * 0.5 * reach * 0.7))


def test_effort_counts_times_dependence_and_dependence_without_effort_counts_for_nothing(world, client):
    params = given(rate_base=0.6, weight_control=4.0)

    def hazard(effort, dependence):
        world["patrons"]["effort"][0, HUB], client["dependence"] = effort, dependence
        run(conduct, world, params)
        return float(client["hazard"])

    assert hazard(0.0, 0.9) == hazard(0.0, 0.0) == hazard(0.9, 0.0)
    assert hazard(0.9, 0.9) < hazard(0.5, 0.9) < hazard(0.0, 0.9)
    assert hazard(0.5, 0.9) < hazard(0.5, 0.5)


def test_a_hub_of_its_own_holds_its_members_back_by_its_own_effort(world, client):
    client["protector"], client["is_hub"] = NOBODY, 1
    params = given(rate_base=0.6, weight_control=4.0)
    run(conduct, world, params)
    free = float(client["hazard"])
    world["patrons"]["effort"][0, CLIENT] = 0.5
    run(conduct, world, params)
    assert client["hazard"] == pytest.approx(free * math.exp(-2.0))


def test_a_purely_local_group_attempts_at_the_rate_of_its_cells_only(world, client):
    client["orientation"], client["grievance"] = 0.0, 1.0
    params = given(rate_base=50.0, weight_grievance=3.0, rate_cells=0.25)
    run(conduct, world, params)
    assert client["hazard"] == 0.25
    assert counted(world, params)[1] == pytest.approx(1 - math.exp(-0.25), abs=0.06)


@pytest.mark.parametrize(("name", "sign"), [("orientation", 1), ("hard", 1), ("grievance", 1), ("alarm", 1)])
def test_what_raises_the_hazard(world, client, name, sign):
    params = given(rate_base=0.6, weight_grievance=1.0, weight_partial=0.5)
    run(conduct, world, params)
    before = float(client["hazard"])
    client[name] += 0.1
    run(conduct, world, params)
    assert np.sign(client["hazard"] - before) == sign


def test_a_group_that_is_not_there_yet_or_has_no_target_or_no_members_does_nothing(world, client):
    params = given(rate_base=50.0, rate_cells=50.0)
    for field, value in (("enters", QUARTER + 1), ("aim", 0.0), ("hard", 0.0)):
        other = world.copy()
        group = other["groups"][0][CLIENT]
        group[field] = value
        if field == "hard":
            group["other"] = 0.0
        run(conduct, other, params)
        assert (group["hazard"], group["attempts"], other["politics"]["next_incident"][0]) == (0.0, 0.0, 0)


# Targets.


@pytest.mark.parametrize("spared", ["host", "sponsor"])
def test_host_and_sponsor_are_never_struck_while_they_are_spared(world, client, spared):
    if spared == "host":
        client["state"] = RUS
    else:
        client["sponsor"] = RUS
    client["aim"][RUS], client["aim"][CHN] = 0.75, 0.25
    params = given(rate_base=SURE, rate_cells=SURE)
    for replication in range(20):
        other = world.copy()
        run(conduct, other, params, replication)
        assert other["groups"]["attempts"][0, CLIENT] == 2.0
        assert other["incidents"]["target"][0, :2].tolist() == [CHN, CHN]
    params["conduct"]["spare_host"] = 0.0
    run(conduct, world, params)
    assert run(conduct, world, params)["groups"]["attempts"][CLIENT] == 2.0


def test_what_happens_at_home_is_no_hazard_abroad(world, client):
    client["aim"][RUS], client["aim"][SYR] = 0.25, 0.75
    params = given(rate_base=0.6, spare_host=0.0, rate_cells=0.01)
    run(conduct, world, params)
    with_home = float(client["hazard"])
    params["conduct"]["spare_host"] = 1.0
    run(conduct, world, params)
    assert client["hazard"] == pytest.approx(with_home), (
        "the exclusion takes attempts at home away and adds none abroad"
    )
    attempts, external, *_ = counted(world, given(rate_base=SURE, spare_host=0.0))
    assert attempts == 1.0
    assert external == pytest.approx(0.25, abs=0.08)


def test_the_state_of_a_theatre_is_home_too(world, client):
    client["state"], client["aim"][RUS], client["aim"][SYR] = UZB, 0.0, 1.0
    run(conduct, world, given(rate_base=SURE, rate_cells=1.0))
    assert (client["hazard"], client["attempts"], client["cum_external"]) == (0.0, 2.0, 0.0)


def test_targets_follow_aims(world, client):
    client["aim"][RUS], client["aim"][CHN] = 0.7, 0.3
    hits = 0
    for replication in range(MANY):
        other = world.copy()
        run(conduct, other, given(rate_base=SURE), replication)
        hits += last_of(other)["target"] == RUS
    assert hits / MANY == pytest.approx(0.7, abs=0.08)


# Outcomes.


def test_what_is_carried_out_by_hand():
    params = given(ease=1.0, weight_capability=2.0, weight_detection=1.0, weight_heard=0.5)
    assert conduct.carried_out(0.25, 0.3, 0.4, params) == pytest.approx(0.5)


@pytest.mark.parametrize("place", range(3))
def test_capability_detection_and_shared_intelligence_foil(place):
    params = given(weight_capability=2.0, weight_detection=1.0, weight_heard=0.5)
    values = [0.3, 0.3, 0.3]
    before = conduct.carried_out(*values, params)
    values[place] = 0.6
    assert conduct.carried_out(*values, params) < before


@pytest.mark.parametrize("name", ["capability", "detection", "sharing"])
def test_an_attempt_reads_the_state_that_it_is_aimed_at(world, client, name):
    if name == "sharing":
        channel = next(c for c in world["channels"][0] if c["state"] == RUS)
        channel["sharing"] = 1.0
    else:
        world["states"][name][0, RUS] = 1.0
    params = given(rate_base=SURE, ease=1e6, weight_capability=SURE, weight_detection=SURE, weight_heard=SURE)
    run(conduct, world, params)
    assert last_of(world)["is_foiled"] == 1
    assert (client["attempts"], client["cum_external"], client["cum_severity"].sum()) == (1.0, 1.0, 0.0)


def test_the_state_that_asks_for_persons_hears_through_every_channel(world):
    world["channels"]["sharing"][0, 0] = 0.4
    assert conduct.heard_in(world[0], CHN) == 0.4


def test_foiled_attempts_alarm_the_rest_and_alarm_fades(world, client):
    client["alarm"] = 0.5
    params = given(rate_base=SURE, ease=-1e6, weight_caught=0.4, rate_alarm=0.2)
    run(conduct, world, params)
    assert client["alarm"] == pytest.approx(0.5 + 0.4 * 0.5 - 0.2 * 0.5)
    run(conduct, world, given(rate_alarm=0.2))
    assert client["alarm"] == pytest.approx(0.6 * 0.8)


def test_classes_by_hand(world, client):
    # exp of 0, 0.5 · 2 − 1 = 0 and 1 − 2 = −1: 1, 1, 1/e over their sum.
    params = given(rate_base=SURE, ease=1e6, base_serious=-1.0, base_mass=-2.0, weight_size=2.0)
    _, _, *classes = counted(world, params, 600)
    total = 2 + 1 / math.e
    np.testing.assert_allclose(classes, np.array([1, 1, 1 / math.e]) / total, atol=0.06)


def test_a_cell_gets_nothing_from_the_size_of_its_group(world, client):
    params = given(rate_cells=SURE, ease=1e6, base_serious=-1e6, base_mass=-1e3, weight_size=1e9)
    assert counted(world, params, 20)[2:].tolist() == [1.0, 0.0, 0.0]
    params["conduct"]["rate_cells"], params["conduct"]["rate_base"] = 0.0, SURE
    assert counted(world, params, 20)[2:].tolist() == [0.0, 0.0, 1.0]


def test_detection_lowers_the_class_of_cells_and_others(world, client):
    world["states"]["detection"][0, RUS] = 1.0
    params = given(rate_base=SURE, rate_cells=SURE, ease=1e6, base_serious=3.0, base_mass=3.0, weight_watch=1e6)
    assert counted(world, params, 20)[2:].tolist() == [2.0, 0.0, 0.0]


# What is written.


def test_an_incident_is_simulated_has_an_author_and_nobody_accused(world, client):
    run(conduct, world, given(rate_base=SURE, ease=1e6))
    incident = last_of(world)
    assert (incident["quarter"], incident["target"], incident["author"]) == (QUARTER, RUS, CLIENT)
    assert (incident["accused"], incident["accuser"], incident["is_simulated"]) == (NOBODY, NOBODY, 1)
    assert (incident["is_foiled"], incident["is_exposed"]) == (0, 0)


def test_failures_of_restraint_and_the_spell_before_the_first(world, client):
    for _ in range(3):
        run(conduct, world, given())
    assert (client["spell"], client["cum_failures"]) == (3.0, 0.0)
    run(conduct, world, given(rate_base=SURE, rate_cells=SURE))
    assert (client["spell"], client["cum_failures"], client["cum_external"]) == (3.0, 2.0, 2.0)
    run(conduct, world, given())
    assert (client["spell"], client["cum_failures"]) == (3.0, 2.0)


def test_without_a_patron_nothing_fails(world, client):
    client["protector"] = NOBODY
    run(conduct, world, given(rate_base=SURE))
    assert (client["spell"], client["cum_failures"], client["cum_external"]) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(("quarter", "attempts"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 2.0)])
def test_in_replay_nothing_is_attempted_as_long_as_there_is_a_record(world, client, quarter, attempts):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    run(conduct, world, given(rate_base=SURE, rate_cells=SURE))
    assert client["attempts"] == attempts
    assert client["hazard"] > 0.0
    assert client["margin"] > 0.0, "of the draw that would have settled it"


def test_the_margin_is_that_of_the_draw(world, client):
    params = given(rate_base=4.0)
    for replication in range(30):
        other = world.copy()
        run(conduct, other, params, replication)
        group = other["groups"][0, CLIENT]
        assert (group["margin"] > 0.0) == (group["attempts"] > 0.0)
    client["orientation"] = 0.0
    run(conduct, world, params)
    assert client["margin"] == -20.0


def test_attempts_and_their_absence_stand_in_the_ledger(world, client):
    ledger = make_ledger(10)
    conduct.apply(world[0], given(rate_base=1e-9, rate_cells=1e-9), dice(), ledger)
    conduct.apply(world[0], given(rate_base=SURE, rate_cells=SURE), dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert lines["kind"].tolist() == [HAZARD] * 3
    assert lines["by"].tolist() == [ATTEMPT, ATTEMPT, CELL]
    assert lines["chosen"].tolist() == [0, 1, 1]
    assert lines["who"][:, 0].tolist() == [NOBODY, RUS, RUS]
    assert lines["who"][:, 6].tolist() == [CLIENT] * 3
    world["clock"]["is_replay"] = 1
    conduct.apply(world[0], given(rate_base=SURE, rate_cells=SURE), dice(), ledger)
    assert int(ledger.cursor[0]) == 3


# Capability.


def test_capability_by_hand(world):
    # 0.3 + (0.1 · (0.4 + 0.2) · 4/5 + 0.05) · 0.7 − 0.02 · 0.3.
    world["states"]["capability"][0, RUS], world["states"]["economy_class"][0, RUS] = 0.3, 4
    world["states"]["insecurity"][0, RUS], world["politics"]["alert"] = 0.2, 0.4
    institution = world["institutions"][0][0]
    institution["security_from"], institution["joins"][RUS] = QUARTER, QUARTER
    run(conduct, world, given(rate_build=0.1, rate_common=0.05, rate_relax=0.02))
    assert world["states"]["capability"][0, RUS] == pytest.approx(0.3 + 0.098 * 0.7 - 0.006)


@pytest.mark.parametrize(("joins", "security_from"), [(QUARTER + 1, 0), (0, QUARTER + 1)])
def test_no_help_from_a_body_that_is_not_yet_one(world, joins, security_from):
    world["institutions"]["joins"][0, 0, RUS], world["institutions"]["security_from"][0, 0] = joins, security_from
    run(conduct, world, given(rate_common=0.5))
    assert world["states"]["capability"][0, RUS] == 0.0


def test_groups_do_not_get_into_one_anothers_way():
    """A group's quarter is the same whoever else acts."""
    alone, beside = blank(), blank()
    for world in (alone, beside):
        groups = world["groups"]
        groups["enters"], groups["aim"][0, :, RUS], groups["hard"], groups["orientation"] = 0, 1.0, 40.0, 0.5
    alone["groups"]["enters"][0, :CLIENT] = NEVER
    for world in (alone, beside):
        conduct.apply(world[0], given(rate_base=2.0, rate_cells=0.5), dice(), NO_LEDGER)
    for name in ("attempts", "margin", "hazard", "cum_severity"):
        assert (alone["groups"][name][0, CLIENT:] == beside["groups"][name][0, CLIENT:]).all()
