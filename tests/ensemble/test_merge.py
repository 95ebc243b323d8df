"""Folders of one campaign are joined into what one undisturbed run would have made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.commands import merge as command
from sim.ensemble import merge
from sim.ensemble.asked import read_asked
from sim.ensemble.bands import make_quantiles
from sim.ensemble.campaign import Campaign
from sim.ensemble.merge import Joined, campaign_of, check_alike, join, missing_shares
from sim.ensemble.plan import Shard
from sim.ensemble.receipts import Receipt
from sim.ensemble.shares import Share
from sim.errors import InputError
from sim.results.digest import digest_of
from sim.results.files import sha256_of
from sim.results.manifest import seal
from sim.results.outcomes import read_parts
from sim.results.schema import LAYOUT, QUANTILES, part_name
from sim.results.store import open_result
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config, sign_again

COLUMNS = ("states[KAZ].dependence[CHN]", "states[KAZ].local_capacity")
PAIRED: dict[str, Any] = {"is_paired": True, "columns": COLUMNS}


def run(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    """Run a campaign, or a share of it, and return it."""
    model = model or FakeModel(**PAIRED)
    campaign = Campaign.of(
        fake_config(folder, **{"runs": 130, "trajectories": True, **changes}),
        model,
        FakeWatcher(),
        ("experiment=fake",),
    )
    with campaign.opened() as opened:
        opened.run()
    return opened


def shares(folder: Path, of: int, model: FakeModel | None = None, **changes: object) -> list[Path]:
    return [run(folder, model, shard=f"{number}/{of}", **changes).folder for number in range(1, of + 1)]


def merged(
    folders: Sequence[Path], target: Path, model: FakeModel | None = None, has_trajectories: bool = True
) -> tuple[Campaign, Joined]:
    asked = [read_asked(folder) for folder in folders]
    check_alike(asked)
    config = fake_config("elsewhere", runs=1, trajectories=has_trajectories)
    whole = campaign_of(asked, config, model or FakeModel(**PAIRED), target, FakeWatcher())
    with whole.opened() as campaign:
        return campaign, join(campaign, folders)


def digest(campaign: Campaign, shards: Sequence[Shard]) -> str:
    return digest_of(read_parts(campaign.folder, [part_name(shard.name) for shard in shards]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """The campaign run at once, undisturbed."""
    return run(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def whole_digest(whole: Campaign) -> str:
    return digest(whole, whole.run())


def test_the_digest_of_joined_shares_is_that_of_one_undisturbed_run(
    tmp_path: Path, whole: Campaign, whole_digest: str
) -> None:
    """Shares with trajectories and pairs, each made with other shards, two of them in two goes."""
    sizes = {1: 30, 2: 100, 3: None, 4: 60}
    folders = []
    for number, shard_runs in sizes.items():
        engine = {"name": "threads", "threads": 2, "shard_runs": shard_runs}
        if number % 2:
            run(tmp_path / str(number), shard=f"{number}/4", engine=engine, runs=40)
        folders.append(run(tmp_path / str(number), shard=f"{number}/4", engine=engine).folder)
    campaign, joined = merged(folders, tmp_path / "joined")
    assert joined.brought == campaign.plan.n_runs == 780
    assert not joined.lost
    idle = FakeModel(**PAIRED)
    again = Campaign(campaign.config, idle, campaign.plan, campaign.folder, FakeWatcher())
    found = again.run()
    assert idle.n_simulated == 0
    assert digest(again, found) == whole_digest
    assert campaign.folder == tmp_path / "joined" / "fake" / folders[0].name.partition(".")[0]
    assert campaign.folder.name == whole.folder.name


def test_trajectories_get_slots_of_their_own_and_stay_with_their_runs(tmp_path: Path) -> None:
    campaign, _ = merged(shares(tmp_path, 3), tmp_path / "joined")
    parts = [part_name(shard.name) for shard in campaign.run()]
    counts = {"layout": LAYOUT, "counts": {"replications": 130}, "parts": parts, "trajectories": list(COLUMNS)}
    seal(campaign.folder, counts)
    found = open_result(campaign.folder)
    series = found.trajectories
    assert series is not None
    assert series.shape == (390, 3, 2)
    value = found.outcomes[found.outcomes["point"] == "default"]["dependence.KAZ"].to_numpy()
    np.testing.assert_array_equal(series.values[:, 0, 0], value.astype(np.float32))


def test_bands_of_joined_shares_are_those_of_one_run(tmp_path: Path) -> None:
    """Shares that store no trajectories hand over counts, which add up."""

    def quantiles(campaign: Campaign) -> str:
        assert campaign.window is not None
        make_quantiles(campaign.folder, campaign.plan, campaign.run(), campaign.window, has_trajectories=False)
        return sha256_of(campaign.folder / QUANTILES)

    folders = shares(tmp_path, 3, trajectories=False)
    campaign, joined = merged(folders, tmp_path / "joined", has_trajectories=False)
    assert joined.brought == 780
    assert quantiles(campaign) == quantiles(run(tmp_path / "whole", trajectories=False))


def test_a_share_runs_its_own_runs_only_and_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    config = fake_config(
        tmp_path, runs=130, trajectories=True, shard="2/3", engine={"name": "threads", "threads": 1, "shard_runs": 10}
    )
    model = FakeModel(columns=COLUMNS)
    stopped = Campaign.of(config, model, FakeWatcher())
    own = stopped.n_runs
    tiles = Share(2, 3).tiles(stopped.plan)
    model.fail_at = max(tile.first for tile in tiles if tile.arm == 0 and tile.first < 130)
    with pytest.raises(KeyboardInterrupt), stopped.opened() as opened:
        opened.run()
    rest = FakeModel(columns=COLUMNS)
    resumed = run(tmp_path, rest, shard="2/3")
    assert 0 < rest.n_simulated < own
    assert resumed.folder == stopped.folder
    assert resumed.folder.name.endswith(".share-2-of-3")
    assert resumed.watcher.done == resumed.watcher.total == own  # type: ignore[attr-defined]
    idle = FakeModel(columns=COLUMNS)
    assert run(tmp_path, idle, shard="2/3", runs=60).plan.n_runs >= 3 * 60
    assert idle.n_simulated == 0


def test_a_share_without_runs_is_a_share_too(tmp_path: Path) -> None:
    folders = shares(tmp_path, 9, runs=1)
    assert sum(read_asked(folder).plan.n_runs for folder in folders) == 9 * 6
    campaign, joined = merged(folders, tmp_path / "joined")
    assert joined.brought == 6
    assert campaign.plan.missing(joined.kept) == []


def test_what_is_missing_is_told_share_by_share_and_what_is_there_stays(tmp_path: Path, whole_digest: str) -> None:
    folders = shares(tmp_path, 4)
    campaign, first = merged([folders[0], folders[2]], tmp_path / "joined")
    lacking = missing_shares(campaign.plan, first.kept, 4)
    assert list(lacking) == [Share(2, 4), Share(4, 4)]
    assert sum(lacking.values()) == 780 - first.brought == sum(s.n_runs for s in campaign.plan.missing(first.kept))
    campaign, second = merged(folders, tmp_path / "joined")
    assert first.brought + second.brought == 780
    assert digest(campaign, campaign.run()) == whole_digest
    assert merged(folders, tmp_path / "joined")[1].brought == 0


def test_a_grown_share_asks_the_others_for_as_much(tmp_path: Path) -> None:
    folders = shares(tmp_path, 2, runs=60)
    run(tmp_path, shard="1/2")
    campaign, joined = merged(folders, tmp_path / "joined")
    assert campaign.plan.replications == (130,) * 6
    assert campaign.config.runs == 130
    assert list(missing_shares(campaign.plan, joined.kept, 2)) == [Share(2, 2)]


def test_damage_is_named_and_left_out(tmp_path: Path) -> None:
    folders = shares(tmp_path, 2)
    part = max((folders[1] / "outcomes").iterdir())
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    receipt = min((folders[0] / "receipts").iterdir())
    receipt.write_text("{")
    campaign, joined = merged(folders, tmp_path / "joined")
    assert set(joined.lost) == set(folders)
    assert "does not count: " in joined.lost[folders[1]][0]
    assert "does not match its checksum" in joined.lost[folders[1]][0]
    assert "run again" not in str(joined.lost)
    assert receipt.name in joined.lost[folders[0]][0]
    assert set(missing_shares(campaign.plan, joined.kept, 2)) == {Share(1, 2), Share(2, 2)}


def test_a_merge_that_was_killed_is_only_repeated(
    tmp_path: Path, whole_digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped between data and their receipts."""
    folders, real = shares(tmp_path, 3), merge._bring
    brought: list[Shard] = []

    def noted(pieces: Sequence[tuple[merge.Piece, Shard]], folder: Path, gone: Sequence[Receipt]) -> None:
        real(pieces, folder, gone)
        brought.extend(shard for _, shard in pieces)

    def killed(source: Path, target: Path) -> bool:
        if brought and source.parent.name == "receipts":
            raise KeyboardInterrupt
        return real_linked(source, target)

    real_linked = merge._linked
    monkeypatch.setattr(merge, "AT_ONCE", 4)
    monkeypatch.setattr(merge, "_bring", noted)
    monkeypatch.setattr(merge, "_linked", killed)
    with pytest.raises(KeyboardInterrupt):
        merged(folders, tmp_path / "joined")
    monkeypatch.undo()
    assert len(brought) == 4
    campaign, joined = merged(folders, tmp_path / "joined")
    assert joined.brought == 780 - sum(shard.n_runs for shard in brought)
    assert digest(campaign, campaign.run()) == whole_digest


