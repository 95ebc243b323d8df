"""An unfinished sweep is named where a new one that is much like it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.ensemble.beside import unfinished_beside
from sim.ensemble.campaign import Campaign
from sim.results.files import held
from sim.results.manifest import seal
from sim.results.schema import LAYOUT
from tests.ensemble.fakes import FakeModel, FakeWatcher, fake_config


def asked(folder: Path, model: FakeModel | None = None, **changes: object) -> Campaign:
    return Campaign.of(fake_config(folder, runs=20, **changes), model or FakeModel(), FakeWatcher())


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    with pytest.raises(KeyboardInterrupt), asked(tmp_path, FakeModel(fail_at=3)).opened() as opened:
        opened.run()
    return asked(tmp_path).folder


def test_what_differs_is_told_with_the_folder(tmp_path: Path, unfinished: Path) -> None:
    told = unfinished_beside(asked(tmp_path, seed=2))
    assert told == (f"This begins a new sweep. {unfinished} is not finished, and differs in (there, here) seed: 1, 2.")
    assert "seed: 1, 2; worldview: all, cautious." in str(
        unfinished_beside(asked(tmp_path, seed=2, worldview="cautious"))
    )


def test_a_model_that_changed_under_an_unfinished_sweep_is_told(tmp_path: Path, unfinished: Path) -> None:
    """Its runs are never mixed with others, so that the same command begins anew in another folder."""
    told = str(unfinished_beside(asked(tmp_path, FakeModel(source_hash="b" * 64))))
    assert (
        f"{unfinished} is not finished, and differs in (there, here) source_hash: aaaaaaaaaaaa, bbbbbbbbbbbb." in told
    )


def test_the_one_that_differs_least_is_named(tmp_path: Path, unfinished: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        asked(tmp_path, FakeModel(fail_at=3), end="1991Q2", seed=3).opened() as other,
    ):
        other.run()
    assert str(unfinished) in str(unfinished_beside(asked(tmp_path, seed=2)))


def test_nothing_is_said_of_what_goes_on_is_held_or_is_another_thing(tmp_path: Path, unfinished: Path) -> None:
    assert unfinished_beside(asked(tmp_path)) is None, "the same sweep goes on"
    assert unfinished_beside(asked(tmp_path, seed=2, shard="1/2")) is None
    assert unfinished_beside(asked(tmp_path, seed=2, name="other")) is None
    many = {"end": "1991Q2", "worldview": "cautious", "history": "free"}
    assert unfinished_beside(asked(tmp_path, seed=2, **many)) is None
    with held(unfinished):
        assert unfinished_beside(asked(tmp_path, seed=2)) is None
    (unfinished / "config.yaml").write_text("[")
    assert unfinished_beside(asked(tmp_path, seed=2)) is None


def test_nothing_is_said_of_what_is_finished_or_is_a_share(tmp_path: Path) -> None:
    for changes in ({}, {"shard": "1/2"}):
        with asked(tmp_path, **changes).opened() as opened:
            opened.run()
            if not changes:
                seal(opened.folder, {"layout": LAYOUT, "plan_hash": opened.plan.sha256})
    assert unfinished_beside(asked(tmp_path, seed=2)) is None
