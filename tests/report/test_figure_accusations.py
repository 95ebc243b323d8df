from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report import figure_accusations, style
from sim.report.bands import bands
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_accusations import KINDS, SCORED, Accusations
from sim.report.study import HISTORY_END, Study
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import ON_RECORD, made_study
from tests.report.test_figure_routes import changed, without


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_accusations.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def free(study: Study) -> Study:
    return replace(study, outcomes=study.outcomes.at(study.outcomes["history"] == "free"))


def counted(study: Study, kind: str, scenario: str = "baseline") -> np.ndarray:
    return study.series(f"accusers[RUS].cum_{kind}", scenario)


def test_kinds_part_all_accusations_among_themselves(armed: Study) -> None:
    yearly = Accusations(armed, "RUS", "baseline").yearly
    assert np.allclose(yearly.sum(axis=(0, 2)), counted(armed, "accused")[:, -1])


def test_what_the_documents_tell_of_is_counted_and_not_scored(armed: Study, made: Sketch) -> None:
    found = Accusations(armed, "RUS", "baseline").quarterly
    given = armed.years < HISTORY_END
    assert (counted(armed, "bare")[:, given][:, -1] == len(ON_RECORD)).all()
    assert not any(found[kind][:, given].any() for kind in SCORED)
    assert (found["record"].sum(axis=1) == len(ON_RECORD)).all()
    assert "on record, not scored 3.0" in made.caption
    assert "counted and not scored" in made.caption


def test_free_history_scores_all_years(armed: Study) -> None:
    found = Accusations(free(armed), "RUS", "baseline").quarterly
    assert not found["record"].any()
    assert np.allclose(found["bare"].sum(axis=1), counted(free(armed), "bare")[:, -1])
    assert "not scored" not in drawn(free(armed)).caption


def test_bars_are_means_of_a_year_and_lines_the_middle_of_totals(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[0]
    one = Accusations(armed, "RUS", "baseline")
    heights = np.array([[bar.get_height() for bar in group] for group in axes.containers])
    assert heights.shape == (len(KINDS), 45)
    assert heights == pytest.approx(one.yearly.mean(axis=1))
    year = 2024 - 1991
    wrong = counted(armed, "wrong")
    assert heights[2, year] == pytest.approx((wrong[:, 4 * year + 3] - wrong[:, 4 * year - 1]).mean())
    ends = np.array([path.vertices[:, 1] for path in axes.collections[0].get_paths()])
    found = bands(one.yearly.sum(axis=0))
    assert ends == pytest.approx(np.stack([found.low_90, found.high_90], axis=1))


def test_beside_the_baseline_stands_the_scenario_that_moves_accusations_most(armed: Study, made: Sketch) -> None:
    titles = [axes.get_title(loc="left") for axes in made.figure.axes]
    assert titles[0] == "Baseline: accusations"
    assert titles[2] == "A wave of protest in Russia: accusations"
    line = made.figure.axes[3].lines[0].get_ydata()
    assert line == pytest.approx(np.median(armed.series("states[RUS].protest", "protest_wave"), axis=0))


def test_a_late_record_counts_nothing_from_before_it(armed: Study) -> None:
    table = armed.trajectories
    assert table is not None
    late = replace(armed, trajectories=table.isel(quarter=slice(110, 180)))
    found = Accusations(late, "RUS", "baseline")
    counts = counted(armed, "accused")
    assert np.allclose(found.yearly.sum(axis=(0, 2)), counts[:, -1] - counts[:, 110])


def test_no_two_kinds_look_alike() -> None:
    assert len({(fill, hatch) for _, fill, hatch in KINDS.values()}) == len(KINDS)


def test_it_says_that_these_are_claims(armed: Study, made: Sketch) -> None:
    assert any("claims, not findings" in text.get_text() for text in made.figure.texts)
    assert "An accusation is a claim." in made.caption
    totals = {kind: counted(armed, kind)[:, -1].mean() for kind in SCORED}
    assert f"right {totals['right']:.1f}, wrong {totals['wrong']:.1f}" in made.alt


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    with pytest.raises(Cannot, match="no accuser's numbers in all kinds"):
        drawn(without(armed, "accusers[RUS].cum_unsettled"))
    with pytest.raises(Cannot, match="Russia accuses nobody in any run"):
        drawn(changed(armed, "accusers", 0.0))


def test_without_protest_the_bars_stand_alone(armed: Study) -> None:
    assert len(drawn(without(armed, "states[RUS].protest")).figure.axes) == 2
