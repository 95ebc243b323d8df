from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

from sim.report import style
from sim.report.svg import tidy


@pytest.fixture
def svg() -> str:
    with style.drawing():
        figure = style.new_figure(2.0, "A < B & C", "note")
        axes = style.place(figure, 1, 0.5, 3, 1)
        axes.plot([0, 1], [0, 1], "o--")
        axes.fill_between([0, 1], [0, 0], [1, 1], hatch="//")
        return style.to_svg(figure, "first", 'says "this" & <that>')


def test_result_is_one_well_formed_element_with_a_name(svg: str) -> None:
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'says "this" & <that>'


def test_no_style_no_metadata_no_date(svg: str) -> None:
    for word in ("style=", "<style", "<metadata", "<!DOCTYPE", "<?xml", "dc:date"):
        assert word not in svg


def test_ids_carry_the_key_and_every_link_finds_its_target(svg: str) -> None:
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("first-") for name in ids if name)
    links = {
        value.partition("#")[2].rstrip(")") for e in root.iter() for value in e.attrib.values() if "#first-" in value
    }
    assert links
    assert links <= set(ids)


def test_same_figure_same_text(svg: str) -> None:
    with style.drawing():
        figure = style.new_figure(2.0, "A < B & C", "note")
        axes = style.place(figure, 1, 0.5, 3, 1)
        axes.plot([0, 1], [0, 1], "o--")
        axes.fill_between([0, 1], [0, 0], [1, 1], hatch="//")
        again = style.to_svg(figure, "first", 'says "this" & <that>')
    assert again == svg


def test_numbers_are_short_and_near() -> None:
    text = '<svg xmlns="x"><path d="M 1.23456 -0.00001 L 100.005 7" style="fill: #fff; stroke: none"/></svg>'
    made = tidy(text, "k", "alt")
    assert 'd="M 1.23 0 L 100 7"' in made or 'd="M 1.23 0 L 100.01 7"' in made
    assert 'fill="#fff" stroke="none"' in made


def test_settings_are_put_back() -> None:
    import matplotlib

    before = matplotlib.rcParams["font.size"]
    with style.drawing():
        assert matplotlib.rcParams["svg.fonttype"] == "none"
    assert matplotlib.rcParams["font.size"] == before
    assert isinstance(Figure(), Figure)
