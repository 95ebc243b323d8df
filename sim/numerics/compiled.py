"""The project's `njit`, with a disk cache that can never be stale.

Numba's cache looks only at the file of the function itself: a change in a callee or in a constant of another module
goes unseen. What is compiled of a module is therefore kept in a folder named after the text of the module and of every
module of the package that it imports, directly or not. Whoever changes a rule compiles it, and what calls it, anew.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache

import sim

SOURCES = ("numerics", "parameters", "world", "rules", "kernel")
"""Folders of the package whose text decides what is compiled."""

_PACKAGE = Path(__file__).resolve().parent.parent
_MODEL = _PACKAGE / "kernel" / "quarter.py"
_KEPT = 6
_OURS = re.compile(r"(?P<module>[\w.]+)-[0-9a-f]{16}")
_IMPORTS = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>sim[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]*)"
    r"|import[ \t]+(?P<module>sim[\w.]*))",
    re.MULTILINE,
)


def _is_flag_set(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


BOUNDSCHECK = _is_flag_set("STEPPE_BOUNDSCHECK")
"""Whether indices are checked: on in the tests, in a cache of their own."""


def source_hash() -> str:
    """Return the sha256 of every source that is compiled, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((_PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _make_root() -> Path:
    """Return the folder of what is compiled with this bounds flag; a temporary one where it cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME")
    chosen = os.environ.get("STEPPE_CACHE_DIR") or (Path(base) if base else Path.home() / ".cache") / "steppe"
    folder = Path(chosen) / ("bounds" if BOUNDSCHECK else "release")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="steppe-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


CACHE_FOLDER = _make_root()
"""Where compiled code is kept, a folder a module and version of it."""


def model_folder() -> Path:
    """Return the folder of the whole compiled model: another one after a change to anything that it uses."""
    return _folder_of(_MODEL)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function: releasing the GIL, IEEE arithmetic in the order written, kept on disk where it can be."""
    made = numba.njit(nogil=True, boundscheck=BOUNDSCHECK, error_model="numpy", no_cfunc_wrapper=True)(function)
    if not numba.config.DISABLE_JIT and _can_be_kept(Path(function.__code__.co_filename).resolve()):
        made._cache = _Checked(function)
    return made


def _can_be_kept(source: Path) -> bool:
    """Return whether it is known what code of a source rests on, and there is a folder for it.

    It is not known of code outside the package, nor where a file was touched since the package was first imported:
    what this process holds may be the text of before.
    """
    if not source.is_relative_to(_PACKAGE) or getattr(numba.config, "CACHE_LOCATOR_CLASSES", False):
        return False
    return all(path.stat().st_mtime < sim.BEGUN for path in _reached(source)) and _folder_of(source).is_dir()


@dataclass(frozen=True)
class _InFolder:
    """What Numba asks of a locator: the folder of a source is the same wherever the package lies, and is its stamp."""

    folder: Path
    line: int
    _py_file: str
    """For Numba's warning about code that cannot be kept."""

    @classmethod
    def from_function(cls, function: Callable[..., Any], source: str) -> _InFolder:
        return cls(_folder_of(Path(source).resolve()), function.__code__.co_firstlineno, source)

    def ensure_cache_path(self) -> None:
        self.folder.mkdir(exist_ok=True)

    def get_cache_path(self) -> str:
        return str(self.folder)

    def get_source_stamp(self) -> str:
        return self.folder.name

    def get_disambiguator(self) -> str:
        return str(self.line)


class _Impl(CompileResultCacheImpl):
    _locator_classes = (_InFolder,)


class _Checked(FunctionCache):
    """Numba's cache, but what is loaded has to be of the types that were asked for.

    Processes that keep code of one function at the same time may file it under each other's types.
    """

    _impl_class = _Impl

    def _load_overload(self, types: Any, context: Any) -> Any:
        found = super()._load_overload(types, context)
        return found if found is not None and tuple(found.signature.args) == tuple(types) else None


def _folder_of(source: Path) -> Path:
    """Return the folder for what is compiled of a source of the package, as it and what it imports are now."""
    module = ".".join(source.relative_to(_PACKAGE).with_suffix("").parts)
    return _made(CACHE_FOLDER, module, _fingerprint(source))


@functools.cache
def _made(root: Path, module: str, fingerprint: str) -> Path:
    folder = root / f"{module}-{fingerprint}"
    with contextlib.suppress(OSError):
        is_new = not folder.is_dir()
        folder.mkdir(exist_ok=True)
        os.utime(folder)
        if is_new:
            _sweep(root, module)
    return folder


def _sweep(root: Path, module: str) -> None:
    """Remove older versions of a module but for the latest few; another process may be sweeping too."""
    ours = [p for p in root.iterdir() if (found := _OURS.fullmatch(p.name)) and found["module"] == module]
    for old in sorted(ours, key=lambda p: p.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


@functools.cache
def _fingerprint(source: Path) -> str:
    """Return 16 hexadecimal digits of the text of a source and of all that it imports of the package."""
    digest = hashlib.sha256()
    for path in sorted(_reached(source)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def _reached(source: Path) -> frozenset[Path]:
    """Return a source and all files of the package that it imports, directly or not."""
    reached, further = {source}, [source]
    while further:
        new = _imports(further.pop()) - reached
        reached |= new
        further += new
    return frozenset(reached)


@functools.cache
def _imports(source: Path) -> frozenset[Path]:
    """Return the files of the package that a source imports by name, wherever in it; imports are absolute here."""
    found = set()
    for match in _IMPORTS.finditer(source.read_text(encoding="utf-8")):
        above = match["source"] or match["module"]
        names = [above, *(f"{above}.{name}" for name in re.findall(r"\w+", match["names"] or ""))]
        for name in names:
            place = _PACKAGE.parent.joinpath(*name.split("."))
            found |= {path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()}
    return frozenset(found)
