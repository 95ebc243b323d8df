from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sim.results import manifest


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit of one file, in place of the one that this is."""

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)

    (tmp_path / "tracked.yaml").write_text("a: 1")
    git("init", "-q")
    git("add", "tracked.yaml")
    git("commit", "-q", "-m", "first")
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    return tmp_path


def test_a_file_of_ones_own_does_not_make_a_checkout_dirty(checkout: Path) -> None:
    (checkout / "my_scenario.yaml").write_text("name: mine")
    described = manifest.commit()
    assert len(described["commit"]) == 40
    assert described["dirty"] is False


def test_a_change_of_a_tracked_file_does(checkout: Path) -> None:
    (checkout / "tracked.yaml").write_text("a: 2")
    assert manifest.commit()["dirty"] is True


def test_outside_a_repository_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    assert manifest.commit() == {"commit": None, "dirty": None}
