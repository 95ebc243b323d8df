"""Outcomes and trajectories as NetCDF-4, through xarray: with the arms as dimensions where every arm has every run.

Names are stored as arrays of characters, as CF has them, which older readers know as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow.parquet as pq

from sim.results.described import KEY_COLUMNS, UNKNOWN, Column
from sim.results.schema import KEYS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ARMS = ("point", "scenario", "history", "replication")
"""Dimensions of a complete grid."""

CONVENTIONS = "CF-1.11 (without standard names; units in the model's own words)"

_NUMBERS_AT_ONCE = 4_000_000
_RUNS_AT_ONCE = 100
_CHUNK_COLUMNS = 8
_CODED: dict[str, Any] = {"zlib": True, "complevel": 4}


@contextmanager
def _as_failures_of_the_disk() -> Iterator[None]:
    """Turn what the NetCDF library raises where it cannot write into the OSError that it is."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(str(error)) from error


@_as_failures_of_the_disk()
def write_outcomes(
    path: Path, table: Path, points: Path | None, columns: Mapping[str, Column], about: Mapping[str, str]
) -> None:
    """Write all outcomes of a Parquet file as one variable each, and the table of points as the group `points`.

    Dimensions are point × scenario × history × replication where each of their combinations is one run, else `run`.
    Some columns are held in memory at a time, never the whole table.
    """
    import xarray as xr

    keys = pq.read_table(str(table), columns=list(KEYS)).to_pandas()
    dims, coords, order, shape = _frame(keys)
    _write(xr.Dataset(coords=coords, attrs=_attributes(about)), path, "w")
    names = [name for name in pq.read_schema(str(table)).names if name not in KEYS]
    for some in batched(names, max(1, _NUMBERS_AT_ONCE // len(order))):
        values = pq.read_table(str(table), columns=list(some))
        block = {
            name: (dims, values.column(name).to_numpy()[order].reshape(shape), _said(columns.get(name, UNKNOWN)))
            for name in some
        }
        _write(xr.Dataset(block), path, "a")
    if points is not None:
        _write(_points(points, columns), path, "a", group="points")


@_as_failures_of_the_disk()
def write_trajectories(
    path: Path,
    series: xr.DataArray,
    columns: Mapping[str, Column],
    about: Mapping[str, str],
    advance: Callable[[int], None],
) -> None:
    """Write trajectories as the variable `value`, run × quarter × column, in single precision, slice by slice.

    Runs stand arm after arm: so their slices lie together in the folder of results too.
    """
    import netCDF4
    import pandas as pd
    import xarray as xr

    keys = pd.DataFrame({name: series[name].values for name in ("run", *ARMS)})
    order = np.argsort(_places(keys)[0], kind="stable")
    names = [str(name) for name in series["column"].values]
    known = [columns.get(name, UNKNOWN) for name in names]
    coords = _along_runs(keys, order) | {
        "quarter": ("quarter", _texts(series["quarter"].values)),
        "column": ("column", _texts(names), {"long_name": "address of the number in the world of a run"}),
        "unit": ("column", _texts([one.unit for one in known])),
        "meaning": ("column", _texts([one.meaning for one in known])),
    }
    _write(xr.Dataset(coords=coords, attrs=_attributes(about)), path, "w")
    n_runs, n_quarters, n_columns = series.shape
    chunk = (min(n_runs, _RUNS_AT_ONCE), n_quarters, min(n_columns, _CHUNK_COLUMNS))
    with netCDF4.Dataset(str(path), "a") as file:
        value = file.createVariable(
            "value", "f4", ("run", "quarter", "column"), fill_value=np.float32("nan"), chunksizes=chunk, **_CODED
        )
        value.long_name = "number at the end of a quarter; its unit and meaning stand along column"
        for first in range(0, n_runs, _RUNS_AT_ONCE):
            rows = order[first : first + _RUNS_AT_ONCE]
            value[first : first + len(rows)] = series.isel(run=rows).values
            advance(len(rows))


def _frame(keys: pd.DataFrame) -> tuple[tuple[str, ...], dict[str, Any], np.ndarray, tuple[int, ...]]:
    """Return dimensions, coordinates, the order in which rows fill them, and the shape."""
    places, labels = _places(keys)
    order = np.argsort(places, kind="stable")
    shape = tuple(len(of) for of in labels.values())
    if len(keys) != np.prod(shape):
        return ("run",), _along_runs(keys, order, "seed"), order, (len(keys),)
    coords: dict[str, Any] = {name: (name, of, _said(KEY_COLUMNS[name])) for name, of in labels.items()}
    for name in ("run", "seed"):
        coords[name] = (ARMS, keys[name].to_numpy()[order].reshape(shape), _said(KEY_COLUMNS[name]))
    return ARMS, coords, order, shape


def _places(keys: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return where each run stands in the grid of all arms, shape (n,), and the labels of its dimensions.

    Arms come in the order of the plan, replications by number.
    """
    import pandas as pd

    planned = keys.sort_values("run")
    labels = {name: planned[name].unique() for name in ARMS}
    labels["replication"] = np.sort(labels["replication"])
    codes = [pd.Index(of).get_indexer(keys[name]) for name, of in labels.items()]
    places = np.ravel_multi_index(codes, [len(of) for of in labels.values()])
    return places, {name: of if name == "replication" else _texts(of) for name, of in labels.items()}


def _along_runs(keys: pd.DataFrame, order: np.ndarray, *more: str) -> dict[str, Any]:
    """Return the keys as coordinates along `run`."""
    columns = {name: keys[name].to_numpy()[order] for name in ("run", *ARMS, *more)}
    return {
        name: ("run", of if of.dtype.kind == "i" else _texts(of), _said(KEY_COLUMNS[name]))
        for name, of in columns.items()
    }


def _points(table: Path, columns: Mapping[str, Column]) -> xr.Dataset:
    import xarray as xr

    content = {}
    for name, column in pq.read_table(str(table)).to_pydict().items():
        values = _texts(column) if any(isinstance(value, str) for value in column) else np.array(column)
        content[name] = ("point", values, _said(columns.get(name, UNKNOWN)))
    return xr.Dataset(content)


def _texts(values: Iterable[Any]) -> np.ndarray:
    return np.array(["" if value is None else str(value) for value in values], dtype=str)


def _said(column: Column) -> dict[str, str]:
    """Return the attributes of a variable; what is not known is left out."""
    return {name: text for name, text in (("units", column.unit), ("long_name", column.meaning)) if text}


def _attributes(about: Mapping[str, str]) -> dict[str, str]:
    return {"Conventions": CONVENTIONS, "source": f"Steppe {about['model_version']}", **about}


def _write(data: xr.Dataset, path: Path, mode: Literal["w", "a"], group: str | None = None) -> None:
    """Write variables into a file, compressed.

    It is done on a thread of its own: whoever is interrupted while it gives back a lock of xarray waits for it for ever.
    """
    coding = {
        str(name): {**_CODED, **({"dtype": "S1"} if variable.dtype.kind == "U" else {})}
        for name, variable in data.variables.items()
    }
    with ThreadPoolExecutor(1) as pool:
        pool.submit(data.to_netcdf, path, mode=mode, engine="netcdf4", group=group, encoding=coding).result()
