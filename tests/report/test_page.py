from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sim.parameters.register import Register
from sim.report.opening import sampled
from sim.report.page import write_report
from sim.report.patterns import load_patterns
from sim.results.files import read_signed, write_signed
from sim.results.runs import Runs
from sim.results.store import open_result
from tests.report.made_result import MadeWorld, made_result
from tests.report.test_figures import KEYS as FIGURES

SECTIONS = ["In short", "What this is not", "Scenarios", "Figures", "Likelihood", "Confidence", "Validation",
            "Paired differences", "What the parameters rest on", "Provenance"]  # fmt: skip
VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Collects what the tests ask about and checks that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            self.headings.append((self.open[-1], data.strip()))


@pytest.fixture(scope="module")
def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


def test_sections_are_there_in_order_and_in_the_contents(read: Reader, page: Path) -> None:
    assert [text for level, text in read.headings if level == "h2"] == ["Contents", *SECTIONS]
    assert sum(level == "h1" for level, _ in read.headings) == 1
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in read.tags if tag == "a"]
    assert links
    assert all(link and link[1:] in ids for link in links)


def test_headings_never_skip_a_level(read: Reader) -> None:
    levels = [int(level[1]) for level, _ in read.headings]
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_page_needs_nothing_from_outside(read: Reader, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    policy = next(
        a["content"] for t, a in read.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not any(tag in ("script", "iframe", "object", "img") for tag, _ in read.tags)
    assert not any("style" in attrs for _, attrs in read.tags)
    sources = [attrs.get(name) or "" for _, attrs in read.tags for name in ("src", "href", "xlink:href")]
    assert all(source == "" or source.startswith(("#", "data:,")) for source in sources)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_figures_have_names_and_tables_have_captions_and_scopes(read: Reader) -> None:
    figures = [attrs for tag, attrs in read.tags if tag == "svg"]
    assert len(figures) == len(FIGURES)
    assert all(a.get("role") == "img" and len(a.get("aria-label") or "") > 40 for a in figures)
    count = {name: sum(tag == name for tag, _ in read.tags) for name in ("table", "caption")}
    assert count["table"] == count["caption"]
    assert all(attrs.get("scope") for tag, attrs in read.tags if tag == "th")


def test_page_says_where_it_comes_from_and_when_it_does_not_know(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("0123456789abcdef", "abcdef0", "5f1c0de5", "seed 7", "Made numbers: no model computed them."):
        assert part in text
    assert str(page.parent) not in text
    assert not re.search(r"20\d\d-\d\d-\d\d", text)


def test_the_title_is_the_manifests_where_it_has_one(page: Path, register: Register, tmp_path: Path) -> None:
    assert "<h1>Steppe report: reference</h1>" in page.read_text(encoding="utf-8")
    result = made_result(tmp_path / "titled", n_runs=2)
    manifest = read_signed(result.path / "manifest.json")
    titled = {**manifest, "title": "Cables & clouds", "caveats": ["Of 9 parameters, 0 documented, 9 derived."]}
    write_signed(result.path / "manifest.json", titled)
    text = write_report(open_result(result.path), MadeWorld(), register, load_patterns()).read_text(encoding="utf-8")
    assert "<h1>Cables &amp; clouds</h1>" in text
    assert "<li>Of 9 parameters, 0 documented, 9 derived.</li>" in text


def test_question_and_disclaimer_are_not_repeated_under_each_figure(page: Path) -> None:
    text = re.sub(r"<svg.*?</svg>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert text.count("How far does technology dependence on China go") == 1
    assert text.count("follows from stated assumptions") <= 2


def test_page_says_which_world_it_shows_and_what_no_scenario_moves(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "Numbers show the simulated true world" in text
    assert text.count("what does not move.") == 2
    assert "until 2022Q3; after it" in text


def test_the_page_prints_the_manifests_caveats_and_no_others(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    listed = re.search(r"<h3>Caveats</h3>\s*<ul>(.*?)</ul>", text, re.DOTALL)
    assert listed
    told = [html.unescape(item) for item in re.findall(r"<li>(.*?)</li>", listed[1])]
    assert told == open_result(page.parent).manifest["caveats"]


def test_each_scenario_says_what_it_moved_most_and_what_the_measure_means(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    opening = text[text.index("What moved most against the baseline") : text.index("<h3>Assumptions</h3>")]
    assert "Western sanctions" in opening
    assert "Vendor outage" in opening
    assert re.search(r'<td class="n"><b>[+\u2212][\d.]+</b></td>', opening)
    assert "It is 0.25, say, where" in text
    assert "steppe run" not in opening


def test_a_lone_scenario_shows_all_outcomes_and_how_to_compare_it(register: Register, tmp_path: Path) -> None:
    text = page_with(tmp_path, register, scenarios=("vendor_outage",))
    assert "What moved most" not in text
    assert "steppe run &#39;scenario=[baseline,vendor_outage]&#39;" in text
    assert "All outcomes: median (middle 90 per cent of the runs)" in text


def test_what_was_not_measured_is_said_instead_of_a_number(register: Register, tmp_path: Path) -> None:
    off = {"config": {"name": "reference", "rules": {"technology": {"dependence": False}}}}
    text = page_with(tmp_path, register, changes=off)
    assert text.count(">not measured<") == 5 * 3
    assert "depends more on China" not in text
    assert "dependence on China at the end" not in text


def page_with(
    folder: Path, register: Register, scenarios: tuple[str, ...] = (), changes: dict[str, Any] | None = None
) -> str:
    """Return the page of a made result of some scenarios (all where none are named), its manifest changed."""
    made = made_result(folder / "made", n_runs=4, free=False)
    runs, series = made.runs, made.trajectories
    kept = np.isin(runs["scenario"], scenarios or runs["scenario"])
    assert series is not None
    cut = Cut(folder, {**made.manifest, **(changes or {})}, runs.at(kept), series)
    (folder / "figures").mkdir()
    return write_report(cut, MadeWorld(), register, load_patterns()).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Cut:
    """Part of a result."""

    path: Path
    manifest: dict[str, Any]
    runs: Runs
    trajectories: xr.DataArray


def test_differences_stand_in_a_file_that_says_what_they_are_of(page: Path) -> None:
    lines = (page.parent / "figures" / "differences.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Question: How far")
    assert "seed 7, model 0.1.0" in lines[0]
    assert lines[1].startswith("scenario,outcome,n_pairs")
    assert all(line.startswith(("western_sanctions,", "vendor_outage,")) for line in lines[2:])


def test_outcomes_are_counted_as_the_result_has_them(page: Path) -> None:
    outcomes = open_result(page.parent).runs.names
    compared = [name for name in outcomes if not name.startswith("map_")]
    expected = f"The result has {len(outcomes)} outcomes; {len(compared)} are compared"
    assert expected in page.read_text(encoding="utf-8")


def test_patterns_that_are_not_met_stay_visible(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert all(pattern.what.partition("'")[0] in text for pattern in load_patterns())
    assert 'class="not-met"' in text


def test_equal_results_give_equal_bytes_wherever_they_lie(page: Path, register: Register, tmp_path: Path) -> None:
    made_result(tmp_path / "other", n_runs=24)
    again = write_report(open_result(tmp_path / "other"), MadeWorld(), register, load_patterns())
    assert again.read_bytes() == page.read_bytes()
    for path in sorted((page.parent / "figures").iterdir()):
        assert (again.parent / "figures" / path.name).read_bytes() == path.read_bytes()


def test_one_run_without_series_or_free_history_still_makes_a_page(register: Register, tmp_path: Path) -> None:
    result = made_result(tmp_path / "one", n_runs=1, free=False, record=False)
    text = write_report(result, MadeWorld(), register, load_patterns()).read_text(encoding="utf-8")
    assert "Figures not drawn" in text
    assert "No runs in free history" in text
    assert "Patterns: not judged, no runs in free history" in text
    assert "tests met" not in text
    assert ">nan<" not in text


def test_the_opening_says_that_sampled_points_are_left_out(page: Path, register: Register, tmp_path: Path) -> None:
    words = "This page leaves out the runs at the 1,024 sampled points of the design."
    opening = page_with(tmp_path, register, changes={"design": {"points": 1024}}).partition('id="what-not"')[0]
    assert words in opening.partition("<table>")[0]
    assert "sampled point" not in page.read_text(encoding="utf-8")
    assert sampled({"design": {"points": 1}}) == "This page leaves out the runs at the sampled point of the design."
