from __future__ import annotations

import fcntl
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sim.ensemble.warming import warm
from sim.numerics import compiled


@dataclass
class Loaded:
    is_cold: bool
    done: threading.Event = field(default_factory=threading.Event)

    def warm(self) -> None:
        self.done.set()


def test_who_has_to_compile_waits_for_whoever_compiles_and_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "CACHE_FOLDER", tmp_path)
    cold, cached = Loaded(is_cold=True), Loaded(is_cold=False)
    with (tmp_path / ".warming").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        threads = [threading.Thread(target=warm, args=[model], daemon=True) for model in (cold, cached)]
        for thread in threads:
            thread.start()
        assert cached.done.wait(10)
        assert not cold.done.wait(0.2)
    assert cold.done.wait(10)
