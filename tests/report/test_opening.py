from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.report.contrasts import ranked
from sim.report.opening import FEWER_STATES, MOST, STATUSES, beside, every_kind, headlines, moved_most
from sim.report.questions import ASKED
from sim.report.study import Study
from sim.results.runs import Runs
from tests.report.test_contrasts import study_with


def test_the_main_table_has_a_cell_for_each_state_and_scenario(study: Study) -> None:
    (found,) = headlines(study)
    rows = found.rows
    assert (found.of, found.head) == ("dependence on China in the last quarter, 0–1", "State")
    assert [state for state, _ in rows] == [study.label(s) for s in study.names.reported]
    median = np.median(study.values("dependence_china.KAZ", "baseline"))
    assert rows[0][1][0].startswith(f"{median:.2f} (")
    assert headlines(study, lost=("dependence_china",))[0].rows[0][1] == ["not measured"] * 3


def test_an_experiment_opens_with_its_own_measure(study: Study) -> None:
    counted = study.outcomes.assign(**{"map_handed.THA": 3.0, "map_handed.MYS": 8.0, "map_handed.TUR": 0.0})
    words = {"returned_held": ("persons returned who were held", "persons"), "map_handed": ("handed over", "persons")}
    asked = replace(study, outcomes=counted, words=words, measure=("returned_held", "map_handed", "exit_cost"))
    (found,) = headlines(asked)
    assert (found.of, found.head, found.note) == ("persons returned who were held", "Outcome, state", "")
    expected = ["Persons returned who were held", "MYS", "THA", *(study.label(s) for s in study.names.reported)]
    assert [name for name, _ in found.rows] == expected
    assert found.rows[1][1][0] == "8.00 (8.00–8.00)"
    assert headlines(replace(study, measure=("nothing",)))[0].rows == ()


def test_returns_stand_beside_those_exposed_and_never_as_success(study: Study) -> None:
    counted = study.outcomes.assign(returned=1000.0, wrong=300.0)
    asked = replace(study, outcomes=counted, measure=("returned", "wrong", "map_returned"), words={})
    (found,) = headlines(asked)
    rows = dict(found.rows)
    names = list(rows)
    assert names[0] == "Returned"
    assert [n for n in names if n.startswith("Person-years abroad")] == names[1:4]
    assert names[5] == "Wrong, expected number"
    exposed = sum(study.values(f"exposed_{s}", "baseline") for s in STATUSES) / 4
    assert rows["Returned per 1,000 person-years abroad"][0].startswith(f"{np.median(1e6 / exposed):.1f} (")
    assert "it is no success" in found.note
    assert "up to 2022Q3 hold only the answers on record" in found.note
    free = replace(asked, outcomes=counted.at(counted["history"] == "free"))
    assert "on record" not in headlines(free)[0].note
    poor = replace(asked, outcomes=counted.having(set(counted) - {"exposed_held"}))
    assert not any("person-years" in name.lower() for name, _ in headlines(poor)[0].rows)


def three_questions(study: Study) -> Study:
    """Sanctions move hand-overs and an outage restraint; every reported state depends less under either, or more."""
    of = study.outcomes
    luck = of["replication"] % 5
    told = of.assign(
        returned=1000.0 + luck + 500 * (of["scenario"] == "western_sanctions"),
        restraint_idlib=0.2 + 0.01 * luck + 0.3 * (of["scenario"] == "vendor_outage"),
        restraint=0.1,
        **{f"map_returned.{state}": 1.0 + i for i, state in enumerate(study.names.states)},
    )
    return replace(study, outcomes=told, measure=("dependence_china", "returned", "map_returned", "restraint_idlib"))


def test_several_questions_have_a_table_each_of_what_bears_on_them(study: Study) -> None:
    found = headlines(three_questions(study))
    assert [one.asks for one in found] == [question.asks for question in ASKED.values()]
    columns = [[column.title for column in one.columns] for one in found]
    assert columns == [
        ["Baseline", "Western sanctions", "Vendor outage"],
        ["Baseline", "Western sanctions"],
        ["Baseline, free history", "Baseline", "Vendor outage"],
    ]
    assert [one.left for one in found] == [(), ("Vendor outage",), ("Western sanctions",)]
    assert all(len(cells) == len(one.columns) and "–" not in cells for one in found for _, cells in one.rows)
    persons = [name for name, _ in found[1].rows if "eturned" not in name and "ears abroad" not in name]
    assert len(persons) == FEWER_STATES
    assert found[1].moves == "persons returned"
    assert "lower bound" in found[2].note
    assert "lower bound" not in found[0].note


