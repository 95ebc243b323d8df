"""A sweep in shares: run, looked at, joined and finished through the command, with the real model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.results.files import held
from sim.results.schema import CONFIG
from sim.results.store import open_result
from tests.report.made_result import made_result

KEYS = ("scenario=baseline", "runs=6", "end=1995Q4", "report=false", "trajectories=['states[KAZ].dependence[CHN]']")


class Command:
    """Calls the command in this process; returns exit status, the object of --json, and what was said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, dict[str, Any], str]:
        self.capsys.readouterr()
        status = main([*map(str, arguments), "--json"])
        out, err = self.capsys.readouterr()
        return status, json.loads(out.splitlines()[-1]), err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def test_shares_are_run_apart_joined_and_finished_as_one_run_would_be(tmp_path: Path, command: Command) -> None:
    _, whole, _ = command("run", *KEYS, f"results_dir={tmp_path / 'whole'}")
    folders, runs = [], []
    for number, place in ((1, "here"), (2, "here"), (3, "there")):
        status, answer, said = command("run", *KEYS, f"shard={number}/3", f"results_dir={tmp_path / place}")
        assert (status, answer["status"], answer["shard"]) == (0, 0, f"{number}/3")
        assert f"Share {number} of 3: {answer['runs']} runs are done." in said
        folders.append(Path(answer["results"]))
        runs.append(answer["runs"])
        assert not (folders[-1] / "manifest.json").exists()
    assert sum(runs) == whole["runs"] == 12
    assert [folder.name for folder in folders] == [f"{folders[0].name[:12]}.share-{n}-of-3" for n in (1, 2, 3)]

    status, answer, _ = command("merge", tmp_path / "here", folders[2])
    above = f"{tmp_path / 'here'}: is no folder of one result or share; name those below it"
    assert (status, answer["error"]) == (2, f"{above}: {folders[0]}, {folders[1]}.")
    status, answer, said = command("merge", *reversed(folders[:2]))
    assert status == answer["status"] == 1
    assert [row["folder"] for row in answer["sources"]] == [str(folder) for folder in folders[:2]]
    assert said.index(str(folders[0])) < said.index(str(folders[1]))
    assert answer["missing"] == runs[2]
    (row,) = answer["shares"]
    assert (row["share"], row["missing"]) == ("3/3", runs[2])
    typed = " ".join(("steppe run", *KEYS[:1], *KEYS[2:4]))
    assert row["command"].startswith(typed)
    assert row["command"].endswith(f"runs=6 shard=3/3 results_dir={tmp_path / 'here'}")
    assert command("status", answer["results"])[1]["done"] == runs[0] + runs[1]

    folders[2] = Path(shutil.move(folders[2], tmp_path / "artifact-3"))
    status, joined, _ = command("merge", *folders)
    assert status == 0
    assert joined["digest"] == whole["digest"]
    assert Path(joined["results"]) == tmp_path / "here" / "reference" / Path(whole["results"]).name
    one, other = open_result(joined["results"]), open_result(whole["results"])
    for key in ("config_hash", "plan_hash", "question", "title", "arms", "counts", "caveats", "inputs_hash"):
        if key != "counts":
            assert one.manifest[key] == other.manifest[key], key
    assert one.manifest["counts"]["runs"] == 12
    assert one.trajectories is not None
    assert other.trajectories is not None
    assert (one.trajectories.values == other.trajectories.values).all()

    before = (Path(joined["results"]) / "manifest.json").stat().st_mtime_ns
    status, again, said = command("merge", *folders)
    assert (status, again["joined"], again["digest"]) == (0, 0, whole["digest"])
    assert "is whole already" in said
    assert (Path(joined["results"]) / "manifest.json").stat().st_mtime_ns == before
    assert command("run", *KEYS, f"results_dir={tmp_path / 'here'}")[1]["results"] == joined["results"]


def test_a_share_that_is_running_is_waited_for(tmp_path: Path, command: Command) -> None:
    keys = (*KEYS, f"results_dir={tmp_path}")
    folders = [Path(command("run", *keys, f"shard={number}/2")[1]["results"]) for number in (1, 2)]
    for folder in folders:
        min((folder / "receipts").iterdir()).unlink()
    with held(folders[1]):
        answer = command("merge", *folders)[1]
        assert [(row["share"], row["running"]) for row in answer["shares"]] == [("1/2", False), ("2/2", True)]
        assert main(["merge", *map(str, folders)]) == 1
    lines = command.capsys.readouterr().out.splitlines()
    assert lines[-2].endswith(" of share 2/2: running just now")
    assert lines[-1].startswith("Run these, wait for what is running, and merge again; or run them here: steppe run ")


def test_a_share_of_other_settings_is_refused_and_what_differs_is_named(tmp_path: Path, command: Command) -> None:
    one = command("run", *KEYS, "shard=1/2", f"results_dir={tmp_path}")[1]["results"]
    two = command("run", *KEYS, "seed=2", "history=free", "shard=2/2", f"results_dir={tmp_path}")[1]["results"]
    status, answer, _ = command("merge", one, two)
    assert status == 2
    assert "hold runs of different campaigns: seed: 1, 2; history: replay, free" in answer["error"]


def test_a_share_by_a_scenario_that_has_changed_since_is_refused(tmp_path: Path, command: Command) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\ntitle: Mine\nquestion: Why?\ntag: analyst\nsource: a test\n")
    keys = (f"scenario={mine}", *KEYS[1:], f"results_dir={tmp_path}")
    folder = command("run", *keys, "shard=1/2")[1]["results"]
    mine.write_text(mine.read_text() + "parameters: {tenders.weight_price: 0.5}\n")
    status, answer, _ = command("merge", folder)
    assert status == 2
    assert "is joined by the model that made it, and this is another. " in answer["error"]
    assert f"The scenario mine has changed: {mine}" in answer["error"]
    mine.unlink()
    status, answer, _ = command("merge", folder)
    assert status == 2
    assert str(mine) in answer["error"]


def test_what_cannot_be_joined_is_one_message(tmp_path: Path, command: Command) -> None:
    def refusal(*arguments: object) -> str:
        status, answer, said = command("merge", *arguments)
        assert status == 2
        assert said.count("\n") == 1
        return str(answer["error"])

    assert "needs the folders to join" in refusal()
    assert "there is no such folder" in refusal(tmp_path / "nowhere")
    assert "is not a folder of results" in refusal(tmp_path)
    assert "Did you mean 'into'?" in refusal(tmp_path, "int=x")
    assert "into=: is empty; folder for results" in refusal(tmp_path, "into=")
    assert "into is given twice: a and b." in refusal(tmp_path, "into=a", "into=b")
    result = made_result(tmp_path / "reference" / "id", n_runs=1)
    (result.path / CONFIG).write_text("name: reference\n")
    for into in (result.path, result.path / "more"):
        assert f"into=: {into} lies in the results {result.path}" in refusal(tmp_path, f"into={into}")
