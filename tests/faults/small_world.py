"""The real model on a small world, as a campaign wants it: 8 states over 20 quarters at a few points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import PlannedArm, Shard
from sim.kernel.observe import Observations
from sim.kernel.run import Block, run_block, switches_for
from sim.numerics.compiled import source_hash
from sim.results.digest import digest_of
from sim.results.outcomes import read_parts
from sim.results.schema import part_name
from sim.settings import Config
from sim.world.build import World
from sim.world.synthetic import synthetic_world
from tests.ensemble.fakes import FakeWatcher, fake_config
from tests.rules import made_world

STATES, FIRMS, QUARTERS, SEED = 8, 6, 20, 5


@cache
def world() -> World:
    return synthetic_world(STATES, FIRMS)


@cache
def observations() -> Observations:
    """A few numbers that differ from run to run: those declared for the default world name its firms."""
    told = {"unit": "", "meaning": ""}
    numbers = {
        "tenders": ("states[RUS].cum_tenders", "end"),
        "protest": ("states[RUS].protest", "mean"),
        "threat": ("states[RUS].threat", "most"),
        "stock": ("nodes[Turkey].stock[Western China]", "total"),
        "accused": ("accusers[RUS].cum_accused", "end"),
        "unrest": ("states[RUS].protest", "first above 0.2"),
        "hazard": ("measures.cum_hazard_all", "end"),
    }
    return Observations.of(world(), {name: {"of": of, "how": how, **told} for name, (of, how) in numbers.items()}, ())


@cache
def params(point: int) -> np.ndarray:
    """Parameters with rates so high that what may happen soon does; points differ in one of them."""
    record = np.array([made_world.lively()])
    record["tenders"]["weight_price"] = 0.5 + 0.05 * point
    return record


@dataclass(frozen=True)
class SmallModel:
    """So many points that differ in a parameter, each with one scenario."""

    points: int
    columns: tuple[str, ...] = ()

    @cached_property
    def planned(self) -> tuple[PlannedArm, ...]:
        return tuple(
            PlannedArm(f"p{n:03d}", "small", "free", f"weight {n}", is_recorded=False, is_sampled=True)
            for n in range(self.points)
        )

    @property
    def source_hash(self) -> str:
        return source_hash()

    @property
    def quarters(self) -> tuple[str, ...]:
        return tuple(f"{1991 + q // 4}Q{q % 4 + 1}" for q in range(QUARTERS))

    @property
    def outcome_names(self) -> tuple[str, ...]:
        return observations().outcome_names

    @property
    def stands_on(self) -> dict[str, object]:
        return {}

    @property
    def question(self) -> str:
        return "What does a small world do?"

    @property
    def sampled(self) -> dict[str, object]:
        return {}

    def joined_to(self, folder: Path, arms_held: int) -> SmallModel:
        return self

    def write_design(self, folder: Path) -> None:
        """Points are told by the plan."""

    @property
    def is_cold(self) -> bool:
        return False

    def simulate(self, arm: int, replications: np.ndarray) -> Block:
        return run_block(world(), params(arm), switches_for(), observations(), SEED, replications, QUARTERS)

    def warm(self) -> None:
        self.simulate(0, np.zeros(0, np.int64))


def sweep(folder: Path, points: int, runs: int, **changes: object) -> Campaign:
    """Return the campaign of `points` x `runs` runs in a folder; `changes` replace values of its configuration."""
    config: Config = fake_config(folder, runs=runs, seed=SEED, end="1995Q4", **changes)
    return Campaign.of(config, SmallModel(points), FakeWatcher())


def made(campaign: Campaign) -> str:
    """Run a campaign to its end, on top of what its folder holds, and return the digest of it all."""
    with campaign.opened() as opened:
        return digest(opened, opened.run())


def digest(campaign: Campaign, shards: list[Shard]) -> str:
    return digest_of(read_parts(campaign.folder, [part_name(shard.name) for shard in shards]))
