"""What cannot be read just now is not damaged: it is named, and stays."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.ensemble.campaign import Campaign
from sim.ensemble.receipts import Receipt
from sim.errors import Halted, InputError
from sim.results.manifest import checksums, seal
from sim.results.schema import LAYOUT, LOG
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

REFUSALS = [errno.EIO, errno.ESTALE, errno.EACCES]


def campaign(folder: Path) -> Campaign:
    return Campaign.of(fake_config(folder, runs=120), FakeModel(), FakeWatcher())


def refusing(real: Callable[..., Any], number: int, named: str) -> Callable[..., Any]:
    """Return a function that refuses what has a name, and else does as the real one."""

    def call(path: Any, *arguments: Any, **named_arguments: Any) -> Any:
        if not isinstance(path, int) and named in Path(path).name:
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *arguments, **named_arguments)

    return call


@pytest.mark.parametrize("number", REFUSALS)
@pytest.mark.parametrize(
    ("named", "place"),
    [("shard-000001", (io, "open")), ("part-000001", (io, "open")), ("receipts", (os, "listdir"))],
)
def test_a_read_that_fails_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, place: tuple[Any, str], number: int
) -> None:
    run = campaign(tmp_path)
    run.run()
    before = checksums(run.folder)
    with monkeypatch.context() as patched:
        patched.setattr(*place, refusing(getattr(*place), number, named))
        with pytest.raises(InputError, match=rf"{named}.*: cannot be read: .*Nothing was taken away"):
            campaign(tmp_path).run()
        kind = InputError if number == errno.EACCES else Halted
        with pytest.raises(kind, match="cannot be read"), campaign(tmp_path).opened() as opened:
            opened.run()
    assert checksums(run.folder) == before
    again = campaign(tmp_path)
    again.run()
    assert again.model.n_simulated == 0


def test_a_receipt_that_is_missing_is_none_and_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FileNotFoundError"):
        Receipt.read(tmp_path / "shard-1.json")
    (tmp_path / "shard-2.json").mkdir()
    with pytest.raises(InputError, match=r"shard-2\.json: cannot be read: a folder stands where a file is needed"):
        Receipt.read(tmp_path / "shard-2.json")


def test_a_file_of_which_a_part_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system names a file that cannot be opened, and none whose content it cannot read."""
    run = campaign(tmp_path)
    run.run()
    before, real = checksums(run.folder), io.open

    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    def torn(path: Any, *arguments: Any, **named: Any) -> Any:
        return Torn() if "part-000001" in str(path) else real(path, *arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(io, "open", torn)
        with pytest.raises(InputError, match=r"outcomes/part-000001.*cannot be read: Input/output error"):
            campaign(tmp_path).run()
    assert checksums(run.folder) == before


def test_a_folder_that_cannot_be_listed_is_not_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files would be missing in the manifest."""
    run = campaign(tmp_path)
    run.run()
    monkeypatch.setattr(os, "scandir", refusing(os.scandir, errno.EIO, "outcomes"))
    with pytest.raises(InputError, match=r"outcomes: Input/output error\. The results are not sealed"):
        seal(run.folder, {"layout": LAYOUT})
    with pytest.raises(Halted, match=r"Input/output error\. What is finished is kept; the same"), run.opened():
        seal(run.folder, {"layout": LAYOUT})
    assert not (run.folder / "manifest.json").exists()


def test_before_the_manifest_has_its_name_every_file_and_every_folder_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    real, rename, at_the_end = os.fsync, os.replace, []

    def fsync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        real(handle)

    def replace(source: Any, target: Any) -> None:
        if Path(target).name == "manifest.json":
            at_the_end.append(set(synced))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    config = fake_config(tmp_path / "new" / "results", runs=120, trajectories=True)
    model = FakeModel(columns=("states[KAZ].local_capacity",))
    with Campaign.of(config, model, FakeWatcher()).opened() as run:
        run.run()
        chunks = list((run.folder / "trajectories.zarr" / "value").rglob("c/**"))
        assert {path.stat().st_ino for path in chunks if path.name != "zarr.json"} <= synced
        manifest = seal(run.folder, {"layout": LAYOUT})
    files = [run.folder / name for name in manifest["files"]]
    folders = [path for path in run.folder.rglob("*") if path.is_dir()]
    above = [run.folder, run.folder.parent, run.folder.parent.parent, tmp_path / "new", tmp_path]
    (durable,) = at_the_end
    assert len(files) > 30
    assert LOG in manifest["files"]
    assert [path for path in (*files, *folders, *above) if path.stat().st_ino not in durable] == []
