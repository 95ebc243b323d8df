"""Persons abroad: who is within reach or wanted, and that those taken are put elsewhere."""

import numpy as np
import pytest

from sim.rules.persons import put, saturating, share_seen, take, wanted, within_reach
from sim.world.cooperation import HELD, IRREGULAR, PAPERS
from sim.world.fields import NOBODY
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import dyad, index, only

THA, LAO = index("states", "THA"), index("states", "LAO")
THAILAND, LAOS, TURKEY = (index("nodes", name) for name in ("Thailand", "Laos", "Turkey"))


@pytest.fixture
def settled(world):
    """Persons at two nodes of Thailand, one of which it governs by half, and some in Turkey."""
    nodes = world["nodes"][0]
    nodes["state"][LAOS], nodes["governed"][LAOS] = THA, 0.5
    nodes["persons"][THAILAND, 0] = 10.0, 20.0, 30.0
    nodes["persons"][LAOS, 0] = 100.0, 200.0, 300.0
    nodes["persons"][TURKEY, 0] = 1000.0
    return world


def test_saturation_is_a_half_at_half_and_nothing_at_nothing():
    assert saturating(30.0, 60.0) == pytest.approx(1 / 3)
    assert saturating(60.0, 60.0) == 0.5
    assert saturating(0.0, 60.0) == saturating(-5.0, 5.0) == 0.0


def test_persons_are_within_reach_as_far_as_the_state_governs(settled):
    # 10 + 0.5 · 100, and so on.
    for status, in_reach in ((IRREGULAR, 60.0), (PAPERS, 120.0), (HELD, 180.0)):
        assert within_reach(settled[0], THA, 0, status) == pytest.approx(in_reach)
    assert within_reach(settled[0], LAO, 0, HELD) == 0.0


def test_wanted_are_those_held_and_of_the_free_those_who_are_seen(settled):
    # 180 held, and 0.25 of 60 and 120.
    settled["states"]["detection"][0, THA] = 0.25
    assert wanted(settled[0], channel(settled, "THA"), only()) == pytest.approx(225.0)


def test_who_reads_data_there_knows_of_more_of_the_free(settled):
    # Seen 0.25 + 0.5 · 0.4 = 0.45 of 180, and 180 held.
    asked, params = channel(settled, "THA"), only(requests={"weight_access": 0.5})
    settled["states"]["detection"][0, THA] = 0.25
    settled["dyads"]["access"][0, dyad("THA", "CHN")] = 0.4
    assert share_seen(settled[0], asked, params) == pytest.approx(0.45)
    assert wanted(settled[0], asked, params) == pytest.approx(261.0)
    assert wanted(settled[0], asked, only()) == pytest.approx(225.0)
    settled["dyads"]["access"] = 1.0
    assert share_seen(settled[0], asked, only(requests={"weight_access": 1.0})) == 1.0, "nobody is seen twice"


def test_data_read_elsewhere_or_by_another_home_or_through_no_dyad_tell_nothing(settled):
    asked, params = channel(settled, "THA"), only(requests={"weight_access": 1.0})
    settled["states"]["detection"][0, THA] = 0.25
    settled["dyads"]["access"][0, [dyad("LAO", "CHN"), dyad("THA", "RUS")]] = 1.0
    assert share_seen(settled[0], asked, params) == 0.25
    settled["dyads"]["access"] = 1.0
    asked["dyad"] = NOBODY
    assert share_seen(settled[0], asked, params) == 0.25


def test_a_share_of_those_within_reach_is_taken(settled):
    # 0.4 of 10 and of 0.5 · 100.
    before = settled["nodes"]["persons"].sum()
    assert take(settled[0], THA, 0, IRREGULAR, 0.4) == pytest.approx(24.0)
    nodes = settled["nodes"][0]
    np.testing.assert_allclose(nodes["persons"][[THAILAND, LAOS, TURKEY], 0, IRREGULAR], [6.0, 80.0, 1000.0])
    assert nodes["persons"].sum() == pytest.approx(before - 24.0)


def test_who_is_put_at_a_node_is_there_with_that_status(settled):
    put(settled[0], TURKEY, 0, PAPERS, 24.0)
    np.testing.assert_allclose(settled["nodes"]["persons"][0, TURKEY, 0], [1000.0, 1024.0, 1000.0])
