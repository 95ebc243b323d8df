"""What is finished is left as it is by whoever asks for the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.ensemble.asked import stated
from sim.ensemble.campaign import Campaign
from sim.ensemble.receipts import Failure
from sim.ensemble.sealed import is_told, sealed
from sim.errors import InputError
from sim.results import files
from sim.results.files import sha256_of, write_text
from sim.results.manifest import seal
from sim.results.schema import FIGURES, LAYOUT, MANIFEST, REPORT, part_name
from sim.results.store import open_result
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config, sign_again


def finished(folder: Path, **changes: object) -> tuple[Campaign, dict[str, Any]]:
    campaign = Campaign.of(fake_config(folder, runs=30, **changes), FakeModel(), FakeWatcher())
    with campaign.opened() as opened:
        shards = opened.run()
    write_text(opened.folder / REPORT, "a page")
    write_text(opened.folder / FIGURES / "map.svg", "a map")
    manifest = {
        "layout": LAYOUT,
        "plan_hash": opened.plan.sha256,
        "config": stated(opened.config, opened.model.question),
        "counts": {"failed": 0},
        "parts": [part_name(shard.name) for shard in shards],
        "model_version": sim.__version__,
        "scenarios": {},
        "precision": None,
        "without_runs": [],
    }
    seal(opened.folder, manifest)
    return opened, manifest


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({}, True),
        ({"report": True}, True),
        ({"engine": {"name": "threads", "threads": 1}, "retry": True}, True),
        ({"measure": ("year",)}, False),
        ({"figures": ("map",)}, False),
        ({"page": "library"}, False),
        ({"trace": True}, False),
        ({"scenarios": ("elsewhere/baseline.yaml",)}, False),
    ],
)
def test_what_is_told_already_is_known_by_all_that_decides_it(
    tmp_path: Path, changes: dict[str, Any], stays: bool
) -> None:
    finished(tmp_path)
    asked = Campaign.of(fake_config(tmp_path, **{"runs": 30, **changes}), FakeModel(), FakeWatcher())
    with asked.opened() as campaign:
        manifest = sealed(campaign, campaign.surveyed())
        assert manifest is not None
        assert is_told(campaign, manifest, is_exact=True) is stays


def test_a_manifest_that_was_damaged_or_edited_is_none(tmp_path: Path) -> None:
    """Wherever a bit flips: what is no manifest any more is not settled, and is refused by whoever reads results."""
    campaign, _ = finished(tmp_path)
    path = campaign.folder / MANIFEST
    whole, before = path.read_bytes(), sealed(campaign, campaign.surveyed())
    assert before is not None
    refused = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        now = sealed(campaign, campaign.surveyed())
        assert now in (None, before), "spaces between words may be others"
        if now is None:
            refused += 1
            with pytest.raises(InputError, match=r"manifest\.json"):
                open_result(campaign.folder)
    assert refused > len(whole) / 14
    path.write_bytes(whole.replace(b'"failed": 0', b'"failed": 1'))
    assert sealed(campaign, campaign.surveyed()) is None


def test_another_plan_damage_and_failures_to_be_tried_again_are_not_settled(tmp_path: Path) -> None:
    def manifest_of(campaign: Campaign) -> dict[str, Any] | None:
        return sealed(campaign, campaign.surveyed())

    campaign, manifest = finished(tmp_path)
    assert manifest_of(campaign) is not None
    larger = Campaign.of(fake_config(tmp_path, runs=40), FakeModel(), FakeWatcher())
    assert larger.folder == campaign.folder
    assert manifest_of(larger) is None
    retrying = replace(campaign, config=campaign.config.model_copy(update={"retry": True}))
    assert manifest_of(retrying) is not None
    write_text(campaign.folder / "note.txt", "a note of one's own")
    assert manifest_of(campaign) is not None
    write_text(campaign.folder / REPORT, "another page")
    assert manifest_of(campaign) is None
    seal(campaign.folder, manifest)
    assert manifest_of(campaign) is not None
    receipt = next((campaign.folder / "receipts").iterdir())
    sign_again(receipt, failures=(Failure(0, "raised", "x"),))
    assert manifest_of(campaign) is None
    seal(campaign.folder, manifest)
    assert manifest_of(campaign) is not None
    assert manifest_of(retrying) is None


def test_precision_that_was_reached_otherwise_is_told_anew_but_not_for_who_asks_for_less(tmp_path: Path) -> None:
    campaign, _ = finished(tmp_path)
    manifest = sealed(campaign, campaign.surveyed())
    assert manifest is not None
    narrow = replace(campaign, reached={"met": 1})
    assert not is_told(narrow, manifest, is_exact=True)
    assert is_told(narrow, manifest, is_exact=False)


def test_telling_it_anew_runs_nothing_looks_at_data_once_and_keeps_the_page_until_another_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = finished(tmp_path)
    looked: list[Path] = []
    monkeypatch.setattr(files, "sha256_of", lambda path: looked.append(path) or sha256_of(path))
    model = FakeModel()
    asked = Campaign.of(fake_config(tmp_path, runs=30, measure=("year",)), model, FakeWatcher())
    with asked.opened() as campaign:
        found = campaign.surveyed()
        manifest = sealed(campaign, found)
        assert manifest is not None
        assert not is_told(campaign, manifest, is_exact=True)
        assert sum(shard.n_runs for shard in campaign.run(found)) == 90
    assert model.n_simulated == 0
    assert len(looked) == len(found.files)
    assert not (before.folder / MANIFEST).exists()
    assert (before.folder / REPORT).read_text() == "a page"
