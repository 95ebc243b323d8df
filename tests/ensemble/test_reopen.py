"""A folder of results opened again: whether today's files are those that made it, and which are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.configuration import compose
from sim.ensemble.asked import read_asked, stated
from sim.ensemble.campaign import Campaign
from sim.ensemble.checks import read_inputs
from sim.ensemble.plan import Plan, Shard
from sim.ensemble.prepare import Prepared, prepare
from sim.ensemble.provenance import changed_values, values_of
from sim.ensemble.receipts import Failure, Receipt
from sim.ensemble.reopen import Reopened, differences, reopen
from sim.errors import InputError
from sim.parameters.register import Unfit
from sim.results.schema import CONFIG, MOST_RUNS
from tests.ensemble.fakes import FakeWatcher

OWN = "name: mine\ntitle: Mine\nquestion: Why?\ntag: analyst\nsource: a test\nparameters: {tenders.weight_price: 0.5}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that states a configuration with a scenario file of one's own."""
    (tmp_path / "mine.yaml").write_text(OWN)
    config = compose(["experiment=cooperation", f"scenario=[baseline,{tmp_path}/mine.yaml]", "end=1996Q4"])
    content = stated(config, config.question)
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / CONFIG).write_text(yaml.safe_dump(content))
    return tmp_path / "result"


@pytest.fixture
def reopened(folder: Path) -> Reopened:
    return reopen(folder)


def manifest_of(prepared: Prepared) -> dict[str, Any]:
    facts = {
        "model_version": "0.1",
        "source_hash": prepared.source_hash,
        "arms": [asdict(arm) for arm in prepared.planned],
        **prepared.stands_on,
    }
    return json.loads(json.dumps(facts))


def test_a_folder_opens_as_it_was_asked_for(reopened: Reopened) -> None:
    assert [arm.scenario for arm in reopened.prepared.planned] == ["baseline", "mine"]
    assert reopened.config.end == "1996Q4"
    assert differences(manifest_of(reopened.prepared), reopened.prepared) == []


def test_a_table_of_points_is_named_as_it_was_asked_for_and_read_from_the_folder(tmp_path: Path) -> None:
    """So what is joined of it states the same configuration; the user's own may be gone."""
    own = tmp_path / "points.csv"
    own.write_text("tenders.weight_price\n1.2\n0.8\n")
    config = compose(["experiment=cooperation", "scenario=baseline", "design=table", f"design.table={own}"])
    prepared = prepare(config, read_inputs(config))
    folder = tmp_path / "result"
    folder.mkdir()
    (folder / CONFIG).write_text(yaml.safe_dump(stated(config, config.question)))
    prepared.write_design(folder)
    own.unlink()
    reopened = reopen(folder)
    assert reopened.config.design.table == str(own)
    assert stated(reopened.config, config.question) == stated(config, config.question)
    assert reopened.prepared.planned == prepared.planned


def test_another_source_is_told_with_both_hashes_and_nothing_else(reopened: Reopened) -> None:
    manifest = manifest_of(reopened.prepared) | {"source_hash": "f" * 64, "arms": []}
    (told,) = differences(manifest, reopened.prepared)
    assert "source ffffffffffff made the results" in told
    assert reopened.prepared.source_hash[:12] in told


def test_a_scenario_file_that_has_changed_is_named(folder: Path, reopened: Reopened) -> None:
    manifest = manifest_of(reopened.prepared)
    path = folder.parent / "mine.yaml"
    path.write_text(OWN.replace("0.5", "0.6"))
    assert differences(manifest, reopen(folder).prepared) == [f"The scenario mine has changed: {path}."]


def test_a_scenario_file_that_is_gone_is_named(folder: Path) -> None:
    path = folder.parent / "mine.yaml"
    path.unlink()
    with pytest.raises(InputError, match=rf"{folder / CONFIG}: scenario={path}: there is no such file"):
        reopen(folder)


def test_tables_that_have_changed_are_named(reopened: Reopened) -> None:
    manifest, prepared = manifest_of(reopened.prepared), reopened.prepared
    record = prepared.world.record.copy()
    record["politics"]["tension"][0] += 0.1
    config = prepared.config
    ready = prepare(config, read_inputs(config))
    edited = replace(ready, world=replace(ready.world, record=record))
    manifest["arms"][0]["fingerprint"] = "0" * 64
    assert differences(manifest, edited) == ["The tables of the world, configs/world/default/, have changed."]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"register_hash": "0" * 64}, "The parameters, configs/parameters/, or the theories"),
        ({}, "What these arms stand on has changed: the base of the scenario, history.csv"),
    ],
)
def test_what_else_may_have_changed_is_named(reopened: Reopened, change: dict[str, str], words: str) -> None:
    manifest = manifest_of(reopened.prepared) | change
    manifest["arms"][1]["fingerprint"] = "0" * 64
    (told,) = differences(manifest, reopened.prepared)
    assert told.startswith(words)


