"""`steppe rerun`, through the command: one run again, beside what was kept of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from sim.cli import main
from sim.commands.rerun import _number
from sim.ensemble.plan import Plan, PlannedArm
from sim.ensemble.prepare import Prepared
from sim.ensemble.reopen import Reopened
from sim.errors import InputError
from sim.results.schema import CONFIG, MOST_RUNS
from tests.commands import kept

OUTCOME = "dependence_china.KAZ"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept.small_results(tmp_path_factory.mktemp("rerun"))


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(made, tmp_path / "copy"))


class Rerun:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, folder: Path, *words: str) -> tuple[int, dict[str, Any], str]:
        self.capsys.readouterr()
        status = main(["rerun", str(folder), *words, "--json"])
        out, err = self.capsys.readouterr()
        return status, json.loads(out), err


@pytest.fixture
def rerun(capsys: pytest.CaptureFixture[str]) -> Rerun:
    return Rerun(capsys)


def test_a_run_gives_what_was_kept_with_its_own_ledger(folder: Path, rerun: Rerun) -> None:
    before = kept.content(folder)
    status, answer, _ = rerun(folder, "2")
    assert (status, answer["differing"], answer["mode"], answer["replication"]) == (0, [], "bit for bit", 2)
    assert answer["outcomes"] == answer["kept"]
    ledger = pd.read_parquet("rerun-copy-2/ledger.parquet")
    assert answer["ledger"] == "rerun-copy-2/ledger.parquet"
    assert len(ledger) == answer["lines"] > 0
    assert set(ledger["replication"]) == {2}
    assert kept.content(folder) == before
    named = rerun(folder, "default/baseline/replay/2", "into=two")[1]
    assert (named["run"], named["ledger"]) == (2, "two/ledger.parquet")
    assert Path("two/ledger.parquet").read_bytes() == Path("rerun-copy-2/ledger.parquet").read_bytes()


def test_only_a_value_that_differs_is_shown(folder: Path, rerun: Rerun, capsys: pytest.CaptureFixture[str]) -> None:
    kept.change_value(folder, "tenders.KGZ", 2, 99.0)
    status, answer, _ = rerun(folder, "2")
    assert (status, answer["differing"], answer["kept"]["tenders.KGZ"]) == (1, ["tenders.KGZ"], 99.0)
    assert rerun(folder, "1")[0] == 0
    assert main(["rerun", str(folder), "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "outcomes 1 of" in "\n".join(lines)
    (row,) = [line.split() for line in lines if line.startswith("tenders")]
    assert row[:2] == ["tenders.KGZ", "99.0"]


def test_a_run_that_fails_shows_its_whole_traceback(
    folder: Path, rerun: Rerun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(prepared: Prepared, arm: int, replications: object) -> None:
        if len(replications):
            raise ZeroDivisionError("no stock to divide")

    monkeypatch.setattr(Prepared, "simulate", fail)
    status, answer, said = rerun(folder, "0")
    assert (status, answer["error"]) == (1, "ZeroDivisionError: no stock to divide")
    assert "Traceback (most recent call last)" in said
    assert answer["traceback"] in said + "\n"
    assert 'raise ZeroDivisionError("no stock to divide")' in said
    assert main(["rerun", str(folder), "0"]) == 1
    assert "failed   ZeroDivisionError: no stock to divide" in capsys.readouterr().out
    assert not Path("rerun-copy-0").exists()


def test_a_run_that_failed_then_and_one_not_reached_yet_are_told(
    folder: Path, rerun: Rerun, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow.parquet as pq

    part = folder / kept.manifest_of(folder)["parts"][0]
    pq.write_table(pq.read_table(part).slice(1), part)
    kept.sign(folder)
    kept.let_fail(folder, "Odd")
    status, answer, _ = rerun(folder, "0")
    assert (status, answer["failure"], answer["kept"]) == (0, "raised: Odd", None)
    (folder / "manifest.json").unlink()
    shutil.rmtree(folder / "receipts")
    assert main(["rerun", str(folder), "1"]) == 0
    assert "none are kept yet" in capsys.readouterr().out
    config, told = (folder / CONFIG).read_text(), []
    for own in ("1/2", "2/2"):
        (folder / CONFIG).write_text(config.replace("shard: null", f"shard: {own}"))
        assert main(["rerun", str(folder), "1", f"into={own[0]}"]) == 0
        told.append("none are kept yet" in capsys.readouterr().out)
        share = rerun(folder, "1", f"into=again{own[0]}")[1]["share"]
        assert share == (None if told[-1] else "1/2" if own == "2/2" else "2/2")
    assert sorted(told) == [False, True]


def test_an_edited_manifest_is_one_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"complete": true', '"complete": true, "seen": 1'))
    assert main(["rerun", "copy", "0"]) == 2
    assert "manifest.json: it does not match its checksum" in capsys.readouterr().err


def test_a_part_that_is_not_as_its_receipt_says_is_refused_first(folder: Path, rerun: Rerun) -> None:
    import pyarrow.parquet as pq

    part = folder / kept.manifest_of(folder)["parts"][0]
    pq.write_table(pq.read_table(part), part, compression="gzip")
    status, answer, _ = rerun(folder, "2")
    assert (status, answer["error"]) == (
        2,
        f"{part}: does not match its checksum; `steppe verify` checks all files.",
    )
    part.unlink()
    assert f"{part}: is missing" in rerun(folder, "2")[1]["error"]
    assert not Path("rerun-copy-2").exists()


def sampled(*points: str) -> Reopened:
    """Return results of two runs at each of these points, as far as their numbers go."""
    arms = [PlannedArm(point, "baseline", "replay", "") for point in points]
    fake = SimpleNamespace(plan=Plan.uniform(arms, 2, 1), config=SimpleNamespace(runs=2), folder="fake")
    return cast("Reopened", fake)


POINTS = ("default", "p0000007", "p0000197", "dry", "p08", "p008")


@pytest.mark.parametrize(
    ("text", "arm"),
    [("p7", 1), ("p0000007", 1), ("p007", 1), ("p197", 2), ("dry", 3), ("p08", 4), ("p008", 5)],
)
def test_the_point_of_a_run_goes_without_its_zeros(text: str, arm: int) -> None:
    assert _number(f"{text}/baseline/replay/1", sampled(*POINTS)) == arm * MOST_RUNS + 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("p9/baseline/replay/1", ""),
        ("p8/baseline/replay/1", ""),
        ("p7/basline/replay/1", " Did you mean 'p0000007/baseline/replay/1'?"),
        ("dri/baseline/replay/1", " Did you mean 'dry/baseline/replay/1'?"),
    ],
)
def test_only_a_run_that_may_be_meant_is_suggested(text: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        _number(text, sampled(*POINTS))
    assert str(error.value).endswith(f"history/replication.{hint}")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["0", "1"], "steppe rerun takes a folder of results and a run"),
        (["4"], "there is no run 4: that arm has replications 0 to 3"),
        ([str(MOST_RUNS)], f"there is no run {MOST_RUNS}"),
        (["default/basline/replay/0"], "Did you mean 'default/baseline/replay/0'?"),
        (["default/baseline/replay/9"], "that arm has replications 0 to 3"),
        (["0", "int=x"], "unknown key 'int'. Did you mean 'into'?"),
        (["0", "into=copy/x"], "lies in the results, which are only read"),
        (["0", "into="], "into=: is empty"),
        (["0", "into=a", "into=b"], "into is given twice: a and b."),
        (["0", "into=held"], "into=: held holds a ledger.parquet already; name another folder."),
        (["0", "into=held/ledger.parquet"], "into=: held/ledger.parquet is a file; name a folder."),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(
    folder: Path, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("held").mkdir()
    Path("held/ledger.parquet").write_text("of another run")
    assert main(["rerun", "copy", *words]) == 2
    told = capsys.readouterr()
    assert reason in told.err
    assert (told.err.count("\n"), told.out) == (1, "")
    assert Path("held/ledger.parquet").read_text() == "of another run"
