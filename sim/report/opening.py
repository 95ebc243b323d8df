"""What the page opens with: the main table, what each scenario moved most, and all outcomes where nothing compares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sim.report.bands import summary
from sim.report.contrasts import Contrast, by_kind, ranked
from sim.report.labels import figure_text, figure_texts
from sim.report.patterns import spread_text
from sim.report.study import Study

MOST = 3
"""Kinds of outcome that are named as moved most."""

MEASURE = "dependence_china"
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Moved:
    """What one scenario moved most against the baseline."""

    scenario: str
    rows: tuple[Contrast, ...]
    """The largest kinds of outcome, at most MOST, each the mean over its states; empty where none clearly moved."""
    n_pairs: int
    """Pairs of runs on the same dice; one tells no luck from effect."""


def headline(study: Study, is_measured: bool = True) -> list[tuple[str, list[str]]]:
    """Return rows of the opening table: a state, and its dependence on China by scenario with the middle 90%."""
    rows = []
    for state in study.names.reported:
        cells = []
        for scenario in study.compared:
            values = study.values(f"{MEASURE}.{state}", scenario)
            if not is_measured:
                cells.append(NOT_MEASURED)
            elif len(values):
                low, middle, high = summary(values)
                cells.append(f"{middle:.2f}" if len(values) == 1 else f"{middle:.2f} ({low:.2f}–{high:.2f})")
        if cells:
            rows.append((study.label(state), cells))
    return rows


def moved_most(study: Study) -> list[Moved]:
    """Return for each scenario but the baseline what it moved most; empty where nothing is to be compared."""
    found = []
    for scenario in study.compared[1:]:
        kinds = by_kind(study, scenario)
        rows = tuple(row for row in kinds if row.is_moved)[:MOST]
        found.append(Moved(scenario, rows, max((row.n_pairs for row in kinds), default=0)))
    return found


def every_kind(study: Study) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return rows of a table of all outcomes of the baseline: its words, its unit and a cell a reported state.

    An outcome that has no state gives a single cell. A cell is the median and, where runs differ, the middle 90 per
    cent; dates that never come in some runs are told in one sentence.
    """
    stems = dict.fromkeys(name.partition(".")[0] for name in ranked(study))
    rows = []
    for stem in stems:
        names = [stem] if stem in study.outcomes else [f"{stem}.{state}" for state in study.names.reported]
        rows.append((study.meaning(stem), study.unit(stem), [_cell(study, name) for name in names]))
    return rows


def _cell(study: Study, name: str) -> tuple[str, str]:
    values, unit = study.values(name, study.baseline), study.unit(name)
    if not len(values):
        return figure_text(float("nan")), ""
    low, middle, high = summary(values)
    if unit == "year":
        return (spread_text(values) if len(values) > 1 else figure_text(middle, unit)), ""
    texts = figure_texts((low, middle, high))
    return texts[1], f"({texts[0]}–{texts[2]})" if low < high else ""


def beside(study: Study, asked: Iterable[Any]) -> str:
    """Return the command that runs a lone scenario beside the baseline; `asked` are names or paths of scenarios."""
    named = next((PurePath(str(item)).name for item in asked if str(item) != "baseline"), None)
    other = named or (study.baseline if study.baseline != "baseline" else "vendor_outage")
    return f"steppe run 'scenario=[baseline,{other}]'"
