"""Files that are either whole or not there: written beside their place, synced, then renamed."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.errors import DiskFailed, Halted, InputError

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
    errno.ENOLCK: "this file system gives no locks, which keep a second command out of a folder",
    errno.ENOTSUP: "this file system gives no locks, which keep a second command out of a folder",
}

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAY_PASS = (*_NO_ROOM, errno.EROFS, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENXIO)
"""Reasons that need not be there before a sweep began, and that go without it: the same command then resumes."""


def sha256_of(path: Path, synced: bool = False) -> str:
    """Return the sha256 of a file's content as 64 hexadecimal digits; OSError, naming it, where it cannot be read.

    With `synced` the content is durable too.
    """
    digest = hashlib.sha256()
    with _naming(path), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
        if synced:
            os.fsync(file.fileno())
    return digest.hexdigest()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Have an error of the system name the file: it does so when a file is opened, not when it is read."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, sorted: none where there is no such folder; OSError where it cannot be listed.

    `Path.glob` finds nothing where it cannot read, which must not be taken for an empty folder.
    """
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def canonical_json(content: Any) -> bytes:
    """Return JSON with sorted keys and no spaces, for hashing; ValueError for numbers that are not finite."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()


def reason_of(error: OSError) -> str:
    """Return in words why the system refused."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def unreadable(path: Path, error: OSError) -> DiskFailed:
    """Return what is said of a file that may well be sound, but that the system does not let be read."""
    return disk_failed(error, f"{path}: cannot be read: {reason_of(error)}", "Nothing was taken away; try again")


