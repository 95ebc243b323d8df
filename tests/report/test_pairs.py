"""What a report makes of runs and their pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.parameters.register import Register
from sim.report.contrasts import contrasts
from sim.report.opening import headlines
from sim.report.page import study_of, write_report
from sim.report.patterns import load_patterns
from sim.report.statements import statements
from sim.report.study import Study
from sim.results.runs import Runs
from sim.results.schema import EFFORT, PAIRED_POINT
from sim.results.store import Result
from tests.report.made_result import MadeWorld, made_result

N = 12


@pytest.fixture(scope="module")
def paired_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return made_result(tmp_path_factory.mktemp("paired") / "result", n_runs=N, is_paired=True)


@pytest.fixture(scope="module")
def paired_study(paired_result: Result) -> Study:
    return study_of(paired_result, MadeWorld())


def test_pairs_stand_apart_and_series_are_those_of_the_runs(paired_study: Study) -> None:
    assert set(paired_study.outcomes["point"]) == {"default"}
    assert len(paired_study.runs("baseline")) == len(paired_study.paired("baseline")) == N
    assert set(paired_study.paired("baseline", "free")["point"]) == {PAIRED_POINT}
    assert paired_study.series("states[KAZ].dependence[CHN]", "baseline").shape[0] == N
    assert paired_study.provenance.n_runs == 8 * N


def test_a_result_without_pairs_has_none(study: Study) -> None:
    assert study.pairs is None
    assert len(study.paired("baseline")) == 0
    assert not any(name.startswith("restraint") for name in study.outcomes)
    assert len(study.paired(study.baseline, "free")) == 0


def test_runs_at_other_points_stand_in_no_ordinary_report(paired_result: Result) -> None:
    config = {**paired_result.manifest["config"], "pair": []}
    varied = study_of(Result(paired_result.path, {**paired_result.manifest, "config": config}), MadeWorld())
    assert varied.pairs is None
    assert set(varied.outcomes["point"]) == {"default"}
    assert len(varied.runs("baseline")) == N


def test_pairs_without_another_rule_are_no_restraint(paired_result: Result) -> None:
    config = {**paired_result.manifest["config"], "pair": ["technology/sanctions"]}
    other = study_of(Result(paired_result.path, {**paired_result.manifest, "config": config}), MadeWorld())
    assert other.pairs is not None
    assert "restraint" not in other.outcomes
    assert EFFORT not in config["pair"]


def test_restraint_is_an_outcome_like_others(paired_study: Study) -> None:
    np.testing.assert_allclose(paired_study.values("restraint_idlib", "baseline"), 0.5)
    assert paired_study.outcome("restraint").startswith("Share of expected attempts abroad")
    assert paired_study.unit("restraint") == "share"
    assert {row.outcome for row in contrasts(paired_study, "vendor_outage")} >= {"restraint", "restraint_idlib"}


def test_the_page_opens_with_restraint_in_free_history_and_then_in_replay(paired_study: Study) -> None:
    (found,) = headlines(paired_study)
    titles = [column.title for column in found.columns]
    assert titles == ["Baseline, free history", "Baseline", "Western sanctions", "Vendor outage"]
    restraint, tension = found.rows
    assert restraint == (paired_study.outcome("restraint_idlib"), ["0.50 (0.50–0.50)"] * 4)
    assert len(tension[1]) == 4
    assert "lower bound" in found.note


def test_statements_ask_whether_more_than_half_is_held_back(paired_study: Study) -> None:
    found = [s for told in statements(paired_study) for s in told.statements]
    assert {s.setting for s in found} >= {"Baseline, free", "Baseline, replay", "Vendor outage, replay"}
    assert all(s.found.count == 0 and s.found.n_runs == N for s in found)
    assert any("is larger than in the baseline on the same dice" in s.sentence for s in found)
    assert not any("depends more on China" in s.sentence for s in found)


def test_a_run_without_anything_to_hold_back_is_in_no_statement(paired_study: Study) -> None:
    table = paired_study.outcomes.frame()
    table.loc[table["replication"] < 4, ["restraint", "restraint_idlib"]] = np.nan
    found = statements(replace(paired_study, outcomes=Runs.of(table)))
    assert {s.found.n_runs for told in found for s in told.statements} == {N - 4}


def test_the_page_weighs_what_did_not_happen(paired_result: Result, register: Register) -> None:
    page = write_report(paired_result, MadeWorld(), register, load_patterns()).read_text(encoding="utf-8")
    assert "likelihood ratio 1." in page
    assert "weighed apart, by a likelihood ratio, and never counts as met" in page
    assert f"{8 * N} runs" in page


def test_runs_and_pairs_are_in_the_order_of_replications(paired_study: Study) -> None:
    live, pairs = (of(paired_study.baseline, "free") for of in (paired_study.runs, paired_study.paired))
    np.testing.assert_allclose(2 * live["hazard_all"], pairs["hazard_all"])
