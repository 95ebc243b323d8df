"""Made numbers of armed groups, patrons, accusers and audiences, which no model computed: for tests alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from sim.report.provenance import Provenance
from sim.report.study import Study
from sim.results.runs import Runs
from sim.results.schema import PAIRED_POINT
from sim.world.calendar import format_quarter
from tests.report.made_result import MANIFEST, N_QUARTERS, NAMES

GROUPS = {"Hayat Tahrir al-Sham": 9000.0, "Katibat al-Tawhid wal-Jihad": 500.0, "Turkestan Islamic Party": 2000.0,
          "Hurras al-Din": 1500.0, "Ansar al-Din": 300.0, "Islamic State": 12000.0}  # fmt: skip
"""Members at the most."""
SHORT = dict(zip(GROUPS, ("hts", "ktj", "tip", "hurras", "ansar", "is"), strict=True))
"""Ends of outcomes of one group."""
WORDS = {f"hazard_{key}": (f"expected attempts abroad, {group}", "attempts") for group, key in SHORT.items()}
CLIENTS = tuple(GROUPS)[1:]
ACCUSED = ("Katibat al-Tawhid wal-Jihad", "Hayat Tahrir al-Sham")
AUDIENCES = {"governments of the West": 0.1, "public in Russia": 0.15, "public in Turkey": 0.2}
"""Beliefs before anything is said."""
TITLES = {
    "baseline": "Baseline",
    "patron_delisted": "The patron's designation is lifted",
    "recognition_refused": "Recognition refused for good",
    "idlib_falls": "Idlib falls",
    "ceasefire_holds": "The cease-fire holds",
    "hardliner_coup": "A harder leadership in the hub",
    "protest_wave": "A wave of protest in Russia",
    "patron_becomes_state": "The patron becomes the state",
}
BEGINS, ACTS = 84, 127
"""Quarters from which the made groups are there and from which they act: 2012Q1 and 2022Q4."""
ON_RECORD = [105, 118, 120]
"""Quarters with an accusation in every run: 2017Q2, 2020Q3 and 2021Q1."""


def keys(n_runs: int, scenarios: tuple[str, ...] = tuple(TITLES)) -> pd.DataFrame:
    """Return the keys of runs: every scenario in replay, and the first in free history."""
    sets = [(scenario, "replay") for scenario in scenarios] + [(scenarios[0], "free")]
    rows = [("default", scenario, history, replication) for scenario, history in sets for replication in range(n_runs)]
    table = pd.DataFrame(rows, columns=["point", "scenario", "history", "replication"])
    table.insert(0, "run", np.arange(len(table)))
    return table.assign(seed=7)


def made_study(n_runs: int = 24) -> Study:
    """Return a study of eight scenarios, with the paired runs of each."""
    of = keys(n_runs)
    names = replace(NAMES, groups=tuple(GROUPS))
    facts = Provenance.of(MANIFEST, len(of))
    given = {name: {"title": title} for name, title in TITLES.items()}
    table, pairs = (pd.concat([of, make(of)], axis=1) for make in (outcomes, without_effort))
    return Study(
        Runs.of(table), trajectories(of), names, facts, given, WORDS, pairs=Runs.of(pairs.assign(point=PAIRED_POINT))
    )


def outcomes(of: pd.DataFrame) -> pd.DataFrame:
    """Return outcomes of the runs in `of`."""
    luck = np.random.default_rng(31).lognormal(0, 0.4, (int(of["replication"].max()) + 1, 16))[of["replication"]]
    shift = 0.1 * of["scenario"].map({name: i for i, name in enumerate(dict.fromkeys(of["scenario"]))}).to_numpy()
    made = {
        "near_misses": np.floor(6 * luck[:, 0] * (1 + shift)),
        "calm": np.floor(1200 + 40 * luck[:, 4]),
        "attempts_abroad": np.floor(4 * luck[:, 1] * (1 + 2 * shift)),
        "hazard_idlib": 0.5 * luck[:, 2] * (1 + shift),
        "hazard_all": 2.5 * luck[:, 3] * (1 + shift),
    }
    for i, group in enumerate(GROUPS):
        made[f"hazard_{SHORT[group]}"] = (0.05 + 0.1 * i) * luck[:, 4 + i] * (1 + shift)
    for i, group in enumerate(CLIENTS):
        ends = luck[:, 10 + i] * (1 + shift) > 1.6
        made[f"spell_{SHORT[group]}"] = np.floor(np.where(ends, 60 + 15 * luck[:, 2], 96 - 4 * i))
        made[f"failures_{SHORT[group]}"] = ends.astype(float)
    return pd.DataFrame(made, index=of.index)


def without_effort(of: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of the pairs of the runs in `of`: more is to be expected, and lives end sooner."""
    made = outcomes(of)
    held = np.random.default_rng(32).beta(4, 6, len(of))
    for name in made:
        if name.startswith("hazard"):
            made[name] /= 1 - held * (0.2 if name == "hazard_is" else 1)
        if name.startswith("spell"):
            made[name] = np.floor(0.9 * made[name])
    return made


