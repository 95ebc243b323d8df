"""Intelligence: what makes states share, who uses informers, and what services see by it."""

import numpy as np
import pytest

from sim.rules.cooperation import intelligence
from sim.world.cooperation import EXTRADITE, INTELLIGENCE, REFUSE, RETURN, SHARE, STALL, THREE_EVILS
from tests.rules.cooperation.made_channels import channel
from tests.rules.cooperation.made_routes import CHN, KAZ, LAO, TUR, bare, join
from tests.rules.made_world import index, only, register, run

CAMERAS, TAPS = index("sectors", "surveillance"), index("sectors", "interception")


def given(**values):
    return only(intelligence=values)


def sharing(world, params, s=KAZ):
    run(intelligence, world, params)
    return channel(world, s)["sharing"]


def trusting(s=KAZ, trust=0.5, shared=0.2):
    world = bare()
    found = channel(world, s)
    found["trust"], found["sharing"] = trust, shared
    return world


def test_sharing_by_hand():
    # Gain 0.1 + 0.2 + 0.3 + 0.4 · 0.5 = 0.8, by trust 0.5: 0.4. 0.2 + 0.4 · 0.8 − 0.1 · 0.2 = 0.5.
    world = trusting()
    join(world, CHN, KAZ)
    found = channel(world, KAZ)
    found["standing"][INTELLIGENCE], found["answer"], found["goodwill"] = 1.0, SHARE, 0.5
    params = given(rate_treaty=0.1, rate_body=0.2, rate_substitute=0.3, rate_goodwill=0.4, rate_decay=0.1)
    assert sharing(world, params) == pytest.approx(0.5)


def test_every_reason_alone():
    for name, change, gain in (
        ("rate_treaty", ("standing", (0.0, 0.0, 0.0, 1.0)), 0.1),
        ("rate_treaty", ("standing", (1.0, 1.0, 1.0, 0.0)), 0.0),
        ("rate_goodwill", ("goodwill", 0.5), 0.05),
        ("rate_substitute", ("answer", SHARE), 0.1),
        ("rate_substitute", ("answer", REFUSE), 0.0),
        ("rate_repeat", ("answer", EXTRADITE), 0.1),
        ("rate_repeat", ("answer", RETURN), 0.1),
        ("rate_repeat", ("answer", STALL), 0.0),
    ):
        world = trusting(trust=1.0, shared=0.0)
        channel(world, KAZ)[change[0]] = change[1]
        assert sharing(world, given(**{name: 0.1})) == pytest.approx(gain), (name, change)
    assert THREE_EVILS != INTELLIGENCE


def test_a_body_serves_its_members_only():
    world = trusting(trust=1.0, shared=0.0)
    channel(world, TUR)["trust"] = 1.0
    join(world, CHN, KAZ, security_from=100)
    assert sharing(world, given(rate_body=0.1)) == pytest.approx(0.1)
    assert channel(world, TUR)["sharing"] == 0.0
    world = trusting(trust=1.0, shared=0.0)
    join(world, CHN, KAZ, security_from=101)
    assert sharing(world, given(rate_body=0.1)) == 0.0
    world = trusting(trust=1.0, shared=0.0)
    join(world, KAZ, LAO)
    assert sharing(world, given(rate_body=0.1)) == 0.0, "a body without the state that asks"


def test_without_trust_nothing_comes_of_it():
    world = trusting(trust=0.0)
    channel(world, KAZ)["answer"] = SHARE
    assert sharing(world, given(rate_substitute=0.5)) == pytest.approx(0.2)


def test_what_nothing_feeds_falls_off():
    assert sharing(trusting(), given(rate_decay=0.1)) == pytest.approx(0.18)


def test_repetition_builds_up_what_one_return_does_not():
    world, params = trusting(trust=1.0, shared=0.0), given(rate_repeat=0.2, rate_decay=0.05)
    found = []
    for _ in range(20):
        channel(world, KAZ)["answer"] = RETURN
        found.append(sharing(world, params))
    assert (np.diff(found) > 0).all()
    assert found[0] == pytest.approx(0.2)
    assert found[-1] == pytest.approx(0.8, abs=0.01), "0.2 / (0.2 + 0.05)"


def test_informers_by_hand():
    # 0.3 + 0.2 · 0.5 · 0.7 − 0.1 · 0.3 = 0.34.
    world = bare()
    world["states"]["informers"][0, KAZ], world["states"]["threat"][0, KAZ] = 0.3, 0.5
    run(intelligence, world, given(rate_informers=0.2, rate_dismiss=0.1))
    assert world["states"]["informers"][0, KAZ] == pytest.approx(0.34)
    assert world["states"]["informers"][0].sum() == pytest.approx(0.34)