def test_the_same_runs_in_two_folders_count_once(tmp_path: Path, whole_digest: str) -> None:
    """A part that was run as a whole, shares, a copy of one cut otherwise: the shares alone hold all, and are joined.

    Also where the part, and what fits beside it, was joined first.
    """
    small = run(tmp_path / "small", runs=70).folder
    folders = shares(tmp_path, 2)
    other = run(tmp_path / "copy", shard="2/2", engine={"name": "threads", "threads": 1, "shard_runs": 30}).folder
    for target, turns in (("once", [[]]), ("turns", [[small], [small, other]])):
        for turn in turns:
            if turn:
                merged(turn, tmp_path / target)
        idle = FakeModel(**PAIRED)
        campaign, joined = merged([small, *folders, other], tmp_path / target, idle)
        assert sum(shard.n_runs for shard in joined.kept) == 780
        assert campaign.plan.missing(joined.kept) == []
        assert digest(campaign, campaign.run()) == whole_digest
        assert idle.n_simulated == 0
        assert len(list((campaign.folder / "outcomes").iterdir())) == len(joined.kept)
        assert merged([other, *folders, small], tmp_path / target)[1].brought == 0


def test_failed_runs_are_mended_from_a_share_that_was_repeated(tmp_path: Path, whole_digest: str) -> None:
    """What is joined has no failure to begin with, gets one, and loses it again; the other way it stays mended."""
    failing = FakeModel(**PAIRED, fail_at=5, error=ValueError("no"))
    broken = shares(tmp_path / "broken", 2, model=failing)
    campaign, first = merged(broken, tmp_path / "joined")
    assert first.brought == 780
    assert sum(len(Receipt.read(path).failures) for path in (campaign.folder / "receipts").iterdir()) == 1
    mended = [run(tmp_path / "broken", shard=f"{number}/2", retry=True).folder for number in (1, 2)]
    assert mended == broken
    campaign, second = merged(mended, tmp_path / "joined")
    assert 0 < second.brought < 780
    assert not campaign.config.retry
    assert digest(campaign, campaign.run()) == whole_digest
    again = shares(tmp_path / "again", 2, model=failing)
    assert merged(again, tmp_path / "joined")[1].brought == 0


