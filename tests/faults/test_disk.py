"""Disks that are full, and files that are not what was written."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.errors import InputError
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
