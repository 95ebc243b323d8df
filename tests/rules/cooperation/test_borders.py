"""Borders: how fast they harden, whose wish counts, where a common body helps, and that they soften again."""

import numpy as np
import pytest

from sim.rules.cooperation import borders
from tests.rules.cooperation.made_channels import channel
from tests.rules.cooperation.made_routes import CHN, KAZ, LAO, SCO, TUR, bare, join, lay
from tests.rules.made_world import HISTORY_END, QUARTER, only, register, run

HARDEN = {"rate_harden": 0.2, "half_seen": 10.0, "rate_joint": 0.1, "rate_relax": 0.05}


def given(**values):
    return only(borders={"half_seen": 10.0, **values})


def border(owner, start=CHN, end=KAZ, control=0.3, seen=0.0):
    """One leg between two states, guarded by the owner."""
    world = bare()
    lay(world, [(0, 1, 1.0)], owner)
    world["nodes"]["state"][0, :2] = start, end
    world["legs"]["control"][0, 0], world["legs"]["seen"][0, 0] = control, seen
    world["legs"]["control_base"][0, 0] = 0.1
    return world


def control(world, params):
    run(borders, world, params)
    return world["legs"]["control"][0, 0]


def test_control_by_hand():
    # 30 seen: 30/40 = 0.75. 0.3 + (0.2 · 0.75 + 0.1 · 1) · 0.6 · 0.7 − 0.05 · (0.3 − 0.1) = 0.3 + 0.105 − 0.01.
    leg = border(CHN, seen=30.0)["legs"][0, 0]
    params = given(**HARDEN)
    assert borders.next_control(leg, 0.6, 1.0, params) == pytest.approx(0.395)
    assert borders.next_control(leg, 0.6, 0.0, params) == pytest.approx(0.3 + 0.063 - 0.01)
    assert borders.next_control(leg, 0.0, 1.0, params) == pytest.approx(0.29)


def test_the_state_that_asks_guards_its_own_border_without_being_asked():
    # 0.3 + 0.2 · 0.75 · 0.7 − 0.05 · 0.2 = 0.395.
    assert control(border(CHN, seen=30.0), given(**HARDEN)) == pytest.approx(0.395)


def test_others_guard_as_far_as_they_accept_its_terms():
    found = []
    for acceptance in (0.0, 0.5, 1.0):
        world = border(KAZ, seen=30.0)
        channel(world, KAZ)["acceptance"] = acceptance
        channel(world, TUR)["acceptance"] = 1.0
        found.append(control(world, given(**HARDEN)))
    np.testing.assert_allclose(found, [0.29, 0.29 + 0.0525, 0.29 + 0.105])


def test_what_is_not_seen_hardens_nothing():
    world = border(CHN)
    world["legs"]["flow"] = 1000.0
    assert control(world, given(rate_harden=1.0)) == pytest.approx(0.3)


def test_a_border_softens_to_what_it_was():
    world = border(CHN)
    for _ in range(400):
        run(borders, world, given(rate_relax=0.05))
    assert world["legs"]["control"][0, 0] == pytest.approx(0.1)


def test_members_of_a_body_guard_harder_from_the_day_it_shares():
    params = given(rate_joint=0.1)
    for members, security_from, expected in (
        ((KAZ, CHN), 100, 0.3 + 0.1 * 0.7),
        ((KAZ, CHN), 101, 0.3),
        ((KAZ,), 0, 0.3),
        ((CHN, LAO), 0, 0.3),
    ):
        world = border(KAZ, start=TUR, end=KAZ)
        channel(world, KAZ)["acceptance"] = 1.0
        join(world, *members, security_from=security_from)
        assert control(world, params) == pytest.approx(expected), (members, security_from)


def test_a_member_that_has_left_is_none():
    world = border(KAZ)
    channel(world, KAZ)["acceptance"] = 1.0
    join(world, KAZ, CHN)
    world["institutions"]["leaves"][0, SCO, KAZ] = 100
    assert control(world, given(rate_joint=0.1)) == pytest.approx(0.3)


def test_a_body_helps_the_state_that_asks_only_at_borders_with_members():
    params = given(rate_joint=0.1)
    for end, expected in ((KAZ, 0.37), (LAO, 0.3), (CHN, 0.3)):
        world = border(CHN, end=end)
        join(world, CHN, KAZ)
        assert control(world, params) == pytest.approx(expected), "a member, no member, a way within the state"


def test_directions_and_limits():
    more = {"rate_harden": 0.4, "rate_joint": 0.3}
    for name, value in more.items():
        world, other = border(CHN, seen=30.0), border(CHN, seen=30.0)
        join(world, CHN, KAZ)
        join(other, CHN, KAZ)
        assert control(other, given(**{**HARDEN, name: value})) > control(world, given(**HARDEN))
    assert control(border(CHN, seen=30.0), given(**{**HARDEN, "half_seen": 5.0})) > 0.395
    assert control(border(CHN, seen=30.0), given(**{**HARDEN, "rate_relax": 0.2})) < 0.395
    assert control(border(CHN, control=1.0, seen=1e6), given(rate_harden=5.0)) == 1.0
    assert control(border(CHN, control=0.9, seen=1e6), given(rate_harden=50.0)) == 1.0
    assert control(border(CHN, control=0.05), given(rate_relax=3.0)) <= 1.0


@pytest.mark.parametrize("owner", [CHN, -1])
@pytest.mark.parametrize(("declared", "expected"), [(0.0, 0.1), (0.05, 0.1), (0.4, 0.4), (0.2, 0.2)])
def test_in_replay_control_is_on_record_and_no_less_than_it_began_with(owner, declared, expected):
    # It stands at 0.3 and began at 0.1; the many who are seen harden nothing.
    for quarter in (QUARTER, HISTORY_END):
        world = border(owner, seen=1e6)
        world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
        world["legs"]["control_declared"][0, 0] = declared
        assert control(world, given(**HARDEN)) == expected


@pytest.mark.parametrize(("is_replay", "quarter"), [(0, QUARTER), (1, HISTORY_END + 1)])
@pytest.mark.parametrize(("declared", "expected"), [(0.0, 0.395), (0.35, 0.395), (0.6, 0.6)])
def test_without_a_record_a_border_hardens_by_the_rule_and_is_at_least_what_is_declared(
    is_replay, quarter, declared, expected
):
    # 0.3 + 0.2 · 0.75 · 0.7 − 0.05 · 0.2 = 0.395.
    world = border(CHN, seen=30.0)
    world["clock"]["is_replay"], world["clock"]["quarter"] = is_replay, quarter
    world["legs"]["control_declared"][0, 0] = declared
    assert control(world, given(**HARDEN)) == pytest.approx(expected)


def test_a_leg_that_nobody_guards_stays_as_it_is():
    world = border(-1, seen=30.0)
    world["channels"]["state"] = world["origins"]["state"] = world["nodes"]["state"] = -1
    assert control(world, register().record()[0]) == 0.3
