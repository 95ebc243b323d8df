"""Verdicts on expectations: by the whole interval, in words worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.analysis.expectations import CONFIRMED, OPEN, OPPOSITE, UNJUDGED, judge_all, verdict_of
from sim.analysis.pairs import contrast
from sim.results.runs import Runs
from sim.scenario.expectations import Expectation

BASE = [0.0, 1.0, 2.0, 3.0, 4.0]
"""Standard deviation 1.58, so that a difference is still up to 0.158."""


def found(*gaps: float):
    table = pd.Series(BASE).to_numpy()
    return contrast("changed", "x", table, table + list(gaps))


@pytest.mark.parametrize(
    ("gaps", "rises", "falls", "holds"),
    [
        ((1.0, 1.1, 0.9, 1.0, 1.0), CONFIRMED, OPPOSITE, OPPOSITE),
        ((-1.0, -1.1, -0.9, -1.0, -1.0), OPPOSITE, CONFIRMED, OPPOSITE),
        ((1.0, -1.0, 1.0, -1.0, 0.5), OPEN, OPEN, OPEN),
        ((0.0, 0.0, 0.0, 0.0, 0.0), OPEN, OPEN, CONFIRMED),
        ((0.05, 0.06, 0.05, 0.06, 0.05), OPEN, OPEN, CONFIRMED),
    ],
)
def test_the_whole_interval_decides(gaps: tuple[float, ...], rises: str, falls: str, holds: str) -> None:
    """The last differs from zero for certain, and yet by less than a tenth of a standard deviation."""
    row = found(*gaps)
    assert tuple(verdict_of(change, row) for change in ("rises", "falls", "holds")) == (rises, falls, holds)


def test_a_change_of_what_never_varies_is_a_change() -> None:
    row = contrast("changed", "x", pd.Series([2.0] * 3).to_numpy(), pd.Series([3.0] * 3).to_numpy())
    assert (verdict_of("rises", row), verdict_of("holds", row)) == (CONFIRMED, OPPOSITE)


def test_each_is_held_against_whom_it_names_on_the_same_dice() -> None:
    def runs(name: str) -> Runs:
        values = {"baseline": BASE, "middle": [v + 2.0 for v in BASE], "changed": [v + 1.0 for v in BASE]}.get(name, [])
        # the order of rows plays no part: pairs are made by replication
        table = pd.DataFrame({"point": "default", "replication": range(len(values)), "x": values, "y": values})
        return Runs.of(table.iloc[::-1] if name == "changed" else table)

    says = ("rises", "It rises.", "000:91")
    expected = [Expectation("x", *says, against=name) for name in ("baseline", "middle", "absent")]
    expected.append(Expectation("z", *says, against="baseline"))
    judged = judge_all({"changed": expected}, runs)
    assert [one.verdict for one in judged] == [CONFIRMED, OPPOSITE, UNJUDGED, UNJUDGED]
    assert [one.found.mean if one.found else None for one in judged] == [1.0, -1.0, None, None]