def test_failures_that_were_brought_are_not_run_again(tmp_path: Path) -> None:
    """A share that was run with retry=true states so; the whole does not."""
    folders = shares(tmp_path, 2, model=FakeModel(**PAIRED, fail_at=5, error=ValueError("no")), retry=True)
    asked = [read_asked(folder) for folder in folders]
    config, idle = fake_config("elsewhere", trajectories=True, retry=True, plan=True), FakeModel(**PAIRED)
    with campaign_of(asked, config, idle, tmp_path / "joined", FakeWatcher()).opened() as campaign:
        join(campaign, folders)
        campaign.run()
    assert idle.n_simulated == 0
    assert not campaign.config.plan


@pytest.mark.parametrize("shard_runs", [None, 30])
def test_two_folders_with_other_values_of_a_run_are_refused(tmp_path: Path, shard_runs: int | None) -> None:
    """Whatever the shards."""
    folders = shares(tmp_path, 2)
    engine = {"name": "threads", "threads": 1, "shard_runs": shard_runs}
    twin = run(tmp_path / "twin", FakeModel(**PAIRED, seed=2), shard="2/2", engine=engine).folder
    with pytest.raises(InputError, match=r"have other values in .*share-2-of-2 than in .*twin.*share-2-of-2"):
        merged([*folders, twin], tmp_path / "joined")
    assert not list((tmp_path / "joined").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("changes", "model", "words"),
    [
        ({"seed": 2}, {}, "seed: 1, 2"),
        ({"parameters": {"tenders": {"weight_price": 1.0}}}, {}, "parameters.tenders.weight_price: None, 1.0"),
        ({"trajectories": False}, {}, "trajectories: True, False"),
        ({"end": "1992Q4"}, {}, "end: 1991Q3, 1992Q4"),
        ({"name": "other"}, {}, "name: fake, other"),
        ({}, {"source_hash": "b" * 64}, "source_hash: aaaaaaaaaaaa, bbbbbbbbbbbb"),
        ({}, {"arms": (("baseline", "replay"),)}, "default, baseline, free is in only one of the plans"),
    ],
)
def test_folders_of_other_campaigns_are_refused_and_what_differs_is_named(
    tmp_path: Path, changes: dict[str, object], model: dict[str, Any], words: str
) -> None:
    one = run(tmp_path, shard="1/2", runs=20).folder
    other = run(tmp_path / "other", FakeModel(**(PAIRED | model)), shard="2/2", runs=20, **changes).folder
    with pytest.raises(InputError) as refused:
        merged([one, other], tmp_path / "joined")
    assert words in str(refused.value)
    assert not (tmp_path / "joined").exists()


