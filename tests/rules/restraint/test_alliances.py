"""Alliances: what speaks for a pledge and a protector, rings that never close, loyalty, clashes, truces, pressure."""

import numpy as np
import pytest

from sim.numerics.ledger import CHOICE, make_ledger
from sim.rules.restraint import alliances
from sim.world.conflict import PLEDGE, PROTECTOR
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import HISTORY_END, dice, index, only, run
from tests.rules.restraint.made_theatre import (
    AFAR,
    CLIENT,
    HUB,
    IDLIB,
    RIVAL,
    members_of,
    people,
    populate,
    protect,
)

ALWAYS = 1e9
FRONT = index("groups", "National Liberation Front")


def given(**values):
    return only(alliances=values, conduct={"half_strength": 1000.0})


@pytest.fixture
def quarrelling(world):
    """A hub with land and a rival of the opposite line, 1000 each, and a client of 200."""
    populate(world, hub=1000.0, client=200.0, rival=1000.0)
    protect(world)
    world["groups"]["line"][0, [HUB, RIVAL]] = 0.1, 0.9
    world["groups"]["pledge"][0, RIVAL] = AFAR
    world["theatres"]["control"][0, IDLIB, HUB] = 0.9
    return world


def frequency(world, params, happened, replications=300):
    count = 0
    for replication in range(replications):
        other = world.copy()
        run(alliances, other, params, replication)
        count += bool(happened(other))
    return count / replications


def has_ring(world, field):
    links = world["groups"][field][0]
    for g in range(links.size):
        h, steps = int(links[g]), 0
        while h != NOBODY and steps <= links.size:
            h, steps = int(links[h]), steps + 1
        if steps > links.size:
            return True
    return False


def test_bargain_by_hand():
    params = given(weight_talks=1.0, weight_terms=0.5)
    assert alliances.bargain_of(0.5, 0.4, 0.8, params) == pytest.approx(0.4)
    assert alliances.bargain_of(0.0, 1.0, 1.0, params) == 0.0
    assert alliances.bargain_of(1.0, 1.0, 1.0, params) == 1.0


def test_protection_by_hand():
    params = given(weight_land=3.0, weight_fear=2.0, weight_loyal=1.0, weight_enemy=0.5)
    assert alliances.protection_from(0.5, 0.25, 0.4, 0.2, params) == pytest.approx(1.5 - 0.5 + 0.4 + 0.1)


@pytest.mark.parametrize(
    ("place", "sign", "switch"),
    [(0, 1, "weight_land"), (1, -1, "weight_fear"), (2, 1, "weight_loyal"), (3, 1, "weight_enemy")],
)
def test_what_moves_protection_and_how_it_is_switched_off(place, sign, switch):
    weights = {"weight_land": 3.0, "weight_fear": 2.0, "weight_loyal": 1.0, "weight_enemy": 0.5}
    values = [0.4] * 4
    more = list(values)
    more[place] += 0.1
    params = given(**weights)
    assert np.sign(alliances.protection_from(*more, params) - alliances.protection_from(*values, params)) == sign
    off = given(**weights | {switch: 0.0})
    assert alliances.protection_from(*more, off) == alliances.protection_from(*values, off)


def test_pledge_by_hand_and_a_quarrel_makes_shelter_count_more():
    weights = {"weight_creed": 3.0, "weight_kin": 1.5, "weight_bind": 1.0, "weight_shelter": 0.5, "weight_quarrel": 2.0}
    params = given(**weights)
    assert alliances.pledge_to(0.4, 0.6, 0.0, 0.0, 1.0, params) == pytest.approx(-0.3)
    assert alliances.pledge_to(0.4, 0.6, 1.0, 1.0, 0.0, params) == pytest.approx(1.2)
    assert alliances.pledge_to(0.4, 0.6, 1.0, 1.0, 1.0, params) == pytest.approx(2.2)
    off = given(**weights | {"weight_shelter": 0.0, "weight_quarrel": 0.0})
    assert alliances.pledge_to(0.4, 0.6, 1.0, 1.0, 1.0, off) == pytest.approx(0.7)


