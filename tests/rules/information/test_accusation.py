"""Accusation: three theories of why, whom, right or wrong, denials, errors that come out, and what it leaves behind."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import CHOICE, HAZARD, make_ledger
from sim.rules.information import accusation
from sim.world.conflict import DIVERSION, EVIDENCE, OTHER_AUTHOR, QUOTA, UNKNOWN
from sim.world.fields import NOBODY
from tests.rules.information.made_voices import accuser_of, incident, quiet
from tests.rules.made_world import HISTORY_END, QUARTER, dice, index, only, register, run

ALWAYS = 1e9
RUS = accuser_of("RUS")
COUNTERS = ("cum_accused", "cum_right", "cum_wrong", "cum_unsettled", "cum_bare", "cum_exposed")


def given(**values):
    return only(accusation=values)


def evidence_alone(**more):
    return given(mix_evidence=1.0, rate_evidence=ALWAYS, **more)


@pytest.fixture
def calm(world):
    """Three groups are there; nothing happened, nobody protests, nobody gains by figures."""
    return quiet(world)


def accuser(world):
    return world["accusers"][0, RUS]


def state(world):
    return world["states"][0, index("states", "RUS")]


def mean(world, params, name, replications=400):
    total = 0.0
    for replication in range(replications):
        other = world.copy()
        run(accusation, other, params, replication)
        total += accuser(other)[name]
    return total / replications


def test_the_rate_by_hand():
    params = given(
        mix_evidence=0.5, mix_diversion=0.3, mix_quota=0.2, rate_evidence=2.0, rate_diversion=1.5, rate_quota=0.4
    )
    found = accusation.parts_of_rate(1.4, 0.6, 0.5, 0.25, 0.8, params)
    np.testing.assert_allclose(found, [0.5 * 2.0 * 1.4, 0.3 * 1.5 * 0.6 * 0.5, 0.2 * 0.4 * 0.25 * 0.8])


def test_with_no_incident_at_all_protest_raises_the_rate_by_exactly_the_stated_product():
    generator = np.random.default_rng(1)
    for _ in range(50):
        mix, rate, control, publicity, breadth, before, after = generator.uniform(0, 1, 7)
        params = given(mix_diversion=mix, rate_diversion=rate, mix_quota=1.0 / 3.0, rate_quota=0.15)
        low = sum(accusation.parts_of_rate(0.0, before, control, publicity, breadth, params))
        high = sum(accusation.parts_of_rate(0.0, after, control, publicity, breadth, params))
        assert high - low == pytest.approx(mix * rate * (after - before) * control, abs=1e-15)


def test_with_no_incident_at_all_diversion_accuses_the_more_the_more_people_protest(calm):
    # 1 − exp(−0.5 · 2 · 0.7 · protest).
    accuser(calm)["control"] = 0.7
    params = given(mix_diversion=0.5, rate_diversion=2.0)
    for protest in (0.0, 0.4, 1.0):
        state(calm)["protest"] = protest
        assert mean(calm, params, "cum_bare") == pytest.approx(1.0 - math.exp(-0.7 * protest), abs=0.06)


def bring_incident(world):
    incident(world, "RUS", 0)


def bring_protest(world):
    state(world)["protest"] = accuser(world)["control"] = 0.5


def want_figures(world):
    accuser(world)["publicity"] = accuser(world)["breadth"] = 0.5


THEORIES = {"evidence": bring_incident, "diversion": bring_protest, "quota": want_figures}


@pytest.mark.parametrize("theory", THEORIES)
def test_each_theory_works_alone_and_asks_for_nothing_that_the_others_need(calm, theory):
    params = given(**{"mix_" + theory: 1.0, "rate_" + theory: ALWAYS})
    for other, cause in THEORIES.items():
        if other != theory:
            cause(calm)
    assert mean(calm, params, "cum_accused", 3) == 0.0, "what moves the other theories moves nothing here"
    THEORIES[theory](calm)
    assert mean(calm, params, "cum_accused", 3) == 1.0
    assert mean(calm, params, "cum_bare", 3) == (0.0 if theory == "evidence" else 1.0)
    params["accusation"]["mix_" + theory] = 0.0
    assert mean(calm, params, "cum_accused", 3) == 0.0, "a share of nothing turns it off"


def test_the_default_is_an_even_mixture():
    values = register().record()[0]["accusation"]
    assert values["mix_evidence"] == values["mix_diversion"] == values["mix_quota"] == pytest.approx(1.0 / 3.0)


def test_the_cause_is_drawn_by_the_parts_of_the_rate():
    causes = [accusation.cause_of(1.0, 2.0, 5.0, u) for u in (0.01, 0.124, 0.126, 0.374, 0.376, 0.99)]
    assert causes == [EVIDENCE, EVIDENCE, DIVERSION, DIVERSION, QUOTA, QUOTA]
    assert accusation.cause_of(0.0, 0.0, 1.0, 1e-12) == QUOTA


def test_evidence_is_this_quarters_incidents_at_home_of_which_nobody_is_accused(calm):
    incident(calm, "RUS", 0, ago=2)
    incident(calm, "RUS", 0, ago=1, severity=2)
    incident(calm, "CHN", 0, severity=2)
    incident(calm, "RUS", 0, severity=2)["accuser"] = RUS
    here = index("states", "RUS")
    assert accusation.find_incidents(calm[0], here) == (0.0, NOBODY)
    incident(calm, "RUS", 0, severity=0)
    incident(calm, "RUS", 0, severity=1)["is_foiled"] = 1
    new, latest = accusation.find_incidents(calm[0], here)
    assert (new, latest) == (pytest.approx(0.5), 5), "one that was foiled counts"
    assert accusation.find_incidents(calm[0], index("states", "KGZ")) == (0.0, NOBODY)


def test_the_ring_of_incidents_is_read_backwards_over_its_end(calm):
    calm["politics"]["next_incident"] = calm["incidents"].shape[1] - 1
    incident(calm, "RUS", 0)
    calm["politics"]["next_incident"] = 0
    assert accusation.find_incidents(calm[0], index("states", "RUS")) == (pytest.approx(0.4), 63)


def test_appeal_by_hand():
    # 2 · 0.5 + 1 · 0.8 + 0.5 · 1 + 3 · 0.1 + 4 · 0.25 + 5 · 0.4.
    weights = {"aim": 2.0, "global": 1.0, "listed": 0.5, "past": 3.0, "reach": 4.0, "known": 5.0}
    params = given(**{f"weight_{name}": value for name, value in weights.items()})
    assert accusation.appeal_of(0.5, 0.8, 1.0, 0.1, 0.25, 0.4, params) == pytest.approx(5.6)


FAVOUR = {
    "weight_aim": lambda w: w["groups"]["aim"].__setitem__((0, 1, index("states", "RUS")), 1.0),
    "weight_global": lambda w: (
        w["groups"]["pledge"].__setitem__((0, 1), 5),
        w["groups"]["line"].__setitem__((0, 5), 1.0),
    ),
    "weight_past": lambda w: w["accusers"]["lean"].__setitem__((0, RUS, 1), 1.0),
    "weight_reach": lambda w: w["groups"]["rep_hold"].__setitem__((0, 1), 1.0),
    "weight_listed": lambda w: (
        w["designations"]["group"].__setitem__((0, 0), 1),
        w["designations"]["power"].__setitem__((0, 0), index("states", "RUS")),
        w["designations"]["listed"].__setitem__((0, 0), 1.0),
    ),
}


@pytest.mark.parametrize("weight", FAVOUR)
def test_who_is_accused_follows_from_what_is_known_of_groups_and_not_without_its_weight(calm, weight):
    want_figures(calm)
    FAVOUR[weight](calm)
    quota = {"mix_quota": 1.0, "rate_quota": ALWAYS}

    def accused(params):
        found = []
        for replication in range(30):
            other = calm.copy()
            run(accusation, other, params, replication)
            found.append(int(accuser(other)["accuses"].argmax()))
        return found

    assert set(accused(given(**quota, **{weight: 50.0}))) == {1}
    assert set(accused(given(**quota))) == {0, 1, 2}, "groups that are not there are accused of nothing"


def test_where_no_group_is_there_nobody_is_accused(calm):
    quiet(calm, active=0)
    incident(calm, "RUS", UNKNOWN)
    run(accusation, calm, evidence_alone())
    assert calm["accusers"]["cum_accused"].sum() == 0.0


@pytest.mark.parametrize(("author", "counter"), [(1, "cum_right"), (2, "cum_wrong"), (UNKNOWN, "cum_unsettled")])
def test_right_and_wrong_are_counted_on_incidents_of_the_model(calm, author, counter):
    accuser(calm)["declared"][1] = 1.0
    found = incident(calm, "RUS", author)
    run(accusation, calm, given())
    assert (found["author"], found["accused"], found["accuser"]) == (author, 1, RUS), "the accused stands beside"
    assert [accuser(calm)[name] for name in COUNTERS if name != "cum_accused"].count(1.0) == 1
    assert (accuser(calm)["cum_accused"], accuser(calm)[counter]) == (1.0, 1.0)


@pytest.mark.parametrize("author", [1, 2, UNKNOWN, OTHER_AUTHOR])
def test_an_incident_on_record_is_never_scored_whoever_was_behind_it(calm, author):
    accuser(calm)["declared"][1] = 1.0
    found = incident(calm, "RUS", author, simulated=0)
    run(accusation, calm, given())
    assert (found["author"], found["accused"]) == (author, 1)
    assert (accuser(calm)["cum_right"], accuser(calm)["cum_wrong"], accuser(calm)["cum_unsettled"]) == (0.0, 0.0, 1.0)


def test_services_may_know_who_brought_forth_an_incident_of_the_model_and_never_of_one_on_record(calm):
    state(calm)["detection"] = 0.5
    params = evidence_alone(weight_known=100.0)
    for simulated, right in ((1, 1.0), (0, 0.0)):
        other = calm.copy()
        incident(other, "RUS", 2, simulated=simulated)
        assert mean(other, params, "cum_right", 20) == right
    state(calm)["detection"] = 0.0
    incident(calm, "RUS", 2)
    assert 0.1 < mean(calm, params, "cum_right", 100) < 0.6, "services that see nothing guess"


@pytest.mark.parametrize(("ago", "counter"), [(0, "cum_right"), (1, "cum_bare")])
def test_a_declared_accusation_takes_the_latest_incident_of_this_quarter(calm, ago, counter):
    accuser(calm)["declared"][1] = 1.0
    older = incident(calm, "RUS", 2, ago=ago + 1 if ago else 0)
    newer = incident(calm, "RUS", 1, ago=ago)
    run(accusation, calm, given())
    assert accuser(calm)[counter] == 1.0
    assert (older["accused"], newer["accused"]) == (NOBODY, NOBODY if counter == "cum_bare" else 1)


def test_an_accusation_on_record_is_never_said_to_be_about_nothing(calm):
    calm["clock"]["is_replay"], calm["clock"]["history_end"] = 1, calm["clock"]["quarter"][0]
    accuser(calm)["declared"][1] = 1.0
    run(accusation, calm, given())
    assert [accuser(calm)[name] for name in ("cum_accused", "cum_bare", "cum_unsettled")] == [1.0, 0.0, 1.0]


def test_two_declared_accusations_take_two_incidents_and_a_third_is_bare(calm):
    accuser(calm)["declared"][:3] = 1.0, 0.5, 1.0
    first, second = incident(calm, "RUS", 0), incident(calm, "RUS", 0)
    run(accusation, calm, given())
    assert (second["accused"], first["accused"]) == (0, 1)
    assert [accuser(calm)[name] for name in COUNTERS] == [3.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    np.testing.assert_array_equal(accuser(calm)["accuses"][:4], [1.0, 0.5, 1.0, 0.0])
    run(accusation, calm, given())
    assert accuser(calm)["cum_accused"] == 6.0, "as long as they are declared"
    accuser(calm)["declared"] = 0.0
    run(accusation, calm, given())
    assert accuser(calm)["accuses"].sum() == 0.0, "what was said is said in its quarter"


@pytest.mark.parametrize(("quarter", "own"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 1.0)])
def test_in_replay_there_is_nothing_but_the_record_as_long_as_there_is_one(calm, quarter, own):
    calm["clock"]["is_replay"], calm["clock"]["quarter"] = 1, quarter
    wrong = incident(calm, "RUS", 2)
    wrong["accused"], wrong["accuser"] = 1, RUS
    want_figures(calm)
    state(calm)["voice"] = 1.0
    params = given(mix_quota=1.0, rate_quota=ALWAYS, chance_denial=1.0, rate_expose=ALWAYS)
    run(accusation, calm, params)
    assert [accuser(calm)[name] for name in ("cum_accused", "exposed", "cum_exposed")] == [own] * 3
    assert accuser(calm)["denied"].sum() == own
    accuser(calm)["declared"][1] = accuser(calm)["denial_declared"][1] = accuser(calm)["exposure_declared"] = 0.8
    run(accusation, calm, params)
    assert accuser(calm)["accuses"][1] in (0.8, 1.0)
    assert accuser(calm)["denied"][1] in (0.8, 1.0)
    assert (accuser(calm)["exposed"], accuser(calm)["cum_exposed"]) == (0.8, own + 1.0)


def test_the_accused_denies_by_chance(calm):
    accuser(calm)["declared"][1] = 1.0
    count = 0.0
    for replication in range(400):
        other = calm.copy()
        run(accusation, other, given(chance_denial=0.3), replication)
        np.testing.assert_array_equal(np.delete(accuser(other)["denied"], 1), 0.0)
        count += accuser(other)["denied"][1]
    assert count / 400 == pytest.approx(0.3, abs=0.06)


def _wrong(world):
    found = incident(world, "RUS", 2, ago=1)
    found["accused"], found["accuser"] = 1, RUS
    return found


def test_an_error_comes_out_with_the_rate_worked_by_hand(calm):
    # 1 − exp(−2 · (1 − 0.4) · 0.5) = 0.451.
    _wrong(calm)
    accuser(calm)["control"], state(calm)["voice"] = 0.4, 0.5
    assert mean(calm, given(rate_expose=2.0), "exposed") == pytest.approx(0.451, abs=0.06)


def test_an_error_comes_out_once_and_is_never_taken_back(calm):
    found = _wrong(calm)
    state(calm)["voice"] = 1.0
    run(accusation, calm, given(rate_expose=ALWAYS))
    assert (found["is_exposed"], accuser(calm)["exposed"], accuser(calm)["cum_exposed"]) == (1, 1.0, 1.0)
    assert (found["author"], found["accused"]) == (2, 1)
    run(accusation, calm, given(rate_expose=ALWAYS))
    assert (found["is_exposed"], accuser(calm)["exposed"], accuser(calm)["cum_exposed"]) == (1, 0.0, 1.0)


@pytest.mark.parametrize(
    ("field", "value"), [("author", 1), ("author", UNKNOWN), ("author", OTHER_AUTHOR), ("is_simulated", 0)]
)
def test_what_was_right_or_is_not_known_to_be_wrong_is_never_exposed(calm, field, value):
    _wrong(calm)[field] = value
    state(calm)["voice"] = 1.0
    run(accusation, calm, given(rate_expose=ALWAYS))
    assert calm["accusers"]["exposed"].sum() == 0.0


@pytest.mark.parametrize(("name", "value"), [("control", 1.0), ("voice", 0.0)])
def test_nothing_comes_out_where_all_is_controlled_or_nobody_is_heard(calm, name, value):
    _wrong(calm)
    state(calm)["voice"] = 1.0
    (accuser(calm) if name == "control" else state(calm))[name] = value
    assert mean(calm, given(rate_expose=ALWAYS), "exposed", 3) == 0.0


def test_an_error_comes_out_in_a_later_quarter_at_the_earliest(calm):
    accuser(calm)["declared"][1] = 1.0
    incident(calm, "RUS", 2)
    state(calm)["voice"] = 1.0
    run(accusation, calm, given(rate_expose=ALWAYS))
    assert (accuser(calm)["cum_wrong"], accuser(calm)["exposed"]) == (1.0, 0.0)


def test_habit_by_hand(calm):
    accuser(calm)["lean"][:3] = 0.2, 0.2, 0.0
    accuser(calm)["declared"][1] = 1.0
    run(accusation, calm, given(rate_lean=0.3, rate_forget=0.1))
    np.testing.assert_allclose(accuser(calm)["lean"][:3], [0.18, 0.2 + 0.3 * 0.8 - 0.02, 0.0])


def test_an_accusation_adds_to_the_demand_to_strike_where_the_accused_is(calm):
    calm["groups"]["theatre"][0, 1] = 1
    calm["theatres"]["pressure"] = 0.5
    accuser(calm)["declared"][:2] = 1.0
    calm["accusers"]["declared"][0, RUS + 1, 1] = 1.0
    plain = calm.copy()
    run(accusation, calm, given(weight_strikes=0.2))
    # 0.5 + 0.2 · 0.5 = 0.6, and 0.6 + 0.2 · 0.4 by the second accuser.
    expected = np.full(calm["theatres"].shape[1], 0.5)
    expected[1] = 0.68
    np.testing.assert_allclose(calm["theatres"]["pressure"][0], expected)
    run(accusation, plain, given(weight_strikes=0.0))
    np.testing.assert_array_equal(plain["theatres"]["pressure"], 0.5)


@pytest.mark.parametrize("replication", range(5))
def test_every_accusation_is_right_wrong_unsettled_or_bare(calm, replication):
    generator = np.random.default_rng(replication)
    calm["accusers"]["publicity"] = calm["accusers"]["breadth"] = 1.0
    for iso in ("RUS", "CHN", "USA"):
        for _ in range(3):
            incident(calm, iso, int(generator.integers(-2, 3)), simulated=int(generator.integers(0, 2)))
    calm["accusers"]["declared"][0, :, :3] = generator.integers(0, 2, (calm["accusers"].shape[1], 3))
    params = register().record()[0]
    params["accusation"]["rate_quota"] = params["accusation"]["rate_evidence"] = 5.0
    accusation.apply(calm[0], params, dice(replication), NO_LEDGER)
    rows = calm["accusers"][0]
    parts = rows["cum_right"] + rows["cum_wrong"] + rows["cum_unsettled"] + rows["cum_bare"]
    np.testing.assert_array_equal(rows["cum_accused"], parts)
    assert rows["cum_accused"].sum() > 5


def test_what_was_decided_stands_in_the_ledger(calm):
    calm["groups"]["theatre"][0, :3] = 1
    want_figures(calm)
    state(calm)["voice"] = 1.0
    _wrong(calm)
    ledger = make_ledger(10)
    params = given(mix_quota=1.0, rate_quota=ALWAYS, chance_denial=1.0, rate_expose=ALWAYS)
    accusation.apply(calm[0], params, dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert lines["kind"].tolist() == [HAZARD, HAZARD, CHOICE, HAZARD], "an exposure, an accusation, whom, a denial"
    assert set(lines["who"][:, 0]) == {index("states", "RUS")}
    accused = int(accuser(calm)["accuses"].argmax())
    assert lines["who"][0, 6] == 1
    assert lines["option"][2, lines["chosen"][2]] == accused == lines["who"][3, 6]
    assert lines["n_options"][2] == 3
