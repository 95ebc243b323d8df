"""One folder, several commands: it always describes the most replications that it holds."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.commands.run import EXAMPLES
from sim.configuration import compose
from sim.ensemble.engines import cluster
from sim.ensemble.prepare import Prepared
from sim.overrides import KEYS as KEYS_OF_RUN
from sim.results.files import sha256_of
from sim.results.store import open_result

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("experiment=cooperation", "scenario=baseline", "end=1998Q4", "trajectories=['states[KAZ].dependence[CHN]']")


class Runs:
    """Runs `steppe run` in one folder; each call returns the answer of --json, and what was said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, *keys: str, results: str = "results") -> tuple[dict[str, Any], str]:
        self.capsys.readouterr()
        assert main(["run", *KEYS, *keys, f"results_dir={self.folder / results}", "--json"]) == 0
        out, err = self.capsys.readouterr()
        return json.loads(out), err


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runs:
    return Runs(tmp_path, capsys)


def content(folder: str) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): sha256_of(p) for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def agrees(folder: str, replications: int) -> None:
    """Check that manifest, outcomes, plan, configuration and trajectories are all of so many replications."""
    result = open_result(folder)
    assert result.manifest["counts"]["replications"] == result.manifest["config"]["runs"] == replications
    assert len(pd.read_parquet(Path(folder) / "outcomes")) == len(result.outcomes) == replications
    assert len(pd.read_parquet(Path(folder) / "plan.parquet")) == replications
    assert result.trajectories is not None
    assert result.trajectories.sizes["run"] == replications
    for name, checksum in result.manifest["files"].items():
        assert sha256_of(Path(folder) / name) == checksum, name


@pytest.mark.parametrize("report", ["true", "false"])
def test_a_smaller_run_leaves_the_larger_result_as_it_is(run: Runs, report: str) -> None:
    large, _ = run("runs=130")
    before = content(large["results"])
    small, said = run("runs=50", f"report={report}")
    assert said.strip() == f"{large['results']} holds 130 replications; its report stays."
    assert content(large["results"]) == before
    agrees(large["results"], 130)
    alone, _ = run("runs=50", "report=false", results="alone")
    assert (small["runs"], small["digest"]) == (50, alone["digest"])
    assert small["digest"] != large["digest"] == open_result(large["results"]).manifest["digest"]
    assert small["results"] == large["results"]
    again, _ = run("runs=130", "report=false")
    assert again["digest"] == large["digest"]
    assert Path(large["report"]).is_file()


