"""What every rule declares, held to account: on worlds in the middle of a run, with injects of every kind in force.

A rule that writes a field only in part leaves the rest as it found it. Passing a number through is not reading it: of a
field that a rule writes and does not declare as read, every number must come out as it went in, or regardless of it.

Fields are changed many at a time, in heaps that chance makes anew; where something differs, the heap is halved until it
is plain which field it was.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim.evidence.loader import load_findings
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.schedule import NAMES, SCHEDULE, step, summary
from tests.rules.fields import FIELDS, bits, changed, mixed, places, positions, shaken, versions
from tests.rules.lively_world import after
from tests.rules.made_world import dice, lively, run

SETTINGS = (
    *((60, "free", 0, 2), (84, "free", 2, 3), (121, "free", 1, 0), (150, "free", 5, 0), (157, "free", 3, 2)),
    (125, "replay", 4, 0),
)
"""Quarter (121, 125 and 157 hold summits, 60 brings tastes, 84 a group and a custody), history, replication, and for
how long injects hold."""

DICE = 16
"""Replications of one setting in which something has to happen that depends on chance."""

CHANCES = 5
"""Replications of one setting in which every field that a rule does not read is changed."""

HEAPS = 8
"""In so many heaps the fields that a rule does not read are changed, lest one hides what another does."""

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


Setting = tuple[int, str, int, int]


@cache
def _before(place: int, setting: Setting) -> np.ndarray:
    """The world as the rule at a place of the schedule finds it in a quarter: what stands before it has run."""
    quarter, history, replication, lead = setting
    if place == 0:
        return after(quarter, history, replication, lead)
    world = _before(place - 1, setting).copy()
    run(SCHEDULE[place - 1], world, lively(), replication)
    return world


def found_by(rule: ModuleType, setting: Setting) -> np.ndarray:
    """The world as this rule finds it in a quarter, to be looked at only."""
    return _before(SCHEDULE.index(rule), setting)


def before(rule: ModuleType, setting: Setting) -> np.ndarray:
    """A copy of the world as this rule finds it in a quarter."""
    return found_by(rule, setting).copy()


def written(rule: ModuleType, world: np.ndarray, replication: int) -> np.ndarray:
    """The bits of the whole world after the rule, which is run on the world itself."""
    run(rule, world, lively(), replication)
    return bits(world)


@lru_cache(maxsize=DICE * len(SETTINGS))
def plain(rule: ModuleType, setting: Setting, replication: int) -> np.ndarray:
    """The bits of the whole world after the rule where nothing is changed."""
    return written(rule, before(rule, setting), replication)


def moved(
    rule: ModuleType, setting: Setting, replication: int, other: np.ndarray, paths: Sequence[str]
) -> dict[str, list[str]]:
    """Which of these fields change what of WRITES with the content that they have in another world, alone or together.

    A field's own old value that is passed through does not count.
    """
    world = found_by(rule, setting)
    given = mixed(world, other, paths)
    here = positions(rule.WRITES)
    result = written(rule, given.copy(), replication)[here]
    usual = plain(rule, setting, replication)[here]
    differs = result != usual
    if not differs.any():
        return {}
    own = np.isin(here, positions(tuple(path for path in rule.WRITES if path in paths)))
    differs &= ~(own & (result == bits(given)[here]) & (usual == bits(world)[here]))
    if not differs.any():
        return {}
    if len(paths) == 1:
        return {paths[0]: _names(here[differs])}
    half = len(paths) // 2
    parts = (moved(rule, setting, replication, other, part) for part in (paths[:half], paths[half:]))
    return {name: names for part in parts for name, names in part.items()} or {
        " with ".join(paths): _names(here[differs])
    }


def _names(here: np.ndarray) -> list[str]:
    """The fields that these positions lie in."""
    return [path for path in FIELDS if np.isin(places()[path], here).any()]


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
        differs = bits(found_by(rule, setting)) != plain(rule, setting, setting[2])
        differs[positions(rule.WRITES)] = False
        assert [path for path in FIELDS if differs[places()[path]].any()] == []


@every_rule
def test_no_number_is_lost(rule):
    for setting in SETTINGS:
        here = positions(tuple(path for path in rule.WRITES if path not in _INTEGERS))
        floats = plain(rule, setting, setting[2])[here].view(np.float64)
        assert np.isfinite(floats).all()


_INTEGERS = {path for path in FIELDS if after(0).dtype[path.split(".")[0]].base[path.split(".")[1]].base.kind != "f"}


@every_rule
def test_nothing_rests_on_what_is_not_read(rule):
    found = {}
    replications = range(CHANCES if rule.DRAWS else 1)
    undeclared = np.array([path for path in FIELDS if path not in rule.READS and places()[path].size])
    for setting, replication in itertools.product(SETTINGS, replications):
        generator = np.random.default_rng(replication)
        for other in shaken(found_by(rule, setting), generator):
            for heap in np.array_split(generator.permutation(undeclared), HEAPS):
                found |= moved(rule, setting, replication, other, heap.tolist())
    assert found == {}, f"{rule.NAME}: undeclared fields that change what it writes"


@every_rule
def test_everything_declared_as_written_is_written(rule):
    still = set(rule.WRITES)
    for replication, setting in itertools.product(range(DICE), SETTINGS):
        differs = bits(found_by(rule, setting)) != plain(rule, setting, replication)
        still = {path for path in still if not differs[places()[path]].any()}
        if not still:
            return
    assert still == set()


@every_rule
def test_everything_declared_as_read_matters(rule):
    still = {path for path in rule.READS if not _matters(rule, path)}
    assert still == set(NEVER_MATTER.get(rule.NAME, {})), f"{rule.NAME}: fields read that change nothing"


def _matters(rule: ModuleType, path: str) -> bool:
    """Whether any written number changes with the field, its own old value passed through counted in."""
    here = positions(rule.WRITES)
    for replication, setting in itertools.product(range(DICE), SETTINGS):
        world = found_by(rule, setting)
        usual = plain(rule, setting, replication)[here]
        for content in versions(world, path, np.random.default_rng(replication)):
            if (written(rule, changed(world, path, content), replication)[here] != usual).any():
                return True
    return False


@every_rule
def test_dice_matter_to_rules_that_draw_and_to_no_other(rule):
    differs = any(
        (plain(rule, setting, replication) != plain(rule, setting, 0)).any()
        for setting, replication in itertools.product(SETTINGS, range(1, DICE))
    )
    assert differs == bool(rule.DRAWS)


@every_rule
def test_the_same_dice_give_the_same_bits(rule):
    results = [written(rule, before(rule, SETTINGS[2]), 1) for _ in range(2)]
    assert (results[0] == results[1]).all()


@pytest.mark.parametrize("place", range(len(SCHEDULE)), ids=NAMES)
def test_a_step_with_one_switch_on_is_that_rule(place):
    rule = SCHEDULE[place]
    switches = np.zeros(len(SCHEDULE), np.int64)
    switches[place] = 1
    world = before(rule, SETTINGS[2])
    expected = plain(rule, SETTINGS[2], 1)
    step(world[0], lively(), switches, dice(1), NO_LEDGER, *UNFED)
    assert (bits(world) == expected).all()


@every_rule
def test_a_rule_switched_off_writes_nothing(rule):
    world = before(rule, SETTINGS[2])
    kept = bits(world).copy()
    step(world[0], lively(), np.zeros(len(SCHEDULE), np.int64), dice(1), NO_LEDGER, *UNFED)
    assert (bits(world) == kept).all()


def test_a_step_runs_all_rules_in_the_order_of_the_schedule():
    for quarter, history, replication, lead in SETTINGS:
        world = after(quarter, history, replication, lead)
        by_hand = world.copy()
        for rule in SCHEDULE:
            run(rule, by_hand, lively(), replication)
        step(world[0], lively(), switches_for(), dice(replication), NO_LEDGER, *UNFED)
        assert (bits(world) == bits(by_hand)).all()


def test_every_file_of_a_rule_has_a_test_and_stands_in_the_schedule():
    tests = Path(__file__).parent
    rules = tests.parents[1] / "sim" / "rules"
    shared = {"awards", "bids", "coverage", "couplings", "deciding", "law", "loops", "participants", "persons"}
    shared |= {"schedule", "service", "supplier_choice", "cooperation_acts", "group_acts", "surveillance_acts"}
    shared |= {"followings", "groups", "incidents", "land"}
    names = [path.relative_to(rules).with_suffix("").as_posix() for path in sorted(rules.rglob("*.py"))]
    files = [name for name in names if not name.endswith("__init__")]
    assert sorted(set(files) - shared) == sorted(NAMES)
    elsewhere = {"schedule", "cooperation_acts", "surveillance_acts"}
    expected = [(tests / name).with_name(f"test_{Path(name).name}.py") for name in files if name not in elsewhere]
    assert [path.relative_to(tests).as_posix() for path in expected if not path.exists()] == []
