"""What was asked stands in a folder before its first run, and a folder of something else is told by what differs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.ensemble.asked import read_asked
from sim.ensemble.campaign import Campaign
from sim.errors import InputError
from sim.parameters.strict_yaml import read_mapping
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


def test_shards_of_one_arm_and_of_many_are_held_in_any_order_of_their_names(tmp_path: Path) -> None:
    """A plan of few runs has shards of many arms; a larger one, shards of one arm, whose names come first."""
    campaign(tmp_path).run()
    grown = FakeModel()
    campaign(tmp_path, grown, runs=300).run()
    assert grown.n_simulated == 3 * 280
    idle = FakeModel()
    campaign(tmp_path, idle, runs=300).run()
    assert idle.n_simulated == 0
