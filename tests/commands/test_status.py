"""`steppe status`: how far a folder is, whoever asks and whenever."""

from __future__ import annotations

import json
import os
import platform
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.commands import status as command
from sim.ensemble.asked import Asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.design_table import NOTE
from sim.ensemble.receipts import Failure, Receipt
from sim.results.files import HOLDER, canonical_json, held, read_signed, sha256_of, write_signed
from sim.results.manifest import checksums, seal
from sim.results.outcomes import write_design
from sim.results.schema import COMPARISON, LAYOUT, MOST_RUNS
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config


def campaign(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    config = fake_config(folder, **{"runs": 130, "engine": {"name": "threads", "threads": 1}, **changes})
    return Campaign.of(config, model or FakeModel(), FakeWatcher())


def made(folder: Path, is_finished: bool = True, **changes: object) -> Path:
    with campaign(folder, **changes).opened() as opened:
        opened.run()
        if is_finished:
            seal(opened.folder, {"layout": LAYOUT, "plan_hash": opened.plan.sha256})
    return opened.folder


def stopped(folder: Path, **changes: object) -> Path:
    with pytest.raises(KeyboardInterrupt), campaign(folder, FakeModel(fail_at=120), **changes).opened() as opened:
        opened.run()
    return campaign(folder, **changes).folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def tell(*arguments: object) -> tuple[int, Any]:
        capsys.readouterr()
        status = main(["status", *map(str, arguments)])
        out = capsys.readouterr().out
        return status, json.loads(out) if "--json" in arguments else out

    return tell


def test_a_finished_folder(tmp_path: Path, told: Any) -> None:
    folder = made(tmp_path)
    status, answer = told(folder, "--json")
    assert (status, answer["state"], answer["runs"], answer["done"], answer["failed"]) == (0, "finished", 390, 390, 0)
    assert (answer["experiment"], answer["question"]) == ("fake", "What does a fake do?")
    assert [(arm["scenario"], arm["history"], arm["done"]) for arm in answer["arms"]] == [
        ("baseline", "replay", 130),
        ("outage", "replay", 130),
        ("baseline", "free", 130),
    ]
    assert answer["bytes_used"] == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert (answer["damage"], answer["seconds_left"]) == (None, None)
    assert answer["log"][-1].endswith("on 1 thread.")


def test_an_interrupted_folder_is_told_and_left_as_it_is(tmp_path: Path, told: Any) -> None:
    folder = stopped(tmp_path)
    before = checksums(folder)
    status, lines = told(folder, "check=true")
    assert status == 0
    assert re.search(r"state +interrupted", lines)
    assert re.search(r"runs +300 of 390 done \(77 %\)\n", lines)
    assert re.search(r"outage +replay +100 of +130\n", lines)
    assert "the data of all shards are as they were written; other files have no checksum" in lines
    assert checksums(folder) == before


def test_a_share_is_told_by_its_own_runs_and_is_done_without_a_manifest(tmp_path: Path, told: Any) -> None:
    folder = made(tmp_path, is_finished=False, shard="2/3")
    own = campaign(tmp_path, shard="2/3").n_runs
    answer = told(folder, "--json")[1]
    assert (answer["state"], answer["share"], answer["runs"], answer["done"]) == ("done", "2/3", own, own)
    assert sum(arm["runs"] for arm in answer["arms"]) == own < 390
    min((folder / "receipts").iterdir()).unlink()
    assert told(folder, "--json")[1]["state"] == "interrupted"


def test_a_running_folder_tells_who_runs_it_how_fast_and_how_long(tmp_path: Path, told: Any) -> None:
    """Another thread asks again and again while it runs, and keeps it from nothing."""
    answers: list[Any] = []
    running = campaign(tmp_path, FakeModel(pause=0.05), runs=400)
    with running.opened() as opened:
        thread = threading.Thread(target=opened.run)
        thread.start()
        while thread.is_alive():
            if len(list(opened.folder.glob("receipts/*.json"))) > 1:
                answers.append(told(opened.folder, "--json")[1])
            time.sleep(0.01)
    assert {answer["state"] for answer in answers} == {"running"}
    middle = answers[len(answers) // 2]
    assert middle["holder"]["pid"] == os.getpid()
    assert middle["runs_a_second"] > 0
    assert middle["seconds_left"] == pytest.approx((1200 - middle["done"]) / middle["runs_a_second"])
    done = [answer["done"] for answer in answers]
    assert done == sorted(done)
    assert not (running.folder / HOLDER).exists()


def test_asking_never_keeps_a_run_from_its_folder(tmp_path: Path, told: Any) -> None:
    folder, stop = stopped(tmp_path), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            command._standings(folder, with_check=False)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(50):
            with held(folder):
                pass
    finally:
        stop.set()
        thread.join()


def test_a_killed_process_is_told_as_interrupted(tmp_path: Path, told: Any) -> None:
    folder = stopped(tmp_path)
    (folder / HOLDER).write_text(json.dumps({"pid": 7, "host": "there", "since": 0.0}))
    assert "interrupted; process 7 on there held it from 1970-01-01 00:00 UTC on, and may have ended" in told(folder)[1]
    here = {"pid": 7, "host": platform.node(), "since": 0.0}
    (folder / HOLDER).write_text(json.dumps(here))
    assert re.search(
        rf"interrupted; process 7 on {re.escape(here['host'])} held it .*, and has ended\n", told(folder)[1]
    )


def test_failed_runs_and_damage_are_told_and_give_status_1(tmp_path: Path, told: Any) -> None:
    folder = made(tmp_path)
    path = max((folder / "receipts").iterdir())
    receipt = Receipt.read(path)
    replace(receipt, failures=(Failure(2 * MOST_RUNS + 7, "died", "killed"),)).write(folder)
    manifest = read_signed(folder / "manifest.json")
    name = path.relative_to(folder).as_posix()
    manifest["files"][name] = sha256_of(path)
    write_signed(folder / "manifest.json", manifest)
    status, answer = told(folder, "check=true", "--json")
    assert (status, answer["failed"], answer["damage"]) == (1, 1, [])
    assert [arm["failed"] for arm in answer["arms"]] == [0, 0, 1]
    part = max((folder / "outcomes").iterdir())
    part.write_bytes(b"noise")
    (folder / "design.parquet").write_bytes(b"noise")
    (folder / "config.yaml").write_text((folder / "config.yaml").read_text() + "\n")
    status, lines = told(folder, "check=true")
    assert status == 1
    found = [line.removeprefix("damaged").strip() for line in lines.splitlines() if line.startswith("damaged")]
    names = [f"outcomes/{part.name}", "config.yaml", "design.parquet"]
    assert found == [f"{name} does not match its checksum" for name in names]


def test_a_check_says_no_more_than_it_looked_at(tmp_path: Path, told: Any) -> None:
    for is_finished, words in ((False, "the data of all shards are"), (True, "every file is")):
        folder = made(tmp_path, is_finished)
        checked = re.findall(r"checked +(.*)", told(folder, "check=true")[1])
        assert len(checked) == 1
        assert checked[0].startswith(words)


def test_an_edited_manifest_is_damage(tmp_path: Path, told: Any) -> None:
    folder = made(tmp_path)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"complete": true', '"complete":  true, "seen": 1'))
    status, lines = told(folder, "check=true")
    assert status == 1
    assert re.search(r"damaged +\S*manifest\.json: it does not match its checksum\.", lines)


@pytest.mark.parametrize("damage", ["body", "tail", "all"])
def test_a_damaged_plan_is_one_message(tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made(tmp_path, runs=2)
    path = folder / "plan.parquet"
    whole = path.read_bytes()
    path.write_bytes({"body": whole[:4] + bytes(36) + whole[40:], "tail": whole[:-30], "all": b""}[damage])
    assert main(["status", str(folder)]) == 2
    said = capsys.readouterr()
    assert re.fullmatch(r"steppe: .*plan\.parquet: cannot be read as a plan \(.*\)\.\n", said.err)
    assert said.out == ""


def test_folders_of_several_results_are_listed(tmp_path: Path, told: Any) -> None:
    made(tmp_path, runs=2)
    made(tmp_path, is_finished=False, shard="1/2", runs=2)
    stopped(tmp_path, name="other")
    for folder, n in ((tmp_path / "fake", 2), (tmp_path, 3)):
        status, answer = told(folder, "--json")
        assert (status, answer["count"]) == (0, n)
    assert [one["state"] for one in answer["results"]] == ["finished", "done", "interrupted"]
    lines = told(tmp_path)[1].splitlines()
    assert [line.split()[0] for line in lines[::2]] == [one["results"] for one in answer["results"]]
    assert lines[1::2] == ["    A fake"] * 3


def test_titles_keep_to_a_terminal_and_tables_of_points_are_told_apart(tmp_path: Path, told: Any) -> None:
    title = f"A fake: {'scenario a_long_name; ' * 9}design table mine.csv"
    folder = made(tmp_path, runs=2, title=title)
    keys = [f"parameters.tenders.factor_{n}" for n in range(6)]
    noted = {"method": "table", "points": 3, "factors": [{"key": key} for key in keys], "rows_before": 1}
    write_design(folder / "design.parquet", {"point": ["default"]}, {NOTE: canonical_json(noted)})
    lines = told(folder)[1].splitlines()
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 100
    whole = " ".join(" ".join(lines).split())
    assert f"experiment fake: {title}" in whole
    names = "tenders.factor_0, tenders.factor_1, tenders.factor_2, tenders.factor_3"
    assert f"design table, 3 points over {names} and 2 more state" in whole
    short = made(tmp_path, runs=2, title="A fake: design table mine.csv")
    (folder / "design.parquet").rename(short / "design.parquet")
    listed = told(tmp_path)[1].splitlines()
    assert f"A fake: design table mine.csv over {names} and 2 more" in " ".join(" ".join(listed).split())
    assert [len(line) <= 100 for line in listed if line.startswith("    ")] == [True] * 4
    assert sum(line.endswith(" …") for line in listed) == 1, "the longer one has no third line"
    assert told(short, "--json")[1]["design"] == {
        "method": "table",
        "points": 3,
        "factors": [key.removeprefix("parameters.") for key in keys],
    }


def test_a_result_in_the_place_of_its_experiment_hides_no_other_and_one_of_another_version_is_left_out(
    tmp_path: Path, told: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = made(tmp_path / "elsewhere", runs=2).rename(tmp_path / "fake")
    assert told(kept, "--json")[1]["results"] == str(kept)
    other = made(tmp_path, runs=3)
    assert other.parent == kept
    for folder in (kept, tmp_path):
        assert [one["results"] for one in told(folder, "--json")[1]["results"]] == [str(kept), str(other)]
    plan = pq.read_table(kept / "plan.parquet")
    pq.write_table(plan.replace_schema_metadata({}), kept / "plan.parquet")
    assert main(["status", str(kept)]) == 0
    out, said = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[::2]] == [str(other)]
    assert said.startswith(f"steppe: left out: {kept / 'plan.parquet'}: was written by another version")


def test_watching_ends_with_the_sweep_or_with_ctrl_c(
    tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stopped(tmp_path)
    pauses = []

    def finish(seconds: float) -> None:
        pauses.append(seconds)
        made(tmp_path)

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=finish))
    status, lines = told(folder, "watch=5")
    assert (status, pauses) == (0, [5.0])
    assert re.findall(r"state +(\w+)", lines) == ["interrupted", "finished"]

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    (folder / "manifest.json").unlink()
    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=interrupt))
    assert told(folder, "watch=5")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs one folder"),
        (("nowhere",), "nowhere: there is no such folder of results."),
        ((".",), "holds no results, nor folders of them."),
        ((".", "chek=true"), "Did you mean 'check'?"),
        ((".", "check=true", "check=false"), "check is given twice: true and false. Leave one out."),
        ((".", "check=yes"), "check: must be true or false, not 'yes'."),
        ((".", "watch=0"), "watch: must be a number of seconds"),
    ],
)
def test_bad_input_is_one_message(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["status", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def typed(folder: Path, *keys: str, **changes: object) -> Path:
    """Leave a sweep that was asked for with these keys without one of its shards."""
    asked = replace(campaign(folder, **changes), command=keys)
    with asked.opened() as opened:
        opened.run()
    min((asked.folder / "receipts").iterdir()).unlink()
    return asked.folder


def test_an_interrupted_sweep_names_the_command_that_resumes_it_where_it_stands(
    tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("runs=130", "design.over=[tenders.*]", "results_dir=elsewhere")
    folder = typed(tmp_path / "a b", *keys)
    expected = f"steppe run runs=130 'design.over=[tenders.*]' 'results_dir={tmp_path}/a b'"
    assert told(folder, "--json")[1]["resume"] == expected
    assert f"resume     {expected}\n" in told(folder)[1]
    monkeypatch.chdir(tmp_path)
    assert told(folder, "--json")[1]["resume"].endswith(" 'results_dir=a b'")
    folder.rename(tmp_path / "moved")
    assert told(tmp_path / "moved", "--json")[1]["resume"] is None
    assert told(made(tmp_path / "c"), "--json")[1]["resume"] is None
    share = typed(tmp_path / "d", "runs=130", "shard=1/2", shard="1/2")
    assert told(share, "--json")[1]["resume"] == "steppe run runs=130 shard=1/2 results_dir=d"


def test_a_comparison_is_resumed_by_its_own_command(tmp_path: Path) -> None:
    keys = ("scenario=['baseline','a b.yaml']", "runs=100", "results_dir=x")
    asked = Asked(tmp_path, {"scenarios": ["baseline", "/x/a b.yaml"]}, {"experiment": COMPARISON, "command": keys})
    assert asked.command(keys, Path("y")) == "steppe compare baseline '/x/a b.yaml' runs=100 results_dir=y"
    assert asked.typed_at == ""


def test_where_a_command_names_files_it_is_said_where_to_type_it(
    tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("scenario=[baseline,./a b.yaml]", "design.table=points.csv", "runs=130", "results_dir=res")
    folder = typed(tmp_path / "res", *keys)
    monkeypatch.chdir(tmp_path)
    command = f"'scenario=[baseline,./a b.yaml]' design.table=points.csv runs=130 results_dir={tmp_path}/res"
    where = "(in the folder in which it was begun: it names ./a b.yaml, points.csv)"
    assert f"resume     steppe run {command} {where}\n" in told(folder)[1]
    answer = told(folder, "--json")[1]
    assert (answer["resume"], answer["typed_at"]) == (f"steppe run {command}", where)
    asked = Asked(tmp_path, {"scenarios": ["baseline", "./mine.yaml"]}, {"experiment": COMPARISON, "command": keys[2:]})
    assert (
        asked.command(keys[2:], Path("y")) == f"steppe compare baseline ./mine.yaml runs=130 results_dir={tmp_path}/y"
    )
    assert asked.typed_at == "(in the folder in which it was begun: it names ./mine.yaml)"


def test_a_result_that_stands_in_another_ones_folder_is_not_counted_with_it(tmp_path: Path, told: Any) -> None:
    folder = made(tmp_path)
    before = told(folder, "--json")[1]["bytes_used"]
    made(tmp_path / "b").rename(folder / "inner")
    found = {one["results"]: one["bytes_used"] for one in told(folder, "--json")[1]["results"]}
    assert (len(found), found[str(folder)]) == (2, before)
