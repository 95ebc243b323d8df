"""Of processes that find no compiled model one compiles it; the others wait for it, say so, and load it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sim.ensemble import warming
from sim.ensemble.warming import COMPILING, WAITING, warm
from sim.numerics import compiled
from tests.faults.sweep import until

HOLDER = """
import fcntl, sys, time
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@dataclass
class Compiled:
    """Compiles where the cache does not hold it, until `enough`; `at` has what happened."""

    cache: Path
    at: list[str]
    said: list[str] = field(default_factory=list)
    enough: Callable[[], object] = lambda: True

    @property
    def is_cold(self) -> bool:
        return not (self.cache / "kept").is_file()

    def warm(self) -> None:
        cold = self.is_cold
        self.at.append("compile" if cold else "load")
        until(self.enough)
        self.at.append("done")
        (self.cache / "kept").touch()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiled, "model_folder", lambda: tmp_path)
    monkeypatch.setattr(warming, "PATIENCE", 600.0)
    return tmp_path


def test_who_begins_while_another_compiles_waits_says_so_and_only_loads(cache: Path) -> None:
    """The others begin when the cache is no longer empty, and not yet whole."""
    at: list[str] = []
    first, *others = models = [Compiled(cache, at) for _ in range(3)]
    first.enough = lambda: all(model.said for model in others)
    threads = [threading.Thread(target=warm, args=[model, model.said.append]) for model in models]
    threads[0].start()
    until(lambda: at)
    (cache / "part.nbi").write_bytes(b"a part")
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()
    assert at == ["compile", "done", "load", "done", "load", "done"]
    assert first.said == []
    assert [model.said for model in others] == [[WAITING], [WAITING]]


def test_whoever_finds_the_model_whole_waits_for_nobody(cache: Path) -> None:
    warm(Compiled(cache, []))
    model = Compiled(cache, [])
    with subprocess.Popen([sys.executable, "-c", HOLDER, cache / ".compiling"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        warm(model, model.said.append)
        holder.kill()
    assert (model.at, model.said) == (["load", "done"], [])


def test_one_that_was_killed_over_it_keeps_nobody_and_what_it_left_does_not_count(cache: Path) -> None:
    model = Compiled(cache, [])
    thread = threading.Thread(target=warm, args=[model, model.said.append])
    with subprocess.Popen([sys.executable, "-c", HOLDER, cache / ".compiling"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        (cache / "part.nbi").write_bytes(b"a part")
        thread.start()
        until(lambda: model.said)
        assert model.at == []
        holder.kill()
        thread.join()
    assert (model.at, model.said) == (["compile", "done"], [WAITING])
    assert not model.is_cold


def test_what_takes_long_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "PATIENCE", 0.05)
    model = Compiled(cache, [])
    model.enough = lambda: model.said
    warm(model, model.said.append)
    assert model.said == [COMPILING]


def test_a_model_that_cannot_be_compiled_is_not_taken_for_one_that_was(cache: Path) -> None:
    class Broken(Compiled):
        def warm(self) -> None:
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        warm(Broken(cache, []))
    assert Compiled(cache, []).is_cold
