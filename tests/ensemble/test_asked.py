"""What was asked stands in a folder before its first run, and a folder of something else is told by what differs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.ensemble.asked import read_asked
from sim.ensemble.campaign import Campaign
from sim.ensemble.plan import Plan, PlannedArm
from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
from sim.results import outcomes
from sim.results.schema import MOST_RUNS
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config


def campaign(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    config = fake_config(folder, **{"runs": 20, **changes})
    return Campaign.of(config, model or FakeModel(), FakeWatcher(), ("runs=20",))


def test_what_is_asked_is_there_before_the_first_run(tmp_path: Path) -> None:
    run = campaign(tmp_path, FakeModel(fail_at=0), shard="1/2")
    with pytest.raises(KeyboardInterrupt):
        run.run()
    asked = read_asked(run.folder)
    told = {key: asked.about[key] for key in ("experiment", "title", "question", "seed", "share", "command", "layout")}
    assert told == {
        "experiment": "fake",
        "title": "A fake",
        "question": "What does a fake do?",
        "seed": 1,
        "share": "1/2",
        "command": ["runs=20"],
        "layout": 2,
    }
    assert asked.about["id"] == run.folder.name.partition(".share")[0]
    assert (asked.about["plan_hash"], asked.about["model_hash"]) == (run.plan.sha256, run.model_hash)
    assert [arm["fingerprint"] for arm in asked.about["arms"]] == [arm.fingerprint for arm in run.plan.arms]
    assert asked.config == read_mapping(run.folder / "config.yaml")
    assert asked.config["runs"] == 20
    assert list(pd.read_parquet(run.folder / "design.parquet")["point"]) == ["default"]


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = campaign(tmp_path)
    run.run()
    read = read_asked(run.folder).plan
    assert (read.replications, read.seed, read.n_runs) == (run.plan.replications, 1, 60)
    assert [(arm.point, arm.scenario, arm.history) for arm in read.arms] == [
        (arm.point, arm.scenario, arm.history) for arm in run.plan.arms
    ]
    table = pd.read_parquet(run.folder / "plan.parquet")
    assert list(table["run"]) == [arm * MOST_RUNS + r for arm in range(3) for r in range(20)]


def test_a_plan_of_several_groups_of_rows_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of replications differ, and a group of rows ends within an arm."""
    arms = tuple(PlannedArm(f"p{i}", "baseline", "replay", "") for i in range(30))
    plan = Plan(arms, tuple(1 + i % 7 for i in range(30)), 1)
    monkeypatch.setattr(outcomes, "_GROUP_ROWS", 5)
    outcomes.write_plan(tmp_path / "plan.parquet", plan.all_keys(), {})
    table = pq.read_table(tmp_path / "plan.parquet")
    for rows in (4, 11, 1000):
        pq.write_table(table, tmp_path / "plan.parquet", row_group_size=rows)
        found = outcomes.plan_arms(tmp_path / "plan.parquet")
        assert found.points == [arm.point for arm in arms]
        assert found.scenarios == ["baseline"] * 30
        assert found.histories == ["replay"] * 30
        assert tuple(found.replications) == plan.replications


def test_a_plan_is_written_again_only_where_it_is_another_or_damaged(tmp_path: Path) -> None:
    run = campaign(tmp_path)
    run.run()
    path = run.folder / "plan.parquet"
    written = path.stat().st_mtime_ns
    campaign(tmp_path).run()
    assert path.stat().st_mtime_ns == written
    whole, table = path.read_bytes(), pq.read_table(path)
    flips = [whole[:n] + bytes([whole[n] ^ 4]) + whole[n + 1 :] for n in range(len(whole))]
    for damage in (b"", b"noise", None, *flips[::97]):
        path.unlink() if damage is None else path.write_bytes(damage)
        campaign(tmp_path).run()
        assert pq.read_table(path).equals(table, check_metadata=True)
    campaign(tmp_path, runs=30).run()
    assert read_asked(run.folder).plan.replications == (30, 30, 30)
    Campaign.of(fake_config(tmp_path, runs=30), FakeModel(), FakeWatcher(), ("runs=30",)).run()
    assert read_asked(run.folder).about["command"] == ["runs=30"]


@pytest.mark.parametrize(
    ("changes", "model", "words"),
    [
        ({"seed": 2}, {}, ("were computed from something else. seed: 1, 2. Name",)),
        (
            {"parameters": {"tenders": {"weight_price": 1.0}}, "seed": 3},
            {},
            ("baseline, replay to baseline, free, replications 0 to 19", "parameters.tenders.weight_price: None, 1.0."),
        ),
        ({}, {"source_hash": "b" * 64}, ("another version of the model, ", "source_hash: aaaaaaaaaaaa, bbbbbbbbbbbb.")),
        ({}, {"outcome_names": ("x", "y")}, ("another version of the model", " model_hash: ")),
        (
            {},
            {"arms": (("baseline", "replay"), ("other", "replay"))},
            ("3 arms or more; this has 2", "other, replay is in only one"),
        ),
    ],
)
def test_a_folder_of_something_else_is_refused_by_what_differs(
    tmp_path: Path, changes: dict[str, object], model: dict[str, Any], words: tuple[str, ...]
) -> None:
    run = campaign(tmp_path)
    run.run()
    other = campaign(tmp_path, FakeModel(**model), **changes)
    shutil.move(run.folder, other.folder)
    with pytest.raises(InputError) as refused:
        other.run()
    assert all(text in str(refused.value) for text in words), refused.value
    assert str(refused.value).endswith("Name another folder with results_dir=.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tables_hash": "2"}, "all arms: other tables of the world (configs/world/default/)"),
        (
            {"register_hash": "2", "scenarios": {"baseline": {"base": "x"}, "outage": {}}},
            "all arms: other parameters or theories (configs/parameters/, configs/theory/) and another file of the "
            "scenario baseline",
        ),
        ({}, "all arms: another scenario, other parameters or tables"),
    ],
)
def test_what_made_arms_otherwise_is_told_once_for_all(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    run = campaign(tmp_path)
    run.run()
    stands_on = {"tables_hash": "1", "register_hash": "1", "scenarios": {"baseline": {}, "outage": {"title": "a"}}}
    here = read_asked(run.folder)
    here = replace(here, about={**here.about, **stands_on})
    arms = [{**arm, "fingerprint": f"{arm['fingerprint']} anew"} for arm in here.about["arms"]]
    assert here.differences(replace(here, about={**here.about, **changes, "arms": arms})) == [words]
    first = [arms[0], *here.about["arms"][1:]]
    (told,) = here.differences(replace(here, about={**here.about, **changes, "arms": first}))
    assert told == words.replace("all arms", "default, baseline, replay")
    (told,) = here.differences(replace(here, about={**here.about, **changes, "arms": [*arms[:2], *first[2:]]}))
    assert told == words.replace("all arms", "default, baseline, replay and 1 more")


def test_shards_of_one_arm_and_of_many_are_held_in_any_order_of_their_names(tmp_path: Path) -> None:
    """A plan of few runs has shards of many arms; a larger one, shards of one arm, whose names come first."""
    campaign(tmp_path).run()
    grown = FakeModel()
    campaign(tmp_path, grown, runs=300).run()
    assert grown.n_simulated == 3 * 280
    idle = FakeModel()
    campaign(tmp_path, idle, runs=300).run()
    assert idle.n_simulated == 0
