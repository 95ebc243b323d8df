"""Files that are either whole or not there: written beside their place, synced, then renamed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.errors import InputError

_BLOCK = 1 << 20

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of disk space is used up",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
}


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's content as 64 hexadecimal digits; OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def canonical_json(content: Any) -> bytes:
    """Return JSON with sorted keys and no spaces, for hashing; ValueError for numbers that are not finite."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()


def reason_of(error: OSError) -> str:
    """Return in words why the system refused."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


@contextmanager
def storing(place: Path, key: str = "results_dir=") -> Iterator[None]:
    """Turn a failure of the disk into an InputError that names the place and says what is left behind.

    `key` is what names the folder on the command line.

    Where the system names a file that lies elsewhere, which was to be read, the error names that one.
    """
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else place
        if not named.is_relative_to(place.parent) and not place.is_relative_to(named):
            raise InputError(f"{named}: {reason_of(error)}.") from error
        raise InputError(
            f"cannot write to {place}: {reason_of(error)}. Nothing incomplete was kept; "
            f"make room or name another folder with {key}, and run the same command again."
        ) from error


@contextmanager
def held(folder: Path, key: str = "results_dir=") -> Iterator[None]:
    """Hold a folder for this process, making it where need be; InputError where another process holds it.

    Meanwhile HOLDER in the folder says who holds it; `key` is as for `storing`.
    """
    with storing(folder, key):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        if not _locked(handle):
            raise InputError(f"{folder}: another steppe is at work in this folder; wait for it or stop it.")
        holder = {"pid": os.getpid(), "host": platform.node(), "since": time.time()}
        with storing(folder):
            (folder / HOLDER).write_text(json.dumps(holder), encoding="utf-8")
        try:
            yield
        finally:
            with suppress(OSError):
                (folder / HOLDER).unlink(missing_ok=True)
    finally:
        os.close(handle)


HOLDER = ".held_by.json"
"""File that says which process holds a folder, or held it when it was killed."""


def _locked(handle: int) -> bool:
    """Return whether the lock of an open folder was got; whoever only asks for it holds it for some microseconds."""
    for pause in (0.02, 0.1, 0.0):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(pause)
    return False


def is_held(folder: Path) -> bool:
    """Return whether some process of this machine holds a folder; changes nothing, and keeps nobody from holding it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable; OSError where the disk refuses."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(
    path: Path, write: Callable[[Path], None], key: str = "results_dir=", lasting: bool = True
) -> None:
    """Let `write` fill a temporary file, sync it and rename it to `path`; the old content stays if that fails.

    `key` is as for `storing`. Unless it is `lasting`, the name is left to the system to store: after a power cut the
    file may not be there, but is never half there. Raises InputError where the disk refuses.
    """
    with storing(path, key):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            write(temporary)
            sync(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        if lasting:
            sync(path.parent)


def write_bytes(path: Path, content: bytes | memoryview, lasting: bool = True) -> str:
    """Write a file whole or not at all, as `write_whole` does, and return its sha256."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_whole(path, write, lasting=lasting)
    return hashlib.sha256(content).hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all; raises InputError where the disk refuses."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Mapping[str, Any], lasting: bool = True) -> None:
    """Write a JSON file, readable, keys in the order given; raises InputError where the disk refuses."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode(), lasting)


def sweep_parts(folder: Path) -> None:
    """Remove what an earlier process that was killed left half-written."""
    if folder.is_dir():
        for left in folder.rglob(".*.part"):
            left.unlink(missing_ok=True)
