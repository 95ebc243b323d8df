"""The report: one page of HTML that needs nothing but itself, the same bytes for the same result."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.analysis import restraint
from sim.analysis.pairs import STILL, Contrast
from sim.ensemble.caveats import not_measured
from sim.evidence.loader import load_findings
from sim.parameters.backing import BackingTable, backing
from sim.report.contrasts import contrasts, ranked, tally
from sim.report.expectations import judged
from sim.report.expectations import rows as expected_rows
from sim.report.figures import draw_all, standing, write_figures
from sim.report.held import held_under, stands_under
from sim.report.labels import declared, figure_text, figure_texts, fixed_text, lower_first
from sim.report.opening import beside, every_kind, headlines, moved_most, sampled
from sim.report.patterns import ROLES, Pattern, Verdict, judge_all
from sim.report.provenance import Provenance
from sim.report.questions import MEASURE
from sim.report.set_by_scenario import addresses, set_by_scenario
from sim.report.statements import statements
from sim.report.study import LAST_OF_HISTORY, Study, n_runs_text
from sim.report.variants import variants_of
from sim.report.words import BANDS, Confidence, confidence
from sim.results.files import write_text
from sim.results.schema import DEFAULT_POINT, EFFORT, FIGURES, PAIRED_POINT, REPORT, WORLD

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.parameters.register import Register
    from sim.results.runs import Runs
    from sim.world.names import Names

TEMPLATES = Path(__file__).resolve().parent / "templates"
ROWS = 25
"""Rows of each table of paired differences; the rest stands in differences.csv."""


class Stored(Protocol):
    """What a report needs of a stored result."""

    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def manifest(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def runs(self) -> Runs: ...  # noqa: D102
    @property
    def trajectories(self) -> xr.DataArray | None: ...  # noqa: D102
    @property
    def quantiles(self) -> pd.DataFrame | None: ...  # noqa: D102


class Peopled(Protocol):
    """What a report needs of a world: who is in it, and the folder of its tables."""

    @property
    def names(self) -> Names: ...  # noqa: D102
    @property
    def folder(self) -> Path: ...  # noqa: D102


def write_report(result: Stored, world: Peopled, register: Register, patterns: Sequence[Pattern]) -> Path:
    """Write report.html, and into `figures/` figures (SVG, PNG), captions and differences.csv; return the page's path.

    Equal results give equal bytes: no date, path or host is written. Raises InputError where the disk refuses.
    """
    study = study_of(result, world)
    found = {scenario: contrasts(study, scenario) for scenario in study.compared[1:]}
    drawn, left = draw_all(study, found, world.folder)
    write_figures(drawn, result.path / FIGURES)
    write_text(result.path / FIGURES / "differences.csv", as_csv(study, found))
    free, pairs = (of(study.baseline, "free") for of in (study.runs, study.paired))
    verdicts = judge_all(patterns, free, register, world.folder, pairs)
    verdicts.sort(key=lambda verdict: ROLES.index(verdict.role))
    context = {
        **_opening(study, result, world),
        **_of_runs(study, found),
        **of_model(result.manifest, register),
        "figures": drawn,
        "left": left,
        "verdicts": verdicts,
        "tally": _tally(verdicts),
    }
    path = result.path / REPORT
    write_text(path, render(context))
    return path


def _opening(study: Study, result: Stored, world: Peopled) -> dict[str, Any]:
    """Return what the page opens with."""
    manifest, is_lone, moved = result.manifest, len(study.compared) == 1, moved_most(study)
    stems = list(dict.fromkeys(row.outcome for item in moved for row in item.rows))
    return {
        "headlines": headlines(study, _lost(manifest, world)),
        "moved": moved,
        "held": held_under(study, result.runs, variants_of(manifest), stems),
        "under": stands_under(manifest),
        "every_kind": every_kind(study) if is_lone else [],
        "beside": beside(study, (manifest.get("config") or {}).get("scenarios") or ()) if is_lone else "",
    }


def _of_runs(study: Study, found: Mapping[str, Sequence[Contrast]]) -> dict[str, Any]:
    """Return what the page says of the runs."""
    return {
        "study": study,
        "facts": study.provenance,
        "world": WORLD,
        "history_end": LAST_OF_HISTORY,
        "contrasts": {scenario: rows[:ROWS] for scenario, rows in found.items()},
        "tallies": {scenario: tally(study, scenario, rows) for scenario, rows in found.items()},
        "still": STILL,
        "rows_shown": ROWS,
        "n_outcomes": len(study.outcomes.names),
        "n_compared": len(ranked(study)),
        "statements": statements(study),
        "expected": expected_rows(study, judged(study)),
        "bands": BANDS,
    }


def of_model(manifest: Mapping[str, Any], register: Register) -> dict[str, Any]:
    """Return what the page says of the points, parameters and rules behind the runs."""
    backed = backing(register, load_findings())
    return {
        "sampled": sampled(manifest),
        "confidence": confidence_of(backed),
        "backed": backed,
        "groups": _groups(register),
        "entries": list(register.entries.values()),
        "changed": _changed(manifest, register),
        "switched_off": _switched_off(manifest),
    }


def study_of(result: Stored, world: Peopled) -> Study:
    """Return what figures and tables read of a result; what was not measured is left out, and pairs stand apart."""
    runs, series, manifest = result.runs, result.trajectories, result.manifest
    facts, lost = Provenance.of(manifest, len(runs)), _lost(manifest, world)
    runs, pairs = _apart(runs.having([name for name in runs.names if name.partition(".")[0] not in lost]), manifest)
    banded = result.quantiles if series is None else None
    if off := _switched_off(manifest):
        if series is not None:
            blank = not_measured(off, ((str(column), str(column)) for column in series["column"].values))
            series = series.isel(column=[i for i, name in enumerate(series["column"].values) if str(name) not in blank])
        elif banded is not None:
            blank = not_measured(off, ((str(column), str(column)) for column in banded["column"].unique()))
            banded = banded[~banded["column"].isin(blank)]
    config = manifest.get("config") or {}
    given = manifest.get("scenarios") or {}
    set_by = set_by_scenario(config.get("scenarios") or tuple(given), world.folder)
    measure, figures = tuple(config.get("measure") or (MEASURE,)), tuple(config.get("figures") or ())
    words = {**declared(world.folder), **restraint.WORDS}
    return Study(runs, series, world.names, facts, given, words, set_by, measure, figures, pairs, quantiles=banded)


def _apart(runs: Runs, manifest: Mapping[str, Any]) -> tuple[Runs, Runs | None]:
    """Return the runs at the default point, with what pairs give together with them, and these, None without."""
    pair = (manifest.get("config") or {}).get("pair") or ()
    runs, pairs = (runs.at(runs.keys["point"] == point) for point in (DEFAULT_POINT, PAIRED_POINT))
    if not pair:
        return runs, None
    if EFFORT in pair:
        runs = runs.assign(**restraint.joined(runs, pairs))
    return runs, pairs


def _lost(manifest: Mapping[str, Any], world: Peopled) -> tuple[str, ...]:
    """Return the stems of outcomes that were not measured, since the rule that does was switched off."""
    return not_measured(_switched_off(manifest), addresses(world.folder).items())


def render(
    context: Mapping[str, Any], template: str = "report.html.j2", sheets: Sequence[str] = ("report.css",)
) -> str:
    """Return the page for a context, its style sheets inside and named by hash in its content-security policy."""
    sheet = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in sheets)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return _environment().get_template(template).render(context, sheet=Markup(sheet), sheet_hash=digest)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "svg": Markup,
        "number": figure_text,
        "lower_first": lower_first,
        "percent": lambda share: f"{share:.0%}",
        "runs": n_runs_text,
        "fixed": fixed_text,
        "groupby_in_order": lambda rows, name: [(k, list(own)) for k, own in groupby(rows, attrgetter(name))],
        "g": lambda value: f"{value:g}",
        "plain": lambda value: f"{value:g}" if value > 1900 or (value >= 2 and value % 1 == 0) else f"{value:.2f}",
    }
    environment.globals["figure_texts"] = figure_texts
    return environment


def confidence_of(backed: BackingTable) -> Confidence:
    """Return the confidence that the backing of the parameters allows."""
    contested = sum(row.share for row in backed.rows if row.contested)
    return confidence(backed.share("documented"), backed.share("derived"), contested)


def _groups(register: Register) -> list[tuple[str, dict[str, int]]]:
    """Return each group of parameters with its counts by backing, and how many of them rest on contested facts."""
    rows: dict[str, dict[str, int]] = {}
    for entry in register.entries.values():
        row = rows.setdefault(entry.group, dict.fromkeys(("documented", "derived", "assumed", "contested"), 0))
        row[entry.backing] += 1
        row["contested"] += entry.contested
    return sorted(rows.items())


def _changed(manifest: Mapping[str, Any], register: Register) -> list[tuple[str, float, float]]:
    """Return (key, value, default) of the parameters that were set by hand."""
    groups = (manifest.get("config") or {}).get("parameters") or {}
    found = {f"{group}.{name}": value for group, items in groups.items() for name, value in items.items()}
    return [
        (key, value, register.entries[key].value) for key, value in sorted(found.items()) if key in register.entries
    ]


def _switched_off(manifest: Mapping[str, Any]) -> list[str]:
    folders = (manifest.get("config") or {}).get("rules") or {}
    return sorted(f"{folder}/{file}" for folder, files in folders.items() for file, on in files.items() if not on)


def _tally(verdicts: Sequence[Verdict]) -> dict[str, int]:
    tests = [v for v in verdicts if v.role == "test" and v.pattern.judged != "likelihood"]
    counts = {
        status: sum(v.status == status for v in tests) for status in ("met", "not met", "undetermined", "no runs")
    }
    counts["weighed"] = sum(v.status == "weighed" for v in verdicts)
    return {"tests": len(tests), **{key.replace(" ", "_"): n for key, n in counts.items()}}


def as_csv(study: Study, found: Mapping[str, Sequence[Contrast]]) -> str:
    """Return the differences of scenarios as a table (csv), below a line that says what they are of."""
    rows = [vars(contrast) for of_scenario in found.values() for contrast in of_scenario]
    return table_text(study, list(Contrast.__dataclass_fields__), rows)


def table_text(study: Study, fields: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as a table (csv) with these columns, below a line (#) that says what they are of."""
    lines = [f"# {standing(study)}", ",".join(fields)]
    lines += [",".join(_plain(row[name]) for name in fields) for row in rows]
    return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return f'"{value}"' if "," in str(value) else str(value)