def test_utilities_read_their_own_rows(quarrelling):
    groups, theatre = quarrelling["groups"][0], quarrelling["theatres"][0, IDLIB]
    groups["rep_hold"][HUB], groups["loyalty"][CLIENT] = 0.5, 0.4
    groups["aim"][[HUB, CLIENT], 0], groups["aim"][CLIENT, 1] = (0.2, 0.7), 0.3
    theatre["pressure"] = 0.5
    quarrelling["patrons"]["hope"][0, HUB] = 0.5
    weights = {"weight_land": 3.0, "weight_fear": 2.0, "weight_loyal": 1.0, "weight_enemy": 0.5, "weight_talks": 1.0}
    weights |= {"weight_creed": 3.0, "weight_kin": 1.5, "weight_bind": 1.0, "weight_shelter": 0.5}
    params = given(**weights)
    assert alliances.utility_of(quarrelling[0], CLIENT, HUB, 0.0, False, params) == pytest.approx(1.5 - 0.5 + 0.4 + 0.1)
    assert alliances.utility_of(quarrelling[0], CLIENT, FRONT, 0.0, False, params) == pytest.approx(0.0)
    groups["line"][CLIENT] = 0.3
    assert alliances.utility_of(quarrelling[0], CLIENT, HUB, 0.0, True, params) == pytest.approx(-0.6 + 1.5 + 0.5)
    groups["pledge"][CLIENT] = AFAR
    assert alliances.utility_of(quarrelling[0], CLIENT, AFAR, 0.0, True, params) == pytest.approx(-0.9 + 1.5 + 1.0)


def reviewing(world, *who):
    found = np.zeros(world["groups"].shape[1], np.bool_)
    found[list(who)] = True
    return found


def chosen(world, is_pledge, params, replications=200):
    found = []
    for replication in range(replications):
        ledger = make_ledger(0)
        args = (world[0], CLIENT, reviewing(world, CLIENT), is_pledge, params, dice(replication), ledger)
        found.append(alliances.choose(*args))
    return found


def test_bargaining_under_pressure_costs_a_hub_its_clients(quarrelling):
    groups = quarrelling["groups"][0]
    groups["rep_hold"][HUB] = 0.9
    weights = {"weight_land": 3.0, "weight_talks": 1.0}
    quarrelling["patrons"]["hope"][0, HUB] = 1.0

    def attraction(pressure, **more):
        quarrelling["theatres"]["pressure"][0, IDLIB] = pressure
        return chosen(quarrelling, False, given(**weights | more)).count(HUB) / 200

    assert attraction(1.0, weight_fear=5.0) < attraction(0.3, weight_fear=5.0) < attraction(0.0, weight_fear=5.0)
    assert attraction(1.0) == attraction(0.0), "off: weight_fear = 0"
    assert attraction(0.0) > 0.7


def test_who_holds_land_needs_no_protector(quarrelling):
    quarrelling["groups"]["rep_hold"][0, [HUB, CLIENT]] = 0.2, 0.8
    assert chosen(quarrelling, False, given(weight_land=50.0)).count(NOBODY) == 200
    quarrelling["groups"]["rep_hold"][0, CLIENT] = 0.0
    assert chosen(quarrelling, False, given(weight_land=50.0)).count(HUB) > 195


def test_a_protector_is_near_a_pledge_may_be_far_and_both_are_hubs(quarrelling):
    protectors = set(chosen(quarrelling, False, given()))
    pledges = set(chosen(quarrelling, True, given()))
    assert protectors == {NOBODY, HUB, FRONT}
    assert pledges == {NOBODY, HUB, FRONT, AFAR, index("groups", "Taliban")}
    quarrelling["groups"]["enters"][0, FRONT] = NEVER
    assert set(chosen(quarrelling, False, given())) == {NOBODY, HUB}


def test_nobody_turns_to_one_that_reviews_or_hangs_on_one_that_does(quarrelling):
    world, groups = quarrelling[0], quarrelling["groups"][0]
    groups["pledge"][HUB] = CLIENT
    alone = reviewing(quarrelling, CLIENT)
    assert not alliances.may_turn(world, CLIENT, HUB, alone, True), "it would close a ring"
    assert alliances.may_turn(world, CLIENT, FRONT, alone, True)
    assert not alliances.may_turn(world, CLIENT, FRONT, reviewing(quarrelling, CLIENT, FRONT), True)
    assert not alliances.may_turn(world, CLIENT, CLIENT, alone, True)
    assert alliances.may_turn(world, CLIENT, HUB, reviewing(quarrelling, CLIENT, HUB), False), "it may stay"


