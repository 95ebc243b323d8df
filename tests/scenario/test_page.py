"""The page on scenarios: its examples are put on stage, and it names every key."""

import re
from pathlib import Path

import pytest

from sim.commands.scenarios import of_scenario
from sim.scenario.reader import _Stated, load_scenario
from sim.scenario.stage import stage
from sim.scenario.timing import KEYS
from sim.world.build import build_world
from sim.world.calendar import parse_quarter

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
@pytest.mark.parametrize("history", ["replay", "free"])
def test_examples_are_whole_scenarios(tmp_path: Path, text: str, history: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    stage(build_world(), load_scenario(str(path)), history, 0, parse_quarter("2035Q4"))
    assert of_scenario(str(path))["question"].startswith("What follows if")


def test_the_first_has_ten_lines() -> None:
    assert len(EXAMPLES[0].splitlines()) == 10


@pytest.mark.parametrize("key", [*_Stated.model_fields, *KEYS, "kind", "strength", "act", "cost", "budget", "actor"])
def test_page_names_every_key(key: str) -> None:
    assert re.search(rf"`{key}[`:]", PAGE) or re.search(rf"(?m)\b{key}: ", PAGE)
