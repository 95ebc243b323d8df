"""What an engine is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.ensemble.plan import Shard
from sim.ensemble.shards import ShardWork
from sim.results.watching import Watcher


class Engine(Protocol):
    """A way to have shards run: it never changes a result, and a shard that it lost is run again."""

    @property
    def told(self) -> str: ...  # noqa: D102

    def run(self, shards: Sequence[Shard], work: ShardWork, watcher: Watcher) -> None:
        """Run every shard to its receipt.

        Raises InputError where the disk refuses and KeyboardInterrupt when stopped: what has a receipt stays done, and
        nothing is running any more.
        """
