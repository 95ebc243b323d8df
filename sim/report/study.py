"""What a report reads of a result: its runs by scenario and history, its series, its provenance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.pairs import side_by_side
from sim.report.bands import Bands, bands
from sim.report.drawn import Cannot
from sim.report.labels import label_of, meaning_of, unit_of
from sim.report.provenance import Provenance
from sim.results.quantiles import NAMES
from sim.results.schema import DEFAULT_POINT
from sim.world.build import HORIZON
from sim.world.calendar import format_quarter, parse_quarter, year_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.results.runs import Runs
    from sim.world.names import Names

HISTORY_END = year_of(HORIZON + 1)
"""Decimal year at which the documents' horizon ends and projection begins."""

LAST_OF_HISTORY = format_quarter(HORIZON)
"""Last quarter of the documents' horizon, as it is written."""

_SHARE = re.compile(r"cells\[(\w+),(\w+)\]\.share\[(.+)\]")


@dataclass(frozen=True)
class Study:
    """The runs of one result, with the names of who is in them."""

    outcomes: Runs
    trajectories: xr.DataArray | None
    names: Names
    provenance: Provenance
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the manifest says of each scenario (question, what its document expects), by name; may be empty."""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Stem of each outcome to its meaning and unit; may be empty."""
    set_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Scenario to the outcomes that it sets itself; may be empty."""
    measure: tuple[str, ...] = ("dependence_china",)
    """Stems of the outcomes that the experiment asks for first, and that the page opens with."""
    figures: tuple[str, ...] = ()
    """Keys of the figures that serve the experiment's question, in its order; empty: all."""
    pairs: Runs | None = None
    """The runs' pairs, on the same dice without some rules, which nothing else here shows; None without."""
    first: str = "baseline"
    """Scenario that the others are set against, where it has runs."""
    quantiles: pd.DataFrame | None = None
    """Bands of the runs as a result holds them, of which a study without trajectories draws; None without."""

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios in the order of their runs, what they are set against first."""
        found = self.outcomes.keys.sort_values("run")["scenario"].unique()
        return tuple(sorted(found, key=lambda name: name != self.first))

    @property
    def baseline(self) -> str:
        """What the other scenarios are set against: `first`, or the first of the runs where there are none of it."""
        return self.scenarios[0]

    @cached_property
    def history(self) -> str:
        """History of the main results: replay where there is one, else free."""
        return "replay" if (self.outcomes.keys["history"] == "replay").any() else "free"

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Scenarios that have runs in the main history, the baseline first."""
        present = set(self.outcomes.keys.loc[self.outcomes.keys["history"] == self.history, "scenario"])
        return tuple(name for name in self.scenarios if name in present)

    def runs(self, scenario: str, history: str | None = None) -> Runs:
        """Return a scenario's runs, in the main history where none is named."""
        return self._arm(self.outcomes, scenario, history)

    def paired(self, scenario: str, history: str | None = None) -> Runs:
        """Return the pairs of a scenario's runs, in the main history where none is named."""
        return self._arm(self.pairs or self.outcomes.at(slice(0)), scenario, history)

    def _arm(self, table: Runs, scenario: str, history: str | None) -> Runs:
        key = (table is self.outcomes, scenario, history or self.history)
        if key not in self._arms:
            found = (table.keys["scenario"] == scenario) & (table.keys["history"] == key[2])
            self._arms[key] = table.at(found)
        return self._arms[key]

    @cached_property
    def _arms(self) -> dict[tuple[bool, str, str], Runs]:
        return {}

    def against_baseline(self, scenario: str) -> tuple[Runs, Runs]:
        """Return runs of the baseline and of a scenario in the main history, row by row on the same dice."""
        if scenario not in self._paired:
            self._paired[scenario] = side_by_side(self.runs(self.baseline), self.runs(scenario))
        return self._paired[scenario]

    @cached_property
    def _paired(self) -> dict[str, tuple[Runs, Runs]]:
        return {}

    def values(self, name: str, scenario: str, history: str | None = None) -> np.ndarray:
        """Return one outcome over a scenario's runs; empty where the result has no such outcome."""
        table = self.runs(scenario, history)
        return table[name] if name in table else np.empty(0)

    @cached_property
    def columns(self) -> dict[str, int]:
        """Address of each recorded series to its place; without trajectories, of those that have bands."""
        if self.trajectories is None:
            known = [] if self.quantiles is None else self.quantiles["column"].unique()
        else:
            known = self.trajectories["column"].values
        return {str(address): i for i, address in enumerate(known)}

    @cached_property
    def quarters(self) -> tuple[str, ...]:
        """Names of the recorded quarters."""
        if self.trajectories is None:
            return () if self.quantiles is None else tuple(self.quantiles["quarter"].unique())
        return tuple(str(q) for q in self.trajectories["quarter"].values)

    @cached_property
    def years(self) -> np.ndarray:
        """Decimal year at which each recorded quarter begins."""
        return np.array([year_of(parse_quarter(quarter)) for quarter in self.quarters])

    @cached_property
    def _loaded(self) -> dict[tuple[str, str], np.ndarray]:
        return {}

    @property
    def series_runs(self) -> int:
        """Runs of the baseline whose series were recorded."""
        has_any = self.trajectories is not None and self.columns
        return len(self.series(next(iter(self.columns)), self.baseline)) if has_any else 0

    def quarter(self, place: int) -> str:
        """Return the name of a recorded quarter, by its place in the window."""
        return self.quarters[place]

    def series(self, address: str, scenario: str) -> np.ndarray:
        """Return one series in the main history, shape (runs, quarters); KeyError where it was not recorded.

        Raises Cannot where the result holds bands of it alone.
        """
        key = (scenario, self.history)
        if key not in self._loaded:
            self._loaded[key] = self._load(scenario)
        return self._loaded[key][:, :, self.columns[address]]

    def bands(self, address: str, scenario: str) -> Bands:
        """Return the bands of one series in the main history: of the runs where they were stored, else as counted.

        Raises KeyError where neither was recorded.
        """
        if self.trajectories is not None:
            return bands(self.series(address, scenario))
        return self._counted[scenario, address]

    @cached_property
    def _counted(self) -> dict[tuple[str, str], Bands]:
        assert self.quantiles is not None
        table = self.quantiles
        kept = table[(table["point"] == DEFAULT_POINT) & (table["history"] == self.history)]
        by = kept.groupby(["scenario", "column"], observed=True, sort=False)
        return {key: Bands.counted(rows[list(NAMES)].to_numpy().T, float(rows["error"].max())) for key, rows in by}

    def beside(self, address: str, scenario: str) -> tuple[np.ndarray, np.ndarray]:
        """Return one series under the baseline and under a scenario, each (pairs, quarters): replications of both."""
        before, after = self.series(address, self.baseline), self.series(address, scenario)
        assert self.trajectories is not None
        made = self.trajectories["replication"].values
        numbers = [made[self._rows(name)] for name in (self.baseline, scenario)]
        if not np.array_equal(*numbers):
            _, left, right = np.intersect1d(*numbers, return_indices=True)
            before, after = before[left], after[right]
        return before, after

    def _load(self, scenario: str) -> np.ndarray:
        if self.trajectories is None:
            raise Cannot("it shows single runs, of which the result holds bands alone; run with trajectories=true")
        return self.trajectories.isel(run=self._rows(scenario)).values

    def _rows(self, scenario: str) -> np.ndarray:
        """Return the places of a scenario's recorded runs in the main history."""
        assert self.trajectories is not None
        return np.flatnonzero(
            (self.trajectories["scenario"].values == scenario) & (self.trajectories["history"].values == self.history)
        )

    def has(self, *addresses: str) -> bool:
        """Return whether all these series were recorded."""
        return all(address in self.columns for address in addresses)

    @cached_property
    def vendor_cells(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(state, sector) to the firms whose shares were recorded, in recorded order."""
        cells: dict[tuple[str, str], list[str]] = {}
        for address in self.columns:
            if match := _SHARE.fullmatch(address):
                cells.setdefault((match[1], match[2]), []).append(match[3])
        return {cell: tuple(firms) for cell, firms in cells.items()}

    @property
    def end_year(self) -> str:
        """Year in which the runs end."""
        return self.provenance.end[:4]

    def label(self, name: str) -> str:
        """Return the words that readers see for a state, sector or firm."""
        return self.names.label(name)

    def outcome(self, name: str) -> str:
        """Return the words that readers see for an outcome."""
        return label_of(name, self.words, self.names)

    def meaning(self, stem: str) -> str:
        """Return the words of an outcome without its state, as they are declared."""
        return meaning_of(stem, self.words)

    def is_set(self, scenario: str, name: str) -> bool:
        """Return whether a scenario sets the outcome itself, so that its difference is no effect."""
        return name in self.set_by.get(scenario, ())

    def standing(self, *scenarios: str) -> str:
        """Return the line below a figure: scenarios, history, runs, seed, version and the caveat in a few words."""
        told = scenarios or self.compared
        named = ", ".join(self.title(s) for s in told) if len(told) < 4 else f"{len(told)} scenarios"
        runs = n_runs_text(len(self.runs(self.baseline))) + (" a scenario" if len(told) > 1 else "")
        return f"{named} · {self.history} · {runs} · {self.provenance.footer}"

    def unit(self, name: str) -> str:
        """Return the unit of an outcome, or an empty text."""
        return unit_of(name, self.words)

    def title(self, scenario: str) -> str:
        """Return the words that readers see for a scenario."""
        told = self.given.get(scenario, {})
        if isinstance(told, Mapping) and told.get("title"):
            return str(told["title"])
        return scenario[:1].upper() + scenario[1:].replace("_", " ")


def n_runs_text(n: int) -> str:
    """Return `1 run` or `200 runs`."""
    return f"{n:,} run{'' if n == 1 else 's'}"
