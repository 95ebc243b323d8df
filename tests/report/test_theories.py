from __future__ import annotations

import html
import re
from itertools import pairwise
from pathlib import Path

import pytest

from sim.analysis.pairs import Contrast
from sim.parameters.register import Register
from sim.report.findings import APPEARS, FADES, HOLDS, OPEN, TURNS, Finding, at_points, findings
from sim.report.held import briefly, class_of, held_under, holds, likely, says, stands_under
from sim.report.page import study_of, write_report
from sim.report.study import Study
from sim.report.theories import write_theories
from sim.report.variants import Variant, default_words, told_of, variants_of
from sim.results.schema import DEFAULT_POINT
from sim.results.store import Result
from tests.report.made_result import MadeWorld
from tests.report.made_theories import MEASURE, POINTS, made_theories, points
from tests.report.test_page import Reader

SANCTIONS = "western_sanctions"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return made_theories(tmp_path_factory.mktemp("made") / "result")


@pytest.fixture(scope="module")
def variants(made: Result) -> tuple[Variant, ...]:
    return variants_of(made.manifest)


@pytest.fixture(scope="module")
def studies(made: Result) -> dict[str, Study]:
    return at_points(study_of(made, MadeWorld()), made.runs, variants_of(made.manifest), MEASURE)


@pytest.fixture(scope="module")
def found(studies: dict[str, Study]) -> list[Finding]:
    return findings(studies, MEASURE)


@pytest.fixture(scope="module")
def page(made: Result, register: Register) -> Path:
    return write_theories(made, MadeWorld(), register)


def row(mean: float, half: float, before: float = 10.0, sd: float = 1.0) -> Contrast:
    """Return a difference with an interval of `mean` plus and minus `half`."""
    ends = (mean, mean - half, mean + half)
    return Contrast("s", "o", 40, before, *ends, *(end / sd for end in ends), 0.9, 0.1)


RISES, FALLS, STILL, UNDECIDED = row(1.0, 0.3), row(-1.0, 0.3), row(0.01, 0.02), row(0.1, 0.4)


@pytest.mark.parametrize(
    ("usual", "here", "stands"),
    [
        (RISES, RISES, HOLDS),
        (RISES, FALLS, TURNS),
        (FALLS, RISES, TURNS),
        (RISES, STILL, FADES),
        (RISES, UNDECIDED, OPEN),
        (STILL, STILL, HOLDS),
        (STILL, FALLS, APPEARS),
        (STILL, UNDECIDED, OPEN),
        (UNDECIDED, RISES, APPEARS),
        (UNDECIDED, STILL, FADES),
    ],
)
def test_how_a_finding_stands_follows_from_both_intervals(usual: Contrast, here: Contrast, stands: str) -> None:
    assert Finding("s", "o", {DEFAULT_POINT: usual, "x": here}).stands("x") == stands


@pytest.mark.parametrize(
    ("here", "size"), [(row(0.3, 0.2), "weaker"), (row(0.6, 0.2), ""), (row(2.0, 0.5), "stronger"), (FALLS, "")]
)
def test_weaker_and_stronger_need_intervals_apart(here: Contrast, size: str) -> None:
    assert Finding("s", "o", {DEFAULT_POINT: RISES, "x": here}).size("x") == size


def test_a_point_that_changes_nothing_does_not_touch_a_finding() -> None:
    finding = Finding("s", "o", {DEFAULT_POINT: RISES, "x": row(1.0, 0.3), "y": row(1.0, 0.3, before=11.0)})
    assert finding.is_untouched("x")
    assert not finding.is_untouched("y")


@pytest.mark.parametrize(
    ("rows", "of_class"),
    [
        ([RISES, RISES], "everywhere"),
        ([RISES, RISES, STILL], "mostly"),
        ([RISES, UNDECIDED], "mostly"),
        ([RISES, STILL, FALLS], "turns"),
        ([STILL, RISES], "appears"),
        ([UNDECIDED, FALLS], "appears"),
    ],
)
def test_classes(rows: list[Contrast], of_class: str) -> None:
    at = {DEFAULT_POINT: rows[0], **{str(i): here for i, here in enumerate(rows[1:])}}
    assert class_of(Finding("s", "o", at)) == of_class


