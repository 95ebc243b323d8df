"""The manifest: what was asked, with which model on which machine, what came out, and the checksum of every file."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.locations import CONFIGS
from sim.results.files import sha256_of, sync, write_json
from sim.results.schema import MANIFEST, RECEIPTS

ROOT = CONFIGS.parent
"""The checkout, where there is one."""

PACKAGES = ("numpy", "scipy", "SALib", "numba", "llvmlite", "pyarrow", "zarr", "pandas", "xarray", "matplotlib", "hydra-core", "pydantic")
"""Packages whose versions can matter for a result or its figures."""


def seal(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Add the sha256 of every file, mark the manifest complete and write it; return it.

    Written last: a folder with a manifest is whole, also after a power cut. Raises InputError where the disk refuses.
    """
    if (folder / RECEIPTS).is_dir():
        sync(folder / RECEIPTS)
    sealed = {**manifest, "complete": True, "files": checksums(folder)}
    write_json(folder / MANIFEST, sealed)
    return sealed


def checksums(folder: Path) -> dict[str, str]:
    """Return path to sha256 of every file of a folder but the manifest and what is half-written, sorted by path."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    names = sorted(path.relative_to(folder).as_posix() for path in files)
    return {name: sha256_of(folder / name) for name in names if name != MANIFEST}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that matter."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Return the CPU's model and features and the system: values may differ in the last bit between classes of CPU."""
    described: dict[str, Any] = {"system": platform.system(), "architecture": platform.machine(), "cpu": _cpu_model()}
    if "llvmlite" in sys.modules:
        import llvmlite.binding as llvm

        described["cpu_class"] = llvm.get_host_cpu_name()
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
