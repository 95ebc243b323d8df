from __future__ import annotations

from collections import Counter
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.configuration import compose
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.shares import TILE_RUNS, Share, _step, dealt
from sim.errors import InputError


def plan_of(arms: int, replications: int) -> Plan:
    planned = tuple(PlannedArm("default", f"s{i}", "free", str(i), is_recorded=i < 7) for i in range(arms))
    return Plan.uniform(planned, replications, 1)


def cut(plan: Plan, number: int, of: int, shard_runs: int | None = None, kept: tuple[Shard, ...] = ()) -> list[Shard]:
    return plan.missing(kept, shard_runs, Share(number, of).tiles(plan))


def numbers(plan: Plan, shards: list[Shard]) -> Counter[int]:
    return Counter(int(run) for shard in shards for run in plan.keys(shard).runs)


@settings(max_examples=40)
@given(arms=st.integers(1, 130), replications=st.integers(1, 220), of=st.integers(1, 9), runs=st.integers(5, 120))
def test_every_run_is_in_exactly_one_share(arms: int, replications: int, of: int, runs: int) -> None:
    plan = plan_of(arms, replications)
    found = [shard for number in range(1, of + 1) for shard in cut(plan, number, of, runs)]
    everything = Counter(int(run) for keys in plan.all_keys() for run in keys.runs)
    assert numbers(plan, found) == everything
    assert max(shard.n_runs for shard in found) <= runs


@settings(max_examples=40)
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


@settings(max_examples=40)
@given(arms=st.integers(1, 130), replications=st.integers(1, 220), of=st.integers(1, 9), own=st.integers(1, 9))
def test_runs_are_counted_for_the_share_that_would_run_them(arms: int, replications: int, of: int, own: int) -> None:
    plan, own = plan_of(arms, replications), min(own, of)
    kept = cut(plan, own, of)[::2]
    left = {Share(n, of): cut(plan, n, of, kept=tuple(kept)) for n in range(1, of + 1)}
    expected = {share: sum(shard.n_runs for shard in shards) for share, shards in left.items() if shards}
    assert dealt(plan.missing(kept), of) == expected


def test_the_shares_of_many_runs_are_told_at_once() -> None:
    plan = plan_of(10_000, 100)
    begun = process_time()
    found = dealt(plan.missing([]), 1000)
    assert process_time() - begun < 5
    assert len(found) == 1000
    assert sum(found.values()) == 1_000_000


@pytest.mark.parametrize(("arms", "replications", "of"), [(6, 20_000, 16), (2000, 100, 8), (100_000, 1, 16)])
def test_shares_of_a_large_plan_are_alike_and_of_full_shards(arms: int, replications: int, of: int) -> None:
    plan = plan_of(arms, replications)
    shares = [cut(plan, number, of, TILE_RUNS) for number in (1, of // 2, of)]
    for shards in shares:
        runs = sum(shard.n_runs for shard in shards)
        assert runs == pytest.approx(plan.n_runs / of, rel=0.02)
        assert runs / len(shards) > 40


@pytest.mark.parametrize(
    ("arms", "replications", "of"),
    [(2, 340, 3), (4, 170, 3), (34, 20, 3), (680, 1, 3), (1, 300, 3), (300, 1, 3), (6, 34, 2), (28, 100, 16)],
)
def test_shares_of_a_plan_of_a_hundred_runs_a_share_are_alike(arms: int, replications: int, of: int) -> None:
    plan = plan_of(arms, replications)
    sizes = [sum(shard.n_runs for shard in cut(plan, number, of)) for number in range(1, of + 1)]
    assert sizes == [pytest.approx(plan.n_runs / of, rel=0.1)] * of


def test_shares_are_alike_whatever_the_shape_of_the_plan() -> None:
    """Over many shapes nine in ten are within a tenth, and none is further off than a third."""
    worst = []
    for of in (2, 3, 4, 7, 16):
        for arms in (1, 2, 3, 5, 9, 14, 33, 80, 150, 400):
            plan = plan_of(arms, -(-130 * of // arms))
            sizes = [sum(shard.n_runs for shard in cut(plan, number, of)) for number in range(1, of + 1)]
            worst.append(max(abs(size * of / plan.n_runs - 1) for size in sizes))
    worst.sort()
    assert worst[9 * len(worst) // 10] < 0.1
    assert worst[-1] < 1 / 3


@given(of=st.integers(1, 2000))
def test_a_row_is_shifted_by_a_number_that_reaches_every_share(of: int) -> None:
    assert len({_step(of) * row % of for row in range(of)}) == of


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
