from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.cli import main
from sim.commands.call import COMMANDS, parse
from sim.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("numba", "matplotlib", "pandas", "xarray", "zarr", "scipy", "pyarrow", "rich", "mesa")


def steppe(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "sim.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def loaded_by(*arguments: str) -> tuple[int, list[str]]:
    """Return the exit status of a command and which heavy packages it loaded."""
    code = (
        "import sys; from sim.cli import main; status = main(sys.argv[1:]); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(status)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, eval(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: steppe {command}")
    assert "examples:" in shown


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        assert main(arguments) == 0
        shown = capsys.readouterr().out
        assert all(command in shown for command in COMMANDS)


def test_words_overrides_and_flags_are_told_apart() -> None:
    call = parse(["run", "-m", "seed=1,2", "--json"])
    assert (call.words, call.overrides, call.flags) == ((), ("seed=1,2",), {"--multirun", "--json"})
    assert parse(["show", "firm", "JD.com"]).words == ("firm", "JD.com")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], "unknown command 'rnu'. Did you mean 'run'?"),
        (["run", "--jsn"], "unknown flag '--jsn'. Did you mean '--json'?"),
        (["list", "-m"], "unknown flag '--multirun'"),
        (["run", "runs=5", "--plan"], "unknown flag '--plan'. Did you mean 'plan=true'?"),
        (["run", "vendor_outage"], "'vendor_outage' is not key=value. Did you mean 'scenario=vendor_outage'?"),
        (["run", "seed"], "'seed' is not key=value. Did you mean 'seed=1'?"),
        (["run", "reprt"], "Did you mean 'report=false'?"),
        (["run", "scenario=[baseline"], "a ']' is missing"),
        (["run", "sede=3"], "Did you mean 'seed'?"),
        (["run", "scenario=vendor_outrage"], "Did you mean 'vendor_outage'?"),
        (["run", "scenario=/nowhere/mine.yaml"], "there is no such file"),
        (["run", "parameters.tenders.weight_prise=1"], "Did you mean 'tenders.weight_price'?"),
        (["run", "parameters.tenders.weight_price=1e9"], "lies outside its range"),
        (["compare", "baseline", "vendor_outrage"], "Did you mean 'vendor_outage'?"),
        (["list", "scenaros"], "Did you mean 'scenarios'?"),
        (["list", "objects"], "there is no kind 'objects'. Kinds: "),
        (["list", "facts"], "there is no kind 'facts'. `steppe evidence` finds facts. Kinds: "),
        (["list", "states", "firms"], "takes one kind"),
        (["show"], "takes a kind and a name"),
        (["show", "firm", "Huwei"], "Did you mean 'Huawei'?"),
        (["show", "Huwei"], "Did you mean 'Huawei'?"),
        (["show", "parameter"], "steppe show parameter needs a name: `steppe list parameters` lists them."),
        (["show", "firms"], "steppe show firms needs a name"),
        (["show", "nosuch"], "there is no 'nosuch'. `steppe list KIND` lists names; kinds: scenarios, "),
        (["evidence", "acter=Huawei"], "Did you mean 'actor'?"),
        (["evidence", "actor=Huwei"], "Did you mean 'Huawei'?"),
        (["evidence", "contested=perhaps"], "must be true or false"),
        (["evidence", "E9999"], "there is no fact 'E9999'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.startswith(("steppe: ", f"steppe {arguments[0]}"))
    assert captured.err.count("steppe: steppe") == 0
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_with_json_a_refusal_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "sede=3", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == 2
    assert "seed" in answer["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--help"),
        ("run", "sede=3"),
        ("run", "runs=0"),
        ("run", "scenario=nowhere"),
        ("run", "parameters.tenders.weight_price=1e9"),
        ("compare", "--help"),
        ("compare", "baseline", "vendor_outage", "sede=3"),
        ("list",),
        ("list", "experiments"),
        ("list", "parameters"),
        ("list", "outcomes"),
        ("list", "injects"),
        ("show", "inject", "price"),
        ("show", "scenario", "kazakhstan_hedges"),
        ("list", "states"),
        ("show", "firm", "Huawei"),
        ("list", "groups"),
        ("show", "group", "Taliban"),
        ("evidence", "actor=Huawei"),
        ("evidence", "check"),
    ],
)
def test_help_lists_and_refusals_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) == (2 if arguments[-1].partition("=")[0] in _REFUSED else 0, [])


_REFUSED = {"sede", "runs", "scenario", "parameters.tenders.weight_price"}


def test_a_refusal_in_a_process_of_its_own_has_no_traceback() -> None:
    done = steppe("run", "runs=few")
    assert done.returncode == 2
    assert done.stderr == "steppe: runs: must be a whole number, not 'few'.\n"


