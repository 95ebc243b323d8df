from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.report import figure_restraint, style
from sim.report.drawn import Cannot, Sketch
from sim.report.study import Study
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import GROUPS, TITLES, made_study


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_restraint.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def both(study: Study, outcome: str, scenario: str, history: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return an outcome of a scenario's runs and of their pairs, both in the order of replications."""
    return study.runs(scenario, history)[outcome], study.paired(scenario, history)[outcome]


def dots(axes: object, marker: str) -> list[float]:
    return [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == marker]  # type: ignore[attr-defined]


def test_rows_are_the_scenarios_and_the_baseline_of_free_history(made: Sketch) -> None:
    labels = [label.get_text() for label in made.figure.axes[0].get_yticklabels()]
    assert labels == [*TITLES.values(), "Baseline, free history"]


def test_attempts_to_be_expected_stand_with_and_without_effort(armed: Study, made: Sketch) -> None:
    axes = made.figure.axes[0]
    for i, scenario in enumerate(armed.compared):
        live, without = both(armed, "hazard_idlib", scenario)
        assert dots(axes, "o")[i] == pytest.approx(np.median(live))
        assert dots(axes, "s")[i] == pytest.approx(np.median(without))
    live, without = both(armed, "hazard_idlib", "baseline", "free")
    assert dots(axes, "s")[-1] == pytest.approx(np.median(without))
    bars = [line.get_xdata() for line in axes.lines if line.get_marker() == "None"]
    assert bars[0] == pytest.approx(np.quantile(both(armed, "hazard_idlib", "baseline")[0], (0.05, 0.95)))


def test_restraint_is_taken_run_by_run_on_the_same_dice(armed: Study) -> None:
    assert armed.pairs is not None
    shuffled = replace(armed, pairs=armed.pairs.at(np.random.default_rng(3).permutation(len(armed.pairs))))
    live, without = both(armed, "hazard_idlib", "idlib_falls")
    shares = 1 - live / without
    low, middle, high = np.quantile(shares, (0.05, 0.5, 0.95))
    for study in (armed, shuffled):
        axes = drawn(study).figure.axes[1]
        assert dots(axes, "o")[3] == pytest.approx(middle)
        assert axes.texts[3].get_text() == f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def test_groups_have_their_own_rows_those_with_most_to_hold_back_first(armed: Study, made: Sketch) -> None:
    axes, held = made.figure.axes[2:4]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(labels) == sorted(GROUPS)
    assert dots(axes, "s") == sorted(dots(axes, "s"), reverse=True)
    live, without = both(armed, "hazard_is", "baseline")
    assert dots(held, "o")[labels.index("Islamic State")] == pytest.approx(np.median(1 - live / without))


def test_sums_over_groups_are_no_groups(armed: Study) -> None:
    table = armed.outcomes.assign(hazard_clients_idlib=1.0, hazard_clients_2019=1.0)
    made = drawn(replace(armed, outcomes=table))
    assert len(made.figure.axes[2].get_yticklabels()) == len(GROUPS)


def test_runs_without_a_hazard_in_their_pair_have_no_share_and_are_counted(armed: Study) -> None:
    assert armed.pairs is not None
    idle = (armed.pairs["scenario"] == "baseline") & (armed.pairs["replication"] < 4)
    hazard = np.where(idle, 0.0, armed.pairs["hazard_idlib"])
    made = drawn(replace(armed, pairs=armed.pairs.assign(hazard_idlib=hazard)))
    live, without = both(armed, "hazard_idlib", "baseline")
    assert made.figure.axes[1].texts[0].get_text().endswith(", 20 of 24")
    assert dots(made.figure.axes[1], "o")[0] == pytest.approx(np.median(1 - live[4:] / without[4:]))
    assert "'n of m' says how many" in made.caption


def test_harm_by_effort_stands_left_of_zero(armed: Study) -> None:
    assert armed.pairs is not None
    pairs = armed.pairs.assign(hazard_idlib=armed.pairs["hazard_idlib"] / 3)
    held = drawn(replace(armed, pairs=pairs)).figure.axes[1]
    assert dots(held, "o")[0] < 0
    assert held.get_xlim()[0] == -1.0
    assert held.texts[0].get_text().startswith("\N{MINUS SIGN}")


def test_words_tell_medians_and_that_replay_is_a_lower_bound(armed: Study, made: Sketch) -> None:
    live, without = both(armed, "hazard_idlib", "protest_wave")
    told = f"A wave of protest in Russia {np.median(live):.2f} with and {np.median(without):.2f} without"
    assert told in made.alt
    assert "there restraint is a lower bound" in made.caption


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    assert armed.pairs is not None
    with pytest.raises(Cannot, match="no pairs without the patron's effort"):
        drawn(replace(armed, pairs=None))
    with pytest.raises(Cannot, match="no outcome hazard_idlib"):
        drawn(replace(armed, outcomes=armed.outcomes.having(set(armed.outcomes) - {"hazard_idlib"})))
    with pytest.raises(Cannot, match="even without the patron's effort"):
        drawn(replace(armed, pairs=armed.pairs.assign(hazard_idlib=0.0)))
