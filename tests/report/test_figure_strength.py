from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report import figure_strength, style
from sim.report.bands import bands
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_strength import Strength
from sim.report.study import Study
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import BEGINS, GROUPS, made_study
from tests.report.test_figure_routes import without

TIP = "Turkestan Islamic Party"


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_strength.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def series(study: Study, field: str) -> np.ndarray:
    return study.series(f"groups[{TIP}].{field}", "baseline").astype(np.float64)


def test_true_members_are_hardliners_and_others_and_reported_ones_stand_beside(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[4]
    assert axes.get_title(loc="left") == TIP
    true, reported = bands(series(armed, "hard") + series(armed, "other")), bands(series(armed, "rep_members"))
    drawn_lines = [line.get_ydata() for line in axes.lines]
    for line, expected in zip(
        drawn_lines, (true.median, reported.median, reported.low_90, reported.high_90), strict=True
    ):
        assert line == pytest.approx(expected[Strength(armed, TIP).since :])
    assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(true.high_90.max())


def test_true_and_reported_are_named(armed: Study, made: Sketch) -> None:
    words = [text.get_text() for text in made.figure.legends[0].get_texts()]
    assert words[0] == "true, median"
    assert words[3] == "reported, median"
    true = np.median((series(armed, "hard") + series(armed, "other"))[:, -1])
    reported = np.median(series(armed, "rep_members")[:, -1])
    assert f"{TIP}: true {true:,.0f}, reported {reported:,.0f}" in made.alt


def test_a_group_is_not_drawn_before_it_is_there(armed: Study, made: Sketch) -> None:
    coming = {group: BEGINS + 2 * i for i, group in enumerate(GROUPS)}
    for axes, (group, quarter) in zip(made.figure.axes[::2], coming.items(), strict=True):
        assert Strength(armed, group).since == quarter
        assert axes.lines[0].get_xdata()[0] == armed.years[quarter]
    assert made.figure.axes[0].get_xlim()[0] == np.floor(armed.years[coming["Hurras al-Din"]])
    assert "Years before 2013, when half of these groups were there, are not drawn" in made.caption


def test_bars_are_those_who_left_in_a_year_mean_of_runs(armed: Study, made: Sketch) -> None:
    strip = made.figure.axes[5]
    heights = np.array([bar.get_height() for bar in strip.containers[0]])
    left = series(armed, "cum_defected")
    assert heights[2025 - 1991] == pytest.approx((left[:, 139] - left[:, 135]).mean())
    assert heights.sum() == pytest.approx(left[:, -1].mean())
    assert strip.get_yticklabels()[1].get_text() == f"{heights.max():,.0f}"


def test_a_late_record_counts_nobody_who_left_before_it(armed: Study) -> None:
    table = armed.trajectories
    assert table is not None
    late = replace(armed, trajectories=table.isel(quarter=slice(150, 180)))
    left = Strength(late, TIP).defected
    assert left is not None
    before = series(armed, "cum_defected")
    assert left.sum() == pytest.approx((before[:, -1] - before[:, 150]).mean())


def test_groups_recorded_in_part_are_left_out(armed: Study) -> None:
    poor = drawn(without(armed, f"groups[{TIP}].hard"))
    titles = [axes.get_title(loc="left") for axes in poor.figure.axes[::2]]
    assert titles == [group for group in GROUPS if group != TIP]


def test_who_left_may_be_unknown(armed: Study) -> None:
    made = drawn(without(armed, ".cum_defected"))
    assert not made.figure.axes[1].containers
    assert "left for another group" not in made.alt


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    with pytest.raises(Cannot, match="no group's members"):
        drawn(without(armed, ".rep_members"))