def unlike(folder: Path, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the paths inside a folder whose sha256 is not the one given, or that are not there, and which it is.

    Raises InputError, naming the file, where the system does not let one be read.
    """
    for name, expected in files.items():
        try:
            if sha256_of(folder / name) != expected:
                yield name, "does not match its checksum"
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            yield name, "is missing"
        except OSError as error:
            raise unreadable(folder / name, error) from error


@contextmanager
def storing(place: Path, key: str = "results_dir=") -> Iterator[None]:
    """Turn a failure of the disk into DiskFailed, which names the place and says what is left behind.

    `key` is what names the folder on the command line. Where the system names a file inside the place that may have
    been read, the error names that one; where one lies elsewhere it is an InputError that names it. What the system
    refuses without a name and not for want of a place to write, as a connection, is none of this and goes on.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno not in _REASONS:
            raise
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else place
        if not named.is_relative_to(place.parent) and not place.is_relative_to(named):
            raise InputError(f"{named}: {reason_of(error)}.") from error
        if error.errno not in _REASONS and place in named.parents:
            problem = f"{named}: cannot be read or written: {reason_of(error)}"
            raise disk_failed(error, problem, "Nothing incomplete was kept; run the same command again") from error
        room = "make room or " if error.errno in _NO_ROOM else ""
        remedy = f"Nothing incomplete was kept; {room}name another folder with {key}, and run the same command again"
        raise disk_failed(error, f"cannot write to {place}: {reason_of(error)}", remedy) from error


def disk_failed(error: OSError, problem: str, remedy: str) -> DiskFailed:
    """Return what is raised where the system refused: what went wrong, what became of the data, and what to do."""
    failed = DiskFailed(f"{problem}. {remedy}.")
    room = "make room, and " if error.errno in _NO_ROOM else ""
    failed.under_way = f"{problem}. What is finished is kept; {room}the same command resumes."
    failed.is_lasting = error.errno not in _MAY_PASS
    return failed


@contextmanager
def halting() -> Iterator[None]:
    """Turn a failure of the disk that may pass into Halted: what a sweep under way has finished is kept."""
    try:
        yield
    except DiskFailed as failed:
        if failed.is_lasting:
            raise
        raise Halted(failed.under_way) from failed


LOCK = ".lock"
"""File that is locked by whoever holds a folder; network file systems lock files, not folders."""

HOLDER = ".held_by.json"
"""File that says which process holds a folder, or held it when it was killed; touched every BEAT while it is held."""

BEAT = 5.0
"""Seconds between two signs of life of a holder."""

STALE = 30.0
"""Seconds without a sign of life after which a holder on another machine is taken to be gone."""


@contextmanager
def held(folder: Path, key: str = "results_dir=") -> Iterator[None]:
    """Hold a folder for this process, making it where need be; InputError where another process holds it.

    Its lock tells of processes of this machine, and of others where the file system passes locks on; where it does not,
    the signs of life of HOLDER tell, for which up to STALE seconds are waited. `key` is as for `storing`.
    """
    with storing(folder, key):
        make_folder(folder)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with storing(folder, key):
            if not _locked(handle, folder / LOCK):
                found = holder_of(folder)
                who = f" (process {found['pid']} on {found['host']})" if found else ""
                raise InputError(f"{folder}: another steppe{who} is at work in this folder; wait for it or stop it.")
            _check_elsewhere(folder, handle)
            holder = {"pid": os.getpid(), "host": platform.node(), "since": time.time()}
            (folder / HOLDER).write_text(json.dumps(holder), encoding="utf-8")
        with _beating(folder / HOLDER):
            yield
    finally:
        os.close(handle)


@contextmanager
def _beating(holder: Path) -> Iterator[None]:
    """Touch HOLDER every BEAT, and take it away at the end."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with suppress(OSError):
                os.utime(holder)

    thread = threading.Thread(target=beat, daemon=True, name="steppe-beat")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        with suppress(OSError):
            holder.unlink(missing_ok=True)


def _locked(handle: int, path: Path) -> bool:
    """Return whether the lock of an open file was got; whoever only asks for it holds it for some microseconds."""
    for pause in (0.02, 0.1, 0.0):
        try:
            with _naming(path):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return path.exists() and path.stat().st_ino == os.fstat(handle).st_ino
        except BlockingIOError:
            time.sleep(pause)
    return False


def _check_elsewhere(folder: Path, lock: int) -> None:
    """Raise InputError where HOLDER is of another machine and shows a sign of life before it is stale.

    Times are those of the file system: that of HOLDER, and that of the open lock, which is touched.
    """
    seen, until = None, time.monotonic() + STALE
    while (holder := holder_of(folder)) is not None and holder["host"] != platform.node():
        os.utime(lock)
        beat = holder["beat"]
        if seen not in (None, beat):
            who = f"process {holder['pid']} on {holder['host']}"
            raise InputError(f"{folder}: {who} is at work in this folder; wait for it or stop it.")
        if os.fstat(lock).st_mtime - beat > STALE or time.monotonic() > until:
            return
        seen = beat
        time.sleep(min(1.0, BEAT))


def holder_of(folder: Path) -> dict[str, Any] | None:
    """Return what HOLDER says and when it was touched, or None where nobody holds the folder, or nobody can tell.

    That is the process and its host, since when it holds the folder, and its last sign of life, seconds since 1970.
    """
    try:
        # opening it is what makes a network file system look anew
        with (folder / HOLDER).open(encoding="utf-8") as file:
            found = json.load(file)
            known = {"pid": found["pid"], "host": found["host"], "since": float(found["since"])}
            return {**known, "beat": os.fstat(file.fileno()).st_mtime}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_held(folder: Path) -> bool:
    """Return whether some process holds the lock of a folder; changes nothing, and keeps nobody from holding it."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        with _naming(folder / LOCK):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP):  # without locks nobody holds it by one
            raise
    finally:
        os.close(handle)
    return False


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, their names durable; OSError where the disk refuses."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in made:
        with suppress(PermissionError):  # a folder that may be written to and not be listed
            sync(path.parent)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable; OSError where the disk refuses."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with _naming(path):
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
            with _naming(temporary):
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


def write_signed(path: Path, content: Mapping[str, Any], lasting: bool = True) -> None:
    """Write a JSON file as `write_json` does, with the sha256 of its content, by which `read_signed` knows it again."""
    as_read = json.loads(canonical_json(content))
    write_json(path, {**content, "sha256": _sha256_of_content(as_read)}, lasting)


def read_signed(path: Path) -> dict[str, Any]:
    """Return the content of a file that `write_signed` wrote; ValueError where it is another, OSError as it comes."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.pop("sha256", None) != _sha256_of_content(content):
        raise ValueError("it does not match its checksum")
    return content


def _sha256_of_content(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def sweep_parts(folder: Path) -> None:
    """Remove what an earlier process that was killed left half-written."""
    if folder.is_dir():
        for kind in (".*.part", "*.partial"):  # ours, and those of zarr
            for left in folder.rglob(kind):
                left.unlink(missing_ok=True)
