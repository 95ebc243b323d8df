"""What ends a shard before its end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stopped(Exception):
    """A shard was given up because the campaign is being stopped, or because another attempt has taken it up."""


class Stop(Protocol):
    """What says whether a campaign is being stopped: an event, or whatever reaches other processes."""

    def is_set(self) -> bool:
        """Return whether it is."""


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start threads and processes that Ctrl-C in a terminal does not reach: they inherit the mask of this thread."""
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # when it starts it unblocks interrupts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
