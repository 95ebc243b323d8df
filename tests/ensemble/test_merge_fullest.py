"""Which shards of several folders are joined: those that hold the most runs together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from sim.ensemble.merge import Piece, fullest, missing_shares
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.ensemble.receipts import Failure, Receipt
from sim.ensemble.shares import Share

HOME = Path("home")


def plan_of(arms: int, replications: int) -> Plan:
    planned = tuple(PlannedArm("default", f"s{i}", "free", str(i), is_recorded=False) for i in range(arms))
    return Plan.uniform(planned, replications, 1)


def pieces(folder: str, shards: Sequence[Shard], failed: Sequence[int] = ()) -> list[Piece]:
    """Shards of a folder, of which so many runs failed in each."""
    numbers = [*failed, *[0] * (len(shards) - len(failed))]
    return [
        Piece(Path(folder), Receipt(s, "", "", {}, 0.0, 0.0, "", (Failure(0, "raised", "no"),) * n, made_by={}))
        for s, n in zip(shards, numbers, strict=True)
    ]


def cut(plan: Plan, share: Share | None, shard_runs: int | None = None) -> list[Shard]:
    return plan.missing((), shard_runs, share and share.tiles(plan))


def drawn(random: Random, plan: Plan, of: int) -> dict[str, list[Piece]]:
    """Some folders: shares of so many or of others, or wholes, cut anyhow, a part of them stopped or run for less."""
    found = {}
    for number in range(random.randint(2, 6)):
        shares = random.choice([of, of, 1, 2, 3])
        share = Share(random.randint(1, shares), shares) if shares > 1 else None
        asked = plan if random.random() < 0.6 else plan_of(len(plan.arms), max(1, plan.replications[0] // 2))
        shards = cut(asked, share, random.choice([None, 7, 30, 64]))
        done = shards if random.random() < 0.5 else shards[: random.randint(0, len(shards))]
        found[f"{number}: {share}"] = pieces(f"{number}: {share}", done)
    return found


def n_runs(kept: Sequence[Piece]) -> int:
    """Number of runs that are kept, none of them twice."""
    runs = [(arm, r) for piece in kept for arm in piece.shard.reach for r in piece.shard.replications]
    assert len(runs) == len(set(runs))
    return len(runs)


def families(folders: dict[str, list[Piece]]) -> dict[str, int]:
    """Return how many runs the folders of each number of shares hold, of each share the fullest folder."""
    best: dict[str, int] = {}
    for name, held in folders.items():
        share = name.partition(": ")[2]
        best[share] = max(best.get(share, 0), sum(piece.shard.n_runs for piece in held))
    found: dict[str, int] = {}
    for share, runs in best.items():
        of = share.partition("/")[2]
        found[of] = found.get(of, 0) + runs
    return found


@pytest.mark.parametrize("seed", range(60))
def test_another_folder_never_makes_it_fewer_runs_and_the_best_family_is_reached(seed: int) -> None:
    """Whether joined at once, or one after the other into what is there."""
    random = Random(seed)
    plan = plan_of(random.randint(1, 14), random.randint(1, 160))
    folders = drawn(random, plan, random.randint(2, 5))
    so_far: list[Piece] = []
    home: list[Piece] = []
    brought, there = 0, 0
    for held in folders.values():
        so_far += held
        random.shuffle(so_far)
        more = n_runs(fullest(so_far, HOME))
        assert more >= brought
        brought = more
        home = pieces(str(HOME), [piece.shard for piece in fullest([*home, *held], HOME)])
        assert n_runs(home) >= there
        there = n_runs(home)
    assert brought >= max(families(folders).values())
    assert [piece.folder for piece in fullest([*so_far, *home], HOME)].count(HOME) == len(home) or brought > there


@pytest.mark.parametrize("seed", range(30))
def test_no_other_choice_is_better(seed: int) -> None:
    """The most runs, of equals the fewest failures, of these the most that are there: held against all choices."""
    random = Random(seed)
    offered: list[Piece] = []
    for number in range(10):
        arm, first = random.randrange(4), random.randrange(6)
        shard = Shard(arm, random.randint(1, 4 - arm), first, random.randint(1, 6))
        offered += pieces(random.choice(["home", str(number)]), [shard], [random.choice([0, 0, 1, 2])])

    def worth(kept: Sequence[Piece]) -> tuple[int, int, int]:
        failed = sum(len(piece.receipt.failures) for piece in kept)
        return n_runs(kept), -failed, sum(piece.folder == HOME for piece in kept)

    def fits(kept: Sequence[Piece]) -> bool:
        runs = [(arm, r) for piece in kept for arm in piece.shard.reach for r in piece.shard.replications]
        return len(runs) == len(set(runs))

    choices = (kept for size in range(len(offered) + 1) for kept in combinations(offered, size))
    assert worth(fullest(offered, HOME)) == max(worth(kept) for kept in choices if fits(kept))


@pytest.mark.parametrize(("of", "runs", "part"), [(2, 130, 70), (16, 400, 50), (4, 1000, 250)])
def test_a_part_that_was_run_as_a_whole_does_not_stand_in_the_way_of_shares(of: int, runs: int, part: int) -> None:
    plan = plan_of(6, runs)
    home = pieces("home", cut(plan_of(6, part), None))
    shares = [piece for n in range(1, of + 1) for piece in pieces(str(n), cut(plan, Share(n, of)))]
    assert n_runs(fullest([*home, *shares], HOME)) == plan.n_runs


@pytest.mark.parametrize("seed", range(40))
def test_to_run_the_shares_that_are_named_brings_all_that_is_missing(seed: int) -> None:
    """Whatever else is there; where that is not sure, none is named."""
    random = Random(seed)
    plan, of = plan_of(random.randint(1, 9), random.randint(20, 160)), random.randint(2, 4)
    there = [piece for held in drawn(random, plan, of).values() for piece in held]
    kept = fullest(there, HOME)
    shards = [piece.shard for piece in kept]
    named = missing_shares(plan, shards, of)
    n_missing = plan.n_runs - n_runs(kept)
    assert sum(named.values()) in (0, n_missing)
    assert named or not n_missing or any(len(missing_owners(plan, shard, of)) > 1 for shard in shards)
    for share in named:
        there += pieces(f"made {share}", cut(plan, share, random.choice([None, 11])))
    assert n_runs(fullest(there, HOME)) == (plan.n_runs if named else n_runs(kept))


def missing_owners(plan: Plan, shard: Shard, of: int) -> set[int]:
    """Return which shares the runs of a shard belong to, tile by tile."""
    return {
        number
        for number in range(1, of + 1)
        for tile in Share(number, of).tiles(plan)
        if set(tile.reach) & set(shard.reach) and set(tile.replications) & set(shard.replications)
    }