@pytest.mark.parametrize(
    ("name", "number"),
    [("sim.commands", signal.SIGINT), ("sim.configuration", signal.SIGTERM), ("hydra", signal.SIGTERM)],
)
def test_a_signal_while_the_command_is_loading_is_one_message(name: str, number: signal.Signals) -> None:
    """A module that the command imports, its first or a heavy one, brings the signal."""
    code = (
        "import os, signal, sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name.startswith({name!r}):\n"
        "            sys.meta_path.remove(self)\n"
        f"            os.kill(os.getpid(), signal.Signals({int(number)}))\n"
        "from sim.cli import main\n"
        "assert [name for name in sys.modules if name.startswith('sim.')] == ['sim.cli']\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.exit(main(['run', 'runs=few']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    message = "steppe: interrupted. What is finished is kept; the same command resumes.\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", message)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m sim.cli list parameters | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


ONE_RUN = ("scenario=baseline", "experiment=cooperation", "runs=2", "report=false", "end=2000Q4", "trajectories=false")


def test_run_prints_digest_and_results_and_repeats_itself(tmp_path: Path) -> None:
    answers = []
    for threads in ("1", "2"):
        folder = tmp_path / threads
        done = steppe("run", *ONE_RUN, f"engine.threads={threads}", f"results_dir={folder}", "--json")
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout.splitlines()[-1]))
        assert done.stdout.count("\n") == 1
    assert answers[0]["digest"] == answers[1]["digest"]
    manifest = json.loads((Path(answers[0]["results"]) / "manifest.json").read_text())
    assert manifest["complete"] is True
    assert manifest["digest"] == answers[0]["digest"]
    assert answers[0]["runs"] == 2


def test_multirun_runs_each_variant_and_returns_the_worst_status(tmp_path: Path) -> None:
    done = steppe("run", "-m", *ONE_RUN[1:], "scenario=baseline,nowhere", f"results_dir={tmp_path}", "--json")
    assert done.returncode == 2
    jobs = json.loads(done.stdout)["jobs"]
    assert [job["status"] for job in jobs] == [0, 2]
    assert "nowhere" in jobs[1]["error"]
    variants = steppe("run", "-m", *ONE_RUN, "history=replay,free", f"results_dir={tmp_path}", "--json")
    assert variants.returncode == 0
    assert len({job["results"] for job in json.loads(variants.stdout)["jobs"]}) == 2


