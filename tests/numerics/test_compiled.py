"""The cache of compiled code: named after every source and the bounds flag, so that it can never be stale."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.numerics.compiled import BOUNDSCHECK, CACHE_FOLDER, SOURCES, source_hash

PACKAGE = Path(sim.__file__).parent
PROBE = "from sim.numerics import compiled as c; print(c.source_hash(), c.CACHE_FOLDER, c.is_cold())"
FOLDER = re.compile(r"[0-9a-f]{16}(-bounds)?")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return the root of a copy of the package, without its compiled files."""
    shutil.copytree(PACKAGE, tmp_path / "copy" / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def asked(root: Path, cache: Path, bounds: str = "", probe: str = PROBE) -> list[str]:
    """Return what a new process with the package below `root` prints: hash, cache folder and whether it is cold."""
    environment = {**os.environ, "PYTHONPATH": str(root), "STEPPE_CACHE_DIR": str(cache), "TMPDIR": str(cache.parent)}
    environment["STEPPE_BOUNDSCHECK"] = bounds
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_every_compiled_function_lies_in_a_folder_that_is_hashed() -> None:
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*@(compiled|njit|numba)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users <= set(SOURCES)


def test_a_constant_in_another_module_names_another_folder(copy: Path, tmp_path: Path) -> None:
    before = asked(copy, tmp_path / "cache")
    assert before[0] == source_hash()
    assert Path(before[1]).name == source_hash()[:16]
    assert asked(copy, tmp_path / "cache") == before
    changed = copy / "sim" / "world" / "fields.py"
    text = changed.read_text(encoding="utf-8")
    assert "NEVER = 100_000" in text
    changed.write_text(text.replace("NEVER = 100_000", "NEVER = 100_001"), encoding="utf-8")
    after = asked(copy, tmp_path / "cache")
    assert after[0] != before[0]
    assert after[1] != before[1]


def test_a_moved_or_new_source_names_another_folder(copy: Path, tmp_path: Path) -> None:
    before = asked(copy, tmp_path / "cache")
    (copy / "sim" / "rules" / "measures.py").rename(copy / "sim" / "rules" / "measured.py")
    moved = asked(copy, tmp_path / "cache")
    (copy / "sim" / "kernel" / "further.py").touch()
    assert len({before[0], moved[0], asked(copy, tmp_path / "cache")[0]}) == 3


def test_the_bounds_flag_has_a_folder_of_its_own(copy: Path, tmp_path: Path) -> None:
    plain, zero, bounds = (asked(copy, tmp_path / "cache", flag)[1] for flag in ("", "0", "1"))
    assert plain == zero
    assert bounds == plain + "-bounds"


def test_these_tests_run_with_bounds_checked() -> None:
    assert BOUNDSCHECK
    assert CACHE_FOLDER.name.endswith("-bounds") or "steppe-" in CACHE_FOLDER.name


def test_a_second_process_finds_what_the_first_compiled(copy: Path, tmp_path: Path) -> None:
    probe = PROBE + "; from sim.numerics.stocks import clipped; clipped(0.5)"
    assert asked(copy, tmp_path / "cache", "1", probe)[2] == "True"
    assert asked(copy, tmp_path / "cache", "1", probe)[2] == "False"


def test_a_changed_callee_is_compiled_anew(copy: Path, tmp_path: Path) -> None:
    """Numba's own cache misses this: the caller's file is as it was."""
    probe = (
        "from sim.numerics.hazards import margin; from sim.numerics.stocks import moved; print(moved(0.5, 9.0, 0.0))"
    )
    assert asked(copy, tmp_path / "cache", "1", probe) == ["1.0"]
    stocks = copy / "sim" / "numerics" / "stocks.py"
    stocks.write_text(stocks.read_text(encoding="utf-8").replace("min(1.0, max", "min(0.75, max"), encoding="utf-8")
    assert asked(copy, tmp_path / "cache", "1", probe) == ["0.75"]


def test_old_folders_are_swept_and_the_newest_kept(copy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for age in range(9):
        old = cache / f"{age:016x}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    mine = Path(asked(copy, cache)[1])
    left = {path.name for path in cache.iterdir()}
    assert mine.name in left
    assert len(left) <= 6
    assert f"{0:016x}" in left, "the newest of the old ones stays"
    assert f"{8:016x}" not in left


def test_folders_of_somebody_else_are_never_swept(copy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    names = {f"somebody's folder {n}" for n in range(9)} | {"0" * 15, "0" * 17, "0" * 16 + "-other", "A" * 16}
    for name in names:
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (1_000_000, 1_000_000))
    asked(copy, cache)
    assert {path.name for path in cache.iterdir() if not FOLDER.fullmatch(path.name)} == names


def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    probe = PROBE + "; from sim.numerics.stocks import clipped; clipped(0.5)"
    probe += "; print(c.CACHE_FOLDER.is_dir(), next(c.CACHE_FOLDER.rglob('*.nbi'), None) is not None)"
    _, folder, _, was_there, was_used = asked(copy, tmp_path / "cache", probe=probe)
    assert (was_there, was_used) == ("True", "True")
    assert Path(folder).parent == tmp_path
    assert Path(folder).name.startswith("steppe-")
    assert not Path(folder).exists(), "it goes with the process that made it"
    assert (tmp_path / "cache").read_text(encoding="utf-8") == "a file where the folder should be"
