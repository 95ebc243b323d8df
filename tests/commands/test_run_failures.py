"""`steppe run` when a run fails: told in every place, with results and report of all others, and status 1."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.cli import main
from sim.commands import run
from sim.configuration import compose
from sim.ensemble.campaign import Campaign
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import Prepared, prepare
from sim.ensemble.series import record_series
from sim.numerics.ledger import ENTRY
from sim.results.ledger import Traced
from sim.results.schema import LEDGER, LOG, MOST_RUNS
from sim.results.store import open_result
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

RUN = MOST_RUNS + 3
KEYS = ("experiment=cooperation", "scenario=[baseline,vendor_outage]", "runs=12", "--json")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let replication 3 of the second arm raise."""
    real = Prepared.simulate

    def simulate(self: Prepared, arm: int, replications: np.ndarray) -> Any:
        if arm == 1 and 3 in replications:
            raise FloatingPointError("a share above one")
        return real(self, arm, replications)

    monkeypatch.setattr(Prepared, "simulate", simulate)


@pytest.mark.usefixtures("failing")
def test_a_run_that_fails_is_told_and_all_others_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["run", *KEYS, f"results_dir={tmp_path / 'a'}"]
    assert main(command) == 1
    out, said = capsys.readouterr()
    answer = json.loads(out)
    result = open_result(answer["results"])
    rerun = f"steppe rerun {answer['results']} {RUN}"
    assert answer["failed"] == result.manifest["counts"]["failed"] == 1
    assert answer["failures"] == result.manifest["failures"]
    assert answer["failures"][0]["error"] == "FloatingPointError: a share above one"
    assert answer["failures"][0]["rerun"] == rerun
    assert rerun in said
    assert rerun in (result.path / LOG).read_text("utf-8")
    assert any(caveat.startswith(f"1 of {answer['runs']} runs failed and is missing") for caveat in answer["caveats"])
    assert Path(answer["report"]).is_file()
    assert len(result.outcomes) == answer["runs"] - 1
    assert RUN not in set(result.outcomes["run"])
    assert result.trajectories is not None
    assert set(result.trajectories["run"].values) == set(result.outcomes["run"])
    monkeypatch.undo()
    assert main([*command, "report=false"]) == 1
    capsys.readouterr()
    assert main([*command, "report=false", "retry=true"]) == 0
    mended = json.loads(capsys.readouterr().out)
    assert main(["run", *KEYS, f"results_dir={tmp_path / 'b'}", "report=false"]) == 0
    assert mended["digest"] == json.loads(capsys.readouterr().out)["digest"] != answer["digest"]
    assert mended["failed"] == 0


def test_a_share_tells_of_its_failed_runs(tmp_path: Path) -> None:
    error = FloatingPointError("a share above one")
    campaign: Any = Campaign.of(
        fake_config(tmp_path, runs=20, shard="1/1"), FakeModel(fail_at=3, error=error), FakeWatcher()
    )
    with campaign.opened() as opened:
        opened.run()
        answer = run._told_share(opened)
    assert (answer["failed"], answer["status"]) == (1, 1)
    (row,) = answer["failures"]
    assert (row["replication"], row["error"]) == (3, "FloatingPointError: a share above one")
    assert any(row["rerun"] in line for line in campaign.watcher.lines)


def test_an_arm_whose_traced_run_fails_is_named_and_left_out_of_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    def trace(self: Prepared, arm: int, replication: int) -> Traced:
        if arm in failing:
            raise FloatingPointError("a share above one")
        return Traced("vendor_outage", "replay", replication, np.zeros(1, ENTRY))

    monkeypatch.setattr(Prepared, "trace", trace)
    config = compose(["experiment=cooperation", "scenario=[baseline,vendor_outage]"])
    prepared = prepare(config, read_inputs(config))
    told = (
        "The ledger has no lines of {}, replay, whose first replication failed: FloatingPointError: a share above one."
    )
    failing = {0}
    assert prepared.write_ledger(tmp_path) == [told.format("baseline")]
    one = pq.read_table(tmp_path / LEDGER)
    assert one.column("scenario").to_pylist() == ["vendor_outage"]
    failing = {0, 1}
    assert prepared.write_ledger(tmp_path) == [told.format("baseline"), told.format("vendor_outage")]
    none = pq.read_table(tmp_path / LEDGER)
    assert (none.num_rows, none.schema) == (0, one.schema)


def test_series_made_anew_leave_out_the_runs_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(self: Prepared, arm: int, replications: np.ndarray) -> Any:
        if arm == 1 and 3 in replications:
            raise FloatingPointError("a share above one")
        shape = (len(replications), len(self.quarters), len(self.columns))
        return SimpleNamespace(trajectories=np.broadcast_to(replications[:, None, None], shape))

    monkeypatch.setattr(Prepared, "simulate", simulate)
    config = compose(["experiment=cooperation", "scenario=[baseline,vendor_outage]"])
    series = record_series(prepare(config, read_inputs(config)), ["states[KAZ].dependence[CHN]"], 6)
    assert series["scenario"].values.tolist() == ["baseline"] * 6 + ["vendor_outage"] * 5
    assert series["replication"].values.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 4, 5]
    np.testing.assert_array_equal(series.values[:, 0, 0], series["replication"].values)
