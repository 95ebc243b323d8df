"""Points that are the user's own: a CSV or Parquet file with a row a point and a column a factor.

A column `point` gives the points names; an empty cell leaves a factor as at the default point. The `design.parquet` of
a folder of results is such a file too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ensemble.designs import MOST_POINTS, Sample
from sim.ensemble.factors import ALL, Factor, factor_of, fixed
from sim.errors import InputError
from sim.results.schema import DEFAULT_POINT, PAIRED_POINT

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.parameters.register import Register
    from sim.scenario.reader import Scenario
    from sim.settings import Config

POINT = "point"
NOTE = b"design"
"""Key of the metadata of a `design.parquet`: what was sampled, as the manifest says it, and how many rows go before."""

_FORM = "Columns are separated by commas, decimals by points."
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_table(config: Config, register: Register, scenarios: Sequence[Scenario]) -> Sample:
    """Return the points of `design.table`, their factors in the order of keys.

    Raises InputError, naming file, point and column, for a column that is no factor, a value that the factor cannot
    have, and a name that stands twice or is that of another point.
    """
    path = Path(str(config.design.table)).expanduser()
    table = _opened(path)
    note = note_of(table.schema)
    if note is not None:
        table = table.slice(note["rows_before"]).select([POINT, *(factor["key"] for factor in note["factors"])])
    columns = [name for name in table.column_names if name != POINT]
    if not columns or not table.num_rows:
        raise InputError(f"{path}: holds no {'points' if columns else 'column of a factor'}.")
    if table.num_rows > MOST_POINTS:
        raise InputError(f"{path}: has {table.num_rows:,} points; there is room for {MOST_POINTS:,}.")
    names, by_name = _names(path, table, config), {scenario.name: scenario for scenario in scenarios}
    factors = {column: _factor(path, column, register, by_name) for column in columns}
    in_order = sorted(columns, key=lambda column: factors[column].key)
    if twice := [a for a, b in pairwise(in_order) if factors[a].key == factors[b].key]:
        raise InputError(f"{path}: two columns are {factors[twice[0]].key}.")
    for key, why in fixed(config, {factor.key: factor for factor in factors.values()}, scenarios).items():
        raise InputError(f"{path}: column {key}: {why}, so that it would not vary. Leave one of the two out.")
    values = [_read(path, column, factors[column], table, names) for column in in_order]
    given = () if names == [f"p{point:07d}" for point in range(len(names))] else tuple(names)
    ordered = tuple(factors[column] for column in in_order)
    return Sample("table", None, config.design.seed, ordered, np.column_stack(values), given)


def noted_in(path: Path) -> dict[str, Any] | None:
    """Return what a `design.parquet` says of its sample; None where it holds none, or cannot be read."""
    import pyarrow.parquet as pq

    from sim.results.outcomes import reading

    try:
        with reading(path, "a table"):
            return note_of(pq.read_schema(str(path)))
    except InputError:
        return None


def note_of(table: pa.Schema) -> dict[str, Any] | None:
    """Return what the columns of a `design.parquet` say of its sample; None for another table."""
    noted = (table.metadata or {}).get(NOTE)
    found: dict[str, Any] | None = json.loads(noted) if noted else None
    return found


def _opened(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    from sim.results.outcomes import reading

    if path.is_dir():
        raise InputError(f"design.table: {path} is a folder; name a CSV or Parquet file with a row a point.")
    if not path.is_file():
        raise InputError(f"design.table: there is no file {path}.")
    is_parquet = path.suffix == ".parquet"
    try:
        with reading(path, "a table"):
            if is_parquet:
                table = pq.read_table(str(path))
            else:
                as_text = csv.ConvertOptions(null_values=[""], column_types={POINT: pa.string()})
                table = csv.read_csv(str(path), convert_options=as_text)
            typed = zip(table.column_names, table.schema.types, strict=True)
            odd = [name for name, kind in typed if pa.types.is_binary(kind)]
    except InputError as error:
        if is_parquet or "CSV parse error" not in str(error):
            raise
        raise InputError(f"{error} {_FORM}") from error
    if not is_parquet and table.num_columns == 1 and any(mark in table.column_names[0] for mark in ";\t"):
        raise InputError(f"{path}: has one column, {table.column_names[0]!r}. {_FORM}")
    if odd:
        raise InputError(f"{path}: column {odd[0]!r}: is not all text in UTF-8. Save the table as UTF-8.")
    return table


def _names(path: Path, table: pa.Table, config: Config) -> list[str]:
    """Return the names of the points, their own or numbered."""
    if POINT not in table.column_names:
        return [f"p{point:07d}" for point in range(table.num_rows)]
    names = ["" if name is None else str(name) for name in table.column(POINT).to_pylist()]
    taken = {DEFAULT_POINT, PAIRED_POINT, *config.variants}
    seen: set[str] = set()
    for row, name in enumerate(names, 1):
        if not _NAME.fullmatch(name):
            raise InputError(f"{path}: row {row}: the point {name!r} needs a name of letters, figures, - and _.")
        if name in taken or name in seen:
            why = "stands twice" if name in seen else "is another already"
            raise InputError(f"{path}: row {row}: the point {name!r} {why}; choose another name.")
        seen.add(name)
    return names


def _factor(path: Path, column: str, register: Register, scenarios: Mapping[str, Scenario]) -> Factor:
    try:
        return factor_of(column, ALL, register, scenarios)
    except InputError as error:
        raise InputError(f"{path}: column {column!r}: {str(error).removeprefix(f'design.over.{column}: ')}") from error


def _read(path: Path, column: str, factor: Factor, table: pa.Table, names: list[str]) -> np.ndarray:
    """Return the values of a column, float64, shape (points,); NaN for an empty cell."""
    values = np.full(len(names), np.nan)
    for row, value in enumerate(table.column(column).to_pylist()):
        if value is None or value == "":
            continue
        try:
            values[row] = factor.read(_typed(value))
        except ValueError as error:
            raise InputError(f"{path}: row {row + 1} ({names[row]}): {column}: {error}.") from error
    return values


def _typed(value: Any) -> Any:
    """Return a cell as a number or a truth value where it reads as one: one odd cell makes a column of CSV text."""
    if isinstance(value, date | time):
        return str(value)  # a column of CSV that reads as dates or times has become such
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        return float(value)
    return {"true": True, "false": False}.get(value.lower(), value)


def sample_joined(sample: Sample, path: Path, points_held: int) -> Sample:
    """Return a sample with as many points as a folder holds; `path` is its `design.parquet`.

    Raises InputError where the points there are others: the message names the first point and column that differ, or
    the sizes of a design that cannot grow. InputError, too, where that file cannot be read.
    """
    try:
        table = _opened(path) if path.is_file() else None
    except InputError as error:
        raise InputError(f"{error} Take it away, and it is written anew.") from error
    note = note_of(table.schema) if table is not None else None
    if table is None or note is None:
        return sample.grown(points_held) if points_held > len(sample) and sample.method != "table" else sample
    there = table.slice(note["rows_before"])
    if not sample.is_extensible and there.num_rows != len(sample):
        raise InputError(
            f"{path.parent}: holds design={sample.method} of {_size(note)}, and {_size(sample.told())} are asked for. "
            "This design cannot grow: other points would take the place of those. Name another folder with "
            "results_dir=, or use design=sobol, which grows."
        )
    _check_same(sample, there, path)
    if points_held <= len(sample):
        return sample
    return _with_rows(sample, there.slice(0, points_held)) if sample.method == "table" else sample.grown(points_held)


def _size(told: Mapping[str, Any]) -> str:
    return f"design.n={told['n']} ({told['points']} points)" if told["n"] is not None else f"{told['points']} points"


def _check_same(sample: Sample, there: pa.Table, path: Path) -> None:
    """Raise InputError, naming the first point and column that differ, unless one is the beginning of the other."""
    both = min(len(sample), there.num_rows)
    points = sample.names[:both], there.column(POINT).to_pylist()[:both]
    if points[0] != points[1] and set(points[0]) == set(points[1]):
        row, here, was = next((row, *two) for row, two in enumerate(zip(*points, strict=True), 1) if two[0] != two[1])
        raise InputError(
            f"{path}: the order of its rows differs: row {row} is {was} there and {here} here. "
            "Rows can be appended and not moved; name another folder with results_dir=."
        )
    rows: dict[int, str] = {}
    for column, values in {POINT: sample.names, **sample.columns()}.items():
        theirs = there.column(column).to_pylist()[:both]
        mine = list(values[:both])
        row = next((row for row in range(both) if mine[row] != theirs[row]), both)
        if row < both:
            rows.setdefault(row, f"{column} is {theirs[row]} there and {mine[row]} here")
    if rows:
        first = min(rows)
        raise InputError(
            f"{path}: the point {there.column(POINT)[first]} differs: {rows[first]}. Rows can be appended and not "
            "changed; name another folder with results_dir=."
        )


def _with_rows(sample: Sample, there: pa.Table) -> Sample:
    """Return the points of a table with those that were appended to it before."""
    names = there.column(POINT).to_pylist()
    columns = [there.column(factor.key).to_pylist() for factor in sample.factors]
    values = [[f.place_of(value) for value in column] for f, column in zip(sample.factors, columns, strict=True)]
    is_numbered = names == [f"p{point:07d}" for point in range(len(names))]
    return replace(sample, values=np.array(values).T, given=() if is_numbered else tuple(names))
