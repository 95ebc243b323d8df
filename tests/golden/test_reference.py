"""The reference experiment comes to what is kept of it in `results/reference/`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from scripts.reference import MADE_WITH, OUTCOMES, ROW, kept, moved, run_again, summary, told


def test_the_reference_experiment_comes_to_what_it_did(tmp_path: Path) -> None:
    """Fails where a change moved results; the message says what, and what to do if that is meant."""
    assert OUTCOMES.is_file(), "there is no reference result: run `make reference`"
    assert MADE_WITH.is_file()
    now = summary(run_again(tmp_path))
    rows = moved(kept(), now)
    if len(rows):
        pytest.fail(told(rows, len(now)), pytrace=False)


def table(**changes: float) -> pd.DataFrame:
    rows = [("baseline", "replay", name, 20.0, 0.5, 0.1) for name in ("a.KAZ", "b.KAZ")]
    frame = pd.DataFrame(rows, columns=[*ROW, "runs", "mean", "sd"])
    for name, value in changes.items():
        frame.loc[1, name] = value
    return frame


def test_the_last_bits_may_differ_and_nothing_else() -> None:
    usual = table()
    assert moved(usual, table(mean=0.5 + 1e-12)).empty
    assert moved(table(mean=float("nan"), runs=0), table(mean=float("nan"), runs=0)).empty
    for change in ({"mean": 0.5001}, {"sd": 0.1001}, {"runs": 19.0}, {"mean": float("nan")}):
        assert list(moved(usual, table(**change))["outcome"]) == ["b.KAZ"], change


def test_an_outcome_that_came_or_went_is_told() -> None:
    usual, fewer = table(), table().head(1)
    assert len(moved(usual, fewer)) == len(moved(fewer, usual)) == 1
    shown = told(moved(usual, table(mean=0.7)), 2)
    assert shown.startswith("1 of 2 figures")
    assert "b.KAZ" in shown
    assert "2" in shown.splitlines()[2].split()[-1]
    assert "make reference" in shown
