"""One command at a time works in a folder, on this machine and on others."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import re
import threading
import time
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.results import files
from sim.results.files import HOLDER, LOCK, held, is_held
from tests.faults.sweep import until


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BEAT", 0.05)
    monkeypatch.setattr(files, "STALE", 0.5)


def elsewhere(folder: Path) -> Path:
    """Leave what a process of another machine leaves where locks do not reach this one."""
    folder.mkdir(exist_ok=True)
    holder = folder / HOLDER
    holder.write_text(json.dumps({"pid": 7, "host": "node7", "since": time.time()}))
    return holder


def test_what_is_locked_is_a_file_that_is_open_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network file systems know no locks of folders, nor exclusive ones of files that are only read."""
    real, modes = fcntl.flock, []

    def flock(handle: int, how: int) -> None:
        modes.append((os.fstat(handle).st_ino, fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE))
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    assert not is_held(tmp_path)
    with held(tmp_path / "a" / "b"):
        inode = (tmp_path / "a" / "b" / LOCK).stat().st_ino
        assert is_held(tmp_path / "a" / "b")
        with pytest.raises(InputError, match="another steppe"), held(tmp_path / "a" / "b"):
            pass
    assert modes[0] == (inode, os.O_RDWR)
    assert not is_held(tmp_path / "a" / "b")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [LOCK]
    with held(tmp_path / "a" / "b"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(InputError, match=r"gives no locks.*results_dir="), held(tmp_path / "a"):
        pass
    assert not is_held(tmp_path / "a")


def test_who_holds_a_folder_is_named(tmp_path: Path) -> None:
    named = rf"another steppe \(process {os.getpid()} on {re.escape(platform.node())}\) is at work in this folder"
    with held(tmp_path), pytest.raises(InputError, match=named), held(tmp_path):
        pass


def test_signs_of_life_of_another_machine_are_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BEAT", 0.05)
    holder, stop = elsewhere(tmp_path / "a"), threading.Event()

    def live() -> None:
        while not stop.wait(0.02):
            os.utime(holder)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        with pytest.raises(InputError, match="process 7 on node7 is at work"), held(tmp_path / "a"):
            pass
    finally:
        stop.set()
        thread.join()
    assert holder.is_file()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("age", [0.0, 3600.0, -3600.0])
def test_what_a_machine_that_died_left_keeps_nobody_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(files.time, "sleep", lambda seconds, wait=time.sleep: (waits.append(seconds), wait(seconds)))
    holder = elsewhere(tmp_path / "a")
    os.utime(holder, (time.time() - age,) * 2)
    with held(tmp_path / "a"):
        assert json.loads(holder.read_text())["pid"] == os.getpid()
    if age:  # one who died just now is waited for, unless this process is held up itself
        assert (waits == []) == (age > 0)
    assert not holder.exists()


@pytest.mark.usefixtures("quick")
def test_whoever_holds_a_folder_shows_signs_of_life(tmp_path: Path) -> None:
    with held(tmp_path / "a"):
        seen: set[int] = set()
        until(lambda: seen.add((tmp_path / "a" / HOLDER).stat().st_mtime_ns) or len(seen) > 2)
    assert "steppe-beat" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("content", ["", "[]", "{}", "noise"])
def test_a_note_that_cannot_be_read_keeps_nobody_out(tmp_path: Path, content: str) -> None:
    (tmp_path / HOLDER).write_text(content)
    with held(tmp_path):
        pass