SEES = {
    "base_detection": 0.2,
    "weight_surveillance": 0.4,
    "weight_sharing": 0.3,
    "weight_informers": 0.2,
    "weight_unjoined": 0.5,
}


def test_detection_by_hand():
    # (0.2 + 0.4 · 0.5 + 0.3 · 0.6 + 0.2 · 0.25) · (1 − 0.5 · 0.4) = 0.63 · 0.8 = 0.504.
    assert intelligence.detection_of(0.5, 0.6, 0.25, 0.0, given(**SEES)) == pytest.approx(0.504)
    assert intelligence.detection_of(1.0, 1.0, 1.0, 0.0, given(**{**SEES, "base_detection": 0.9})) == 1.0
    for name in ("base_detection", "weight_surveillance", "weight_sharing", "weight_informers"):
        more = {**SEES, name: SEES[name] + 0.05}
        assert intelligence.detection_of(0.5, 0.6, 0.25, 0.0, given(**more)) > 0.504
    assert intelligence.detection_of(0.5, 0.6, 0.25, 0.0, given(**{**SEES, "weight_unjoined": 0.9})) < 0.504


def test_stigma_makes_those_whom_it_singles_out_withdraw():
    # 0.504 · (1 − 0.5 · 0.6).
    params = given(weight_alienation=0.5, **SEES)
    assert intelligence.detection_of(0.5, 0.6, 0.25, 0.6, params) == pytest.approx(0.3528)
    assert intelligence.detection_of(0.5, 0.6, 0.25, 0.7, params) < 0.3528


def test_without_its_weight_stigma_changes_no_bit():
    seen = 0.2 + 0.4 * 0.51 + (0.3 * 0.63 + 0.2 * 0.27)
    assert intelligence.detection_of(0.51, 0.63, 0.27, 0.9, given(**SEES)) == seen * (1.0 - 0.5 * (1.0 - 0.63))


def test_the_largest_stigma_in_the_host_state_counts_there():
    world = bare()
    world["migrants"]["host"], world["migrants"]["stigma"] = KAZ, [[0.2, 0.6]]
    run(intelligence, world, given(base_detection=0.5, weight_alienation=0.5))
    assert world["states"]["detection"][0, KAZ] == pytest.approx(0.35)
    assert world["states"]["detection"][0, LAO] == pytest.approx(0.5)


def test_services_see_by_what_they_found():
    # Cameras 1 · 0.3, taps 0.5 · 0.4: watched 0.5. The most that it hears counts, as it stood.
    world = bare()
    world["sectors"]["watches"] = 0.0
    world["sectors"]["watches"][0, [CAMERAS, TAPS]] = 1.0, 0.5
    world["cells"]["penetration"][0, KAZ] = 0.9
    world["cells"]["penetration"][0, KAZ, [CAMERAS, TAPS]] = 0.3, 0.4
    found = channel(world, KAZ)
    found["sharing"], found["trust"], found["answer"] = 0.6, 1.0, SHARE
    world["states"]["informers"][0, KAZ], world["states"]["threat"][0, KAZ] = 0.25, 1.0
    run(intelligence, world, given(rate_substitute=0.5, rate_informers=0.5, **SEES))
    assert world["states"]["detection"][0, KAZ] == pytest.approx(0.504)
    assert found["sharing"] > 0.6


def test_the_state_that_asks_overlooks_nothing_for_want_of_a_partner():
    world = bare()
    run(intelligence, world, given(**SEES))
    assert world["states"]["detection"][0, CHN] == pytest.approx(0.5)
    assert world["states"]["detection"][0, LAO] == pytest.approx(0.1), "0.2 · (1 − 0.5)"


def test_a_state_that_is_watched_wholly_is_watched_no_more():
    world = bare()
    world["sectors"]["watches"] = world["cells"]["penetration"] = 1.0
    run(intelligence, world, given(weight_surveillance=0.4))
    np.testing.assert_allclose(world["states"]["detection"], 0.4)


def test_nobody_anywhere_is_no_fault():
    world = bare()
    world["channels"]["state"] = world["channels"]["origin"] = world["origins"]["state"] = -1
    run(intelligence, world, register().record()[0])
    assert (world["states"]["detection"] > 0.0).all()
    world = trusting()
    world["origins"]["state"] = -1
    join(world, KAZ)
    assert sharing(world, given(rate_body=0.5)) == pytest.approx(0.2)
