"""The page of the library: what it says, that it stands alone, and that equal results give equal bytes."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.pairs import Contrast
from sim.parameters.register import Register
from sim.report.library import deeds, effect, part_of, settings
from sim.report.library_panels import Mark, panel
from sim.report.pages import write_page
from sim.report.study import Study
from sim.results.files import read_signed, write_signed
from sim.results.store import open_result
from tests.report.made_result import MadeWorld, made_result
from tests.report.test_page import VOID, Reader

EXPECTS = [
    {"outcome": "dependence_china.KAZ", "change": "rises", "says": "More is bought there.", "source": "000:91"},
    {"outcome": "dependence_west.KAZ", "change": "rises", "says": "More is bought elsewhere.", "source": "000:91"},
    {"outcome": "capacity_2018.KAZ", "change": "holds", "says": "What is past stays.", "source": "000:85"},
    {"outcome": "gone.KAZ", "change": "rises", "says": "Nobody measured it.", "source": "000:85"},
]
INJECTS = [
    {"kind": "sanction", "firm": "Huawei", "start": "2023Q1", "strength": 0.8},
    {"kind": "sanction", "firm": "ZTE", "start": "2023Q1", "strength": 0.8},
]


def written(folder: Path, register: Register, **changes: Any) -> Path:
    """Write the library's page of a made result whose manifest is changed, and return its path."""
    path = made_result(folder / "result", n_runs=24, free=False, record=False).path / "manifest.json"
    manifest = read_signed(path)
    manifest["config"] |= {"page": "library", "measure": ["dependence_china", "service_lost"]}
    told = manifest["scenarios"]["western_sanctions"]
    told |= {"base": "baseline", "expects": [{**one, "against": "baseline"} for one in EXPECTS], "injects": INJECTS}
    write_signed(path, manifest | changes)
    return write_page(open_result(path.parent), MadeWorld(), register, ())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Path:
    return written(tmp_path_factory.mktemp("library"), register)


def plain(page: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def test_it_opens_with_what_was_asked_and_how_many_expectations_came_true(page: Path) -> None:
    text = plain(page)
    assert "of 1 of these scenarios what would follow, in 4 expectations" in text
    counted = re.findall(r"<div><dt>([\w ]+)</dt><dd>(\d+)</dd></div>", page.read_text())
    assert counted == [("confirmed", "1"), ("not confirmed", "1"), ("opposite", "1"), ("not judged", "1")]
    assert re.search(r"Kazakhstan: dependence on the West .* was expected to rise, and falls by 0\.0\d+", text)


def test_every_verdict_stands_in_the_table_and_in_a_file(page: Path) -> None:
    rows = re.findall(r'<td class="(?:met|not-met|undetermined)">([\w ]+)</td>', page.read_text())
    verdicts = ["confirmed", "opposite", "not confirmed", "not judged"]
    assert rows == verdicts * 2  # once in the table of all, once with the scenario
    lines = (page.parent / "figures" / "expectations.csv").read_text().splitlines()
    assert [line.split(",000:")[1].split(",")[1] for line in lines[1:]] == verdicts
    assert (page.parent / "figures" / "differences.csv").is_file()


def test_each_scenario_has_a_panel_that_leads_to_its_section(page: Path) -> None:
    text = page.read_text()
    anchors = set(re.findall(r'<li><a href="#(scenario-\w+)">', text))
    assert anchors == {"scenario-western_sanctions", "scenario-vendor_outage"}
    assert anchors <= set(re.findall(r'<article class="entry" id="(scenario-\w+)">', text))
    assert text.count("<svg ") == len(anchors)
    assert "steppe compare baseline western_sanctions" in text
    assert "Western sanctions on a firm (0.8): Huawei, ZTE, from 2023Q1 on." in text


def test_it_stands_alone_and_every_tag_is_closed(page: Path) -> None:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.open == []
    named = [attributes for tag, attributes in reader.tags if tag not in VOID]
    assert not any("style" in attributes or "onclick" in attributes for attributes in named)
    links = {attributes["href"] for tag, attributes in reader.tags if tag == "a"}
    ids = {attributes["id"] for _, attributes in reader.tags if attributes.get("id")}
    assert {str(link)[1:] for link in links} <= ids
    assert not any(tag in ("script", "img", "iframe") for tag, _ in reader.tags)


def test_equal_results_give_equal_bytes(page: Path, register: Register, tmp_path: Path) -> None:
    assert written(tmp_path, register).read_bytes() == page.read_bytes()


def test_a_lone_scenario_still_makes_a_page(register: Register, tmp_path: Path) -> None:
    folder = made_result(tmp_path / "result", n_runs=3, free=False, record=False).path
    path = folder / "manifest.json"
    manifest = read_signed(path)
    manifest["config"] |= {"page": "library", "scenarios": ["baseline"]}
    manifest["scenarios"] = {"baseline": manifest["scenarios"].get("baseline") or {}}
    write_signed(path, manifest)
    result = open_result(folder)
    lone = result.runs.at(result.runs["scenario"] == "baseline")

    class Lone:
        path, manifest, runs, trajectories, quantiles = result.path, result.manifest, lone, None, None

    text = plain(write_page(Lone(), MadeWorld(), register, ()))
    assert "None of these scenarios comes with an expectation" in text
    assert "Nothing moves that is measured" not in text


def row(standardised: float, half: float = 0.05) -> Contrast:
    low, high = standardised - half, standardised + half
    return Contrast("s", "x", 100, 1.0, standardised, low, high, standardised, low, high, 1.0, 0.0)


@pytest.mark.parametrize(
    ("found", "drawn", "spoken"),
    [
        (row(1.0), 'r="3.2" fill="#00395c"', "x +1.0"),
        (row(0.02), 'r="3.2" fill="#ffffff"', "x 0.0, undecided or still"),
        (row(5.0), ">+5.0</text>", "x +5.0"),
        (row(-12.3), ">\N{MINUS SIGN}12</text>", "x \N{MINUS SIGN}12.3"),
        (row(math.nan), ">–</text>", "x, not shown"),
        (None, ">–</text>", "x, not shown"),
    ],
)
def test_a_panel_tells_what_moves_what_may_and_what_lies_beyond(
    found: Contrast | None, drawn: str, spoken: str
) -> None:
    svg = panel("A title", [Mark("x", found)])
    assert drawn in svg
    assert f'aria-label="A title: {spoken}"' in svg
    assert "style=" not in svg


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ({"injects": [{"kind": "sanction"}], "source": "000:91"}, "technology"),
        ({"injects": [{"kind": "quarrel"}], "source": "the reverse of 004:105"}, "cooperation"),
        ({"injects": [{"kind": "border"}], "source": "000:91"}, "cooperation"),
        ({"injects": [{"kind": "agreement", "institution": "EUIF"}], "source": "002:213"}, "groups"),
        ({"injects": [{"kind": "agreement", "institution": "SCO"}], "source": "000:43"}, "technology"),
        ({"injects": [{"kind": "guarantee"}], "source": "002:69"}, "groups"),
        ({"injects": [], "source": "002:116"}, "groups"),
        ({}, "technology"),
    ],
)
def test_a_scenario_belongs_to_the_part_that_it_begins_with(told: dict[str, Any], part: str) -> None:
    assert part_of(told) == part


