from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sim.ensemble.engines.threads import n_cpus, run_on_threads
from sim.ensemble.stopping import Stopped

TASKS = list(range(12))


def test_every_shard_is_run_once_on_several_threads() -> None:
    seen: list[int] = []
    names: set[str] = set()
    both = threading.Barrier(2, timeout=120)

    def run(task: int, stop: threading.Event) -> None:
        if task < 2:
            both.wait()
        seen.append(task)
        names.add(threading.current_thread().name)

    run_on_threads(TASKS, 2, run)
    assert sorted(seen) == list(range(12))
    assert len(names) == 2


def test_the_first_failure_stops_the_rest_and_is_raised() -> None:
    stopped: list[int] = []

    def run(task: int, stop: threading.Event) -> None:
        if task == 0:
            raise ZeroDivisionError
        if not stop.wait(120):
            raise AssertionError("was not told to stop")
        stopped.append(task)
        raise Stopped

    with pytest.raises(ZeroDivisionError):
        run_on_threads(TASKS, 2, run)
    assert 1 in stopped
    assert len(stopped) < 11


def test_an_interrupt_while_tasks_are_handed_out_stops_those_that_run() -> None:
    class Interrupted(list[int]):
        def __iter__(self) -> Iterator[int]:
            yield from (0, 1, 2)
            assert begun.wait(120)
            raise KeyboardInterrupt

    begun = threading.Event()
    told: list[bool] = []

    def run(task: int, stop: threading.Event) -> None:
        begun.set()
        told.append(stop.wait(120))

    with pytest.raises(KeyboardInterrupt):
        run_on_threads(Interrupted(), 2, run)
    assert told
    assert all(told)


def test_threads_are_those_wanted_or_one_for_each_cpu() -> None:
    assert n_cpus(3) == 3
    assert n_cpus(None) >= 1
