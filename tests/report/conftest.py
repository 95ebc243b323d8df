from __future__ import annotations

from pathlib import Path

import pytest

from sim.parameters.register import Register, load_register
from sim.report.comparable import Source, side_by_side
from sim.report.comparison import write_comparison
from sim.report.page import study_of, write_report
from sim.report.patterns import load_patterns
from sim.report.study import Study
from sim.results.store import Result
from tests.report.made_result import SHIFT, MadeWorld, made_result


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="session")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return made_result(tmp_path_factory.mktemp("made") / "result", n_runs=24)


@pytest.fixture(scope="session")
def study(result: Result) -> Study:
    return study_of(result, MadeWorld())


@pytest.fixture(scope="session")
def page(result: Result, register: Register) -> Path:
    """Path of the report of `result`, with its figures beside it."""
    return write_report(result, MadeWorld(), register, load_patterns())


@pytest.fixture(scope="session")
def both(result: Result) -> Study:
    """The scenarios of `result` side by side."""
    return side_by_side([Source(result, name) for name in SHIFT], MadeWorld())


@pytest.fixture(scope="session")
def comparison(both: Study, register: Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the page that sets the scenarios of `result` against its baseline, with its files beside it."""
    folder = tmp_path_factory.mktemp("comparison")
    write_comparison(both, folder, MadeWorld(), register, tuple(SHIFT))
    return folder / "report.html"
