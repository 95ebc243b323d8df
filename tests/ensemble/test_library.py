"""The library: it has every scenario, and each does something that is measured."""

from __future__ import annotations

import numpy as np
import pytest

from sim.configuration import compose
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import Prepared, prepare
from sim.scenario.reader import list_scenarios, load_scenario

RUNS = 2


def test_the_library_has_every_scenario_once_and_the_baseline_first() -> None:
    config = compose(["experiment=library"])
    assert config.scenarios[0] == "baseline"
    assert sorted(config.scenarios) == list(list_scenarios())
    assert config.page == "library"
    assert config.stored_columns == ()
    assert not config.pair


def test_no_two_scenarios_have_one_title() -> None:
    titles = [load_scenario(name).title for name in list_scenarios()]
    assert sorted(set(titles)) == sorted(titles)


@pytest.fixture(scope="module")
def library() -> Prepared:
    config = compose(["experiment=library", f"runs={RUNS}", "report=false"])
    return prepare(config, read_inputs(config))


def test_every_scenario_differs_from_its_base_in_some_outcome(library: Prepared) -> None:
    """Two replications of the whole window; dates that never come are equal to themselves."""
    found = {
        arm.scenario.name: library.simulate(place, np.arange(RUNS)).outcomes for place, arm in enumerate(library.arms)
    }
    bases = {arm.scenario.name: arm.scenario.base for arm in library.arms}
    same = [name for name, base in bases.items() if base and np.array_equal(found[name], found[base], equal_nan=True)]
    assert same == []
