"""In replay the record decides until history ends, and then the model; in free history the model always does.

The parameters are such that whatever may happen soon does.
"""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.schedule import step
from sim.world.injects import CODES
from sim.world.invariants import violations
from tests.rules.made_world import HISTORY_END, default_world, dice, lively, staged

BEGUN = ("crackdowns", "bans", "sanctions", "gifts", "loans", "bundles", "votes", "revivals")


def told(world: np.ndarray) -> dict[str, float]:
    """How much of each kind has happened so far."""
    now, institutions = world[0], world["institutions"][0]
    return {
        "crackdowns": now["measures"]["cum_crackdowns"],
        "bans": now["measures"]["cum_bans"],
        "sanctions": now["firms"]["sanction"].sum(),
        "gifts": now["dyads"]["cum_gifts"].sum(),
        "loans": now["dyads"]["cum_loans"].sum(),
        "bundles": now["dyads"]["cum_bundles"].sum(),
        "votes": institutions["cum_blocked"].sum() + institutions["level"][:, :-1].sum(),
        "revivals": institutions["level"][:, -1].sum(),
    }


def ordered(world: np.ndarray) -> dict[str, float]:
    """How much of each kind the record orders until history ends."""
    rows = world["injects"][0]
    begun = rows[(rows["kind"] != CODES["empty"]) & (rows["start"] <= HISTORY_END)]
    levels = np.zeros(world["institutions"]["level"][0].shape)
    for row in sorted(begun[begun["kind"] == CODES["agreement"]], key=lambda r: r["start"]):
        levels[row["actor"], row["sector"]] = row["strength"]
    count = {kind: int((begun["kind"] == code).sum()) for kind, code in CODES.items()}
    return {
        "crackdowns": count["crackdown"],
        "bans": count["ban"],
        "sanctions": begun["strength"][begun["kind"] == CODES["sanction"]].sum(),
        "gifts": count["gift"],
        "loans": count["tied_loan"],
        "bundles": 0,
        "votes": levels[:, :-1].sum(),
        "revivals": levels[:, -1].sum(),
    }


def lived(history: str, quarters: int) -> np.ndarray:
    world = staged(history)
    for quarter in range(quarters):
        world["clock"]["quarter"] = quarter
        step(world[0], lively(), switches_for(), dice(), NO_LEDGER, *UNFED)
    return world


@pytest.mark.parametrize("kind", BEGUN)
def test_in_replay_only_what_the_record_orders_happens_until_history_ends(kind):
    world = lived("replay", HISTORY_END + 1)
    assert told(world)[kind] == pytest.approx(ordered(world)[kind])


@pytest.mark.parametrize("kind", BEGUN)
def test_in_free_history_the_model_makes_it_happen(kind):
    world = lived("free", HISTORY_END + 1)
    assert told(world)[kind] > ordered(world)[kind]


@pytest.mark.parametrize("kind", BEGUN)
def test_after_history_the_model_decides_in_replay_too(kind):
    assert told(lived("replay", HISTORY_END + 41))[kind] > told(lived("replay", HISTORY_END + 1))[kind]


@pytest.mark.parametrize("history", ["free", "replay"])
def test_every_number_stays_within_its_declared_range(history):
    for quarters in (40, 90, 140, 180):
        assert violations(lived(history, quarters), default_world().names) == []
