"""What always holds in a world: each kind of fault is found and named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.errors import InputError
from sim.world.build import World, build_world
from sim.world.fields import ID, NOBODY, Field
from sim.world.invariants import check_invariants, violations
from sim.world.records import TABLES

NUMBERS = [(table, f) for table, (fields, _) in TABLES.items() for f in fields if f.kind != ID]
"""Every number of the default world."""


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_the_default_world_is_sound(world: World) -> None:
    assert violations(world.record, world.names) == []
    check_invariants(world.record, world.names, "here")


@pytest.mark.parametrize(("table", "declared"), NUMBERS, ids=[f"{table}.{f.name}" for table, f in NUMBERS])
def test_a_number_outside_its_range_is_found(world: World, table: str, declared: Field) -> None:
    record = world.record.copy()
    values = record[table][declared.name]
    beyond = [declared.low - 1, declared.high + 1]
    if declared.kind == "f8":
        beyond += [np.nan, np.inf]
    before = values.copy()
    for wrong in beyond:
        values.flat[-1] = wrong
        assert f"{table}.{declared.name} leaves its range" in " ".join(violations(record, world.names))
        values[...] = before


def first_firm_without_home(world: np.ndarray) -> None:
    world["firms"]["home"][0] = NOBODY


def home_that_is_no_state(world: np.ndarray) -> None:
    world["homes"]["state"][0] = NOBODY


def shares_that_exceed_one(world: np.ndarray) -> None:
    world["cells"]["penetration"][3, 1] = 0.5
    world["cells"]["share"][3, 1] = 0.0
    world["cells"]["share"][3, 1, :2] = 0.75


def penetration_that_is_nobodys(world: np.ndarray) -> None:
    world["cells"]["penetration"][3, 1] = 0.5
    world["cells"]["share"][3, 1] = 0.0


def a_gap_among_sellers(world: np.ndarray) -> None:
    world["sectors"]["seller"][0, 0] = NOBODY


def a_lower_layer_that_comes_later(world: np.ndarray) -> None:
    world["sectors"]["lower"][0] = 1


def a_layer_below_itself(world: np.ndarray) -> None:
    world["sectors"]["lower"][1] = 1


def criticalities_that_exceed_one(world: np.ndarray) -> None:
    world["sectors"]["criticality"][1] += 0.01


def a_member_that_leaves_before_it_joins(world: np.ndarray) -> None:
    world["institutions"]["joins"][0, 5], world["institutions"]["leaves"][0, 5] = 40, 20


def land_held_twice(world: np.ndarray) -> None:
    world["theatres"]["control"][0, 1] = 0.5


def people_from_nowhere(world: np.ndarray) -> None:
    world["groups"]["pool"][0] = 0.0


def aims_that_exceed_one(world: np.ndarray) -> None:
    world["groups"]["aim"][0, :4] = 0.5


def protection_in_a_circle(world: np.ndarray) -> None:
    world["groups"]["protector"][:3] = [1, 2, 0]


def a_pledge_to_oneself(world: np.ndarray) -> None:
    world["groups"]["pledge"][0] = 0


def a_pledge_to_who_is_not_there(world: np.ndarray) -> None:
    world["groups"]["pledge"][0] = 1


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (first_firm_without_home, "{firm} has no home."),
        (home_that_is_no_state, "{home} is no state."),
        (shares_that_exceed_one, "the shares of {state}, {sector} do not sum to one."),
        (penetration_that_is_nobodys, "the shares of {state}, {sector} do not sum to one."),
        (a_gap_among_sellers, "the slots of its sellers are not filled from the first."),
        (a_lower_layer_that_comes_later, "{first} stands above {sector}, the layer below it; lower layers come first."),
        (a_layer_below_itself, "{sector} stands above {sector}, the layer below it; lower layers come first."),
        (criticalities_that_exceed_one, "the criticalities of the sectors sum to more than one."),
        (a_member_that_leaves_before_it_joins, "{institution}: a member leaves before it joins."),
        (land_held_twice, "the shares of the land of {theatre} sum to more than one."),
        (people_from_nowhere, "the shares of the areas that {group} draws on do not sum to one."),
        (aims_that_exceed_one, "the aims of {group} sum to more than one."),
        (protection_in_a_circle, "the protector of {group} leads back to itself."),
        (a_pledge_to_oneself, "the pledge of {group} leads back to itself."),
        (a_pledge_to_who_is_not_there, "{group} has {second} as its pledge, which has not entered yet."),
    ],
)
def test_broken_worlds_are_named(world: World, spoil: Callable[[np.ndarray], None], says: str) -> None:
    record, names = world.record.copy(), world.names
    spoil(record[0])
    expected = says.format(firm=names.firms[0], home=names.homes[0], state=names.states[3], sector=names.sectors[1],
                           first=names.sectors[0], institution=names.institutions[0],
                           theatre=names.theatres[0], group=names.groups[0], second=names.groups[1])  # fmt: skip
    assert any(expected in found for found in violations(record, names))
    with pytest.raises(InputError, match=r"^here: "):
        check_invariants(record, names, "here")


def test_several_faults_are_counted(world: World) -> None:
    record = world.record.copy()
    record["politics"]["tension"] = 2.0
    record["states"]["hedging"] = -1.0
    with pytest.raises(InputError, match=r"\(2 faults in all\)"):
        check_invariants(record, world.names, "here")
