"""What every rule declares, held to account: on worlds in the middle of a run, with injects of every kind in force.

A rule that writes a field only in part leaves the rest as it found it. Passing a number through is not reading it: of a
field that a rule writes and does not declare as read, every number must come out as it went in, or regardless of it.
"""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim.evidence.loader import load_findings
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.rules.schedule import NAMES, SCHEDULE, step, summary
from tests.rules.fields import FIELDS, bits, changed, places, positions, versions
from tests.rules.made_world import after, dice, lively, run

SETTINGS = ((60, "free", 0, 2), (121, "free", 1, 0), (150, "free", 5, 0), (157, "free", 3, 2), (125, "replay", 4, 0))
"""Quarter (121, 125 and 157 hold summits, 60 brings tastes), history, replication, and for how long injects hold."""

DICE = 16
"""Replications of one setting in which something has to happen that depends on chance."""

CHANCES = 5
"""Replications of one setting in which every field that a rule does not read is changed."""

_ONE_ORIGIN = {"channels.origin": "there is one origin; worlds of two are in `cooperation/test_two_origins.py`"}

NEVER_MATTER = {
    "technology/outage": {"firms.home": "names the home in the ledger's line of a failure"},
    "institutions/summits": {"institutions.effect": "read back after the rule itself has written it"},
    "cooperation/instruments": _ONE_ORIGIN,
    "cooperation/requests": _ONE_ORIGIN,
    "cooperation/swaps": _ONE_ORIGIN,
    "cooperation/passage": _ONE_ORIGIN,
}
"""Fields read whose content at the beginning can change no written number, with the reason why they are declared."""

every_rule = pytest.mark.parametrize("rule", SCHEDULE, ids=NAMES)


@cache
def _before(rule: ModuleType, setting: tuple[int, str, int, int]) -> np.ndarray:
    """The world as this rule finds it in a quarter: what stands before it in the schedule has run."""
    quarter, history, replication, lead = setting
    world = after(quarter, history, replication, lead)
    for earlier in SCHEDULE[: SCHEDULE.index(rule)]:
        run(earlier, world, lively(), replication)
    return world


def before(rule: ModuleType, setting: tuple[int, str, int, int]) -> np.ndarray:
    return _before(rule, setting).copy()


def written(rule: ModuleType, world: np.ndarray, replication: int) -> np.ndarray:
    """The bits of the whole world after the rule."""
    result = world.copy()
    run(rule, result, lively(), replication)
    return bits(result)


def changes(rule: ModuleType, setting: tuple[int, str, int, int], path: str, replication: int, seed: int) -> list[str]:
    """The fields of WRITES whose result changes with the content of a field."""
    world = before(rule, setting)
    plain = written(rule, world, replication)
    found = set()
    for content in versions(world, path, np.random.default_rng(seed)):
        other = changed(world, path, content)
        result = written(rule, other, replication)
        for name in rule.WRITES:
            here = places()[name]
            differs = result[here] != plain[here]
            if name == path:
                is_passed_through = (result[here] == bits(other)[here]) & (plain[here] == bits(world)[here])
                differs &= ~is_passed_through
            if differs.any():
                found.add(name)
    return sorted(found)


@every_rule
def test_declarations_are_well_formed(rule):
    for declared in (rule.READS, rule.WRITES, rule.DRAWS):
        assert isinstance(declared, tuple)
        assert len(set(declared)) == len(declared), "something stands twice"
    assert set(rule.READS) | set(rule.WRITES) <= set(FIELDS)
    assert rule.WRITES
    assert rule.__name__ == "sim.rules." + rule.NAME.replace("/", ".")


@every_rule
def test_the_docstring_says_what_the_rule_is_and_rests_on(rule):
    text = rule.__doc__
    assert len(summary(rule)) > 20
    assert "Mechanism" in text or rule.NAME == "measures"
    spans = re.findall(r"E(\d{4})(?:-E?(\d{4}))?", text)
    named = {f"E{n:04d}" for first, last in spans for n in range(int(first), int(last or first) + 1)}
    assert named <= set(load_findings())
    assert named or rule.NAME in ("scenario_acts", "measures")


def test_streams_bear_the_name_of_their_rule_and_are_unique():
    streams = [stream for rule in SCHEDULE for stream in rule.DRAWS]
    assert len(set(streams)) == len(streams)
    for rule in SCHEDULE:
        for name in rule.DRAWS:
            assert name.startswith(rule.NAME + "/")


@every_rule
def test_a_rule_changes_nothing_but_what_it_writes(rule):
    for setting in SETTINGS:
        world = before(rule, setting)
        differs = bits(world) != written(rule, world, setting[2])
        differs[positions(rule.WRITES)] = False
        assert [path for path in FIELDS if differs[places()[path]].any()] == []


