"""Operations on an installed base: shares stay shares, and no base comes from nowhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.world.cells import home_share, install, remove

N_SLOTS = 4
CELL = np.dtype([("penetration", "f8"), ("share", "f8", (N_SLOTS,))])
unit = st.floats(0.0, 1.0)
slots = st.integers(0, N_SLOTS - 1)


@st.composite
def cells(draw: st.DrawFn) -> np.ndarray:
    """Draw a cell, shape (1,): either empty, or with shares that sum to one."""
    cell = np.zeros(1, CELL)
    weights = np.array(draw(st.lists(st.integers(0, 100), min_size=N_SLOTS, max_size=N_SLOTS)), float)
    if weights.sum() > 0.0:
        cell["share"] = weights / weights.sum()
        cell["penetration"] = draw(st.floats(1e-6, 1.0))
    return cell


def made(penetration: float, *shares: float) -> np.ndarray:
    cell = np.zeros(1, CELL)
    cell["penetration"], cell["share"] = penetration, shares
    return cell


def bases(cell: np.ndarray) -> np.ndarray:
    return (cell["penetration"][:, None] * cell["share"])[0]


def assert_shares(cell: np.ndarray) -> None:
    assert 0.0 <= cell["penetration"][0] <= 1.0
    assert (cell["share"] >= -1e-12).all()
    assert (cell["share"] <= 1.0 + 1e-12).all()
    if cell["penetration"][0] > 0.0:
        assert cell["share"].sum() == pytest.approx(1.0, abs=1e-9)


def test_install_by_hand() -> None:
    """0.4 of 0.5/0.5 is built up by 0.1 while a quarter of the old is replaced: bases 0.15, 0.15, 0.2."""
    cell = made(0.4, 0.5, 0.5, 0.0, 0.0)
    install(cell[0], 2, 0.1, 0.25)
    assert cell["penetration"][0] == pytest.approx(0.5)
    assert bases(cell) == pytest.approx([0.15, 0.15, 0.2, 0.0])


def test_remove_by_hand() -> None:
    cell = made(0.4, 0.5, 0.25, 0.25, 0.0)
    assert remove(cell[0], 0, 0.5) == pytest.approx(0.1)
    assert cell["penetration"][0] == pytest.approx(0.3)
    assert bases(cell) == pytest.approx([0.1, 0.1, 0.1, 0.0])


def test_the_only_seller_taken_out_leaves_an_empty_cell() -> None:
    cell = made(0.4, 0.0, 1.0, 0.0, 0.0)
    assert remove(cell[0], 1, 1.0) == pytest.approx(0.4)
    assert cell["penetration"][0] == 0.0
    assert not cell["share"].any()


def test_nothing_built_in_an_empty_cell_changes_nothing() -> None:
    cell = made(0.0, 0.0, 0.0, 0.0, 0.0)
    install(cell[0], 0, 0.0, 1.0)
    assert cell == made(0.0, 0.0, 0.0, 0.0, 0.0)


@given(cells(), slots, unit, unit)
def test_install_conserves_what_is_not_replaced(cell: np.ndarray, slot: int, build: float, turnover: float) -> None:
    before, old = bases(cell), float(cell["penetration"][0])
    install(cell[0], slot, build, turnover)
    assert_shares(cell)
    assert cell["penetration"][0] == pytest.approx(min(1.0, old + build))
    others = np.arange(N_SLOTS) != slot
    assert bases(cell)[others] == pytest.approx(before[others] * (1.0 - turnover), abs=1e-12)


@given(cells(), slots, unit)
def test_remove_takes_from_one_base_only(cell: np.ndarray, slot: int, fraction: float) -> None:
    before = bases(cell)
    taken = remove(cell[0], slot, fraction)
    assert_shares(cell)
    assert taken == pytest.approx(before[slot] * fraction, abs=1e-12)
    before[slot] -= taken
    assert bases(cell) == pytest.approx(before, abs=1e-9)


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.3, 0.6])
def test_taking_out_bit_by_bit_adds_up_no_rounding_errors(fraction: float) -> None:
    """A ban takes out its share every quarter for decades; the cell may have held other sellers before."""
    cell = made(0.9, 1.0 - 3e-16, 0.0, 0.0, 0.0)
    while cell["penetration"][0] > 1e-10:
        remove(cell[0], 0, fraction)
        assert_shares(cell)


@given(cells(), st.lists(st.tuples(slots, unit, unit, st.booleans()), max_size=30))
@example(made(0.99320862, 3 / 121, 75 / 121, 42 / 121, 1 / 121), [(0, 1.0, 0.0, True), (0, 0.0, 0.0, False)])
def test_shares_stay_shares_whatever_follows(cell: np.ndarray, acts: list[tuple[int, float, float, bool]]) -> None:
    for slot, one, other, is_built in acts:
        if is_built:
            install(cell[0], slot, one, other)
        else:
            remove(cell[0], slot, one)
        assert_shares(cell)


def test_the_share_of_a_home_is_that_of_all_its_sellers() -> None:
    sector = np.zeros(1, [("n_sellers", "i8"), ("seller_home", "i8", (N_SLOTS,))])
    sector["n_sellers"], sector["seller_home"] = 3, [1, 0, 1, -1]
    cell = made(0.5, 0.2, 0.3, 0.5, 0.0).reshape(1, 1)
    assert home_share(cell, sector, 0, 0, 1) == pytest.approx(0.7)
    assert home_share(cell, sector, 0, 0, 0) == pytest.approx(0.3)
    assert home_share(cell, sector, 0, 0, 5) == 0.0
