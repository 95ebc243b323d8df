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
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from tests.scenario.staged import HEAD, listed, rows_of, staged

LAST = parse_quarter("2035Q4")


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


WAITS = "when: politics.alert > 0.5, strength: 0.5"


@pytest.mark.parametrize(
    ("inject", "words"),
    [
        (f"kind: tension, from: 1995Q1, {WAITS}", "begins in 1995Q1, before the start"),
        (f"kind: tension, from: 2031Q1, {WAITS}", "can never happen: 2031Q1 lies after"),
        (f"kind: tension, by: 1999Q4, {WAITS}", "by: 1999Q4 lies before the start, 2000Q1"),
        (
            "kind: tension, start: 2025Q1, until: politics.alert > 1, strength: 0.5",
            "until: 'politics.alert > 1' never holds",
        ),
        (f"kind: sanction, firm: Hikvision, by: 2000Q4, {WAITS}", "founded in 2001Q1, after by"),
    ],
)
def test_what_waits_and_can_never_begin_is_refused(world: World, tmp_path: Path, inject: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"mine\.yaml: injects\[0\]: .*{words}"):
        staged(world, tmp_path, listed(inject), "2000Q1", "2030Q4")


def test_a_condition_counts_from_the_window_or_from_when_all_are_there(world: World, tmp_path: Path) -> None:
    entries = [
        f"kind: outage, firm: Hikvision, {WAITS}",
        f"kind: outage, firm: 'all:CHN', {WAITS}",
        f"kind: line, group: Hayat Tahrir al-Sham, {WAITS}",
        f"kind: tension, from: 2005Q1, by: 2005Q4, for: 2, times: 3, {WAITS}",
    ]
    made = staged(world, tmp_path, listed(*entries), "1995Q1")
    outages = rows_of(made, "outage")
    assert outages["opens"].tolist() == [parse_quarter("2001Q1"), *[parse_quarter("1995Q1")] * (len(outages) - 1)]
    assert rows_of(made, "line")["opens"][-1] == parse_quarter("2012Q1")
    names = ["start", "end", "when", "until", "opens", "closes", "lasts", "times", "strategy", "cost"]
    (tension,) = rows_of(made, "tension")[names].tolist()
    assert tension == (NEVER, NEVER, 0, NOBODY, 56, 60, 2, 3, NOBODY, 0)
    assert np.count_nonzero(made.record["conditions"]["offset"]) == 1, "alike conditions share a row"


def test_what_history_and_scenarios_date_waits_for_nothing(world: World) -> None:
    rows = stage(world, load_scenario("vendor_outage"), "replay", 0, LAST).record["injects"][0]
    rows = rows[rows["kind"] != 0]
    assert (rows["start"] < NEVER).all()
    assert not rows["times"].any()
    assert all((rows[name] == NOBODY).all() for name in ("when", "until", "strategy"))


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
    words = (
        r"mine\.yaml: injects\[1\]: become_state \(Ahrar al-Sham, SYR\) and become_state "
        r"\(Hayat Tahrir al-Sham, SYR\) \(mine\.yaml: injects\[0\]\) cannot hold together"
    )
    with pytest.raises(InputError, match=words):
        stage(world, load_scenario(str(path)), "replay", 0, LAST)
