"""`steppe verify`, through the command: what it finds in results that were left alone, and in others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.analysis.verify import mode_of
from sim.cli import main
from sim.commands import verified
from sim.ensemble.prepare import Prepared
from sim.ensemble.receipts import Receipt
from sim.results.digest import digest_of
from sim.results.files import sha256_of
from sim.results.manifest import made_by
from sim.results.outcomes import read_parts
from sim.results.schema import CONFIG, TRAJECTORIES
from tests.commands import kept
from tests.ensemble.fakes import sign_again

OUTCOME = "dependence_china.KAZ"


class Verify:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, folder: Path, *keys: str) -> tuple[int, dict[str, Any]]:
        self.capsys.readouterr()
        status = main(["verify", str(folder), *keys, "--json"])
        return status, json.loads(self.capsys.readouterr().out)


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    return Verify(capsys)


def test_results_left_alone_are_verified_and_not_touched(folder: Path, verify: Verify) -> None:
    before = kept.content(folder)
    status, answer = verify(folder, "share=1", "engine.threads=2")
    assert (status, answer["mode"], answer["differing"], answer["moved"]) == (0, "bit for bit", 0, [])
    assert answer["checked"] == 2 * kept.RUNS
    assert answer["digest_again"] == answer["digest"] == kept.manifest_of(folder)["digest"]
    assert answer["files"] == {"checked": len(before) - 1, "problems": [], "others": []}
    assert kept.content(folder) == before


def test_a_sample_has_a_run_of_each_arm_and_takes_no_digest(folder: Path, verify: Verify) -> None:
    status, answer = verify(folder)
    assert (status, answer["checked"], answer["digest_again"]) == (0, 2, None)


def test_a_flipped_byte_is_found_without_a_run(folder: Path, verify: Verify) -> None:
    part = folder / kept.manifest_of(folder)["parts"][0]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    status, answer = verify(folder, "share=0")
    assert (status, answer["checked"], answer["mode"]) == (1, 0, "files and model")
    runs = f"8 runs (default point, baseline, replay to default point, mine, replay; replications 0 to {kept.RUNS - 1})"
    assert answer["files"]["problems"] == [f"{part.relative_to(folder)} does not match its checksum: {runs}."]
    answer = verify(folder, "share=1")[1]
    assert (answer["checked"], answer["left_out"]) == (0, 2 * kept.RUNS)


@pytest.mark.parametrize("name", ["plan.parquet", CONFIG])
def test_a_file_that_is_gone_is_found(folder: Path, verify: Verify, name: str) -> None:
    (folder / name).unlink()
    status, answer = verify(folder, "share=0")
    assert (status, answer["files"]["problems"]) == (1, [f"{name} is missing."])


def test_a_receipt_that_cannot_be_read_is_found_though_it_is_signed(folder: Path, verify: Verify) -> None:
    receipt = min((folder / "receipts").iterdir())
    receipt.write_text("{")
    kept.edit_manifest(folder, files=kept.checksums(folder))
    status, answer = verify(folder, "share=0")
    name = receipt.relative_to(folder)
    assert status == 1
    told = f"{name} is signed by the manifest, but cannot be read as a receipt: {2 * kept.RUNS} runs ("
    assert answer["files"]["problems"][0].startswith(told)


def test_why_no_run_is_made_again_is_told_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "plan.parquet").unlink()
    assert main(["verify", str(folder), "share=0"]) == 1
    assert "none made again: only files and model were asked for." in capsys.readouterr().out
    (folder / CONFIG).unlink()
    assert main(["verify", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "none made again: config.yaml is damaged." in shown
    assert shown.splitlines()[-1] == "verdict  not verified (files are not as they were sealed)"


def test_a_file_among_the_data_that_nobody_listed_is_found_and_one_beside_them_told(
    folder: Path, verify: Verify
) -> None:
    (folder / "notes.txt").write_text("mine")
    status, answer = verify(folder, "share=0")
    assert (status, answer["files"]["others"]) == (0, ["notes.txt"])
    (folder / "outcomes" / "more.parquet").write_text("x")
    status, answer = verify(folder, "share=0")
    assert (status, answer["files"]["problems"]) == (1, ["outcomes/more.parquet is not in the manifest."])


def test_runs_that_are_left_out_are_missed(folder: Path, verify: Verify) -> None:
    part = folder / kept.manifest_of(folder)["parts"][0]
    pq.write_table(pq.read_table(part).slice(1), part)
    kept.sign(folder)
    status, answer = verify(folder, "share=0")
    assert status == 1
    assert f"holds {kept.RUNS * 2 - 1} runs, but its receipt says {kept.RUNS * 2}" in answer["files"]["problems"][0]


def test_a_digest_or_a_setting_that_does_not_fit_is_found(folder: Path, verify: Verify) -> None:
    manifest = kept.manifest_of(folder)
    kept.edit_manifest(folder, digest="0" * 64, config={**manifest["config"], "seed": 99})
    status, answer = verify(folder, "share=0")
    told = f"The outcomes give the digest {manifest['digest']}, the manifest says {'0' * 64}."
    assert (status, answer["files"]["problems"]) == (1, [f"{CONFIG} and the manifest differ in seed.", told])


def test_a_value_changed_and_signed_anew_is_found_by_making_the_run_again(
    folder: Path, verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.change_value(folder, OUTCOME, 2, 0.75)
    assert verify(folder, "share=0")[0] == 0
    status, answer = verify(folder, "share=1")
    assert (status, answer["differing"], answer["first_run"], answer["files"]["problems"]) == (1, 1, 2, [])
    (row,) = answer["moved"]
    assert (row["outcome"], row["scenario"], row["runs"], row["first_run"]) == (OUTCOME, "baseline", 1, 2)
    assert row["mean_was"] > row["mean_now"]
    assert row["shift_in_sd"] < 0
    assert answer["digest_again"] != answer["digest"]
    report = tmp_path / "summary.md"
    assert main(["verify", str(folder), "share=1", f"report={report}"]) == 1
    shown = capsys.readouterr().out
    assert f"steppe rerun {folder} 2" in shown
    assert "The model is the one that made them" in shown
    page = report.read_text()
    assert page.startswith("# Results not verified (values moved)")
    assert f"| {OUTCOME} | 1 of 2 | default, baseline, replay | 1 of {kept.RUNS} |" in page
    assert page.count("\n| ") == 3


def test_trajectories_are_made_again_too(folder: Path, verify: Verify) -> None:
    import zarr

    array: Any = zarr.open_array(str(folder / TRAJECTORIES / "value"), mode="r+")
    array[1, 3, 0] += np.float32(0.125)
    kept.sign(folder)
    status, answer = verify(folder, "share=1")
    assert (status, answer["differing"], answer["first_run"], answer["moved"]) == (1, 1, 1, [])
    assert [(row["outcome"], row["runs"]) for row in answer["moved_series"]] == [(kept.COLUMN, 1)]


def test_another_machine_is_compared_within_a_tolerance(folder: Path, verify: Verify) -> None:
    sign_again(kept.first_receipt(folder), made_by={**made_by(), "cpu_class": "abacus"})
    kept.sign(folder)
    status, answer = verify(folder, "share=1")
    assert (status, answer["mode"], answer["differing"]) == (0, "within a tolerance", 0)
    assert answer["why"] == f"made on a CPU of class abacus, here it is on a CPU of class {made_by()['cpu_class']}"
    before = _value(folder, 2)
    kept.change_value(folder, OUTCOME, 2, before + 1e-10)
    status, answer = verify(folder, "share=1")
    assert (status, answer["differing"]) == (0, 0)
    assert answer["digest_again"] != answer["digest"]
    kept.change_value(folder, OUTCOME, 2, before + 0.01)
    assert verify(folder, "share=1")[1]["differing"] == 1


def _value(folder: Path, run: int) -> float:
    table = pq.read_table(folder / kept.manifest_of(folder)["parts"][0], filters=[("run", "=", run)])
    return float(table.column(OUTCOME)[0].as_py())


def test_each_run_is_compared_by_what_its_own_receipt_says(
    tmp_path: Path, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    """The manifest is sealed here, but one shard of two was made elsewhere."""
    folder = in_two_shards(tmp_path)
    elsewhere, here = sorted((folder / "receipts").iterdir())
    sign_again(elsewhere, made_by={**made_by(), "numba": "0.1"})
    kept.edit_manifest(folder, files=kept.checksums(folder))
    part = {path: Receipt.read(path).shard for path in (elsewhere, here)}
    nudge(folder, elsewhere)
    status, answer = verify(folder, "share=1")
    assert (status, answer["mode"], answer["differing"]) == (0, "bit for bit or within a tolerance", 0)
    assert [(way["mode"], way["runs"]) for way in answer["modes"]] == [("within a tolerance", 2), ("bit for bit", 2)]
    assert "2 within a tolerance: made with numba 0.1, here it is with numba " in answer["why"]
    nudge(folder, here)
    status, answer = verify(folder, "share=1")
    assert (status, answer["differing"], answer["first_run"]) == (1, 1, part[here].first)
    assert main(["verify", str(folder), "share=1"]) == 1
    assert "4 of 4 made again, compared bit for bit or within a tolerance (" in capsys.readouterr().out


def in_two_shards(place: Path) -> Path:
    """Run a few runs in two shards; return the folder."""
    keys = [*kept.KEYS, f"runs={kept.RUNS}", f"results_dir={place}", "engine.shard_runs=2"]
    assert main(["run", *keys]) == 0
    return next((place / "cooperation").iterdir())


def test_runs_of_a_damaged_file_are_told_to_be_left_out(
    tmp_path: Path, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = in_two_shards(tmp_path)
    (folder / kept.manifest_of(folder)["parts"][0]).write_bytes(b"")
    status, answer = verify(folder, "share=1")
    assert (status, answer["checked"], answer["differing"], answer["left_out"]) == (1, 2, 0, 2)
    assert main(["verify", str(folder), "share=1"]) == 1
    assert (
        "2 of the runs that were drawn are left out, since a file is damaged that holds them."
        in capsys.readouterr().out
    )


def nudge(folder: Path, path: Path) -> None:
    """Change the first value of a receipt's part by far less than the tolerance, and sign all anew."""
    import pyarrow as pa

    receipt = Receipt.read(path)
    part = next(name for name in receipt.files if name.endswith(".parquet"))
    table = pq.read_table(folder / part)
    values = table.column(OUTCOME).to_numpy().copy()
    values[0] += 1e-12
    pq.write_table(table.set_column(table.column_names.index(OUTCOME), OUTCOME, pa.array(values)), folder / part)
    sign_again(path, files={**receipt.files, part: sha256_of(folder / part)})
    digest = digest_of(read_parts(folder, kept.manifest_of(folder)["parts"]))
    kept.edit_manifest(folder, files=kept.checksums(folder), digest=digest)


