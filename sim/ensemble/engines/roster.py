"""The workers of a Dask scheduler: which of them can run shards of a campaign, and which cannot and why.

A worker that joins is asked to get ready before it is given a shard, so that one that is set up differently costs the
sweep nothing, and what is wrong with it is told with its name.
"""

from __future__ import annotations

import math
import pickle
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.ensemble.engines.deaths import FUTILE, futile
from sim.ensemble.engines.worker import Ticket, get_ready, sealed_call
from sim.ensemble.stopping import Stopped
from sim.errors import InputError

COMPANY_SECONDS = 10.0
"""Seconds that other workers have to join where all that there are cannot run shards."""

SILENT_SECONDS = 5.0
"""Seconds after which it is said that workers are still getting ready."""


@dataclass
class Roster:
    """The workers that there are, by address."""

    ticket: Ticket
    say: Callable[[str], None]
    landed: queue.SimpleQueue[Any]
    """Takes every future that is done."""
    ready: set[str] = field(default_factory=set)
    """Those that can run shards."""
    _asked: dict[str, Any] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    """Those that cannot, and why."""
    _said: set[str] = field(default_factory=set)
    _questions: int = 0
    _is_empty: bool = False
    _most: int = 1
    """Most workers that there were at once."""
    _deaths: int = 0
    """Workers that died before they were ready, since one was."""
    _hopeless_since: float | None = None
    _asked_since: float | None = None
    """When the first was asked; infinite once some was ready, or the waiting was told."""

    def look(self, client: Any) -> None:
        """See who is there, and ask those that are new.

        Raises InputError where none can run shards and no others come, where workers die over and over before they are
        ready, or where another command has called the campaign off; OSError where no scheduler answers.
        """
        there = set(client.nthreads())
        if not there and not self._is_empty:
            self.say("The scheduler has no workers; waiting for some.")
        self._is_empty, self._most = not there, max(self._most, len(there))
        self.ready &= there
        self._refused = {address: why for address, why in self._refused.items() if address in there}
        for address in self._asked.keys() - there:
            del self._asked[address]
            self._deaths += 1
        for address in sorted(there - self.ready - self._asked.keys() - self._refused.keys()):
            self._ask(client, address)
        for address in [address for address, future in self._asked.items() if future.done()]:
            self._hear(address, self._asked.pop(address))
        self._tell_waiting()
        self._check_hope(there)

    def _tell_waiting(self) -> None:
        """Say once for how many workers the campaign waits, where none of them gets ready soon."""
        if self._asked and self._asked_since is None:
            self._asked_since = time.monotonic()
        if self.ready:
            self._asked_since = math.inf
        if self._asked and time.monotonic() - (self._asked_since or math.inf) > SILENT_SECONDS:
            n, self._asked_since = len(self._asked), math.inf
            self.say(f"Waiting for {n} worker{'s' if n > 1 else ''} to get ready.")

    @property
    def n_asked(self) -> int:
        """Number of those that have not answered."""
        return len(self._asked)

    def forget(self) -> None:
        """Know nothing of anybody: a scheduler that begins anew has other workers."""
        self.ready.clear()
        self._asked.clear()
        self._hopeless_since = None

    def _ask(self, client: Any, address: str) -> None:
        self._questions += 1
        key = f"steppe-{self.ticket.path.stem}-ready-{self._questions}"
        self._asked[address] = client.submit(
            pickle.loads, sealed_call(get_ready, self.ticket), workers=[address], key=key, pure=False
        )
        self._asked[address].add_done_callback(self.landed.put)

    def _hear(self, address: str, future: Any) -> None:
        """Take what a worker answers; where the answer was lost it is asked again."""
        if future.status == "finished":
            self.ready.add(address)
            self._deaths = 0
        elif future.status == "error":
            problem = future.exception()
            if isinstance(problem, Stopped):
                self.ticket.insist()
            is_told = isinstance(problem, InputError | Stopped)
            why = str(problem) if is_told else f"the worker at {address} cannot run Steppe: {problem!r}."
            if why not in self._said:
                self._said.add(why)
                self.say(f"{why[0].upper()}{why[1:]} It is given no runs.")
            self._refused[address] = why

    def _check_hope(self, there: set[str]) -> None:
        """Raise InputError where no worker is left that can work."""
        if self._deaths > FUTILE * self._most:
            raise futile("dask")
        if self.ready or self._asked or not there:
            self._hopeless_since = None
            return
        self._hopeless_since = self._hopeless_since or time.monotonic()
        if time.monotonic() - self._hopeless_since > COMPANY_SECONDS:
            raise InputError(next(iter(self._refused.values())))
