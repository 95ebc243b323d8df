"""Relation of the two suppliers: whose award counts as what, by hand, and that nothing else turns it."""

import pytest

from sim.rules.surveillance import supplier_relation
from sim.world.fields import NOBODY
from sim.world.surveillance import TECHNICAL
from tests.rules.made_world import only, run, settle_base, slot
from tests.rules.surveillance.made_surveillance import CAMERAS, KAZ, KGZ, NETWORKS, TAPS, USA, watched


def given(**values):
    return only(supplier_relation={"half": 0.2} | values)


def award(world, sector, firm):
    """Let a firm have won this quarter in a sector (row) of Kyrgyzstan."""
    key = {CAMERAS: "surveillance", TAPS: "interception", NETWORKS: "networks"}[sector]
    world["cells"]["award_slot"][0, KGZ, sector] = slot(key, firm)


@pytest.fixture
def both():
    """Kyrgyzstan has cameras, most of them Chinese, and Russian taps."""
    world = watched()
    settle_base(world, "KGZ", "surveillance", 0.5, {"Huawei": 0.6, "Rostec": 0.2, "Western cameras": 0.2})
    settle_base(world, "KGZ", "interception", 0.4, {"Signatek": 1.0})
    return world


def measured(world):
    state = world["states"][0, KGZ]
    return float(state["complements"]), float(state["rivals"]), float(state["relation"])


def test_an_award_counts_by_what_the_other_has_in_the_same_cell_and_elsewhere(both):
    award(both, CAMERAS, "Huawei")
    run(supplier_relation, both, given())
    # Russia has 0.4 of taps and 0.5 · 0.2 of cameras: (0.4 − 0.1) / (0.4 + 0.1 + 0.2).
    assert measured(both) == pytest.approx((0.4, 0.1, 0.3 / 0.7))
    assert both["states"]["complements"].sum() == pytest.approx(0.4), "nobody else bought"


def test_awards_to_both_add_up(both):
    award(both, CAMERAS, "Rostec")
    award(both, TAPS, "Signatek")
    run(supplier_relation, both, given())
    # Rostec: China has 0.3 of the same cameras, and no taps. Signatek: China has the 0.3 of cameras elsewhere.
    assert measured(both) == pytest.approx((0.3, 0.3, 0.0))


def test_those_who_only_meet_in_one_cell_are_rivals(both):
    settle_base(both, "KGZ", "interception", 0.0, {})
    award(both, CAMERAS, "Rostec")
    run(supplier_relation, both, given())
    assert measured(both) == pytest.approx((0.0, 0.3, -0.6))


@pytest.mark.parametrize("sector", [CAMERAS, NETWORKS])
def test_awards_to_others_or_in_other_sectors_tell_nothing(both, sector):
    award(both, sector, "Western cameras" if sector == CAMERAS else "Huawei")
    run(supplier_relation, both, given())
    assert measured(both) == (0.0, 0.0, 0.0)


def test_a_sector_counts_if_it_belongs_to_a_model_or_lets_watch(both):
    award(both, NETWORKS, "Huawei")
    both["sectors"]["watches"][0, NETWORKS] = 0.1
    run(supplier_relation, both, given())
    assert measured(both)[:2] == pytest.approx((0.5, 0.0)), "Russian cameras and taps, elsewhere"


def test_homes_that_stand_for_the_same_model_are_not_each_others_other(both):
    both["homes"]["model"][0, USA] = TECHNICAL
    award(both, CAMERAS, "Western cameras")
    run(supplier_relation, both, given())
    assert measured(both)[:2] == pytest.approx((0.4, 0.1)), "Russia's, not China's"


def test_past_awards_are_forgotten_at_the_rate(both):
    both["states"]["complements"][0, KGZ], both["states"]["rivals"][0, KGZ] = 1.0, 0.5
    run(supplier_relation, both, given(rate_forget=0.2))
    assert measured(both) == pytest.approx((0.8, 0.4, 0.4 / 1.4))


def test_relation_by_hand():
    assert supplier_relation.relation_of(0.6, 0.2, 0.2) == pytest.approx(0.4)
    assert supplier_relation.relation_of(0.2, 0.6, 0.2) == pytest.approx(-0.4)
    assert supplier_relation.relation_of(0.0, 0.0, 0.0) == 0.0


def test_opinion_alone_does_not_turn_it(both):
    award(both, CAMERAS, "Huawei")
    both["states"]["opposition"] = 1.0
    run(supplier_relation, both, given())
    assert measured(both) == pytest.approx((0.4, 0.1, 0.3 / 0.7))


def test_without_homes_that_stand_for_models_there_is_nothing_to_measure(both):
    both["homes"]["model"] = NOBODY
    award(both, CAMERAS, "Huawei")
    run(supplier_relation, both, given())
    assert measured(both) == (0.0, 0.0, 0.0)
    assert both["states"]["relation"][0, KAZ] == 0.0
