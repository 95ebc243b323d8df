"""Blocks of runs: what a model is asked for in one call, and how runs that raise are told from their neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from sim.ensemble.stopping import Stopped
from sim.ensemble.warming import Warmed
from sim.errors import InputError
from sim.results.schema import MOST_RUNS

STEP_RUNS = 20
"""Runs between two looks at whether to stop, where nothing says that more of them are as quick."""

NOT_THE_RUN = (InputError, Stopped, OSError)
"""What is no fault of a run, as is a lack of memory."""

LONGEST_ERROR = 500
"""Characters that are kept of what a run raised."""


class Block(Protocol):
    """Outcomes, float64, shape (n, outcomes), and trajectories, float32, shape (n, quarters, columns), of n runs."""

    @property
    def outcomes(self) -> np.ndarray: ...  # noqa: D102
    @property
    def trajectories(self) -> np.ndarray: ...  # noqa: D102


class Simulator(Warmed, Protocol):
    """A model that makes runs; it is pickled where workers are other processes."""

    def simulate(self, arm: int, replications: np.ndarray) -> Block:
        """Run replications (int64, shape (n,)) of an arm, given by its place in the plan."""


def stretches(runs: np.ndarray, most: int | None = None) -> Iterator[np.ndarray]:
    """Yield the places of successive runs of one arm, at most so many at once; `runs` (int64) are in order."""
    ends = np.flatnonzero(np.diff(runs // MOST_RUNS)) + 1
    for places in np.split(np.arange(len(runs)), ends):
        size = most or max(1, len(places))
        for first in range(0, len(places), size):
            yield places[first : first + size]


def simulated(model: Simulator, runs: np.ndarray, places: np.ndarray) -> Iterator[tuple[np.ndarray, Block | Exception]]:
    """Yield what the runs (int64) of one arm at some places come to, with these places.

    Where they raise each is run by itself, and those that raise again come with what they raised. Raises what is no
    fault of a run; InputError for a lack of memory.
    """
    chosen = runs[places]
    try:
        made: Block | Exception = model.simulate(int(chosen[0] // MOST_RUNS), chosen % MOST_RUNS)
    except NOT_THE_RUN:
        raise
    except MemoryError as error:
        raise InputError("no memory for a run: set fewer engine.threads= or engine.workers=.") from error
    except Exception as error:
        made = error
    if isinstance(made, Exception) and len(places) > 1:
        for place in places:
            yield from simulated(model, runs, np.array([place]))
    else:
        yield places, made


def in_a_line(error: Exception) -> str:
    """Return what a run raised as one line, its kind first."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR] if text else type(error).__name__
