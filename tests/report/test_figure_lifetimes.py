"""The figure of delays: what is drawn, what is said beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from sim.analysis.lifetimes import Lifetimes, kaplan_meier
from sim.analysis.treaty_delays import Assessment, assess
from sim.locations import TABLES
from sim.parameters.register import Register
from sim.report import figure_lifetimes, style
from sim.report.drawn import Cannot, Sketch
from sim.report.study import Study
from sim.world.tables import Tables
from sim.world.treaties import read_treaties

STANDING = "made for a test"


@pytest.fixture(scope="module")
def found() -> Assessment:
    return assess(read_treaties(Tables(TABLES)), n_resamples=200)


@pytest.fixture(scope="module")
def sketch(found: Assessment) -> Sketch:
    with style.drawing():
        return figure_lifetimes.sketch(found, STANDING)


def test_lines_are_the_curve_and_the_fits(sketch: Sketch, found: Assessment) -> None:
    axes = sketch.figure.axes[0]
    steps = next(line for line in axes.lines if line.get_drawstyle() == "steps-post")
    assert steps.get_ydata() == pytest.approx([1.0, *found.curve.survival])
    smooth = [line for line in axes.lines if len(line.get_xdata()) > 100]
    for line, fit in zip(smooth, found.fits, strict=True):
        assert line.get_ydata() == pytest.approx(fit.survive(np.asarray(line.get_xdata())))
    widths = [line.get_linewidth() for line in smooth]
    assert widths[0] > 1.5 * max(widths[1:])
    assert len({str(line._dash_pattern) for line in smooth}) == len(smooth), "told apart without colour"


def test_the_band_and_the_steps_differ_in_grey() -> None:
    light = [float(np.dot(to_rgb(c), (0.299, 0.587, 0.114))) for c in (style.BAND_90, style.BROAD, style.SCENARIOS[0])]
    assert light[0] - light[1] > 0.2
    assert light[1] - light[2] > 0.2


def test_the_band_reaches_the_last_step(sketch: Sketch, found: Assessment) -> None:
    corners = sketch.figure.axes[0].collections[0].get_paths()[0].vertices
    assert corners[:, 0].max() == pytest.approx(found.curve.time[-1])


def test_words_give_numbers_and_what_was_tested(sketch: Sketch, found: Assessment) -> None:
    legend = " ".join(text.get_text() for text in sketch.figure.legends[0].get_texts())
    for fit in found.fits:
        assert f"{fit.family}: AIC {fit.aic:.1f}" in legend
        assert f"{fit.median:.2f}" in legend
        assert f"{fit.family} {fit.median:.2f}" in sketch.alt
    assert "36 extradition treaties" in sketch.caption
    assert "6 of them censored at the end of July 2018" in sketch.caption
    assert "which lies within the bootstrap interval" in sketch.caption
    assert "carried after correction for their number: none" in sketch.caption
    assert STANDING in [text.get_text() for text in sketch.figure.texts]


def test_the_caption_names_the_parameters_and_scores_the_early_fits(sketch: Sketch, found: Assessment) -> None:
    assert "least: it gives the parameters instruments.median and instruments.spread" in sketch.caption
    assert f"{found.watched.n_events} entered into force, they expected: log-normal" in sketch.caption
    assert all(f"{score.expected:.1f} (standard deviation" in sketch.caption for score in found.scores[:3])


def test_parameters_are_what_the_caption_says(found: Assessment, register: Register) -> None:
    quarters, spread = (register.entries[f"instruments.{name}"] for name in ("median", "spread"))
    assert found.best.family == "log-normal"
    assert quarters.value == pytest.approx(4 * found.best.median, abs=0.05)
    assert spread.value == pytest.approx(found.best.shape, abs=0.0005)
    assert (quarters.low, quarters.high) == pytest.approx(
        [4 * end for end in (found.best.interval("median").low, found.best.interval("median").high)], abs=0.06
    )


def test_a_report_draws_it_where_the_world_has_the_table(study: Study, tmp_path: Path) -> None:
    with style.drawing():
        made = figure_lifetimes.of_tables(study, TABLES)
    assert made.key == "lifetimes"
    for tables in (None, tmp_path):
        with pytest.raises(Cannot, match=r"no treaties\.csv"):
            figure_lifetimes.of_tables(study, tables)
    (tmp_path / "states.csv").write_text("iso\nTHA\nCHN\n", encoding="utf-8")
    (tmp_path / "treaties.csv").write_text("kind,iso,partner,signed,in_force,source\n", encoding="utf-8")
    with pytest.raises(Cannot, match=r"treaties\.csv"):
        figure_lifetimes.of_tables(study, tmp_path)


def test_all_words_stand_within_the_figure(sketch: Sketch) -> None:
    with style.drawing():
        sketch.figure.canvas.draw()
        frame = sketch.figure.bbox
        box = sketch.figure.legends[0].get_window_extent()
    assert frame.x0 <= box.x0
    assert box.x1 <= frame.x1
    assert box.y0 >= frame.y0
    assert sketch.figure.axes[0].get_window_extent().x1 < box.x0


def test_a_median_that_is_not_reached_or_not_met_is_said(found: Assessment) -> None:
    waiting = Lifetimes(found.lifetimes.time, found.lifetimes.time < 1.2)
    rare = replace(found, lifetimes=waiting, curve=kaplan_meier(waiting))
    far = replace(found, median_interval=replace(found.median_interval, low=5.0, high=float("inf")))
    with style.drawing():
        assert (
            "median not reached" in figure_lifetimes.sketch(rare, STANDING).figure.legends[0].get_texts()[0].get_text()
        )
        assert "does not lie within" in figure_lifetimes.sketch(far, STANDING).caption


def test_the_same_table_gives_the_same_bytes(found: Assessment) -> None:
    made = []
    for _ in range(2):
        with style.drawing():
            sketch = figure_lifetimes.sketch(found, STANDING)
            made.append(
                (style.to_svg(sketch.figure, sketch.key, sketch.alt), style.to_png(sketch.figure, sketch.caption))
            )
    assert made[0] == made[1]
    assert "style=" not in made[0][0]
