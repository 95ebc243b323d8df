"""The group of trajectories: nothing that receipts vouch for is lost with what only describes it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from sim.ensemble.campaign import Campaign
from sim.errors import InputError
from sim.results.manifest import checksums
from sim.results.schema import LOG
from sim.results.trajectories import Layout, check
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

COLUMNS = ("states[KAZ].dependence[CHN]", "cells[KGZ,devices].share[Xiaomi]")


def campaign(folder: Path, runs: int = 20) -> Campaign:
    return Campaign.of(fake_config(folder, runs=runs, trajectories=True), FakeModel(columns=COLUMNS), FakeWatcher())


def group(run: Campaign) -> Path:
    return run.folder / "trajectories.zarr"


def data(run: Campaign) -> dict[str, str]:
    return {name: checksum for name, checksum in checksums(run.folder).items() if name != LOG}


@pytest.mark.parametrize("damaged", ["zarr.json", "value/zarr.json", "run/zarr.json", "column/c/0", "scenario/c/0"])
@pytest.mark.parametrize("content", ["", "{", "{}", None])
def test_metadata_and_coordinates_that_are_missing_or_damaged_are_written_anew_and_nothing_is_run(
    tmp_path: Path, damaged: str, content: str | None
) -> None:
    run = campaign(tmp_path)
    run.run()
    before, path = data(run), group(run) / damaged
    path.unlink() if content is None else path.write_text(content)
    again = campaign(tmp_path)
    again.run()
    assert again.model.n_simulated == 0
    assert data(again) == before


def test_a_whole_folder_of_metadata_that_is_gone_costs_its_own_runs_only(tmp_path: Path) -> None:
    run = campaign(tmp_path, 130)
    run.run()
    before = data(run)
    for path in (*group(run).rglob("zarr.json"), group(run) / "value" / "c" / "2" / "0" / "0"):
        path.unlink()
    again = campaign(tmp_path, 130)
    again.run()
    assert again.model.n_simulated == 100
    assert {n: c for n, c in data(again).items() if "receipts" not in n} == {
        n: c for n, c in before.items() if "receipts" not in n
    }


def test_a_group_of_another_layout_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    run = campaign(tmp_path)
    run.run()
    other: Any = zarr.open_group(str(group(run)), mode="a")
    other.create_array("value", shape=(300, 3, 5), chunks=(100, 3, 5), dtype="float32", overwrite=True)
    before = checksums(run.folder)
    with pytest.raises(InputError, match=r"trajectories\.zarr: holds float32 .*\(100, 3, 5\), and \(100, 3, 2\)"):
        campaign(tmp_path).run()
    assert checksums(run.folder) == before


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES])
@pytest.mark.parametrize("opener", ["open_group", "open_array"])
def test_what_the_system_does_not_let_be_read_is_one_message_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, opener: str
) -> None:
    run = campaign(tmp_path)
    run.run()
    before = data(run)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(zarr, opener, fail)
        with pytest.raises(InputError, match=r"trajectories\.zarr"):
            campaign(tmp_path).run()
    assert data(run) == before
    again = campaign(tmp_path)
    again.run()
    assert again.model.n_simulated == 0


def test_on_resuming_only_coordinates_that_changed_are_written(tmp_path: Path) -> None:
    run = campaign(tmp_path)
    run.run()

    def written() -> dict[str, int]:
        files = (path for path in group(run).rglob("*") if path.is_file())
        return {path.relative_to(group(run)).as_posix(): path.stat().st_mtime_ns for path in files}

    before, runs = written(), (group(run) / "run/c/0").read_bytes()
    campaign(tmp_path).run()
    assert written() == before
    campaign(tmp_path, 120).run()
    after = written()
    assert {name for name in before if after[name] == before[name]} >= {
        *("quarter/c/0", "column/c/0", "quarter/zarr.json", "column/zarr.json", "value/c/0/0/0", "zarr.json")
    }
    assert (group(run) / "run/c/0").read_bytes() != runs


def test_values_stay_where_the_group_is_lengthened(tmp_path: Path) -> None:
    run = campaign(tmp_path)
    run.run()
    first: Any = zarr.open_array(str(group(run) / "value"), mode="r")
    before = np.asarray(first[:20])
    campaign(tmp_path, 250).run()
    later: Any = zarr.open_array(str(group(run) / "value"), mode="r")
    np.testing.assert_array_equal(later[:20], before)
    check(run.folder, Layout(run.model.quarters, COLUMNS))
