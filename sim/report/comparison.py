"""The page of a comparison: what moves between scenarios on the same dice, when, and by whom. Needs nothing but itself.

Beside the page stand `figures/` (SVG, PNG, captions, differences.csv with every outcome) and `comparison.json`, which
holds the same rows for programs. Equal results give equal bytes: no date, path or host is written.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim
from sim.analysis.compare import NEVER
from sim.analysis.pairs import STILL
from sim.evidence.loader import load_findings
from sim.parameters.backing import BackingTable, backing
from sim.report import expectations, figure_multiples, style
from sim.report.drawn import Cannot, Drawn, Left
from sim.report.effects import MOST_WHO, Effect, Effects, acts_of, effects_of, moved_anywhere, places, sentences
from sim.report.figures import finish, write_figures
from sim.report.page import TEMPLATES, Peopled, confidence_of, render, table_text
from sim.report.study import Study
from sim.results.files import canonical_json, sha256_of, write_json, write_text
from sim.results.schema import FIGURES, REPORT, WORLD

if TYPE_CHECKING:
    import xarray as xr

    from sim.parameters.register import Register

Record = Callable[[Sequence[str]], "xr.DataArray"]
"""Makes the series of these addresses: float32, run × quarter × column, as a result's trajectories."""

ROWS = 15
"""Families of outcomes in the table of a scenario; the rest stands in differences.csv."""

DATA = "comparison.json"
"""File with every row, for programs."""


def write_comparison(
    study: Study,
    folder: Path,
    world: Peopled,
    register: Register,
    asked: Iterable[Any],
    record: Record | None = None,
) -> dict[str, Any]:
    """Write the page of a study into a folder, and all that stands beside it; return what comparison.json holds.

    `asked` are names or paths of the scenarios, so that the page can say what they set. With `record` the series behind
    the outcomes that move are made anew; else those that the study holds are shown. What was written before from the
    same runs by the same program is left as it is. Raises InputError where the disk refuses.
    """
    acts = acts_of(asked, study)
    backed = backing(register, load_findings())
    key = _key(study, acts, backed)
    if (kept := _kept(folder, key)) is not None:
        return kept
    if record is not None:
        declared = places(study, world.folder)
        wanted = [declared[name] for name in moved_anywhere(study) if name in declared]
        study = replace(study, trajectories=record(list(dict.fromkeys(wanted))) if wanted else None)
    found = [effects_of(study, name, world.folder, acts.get(name, ())) for name in study.compared[1:]]
    drawn, left = _draw(found)
    write_figures(drawn, folder / FIGURES)
    rows = [row for effects in found for row in _rows(effects)]
    fields = list(dict.fromkeys(name for row in rows for name in row))
    write_text(folder / FIGURES / "differences.csv", table_text(study, fields, rows))
    write_text(folder / REPORT, render(_context(study, found, drawn, left, backed, acts), "comparison.html.j2"))
    content = {
        "key": key,
        "page": sha256_of(folder / REPORT),
        "base": study.baseline,
        "scenarios": [_summary(effects) for effects in found],
        "expectations": [vars(row) for row in expectations.rows(study, expectations.judged(study))],
        "rows": [{name: _known(value) for name, value in row.items()} for row in rows],
    }
    write_json(folder / DATA, content)
    return content


def _draw(found: Sequence[Effects]) -> tuple[list[Drawn], list[Left]]:
    drawn: list[Drawn] = []
    left: list[Left] = []
    with style.drawing():
        for effects in found:
            try:
                drawn.append(finish(effects.study, figure_multiples.sketch(effects), len(drawn) + 1))
            except Cannot as reason:
                left.append(Left(f"Small multiples: {effects.study.title(effects.scenario)}", str(reason)))
    return drawn, left


def _context(
    study: Study,
    found: Sequence[Effects],
    drawn: Sequence[Drawn],
    left: Sequence[Left],
    backed: BackingTable,
    acts: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return what the page says."""
    return {
        "study": study,
        "facts": study.provenance,
        "world": WORLD,
        "found": found,
        "told": {effects.scenario: sentences(effects) for effects in found},
        "base_acts": acts.get(study.baseline, ()),
        "expected": expectations.rows(study, expectations.judged(study)),
        "figures": drawn,
        "left": left,
        "confidence": confidence_of(backed),
        "rows_shown": ROWS,
        "still": STILL,
        "never": NEVER,
        "who_shown": MOST_WHO,
        "n_series": study.series_runs,
    }


def _rows(effects: Effects) -> list[dict[str, Any]]:
    """Return a row for every outcome of a scenario: its contrast, when its number differs and opens, and whose it is.

    The two quarters are empty where the series was not recorded, which is so for what does not move.
    """
    study, found = effects.study, []
    for contrast in effects.found:
        opened = effects.opened(contrast.outcome)
        quarters = (opened.differs, opened.opens) if opened else (NEVER, NEVER)
        differs, opens = ("" if place == NEVER else study.quarter(place) for place in quarters)
        found.append({
            **vars(contrast),
            "is_moved": contrast.is_moved,
            "is_still": contrast.is_still,
            "is_set": study.is_set(effects.scenario, contrast.outcome),
            "differs": differs,
            "opens": opens,
            "actor": effects.who(contrast.outcome),
        })  # fmt: skip
    return found


def _summary(effects: Effects) -> dict[str, Any]:
    count = effects.tally
    return {
        "scenario": effects.scenario,
        "title": effects.study.title(effects.scenario),
        "sets": list(effects.acts),
        "outcomes": count.n,
        "moved": count.n_moved,
        "still": count.n_still,
        "undecided": count.n_open,
        "says": sentences(effects),
        "families": [_family(effects, effect) for effect in (*effects.sized, *effects.bare)],
    }


def _family(effects: Effects, effect: Effect) -> dict[str, Any]:
    study, row = effects.study, effect.row
    opens = effect.opened.opens if effect.opened else NEVER
    return {
        "outcome": row.outcome,
        "words": study.outcome(row.outcome),
        "unit": study.unit(row.outcome),
        "mean": row.mean,
        "standardised": _known(row.standardised),
        "opens": "" if opens == NEVER else study.quarter(opens),
        "carriers": dict(effect.carriers),
    }


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _key(study: Study, acts: Mapping[str, Sequence[str]], backed: BackingTable) -> str:
    """Return the hash of all that the page is made from: runs, words, backing, and the program that draws it."""
    sources = (path for path in (*TEMPLATES.parent.rglob("*"), *(TEMPLATES.parents[1] / "analysis").glob("*.py")))
    program = {path.name: sha256_of(path) for path in sorted(sources) if path.suffix in (".py", ".j2", ".css")}
    facts = vars(study.provenance) | {"versions": dict(study.provenance.versions)}
    series = list(study.columns) if study.trajectories is not None else None
    rests_on = [vars(row) for row in backed.rows]
    content = [facts, study.compared, study.given, acts, dict(study.words), rests_on, program, sim.__version__, series]
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _kept(folder: Path, key: str) -> dict[str, Any] | None:
    """Return what a page that is there already holds; None where it is of something else, or not whole."""
    try:
        content: dict[str, Any] = json.loads((folder / DATA).read_text(encoding="utf-8"))
        is_whole = content["key"] == key and content["page"] == sha256_of(folder / REPORT)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content if is_whole and (folder / FIGURES / "differences.csv").is_file() else None
