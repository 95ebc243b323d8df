"""Compiling ahead: the shares are the whole schedule, other processes get theirs, and no run rests on them."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.kernel import ahead
from sim.kernel.ahead import MOST, compile_ahead
from sim.rules.schedule import SCHEDULE
from sim.world.build import World
from tests.kernel.runs import run

N_RULES = 9


class Rules:
    """A schedule whose rules only note which of them is compiled, and for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Any]] = []

    def __getitem__(self, share: slice) -> list[SimpleNamespace]:
        def rule(number: int) -> SimpleNamespace:
            return SimpleNamespace(apply=SimpleNamespace(compile=lambda kinds: self.asked.append((number, kinds))))

        return [rule(number) for number in range(N_RULES)[share]]

    def compiled(self) -> list[int]:
        return [number for number, _ in self.asked]


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Rules:
    made = Rules()
    monkeypatch.setattr(ahead, "SCHEDULE", made)
    return made


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have other processes run a shell script in place of Python; `$4` is the first rule of a share."""
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\ncd '{tmp_path}'\n{text}\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(ahead.sys, "executable", str(script))


def test_the_types_are_those_for_which_the_model_is_compiled(world: World, params: np.ndarray, rules: Rules) -> None:
    run(world, params, [0])
    compile_ahead(world.record, params, 1)
    assert rules.compiled() == list(range(N_RULES))
    signature = rules.asked[0][1]
    for rule in SCHEDULE:
        is_there = signature in rule.apply.overloads
        rule.apply.compile(signature)
        assert is_there or rule.apply.stats.cache_hits[signature] == 1, rule.NAME


def test_every_process_gets_its_share_and_the_types(
    world: World, params: np.ndarray, rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, 'cat > "types.$4"; sleep 0.2; echo "$* $PYTHONPATH" > "asked.$4"')
    compile_ahead(world.record, params, 3)
    assert rules.compiled() == [0, 3, 6]
    package = Path(ahead.__file__).parent.parent.parent
    for first in ("1", "2"):
        *asked, path = (tmp_path / f"asked.{first}").read_text(encoding="utf-8").split()
        assert asked == ["-P", "-m", "sim.kernel.ahead", first, "3"]
        assert path.split(os.pathsep)[0] == str(package)
        assert pickle.loads((tmp_path / f"types.{first}").read_bytes()) == rules.asked[0][1]
    rules.asked.clear()
    for first in range(3):
        ahead._compile(rules.asked, first, 3)  # type: ignore[arg-type]
    assert sorted(rules.compiled()) == list(range(N_RULES))


def test_there_are_never_too_many(
    world: World, params: np.ndarray, rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, 'echo > "asked.$4"')
    compile_ahead(world.record, params, 500)
    assert len(list(tmp_path.glob("asked.*"))) == MOST - 1
    assert rules.compiled() == list(range(N_RULES))[::MOST]


@pytest.mark.parametrize("fault", ["exit 1", "kill -9 $$", "cat > /dev/null; exit 1"])
def test_a_process_that_fails_does_no_harm(
    world: World, params: np.ndarray, rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    stand_in(tmp_path, monkeypatch, fault)
    compile_ahead(world.record, params, 2)
    assert rules.compiled() == [0, 2, 4, 6, 8]


def test_a_process_that_cannot_begin_does_no_harm(
    world: World, params: np.ndarray, rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead.sys, "executable", str(tmp_path / "none"))
    compile_ahead(world.record, params, 2)
    assert rules.compiled() == [0, 2, 4, 6, 8]


def test_an_interrupt_ends_the_others(
    world: World, params: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        while not (tmp_path / "begun").is_file():
            time.sleep(0.01)
        raise KeyboardInterrupt

    stand_in(tmp_path, monkeypatch, "echo $$ > named; mv named begun; exec sleep 60")
    monkeypatch.setattr(ahead, "_compile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compile_ahead(world.record, params, 2)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "begun").read_text(encoding="utf-8")), 0)


def test_a_process_whose_parent_is_gone_stops(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 7, 1, 1, 1, 1, 1, 1, 1])
    monkeypatch.setattr(ahead.os, "getppid", lambda: next(parents))
    ahead._compile((), 0, 1)
    assert rules.compiled() == [0, 1]
