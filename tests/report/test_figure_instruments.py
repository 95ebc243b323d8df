"""The map of instruments: which lines are drawn, how wide, and what is said of scenarios and of what is out of view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch

from sim.report import figure_instruments, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_instruments import EXTRADITION, SELDOM, THREE_EVILS, WORDS, place, standing_shares, width
from sim.report.map import VIEW, is_visible
from sim.report.study import Study


@pytest.fixture(scope="module")
def sketch(study: Study) -> Sketch:
    with style.drawing():
        return figure_instruments.sketch(study)


def test_shares_are_those_of_the_runs(study: Study) -> None:
    found = standing_shares(study, EXTRADITION, "baseline")
    assert "CHN" not in found
    assert found["KAZ"] == 1.0
    some = float(study.values("map_extradition.TUR", "baseline").mean())
    assert found["TUR"] == some


def test_every_instrument_in_view_has_a_line_as_wide_as_its_share(study: Study, sketch: Sketch) -> None:
    lines = [p for p in sketch.figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    shares = [standing_shares(study, stem, "baseline") for stem in WORDS]
    seen = [share for found in shares for s, share in found.items() if share >= SELDOM and is_visible(s)]
    assert sorted(line.get_linewidth() for line in lines) == pytest.approx(sorted(width(share) for share in seen))
    dashed = [line for line in lines if line.get_linestyle() != "solid"]
    assert len(dashed) == sum(share >= SELDOM for s, share in shares[1].items() if is_visible(s))


def test_shaded_states_and_both_kinds_differ_in_grey() -> None:
    shaded, plain = (
        float(np.dot(to_rgb(look["facecolor"]), (0.299, 0.587, 0.114)))
        for look in (figure_instruments._TREATY, figure_instruments._PLAIN)
    )
    assert plain - shaded > 0.15
    looks = [figure_instruments._KINDS[stem] for stem in (EXTRADITION, THREE_EVILS)]
    assert looks[0]["linestyle"] != looks[1]["linestyle"]
    assert looks[0]["bend"] * looks[1]["bend"] < 0


def test_lines_end_within_the_view(study: Study) -> None:
    left, right, bottom, top = VIEW
    ends = [at for state in study.names.states if (at := place(state))]
    assert len(ends) > 40
    assert all(left < x < right and bottom < y < top for x, y in ends)
    assert place("NZL") is None


def test_words_name_what_is_out_of_view_and_what_scenarios_change(study: Study, sketch: Sketch) -> None:
    texts = [text.get_text() for text in sketch.figure.texts]
    unseen = [s for s in ("CAN", "NZL", "USA") if standing_shares(study, EXTRADITION, "baseline")[s] >= SELDOM]
    assert unseen
    assert all(study.label(s) in next(text for text in texts if "Not in view" in text) for s in unseen)
    assert "Western sanctions: Tajikistan +1.00" in sketch.caption
    assert "Vendor outage: none" in sketch.caption
    assert "Kazakhstan" in sketch.alt


def test_treaties_that_a_scenario_sets_are_no_change(study: Study) -> None:
    decreed = replace(study, set_by={"western_sanctions": frozenset({f"{EXTRADITION}.TJK"})})
    with style.drawing():
        caption = figure_instruments.sketch(decreed).caption
    assert "Western sanctions: none (set by the scenario: Tajikistan)" in caption
    assert "Tajikistan +" not in caption


def test_without_the_outcomes_there_is_no_map(study: Study) -> None:
    kept = [name for name in study.outcomes.names if not name.startswith("map_three_evils")]
    with pytest.raises(Cannot, match=r"map_three_evils\.<state>"):
        figure_instruments.sketch(replace(study, outcomes=study.outcomes.having(kept)))