@every_rule
def test_no_number_is_lost(rule):
    for setting in SETTINGS:
        world = before(rule, setting)
        run(rule, world, lively(), setting[2])
        floats = bits(world)[positions(tuple(f for f in rule.WRITES if f not in _INTEGERS))].view(np.float64)
        assert np.isfinite(floats).all()


_INTEGERS = {path for path in FIELDS if after(0).dtype[path.split(".")[0]].base[path.split(".")[1]].base.kind != "f"}


@every_rule
def test_nothing_rests_on_what_is_not_read(rule):
    found = {}
    replications = range(CHANCES if rule.DRAWS else 1)
    undeclared = [path for path in FIELDS if path not in rule.READS and places()[path].size]
    for setting, replication, path in itertools.product(SETTINGS, replications, undeclared):
        if moved := changes(rule, setting, path, replication, replication):
            found[path] = moved
    assert found == {}, f"{rule.NAME}: undeclared fields that change what it writes"


@every_rule
def test_everything_declared_as_written_is_written(rule):
    still = set(rule.WRITES)
    for setting in SETTINGS:
        for replication in range(DICE):
            world = before(rule, setting)
            differs = bits(world) != written(rule, world, replication)
            still = {path for path in still if not differs[places()[path]].any()}
    assert still == set()


@every_rule
def test_everything_declared_as_read_matters(rule):
    still = {path for path in rule.READS if not _matters(rule, path)}
    assert still == set(NEVER_MATTER.get(rule.NAME, {})), f"{rule.NAME}: fields read that change nothing"


def _matters(rule: ModuleType, path: str) -> bool:
    """Whether any written number changes with the field, its own old value passed through counted in."""
    for replication in range(DICE):
        for setting in SETTINGS:
            world = before(rule, setting)
            plain = written(rule, world, replication)
            for content in versions(world, path, np.random.default_rng(replication)):
                other = written(rule, changed(world, path, content), replication)
                here = positions(rule.WRITES)
                if (other[here] != plain[here]).any():
                    return True
    return False


@every_rule
def test_dice_matter_to_rules_that_draw_and_to_no_other(rule):
    differs = False
    for setting in SETTINGS:
        world = before(rule, setting)
        results = [written(rule, world, replication) for replication in range(DICE)]
        differs |= any((result != results[0]).any() for result in results)
    assert differs == bool(rule.DRAWS)


@every_rule
def test_the_same_dice_give_the_same_bits(rule):
    world = before(rule, SETTINGS[1])
    assert (written(rule, world, 1) == written(rule, world, 1)).all()


@pytest.mark.parametrize("place", range(len(SCHEDULE)), ids=NAMES)
def test_a_step_with_one_switch_on_is_that_rule(place):
    rule = SCHEDULE[place]
    switches = np.zeros(len(SCHEDULE), np.int64)
    switches[place] = 1
    world = before(rule, SETTINGS[1])
    expected = written(rule, world, 1)
    step(world[0], lively(), switches, dice(1), NO_LEDGER)
    assert (bits(world) == expected).all()


@every_rule
def test_a_rule_switched_off_writes_nothing(rule):
    world = before(rule, SETTINGS[1])
    kept = bits(world).copy()
    step(world[0], lively(), np.zeros(len(SCHEDULE), np.int64), dice(1), NO_LEDGER)
    assert (bits(world) == kept).all()


def test_a_step_runs_all_rules_in_the_order_of_the_schedule():
    for quarter, history, replication, lead in SETTINGS:
        world = after(quarter, history, replication, lead)
        by_hand = world.copy()
        for rule in SCHEDULE:
            run(rule, by_hand, lively(), replication)
        step(world[0], lively(), switches_for(), dice(replication), NO_LEDGER)
        assert (bits(world) == bits(by_hand)).all()


def test_every_file_of_a_rule_has_a_test_and_stands_in_the_schedule():
    tests = Path(__file__).parent
    rules = tests.parents[1] / "sim" / "rules"
    shared = {"awards", "coverage", "participants", "persons", "schedule", "service", "supplier_choice"}
    names = [path.relative_to(rules).with_suffix("").as_posix() for path in sorted(rules.rglob("*.py"))]
    files = [name for name in names if not name.endswith("__init__")]
    assert sorted(set(files) - shared) == sorted(NAMES)
    expected = [(tests / name).with_name(f"test_{Path(name).name}.py") for name in files if name != "schedule"]
    assert [path.relative_to(tests).as_posix() for path in expected if not path.exists()] == []
