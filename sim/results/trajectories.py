"""Trajectories: one Zarr 3 group, run × quarter × column, made whole before the first run and filled chunk by chunk.

Every shard owns one chunk along the run axis (its slot), so that no two writers meet in a file. A shard with fewer runs
than a chunk leaves the rest of its slot empty: `run` is -1 there, and readers drop those rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.results.files import storing, sync
from sim.results.outcomes import RunKeys
from sim.results.schema import CHUNK_RUNS, TRAJECTORIES

EMPTY_ROW = -1
_COLUMNS = {"point": "points", "scenario": "scenarios", "history": "histories"}
VALUE = "value"


@dataclass(frozen=True)
class Layout:
    """Shape of the group apart from its runs: names of quarters and columns, and runs in a slot."""

    quarters: tuple[str, ...]
    columns: tuple[str, ...]
    slot_runs: int = CHUNK_RUNS


def discard_unfit(folder: Path, layout: Layout) -> bool:
    """Remove a group that cannot be read or has another layout, and say whether there was one.

    Its shards have to be run again. Raises InputError where the disk refuses.
    """
    import zarr

    path = folder / TRAJECTORIES
    if not path.exists():
        return False
    try:
        value: Any = zarr.open_group(str(path), mode="r")[VALUE]
        fits = value.chunks == _chunks(layout) and value.shape[1:] == _chunks(layout)[1:] and value.dtype == np.float32
    except (OSError, KeyError, ValueError, TypeError):
        fits = False
    if not fits:
        with storing(path):
            shutil.rmtree(path)
    return not fits


def prepare(folder: Path, layout: Layout, slots: Mapping[int, RunKeys]) -> None:
    """Make the group, or lengthen it, so that every slot has its rows; writes all coordinates.

    Without slots nothing is made. Raises InputError where the disk refuses.
    """
    import zarr

    if not slots:
        return
    path = folder / TRAJECTORIES
    with storing(path):
        group = zarr.open_group(str(path), mode="a", zarr_format=3)
        n_rows = (max(slots) + 1) * layout.slot_runs
        if VALUE in group:
            value: Any = group[VALUE]
            if value.shape[0] < n_rows:
                value.resize((n_rows, *value.shape[1:]))
            n_rows = value.shape[0]
        else:
            group.create_array(
                VALUE,
                shape=(n_rows, len(layout.quarters), len(layout.columns)),
                chunks=_chunks(layout),
                dtype="float32",
                fill_value=float("nan"),
                dimension_names=("run", "quarter", "column"),
                attributes={"coordinates": "replication point scenario history"},
            )
        for name, (dimension, content) in _coordinates(layout, slots, n_rows).items():
            _write_coordinate(group, name, dimension, content)


def write_slot(folder: Path, layout: Layout, slot: int, block: np.ndarray) -> None:
    """Write a shard's trajectories (float32, shape (n, quarters, columns)) to its slot, and sync.

    Raises InputError where the disk refuses.
    """
    import zarr

    whole = np.full(_chunks(layout), np.nan, np.float32)
    whole[: len(block)] = block
    first = slot * layout.slot_runs
    chunk = folder / chunk_name(slot)
    with storing(chunk):
        array: Any = zarr.open_array(str(folder / TRAJECTORIES / VALUE), mode="r+", config={"write_empty_chunks": True})
        array[first : first + layout.slot_runs] = whole
        sync(chunk)
        sync(chunk.parent)


def read_columns(folder: Path, slots: Iterable[tuple[int, int, int]], first: int, n: int) -> np.ndarray:
    """Return `n` columns from place `first` of the runs in slots, float32, shape (runs, quarters, n).

    `slots` are numbers of slots, each with the first of its rows to be read and their number.
    """
    import zarr

    value: Any = zarr.open_array(str(folder / TRAJECTORIES / VALUE), mode="r")
    length = value.chunks[0]
    starts = ((slot * length + row, rows) for slot, row, rows in slots)
    return np.concatenate([value[start : start + rows, :, first : first + n] for start, rows in starts])


def chunk_name(slot: int) -> str:
    """Return the path of a slot's one chunk inside the folder of results."""
    return f"{TRAJECTORIES}/{VALUE}/c/{slot}/0/0"


def _chunks(layout: Layout) -> tuple[int, int, int]:
    return layout.slot_runs, len(layout.quarters), len(layout.columns)


def _coordinates(
    layout: Layout, slots: Mapping[int, RunKeys], n_rows: int
) -> dict[str, tuple[str, np.ndarray | Sequence[str]]]:
    run, replication = np.full(n_rows, EMPTY_ROW, np.int64), np.full(n_rows, EMPTY_ROW, np.int64)
    labels = {name: np.full(n_rows, "", dtype=object) for name in _COLUMNS}
    for slot, keys in slots.items():
        rows = slice(slot * layout.slot_runs, slot * layout.slot_runs + len(keys.runs))
        run[rows] = keys.runs
        replication[rows] = keys.replications
        for name, column in labels.items():
            column[rows] = getattr(keys, _COLUMNS[name])
    along_runs = {"run": run, "replication": replication, **labels}
    return {
        **{name: ("run", content) for name, content in along_runs.items()},
        "quarter": ("quarter", layout.quarters),
        "column": ("column", layout.columns),
    }


def _write_coordinate(group: Any, name: str, dimension: str, content: np.ndarray | Iterable[str]) -> None:
    from zarr.dtype import VariableLengthUTF8

    values = content if isinstance(content, np.ndarray) else np.array(list(content), dtype=object)
    kind = VariableLengthUTF8() if values.dtype == object else values.dtype
    array = group.create_array(
        name, shape=values.shape, chunks=values.shape, dtype=kind, dimension_names=(dimension,), overwrite=True
    )
    array[:] = values
