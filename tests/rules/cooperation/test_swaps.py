"""Swaps: when they are offered, who consents, the three outcomes, and what moves fugitives and goodwill."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.cooperation import swaps
from sim.world.cooperation import HELD
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import HISTORY_END, QUARTER, dice, index, only, register, run

IDN, INDONESIA = index("states", "IDN"), index("nodes", "Indonesia")
ALWAYS, NEVER_CONSENTS = 1e9, -1e6
WEIGHTS = {
    "base_accept": -0.5,
    "weight_pressure": 2.0,
    "weight_fugitives": 1.5,
    "weight_rights": 3.0,
    "weight_solidarity": 4.0,
}


def given(**values):
    return only(swaps=values)


@pytest.fixture
def asked(world):
    """Indonesia's channel: it holds ten, has refused half of the time, and wants somebody."""
    world["nodes"]["persons"][0, INDONESIA, 0] = 5.0, 3.0, 10.0
    found = channel(world, "IDN")
    found["denied"], found["fugitives"], found["goodwill"] = 0.5, 0.4, 0.2
    return found


def offers(world, params, replications):
    count = 0.0
    for replication in range(replications):
        other = world.copy()
        run(swaps, other, params, replication)
        count += channel(other, "IDN")["cum_swaps"]
    return count / replications


def test_offers_come_with_the_rate_worked_by_hand(world, asked):
    # 1 − exp(−1.5 · 0.5 · 0.4) = 0.259.
    assert offers(world, given(rate_offer=1.5), 400) == pytest.approx(0.259, abs=0.06)


@pytest.mark.parametrize("field", ["denied", "fugitives"])
def test_no_offer_without_refusals_or_without_anybody_to_offer(world, asked, field):
    asked[field] = 0.0
    assert offers(world, given(rate_offer=ALWAYS), 3) == 0.0


def test_no_offer_where_nobody_is_held(world, asked):
    world["nodes"]["persons"][0, INDONESIA, 0, HELD] = 0.0
    assert offers(world, given(rate_offer=ALWAYS), 3) == 0.0


@pytest.mark.parametrize(("quarter", "offered"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 1.0)])
def test_in_replay_nobody_offers_as_long_as_there_is_a_record(world, asked, quarter, offered):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    assert offers(world, given(rate_offer=ALWAYS), 3) == offered
    run(swaps, world, given(rate_age=0.25, rate_fade=0.5))
    assert (asked["fugitives"], asked["goodwill"]) == (pytest.approx(0.3), pytest.approx(0.1)), "these move on"


def test_consent_by_hand():
    # −0.5 + 2 · 0.3 + 1.5 · 0.4 − 3 · 0.5 · 0.2 − 4 · 0.4 · 0.25 = 0.
    params = given(**WEIGHTS)
    assert swaps.consent_to(0.3, 0.4, 0.5, 0.2, 0.4, 0.25, params) == pytest.approx(0.5)
    assert swaps.consent_to(0.3, 0.4, 0.5, 0.2, 0.4, 0.5, params) == pytest.approx(1 / (1 + math.exp(0.4)))


@pytest.mark.parametrize(("place", "sign"), [(0, 1), (1, 1), (2, -1), (3, -1), (4, -1), (5, -1)])
def test_the_direction_in_which_each_determinant_moves_consent(place, sign):
    values = [0.4] * 6
    before = swaps.consent_to(*values, given(**WEIGHTS))
    values[place] += 0.1
    assert np.sign(swaps.consent_to(*values, given(**WEIGHTS)) - before) == sign


def test_consent_reads_its_own_channel(world, asked):
    asked["pressure"], asked["solidarity"] = 0.3, 0.4
    world["states"]["rights"][0, IDN], world["states"]["voice"][0, IDN] = 0.5, 0.25
    world["origins"]["salience"] = 0.2
    c = int(np.flatnonzero(world["channels"]["state"][0] == IDN)[0])
    assert swaps.consent_in(world[0], c, given(**WEIGHTS)) == pytest.approx(0.5)


def test_a_swap_returns_some_of_the_held_and_nobody_is_left_to_offer(world, asked):
    asked["returned"] = 1.0
    run(swaps, world, given(rate_offer=ALWAYS, base_accept=1e6, persons_swapped=4.0, rate_fade=0.5))
    np.testing.assert_allclose(world["nodes"]["persons"][0, INDONESIA, 0], [5.0, 3.0, 6.0])
    assert world["origins"]["returned"][0, 0] == pytest.approx(4.0)
    assert asked["returned"] == pytest.approx(5.0), "what was returned on request stays counted"
    np.testing.assert_allclose(asked["cum_returned"], [0.0, 0.0, 4.0])
    assert (asked["cum_swaps"], asked["fugitives"]) == (1.0, 0.0)
    assert asked["goodwill"] == pytest.approx(0.1)


