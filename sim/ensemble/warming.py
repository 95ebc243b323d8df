"""Loading the compiled model: of processes that find no cache one compiles, the others wait and load from there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol


class Warmed(Protocol):
    """What can be compiled before it is run."""

    @property
    def is_cold(self) -> bool:
        """Whether it will be compiled for want of a cache."""

    def warm(self) -> None:
        """Compile it, or load it from the cache."""


def warm(model: Warmed) -> None:
    """Compile a model, no two processes at a time where there is no cache yet, or load it from there."""
    from sim.numerics.compiled import CACHE_FOLDER

    if not model.is_cold:
        model.warm()
        return
    with _locked(CACHE_FOLDER / ".warming"):
        model.warm()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock file; where the file system knows no locks, go on without: then several compile, that is all."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