def test_the_same_command_leaves_a_finished_result_as_it_is(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.commands import run as command

    first, _ = run("runs=20")
    before = content(first["results"])
    again, said = run("runs=20")
    assert said.strip() == "All 20 runs are there already; results and report stay as they are."
    assert again == first
    assert content(first["results"]) == before
    traced: dict[str, bool] = {}

    def full(*_: object) -> None:
        traced["ledger"] = (Path(first["results"]) / "ledger.parquet").is_file()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(command, "write_report", full)
        assert main(["run", *KEYS, "runs=20", "trace=true", f"results_dir={run.folder / 'results'}"]) == 3
    assert traced["ledger"]
    assert Path(first["report"]).is_file()
    again, said = run("runs=20")
    assert "All 20 runs are there already." in said
    assert again == first


def test_a_command_whose_scheduler_is_gone_leaves_nothing_and_compiles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warm(_: Prepared) -> None:
        raise AssertionError("the model was compiled")

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(Prepared, "warm", warm)
    keys = ("runs=2", "engine=dask", "engine.address=tcp://127.0.0.1:9", f"results_dir={tmp_path / 'results'}")
    assert main(["run", *KEYS, *keys]) == 2
    assert "no scheduler of Dask answers there" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_smaller_run_that_wants_a_report_gets_that_of_all_that_is_there(run: Runs) -> None:
    large, _ = run("runs=60", "report=false")
    assert large["report"] is None
    small, said = run("runs=20")
    assert "its results are of all of them" in said
    assert "60" in Path(small["report"]).read_text(encoding="utf-8")
    agrees(small["results"], 60)


def test_growing_without_a_report_removes_the_old_one_and_says_so(run: Runs) -> None:
    small, _ = run("runs=20")
    grown, said = run("runs=120", "report=false")
    assert "The report in" in said
    assert "is removed" in said
    assert not Path(small["report"]).exists()
    assert not (Path(small["results"]) / "figures").exists()
    agrees(grown["results"], 120)
    alone, _ = run("runs=120", "report=false", results="alone")
    assert grown["digest"] == alone["digest"]


def test_a_trace_is_kept_with_the_result_and_changes_nothing(run: Runs) -> None:
    traced, said = run("runs=3", "report=false", "trace=true")
    assert "Tracing the first replication" in said
    assert "ledger.parquet" in open_result(traced["results"]).manifest["files"]
    ledger = pd.read_parquet(Path(traced["results"]) / "ledger.parquet")
    assert set(ledger["replication"]) == {0}
    assert traced["digest"] == run("runs=3", "report=false", results="alone")[0]["digest"]


def test_a_value_that_a_scenario_overrules_is_said_before_the_run(run: Runs, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    lines = ("name: mine", "title: Mine", "question: Why?", "tag: analyst", "source: a test")
    mine.write_text("\n".join([*lines, "parameters: {tenders.weight_price: 0.5}"]))
    keys = [key for key in KEYS if not key.startswith("scenario=")]
    typed = ("parameters.tenders.weight_price=1.0", "runs=2", "report=false", f"results_dir={tmp_path}")
    assert main(["run", *keys, *typed, f"scenario=[baseline,{mine}]"]) == 0
    told = run.capsys.readouterr().err.splitlines()[0]
    assert told == "parameters.tenders.weight_price=1 does not hold everywhere: the scenario mine sets it to 0.5."
    assert main(["run", *keys, *typed, f"scenario={mine}"]) == 2
    assert "would hold for no run" in run.capsys.readouterr().err


def test_a_value_that_is_refused_is_named_with_the_place_where_it_stands(run: Runs, tmp_path: Path) -> None:
    def refusal(*keys: str) -> str:
        assert main(["run", "report=false", f"results_dir={tmp_path}", *keys]) == 2
        return run.capsys.readouterr().err

    mine, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    lines = ("title: Mine", "question: Why?", "tag: analyst", "source: a test")
    mine.write_text("\n".join(["name: mine", *lines, "parameters: {tenders.weight_poverty: 9}"]))
    other.write_text("\n".join(["name: other", *lines, "base: mine.yaml"]))
    register = "configs/parameters/tenders.yaml: tenders.weight_poverty: 9 lies outside its range 0..3 (ratio).\n"
    typed = "parameters.tenders.weight_poverty=9"
    assert refusal(typed) == f"steppe: {typed}: {register}"
    key = "tenders.weight_poverty"
    assert refusal(f"scenario=[baseline,{mine}]") == f"steppe: {mine}: parameters: {key}: {register}"
    assert refusal(f"scenario={other}") == f"steppe: {other}: base: mine.yaml: parameters: {key}: {register}"
    mine.write_text(mine.read_text().replace("poverty: 9", "povery: 1"))
    assert f"{mine}: parameters: tenders.weight_povery: Unknown parameter" in refusal(f"scenario={mine}")


def test_every_key_has_a_value_that_it_takes() -> None:
    assert set(EXAMPLES) == set(KEYS_OF_RUN)
    of_dask = ("engine.workers", "engine.time_limit", "engine.address", "engine.scheduler_file")
    only_with_others = (*of_dask, "max_runs", "design.seed", "trace")
    usual = [f"{key}={value}" for key, value in EXAMPLES.items() if key not in only_with_others]
    assert compose(usual).runs == 200
    others = ["trace=true", "max_runs=5000", "precision.returned.KAZ=0.5"]
    sobol = ["design=sobol", "design.n=4", "design.over=[tenders.weight_price]", "design.seed=0"]
    assert compose([*others, *sobol]).max_runs == 5000
    for keys in (of_dask[:2], (of_dask[1], of_dask[2]), (of_dask[1], of_dask[3])):
        engine = compose(["engine=dask", *(f"{key}={EXAMPLES[key]}" for key in keys)]).engine
        assert engine.time_limit == 60


def test_the_digest_of_fewer_runs_than_there_are_says_so(run: Runs) -> None:
    keys = ["run", *KEYS, "report=false", f"results_dir={run.folder}"]
    said = {}
    for runs in (20, 5):
        assert main([*keys, f"runs={runs}"]) == 0
        said[runs] = run.capsys.readouterr().out.splitlines()[-1]
    assert said[20].startswith("digest   ")
    assert said[5].startswith("digest of these 5 replications (the results hold 20)  ")
    assert said[5].split()[-1] != said[20].split()[-1]


def test_damage_is_mended_by_a_smaller_run_too(run: Runs) -> None:
    large, _ = run("runs=130", "report=false")
    max(Path(large["results"], "outcomes").iterdir()).write_bytes(b"noise")
    small, said = run("runs=50", "report=false")
    assert "does not count: " in said
    assert "What does not count is run again." in said
    agrees(large["results"], 130)
    assert small["digest"] == run("runs=50", "report=false", results="alone")[0]["digest"]


def test_what_an_interrupted_larger_run_left_is_finished_not_hidden(run: Runs) -> None:
    large, _ = run("runs=230", "report=false")
    folder = Path(large["results"])
    (folder / "manifest.json").unlink()
    last = max((folder / "receipts").iterdir())
    assert json.loads(last.read_text())["shard"]["first"] == 200
    last.unlink()
    small, said = run("runs=50", "report=false")
    assert "holds up to 200 replications" in said
    agrees(str(folder), 200)
    assert small["runs"] == 50


def test_what_runs_write_does_not_make_a_checkout_dirty(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout

    (tmp_path / "results").mkdir()
    for name in (".gitignore", "results/README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    git("init", "-q")
    listed = git("status", "--porcelain", "--untracked-files=all")
    assert listed.split() == ["??", ".gitignore", "??", "results/README.md"]
    for place in ("reference/0123/manifest.json", "reference/0123/outcomes/part-00000.parquet", "mine/1/report.html"):
        (tmp_path / "results" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "results" / place).write_text("x")
    assert git("status", "--porcelain", "--untracked-files=all") == listed


def test_the_page_on_results_opens_one(run: Runs) -> None:
    answer, _ = run("runs=30", "report=false")
    page = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    found: dict[str, Any] = {"path": answer["results"]}
    exec(page.split("```python\n")[1].split("```")[0], found)
    assert len(found["outcomes"]) == found["series"].sizes["run"] == 30
    for path in Path(answer["results"]).iterdir():
        assert f"`{path.name}" in page, path.name


def test_precision_adds_replications_and_says_how_narrow_the_means_are(run: Runs) -> None:
    asked = ("runs=4", "precision.dependence_china.KAZ=0.0005", "max_runs=30", "report=false")
    narrow, said = run(*asked)
    reached = narrow["precision"]
    assert reached["met"] + len(reached["wider"]) == reached["arms"] == 1
    assert 4 < reached["replications"]["most"] == narrow["runs"] <= 30
    assert "Precision: 1 of 1 arms need more replications" in said
    manifest = open_result(narrow["results"]).manifest
    assert manifest["precision"] == reached
    assert any("Chow and Robbins" in caveat for caveat in manifest["caveats"])
    assert run(*asked)[0]["digest"] == narrow["digest"]
