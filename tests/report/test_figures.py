from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.contrasts import contrasts
from sim.report.drawn import Drawn
from sim.report.figure_vendors import spread
from sim.report.figures import draw_all, write_figures
from sim.report.page import study_of
from sim.report.study import Study
from tests.report.made_result import MadeWorld, made_result

KEYS = ["dependence", "supply", "vendors", "differences", "map"]


@pytest.fixture(scope="module")
def drawn(study: Study) -> list[Drawn]:
    return draw_all(study, {s: contrasts(study, s) for s in study.compared[1:]})[0]


def test_all_figures_are_drawn_and_numbered(drawn: list[Drawn]) -> None:
    assert [figure.key for figure in drawn] == KEYS
    assert [figure.number for figure in drawn] == [1, 2, 3, 4, 5]


def test_captions_name_question_scenarios_seed_version_runs_and_caveat(drawn: list[Drawn]) -> None:
    for figure in drawn:
        for part in ("Question: How far", "Vendor outage", "seed 7", "model 0.1.0", "24 runs", "not a forecast"):
            assert part in figure.caption


def test_numbers_in_the_heat_map_are_the_medians(drawn: list[Drawn], study: Study) -> None:
    svg = next(figure.svg for figure in drawn if figure.key == "supply")
    value = float(np.median(study.values("supply_networks.KAZ", "baseline")))
    assert f">{value:.2f}<" in svg


def test_same_result_same_bytes(drawn: list[Drawn], study: Study) -> None:
    again, _ = draw_all(study, {s: contrasts(study, s) for s in study.compared[1:]})
    assert [(f.svg, f.png, f.caption) for f in again] == [(f.svg, f.png, f.caption) for f in drawn]


def test_files_are_written_with_their_captions(drawn: list[Drawn], tmp_path: Path) -> None:
    write_figures(drawn, tmp_path / "figures")
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"{key}.{kind}" for key in KEYS for kind in ("svg", "png")} | {"captions.md"}
    assert (tmp_path / "figures" / "map.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_and_not_drawn(tmp_path: Path) -> None:
    result = made_result(tmp_path / "bare", n_runs=1, free=False, record=False)
    bare = study_of(result, MadeWorld())
    drawn, left = draw_all(bare, {s: contrasts(bare, s) for s in bare.compared[1:]})
    assert [figure.key for figure in drawn] == ["supply", "map"]
    assert len(left) == 3
    assert all(item.reason for item in left)


def test_no_outcome_of_the_map_or_heat_map_no_figure(study: Study) -> None:
    kept = [c for c in study.outcomes if not c.startswith(("map_", "supply_"))]
    poor = Study(study.outcomes[kept], None, study.names, study.provenance)
    drawn, left = draw_all(poor, {})
    assert drawn == []
    assert len(left) == 5


@given(st.dictionaries(st.text("abcdef", min_size=1), st.floats(0, 1), min_size=1, max_size=5))
def test_labels_keep_their_distance_and_stay_in_the_frame(ends: dict[str, float]) -> None:
    heights = sorted(spread(ends, 0.085).values())
    assert all(b - a >= 0.085 - 1e-9 for a, b in pairwise(heights))
    assert heights[0] > -0.1
    assert heights[-1] <= 0.98 + 1e-9