def test_deeds_of_one_kind_and_time_stand_in_one_line(study: Study) -> None:
    held = {"kind": "outage", "firm": "Huawei", "start": "2025Q1", "end": "2025Q3", "strength": 0.8}
    told = deeds(study, [*INJECTS, held, {"kind": "tension", "start": "2025Q1", "strength": 1}])
    assert told[0] == "Western sanctions on a firm (0.8): Huawei, ZTE, from 2023Q1 on."
    assert told[1].endswith("(0.8): Huawei, from 2025Q1, until 2025Q3.")
    assert told[2].endswith("(1): from 2025Q1 on.")


def test_deeds_that_wait_say_what_for(study: Study) -> None:
    waiting = {"kind": "sanction", "firm": "ZTE", "when": "politics.tension > 0.5", "until": "politics.tension < 0.2"}
    words = "when politics.tension > 0.5, until politics.tension < 0.2."
    assert deeds(study, [waiting]) == (f"Western sanctions on a firm: ZTE, {words}",)
    both = {**waiting, "when": ["politics.tension > 0.5", "politics.alert > 0.1"]}
    assert "when politics.tension > 0.5 and politics.alert > 0.1" in deeds(study, [both])[0]
    zte = {**waiting, "when": "channels[TUR>Xinjiang, China].open > 0.5", "times": 3}
    told = deeds(study, [{**zte, "firm": "Huawei"}, zte])
    words = "when channels[TUR>Xinjiang, China].open > 0.5, until politics.tension < 0.2, at most 3 times"
    assert told == (f"Western sanctions on a firm: Huawei, ZTE, {words}.",)
    assert settings({"detention.rate_repatriate": 0.0}) == ("Parameter detention.rate_repatriate is set to 0.",)


def test_an_effect_says_direction_size_and_how_often(study: Study) -> None:
    falls = Contrast("s", "tension", 100, 0.5, -0.1, -0.12, -0.08, -1.0, -1.2, -0.8, 0.0, 1.0)
    words = effect(study, falls)
    assert (
        "falls by 0.100 (0.080 to 0.120) from 0.500; lower in 100 of 100 pairs, almost certain in a single pair."
        in words
    )
