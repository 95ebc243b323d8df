"""Injects that wait: when they begin, how long they hold, who pays, and what ends them; in a world of four numbers."""

import numpy as np
import pytest

from sim.kernel.conditions import holds, judge
from sim.kernel.trace import cite_conditions
from sim.numerics.ledger import make_ledger
from sim.world.conditions import CONDITION, INJECT, STRATEGY, WITH_LAST
from sim.world.fields import NEVER, NOBODY
from sim.world.records import flat_view

WORLD = np.dtype(
    [
        ("clock", [("quarter", "i8")]),
        ("numbers", "f8", (4,)),
        ("injects", [(f.name, f.kind) for f in INJECT], (5,)),
        ("conditions", [(f.name, f.kind) for f in CONDITION], (4,)),
        ("strategies", [(f.name, f.kind) for f in STRATEGY], (2,)),
    ]
)
ABOVE, BELOW = 1, 0


def made(*conditions: tuple[int, int, float, int], budgets: tuple[int, ...] = ()) -> np.ndarray:
    """Return a world with conditions (number, is above, level, also) and strategies of these budgets."""
    world = np.zeros(1, WORLD)
    for row, (number, is_above, level, also) in enumerate(conditions):
        world["conditions"][0, row] = (1 + number, is_above, level, also)
    world["strategies"]["budget"][0, : len(budgets)] = budgets
    return world


def waiting(world: np.ndarray, row: int, **fields: int) -> None:
    """Write an inject that waits, by default for condition 0 and for four quarters."""
    usual = {
        **{"kind": 1, "start": NEVER, "end": NEVER, "when": 0, "until": NOBODY, "opens": 0, "closes": NEVER},
        **{"lasts": 4, "times": 1, "strategy": NOBODY, "cost": 0},
    }
    for name, value in {**usual, **fields}.items():
        world["injects"][name][0, row] = value


def judged(world: np.ndarray, quarter: int, *numbers: float) -> list[tuple[int, int]]:
    """Return start and end of all injects once the judge has seen these numbers in a quarter."""
    world["clock"]["quarter"] = quarter
    world["numbers"][0, : len(numbers)] = numbers
    judge(world[0], flat_view(world))
    return list(zip(*(world["injects"][name][0].tolist() for name in ("start", "end")), strict=True))


def test_a_chain_holds_where_all_of_it_does() -> None:
    world = made((0, ABOVE, 0.5, NOBODY), (1, BELOW, 0.2, 0))
    for numbers, expected in (((0.6, 0.1), True), ((0.5, 0.1), False), ((0.6, 0.2), False)):
        world["numbers"][0, :2] = numbers
        assert holds(world[0], flat_view(world), 1) == expected
    assert holds(world[0], flat_view(world), NOBODY)


def test_an_inject_begins_in_the_first_quarter_in_which_its_condition_holds() -> None:
    world = made((0, ABOVE, 0.5, NOBODY))
    waiting(world, 0)
    assert judged(world, 3, 0.5)[0] == (NEVER, NEVER)
    assert judged(world, 4, 0.6)[0] == (4, 8)
    assert judged(world, 9, 0.6)[0] == (4, 8), "once"


def test_a_condition_counts_within_its_quarters() -> None:
    world = made((0, ABOVE, 0.5, NOBODY))
    waiting(world, 0, opens=5, closes=7)
    assert judged(world, 4, 0.9)[0] == (NEVER, NEVER)
    assert judged(world.copy(), 7, 0.9)[0] == (NEVER, NEVER)
    assert judged(world, 6, 0.9)[0] == (6, 10)


def test_it_begins_anew_as_often_as_it_says_and_only_once_it_has_ended() -> None:
    world = made((0, ABOVE, 0.5, NOBODY))
    waiting(world, 0, times=2)
    assert judged(world, 4, 0.6)[0] == (4, 8)
    assert judged(world, 6, 0.6)[0] == (4, 8)
    assert judged(world, 8, 0.6)[0] == (8, 12)
    assert judged(world, 12, 0.6)[0] == (8, 12)


