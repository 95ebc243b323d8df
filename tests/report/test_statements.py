from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.report.questions import ASKED
from sim.report.statements import Statement
from sim.report.statements import statements as by_question
from sim.report.study import Study
from tests.report.test_opening import three_questions


def statements(study: Study) -> list[Statement]:
    """Return the statements on all questions."""
    return [statement for told in by_question(study) for statement in told.statements]


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
    before, after = (study.runs(name).mean(columns) for name in ("baseline", "western_sanctions"))
    assert found[0].found.count == int((after > before).sum())


def test_another_measure_asks_its_own_questions(study: Study) -> None:
    n = len(study.outcomes)
    met = {f"answers_{kind}": np.full(n, 3.0) for kind in ("extradite", "return")}
    unmet = {f"answers_{kind}": np.full(n, 1.0) for kind in ("refuse", "share", "third_country", "stall")}
    more = 5.0 + (study.outcomes["scenario"] == "western_sanctions")
    turn = np.where(study.outcomes["replication"] < 6, 2014.0, np.nan)
    told = study.outcomes.assign(**met, **unmet, returned=more, southern_turn=turn, missions=0.0)
    found = statements(replace(study, outcomes=told, measure=("returned",)))
    counts = {(s.setting, s.sentence): s.found.count for s in found}
    assert not any("depends more on China" in sentence for _, sentence in counts)

    def count(setting: str, words: str) -> int:
        return next(n for (where, sentence), n in counts.items() if where == setting and words in sentence.lower())

    assert count("Baseline, replay", "south-east asia") == 6
    assert count("Baseline, free", "mission") == 0
    assert count("Vendor outage, replay", "more requests end in a hand-over than not") == 24
    assert count("Western sanctions, replay", "more than in the baseline on the same dice") == 24
    assert count("Vendor outage, replay", "more than in the baseline on the same dice") == 0
    turkey = int(study.values("map_extradition.TUR", "baseline").sum())
    assert count("Baseline, replay", "treaty with tur is in force") == turkey


def test_what_a_scenario_sets_is_no_statement(study: Study) -> None:
    told = study.outcomes
    sanctioned = told["scenario"] == "western_sanctions"
    told = study.outcomes.assign(**{"map_extradition.TUR": np.where(sanctioned, 0.0, told["map_extradition.TUR"])})
    asked = replace(study, outcomes=told, measure=("returned",), set_by={})
    setting = "Western sanctions, replay"
    assert any("treaty with" in s.sentence.lower() for s in statements(asked) if s.setting == setting)
    decreed = replace(asked, set_by={"western_sanctions": frozenset({"map_extradition.TUR"})})
    assert not any("treaty with" in s.sentence.lower() for s in statements(decreed) if s.setting == setting)
    moved = replace(asked, outcomes=told.assign(returned=1.0), set_by={"western_sanctions": frozenset({"returned"})})
    found = [s.setting for s in statements(moved) if "on the same dice" in s.sentence]
    assert found == ["Vendor outage, replay"]


def test_every_statement_is_one_sentence_about_runs(study: Study) -> None:
    for statement in statements(study):
        assert "of 24 runs" in statement.sentence
        assert "onfidence" not in statement.sentence


def test_each_question_that_the_measure_names_has_its_own_sentences(study: Study) -> None:
    found = by_question(three_questions(study))
    assert [told.asks for told in found] == [question.asks for question in ASKED.values()]
    technology, persons, restraint = (" ".join(s.sentence for s in told.statements) for told in found)
    assert "depends more on China" in technology
    assert "treaty with" in persons
    assert "is more than half" in restraint
    assert "depends more on China" not in persons + restraint
    against = [[s.setting for s in told.statements if "on the same dice" in s.sentence] for told in found]
    assert against == [
        ["Western sanctions, replay", "Vendor outage, replay"],
        ["Western sanctions, replay"],
        ["Vendor outage, replay"],
    ]
