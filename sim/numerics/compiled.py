"""The project's `njit`, with a disk cache that can never be stale.

Numba's cache looks only at the file of the function itself: a change in a callee or in a constant of another module
goes unseen. The cache therefore lives in a folder named after a hash of all sources that are compiled and of the
bounds-check flag. Folders of older sources are swept.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

SOURCES = ("numerics", "parameters", "world", "rules", "kernel")
"""Folders of the package whose text decides what is compiled."""

_KEPT = 6
_OURS = re.compile(r"[0-9a-f]{16}(-bounds)?")


def _is_flag_set(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


BOUNDSCHECK = _is_flag_set("STEPPE_BOUNDSCHECK")
"""Whether indices are checked: on in the tests, in a cache of their own."""


def source_hash() -> str:
    """Return the sha256 of every source that is compiled, as 64 hexadecimal digits."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((package / folder).rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _cache_root() -> Path:
    if chosen := os.environ.get("STEPPE_CACHE_DIR"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "steppe"


def _make_cache_folder() -> Path:
    """Return the folder of this source, made if need be; a temporary one where the cache cannot be written."""
    name = source_hash()[:16] + ("-bounds" if BOUNDSCHECK else "")
    folder = _cache_root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        temporary = Path(tempfile.mkdtemp(prefix="steppe-"))
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return temporary
    _sweep(folder.parent)
    return folder


def _sweep(root: Path) -> None:
    """Remove the folders of older sources but for the latest few; another process may be sweeping too."""
    with contextlib.suppress(OSError):
        ours = [p for p in root.iterdir() if _OURS.fullmatch(p.name) and p.is_dir()]
        for old in sorted(ours, key=lambda p: p.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


CACHE_FOLDER = _make_cache_folder()
_WAS_EMPTY = next(CACHE_FOLDER.rglob("*.nbi"), None) is None
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402  the cache folder has to be set before numba is imported

numba.config.CACHE_DIR = str(CACHE_FOLDER)

compiled = numba.njit(cache=True, nogil=True, boundscheck=BOUNDSCHECK, error_model="numpy")
"""Compile a function: cached on disk, releasing the GIL, IEEE arithmetic in the order written."""


def is_cold() -> bool:
    """Return whether nothing was in the cache when the process began: the first run will compile the model."""
    return _WAS_EMPTY
