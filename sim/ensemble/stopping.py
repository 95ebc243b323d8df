"""What ends a shard before its end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

FIRST_WAIT = 1.0
"""Seconds after which a shard that another attempt took up is looked at again; each time twice as long."""


_UNSAID = "ignore::UserWarning:multiprocessing.resource_tracker"
"""What Python's tracker of semaphores is not to say: that it cleans up behind a process that a second Ctrl-C ended."""


class Stopped(Exception):
    """A shard was given up because the campaign is being stopped, or because another attempt has taken it up."""


class Stop(Protocol):
    """What says whether a campaign is being stopped: an event, or whatever reaches other processes."""

    def is_set(self) -> bool:
        """Return whether it is."""


def until_done(run: Callable[[], None], stop: threading.Event) -> None:
    """Have a shard run by `run`, again where another attempt took it up; Stopped once `stop` is set.

    It waits longer each time, so that of two commands that take a shard from each other one comes to its end.
    """
    wait = FIRST_WAIT
    while True:
        try:
            run()
            return
        except Stopped:
            if stop.wait(wait):
                raise
            wait *= 2


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start threads and processes that Ctrl-C in a terminal does not reach: they inherit the mask of this thread."""
    from multiprocessing import resource_tracker

    if _UNSAID not in sys.warnoptions:
        sys.warnoptions.append(_UNSAID)  # it takes over the options of this process
    resource_tracker.ensure_running()  # when it starts it unblocks interrupts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