def test_shares_of_points_over_other_factors_are_refused(tmp_path: Path) -> None:
    """Their keys, arms and plans are alike: that the points are others, only the design tells."""

    class Sampling(FakeModel):
        @property
        def sampled(self) -> dict[str, object]:
            return {"method": "table", "seed": 0, "n": None, "factors": [{"key": self.factor}]}

    folders = []
    for number, factor in enumerate(("tenders.weight_price", "tenders.weight_gap"), start=1):
        model = Sampling()
        model.factor = factor  # type: ignore[attr-defined]
        design = {"method": "table", "table": f"{factor}.csv"}
        folders.append(run(tmp_path / str(number), model, shard=f"{number}/2", design=design).folder)
    with pytest.raises(InputError, match="hold runs of different campaigns: id, which follows also from") as refused:
        check_alike([read_asked(folder) for folder in folders])
    assert "; design.table: tenders.weight_price.csv, tenders.weight_gap.csv." in str(refused.value)


def test_how_and_where_shares_were_made_may_differ(tmp_path: Path) -> None:
    """Paths as they were typed too: what the files hold is told by the arms."""
    design = {"method": "table", "table": "here/points.csv"}
    one = run(tmp_path / "a", shard="1/2", runs=20, report=True, scenarios=("a.yaml",), design=design).folder
    design = {"method": "table", "table": "points.csv"}
    engine = {"name": "threads", "threads": 1}
    changes: dict[str, Any] = {"trace": True, "engine": engine, "scenarios": ("here/a.yaml",), "design": design}
    other = run(tmp_path / "b", shard="2/2", runs=20, **changes).folder
    assert merged([one, other], tmp_path / "joined")[1].brought == 120


def test_a_folder_with_precision_is_refused_wherever_it_stands_among_the_folders(tmp_path: Path) -> None:
    plain = run(tmp_path / "plain", runs=20).folder
    narrowed = run(tmp_path / "narrowed", runs=20, precision={"dependence": 0.5}).folder
    with pytest.raises(InputError, match=r"narrowed.*: was run with precision="):
        command.merge([str(plain), str(narrowed)], None, plain=True)


def test_a_share_of_another_model_than_todays_is_refused(tmp_path: Path) -> None:
    folders = shares(tmp_path, 2, runs=20)
    with pytest.raises(InputError, match=r"another version of the model, \w+; this is \w+\. It is not joined"):
        merged(folders, tmp_path / "joined", FakeModel(**PAIRED, source_hash="b" * 64))
    path = max((folders[1] / "receipts").iterdir())
    sign_again(path, rows_hash="0" * 64)
    with pytest.raises(InputError, match=r"comes from another plan: paired, .* were computed from something else"):
        merged(folders, tmp_path / "joined")


def test_a_folder_that_does_not_tell_what_it_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_asked(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"holds no config\.yaml, so it is not a folder of results"):
        read_asked(tmp_path)
    folder = run(tmp_path, runs=3).folder
    plan = pq.read_table(folder / "plan.parquet")
    pq.write_table(plan.replace_schema_metadata({}), folder / "plan.parquet")
    with pytest.raises(InputError, match="was written by another version"):
        read_asked(folder)
    (folder / "plan.parquet").write_bytes(b"noise")
    with pytest.raises(InputError, match="cannot be read as a plan"):
        read_asked(folder)
