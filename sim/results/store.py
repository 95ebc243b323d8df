"""Open a folder of results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError
from sim.results.schema import LAYOUT, MANIFEST, TRAJECTORIES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Result:
    """A finished experiment: its manifest and, read when first asked for, its tables."""

    path: Path
    manifest: dict[str, Any]

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row a run, in the order of `run`: point, scenario, history, replication, seed, then every outcome.

        Outcomes are float64; a date is a decimal year, NaN where it did not come within the horizon.
        """
        import pandas as pd

        from sim.results.outcomes import read_parts

        parts = read_parts(self.path, self.manifest["parts"], self.manifest["counts"]["replications"])
        frame = pd.concat([part.to_pandas() for part in parts], ignore_index=True)
        return frame.sort_values("run", ignore_index=True)

    @cached_property
    def trajectories(self) -> xr.DataArray | None:
        """Float32, dimensions run × quarter × column, in the order of `run`; None where none were stored.

        Coordinates along `run`: point, scenario, history, replication.
        """
        if not self.manifest["trajectories"]:
            return None
        import numpy as np
        import xarray as xr

        data = xr.open_zarr(self.path / TRAJECTORIES, consolidated=False, chunks=None)
        run, replication = data["run"].values, data["replication"].values
        rows = np.flatnonzero((run >= 0) & (replication < self.manifest["counts"]["replications"]))
        value = data["value"].isel(run=rows[np.argsort(run[rows])])
        for name in ("point", "scenario", "history", "quarter", "column"):
            value = value.assign_coords({name: (value[name].dims, np.array([str(v) for v in value[name].values]))})
        return value


def open_result(path: Path | str) -> Result:
    """Open a finished experiment.

    Raises InputError where there is none, where it was interrupted before its end, or where a newer Steppe wrote it.
    """
    folder = Path(path)
    file = folder / MANIFEST
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of results.")
    if not file.is_file():
        raise InputError(f"{folder}: holds no finished results (no {MANIFEST}); run the same command again to resume.")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        layout, complete = manifest["layout"], manifest["complete"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read as a manifest ({error}).") from error
    if layout != LAYOUT or not complete:
        raise InputError(f"{file}: has layout {layout!r}, but this version reads layout {LAYOUT}.")
    return Result(folder, manifest)
