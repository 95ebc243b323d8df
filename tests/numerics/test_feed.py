"""Numbers fed to a rule: kept where a run is recorded; in a held run put in before the rule and taken out after it."""

from __future__ import annotations

import numpy as np

from sim.numerics.feed import HELD, OPEN, RECORDED, Feed, begins, ends


def feed_of(mode: int) -> Feed:
    """Rule 0 is fed nothing, rule 1 the numbers at 2 and 0."""
    starts, offsets = np.array([0, 0, 2]), np.array([2, 0])
    return Feed(starts, offsets, np.zeros((3, 2)), np.zeros(2), np.full(1, mode))


def test_a_recorded_run_keeps_what_the_rule_found_in_its_quarter() -> None:
    feed, flat = feed_of(RECORDED), np.array([1.0, 2.0, 3.0])
    begins(1, 2, flat, feed)
    assert flat.tolist() == [1.0, 2.0, 3.0]
    flat[2] = 9.0
    ends(1, flat, feed)
    assert flat.tolist() == [1.0, 2.0, 9.0]
    assert feed.path.tolist() == [[0.0, 0.0], [0.0, 0.0], [3.0, 1.0]]


def test_a_held_run_sees_the_other_run_and_keeps_its_own_numbers() -> None:
    feed, flat = feed_of(HELD), np.array([1.0, 2.0, 3.0])
    feed.path[1] = (30.0, 10.0)
    begins(1, 1, flat, feed)
    assert flat.tolist() == [10.0, 2.0, 30.0]
    flat[1] = 7.0
    ends(1, flat, feed)
    assert flat.tolist() == [1.0, 7.0, 3.0]


def test_bits_that_are_no_number_pass_through_unchanged() -> None:
    feed, flat = feed_of(HELD), np.array([-1, 2, -7], np.int64).view(np.float64)
    feed.path.view(np.int64)[0] = (-9, -5)
    begins(1, 0, flat, feed)
    assert flat.view(np.int64).tolist() == [-5, 2, -9]
    ends(1, flat, feed)
    assert flat.view(np.int64).tolist() == [-1, 2, -7]


def test_other_rules_and_an_open_feed_change_nothing() -> None:
    flat = np.array([1.0, 2.0, 3.0])
    for rule, feed in ((0, feed_of(HELD)), (1, feed_of(OPEN))):
        begins(rule, 0, flat, feed)
        assert flat.tolist() == [1.0, 2.0, 3.0]
        assert not feed.path.any()
        ends(rule, flat, feed)
        assert flat.tolist() == [1.0, 2.0, 3.0]