def test_what_a_receipt_names_sets_the_mode() -> None:
    assert mode_of(made_by(), is_same_model=True).is_exact
    assert not mode_of(made_by(), is_same_model=False).is_exact
    assert "in an environment that was not recorded" in mode_of({}, is_same_model=True).why
    for name in ("numba", "numpy", "llvmlite", "python"):
        mode = mode_of({**made_by(), name: "0.1"}, is_same_model=True)
        assert (mode.is_exact, mode.why) == (False, f"made with {name} 0.1, here it is with {name} {made_by()[name]}")


def test_another_model_is_told_and_compared_all_the_same(folder: Path, verify: Verify) -> None:
    kept.edit_manifest(folder, source_hash="f" * 64)
    status, answer = verify(folder, "share=1")
    assert (status, answer["mode"], answer["checked"], answer["differing"]) == (1, "within a tolerance", 8, 0)
    assert "source ffffffffffff made the results" in answer["differences"][0]


def test_a_scenario_file_that_has_changed_is_named_with_what_moved(
    made: Path,
    folder: Path,
    verify: Verify,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = made.parents[2] / "mine.yaml"
    try:
        path.write_text(kept.OWN.replace("0.5", "3.0"))
        status, answer = verify(folder, "share=1")
        assert (status, answer["differences"]) == (1, [f"The scenario mine has changed: {path}."])
        assert {row["scenario"] for row in answer["moved"]} == {"mine"}
        assert main(["verify", str(folder)]) == 1
        shown = capsys.readouterr().out
        assert "This is another model than that which made the results." in shown
        assert "The command that made these results makes those of today's model" in shown
        monkeypatch.setattr(verified, "REFERENCE", folder)
        assert main(["verify", str(folder)]) == 1
        assert "`make reference`" in capsys.readouterr().out
        path.unlink()
        status, answer = verify(folder)
        assert status == 2
        assert f"{path}: there is no such file" in answer["error"]
    finally:
        path.write_text(kept.OWN)


def test_a_model_that_gives_something_else_is_found(
    folder: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Prepared.simulate

    def other(prepared: Prepared, arm: int, replications: np.ndarray) -> Any:
        block = whole(prepared, arm, replications)
        block.outcomes[:, prepared.outcome_names.index(OUTCOME)] += 1e-15 * (arm == 1)
        return block

    monkeypatch.setattr(Prepared, "simulate", other)
    status, answer = verify(folder, "share=1")
    assert (status, answer["differing"]) == (1, kept.RUNS)
    assert {(row["outcome"], row["scenario"]) for row in answer["moved"]} == {(OUTCOME, "mine")}


def test_a_kept_run_that_raises_today_is_named_and_the_others_compared(
    folder: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Prepared.simulate

    def broken(prepared: Prepared, arm: int, replications: np.ndarray) -> Any:
        if arm == 1 and 1 in replications:
            raise ZeroDivisionError("of the test")
        return whole(prepared, arm, replications)

    monkeypatch.setattr(Prepared, "simulate", broken)
    status, answer = verify(folder, "share=1")
    assert (status, answer["checked"], answer["differing"]) == (1, 2 * kept.RUNS - 1, 0)
    (problem,) = answer["problems"]
    assert "run 10000001 raises today where values were kept: ZeroDivisionError: of the test." in problem


def test_a_run_that_failed_is_told_and_left_out(folder: Path, verify: Verify) -> None:
    part = folder / kept.manifest_of(folder)["parts"][0]
    pq.write_table(pq.read_table(part).slice(1), part)
    kept.let_fail(folder, "E")
    kept.sign(folder)
    status, answer = verify(folder, "share=1")
    assert (status, answer["failed"], answer["checked"]) == (0, 1, 2 * kept.RUNS - 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "steppe verify takes one folder of results"),
        (["results/x"], "results/x: there is no such folder of results."),
        (["x", "shar=1"], "unknown key 'shar'. Did you mean 'share'?"),
        (["x", "share=2"], "share=: must be from 0 to 1, not 2"),
        (["x", "share=all"], "share=: must be a number, not 'all'"),
        (["x", "seed=-1"], "seed=: must be a whole number, at least 0"),
        (["x", "engine.threads=0"], "engine.threads=: must be a whole number, at least 1"),
        (["x", "report=x/r.md"], "lies in the results, which are only read"),
        (["x", "report=."], "report=: . is a folder; name a file, such as verified.md."),
        (["x", "report="], "report=: is empty"),
        (["x", "report=nowhere/r.md"], "report=: there is no folder nowhere; make it first, or name another place."),
        (["x", "report=a.md", "report=b.md"], "report is given twice: a.md and b.md. Leave one out."),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *words]) == 2
    told = capsys.readouterr()
    assert reason in told.err
    assert (told.err.count("\n"), told.out) == (1, "")


def test_an_unfinished_folder_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "manifest.json").unlink()
    assert main(["verify", str(folder)]) == 2
    assert "holds no finished results" in capsys.readouterr().err
