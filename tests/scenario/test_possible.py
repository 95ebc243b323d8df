"""What an inject asks for has to be possible in the world that it is put in: each refusal, and in what words."""

import pytest

from sim.errors import InputError
from sim.scenario.conditions import Conditions
from sim.scenario.history import read_history
from sim.scenario.injects import parse_inject
from sim.scenario.possible import check_possible
from sim.world.build import World, build_world

PLACE = "mine.yaml: injects[0]"
HTS, KTJ, IS, SDF = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad", "Islamic State", "Syrian Democratic Forces"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def check(world: World, fields: dict) -> None:
    entry = {"start": "2020Q1", **fields}
    for inject in parse_inject(entry, world, PLACE, Conditions(world)):
        check_possible(world, inject, PLACE)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "answer", "state": "KAZ", "origin": "Western China", "answer": "refuse", "strength": 0.1},
        {"kind": "line", "group": HTS, "start": "2012Q1", "strength": 0.5},
        {"kind": "purge", "group": HTS, "other": HTS, "strength": 0.5},
        {"kind": "merge", "group": HTS, "other": KTJ, "strength": 0.5},
        {"kind": "veto", "state": "RUS", "group": HTS, "strength": 0},
        {"kind": "designate", "state": "USA", "group": HTS, "strength": 0},
        {"kind": "transfer", "holder": SDF, "group": IS, "strength": 0.5},
        {"kind": "prison_break", "holder": "IRN", "group": "al-Qaeda", "strength": 0.5},
        {"kind": "prison_break", "holder": HTS, "group": KTJ, "strength": 0.5},
        {"kind": "arrest", "group": HTS, "other": "Hurras al-Din", "strength": 0.5},
        {"kind": "patron", "group": KTJ, "other": "al-Qaeda"},
        {"kind": "patron", "group": KTJ},
        {"kind": "protector", "group": KTJ},
        {"kind": "guarantee", "state": "TUR", "theatre": "Idlib", "strength": 1},
        {"kind": "incident", "state": "RUS", "severity": "minor", "strength": 0},
        {"kind": "offensive", "holder": "SYR", "theatre": "Idlib", "start": "1995Q1", "strength": 1},
        {"kind": "scandal", "state": "RUS", "partner": "CHN", "strength": 1},
    ],
    ids=lambda fields: fields["kind"],
)
def test_what_the_world_has_may_be_asked_for(world: World, fields: dict) -> None:
    check(world, fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"kind": "accusation", "state": "CHN", "origin": "Western China"},
            "state: Western China lies in CHN; name a state that it is asked of.",
        ),
        (
            {"kind": "gift", "firm": "Xiaomi", "state": "KGZ", "sector": "networks", "strength": 0.1},
            "firm: Xiaomi does not sell in networks; those that do are Huawei, ZTE,",
        ),
        (
            {"kind": "sanction", "firm": "Hikvision", "start": "2000Q4", "strength": 1},
            "Hikvision is founded in 2001Q1, after 2000Q4.",
        ),
        (
            {"kind": "line", "group": HTS, "start": "2011Q4", "strength": 0.5},
            f"{HTS} enters in 2012Q1, after 2011Q4.",
        ),
        (
            {"kind": "offensive", "holder": HTS, "theatre": "Idlib", "start": "2011Q4", "strength": 1},
            f"{HTS} enters in 2012Q1, after 2011Q4.",
        ),
        (
            {"kind": "offensive", "holder": "SYR", "theatre": "Idlib", "other": HTS, "start": "2011Q4", "strength": 1},
            f"{HTS} enters in 2012Q1, after 2011Q4.",
        ),
        (
            {"kind": "support", "state": "TUR", "holder": HTS, "theatre": "Idlib", "start": "2011Q4", "strength": 1},
            f"{HTS} enters in 2012Q1, after 2011Q4.",
        ),
        (
            {"kind": "deny", "group": KTJ, "state": "RUS", "start": "2011Q4", "strength": 1},
            f"{KTJ} enters in 2013Q1, after 2011Q4.",
        ),
        (
            {"kind": "clash", "group": HTS, "other": HTS, "strength": 1},
            f"other: {HTS} cannot be both groups of a clash.",
        ),
        (
            {"kind": "merge", "group": KTJ, "other": KTJ, "strength": 1},
            f"other: {KTJ} cannot be both groups of a merge.",
        ),
        (
            {"kind": "veto", "state": "FRA", "group": HTS, "strength": 1},
            f"state: FRA has no row for {HTS} in designations.csv; those that do are RUS, USA, TUR.",
        ),
        (
            {"kind": "designate", "state": "USA", "group": "Malhama Tactical", "strength": 1},
            "state: USA has no row for Malhama Tactical in designations.csv; nobody does.",
        ),
        (
            {"kind": "transfer", "holder": SDF, "group": HTS, "strength": 1},
            f"{SDF} has nobody of {HTS} in custody; see custodies.csv.",
        ),
        (
            {"kind": "prison_break", "holder": "FRA", "group": IS, "strength": 1},
            f"FRA has nobody of {IS} in custody; see custodies.csv.",
        ),
        (
            {"kind": "arrest", "group": KTJ, "other": HTS, "strength": 1},
            f"{KTJ} has nobody of {HTS} in custody; see custodies.csv.",
        ),
        (
            {"kind": "patron", "group": HTS, "other": KTJ},
            f"other: nobody follows {KTJ} in groups.csv or pledges.csv; hubs: al-Qaeda, {HTS}, Taliban,",
        ),
        ({"kind": "protector", "group": HTS, "other": KTJ}, f"other: nobody follows {KTJ} in groups.csv"),
        (
            {"kind": "guarantee", "state": "FRA", "theatre": "Idlib", "strength": 1},
            "state: FRA is no guarantor of Idlib in theatres.csv; guarantors: RUS, TUR, IRN.",
        ),
        (
            {"kind": "guarantee", "state": "TUR", "theatre": "north-east Syria", "strength": 1},
            "state: TUR is no guarantor of north-east Syria in theatres.csv; nobody is.",
        ),
        (
            {"kind": "scandal", "state": "RUS", "partner": "RUS", "strength": 1},
            "partner: RUS reads no data of its own through suppliers; name another home.",
        ),
    ],
    ids=lambda case: case["kind"] if isinstance(case, dict) else "",
)
def test_what_it_does_not_have_is_refused_with_the_place(world: World, fields: dict, words: str) -> None:
    with pytest.raises(InputError) as error:
        check(world, fields)
    assert str(error.value).startswith(f"{PLACE}: {words}")


def test_all_that_is_on_record_is_possible(world: World) -> None:
    for mode in ("replay", "free"):
        assert read_history(world, mode)