def test_an_unwritable_folder_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = steppe("run", *ONE_RUN, f"results_dir={tmp_path / 'file'}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"steppe: results_dir: cannot write to {tmp_path / 'file' / 'cooperation'}: ")
    assert done.stderr.endswith(f"{tmp_path / 'file'} is a file. Name a folder with results_dir=.\n")


def test_a_disk_without_room_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the write fails in its middle."""
    keys = ("experiment=cooperation", "runs=100", "scenario=baseline", "report=false", "end=2010Q4")
    command = f"ulimit -f 8; exec {sys.executable} -m sim.cli run {' '.join(keys)} results_dir={tmp_path}"
    steppe("run", *ONE_RUN, f"results_dir={tmp_path / 'warm'}")
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "cannot write to" in done.stderr
    assert done.stderr.endswith("What is finished is kept; make room, and the same command resumes.\n")
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "cooperation").rglob("manifest.json"))
    assert not list((tmp_path / "cooperation").rglob("*.part"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_resumes(tmp_path: Path, number: signal.Signals) -> None:
    keys = (
        "experiment=cooperation",
        "scenario=baseline",
        "runs=900",
        "seed=3",
        "end=2010Q4",
        "report=false",
        "engine.threads=1",
    )
    arguments = [sys.executable, "-m", "sim.cli", "run", *keys, f"results_dir={tmp_path}"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and len(list(tmp_path.rglob("shard-*.json"))) < 2 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "the same command resumes" in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("manifest.json"))
    kept = len(list(tmp_path.rglob("shard-*.json")))
    assert 2 <= kept < 9
    again = steppe("run", *keys, f"results_dir={tmp_path}", "--json")
    assert again.returncode == 0
    assert f"{kept * 100} of 900 runs are there already" in again.stderr


def test_a_run_that_was_killed_resumes_to_the_same_digest(tmp_path: Path) -> None:
    keys = ("experiment=cooperation", "scenario=baseline", "runs=900", "end=2010Q4", "report=false", "engine.threads=1")
    arguments = [sys.executable, "-m", "sim.cli", "run", *keys, f"results_dir={tmp_path / 'killed'}"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and len(list(tmp_path.rglob("shard-*.json"))) < 2 and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert not list(tmp_path.rglob("manifest.json"))
    kept = len(list(tmp_path.rglob("shard-*.json")))
    again, whole = (steppe("run", *keys, f"results_dir={tmp_path / name}", "--json") for name in ("killed", "whole"))
    assert f"{kept * 100} of 900 runs are there already" in again.stderr
    assert json.loads(again.stdout)["digest"] == json.loads(whole.stdout)["digest"]
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("arguments", [("--help",), ("list", "parameters"), ("show", "Huawei", "--json")])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_answer_that_cannot_be_printed_is_one_message(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "sim.cli", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "steppe: cannot print the answer: the disk is full.\n")


def test_a_file_that_cannot_be_read_is_one_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/x/states.csv")

    monkeypatch.setattr("sim.commands.list.names_of", refuse)
    assert main(["list", "states", "--json"]) == 2
    shown = capsys.readouterr()
    assert shown.err == "steppe: /x/states.csv: permission denied.\n"
    assert json.loads(shown.out)["status"] == 2


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(errno.ECONNREFUSED, "x"), BrokenPipeError(errno.EPIPE, "x"), OSError("no footer")]
)
def test_an_error_without_a_file_is_no_failure_to_print(
    error: OSError, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that breaks is no reader that went away, and the answer with --json is still given."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("sim.commands.list.names_of", fail)
    assert main(["list", "states", "--json"]) == 2
    shown = capfd.readouterr()
    assert shown.err == f"steppe: {error.strerror or error}.\n"
    assert json.loads(shown.out)["status"] == 2


def test_a_run_goes_on_when_nobody_reads_its_messages(tmp_path: Path) -> None:
    keys = " ".join((*ONE_RUN, f"results_dir={tmp_path}", "--json"))
    command = f"{sys.executable} -m sim.cli run {keys} 2> >(exec <&-) ; echo $?"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0"
    assert len(list(tmp_path.rglob("manifest.json"))) == 1


def test_the_schedule_is_printed_in_order() -> None:
    from sim.rules.schedule import NAMES

    done = steppe("show", "schedule", "--json")
    rules = json.loads(done.stdout)["schedule"]
    assert [rule["name"] for rule in rules] == list(NAMES)
    assert all(rule["summary"] and rule["writes"] for rule in rules)
    shown = steppe("show", "schedule").stdout
    assert shown.index("technology/vendors") < shown.index("technology/tenders")


@pytest.mark.parametrize(
    "kind", ["scenarios", "experiments", "parameters", "rules", "injects", "outcomes", "engines", "states"]
)
def test_what_is_listed_can_be_shown(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", kind, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)[kind]
    assert listed
    assert all(thing["summary"] for thing in listed)
    for thing in listed[:: max(1, len(listed) // 4)]:
        assert main(["show", kind.removesuffix("s"), thing["name"], "--json"]) == 0
        detail = json.loads(capsys.readouterr().out)
        assert (detail["kind"], detail["name"]) == (kind, thing["name"])
        assert main(["show", kind, thing["name"]]) == 0
        assert thing["name"] in capsys.readouterr().out


def test_a_thing_is_shown_with_the_facts_that_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "Huawei", "--json"]) == 0
    detail = json.loads(capsys.readouterr().out)
    assert detail["home"] == "CHN"
    assert any(fact["id"].startswith("E") and ":" in fact["source"] for fact in detail["facts"])
    assert detail["sources"]["price"]


def test_a_parameter_is_shown_with_what_it_moves_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    from sim.parameters.register import load_register

    assert main(["show", "parameter", "tenders.constant_none"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tenders.constant_none  (parameter)"
    moved = load_register().find("tenders.constant_none").moves.outcome
    assert f"moves outcome {moved} in free history" in lines
    settings = {key: dict(entry.moves.setting) for key, entry in load_register().entries.items()}
    key = next(key for key, setting in settings.items() if setting.get("tenders.constant_none") == 2.0)
    assert main(["show", key]) == 0
    assert "in free history, with tenders.constant_none = 2" in capsys.readouterr().out


def test_evidence_is_found_by_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ("text=camera", "actor=Huawei", "mechanism=1", "document=000", "confidence=high", "contested=true")
    for key in keys:
        assert main(["evidence", key, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["count"] == len(answer["facts"]) > 0, key
    assert main(["evidence", "E0098"]) == 0
    assert capsys.readouterr().out.startswith("E0098 (000:")


def test_evidence_check_gives_shares_that_sum_to_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["problems"] == []
    assert sum(row["share"] for row in answer["backing"]) == pytest.approx(1.0)
    assert sum(row["count"] for row in answer["backing"]) == answer["parameters"] > 0


def test_evidence_check_fails_on_a_broken_register(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.parameters import register

    def broken(*_: object, **__: object) -> None:
        raise InputError("configs/parameters/x.yaml: x.y: unknown fact 'E9999' in evidence.")

    monkeypatch.setattr(register, "load_register", broken)
    assert main(["evidence", "check"]) == 1
