"""Loading the compiled model: of processes that find none, one compiles it, the others wait and load it then."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

PATIENCE = 4.0
"""Seconds after which loading the model must mean that it is being compiled."""

COMPILING = "Compiling the model, once: one to two minutes, several on a slow machine. Later runs begin at once."
WAITING = "Another process is compiling the model; this one waits, and loads it then."


class Warmed(Protocol):
    """What can be compiled before it is run."""

    @property
    def is_cold(self) -> bool:
        """Whether it will be compiled, since the cache does not hold all of it."""

    def warm(self) -> None:
        """Compile it, or load it from the cache."""


def warm(model: Warmed, say: Callable[[str], None] = lambda line: None) -> None:
    """Compile a model, no two processes at a time, or load it from the cache; `say` is told what takes long.

    Raises what the model's `warm` raises.
    """
    if not model.is_cold:
        _load(model, say)
        return
    with _locked(say):
        _load(model, say)


def _load(model: Warmed, say: Callable[[str], None]) -> None:
    """Load a model; where it takes long it is compiled, if only since what was kept was removed."""
    timer = threading.Timer(PATIENCE, say, [COMPILING])
    timer.daemon = True
    timer.start()
    try:
        model.warm()
    finally:
        timer.cancel()


@contextmanager
def _locked(say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file, which goes with its process; where there are no locks, go on: then several compile."""
    from sim.numerics.compiled import model_folder

    try:
        handle = os.open(model_folder() / ".compiling", os.O_RDWR | os.O_CREAT)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(WAITING)
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