def trajectories(of: pd.DataFrame) -> xr.DataArray:
    """Return the series of the runs in `of`."""
    rows = series(of)
    replication = of["replication"].to_numpy()
    return xr.DataArray(
        np.stack([values for _, values in rows], axis=2).astype(np.float32),
        dims=("run", "quarter", "column"),
        coords={
            "quarter": [format_quarter(q) for q in range(N_QUARTERS)],
            "column": [address for address, _ in rows],
            "scenario": ("run", of["scenario"].to_numpy().astype(str)),
            "history": ("run", of["history"].to_numpy().astype(str)),
            "replication": ("run", replication),
        },
        name="value",
    )


def series(of: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Return addresses and series, shape (runs, quarters): the same luck in every scenario."""
    replication = of["replication"].to_numpy()
    shift = of["scenario"].map({name: i for i, name in enumerate(dict.fromkeys(of["scenario"]))}).to_numpy()
    rows = _strength(replication, shift) + _hazards(replication, shift)
    return rows + _accusations(replication, shift) + _beliefs(replication, shift)


def _since(first: int) -> np.ndarray:
    return np.clip(np.arange(N_QUARTERS) - first, 0, None).astype(np.float64)


def _strength(replication: np.ndarray, shift: np.ndarray) -> list[tuple[str, np.ndarray]]:
    rows = []
    for i, (group, most) in enumerate(GROUPS.items()):
        dice = np.random.default_rng([41, i])
        size, noise = (dice.lognormal(0, s, int(replication.max()) + 1)[replication, None] for s in (0.2, 0.5))
        members = most * size * (1 - np.exp(-_since(BEGINS + 2 * i) / 14)) * np.exp(-_since(115) / 90)
        left = np.cumsum(np.clip(np.gradient(-members, axis=1), 0, None), axis=1)
        rows += [
            (f"groups[{group}].hard", 0.35 * members),
            (f"groups[{group}].other", 0.65 * members * (1 + 0.01 * shift[:, None])),
            (f"groups[{group}].rep_members", members * noise),
            (f"groups[{group}].cum_defected", left),
        ]
    return rows


def _hazards(replication: np.ndarray, shift: np.ndarray) -> list[tuple[str, np.ndarray]]:
    rows = []
    for i, group in enumerate(CLIENTS):
        dice = np.random.default_rng([42, i])
        shape = (int(replication.max()) + 1, N_QUARTERS)
        hazard = np.where(np.arange(N_QUARTERS) < BEGINS, 0.0, 0.01 + 0.01 * i) * np.ones(shape)
        margin = np.clip(dice.logistic(-3.5 + 0.3 * i, 1.2, shape), -20, 20)
        margin = np.where(hazard > 0, margin, 0.0)
        tried = (margin[replication] > 0) & (np.arange(N_QUARTERS) >= ACTS)
        rows += [
            (f"groups[{group}].hazard", hazard[replication] * (1 + 0.1 * shift[:, None])),
            (f"groups[{group}].margin", margin[replication]),
            (f"groups[{group}].cum_failures", np.cumsum(tried, axis=1)),
        ]
    return rows


def _accusations(replication: np.ndarray, shift: np.ndarray) -> list[tuple[str, np.ndarray]]:
    dice = np.random.default_rng(43)
    shape = (int(replication.max()) + 1, N_QUARTERS)
    wave = np.where(np.abs(np.arange(N_QUARTERS) - 134) < 3, 0.6, 0.0)[None, :] * (shift[:, None] == 6)
    protest = np.clip(0.1 + 0.1 * dice.random(shape)[replication] + wave, 0, 1)
    free = np.arange(N_QUARTERS) >= ACTS
    rows = [("states[RUS].protest", np.where(np.arange(N_QUARTERS) < 80, 0.0, protest))]
    total = np.zeros((len(replication), N_QUARTERS))
    for kind, rate in {"right": 0.05, "wrong": 0.08, "unsettled": 0.03, "bare": 0.07}.items():
        chance = rate + (kind == "bare") * wave
        new = (dice.random(shape)[replication] < chance) & free
        new[:, ON_RECORD] = kind == "bare"
        rows.append((f"accusers[RUS].cum_{kind}", np.cumsum(new, axis=1)))
        total += new
    rows.append(("accusers[RUS].cum_accused", np.cumsum(total, axis=1)))
    for i, group in enumerate(ACCUSED):
        of_group = (np.arange(N_QUARTERS) % 2 == i) | ~free
        rows.append((f"accusers[RUS].accuses[{group}]", ((total > 0) & of_group).astype(float)))
    return rows


def _beliefs(replication: np.ndarray, shift: np.ndarray) -> list[tuple[str, np.ndarray]]:
    rows = []
    for i, (audience, prior) in enumerate(AUDIENCES.items()):
        luck = np.random.default_rng([44, i]).lognormal(0, 0.3, int(replication.max()) + 1)[replication, None]
        rows.append((f"audiences[{audience}].prior", np.full((len(replication), N_QUARTERS), prior)))
        for group in ACCUSED:
            rise = 0.3 * luck * sum(np.exp(-_since(q) / 12) * (_since(q - 1) > 0) for q in (105, 120))
            rows.append((f"audiences[{audience}].belief[{group}]", np.clip(prior + rise + 0.01 * shift[:, None], 0, 1)))
    return rows
