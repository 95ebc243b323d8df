"""The page on Mesa: its blocks run in order, in one namespace, and give what the text says."""

from __future__ import annotations

import ast
import multiprocessing
import re
from pathlib import Path
from typing import Any

import matplotlib
import mesa
import pytest

from sim.model import Steppe

PAGE = Path(__file__).resolve().parent.parent / "docs" / "mesa.md"
HAS_BATCH_RUN = hasattr(mesa, "batch_run")
"""Mesa 4 has none: its block is left out there."""

WRITTEN = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
BLOCKS = [block for block in WRITTEN if HAS_BATCH_RUN or "batch_run" not in block]


def run(block: str, names: dict[str, Any]) -> Any:
    """Run a block as a notebook does; return the value of its last line, if that is an expression."""
    tree = ast.parse(block)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(PAGE), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(PAGE), "eval"), names) if last else None


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[Any], Path]:
    """What stands after the page: its names, the value of each block, and the folder it worked in."""
    names: dict[str, Any] = {"__name__": "page"}
    folder, method = tmp_path_factory.mktemp("page"), multiprocessing.get_start_method(allow_none=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        before = matplotlib.get_backend()
        matplotlib.use("agg")
        try:
            values = [run(block, names) for block in BLOCKS]
        finally:
            names["plt"].close("all")
            matplotlib.use(before)
            multiprocessing.set_start_method(method, force=True)
    return names, values, folder


def test_every_block_runs(page) -> None:
    names, values, _ = page
    assert len(values) >= 10
    assert isinstance(names["model"], Steppe)
    assert names["model"].quarter == "2020Q1"


def test_the_change_by_hand_shows(page) -> None:
    names, values, folder = page
    assert next(v for v, block in zip(values, BLOCKS, strict=True) if "skilled.states" in block) < 0
    frame = names["series"](names["skilled"])
    assert len(frame) == 180
    assert str(frame.index[0]) == "1991Q1"
    assert (folder / "kazakhstan.png").stat().st_size > 10_000


def test_the_outage_shows(page) -> None:
    struck, plain = next(v for v, block in zip(page[1], BLOCKS, strict=True) if "struck = " in block)
    assert struck > plain


@pytest.mark.skipif(not HAS_BATCH_RUN, reason="Mesa 4 has no batch_run")
def test_the_batch_is_paired(page) -> None:
    assert (page[0]["table"]["vendor_outage"] >= page[0]["table"]["baseline"]).all()
    assert len(page[0]["rows"]) == 6


def test_each_refusal_says_what_is_wrong(page) -> None:
    messages = next(v for v, block in zip(page[1], BLOCKS, strict=True) if "local_capasity" in block)
    wanted = (
        "Did you mean 'local_capacity'",
        "outside its range",
        "do not sum to one",
        "use model.schedule_inject('leader_demand', ...)",
        "another model",
        "later end=",
    )
    assert len(messages) == len(wanted)
    for message, part in zip(messages, wanted, strict=True):
        assert part in message
