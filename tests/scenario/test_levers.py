"""Levers of scenarios: how they are declared, inherited and set, and that setting them is staging anew."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.errors import InputError
from sim.scenario.levers import driven_by, set_levers
from sim.scenario.reader import Scenario, list_scenarios, load_scenario
from sim.scenario.stage import lever_rows, stage, with_levers
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from tests.scenario.staged import HEAD, rows_of

LAST = parse_quarter("2035Q4")
LEVERS = """levers:
  severity: {value: 0.5, low: 0.0, high: 1.0, unit: 0-1, meaning: how severe it is}
  price_cut: {value: -0.3, low: -0.6, high: 0.0, unit: share of the price, meaning: by how much vendors cut prices}
"""
DRIVEN = """injects:
  - {kind: sanction, firm: 'all:CHN', start: 2024Q1, strength: severity}
  - {kind: tension, when: politics.alert > 0.1, by: 2028Q1, for: 1 year, strength: severity}
  - {kind: tension, start: 2030Q1, end: 2031Q1, strength: 0.5}
  - {kind: price, home: USA, start: 2024Q1, strength: price_cut}
strategies:
  - actor: KAZ
    budget: 1
    orders:
      - {act: ban, firm: 'all:CHN', when: politics.alert > 0.2, strength: severity}
