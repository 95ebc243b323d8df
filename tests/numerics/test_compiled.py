"""The cache of compiled code: a folder a module, named after all that it rests on, so that it can never be stale."""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

import sim
from sim.numerics import compiled as module
from sim.numerics.compiled import BOUNDSCHECK, CACHE_FOLDER, SOURCES, compiled, source_hash
from sim.numerics.stocks import clipped

PACKAGE = Path(sim.__file__).parent
MODULES = sorted(path for folder in SOURCES for path in (PACKAGE / folder).rglob("*.py"))
FOLDERS = """
from pathlib import Path
from sim.numerics import compiled, hazards, stocks
folders = [Path(function.stats.cache_path) for function in (stocks.clipped, hazards.margin)]
print(compiled.source_hash(), compiled.model_folder(), *folders)
"""
CLIPPED = "from sim.numerics.stocks import clipped; clipped(0.5); print(sum(clipped.stats.cache_hits.values()))"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return the root of a copy of the package, without its compiled files."""
    shutil.copytree(PACKAGE, tmp_path / "copy" / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


OWN = """
from sim.numerics.compiled import compiled
from sim.rules.limit import LIMIT


@compiled
def capped(x):
    return min(x, LIMIT)
"""


@pytest.fixture
def own(copy: Path) -> Path:
    """Return a copy of the package in which one module has a constant of another; both have been there a while."""
    for name, text in (("limit", "LIMIT = 0.5\n"), ("capped", OWN)):
        (copy / "sim" / "rules" / f"{name}.py").write_text(text, encoding="utf-8")
    return copy


def asked(root: Path, cache: Path, bounds: str = "", probe: str = FOLDERS) -> list[str]:
    """Return what a new process with the package below `root` prints: hash, folders of the model and of two modules."""
    environment = {**os.environ, "PYTHONPATH": str(root), "STEPPE_CACHE_DIR": str(cache), "TMPDIR": str(cache.parent)}
    environment["STEPPE_BOUNDSCHECK"] = bounds
    time.sleep(0.05)  # so that the process finds nothing that may have been written after it began
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def remark(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "# another remark\n", encoding="utf-8")


def imported(path: Path) -> set[Path]:
    """Return the files of the package that a source imports, as the language's own parser finds them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    places = [PACKAGE.parent.joinpath(*name.split(".")) for name in names if name.split(".")[0] == "sim"]
    files = {file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")}
    return {file for file in files if file.is_file()}


def test_every_compiled_function_lies_in_a_folder_that_is_hashed() -> None:
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*@(compiled|njit|numba)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users <= set(SOURCES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_a_module_imports_is_found(path: Path) -> None:
    assert module._imports(path) == imported(path)


def test_a_changed_module_names_another_folder_for_itself_and_for_what_rests_on_it(copy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = asked(copy, cache)
    assert before[0] == source_hash()
    assert [Path(folder).name.split("-")[0] for folder in before[1:]] == [
        *("kernel.quarter", "numerics.stocks", "numerics.hazards")
    ]
    assert asked(copy, cache) == before
    remark(copy / "sim" / "numerics" / "hazards.py")
    hazards = asked(copy, cache)
    assert [new != old for new, old in zip(hazards, before, strict=True)] == [True, True, False, True]
    remark(copy / "sim" / "numerics" / "stocks.py")
    stocks = asked(copy, cache)
    assert [new != old for new, old in zip(stocks, hazards, strict=True)] == [True, True, True, False]


@pytest.mark.parametrize("name", ["world/fields.py", "rules/measures.py", "rules/information/belief.py"])
def test_whatever_the_model_uses_names_another_folder_for_it(copy: Path, tmp_path: Path, name: str) -> None:
    before = asked(copy, tmp_path / "cache")
    remark(copy / "sim" / name)
    after = asked(copy, tmp_path / "cache")
    assert [new != old for new, old in zip(after[:2], before[:2], strict=True)] == [True, True]
    assert after[2:] == before[2:], "what does not use it stays where it was"


def test_a_moved_or_new_source_has_another_hash(copy: Path, tmp_path: Path) -> None:
    hashes = [asked(copy, tmp_path / "cache", probe=FOLDERS)[0]]
    (copy / "sim" / "kernel" / "further.py").touch()
    hashes.append(asked(copy, tmp_path / "cache")[0])
    (copy / "sim" / "kernel" / "further.py").rename(copy / "sim" / "kernel" / "moved.py")
    hashes.append(asked(copy, tmp_path / "cache")[0])
    assert len(set(hashes)) == 3


def test_the_bounds_flag_has_a_folder_of_its_own(copy: Path, tmp_path: Path) -> None:
    plain, zero, bounds = (Path(asked(copy, tmp_path / "cache", flag)[1]).parent for flag in ("", "0", "1"))
    assert plain == zero == tmp_path / "cache" / "release"
    assert bounds == tmp_path / "cache" / "bounds"


def test_these_tests_run_with_bounds_checked() -> None:
    assert BOUNDSCHECK
    assert CACHE_FOLDER.name == "bounds" or CACHE_FOLDER.name.startswith("steppe-")


def test_a_second_process_finds_what_the_first_compiled(copy: Path, tmp_path: Path) -> None:
    assert [asked(copy, tmp_path / "cache", "1", CLIPPED) for _ in range(2)] == [["0"], ["1"]]


def test_a_changed_callee_is_compiled_anew(copy: Path, tmp_path: Path) -> None:
    """Numba's own cache misses this: the caller's file is as it was."""
    probe = (
        "from sim.numerics.hazards import margin; from sim.numerics.stocks import moved; print(moved(0.5, 9.0, 0.0))"
    )
    assert asked(copy, tmp_path / "cache", "1", probe) == ["1.0"]
    change(copy / "sim" / "numerics" / "stocks.py", "min(1.0, max", "min(0.75, max")
    assert asked(copy, tmp_path / "cache", "1", probe) == ["0.75"]


def test_a_caller_in_another_module_is_compiled_anew(own: Path, tmp_path: Path) -> None:
    """As above, over two files: the constant is one of the other's."""
    probe = "from sim.rules.capped import capped; print(capped(2.0), sum(capped.stats.cache_hits.values()))"
    assert asked(own, tmp_path / "cache", "1", probe) == ["0.5", "0"]
    assert asked(own, tmp_path / "cache", "1", probe) == ["0.5", "1"]
    (own / "sim" / "rules" / "limit.py").write_text("LIMIT = 0.75\n", encoding="utf-8")
    assert asked(own, tmp_path / "cache", "1", probe) == ["0.75", "0"]


@pytest.mark.parametrize(
    "late",
    [
        "import sim.rules.limit; path.write_text('LIMIT = 0.75\\n'); from sim.rules import capped",
        "from sim.rules import limit, capped; path.write_text('LIMIT = 0.75\\n'); reload(limit); reload(capped)",
    ],
)
def test_what_was_edited_while_a_process_ran_is_not_kept_by_it(own: Path, tmp_path: Path, late: str) -> None:
    """It may hold the text of before, or of after, under either name."""
    probe = f"from importlib import reload; from pathlib import Path; path = Path('sim/rules/limit.py'); {late}; "
    asked(own, tmp_path / "cache", "1", probe + "print(capped.capped(2.0))")
    after = "from sim.rules.capped import capped; print(capped(2.0), sum(capped.stats.cache_hits.values()))"
    assert asked(own, tmp_path / "cache", "1", after) == ["0.75", "0"]
    (own / "sim" / "rules" / "limit.py").write_text("LIMIT = 0.5\n", encoding="utf-8")
    assert asked(own, tmp_path / "cache", "1", after) == ["0.5", "0"]
    assert asked(own, tmp_path / "cache", "1", after) == ["0.5", "1"]


def test_code_that_was_filed_under_other_types_is_not_run(own: Path, tmp_path: Path) -> None:
    """What two processes leave that keep code of one function at once: the index of one, the code of the other."""
    kinds = ("2", "2.25")
    for kind in kinds:
        asked(own, tmp_path / kind, "1", f"from sim.rules.capped import capped; print(capped({kind}))")
    kept = [{path.suffix: path for path in (tmp_path / kind).rglob("capped.capped*")} for kind in kinds]
    shutil.copy(kept[0][".nbc"], kept[1][".nbc"])
    probe = "from sim.rules.capped import capped; print(capped(0.25), *capped.stats.cache_hits.values())"
    assert asked(own, tmp_path / kinds[1], "1", probe) == ["0.25"]


@pytest.mark.parametrize("name", ["<a cell of a notebook>", __file__])
def test_a_function_outside_the_package_is_compiled_and_not_kept(name: str) -> None:
    """Nothing would say what it rests on."""
    space: dict = {}
    exec(compile("def twice(x):\n    return 2 * x\n", name, "exec"), space)
    twice = compiled(space["twice"])
    assert twice(4) == 8
    assert twice.stats.cache_path is None


def test_where_numba_is_told_to_keep_code_by_other_rules_none_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled(clipped.py_func).stats.cache_path is not None
    monkeypatch.setattr(numba.config, "CACHE_LOCATOR_CLASSES", "InTreeCacheLocator")
    assert compiled(clipped.py_func).stats.cache_path is None


def test_without_room_for_a_folder_a_function_is_compiled_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "CACHE_FOLDER", CACHE_FOLDER / "none")
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert compiled(clipped.py_func).stats.cache_path is None


def test_old_versions_of_a_module_are_swept_and_the_newest_kept(copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "cache" / "release"
    for age in range(9):
        for name in ("numerics.stocks", "numerics.gone"):
            old = root / f"{name}-{age:016x}"
            old.mkdir(parents=True)
            os.utime(old, (1_000_000 - age, 1_000_000 - age))
    mine = Path(asked(copy, tmp_path / "cache")[2])
    left = {path.name for path in root.iterdir() if path.name.startswith("numerics.stocks-")}
    assert mine.name in left
    assert len(left) == 6
    assert f"numerics.stocks-{0:016x}" in left, "the newest of the old ones stays"
    assert f"numerics.stocks-{8:016x}" not in left
    assert len(list(root.glob("numerics.gone-*"))) == 9, "of the modules that are there"


def test_folders_of_somebody_else_are_never_swept(copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "cache" / "release"
    names = {f"somebody's folder {n}" for n in range(9)} | {
        f"numerics.stocks-{d}" for d in ("0" * 15, "0" * 17, "A" * 16)
    }
    for name in names:
        (root / name).mkdir(parents=True)
        os.utime(root / name, (1_000_000, 1_000_000))
    asked(copy, tmp_path / "cache")
    assert names <= {path.name for path in root.iterdir()}


def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    probe = "from sim.numerics import compiled as c; " + CLIPPED
    probe += "; print(c.CACHE_FOLDER, next(c.CACHE_FOLDER.rglob('*.nbi'), None) is not None)"
    _, folder, was_used = asked(copy, tmp_path / "cache", probe=probe)
    assert was_used == "True"
    assert Path(folder).parent == tmp_path
    assert Path(folder).name.startswith("steppe-")
    assert not Path(folder).exists(), "it goes with the process that made it"
    assert (tmp_path / "cache").read_text(encoding="utf-8") == "a file where the folder should be"
