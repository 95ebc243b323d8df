"""What history leaves open, and who belongs to what."""

import numpy as np
import pytest

from sim.world.build import World, build_world
from sim.world.fields import NEVER
from sim.world.standing import is_member, is_open


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.mark.parametrize(
    ("is_replay", "quarter", "expected"),
    [(0, 0, True), (0, 40, True), (0, 41, True), (1, 0, False), (1, 39, False), (1, 40, False), (1, 41, True)],
)
def test_history_leaves_open_what_comes_after_it_or_everything_where_it_is_free(
    world: World, is_replay: int, quarter: int, expected: bool
) -> None:
    clock = world.record["clock"].copy()
    clock["is_replay"], clock["quarter"], clock["history_end"] = is_replay, quarter, 40
    assert is_open(clock[0]) == expected


@pytest.fixture
def institution(world: World) -> np.void:
    """An institution that its second state joins in quarter 10 and leaves in quarter 20, and nobody else ever joins."""
    found = world.record["institutions"][0, 0].copy()
    found["joins"] = found["leaves"] = NEVER
    found["joins"][1], found["leaves"][1] = 10, 20
    return found


@pytest.mark.parametrize(("quarter", "expected"), [(9, False), (10, True), (19, True), (20, False), (500, False)])
def test_a_member_belongs_from_its_joining_until_it_leaves(institution, quarter: int, expected: bool) -> None:
    assert is_member(institution, 1, quarter) == expected
    assert not is_member(institution, 0, quarter), "who never joins is never a member"


def test_who_never_leaves_stays(institution) -> None:
    institution["leaves"][1] = NEVER
    assert is_member(institution, 1, 500)
