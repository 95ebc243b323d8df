from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report import figure_answers, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_answers import KINDS, STATUSES, _address, _answers, _periods, _returns, _states
from sim.report.study import Study
from sim.world import cooperation
from tests.report.made_result import ASKED
from tests.report.test_figure_routes import changed, without

ORIGIN = "Western China"


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_answers.sketch(study)


def free(study: Study) -> Study:
    return replace(study, outcomes=study.outcomes.at(study.outcomes["history"] == "free"))


def test_kinds_and_statuses_are_those_of_the_record() -> None:
    assert tuple(KINDS) == cooperation.ANSWERS
    assert tuple(STATUSES) == cooperation.STATUSES


def test_no_two_kinds_look_alike() -> None:
    looks = {(fill, hatch) for _, fill, hatch in KINDS.values()}
    assert len(looks) == len(KINDS)


def test_states_whose_answers_were_recorded_in_part_are_left_out(study: Study) -> None:
    assert _states(study) == (tuple(ASKED), ORIGIN)
    poor = without(study, _address("PAK", ORIGIN, "stall"))
    assert _states(poor)[0] == tuple(s for s in ASKED if s != "PAK")


def test_periods_part_all_answers_among_themselves(study: Study) -> None:
    periods = _periods(study)
    assert [p.words for p in periods] == ["1991–2012", "2013–2022Q3", "2022Q4–2035"]
    assert [p.first for p in periods[1:]] == [p.end for p in periods[:-1]]
    found = sum(_answers(study, "TUR", ORIGIN, p) for p in periods)
    whole = np.stack([study.series(_address("TUR", ORIGIN, kind), "baseline")[:, -1] for kind in KINDS])
    assert np.allclose(found, whole)


def test_replay_parts_the_record_from_the_model_and_free_history_does_not(study: Study) -> None:
    assert [p.words for p in _periods(free(study))] == ["1991–2012", "2013–2018", "2019–2035"]


def test_a_late_record_counts_nothing_from_before_it(study: Study) -> None:
    table = study.trajectories
    assert table is not None
    late = replace(study, trajectories=table.isel(quarter=slice(76, 140)))
    first, *_, last = _periods(late)
    assert (first.words, last.words) == ("2010Q2–2012", "2022Q4–2025")
    assert first.years == 2.75
    found = _answers(late, "THA", ORIGIN, first)
    series = np.stack([study.series(_address("THA", ORIGIN, kind), "baseline") for kind in KINDS])
    assert np.allclose(found, series[:, :, 87] - series[:, :, 76])
    made = drawn(late)
    assert made.figure.axes[0].get_title(loc="left") == "2010Q2–2012"
    assert "Answers of 2010Q1, the first quarter recorded, are in no bar" in made.caption
    assert "in no bar" not in drawn(study).caption


def test_bars_are_means_a_year_and_the_periods_numbers_stand_beside_them(study: Study) -> None:
    made = drawn(study)
    period = _periods(study)[0]
    table = _answers(study, "KAZ", ORIGIN, period)
    first = made.figure.axes[0]
    widths = [patch.get_width() for patch in first.patches[: len(KINDS)]]
    assert period.years == 22.0
    assert widths == pytest.approx(list(table.mean(axis=1) / 22.0))
    assert first.texts[0].get_text().startswith(f"{table.sum(axis=0).mean():.1f} (")


def test_returns_are_told_with_those_exposed_and_never_as_success(study: Study) -> None:
    made = drawn(study)
    returned, exposed = _returns(study)["held"]
    assert exposed == pytest.approx(study.values("exposed_held", "baseline").mean() / 4)
    line = f"held {returned:,.0f} in {exposed:,.0f} person-years"
    assert line in made.caption
    assert line in made.alt
    assert any(line in text.get_text() for text in made.figure.texts)
    wide = made.figure.bbox.width
    assert all(text.get_window_extent().x1 < wide for text in made.figure.texts)
    assert "none of them is a success or a failure" in made.caption


def test_without_outcomes_of_returns_the_bars_stand_alone(study: Study) -> None:
    kept = [c for c in study.outcomes.names if not c.startswith("exposed_")]
    made = drawn(replace(study, outcomes=study.outcomes.having(kept)))
    assert "person-years" not in made.caption
    assert not any("person-years" in text.get_text() for text in made.figure.texts)


def test_answers_on_record_are_said_to_be_given(study: Study) -> None:
    caption = drawn(study).caption
    assert "up to 2022Q3 hold only the answers on record" in caption
    assert "compared in free history, or after 2022Q3" in caption
    assert "on record" not in drawn(free(study)).caption


def test_what_is_missing_is_the_reason(study: Study) -> None:
    with pytest.raises(Cannot, match="no series of answers"):
        drawn(without(study, "cum_answers"))
    with pytest.raises(Cannot, match="of no state in all their kinds"):
        drawn(without(study, "cum_answers[stall]"))
    with pytest.raises(Cannot, match="was asked for persons in any run"):
        drawn(changed(study, "cum_answers", 0.0))
