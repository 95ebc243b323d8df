from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report.contrasts import ranked
from sim.report.opening import MOST, STATUSES, beside, every_kind, headline, moved_most
from sim.report.study import Study
from tests.report.test_contrasts import study_with


def test_the_main_table_has_a_cell_for_each_state_and_scenario(study: Study) -> None:
    found = headline(study)
    rows = found.rows
    assert (found.of, found.head) == ("dependence on China in the last quarter, 0–1", "State")
    assert [state for state, _ in rows] == [study.label(s) for s in study.names.reported]
    median = np.median(study.values("dependence_china.KAZ", "baseline"))
    assert rows[0][1][0].startswith(f"{median:.2f} (")
    assert headline(study, is_measured=False).rows[0][1] == ["not measured"] * 3


def test_an_experiment_opens_with_its_own_measure(study: Study) -> None:
    counted = study.outcomes.assign(**{"map_handed.THA": 3.0, "map_handed.MYS": 8.0, "map_handed.TUR": 0.0})
    words = {"returned_held": ("persons returned who were held", "persons"), "map_handed": ("handed over", "persons")}
    asked = replace(study, outcomes=counted, words=words, measure=("returned_held", "map_handed", "exit_cost"))
    found = headline(asked)
    assert (found.of, found.head, found.note) == ("persons returned who were held", "Outcome, state", "")
    expected = ["Persons returned who were held", "MYS", "THA", *(study.label(s) for s in study.names.reported)]
    assert [name for name, _ in found.rows] == expected
    assert found.rows[1][1][0] == "8.00 (8.00–8.00)"
    assert headline(replace(study, measure=("nothing",))).rows == ()


def test_returns_stand_beside_those_exposed_and_never_as_success(study: Study) -> None:
    counted = study.outcomes.assign(returned=1000.0, wrong=300.0)
    asked = replace(study, outcomes=counted, measure=("returned", "wrong", "map_returned"), words={})
    found = headline(asked)
    rows = dict(found.rows)
    names = list(rows)
    assert names[0] == "Returned"
    assert [n for n in names if n.startswith("Person-years abroad")] == names[1:4]
    assert names[5] == "Wrong (expected number)"
    exposed = sum(study.values(f"exposed_{s}", "baseline") for s in STATUSES) / 4
    assert rows["Returned per 1,000 person-years abroad"][0].startswith(f"{np.median(1e6 / exposed):.1f} (")
    assert "it is no success" in found.note
    assert "up to 2022Q3 hold only the answers on record" in found.note
    free = replace(asked, outcomes=counted[counted["history"] == "free"])
    assert "on record" not in headline(free).note
    poor = replace(asked, outcomes=counted.drop(columns="exposed_held"))
    assert not any("person-years" in name.lower() for name, _ in headline(poor).rows)


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
    table = study.outcomes[study.outcomes["scenario"] == "baseline"].assign(scenario=scenarios[0])
    assert beside(replace(study, outcomes=table), asked) == f"steppe run 'scenario={command}'"