"""
ONE = "  x: {value: 0.5, low: 0.0, high: 1.0, unit: 0-1, meaning: m}\n"
TENSION = "injects: [{kind: tension, start: 2025Q1, strength: x}]\n"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def mine(folder: Path, text: str, name: str = "mine") -> Scenario:
    path = folder / f"{name}.yaml"
    path.write_text(HEAD.replace("mine", name) + text, encoding="utf-8")
    return load_scenario(str(path))


def on_base(folder: Path, own: str) -> Scenario:
    mine(folder, LEVERS + DRIVEN.replace("actor: KAZ", "actor: UZB"), "under")
    return mine(folder, "base: under.yaml\n" + own)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return mine(tmp_path_factory.mktemp("levers"), LEVERS + DRIVEN)


def same(one: World, other: World) -> bool:
    return one.record.tobytes() == other.record.tobytes()


def test_a_lever_gives_its_value_to_all_that_it_drives(world: World, scenario: Scenario) -> None:
    lever = scenario.levers["price_cut"]
    assert (lever.value, lever.low, lever.high, lever.unit) == (-0.3, -0.6, 0.0, "share of the price")
    assert lever.place == "mine.yaml: levers.price_cut"
    staged = stage(world, scenario, "free", 0, LAST)
    chinese = np.count_nonzero(rows_of(staged, "ban")["strength"] == 0.5)
    assert chinese > 3
    assert rows_of(staged, "sanction")["strength"][-chinese:].tolist() == [0.5] * chinese
    assert rows_of(staged, "price")["strength"][-1] == -0.3


def test_a_driven_file_is_staged_like_one_with_the_numbers_written_out(tmp_path: Path, world: World) -> None:
    driven = mine(tmp_path, LEVERS + DRIVEN)
    plain = mine(tmp_path, DRIVEN.replace("severity", "0.5").replace("price_cut", "-0.3"))
    assert same(*(stage(world, one, "replay", 0, LAST) for one in (driven, plain)))


@settings(max_examples=25)
@given(severity=some.floats(0, 1), price_cut=some.floats(-0.6, 0), history=some.sampled_from(["replay", "free"]))
def test_setting_levers_of_a_staged_world_is_staging_anew(
    world: World, scenario: Scenario, severity: float, price_cut: float, history: str
) -> None:
    at = (scenario, history, 0, LAST)
    staged, values = stage(world, *at), {"severity": severity, "price_cut": price_cut}
    before, rows = staged.record.tobytes(), lever_rows(staged, *at)
    assert rows == lever_rows(world, *at)
    assert same(with_levers(staged, rows, values), stage(world, *at, levers=values))
    only = {"price_cut": price_cut}
    assert same(with_levers(staged, rows, only), stage(world, *at, levers=only))
    assert staged.record.tobytes() == before, "the staged world is left as it was"


def test_rows_are_all_that_a_lever_drives_and_no_others(world: World, scenario: Scenario) -> None:
    rows = lever_rows(world, scenario, "free", 0, LAST)
    staged = stage(world, scenario, "free", 0, LAST)
    changed = with_levers(staged, rows, {"severity": 0.75}).record["injects"][0] != staged.record["injects"][0]
    assert np.flatnonzero(changed).tolist() == sorted(rows["severity"])
    assert len(rows["severity"]) > 4
    assert len(rows["price_cut"]) == 1


@pytest.mark.parametrize("name", [name for name in list_scenarios() if load_scenario(name).levers])
@pytest.mark.parametrize("history", ["replay", "free"])
def test_shipped_levers_move_their_injects_to_both_ends(world: World, name: str, history: str) -> None:
    shipped = load_scenario(name)
    at = (shipped, history, 0, LAST)
    staged, rows = stage(world, *at), lever_rows(world, *at)
    assert all(rows.values())
    for end in ("low", "high"):
        values = {lever.name: getattr(lever, end) for lever in shipped.levers.values()}
        assert same(with_levers(staged, rows, values), stage(world, *at, levers=values))
        assert not same(with_levers(staged, rows, values), staged)


def test_levers_are_set_in_a_scenario_as_told(scenario: Scenario) -> None:
    made = set_levers(scenario, {"severity": 1})
    assert made.levers["severity"].value == 1.0
    assert [entry["strength"] for _, entry in made.injects] == [1.0, 1.0, 0.5, -0.3]
    assert [entry["strength"] for _, entry in made.own] == [1.0, 1.0, 0.5, -0.3]
    assert made.strategies[0].as_entries()[0]["strength"] == 1.0
    assert scenario.levers["severity"].value == 0.5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"severty": 0.5}, r"levers\.mine\.severty: there is no such lever\. Did you mean 'severity'\?"),
        ({"zzz": 0.5}, r"levers\.mine\.zzz: .* Its levers are severity, price_cut\."),
        ({"severity": 1.5}, r"levers\.mine\.severity: 1\.5 lies outside 0\.\.1 \(mine\.yaml: levers\.severity\)\."),
        ({"price_cut": -0.61}, r"levers\.mine\.price_cut: -0\.61 lies outside -0\.6\.\.0"),
        ({"price_cut": float("nan")}, "nan lies outside"),
    ],
)
def test_values_that_cannot_be_set_are_refused(world: World, scenario: Scenario, values: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        stage(world, scenario, "free", 0, LAST, values)


def test_a_scenario_without_levers_says_so() -> None:
    with pytest.raises(InputError, match=r"levers\.baseline\.x: there is no such lever\. baseline\.yaml has no levers"):
        set_levers(load_scenario("baseline"), {"x": 1.0})


def test_levers_of_a_base_come_along_and_can_be_set_and_named(tmp_path: Path) -> None:
    own = (
        "levers: {severity: {value: 0.9}}\ninjects: [{kind: war, theatre: Idlib, start: 2025Q1, strength: severity}]\n"
    )
    made = on_base(tmp_path, own)
    assert [entry["strength"] for _, entry in made.injects] == [0.9, 0.9, 0.5, -0.3, 0.9]
    assert made.levers["severity"].place == "under.yaml: levers.severity"
    assert driven_by(made)["price_cut"] == ["under.yaml: injects[3]"]
    assert driven_by(made)["severity"][-2:] == ["mine.yaml: injects[0]", "under.yaml: strategies[0].orders[0]"]


def test_a_lever_of_a_base_that_drives_nothing_any_more_is_gone(tmp_path: Path) -> None:
    own = "injects: [{kind: price, home: USA, start: 2020Q1, strength: -0.1}]\n"
    assert list(on_base(tmp_path, own).levers) == ["severity"]
    with pytest.raises(InputError, match=r"mine\.yaml: levers\.price_cut: no inject and no order has it"):
        on_base(tmp_path, f"levers: {{price_cut: {{value: -0.2}}}}\n{own}")


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("levers: {severity: {value: 0.9, high: 2.0}}\n", r"high: it is a lever of the base under .*value can be set"),
        ("levers: {severity: {value: 1.1}}\n", r"levers\.severity: value: 1\.1 lies outside 0\.\.1 \(under\.yaml"),
        ("levers: {severity: {}}\n", r"levers\.severity: the field 'value' is missing"),
        ("levers: {severty: {value: 0.9}}\n", r"its base under has no such lever to set\. Did you mean 'severity'"),
    ],
)
def test_of_a_lever_of_the_base_only_the_value_can_be_set(tmp_path: Path, own: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"mine\.yaml: levers\..*{words}|mine\.yaml: {words}"):
        on_base(tmp_path, own)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("levers:\n" + ONE, r"levers\.x: no inject and no order has it as its strength"),
        ("levers:\n" + ONE.replace("  x", "  Xx") + TENSION, r"levers\.Xx: a lever's name has small letters"),
        ("levers:\n" + ONE.replace("low", "lowest") + TENSION, r"levers\.x: .*'low"),
        ("levers:\n" + ONE.replace(", unit: 0-1", "") + TENSION, r"levers\.x: the field 'unit' is missing"),
        (
            "levers:\n" + ONE.replace("value: 0.5", "value: 1.5") + TENSION,
            r"levers\.x: value: 1\.5 lies outside 0\.\.1",
        ),
        ("levers:\n" + ONE.replace("low: 0.0", "low: 1.0") + TENSION, r"levers\.x: low \(1\) must be below high \(1\)"),
        (
            "levers:\n" + ONE.replace("high: 1.0", "high: 1.2") + TENSION,
            r"x: high: 1\.2 lies outside 0\.\.1 for tension",
        ),
        ("levers:\n" + ONE.replace("low: 0.0", "low: -1") + TENSION, r"x: low: -1 lies outside 0\.\.1 for tension"),
        ("levers: {x: 0.5}\n", r"levers\.x: must be a mapping"),
        (
            "levers:\n" + ONE + TENSION.replace("strength: x", "strength: xy"),
            r"injects\[0\]: strength: 'xy' is not a num",
        ),
        (TENSION, r"injects\[0\]: strength: 'x' is not a number, and no lever has that name"),
        (
            TENSION.replace("strength: x", "strength: 0.5, lever: x"),
            r"injects\[0\]: lever: write the name of a lever as the strength",
        ),
        (
            "levers:\n" + ONE + "injects: [{kind: veto, state: RUS, group: KTJ, start: 2025Q1, strength: x}]\n",
            r"injects\[0\]: strength: veto takes no lever, since its strength is 1 or 0",
        ),
        (
            "levers:\n" + ONE + "injects: [{kind: join, state: TKM, institution: SCO, start: 2025Q1, strength: x}]\n",
            r"injects\[0\]: strength: join has no strength",
        ),
    ],
)
def test_faults_are_named_with_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"mine\.yaml: {words}|mine\.yaml: levers\.{words}"):
        mine(tmp_path, text)


def test_two_that_a_lever_may_set_apart_contradict_each_other(tmp_path: Path, world: World) -> None:
    both = "injects:\n" + "".join(f"  - {{kind: tension, start: 2025Q1, strength: {s}}}\n" for s in ("x", "0.5"))
    made = mine(tmp_path, "levers:\n" + ONE + both)
    with pytest.raises(InputError, match=r"tension \(0\.5\) and tension \(lever x\) .* cannot hold together"):
        stage(world, made, "free", 0, LAST)
    stage(world, mine(tmp_path, "levers:\n" + ONE + both.replace("0.5", "x")), "free", 0, LAST)
