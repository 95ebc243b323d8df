"""Disks that are full, and files that are not what was written."""

from __future__ import annotations

import errno
import os
import re
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.errors import Halted, InputError
from sim.results.schema import RECEIPTS, part_name
from tests.faults.model import FaultModel, campaign_of, digest_without, engine
from tests.faults.sweep import told

PROCESSES = engine("processes", workers=1)


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """A folder on a file system of 80 kB, where mounting is allowed; else one whose files cannot grow beyond 2 kB.

    Yields what makes room.
    """
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        try:
            yield lambda: subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True) and None
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, usual[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize("settings", [engine("threads", threads=2), PROCESSES], ids=["threads", "processes"])
def test_a_full_disk_gives_one_message_and_with_more_room_the_sweep_goes_on(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    with small_disk(tmp_path / "disk") as make_room:
        run = campaign_of(tmp_path / "disk", FaultModel(), engine=settings)
        with pytest.raises(InputError, match=r"the disk is full|larger than this system allows"):
            run.run()
        assert not list(run.folder.rglob("*.part"))
        assert len(list((run.folder / RECEIPTS).glob("*"))) < 12
        make_room()
        resumed = campaign_of(tmp_path / "disk", FaultModel(), engine=settings)
        assert told(resumed, resumed.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}


def test_a_flipped_byte_is_found_named_and_its_shard_run_again(tmp_path: Path) -> None:
    run = campaign_of(tmp_path / "a", FaultModel())
    shard = run.run()[5]
    part = run.folder / part_name(shard.name)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    again = campaign_of(tmp_path / "a", FaultModel(), engine=PROCESSES)
    assert told(again, again.run()) == {"digest": digest_without(tmp_path / "b"), "failures": []}
    assert part_name(shard.name) in again.watcher.lines[0]  # type: ignore[attr-defined]
    assert "does not match its checksum" in again.watcher.lines[0]  # type: ignore[attr-defined]
    assert again.watcher.lines[1:3] == [  # type: ignore[attr-defined]
        "What does not count is run again.",
        "165 of 180 runs are there already.",
    ]


def test_what_was_acknowledged_before_a_disk_was_full_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        if len(list(tmp_path.rglob("shard-*.json"))) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content)

    real = Path.write_bytes
    settings = {"engine": engine("threads", threads=1)}
    monkeypatch.setattr(Path, "write_bytes", full)
    with (
        pytest.raises(Halted, match="What is finished is kept; make room, and"),
        campaign_of(tmp_path, FaultModel(), **settings).opened() as opened,
    ):
        opened.run()
    monkeypatch.undo()
    again = campaign_of(tmp_path, FaultModel(), **settings)
    with again.opened() as opened:
        opened.run()
    assert again.watcher.lines[0] == f"30 of {again.n_runs} runs are there already."  # type: ignore[attr-defined]


def test_a_disk_that_cannot_take_the_first_file_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    with (
        pytest.raises(InputError, match="make room or name another folder"),
        campaign_of(tmp_path, FaultModel()).opened(),
    ):
        pass


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, Halted, r"is full\. What is finished is kept; make room, and the same command resumes\.$"),
        (errno.EROFS, Halted, r"is read-only\. What is finished is kept; the same command resumes\.$"),
        (errno.EACCES, InputError, r"permission denied\. Nothing incomplete was kept; name another folder"),
    ],
)
def test_whatever_the_disk_refuses_while_a_folder_is_open_is_one_message(
    tmp_path: Path, number: int, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=rf"cannot write to .*: .*{words}"), campaign_of(tmp_path, FaultModel()).opened():
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EIO, Halted, r"output error\. What is finished is kept; the same command resumes\.$"),
        (errno.ENAMETOOLONG, InputError, r"name too long\. Nothing incomplete was kept; run the same command again\.$"),
    ],
)
def test_only_what_may_pass_is_an_interruption(tmp_path: Path, number: int, kind: type[Exception], words: str) -> None:
    run = campaign_of(tmp_path, FaultModel())
    named = re.escape(str(run.folder / "a"))
    with pytest.raises(kind, match=f"{named}: cannot be read or written: .*{words}"), run.opened():
        raise OSError(number, os.strerror(number), str(run.folder / "a"))
