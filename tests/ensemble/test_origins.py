"""What made runs stands in their receipts, and is told wherever runs of other environments are there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from sim.ensemble import shards
from sim.ensemble.asked import read_asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.engines.worker import origin
from sim.ensemble.merge import campaign_of, join
from sim.ensemble.origins import caveat, counted, rows
from sim.ensemble.receipts import Receipt, read_receipts
from sim.results.manifest import machine, made_by
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config

OLDER = {**made_by(), "numba": "0.1"}
ABACUS = {**made_by(), "cpu_class": "abacus"}


def campaign(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    return Campaign.of(fake_config(folder, **{"runs": 40, **changes}), model or FakeModel(), FakeWatcher())


def run(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    with campaign(folder, model, **changes).opened() as opened:
        opened.run()
    return opened


def said(campaign: Campaign) -> list[str]:
    return [line for line in campaign.watcher.lines if "in the last bit" in line]  # type: ignore[attr-defined]


def at(monkeypatch: pytest.MonkeyPatch, origin: Mapping[str, str]) -> None:
    """Let runs be made in another environment from now on."""
    monkeypatch.setattr(shards, "made_by", lambda: origin)


def receipts(folder: Path) -> list[Receipt]:
    return list(read_receipts(folder)[0].values())


def test_a_receipt_names_class_of_cpu_and_versions(tmp_path: Path) -> None:
    (found,) = {json.dumps(receipt.made_by) for receipt in receipts(run(tmp_path).folder)}
    assert json.loads(found) == made_by()
    assert list(made_by()) == ["cpu_class", "python", "numpy", "numba", "llvmlite"]
    assert made_by()["cpu_class"] == machine()["cpu_class"]
    assert dict(origin()).items() >= {name: made_by()[name] for name in ("python", "numba")}.items()
    assert "cpu_class" not in dict(origin())


def test_a_sweep_that_goes_on_in_another_environment_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = {"name": "threads", "threads": 1, "shard_runs": 10}
    at(monkeypatch, OLDER)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, FakeModel(fail_at=20), engine=engine)
    monkeypatch.undo()
    before = sum(receipt.shard.n_runs for receipt in receipts(campaign(tmp_path).folder))
    assert 0 < before < 120
    whole = run(tmp_path, engine=engine)
    numba = made_by()["numba"]
    (line,) = said(whole)
    assert line.startswith(f"{before} runs were made with numba 0.1, here it is with numba {numba}:")
    assert line in (whole.folder / "run.log").read_text()
    counts = counted(receipts(whole.folder))
    assert rows(counts) == sorted(
        ({**OLDER, "runs": before}, {**made_by(), "runs": 120 - before}), key=lambda row: -int(row["runs"])
    )
    (told,) = caveat(counts)
    assert told.startswith("The runs were made in 2 environments, whose values may differ in the last bit: ")
    assert f"{before} with numba 0.1" in told
    assert f"{120 - before} with numba {numba}" in told


def test_what_is_alike_is_not_told(tmp_path: Path) -> None:
    run(tmp_path, runs=20)
    whole = run(tmp_path)
    assert not said(whole)
    counts = counted(receipts(whole.folder))
    assert (len(rows(counts)), caveat(counts)) == (1, [])


@pytest.mark.parametrize("brought", [2, 3])
def test_shares_of_other_environments_keep_their_origin_and_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brought: int
) -> None:
    """Also where a share is still missing."""
    folders = []
    for number, where in enumerate((OLDER, ABACUS, made_by()), start=1):
        at(monkeypatch, where)
        folders.append(run(tmp_path / str(number), shard=f"{number}/3").folder)
    folders = folders[:brought]
    asked = [read_asked(folder) for folder in folders]
    with campaign_of(
        asked, fake_config("x", runs=1), FakeModel(), tmp_path / "joined", FakeWatcher()
    ).opened() as whole:
        join(whole, folders)
    (line,) = said(whole)
    assert line.startswith(f"The runs were made in {brought} environments, whose values may differ in the last bit: ")
    assert "with numba 0.1 on a CPU" in line
    assert "on a CPU of class abacus" in line
    assert counted(receipts(whole.folder)) == sum((counted(receipts(folder)) for folder in folders), counted([]))
