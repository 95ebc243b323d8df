"""A made result: a folder as a run writes it (Parquet, Zarr, manifest), with numbers that no model computed.

It serves the tests of the report alone: every series is a smooth curve with noise, so that the figures have
something to show.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim.ensemble.caveats import GENERAL
from sim.locations import TABLES
from sim.results.files import write_signed
from sim.results.outcomes import RunKeys, write_part
from sim.results.schema import DEFAULT_POINT, EFFORT, KEYS, LAYOUT, PAIRED_POINT, part_name
from sim.results.store import Result, open_result
from sim.results.trajectories import Layout, prepare, write_slot
from sim.world.calendar import format_quarter
from sim.world.conflict import SEVERITIES
from sim.world.cooperation import ANSWERS, KINDS, STATUSES
from sim.world.names import Names

FIVE = ("KAZ", "KGZ", "TJK", "UZB", "TKM")
_OTHERS = """
CHN RUS USA IND TUR IRN PAK SYR IRQ AFG SAU THA MYS IDN VNM LAO KHM PHL BLR UKR MNG BGR ROU KOR TUN ARE LTU AZE
ESP DZA PRT FRA ITA BIH ARM LKA MAR BEL KEN GBR JPN DNK CAN NZL CZE
"""
OTHERS = tuple(_OTHERS.split())
SECTORS = ("networks", "cloud", "surveillance", "interception", "devices", "ecommerce")
LABELS = {
    "KAZ": "Kazakhstan",
    "KGZ": "Kyrgyzstan",
    "TJK": "Tajikistan",
    "UZB": "Uzbekistan",
    "TKM": "Turkmenistan",
    "CHN": "China",
    "RUS": "Russia",
    "USA": "United States",
    "CAN": "Canada",
    "NZL": "New Zealand",
    "networks": "Telecom networks",
    "cloud": "Cloud and data platforms",
    "surveillance": "Safe-city surveillance",
    "interception": "Lawful interception",
    "devices": "Phones",
    "ecommerce": "E-commerce and platforms",
}
CELLS = {
    ("KGZ", "devices"): {"Xiaomi": 0.42, "Samsung": 0.33, "Apple": 0.11, "Huawei": 0.08, "Yota": 0.02},
    ("KAZ", "networks"): {"Huawei": 0.46, "ZTE": 0.24, "Western networks": 0.22, "Kazakh supplier": 0.08},
    ("TKM", "networks"): {"Huawei": 0.52, "ZTE": 0.21, "Western networks": 0.25},
    ("UZB", "surveillance"): {"Huawei": 0.38, "Hikvision": 0.29, "Rostec": 0.16, "Western cameras": 0.07},
    ("TJK", "surveillance"): {"Huawei": 0.61, "Hikvision": 0.22, "Rostec": 0.08},
    ("KAZ", "ecommerce"): {"Alibaba": 0.35, "Ozon": 0.26, "Amazon": 0.14, "JD.com": 0.08, "Mail.Ru": 0.06},
}
CORRIDORS = {"Central Asia": 82.0, "Afghanistan and Pakistan": 24.0, "South-East Asia": 20.0}
"""Persons a quarter who leave the origin by each corridor at the most."""
PLACES = {"Turkey": 9000.0, "Syria": 3000.0, "Kazakhstan": 2000.0, "Pakistan": 900.0, "Malaysia": 700.0,
          "Thailand": 500.0, "Indonesia": 60.0, "Laos": 0.2}  # fmt: skip
"""Persons at the most at each place."""
ASKED = {"KAZ": 0.9, "KGZ": 0.6, "TJK": 0.4, "PAK": 0.7, "VNM": 0.3, "THA": 0.8, "MYS": 0.8, "IDN": 0.2, "TUR": 0.6}
"""Mean answers a year of states that are asked for persons."""
NAMES = Names(
    states=FIVE + OTHERS,
    homes=("CHN", "RUS", "USA", "KOR", "IND", "KAZ", "UZB"),
    firms=tuple(sorted({firm for shares in CELLS.values() for firm in shares})),
    sectors=SECTORS,
    institutions=("SCO",),
    domains=("digital", "trade", "finance", "transport", "customs"),
    groups=(),
    theatres=(),
    origins=("Western China",),
    nodes=("Western China", *PLACES),
    corridors=tuple(CORRIDORS),
    kinds=KINDS,
    answers=ANSWERS,
    statuses=STATUSES,
    holders=(),
    patrons=(),
    custodies=(),
    pools=(),
    accusers=(),
    audiences=(),
    severities=SEVERITIES,
    models=("technical", "legal"),
    reported=FIVE,
    labels=LABELS,
)
SHIFT = {"baseline": 0.0, "western_sanctions": 0.05, "vendor_outage": -0.07}
N_QUARTERS = 180


@dataclass(frozen=True)
class MadeWorld:
    """The face of a world that a report looks at."""

    names: Names = NAMES
    folder: Path = TABLES


def plan(n_runs: int, free: bool = True) -> pd.DataFrame:
    """Return the runs' keys: three scenarios in replay and, where asked, the baseline in free history."""
    sets = [(scenario, "replay") for scenario in SHIFT] + ([("baseline", "free")] if free else [])
    rows = [("default", scenario, history, replication) for scenario, history in sets for replication in range(n_runs)]
    table = pd.DataFrame(rows, columns=["point", "scenario", "history", "replication"])
    table.insert(0, "run", np.arange(len(table)))
    return table.assign(seed=7)


