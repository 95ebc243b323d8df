"""The page of a comparison, over made numbers: what it says, that it repeats itself, that nothing lies on anything."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.compare import NEVER, actor
from sim.analysis.pairs import Contrast
from sim.parameters.register import Register
from sim.report import figure_multiples, style
from sim.report.comparable import Source, side_by_side
from sim.report.comparison import ROWS, write_comparison
from sim.report.drawn import Cannot
from sim.report.effects import PARTS, Effects, acts_of, effects_of, quoted, sentences
from sim.report.set_by_scenario import addresses
from sim.report.study import Study
from sim.results.runs import Runs
from tests.report.layout import cut, overlapping
from tests.report.made_result import SHIFT, MadeWorld, made_result

SCENARIOS = tuple(SHIFT)


@pytest.fixture(scope="module")
def effects(both: Study) -> Effects:
    return effects_of(both, "western_sanctions", MadeWorld().folder)


@pytest.fixture
def folder(comparison: Path) -> Path:
    return comparison.parent


def test_families_are_ranked_by_the_member_that_moves_most(effects: Effects) -> None:
    sizes = [abs(effect.row.standardised) for effect in effects.sized]
    assert sizes == sorted(sizes, reverse=True)
    stems = [effect.row.outcome.partition(".")[0] for effect in effects.families]
    assert len(stems) == len(set(stems))
    assert {"dependence_china", "exit_cost"} <= set(stems)
    assert not {"local_capacity", "capacity_2014"} & set(stems)
    china = effects.families[stems.index("dependence_china")]
    assert {row.outcome for row in china.rows} <= {f"dependence_china.{s}" for s in ("KAZ", "KGZ", "TJK", "UZB", "TKM")}
    assert china.row == max(china.rows, key=lambda row: abs(row.standardised))
    assert china.n == 5
    assert math.fsum(share for _, share in china.carriers) == pytest.approx(1.0)
    assert {who for who, _ in china.carriers} == {effects.who(row.outcome) for row in china.rows}


def test_a_family_opens_when_the_made_shift_does(effects: Effects) -> None:
    # the made difference begins at three quarters of the window and grows from there
    opened = effects.opened("dependence_china.KGZ")
    assert opened is not None
    assert opened.differs == 135
    assert 135 <= opened.opens <= 140
    assert effects.opened("exit_cost.KGZ") is None


def test_what_a_scenario_sets_is_a_cause_and_no_effect(both: Study) -> None:
    decreed = {"western_sanctions": frozenset({"dependence_china.KGZ"})}
    told = effects_of(replace(both, set_by=decreed), "western_sanctions", MadeWorld().folder)
    assert [row.outcome for row in told.set_here] == ["dependence_china.KGZ"]
    assert all(row.outcome != "dependence_china.KGZ" for effect in told.families for row in effect.rows)


def given(study: Study, name: str, **facts: Any) -> Study:
    """Return a study whose manifest says this of a scenario."""
    return replace(study, given={**study.given, name: {**study.given[name], **facts}})


def test_what_a_scenario_sets_is_told_from_its_file_where_its_runs_did_not_record_it(both: Study) -> None:
    assert acts_of(["western_sanctions"], both)["western_sanctions"][0] == (
        "sanction, firm Huawei, from 2023Q1 on, strength 0.8, set by the lever severity (Western sanctions on a firm)"
    )
    assert acts_of(["no_such_file"], both) == {}


def test_what_a_scenario_sets_is_what_its_runs_recorded(both: Study) -> None:
    told = {"kind": "sanction", "firm": "ZTE", "start": "2024Q1", "strength": 0.3}
    recorded = given(both, "western_sanctions", injects=[told], parameters={"tenders.weight_price": 0.5})
    assert acts_of(["western_sanctions"], recorded)["western_sanctions"] == (
        "sanction, firm ZTE, from 2024Q1 on, strength 0.3 (Western sanctions on a firm)",
        "parameter tenders.weight_price = 0.5",
    )
    below = given(recorded, "western_sanctions", base="vendor_outage")
    assert acts_of([], below)["western_sanctions"][0] == "what “Vendor outage” sets"


def test_orders_of_strategies_are_told_without_lists(both: Study) -> None:
    asked = replace(both, given={"kazakhstan_hedges": {}}, first="kazakhstan_hedges")
    asked = replace(asked, outcomes=Runs.of(both.outcomes.frame().assign(scenario="kazakhstan_hedges")))
    (ban, drive) = acts_of(["kazakhstan_hedges"], asked)["kazakhstan_hedges"]
    assert ban.startswith(
        "ban, firm all:CHN, state Kazakhstan, when states[KAZ].dependence[CHN] > 0.26 and states[KAZ]"
    )
    assert "at most 3 times, strength 0.5, cost 2" in ban
    assert "['" not in ban + drive
    assert drive.startswith("capacity_drive, state Kazakhstan, ")


def test_a_page_is_made_anew_where_what_stands_behind_the_parameters_differs(
    both: Study, folder: Path, register: Register, tmp_path: Path
) -> None:
    entries = dict(list(register.entries.items())[1:])
    told = write_comparison(both, tmp_path, MadeWorld(), replace(register, entries=entries), SCENARIOS)
    assert told["key"] != json.loads((folder / "comparison.json").read_text())["key"]


def test_sentences_name_size_likelihood_opening_and_actors(effects: Effects) -> None:
    said = " ".join(sentences(effects))
    most, count = effects.sized[0].row, effects.tally
    assert f"moves {count.n_moved} of {count.n} outcomes" in said
    assert f"of the other {count.n_open}, 24 pairs of runs do not tell" in said
    assert f"What moves most is {quoted(effects.study, most.outcome)}: by −" in said
    assert "lies lower under “Western sanctions” than under “Baseline”" in said
    assert f"in {round(most.p_down * 24)} of 24 runs: too few runs to choose between" in said
    assert "Most of the outcomes that move are those of" in said
    assert "onfidence" not in said, "likelihood and confidence never share a paragraph"


def test_of_an_outcome_over_all_actors_the_parts_carry_it(effects: Effects) -> None:
    # of the made treaties only Tajikistan's differs
    row = Contrast("western_sanctions", "treaties_in_force", 24, 30.0, 0.4, 0.3, 0.5, 4.0, 3.0, 5.0, 1.0, 0.0)
    (family,) = replace(effects, found=(row,)).families
    assert family.carriers == (("Tajikistan", 1.0),)


@pytest.mark.parametrize("whole", PARTS)
def test_outcomes_over_all_actors_and_their_parts_are_declared(whole: str) -> None:
    declared = addresses(MadeWorld().folder)
    parts = [stem for stem in declared if f"{stem}.".startswith(PARTS[whole])]
    assert whole in declared
    assert parts
    assert all("**" in declared[stem] or actor(declared[stem]) for stem in parts)


def test_the_page_says_what_moves_when_and_by_whom(folder: Path, effects: Effects) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "“Western sanctions” and “Vendor outage” against “Baseline”" in page
    body = page.split('id="scenario-1"')[1].split('id="scenario-2"')[0]
    assert len(re.findall(r'<tr><th scope="row">', body)) == min(ROWS, len(effects.sized))
    assert "Sanctions bind the region closer to its suppliers." in body
    assert (
        "sanction, firm ZTE, from 2023Q1 on, strength 0.8, set by the lever severity (Western sanctions on a firm)"
        in body
    )
    assert re.search(r"<td>20(2[4-9])Q\d</td>", body)
    assert "0123456789abcdef" in page
    assert "Made numbers: no model computed them." in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


def test_every_outcome_stands_in_the_files_with_its_quarter(folder: Path, effects: Effects) -> None:
    lines = (folder / "figures" / "differences.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Question:")
    rows = list(csv.DictReader(lines[1:]))
    assert len({(r["scenario"], r["outcome"]) for r in rows}) == len(rows)
    mine = {r["outcome"]: r for r in rows if r["scenario"] == "western_sanctions"}
    assert set(mine) == {contrast.outcome for contrast in effects.found}
    opened = effects.opened("dependence_china.KGZ")
    assert opened is not None
    assert opened.opens != NEVER
    assert mine["dependence_china.KGZ"]["opens"] == effects.study.quarter(opened.opens)
    assert (mine["dependence_china.KGZ"]["is_moved"], mine["dependence_china.KGZ"]["actor"]) == ("True", "Kyrgyzstan")
    content = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert len(content["rows"]) == len(rows)
    assert content["base"] == "baseline"
    assert [told["scenario"] for told in content["scenarios"]] == list(SCENARIOS[1:])


def test_equal_runs_give_equal_bytes_and_nothing_is_written_twice(
    both: Study, folder: Path, register: Register, tmp_path: Path
) -> None:
    write_comparison(both, tmp_path, MadeWorld(), register, SCENARIOS)
    names = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
    page = tmp_path / "report.html"
    before = page.stat().st_mtime_ns
    write_comparison(both, tmp_path, MadeWorld(), register, SCENARIOS)
    assert page.stat().st_mtime_ns == before
    page.write_text("damaged")
    write_comparison(both, tmp_path, MadeWorld(), register, SCENARIOS)
    assert page.read_bytes() == (folder / "report.html").read_bytes()


def test_series_are_made_of_what_moves_where_they_can_be(both: Study, register: Register, tmp_path: Path) -> None:
    asked: list[str] = []
    series = both.trajectories

    def record(addresses):
        asked.extend(addresses)
        return series

    write_comparison(replace(both, trajectories=None), tmp_path, MadeWorld(), register, SCENARIOS, record)
    assert "states[KGZ].dependence[CHN]" in asked
    assert "states[KGZ].local_capacity" not in asked
    assert len(asked) == len(set(asked))
    assert (tmp_path / "figures" / "multiples_western_sanctions.svg").is_file()


def test_small_multiples_are_whole_and_legible(both: Study) -> None:
    with style.drawing():
        for scenario in both.compared[1:]:
            sketch = figure_multiples.sketch(effects_of(both, scenario, MadeWorld().folder))
            assert cut(sketch.figure) == []
            assert overlapping(sketch.figure) == []
            assert "opens in 20" in sketch.alt
            upper, lower = sketch.figure.axes[:2]
            assert upper.get_xlim() == lower.get_xlim() == sketch.figure.axes[-1].get_xlim()


def test_without_series_there_is_a_page_and_no_figure(both: Study, register: Register, tmp_path: Path) -> None:
    bare = replace(both, trajectories=None)
    with pytest.raises(Cannot, match="no series of what Western sanctions moves was recorded"):
        figure_multiples.sketch(effects_of(bare, "western_sanctions", MadeWorld().folder))
    write_comparison(bare, tmp_path, MadeWorld(), register, SCENARIOS)
    assert "Not drawn: Small multiples: Western sanctions" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_one_pair_is_too_few_to_tell(register: Register, tmp_path: Path) -> None:
    lone = made_result(tmp_path / "lone", n_runs=1)
    study = side_by_side([Source(lone, name) for name in SCENARIOS[:2]], MadeWorld())
    said = sentences(effects_of(study, "western_sanctions", MadeWorld().folder))
    assert said == ["“Western sanctions”: 1 pair of runs on the same dice, too few to tell anything."]
    write_comparison(study, tmp_path / "page", MadeWorld(), register, SCENARIOS)
    assert "too few to tell" in (tmp_path / "page" / "report.html").read_text(encoding="utf-8")
