"""Results of the baseline and of a scenario file, made once a module, and a copy of them for a test to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands import kept


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept")
    (place / "mine.yaml").write_text(kept.OWN)
    return kept.small_results(place / "results", place / "mine.yaml")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))
