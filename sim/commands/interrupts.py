"""What Ctrl-C and SIGTERM do to a command that can be resumed."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sim.commands.call import INTERRUPTED
from sim.commands.progress import tell

MESSAGE = "ended at once. What is finished is kept; the same command resumes."

AGAIN_SECONDS = 0.1
"""Seconds after which an interrupt that went astray is raised again, and again."""


class Interrupts:
    """The signals of a command: the first ends what is in hand in good order, the next one the process at once.

    What the first raises may go astray: Python drops it inside a `__del__` or a weak reference's callback, and a
    library that imports another in C may drop it too or make another error of it. So it is raised again until the
    command ends, but not while it is on its way and things are put in order, as far as `sys.exception` shows that: it
    does not in the `finally` of a generator that is closed. A signal that is ignored, as that of Ctrl-C is in the
    background, stays so.
    """

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._is_caught = False
        self._drop_before = sys.unraisablehook
        self._before: dict[int, Any] = {}

    def listen(self) -> None:
        """Take signals from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handle(number, self._take)
        sys.unraisablehook = self._drop

    def calm(self) -> None:
        """Raise nothing again: what was raised was heard, or the command is at its end."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def end(self, is_process: bool) -> None:
        """Leave signals as they were; where the process ends too, the next one ends it at once."""
        self.calm()
        sys.unraisablehook = self._drop_before
        if not (self._is_caught and is_process):
            for number, handler in self._before.items():
                signal.signal(number, signal.SIG_DFL if is_process or handler is None else handler)

    @contextmanager
    def meant(self) -> Iterator[None]:
        """Take an error that comes once a signal was caught for what became of the interrupt."""
        try:
            yield
        except Exception as error:
            if self._is_caught:
                raise KeyboardInterrupt from error
            raise
        finally:
            self.calm()

    def _handle(self, number: int, handler: Any) -> None:
        self._before[number] = signal.getsignal(number)
        signal.signal(number, handler)

    def _take(self, number: int, frame: Any) -> None:
        if not self._is_caught:
            self._is_caught = True
            self._handle(signal.SIGALRM, self._raise_again)
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
            raise KeyboardInterrupt
        tell(f"steppe: {MESSAGE}")
        if self._as_json:
            tell(json.dumps({"error": MESSAGE, "status": INTERRUPTED}), sys.stdout)
        os._exit(INTERRUPTED)

    def _raise_again(self, number: int, frame: Any) -> None:
        error = sys.exception()
        while error is not None and not isinstance(error, KeyboardInterrupt):
            error = error.__context__
        if error is None:
            raise KeyboardInterrupt

    def _drop(self, dropped: Any) -> None:
        if not self._is_caught:
            self._drop_before(dropped)
