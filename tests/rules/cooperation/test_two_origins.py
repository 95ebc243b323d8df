"""Worlds with two origins: each has channels, persons and answers of its own, and no rule favours the first."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.rules.cooperation import borders
from sim.rules.schedule import SCHEDULE
from sim.world.build import build_world
from sim.world.cooperation import THREE_EVILS
from sim.world.fields import NEVER, NOBODY
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import index, lively, run
from tests.rules.reorder import Reorder
from tests.world.edited import copied, insert, read

RULES = [rule for rule in SCHEDULE if rule.NAME.startswith("cooperation/")]
OF_CHANNELS = [rule for rule in RULES if "channels.origin" in rule.READS]
FIRST, LAST = 60, 100
every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.NAME for rule in RULES])


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """The default world with a second origin, in Kazakhstan, which is in no body; a war in Syria, hunts, projects."""
    tables = copied(tmp_path_factory.mktemp("two"))
    second = {"name": "Ruritania", "state": "KAZ", "node": "Kazakhstan", "breadth": "0.3", "priority": "0.8"}
    insert(tables, "origins", 0, second)
    default = next(row for row in read(tables, "channels") if row["state"] == "*")
    insert(tables, "channels", 0, {**default, "origin": "Ruritania", "solidarity": "0.3", "third": "Turkey"})
    made = build_world(tables)
    world = made.record.copy()
    world["nodes"]["persons"][0, made.names.index("nodes", "Kazakhstan"), made.names.index("origins", "Ruritania")] = (
        4e4
    )
    world["nodes"]["pull_declared"][0, made.names.index("nodes", "Syria")] = 0.9
    world["institutions"]["leaves"][0, :, made.names.index("states", "KAZ")] = 0
    world["origins"]["hunt"], world["origins"]["deploy_law"] = 0.5, 1.0
    world["firms"]["project_value"] = 0.5
    return world


@pytest.fixture(scope="module")
def before(start):
    """A function that returns the world as a rule finds it, in the middle of a run of the ten rules."""

    @cache
    def found(place, replication):
        world = start.copy()
        for quarter in range(FIRST, LAST + 1):
            world["clock"]["quarter"] = quarter
            for rule in RULES[: place if quarter == LAST else None]:
                run(rule, world, lively(), replication)
        return world

    return lambda rule, replication: found(RULES.index(rule), replication).copy()


def written(rule, world, replication):
    """What the rule writes, field by field."""
    run(rule, world, lively(), replication)
    return {path: world[path.split(".")[0]][path.split(".")[1]].copy() for path in rule.WRITES}


def test_people_are_conserved_by_origin(start, before):
    for replication in range(3):
        world = before(RULES[-1], replication)
        everybody = world["nodes"]["persons"].sum(axis=(1, 3)) + world["origins"]["returned"]
        np.testing.assert_allclose(everybody, start["nodes"]["persons"].sum(axis=(1, 3)), rtol=1e-9)
        assert (world["origins"]["returned"] > 0.0).all()
        assert (world["origins"]["cum_requests"] > 0.0).all()


@every_rule
def test_a_rule_treats_origins_alike(rule, before):
    for replication in range(8):
        world = before(rule, replication)
        reorder = Reorder(world, {"origins": np.array([1, 0])})
        other = reorder(world)
        run(rule, world, lively(), replication)
        run(rule, other, lively(), replication)
        expected = reorder(world)
        for path in rule.WRITES:
            table, _, field = path.partition(".")
            np.testing.assert_allclose(other[table][field], expected[table][field], rtol=1e-9, atol=1e-12, err_msg=path)


@pytest.mark.parametrize("rule", OF_CHANNELS, ids=[rule.NAME for rule in OF_CHANNELS])
def test_it_matters_whose_channel_it_is(rule, before):
    moved = set()
    for replication in range(8):
        world = before(rule, replication)
        assert (world["channels"]["origin"] != NOBODY).all()
        other = world.copy()
        other["channels"]["origin"] = np.random.default_rng(replication).integers(0, 2, other["channels"].shape)
        one, two = written(rule, world, replication), written(rule, other, replication)
        moved |= {path for path in rule.WRITES if (one[path] != two[path]).any()}
    assert moved


def test_a_border_is_guarded_jointly_with_the_origin_that_the_agreement_names(start):
    world = start.copy()
    world["institutions"]["security_from"] = NEVER
    world["channels"]["standing"] = 0.0
    kgz, second = index("states", "KGZ"), int(np.flatnonzero(world["origins"]["state"][0] == index("states", "KAZ"))[0])
    channel(world, kgz, second)["standing"][THREE_EVILS] = 1.0
    joint = np.empty((world["states"].shape[1], 2))
    borders.note_joint(world[0], joint)
    assert joint[kgz, second] == joint.sum() == 1.0
    legs, of = world["legs"][0], {world["nodes"]["state"][0, n]: n for n in range(world["nodes"].shape[1])}
    leg = world[0]["legs"][0]
    for owner, start_of, end_of, expected in (
        ("KGZ", "KGZ", "KAZ", 1.0),
        ("KAZ", "KAZ", "KGZ", 1.0),
        ("KAZ", "KAZ", "CHN", 0.0),
        ("CHN", "CHN", "KGZ", 0.0),
        ("CHN", "CHN", "KAZ", 0.0),
    ):
        legs["owner"][0] = index("states", owner)
        legs["start"][0], legs["end"][0] = (of[index("states", iso)] for iso in (start_of, end_of))
        assert borders.joint_at(world[0], leg, joint) == expected, (owner, start_of, end_of)


@every_rule
def test_what_concerns_one_origin_alone_rests_on_its_own_persons(rule, before):
    """Threat at home, who stays where, and whom an origin gets back do not change with persons of the other."""
    own = {"origins.threat", "origins.abroad", "origins.leaving", "origins.returned", "nodes.onward"}
    for path in own & set(rule.WRITES):
        for replication in range(4):
            world = before(rule, replication)
            other = world.copy()
            other["nodes"]["persons"][:, :, 0] *= 0.5
            table = path.split(".")[0]
            last = np.index_exp[:, 1] if table == "origins" else np.index_exp[:, :, 1]
            one, two = (written(rule, made, replication)[path][last] for made in (world, other))
            np.testing.assert_array_equal(one, two, err_msg=path)
