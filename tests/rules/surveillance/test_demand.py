"""Demand for surveillance: values worked by hand, directions, whose model it is, and limits."""

import numpy as np
import pytest

from sim.rules.surveillance import demand
from sim.world.fields import NOBODY
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.made_world import dyad, index, only, run
from tests.rules.surveillance.made_surveillance import CHN, KAZ, KGZ, KGZ_CHN, KGZ_RUS, RUS, USA, watched

WEIGHTS = {"usual": 0.1, "weight_insecurity": 0.5, "weight_protest": 0.3, "weight_similarity": 0.2, "weight_law": 0.4}
CHINA = index("states", "CHN")


def given(**values):
    return only(demand={"rate_adjust": 1.0} | values)


@pytest.fixture
def anxious():
    """Kyrgyzstan fears, sees protest, resembles both homes and copied a law; nobody else does anything."""
    world = watched()
    world["states"]["insecurity"][0, KGZ], world["states"]["protest"][0, KGZ] = 0.4, 0.2
    world["dyads"]["similarity"][0, [KGZ_CHN, KGZ_RUS]] = 0.7, 0.5
    world["dyads"]["law"][0, KGZ_RUS] = 0.6
    return world


def test_demand_by_hand(anxious):
    # Technical 0.1 + 0.5 · 0.4 + 0.3 · 0.2 + 0.2 · 0.7 = 0.5; legal 0.1 + 0.2 + 0.06 + 0.2 · 0.5 + 0.4 · 0.6 = 0.7.
    run(demand, anxious, given(**WEIGHTS))
    assert anxious["states"]["demand"][0, KGZ] == pytest.approx([0.5, 0.7])
    assert anxious["states"]["demand"][0, KAZ] == pytest.approx([0.1, 0.1])


def test_demand_follows_by_its_rate(anxious):
    anxious["states"]["demand"][0, KGZ] = 0.2, 0.9
    run(demand, anxious, given(**WEIGHTS, rate_adjust=0.1))
    assert anxious["states"]["demand"][0, KGZ] == pytest.approx([0.23, 0.88])


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("usual", [0.5, 0.5]),
        ("weight_insecurity", [0.2, 0.2]),
        ("weight_protest", [0.1, 0.1]),
        ("weight_similarity", [0.35, 0.25]),
        ("weight_law", [0.0, 0.3]),
    ],
)
def test_each_weight_adds_what_it_stands_for(anxious, name, gain):
    run(demand, anxious, given(**{name: 0.5}))
    assert anxious["states"]["demand"][0, KGZ] == pytest.approx(gain)


def test_likeness_is_that_to_the_home_that_stands_for_the_model(anxious):
    assert demand.likeness(anxious[0], KGZ, TECHNICAL) == 0.7
    assert demand.likeness(anxious[0], KGZ, LEGAL) == 0.5
    assert demand.likeness(anxious[0], CHINA, TECHNICAL) == 1.0, "a home is like itself"
    anxious["dyads"]["similarity"][0, dyad("KGZ", "USA")] = 0.9
    assert demand.likeness(anxious[0], KGZ, TECHNICAL) == 0.7, "that home stands for no model"
    anxious["homes"]["model"][0, USA] = TECHNICAL
    assert demand.likeness(anxious[0], KGZ, TECHNICAL) == 0.9, "the largest of several"


def test_a_world_without_homes_that_stand_for_a_model_knows_no_likeness(anxious):
    anxious["homes"]["model"][0, [CHN, RUS]] = NOBODY
    assert demand.likeness(anxious[0], KGZ, TECHNICAL) == demand.likeness(anxious[0], KGZ, LEGAL) == 0.0


def test_demand_stays_a_share(anxious):
    anxious["states"]["insecurity"] = 1.0
    run(demand, anxious, given(usual=0.9, weight_insecurity=1.0))
    np.testing.assert_allclose(anxious["states"]["demand"], 1.0)
