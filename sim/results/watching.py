"""How work that takes long is told of."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Whoever is told how the work gets on, of which there are `total` steps: runs, or rows."""

    def say(self, line: str) -> None:
        """Tell one sentence."""

    def begin(self, done: int, total: int) -> None:
        """Begin to count."""

    def advance(self, runs: int) -> None:
        """Count so many more; fewer where the number is negative, what was done being lost."""

    def end(self) -> None:
        """Stop counting."""
