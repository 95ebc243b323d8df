"""`steppe export`: what it refuses, what it answers, and which units it knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.commands.export import FORMATS, _columns, _formats
from sim.results.files import write_signed, write_text
from sim.results.schema import CONFIG, KEYS, MANIFEST
from tests.report.made_result import made_result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "result"
    result = made_result(path, n_runs=2)
    outcomes = [name for name in result.outcomes if name not in KEYS]
    write_signed(path / MANIFEST, {**result.manifest, "outcomes": outcomes})
    write_text(path / CONFIG, "name: reference\n")
    return path


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "steppe export takes one folder of results"),
        (["a", "b"], "steppe export takes one folder of results"),
        (["results/x"], "results/x: there is no such folder of results."),
        (["results/x", "format=parket"], "format=: there is no format 'parket'. Did you mean 'parquet'?"),
        (["results/x", "format=[csv,hdf]"], "there is no format 'hdf'"),
        (["results/x", "format=[csv"], "there is no format '[csv'. Did you mean 'csv'?"),
        (["results/x", "format="], "format=: is empty"),
        (["results/x", "into=a", "into=b"], "into is given twice: a and b."),
        (["results/x", "formt=csv"], "unknown key 'formt'. Did you mean 'format'?"),
        (["results/x", "-m"], "unknown flag"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *words]) == 2
    told = capsys.readouterr()
    assert reason in told.err
    assert (told.err.count("\n"), told.out) == (1, "")


def test_an_unfinished_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path)]) == 2
    assert "holds no finished results" in capsys.readouterr().err


def test_formats_are_one_some_or_a_list() -> None:
    assert _formats("csv") == ("csv",)
    assert _formats("csv,netcdf") == _formats("[csv, netcdf]") == _formats("[csv,netcdf,csv]") == ("csv", "netcdf")


def test_it_answers_where_the_files_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(folder), "format=[parquet,rocrate]", "--json"]) == 0
    told = capsys.readouterr()
    answer = json.loads(told.out)
    into = folder.parent / "result-export"
    files = ["README.txt", "config.yaml", "outcomes.parquet", "ro-crate-metadata.json"]
    assert answer == {"results": str(folder), "into": str(into), "files": files, "digest": "0123456789abcdef"}
    assert sorted(path.name for path in into.iterdir()) == files
    assert told.err == "Writing 8 runs as parquet, rocrate.\n"


def test_everything_is_written_unless_told_otherwise(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(folder), f"into={tmp_path}/out"]) == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {
        ".txt",
        ".csv",
        ".nc",
        ".parquet",
        ".json",
        ".yaml",
    }
    assert f"into     {tmp_path}/out" in capsys.readouterr().out


def test_columns_have_the_units_that_the_model_declares() -> None:
    address = "states[KAZ].dependence[CHN]"
    outcomes = ["dependence_china.KAZ", "digital_passed", "no_such.KAZ"]
    known = _columns({"outcomes": outcomes, "trajectories": [address, "states[KAZ].no_such"]})
    assert known["dependence_china.KAZ"] == ("0-1", "Kazakhstan: dependence on China at the end")
    assert known["digital_passed"] == ("year", "when the SCO's digital agreement passed")
    assert known[address].unit == "0-1"
    assert known["parameters.tenders.weight_price"].meaning
    assert not {"no_such.KAZ", "states[KAZ].no_such"} & set(known)


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {name:<8} {line}" in told for name, line in FORMATS.items())
