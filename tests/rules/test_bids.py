"""How one of the bids is chosen under each theory; nests and odds of random utility: `technology/test_tenders.py`."""

import math

import numpy as np
import pytest

from sim.rules.bids import choose_bid
from sim.world.fields import NOBODY
from tests.rules.made_world import dice, index, only, settle_base, slot

KGZ, NETWORKS = index("states", "KGZ"), index("sectors", "networks")
HUAWEI, ZTE, WESTERN = (slot("networks", name) for name in ("Huawei", "ZTE", "Western networks"))
THEORIES = {"random utility": 0.0, "satisficing": 1.0, "imitation": 2.0}
RUNS = 400


def given(**values):
    return only(tenders={"nest_scale": 0.5, "constant_none": -50.0, **values})


def winners(world, params, **worth):
    """Winners (slots, or nobody) of a tender with each of these dice, where only the firms named bid."""
    slots = {"huawei": HUAWEI, "zte": ZTE, "western": WESTERN}
    found = []
    for replication in range(RUNS):
        utility = np.full(world[0]["cells"][KGZ, NETWORKS]["share"].shape[0], -math.inf)
        for name, value in worth.items():
            utility[slots[name]] = value
        found.append(choose_bid(world[0], KGZ, NETWORKS, utility, params, dice(replication))[0])
    return np.array(found)


def test_satisficing_takes_any_bid_that_is_good_enough_and_never_one_that_is_not(world):
    won = winners(world, given(theory=1.0, aspiration=1.0), huawei=9.0, zte=1.0, western=0.9)
    assert set(won.tolist()) == {HUAWEI, ZTE}
    assert (won == HUAWEI).mean() == pytest.approx(0.5, abs=0.08), "how far a bid exceeds what is asked does not count"


def test_satisficing_awards_nothing_where_no_bid_is_good_enough(world):
    params = given(theory=1.0, aspiration=1.0)
    assert (winners(world, params, huawei=0.99, western=0.5) == NOBODY).all()
    assert (winners(world, params) == NOBODY).all(), "nor where nobody bids"


def test_satisficing_leaves_the_turns_of_the_others_alone_when_one_more_bids(world):
    params = given(theory=1.0)
    few = winners(world, params, huawei=1.0, western=1.0)
    more = winners(world, params, huawei=1.0, zte=1.0, western=1.0)
    np.testing.assert_array_equal(more[more != ZTE], few[more != ZTE])
    assert (more == ZTE).any()


def test_imitation_follows_what_peers_installed_whatever_a_bid_is_worth(world):
    # All that is installed elsewhere is the Western firm's: the two homes differ by 4 · (1 − 0), odds of e^4.
    settle_base(world, "UZB", "networks", 0.5, {"Western networks": 1.0})
    won = winners(world, given(theory=2.0, weight_peers=4.0), huawei=9.0, western=0.0)
    assert (won == WESTERN).mean() == pytest.approx(1.0 / (1.0 + math.exp(-4.0)), abs=0.03)


def test_imitation_is_left_to_chance_where_peers_installed_nothing(world):
    settle_base(world, "KGZ", "networks", 0.8, {"Huawei": 1.0})
    won = winners(world, given(theory=2.0, weight_peers=8.0), huawei=9.0, western=0.0)
    assert (won == HUAWEI).mean() == pytest.approx(0.5, abs=0.08), "its own base is no peer's"


@pytest.mark.parametrize("theory", THEORIES.values(), ids=THEORIES)
def test_the_lead_is_what_the_ledger_tells(world, theory):
    params = given(theory=theory, aspiration=-1.0)
    utility = np.full(world[0]["cells"][KGZ, NETWORKS]["share"].shape[0], -math.inf)
    utility[HUAWEI] = 2.0
    chosen, lead = choose_bid(world[0], KGZ, NETWORKS, utility, params, dice())
    assert chosen == HUAWEI
    assert lead == pytest.approx(3.0) if theory == 1.0 else lead > 30.0
