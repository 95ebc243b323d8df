"""What is kept of a run: scalar outcomes and trajectories, both read off the flat vector of the world by offset.

Outcomes are declared as data (`outcomes.yaml` beside the world's tables): an address and how it becomes one number,

    end                  its value in the last quarter
    at Q                 its value in quarter Q
    mean, total, most    over the reported quarters
    first above X        decimal year in which it first exceeded X, a number or another address; NaN where it never did

so that an outcome can be added without a line of code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import InputError
from sim.numerics.compiled import compiled
from sim.world.address import resolve
from sim.world.build import World
from sim.world.calendar import FIRST_YEAR, parse_quarter

END, AT, MEAN, TOTAL, MOST, FIRST_ABOVE, FIRST_ABOVE_OTHER = range(7)
_HOW = {"end": END, "mean": MEAN, "total": TOTAL, "most": MOST}

PROBE = np.dtype([("offset", "i8"), ("how", "i8"), ("quarter", "i8"), ("other", "i8"), ("level", "f8")])
"""One outcome in compiled form: which number, how it is kept, and with which quarter, level or other number."""


@dataclass(frozen=True)
class Outcome:
    """One column of outcomes: its name, unit, meaning, and the address and way it is read."""

    name: str
    unit: str
    meaning: str
    of: str
    how: str


@dataclass(frozen=True)
class Observations:
    """What a run leaves: `probes` (p,) for the outcomes named, `columns` (c,) offsets for the trajectories named."""

    outcomes: tuple[Outcome, ...]
    probes: np.ndarray
    trajectory_names: tuple[str, ...]
    columns: np.ndarray

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcomes in the order of the columns."""
        return tuple(outcome.name for outcome in self.outcomes)

    @classmethod
    def of(cls, world: World, declared: Mapping[str, Mapping[str, str]], trajectories: Sequence[str]) -> Observations:
        """Return the observations that `outcomes.yaml` and a list of addresses declare for a world."""
        outcomes: list[Outcome] = []
        rows: list[tuple] = []
        for name, entry in declared.items():
            for outcome, row in _probes(world, name, entry):
                outcomes.append(outcome)
                rows.append(row)
        found = [address for text in trajectories for address in resolve(text, world)]
        names = tuple(dict.fromkeys(address.text for address in found))
        offsets = {address.text: address.offset for address in found}
        columns = np.array([offsets[name] for name in names], dtype=np.int64)
        return cls(tuple(outcomes), np.array(rows, dtype=PROBE), names, columns)


_KEYS = {"of", "how", "unit", "meaning"}


def _probes(world: World, name: str, entry: Mapping[str, str]) -> list[tuple[Outcome, tuple]]:
    """Return the outcomes and rows of `PROBE` of one declared entry: one for each address that it names."""
    if missing := _KEYS - set(entry):
        raise InputError(f"outcomes.yaml: {name}: {sorted(missing)[0]} is missing.")
    if unknown := set(entry) - _KEYS:
        raise InputError(f"outcomes.yaml: {name}: unknown key {sorted(unknown)[0]!r}; known are {sorted(_KEYS)}.")
    how, quarter, level, others = _parse_how(world, name, str(entry["how"]))
    result = []
    found = resolve(entry["of"], world)
    if len(others) not in (0, 1, len(found)):
        raise InputError(f"outcomes.yaml: {name}: {len(found)} numbers cannot be held against {len(others)}.")
    for place, address in enumerate(found):
        full = f"{name}.{address.state}" if address.state else name
        other = others[place if len(others) > 1 else 0] if others else -1
        outcome = Outcome(full, entry["unit"], entry["meaning"], address.text, str(entry["how"]))
        result.append((outcome, (address.offset, how, quarter, other, level)))
    return result


def _parse_how(world: World, name: str, text: str) -> tuple[int, int, float, list[int]]:
    """Return code, quarter, level and offsets of other numbers of a way to keep an outcome."""
    if text in _HOW:
        return _HOW[text], -1, math.nan, []
    if text.startswith("at "):
        try:
            return AT, parse_quarter(text[3:]), math.nan, []
        except InputError as error:
            raise InputError(f"outcomes.yaml: {name}: how: {error}") from None
    if text.startswith("first above "):
        bound = text[len("first above ") :]
        try:
            return FIRST_ABOVE, -1, float(bound), []
        except ValueError:
            return FIRST_ABOVE_OTHER, -1, math.nan, [a.offset for a in resolve(bound, world)]
    raise InputError(
        f"outcomes.yaml: {name}: how is {text!r}; write end, mean, total, most, at 2020Q1 or first above 0.5."
    )


def read_outcomes(path: Path) -> dict[str, dict[str, str]]:
    """Return the outcomes declared in a file, name → entry."""
    from sim.parameters.strict_yaml import read_mapping

    return read_mapping(path)


@compiled
def observe(flat, probes, quarter, first, n_quarters, out):
    """Take up every outcome's number of this quarter into `out` (p,)."""
    is_first, is_last = quarter == first, quarter == n_quarters - 1
    for i in range(probes.shape[0]):
        how = probes[i].how
        if how >= MEAN:
            out[i] = _running(flat, probes[i], quarter, is_first, n_quarters - first, out[i])
        elif is_first:
            out[i] = math.nan
        if (how == END and is_last) or (how == AT and quarter == probes[i].quarter):
            out[i] = flat[probes[i].offset]


@compiled
def _running(flat, probe, quarter, is_first, n_reported, kept):
    """Return what is kept of a number that has to be followed through all quarters, after this one."""
    how = probe.how
    value = flat[probe.offset]
    if is_first:
        kept = 0.0 if how == MEAN or how == TOTAL else (value if how == MOST else math.nan)
    if how == MEAN:
        return kept + value / n_reported
    if how == TOTAL:
        return kept + value
    if how == MOST:
        return max(kept, value)
    level = probe.level if how == FIRST_ABOVE else flat[probe.other]
    if math.isnan(kept) and value > level:
        return FIRST_YEAR + quarter / 4.0
    return kept


@compiled
def record(flat, columns, path, row):
    """Write this quarter's numbers of every trajectory into a row of `path` (quarters, c)."""
    for i in range(columns.shape[0]):
        path[row, i] = flat[columns[i]]
