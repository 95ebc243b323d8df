"""Patterns as data and how they are judged; that any of them is met is never asserted."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.locations import TABLES
from sim.parameters.register import load_register
from sim.report.expressions import names_in, parse
from sim.report.labels import declared
from sim.report.patterns import HORIZON, Pattern, judge, judge_all, load_patterns, spread_text, uses_of, weight_text
from sim.report.study import HISTORY_END
from sim.results.runs import Runs

N = 200


def pattern(**fields: Any) -> Pattern:
    told = {
        "name": "p",
        "what": "w",
        "document": "d",
        "evidence": ("E0139",),
        "role": "test",
        "outcome": ("x",),
        **fields,
    }
    return Pattern.model_validate(told)


def runs(**columns: np.ndarray) -> Runs:
    """Return runs with the keys that those of one arm have, numbered from 0."""
    frame = pd.DataFrame(columns)
    return Runs.of(frame.assign(scenario="baseline", history="free", replication=np.arange(len(frame))))


def status(fields: dict[str, Any], **columns: np.ndarray) -> str:
    return judge(pattern(**fields), runs(**columns)).status


def test_shipped_patterns_name_known_facts_and_declared_outcomes() -> None:
    patterns = load_patterns(known_facts=load_findings())
    assert {p.role for p in patterns} >= {"input", "test"}
    known = declared(TABLES)
    used = {name.partition(".")[0] for p in patterns for text in p.expressions for name in names_in(parse(text))}
    assert used - {HORIZON} <= set(known)


def test_shipped_roles_are_those_that_count_and_inputs_stand_in_tables_or_parameters() -> None:
    patterns = load_patterns()
    uses = uses_of(load_register(), TABLES)
    used = {p.name: {user for fact in p.evidence for user in uses.get(fact, ())} for p in patterns}
    assert [p.name for p in patterns if p.role == "test" and used[p.name]] == []
    assert [p.name for p in patterns if p.role in ("fit", "input") and not used[p.name]] == []


def test_an_order_is_met_by_most_runs_not_by_medians() -> None:
    rng = np.random.default_rng(1)
    low, high = rng.uniform(0, 1, N), rng.uniform(0, 1, N)
    fields = {"judged": "order", "outcome": ("x", "y")}
    assert status(fields, x=high + 2, y=low) == "met"
    assert status(fields, x=low - 2, y=high) == "not met"
    assert status(fields, x=low[:4], y=low[:4][::-1]) == "undetermined"


def test_range_and_ratio_are_judged_by_the_median_with_its_luck() -> None:
    x = np.linspace(0.8, 1.2, N)
    assert status({"judged": "range", "low": 0.9, "high": 1.1}, x=x) == "met"
    assert status({"judged": "range", "low": 1.1, "high": 1.2}, x=x) == "not met"
    assert status({"judged": "range", "low": 0.9, "high": 1.0}, x=x) == "undetermined"
    assert status({"judged": "range", "low": 0.9, "high": 1.1}, x=x[:1] + 0.2) == "undetermined"
    assert status({"judged": "ratio", "value": 2.0, "within": 1.25}, x=x * 2) == "met"
    assert judge(pattern(judged="ratio", value=2.0, within=1.25), runs(x=x)).distance == pytest.approx(
        np.log(2), rel=1e-6
    )


def test_distance_of_a_range_counts_its_widths() -> None:
    found = judge(pattern(judged="range", low=1.0, high=3.0), runs(x=np.full(N, 7.0)))
    assert (found.status, found.distance) == ("not met", 2.0)


def test_dates_that_never_come_count_as_later_than_any_range() -> None:
    x = np.where(np.arange(N) < 20, 2019.0, np.nan)
    found = judge(pattern(judged="range", low=2017, high=2021), runs(x=x))
    assert found.status == "not met"
    assert "never in 180 of 200 runs" in found.model


def test_sign_and_event() -> None:
    assert status({"judged": "sign", "sign": "+"}, x=np.ones(N)) == "met"
    assert status({"judged": "sign", "sign": "-"}, x=np.ones(N)) == "not met"
    assert status({"judged": "event", "outcome": ("not x <= 2022",)}, x=np.full(N, np.nan)) == "met"


def test_only_a_test_counts_as_met_and_a_cited_fact_makes_it_fit() -> None:
    x = runs(x=np.ones(N))
    assert judge(pattern(judged="sign", sign="+"), x).met
    assert not judge(pattern(judged="sign", sign="+", role="fit"), x).met
    register = SimpleNamespace(entries={"vendors.appeal": SimpleNamespace(evidence=("E0139",))})
    cited = judge_all([pattern(judged="sign", sign="+")], x, register)[0]
    assert (cited.role, cited.met, cited.cited_by) == ("fit", False, ("vendors.appeal",))


def test_tables_that_cite_a_fact_count_but_documented_events_do_not(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("name,source\nX,price: E0139\n", encoding="utf-8")
    (tmp_path / "history.csv").write_text(
        "kind,mode,source\naward,replay,E0140\nisolation,given,E0141\n", encoding="utf-8"
    )
    facts = [pattern(judged="sign", sign="+", evidence=(fact,)) for fact in ("E0139", "E0140", "E0141")]
    found = judge_all(facts, runs(x=np.ones(N)), None, tmp_path)
    assert [v.cited_by for v in found] == [("firms.csv",), (), ("history.csv",)]


def test_only_a_rows_mode_says_that_free_history_does_not_know_it(tmp_path: Path) -> None:
    rows = 'kind,mode,source\naward,replay,"end: given,E0139"\naward,given,"a note,given, E0140"\n'
    (tmp_path / "history.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "borders.csv").write_text("a,b\nE0141,E0142\n", encoding="utf-8")
    assert uses_of(None, tmp_path) == {"E0140": {"history.csv"}}


def test_what_the_model_does_not_have_is_not_judged() -> None:
    found = judge(pattern(role="none", outcome=(), note="there are no zones"), runs(x=np.ones(N)))
    assert (found.status, found.met, found.n_runs) == ("not expressible", False, 0)


def test_an_expression_knows_the_documents_horizon() -> None:
    assert HISTORY_END == 2022.75
    fields = {"judged": "event", "outcome": (f"x < {HORIZON}",)}
    assert status(fields, x=np.full(N, 2022.5)) == "met"
    assert status(fields, x=np.full(N, 2022.75)) == "not met"


def test_without_free_runs_or_outcome_nothing_is_judged() -> None:
    assert judge(pattern(judged="sign", sign="+"), runs()).status == "no runs"
    assert "no outcome x" in judge(pattern(judged="sign", sign="+"), runs(y=np.ones(3))).model


def test_only_runs_that_come_to_it_are_judged() -> None:
    x, y = np.arange(N) % 2.0, np.ones(N)
    found = judge(pattern(judged="event", given="x > 0", outcome=("y > 0",)), runs(x=x, y=y))
    assert (found.status, found.n_runs) == ("met", 100)
    assert found.model == "in 100 of 100 runs; the other 100 runs do not come to it"
    none = judge(pattern(judged="event", given="x > 1", outcome=("y > 0",)), runs(x=x, y=y))
    assert (none.status, none.model) == ("no runs", "no run in free history comes to it")
    assert "no outcome z" in judge(pattern(judged="event", given="z > 1", outcome=("y > 0",)), runs(y=y)).model


def test_a_likelihood_is_weighed_against_the_pairs_and_never_met() -> None:
    rates, without = np.array([0.1, 0.3, 0.2, 0.0]), np.array([0.5, 0.6, 0.2, 0.4])
    asked = pattern(judged="likelihood")
    found = judge(asked, runs(x=rates), pairs=runs(x=without))
    ratio, most = np.exp(-rates).mean() / np.exp(-without).mean(), 1 / np.exp(-without).mean()
    assert (found.status, found.met, found.n_runs) == ("weighed", False, 4)
    assert np.isnan(found.distance)
    assert found.model.startswith(f"likelihood ratio {ratio:.2f} (")
    assert found.model.endswith(f"hardly worth a mention; it could not be more than {most:.2f}")
    halved, of_all = runs(x=rates).at(np.array([0, 2])), runs(x=without)
    expected = judge(asked, runs(x=rates[[0, 2]]), pairs=runs(x=without[[0, 2]]))
    assert judge(asked, halved, pairs=of_all).model == expected.model
    assert judge(asked, halved, pairs=of_all).n_runs == 2
    assert judge(asked, runs(x=rates)).model == "no paired runs in free history"
    assert judge(asked, runs(), pairs=runs(x=without)).model == "no runs in free history"
    assert "no outcome x" in judge(asked, runs(x=rates), pairs=runs(y=without)).model


def test_luck_in_a_likelihood_ratio_shrinks_with_runs_and_common_luck_cancels() -> None:
    dice = np.random.default_rng(3).exponential(0.5, 4000)

    def luck(text: str) -> float:
        low, _, high = text.partition("(")[2].partition(" by luck")[0].partition(" to ")
        return float(high) - float(low)

    few, many = (weight_text(0.2 * dice[:n], dice[:n]) for n in (40, 4000))
    assert luck(many) < luck(few)
    assert luck(weight_text(dice + 0.5, dice)) == 0.0
    assert weight_text(dice + 1.5, dice).startswith("likelihood ratio 0.22 (0.22 to 0.22 by luck in the runs): some")
    assert (
        weight_text(np.zeros(1), np.full(1, 3.0)) == "likelihood ratio 20.09: weighty; it could not be more than 20.09"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p: {what: w, document: d, evidence: [E0139], role: test}", "needs judged"),
        ("p: {what: w, document: d, evidence: [E0139], role: input, judged: sign, outcome: x}", "not judged"),
        ("p: {what: w, document: d, evidence: [E0139], role: test, judged: order, outcome: x}", "two or more"),
        ("p: {what: w, document: d, evidence: [E0139], role: test, judged: range, outcome: x, low: 1}", "low and high"),
        (
            "p: {what: w, document: d, evidence: [E0139], role: test, judged: sign, sign: '+', outcome: 'f(x)'}",
            "not allowed",
        ),
        (
            "p: {what: w, document: d, evidence: [E0139], role: test, judged: sign, sign: '+', outcome: 'x +'}",
            "outcome: ",
        ),
        ("p: {what: w, document: d, evidence: [E9999], role: input, note: n}", "E9999"),
        ("p: {what: w, document: d, evidence: [E0139], role: guess}", "role: must be 'test', 'fit', 'input' or 'none'"),
        ("p: {what: w, document: d, evidence: [E0139], role: none}", "role none needs a note"),
        ("p: {what: w, document: d, evidence: [E0139], role: input}", "role input needs a note"),
        ("p: {what: w, document: d, evidence: 3, role: none, note: n}", "evidence: must be a list, not 3"),
        ("p: {what: w, document: d, evidence: [E0139], role: none, notes: n}", "'notes'. Did you mean 'note'?"),
        ("p: {what: w, evidence: [E0139], role: none, note: n}", "document: is missing"),
        ("p: 3", "mapping"),
    ],
)
def test_bad_patterns_give_one_message_with_file_and_name(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "patterns.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_patterns(file, known_facts={"E0139": None})
    told = str(caught.value)
    assert told.startswith("patterns.yaml: p: ")
    assert message in told
    assert "Input should" not in told


def test_a_date_that_mostly_never_comes_says_so_first() -> None:
    dates = np.array([np.nan] * 8 + [2016.0, 2030.0])
    assert spread_text(dates) == "never in 8 of 10 runs; in the other 2 2016.7 to 2029.3"
    assert spread_text(dates[7:]) == "2030.0 (2016.7 to 2029.3); never in 1 of 3 runs"
    assert spread_text(dates[:3]) == "never, in 3 runs"
