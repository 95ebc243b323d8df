"""Injects as written: what each kind needs, whom it may name, and what is refused."""

import pytest

from sim.errors import InputError
from sim.scenario.conditions import Conditions
from sim.scenario.injects import Inject, parse_inject
from sim.world.build import World, build_world
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from sim.world.surveillance import LEGAL, TECHNICAL


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def parsed(world: World, **fields: object) -> list[Inject]:
    return parse_inject(fields, world, "mine.yaml: injects[0]", Conditions(world))


def test_a_level_holds_from_its_start_until_its_end(world: World) -> None:
    (inject,) = parsed(world, kind="outage", firm="Huawei", start="2025Q1", end="2025Q3", strength=0.8)
    assert (inject.start, inject.end) == (136, 138)
    assert inject.kind == CODES["outage"]
    assert inject.actor == world.names.firms.index("Huawei")
    assert (inject.target, inject.sector) == (NOBODY, NOBODY)


def test_a_level_without_an_end_never_ends(world: World) -> None:
    (inject,) = parsed(world, kind="tension", start="2025Q1", strength=0.5)
    assert inject.end == NEVER


def test_an_order_is_given_in_its_first_quarter_alone(world: World) -> None:
    (inject,) = parsed(world, kind="gift", firm="ZTE", state="KGZ", sector="networks", start="2001Q1", strength=0.1)
    assert inject.end == inject.start + 1
    assert inject.target == world.names.states.index("KGZ")
    assert inject.sector == world.names.sectors.index("networks")


def test_all_firms_of_a_home_are_named_at_once(world: World) -> None:
    injects = parsed(world, kind="sanction", firm="all:CHN", start="2023Q1", strength=0.5)
    chinese = world.record["firms"]["home"][0] == world.names.homes.index("CHN")
    assert [i.actor for i in injects] == chinese.nonzero()[0].tolist()
    assert {"Huawei", "ZTE"} <= {world.names.firms[i.actor] for i in injects}


def test_opinion_and_suspensions_name_a_state_and_a_model(world: World) -> None:
    (opinion,) = parsed(world, kind="opinion", state="KAZ", model="legal", start="2025Q1", strength=0.5)
    (suspend,) = parsed(world, kind="suspend", state="KGZ", model="technical", start="2025Q1", end="2027Q1")
    assert (opinion.actor, opinion.target, opinion.sector) == (world.names.states.index("KAZ"), NOBODY, LEGAL)
    assert (suspend.sector, suspend.strength, suspend.end) == (TECHNICAL, 1.0, 144)


def test_a_scandal_names_a_state_and_the_home_that_reads_and_is_an_order(world: World) -> None:
    (inject,) = parsed(world, kind="scandal", state="KAZ", partner="CHN", start="2025Q1", strength=0.5)
    assert (inject.actor, inject.target) == (world.names.states.index("KAZ"), world.names.homes.index("CHN"))
    assert inject.end == inject.start + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "opinion", "state": "KAZ", "start": "2025Q1", "strength": 1}, "needs the key 'model'"),
        (
            {"kind": "opinion", "state": "KAZ", "model": "technic", "start": "2025Q1", "strength": 1},
            "'technic' is none of the models. Did you mean 'technical'",
        ),
        (
            {"kind": "suspend", "state": "KAZ", "model": "legal", "start": "2025Q1", "strength": 0.5},
            "strength 0.5 lies outside 1..1 for suspend",
        ),
        ({"kind": "scandal", "state": "KAZ", "start": "2025Q1", "strength": 1}, "needs the key 'partner'"),
        ({"kind": "opacity", "state": "KAZ", "start": "2025Q1"}, "needs the key 'strength'"),
        ({"kind": "civil_society", "state": "KAZ", "start": "2025Q1", "strength": 2}, "outside 0..1"),
        ({"kind": "outtage", "start": "2025Q1", "strength": 1}, "Did you mean 'outage'"),
        ({"kind": "outage", "firm": "Huwaei", "start": "2025Q1", "strength": 1}, "Did you mean 'Huawei'"),
        ({"kind": "outage", "start": "2025Q1", "strength": 1}, "needs the key 'firm'"),
        ({"kind": "outage", "firm": "ZTE", "start": "2025Q1", "strenght": 1}, "Did you mean 'strength'"),
        ({"kind": "outage", "firm": "ZTE", "start": "2025Q1", "strength": 1.5}, "outside 0..1"),
        ({"kind": "outage", "firm": "ZTE", "start": "2025Q1", "strength": "much"}, "not a number"),
        ({"kind": "outage", "firm": "ZTE", "start": "2025Q3", "end": "2025Q1", "strength": 1}, "ends"),
        ({"kind": "outage", "firm": "ZTE", "start": "25Q3", "strength": 1}, "write it as 2020Q1"),
        ({"kind": "tension", "start": "1989Q1", "strength": 1}, "before the model's first quarter"),
        ({"kind": "sanction", "firm": "all:CHI", "start": "2025Q1", "strength": 1}, "none of the homes"),
        ({"kind": "crackdown", "firm": "Ant", "start": "2025Q1", "end": "2025Q2", "strength": 1}, "it takes no 'end'"),
        ({"kind": "ban", "firm": "ZTE", "state": "KZ", "start": "2025Q1", "strength": 1}, "none of the states"),
        ({"kind": "agreement", "institution": "SCO", "domain": "bank", "start": "2025Q1", "strength": 1}, "domains"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(world: World, fields: dict, words: str) -> None:
    with pytest.raises(InputError) as error:
        parsed(world, **fields)
    assert words in str(error.value)
    assert str(error.value).startswith("mine.yaml: injects[0]")
