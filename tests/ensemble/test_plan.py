from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ensemble.plan import LARGEST, NO_SLOT, SHARD_RUNS, Plan, PlannedArm, Shard
from sim.results.schema import CHUNK_RUNS, MOST_RUNS

ARMS = (PlannedArm("default", "a", "replay", "1"), PlannedArm("default", "b", "replay", "2"))


def many(n: int, recorded: int = 0) -> tuple[PlannedArm, ...]:
    return tuple(PlannedArm(f"p{i}", "a", "free", str(i), is_recorded=i < recorded) for i in range(n))


def held(shards: list[Shard], arm: int) -> list[int]:
    return sorted(int(r) for shard in shards if arm in shard.reach for r in shard.replications)


def runs_of(plan: Plan, shards: list[Shard]) -> Counter[int]:
    return Counter(int(run) for shard in shards for run in plan.keys(shard).runs)


def test_every_replication_of_every_arm_is_in_exactly_one_shard() -> None:
    shards = Plan.uniform(ARMS, 250, 1).missing([])
    assert held(shards, 0) == held(shards, 1) == list(range(250))
    assert len({shard.name for shard in shards}) == 6
    assert sorted(shard.slot for shard in shards) == list(range(6))
    assert max(shard.n_runs for shard in shards) == SHARD_RUNS


def test_few_replications_of_many_arms_share_a_shard() -> None:
    plan = Plan.uniform(many(95), 3, 1)
    shards = plan.missing([])
    assert [shard.arms for shard in shards] == [33, 33, 29]
    assert {shard.slot for shard in shards} == {NO_SLOT}
    assert len(plan.missing([], shard_runs=30)) == 10


def test_large_plans_get_larger_shards_up_to_a_limit() -> None:
    assert Plan.uniform(many(1), 400_000, 1).missing([])[0].count == 200
    assert Plan.uniform(many(1), 9_000_000, 1).missing([])[0].count == LARGEST
    assert Plan.uniform(many(1, recorded=1), 400_000, 1).missing([])[0].count == CHUNK_RUNS


@given(
    steps=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 40), st.integers(1, 25)), min_size=1, max_size=4),
    recorded=st.integers(0, 6),
)
def test_however_a_plan_grows_every_run_is_in_exactly_one_shard(
    steps: list[tuple[int, int, int]], recorded: int
) -> None:
    """Points and replications are added in steps, each with another size of shards."""
    kept: list[Shard] = []
    arms = replications = 0
    for more_arms, more_replications, shard_runs in steps:
        arms, replications = max(arms, more_arms), max(replications, more_replications)
        plan = Plan.uniform(many(arms, recorded), replications, 1)
        added = plan.missing(kept, shard_runs)
        assert all(shard.n_runs <= shard_runs for shard in added)
        assert all(len({plan.arms[arm].is_recorded for arm in shard.reach}) == 1 for shard in added)
        kept += added
        slots = [shard.slot for shard in kept if shard.slot != NO_SLOT]
        assert len(slots) == len(set(slots))
    wanted = {MOST_RUNS * arm + r for arm in range(arms) for r in range(replications)}
    assert runs_of(plan, kept) == Counter(wanted)
    assert plan.missing(kept) == []


def test_arms_may_have_numbers_of_replications_of_their_own() -> None:
    plan = Plan(ARMS, (30, 70), 1)
    shards = plan.missing([], 40)
    assert held(shards, 0) == list(range(30))
    assert held(shards, 1) == list(range(70))
    assert plan.n_runs == 100


def test_a_hole_is_filled_as_it_was() -> None:
    plan = Plan.uniform(ARMS, 300, 1)
    shards = plan.missing([])
    lost = shards[3]
    assert plan.missing([s for s in shards if s != lost]) == [lost]


def test_a_shrunken_plan_needs_nothing_new_and_leaves_out_whole_shards_beyond_it() -> None:
    shards = Plan.uniform(ARMS, 300, 1).missing([])
    small = Plan.uniform(ARMS, 120, 1)
    assert small.missing(shards) == []
    assert held(small.wanted(shards), 1) == list(range(200))


def test_run_numbers_are_unique_and_stay_when_points_and_replications_are_added() -> None:
    small, large = Plan.uniform(many(3), 5, 1), Plan.uniform(many(5), 9, 1)
    numbers = np.concatenate([keys.runs for keys in large.all_keys()])
    assert len(set(numbers)) == 45
    assert numbers[9] == MOST_RUNS
    for arm in range(3):
        before, after = small.keys(Shard(arm, 1, 0, 5)), large.keys(Shard(arm, 1, 0, 9))
        np.testing.assert_array_equal(before.runs, after.runs[:5])


@pytest.mark.parametrize(
    "other",
    [
        Plan.uniform((PlannedArm("default", "a", "replay", "changed"), ARMS[1]), 250, 1),
        Plan.uniform((PlannedArm("default", "a", "free", "1"), ARMS[1]), 250, 1),
        Plan.uniform(ARMS, 250, 2),
        Plan.uniform(ARMS[::-1], 250, 1),
    ],
)
def test_the_hash_of_a_shards_rows_covers_arm_content_and_seed(other: Plan) -> None:
    shard = Shard(0, 1, 0, 100)
    assert Plan.uniform(ARMS, 250, 1).rows_hash(shard) != other.rows_hash(shard)


def test_the_hash_of_a_shards_rows_does_not_depend_on_how_far_the_plan_is_grown() -> None:
    shard = Shard(0, 2, 0, 100)
    grown = Plan.uniform((*ARMS, PlannedArm("p1", "a", "replay", "3")), 900, 1)
    assert Plan.uniform(ARMS, 250, 1).rows_hash(shard) == grown.rows_hash(shard)


def test_slots_are_the_lowest_that_are_free_wherever_shards_come_from() -> None:
    plan = Plan.uniform((*many(2, recorded=1),), 100, 1)
    kept = [Shard(0, 1, 0, 10, slot=1), Shard(1, 1, 0, 10)]
    come = [Shard(0, 1, 10, 10, slot=7), Shard(1, 1, 10, 10), Shard(0, 1, 20, 10, slot=1), Shard(0, 1, 30, 10)]
    assert [shard.slot for shard in plan.slotted(come, kept)] == [0, NO_SLOT, 2, 3]
    assert [shard.slot for shard in plan.missing(kept, 45) if shard.arm == 0] == [0, 2]
