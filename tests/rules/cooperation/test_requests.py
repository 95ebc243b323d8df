"""Requests for persons: when they come, whom an answer concerns, and that nobody is made or lost."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import CHOICE, HAZARD, make_ledger
from sim.rules.cooperation import requests
from sim.rules.persons import error_of
from sim.world.cooperation import (
    ANSWERS,
    EXTRADITE,
    EXTRADITION,
    REFUSE,
    RETURN,
    SENTENCED_PERSONS,
    SHARE,
    STALL,
    THIRD_COUNTRY,
)
from sim.world.fields import NOBODY
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import HISTORY_END, QUARTER, dice, dyad, index, only, register, run

MYS = index("states", "MYS")
MALAYSIA, TURKEY, INDONESIA = (index("nodes", name) for name in ("Malaysia", "Turkey", "Indonesia"))
ALWAYS = 1e9


def given(**values):
    return only(requests={"half_wanted": 1.0, "most_concerned": 1e6, **values})


def settle(world, node=MALAYSIA, irregular=0.0, papers=0.0, held=0.0):
    world["nodes"]["persons"][0, node, 0] = irregular, papers, held


def everybody(world):
    return world["nodes"]["persons"].sum() + world["origins"]["returned"].sum()


def orders(world, answer, size=30.0, state="MYS"):
    """Order an answer over so many persons; return the channel."""
    asked = channel(world, state)
    asked["answer_order"], asked["answer_size"] = answer, size
    return asked


def chosen(world, params, replications, state="MYS"):
    """How often each answer was given, each replication beginning in the same world."""
    counts = np.zeros(len(ANSWERS))
    for replication in range(replications):
        other = world.copy()
        run(requests, other, params, replication)
        answer = channel(other, state)["answer"]
        if answer != NOBODY:
            counts[answer] += 1
    return counts


@pytest.mark.parametrize(("third", "is_open"), [(NOBODY, False), (MALAYSIA, False), (TURKEY, True)])
def test_where_a_third_country_is_open(world, third, is_open):
    asked = channel(world, "MYS")
    asked["third"] = third
    settle(world, held=10.0)
    params = given(rate_request=ALWAYS, base_third=1e6)
    world["origins"]["priority"] = 1.0
    counts = chosen(world, params, 5)
    assert counts[THIRD_COUNTRY] == (5 if is_open else 0)
    assert counts.sum() == 5


def test_requests_come_with_the_rate_worked_by_hand(world):
    # 0.5 · 0.8 · (1 + 0.5 · 0.4) · 30/(30 + 60); wanted = 10 + 0.5 · (30 + 10). 1 − exp(−0.16) = 0.148.
    settle(world, irregular=30.0, papers=10.0, held=10.0)
    world["states"]["detection"][0, MYS] = 0.5
    world["origins"]["priority"], world["origins"]["contacts"] = 0.8, 0.4
    params = given(rate_request=0.5, weight_contacts=0.5, half_wanted=60.0)
    counts = chosen(world, params, 400)
    assert counts.sum() / 400 == pytest.approx(0.148, abs=0.05)


def test_who_reads_data_asks_and_is_given_persons_whom_the_services_there_do_not_see(world):
    # Nobody is seen or held; access 0.5 at weight 0.6 shows 0.3 of 40 and 20, of whom half are concerned.
    asked = channel(world, "MYS")
    settle(world, irregular=40.0, papers=20.0)
    world["origins"]["priority"] = 1.0
    params = given(rate_request=ALWAYS, share_concerned=0.5, weight_access=0.6, base_return=1e6)
    assert not chosen(world, params, 3).any()
    world["dyads"]["access"][0, dyad("MYS", "CHN")] = 0.5
    run(requests, world, params)
    assert asked["answer"] == RETURN
    np.testing.assert_allclose(asked["cum_returned"], [6.0, 3.0, 0.0])


def test_no_request_without_anybody_known_or_without_priority(world):
    params = given(rate_request=ALWAYS)
    world["origins"]["priority"] = 1.0
    settle(world, irregular=100.0)
    assert not chosen(world, params, 3).any(), "nobody is seen"
    settle(world, held=1.0)
    assert chosen(world, params, 3).sum() == 3
    world["origins"]["priority"] = 0.0
    assert not chosen(world, params, 3).any()


def test_a_quarter_without_request_is_left_without_answer(world):
    asked = channel(world, "MYS")
    asked["answer"], asked["returned"] = RETURN, 7.0
    run(requests, world, given())
    assert asked["answer"] == NOBODY
    assert asked["returned"] == 0.0
    assert not world["channels"]["cum_answers"].any()
    assert not world["origins"]["cum_requests"].any()


@pytest.mark.parametrize("governed", [1.0, 0.5])
def test_who_is_within_reach_is_exposed_in_every_quarter(world, governed):
    settle(world, irregular=3.0, papers=2.0, held=1.0)
    world["nodes"]["governed"][0, MALAYSIA] = governed
    run(requests, world, given())
    run(requests, world, given())
    np.testing.assert_allclose(channel(world, "MYS")["cum_exposed"], np.array([6.0, 4.0, 2.0]) * governed)
    assert channel(world, "THA")["cum_exposed"].sum() == 0.0


@pytest.mark.parametrize("answer", [EXTRADITE, RETURN])
def test_those_concerned_are_handed_over(world, answer):
    # 0.4 of the 10 held, and 0.4 · 0.5 of the 30 and the 20 that are seen.
    asked = channel(world, "MYS")
    settle(world, irregular=30.0, papers=20.0, held=10.0)
    world["states"]["detection"][0, MYS], world["origins"]["priority"] = 0.5, 1.0
    before = everybody(world)
    bonus = {EXTRADITE: "base_extradite", RETURN: "base_return"}[answer]
    run(requests, world, given(rate_request=ALWAYS, share_concerned=0.4, **{bonus: 1e6}))
    assert asked["answer"] == answer
    assert asked["returned"] == world["origins"]["returned"][0, 0] == pytest.approx(14.0)
    np.testing.assert_allclose(asked["cum_returned"], [6.0, 4.0, 4.0])
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], [24.0, 16.0, 6.0])
    assert everybody(world) == pytest.approx(before)


def test_a_treaty_on_sentenced_persons_raises_the_share_of_the_held(world):
    asked = channel(world, "MYS")
    asked["standing"][SENTENCED_PERSONS] = 1.0
    settle(world, held=10.0)
    world["origins"]["priority"] = 1.0
    shares = {"share_concerned": 0.3, "share_sentenced": 0.8}
    other = world.copy()
    run(requests, world, given(rate_request=ALWAYS, base_return=1e6, **shares))
    assert asked["returned"] == pytest.approx(8.0)
    channel(other, "MYS")["standing"][SENTENCED_PERSONS] = 0.0
    run(requests, other, given(rate_request=ALWAYS, base_return=1e6, **shares))
    assert channel(other, "MYS")["returned"] == pytest.approx(3.0)


def test_a_request_concerns_no_more_than_the_most(world):
    # 0.5 of 100 held and 0.1 of 300 and of 200 are 100 persons; 40 are the most: four tenths of each.
    asked = channel(world, "MYS")
    settle(world, irregular=300.0, papers=200.0, held=100.0)
    world["states"]["detection"][0, MYS], world["origins"]["priority"] = 0.2, 1.0
    run(requests, world, given(rate_request=ALWAYS, share_concerned=0.5, most_concerned=40.0, base_return=1e6))
    np.testing.assert_allclose(asked["cum_returned"], [12.0, 8.0, 20.0])


def test_an_order_may_concern_more(world):
    asked = orders(world, RETURN, 100.0)
    settle(world, held=100.0)
    run(requests, world, given(most_concerned=40.0))
    assert asked["returned"] == 100.0


@pytest.mark.parametrize(
    ("answer", "left", "sent"),
    [
        (EXTRADITE, (15, 10, 5), 0),
        (RETURN, (15, 10, 5), 0),
        (REFUSE, (35, 20, 5), 0),
        (SHARE, (35, 20, 5), 0),
        (THIRD_COUNTRY, (15, 10, 5), 30),
        (STALL, (15, 10, 35), 0),
    ],
)
def test_an_ordered_answer_concerns_its_number_of_persons_of_every_status_alike(world, answer, left, sent):
    # 30 of the 60 persons there: half of each status.
    asked = orders(world, answer, 30.0)
    asked["third"] = TURKEY
    settle(world, irregular=30.0, papers=20.0, held=10.0)
    before = everybody(world)
    run(requests, world, given())
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], left)
    np.testing.assert_allclose(world["nodes"]["persons"][0, TURKEY, 0], [0, sent, 0])
    assert everybody(world) == pytest.approx(before)
    assert asked["answer"] == answer
    assert asked["cum_answers"][answer] == world["origins"]["cum_requests"][0, 0] == 1.0


@pytest.mark.parametrize(("size", "returned"), [(5.0, 5.0), (15.0, 15.0), (20.0, 15.0)])
def test_an_order_concerns_no_more_than_are_within_reach(world, size, returned):
    # Malaysia governs half of its node: 15 of the 30 persons are within reach.
    asked = orders(world, RETURN, size)
    settle(world, irregular=20.0, held=10.0)
    world["nodes"]["governed"][0, MALAYSIA] = 0.5
    run(requests, world, given())
    assert asked["returned"] == world["origins"]["returned"][0, 0] == pytest.approx(returned)
    np.testing.assert_allclose(asked["cum_returned"], [returned * 2 / 3, 0.0, returned / 3])


@pytest.mark.parametrize("governed", [1.0, 0.0])
def test_an_order_with_nobody_within_reach_counts_for_nothing(world, governed):
    asked = orders(world, REFUSE)
    asked["denied"] = 0.5
    if governed == 0.0:
        settle(world, irregular=5.0, held=5.0)
        world["nodes"]["governed"][0, MALAYSIA] = governed
    run(requests, world, given(rate_denied=0.5))
    assert (asked["answer"], asked["denied"]) == (NOBODY, 0.5)
    assert not world["channels"]["cum_answers"].any()
    assert not world["origins"]["cum_requests"].any()


@pytest.mark.parametrize(("quarter", "requested"), [(QUARTER, 0), (HISTORY_END, 0), (HISTORY_END + 1, 1)])
def test_in_replay_no_request_is_generated_as_long_as_there_is_a_record(world, quarter, requested):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    world["origins"]["priority"] = 1.0
    settle(world, held=10.0)
    run(requests, world, given(rate_request=ALWAYS))
    assert world["origins"]["cum_requests"][0, 0] == world["channels"]["cum_answers"].sum() == requested
    assert (channel(world, "MYS")["answer"] != NOBODY) == bool(requested)


def test_in_replay_an_ordered_answer_is_given(world):
    world["clock"]["is_replay"] = 1
    asked = orders(world, RETURN, 4.0)
    settle(world, held=10.0)
    run(requests, world, given())
    assert (asked["answer"], asked["returned"]) == (RETURN, pytest.approx(4.0))


def test_an_order_to_send_on_without_third_country_moves_nobody(world):
    orders(world, THIRD_COUNTRY, 10.0)
    settle(world, irregular=5.0, held=5.0)
    run(requests, world, given())
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], [5.0, 0.0, 5.0])


def test_all_answers_rest_on_what_was_found(world):
    # Turkey holds all who have papers there; those whom Malaysia sends to it in the same quarter come after.
    orders(world, THIRD_COUNTRY, 8.0)["third"] = TURKEY
    orders(world, STALL, 3.0, "TUR")
    settle(world, held=8.0)
    settle(world, TURKEY, papers=3.0)
    run(requests, world, given())
    np.testing.assert_allclose(world["nodes"]["persons"][0, TURKEY, 0], [0.0, 8.0, 3.0])


def test_two_states_that_send_on_to_each_other_exchange_whom_they_found(world):
    orders(world, THIRD_COUNTRY, 8.0)["third"] = TURKEY
    orders(world, THIRD_COUNTRY, 3.0, "TUR")["third"] = MALAYSIA
    settle(world, held=8.0)
    settle(world, TURKEY, papers=3.0)
    run(requests, world, given())
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], [0.0, 3.0, 0.0])
    np.testing.assert_allclose(world["nodes"]["persons"][0, TURKEY, 0], [0.0, 8.0, 0.0])


def test_the_share_wrongly_suspected_by_hand(world):
    # 0.05 + 0.3 · 0.8 + 0.2 · 0.5 = 0.39 of 20 returned.
    orders(world, RETURN, 20.0)
    settle(world, held=20.0)
    world["origins"]["breadth"] = 0.8
    world["states"]["informers"][0, MYS] = 0.5
    params = given(base_error=0.05, weight_breadth=0.3, weight_informers=0.2)
    run(requests, world, params)
    assert world["origins"]["wrong"][0, 0] == pytest.approx(7.8)
    assert error_of(0.9, 0.5, params) > 0.39
    assert error_of(0.8, 0.6, params) > 0.39
    assert error_of(1.0, 1.0, given(weight_breadth=2.0)) == 1.0


def test_refusals_of_late_by_hand():
    params = given(rate_denied=0.5, part_denied=0.4, rate_forgive=0.1)
    # 0.2 + 0.5 · 0.8 − 0.02, and 0.2 + 0.2 · 0.8 − 0.02.
    for answer in (REFUSE, THIRD_COUNTRY):
        assert requests.next_denied(0.2, answer, params) == pytest.approx(0.58)
    for answer in (SHARE, STALL):
        assert requests.next_denied(0.2, answer, params) == pytest.approx(0.34)
    for answer in (EXTRADITE, RETURN, NOBODY):
        assert requests.next_denied(0.2, answer, params) == pytest.approx(0.18)


def test_the_largest_utility_wins_as_often_as_the_logit_says(world):
    # Refusal 0, return ln 3, the others out of reach: three in four.
    settle(world, held=10.0)
    world["origins"]["priority"] = 1.0
    out = dict.fromkeys(("base_extradite", "base_share", "base_third", "base_stall"), -1e6)
    counts = chosen(world, given(rate_request=ALWAYS, base_return=math.log(3.0), **out), 400)
    assert counts[RETURN] / 400 == pytest.approx(0.75, abs=0.07)
    assert counts[RETURN] + counts[REFUSE] == 400


def test_another_origin_has_its_own_answer(world):
    # A second request elsewhere does not change this one: draws belong to the channel.
    settle(world, held=10.0)
    world["origins"]["priority"] = 1.0
    params = register().record()[0]
    params["requests"]["rate_request"] = 50.0
    other = world.copy()
    settle(other, TURKEY, held=10.0)
    run(requests, world, params)
    run(requests, other, params)
    assert channel(world, "MYS")["answer"] == channel(other, "MYS")["answer"]
    assert channel(world, "TUR")["answer"] == NOBODY != channel(other, "TUR")["answer"]


def test_a_request_and_its_answer_stand_in_the_ledger_and_an_order_does_not(world):
    settle(world, held=10.0)
    settle(world, INDONESIA, held=10.0)
    world["origins"]["priority"] = 1.0
    orders(world, REFUSE, state="IDN")
    ledger = make_ledger(10)
    requests.apply(world[0], given(rate_request=ALWAYS, base_return=1e6), dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert lines["kind"].tolist() == [HAZARD, CHOICE]
    assert lines["who"][:, 0].tolist() == [MYS, MYS]
    assert (lines["chosen"][1], lines["n_options"][1]) == (RETURN, len(ANSWERS))
    assert lines["margin"][1] > 1e5


@pytest.mark.parametrize("replication", range(20))
def test_people_are_conserved_whatever_the_answers(world, replication):
    generator = np.random.default_rng(replication)
    shape = world["nodes"]["persons"].shape
    world["nodes"]["persons"] = generator.uniform(0, 100, shape)
    for name in ("rights", "voice", "threat", "detection"):
        world["states"][name] = generator.uniform(0, 1, world["states"][name].shape)
    for name in ("acceptance", "solidarity", "sharing", "backlash", "goodwill"):
        world["channels"][name] = generator.uniform(0, 1, world["channels"][name].shape)
    world["channels"]["third"] = TURKEY
    world["channels"]["standing"][..., EXTRADITION] = 1.0
    world["origins"]["priority"], world["origins"]["breadth"] = 1.0, 0.9
    params = register().record()[0]
    params["requests"]["rate_request"] = 50.0
    before = everybody(world)
    requests.apply(world[0], params, dice(replication), NO_LEDGER)
    assert everybody(world) == pytest.approx(before, rel=1e-12)
    assert (world["nodes"]["persons"] >= 0.0).all()
    returned = world["channels"]["returned"].sum()
    assert world["origins"]["returned"].sum() == pytest.approx(returned)
    assert world["channels"]["cum_returned"].sum() == pytest.approx(returned)
    assert 0.0 <= world["origins"]["wrong"].sum() <= returned
