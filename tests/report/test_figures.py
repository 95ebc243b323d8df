from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.configuration import compose, experiments
from sim.locations import TABLES
from sim.parameters.strict_yaml import read_mapping
from sim.report import figure_dependence, figure_differences, figure_vendors, style
from sim.report.contrasts import contrasts, tally
from sim.report.drawn import Cannot, Drawn
from sim.report.figure_vendors import spread
from sim.report.figures import draw_all, write_figures
from sim.report.labels import OUTCOMES, declared, fixed_text
from sim.report.page import study_of
from sim.report.study import Study
from sim.settings import Figure
from tests.report.made_restraint import made_study
from tests.report.made_result import MadeWorld, made_result

MOST_LETTERS = 60
"""Letters of an outcome's words for which the figure of differences has room."""

KEYS = [
    "dependence",
    "supply",
    "vendors",
    "differences",
    "map",
    "routes",
    "stocks",
    "answers",
    "instruments",
    "lifetimes",
]


OF_GROUPS = ["restraint", "survival", "accusations", "beliefs", "strength", "near_misses"]
"""Figures of armed groups, which are drawn from made numbers of their own."""


@pytest.fixture(scope="module")
def drawn(study: Study) -> list[Drawn]:
    return draw_all(study, {s: contrasts(study, s) for s in study.compared[1:]}, TABLES)[0]


@pytest.fixture(scope="module")
def of_groups() -> list[Drawn]:
    return draw_all(replace(made_study(), figures=tuple(OF_GROUPS)), {})[0]


def test_all_figures_are_drawn_and_numbered(drawn: list[Drawn]) -> None:
    assert [figure.key for figure in drawn] == KEYS
    assert [figure.number for figure in drawn] == list(range(1, len(KEYS) + 1))


def test_captions_name_question_scenarios_seed_version_runs_and_caveat(drawn: list[Drawn]) -> None:
    for figure in drawn:
        for part in (
            "Question: How far",
            "Vendor outage",
            "seed 7",
            "model 0.1.0",
            "24 runs",
            "no forecast",
            "Made numbers",
            "true world",
        ):
            assert part in figure.full
        assert figure.full.startswith(figure.caption)
        assert "Question:" not in figure.caption
        if figure.key == "lifetimes":
            assert "The documents' treaties to July 2018; no runs" in figure.svg
            continue
        assert "replay · 24 runs" in figure.svg
        assert "seed 7 · Steppe 0.1.0 · simulated true world · under stated assumptions, not a forecast" in figure.svg


def test_figures_of_armed_groups_say_what_the_others_do(of_groups: list[Drawn]) -> None:
    assert [figure.key for figure in of_groups] == OF_GROUPS
    for figure in of_groups:
        for part in ("Question: ", "Idlib falls", "history replay", "24 runs a scenario", "seed 7", "Made numbers"):
            assert part in figure.full
        assert "seed 7 · Steppe 0.1.0 · simulated true world · under stated assumptions, not a forecast" in figure.svg
        assert figure.alt


def test_numbers_in_the_heat_map_are_the_medians(drawn: list[Drawn], study: Study) -> None:
    svg = next(figure.svg for figure in drawn if figure.key == "supply")
    value = float(np.median(study.values("supply_networks.KAZ", "baseline")))
    assert f">{value:.2f}<" in svg


def test_heat_maps_of_other_scenarios_show_mean_paired_differences(drawn: list[Drawn], study: Study) -> None:
    svg = next(figure.svg for figure in drawn if figure.key == "supply")
    found = {c.outcome: c.mean for c in contrasts(study, "western_sanctions")}
    assert f">{fixed_text(found['supply_networks.KAZ'], 2)}<" in svg


def test_rows_of_the_figure_of_differences_are_whole_and_distinct(study: Study) -> None:
    shipped = replace(study, words=declared(TABLES))
    stems = {stem: str(entry["of"]) for stem, entry in read_mapping(TABLES / OUTCOMES).items() if "map_" not in stem}
    ends = {stem: [f".{s}" for s in study.names.reported] if "*" in of else [""] for stem, of in stems.items()}
    labels = [shipped.outcome(f"{stem}{end}") for stem in stems for end in ends[stem]]
    assert len(set(labels)) == len(labels)
    with style.drawing():
        figure = figure_differences.sketch(shipped, {s: contrasts(study, s) for s in study.compared[1:]}).figure
        figure.canvas.draw()
        assert all(label.get_window_extent().x0 >= 0 for axes in figure.axes for label in axes.get_yticklabels())
    too_long = [label for label in labels if len(label) > MOST_LETTERS]
    assert not too_long, f"a shorter meaning in {OUTCOMES}, please"


def test_the_figure_of_differences_counts_what_moves_and_names_what_does_not(study: Study) -> None:
    found = {s: contrasts(study, s) for s in study.compared[1:]}
    count = tally(study, "western_sanctions", found["western_sanctions"])
    with style.drawing():
        made = figure_differences.sketch(study, found)
    told = [text.get_text() for axes in made.figure.axes for text in axes.texts]
    assert f"Of {count.n} outcomes {count.n_moved} moved, {count.n_still} did not" in "\n".join(told)
    assert f"Not moved in any state (Western sanctions): {study.meaning(count.still[0])}" in made.caption


