"""Sweeps from the command: growth of a folder, what refuses to grow, and what a plan tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.ensemble import trial
from sim.results import amounts
from sim.results.store import open_result

KEYS = (
    "experiment=cooperation", "scenario=baseline", "start=2010Q1", "end=2012Q4", "runs=2", "trajectories=false",
    "report=false", "engine.threads=2",
)  # fmt: skip
SOBOL = ("design=sobol", "design.over=[tenders.weight_price,theory.choice]")


class Runs:
    """Runs `steppe run` in one folder; each call returns the status, the answer of --json, and what was said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def __call__(self, *keys: str, results: str = "results") -> tuple[int, dict[str, Any], str]:
        self.capsys.readouterr()
        typed = dict(text.split("=", 1) for text in (*KEYS, *keys))
        overrides = [f"{key}={value}" for key, value in typed.items()]
        status = main(["run", *overrides, f"results_dir={self.folder / results}", "--json"])
        out, err = self.capsys.readouterr()
        return status, json.loads(out.splitlines()[-1]) if status == 0 else {}, err


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runs:
    return Runs(tmp_path, capsys)


def rows(folder: str) -> pd.DataFrame:
    return open_result(folder).outcomes.set_index(["point", "replication"]).sort_index()


def test_a_sequence_grows_and_keeps_what_was_there(run: Runs) -> None:
    _, small, _ = run(*SOBOL, "design.n=4")
    before, parts = rows(small["results"]), set(Path(small["results"]).rglob("part-*"))
    status, large, _ = run(*SOBOL, "design.n=8")
    assert (status, large["results"], large["runs"]) == (0, small["results"], 18)
    assert set(Path(large["results"]).rglob("part-*")) > parts
    after = rows(large["results"])
    pd.testing.assert_frame_equal(after.loc[before.index], before)
    result = open_result(large["results"])
    assert result.manifest["counts"]["points"] == 9
    assert (result.manifest["design"]["n"], result.manifest["config"]["design"]["n"]) == (8, 8)
    assert [arm["point"] for arm in result.manifest["arms"]] == ["default"]
    assert result.manifest["title"].endswith("design sobol over tenders.weight_price, theory.choice")
    assert len(pd.read_parquet(result.path / "design.parquet")) == 9
    assert set(result.unsampled.outcomes["point"]) == {"default"}
    assert set(result.at("p0000003").outcomes["point"]) == {"p0000003"}

    manifest = (result.path / "manifest.json").read_bytes()
    _, again, said = run(*SOBOL, "design.n=4")
    assert again["digest"] == small["digest"]
    assert "holds 8 points; they stay as they are" in said
    assert (result.path / "manifest.json").read_bytes() == manifest

    _, wider, said = run(*SOBOL, "design.n=4", "runs=3")
    assert "holds up to 8 points; its results are of all of them" in said
    assert open_result(wider["results"]).manifest["counts"]["runs"] == 5 * 3 + 4 * 2
    _, alone, _ = run(*SOBOL, "design.n=4", "runs=3", results="alone")
    assert wider["digest"] == alone["digest"]


def test_a_design_that_cannot_grow_refuses_and_says_what_to_do(run: Runs) -> None:
    hypercube = ("design=latin_hypercube", "design.over=[tenders.weight_price]")
    _, answer, _ = run(*hypercube, "design.n=2")
    status, _, said = run(*hypercube, "design.n=3")
    assert status == 2
    assert "holds design=latin_hypercube of design.n=2 (2 points), and design.n=3 (3 points) are asked for" in said
    assert "results_dir=, or use design=sobol" in said
    assert run(*hypercube, "design.n=2", "runs=3")[1]["runs"] == 9
    assert open_result(answer["results"]).manifest["counts"]["runs"] == 9


def test_rows_may_be_appended_to_a_table_and_not_changed(run: Runs, tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    keys = ("design=table", f"design.table={table}")
    table.write_text("point,tenders.weight_price,worldview\na,0.5,all\nb,0.75,cautious\n")
    _, small, _ = run(*keys)
    table.write_text(table.read_text() + "c,1.5,\n")
    _, large, _ = run(*keys)
    assert large["results"] == small["results"]
    assert set(rows(large["results"]).index.get_level_values("point")) == {"default", "a", "b", "c"}

    table.write_text("point,tenders.weight_price,worldview\na,0.5,all\n")
    status, fewer, said = run(*keys)
    assert (status, fewer["runs"]) == (0, 4)
    assert "holds 3 points; they stay as they are" in said

    table.write_text("point,tenders.weight_price,worldview\na,0.5,all\nb,0.8,cautious\n")
    status, _, said = run(*keys)
    assert status == 2
    assert "the point b differs: parameters.tenders.weight_price is 0.75 there and 0.8 here" in said


def test_a_plan_tells_what_it_will_take_and_writes_nothing(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 0.05)
    columns = "trajectories=['states[KAZ].dependence[CHN]']"
    status, answer, _ = run(*SOBOL, "design.n=1024", "runs=20", "plan=true", columns)
    plan = answer["plan"]
    assert status == 0
    assert (plan["runs"], plan["points"], plan["arms"], plan["replications"]) == (20500, 1025, 1025, [20, 20])
    assert (plan["runs_there"], plan["runs_to_run"]) == (0, 20500)
    assert plan["workers"] <= 2
    rest = plan["seconds_start"] + plan["seconds_end"]
    assert plan["seconds"] - rest == pytest.approx((plan["seconds_one_cpu"] - rest) / plan["workers"], rel=0.05)
    assert plan["seconds_one_cpu"] > 20500 * plan["seconds_a_run"] > 0
    kinds = ("outcomes", "bands", "trajectories")
    assert plan["bytes"] == pytest.approx(sum(plan[f"bytes_{kind}"] for kind in kinds), abs=2)
    assert plan["bytes_bands"] > 0
    assert plan["bytes_outcomes"] > 20500 * 8
    assert 0 < plan["bytes_trajectories"] < 20 * 12 * 4 * 10, "only the default point is recorded"
    assert not (tmp_path / "results").exists()


def test_a_plan_counts_what_is_there_already(run: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trial, "SECONDS", 0.05)
    _, done, _ = run(*SOBOL, "design.n=4")
    before = {path: path.stat().st_mtime_ns for path in Path(done["results"]).rglob("*")}
    _, answer, _ = run(*SOBOL, "design.n=8", "plan=true")
    assert (answer["plan"]["runs"], answer["plan"]["runs_there"]) == (18, 10)
    assert {path: path.stat().st_mtime_ns for path in Path(done["results"]).rglob("*")} == before
    words = " ".join(answer["told"])
    assert "18: 9 points (8 sampled, default), 9 arms, 2 replications of each, 10 of them there already" in words
    assert "on one CPU" in words


@pytest.mark.parametrize(("seconds", "words"), [(1.5, "1.5 seconds"), (600, "10.0 minutes"), (2e5, "2.3 days")])
def test_spans_are_told_in_units_of_their_size(seconds: float, words: str) -> None:
    assert amounts.span(seconds) == words
