"""What happens in a worker that is a process of its own, on this machine or on another one.

What all shards share is pickled once, into a file of the folder of results, and every worker reads it there, whenever
it joins or joins again. The file is also the sign that the campaign goes on: workers stop once it is taken away.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import platform
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import sim
from sim.ensemble.flight import FLIGHT, TICKET
from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.ensemble.warming import warm
from sim.errors import InputError
from sim.results.files import write_whole

PACKAGES = ("numpy", "numba", "llvmlite")
"""Packages that may change values."""

WATCH_SECONDS = 0.5
"""Seconds between two looks whether the campaign's process is still there."""

_LABELS = {"source": "source hash"}
_ONE = threading.Lock()
"""A process runs one shard at a time: when it dies, there is no doubt about what it had in hand."""


@dataclass(frozen=True)
class Ticket:
    """Where a worker finds what all shards of a campaign share, and what it has to be itself to run them."""

    path: Path
    sha256: str
    origin: tuple[tuple[str, str], ...]

    def is_set(self) -> bool:
        """Return whether the campaign is being stopped."""
        return not self.path.exists()

    def withdraw(self) -> None:
        """Stop all who hold the ticket at their next step."""
        self.path.unlink(missing_ok=True)


@contextmanager
def issued(work: ShardWork) -> Iterator[Ticket]:
    """Lay out what workers need, as long as the context lasts; raises InputError where the disk refuses."""
    folder = work.folder.resolve()
    content = pickle.dumps(replace(work, folder=folder))
    path = folder / FLIGHT / f".{uuid.uuid4().hex}{TICKET}"

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_whole(path, write)
    ticket = Ticket(path, hashlib.sha256(content).hexdigest(), origin())
    try:
        yield ticket
    finally:
        ticket.withdraw()


@functools.cache
def origin() -> tuple[tuple[str, str], ...]:
    """Return what decides the values that this process computes, by name: versions and the hash of the sources."""
    from sim.numerics.compiled import source_hash

    packages = ((name, metadata.version(name)) for name in PACKAGES)
    return (("steppe", sim.__version__), ("source", source_hash()), ("python", platform.python_version()), *packages)


def attempt(ticket: Ticket, shard: Shard) -> None:
    """Run a shard to its receipt, if that is not there yet.

    Raises Stopped once the ticket is withdrawn; InputError for a failing disk, for a worker that does not see the
    folder of results or that has other sources or versions than the campaign.
    """
    with _ONE:
        work = _work(ticket)
        if not work.is_done(shard):
            work.run(shard, ticket, _say_nothing)


def _say_nothing(runs: int) -> None:
    """Progress is told by whoever sees the shard done."""


@functools.lru_cache(maxsize=1)
def _work(ticket: Ticket) -> ShardWork:
    here = socket.gethostname()
    for (name, wanted), (_, own) in zip(ticket.origin, origin(), strict=True):
        if own != wanted:
            raise InputError(
                f"the worker on {here} has {_LABELS.get(name, name)} {own}, the campaign has {wanted}: install the "
                "same Steppe from the same lock file on all machines."
            )
    try:
        content = ticket.path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the worker on {here} does not see {ticket.path.parent.parent}: engine=dask needs a folder of results "
            "on a file system that all workers share (results_dir=). For machines that share nothing there is shard=."
        ) from error
    if hashlib.sha256(content).hexdigest() != ticket.sha256:
        raise InputError(f"the worker on {here} reads something else from {ticket.path} than was written there.")
    try:
        work: ShardWork = pickle.loads(content)
    except (ImportError, AttributeError) as error:
        raise InputError(f"the worker on {here} cannot load the model: {error}.") from error
    warm(work.model)
    return work


def end_with(parent: int) -> None:
    """End this process once its parent (a process id) is gone, in whatever way that went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="steppe-parent").start()
