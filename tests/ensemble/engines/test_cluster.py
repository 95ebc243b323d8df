"""The engine of a cluster, as far as no cluster is needed for it."""

from __future__ import annotations

import logging
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.ensemble.engines import cluster
from sim.ensemble.engines.worker import Ticket
from sim.ensemble.plan import Shard
from tests.ensemble.fakes import FakeWatcher


def test_what_dask_and_those_under_it_log_of_calls_cut_short_is_not_printed() -> None:
    names = ("distributed", "distributed.client", "distributed.gc", "tornado.application", "asyncio")
    before = [logging.getLogger(name).level for name in names]
    try:
        cluster._hush()
        assert not any(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in names)
    finally:
        for name, level in zip(names, before, strict=True):
            logging.getLogger(name).setLevel(level)


def test_a_shard_whose_end_was_told_to_nobody_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt may come while a future that has landed is taken from the queue."""
    waits: list[int] = []
    cancelled: list[object] = []
    futures = [SimpleNamespace(done=lambda: True), SimpleNamespace(done=lambda: len(waits) > 2)]
    ticket = Ticket(tmp_path / "a.work", "", ())
    sweep = cluster._Sweep(cluster._Place(None, None), ticket, tmp_path, FakeWatcher(), deque())
    sweep.client = SimpleNamespace(status="running", cancel=lambda some, force: cancelled.append(some))
    sweep.flying = {str(n): (future, Shard(n, 1, 0, 15), frozenset()) for n, future in enumerate(futures)}
    monkeypatch.setattr(sweep, "_arrivals", lambda: iter([waits.append(1)]))
    sweep._stop()
    assert (len(waits), cancelled) == (3, [[]])
    monkeypatch.setattr(cluster, "GRACE_SECONDS", 0.0)
    waits.clear()
    sweep._stop()
    assert cancelled[1:] == [[futures[1]]]
