"""A made result of several points: what scenarios change is scaled at each, by numbers that no model computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.results.files import write_signed
from sim.results.outcomes import write_part
from sim.results.schema import DEFAULT_POINT, KEYS, part_name
from sim.results.store import Result, open_result
from tests.report.made_result import CONFIG, MANIFEST, _run_keys, outcome_columns, plan

USUAL = {"choice": "random_utility", "restraint": "principal_agent", "accusation": "mixture"}
MEASURE = ("dependence_china", "tension", "service_lost")
POINTS: dict[str, tuple[float, float, float, dict[str, Any]]] = {
    DEFAULT_POINT: (1.0, 0.0, 0.0, {"title": "As the experiment stands"}),
    "choice_satisficing": (1.0, 0.0, 0.0, {"title": "Satisficing", "theory": {**USUAL, "choice": "satisficing"}}),
    "choice_imitation": (0.4, 0.0, 0.0, {"title": "Imitation", "theory": {**USUAL, "choice": "imitation"}}),
    "restraint_ideology": (-1.0, 0.02, 0.0, {"title": "Ideology", "theory": {**USUAL, "restraint": "ideology"}}),
    "worldview_cautious": (0.0, -0.02, 0.0, {"title": "Only what is not contested", "worldview": "cautious"}),
    "worldview_rusi_sco": (0.0, 0.0, 1.0, {"title": "Paving the Digital Silk Road", "worldview": "rusi_sco"}),
    "both": (1.0, 0.01, 0.0, {
        "title": "Quota; only what is not contested",
        "theory": {**USUAL, "accusation": "quota"},
        "worldview": "cautious",
    }),
}  # fmt: skip
"""Point to what a scenario's change is multiplied by, what is added to every run, the noise of a scenario's own in
standard deviations of the baseline, and what the manifest says."""


def points() -> dict[str, dict[str, Any]]:
    """Return what the manifest says of the points."""
    usual = {"theory": USUAL, "worldview": "all", "parameters": {}, "couplings": {}}
    return {name: {**usual, **told} for name, (_, _, _, told) in POINTS.items()}


def outcomes(n_runs: int) -> pd.DataFrame:
    """Return the runs of all points."""
    keys = plan(n_runs, free=False)
    usual = outcome_columns(keys)
    names = [name for name in usual if name not in KEYS]
    before = usual[usual["scenario"] == "baseline"].set_index("replication").loc[keys["replication"], names].to_numpy()
    change = usual[names].to_numpy() - before
    moved = (keys["scenario"] != "baseline").to_numpy()[:, None]
    spread = np.nan_to_num(before).std(axis=0)
    tables = []
    for i, (point, (factor, shift, noise, _)) in enumerate(POINTS.items()):
        own = np.random.default_rng(50 + i).standard_normal(change.shape) * noise * spread * moved
        values = pd.DataFrame(before + factor * change + shift + own, columns=names)
        tables.append(pd.concat([keys.assign(point=point, run=keys["run"] + i * len(keys)), values], axis=1))
    return pd.concat(tables, ignore_index=True)


def made_theories(folder: Path, n_runs: int = 24, is_varied: bool = True) -> Result:
    """Write a result into `folder`, of the default point alone unless it is varied, and return it opened."""
    table = outcomes(n_runs)
    if not is_varied:
        table = table[table["point"] == DEFAULT_POINT]
    names = [name for name in table if name not in KEYS]
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for slot, (_, rows) in enumerate(table.groupby(["point", "scenario"], sort=False)):
        parts.append(part_name(str(slot)))
        write_part(folder / parts[-1], _run_keys(rows), names, rows[names].to_numpy())
    told = {
        "config": {**CONFIG, "name": "theories", "measure": list(MEASURE), "page": "theories"},
        "experiment": "theories",
        "counts": {"runs": len(table), "replications": n_runs},
        "parts": parts,
        "trajectories": [],
        "points": points() if is_varied else {DEFAULT_POINT: points()[DEFAULT_POINT]},
    }
    write_signed(folder / "manifest.json", {**MANIFEST, **told})
    return open_result(folder)
