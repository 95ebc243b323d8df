"""What a model is asked for in one call, and how runs that raise are told from their neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from sim.ensemble.blocks import simulated, stretches
from sim.ensemble.stopping import Stopped
from sim.errors import InputError
from sim.results.schema import MOST_RUNS
from tests.ensemble.fakes import FakeModel

RUNS = np.concatenate([np.arange(5), 2 * MOST_RUNS + np.arange(3, 6), 3 * MOST_RUNS + np.arange(1)])


def test_stretches_are_of_one_arm_and_no_longer_than_asked() -> None:
    assert [places.tolist() for places in stretches(RUNS)] == [[0, 1, 2, 3, 4], [5, 6, 7], [8]]
    assert [places.tolist() for places in stretches(RUNS, 2)] == [[0, 1], [2, 3], [4], [5, 6], [7], [8]]
    assert list(stretches(RUNS[:0])) == list(stretches(RUNS[:0], 2)) == []


def test_of_runs_that_raise_each_is_told_apart() -> None:
    model = FakeModel(fail_at=3, error=ZeroDivisionError("nothing"))
    found = list(simulated(model, RUNS, np.arange(5)))
    assert [places.tolist() for places, _ in found] == [[0], [1], [2], [3], [4]]
    assert [isinstance(made, ZeroDivisionError) for _, made in found] == [False, False, False, True, False]
    ((places, block),) = simulated(model, RUNS, np.arange(5, 8))
    assert places.tolist() == [5, 6, 7]
    assert model.calls[-1] == (2, 3, 3)
    assert not isinstance(block, Exception)
    assert block.outcomes.shape == (3, 2)


@pytest.mark.parametrize(
    ("error", "raised"),
    [(Stopped(), Stopped), (InputError("no"), InputError), (OSError("full"), OSError), (MemoryError(), InputError)],
)
def test_what_is_no_fault_of_a_run_is_raised(error: Exception, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        list(simulated(FakeModel(fail_at=3, error=error), RUNS, np.arange(5)))
