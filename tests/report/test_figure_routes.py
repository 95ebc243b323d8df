from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from sim.report import figure_routes, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_routes import SOUTH, TURN, _leaving, _looks, _ways, yearly
from sim.report.study import Study
from tests.report.made_result import CORRIDORS, PLACES

ORIGIN = "Western China"


def drawn(study: Study, make: object = figure_routes.routes) -> Sketch:
    assert callable(make)
    with style.drawing():
        made = make(study)
    assert isinstance(made, Sketch)
    return made


def without(study: Study, part: str) -> Study:
    """Return the study without the series whose address holds this part."""
    table = study.trajectories
    assert table is not None
    kept = [i for i, address in enumerate(table["column"].values) if part not in str(address)]
    return replace(study, trajectories=table.isel(column=kept))


def changed(study: Study, part: str, factor: float) -> Study:
    """Return the study with the series whose address holds this part multiplied."""
    table = study.trajectories
    assert table is not None
    values = table.values.copy()
    values[:, :, [part in str(address) for address in table["column"].values]] *= factor
    return replace(study, trajectories=table.copy(data=values))


def told(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_years_are_means_of_their_quarters_and_a_year_may_be_short() -> None:
    years = np.array([1991.5, 1991.75, 1992.0, 1992.25, 1992.5, 1992.75])
    assert np.array_equal(yearly(years, np.array([[1.0, 3, 4, 4, 4, 8]])), [[2.0, 5.0]])


def renamed(study: Study, names: dict[str, str]) -> Study:
    """Return the study with parts of its addresses replaced."""
    table = study.trajectories
    assert table is not None
    addresses = [str(address) for address in table["column"].values]
    for old, new in names.items():
        addresses = [address.replace(old, new) for address in addresses]
    return replace(study, trajectories=table.assign_coords(column=addresses))


def test_corridors_are_those_recorded_the_southern_one_first_then_by_size(study: Study) -> None:
    ways = _ways(study)
    assert (ways.origin, ways.corridors[0]) == (ORIGIN, SOUTH)
    assert set(ways.corridors) == set(CORRIDORS)
    size = [float(study.series(_leaving(ORIGIN, name), "baseline").mean()) for name in ways.corridors[1:]]
    assert size == sorted(size, reverse=True)


def test_any_origin_and_any_corridors_are_drawn(study: Study) -> None:
    other = renamed(study, {ORIGIN: "Atlantis", SOUTH: "The long way round by the outer islands"})
    ways = _ways(other)
    assert (ways.origin, ways.corridors[0]) == ("Atlantis", "Central Asia")
    made = drawn(other)
    assert made.title == "Ways out of Atlantis"
    assert "The long way round by the\nouter islands" in told(made.figure)
    assert "documents' date" not in made.caption
    assert drawn(other, figure_routes.stocks).title == "Persons from Atlantis by place"


def test_the_first_origin_with_corridors_to_compare_is_drawn(study: Study) -> None:
    two = renamed(study, {f"origins[{ORIGIN}].leaving[{SOUTH}]": "origins[Atlantis].leaving[Sea]"})
    assert (_ways(two).origin, SOUTH in _ways(two).corridors) == (ORIGIN, False)
    first = f"origins[{ORIGIN}].leaving[Central Asia]"
    assert _ways(renamed(study, {first: "origins[*].leaving[Central Asia]"})).origin == ORIGIN
    with pytest.raises(Cannot, match="two or more corridors"):
        _ways(renamed(two, {first: "origins[Atlantis 2].leaving[Sea]"}))


def test_places_of_a_second_origin_are_left_out(study: Study) -> None:
    two = renamed(study, {f"nodes[Syria].stock[{ORIGIN}]": "nodes[Syria].stock[Atlantis]"})
    titles = [axes.get_title(loc="left") for axes in drawn(two, figure_routes.stocks).figure.axes]
    assert "Turkey" in titles
    assert "Syria" not in titles


def test_layers_add_up_to_the_mean_total(study: Study) -> None:
    ways = _ways(study)
    total = sum(study.series(_leaving(ORIGIN, name), "baseline").astype(float) for name in CORRIDORS)
    assert np.allclose(ways.flows("baseline").sum(axis=0), yearly(study.years, np.asarray(total)), rtol=1e-5)
    stack = drawn(study).figure.axes[0]
    tops = [float(area.get_paths()[0].vertices[:, 1].max()) for area in stack.collections]
    assert max(tops) == pytest.approx(ways.flows("baseline").sum(axis=0).mean(axis=0).max(), rel=1e-6)


def test_no_two_layers_look_alike_even_in_grey(study: Study) -> None:
    looks = _looks(_ways(study))
    assert len({hatch for _, hatch in looks}) == len(looks) == 3
    lights = [float(np.dot(to_rgb(fill), (0.299, 0.587, 0.114))) for fill, _ in looks]
    assert all(abs(a - b) > 0.15 for a, b in combinations(lights, 2))


def test_parts_of_all_who_left_are_whole_on_either_side_of_the_documents_date(study: Study) -> None:
    ways = _ways(study)
    before, after = ways.parts(-np.inf, TURN), ways.parts(TURN, np.inf)
    assert before.sum() == pytest.approx(1.0)
    assert after.sum() == pytest.approx(1.0)
    assert after[0] > before[0]
    assert f"{100 * after[0]:.1f}" in told(drawn(study).figure)
    assert np.isnan(ways.parts(1800, 1900)).all()


def test_the_share_is_nothing_where_nobody_leaves(study: Study) -> None:
    silent = changed(study, ".leaving", 0.0)
    assert not _ways(silent).share("baseline").any()
    share = _ways(study).share("baseline")
    assert share.min() >= 0.0
    assert share.max() <= 1.0


def test_every_scenario_has_a_panel_of_the_share(study: Study) -> None:
    titles = [axes.get_title(loc="left") for axes in drawn(study).figure.axes]
    assert titles[-3:] == ["Baseline", "Western sanctions", "Vendor outage"]


def test_the_date_is_said_to_be_the_documents_and_no_result(study: Study) -> None:
    made = drawn(study)
    assert "the documents' date for a turn south" in made.caption
    assert "E0932" in made.caption
    assert "theirs, not the model's" in made.caption
    assert "control of the borders is on record up to 2022Q3" in made.caption
    assert "set with the documents' turn" not in made.caption
    free = replace(study, outcomes=study.outcomes.at(study.outcomes["history"] == "free"))
    assert "How fast borders harden was set with the documents' turn to the south in view" in drawn(free).caption
    north = drawn(without(study, SOUTH))
    assert "documents' date" not in north.caption


def test_a_single_run_has_neither_medians_nor_bands_in_its_words(study: Study) -> None:
    table = study.trajectories
    assert table is not None
    kept = np.flatnonzero((table["replication"].values == 0) & (table["history"].values == "replay"))
    outcomes = study.outcomes.at((study.outcomes["replication"] == 0) & (study.outcomes["history"] == "replay"))
    one = replace(study, outcomes=outcomes, trajectories=table.isel(run=kept))
    assert "dashed lines" not in drawn(one).caption
    legend = [text.get_text() for text in drawn(one).figure.legends[0].get_texts()]
    assert "middle 50%" not in legend


@pytest.mark.parametrize(
    ("part", "make", "reason"),
    [
        (".leaving", figure_routes.routes, "no series of persons by two or more corridors"),
        (".stock", figure_routes.stocks, "no series of persons by node"),
    ],
)
def test_without_series_there_is_a_reason_in_place_of_a_figure(
    study: Study, part: str, make: object, reason: str
) -> None:
    with pytest.raises(Cannot, match=reason):
        drawn(without(study, part), make)


def test_nobody_on_the_way_gives_a_reason_in_place_of_an_empty_figure(study: Study) -> None:
    with pytest.raises(Cannot, match="nobody leaves Western China"):
        drawn(changed(study, ".leaving", 0.0))
    with pytest.raises(Cannot, match="as much as one person"):
        drawn(changed(study, ".stock", 0.0), figure_routes.stocks)


def test_places_stand_by_size_without_the_origins_and_the_empty_ones_are_named(study: Study) -> None:
    made = drawn(study, figure_routes.stocks)
    titles = [axes.get_title(loc="left") for axes in made.figure.axes]
    assert titles[:2] == ["Turkey", "Syria"]
    assert ORIGIN not in titles
    assert set(titles) == set(PLACES) - {"Laos"}
    assert "Not drawn, with fewer persons: Laos." in made.caption


def test_nothing_is_cut_off_at_the_figures_edge(study: Study) -> None:
    long = {
        s: {"title": "An extradition treaty with the whole of a very wide region of the world"} for s in study.compared
    }
    for make in (figure_routes.routes, figure_routes.stocks):
        with style.drawing():
            figure = make(replace(study, given=long)).figure
            figure.canvas.draw()
            wide, high = figure.bbox.size
            boxes = [axes.get_tightbbox() for axes in figure.axes if axes.axison]
            assert all(box is not None and box.x0 >= 0 and box.x1 <= wide and box.y1 <= high for box in boxes)


def test_scenarios_on_the_baseline_are_named(study: Study) -> None:
    table = study.trajectories
    assert table is not None
    values = table.values.copy()
    is_base = (table["scenario"].values == "baseline") & (table["history"].values == "replay")
    values[table["scenario"].values == "vendor_outage"] = values[is_base]
    same = replace(study, trajectories=table.copy(data=values))
    assert "Vendor outage cannot be told from the baseline" in drawn(same, figure_routes.stocks).caption
    assert "cannot be told" not in drawn(study, figure_routes.stocks).caption