def test_variants_are_told_apart_by_what_differs(variants: tuple[Variant, ...]) -> None:
    kinds = {variant.name: variant.kind for variant in variants}
    assert kinds == {name: name.partition("_")[0].replace("choice", "theory").replace("restraint", "theory")
                     .replace("both", "combination") for name in list(POINTS)[1:]}  # fmt: skip
    assert [variant.kind for variant in variants] == sorted(kinds.values(), key="theory worldview combination".find)
    assert variants[0].short == "Satisficing (choice)"


def test_a_variant_of_values_is_a_combination() -> None:
    told = points()
    told["dear"] = {**told[DEFAULT_POINT], "title": "Dear", "parameters": {"tenders.weight_price": 2.5}}
    (dear,) = [variant for variant in variants_of({"points": told}) if variant.name == "dear"]
    assert (dear.kind, dear.others) == ("combination", ("tenders.weight_price=2.5",))


def test_points_scale_what_scenarios_change(found: list[Finding]) -> None:
    finding = next(one for one in found if (one.scenario, one.stem) == (SANCTIONS, "dependence_china"))
    stands = {point: finding.stands(point) for point in finding.others}
    assert stands == {
        "choice_satisficing": HOLDS, "choice_imitation": HOLDS, "restraint_ideology": TURNS,
        "worldview_cautious": FADES, "worldview_rusi_sco": OPEN, "both": HOLDS,
    }  # fmt: skip
    assert finding.is_untouched("choice_satisficing")
    assert finding.size("choice_imitation") == "weaker"
    assert finding.at["choice_imitation"].mean == pytest.approx(0.4 * finding.default.mean)


def test_findings_come_by_outcome_then_by_scenario(found: list[Finding]) -> None:
    places = [(MEASURE.index(one.stem), one.scenario == "vendor_outage") for one in found]
    assert places == sorted(places)
    assert all(tuple(one.at) == tuple(POINTS) for one in found)


def test_what_a_scenario_sets_itself_is_no_finding(found: list[Finding]) -> None:
    assert len(found) == 2 * len(MEASURE)


def test_what_a_scenario_does_is_one_sentence(studies: dict[str, Study]) -> None:
    finding = Finding(SANCTIONS, "tension", {DEFAULT_POINT: row(-0.25, 0.05, before=2.0)})
    told = says(studies[DEFAULT_POINT], finding)
    assert told.endswith(" down by 0.250 (95 per cent interval 0.200 to 0.300) from 2.00.")
    still = Finding(SANCTIONS, "tension", {DEFAULT_POINT: STILL})
    assert "as it was" in says(studies[DEFAULT_POINT], still)
    assert likely(studies[DEFAULT_POINT], still) == ""
    assert "in 36 of 40 runs" in likely(studies[DEFAULT_POINT], Finding(SANCTIONS, "tension", {DEFAULT_POINT: RISES}))


def test_where_it_holds_is_one_sentence(found: list[Finding], variants: tuple[Variant, ...]) -> None:
    finding = next(one for one in found if (one.scenario, one.stem) == (SANCTIONS, "dependence_china"))
    told = holds(finding, variants)
    assert told.startswith("Holds under 2 of 3 rival theories (turns round under ‘Ideology (restraint)’; weaker under ")
    assert "1 of them does not touch it" in told
    assert "0 of 2 worldviews (fades under ‘Only what is not contested’; is open under ‘Paving the" in told
    assert told.endswith("the one combination.")
    assert briefly(finding, variants) == "3 of 6; turns round under ‘Ideology (restraint)’"


