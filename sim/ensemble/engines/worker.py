"""What happens in a worker that is a process of its own, on this machine or on another one.

What all shards share is pickled once, into a file of the folder of results, and every worker reads it there, whenever
it joins or joins again. The file is also the sign that the campaign goes on: workers stop once it is taken away.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sim
from sim.ensemble.flight import FLIGHT, TICKET
from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.ensemble.stopping import Stopped
from sim.ensemble.warming import warm
from sim.errors import InputError
from sim.results.files import write_whole
from sim.results.manifest import CPU_CLASS, made_by

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

    def insist(self) -> None:
        """Raise InputError where it was withdrawn by another command, which is what commands do that find one."""
        if self.is_set():
            raise InputError(
                f"{self.path.parent.parent}: another steppe has taken up this folder and called the workers of this "
                "one off. What is finished is kept; wait for the other one or stop it."
            )


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
    """Return what decides the values that this process computes, by name: versions and the hash of the sources.

    The class of CPU is left out: workers may be of several, and receipts name it.
    """
    from sim.numerics.compiled import source_hash

    versions = ((name, found) for name, found in made_by().items() if name != CPU_CLASS)
    return (("steppe", sim.__version__), ("source", source_hash()), *versions)


def get_ready(ticket: Ticket) -> None:
    """Read what all shards share, and load the model.

    Raises Stopped where the ticket is not there; InputError for a worker that does not see the folder of results, that
    has other sources or versions than the campaign, or that cannot load the model. Both name the machine.
    """
    with _ONE:
        _work(ticket)


def attempt(ticket: Ticket, shard: Shard) -> None:
    """Run a shard to its receipt, if that is not there yet.

    Raises Stopped once the ticket is withdrawn or another attempt has taken up the shard; InputError for a failing
    disk, and as `get_ready` does.
    """
    with _ONE:
        _work(ticket).run(shard, ticket, _say_nothing)


@dataclass(frozen=True)
class _Call:
    """A call that is made where it is unpickled."""

    function: Callable[..., None]
    arguments: tuple[Any, ...]

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        return self.function, self.arguments


def sealed_call(function: Callable[..., None], *arguments: Any) -> bytes:
    """Return a call as bytes, which `pickle.loads` makes: whoever passes them on needs nothing of Steppe.

    A worker without Steppe ends where a message holds one of its functions; over these bytes it raises, as any task.
    """
    return pickle.dumps(_Call(function, arguments))


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
        folder = ticket.path.parent.parent
        is_withdrawn = isinstance(error, FileNotFoundError) and folder.is_dir()
        raise (Stopped if is_withdrawn else InputError)(
            f"the worker on {here} does not see {ticket.path if is_withdrawn else folder}: engine=dask needs a folder "
            "of results on a file system that all workers share (results_dir=). For machines that share nothing there "
            "is shard=."
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
