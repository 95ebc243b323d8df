"""Territory: who attacks whom and how often, what holds a state back, cease-fires, and what nodes are held."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.restraint import territory
from sim.world.conflict import OFFENSIVE
from sim.world.fields import NOBODY
from tests.rules.made_world import HISTORY_END, dice, index, only, run
from tests.rules.restraint.made_theatre import (
    BORDER,
    CLIENT,
    HUB,
    IDLIB,
    RIVAL,
    SYRIA,
    members_of,
    people,
    populate,
    protect,
)

ALWAYS = 1e9
PLAIN = {"decisiveness": 2.0, "half_power": 1000.0, "weight_state": 0.5, "share_taken": 0.5}


def given(**values):
    return only(territory=PLAIN | values)


@pytest.fixture
def war(world):
    """War in Idlib: a hub of 1000 with half of the land and a client of 100, a state with the other half."""
    populate(world, hub=1000.0, client=100.0)
    protect(world)
    theatre = world["theatres"][0, IDLIB]
    theatre["war"], theatre["control"][HUB], theatre["control"][SYRIA] = 1.0, 0.5, 0.5
    return world


def powers(world, params, t=IDLIB):
    power = np.empty(world["theatres"]["control"].shape[-1])
    territory.weigh_powers(world[0], t, power, params)
    return power


def frequency(world, params, happened, replications=300):
    """The share of runs in which something holds after the rule."""
    count = 0
    for replication in range(replications):
        other = world.copy()
        run(territory, other, params, replication)
        count += bool(happened(other))
    return count / replications


def lost(world, holder, land):
    return world["theatres"]["control"][0, IDLIB, holder] < land


def test_power_by_hand():
    # 0.5 · (1 + 2 · 0.5) · (1 + 0.5 · 0.4) = 1.2.
    params = given(weight_support=2.0, weight_hold_power=0.5)
    assert territory.power_of(0.5, 0.5, 0.4, params) == pytest.approx(1.2)


def test_clients_add_to_the_power_of_their_protector_and_have_none(war):
    # 1100 of 2100 = 0.5238 against 0.5.
    power = powers(war, given())
    assert power[HUB] == pytest.approx((1100.0 / 2100.0) / (1100.0 / 2100.0 + 0.5))
    assert power[SYRIA] == pytest.approx(1.0 - power[HUB])
    assert power[CLIENT] == 0.0
    protect(war, CLIENT, NOBODY)
    assert powers(war, given())[CLIENT] > 0.0


def test_support_counts_as_far_as_it_was_kept(war):
    war["theatres"]["support_declared"][0, IDLIB, SYRIA], war["theatres"]["kept"][0, IDLIB, SYRIA] = 0.8, 0.5
    power = powers(war, given(weight_support=2.5))
    assert power[SYRIA] / power[HUB] == pytest.approx(0.5 * 2.0 / (1100.0 / 2100.0))
    assert powers(war, given())[SYRIA] / powers(war, given())[HUB] == pytest.approx(0.5 / (1100.0 / 2100.0)), "off"


def test_the_state_of_a_theatre_fights_on_without_land_and_others_do_not(war):
    turkey = index("holders", "TUR")
    war["theatres"]["control"][0, IDLIB, SYRIA] = 0.0
    assert powers(war, given())[SYRIA] > 0.0
    assert powers(war, given())[turkey] == 0.0
    war["theatres"]["control"][0, IDLIB, turkey] = 0.1
    assert powers(war, given())[turkey] > 0.0


def test_a_group_that_took_a_states_place_is_strong_as_one_and_the_state_only_by_its_land(war):
    war["groups"]["is_state"][0, HUB] = 1
    assert powers(war, given(weight_state=0.9))[HUB] == pytest.approx(0.5)
    war["theatres"]["control"][0, IDLIB, SYRIA] = 0.0
    assert powers(war, given())[SYRIA] == 0.0


def test_rates_by_hand():
    params = given(rate_offensive=0.4, weight_truce=0.5, weight_attention=1.0, weight_strike=2.0, weight_guarantee=0.8)
    assert territory.group_rate(0.5, 0.5, 0.6, params) == pytest.approx(0.4 * 0.25 * 0.7)
    assert territory.state_rate(0.5, 0.5, 0.3, 0.1, 0.5, params) == pytest.approx(0.4 * 0.25 * 1.5 * 0.6)
    assert territory.group_rate(0.5, 0.0, 0.0, params) == 0.0, "without war"


@pytest.mark.parametrize(
    ("place", "sign", "switch"),
    [(2, 1, "weight_attention"), (3, 1, "weight_strike"), (4, -1, "weight_guarantee")],
)
def test_what_moves_a_states_offensives_and_how_it_is_switched_off(place, sign, switch):
    weights = {"rate_offensive": 0.4, "weight_attention": 1.0, "weight_strike": 0.5, "weight_guarantee": 0.8}
    values = [0.5, 1.0, 0.2, 0.2, 0.2]
    more = list(values)
    more[place] += 0.5
    params = given(**weights)
    assert np.sign(territory.state_rate(*more, params) - territory.state_rate(*values, params)) == sign
    off = given(**weights | {switch: 0.0})
    assert territory.state_rate(*more, off) == territory.state_rate(*values, off)


def test_a_guaranteed_cease_fire_holds_the_state_back_and_no_group(war):
    theatre = war["theatres"][0, IDLIB]
    theatre["guarantee"] = theatre["ceasefire"] = 1.0
    params = given(rate_offensive=ALWAYS, weight_guarantee=1.0)
    assert frequency(war, params, lambda w: lost(w, HUB, 0.5), 40) == 0.0
    assert frequency(war, params, lambda w: lost(w, SYRIA, 0.5), 40) == 1.0
    theatre["guarantee"] = 0.0
    assert frequency(war, given(rate_offensive=ALWAYS), lambda w: lost(w, HUB, 0.5), 40) > 0.2


def test_offensives_come_with_the_rate_worked_by_hand(war):
    # Of both together: 1 − exp(−0.5 · q − 0.5 · (1 − q)) = 0.393.
    happened = frequency(war, given(rate_offensive=0.5), lambda w: lost(w, HUB, 0.5) or lost(w, SYRIA, 0.5), 500)
    assert happened == pytest.approx(0.393, abs=0.06)


@pytest.mark.parametrize("field", ["war", "rate"])
def test_no_offensive_without_war_or_a_rate(war, field):
    if field == "war":
        war["theatres"]["war"] = 0.0
    params = given(rate_offensive=ALWAYS if field == "war" else 0.0)
    assert frequency(war, params, lambda w: lost(w, HUB, 0.5) or lost(w, SYRIA, 0.5), 5) == 0.0


def test_the_part_taken_by_hand(war):
    # q² / (q² + q_state²), times half of half of the land.
    war["theatres"]["ceasefire"] = war["theatres"]["guarantee"] = 1.0
    run(territory, war, given(rate_offensive=ALWAYS, weight_guarantee=1.0))
    odds = (1100.0 / 2100.0 / 0.5) ** 2
    gain = 0.5 * 0.5 * odds / (1.0 + odds)
    assert war["theatres"]["control"][0, IDLIB, HUB] == pytest.approx(0.5 + gain)


def test_gain_by_hand_and_at_its_ends():
    assert territory.gain_from(0.4, 0.3, 0.3, given()) == pytest.approx(0.2)
    assert territory.gain_from(0.4, 0.3, 0.0, given()) == pytest.approx(0.4), "who has no power loses all"
    low, high = (territory.gain_from(0.4, 0.4, 0.3, given(decisiveness=d)) for d in (1.0, 3.0))
    assert low < high


def test_land_that_is_nobodys_is_taken_first_where_there_is_more_of_it(war):
    war["theatres"]["control"][0, IDLIB, SYRIA] = 0.1
    run(territory, war, given(rate_offensive=ALWAYS, weight_guarantee=1.0))
    assert war["theatres"]["control"][0, IDLIB].sum() == pytest.approx(0.6 + 0.2)


def test_shares_stay_shares_and_people_are_conserved_through_long_war(war):
    populate(war, hub=1000.0, client=100.0, rival=600.0)
    war["theatres"]["war"][0, BORDER] = 0.5
    war["theatres"]["control"][0, IDLIB, HUB] = 0.3
    war["theatres"]["control"][0, IDLIB, RIVAL] = 0.2
    before = people(war)
    losses = {"weight_loss": 0.5, "share_dead": 0.3, "share_held": 0.3, "weight_client": 0.7, "weight_displaced": 1.0}
    params = given(rate_offensive=2.0, share_taken=0.9, **losses)
    for replication in range(200):
        run(territory, war, params, replication)
        control = war["theatres"]["control"]
        assert control.min() >= 0.0
        assert control.sum(-1).max() <= 1.0 + 1e-9
    assert people(war) == pytest.approx(before)
    assert war["theatres"]["cum_displaced"][0, IDLIB] > 1.0


def test_land_of_a_group_that_became_a_client_passes_to_its_protector(war):
    war["theatres"]["control"][0, IDLIB, CLIENT] = 0.1
    war["theatres"]["control"][0, IDLIB, SYRIA] = 0.4
    run(territory, war, given())
    np.testing.assert_allclose(war["theatres"]["control"][0, IDLIB, [CLIENT, HUB]], [0.0, 0.6])


@pytest.mark.parametrize(("quarter", "attacks"), [(100, False), (HISTORY_END, False), (HISTORY_END + 1, True)])
def test_in_replay_land_and_cease_fires_follow_the_record(war, quarter, attacks):
    war["clock"]["is_replay"], war["clock"]["quarter"] = 1, quarter
    war["theatres"]["ceasefire"][0, IDLIB] = 0.5
    run(territory, war, given(rate_offensive=ALWAYS, rate_break=ALWAYS))
    assert (war["theatres"]["control"][0, IDLIB, HUB] != 0.5) == attacks
    assert war["theatres"]["ceasefire"][0, IDLIB] == (0.0 if attacks else 0.5)


def test_a_fall_is_told_for_one_quarter(war):
    war["theatres"]["fell"][0, IDLIB] = 1.0
    run(territory, war, given())
    assert war["theatres"]["fell"][0, IDLIB] == 0.0
    war["theatres"]["control"][0, IDLIB, HUB] = 0.05
    war["theatres"]["control"][0, IDLIB, SYRIA] = 0.95
    war["theatres"]["support_declared"][0, IDLIB, SYRIA] = 1.0
    params = given(rate_offensive=ALWAYS, weight_support=1e6, share_taken=1.0)
    run(territory, war, params)
    assert war["theatres"]["fell"][0, IDLIB] == 1.0


def test_cease_fires_begin_with_a_guarantor_and_less_under_attention(war):
    def begins(guarantee, attention):
        theatre = war["theatres"][0, IDLIB]
        theatre["guarantee"], theatre["attention"], theatre["war"] = guarantee, attention, 0.0
        return frequency(war, given(rate_ceasefire=1.0), lambda w: w["theatres"]["ceasefire"][0, IDLIB] == 1.0)

    assert begins(0.0, 0.0) == 0.0
    assert begins(0.5, 0.0) == pytest.approx(0.393, abs=0.08)
    assert begins(0.5, 0.6) == pytest.approx(0.181, abs=0.08)


def test_cease_fires_break_where_nobody_guarantees_them_and_never_where_somebody_does_in_full(war):
    theatre = war["theatres"][0, IDLIB]
    theatre["war"], theatre["ceasefire"] = 0.0, 1.0
    broken = lambda w: w["theatres"]["ceasefire"][0, IDLIB] == 0.0  # noqa: E731
    assert frequency(war, given(rate_break=0.5), broken) == pytest.approx(0.393, abs=0.08)
    theatre["guarantee"] = 1.0
    assert frequency(war, given(rate_break=0.5), broken, 50) == 0.0


def test_break_rate_by_hand_protected_clients_loosen_the_grip_and_its_switch():
    params = given(rate_break=0.5, weight_protected=0.5)
    assert territory.break_rate(0.8, 0.5, 0.4, params) == pytest.approx(0.4 * 0.6)
    off = given(rate_break=0.5)
    assert territory.break_rate(0.8, 0.5, 0.4, off) == territory.break_rate(0.8, 0.5, 0.0, off)


def test_nodes_are_held_by_groups_alone_each_theatre_by_its_part(war):
    theatres = war["theatres"][0]
    theatres["part"][:] = 0.0
    theatres["part"][IDLIB], theatres["part"][BORDER] = 0.9, 1.0
    theatres["control"][BORDER, RIVAL] = 0.25
    run(territory, war, given())
    held = war["nodes"]["held"][0]
    assert held[theatres["node"][IDLIB]] == pytest.approx(0.45)
    assert held[theatres["node"][BORDER]] == pytest.approx(0.25)
    assert held.sum() == pytest.approx(0.7)


def test_a_loser_disperses_only_where_people_are_lost(war):
    war["theatres"]["support_declared"][0, IDLIB, SYRIA] = 1.0
    params = given(rate_offensive=ALWAYS, weight_support=1e6, share_taken=1.0, weight_loss=0.5, weight_client=1.0)
    run(territory, war, params)
    assert members_of(war, HUB) < 1000.0
    assert members_of(war, CLIENT) < 100.0


def test_the_ledger_tells_of_an_offensive(war):
    war["theatres"]["ceasefire"] = war["theatres"]["guarantee"] = 1.0
    ledger = make_ledger(8)
    territory.apply(war[0], given(rate_offensive=ALWAYS, weight_guarantee=1.0), dice(), ledger)
    entry = ledger.entries[0]
    assert (entry["kind"], entry["by"], entry["chosen"]) == (HAZARD, OFFENSIVE, 1)
    assert (entry["who"][0], entry["who"][6], entry["who"][7]) == (NOBODY, HUB, IDLIB)
    assert ledger.cursor[0] == 1
    assert NO_LEDGER.entries.shape[0] == 0