def test_tables_of_other_pages_can_say_where_a_difference_holds(made: Result, tmp_path: Path) -> None:
    study, variants = study_of(made, MadeWorld()), variants_of(made.manifest)
    held = held_under(study, made.runs, variants, MEASURE)
    assert held[SANCTIONS, "dependence_china"] == "3 of 6; turns round under ‘Ideology (restraint)’"
    alone = made_theories(tmp_path / "alone", n_runs=4, is_varied=False)
    assert held_under(study, alone.runs, (), MEASURE) == {}
    assert "random utility" in stands_under(alone.manifest)
    assert stands_under({}) == default_words({}) == ""


def test_what_a_worldview_takes_away_is_told(variants: tuple[Variant, ...], register: Register) -> None:
    told = told_of(variants, register)
    cautious = told["worldview"][0]
    assert cautious.sets
    assert all(re.fullmatch(r"\w+\.\w+ = \S+, not \S+", words) for words in cautious.sets)
    sco = told["worldview"][1]
    assert re.search(r"000:\d+-\d+$", sco.where)
    kept = [words.removeprefix("keeps ") for words in sco.sets if words.startswith("keeps ")]
    assert kept
    own = [words for words in sco.sets[:-1] if not words.startswith("keeps ")]
    left = len(cautious.sets) - len(kept) - len(own)
    assert sco.sets[-1] == f"drops the other {left} of {len(cautious.sets)}"
    assert told["theory"][0].literature
    assert told["combination"][0].sets == ("theory.accusation=quota", "worldview=cautious")


@pytest.fixture(scope="module")
def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


def test_the_page_has_its_sections_and_its_links_lead_somewhere(read: Reader) -> None:
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] or "" for tag, attrs in read.tags if tag == "a"]
    assert all(link[1:] in ids for link in links)
    levels = [int(level[1]) for level, _ in read.headings]
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_page_needs_nothing_from_outside(read: Reader, page: Path) -> None:
    assert not any(tag in ("script", "iframe", "object", "img") for tag, _ in read.tags)
    assert not any("style" in attrs for _, attrs in read.tags)
    sources = [attrs.get(name) or "" for _, attrs in read.tags for name in ("src", "href", "xlink:href")]
    assert all(source == "" or source.startswith(("#", "data:,")) for source in sources)
    assert not re.search(r"url\((?!#)", page.read_text(encoding="utf-8"))


def test_the_page_says_of_every_finding_where_it_holds(page: Path, found: list[Finding], variants: tuple) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
    moving = [one for one in found if one.is_moving]
    assert moving
    for one in moving:
        assert holds(one, variants) in text
    assert text.count("holds, weaker") == sum(one.size(point) == "weaker" for one in moving for point in one.others)
    table = (page.parent / "figures" / "findings.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 1 + len(found) * len(POINTS)


def test_equal_results_give_equal_bytes(made: Result, page: Path, register: Register, tmp_path: Path) -> None:
    again = write_theories(made_theories(tmp_path / "again"), MadeWorld(), register)
    for name in ("report.html", "figures/theories.svg", "figures/levels.png", "figures/findings.csv"):
        assert (page.parent / name).read_bytes() == (again.parent / name).read_bytes()


def test_the_ordinary_report_says_where_what_moved_holds(made: Result, register: Register, tmp_path: Path) -> None:
    ordinary = made_theories(tmp_path / "ordinary", n_runs=8)
    text = html.unescape(write_report(ordinary, MadeWorld(), register, []).read_text(encoding="utf-8"))
    assert "Holds under other theories and worldviews" in text
    assert "turns round under ‘Ideology (restraint)’" in text
    assert "All runs stand under how governments choose" in text


def test_a_result_without_variants_says_so(register: Register, tmp_path: Path) -> None:
    page = write_theories(made_theories(tmp_path / "alone", n_runs=6, is_varied=False), MadeWorld(), register)
    assert "This result has no variants" in page.read_text(encoding="utf-8")
