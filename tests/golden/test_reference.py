"""The reference experiment comes to what is kept of it in `results/reference/`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from scripts.reference import keep
from sim.commands.verify import Asked, lines, verify
from sim.results.schema import CONFIG, MANIFEST, OUTCOMES
from tests.commands.kept import change_value

REFERENCE = Path("results", "reference")
ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 650_000


def asked(folder: Path, share: float) -> Asked:
    return Asked(folder, share, seed=0, report=None, threads=2)


def test_the_reference_experiment_comes_to_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where a change moved results; the message says what, and what to do if that is meant.

    A source that is merely written otherwise passes.
    """
    monkeypatch.chdir(ROOT)
    assert (REFERENCE / MANIFEST).is_file(), "there is no reference result: run `make reference`"
    answer = verify(asked(REFERENCE, 1.0), plain=True)
    assert answer["checked"] == answer["runs"] == 240
    if answer["files"]["problems"] or answer["differing"] or answer["unlike"] or answer["problems"]:
        pytest.fail("\n".join(lines(answer)), pytrace=False)


def test_a_value_that_moved_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(Path(shutil.copytree(ROOT / REFERENCE, tmp_path / "made")), tmp_path / "copy")
    change_value(tmp_path / "copy", "tenders.KGZ", 0, -5.0)
    monkeypatch.setattr("sim.analysis.again.sampled", lambda *_: {0: np.zeros(1, np.int64)})
    monkeypatch.setattr("sim.commands.verified.REFERENCE", tmp_path / "copy")
    answer = verify(asked(tmp_path / "copy", 0.5), plain=True)
    assert [(row["outcome"], row["scenario"], row["first_run"]) for row in answer["moved"]] == [
        ("tenders.KGZ", "baseline", 0)
    ]
    told = "\n".join(lines(answer))
    assert f"steppe rerun {tmp_path / 'copy'} 0" in told
    assert "make reference" in told


def test_what_is_kept_is_small_and_names_no_machine_folder_or_commit() -> None:
    manifest = json.loads((ROOT / REFERENCE / MANIFEST).read_text(encoding="utf-8"))
    files = [ROOT / REFERENCE / name for name in (*manifest["files"], MANIFEST)]
    assert len(files) <= 8
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    assert (manifest["commit"], manifest["dirty"], manifest["config"]["results_dir"]) == (None, None, "results")
    assert {CONFIG, "design.parquet", "plan.parquet", *manifest["parts"]} <= set(manifest["files"])


def test_what_others_ran_beside_it_is_left_alone(tmp_path: Path) -> None:
    made, place = tmp_path / "made", tmp_path / "reference"
    for folder, text in ((made, "new"), (place, "old"), (place / "4f0c2a91b7de", "mine")):
        (folder / OUTCOMES).mkdir(parents=True)
        (folder / OUTCOMES / f"{text}.parquet").write_text(text)
        (folder / MANIFEST).write_text(text)
    keep(made, place)
    assert [file.name for file in (place / OUTCOMES).iterdir()] == ["new.parquet"]
    assert (place / MANIFEST).read_text() == "new"
    assert (place / "4f0c2a91b7de" / MANIFEST).read_text() == "mine"
