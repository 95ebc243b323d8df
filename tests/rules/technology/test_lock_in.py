"""Who came first: without lock-in a head start wears off with the equipment, with it the early vendor stays ahead.

Two worlds differ in `firms.entry` alone: of two firms alike in all else, the one or the other enters 20 quarters
earlier. Leads are means over all states and many dice.
"""

from functools import cache

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.technology import tenders
from sim.world.fields import NEVER
from tests.rules.made_world import blank, dice, index, only, register, slot

NETWORKS = index("sectors", "networks")
VENDORS = ("Huawei", "Western networks")
SLOTS = [slot("networks", firm) for firm in VENDORS]
BEGIN, HEAD_START, RENEWAL = 40, 20, 32
END = BEGIN + HEAD_START + 3 * RENEWAL
DICE = 8
KEPT = (
    *("turnover", "build_size", "rate_retire", "purse_limit", "cost_replacement", "least_share"),
    *("weight_quality", "weight_price", "weight_gap", "weight_age", "nest_scale"),
)
"""What keeps the register's value; alignment, trust, hedging and all else that tells homes apart is left out."""


def given(weight_lock_in):
    values = register().record()["tenders"][0]
    kept = {name: float(values[name]) for name in KEPT}
    return only(tenders={**kept, "rate_tender": 0.02, "constant_none": -50.0, "weight_lock_in": weight_lock_in})


def entered_first(firm):
    """A world in which this one of the two vendors enters everywhere 20 quarters before the other."""
    world = blank()
    world["sectors"]["is_tendered"] = 0
    world["sectors"]["is_tendered"][0, NETWORKS] = 1
    world["sectors"]["renewal"], world["sectors"]["lock_in"], world["sectors"]["cost"] = RENEWAL, 1.0, 0.1
    world["firms"]["entry"] = NEVER
    for vendor in VENDORS:
        world["firms"]["entry"][0, index("firms", vendor)] = BEGIN + (0 if vendor == firm else HEAD_START)
    return world


@cache
def histories(weight_lock_in):
    """Shares and awards (worlds, dice, quarters, states, vendors): by who was first, as each quarter ends."""
    shares, awards = [], []
    for firm in VENDORS:
        for replication in range(DICE):
            world = entered_first(firm)
            for quarter in range(BEGIN, END):
                world["clock"]["quarter"] = quarter
                tenders.apply(world[0], given(weight_lock_in), dice(replication), NO_LEDGER)
                cells = world["cells"][0, :, NETWORKS]
                shares.append(cells["share"][:, SLOTS].copy())
                awards.append(cells["cum_awards"][:, SLOTS].copy())
    shape = (2, DICE, END - BEGIN, -1, 2)
    n_states = shares[0].shape[0]
    return tuple(np.array(found).reshape(*shape[:3], n_states, 2) for found in (shares, awards))


def lead(weight_lock_in, periods):
    """By how much a vendor's mean share is higher where it came first, so many renewal periods after both entered."""
    shares, _ = histories(weight_lock_in)
    quarter = HEAD_START - 1 + round(periods * RENEWAL)
    by_world = shares[:, :, quarter].mean(axis=(1, 2))
    return float(by_world[0, 0] - by_world[1, 0])


def test_the_two_worlds_differ_in_entry_alone():
    one, other = (entered_first(firm) for firm in VENDORS)
    assert (one["firms"]["entry"] != other["firms"]["entry"]).any()
    other["firms"]["entry"] = one["firms"]["entry"]
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("weight_lock_in", [0.0, 6.0])
def test_a_head_start_is_a_lead_when_the_other_enters(weight_lock_in):
    assert lead(weight_lock_in, 0) > 0.7


def test_without_lock_in_who_came_first_wins_no_more_awards_once_both_have_entered():
    _, awards = histories(0.0)
    won = awards[:, :, -1] - awards[:, :, HEAD_START - 1]
    np.testing.assert_array_equal(won[0], won[1])
    assert won[0].sum() > 10 * DICE
    # The two win as often as each other: their share of all awards is one half.
    assert won[0, ..., 0].sum() / won[0].sum() == pytest.approx(0.5, abs=0.05)


def test_without_lock_in_shares_converge_as_the_old_base_is_renewed():
    # One award replaces no more than 0.6 of a base: most of the lead is gone after one renewal period, all after three.
    leads = [lead(0.0, periods) for periods in (0, 1, 2, 3)]
    assert leads[1] < 0.4 * leads[0]
    assert leads[2] < 0.4 * leads[1]
    assert abs(leads[3]) < 0.05


def test_with_lock_in_the_early_vendor_stays_ahead():
    assert lead(6.0, 1) > 0.6
    assert lead(6.0, 3) > 0.5
    _, awards = histories(6.0)
    won = (awards[:, :, -1] - awards[:, :, HEAD_START - 1]).sum(axis=(1, 2))
    assert won[0, 0] > 2 * won[0, 1]
    assert won[1, 1] > 2 * won[1, 0]


@pytest.mark.parametrize("periods", [1, 2, 3])
def test_the_more_a_base_binds_the_longer_a_lead_lasts(periods):
    free, usual, strong = (lead(weight, periods) for weight in (0.0, 3.0, 6.0))
    assert free + 0.1 < usual < strong - 0.05