def luck(n_runs: int, n: int) -> np.ndarray:
    """Return standard normal numbers, shape (runs, n): the same for every scenario."""
    return np.random.default_rng(20_260_101).standard_normal((n_runs, n))


def outcome_columns(keys: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of the runs in `keys`."""
    n_runs = int(keys["replication"].max()) + 1
    columns = dict(_scalars())
    noise = luck(n_runs, len(columns))[keys["replication"].to_numpy()]
    shift = keys["scenario"].map(SHIFT).to_numpy()
    made = {}
    for i, (name, (centre, spread, feels)) in enumerate(columns.items()):
        # mostly common luck, a little of the scenario's own, so that pairing helps as it does in a model
        own = np.random.default_rng([i, 5]).standard_normal(len(keys)) * (shift != 0) * 0.25
        made[name] = centre + spread * (noise[:, i] + own) + feels * shift * (1 + 0.3 * noise[:, i - 1])
    table = pd.DataFrame(made)
    never = noise[:, :3] > np.array([1.9, -2.2, -1.4])
    table.loc[never[:, 0], "digital_passed"] = np.nan
    table.loc[never[:, 1], "bank_passed"] = np.nan
    table.loc[never[:, 2], "free_trade_passed"] = np.nan
    return pd.concat([keys, table, _returns(noise), _instruments(keys)], axis=1)


def _returns(noise: np.ndarray) -> pd.DataFrame:
    """Return who was returned and exposed to it by legal status; the same in every scenario."""
    made = {}
    for i, (status, (n, quarters)) in enumerate(
        {"irregular": (900, 2e5), "papers": (60, 9e4), "held": (400, 5e3)}.items()
    ):
        made[f"returned_{status}"] = n * (1 + 0.1 * noise[:, i])
        made[f"exposed_{status}"] = quarters * (1 + 0.1 * noise[:, i + 3])
    return pd.DataFrame(made)


def _instruments(keys: pd.DataFrame) -> pd.DataFrame:
    """Return whether treaties and agreements stand: in all runs, some or none, by state; one more under sanctions."""
    dice = np.random.default_rng(13).uniform(size=int(keys["replication"].max()) + 1)[keys["replication"].to_numpy()]
    likely = {s: (1.0, 0.6, 0.0)[i % 3] for i, s in enumerate(FIVE + OTHERS) if s != "CHN"}
    made = {f"map_extradition.{s}": (dice < chance).astype(float) for s, chance in likely.items()}
    made |= {f"map_three_evils.{s}": np.full(len(keys), float(s in FIVE)) for s in likely}
    made["map_extradition.TJK"] = np.maximum(made["map_extradition.TJK"], keys["scenario"] == "western_sanctions")
    return pd.DataFrame(made)


def _scalars() -> list[tuple[str, tuple[float, float, float]]]:
    rows: list[tuple[str, tuple[float, float, float]]] = []
    for i, iso in enumerate(FIVE):
        rows += [
            (f"dependence_china.{iso}", (0.28 + 0.05 * i, 0.05, 1.0)),
            (f"dependence_russia.{iso}", (0.14 - 0.015 * i, 0.03, -0.3)),
            (f"dependence_west.{iso}", (0.11 - 0.01 * i, 0.025, -0.6)),
            (f"concentration.{iso}", (0.44 + 0.04 * i, 0.06, 0.8)),
            (f"local_capacity.{iso}", (0.5 - 0.06 * i, 0.04, 0.0)),
            (f"exit_cost.{iso}", (9 + i, 1.2, 14.0)),
            (f"awards_china.{iso}", (22 - 2 * i, 4.0, 10.0)),
            (f"capacity_2014.{iso}", (0.21 - 0.02 * i, 0.015, 0.0)),
            (f"capacity_2018.{iso}", (0.33 - 0.03 * i, 0.02, 0.0)),
            (f"ecommerce_2015.{iso}", (0.25 - 0.03 * i, 0.02, 0.0)),
            (f"ecommerce_2019.{iso}", (0.45 - 0.065 * i, 0.03, 0.0)),
        ]
        rows += [
            (f"supply_{sector}.{iso}", (0.16 + 0.08 * ((i * 2 + k * 3) % 7), 0.05, 0.7))
            for k, sector in enumerate(SECTORS)
        ]
    rows += [
        ("digital_passed", (2018.9, 0.9, 0.0)),
        ("bank_passed", (2027.5, 3.0, 0.0)),
        ("free_trade_passed", (2028.5, 3.0, 0.0)),
        ("tension", (0.5, 0.07, 2.0)),
        ("service_lost", (0.02, 0.004, -0.5)),
        ("xiaomi_kgz_2021", (0.40, 0.06, 0.0)),
        ("samsung_kgz_2021", (0.33, 0.05, 0.0)),
        ("apple_kgz_2021", (0.12, 0.02, 0.0)),
        ("huawei_kgz_2021", (0.08, 0.03, 0.0)),
        ("xiaomi_overtakes", (2019.4, 1.1, 0.0)),
        ("huawei_tkm_2008", (0.41, 0.07, 0.0)),
        ("crackdowns", (2.0, 0.0, 0.0)),
    ]
    rows += [(f"map_dependence_china.{iso}", (0.28 + 0.05 * i, 0.05, 1.0)) for i, iso in enumerate(FIVE)]
    rows += [(f"map_dependence_china.{iso}", (0.04 + 0.02 * (i % 13), 0.02, 0.2)) for i, iso in enumerate(OTHERS)]
    return rows


def trajectories(keys: pd.DataFrame) -> xr.DataArray:
    """Return the series of the runs in `keys`: dependence by home and shares of vendors."""
    n_runs = int(keys["replication"].max()) + 1
    time = np.linspace(0, 1, N_QUARTERS)
    addresses, arrays = [], []
    shift = keys["scenario"].map(SHIFT).to_numpy()[:, None]
    late = np.clip((time - 0.75) * 4, 0, 1)
    replication = keys["replication"].to_numpy()
    for i, iso in enumerate(FIVE):
        for k, (home, top) in enumerate({"CHN": 0.34, "RUS": 0.13, "USA": 0.08, "KOR": 0.03}.items()):
            walk = np.cumsum(luck(n_runs, N_QUARTERS * 20).reshape(n_runs, 20, -1)[:, i * 4 + k], axis=1)[replication]
            curve = (top + 0.03 * i * (k == 0)) / (1 + np.exp(-10 * (time - 0.5)))
            arrays.append(np.clip(curve * (1 + 0.012 * walk) + shift * late * (k == 0), 0, 1))
            addresses.append(f"states[{iso}].dependence[{home}]")
    for (iso, sector), shares in CELLS.items():
        for k, (firm, top) in enumerate(shares.items()):
            seed = [ord(c) for c in iso + sector + firm]
            base = np.random.default_rng(seed).standard_normal((n_runs, 1))[replication]
            rise = 1 / (1 + np.exp(-14 * (time - 0.35 - 0.06 * k)))
            arrays.append(np.clip(top * rise * (1 + 0.2 * base) + 0.4 * shift * late * (k == 0), 0, 1))
            addresses.append(f"cells[{iso},{sector}].share[{firm}]")
    for address, values in (*_ways(replication, shift * late), *_answers(replication)):
        addresses.append(address)
        arrays.append(values)
    return xr.DataArray(
        np.stack(arrays, axis=2).astype(np.float32),
        dims=("run", "quarter", "column"),
        coords={
            "quarter": [format_quarter(q) for q in range(N_QUARTERS)],
            "column": addresses,
            "scenario": ("run", keys["scenario"].to_numpy().astype(str)),
            "history": ("run", keys["history"].to_numpy().astype(str)),
            "replication": ("run", replication),
        },
        name="value",
    )


def _ways(replication: np.ndarray, shift: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return leavers by corridor, turning south with time, and persons by place; rows are runs."""
    time = np.linspace(0, 1, N_QUARTERS)
    own = np.random.default_rng(11).standard_normal((int(replication.max()) + 1, len(CORRIDORS) + len(PLACES)))
    turn = 1 / (1 + np.exp(-18 * (time - 0.53)))
    rows: list[tuple[str, np.ndarray]] = []
    for i, (corridor, top) in enumerate(CORRIDORS.items()):
        wave = turn if corridor == "South-East Asia" else 1 - 0.8 * turn
        leaving = top * wave * np.clip(time * 3, 0, 1) * np.exp(0.4 * own[replication, i, None]) * (1 + shift)
        rows += [(f"origins[Western China].leaving[{corridor}]", leaving)]
    at_home = 1e5 - 100 * np.cumsum(rows[0][1], axis=1)
    for i, (place, top) in enumerate(PLACES.items(), start=len(CORRIDORS)):
        rows += [
            (f"nodes[{place}].stock[Western China]", top * turn * np.exp(0.3 * own[replication, i, None]) * (1 + shift))
        ]
    return [*rows, ("nodes[Western China].stock[Western China]", at_home)]


def _answers(replication: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return running numbers of answers by state asked and kind; rows are runs."""
    dice = np.random.default_rng(12)
    n_runs = int(replication.max()) + 1
    rows = []
    for i, (iso, rate) in enumerate(ASKED.items()):
        for k, kind in enumerate(ANSWERS):
            mean = rate / 4 * (0.7 if k == i % len(ANSWERS) else 0.06)
            counts = np.cumsum(dice.poisson(mean, (n_runs, N_QUARTERS)), axis=1)[replication]
            rows.append((f"channels[{iso}>Western China].cum_answers[{kind}]", counts))
    return rows


CONFIG: dict[str, Any] = {
    "name": "reference",
    "parameters": {},
    "rules": {},
    "engine": {"name": "threads", "threads": 2},
    "results_dir": "results",
}

MANIFEST: dict[str, Any] = {
    "layout": LAYOUT,
    "complete": True,
    "experiment": "reference",
    "question": "How far does technology dependence on China go, and what would sanctions or an outage change?",
    "seed": 7,
    "model_version": "0.1.0",
    "source_hash": "5f1c0de5",
    "config": CONFIG,
    "config_hash": "c0ffee",
    "digest": "0123456789abcdef",
    "commit": "abcdef0",
    "dirty": False,
    "start": "1991Q1",
    "end": "2035Q4",
    "versions": {"numpy": "2.5.5"},
    "caveats": [
        *GENERAL,
        "Made numbers: no model computed them.",
    ],
    "scenarios": {
        "baseline": {"question": "What follows if nothing is changed?", "tag": "analyst"},
        "western_sanctions": {
            "question": "What would Western sanctions on vendors change?",
            "expected": "Sanctions bind the region closer to its suppliers.",
            "tag": "document",
            "source": "000:91",
        },
        "vendor_outage": {"question": "What would a failure of one vendor's equipment cost?"},
    },
}


def with_pairs(values: pd.DataFrame) -> pd.DataFrame:
    """Return the runs and, behind them, their pairs, with hazards of which patrons hold back half in the runs."""
    pairs = values.assign(point=PAIRED_POINT, run=values["run"] + len(values))
    both = pd.concat([values, pairs], ignore_index=True)
    expected = 0.5 + luck(int(both["replication"].max()) + 1, 1)[both["replication"], 0] ** 2
    hazard = expected * np.where(both["point"] == PAIRED_POINT, 1.0, 0.5)
    names = ("hazard_all", "hazard_idlib", "hazard_clients_2021")
    return both.assign(**dict.fromkeys(names, hazard), hazard_clients_2019=0.0)


def made_result(
    folder: Path, n_runs: int = 40, free: bool = True, record: bool = True, is_paired: bool = False
) -> Result:
    """Write a result into `folder` with the project's own writers and return it as opened from there."""
    keys = plan(n_runs, free)
    values = outcome_columns(keys)
    if is_paired:
        values = with_pairs(values)
    names = [name for name in values if name not in KEYS]
    series = trajectories(keys)
    layout = Layout(tuple(series["quarter"].values), tuple(series["column"].values), n_runs)
    arms = list(values[list(KEYS)].groupby(["point", "scenario", "history"], sort=False))
    slots = {slot: _run_keys(rows) for slot, (_, rows) in enumerate(arms)}
    recorded = {slot: of for slot, of in slots.items() if of.points[0] == DEFAULT_POINT}
    folder.mkdir(parents=True, exist_ok=True)
    if record:
        prepare(folder, layout, recorded)
    for slot, (_, rows) in enumerate(arms):
        write_part(folder / part_name(str(slot)), slots[slot], names, values.loc[rows.index, names].to_numpy())
        if record and slot in recorded:
            write_slot(folder, layout, slot, series.values[rows.index])
    counts = {"runs": len(values), "replications": n_runs}
    config = {**CONFIG, "pair": [EFFORT], "measure": ["restraint_idlib", "tension"]} if is_paired else CONFIG
    parts = [part_name(str(slot)) for slot in slots]
    columns = list(layout.columns) if record else []
    planned = [{**dict(zip(("point", "scenario", "history"), arm, strict=True)), "fingerprint": "-".join(arm)}
               for arm, _ in arms]  # fmt: skip
    told = {"config": config, "counts": counts, "parts": parts, "trajectories": columns, "arms": planned}
    write_signed(folder / "manifest.json", {**MANIFEST, **told})
    return open_result(folder)


def _run_keys(rows: pd.DataFrame) -> RunKeys:
    labels = ([str(text) for text in rows[name]] for name in ("point", "scenario", "history"))
    return RunKeys(*labels, int(rows["seed"].iloc[0]), rows["run"].to_numpy(), rows["replication"].to_numpy())
