"""What joining tells of missing shares, and in which order files become durable."""

from __future__ import annotations

import errno
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sim.commands import merge as command
from sim.ensemble import merge
from sim.ensemble.asked import read_asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.merge import campaign_of, check_alike, join
from sim.ensemble.plan import PlannedArm
from sim.errors import Halted
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config


@dataclass
class Sampling(FakeModel):
    n: int = 4

    @property
    def planned(self) -> tuple[PlannedArm, ...]:
        points = (PlannedArm(f"p{i:07d}", "baseline", "replay", f"{i}", False, True) for i in range(self.n))
        return (PlannedArm("default", "baseline", "replay", "f", False), *points)

    @property
    def sampled(self) -> dict[str, object]:
        return {"method": "sobol", "seed": 0, "factors": ["x"], "n": self.n, "points": self.n}


def share(folder: Path, number: int, n: int) -> Path:
    keys = ("design=sobol", f"design.n={n}", "design.over=[x]", "runs=60", f"shard={number}/3")
    design = {"method": "sobol", "n": n, "over": {"x": "all"}}
    config = fake_config(folder / str(number), runs=60, shard=f"{number}/3", design=design)
    with Campaign.of(config, Sampling(n=n), FakeWatcher(), keys).opened() as opened:
        opened.run()
    return opened.folder


def test_commands_for_missing_shares_are_those_of_the_largest_folder_where_each_share_stands(tmp_path: Path) -> None:
    folders = [share(tmp_path, 1, 4), share(tmp_path, 2, 8)]
    asked = [read_asked(folder) for folder in folders]
    check_alike(asked)
    design = {"method": "sobol", "n": 8, "over": {"x": "all"}}
    whole = campaign_of(asked, fake_config("x", runs=1, design=design), Sampling(n=8), tmp_path / "j", FakeWatcher())
    with whole.opened() as campaign:
        joined = join(campaign, folders)
        missing = sum(shard.n_runs for shard in campaign.plan.missing(joined.kept))
        answer = command._told_missing(campaign, asked, joined, missing)
    rows = {row["share"]: row for row in answer["shares"]}
    assert set(rows) == {"1/3", "3/3"}
    assert sum(row["missing"] for row in rows.values()) == missing
    for name, place in (("1/3", "1"), ("3/3", "1")):
        typed = shlex.split(rows[name]["command"])
        assert "design.n=8" in typed
        assert f"results_dir={tmp_path / place}" in typed
    assert "design.n=8" in answer["command"]


@pytest.mark.parametrize("has_links", [True, False])
def test_data_are_durable_before_receipts_and_links_are_not_waited_for_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    source = Campaign.of(fake_config(tmp_path / "a", runs=400), FakeModel(), FakeWatcher())
    with source.opened() as opened:
        shards = opened.run()
    monkeypatch.setattr(merge, "AT_ONCE", 4)
    n_batches = -(-len(shards) // 4)
    assert n_batches > 1
    real_sync, real_replace, real_link, events = os.fsync, os.replace, os.link, []

    def named(handle: int) -> str:
        return os.readlink(f"/proc/self/fd/{handle}")

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    def replaced(one: Any, other: Any) -> None:
        real_replace(one, other)
        events.append(("named", str(other)))

    monkeypatch.setattr(os, "fsync", lambda handle: (real_sync(handle), events.append(("synced", named(handle)))))
    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "link", real_link if has_links else refused)
    whole = campaign_of([read_asked(opened.folder)], source.config, FakeModel(), tmp_path / "b", FakeWatcher())
    with whole.opened() as campaign:
        events.clear()
        assert join(campaign, [opened.folder]).brought == 1200
    folder = str(campaign.folder / "outcomes")
    waiting: set[str] = set()
    for kind, name in events:
        if kind == "named" and name.startswith(folder):
            waiting.add(name)
        elif (kind, name) == ("synced", folder):
            waiting.clear()
        elif kind == "named" and "/receipts/" in name:
            assert not waiting, "a receipt vouches for names that are not durable"
    n_syncs = sum(kind == "synced" and (".part" in name or name == folder) for kind, name in events)
    about = 3  # configuration, plan and design
    assert n_syncs <= n_batches + about if has_links else n_syncs >= 2 * len(shards)


