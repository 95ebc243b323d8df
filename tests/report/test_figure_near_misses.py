from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report import figure_near_misses, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_near_misses import FARTHEST, NEAR
from sim.report.study import Study
from sim.rules import measures
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import CLIENTS, made_study
from tests.report.test_figure_routes import changed, without


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_near_misses.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def quiet(study: Study, group: str) -> np.ndarray:
    """Return the margins of a group's quarters with a hazard and without an attempt."""
    margin, hazard = (study.series(f"groups[{group}].{field}", "baseline") for field in ("margin", "hazard"))
    return np.array([m for m, h in zip(margin.ravel(), hazard.ravel(), strict=True) if h > 0 > m], dtype=np.float64)


def test_a_near_miss_is_what_the_outcomes_count_as_one() -> None:
    assert -measures.NEAR == NEAR


def test_the_histogram_holds_all_quiet_quarters(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[0]
    pooled = np.concatenate([quiet(armed, group) for group in CLIENTS])
    heights = {round(bar.get_x(), 6): bar.get_height() for bars in axes.containers for bar in bars}
    assert sum(heights.values()) == pytest.approx(1.0)
    assert heights[-1.0] == pytest.approx(((pooled >= -1.0) & (pooled < -0.5)).mean())
    assert heights[FARTHEST] == pytest.approx((pooled < FARTHEST + 0.5).mean())
    near = [bars[0].get_x() for bars in axes.containers if bars[0].get_hatch()]
    assert min(near) == NEAR


def test_rows_of_groups_have_their_quantiles_and_share_of_near_misses(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[1]
    values = quiet(armed, CLIENTS[1])
    low, first, middle, third, high = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))
    row = [line for line in axes.lines if len(line.get_ydata()) and set(line.get_ydata()) == {1}][:3]
    ends = [float(x) for line in row for x in line.get_xdata()]
    assert ends == pytest.approx([low, high, first, third, middle])
    assert axes.texts[1].get_text() == f"{100 * (values > NEAR).mean():.1f}%"
    assert [label.get_text() for label in axes.get_yticklabels()] == list(CLIENTS)


def test_quarters_without_a_hazard_are_no_quiet_quarters(armed: Study) -> None:
    gone = changed(armed, f"groups[{CLIENTS[0]}].hazard", 0.0)
    labels = [label.get_text() for label in drawn(gone).figure.axes[1].get_yticklabels()]
    assert labels == list(CLIENTS[1:])


def test_scenarios_have_the_share_of_near_misses_and_the_attempts(armed: Study, made: Sketch) -> None:
    share, attempts = made.figure.axes[2:4]
    fell = list(armed.compared).index("idlib_falls")
    near, calm = (armed.values(name, "idlib_falls") for name in ("near_misses", "calm"))
    dots = [line.get_xdata()[0] for line in share.lines if line.get_marker() == "o"]
    assert dots[fell] == pytest.approx(np.median(100 * near / calm))
    bars = [line.get_xdata() for line in attempts.lines if line.get_marker() != "o"]
    expected = np.quantile(armed.values("attempts_abroad", "idlib_falls"), (0.05, 0.95))
    assert bars[fell] == pytest.approx(expected)
    assert share.get_yticklabels()[fell].get_text() == "Idlib falls"


def test_without_the_outcomes_the_groups_stand_alone(armed: Study) -> None:
    kept = [name for name in armed.outcomes.names if name not in ("near_misses", "attempts_abroad")]
    made = drawn(replace(armed, outcomes=armed.outcomes.having(kept)))
    assert len(made.figure.axes) == 2
    assert "by scenario" not in made.alt


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    with pytest.raises(Cannot, match="no group's margin and hazard"):
        drawn(without(armed, ".margin"))
    with pytest.raises(Cannot, match="in no run was there a quarter"):
        drawn(changed(armed, ".hazard", 0.0))
