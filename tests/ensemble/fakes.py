"""A model of a few numbers, to test the machinery of ensembles without compiling the real one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sim.ensemble.plan import PlannedArm
from sim.ensemble.receipts import Receipt
from sim.results.outcomes import write_design
from sim.results.schema import DEFAULT_POINT, DESIGN, PAIRED_POINT
from sim.settings import Config, Theories, Threads


@dataclass(frozen=True)
class FakeBlock:
    outcomes: np.ndarray
    trajectories: np.ndarray


@dataclass
class FakeModel:
    """Two outcomes that hash arm, seed and replication; `fail_at` raises when that replication of arm 0 is run."""

    seed: int = 1
    arms: tuple[tuple[str, str], ...] = (("baseline", "replay"), ("outage", "replay"), ("baseline", "free"))
    is_paired: bool = False
    source_hash: str = "a" * 64
    quarters: tuple[str, ...] = ("1991Q1", "1991Q2", "1991Q3")
    outcome_names: tuple[str, ...] = ("dependence.KAZ", "year.KAZ")
    columns: tuple[str, ...] = ()
    fail_at: int | None = None
    error: BaseException = field(default_factory=KeyboardInterrupt)
    pause: float = 0.0
    calls: list[tuple[int, int, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        points = (DEFAULT_POINT, PAIRED_POINT) if self.is_paired else (DEFAULT_POINT,)
        return tuple(
            PlannedArm(p, s, h, f"{p}-{s}-{h}", is_recorded=p == DEFAULT_POINT) for p in points for s, h in self.arms
        )

    @property
    def sampled(self) -> dict[str, object]:
        return {}

    def joined_to(self, folder: Path, arms_held: int) -> FakeModel:
        return self

    def write_design(self, folder: Path) -> None:
        points = dict.fromkeys(arm.point for arm in self.planned)
        write_design(folder / DESIGN, {"point": list(points)})

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        if self.fail_at is not None and arm == 0 and self.fail_at in replications:
            raise self.error
        time.sleep(self.pause)
        with self.lock:
            self.calls.append((arm, int(replications[0]), len(replications)))
        value = np.sin(replications * 12.9898 + arm * 78.233 + self.seed)
        late = np.where(value > 0.5, np.nan, 1991 + np.floor(value * 4) / 4)
        n_columns = len(self.columns) if self.planned[arm].banded_as else 0
        paths = np.empty((len(replications), len(self.quarters), n_columns), np.float32)
        paths[:] = value[:, None, None] + np.arange(len(self.quarters))[None, :, None]
        return FakeBlock(np.column_stack([value, late]), paths)

    @property
    def stands_on(self) -> dict[str, object]:
        return {}

    @property
    def question(self) -> str:
        return "What does a fake do?"

    def told(self) -> dict[str, object]:
        return {}

    @property
    def is_cold(self) -> bool:
        return False

    def warm(self) -> None:
        """Nothing to compile."""

    @property
    def n_simulated(self) -> int:
        return sum(n for _, _, n in self.calls)


@dataclass
class FakeWatcher:
    lines: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def say(self, line: str) -> None:
        self.lines.append(line)

    def begin(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def end(self) -> None:
        """Nothing is drawn."""

    def advance(self, runs: int) -> None:
        self.done += runs


def fake_config(results_dir: object, **changes: object) -> Config:
    """Return a configuration for fakes; `changes` replace its values."""
    content: dict[str, object] = {
        "name": "fake",
        "title": "A fake",
        "question": "What does a fake do?",
        "scenarios": ("baseline",),
        "runs": 250,
        "seed": 1,
        "start": "1991Q1",
        "end": "1991Q3",
        "history": "replay",
        "engine": Threads(name="threads", threads=2),
        "theory": Theories(choice="random_utility", restraint="principal_agent", accusation="mixture"),
        "worldview": "all",
        "parameters": {},
        "couplings": {},
        "rules": {},
        "trajectories": False,
        "trace": False,
        "report": False,
        "results_dir": str(results_dir),
    }
    return Config(**{**content, **changes})


def sign_again(receipt: Path, **changes: object) -> None:
    """Change what a receipt states, and sign it as if it had been written so."""
    replace(Receipt.read(receipt), **changes).write(receipt.parent.parent)
