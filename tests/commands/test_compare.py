"""`steppe compare`: what it refuses, and a comparison from runs to page and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.expectations import VERDICTS
from sim.cli import main
from sim.commands.call import parse
from sim.commands.compare import _check_distinct, _job, folder_of, left_out_of
from sim.errors import InputError
from sim.results.store import open_result
from tests.commands import kept

MINE = "\n".join(["name: mine", "title: Mine", "question: Why?", "tag: analyst", "source: a test", "base: baseline"])


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "takes two scenarios or more: steppe compare baseline western_sanctions"),
        (["baseline"], "takes two scenarios or more"),
        (["baseline", "baseline"], "baseline is given twice"),
        (["baseline", "westen_sanctions"], "Did you mean 'western_sanctions'?"),
        (["baseline", "./mine.yaml"], "./mine.yaml: there is no such file."),
        (["baseline", "results/x"], "results/x is a folder of results and baseline a scenario"),
        (["results/x", "results/y"], "results/x: there is no such folder of results."),
        (["baseline", "vendor_outage", "scenario=x"], "scenario=: name the scenarios themselves"),
        (["baseline", "vendor_outage", "experiment=restraint"], "experiment=: scenarios are compared, not experiments"),
        (["baseline", "vendor_outage", "report=false"], "report=: a comparison always writes its page"),
        (["baseline", "vendor_outage", "sede=2"], "Did you mean 'seed'?"),
        (["baseline", "vendor_outage", "into=x"], "unknown key 'into'. `steppe compare --help` lists all keys."),
        (["baseline", "vendor_outage", "--runs=5"], "unknown flag '--runs=5'. Did you mean 'runs=5'?"),
        (["baseline", "vendor_outage", "--scenario=c"], "unknown flag '--scenario=c'.\n"),
        (["results/x", "into=x"], "unknown key 'into'. `steppe compare --help` lists all keys."),
        (["baseline", "vendor_outage", "parameters.tenders.weight_prise=1"], "Did you mean 'tenders.weight_price'?"),
        (["results/x", "seed=2"], "seed=: results are compared as they were run; only results_dir= can be set."),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *words]) == 2
    told = capsys.readouterr()
    assert reason in told.err
    assert (told.err.count("\n"), told.out) == (1, "")


def arm(point: str, history: str = "replay") -> dict[str, str]:
    return {"point": point, "scenario": "baseline", "history": history}


def test_what_is_left_out_of_a_comparison_is_told() -> None:
    usual = {"arms": [arm("default"), arm("paired")], "design": None}
    assert left_out_of(usual) == []
    assert left_out_of({"arms": [arm("default", "free")]}) == []
    more = [arm("default", "free"), arm("other"), arm("other", "free")]
    much = {"arms": [*usual["arms"], *more], "design": {"points": 40}}
    assert left_out_of(much) == ["40 sampled points", "1 variant", "the free history"]


def test_two_scenarios_that_set_the_same_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text(MINE)
    assert main(["compare", "baseline", f"{tmp_path}/mine.yaml"]) == 2
    assert "set the same: nothing differs between them." in capsys.readouterr().err


def test_scenarios_that_differ_in_their_strategies_alone_are_compared(tmp_path: Path) -> None:
    orders = "orders: [{act: capacity_drive, start: 2025Q1, for: 8, strength: 1}]"
    (tmp_path / "mine.yaml").write_text(f"{MINE}\nstrategies:\n  - {{actor: KAZ, budget: 1, {orders}}}\n")
    _check_distinct(["baseline", f"{tmp_path}/mine.yaml"])
    (tmp_path / "twin.yaml").write_text((tmp_path / "mine.yaml").read_text().replace("mine", "twin"))
    with pytest.raises(InputError, match="set the same"):
        _check_distinct([f"{tmp_path}/mine.yaml", f"{tmp_path}/twin.yaml"])


def test_a_rule_may_be_named_with_a_slash() -> None:
    job = _job(parse(["compare", "baseline", "idlib_falls", "rules.technology/outage=false"]))
    assert job.config.switched_off() == ("technology/outage",)


def test_the_campaign_has_the_words_as_scenarios_and_takes_the_keys_of_a_run() -> None:
    config = _job(parse(["compare", "idlib_falls", "baseline", "history=free", "rules.technology.outage=false"])).config
    assert (config.scenarios, config.runs, config.history) == (("idlib_falls", "baseline"), 100, "free")
    assert config.switched_off() == ("technology/outage",)
    assert (config.name, config.pair, config.validation) == ("comparison", ("restraint/patron_effort",), None)
    assert config.full_title.startswith("Comparison: scenarios idlib_falls, baseline")
    off = _job(parse(["compare", "baseline", "idlib_falls", "runs=7", "rules.restraint.patron_effort=false"])).config
    assert (off.runs, off.pair) == (7, ())


def test_a_folder_may_name_its_scenario(tmp_path: Path) -> None:
    assert folder_of("results/x/1:baseline") == (Path("results/x/1"), "baseline")
    assert folder_of("results/x/1") == (Path("results/x/1"), None)
    (tmp_path / "a:b").mkdir()
    assert folder_of(f"{tmp_path}/a:b") == (tmp_path / "a:b", None)


KEYS = ("start=2020Q1", "end=2025Q4", "history=free")


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["compare", *words, "--json"]) == 0, capsys.readouterr().err
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_from_runs_to_page_and_back_from_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"results_dir={tmp_path}"
    first = answered(capsys, "western_sanctions", "baseline", *KEYS, "runs=6", place)
    folder = Path(first["results"])
    assert folder.parent == tmp_path / "comparison"
    assert open_result(folder).manifest["digest"] == first["digest"]
    assert {"report.html", "comparison.json", "figures/differences.csv"} <= set(open_result(folder).manifest["files"])
    assert (first["base"], first["replications"]) == ("western_sanctions", {"asked": 6, "held": 6})
    (told,) = first["compared"]
    assert told["moved"] + told["still"] + told["undecided"] == told["outcomes"]
    rows = {row["outcome"]: row for row in first["rows"]}
    assert {"restraint", "dependence_china.KGZ"} <= set(rows)
    assert rows["sanction_huawei"]["is_set"], "the scenario that others are set against sets it"
    assert [one["scenario"] for one in first["expectations"]] == ["western_sanctions"] * 4
    assert {one["verdict"] for one in first["expectations"]} <= set(VERDICTS)
    moved = [row for row in rows.values() if row["is_moved"] and row["differs"]]
    assert moved
    assert all(row["differs"] >= "2023Q1" for row in moved)

    page = Path(first["report"])
    before = page.stat().st_mtime_ns
    fewer = answered(capsys, "western_sanctions", "baseline", *KEYS, "runs=3", place)
    again = answered(capsys, "western_sanctions", "baseline", *KEYS, "runs=6", place)
    assert page.stat().st_mtime_ns == before
    assert again["rows"] == fewer["rows"] == first["rows"]
    assert again["digest"] == first["digest"] != fewer["digest"]

    names = [f"{folder}:{name}" for name in ("western_sanctions", "baseline")]
    stored = answered(capsys, *names, place)
    assert Path(stored["results"]) != folder
    gaps = {row["outcome"]: row["mean"] for row in stored["rows"]}
    assert gaps == {name: row["mean"] for name, row in rows.items()}
    assert main(["compare", str(folder), place]) == 0
    out = capsys.readouterr().out
    assert "outcomes move" in out
    assert "left out" not in out

    kept.edit_manifest(folder, design={"method": "sobol", "points": 40})
    assert main(["compare", str(folder), place]) == 0
    assert capsys.readouterr().out.startswith("6 pairs at the default point; left out: 40 sampled points\n")


def test_a_comparison_can_be_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "baseline", "western_sanctions", *KEYS, "plan=true", f"results_dir={tmp_path}/made"]) == 0
    assert "(nothing is written)" in capsys.readouterr().out
    assert not (tmp_path / "made").exists()