def run(folder: Path, model: FakeModel | None = None, **changes: object) -> Path:
    with Campaign.of(fake_config(folder, **changes), model or FakeModel(), FakeWatcher()).opened() as opened:
        opened.run()
    return opened.folder


def joined(folders: list[Path], target: Path) -> tuple[Campaign, merge.Joined]:
    whole = campaign_of([read_asked(one) for one in folders], fake_config("x"), FakeModel(), target, FakeWatcher())
    with whole.opened() as campaign:
        return campaign, join(campaign, folders)


@pytest.mark.parametrize(("shard_runs", "after"), [(50, 0), (40, 0), (40, 3)])
def test_nothing_gives_way_before_all_that_comes_instead_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shard_runs: int, after: int
) -> None:
    """The disk gets full while sound shards, of the same name or cut otherwise, come for those with a failure."""

    def sizes(shard_runs: int) -> dict[str, Any]:
        return {"name": "threads", "threads": 1, "shard_runs": shard_runs}

    failing = FakeModel(fail_at=5, error=ValueError("no"))
    broken = run(tmp_path / "broken", failing, engine=sizes(50), runs=200)
    sound = run(tmp_path / "sound", engine=sizes(shard_runs), runs=200)
    campaign, _ = joined([broken], tmp_path / "j")

    def held() -> dict[str, bytes]:
        kinds = (campaign.folder / "receipts", campaign.folder / "outcomes")
        return {path.name: path.read_bytes() for kind in kinds for path in kind.iterdir()}

    real, before, copied = merge._copy, held(), []

    def full(source: Path, target: Path, is_fixed: bool) -> None:
        if len(copied) == after:
            raise OSError(errno.ENOSPC, "No space left on device")
        copied.append(source)
        real(source, target, is_fixed)

    monkeypatch.setattr(merge, "_copy", full)
    with pytest.raises(Halted, match="the disk is full"):
        joined([sound], tmp_path / "j")
    assert held() == before
    monkeypatch.undo()
    campaign, found = joined([sound], tmp_path / "j")
    assert found.brought == (50 if shard_runs == 50 else 200)
    assert found.sources == {sound: found.brought}
    assert not any(b"raised" in content for content in held().values())
    whole = campaign.surveyed().done
    assert campaign.missing(whole) == []
    assert {f"{shard.name}.json" for shard in whole} == {name[6:] for name in held() if name.startswith("shard-")}


def test_it_is_said_how_many_runs_came_from_which_folder_and_only_of_those(tmp_path: Path) -> None:
    folders = [run(tmp_path, shard=f"{number}/3", runs=40) for number in (1, 2, 3)]
    joined(folders[:2], tmp_path / "j")
    campaign, found = joined(folders, tmp_path / "j")
    lines = campaign.watcher.lines  # type: ignore[attr-defined]
    assert lines == [f"{found.brought} runs are joined from {folders[2]}."]
    assert lines[0] in (campaign.folder / "run.log").read_text()
    assert command._told_sources(found) == [{"folder": str(folders[2]), "runs": found.brought}]


def test_where_other_shards_stand_in_the_way_the_runs_are_to_be_run_in_the_joined_folder(tmp_path: Path) -> None:
    """To run the share again, of which some runs found no place, would bring none of them."""
    folders = [run(tmp_path / "part", runs=70), run(tmp_path, shard="1/2", runs=130)]
    campaign, found = joined(folders, tmp_path / "j")
    missing = campaign.plan.missing(found.kept)
    answer = command._told_missing(
        campaign, [read_asked(one) for one in folders], found, sum(s.n_runs for s in missing)
    )
    assert answer["missing"] == 390 - found.brought > 0
    assert answer["shares"] == []
    assert command._lines(answer)[-1].startswith("Run them here: steppe run ")
    model = FakeModel()
    run(tmp_path / "j", model, runs=130)
    assert model.n_simulated == answer["missing"]