def test_what_a_scenario_sets_itself_is_no_effect_of_it(study: Study) -> None:
    found = {s: contrasts(study, s) for s in study.compared[1:]}
    assert "tension" in {row.outcome for row in found["western_sanctions"][:10]}
    told = replace(study, set_by={"western_sanctions": frozenset({"tension"})})
    with style.drawing():
        plain, marked = (figure_differences.sketch(s, found) for s in (study, told))
    assert "is left out here" in marked.caption
    assert "is left out here" not in plain.caption
    rows = [label.get_text() for label in marked.figure.axes[0].get_yticklabels()]
    assert study.outcome("tension") not in rows
    assert len(rows) == 10


def test_a_scenario_on_the_baseline_is_named_in_the_caption(study: Study) -> None:
    table = study.trajectories
    assert table is not None
    values = table.values.copy()
    values[table["scenario"].values == "vendor_outage"] = values[
        (table["scenario"].values == "baseline") & (table["history"].values == "replay")
    ]
    with style.drawing():
        plain = figure_dependence.sketch(study)
        same = figure_dependence.sketch(replace(study, trajectories=table.copy(data=values)))
    assert "coincides" not in plain.caption
    assert "Vendor outage coincides with the baseline here" in same.caption


def test_vendors_have_mean_and_median_so_that_the_middle_never_excludes_what_stands_beside_it() -> None:
    last = np.array([0.0] * 9 + [1.0])[:, None]
    assert figure_vendors._end(last) == ("0.10", "0.00 (0.00–0.00)")
    assert figure_vendors._end(last[-1:]) == ("1.00", "")


def test_a_market_where_no_vendor_can_be_seen_has_no_panel(study: Study) -> None:
    def without(begin: str) -> Study:
        series = study.trajectories.copy()
        series[:, :, [str(column).startswith(begin) for column in series["column"].values]] = 0.0
        return replace(study, trajectories=series)

    state, sector = next(iter(study.vendor_cells))
    with style.drawing():
        panels = len(figure_vendors.sketch(study).figure.axes)
        assert len(figure_vendors.sketch(without(f"cells[{state},{sector}]")).figure.axes) == panels - 1
    with pytest.raises(Cannot, match=r"no vendor has a share of 0\.02 or more"):
        figure_vendors.sketch(without("cells["))


def test_same_result_same_bytes(drawn: list[Drawn], study: Study) -> None:
    again, _ = draw_all(study, {s: contrasts(study, s) for s in study.compared[1:]}, TABLES)
    assert [(f.svg, f.png, f.caption) for f in again] == [(f.svg, f.png, f.caption) for f in drawn]


def test_files_are_written_with_their_captions(drawn: list[Drawn], tmp_path: Path) -> None:
    write_figures(drawn, tmp_path / "figures")
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"{key}.{kind}" for key in KEYS for kind in ("svg", "png")} | {"captions.md"}
    assert (tmp_path / "figures" / "map.png").read_bytes().startswith(b"\x89PNG")
    for figure in drawn:
        assert _told(tmp_path / "figures" / f"{figure.key}.svg") == figure.full
        assert (
            figure.full.encode("latin-1", "replace")[:60] in (tmp_path / "figures" / f"{figure.key}.png").read_bytes()
        )


def _told(file: Path) -> str | None:
    return ET.parse(file).findtext("{http://www.w3.org/2000/svg}desc")


def test_what_is_missing_is_said_and_not_drawn(tmp_path: Path) -> None:
    result = made_result(tmp_path / "bare", n_runs=1, free=False, record=False)
    bare = study_of(result, MadeWorld())
    drawn, left = draw_all(bare, {s: contrasts(bare, s) for s in bare.compared[1:]})
    assert [figure.key for figure in drawn] == ["supply", "map", "instruments"]
    assert len(left) == len(KEYS) + len(OF_GROUPS) - 3
    assert all(item.reason for item in left)


def test_no_outcome_of_the_map_or_heat_map_no_figure(study: Study) -> None:
    kept = [c for c in study.outcomes.names if not c.startswith(("map_", "supply_"))]
    poor = Study(study.outcomes.having(kept), None, study.names, study.provenance)
    drawn, left = draw_all(poor, {})
    assert drawn == []
    assert len(left) == len(KEYS) + len(OF_GROUPS)


def test_an_experiment_names_its_figures_and_their_order(study: Study) -> None:
    asked = replace(study, figures=("map", "lifetimes", "supply"))
    drawn, left = draw_all(asked, {})
    assert [(figure.number, figure.key) for figure in drawn] == [(1, "map"), (2, "supply")]
    assert [(item.title, item.reason) for item in left] == [
        ("From signature to entry into force", "the world has no treaties.csv")
    ]


def test_every_figure_that_an_experiment_may_name_is_made_and_named_by_one(
    drawn: list[Drawn], of_groups: list[Drawn]
) -> None:  # fmt: skip
    made = {figure.key for figure in (*drawn, *of_groups)}
    assert made == set(get_args(Figure))
    named = {key for name in experiments() for key in compose([f"experiment={name}"]).figures}
    assert named == made


@given(st.dictionaries(st.text("abcdef", min_size=1), st.floats(0, 1), min_size=1, max_size=5))
def test_labels_keep_their_distance_and_stay_in_the_frame(ends: dict[str, float]) -> None:
    heights = sorted(spread(ends, 0.085).values())
    assert all(b - a >= 0.085 - 1e-9 for a, b in pairwise(heights))
    assert heights[0] > -0.1
    assert heights[-1] <= 0.98 + 1e-9
