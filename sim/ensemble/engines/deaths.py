"""Deaths of workers: what is said of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sim.ensemble.flight import FLIGHT, Mark, mark_path
from sim.ensemble.plan import Shard
from sim.errors import InputError

FUTILE = 4
"""Deaths that teach nothing about runs, after which no more workers are sent."""


def futile(engine: str, which: str = "", remedy: str = "") -> InputError:
    """Return the error for workers of an engine that die over and over before they run anything."""
    return InputError(
        f"engine={engine}: workers die before they run anything{which}: is there memory for so many?{remedy}"
    )


@dataclass
class Deaths:
    """Tells of deaths, and of runs that took too long, for which workers end themselves; from any thread."""

    folder: Path
    say: Callable[[str], None]
    _late: set[int] = field(default_factory=set)
    """Runs that took too long in this campaign."""
    _before: set[int] = field(default_factory=set)
    """Runs that did before it began."""
    _said: int = 0
    """How many of them there were when that was last said."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        marks = (self.folder / FLIGHT).glob("*.json")
        self._before = {run for mark in marks for run in _late(Mark.read(mark))}

    def tell(self, shard: Shard, how: str) -> None:
        """Say what became of a shard whose worker died: `how`, unless that was over a run that took too long.

        Of these the first is named; then it is said how many there are whenever they have become twice as many.
        """
        found = _late(Mark.read(mark_path(self.folder, shard)))
        with self._lock:
            new = found.keys() - self._before - self._late
            self._late |= new
            n = len(self._late)
            if not new:
                self.say(how)
            elif n >= 2 * self._said:
                self._said = n
                run = next(iter(new))
                ends = "it is left out, and the rest of its shard", "they are left out, and the rest of their shards"
                head = f"Run {run}" if n == 1 else f"So far {n} runs"
                self.say(f"{head} {found[run]} (engine.time_limit); {ends[n > 1]} is run again.")


def _late(mark: Mark) -> dict[int, str]:
    """Return the runs in quarantine that took too long, each with the sentence that tells so."""
    return {failure.run: failure.error for failure in mark.quarantined if failure.kind == "time limit"}
