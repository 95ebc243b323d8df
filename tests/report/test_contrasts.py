from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.analysis.pairs import Contrast
from sim.report.contrasts import by_kind, contrasts, largest, tally
from sim.report.provenance import Provenance
from sim.report.study import Study
from sim.results.runs import Runs
from tests.report.made_result import NAMES


def study_with(base: dict[str, list[float]], other: dict[str, list[float]]) -> Study:
    """Return a study of two scenarios whose outcomes are given run by run; the other's runs stand in reverse."""
    n = len(next(iter(base.values())))
    rows = []
    for scenario, values in (("baseline", base), ("changed", other)):
        for i in range(n) if scenario == "baseline" else reversed(range(n)):
            keys = {
                "run": len(rows),
                "point": "default",
                "scenario": scenario,
                "history": "replay",
                "replication": i,
                "seed": 1,
            }
            rows.append({**keys, **{name: column[i] for name, column in values.items()}})
    return Study(Runs.of(pd.DataFrame(rows)), None, NAMES, Provenance.of({"end": "2035Q4"}, len(rows)))


def only(found: list[Contrast], outcome: str) -> Contrast:
    return next(c for c in found if c.outcome == outcome)


def test_pairs_are_made_by_replication_not_by_row() -> None:
    found = contrasts(study_with({"x": [1.0, 5.0, 9.0]}, {"x": [2.0, 6.0, 10.0]}), "changed")
    assert only(found, "x").mean == 1.0
    assert only(found, "x").low == only(found, "x").high == 1.0
    assert only(found, "x").p_up == 1.0


def test_interval_and_standardisation_by_hand() -> None:
    # differences 0, 1, 2: mean 1, sd 1, t(0.975, 2) = 4.3027; baseline 1, 2, 3 has sd 1
    row = only(contrasts(study_with({"x": [1.0, 2.0, 3.0]}, {"x": [1.0, 3.0, 5.0]}), "changed"), "x")
    half = 4.302653 / math.sqrt(3)
    assert row.high - row.mean == pytest.approx(half, rel=1e-6)
    assert row.standardised == pytest.approx(1.0)
    assert not row.is_clear
    assert (row.p_up, row.p_down) == (pytest.approx(2 / 3), 0.0)


def test_largest_standardised_difference_comes_first_and_constant_outcomes_last() -> None:
    base = {"small": [0.0, 1.0, 2.0], "large": [0.0, 1.0, 2.0], "constant": [4.0, 4.0, 4.0]}
    other = {"small": [0.1, 1.1, 2.1], "large": [-5.0, -4.0, -3.0], "constant": [9.0, 9.0, 9.0]}
    found = contrasts(study_with(base, other), "changed")
    assert [c.outcome for c in found] == ["large", "small", "constant"]
    assert math.isnan(found[-1].standardised)
    assert [c.outcome for c in largest(found, 5)] == ["large", "small"]


def test_dates_that_never_come_leave_their_pair_out() -> None:
    found = contrasts(study_with({"x": [2019.0, np.nan, 2021.0]}, {"x": [2018.0, 2020.0, np.nan]}), "changed")
    assert only(found, "x").n_pairs == 1
    assert math.isnan(only(found, "x").low)
    never = contrasts(study_with({"x": [np.nan, np.nan]}, {"x": [1.0, 2.0]}), "changed")
    assert never == []


def test_one_pair_has_a_difference_but_no_interval() -> None:
    row = only(contrasts(study_with({"x": [1.0]}, {"x": [3.0]}), "changed"), "x")
    assert row.mean == 2.0
    assert math.isnan(row.high)
    assert math.isnan(row.standardised)
    assert not row.is_clear


def test_outcomes_that_feed_the_map_are_not_ranked(study: Study) -> None:
    found = contrasts(study, "vendor_outage")
    assert found
    assert not any(c.outcome.startswith("map_") for c in found)


def test_moved_still_and_undecided_are_told_apart() -> None:
    base = {"up.KAZ": [0.0, 1.0, 2.0], "same.KAZ": [0.0, 1.0, 2.0], "same.KGZ": [4.0] * 3, "open": [0.0, 1.0, 2.0]}
    other = {"up.KAZ": [5.0, 6.0, 7.0], "same.KAZ": [0.05, 1.05, 2.05], "same.KGZ": [4.0] * 3, "open": [2.0, 1.0, 0.0]}
    study = study_with(base, other)
    count = tally(study, "changed", contrasts(study, "changed"))
    assert (count.n, count.n_moved, count.n_still, count.n_same, count.n_open) == (4, 1, 2, 1, 1)
    assert (count.still, count.same) == (("same",), ())
    told = replace(study, set_by={"changed": frozenset({"up.KAZ"})})
    assert tally(told, "changed", contrasts(told, "changed")).n_moved == 0


def test_a_kind_is_the_mean_over_its_states_without_what_the_scenario_sets() -> None:
    base = {"x.KAZ": [0.0, 1.0, 2.0], "x.KGZ": [2.0, 3.0, 7.0], "set": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]}
    other = {"x.KAZ": [4.0, 5.0, 6.0], "x.KGZ": [4.0, 5.0, 9.0], "set": [9.0, 9.0, 9.0], "y": [0.0, 1.0, 2.0]}
    study = replace(study_with(base, other), set_by={"changed": frozenset({"set"})})
    found = by_kind(study, "changed")
    assert [row.outcome for row in found] == ["x", "y"]
    assert found[0].baseline == pytest.approx(2.5)
    assert found[0].mean == found[0].low == pytest.approx(3.0)
    assert [row.is_moved for row in found] == [True, False]
