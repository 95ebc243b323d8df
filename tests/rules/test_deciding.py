"""Rival theories of deciding: which option is good enough, and what following others is worth."""

import math

import numpy as np
import pytest

from sim.rules.deciding import first_good, follow, is_imitating, is_satisficing
from sim.world.fields import NOBODY


@pytest.mark.parametrize(
    ("theory", "satisficing", "imitating"),
    [(-0.5, False, False), (0.49, False, False), (0.5, True, False), (1.49, True, False), (1.5, False, True)],
)
def test_each_code_stands_for_one_theory(theory, satisficing, imitating):
    assert (is_satisficing(theory), is_imitating(theory)) == (satisficing, imitating)


UTILITY = np.array([0.9, 0.2, 0.5, -math.inf, 3.0])


def test_the_first_that_is_good_enough_is_taken_and_not_the_best():
    # Looked at in the order 3, 1, 2, 0, 4: option 3 cannot be had, 1 falls short, 2 reaches 0.5.
    turn = np.array([2.0, 4.0, 3.0, 5.0, 1.0])
    best, lead = first_good(UTILITY, turn, 5, 0.5)
    assert (best, lead) == (2, 0.0)
    assert first_good(UTILITY, turn, 5, 0.6) == (0, pytest.approx(0.3))
    assert first_good(UTILITY, -turn, 5, 0.5) == (4, 2.5), "the other way round the best comes first"


def test_options_behind_the_first_n_do_not_count():
    assert first_good(UTILITY, np.zeros(5), 3, 1.0) == (NOBODY, pytest.approx(0.1))


def test_where_nothing_is_good_enough_nothing_is_taken():
    best, lacking = first_good(UTILITY, np.zeros(5), 5, 4.0)
    assert (best, lacking) == (NOBODY, 1.0)
    assert first_good(np.full(2, -math.inf), np.zeros(2), 2, 0.0) == (NOBODY, math.inf)


def test_following_is_worth_the_share_of_what_others_took():
    # 1 + 3 + 0 were taken: shares 0.25, 0.75 and 0 of a weight of 4; what cannot be had stays so.
    utility = np.array([9.0, -math.inf, 9.0, 7.0])
    follow(np.array([1.0, 3.0, 0.0, 50.0]), 3, 4.0, utility)
    assert utility.tolist() == [1.0, -math.inf, 0.0, 7.0]


def test_where_others_took_nothing_all_is_alike():
    utility = np.array([9.0, -math.inf, 2.0])
    follow(np.zeros(3), 3, 4.0, utility)
    assert utility.tolist() == [0.0, -math.inf, 0.0]
