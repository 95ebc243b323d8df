"""The manifest: what was asked, with which model on which machine, what came out, and the checksum of every file."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.locations import CONFIGS
from sim.results.files import disk_failed, reason_of, sha256_of, sync, write_signed
from sim.results.schema import BANDS, MANIFEST, OUTCOMES

ROOT = CONFIGS.parent
"""The checkout, where there is one."""

PACKAGES = ("numpy", "scipy", "SALib", "numba", "llvmlite", "pyarrow", "zarr", "pandas", "xarray", "matplotlib", "hydra-core", "pydantic")
"""Packages whose versions can matter for a result or its figures."""

DECIDING = ("numpy", "numba", "llvmlite")
"""Those among them whose versions may decide the last bit of a value."""

CPU_CLASS = "cpu_class"
"""Under which name the class of CPU is stated."""


def seal(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Add the sha256 of every file, mark the manifest complete and write it; return it.

    Written last, when every file that it lists and every folder is durable: a folder with a manifest is whole, also
    after a power cut. What `files` of the manifest lists already, which receipts vouch for, has to be as it says, and
    to be all data of runs that there are. Raises InputError where it is not, and where the disk refuses.
    """
    try:
        files = checksums(folder, synced=True)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(sync, (path for path, _ in _walk(folder))))
        with suppress(PermissionError):  # a folder that may be written to and not be listed
            sync(folder.resolve().parent)
    except OSError as error:
        place = error.filename or folder
        remedy = "The results are not sealed; run the same command again"
        raise disk_failed(error, f"{place}: {reason_of(error)}", remedy) from error
    _check_data(folder, files, manifest.get("files", {}))
    sealed = {**manifest, "complete": True, "files": files}
    write_signed(folder / MANIFEST, sealed)
    return sealed


def _check_data(folder: Path, files: Mapping[str, str], vouched: Mapping[str, str]) -> None:
    """Raise InputError where data of runs are not what receipts vouch for, path to sha256; what is no data may be."""
    kinds = {name.partition("/")[0] for name in vouched} & {OUTCOMES, BANDS}
    data = {name for name in files if name.partition("/")[0] in kinds and name.endswith(".parquet")}
    if wrong := sorted(name for name in data | vouched.keys() if vouched.get(name) != files.get(name)):
        raise InputError(
            f"{folder / wrong[0]}: is not what its receipt vouches for. The results are not sealed; run the same "
            "command again, which makes such runs anew."
        )


def checksums(folder: Path, synced: bool = False) -> dict[str, str]:
    """Return path to sha256 of every file of a folder but the manifest and what is half-written, sorted by path.

    With `synced` the content of all is durable too. Raises OSError where a file or a folder cannot be read.
    """
    files = (path / name for path, names in _walk(folder) for name in names if not name.startswith("."))
    names = sorted(path.relative_to(folder).as_posix() for path in files)
    if MANIFEST in names:
        names.remove(MANIFEST)
    with ThreadPoolExecutor(_AT_ONCE if synced else 1) as pool:
        found = pool.map(lambda name: sha256_of(folder / name, synced), names)
        return dict(zip(names, found, strict=True))


_AT_ONCE = 16
"""Files that are made durable at a time: each waits for the disk, which takes many at once in the same time."""


def _walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield a folder and every folder below it with the names of the files there; OSError where one cannot be read."""

    def refuse(error: OSError) -> None:
        raise error

    for path, _, names in os.walk(folder, onerror=refuse):
        yield Path(path), names


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that matter."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@functools.cache
def made_by() -> Mapping[str, str]:
    """Return what may decide the last bit of the values that this process computes, as receipts name it.

    These are the class of CPU (llvm's name for it), and the versions of Python, numpy, numba and llvmlite; of Python's
    without its third number, since bytecode does not change with that.
    """
    import llvmlite.binding as llvm

    python = ".".join(platform.python_version_tuple()[:2])
    return {CPU_CLASS: llvm.get_host_cpu_name(), "python": python, **{name: metadata.version(name) for name in DECIDING}}


def machine() -> dict[str, Any]:
    """Return the CPU's model and features and the system: values may differ in the last bit between classes of CPU."""
    described: dict[str, Any] = {"system": platform.system(), "architecture": platform.machine(), "cpu": _cpu_model()}
    if "llvmlite" in sys.modules:
        import llvmlite.binding as llvm

        described[CPU_CLASS] = llvm.get_host_cpu_name()
        described["cpu_features"] = sorted(name for name, on in llvm.get_host_cpu_features().items() if on)
    return described


def commit() -> dict[str, Any]:
    """Return the commit of the checkout and whether tracked files have changes; both None outside a repository."""
    if not (ROOT / ".git").exists():
        return {"commit": None, "dirty": None}
    head, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head, "dirty": None if changes is None else bool(changes)}


def lock_hash() -> str | None:
    """Return the sha256 over the lock files of the checkout, or None where there are none."""
    locks = sorted(ROOT.glob("requirements/*.lock"))
    if not locks:
        return None
    digest = hashlib.sha256()
    for path in locks:
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def _git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
