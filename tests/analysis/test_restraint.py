from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.analysis.restraint import POOLED, SUMS, WORDS, held_back, joined, survival
from sim.results.runs import Runs
from sim.results.schema import JOINED


def runs(**outcomes: list[float]) -> Runs:
    """Return runs of one arm, one for each value."""
    n = len(next(iter(outcomes.values())))
    keys = {"scenario": ["baseline"] * n, "history": ["free"] * n, "replication": list(range(n))}
    return Runs.of(pd.DataFrame({**keys, **outcomes}))


def test_every_joined_outcome_has_its_sum_and_its_words() -> None:
    assert set(JOINED) == set(SUMS) == set(WORDS)


def test_restraint_is_what_is_missing_against_the_pair_run_by_run() -> None:
    live = runs(hazard_all=[1.0, 3.0, 2.0, 0.0], hazard_idlib=[0.5, 0.5, 0.5, 0.5])
    pair = runs(hazard_all=[4.0, 2.0, 2.0, 0.0], hazard_idlib=[1.0, 1.0, 1.0, 1.0])
    found = joined(live, pair.at(slice(None, None, -1)))
    np.testing.assert_array_equal(found["restraint"], [0.75, -0.5, 0.0, np.nan])
    np.testing.assert_array_equal(found["restraint_idlib"], 0.5)


def test_a_run_without_a_pair_has_no_restraint_and_arms_do_not_mix() -> None:
    live, pair = runs(hazard_all=[1.0, 1.0]), runs(hazard_all=[2.0, 2.0])
    assert np.isnan(held_back(live, pair.at(slice(1)), "hazard_all")).tolist() == [False, True]
    assert np.isnan(held_back(live, replace(pair, keys=pair.keys.assign(history="replay")), "hazard_all")).all()
    assert np.isnan(held_back(live, replace(pair, keys=pair.keys.assign(scenario="other")), "hazard_all")).all()


def test_what_the_runs_do_not_hold_is_left_out() -> None:
    assert joined(runs(hazard_ktj=[1.0]), runs(hazard_ktj=[4.0])) == {}
    assert held_back(runs(hazard_ktj=[1.0]), runs(hazard_ktj=[4.0]), "hazard_ktj") == pytest.approx([0.75])


def test_survival_by_hand() -> None:
    # lifetimes 1, 2 and 3 years, the middle one censored: 2/3 after the first, then 0 of the one left
    frame = runs(**{"spell_ktj": [4.0, 8.0, 12.0], "failures_ktj": [1.0, 0.0, 2.0]})
    times, share = survival(frame, ["ktj"])["ktj"]
    np.testing.assert_allclose(times, [0.0, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(share, [1.0, 2 / 3, 2 / 3, 0.0])


def test_survival_of_all_pools_the_lifetimes_of_the_groups() -> None:
    frame = runs(**{"spell_a": [4.0], "failures_a": [1.0], "spell_b": [8.0], "failures_b": [0.0]})
    found = survival(frame, ["a", "b", "unknown"])
    assert list(found) == ["a", "b", POOLED]
    np.testing.assert_allclose(found[POOLED][1], [1.0, 0.5, 0.5])
    np.testing.assert_allclose(found["b"], [[0.0, 2.0], [1.0, 1.0]])


def test_a_group_without_a_patron_has_no_lifetime_and_one_that_fails_at_once_a_short_one() -> None:
    frame = runs(**{"spell_a": [0.0, 0.0], "failures_a": [0.0, 0.0], "spell_b": [0.0, 0.0], "failures_b": [1.0, 0.0]})
    found = survival(frame, ["a", "b"])
    assert list(found) == ["b", POOLED]
    np.testing.assert_allclose(found["b"], [[0.0, 0.25], [1.0, 0.0]])
    assert survival(frame, []) == {}
