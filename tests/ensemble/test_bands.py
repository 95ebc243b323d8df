from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.ensemble import bands
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import PlannedArm, Shard
from sim.errors import InputError
from sim.numerics.histogram import N_BINS
from sim.results import quantiles
from sim.results.files import sha256_of
from sim.results.quantiles import NAMES, Counts, Window, add_up, groups_in, write_counts
from sim.results.schema import DESIGN_POINT, MANIFEST, PAIRED_POINT, QUANTILES, bands_name
from sim.results.store import Result
from tests.ensemble.fakes import FakeBlock, FakeModel, FakeWatcher, fake_config

COLUMNS = ("states[KAZ].dependence[CHN]", "measures.cum_gifts", "measures.members")
QUARTERS = ("1991Q1", "1991Q2", "1991Q3", "1991Q4")


@dataclass
class Banded(FakeModel):
    """A share, a count and a number of any size in each quarter, of each arm its own."""

    columns: tuple[str, ...] = COLUMNS
    quarters: tuple[str, ...] = QUARTERS
    points: int = 0
    """Points of a sampled design, each with every arm."""

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        sampled = [
            PlannedArm(f"p{i}", s, h, f"p{i}-{s}-{h}", is_recorded=False, is_sampled=True)
            for i in range(self.points) for s, h in self.arms
        ]  # fmt: skip
        return (*super().planned, *sampled)

    def simulate(self, arm: int, replications: np.ndarray) -> FakeBlock:
        block = super().simulate(arm, replications)
        if not block.trajectories.size:
            return block
        dice = np.abs(np.sin(np.add.outer(replications * 12.9898 + arm * 78.233, np.arange(len(QUARTERS)) * 3.1)))
        series = np.stack([dice, np.floor(dice * 9), np.exp(14 * dice)], axis=2)
        return FakeBlock(block.outcomes, series.astype(np.float32))


def campaign(folder: Path, model: FakeModel, shard_runs: int | None = None, **changes: object) -> Campaign:
    engine = {"name": "threads", "threads": 2, "shard_runs": shard_runs}
    return Campaign.of(fake_config(folder, engine=engine, **changes), model, FakeWatcher())


def finished(asked: Campaign) -> Path:
    """Run a campaign to its quantiles; return its folder."""
    with asked.opened() as run:
        shards = run.run()
        assert run.window is not None
        bands.make_quantiles(run.folder, run.plan, shards, run.window, run.layout is not None)
    return run.folder


def table(folder: Path) -> pd.DataFrame:
    found = Result(folder, {}).quantiles
    assert found is not None
    return found


def of_runs(model: FakeModel, arms: list[int], runs: int) -> np.ndarray:
    """Return the series of all runs of some arms, float64, shape (runs, quarters, columns)."""
    blocks = [model.simulate(arm, np.arange(runs)).trajectories for arm in arms]
    return np.concatenate(blocks).astype(np.float64)


def test_quantiles_are_within_their_error_of_those_of_all_runs(tmp_path: Path) -> None:
    model = Banded()
    found = table(finished(campaign(tmp_path, model)))
    assert len(found) == 3 * len(COLUMNS) * len(QUARTERS)
    assert not found["is_exact"].any()
    for arm, (scenario, history) in enumerate(model.arms):
        rows = found[(found["scenario"] == scenario) & (found["history"] == history)]
        true = np.quantile(of_runs(model, [arm], 250), quantiles.LEVELS, axis=0)
        for i, column in enumerate(COLUMNS):
            of = rows[rows["column"] == column]
            assert list(of["quarter"]) == list(QUARTERS)
            assert (of["n"] == 250).all()
            gaps = np.abs(of[list(NAMES)].to_numpy() - true[:, :, i].T)
            assert (gaps.max(axis=1) <= of["error"] + 1e-12 * np.abs(true[:, :, i]).max(axis=0)).all()
    largest = found.groupby("column", observed=True)["error"].max()
    assert 0 < largest["states[KAZ].dependence[CHN]"] <= 0.001
    assert largest["measures.cum_gifts"] == 0


@pytest.mark.parametrize("shard_runs", [7, 60, 1000])
def test_quantiles_are_the_same_bytes_however_runs_are_cut(tmp_path: Path, shard_runs: int) -> None:
    whole = finished(campaign(tmp_path / "whole", Banded()))
    cut = finished(campaign(tmp_path / "cut", Banded(), shard_runs))
    assert sha256_of(whole / QUANTILES) == sha256_of(cut / QUANTILES)


def test_a_grown_campaign_and_a_resumed_one_have_the_bands_of_a_whole_one(tmp_path: Path) -> None:
    whole = finished(campaign(tmp_path / "whole", Banded()))
    finished(campaign(tmp_path / "grown", Banded(), runs=40))
    grown = finished(campaign(tmp_path / "grown", Banded()))
    stopped = campaign(tmp_path / "resumed", Banded(fail_at=120))
    with pytest.raises(KeyboardInterrupt):
        stopped.run()
    resumed = finished(campaign(tmp_path / "resumed", Banded()))
    assert len({sha256_of(folder / QUANTILES) for folder in (whole, grown, resumed)}) == 1


def test_shards_made_apart_give_the_bands_of_one_campaign(tmp_path: Path) -> None:
    whole = campaign(tmp_path / "whole", Banded(), shard_runs=50)
    folder = finished(whole)
    apart = tmp_path / "apart"
    for i, (name, path) in enumerate((p.name, p) for p in sorted((folder / "bands").iterdir())):
        (apart / str(i % 2)).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, apart / str(i % 2) / name)
    joined = tmp_path / "joined"
    for half in ("1", "0"):
        shutil.copytree(apart / half, joined / "bands", dirs_exist_ok=True)
    shards = whole.plan.missing([], 50)
    assert whole.window is not None
    bands.make_quantiles(joined, whole.plan, shards[::-1], whole.window, has_trajectories=False)
    assert sha256_of(joined / QUANTILES) == sha256_of(folder / QUANTILES)


