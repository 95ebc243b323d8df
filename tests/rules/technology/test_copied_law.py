"""A copied law on interception: what it makes a state ask for, and whom it favours, each gone at its weight of zero."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.rules.technology import tenders
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import default_world, dice, dyad, index, only, settle_base, slot

KAZ, KGZ = index("states", "KAZ"), index("states", "KGZ")
INTERCEPTION = index("sectors", "interception")


@pytest.mark.parametrize(
    ("weight", "law", "by_law"), [(2.0, 0.6, 0.5), (0.0, 0.6, 0.5), (2.0, 0.0, 0.5), (2.0, 0.6, 0)]
)
def test_a_state_asks_sooner_for_what_a_copied_law_demands(world, weight, law, by_law):
    cell = settle_base(world, "KGZ", "interception", 0.5, {"Signatek": 1.0})
    state, sector = world[0]["states"][KGZ], world[0]["sectors"][INTERCEPTION]
    sector["by_law"] = by_law
    params = only(tenders={"rate_tender": 0.01, "weight_demanded": weight})
    rate = tenders.tender_rate(cell, state, sector, 0.0, law, params)
    assert rate == pytest.approx(0.01 * math.exp(weight * law * by_law))


def asked(world, weight):
    """How many of 300 dice make Kyrgyzstan and Kazakhstan ask for interception, by nobody who could sell it."""
    world["sectors"]["is_tendered"], world["sectors"]["is_tendered"][0, INTERCEPTION] = 0, 1
    world["firms"]["entry"] = NEVER
    params = only(tenders={"nest_scale": 1.0, "rate_tender": 0.05, "weight_demanded": weight})
    world["states"]["cum_tenders"] = 0.0
    for replication in range(300):
        tenders.apply(world[0], params, dice(replication), NO_LEDGER)
    return world["states"]["cum_tenders"][0, [KGZ, KAZ]]


def test_only_the_state_that_copied_a_law_asks_more_often(world):
    world["dyads"]["law"][0, dyad("KGZ", "RUS")] = 1.0
    world["sectors"]["by_law"][0, INTERCEPTION] = 1.0
    plain = asked(world, 0.0)
    driven = asked(world, 2.0)
    # 300 · (1 − exp(−0.05)) = 14.6, and 300 · (1 − exp(−0.05 · e²)) = 92.7.
    assert plain == pytest.approx([14.6, 14.6], abs=12.0)
    assert driven[0] == pytest.approx(92.7, abs=25.0)
    assert driven[1] == plain[1]


@pytest.mark.parametrize(("weight", "share"), [(0.0, 0.5), (1.5, 0.711)])
def test_whose_law_was_copied_wins_more_of_what_the_law_asks_for(world, weight, share):
    world["firms"]["entry"] = NEVER
    for firm in ("Signatek", "Kazakh supplier"):
        world["firms"]["entry"][0, index("firms", firm)] = 0
    world["dyads"]["law"][0, dyad("KGZ", "RUS")] = 0.6
    world["sectors"]["by_law"][0, INTERCEPTION] = 1.0
    params = only(tenders={"nest_scale": 1.0, "constant_none": -50.0, "weight_law": weight})
    cell, winners = world[0]["cells"][KGZ, INTERCEPTION], []
    for replication in range(600):
        cell["award_slot"] = NOBODY
        tenders.hold_tender(world[0], KGZ, INTERCEPTION, params, dice(replication), NO_LEDGER)
        winners.append(int(cell["award_slot"]))
    # Logit: 1 / (1 + exp(−1.5 · 0.6)) = 0.711.
    assert (np.array(winners) == slot("interception", "Signatek")).mean() == pytest.approx(share, abs=0.06)


def test_the_states_whose_laws_are_documented_copied_russias():
    world = default_world()
    law = {(int(d["state"]), int(d["home"])): float(d["law"]) for d in world.record["dyads"][0]}
    for iso in ("KAZ", "KGZ", "UZB", "BLR"):
        assert law[index("states", iso), index("homes", "RUS")] >= 0.5
    assert {home for (_, home), copied in law.items() if copied > 0.0} == {index("homes", "RUS")}
    sectors = world.record["sectors"][0]
    assert sectors["by_law"][INTERCEPTION] == sectors["by_law"].max() == 1.0
