"""What-ifs of the documents: all are there, each asked by a scenario or left with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.scenario.reader import list_scenarios, load_scenario
from sim.scenario.whatifs import WHATIFS, load_whatifs

HEAD = "number,whatif,source,scenarios,reason\n"


def test_all_are_there_and_cite_lines_that_the_register_has() -> None:
    found = load_whatifs()
    assert list(found) == list(range(1, 40))
    known = {line for fact in load_findings().values() for line in re.findall(r"\d{3}:\d+", fact.citation)}
    assert {line for one in found.values() for line in one.source} - known <= {"001:165"}


def test_what_a_document_supposes_is_a_what_if() -> None:
    asked = {name for one in load_whatifs().values() for name in one.scenarios}
    assert {name for name in list_scenarios() if load_scenario(name).tag == "document"} <= asked


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,a thing,000:91,,", "names neither a scenario nor the reason"),
        ("1,a thing,000:91,western_sanction,", "there is no 'western_sanction'. Did you mean 'western_sanctions'?"),
        ("2,a thing,000:91,,a reason", "number is 2, where 1 is next"),
        ("1,,000:91,,a reason", "whatif is empty"),
    ],
)
def test_a_malformed_row_is_named_with_file_and_line(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / WHATIFS.name
    path.write_text(f"{HEAD}{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_whatifs(path)
    assert words in str(error.value)
    assert f"{path}, line 2" in str(error.value)
