from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.ensemble.campaign import Campaign
from sim.errors import InputError
from sim.results.files import sha256_of, write_signed
from sim.results.manifest import seal
from sim.results.schema import LAYOUT, MANIFEST, MOST_RUNS, QUANTILES, part_name
from sim.results.store import Result, open_result
from sim.results.trajectories import chunk_name
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

COLUMNS = ("states[KAZ].dependence[CHN]", "cells[KGZ,devices].share[Xiaomi]")


def sealed(folder: Path, model: FakeModel, runs: int) -> tuple[Result, Campaign]:
    """Run a fake campaign and open its sealed folder."""
    asked = Campaign.of(fake_config(folder, runs=runs, trajectories=True), model, FakeWatcher())
    with asked.opened() as run:
        shards = run.run()
    manifest = {
        "layout": LAYOUT,
        "parts": [part_name(s.name) for s in shards],
        "counts": {"replications": runs},
        "arms": [asdict(arm) for arm in run.plan.arms],
        "trajectories": list(model.columns),
    }
    seal(run.folder, manifest)
    return open_result(run.folder), run


def test_outcomes_come_in_the_order_of_runs_with_typed_columns(tmp_path: Path) -> None:
    result, _ = sealed(tmp_path, FakeModel(), 130)
    frame = result.outcomes
    assert list(frame.columns) == [
        *("run", "point", "scenario", "history", "replication", "seed"),
        *("dependence.KAZ", "year.KAZ"),
    ]
    assert list(frame["run"]) == [arm * MOST_RUNS + r for arm in range(3) for r in range(130)]
    assert frame["dependence.KAZ"].dtype == np.float64
    assert frame["year.KAZ"].isna().any()
    assert result.trajectories is None


@pytest.mark.parametrize("grow", [False, True])
def test_trajectories_match_their_runs_when_grown_too(tmp_path: Path, grow: bool) -> None:
    if grow:
        sealed(tmp_path, FakeModel(columns=COLUMNS), 130)
    model = FakeModel(columns=COLUMNS)
    result, _ = sealed(tmp_path, model, 260)
    series = result.trajectories
    assert series is not None
    assert series.dims == ("run", "quarter", "column")
    assert series.shape == (780, 3, 2)
    assert series.dtype == np.float32
    assert list(series["column"].values) == list(COLUMNS)
    assert list(series["quarter"].values) == list(model.quarters)
    assert list(series["run"].values) == [arm * MOST_RUNS + r for arm in range(3) for r in range(260)]
    frame = result.outcomes
    for name in ("scenario", "history", "replication"):
        assert list(series[name].values) == list(frame[name])
    expected = frame["dependence.KAZ"].to_numpy()[:, None, None] + np.arange(3)[None, :, None]
    np.testing.assert_array_equal(series.values, np.broadcast_to(expected, series.shape).astype(np.float32))
    assert model.n_simulated == (390 if grow else 780)


def test_series_are_of_the_points_that_are_read(tmp_path: Path) -> None:
    result, _ = sealed(tmp_path, FakeModel(columns=COLUMNS), 7)
    whole, here, nowhere = (of.trajectories for of in (result, result.at("default"), result.at("nowhere")))
    assert whole is not None
    assert here is not None
    assert nowhere is not None
    assert here.sizes["run"] == whole.sizes["run"] > 0
    assert nowhere.sizes["run"] == 0


def test_a_folder_describes_all_that_it_holds(tmp_path: Path) -> None:
    sealed(tmp_path, FakeModel(columns=COLUMNS), 130)
    result, _ = sealed(tmp_path, FakeModel(columns=COLUMNS), 40)
    assert len(result.outcomes) == 390
    assert result.trajectories is not None
    assert result.trajectories.shape[0] == 390


def test_a_damaged_chunk_of_trajectories_is_run_again(tmp_path: Path) -> None:
    first, run = sealed(tmp_path, FakeModel(columns=COLUMNS), 130)
    before = np.asarray(first.trajectories)
    (run.folder / chunk_name(1)).write_bytes(b"noise")
    model = FakeModel(columns=COLUMNS)
    again, mended = sealed(tmp_path, model, 130)
    assert model.n_simulated == 100
    assert chunk_name(1) in "\n".join(mended.watcher.lines)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(np.asarray(again.trajectories), before)


def test_a_chunk_holds_one_shard_so_that_no_two_writers_share_a_file(tmp_path: Path) -> None:
    _, run = sealed(tmp_path, FakeModel(columns=COLUMNS), 130)
    described = json.loads((run.folder / "trajectories.zarr" / "value" / "zarr.json").read_text())
    assert described["zarr_format"] == 3
    assert described["chunk_grid"]["configuration"]["chunk_shape"] == [100, 3, 2]
    assert "sharding" not in json.dumps(described["codecs"])
    assert len(list((run.folder / "trajectories.zarr" / "value" / "c").iterdir())) == 6


