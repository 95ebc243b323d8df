"""Held couplings: the receivers read the base run and nobody else does; of the base itself nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernel.held import Base, words_of
from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.kernel.trace import Trace, trace_run
from sim.numerics.draws import throw_dice
from sim.numerics.feed import HELD, RECORDED
from sim.rules.couplings import COUPLINGS, load_couplings
from sim.rules.schedule import NAMES, SCHEDULE, step
from sim.world.build import World
from sim.world.records import flat_view, paths
from tests.kernel.runs import QUARTERS, SEED, last_worlds, run

DICE = np.uint64(throw_dice(SEED, 3))
RECEIVERS = sorted({name for coupling in load_couplings().values() for name in coupling.receivers})

LENDING = [NAMES.index(f"technology/{name}") for name in ("bundles", "tenders", "sanctions")]
"""Rules whose lines stand behind debt, leverage and supply."""

CUT = ("pressure", "stigma")
"""Couplings through which alone what the migrants' stigma does leaves the rule that computes it."""


@pytest.fixture(scope="module")
def stigmatised(params: np.ndarray) -> np.ndarray:
    """Parameters under which stigma grows far faster."""
    other = params.copy()
    other["migrants"]["rate_stigma"], other["migrants"]["rate_grieve"] = 0.9, 0.9
    return other


def differing(one: np.ndarray, other: np.ndarray) -> set[str]:
    """Return the fields in which two worlds differ."""
    pairs = ((path, *path.split(".")) for path in paths())
    return {path for path, table, name in pairs if one[table][name].tobytes() != other[table][name].tobytes()}


@pytest.fixture(scope="module")
def plain(world: World, params: np.ndarray) -> np.ndarray:
    return last_worlds(world, run(world, params, [3, 4]))


def test_each_rule_is_fed_what_it_declares_of_the_couplings_that_are_held(world: World, params: np.ndarray) -> None:
    base = Base.of(world, params, ["stigma", "capability"])
    fed = {
        NAMES[i]: base.offsets[base.starts[i] : base.starts[i + 1]]
        for i in range(len(SCHEDULE))
        if base.starts[i] < base.starts[i + 1]
    }
    assert set(fed) == {"cooperation/intelligence", "restraint/conduct"}
    assert (fed["cooperation/intelligence"] == np.flatnonzero(words_of(world, "migrants.stigma"))).all()
    seen = words_of(world, "states.detection") | words_of(world, "channels.sharing")
    assert (fed["restraint/conduct"] == np.flatnonzero(seen)).all()


def test_two_couplings_feed_one_rule_each_number_once(world: World, params: np.ndarray) -> None:
    both = Base.of(world, params, ["grievance", "stocks", "pressure"])
    alone = [Base.of(world, params, [name]) for name in ("grievance", "stocks", "pressure")]
    assert len(both.offsets) == len(set(both.offsets)) == sum(len(base.offsets) for base in alone)


@pytest.mark.parametrize("name", RECEIVERS)
def test_every_receiver_is_fed_at_its_place_in_the_quarter(world: World, params: np.ndarray, name: str) -> None:
    """Recorded, the path holds what it found; held, it saw the path, and this run has its own numbers back."""
    place, scratch = NAMES.index(name), world.record.copy()
    flat, base = flat_view(scratch), Base.of(world, params, COUPLINGS)
    fed = slice(base.starts[place], base.starts[place + 1])
    found, feed = flat[base.offsets[fed]], base.feed(1)
    switches = np.array([int(rule == name) for rule in NAMES])
    feed.path[:] = feed.own[:] = np.nan
    feed.mode[0] = RECORDED
    step(scratch[0], params[0], switches, DICE, NO_LEDGER, flat, feed)
    assert feed.path[0, fed].tobytes() == found.tobytes()
    feed.path[0, fed] = 0.5 * found + 0.1
    feed.mode[0] = HELD
    step(scratch[0], params[0], switches, DICE, NO_LEDGER, flat, feed)
    assert feed.own[fed].tobytes() == flat[base.offsets[fed]].tobytes() == found.tobytes()


def test_a_run_held_by_itself_is_live_bit_for_bit(world: World, params: np.ndarray, plain: np.ndarray) -> None:
    base = Base.of(world, params, COUPLINGS)
    assert len(base.offsets) > len(COUPLINGS)
    assert last_worlds(world, run(world, params, [3, 4], base=base)).tobytes() == plain.tobytes()


def test_what_flows_goes_no_further_through_receivers_that_are_held(
    world: World, params: np.ndarray, stigmatised: np.ndarray, plain: np.ndarray
) -> None:
    own = {"migrants.stigma", "pools.grievance"}
    live = last_worlds(world, run(world, stigmatised, [3, 4]))
    held = last_worlds(world, run(world, stigmatised, [3, 4], base=Base.of(world, params, CUT)))
    assert differing(live, plain) > own
    assert differing(held, plain) == own


def test_the_base_is_run_with_the_switches_of_the_arm(
    world: World, params: np.ndarray, stigmatised: np.ndarray, plain: np.ndarray
) -> None:
    off = switches_for(["restraint/patron_effort"])
    without = last_worlds(world, run(world, params, [3, 4], switches=off))
    held = run(world, stigmatised, [3, 4], switches=off, base=Base.of(world, params, CUT))
    assert differing(last_worlds(world, held), without) == {"migrants.stigma", "pools.grievance"}
    assert differing(without, plain)


def test_replications_do_not_feed_one_another(world: World, params: np.ndarray, stigmatised: np.ndarray) -> None:
    base = Base.of(world, params, COUPLINGS)
    both = run(world, stigmatised, [3, 4], base=base).outcomes
    alone = [run(world, stigmatised, [replication], base=base).outcomes[0] for replication in (3, 4)]
    assert [row.tobytes() for row in both] == [row.tobytes() for row in alone]


@pytest.fixture(scope="module")
def traced(world: World, params: np.ndarray, stigmatised: np.ndarray) -> Trace:
    base = Base.of(world, params, CUT)
    return trace_run(world, stigmatised, switches_for(), SEED, 3, QUARTERS, base)


def test_a_traced_run_is_held_to_the_same_bits(
    world: World, params: np.ndarray, stigmatised: np.ndarray, traced: Trace
) -> None:
    held = run(world, stigmatised, [3], base=Base.of(world, params, CUT))
    assert traced.record.tobytes() == last_worlds(world, held).tobytes()


def test_a_line_rests_on_nothing_of_this_run_that_was_fed(world: World, params: np.ndarray) -> None:
    """Held by itself a run has the same lines; what requests read of leverage stands behind them no longer."""
    base = Base.of(world, params, ["leverage"])
    live, held = (trace_run(world, params, switches_for(), SEED, 3, QUARTERS, b).entries for b in (None, base))
    assert [name for name in live.dtype.names if live[name].tobytes() != held[name].tobytes()] == ["rests_on"]
    requests = live["rule"] == NAMES.index("cooperation/requests")
    behind = [entries["rests_on"][requests] for entries in (live, held)]
    lent = [np.isin(live["rule"][rows[rows >= 0]], LENDING).sum() for rows in behind]
    assert lent[0] > lent[1]
