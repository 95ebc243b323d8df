"""Runs whose outcomes are read one by one, held against the table that pandas reads from the same parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.results import runs as of_runs
from sim.results.outcomes import RunKeys, read_parts, write_part
from sim.results.runs import Runs, read_runs, stacked
from sim.results.schema import KEYS

NAMES = ("dependence.KAZ", "year.KAZ", "gifts")


@pytest.fixture
def parts(tmp_path: Path) -> list[str]:
    """Parts of 40, 1, 30 and 9 runs at three points, of which the last part has the first runs."""
    numbers = np.split(np.arange(80), [9, 49, 50])
    for i, runs in enumerate((*numbers[1:], numbers[0])):
        points = [("default", "paired", "other")[run // 30] for run in runs]
        keys = RunKeys(points, ["baseline"] * len(runs), ["free"] * len(runs), 7, runs, runs % 30)
        values = np.sin(runs[:, None] + np.arange(3))
        values[runs % 4 == 0, 1] = np.nan
        write_part(tmp_path / f"part-{i}.parquet", keys, NAMES, values)
    return [f"part-{i}.parquet" for i in range(4)]


def whole(folder: Path, parts: list[str]) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(folder / part) for part in parts]).sort_values("run", ignore_index=True)


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
@pytest.mark.parametrize("block", [1, 100, 1 << 20])
def test_columns_are_those_of_the_parts_in_the_order_of_run(
    tmp_path: Path, parts: list[str], monkeypatch: pytest.MonkeyPatch, block: int, in_memory: int
) -> None:
    monkeypatch.setattr(of_runs, "_BLOCK", block)
    monkeypatch.setattr(of_runs, "_IN_MEMORY", in_memory)
    found, expected = read_runs(tmp_path, parts), whole(tmp_path, parts)
    pd.testing.assert_frame_equal(found.frame(), expected, check_exact=True)
    assert list(found) == [*KEYS, *NAMES]
    assert list(found["run"]) == list(range(80))
    for rows in (slice(5, 61), slice(None, None, -7), expected["point"] == "other", np.array([79, 0, 40]), slice(0)):
        some, wanted = found.at(rows), expected.iloc[np.arange(80)[rows]]
        assert len(some) == len(wanted)
        for name in (*KEYS, *NAMES):
            np.testing.assert_array_equal(some[name], wanted[name])
        np.testing.assert_array_equal(some.at(slice(1, 3))["gifts"], wanted["gifts"].iloc[1:3])


def test_points_are_read_alone_and_parts_without_them_are_passed_over(tmp_path: Path, parts: list[str]) -> None:
    expected = whole(tmp_path, parts)
    for points in (["default"], ["default", "other"]):
        found, wanted = read_runs(tmp_path, parts, points), expected[expected["point"].isin(points)]
        pd.testing.assert_frame_equal(found.frame(), wanted.reset_index(drop=True), check_exact=True)
    assert len(list(read_parts(tmp_path, parts, points=["default"]))) == 2
    nobody = read_runs(tmp_path, parts, ["nowhere"])
    assert (len(nobody), nobody.names, len(nobody["gifts"])) == (0, NAMES, 0)


def test_nothing_is_left_in_the_folder(tmp_path: Path, parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_runs, "_IN_MEMORY", 0)
    found = read_runs(tmp_path, parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == parts
    assert len(found["gifts"]) == 80


def test_a_full_disk_is_one_message(tmp_path: Path, parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(of_runs._Copy, "flush", refuse)
    with pytest.raises(InputError, match="the disk is full"):
        read_runs(tmp_path, parts)


def test_outcomes_are_added_replaced_and_left_out(tmp_path: Path, parts: list[str]) -> None:
    found = read_runs(tmp_path, parts)
    more = found.assign(**{"gifts": 2.0, "own.KAZ": found["gifts"] + 1.0}).at(slice(10, 12))
    assert more.names == (*NAMES, "own.KAZ")
    assert list(more["gifts"]) == [2.0, 2.0]
    np.testing.assert_array_equal(more["own.KAZ"], found["gifts"][10:12] + 1.0)
    np.testing.assert_array_equal(more.mean(["gifts", "own.KAZ"]), (2.0 + more["own.KAZ"]) / 2)
    few = found.having(["gifts", "unknown"])
    assert ("gifts" in few, "year.KAZ" in few, "point" in few, few.names) == (True, False, True, ("gifts",))
    with pytest.raises(KeyError):
        few["year.KAZ"]


def test_tables_one_after_the_other_have_what_all_have(tmp_path: Path, parts: list[str]) -> None:
    found = read_runs(tmp_path, parts)
    other = Runs.of(pd.DataFrame({"run": [3, 4], "scenario": "mine", "gifts": [5.0, 6.0]}))
    both = stacked([found.at(slice(2, 6)), other, found.having(["gifts"])])
    assert both.names == ("gifts",)
    expected = [*found["gifts"][2:6], 5.0, 6.0, *found["gifts"]]
    np.testing.assert_array_equal(both["gifts"], expected)
    np.testing.assert_array_equal(both.at(np.array([5, 0, 50]))["gifts"], [expected[i] for i in (5, 0, 50)])
    assert list(both["scenario"][3:7]) == ["baseline", "mine", "mine", "baseline"]
    renamed = replace(both, keys=both.keys.assign(scenario="one"))
    assert set(renamed["scenario"]) == {"one"}