def test_the_manifest_lists_every_file_with_its_checksum(tmp_path: Path) -> None:
    import hashlib

    result, run = sealed(tmp_path, FakeModel(), 20)
    files = {p.relative_to(run.folder).as_posix() for p in run.folder.rglob("[!.]*") if p.is_file()}
    assert set(result.manifest["files"]) == files - {MANIFEST}
    for name, checksum in result.manifest["files"].items():
        assert hashlib.sha256((run.folder / name).read_bytes()).hexdigest() == checksum


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def of_one_run_less(path: Path) -> None:
    """Write a table anew, sound in itself."""
    pq.write_table(pq.read_table(path).slice(1), path)


@pytest.mark.parametrize("damage", [flip, of_one_run_less, Path.unlink])
def test_a_part_that_is_not_as_it_was_sealed_is_not_read(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    result, run = sealed(tmp_path, FakeModel(), 130)
    part = result.manifest["parts"][-1]
    damage(run.folder / part)
    for read in (lambda: result.outcomes, lambda: open_result(run.folder).at("default").runs):
        with pytest.raises(InputError, match=rf"{part}: (does not match its checksum|is missing); `steppe verify`"):
            read()
    with pytest.raises(InputError, match="the command that made the results makes it again"):
        _ = open_result(run.folder).unsampled.runs


def test_series_and_quantiles_that_are_not_as_they_were_sealed_are_not_read(tmp_path: Path) -> None:
    _, run = sealed(tmp_path, FakeModel(columns=COLUMNS), 130)
    (run.folder / QUANTILES).write_bytes(b"bands")
    seal(run.folder, open_result(run.folder).manifest)
    for name in (QUANTILES, chunk_name(1)):
        (run.folder / name).unlink()
    result = open_result(run.folder)
    assert len(result.outcomes) == 390
    with pytest.raises(InputError, match=f"{QUANTILES}: is missing"):
        _ = result.quantiles
    with pytest.raises(InputError, match=f"{chunk_name(1)}: is missing"):
        _ = result.at("default").trajectories


def test_a_file_is_held_against_its_checksum_once_and_only_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, run = sealed(tmp_path, FakeModel(columns=COLUMNS), 40)
    read: list[Path] = []

    def counted(path: Path, synced: bool = False) -> str:
        read.append(path)
        return sha256_of(path, synced)

    monkeypatch.setattr("sim.results.files.sha256_of", counted)
    for of in (result, result.at("default"), result.unsampled):
        assert len(of.runs) == 120
    assert sorted(read) == sorted(run.folder / part for part in result.manifest["parts"])
    result.check([*result.manifest["parts"], "plan.parquet", "nowhere"])
    assert read[len(result.manifest["parts"]) :] == [run.folder / "plan.parquet"]


def test_what_is_not_finished_is_not_opened(tmp_path: Path) -> None:
    result, _ = sealed(tmp_path, FakeModel(), 20)
    manifest = result.path / MANIFEST
    with pytest.raises(InputError, match="no such folder"):
        open_result(tmp_path / "nowhere")
    for broken in ("{", "[]", "{}"):
        manifest.write_text(broken)
        with pytest.raises(InputError, match=r"manifest\.json: cannot be read as a manifest"):
            open_result(result.path)
    manifest.write_text('{"layout": 1, "complete": true}')
    with pytest.raises(InputError, match=r"manifest\.json: has layout 1, but this version reads layout 2\."):
        open_result(result.path)
    manifest.write_text('{"layout": 2, "complete": true}')
    with pytest.raises(InputError, match=r"manifest\.json: it does not match its checksum\. Run the same command"):
        open_result(result.path)
    for change in ({"layout": 99}, {"complete": False}):
        write_signed(manifest, {**result.manifest, **change})
        with pytest.raises(InputError, match=r"manifest\.json: has layout"):
            open_result(result.path)
    manifest.unlink()
    with pytest.raises(InputError, match="run the same command again to resume, with retry=true where all its runs failed"):
        open_result(result.path)


def test_a_share_is_told_from_a_result_that_is_not_finished(tmp_path: Path) -> None:
    share = tmp_path / "0123456789ab.share-1-of-3"
    share.mkdir()
    with pytest.raises(InputError, match="it is a share: `steppe merge`"):
        open_result(share)


def test_the_folder_of_several_results_is_told_from_one_that_is_not_finished(tmp_path: Path) -> None:
    sealed(tmp_path, FakeModel(), 20)
    with pytest.raises(InputError, match="name the folder of one result"):
        open_result(tmp_path)
