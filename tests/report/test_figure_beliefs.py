from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sim.report import figure_beliefs, style
from sim.report.bands import bands
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_beliefs import Belief
from sim.report.study import Study
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import ACCUSED, AUDIENCES, made_study
from tests.report.test_figure_routes import without


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_beliefs.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def belief(study: Study, audience: str, group: str) -> np.ndarray:
    return study.series(f"audiences[{audience}].belief[{group}]", "baseline")


def test_a_panel_for_each_audience_and_group_those_of_a_group_together(made: Sketch) -> None:
    titles = [axes.get_title(loc="left") for axes in made.figure.axes if axes.get_title(loc="left")]
    first = [f"{audience[:1].upper()}{audience[1:]}\nof {ACCUSED[0]}" for audience in AUDIENCES]
    assert titles[:3] == first
    assert len(titles) == len(AUDIENCES) * len(ACCUSED)


def test_median_bands_and_prior_are_those_of_the_runs(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[2]
    values = belief(armed, "public in Russia", ACCUSED[0])
    found = bands(values)
    assert axes.lines[0].get_ydata() == pytest.approx(found.median)
    assert axes.lines[1].get_ydata() == pytest.approx([0.15, 0.15])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(found.high_90.max())
    assert band.min() == pytest.approx(found.low_90.min())


def test_the_strip_has_the_share_of_runs_with_an_accusation_of_that_group(armed: Study, made: Sketch) -> None:
    strip = made.figure.axes[7]
    heights = [bar.get_height() for bar in strip.containers[0]]
    accused = armed.series(f"accusers[RUS].accuses[{ACCUSED[1]}]", "baseline")
    assert heights == pytest.approx(list((accused > 0).mean(axis=0)))
    assert heights[105] == 1.0
    assert Belief(armed, "public in Russia", "Islamic State").accused is None


def test_an_accusation_by_any_accuser_counts_once(armed: Study) -> None:
    table = armed.trajectories
    assert table is not None
    at = armed.columns[f"accusers[RUS].accuses[{ACCUSED[0]}]"]
    other = table.isel(column=[at]).assign_coords(column=[f"accusers[TUR].accuses[{ACCUSED[0]}]"])
    both = replace(armed, trajectories=xr.concat([table, other], dim="column"))
    one, two = (Belief(study, "public in Russia", ACCUSED[0]).accused for study in (armed, both))
    assert one is not None
    assert two == pytest.approx(one)


def test_time_begins_where_belief_first_moves_and_the_horizon_is_marked(made: Sketch) -> None:
    assert made.figure.axes[0].get_xlim() == (2017.0, 2036.0)
    assert any(patch.get_x() == 2022.75 for patch in made.figure.axes[0].patches)


def test_without_priors_or_accusations_neither_is_told(armed: Study) -> None:
    poor = drawn(without(without(armed, ".prior"), ".accuses["))
    assert "prior" not in poor.alt
    assert "strip" not in poor.caption
    assert not poor.figure.axes[1].containers


def test_words_say_whose_belief_and_that_it_is_belief(armed: Study, made: Sketch) -> None:
    last = np.median(belief(armed, "governments of the West", ACCUSED[0]), axis=0)
    told = f"governments of the West: {ACCUSED[0]} {last[-1]:.2f}, at the most {last.max():.2f} (prior 0.10)"
    assert told in made.alt
    assert "whether it is right or wrong" in made.caption


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    with pytest.raises(Cannot, match="no series of belief"):
        drawn(without(armed, ".belief["))
