"""Progress on standard error: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO, cast

PAUSE = 5.0
"""Least number of seconds between two plain lines."""


def tell(line: str, stream: TextIO | None = None) -> None:
    """Print a line, by default on standard error; nothing fails where nobody reads it any more."""
    try:
        print(line, file=stream or sys.stderr, flush=True)
    except OSError:
        discard(stream or sys.stderr)


class Unprinted(Exception):
    """Standard output cannot be written: `error` is what the system said."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def show(text: str) -> None:
    """Print an answer on standard output; Unprinted where that cannot be written."""
    try:
        print(text, flush=True)
    except OSError as error:
        raise Unprinted(error) from error


def discard(stream: TextIO) -> None:
    """Let a stream that cannot be written lead nowhere, so that the process can end without a complaint about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Terminal:
    """Standard error for a bar that redraws itself: what cannot be written, since the terminal is gone, is dropped.

    It keeps the stream that it was made with, since a live bar puts itself in the place of `sys.stderr`.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Write the text, if anybody is there."""
        try:
            return self._stream.write(text)
        except OSError:
            discard(self._stream)
            return len(text)

    def flush(self) -> None:
        """Flush, if anybody is there."""
        try:
            self._stream.flush()
        except OSError:
            discard(self._stream)

    def isatty(self) -> bool:
        """Return that this is a terminal."""
        return True

    def fileno(self) -> int:
        """Return the number of the stream, by which its size is asked."""
        return self._stream.fileno()


class Progress:
    """Tells how a campaign gets on; `advance` may be called from any thread."""

    def __init__(self, plain: bool) -> None:
        self._plain = plain or not sys.stderr.isatty()
        self._lock = threading.Lock()
        self._done = self._total = 0
        self._last: float | None = None
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, line: str) -> None:
        """Print a line, above the bar where there is one."""
        if self._bar is None:
            tell(line)
        else:
            self._bar.console.print(line, highlight=False, markup=False)

    def begin(self, done: int, total: int) -> None:
        """Begin to count runs; nothing is drawn where all are done."""
        self._done, self._total = done, total
        if self._plain or done == total:
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Console(file=cast(TextIO, Terminal())), transient=True)
        self._task = self._bar.add_task("runs", total=total, completed=done)
        self._bar.start()

    def advance(self, runs: int) -> None:
        """Count runs that are done."""
        with self._lock:
            self._done += runs
            if self._bar is not None:
                self._bar.update(self._task, completed=self._done)
            elif self._last is None:
                self._last = time.monotonic()
            elif time.monotonic() - self._last >= PAUSE and self._done < self._total:
                self._last = time.monotonic()
                tell(f"{self._done} of {self._total} runs")