@pytest.mark.parametrize("runs", [30, 250])
def test_where_trajectories_are_stored_bands_are_of_these_and_exact(tmp_path: Path, runs: int) -> None:
    model = Banded()
    folder = finished(campaign(tmp_path, model, trajectories=True, runs=runs))
    found = table(folder)
    assert not (folder / "bands").exists()
    assert found["is_exact"].all()
    assert (found["error"] == 0).all()
    rows = found[(found["scenario"] == "outage") & (found["column"] == COLUMNS[2])]
    true = np.quantile(of_runs(model, [1], runs)[:, :, 2], quantiles.LEVELS, axis=0)
    assert np.array_equal(rows[list(NAMES)].to_numpy(), true.T)


def test_all_points_of_a_design_make_one_band_and_pairs_none(tmp_path: Path) -> None:
    model = Banded(points=30, is_paired=True)
    folder = finished(campaign(tmp_path, model, runs=3))
    found = table(folder)
    assert set(found["point"]) == {"default", DESIGN_POINT}
    assert PAIRED_POINT not in set(found["point"])
    rows = found[(found["point"] == DESIGN_POINT) & (found["scenario"] == "outage") & (found["column"] == COLUMNS[0])]
    assert (rows["n"] == 90).all()
    arms = [i for i, arm in enumerate(model.planned) if arm.is_sampled and arm.scenario == "outage"]
    true = np.quantile(of_runs(model, arms, 3)[:, :, 0], 0.5, axis=0)
    assert np.abs(rows["p50"].to_numpy() - true).max() <= rows["error"].max() <= 0.001


def test_a_damaged_file_of_counts_is_run_again_and_a_stray_one_removed(tmp_path: Path) -> None:
    asked = campaign(tmp_path, Banded())
    folder = finished(asked)
    before = sha256_of(folder / QUANTILES)
    shard = asked.plan.missing([])[1]
    (folder / bands_name(shard.name)).write_bytes(b"noise")
    stray = folder / bands_name(replace(shard, first=900_000).name)
    stray.write_bytes(b"of nobody")
    (folder / MANIFEST).unlink(missing_ok=True)
    model = Banded()
    again = finished(campaign(tmp_path, model))
    assert model.n_simulated == shard.n_runs
    assert not stray.exists()
    assert sha256_of(again / QUANTILES) == before


def test_a_window_of_many_columns_is_added_up_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(finished(campaign(tmp_path / "whole", Banded())))
    monkeypatch.setattr(quantiles, "SLICE", 1)
    monkeypatch.setattr(quantiles, "CELLS", 2 * len(QUARTERS))
    monkeypatch.setattr(quantiles, "SORTED", 1)
    monkeypatch.setattr(bands, "AT_ONCE", 1)
    cut = table(finished(campaign(tmp_path / "cut", Banded())))
    pd.testing.assert_frame_equal(cut, whole)
    stored = finished(campaign(tmp_path / "stored", Banded(), trajectories=True))
    assert table(stored)["is_exact"].all()


def test_a_group_is_counted_in_stretches_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = finished(campaign(tmp_path / "whole", Banded(), shard_runs=1000))
    monkeypatch.setattr(bands, "HELD", 3)
    stretches = finished(campaign(tmp_path / "stretches", Banded(), shard_runs=1000))
    assert sha256_of(stretches / QUANTILES) == sha256_of(whole / QUANTILES)


def test_counts_of_something_else_are_refused(tmp_path: Path) -> None:
    window = Window(("a",), ("2000Q1", "2000Q2"))
    wide = Counts(np.array([1, 1]), np.array([3, N_BINS], np.uint16), np.ones(2, np.uint32))
    group = ("default", "baseline", "free")
    write_counts(tmp_path / "counts.parquet", window, {group: wide})
    path = tmp_path / "counts.parquet"
    assert groups_in(path, window) == {group: 0}
    with pytest.raises(InputError, match=r"counts\.parquet: holds counts of something else"):
        list(add_up({path: 0}, window))
    with pytest.raises(InputError, match="something else"):
        list(add_up({path: 0}, Window(("a",), ("2000Q1",))))


def test_missing_values_are_left_out_of_exact_bands() -> None:
    series = np.array([[[1.0]], [[np.nan]], [[3.0]]], np.float32)
    found = quantiles.exact(series, quantiles.Window(("measures.members",), ("1991Q1",)))
    assert found.n.tolist() == [2]
    assert found.values[0, 2] == 2.0


def test_the_size_of_trajectories_is_told_before_they_are_made(tmp_path: Path) -> None:
    asked = campaign(tmp_path, Banded(is_paired=True), trajectories=True)
    asked.run()
    assert asked.watcher.lines[0] == (  # type: ignore[attr-defined]
        "Trajectories: 750 runs × 4 quarters × 3 columns, at most 36.0 kB before compression."
    )
    more = campaign(tmp_path, Banded(is_paired=True), trajectories=True, runs=300)
    more.run()
    assert not [line for line in more.watcher.lines if line.startswith("Trajectories")]  # type: ignore[attr-defined]


def test_a_shard_is_named_by_its_place_and_so_are_its_counts() -> None:
    assert bands_name(Shard(3, 1, 100, 50).name) == "bands/part-000003x1-0000100x50.parquet"
