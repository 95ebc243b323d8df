from __future__ import annotations

import numpy as np

from sim.report.statements import statements
from sim.report.study import Study


def test_statements_count_what_the_outcomes_show(study: Study) -> None:
    found = statements(study)
    bank = next(s for s in found if "SCO's bank" in s.sentence and s.setting == "Baseline, replay")
    dates = study.values("bank_passed", "baseline")
    assert bank.found.count == int((~np.isnan(dates)).sum())
    assert bank.found.n_runs == len(dates)


def test_scenarios_are_set_against_the_baseline_on_the_same_dice(study: Study) -> None:
    found = [s for s in statements(study) if "on the same dice" in s.sentence]
    assert [s.setting for s in found] == ["Western sanctions, replay", "Vendor outage, replay"]
    columns = [f"dependence_china.{s}" for s in study.names.reported]
    before = study.runs("baseline").set_index("replication")[columns].mean(axis=1)
    after = study.runs("western_sanctions").set_index("replication")[columns].mean(axis=1)
    assert found[0].found.count == int((after > before).sum())


def test_every_statement_is_one_sentence_about_runs(study: Study) -> None:
    for statement in statements(study):
        assert "of 24 runs" in statement.sentence
        assert "onfidence" not in statement.sentence
