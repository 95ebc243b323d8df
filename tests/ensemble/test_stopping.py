from __future__ import annotations

import threading

import pytest

from sim.ensemble import stopping
from sim.ensemble.stopping import Stopped, until_done


def test_a_shard_is_run_until_it_is_done_waiting_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Event(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return False

    waits: list[float | None] = []
    tries: list[int] = []

    def run() -> None:
        tries.append(1)
        if len(tries) < 4:
            raise Stopped

    monkeypatch.setattr(stopping, "FIRST_WAIT", 0.25)
    until_done(run, Event())
    assert waits == [0.25, 0.5, 1.0]


def test_a_shard_is_not_run_again_once_that_is_asked() -> None:
    tries: list[int] = []
    stop = threading.Event()
    stop.set()

    def run() -> None:
        tries.append(1)
        raise Stopped

    with pytest.raises(Stopped):
        until_done(run, stop)
    assert tries == [1]