def test_reviews_never_close_a_ring(quarrelling):
    params = given(rate_review=1.0, rate_clash=0.0)
    quarrelling["groups"]["is_hub"] = 1
    changed = 0
    for replication in range(300):
        before = quarrelling["groups"][["pledge", "protector"]].copy()
        run(alliances, quarrelling, params, replication)
        changed += int((quarrelling["groups"][["pledge", "protector"]] != before).sum())
        assert not has_ring(quarrelling, "pledge")
        assert not has_ring(quarrelling, "protector")
    assert changed > 300


def reviews(world, params, replications=300):
    """How often the client reviews its ties."""
    return np.mean([alliances.find_reviews(world[0], params, dice(r))[CLIENT] for r in range(replications)])


def test_reviews_by_hand_more_of_them_in_a_clash_and_the_switch(quarrelling):
    params = given(rate_review=0.2, weight_quarrel=2.0)
    assert reviews(quarrelling, params) == pytest.approx(0.181, abs=0.06)
    quarrelling["theatres"]["clash"][0, IDLIB] = 1.0
    assert reviews(quarrelling, params) == pytest.approx(0.451, abs=0.08)
    assert reviews(quarrelling, given(rate_review=0.2)) == pytest.approx(0.181, abs=0.06), "off: weight_quarrel = 0"


@pytest.mark.parametrize(("quarter", "moves"), [(100, False), (HISTORY_END, False), (HISTORY_END + 1, True)])
def test_in_replay_ties_clashes_and_truces_follow_the_record_and_loyalty_moves(quarrelling, quarter, moves):
    quarrelling["clock"]["is_replay"], quarrelling["clock"]["quarter"] = 1, quarter
    quarrelling["theatres"]["clash"][0, IDLIB] = 0.5
    params = given(
        rate_review=1.0, rate_clash=ALWAYS, rate_truce=ALWAYS, rate_loyal=0.1, rate_cool=0.2, weight_bind=-1e6
    )
    changed = frequency(quarrelling, params, lambda w: w["groups"]["pledge"][0, RIVAL] != AFAR, 20) > 0.0
    assert changed == moves
    run(alliances, quarrelling, params, 1)
    theatre = quarrelling["theatres"][0, IDLIB]
    assert theatre["clash"] == (1.0 if moves else pytest.approx(0.4))
    assert theatre["truce"] == (1.0 if moves else 0.0)
    if not moves:
        assert quarrelling["groups"]["loyalty"][0, CLIENT] == pytest.approx(0.1)


def test_loyalty_by_hand():
    params = given(rate_loyal=0.1, rate_strain=0.25)
    assert alliances.next_loyalty(0.4, True, 0.5, False, params) == pytest.approx(0.43)
    assert alliances.next_loyalty(0.4, True, 1.0, False, params) == pytest.approx(0.4), "one that may trade earns none"
    assert alliances.next_loyalty(0.4, False, 0.0, False, params) == pytest.approx(0.4)
    assert alliances.next_loyalty(0.4, False, 0.0, True, params) == pytest.approx(0.3)


def test_loyalty_is_strained_by_a_purge_and_does_not_pass_to_another_protector(quarrelling):
    groups = quarrelling["groups"][0]
    groups["loyalty"][CLIENT], groups["purged"][CLIENT] = 0.8, 5.0
    run(alliances, quarrelling, given(rate_strain=0.25))
    assert groups["loyalty"][CLIENT] == pytest.approx(0.6)
    for replication in range(100):
        other = quarrelling.copy()
        run(alliances, other, given(rate_review=0.3), replication)
        if other["groups"]["protector"][0, CLIENT] == FRONT:
            assert other["groups"]["loyalty"][0, CLIENT] == 0.0
            return
    pytest.fail("it never changed its protector")


def test_clash_by_hand(quarrelling):
    assert alliances.clash_rate(0.8, 0.5, 0.25, given(rate_clash=0.5)) == pytest.approx(0.15)
    # 1 − exp(−0.75 · 0.8 · 0.5) = 0.259.
    happened = frequency(quarrelling, given(rate_clash=0.75, rate_cool=0.3), clashes)
    assert happened == pytest.approx(0.259, abs=0.06)


def clashes(world):
    return world["theatres"]["clash"][0, IDLIB] == 1.0


