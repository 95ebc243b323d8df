from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.results.files import canonical_json, storing, sweep_parts, write_json, write_text, write_whole


def test_a_failed_write_keeps_the_old_content_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match="the disk is full") as caught:
        write_whole(path, fail)
    assert str(path) in str(caught.value)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_an_interrupt_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.txt", interrupt)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes" / ".part-00000.parquet.77.part").write_text("half")
    (tmp_path / "outcomes" / "zarr.0f3c.partial").write_text("half")
    write_text(tmp_path / "outcomes" / "whole.parquet", "whole")
    sweep_parts(tmp_path)
    assert [p.name for p in (tmp_path / "outcomes").iterdir()] == ["whole.parquet"]


def test_two_processes_with_one_number_do_not_write_into_one_file_and_both_are_swept(tmp_path: Path) -> None:
    names: set[str] = set()

    def fill(temporary: Path) -> None:
        temporary.write_text("half")
        if not names:
            names.add(temporary.name)
            write_whole(tmp_path / "a.txt", fill)
        names.add(temporary.name)
        for name in names:
            (tmp_path / name).write_text("left")

    write_whole(tmp_path / "a.txt", fill)
    assert len(names) == 2
    sweep_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.ENOTDIR, "is a file, not a folder"),
        (errno.EISDIR, "a folder stands where a file is needed"),
    ],
)
def test_the_disks_refusals_are_said_in_words(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(InputError, match=words), storing(tmp_path):
        raise OSError(number, "strerror")


def test_a_file_that_was_to_be_read_and_lies_elsewhere_is_named(tmp_path: Path) -> None:
    refused = PermissionError(errno.EACCES, "strerror", "/elsewhere/borders.csv")
    with (
        pytest.raises(InputError, match=r"^/elsewhere/borders\.csv: permission denied\.$"),
        storing(tmp_path / "a" / "b"),
    ):
        raise refused
    for inside in (tmp_path / "a" / "b" / "c", tmp_path / "a" / ".b.part", tmp_path):
        with (
            pytest.raises(InputError, match="cannot write to .*/a/b: permission denied"),
            storing(tmp_path / "a" / "b"),
        ):
            raise PermissionError(errno.EACCES, "strerror", str(inside))


@pytest.mark.parametrize("error", [ConnectionRefusedError(errno.ECONNREFUSED, "refused"), OSError("thrift")])
def test_what_is_no_matter_of_a_place_to_write_is_not_told_as_a_full_disk(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(type(error)) as raised, storing(tmp_path):
        raise error
    assert raised.value is error


def test_room_is_asked_for_only_where_it_is_lacking(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="; make room or name another folder"), storing(tmp_path):
        raise OSError(errno.EDQUOT, "strerror")
    with pytest.raises(InputError, match="; name another folder"), storing(tmp_path):
        raise OSError(errno.EROFS, "strerror")


def test_a_file_that_cannot_be_read_is_no_reason_to_name_another_folder(tmp_path: Path) -> None:
    told = r"/part: cannot be read or written: .*; run the same command again\.$"
    with pytest.raises(InputError, match=told), storing(tmp_path):
        raise OSError(errno.EIO, "Input/output error", str(tmp_path / "part"))


def test_an_error_in_the_middle_of_a_write_names_the_place(tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(InputError, match=r"cannot write to .*a\.txt: Input/output error"):
        write_whole(tmp_path / "a.txt", fail)


def test_json_for_hashing_has_one_form_and_no_nan(tmp_path: Path) -> None:
    assert canonical_json({"b": 1, "a": [1.5, None]}) == b'{"a":[1.5,null],"b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
