"""What every measurement uses: a line of the table, a world ready to run, medians and exponents."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from sim.kernel.observe import Observations
from sim.kernel.run import run_block, switches_for
from sim.parameters.register import load_register
from sim.world.build import World

QUARTERS = 180


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    figure: float
    unit: str
    wanted: str


class Ready:
    """A world with parameters, observations and rules that are switched off, ready to run n replications."""

    def __init__(
        self, world: World, observations: Observations | None = None, switched_off: Collection[str] = ()
    ) -> None:
        self.world = world
        self.params = load_register().record()
        self.observations = observations or Observations.of(world, {}, [])
        self.switches = switches_for(switched_off)

    def run(self, n: int) -> None:
        """Run n replications in this thread."""
        run_block(self.world, self.params, self.switches, self.observations, 1, np.arange(n), QUARTERS)

    def cpu(self, n: int) -> float:
        """Return the CPU seconds of this thread for n replications."""
        begun = time.thread_time()
        self.run(n)
        return time.thread_time() - begun


def median_of(measure: Callable[[], float], times: int = 5) -> float:
    """Return the median of several measurements, after one that does not count."""
    measure()
    return float(np.median([measure() for _ in range(times)]))


def exponent(sizes: list[float], costs: list[float]) -> float:
    """Return the slope of log cost over log size."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
