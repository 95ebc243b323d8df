"""The page on adding a mechanism: followed to the letter in a copy of the repository, it leads where it says.

The copy compiles the model anew, once, in a cache of its own. Blocks of the page: `sh` is run by a shell, `python` by
Python, `diff` changes the file that its first line names, and `text` is part of what the commands above it print, with
… for what varies.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "add-a-mechanism.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", TEXT)
STEPPE = "import sys; from sim.cli import main; sys.exit(main())"
COPIED = ("configs", "docs", "requirements", "scripts", "sim", "tests", "Makefile", "README.md", "pyproject.toml")
STALE = "the page docs/add-a-mechanism.md is out of date"


@dataclass
class Followed:
    """What there is after the page: the copy, and for each `text` block what it says and what was printed."""

    root: Path
    printed: list[tuple[str, str]] = field(default_factory=list)


def copy(root: Path) -> None:
    """Copy what the page and the tests that it runs need."""
    root.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)


def settings(root: Path) -> dict[str, str]:
    """Write `steppe` and `python` for the copy; return the environment in which they are found."""
    commands = root / ".commands"
    commands.mkdir()
    for name, rest in (("steppe", f" -c '{STEPPE}'"), ("python", "")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{rest} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    left = ("PYTEST", "STEPPE_REQUIRE", "COLUMNS")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(left)}
    return outer | {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root),
        "PYTHONIOENCODING": "utf-8",
        "STEPPE_BOUNDSCHECK": "1",
    }


def change(root: Path, block: str) -> None:
    """Carry out a `diff` block: the lines of each part that are not added stand in the file once, in this order."""
    head, _, body = block.partition("\n")
    path = root / head.removeprefix("--- ")
    content = path.read_text(encoding="utf-8")
    for part in re.split(r"(?m)^@@\n", body):
        lines = part.splitlines()
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != left) for left in "+-")
        count = f"\n{content}".count(f"\n{old}")
        assert count == 1, f"{STALE}: in {path.relative_to(root)} this stands {count} times, not once:\n{old}"
        content = f"\n{content}".replace(f"\n{old}", f"\n{new}")[1:]
    path.write_text(content, encoding="utf-8")


def pattern(line: str) -> str:
    """Return the regular expression of a line of a `text` block, whatever its breaks and spaces."""
    parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in line.split("…")]
    return r"[^\n]*".join(parts)


def follow(root: Path) -> Followed:
    """Follow the page from its first block to its last."""
    result = Followed(root)
    copy(root)
    inside, output = settings(root), ""
    commands = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-c"]}
    for kind, block in BLOCKS:
        if kind == "diff":
            change(root, block)
        elif kind == "text":
            result.printed.append((block, output))
        else:
            command = [*commands[kind], block]
            done = subprocess.run(command, cwd=root, env=inside, capture_output=True, check=False, text=True)
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"{STALE}: it stops at\n{block}\n{output[-4000:]}"
    return result


def check_what_is_printed(followed: Followed) -> None:
    """Every line that the page shows was printed."""
    shown = [(line, output) for block, output in followed.printed for line in block.splitlines()]
    missing = [line for line, output in shown if not re.search(pattern(line), output)]
    assert missing == [], f"{STALE}: these lines are not printed"


def check_that_tests_were_run(followed: Followed) -> None:
    """The toy's own, the contracts, its row of coverage, its parameters and the pages."""
    counts = [re.search(r"(\d+) passed, \d+ deselected", output) for _, output in followed.printed]
    passed = max(int(count[1]) for count in counts if count)
    own = (followed.root / "tests" / "rules" / "technology" / "test_worry.py").read_text(encoding="utf-8")
    assert passed > own.count("\ndef test_") + 40


def check_what_the_switch_does(followed: Followed) -> None:
    """On the same dice there is more hedging with the rule than without, in every run."""
    arms = [pd.read_parquet(next((followed.root / "results" / arm).rglob("outcomes"))) for arm in ("with", "without")]
    with_rule, without = (arm[arm["point"] == "default"].set_index(["seed", "replication"]) for arm in arms)
    assert with_rule.index.equals(without.index)
    assert len(with_rule) == 20
    assert (with_rule["hedging.KGZ"] > without["hedging.KGZ"]).all()


def test_the_page_is_made_of_blocks_that_are_followed() -> None:
    """Every fence belongs to a block, and every template is used."""
    assert {kind for kind, _ in BLOCKS} == {"sh", "diff", "text", "python"}
    assert TEXT.count("\n```") == 2 * len(BLOCKS)
    named = {name for kind, block in BLOCKS if kind == "sh" for name in re.findall(r"docs/templates/(\S+)", block)}
    assert named == {path.name for path in (ROOT / "docs" / "templates").iterdir() if path.is_file()}


def test_whoever_follows_the_page_gets_what_it_says(tmp_path: Path) -> None:
    """One test, so that the copy is compiled once also where tests are spread over processes."""
    followed = follow(tmp_path / "steppe")
    check_what_is_printed(followed)
    check_that_tests_were_run(followed)
    check_what_the_switch_does(followed)


def test_an_edit_whose_place_is_gone_is_found_out(tmp_path: Path) -> None:
    """A part of a `diff` block has to stand in the file once."""
    (tmp_path / "order.txt").write_text("one\ntwo\none\nthree\n", encoding="utf-8")
    change(tmp_path, "--- order.txt\n one\n-three\n+four\n@@\n+zero\n one\n two\n")
    assert (tmp_path / "order.txt").read_text(encoding="utf-8") == "zero\none\ntwo\none\nfour\n"
    for part in (" one\n+two\n", " three\n", " on\n"):
        with pytest.raises(AssertionError, match="out of date"):
            change(tmp_path, f"--- order.txt\n{part}")


def test_the_messages_on_the_page_are_those_of_the_code() -> None:
    """Every message that the page explains stands somewhere in the sources, apart from what varies in it."""
    table = TEXT.split("\n## 8. ")[1].split("\n## ")[0]
    messages = re.findall(r"(?m)^\| `([^`]+)` \|", table)
    assert len(messages) >= 8
    files = [path for folder in ("sim", "tests") for path in (ROOT / folder).rglob("*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files if path != Path(__file__))
    pieces = {piece.strip() for message in messages for piece in message.split("…") if piece.strip()}
    assert sorted(piece for piece in pieces if piece not in sources) == []
