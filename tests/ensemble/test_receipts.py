"""The digest from receipts is that from the tables, whatever failed and whatever was asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.ensemble import finalise
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.receipts import Receipt, read_receipts, rows_of
from sim.results.digest import digest_of, digest_of_rows
from sim.results.outcomes import read_parts
from sim.results.schema import MOST_RUNS, part_name, receipt_name
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config
from tests.faults.model import FaultModel, campaign_of

FAILED = (3, 17, MOST_RUNS + 40, 2 * MOST_RUNS)


def both(folder: Path, shards: list[Shard], asked: Plan, names: tuple[str, ...]) -> tuple[str, str]:
    """Return the digest from receipts and that from tables."""
    receipts = [Receipt.read(folder / receipt_name(shard.name)) for shard in shards]
    tables = read_parts(folder, [part_name(shard.name) for shard in shards])
    limits = np.array([*asked.replications, 0, 0, 0])
    kept = (t.filter(pa.array(replications_in(t) < limits[arms_in(t)])) for t in tables)
    return digest_of_rows(rows for receipt in receipts for rows in rows_of(receipt, asked, names)), digest_of(kept)


def replications_in(table: pa.Table) -> np.ndarray:
    return table.column("replication").to_numpy()


def arms_in(table: pa.Table) -> np.ndarray:
    return table.column("run").to_numpy() // MOST_RUNS


@pytest.mark.parametrize("shard_runs", [7, 15, 60, 300])
def test_receipts_and_tables_have_one_digest(tmp_path: Path, shard_runs: int) -> None:
    model = FaultModel(raises=FAILED)
    run = campaign_of(tmp_path, model, engine={"name": "threads", "threads": 2, "shard_runs": shard_runs})
    shards, arms = run.run(), run.plan.arms
    found = [
        both(run.folder, shards, asked, model.outcome_names)
        for asked in (run.plan, Plan(arms, (60, 12, 41), 1), Plan(arms[:2], (60, 60), 1), Plan(arms, (1, 0, 59), 1))
    ]
    assert all(one == other for one, other in found)
    assert len({one for one, _ in found}) == 4


def test_an_arm_of_which_no_run_came_off_is_stored_and_stays_so(tmp_path: Path) -> None:
    """Its trajectories are empty, and a chunk of them is there all the same."""
    model = FaultModel(raises=tuple(range(60)), columns=("states[KAZ].local_capacity",))
    run = campaign_of(tmp_path, model, trajectories=True)
    shards = run.run()
    again = campaign_of(tmp_path, model, trajectories=True)
    assert again.run() == shards
    assert again.watcher.lines == ["All 180 runs are there already."]  # type: ignore[attr-defined]


def test_receipts_are_kept_without_the_hashes_of_their_rows_where_these_are_not_wanted(tmp_path: Path) -> None:
    """They are as many as there are runs."""
    campaign = Campaign.of(fake_config(tmp_path, runs=20), FakeModel(), FakeWatcher())
    campaign.run()
    whole, bare = (read_receipts(campaign.folder, with_hashes=on)[0] for on in (True, False))
    assert sum(len(receipt.outcome_hashes) for receipt in whole.values()) == 60 * 64
    assert {path: replace(receipt, outcome_hashes="") for path, receipt in whole.items()} == bare


def test_the_digest_over_receipts_is_that_of_the_rows(tmp_path: Path) -> None:
    campaign = Campaign.of(fake_config(tmp_path, runs=20), FakeModel(), FakeWatcher())
    shards = campaign.run()
    receipts, digest = finalise._read(campaign, campaign.plan, shards)
    assert digest == digest_of(read_parts(campaign.folder, [part_name(shard.name) for shard in shards]))
    assert not any(receipt.outcome_hashes for receipt in receipts)
