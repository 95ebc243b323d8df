"""Open a folder of results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError
from sim.results.files import read_signed, unlike
from sim.results.schema import CONFIG, LAYOUT, MANIFEST, PLAN, QUANTILES, TRAJECTORIES, first_arm

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.results.runs import Runs


@dataclass(frozen=True)
class Result:
    """A finished experiment: its manifest and, read when first asked for, its tables.

    What is read is held against its checksum first, and InputError raised where it is not as it was sealed.
    """

    path: Path
    manifest: dict[str, Any]
    points: tuple[str, ...] | None = None
    """Points whose runs are read; None: all."""
    sound: set[str] = field(default_factory=set, repr=False, compare=False)
    """Files that were held against their checksums: each is only once, whichever points are read."""

    def at(self, *points: str) -> Result:
        """Return the result as far as runs at these points go; no others are read."""
        return Result(self.path, self.manifest, points, self.sound)

    @property
    def unsampled(self) -> Result:
        """The result without the points of a sampled design, which may be very many: what reports show."""
        return self.at(*dict.fromkeys(arm["point"] for arm in self.manifest["arms"]))

    def check(self, names: Iterable[str]) -> None:
        """Raise InputError, naming it, where one of these files is not as the manifest lists it; others may be given.

        A path that ends with a slash stands for all that is listed below it.
        """
        listed: Mapping[str, str] = self.manifest.get("files", {})
        wanted = {file for name in names for file in (_below(name, listed) if name.endswith("/") else (name,))}
        due = {name: listed[name] for name in sorted(wanted - self.sound) if name in listed}
        for name, why in unlike(self.path, due):
            raise InputError(
                f"{self.path / name}: {why}; `steppe verify` checks all files, and the command that made the "
                "results makes it again."
            )
        self.sound.update(due)

    @cached_property
    def runs(self) -> Runs:
        """The runs in the order of `run`, whose outcomes are read one by one: for whoever does not need all at once."""
        from sim.results.runs import read_runs

        parts = self._parts()
        self.check(parts)
        return read_runs(self.path, parts, self.points)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row a run, in the order of `run`: point, scenario, history, replication, seed, then every outcome.

        Outcomes are float64; a date is a decimal year, NaN where it did not come within the horizon.
        """
        return self.runs.frame()

    def _parts(self) -> list[str]:
        """Return the files that may hold runs at the points that are read: arms of sampled points come last."""
        parts: list[str] = self.manifest["parts"]
        if self.points is None or not set(self.points) <= {arm["point"] for arm in self.manifest["arms"]}:
            return parts
        return [part for part in parts if first_arm(part) < len(self.manifest["arms"])]

    @cached_property
    def trajectories(self) -> xr.DataArray | None:
        """Float32, dimensions run × quarter × column, in the order of `run`, without runs that failed; None where none were stored.

        Coordinates along `run`: point, scenario, history, replication.
        """
        if not self.manifest["trajectories"]:
            return None
        import numpy as np
        import xarray as xr

        self.check([f"{TRAJECTORIES}/"])
        data = xr.open_zarr(self.path / TRAJECTORIES, consolidated=False, chunks=None)
        run = data["run"].values
        made = run >= 0
        if self.points is not None:
            made &= np.isin(np.array([str(point) for point in data["point"].values]), self.points)
        if self.manifest["counts"].get("failed"):
            made &= np.isin(run, self.runs["run"])
        rows = np.flatnonzero(made)
        value = data["value"].isel(run=rows[np.argsort(run[rows])])
        for name in ("point", "scenario", "history", "quarter", "column"):
            value = value.assign_coords({name: (value[name].dims, np.array([str(v) for v in value[name].values]))})
        return value

    @cached_property
    def quantiles(self) -> pd.DataFrame | None:
        """One row a point, scenario, history, column and quarter: n runs, p05 to p95 over them, error, is_exact.

        `error` bounds how far each of the five can be off: 0 where they are of stored series, else by the bins that the
        series were counted in. None where nothing was observed.
        """
        path = self.path / QUANTILES
        self.check([QUANTILES])
        if not path.is_file():
            return None
        import pyarrow.parquet as pq

        labels = ["point", "scenario", "history", "column", "quarter"]
        return pq.read_table(str(path), read_dictionary=labels).to_pandas()


def _below(folder: str, listed: Iterable[str]) -> Iterator[str]:
    return (name for name in listed if name.startswith(folder))


def check_outside(folder: Path, key: str) -> None:
    """Raise InputError where a folder that `key` names for results lies in one of them."""
    for place in (folder.absolute(), *folder.absolute().parents):
        if (place / CONFIG).is_file() and ((place / MANIFEST).is_file() or (place / PLAN).is_file()):
            raise InputError(f"{key}: {folder} lies in the results {place}; name a folder outside, such as results.")


def open_result(path: Path | str) -> Result:
    """Open a finished experiment.

    Raises InputError where there is none, where it was interrupted before its end, or where a newer Steppe wrote it.
    """
    folder = Path(path)
    file = folder / MANIFEST
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of results.")
    if not file.is_file():
        if ".share-" in folder.name:
            begun = "it is a share: `steppe merge` makes a result of it and the others."
        elif (folder / CONFIG).is_file():
            begun = "run the same command again to resume, with retry=true where all its runs failed (`steppe status`)."
        else:
            begun = "name the folder of one result; `steppe status` lists those below a folder."
        raise InputError(f"{folder}: holds no finished results (no {MANIFEST}); {begun}")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        layout, complete = manifest["layout"], manifest["complete"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read as a manifest ({error}).") from error
    if layout != LAYOUT or not complete:
        raise InputError(f"{file}: has layout {layout!r}, but this version reads layout {LAYOUT}.")
    try:
        return Result(folder, read_signed(file))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: {error}. Run the same command again: it is made anew.") from error
