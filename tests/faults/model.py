"""A model of a few numbers that raises, kills its process or hangs at given runs; workers import it by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import PlannedArm
from sim.results.digest import digest_of
from sim.results.outcomes import read_parts
from sim.results.schema import DEFAULT_POINT, MOST_RUNS, part_name
from tests.ensemble.fakes import FakeBlock, FakeWatcher, fake_config

RUNS = 60
"""Replications of each of three arms."""


@dataclass(frozen=True)
class FaultModel:
    """Two outcomes that hash arm and replication; `raises`, `kills` and `hangs` are numbers of runs."""

    raises: tuple[int, ...] = ()
    kills: tuple[int, ...] = ()
    hangs: tuple[int, ...] = ()
    pause: float = 0.0
    columns: tuple[str, ...] = ()
    n_arms: int = 3
    source_hash: str = "f" * 64
    quarters: tuple[str, ...] = ("1991Q1", "1991Q2")
    outcome_names: tuple[str, ...] = ("dependence.KAZ", "year.KAZ")
    is_cold: bool = False

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        return tuple(PlannedArm(DEFAULT_POINT, f"scenario_{i}", "replay", str(i)) for i in range(self.n_arms))

    @property
    def stands_on(self) -> dict[str, object]:
        return {}

    @property
    def question(self) -> str:
        return "What does a faulty model do?"

    @property
    def sampled(self) -> dict[str, object]:
        return {}

    def joined_to(self, folder: Path, arms_held: int) -> FaultModel:
        return self

    def write_design(self, folder: Path) -> None:
        """No points but the usual ones."""

    def warm(self) -> None:
        """Nothing to compile."""

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        for run in arm * MOST_RUNS + replications:
            time.sleep(self.pause)
            if run in self.raises:
                raise ZeroDivisionError("a share of\nnothing")
            if run in self.kills:
                os.kill(os.getpid(), signal.SIGKILL)
            if run in self.hangs:
                time.sleep(3600)
        value = np.sin(replications * 12.9898 + arm * 78.233)
        paths = np.empty((len(replications), len(self.quarters), len(self.columns)), np.float32)
        paths[:] = value[:, None, None]
        return FakeBlock(np.column_stack([value, np.where(value > 0.5, np.nan, value * 3)]), paths)


@dataclass(frozen=True)
class Disturbed(FaultModel):
    """Has something happen before each call; for threads only."""

    disturb: Callable[[int, np.ndarray], object] = lambda arm, replications: None

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        self.disturb(arm, replications)
        return super().simulate(arm, replications)


@dataclass(frozen=True)
class FatalToLoad(FaultModel):
    """Kills every process that unpickles it."""

    def __setstate__(self, state: dict[str, object]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def campaign_of(folder: Path, model: FaultModel, watcher: FakeWatcher | None = None, **changes: object) -> Campaign:
    """Return a campaign of 60 replications of each arm, in shards of 15 runs."""
    config = fake_config(folder, **{"runs": RUNS, "engine": engine("threads", threads=2), **changes})
    return Campaign.of(config, model, watcher or FakeWatcher())


def engine(name: str, **settings: object) -> dict[str, object]:
    """Return the settings of an engine that cuts shards of 15 runs."""
    return {"name": name, "shard_runs": 15, **settings}


def digest_without(folder: Path, *failed: int) -> str:
    """Return the digest of a sound campaign, less some of its runs."""
    import pyarrow as pa

    campaign = campaign_of(folder, FaultModel())
    tables = read_parts(campaign.folder, [part_name(shard.name) for shard in campaign.run()])
    return digest_of(t.filter(pa.array(~np.isin(t.column("run").to_numpy(), failed))) for t in tables)
