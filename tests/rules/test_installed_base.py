"""What is done to an installed base keeps its shares shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.world.cells import home_share, install, remove
from tests.rules.made_world import blank, index, settle_base, slot

share = st.floats(0.0, 1.0)


def test_an_install_by_hand(world):
    # 0.4 is there, half of it Huawei's. Build 0.2 and replace a quarter of the old 0.4 = 0.1, all for ZTE:
    # Huawei keeps 0.2 · 0.75 = 0.15 of the new 0.6, ZTE has 0.2 · 0.75 + 0.1 + 0.2 = 0.45 of it.
    cell = settle_base(world, "KAZ", "networks", 0.4, {"Huawei": 0.5, "ZTE": 0.5})
    install(cell, slot("networks", "ZTE"), 0.2, 0.25)
    assert cell["penetration"] == pytest.approx(0.6)
    assert cell["share"][slot("networks", "Huawei")] == pytest.approx(0.25)
    assert cell["share"][slot("networks", "ZTE")] == pytest.approx(0.75)


def test_a_removal_by_hand(world):
    # Half of Huawei's 0.4 · 0.5 = 0.2 goes: 0.3 is left, of which Huawei has 0.1 and ZTE 0.2.
    cell = settle_base(world, "KAZ", "networks", 0.4, {"Huawei": 0.5, "ZTE": 0.5})
    assert remove(cell, slot("networks", "Huawei"), 0.5) == pytest.approx(0.1)
    assert cell["penetration"] == pytest.approx(0.3)
    assert cell["share"][slot("networks", "Huawei")] == pytest.approx(1 / 3)


def test_a_base_that_is_removed_whole_leaves_nothing(world):
    cell = settle_base(world, "KAZ", "networks", 0.4, {"Huawei": 1.0})
    assert remove(cell, slot("networks", "Huawei"), 1.0) == pytest.approx(0.4)
    assert cell["penetration"] == 0.0
    assert cell["share"].sum() == 0.0


def test_an_install_of_nothing_where_nothing_is_does_nothing(world):
    cell = settle_base(world, "KAZ", "networks", 0.0, {})
    install(cell, 0, 0.0, 1.0)
    assert cell["penetration"] == 0.0
    assert cell["share"].sum() == 0.0


@given(share, share, share, share)
def test_installs_and_removals_keep_shares(penetration, huawei, build, fraction):
    cell = settle_base(blank(), "KAZ", "networks", max(0.01, penetration), {"Huawei": huawei, "ZTE": 1.0 - huawei})
    install(cell, slot("networks", "Western networks"), build, fraction)
    assert cell["share"].sum() == pytest.approx(1.0)
    assert 0.0 <= cell["penetration"] <= 1.0
    base = cell["penetration"] * cell["share"].copy()
    taken = remove(cell, slot("networks", "Huawei"), fraction)
    left = cell["penetration"] * cell["share"]
    assert taken + left.sum() == pytest.approx(base.sum())
    others = np.arange(len(left)) != slot("networks", "Huawei")
    np.testing.assert_allclose(left[others], base[others], atol=1e-12)
    assert cell["share"].sum() == pytest.approx(1.0) or cell["penetration"] == 0.0
    assert (cell["share"] >= -1e-12).all()


def test_the_share_of_a_home_is_that_of_all_its_firms(world):
    settle_base(world, "KAZ", "networks", 0.4, {"Huawei": 0.3, "ZTE": 0.2, "Western networks": 0.5})
    record = world[0]
    args = (record["cells"], record["sectors"], index("states", "KAZ"), index("sectors", "networks"))
    assert home_share(*args, index("homes", "CHN")) == pytest.approx(0.5)
    assert home_share(*args, index("homes", "KAZ")) == 0.0