def test_a_swap_returns_no_more_than_are_held(world, asked):
    run(swaps, world, given(rate_offer=ALWAYS, base_accept=1e6, persons_swapped=25.0))
    assert asked["returned"] == 10.0
    assert world["nodes"]["persons"][0, INDONESIA, 0, HELD] == 0.0


def test_of_those_swapped_a_share_was_wrongly_suspected_too(world, asked):
    # 0.05 + 0.3 · 0.8 + 0.2 · 0.5 = 0.39 of 4, on top of those of before.
    world["origins"]["breadth"], world["origins"]["wrong"] = 0.8, 1.0
    world["states"]["informers"][0, IDN] = 0.5
    offered = {"rate_offer": ALWAYS, "persons_swapped": 4.0}
    errors = {"base_error": 0.05, "weight_breadth": 0.3, "weight_informers": 0.2}
    refused = world.copy()
    run(swaps, world, only(swaps={**offered, "base_accept": 1e6}, requests=errors))
    assert world["origins"]["wrong"][0, 0] == pytest.approx(1.0 + 1.56)
    run(swaps, refused, only(swaps={**offered, "base_accept": NEVER_CONSENTS}, requests=errors))
    assert refused["origins"]["wrong"][0, 0] == 1.0


def test_a_refusal_may_leave_all_as_it_was(world, asked):
    params = given(rate_offer=ALWAYS, base_accept=NEVER_CONSENTS, share_anyway=0.0, gain_goodwill=0.5, rate_age=0.25)
    run(swaps, world, params)
    np.testing.assert_allclose(world["nodes"]["persons"][0, INDONESIA, 0], [5.0, 3.0, 10.0])
    assert asked["cum_swaps"] == 1.0
    assert asked["fugitives"] == pytest.approx(0.3)
    assert asked["goodwill"] == 0.2


def test_or_the_other_side_hands_over_nonetheless_and_wins_goodwill(world, asked):
    # 0.2 + 0.5 · 0.8 − 0.1 · 0.2.
    params = given(rate_offer=ALWAYS, base_accept=NEVER_CONSENTS, share_anyway=1.0, gain_goodwill=0.5, rate_fade=0.1)
    run(swaps, world, params)
    np.testing.assert_allclose(world["nodes"]["persons"][0, INDONESIA, 0], [5.0, 3.0, 10.0])
    assert (asked["cum_swaps"], asked["fugitives"]) == (1.0, 0.0)
    assert asked["goodwill"] == pytest.approx(0.58)
    assert world["origins"]["returned"][0, 0] == 0.0


def test_fugitives_by_hand():
    # 0.4 + 0.1 · (0.2 + 0.5) · 0.6 − 0.05 · 0.4.
    params = given(rate_fugitives=0.1, base_hunt=0.2, rate_age=0.05)
    assert swaps.next_fugitives(0.4, 0.5, params) == pytest.approx(0.422)
    assert swaps.next_fugitives(0.4, 0.6, params) > 0.422


def test_without_an_offer_fugitives_and_goodwill_move_on(world, asked):
    world["origins"]["contacts"] = 0.5
    run(swaps, world, given(rate_fugitives=0.1, base_hunt=0.2, rate_age=0.05, gain_goodwill=0.9, rate_fade=0.25))
    assert asked["fugitives"] == pytest.approx(0.422)
    assert asked["goodwill"] == pytest.approx(0.15)
    assert asked["cum_swaps"] == 0.0


def test_an_offer_its_answer_and_what_follows_stand_in_the_ledger(world, asked):
    ledger = make_ledger(10)
    swaps.apply(world[0], given(rate_offer=ALWAYS, base_accept=NEVER_CONSENTS, share_anyway=1.0), dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert lines["kind"].tolist() == [HAZARD] * 3
    assert lines["who"][:, 0].tolist() == [IDN] * 3
    assert lines["chosen"].tolist() == [1, 0, 1]


@pytest.mark.parametrize("replication", range(10))
def test_people_are_conserved(world, replication):
    generator = np.random.default_rng(replication)
    world["nodes"]["persons"] = generator.uniform(0, 100, world["nodes"]["persons"].shape)
    for name in ("denied", "fugitives", "pressure", "solidarity", "goodwill"):
        world["channels"][name] = generator.uniform(0, 1, world["channels"][name].shape)
    params = register().record()[0]
    params["swaps"]["rate_offer"] = 50.0
    before = world["nodes"]["persons"].sum() + world["origins"]["returned"].sum()
    swaps.apply(world[0], params, dice(replication), NO_LEDGER)
    assert world["nodes"]["persons"].sum() + world["origins"]["returned"].sum() == pytest.approx(before, rel=1e-12)
    assert world["channels"]["cum_returned"][0, :, HELD].sum() == pytest.approx(world["origins"]["returned"].sum())
    assert world["channels"]["cum_swaps"].sum() > 0
