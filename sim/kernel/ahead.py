"""Compiling the rules in several processes: each keeps what it compiled, and the model is then put together from that.

Run as `python -m sim.kernel.ahead FIRST STEP`, with the pickled types of a rule's arguments on standard input, it
compiles every STEPth rule from FIRST on, in the order of the schedule.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numba
import numpy as np
from numba import typeof, uint64
from numba.core.types import Type

from sim.kernel.quarter import NO_LEDGER
from sim.rules.schedule import SCHEDULE

MOST = 4
"""Processes at most: what several rules share is compiled by each of them."""

_MODULE = "sim.kernel.ahead"


def compile_ahead(world: np.ndarray, params: np.ndarray, n_processes: int) -> None:
    """Compile the rules for the types of a world and of parameters, records of shape (1,), in so many processes.

    It only saves time: what another process could not compile or keep is compiled by whoever runs the model.
    """
    if numba.config.DISABLE_JIT:
        return
    signature = (typeof(world).dtype, typeof(params).dtype, uint64, typeof(NO_LEDGER))
    n = min(n_processes, MOST)
    with _others(signature, n):
        _compile(signature, 0, n)


@contextmanager
def _others(signature: tuple[Type, ...], n: int) -> Iterator[None]:
    """Have all shares but the first compiled by other processes; wait for them in the end."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with suppress(OSError):
            processes.extend(_begin(signature, first, n) for first in range(1, n))
        yield
        for process in processes:
            process.wait()
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _begin(signature: tuple[Type, ...], first: int, n: int) -> subprocess.Popen[bytes]:
    """Begin a process that says nothing: what goes wrong in it is met again by whoever waits for it."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryFile() as types:
        pickle.dump(signature, types)
        types.seek(0)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE, str(first), str(n)],
            env={**os.environ, "PYTHONPATH": path},
            stdin=types,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _compile(signature: tuple[Type, ...], first: int, step: int) -> None:
    """Compile every `step`th rule; a process whose parent was killed ends with the rule at hand."""
    parent = os.getppid()
    for rule in SCHEDULE[first::step]:
        if os.getppid() == parent:
            rule.apply.compile(signature)


if __name__ == "__main__":
    _compile(pickle.load(sys.stdin.buffer), *map(int, sys.argv[1:]))
