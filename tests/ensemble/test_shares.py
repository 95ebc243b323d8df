from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.configuration import compose
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.shares import TILE_RUNS, Share
from sim.errors import InputError


def plan_of(arms: int, replications: int) -> Plan:
    planned = tuple(PlannedArm("default", f"s{i}", "free", str(i), is_recorded=i < 7) for i in range(arms))
    return Plan.uniform(planned, replications, 1)


def cut(plan: Plan, number: int, of: int, shard_runs: int | None = None, kept: tuple[Shard, ...] = ()) -> list[Shard]:
    return plan.missing(kept, shard_runs, Share(number, of).tiles(plan))


def numbers(plan: Plan, shards: list[Shard]) -> Counter[int]:
    return Counter(int(run) for shard in shards for run in plan.keys(shard).runs)


@settings(deadline=None, max_examples=40)
@given(arms=st.integers(1, 130), replications=st.integers(1, 220), of=st.integers(1, 9), runs=st.integers(5, 120))
def test_every_run_is_in_exactly_one_share(arms: int, replications: int, of: int, runs: int) -> None:
    plan = plan_of(arms, replications)
    found = [shard for number in range(1, of + 1) for shard in cut(plan, number, of, runs)]
    everything = Counter(int(run) for keys in plan.all_keys() for run in keys.runs)
    assert numbers(plan, found) == everything
    assert max(shard.n_runs for shard in found) <= runs


@settings(deadline=None, max_examples=40)
@given(
    small=st.tuples(st.integers(1, 60), st.integers(1, 150)),
    more=st.tuples(st.integers(0, 60), st.integers(0, 150)),
    of=st.integers(2, 7),
    runs=st.integers(5, 120),
)
def test_a_run_stays_in_its_share_however_the_plan_grows_and_is_cut(
    small: tuple[int, int], more: tuple[int, int], of: int, runs: int
) -> None:
    before, after = plan_of(*small), plan_of(small[0] + more[0], small[1] + more[1])
    held = cut(before, 2, of, runs)
    grown = [*held, *cut(after, 2, of, None, tuple(held))]
    assert numbers(after, grown) == numbers(after, cut(after, 2, of))


@pytest.mark.parametrize(("arms", "replications", "of"), [(6, 20_000, 16), (2000, 100, 8), (100_000, 1, 16)])
def test_shares_of_a_large_plan_are_alike_and_of_full_shards(arms: int, replications: int, of: int) -> None:
    plan = plan_of(arms, replications)
    shares = [cut(plan, number, of, TILE_RUNS) for number in (1, of // 2, of)]
    for shards in shares:
        runs = sum(shard.n_runs for shard in shards)
        assert runs == pytest.approx(plan.n_runs / of, rel=0.02)
        assert runs / len(shards) > TILE_RUNS / 4


def test_a_share_is_named_so_that_its_folders_stand_in_order() -> None:
    assert [Share(n, 16).label for n in (3, 16)] == ["share-03-of-16", "share-16-of-16"]
    assert str(Share.parse("3/16")) == "3/16"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("17/16", "shard: '17/16': the shares of 16 are 1/16 to 16/16."),
        ("0/4", "shard: '0/4': the shares of 4 are 1/4 to 4/4."),
        ("1/0", "shard: there are no shares in '1/0'"),
        ("3", "shard: write it as 3/16, the third of sixteen shares, not 3"),
        ("a/4", "shard: write it as 3/16"),
        ("-1/4", "shard: write it as 3/16"),
    ],
)
def test_a_share_that_there_is_not_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        compose([f"shard={text}"])
    assert str(refused.value).startswith(words)


def test_shares_and_precision_are_not_had_together() -> None:
    from sim.configuration import validated

    content = compose(["shard=1/2"]).model_dump(mode="json")
    assert validated(dict(content)).shard == "1/2"
    with pytest.raises(InputError, match="cannot be had in shares"):
        validated({**content, "precision": {"returned.KAZ": 0.5}})
