"""Conditions as written: what they compare, when two exclude each other, and what is refused."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.scenario.conditions import Conditions
from sim.world.build import World, build_world
from sim.world.conditions import CONDITION_ROWS
from sim.world.fields import NOBODY
from sim.world.records import flat_view

PLACE = "mine.yaml: injects[0]: when"
CHINA = "states[KAZ].dependence[CHN]"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_a_condition_names_one_number_a_sign_and_a_level(world: World) -> None:
    conditions = Conditions(world)
    row = conditions.chain(["dyads[KGZ>CHN].trust < 0.4"], PLACE)
    found = conditions.rows[row]
    assert (found.is_above, found.level, found.also) == (False, 0.4, NOBODY)
    changed = world.record.copy()
    flat_view(changed)[found.offset] = 0.123
    dyad = world.pair("dyads", "KGZ>CHN")
    assert changed["dyads"]["trust"][0, dyad] == 0.123


def test_several_are_chained_and_alike_ones_share_a_row(world: World) -> None:
    conditions = Conditions(world)
    row = conditions.chain([f"{CHINA} > 0.5", "politics.tension > 1e-1"], PLACE)
    assert conditions.rows[row].also == 0
    assert conditions.chain([f"{CHINA} > 0.5"], PLACE) == 0
    assert conditions.chain([], PLACE) == NOBODY
    assert len(conditions.rows) == 2


def test_they_are_written_to_a_record_and_read_from_it_again(world: World) -> None:
    conditions = Conditions(world)
    conditions.chain([f"{CHINA} > 0.5", "politics.tension < 0.25"], PLACE)
    record = world.record.copy()
    conditions.write(record)
    table = record["conditions"][0]
    assert table["level"][:3].tolist() == [0.5, 0.25, 0.0]
    assert table["is_above"][:2].tolist() == [1, 0]
    assert table["also"][:2].tolist() == [NOBODY, 0]
    assert np.count_nonzero(table["offset"]) == 2
    assert Conditions(world.with_record(record)).rows == conditions.rows


@pytest.mark.parametrize(
    ("one", "other", "exclude"),
    [
        ([f"{CHINA} > 0.5"], [f"{CHINA} < 0.5"], True),
        ([f"{CHINA} > 0.5"], [f"{CHINA} < 0.51"], False),
        ([f"{CHINA} > 0.5"], [f"{CHINA} > 0.7"], False),
        ([f"{CHINA} > 0.5"], ["states[KAZ].dependence[RUS] < 0.5"], False),
        ([f"{CHINA} > 0.5", "politics.tension > 0.2"], ["politics.tension < 0.1"], True),
        ([f"{CHINA} > 0.5"], [], False),
    ],
)
def test_two_exclude_each_other_where_no_number_meets_both(world: World, one, other, exclude: bool) -> None:
    conditions = Conditions(world)
    assert conditions.exclude(conditions.chain(one, PLACE), conditions.chain(other, PLACE)) is exclude


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{CHINA} >= 0.5", "is no condition; write it as states[KAZ].dependence[CHN] > 0.5"),
        (CHINA, "is no condition"),
        ("states[KAZ].dependance[CHN] > 0.5", "Did you mean 'dependence'"),
        ("states[KAS].dependence[CHN] > 0.5", "'KAS' is none of the states"),
        ("states[*].dependence[CHN] > 0.5", "names 5 numbers; a condition compares one"),
        ("states[KAZ].is_focus > 0", "is no measured number but a mark"),
        (f"{CHINA} > 1", "never holds: states.dependence lies within 0..1"),
        (f"{CHINA} < 0", "never holds"),
        (f"{CHINA} > 0.5.5", "'0.5.5' is not a number"),
        ("injects[0].strength > 0.5", "a condition reads the world, not the injects of a scenario"),
        ("gifts > 2", "That is an outcome; its address is measures.cum_gifts."),
        ("dependence_china.KAZ > 0.5", f"That is an outcome; its address is {CHINA}."),
    ],
)
def test_what_is_wrong_is_named(world: World, text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        Conditions(world).chain([text], PLACE)
    assert str(error.value).startswith(PLACE)
    assert words in str(error.value)


def test_conditions_that_never_hold_together_are_refused(world: World) -> None:
    with pytest.raises(InputError, match=r"> 0\.5 and .* < 0\.4 never hold together"):
        Conditions(world).chain([f"{CHINA} > 0.5", f"{CHINA} < 0.4"], PLACE)


def test_there_is_room_for_so_many(world: World) -> None:
    conditions = Conditions(world)
    conditions.chain([f"politics.tension > {n / 1000}" for n in range(CONDITION_ROWS)], PLACE)
    with pytest.raises(InputError, match=f"there is room for {CONDITION_ROWS} conditions"):
        conditions.chain(["politics.alert > 0.5"], PLACE)
