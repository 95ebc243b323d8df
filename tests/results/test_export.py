"""An export opens without Steppe and gives back every number; what it says of them; what it refuses."""

from __future__ import annotations

import csv
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr

from sim.errors import InputError
from sim.results.crate import METADATA
from sim.results.described import Column
from sim.results.export import KNOWN, README, export
from sim.results.files import sha256_of, write_text
from sim.results.manifest import seal
from sim.results.outcomes import write_design
from sim.results.schema import CONFIG, DESIGN, KEYS, LOG
from sim.results.store import Result
from sim.results.trajectories import chunk_name
from tests.ensemble.fakes import FakeWatcher
from tests.report.made_result import made_result

ALL = ("csv", "parquet", "netcdf", "rocrate")
COLUMNS = {
    "dependence_china.KAZ": Column("0-1", "Kazakhstan: dependence on China at the end"),
    "tension": Column("0-1", "tension between powers, most of it"),
    "parameters.tenders.weight_price": Column("1", "weight of the price"),
    "states[KAZ].dependence[CHN]": Column("share", "dependence on a home"),
}
NASTY = (-0.0, 5e-324, 0.1 + 0.2, -1.7976931348623157e308, np.nan)
"""Numbers that are lost where digits are."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "export.md"


def finished(folder: Path, is_paired: bool = True, lost: int | None = None) -> Result:
    """Return a made result of 5 replications, with nasty numbers in its first part; one of its runs may be lost."""
    result = made_result(folder, n_runs=5, free=False, is_paired=is_paired)
    part = folder / result.manifest["parts"][0]
    table = pq.read_table(part)
    place = table.column_names.index("tension")
    table = table.set_column(place, "tension", pa.array(NASTY))
    pq.write_table(table.filter(pa.array(np.arange(5) != lost)), part)
    points = ["default", "paired"]
    design = {"point": points, "parameters.tenders.weight_price": [0.1, 0.3], "rules.restraint.x": [True, False]}
    write_design(folder / DESIGN, design)
    write_text(folder / CONFIG, "name: reference\n")
    write_text(folder / LOG, "2026-01-02T03:04:05Z Began.\n2026-01-02T03:05:00Z 30 runs in 0.1 s.\n")
    return result


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """A result whose arms make a complete grid, and its export in all formats."""
    folder = tmp_path_factory.mktemp("made")
    result = finished(folder / "result")
    export(result, folder / "out", ALL, COLUMNS, FakeWatcher())
    return result, folder / "out"


def alone(folder: Path, script: str) -> str:
    """Run a script in a folder, in a Python that finds no Steppe; return what it prints."""
    without = "import sys\nsys.modules['sim'] = None  # as where Steppe is not installed\n"
    done = subprocess.run([sys.executable, "-I", "-c", without + script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


READ = """
import sys
import numpy as np, pandas as pd, pyarrow.parquet as pq, xarray as xr, netCDF4
try:
    import sim
except ModuleNotFoundError:
    pass
else:
    sys.exit("Steppe is there")
keys = ["run", "point", "scenario", "history", "replication", "seed"]
grid = ["point", "scenario", "history", "replication"]
exact = {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}
tables = {
    "pandas": pd.read_parquet("outcomes.parquet"),
    "arrow": pq.read_table("outcomes.parquet").to_pandas(),
    "csv": pd.read_csv("outcomes.csv", **exact),
    "netcdf": xr.open_dataset("outcomes.nc").to_dataframe().reset_index(),
}
first = tables["pandas"]
names = [name for name in first if name not in keys]
with netCDF4.Dataset("outcomes.nc") as file:
    file.set_auto_mask(False)
    raw = np.stack([file[name][:].ravel() for name in names], axis=1)
    order = np.argsort(file["run"][:].ravel())
np.savez("read.npz", names=names, netcdf4=raw[order], **{
    name: table.sort_values("run")[names].to_numpy() for name, table in tables.items()
})
for table in tables.values():
    table = table.sort_values("run", ignore_index=True)
    assert (table[keys].to_numpy() == first.sort_values("run")[keys].to_numpy()).all()