def with_values(prepared: Prepared, **changes: float) -> Prepared:
    """Return a model whose register has other values of some parameters of tenders."""
    entries = dict(prepared.register.entries)
    for name, value in changes.items():
        key = f"tenders.{name}"
        entries[key] = entries[key].model_copy(update={"value": value})
    return replace(prepared, register=replace(prepared.register, entries=entries))


def test_parameters_that_have_changed_are_named_with_both_values(reopened: Reopened) -> None:
    prepared = reopened.prepared
    manifest = manifest_of(prepared) | {"register": json.loads(json.dumps(values_of(prepared.register)))}
    manifest["arms"][0]["fingerprint"] = "0" * 64
    was = prepared.register.entries["tenders.weight_price"].value
    (told,) = differences(manifest, with_values(prepared, weight_price=was + 0.25))
    start = "The parameters, configs/parameters/, or the theories, configs/theory/, have changed"
    assert told == f"{start}: tenders.weight_price: {was}, now {was + 0.25}."
    names = [entry.name for entry in prepared.register.entries.values() if entry.group == "tenders"][:7]
    (told,) = differences(manifest, with_values(prepared, **dict.fromkeys(names, -99.0)))
    assert told.count("now -99.0") == 5
    assert told.endswith("; and 2 more.")


def test_values_that_came_went_or_belong_to_a_theory_are_named() -> None:
    was = {"default": {"tenders": {"old": 1.0}}, "neutral": {}, "theory": {"choice.imitation": {"tenders.peers": 0.5}}}
    now = {"default": {}, "neutral": {"tenders": {"old": 0.0}}, "theory": {"choice.imitation": {"tenders.peers": 0.75}}}
    assert changed_values(was, now) == [
        "tenders.old: 1.0, now gone",
        "tenders.peers under theory.choice=imitation: 0.5, now 0.75",
        "tenders.old, neutral: not there, now 0.0",
    ]
    assert changed_values(was, was) == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("configs/parameters/tenders.yaml: tenders.x: value (16) lies outside 0..3."), "configs/parameters"),
        (InputError("some place/my own.yaml: no mapping"), "some place/my own"),
        (Unfit("configs/parameters/tenders.yaml: tenders.x: 16 lies out", "tenders.x"), "FOLDER/config.yaml: configs/"),
        (InputError("design.table: gone"), "FOLDER/config.yaml: design.table"),
    ],
)
def test_a_message_names_the_file_at_fault_and_config_yaml_for_what_it_states(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: InputError, told: str
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("sim.ensemble.reopen.read_inputs", fail)
    with pytest.raises(InputError) as raised:
        reopen(folder)
    assert str(raised.value).replace(str(folder), "FOLDER").startswith(told)


def test_a_folder_without_a_manifest_names_the_parameters_too(reopened: Reopened) -> None:
    config = reopened.config.model_copy(update={"results_dir": str(reopened.folder.parent / "results")})
    campaign = Campaign.of(config, reopened.prepared, FakeWatcher())
    with campaign.opened() as opened:
        opened.lay_out([])
        about = dict(read_asked(opened.folder).about)
    assert differences(about, reopened.prepared) == []
    about |= {"register_hash": "0" * 64, "arms": [{**arm, "fingerprint": "0"} for arm in about["arms"]]}
    (told,) = differences(about, reopened.prepared)
    assert told.startswith("The parameters, configs/parameters/, or the theories")


def test_an_arm_that_is_not_planned_any_more_is_named(reopened: Reopened) -> None:
    manifest = manifest_of(reopened.prepared)
    manifest["arms"].append({**manifest["arms"][0], "scenario": "gone"})
    assert differences(manifest, reopened.prepared) == ["default, gone, replay is not planned any more."]


def write_receipt(reopened: Reopened, shard: Shard, plan: Callable[[Shard], str]) -> None:
    failed = (Failure(shard.first, "raised", "x"),)
    Receipt(shard, plan(shard), "m", {}, 1.0, 0.0, "", failed, made_by={}).write(reopened.folder)


def test_receipts_say_what_there_is_and_whether_it_is_of_today(reopened: Reopened) -> None:
    plan = Plan.uniform(reopened.prepared.planned, 5, reopened.config.seed)
    write_receipt(reopened, Shard(0, 2, 0, 3), plan.rows_hash)
    write_receipt(reopened, Shard(1, 1, 3, 2), lambda _: "0" * 64)
    again = reopen(reopened.folder)
    assert again.plan.replications == (3, 5)
    assert [again.is_of_today(receipt) for receipt in again.receipts] == [True, False]
    found = again.receipt_of(MOST_RUNS + 2)
    assert found is not None
    assert found.shard == Shard(0, 2, 0, 3)
    assert again.receipt_of(3) is None


@pytest.mark.parametrize(("name", "words"), [("nowhere", "there is no such folder"), (".", f"holds no {CONFIG}")])
def test_what_is_no_folder_of_results_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        reopen(tmp_path / name)
