"""Runs that failed are told with commands that can be pasted as they are."""

from __future__ import annotations

import shlex
from pathlib import Path

from sim.commands.run import _lines
from sim.commands.verified import _rerun
from sim.ensemble.failures import listed
from sim.ensemble.plan import Plan
from sim.ensemble.receipts import Failure
from tests.ensemble.fakes import FakeModel


def test_commands_that_name_a_folder_with_a_blank_are_quoted(tmp_path: Path) -> None:
    folder = tmp_path / "my results"
    plan = Plan.uniform(FakeModel().planned, 20, 1)
    row = listed([Failure(7, "raised", "nothing")], plan, folder)[0]
    assert shlex.split(row["rerun"]) == ["steppe", "rerun", str(folder), "7"]
    assert shlex.split(_rerun({"results": str(folder), "first_run": 7})) == ["steppe", "rerun", str(folder), "7"]
    share = {"results": f"{folder}/abc.share-1-of-2", "shard": "1/2", "failed": 0, "failures": [], "runs": 3}
    join = _lines(share)[1].removeprefix("join").strip()
    assert join == f"steppe merge '{folder}/abc'.share-*", "the star stays one that the shell reads"