"""


def bits(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.nan, values).view(np.int64)


def test_every_format_gives_back_every_bit_without_steppe(made: tuple[Result, Path]) -> None:
    result, out = made
    alone(out, READ)
    frame = result.outcomes
    with np.load(out / "read.npz") as read:
        expected = np.ascontiguousarray(frame[list(read["names"])].to_numpy())
        assert len(read["names"]) == len(frame.columns) - len(KEYS)
        for name in ("pandas", "arrow", "csv", "netcdf", "netcdf4"):
            assert np.array_equal(bits(read[name]), bits(expected)), name
    (out / "read.npz").unlink()
    assert any(np.signbit(expected[expected == 0.0])), "minus nought is among them"


def test_the_snippets_of_the_page_run_in_the_folder_of_an_export(made: tuple[Result, Path]) -> None:
    result, out = made
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    last = "print(len(runs), len(outcomes), mean.sizes['scenario'], median.shape, points.sizes['point'])"
    name, asked, counts = alone(out, "\n".join([*blocks, last])).splitlines()
    first = next(name for name in result.outcomes if name not in KEYS)
    assert name == f"{first} {' '.join(COLUMNS[first])}"
    assert asked.startswith(result.manifest["question"])
    n_columns = len(result.manifest["trajectories"])
    assert counts == f"30 {len(xr.open_dataset(out / 'outcomes.nc').data_vars)} 3 (180, {n_columns}) 2"


def test_a_complete_grid_has_the_arms_as_dimensions(made: tuple[Result, Path]) -> None:
    result, out = made
    with xr.open_dataset(out / "outcomes.nc") as data:
        assert dict(data.sizes) == {"point": 2, "scenario": 3, "history": 1, "replication": 5}
        assert [str(name) for name in data["scenario"].values] == ["baseline", "western_sanctions", "vendor_outage"]
        one = data["tension"].sel(point="default", scenario="vendor_outage", history="replay", replication=3)
        frame = result.outcomes.set_index(list(KEYS[1:5]))
        assert float(one) == frame.loc[("default", "vendor_outage", "replay", 3), "tension"]


@pytest.mark.parametrize(("is_paired", "lost"), [(True, 2), (False, 0)])
def test_where_a_run_is_missing_runs_are_the_dimension(tmp_path: Path, is_paired: bool, lost: int) -> None:
    result = finished(tmp_path / "result", is_paired, lost)
    export(result, tmp_path / "out", ["netcdf"], COLUMNS, FakeWatcher())
    expected = result.outcomes.set_index("run")
    with xr.open_dataset(tmp_path / "out" / "outcomes.nc") as data:
        assert dict(data.sizes) == {"run": 29 if is_paired else 14}
        read = data.to_dataframe()
        assert read.loc[expected.index, expected.columns].equals(expected)


def test_trajectories_are_those_of_the_result_by_run(made: tuple[Result, Path]) -> None:
    result, out = made
    series = result.trajectories
    assert series is not None
    with xr.open_dataset(out / "trajectories.nc") as data:
        value = data["value"].sortby("run")
        assert value.dtype == np.float32
        assert np.array_equal(value.values.view(np.int32), series.values.view(np.int32))
        for name in ("run", "point", "scenario", "history", "replication", "quarter", "column"):
            assert list(value[name].values) == list(series[name].values), name
        known = data.sel(column="states[KAZ].dependence[CHN]")
        assert (str(known["unit"].values), str(known["meaning"].values)) == ("share", "dependence on a home")


def test_unit_and_meaning_stand_in_every_format(made: tuple[Result, Path]) -> None:
    _, out = made
    field = pq.read_schema(out / "outcomes.parquet").field("tension")
    assert field.metadata == {b"unit": b"0-1", b"meaning": b"tension between powers, most of it"}
    with xr.open_dataset(out / "outcomes.nc") as data, xr.open_dataset(out / "outcomes.nc", group="points") as points:
        assert data["tension"].attrs == {"units": "0-1", "long_name": "tension between powers, most of it"}
        assert points["parameters.tenders.weight_price"].attrs["long_name"] == "weight of the price"
        assert [bool(on) for on in points["rules.restraint.x"].values] == [True, False]
        assert [str(name) for name in points["point"].values] == ["default", "paired"]
    with (out / "columns.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["table"], row["name"]): row for row in csv.DictReader(file)}
    assert rows["outcomes", "tension"]["meaning"] == "tension between powers, most of it"
    assert rows["outcomes", "tension"]["unit"] == "0-1"
    assert rows["points", "parameters.tenders.weight_price"]["type"] == "double"
    assert rows["outcomes", "run"]["meaning"]


def test_every_format_says_what_the_result_is(made: tuple[Result, Path]) -> None:
    result, out = made
    manifest = result.manifest
    crate = json.loads((out / METADATA).read_text(encoding="utf-8"))
    root = next(entity for entity in crate["@graph"] if entity["@id"] == "./")
    tables = [pq.read_schema(out / name).metadata for name in ("outcomes.parquet", "points.parquet")]
    with xr.open_dataset(out / "outcomes.nc") as outcomes, xr.open_dataset(out / "trajectories.nc") as series:
        attributes = [outcomes.attrs, series.attrs]
    said = [" ".join(attrs.values()) for attrs in attributes]
    said += [b" ".join(table.values()).decode() for table in tables]
    said += [" ".join((out / README).read_text(encoding="utf-8").split())]
    for text in said:
        wanted = (
            manifest["question"],
            *manifest["scenarios"],
            *manifest["caveats"],
            "0.1.0",
            manifest["digest"],
            " 7 ",
        )
        assert [fact for fact in wanted if fact not in text] == []
    assert all(caveat in root["description"] for caveat in manifest["caveats"])


def test_parquet_holds_plain_types_in_a_codec_that_all_read(made: tuple[Result, Path]) -> None:
    _, out = made
    plain = {pa.string(), pa.int64(), pa.float64(), pa.bool_()}
    for name in ("outcomes.parquet", "points.parquet"):
        file = pq.ParquetFile(out / name)
        assert {field.type for field in file.schema_arrow} <= plain
        assert {file.metadata.row_group(0).column(i).compression for i in range(3)} == {"SNAPPY"}


def test_quantiles_are_carried_with_their_types_made_plain(tmp_path: Path) -> None:
    result = finished(tmp_path / "result")
    names = pa.array(["tension", "tension"]).dictionary_encode()
    wide = pa.array(["2035Q4", None], pa.large_string())
    pq.write_table(pa.table({"outcome": names, "at": wide, "q0.5": [0.25, np.nan]}), result.path / "quantiles.parquet")
    files = export(result, tmp_path / "out", ["parquet", "csv"], {}, FakeWatcher())
    assert {"quantiles.parquet", "quantiles.csv"} <= set(files)
    table = pq.read_table(tmp_path / "out" / "quantiles.parquet")
    assert [field.type for field in table.schema] == [pa.string(), pa.string(), pa.float64()]
    assert (
        tmp_path / "out" / "quantiles.csv"
    ).read_bytes() == b"outcome,at,q0.5\r\ntension,2035Q4,0.25\r\ntension,,\r\n"


def test_the_crate_tells_of_every_file_and_of_the_run(made: tuple[Result, Path]) -> None:
    from rocrate.rocrate import ROCrate

    result, out = made
    crate = ROCrate(str(out))
    assert crate.metadata.version == "1.1"
    files = {entity.id: entity for entity in crate.data_entities}
    assert set(files) == {path.name for path in out.iterdir()} - {METADATA}
    for name, entity in files.items():
        assert entity["sha256"] == sha256_of(out / name)
        assert entity["contentSize"] == str((out / name).stat().st_size)
        assert "/" in entity["encodingFormat"]
    run = crate.root_dataset["mentions"]
    assert run.type == "CreateAction"
    assert (run["instrument"]["name"], run["instrument"]["softwareVersion"]) == ("Steppe", "0.1.0")
    assert [entity.id for entity in run["object"]] == [CONFIG]
    assert {entity.id for entity in run["result"]} == {
        "outcomes.csv",
        "outcomes.nc",
        "outcomes.parquet",
        "trajectories.nc",
    }
    root = crate.root_dataset
    assert root["identifier"] == f"sha256:{result.manifest['digest']}"
    assert run["endTime"] == root["datePublished"] == "2026-01-02T03:05:00Z"
    assert root.get("creator") is None
    assert root.get("license") is None
    assert root["usageInfo"]["text"].splitlines() == result.manifest["caveats"]


def test_the_same_result_gives_the_same_bytes_without_a_network(
    made: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nothing is to be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    result, out = made
    export(result, tmp_path / "elsewhere", ALL, COLUMNS, FakeWatcher())
    for path in out.iterdir():
        assert (tmp_path / "elsewhere" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_second_export_adds_to_the_first_and_renews_its_crate(tmp_path: Path) -> None:
    result, out = finished(tmp_path / "result"), tmp_path / "deep" / "out"
    watcher = FakeWatcher()
    first = export(result, out, ["rocrate"], COLUMNS, watcher)
    assert first == sorted([README, CONFIG, METADATA, "outcomes.parquet", "points.parquet"])
    assert [line.partition("runs ")[2] for line in watcher.lines] == ["as parquet, rocrate."]
    (out / "notes.md").write_text("mine")
    second = export(result, out, ["csv"], COLUMNS, FakeWatcher())
    assert set(second) == {*first, "outcomes.csv", "points.csv", "columns.csv"}
    assert "outcomes.csv" in (out / METADATA).read_text(encoding="utf-8")
    assert "outcomes.csv" in (out / README).read_text(encoding="utf-8")
    assert "notes.md" not in (out / METADATA).read_text(encoding="utf-8")
    assert (out / "notes.md").read_text() == "mine"
    said = (out / README).read_text(encoding="utf-8")
    assert all(f"  - {name}: " in said for name in second)
    third = export(result, out, ["rocrate"], COLUMNS, FakeWatcher())
    assert third == second
    assert (out / README).read_text(encoding="utf-8") == said
    assert set(second) <= set(KNOWN)


def test_what_is_not_an_export_of_the_result_is_never_overwritten(tmp_path: Path) -> None:
    result = finished(tmp_path / "result")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / README).write_text("digest: none of ours")
    (tmp_path / "file").write_text("x")
    other = Result(result.path, {**result.manifest, "digest": "feed"})
    export(other, tmp_path / "other", ["parquet"], {}, FakeWatcher())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for into, reason in [
        (result.path, "lies in the results"),
        (result.path / "deep" / "out", "lies in the results"),
        (tmp_path / "full", "is not empty, and holds no export"),
        (tmp_path / "file", "is a file"),
        (tmp_path / "other", r"holds an export of other results \(digest feed\)"),
    ]:
        with pytest.raises(InputError, match=f"^into=: .*{reason}"):
            export(result, into, ["parquet"], {}, FakeWatcher())
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_results_without_a_run_are_refused_and_without_a_run_of_the_default_point_exported(tmp_path: Path) -> None:
    result = finished(tmp_path / "result")
    counts = result.manifest["counts"]
    empty = Result(result.path, {**result.manifest, "counts": {**counts, "failed": counts["runs"]}})
    with pytest.raises(InputError, match=r"result: holds no runs, since all of them failed; there is nothing to export\.$"):
        export(empty, tmp_path / "out", ALL, {}, FakeWatcher())
    assert not (tmp_path / "out").exists()
    default = {arm: rows for arm, rows in result.outcomes.groupby("point")}["default"]
    for part in result.manifest["parts"]:
        table = pq.read_table(result.path / part)
        if table.column("run")[0].as_py() in set(default["run"]):
            pq.write_table(table.slice(0, 0), result.path / part)
    lost = Result(result.path, {**result.manifest, "counts": {**counts, "failed": len(default)}})
    assert "trajectories.nc" not in export(lost, tmp_path / "out", ALL, {}, FakeWatcher())
    with xr.open_dataset(tmp_path / "out" / "outcomes.nc") as data:
        assert data.sizes["point"] == 1


def test_damaged_results_are_not_exported(tmp_path: Path) -> None:
    result = finished(tmp_path / "result")
    manifest = seal(result.path, result.manifest)
    export(Result(result.path, manifest), tmp_path / "sound", ["netcdf"], {}, FakeWatcher())
    for name in (result.manifest["parts"][1], chunk_name(0)):
        whole = (result.path / name).read_bytes()
        (result.path / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(InputError, match=f"{name}: does not match its checksum; `steppe verify`"):
            export(Result(result.path, manifest), tmp_path / "out", ["netcdf"], {}, FakeWatcher())
        (result.path / name).write_bytes(whole)
    assert not (tmp_path / "out").exists()


def test_no_lock_of_a_library_is_held_where_an_interrupt_comes(
    made: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at: list[bool] = []
    real = xr.Dataset.to_netcdf

    def write(*arguments: object, **named: object) -> object:
        at.append(threading.current_thread() is threading.main_thread())
        return real(*arguments, **named)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(xr.Dataset, "to_netcdf", write)
    export(made[0], tmp_path / "b", ["netcdf"], COLUMNS, FakeWatcher())
    assert at
    assert not any(at)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | type[BaseException]
) -> None:
    result = finished(tmp_path / "result")
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "outcomes.csv").write_text("left by a process that was killed")

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("sim.results.export.write_dictionary", fail)
        expected = InputError if isinstance(error, OSError) else error
        with pytest.raises(expected, match="disk is full.* with into=" if isinstance(error, OSError) else None):
            export(result, tmp_path / "out", ALL, {}, FakeWatcher())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result"]
    assert "outcomes.csv" not in export(result, tmp_path / "out", ["parquet"], {}, FakeWatcher())


def test_a_result_without_series_design_or_log_is_exported_as_it_is(tmp_path: Path) -> None:
    result = made_result(tmp_path / "result", n_runs=2, record=False)
    files = export(result, tmp_path / "out", ["netcdf", "parquet"], {}, FakeWatcher())
    assert files == [README, "outcomes.nc", "outcomes.parquet"]
    frame: Callable[[Path], pd.DataFrame] = pd.read_parquet
    assert len(frame(tmp_path / "out" / "outcomes.parquet")) == 8
