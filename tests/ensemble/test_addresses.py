"""Which series of a run are observed and kept: `trajectories=` of a command, and `columns` of an experiment."""

from __future__ import annotations

import pytest

from sim.configuration import compose
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import prepare
from sim.errors import InputError


def test_trajectories_are_the_experiments_none_or_a_list() -> None:
    bands_alone = compose(["trajectories=false"])
    assert bands_alone.stored_columns == ()
    assert bands_alone.observed_columns == bands_alone.columns != ()
    nothing = compose(["trajectories=[]"])
    assert nothing.observed_columns == nothing.stored_columns == ()
    for typed in (
        "['states[KAZ].dependence[CHN]']",
        '["states[KAZ].dependence[CHN]"]',
        "'states[KAZ].dependence[CHN]'",
    ):
        chosen = compose([f"trajectories={typed}"])
        assert chosen.stored_columns == chosen.observed_columns == ("states[KAZ].dependence[CHN]",)


def test_an_address_that_names_nothing_is_told_with_its_key() -> None:
    config = compose(["trajectories='states[KAZ].dependense[CHN]'", "scenario=baseline"])
    with pytest.raises(InputError, match=r"^trajectories: .* Did you mean 'dependence'\?"):
        prepare(config, read_inputs(config))
    config = compose(["scenario=baseline"]).model_copy(update={"columns": ("state[KAZ].dependence[CHN]",)})
    with pytest.raises(InputError, match=r"^configs/experiment/reference\.yaml: columns: .* Did you mean 'states'\?"):
        prepare(config, read_inputs(config))
