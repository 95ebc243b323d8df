"""Single files of an export: CSV as its standard has it, and nothing held in memory whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr

from sim.results import export_tables
from sim.results.export_netcdf import write_trajectories


def test_a_csv_is_as_the_standard_has_it(tmp_path: Path) -> None:
    table = pa.table({"point": ['say "a, b"', "two\nlines", "é"], "x": [1e-5, np.nan, 3.0], "n": [1, 2, 3]})
    pq.write_table(table, tmp_path / "t.parquet")
    export_tables.write_csv(tmp_path / "t.csv", tmp_path / "t.parquet", lambda rows: None)
    written = (tmp_path / "t.csv").read_bytes().decode("utf-8")
    assert written == 'point,x,n\r\n"say ""a, b""",1e-05,1\r\n"two\nlines",,2\r\né,3.0,3\r\n'


def test_parts_are_gathered_into_row_groups_and_never_held_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_tables, "BATCH_ROWS", 250)
    written: list[int] = []
    most = []

    def parts() -> Iterator[pa.Table]:
        for number in range(10):
            most.append(number * 100 - sum(written))
            yield pa.table({"run": np.arange(100) + number * 100})

    export_tables.write_parquet(tmp_path / "t.parquet", parts(), {}, {}, written.append)
    file = pq.ParquetFile(tmp_path / "t.parquet")
    assert written == [200] * 5
    assert file.metadata.num_row_groups == 5
    assert max(most) <= 300
    assert list(file.read().column("run").to_numpy()) == list(range(1000))


def test_trajectories_of_many_runs_are_written_slice_by_slice(tmp_path: Path) -> None:
    n = 230
    values = np.random.default_rng(1).standard_normal((n, 2, 3)).astype(np.float32)
    keys = {name: ("run", [name] * n) for name in ("point", "history")}
    scenario = ("run", ["b" if run % 2 else "a" for run in range(n)])
    coords = {"run": range(n), "scenario": scenario, "replication": ("run", np.arange(n) // 2), **keys}
    series = xr.DataArray(values, dims=("run", "quarter", "column"), coords=coords)
    series = series.assign_coords(quarter=["q1", "q2"], column=["x", "y", "z"])
    counted: list[int] = []
    write_trajectories(tmp_path / "series.nc", series, {}, {"model_version": "1"}, counted.append)
    assert counted == [100, 100, 30]
    with xr.open_dataset(tmp_path / "series.nc") as data:
        assert list(data["scenario"].values) == ["a"] * 115 + ["b"] * 115
        assert np.array_equal(data["value"].sortby("run").values, values)
