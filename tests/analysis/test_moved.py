"""What moved between values as they were kept and as they come out today."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from sim.analysis.moved import SAMPLED, Group, Tally, differ, sampled

HERE = Group("default", "baseline", "replay")
NAN = float("nan")


def test_bits_count_where_the_machine_is_the_same_and_a_tolerance_elsewhere() -> None:
    before = np.array([1.0, 1.0, NAN, 0.0, NAN])
    now = np.array([1.0 + 1e-15, 1.1, NAN, -0.0, 1.0])
    assert differ(before, now, is_exact=True).tolist() == [True, True, False, False, True]
    assert differ(before, now, is_exact=False).tolist() == [False, True, False, False, True]


def tally(before: list[list[float]], now: list[list[float]], first: int = 0) -> Tally:
    found = Tally(("a", "b"))
    was, comes = np.array(before), np.array(now)
    found.add(HERE, np.arange(first, first + len(before)), was, comes, differ(was, comes, is_exact=True))
    return found


def test_what_moved_is_told_with_means_shift_and_the_first_run() -> None:
    before = [[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0]]
    now = [[1.0, 5.0], [2.5, 5.0], [3.5, 5.0], [4.0, 5.0]]
    found = tally(before, now, first=10)
    assert (found.runs, found.differing) == (4, 2)
    (row,) = found.moved(found)
    assert (row["outcome"], row["scenario"], row["runs"], row["compared"]) == ("a", "baseline", 2, 4)
    assert (row["mean_was"], row["mean_now"], row["first_run"]) == (2.5, 2.75, 11)
    assert row["shift_in_sd"] == pytest.approx(0.25 / np.std([1, 2, 3, 4]))


def test_the_largest_shift_comes_first_and_before_it_what_has_no_spread() -> None:
    found = tally([[1.0, 5.0], [2.0, 5.0]], [[1.1, 6.0], [2.0, 5.0]])
    assert [(row["outcome"], row["shift_in_sd"] is None) for row in found.moved(found)] == [("b", True), ("a", False)]


def test_the_spread_is_that_of_all_runs_kept_and_not_of_the_few_compared() -> None:
    kept = tally([[0.0, 0.0], [4.0, 0.0]], [[0.0, 0.0], [4.0, 0.0]])
    (row,) = tally([[0.0, 0.0]], [[1.0, 0.0]]).moved(kept)
    assert row["shift_in_sd"] == pytest.approx(0.5)


def test_a_date_that_came_or_went_is_a_difference_and_means_leave_it_out() -> None:
    found = tally([[NAN, 0.0], [2000.0, 0.0]], [[2010.0, 0.0], [2000.0, 0.0]])
    (row,) = found.moved(found)
    assert (row["runs"], row["values_was"], row["values_now"]) == (1, 1, 2)
    assert (row["mean_was"], row["mean_now"]) == (2000.0, 2005.0)
    (gone,) = tally([[2000.0, 0.0]], [[NAN, 0.0]]).moved(found)
    assert (gone["mean_now"], gone["shift_in_sd"]) == (None, None)


def test_a_tally_takes_as_much_memory_for_many_runs_as_for_few() -> None:
    found, values = Tally(("a", "b")), np.zeros((100, 2))
    sizes = []
    for step in range(50):
        runs = np.arange(100 * step, 100 * (step + 1))
        found.add(HERE, runs, values, values + 1.0, np.ones((100, 2), np.bool_))
        sizes.append(len(pickle.dumps(found)))
    assert found.differing == found.runs == 5000
    assert sizes[-1] - sizes[0] < 50


def test_groups_are_told_apart_and_points_of_a_design_are_one() -> None:
    found = Tally(("a",))
    for point, runs in (("default", [0]), (SAMPLED, [100]), (SAMPLED, [200])):
        group = Group(point, "baseline", "replay")
        found.add(group, np.array(runs), np.array([[1.0]]), np.array([[2.0]]), np.array([[True]]))
    assert {(row["point"], row["compared"]) for row in found.moved(found)} == {("default", 1), (SAMPLED, 2)}


def test_a_sample_has_a_run_of_every_arm_spread_over_its_replications() -> None:
    found = sampled([20, 20, 0, 100], 0.05, 0)
    assert {arm: len(runs) for arm, runs in found.items()} == {0: 1, 1: 1, 3: 5}
    assert [int(run) // 20 for run in found[3]] == [0, 1, 2, 3, 4]


def test_a_sample_is_all_or_none_where_that_is_asked() -> None:
    assert {arm: runs.tolist() for arm, runs in sampled([2, 3], 1.0, 0).items()} == {0: [0, 1], 1: [0, 1, 2]}
    assert sampled([2, 3], 0.0, 0) == {}


def test_of_very_many_arms_a_spread_sample_is_drawn() -> None:
    few = sampled([1] * 10_000, 0.001, 0)
    assert len(few) == 200
    assert max(np.diff(sorted(few))) < 100
    assert len(sampled([1] * 10_000, 0.1, 0)) == 1000
    assert set(few) == set(sampled([1] * 10_000, 0.001, 0)) != set(sampled([1] * 10_000, 0.001, 1))
