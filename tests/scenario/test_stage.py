"""A scenario on stage: whose injects are in the world's record, in which mode, and what can never happen."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from sim.world.injects import CODES

LAST = parse_quarter("2035Q4")
HEAD = "name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\n"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def kinds(staged: World) -> set[int]:
    return set(staged.record["injects"][0]["kind"].tolist())


def test_documented_events_are_injects_in_replay_only(world: World) -> None:
    baseline = load_scenario("baseline")
    replay, free = stage(world, baseline, "replay", 0, LAST), stage(world, baseline, "free", 0, LAST)
    assert {CODES["gift"], CODES["crackdown"], CODES["agreement"]} <= kinds(replay)
    assert not {CODES["gift"], CODES["crackdown"], CODES["agreement"]} & kinds(free)
    assert {CODES["pandemic"], CODES["leader_demand"], CODES["isolation"]} <= kinds(free)
    assert replay.record["clock"]["is_replay"][0] == 1
    assert free.record["clock"]["is_replay"][0] == 0


def test_the_world_itself_is_left_as_it_was(world: World) -> None:
    before = world.record.copy()
    stage(world, load_scenario("vendor_outage"), "replay", 0, LAST)
    assert np.array_equal(before.view(np.uint8), world.record.view(np.uint8))


def test_one_leader_follows_another_without_a_gap(world: World) -> None:
    injects = stage(world, load_scenario("baseline"), "free", 0, LAST).record["injects"][0]
    kaz = world.names.states.index("KAZ")
    terms = sorted(
        (int(i["start"]), int(i["end"])) for i in injects if i["kind"] == CODES["leader_demand"] and i["actor"] == kaz
    )
    assert len(terms) >= 2
    assert all(ends == begins for (_, ends), (begins, _) in itertools.pairwise(terms))


@pytest.mark.parametrize(
    ("inject", "first", "words"),
    [
        ("{kind: tension, start: 1995Q1, strength: 0.5}", "2000Q1", "before the start, 2000Q1"),
        (
            "{kind: tension, start: 2040Q1, strength: 0.5}",
            "1991Q1",
            "can never happen.*scenario=baseline or set a later end=",
        ),
    ],
)
def test_an_inject_outside_the_window_is_refused(
    world: World, tmp_path: Path, inject: str, first: str, words: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{HEAD}injects: [{inject}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=words):
        stage(world, load_scenario(str(path)), "free", parse_quarter(first), LAST)


def test_more_injects_than_there_is_room_for_are_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    many = "\n".join("  - {kind: tension, start: 2025Q1, strength: 0.5}" for _ in range(300))
    path.write_text(f"{HEAD}injects:\n{many}\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is room for"):
        stage(world, load_scenario(str(path)), "free", 0, LAST)


@pytest.mark.parametrize(
    "rest", ["kind: treaty, instrument: extradition", "kind: answer, answer: refuse, strength: 0.1"]
)
def test_nobody_asks_at_home(world: World, tmp_path: Path, rest: str) -> None:
    path = tmp_path / "mine.yaml"
    inject = f"{{{rest}, state: CHN, origin: Western China, start: 2025Q1}}"
    path.write_text(f"{HEAD}injects: [{inject}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml: injects\[0\]: state: Western China lies in CHN; name a state"):
        stage(world, load_scenario(str(path)), "free", 0, LAST)


def test_one_group_alone_takes_the_place_of_a_state(world: World, tmp_path: Path) -> None:
    groups = ("Hayat Tahrir al-Sham", "Ahrar al-Sham")
    lines = [f"  - {{kind: become_state, group: {group}, state: SYR, start: 2025Q1}}\n" for group in groups]
    path = tmp_path / "mine.yaml"
    path.write_text(f"{HEAD}injects:\n{lines[0]}", encoding="utf-8")
    stage(world, load_scenario(str(path)), "replay", 0, LAST)
    path.write_text(f"{HEAD}injects:\n{''.join(lines)}", encoding="utf-8")
    words = r"mine\.yaml: injects\[1\]: state: Hayat Tahrir al-Sham takes the place of SYR already; name one group"
    with pytest.raises(InputError, match=words):
        stage(world, load_scenario(str(path)), "replay", 0, LAST)
