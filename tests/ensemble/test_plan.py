from __future__ import annotations

import numpy as np
import pytest

from sim.ensemble.plan import SHARD_RUNS, Plan, PlannedArm, Shard

ARMS = (PlannedArm("default", "a", "replay", "1"), PlannedArm("default", "b", "replay", "2"))


def held(shards: list[Shard], arm: int) -> list[int]:
    return sorted(int(r) for shard in shards if shard.arm == arm for r in shard.replications)


def test_every_replication_of_every_arm_is_in_exactly_one_shard() -> None:
    shards = Plan(ARMS, 250, 1).missing([])
    assert held(shards, 0) == held(shards, 1) == list(range(250))
    assert sorted(shard.number for shard in shards) == list(range(6))
    assert max(shard.count for shard in shards) == SHARD_RUNS


def test_a_grown_plan_keeps_what_is_there_and_adds_the_rest() -> None:
    small, large = Plan(ARMS, 150, 1), Plan(ARMS, 330, 1)
    kept = small.missing([])
    added = large.missing(kept)
    assert {s.number for s in kept}.isdisjoint(s.number for s in added)
    assert held([*kept, *added], 0) == list(range(330))
    assert held(added, 0) == list(range(150, 330))


def test_a_hole_is_filled_under_its_old_number() -> None:
    plan = Plan(ARMS, 300, 1)
    shards = plan.missing([])
    lost = shards[3]
    assert plan.missing([s for s in shards if s != lost]) == [lost]


def test_a_shrunken_plan_needs_nothing_new_and_leaves_out_whole_shards_beyond_it() -> None:
    shards = Plan(ARMS, 300, 1).missing([])
    small = Plan(ARMS, 120, 1)
    assert small.missing(shards) == []
    assert held(small.wanted(shards), 1) == list(range(200))


def test_run_numbers_are_unique_and_stay_when_the_plan_grows() -> None:
    small, large = Plan(ARMS, 5, 1), Plan(ARMS, 9, 1)
    numbers = np.concatenate([keys.runs for keys in large.all_keys()])
    assert sorted(numbers) == list(range(18))
    for before, after in zip(small.all_keys(), large.all_keys(), strict=True):
        np.testing.assert_array_equal(before.runs, after.runs[:5])


@pytest.mark.parametrize(
    "other",
    [
        Plan((PlannedArm("default", "a", "replay", "changed"), ARMS[1]), 250, 1),
        Plan((PlannedArm("default", "a", "free", "1"), ARMS[1]), 250, 1),
        Plan(ARMS, 250, 2),
        Plan(ARMS[:1], 250, 1),
    ],
)
def test_the_hash_of_a_shards_rows_covers_arm_content_seed_and_number_of_arms(other: Plan) -> None:
    shard = Shard(0, 0, 0, 100)
    assert Plan(ARMS, 250, 1).rows_hash(shard) != other.rows_hash(shard)


def test_the_hash_of_a_shards_rows_does_not_depend_on_how_far_the_plan_is_grown() -> None:
    shard = Shard(0, 0, 0, 100)
    assert Plan(ARMS, 250, 1).rows_hash(shard) == Plan(ARMS, 900, 1).rows_hash(shard)
