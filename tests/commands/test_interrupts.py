"""What Ctrl-C does wherever it hits a command: a process of its own each time."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from sim.cli import main
from sim.commands import run
from sim.commands.call import Call
from sim.commands.interrupts import MESSAGE
from tests.faults.sweep import ROOT

SCRIPT = """
import gc, os, signal, sys, threading, time, weakref
from sim.cli import main
from sim.commands import run

def interrupt(*arguments):
    gc.callbacks.clear()
    signal.raise_signal(signal.SIGINT)

class Thing:
    pass

class Closing:
    __del__ = interrupt

def swallow():
    try:
        interrupt()
    except BaseException:
        pass

def turn():
    try:
        interrupt()
    except BaseException as error:
        raise ImportError("a part of it is missing") from error

def put_in_order():
    try:
        interrupt()
    finally:
        try:
            time.sleep(0.5)
            raise OSError("the disk is full")
        except OSError:
            time.sleep(0.5)
        print("in order")

def work(call):
    {hit}
    time.sleep(60)
    return 0

run.main = work
sys.argv[1:] = ["run"]
status = main()
{after}
sys.exit(status)
"""


TAKEN = ["by whoever takes all errors", "for another error", "in code that is text", "and what follows is left alone"]
TAKEN += ["with much to give back", "to end"]


AFTER = """
threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
threading.Timer(2.0, str).start()
"""
"""What the end of the process waits for, and a signal meanwhile, of which Python learns when it has waited."""


def ended(hit: str, after: str = "", script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script.format(hit=hit, after=after)]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "hit",
    [
        "interrupt()",
        "Closing()",
        "thing = Thing(); reference = weakref.ref(thing, interrupt); del thing",
        "gc.callbacks.append(interrupt); gc.collect()",
        "swallow()",
        "turn()",
        "exec('interrupt()')",
        "put_in_order()",
        "held = [[i] for i in range(4_000_000)]; interrupt()",
        "os.kill(os.getpid(), signal.SIGTERM)",
    ],
    ids=["plainly", "while closing", "in a weak reference", "in the garbage collector", *TAKEN],
)
def test_an_interrupt_ends_a_command_whatever_becomes_of_what_it_raises(hit: str) -> None:
    done = ended(hit)
    assert done.stderr == "steppe: interrupted. What is finished is kept; the same command resumes.\n"
    assert done.returncode == 3
    assert done.stdout == ("in order\n" if "order" in hit else "")


def test_the_second_signal_ends_the_process_also_when_the_command_is_over() -> None:
    done = ended("interrupt()", AFTER)
    assert done.stderr.splitlines()[1:] == [f"steppe: {MESSAGE}"]
    assert done.returncode == 3


def test_what_was_heard_before_is_heard_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    def status(call: Call) -> int:
        if is_hit:
            signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr(run, "main", status)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = [*map(signal.getsignal, numbers), sys.unraisablehook]
    for is_hit in (False, True):
        assert main(["run"]) == (3 if is_hit else 0)
        assert [*map(signal.getsignal, numbers), sys.unraisablehook] == before
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_other_things_that_python_drops_are_told_as_before() -> None:
    script = SCRIPT.replace("signal.raise_signal(signal.SIGINT)", "1 / 0").replace("time.sleep(60)", "pass")
    done = ended("Closing()", script=script)
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (0, True)
