"""What `steppe verify` says of results that are damaged, or of another model, and what mends them."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.commands import verified, verify
from sim.commands.verify import Asked
from sim.errors import InputError
from tests.commands import kept


def _verify(folder: Path, share: float = 0.0) -> dict[str, Any]:
    return verify.verify(Asked(folder, share, 0, None, 1), plain=True)


def test_what_mends_a_damaged_file_is_told(
    made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same command where the folder stands as it was made, and another place where it was moved."""
    (folder / "design.parquet").unlink()
    place = made.parents[1]
    typed = f"experiment=cooperation end=1996Q4 'trajectories=['\"'\"'{kept.COLUMN}'\"'\"']' report=false "
    command_line = f"{typed}'scenario=[baseline,{place.parent}/mine.yaml]' runs={kept.RUNS} results_dir="
    moved = folder.parent
    told = _verify(folder)["mend"]
    assert told.startswith(f"This makes the results again, in {moved}/cooperation/{made.name}: steppe run ")
    assert told.endswith(f"{command_line}{moved}")
    own = Path(shutil.copytree(made, moved / "cooperation" / made.name))
    (own / "design.parquet").unlink()
    told = _verify(own)["mend"]
    assert told == f"This makes what is damaged again, and keeps the rest: steppe run {command_line}{moved}"
    assert main(["verify", str(own), "share=0"]) == 1
    assert f"         {told}\n" in capsys.readouterr().out
    monkeypatch.setattr(verified, "REFERENCE", own)
    assert "`make reference`" in _verify(own)["mend"]
    (folder / "plan.parquet").unlink()
    assert _verify(folder)["mend"].startswith("The command that made them makes what is damaged again")
    kept.edit_manifest(folder, source_hash="f" * 64)
    assert _verify(folder)["mend"].startswith("Only the version and the files that made them")
    assert _verify(made)["mend"] is None


def test_the_command_that_is_told_mends_a_table_of_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model is made of that file, so that no run can be made again before it is mended."""
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text("point,tenders.weight_price\na,0.5\n")
    keys = ("experiment=cooperation", "scenario=baseline", "end=1996Q4", "report=false", "runs=2")
    assert main(["run", *keys, "design=table", "design.table=points.csv", "results_dir=res"]) == 0
    own = next(Path("res/cooperation").iterdir())
    digest = kept.manifest_of(own)["digest"]
    (own / "design.parquet").write_bytes(b"")
    for share in (0.0, 0.5):
        answer = _verify(own, share)
        assert (answer["status"], answer["mode"], answer["why"]) == (1, "files only", "design.parquet is damaged")
        assert answer["differences"] == []
    away, _, rest = answer["mend"].partition("; this makes it again, and keeps the rest: ")
    assert away == f"Take {own}/design.parquet away"
    command, _, where = rest.partition(" (")
    assert where == "in the folder in which it was begun: it names points.csv)"
    (own / "design.parquet").unlink()
    assert main(shlex.split(command)[1:]) == 0
    assert "All 4 runs are there already" in capsys.readouterr().err
    assert (_verify(own, 1.0)["status"], kept.manifest_of(own)["digest"]) == (0, digest)


def test_results_of_a_comparison_are_mended_by_its_command(folder: Path) -> None:
    plan = pq.read_table(folder / "plan.parquet")
    about = json.loads(plan.schema.metadata[b"steppe"])
    about |= {"experiment": "comparison", "command": ["scenario=['baseline','mine']", "runs=9", "results_dir=x"]}
    pq.write_table(plan.replace_schema_metadata({b"steppe": json.dumps(about).encode()}), folder / "plan.parquet")
    path = kept.manifest_of(folder)["config"]["scenarios"][1]
    told = _verify(folder)["mend"]
    assert f": steppe compare baseline {path} runs=9 results_dir=" in told


def test_another_model_is_told_without_a_run_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def compiled(*_: object) -> None:
        raise AssertionError("nothing is compiled for files and model")

    monkeypatch.setattr("sim.ensemble.warming.warm", compiled)
    assert main(["verify", str(folder), "share=0"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "verdict  verified (files and model)"
    manifest = kept.manifest_of(folder)
    values = manifest["register"]
    now = values["default"]["tenders"]["weight_price"]
    values["default"]["tenders"]["weight_price"] = 0.125
    arms = [{**arm, "fingerprint": "0" * 64} for arm in manifest["arms"]]
    kept.edit_manifest(folder, register=values, register_hash="0" * 64, arms=arms)
    answer = _verify(folder)
    assert (answer["status"], answer["checked"]) == (1, 0)
    assert answer["differences"][0].endswith(f"have changed: tenders.weight_price: 0.125, now {now}.")
    assert main(["verify", str(folder), "share=0"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "verdict  not verified (another model)"


def test_files_are_told_also_where_the_model_cannot_be_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise InputError("mine.yaml: there is no such file.")

    monkeypatch.setattr("sim.ensemble.reopen.reopen", gone)
    answer = _verify(folder)
    assert (answer["status"], answer["files"]["problems"]) == (1, [])
    assert answer["differences"] == ["The model cannot be made of today's files: mine.yaml: there is no such file."]
    with pytest.raises(InputError, match="there is no such file"):
        _verify(folder, share=1.0)


def test_the_table_has_a_row_an_outcome_by_the_arm_in_which_it_moved_most() -> None:
    row = {"point": "default", "history": "replay", "runs": 1, "compared": 4, "mean_was": 1.0, "mean_now": 2.0}
    rows = [
        {**row, "outcome": "a", "scenario": "outage", "shift_in_sd": -2.0, "first_run": 7},
        {**row, "outcome": "b", "scenario": "baseline", "shift_in_sd": 1.0, "first_run": 3},
        {**row, "outcome": "a", "scenario": "baseline", "shift_in_sd": 0.5, "first_run": 1},
    ]
    answer = {"moved": rows, "moved_series": [], "arms": 12, "arms_of_series": 0}
    ((_, found, arms),) = verified._tables(answer)
    assert [cells[:4] + cells[-1:] for cells in verified._cells(found, arms)[1:]] == [
        ["a", "2 of 12", "default, outage, replay", "1 of 4", "7"],
        ["b", "1 of 12", "default, baseline, replay", "1 of 4", "3"],
    ]
    many = [{**rows[0], "outcome": str(n)} for n in range(verified.SHOWN + 2)]
    assert verified._cells(many, 1)[-1][0] == "and 2 more"
