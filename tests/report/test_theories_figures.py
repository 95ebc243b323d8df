from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.colors import to_rgb

from sim.report import figure_theories, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_theories import LOOKS, MEANINGS, MOST, Rows, effects, level, levels
from sim.report.findings import Finding, at_points, findings
from sim.report.page import study_of
from sim.report.study import Study
from sim.report.variants import Variant, variants_of
from sim.results.schema import DEFAULT_POINT
from tests.report.layout import cut, overlapping
from tests.report.made_result import MadeWorld
from tests.report.made_theories import MEASURE, made_theories

Made = tuple[dict[str, Study], list[Finding], tuple[Variant, ...]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    result = made_theories(tmp_path_factory.mktemp("made") / "result")
    variants = variants_of(result.manifest)
    studies = at_points(study_of(result, MadeWorld()), result.runs, variants, MEASURE)
    return studies, [one for one in findings(studies, MEASURE) if one.is_moving], variants


@pytest.fixture(scope="module")
def of_effects(made: Made) -> Sketch:
    with style.drawing():
        return effects(*made)


@pytest.fixture(scope="module")
def of_levels(made: Made) -> Sketch:
    studies, _, variants = made
    with style.drawing():
        return levels(studies, variants)


def test_what_is_written_fits(of_effects: Sketch, of_levels: Sketch) -> None:
    for sketch in (of_effects, of_levels):
        assert cut(sketch.figure) == []
        assert overlapping(sketch.figure) == []


def test_rows_are_the_default_and_the_variants_below_their_headings(made: Made) -> None:
    rows = Rows.of(made[2])
    assert rows.points[:2] == (DEFAULT_POINT, None)
    assert [point for point in rows.points if point] == [DEFAULT_POINT, *(variant.name for variant in made[2])]
    headings = [name for name, point in zip(rows.names, rows.points, strict=True) if point is None]
    assert headings == ["Rival theories", "Worldviews", "Combinations"]


def test_a_mark_stands_at_the_mean_difference_of_every_point(made: Made, of_effects: Sketch) -> None:
    _, found, variants = made
    assert len(of_effects.figure.axes) == len(found)
    rows = Rows.of(variants)
    for axes, one in zip(of_effects.figure.axes, found, strict=True):
        marks = {line.get_ydata()[0]: line for line in axes.lines if line.get_marker() not in ("None", "")}
        for place, point in enumerate(rows.points):
            if point is not None:
                assert marks[place].get_xdata()[0] == one.at[point].mean
                stands = figure_theories.stands_at(one, point)
                assert marks[place].get_marker() == LOOKS[stands]["marker"]


def test_marks_differ_without_colour() -> None:
    def in_grey(look: dict) -> tuple:
        red, green, blue = to_rgb(look["markerfacecolor"])
        return look["marker"], round(0.299 * red + 0.587 * green + 0.114 * blue, 1)

    assert len({in_grey(look) for look in LOOKS.values()}) == len(LOOKS) == len(MEANINGS)


def test_levels_are_those_of_the_baseline(made: Made, of_levels: Sketch) -> None:
    studies, _, _ = made
    assert len(of_levels.figure.axes) == len(MEASURE)
    usual, shifted = (level(studies[point], "tension") for point in (DEFAULT_POINT, "restraint_ideology"))
    assert shifted == pytest.approx(usual + 0.02)


def test_the_largest_findings_are_shown_under_their_numbers(made: Made) -> None:
    studies, found, variants = made
    small = replace(found[0], at={point: replace(row, standardised=0.0) for point, row in found[0].at.items()})
    with style.drawing():
        sketch = effects(studies, [small, *([found[1]] * MOST)], variants)
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in sketch.figure.axes]
    assert len(titles) == MOST
    assert all(title.startswith("2. ") for title in titles)
    assert "1 more stand in the table alone" in sketch.caption


def test_nothing_to_show_is_said(made: Made) -> None:
    with pytest.raises(Cannot, match="no scenario moves"):
        effects(made[0], [], made[2])


def test_the_alternative_text_says_how_many_hold(of_effects: Sketch, of_levels: Sketch) -> None:
    assert "as at the default point" in of_effects.alt
    assert "by default" in of_levels.alt
