from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from sim.commands import progress
from sim.commands.progress import Progress

BAR = """
import sys, time
from sim.commands.progress import Progress, tell
with Progress(plain=False) as told:
    told.begin(0, 100)
    print("begun", file=sys.__stdout__, flush=True)
    input()
    for _ in range(10):
        told.advance(10)
        told.say("a line above the bar")
        time.sleep(0.05)
tell("a line after it")
print("done", flush=True)
"""


def test_without_a_terminal_a_line_comes_every_few_seconds_at_most(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 5.5, 5.5, 6.0, 11.0, 11.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with Progress(plain=False) as told:
        told.begin(0, 100)
        for _ in range(5):
            told.advance(10)
    assert capsys.readouterr().err == "30 of 100 runs\n50 of 100 runs\n"


def test_on_a_terminal_there_is_a_bar_and_messages_stand_above_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress(plain=False) as told:
        told.begin(20, 100)
        told.say("20 of 100 runs are there already [1].")
        told.advance(80)
        told.end()
    shown = capsys.readouterr()
    assert "20 of 100 runs are there already [1]." in shown.err
    assert shown.out == ""


def test_json_wants_plain_lines_on_a_terminal_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress(plain=True) as told:
        told.begin(0, 100)
        told.advance(50)
        told.say("Half.")
    assert capsys.readouterr().err == "Half.\n"


def test_a_terminal_that_is_closed_meanwhile_stops_nothing() -> None:
    """A process of its own draws its bar on a pseudo-terminal whose other end is closed half-way."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", BAR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    os.close(ours)
    out, _ = process.communicate("go on\n", timeout=60)
    assert (process.returncode, out) == (0, "done\n")