def test_a_clash_costs_both_sides_people_and_a_truce_forbids_it(quarrelling):
    before = people(quarrelling)
    other = quarrelling.copy()
    run(alliances, quarrelling, given(rate_clash=ALWAYS, weight_toll=0.1))
    assert members_of(quarrelling, HUB) == members_of(quarrelling, RIVAL) == pytest.approx(900.0)
    assert members_of(quarrelling, CLIENT) == pytest.approx(200.0)
    assert people(quarrelling) == pytest.approx(before)
    assert quarrelling["pools"]["fallen"].sum() == pytest.approx(200.0)
    other["theatres"]["truce"] = 1.0
    run(alliances, other, given(rate_clash=ALWAYS))
    assert not clashes(other)


@pytest.mark.parametrize("why", ["rate", "no land", "one line", "same pledge", "pledged to it", "clients"])
def test_no_clash(quarrelling, why):
    groups = quarrelling["groups"][0]
    groups["line"][[g for g in range(groups.size) if g not in (HUB, RIVAL)]] = 0.1
    if why == "no land":
        quarrelling["theatres"]["control"] = 0.0
    elif why == "one line":
        groups["line"][RIVAL] = groups["line"][HUB]
    elif why == "same pledge":
        groups["pledge"][HUB] = AFAR
    elif why == "pledged to it":
        groups["pledge"][RIVAL] = HUB
    elif why == "clients":
        protect(quarrelling, RIVAL, HUB)
    params = given(rate_clash=0.0 if why == "rate" else ALWAYS)
    assert frequency(quarrelling, params, clashes, 5) == 0.0


def test_truce_by_hand(quarrelling):
    params = given(rate_truce=0.5, weight_common=0.5)
    assert alliances.truce_rate(0.8, 0.3, 0.4, params) == pytest.approx(0.2)
    # 200 of 2200 are clients: 1 − exp(−2 · (0.0909 + 0.4)) = 0.625.
    quarrelling["theatres"]["clash"][0, IDLIB], quarrelling["theatres"]["attention"][0, IDLIB] = 1.0, 0.8
    happened = frequency(quarrelling, given(rate_truce=2.0, weight_common=0.5), truces)
    assert happened == pytest.approx(0.625, abs=0.07)


def truces(world):
    return world["theatres"]["truce"][0, IDLIB] == 1.0


@pytest.mark.parametrize("why", ["rate", "no clash", "nobody needs it"])
def test_no_truce(quarrelling, why):
    if why != "no clash":
        quarrelling["theatres"]["clash"][0, IDLIB] = 1.0
    if why == "nobody needs it":
        protect(quarrelling, CLIENT, NOBODY)
    assert frequency(quarrelling, given(rate_truce=0.0 if why == "rate" else ALWAYS), truces, 5) == 0.0


def test_clashes_cool_and_truces_lapse(quarrelling):
    theatre = quarrelling["theatres"][0, IDLIB]
    theatre["clash"], theatre["truce"] = 0.8, 0.6
    run(alliances, quarrelling, given(rate_cool=0.25, rate_lapse=0.1))
    assert (theatre["clash"], theatre["truce"]) == (pytest.approx(0.6), pytest.approx(0.54))


def test_pressure_grows_as_the_government_wins_land_and_is_no_less_than_declared(world):
    theatre = world["theatres"][0, IDLIB]
    theatre["pressure"], theatre["regained"] = 0.5, 0.4
    run(alliances, world, given(rate_pressure=0.5, rate_ebb=0.1))
    assert theatre["pressure"] == pytest.approx(0.5 + 0.1 - 0.05)
    assert theatre["regained"] == 0.0, "land counts once"
    theatre["regained"] = 0.4
    run(alliances, world, given())
    assert theatre["pressure"] == pytest.approx(0.55), "off: rate_pressure = 0"
    theatre["pressure_declared"] = 0.9
    run(alliances, world, given(rate_ebb=0.1))
    assert theatre["pressure"] == pytest.approx(0.9)


def test_the_ledger_tells_of_choices(quarrelling):
    ledger = make_ledger(8)
    args = (quarrelling[0], CLIENT, reviewing(quarrelling, CLIENT), False, given(), dice(), ledger)
    place = alliances.choose(*args)
    entry = ledger.entries[0]
    assert (entry["kind"], entry["by"], entry["who"][6], entry["n_options"]) == (CHOICE, PROTECTOR, CLIENT, 3)
    assert entry["option"][entry["chosen"]] == place
    assert PLEDGE != PROTECTOR
