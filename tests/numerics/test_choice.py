"""Discrete choice: inclusive values by hand, limits, and frequencies of addressed choices against the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from sim.numerics.choice import best_two, inclusive_value, logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stable_id, stream, throw_dice

NOT_OFFERED = -math.inf
NESTS, OPTIONS = stream("tests/choice/nests"), stream("tests/choice/options")

UTILITY = np.array([0.4, -0.3, 1.1, 0.2, NOT_OFFERED, -0.8])
NEST = np.array([0, 0, 1, 2, 1, 2])
NONE = 0.5
"""Utility of choosing nothing, a nest of its own."""

finite = st.floats(-20.0, 20.0)


def test_inclusive_value_by_hand() -> None:
    """Two options of utility ln 4 and 0 at λ = 0.5: I = ln[(16 + 1)/2]."""
    utility, nest = np.array([math.log(4.0), 0.0, 9.0]), np.array([3, 3, 1])
    assert inclusive_value(utility, nest, 3, 3, 0.5) == pytest.approx(math.log(8.5))
    assert inclusive_value(utility, nest, 1, 3, 0.5) == pytest.approx(18.0)


def test_options_not_offered_and_options_past_n_do_not_count() -> None:
    utility, nest = np.array([1.0, NOT_OFFERED, 1.0, 5.0]), np.array([0, 0, 0, 0])
    assert inclusive_value(utility, nest, 0, 3, 0.7) == pytest.approx(1.0 / 0.7)


def test_an_empty_nest_is_worth_nothing() -> None:
    utility, nest = np.array([1.0, NOT_OFFERED]), np.array([0, 1])
    assert inclusive_value(utility, nest, 1, 2, 0.7) == -math.inf
    assert inclusive_value(utility, nest, 5, 2, 0.7) == -math.inf
    assert inclusive_value(utility, nest, 0, 0, 0.7) == -math.inf


@given(finite, st.integers(1, 12), st.floats(0.05, 1.0))
def test_more_options_of_the_same_utility_add_no_weight(utility: float, n: int, scale: float) -> None:
    found = inclusive_value(np.full(n, utility), np.zeros(n, np.int64), 0, n, scale)
    assert scale * found == pytest.approx(utility, abs=1e-9)


@given(st.lists(finite, min_size=1, max_size=8), st.floats(0.05, 1.0), st.floats(-5.0, 5.0))
def test_inclusive_value_lies_between_mean_and_best_and_shifts_with_utility(
    utilities: list[float], scale: float, shift: float
) -> None:
    utility, nest = np.array(utilities), np.zeros(len(utilities), np.int64)
    worth = scale * inclusive_value(utility, nest, 0, len(utility), scale)
    assert utility.mean() - 1e-9 <= worth <= utility.max() + 1e-9
    assert scale * inclusive_value(utility + shift, nest, 0, len(utility), scale) == pytest.approx(
        worth + shift, abs=1e-9
    )


def test_huge_utilities_do_not_overflow() -> None:
    utility, nest = np.array([1000.0, 999.0]), np.zeros(2, np.int64)
    assert inclusive_value(utility, nest, 0, 2, 0.1) == pytest.approx(10000.0 - math.log(2.0), abs=1e-3)


def closed_form(scale: float) -> np.ndarray:
    """Return the probability of every option (6,) and last that of none: P(nest) · P(option | nest)."""
    p = np.zeros(len(UTILITY) + 1)
    worth = np.full(4, NONE)
    for nest in range(3):
        inside = UTILITY[(nest == NEST) & (UTILITY > NOT_OFFERED)]
        worth[nest] = scale * (special.logsumexp(inside / scale) - math.log(len(inside)))
    p_nest = special.softmax(worth)
    for nest in range(3):
        members = nest == NEST
        p[:-1][members] = p_nest[nest] * special.softmax(UTILITY[members] / scale)
    p[-1] = p_nest[3]
    return p


@compiled
def _choose_often(utility, nest, none, scale, dice, nests, options, ids, counts):
    n = utility.shape[0]
    for i in range(ids.shape[0]):
        value = np.empty(4)
        for h in range(3):
            value[h] = scale * inclusive_value(utility, nest, h, n, scale)
            value[h] += gumbel(moment(dice, 0, nests), ids[i], np.uint64(h + 1), NO_ID)
        value[3] = none + gumbel(moment(dice, 0, nests), ids[i], NO_ID, NO_ID)
        chosen, _ = best_two(value, 4)
        if chosen == 3:
            counts[n] += 1
            continue
        inner = np.full(n, -math.inf)
        for j in range(n):
            if nest[j] == chosen and utility[j] > -math.inf:
                inner[j] = utility[j] / scale + gumbel(moment(dice, 0, options), ids[i], np.uint64(j + 1), NO_ID)
        slot, _ = best_two(inner, n)
        counts[slot] += 1


@pytest.mark.parametrize("scale", [0.2, 0.6, 1.0])
def test_addressed_nested_choices_have_the_closed_form_probabilities(scale: float) -> None:
    ids = np.array([stable_id(f"buyer {n}") for n in range(60_000)], np.uint64)
    counts = np.zeros(len(UTILITY) + 1, np.int64)
    _choose_often(UTILITY, NEST, NONE, scale, np.uint64(throw_dice(11, 0)), NESTS, OPTIONS, ids, counts)
    p = closed_form(scale)
    assert counts[p == 0.0].sum() == 0
    assert stats.chisquare(counts[p > 0.0], len(ids) * p[p > 0.0]).pvalue > 1e-3


def test_without_correlation_in_nests_the_choice_is_a_logit_with_nests_weighted_by_one_over_their_size() -> None:
    """At λ = 1, P_j ∝ exp(U_j)/n of its nest: a plain logit but for the mean inside the inclusive value."""
    size = np.array([((nest == NEST) & (UTILITY > NOT_OFFERED)).sum() for nest in NEST])
    weight = np.append(np.exp(UTILITY) / size, math.exp(NONE))
    assert closed_form(1.0) == pytest.approx(weight / weight.sum())
    worth = [inclusive_value(UTILITY, NEST, nest, len(UTILITY), 1.0) for nest in range(3)]
    p_nest = special.softmax([*worth, NONE])
    assert p_nest[:3] == pytest.approx([closed_form(1.0)[:-1][nest == NEST].sum() for nest in range(3)])


def test_best_two_by_hand() -> None:
    assert best_two(np.array([0.5, 2.0, 1.25]), 3) == (1, 0.75)
    assert best_two(np.array([0.5, 2.0, 1.25]), 1) == (0, math.inf)
    assert best_two(np.array([1.0, 1.0, 0.0]), 3) == (0, 0.0), "a tie goes to the lower index"
    assert best_two(np.array([NOT_OFFERED, 1.0]), 2) == (1, math.inf)
    assert best_two(np.array([NOT_OFFERED, NOT_OFFERED]), 2) == (-1, math.inf)
    assert best_two(np.array([1.0]), 0) == (-1, math.inf)


@given(st.lists(finite, min_size=2, max_size=10))
def test_best_two_agrees_with_sorting(values: list[float]) -> None:
    best, lead = best_two(np.array(values), len(values))
    ordered = sorted(values)
    assert best == values.index(ordered[-1])
    assert lead == ordered[-1] - ordered[-2]


@given(st.floats(-1e6, 1e6))
def test_logistic_stays_a_probability_and_is_symmetric(x: float) -> None:
    assert 0.0 <= logistic(x) <= 1.0
    assert logistic(x) + logistic(-x) == pytest.approx(1.0)
    assert logistic(x) == pytest.approx(special.expit(x))
