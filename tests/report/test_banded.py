"""Figures of a result that holds bands instead of trajectories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.ensemble.bands import Binning, Tally, make_quantiles
from sim.ensemble.plan import Plan, PlannedArm, Shard
from sim.report import (
    figure_accusations,
    figure_answers,
    figure_beliefs,
    figure_dependence,
    figure_near_misses,
    figure_routes,
    figure_strength,
    figure_vendors,
    style,
)
from sim.report.bands import Bands, bands, told_error
from sim.report.drawn import Cannot, Sketch
from sim.report.study import Study
from sim.results.quantiles import Window
from sim.results.schema import bands_name
from sim.results.store import Result
from tests.report.made_restraint import made_study

Maker = Callable[[Study], Sketch]


def banded(study: Study, folder: Path) -> Study:
    """Return a study with the bands of its series, counted in bins as shards do, in place of these."""
    assert study.trajectories is not None
    window = Window(tuple(study.columns), study.quarters)
    plan = Plan.uniform([PlannedArm("default", s, study.history, s) for s in study.compared], 24, seed=7)
    shards = [Shard(arm, 1, 0, 24) for arm in range(len(plan.arms))]
    for shard, scenario in zip(shards, study.compared, strict=True):
        tally = Tally(Binning(window), plan)
        rows = (study.trajectories["scenario"] == scenario) & (study.trajectories["history"] == study.history)
        tally.add(shard.arm, study.trajectories.values[rows.values])
        tally.write(folder / bands_name(shard.name))
    make_quantiles(folder, plan, shards, window, has_trajectories=False)
    return replace(study, trajectories=None, quantiles=Result(folder, {}).quantiles)


@pytest.fixture(scope="module")
def counted(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return banded(study, tmp_path_factory.mktemp("counted"))


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return banded(made_study(), tmp_path_factory.mktemp("armed"))


def drawn(make: Maker, study: Study) -> Sketch:
    with style.drawing():
        return make(study)


def test_bands_are_those_of_the_runs_within_their_error(study: Study, counted: Study) -> None:
    assert list(counted.columns) == list(study.columns)
    assert np.array_equal(counted.years, study.years)
    for address in study.columns:
        true, found = study.bands(address, "vendor_outage"), counted.bands(address, "vendor_outage")
        assert np.abs(true.rows - found.rows).max() <= found.error * (1 + 1e-9)
        assert true.error == 0
    assert 0 < counted.bands("states[KAZ].dependence[CHN]", "baseline").error <= 0.001


@pytest.mark.parametrize("make", [figure_dependence.sketch, figure_routes.stocks])
def test_figures_of_bands_are_drawn_as_of_series_and_say_how_far_they_are_off(
    make: Maker, study: Study, counted: Study
) -> None:
    exact, found = drawn(make, study), drawn(make, counted)
    assert "read off histograms" in found.caption
    assert "read off histograms" not in exact.caption
    for one, other in zip(exact.figure.axes, found.figure.axes, strict=True):
        assert one.get_title() == other.get_title()
        assert len(one.lines) == len(other.lines)
        for line, near in zip(one.lines, other.lines, strict=True):
            high = np.abs(line.get_ydata()).max()
            np.testing.assert_allclose(near.get_ydata(), line.get_ydata(), atol=0.001 + high / 32)


def test_beliefs_are_drawn_without_what_single_runs_tell(armed: Study) -> None:
    found = drawn(figure_beliefs.sketch, armed)
    assert "The strip" not in found.caption
    assert "read off histograms" in found.caption
    axes = found.figure.axes[1]
    true = bands(made_study().series("audiences[public in Russia].belief[Katibat al-Tawhid wal-Jihad]", "baseline"))
    assert axes.lines[0].get_ydata() == pytest.approx(true.median, abs=0.001)


@pytest.mark.parametrize("make", [figure_routes.routes, figure_vendors.sketch, figure_answers.sketch])
def test_figures_of_single_runs_name_the_key_that_stores_them(make: Maker, counted: Study) -> None:
    with pytest.raises(Cannot, match="run with trajectories=true"):
        drawn(make, counted)


@pytest.mark.parametrize("make", [figure_accusations.sketch, figure_near_misses.sketch, figure_strength.sketch])
def test_so_do_those_of_armed_groups(make: Maker, armed: Study) -> None:
    with pytest.raises(Cannot, match="run with trajectories=true"):
        drawn(make, armed)


def test_the_error_told_is_the_largest_beside_its_own_values() -> None:
    one, other = (Bands(*np.full((5, 2), top), error) for top, error in ((1.0, 0.001), (200.0, 3.0)))
    assert "by more than 1.5 per cent" in told_error([one, other])
    assert told_error([Bands(*np.ones((5, 2)))]) == ""