@pytest.mark.parametrize("has_date", [False, True])
def test_a_level_ends_when_its_condition_to_end_holds_but_not_in_its_first_quarter(has_date: bool) -> None:
    world = made((0, ABOVE, 0.5, NOBODY), (1, BELOW, 0.2, NOBODY))
    waiting(
        world, 0, until=1, lasts=NEVER, **({"start": 4, "end": NEVER, "times": 0, "when": NOBODY} if has_date else {})
    )
    assert judged(world, 4, 0.6, 0.1)[0] == (4, NEVER)
    assert judged(world, 5, 0.6, 0.3)[0] == (4, NEVER)
    assert judged(world, 6, 0.6, 0.1)[0] == (4, 6)


def test_orders_begin_in_their_order_as_far_as_the_points_of_the_quarter_go() -> None:
    world = made((0, ABOVE, 0.5, NOBODY), budgets=(3, 1))
    for row, (strategy, cost) in enumerate([(0, 2), (0, 2), (0, 1), (1, 1), (NOBODY, 9)]):
        waiting(world, row, strategy=strategy, cost=cost, when=NOBODY if row == 0 else 0)
    starts = [start for start, _ in judged(world, 4, 0.6)]
    assert starts == [4, NEVER, 4, 4, 4]
    assert world["strategies"]["left"][0].tolist() == [0, 0]
    assert [start for start, _ in judged(world.copy(), 5, 0.6)] == [4, 5, 4, 4, 4]
    assert [start for start, _ in judged(world, 5, 0.4)] == [4, NEVER, 4, 4, 4], "it waits for its condition again"


def test_the_rows_of_one_order_are_paid_once_and_begin_together() -> None:
    world = made((0, ABOVE, 0.5, NOBODY), budgets=(2,))
    for row, cost in enumerate([2, 2, WITH_LAST, WITH_LAST]):
        waiting(world, row, strategy=0, cost=cost)
    assert [start for start, _ in judged(world, 4, 0.6)][:4] == [4, NEVER, NEVER, NEVER]
    assert [start for start, _ in judged(world, 5, 0.6)][:4] == [4, 5, 5, 5]
    assert world["strategies"]["left"][0, 0] == 0


def test_a_strategy_without_conditions_is_judged() -> None:
    world = made(budgets=(1,))
    waiting(world, 0, when=NOBODY, strategy=0, cost=1, opens=2)
    assert judged(world, 1)[0] == (NEVER, NEVER)
    assert judged(world, 2)[0] == (2, 6)


@pytest.mark.parametrize("is_known", [True, False])
def test_the_line_of_an_inject_rests_on_what_wrote_the_numbers_that_it_waited_for(is_known: bool) -> None:
    """Of two injects that begin, the second waited for two numbers, last written on lines 3 and 5."""
    world = made((0, ABOVE, 0.5, NOBODY), (1, BELOW, 0.2, 0), (2, BELOW, 0.2, NOBODY))
    waiting(world, 0, when=NOBODY, start=4, end=5)
    waiting(world, 1, start=3, end=9)
    waiting(world, 2, when=1, start=4, end=5)
    world["clock"]["quarter"] = 4
    ledger = make_ledger(12)
    ledger.cursor[0] = 12
    ledger.entries["rests_on"] = NOBODY
    shadow = np.full(flat_view(world).size, NOBODY)
    if is_known:
        shadow[1:4] = (3, 5, 7)
    cite_conditions(world[0], shadow, ledger, 10)
    rests_on = ledger.entries["rests_on"]
    assert rests_on[11][:3].tolist() == ([5, 3, NOBODY] if is_known else [NOBODY] * 3)
    assert (rests_on[:11] == NOBODY).all()


def test_a_world_without_conditions_and_strategies_is_left_as_it_is() -> None:
    world = made()
    waiting(world, 0, when=NOBODY)
    assert judged(world, 4)[0] == (NEVER, NEVER)
