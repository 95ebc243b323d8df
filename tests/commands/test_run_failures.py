"""`steppe run` when a run fails: told in every place, with results and report of all others, and status 1."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.cli import main
from sim.commands import merge, run
from sim.configuration import compose
from sim.ensemble.asked import read_asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.checks import read_inputs
from sim.ensemble.finalise import digest_of_asked
from sim.ensemble.plan import Plan
from sim.ensemble.prepare import Prepared, prepare
from sim.ensemble.series import record_series
from sim.errors import AllFailed, Halted
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


def fail_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(self: Prepared, arm: int, replications: np.ndarray) -> Any:
        raise FloatingPointError("a share above one")

    monkeypatch.setattr(Prepared, "simulate", simulate)
    monkeypatch.setattr(Prepared, "warm", lambda self: None)


@pytest.mark.parametrize("more", [(), ("precision.dependence_china.KAZ=0.5",), ("shard=1/1",)])
def test_where_all_runs_fail_there_is_one_message_and_nothing_else_until_they_are_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    fail_all(monkeypatch)
    keys = ("end=1992Q4", "experiment=cooperation", "scenario=baseline", "runs=4", "report=false", *more)
    command = ["run", *keys, f"results_dir={tmp_path}"]
    assert main(command) == 1
    out, said = capsys.readouterr()
    (folder,) = (tmp_path / "cooperation").iterdir()
    last = said.splitlines()[-1]
    n = len(Plan.uniform(read_asked(folder).plan.arms, 4, 1).arms) * 4
    assert last.startswith(f"steppe: All {n} runs failed, so there is no result. The first: raised, FloatingPointError")
    assert f"a share above one; alone: steppe rerun {folder} 0. " in last
    assert "retry=true" in last
    assert out == ""
    assert len(list((folder / "receipts").iterdir())) >= 1
    assert not (folder / "manifest.json").exists()
    assert main(["status", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["state"] == "failed"
    assert main([*command, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["error"]) == (1, last.removeprefix("steppe: "))
    monkeypatch.undo()
    assert main([*command, "retry=true"]) == 0
    assert "failed" not in capsys.readouterr().out


def test_the_answer_ends_with_what_failed() -> None:
    row = {"kind": "raised", "error": "FloatingPointError: a share above one", "rerun": "steppe rerun here 7"}
    answer = {"results": "here", "report": None, "digest": "d", "runs": 4, "runs_held": 4, "precision": None}
    assert run._lines({**answer, "failed": 0, "failures": []})[-1].startswith("digest")
    told = "failed   2 of 4 runs; retry=true tries again. The first: raised, FloatingPointError: a share above one; "
    assert run._lines({**answer, "failed": 2, "failures": [row, row]})[-1] == f"{told}alone: steppe rerun here 7"
    share = {"results": "x.share-1-of-2", "shard": "1/2", "runs": 4, "failed": 2, "failures": [row, row]}
    assert run._lines(share)[-1] == f"{told}alone: steppe rerun here 7"
    assert merge._lines({**answer, "failed": 2, "failures": [row, row]})[-1] == f"{told}alone: steppe rerun here 7"


def test_a_smaller_question_of_which_all_runs_failed_has_no_digest(tmp_path: Path) -> None:
    model = FakeModel(fail_at=0, error=FloatingPointError())
    campaign: Any = Campaign.of(fake_config(tmp_path, runs=20), model, FakeWatcher())
    with campaign.opened() as opened:
        shards = opened.run()
    one = Plan((campaign.plan.arms[0],), (1,), 1)
    with pytest.raises(AllFailed, match=r"^The only run failed.*rerun .* 0\. "):
        digest_of_asked(campaign, one, shards)
    assert digest_of_asked(campaign, Plan((campaign.plan.arms[0],), (2,), 1), shards)


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


def test_a_sweep_that_its_disk_halts_ends_with_the_status_of_what_can_be_resumed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def halt(*_: object, **__: object) -> None:
        raise Halted("the disk is full.")

    monkeypatch.setattr(run, "run_campaign", halt)
    assert main(["run", "runs=1", "--json"]) == 3
    assert json.loads(capsys.readouterr().out) == {"error": "the disk is full.", "status": 3}
    assert main(["run", "-m", "runs=1,2", "--json"]) == 3
    assert [job["status"] for job in json.loads(capsys.readouterr().out)["jobs"]] == [3, 3]