def test_a_scenario_that_moves_nothing_is_told_with_the_first_question(study: Study) -> None:
    asked = three_questions(study)
    table = asked.outcomes.frame()
    same = table[table["scenario"] == "baseline"].assign(scenario="idle")
    found = headlines(replace(asked, outcomes=Runs.of(pd.concat([table, same], ignore_index=True))))
    assert ["Idle" in [column.title for column in one.columns] for one in found] == [True, False, False]
    assert [("Idle" in one.left) for one in found] == [False, True, True]


def test_many_scenarios_are_lines_of_the_table(study: Study) -> None:
    asked = replace(three_questions(study), measure=("returned", "restraint"))
    (few,) = headlines(asked)
    assert few.table[0] == ["Outcome", *(column.title for column in few.columns)]
    table = asked.outcomes.frame()
    base = table[table["scenario"] == "baseline"]
    more = [base.assign(scenario=f"s{i}") for i in range(4)]
    (many,) = headlines(replace(asked, outcomes=Runs.of(pd.concat([table, *more], ignore_index=True))))
    head, lines = many.table
    assert head == ["Scenario", *(name for name, _ in many.rows)]
    assert [line[0] for line in lines] == [column.title for column in many.columns]
    assert [line[1] for line in lines] == many.rows[0][1]


def test_a_lone_question_keeps_a_scenario_that_moves_nothing(study: Study) -> None:
    asked = replace(three_questions(study), measure=("returned",))
    (found,) = headlines(asked)
    assert (len(found.columns), found.left) == (3, ())


def test_each_scenario_but_the_baseline_names_what_it_moved_most(study: Study) -> None:
    found = moved_most(study)
    assert [item.scenario for item in found] == ["western_sanctions", "vendor_outage"]
    for item in found:
        assert 0 < len(item.rows) <= MOST
        sizes = [abs(row.standardised) for row in item.rows]
        assert sizes == sorted(sizes, reverse=True)
        assert all(row.is_moved for row in item.rows)


def test_nothing_moved_and_too_few_runs_are_told_apart() -> None:
    (same,) = moved_most(study_with({"x": [1.0, 2.0]}, {"x": [1.0, 2.0]}))
    assert (same.rows, same.n_pairs) == ((), 2)
    (one,) = moved_most(study_with({"x": [1.0]}, {"x": [9.0]}))
    assert (one.rows, one.n_pairs) == ((), 1)


def test_every_kind_has_one_cell_or_one_for_each_reported_state(study: Study) -> None:
    rows = every_kind(study)
    assert {len(cells) for _, _, cells in rows} == {1, len(study.names.reported)}
    assert not any("nan" in text for _, _, cells in rows for cell in cells for text in cell)
    told = {words: cells for words, _, cells in rows}
    assert told["crackdowns of homes on own firms"] == [("2.00", "")]
    assert len(rows) == len({name.partition(".")[0] for name in ranked(study)})


@pytest.mark.parametrize(
    ("scenarios", "asked", "command"),
    [
        (("vendor_outage",), ["vendor_outage"], "[baseline,vendor_outage]"),
        (("mine",), ["/anywhere/mine.yaml"], "[baseline,mine.yaml]"),
        (("mine",), [], "[baseline,mine]"),
        (("baseline",), ["baseline"], "[baseline,vendor_outage]"),
    ],
)
def test_the_command_that_compares_names_no_folder(
    study: Study, scenarios: tuple[str, ...], asked: list[str], command: str
) -> None:
    table = study.outcomes.frame()
    only = table[table["scenario"] == "baseline"].assign(scenario=scenarios[0])
    assert beside(replace(study, outcomes=Runs.of(only)), asked) == f"steppe run 'scenario={command}'"
