"""Incidents are counted by class as they are reported, and written one after another."""

import pytest

from sim.rules.incidents import class_weight, record_incident, shock_at
from sim.world.fields import NOBODY
from tests.rules.made_world import QUARTER, blank, index

RUS, FRA = index("states", "RUS"), index("states", "FRA")
GROUP, IDLIB = index("groups", "Katibat al-Tawhid wal-Jihad"), index("theatres", "Idlib")


@pytest.fixture
def world():
    made = blank()
    record_incident(made[0], RUS, 1, GROUP, 1, 0)
    record_incident(made[0], FRA, 2, GROUP, 1, 0)
    record_incident(made[0], RUS, 2, GROUP, 1, 1)
    return made


def test_classes_weigh_more_the_graver():
    assert [class_weight(c) for c in range(3)] == [0.1, 0.4, 1.0]


def test_foiled_incidents_do_not_shake_anybody(world):
    assert shock_at(world[0], QUARTER, NOBODY, NOBODY) == pytest.approx(1.4)
    assert shock_at(world[0], QUARTER, RUS, NOBODY) == pytest.approx(0.4)
    assert shock_at(world[0], QUARTER - 1, NOBODY, NOBODY) == 0.0


def test_a_theatre_feels_what_its_groups_are_accused_of_and_not_what_they_did(world):
    assert shock_at(world[0], QUARTER, NOBODY, IDLIB) == 0.0
    world["incidents"]["accused"][0, 1] = GROUP
    world["incidents"]["author"][0, 1] = NOBODY
    assert shock_at(world[0], QUARTER, NOBODY, IDLIB) == pytest.approx(1.0)


def test_the_oldest_row_gives_way(world):
    rows = len(world["incidents"][0])
    for _ in range(rows - 3):
        record_incident(world[0], FRA, 0, NOBODY, 1, 0)
    assert world["incidents"]["target"][0, 0] == RUS
    record_incident(world[0], FRA, 0, NOBODY, 1, 0)
    assert world["incidents"]["target"][0, 0] == FRA
    assert world["incidents"]["accused"][0, 0] == NOBODY
