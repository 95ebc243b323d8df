"""Trajectories: one Zarr 3 group, run × quarter × column, made whole before the first run and filled chunk by chunk.

Every shard owns one chunk along the run axis (its slot), so that no two writers meet in a file. A shard with fewer runs
than a chunk leaves the rest of its slot empty: `run` is -1 there, and readers drop those rows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.results.amounts import several, size
from sim.results.files import storing, sync, unreadable
from sim.results.outcomes import RunKeys
from sim.results.schema import CHUNK_RUNS, TRAJECTORIES

EMPTY_ROW = -1
_COLUMNS = {"point": "points", "scenario": "scenarios", "history": "histories"}
VALUE = "value"
METADATA = "zarr.json"

_DAMAGED = (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError)
"""What opening a group or an array raises where its metadata are missing or damaged; zarr names no class for it."""


@dataclass(frozen=True)
class Layout:
    """Shape of the group apart from its runs: names of quarters and columns, and runs in a slot."""

    quarters: tuple[str, ...]
    columns: tuple[str, ...]
    slot_runs: int = CHUNK_RUNS

    def told(self, runs: int) -> str:
        """Return in words how large the trajectories of so many runs can become."""
        sides = ((runs, "run"), (len(self.quarters), "quarter"), (len(self.columns), "column"))
        most = size(4 * math.prod(n for n, _ in sides))
        return f"{' × '.join(several(*side) for side in sides)}, at most {most} before compression."


def check(folder: Path, layout: Layout) -> None:
    """Raise InputError where there is a group of another layout, or one that the system does not let be read.

    Nothing is wrong with one whose metadata are missing or damaged: `prepare` writes them anew.
    """
    path = folder / TRAJECTORIES
    value = _opened(path / VALUE)
    if value is None:
        return
    if value.chunks != _chunks(layout) or value.shape[1:] != _chunks(layout)[1:] or value.dtype != np.float32:
        raise InputError(
            f"{path}: holds {value.dtype} of shape {value.shape} in chunks of {value.chunks}, and {_chunks(layout)} is "
            "asked for. Name another folder with results_dir=, or take it away: its runs are then made again."
        )


def prepare(folder: Path, layout: Layout, slots: Mapping[int, RunKeys]) -> None:
    """Make the group, or lengthen it, so that every slot has its rows, with the coordinates of all.

    What is there as it should be stays as it is. Metadata that are missing or damaged are written anew: chunks, for
    which receipts vouch, are found by layout and slot. Without slots nothing is made. Raises InputError where the disk
    refuses.
    """
    if not slots:
        return
    path = folder / TRAJECTORIES
    with storing(path):
        group, value = _group(path), _opened(path / VALUE)
        n_rows = (max(slots) + 1) * layout.slot_runs
        if value is None:
            (path / VALUE / METADATA).unlink(missing_ok=True)
            group.create_array(
                VALUE,
                shape=(n_rows, len(layout.quarters), len(layout.columns)),
                chunks=_chunks(layout),
                dtype="float32",
                fill_value=float("nan"),
                dimension_names=("run", "quarter", "column"),
                attributes={"coordinates": "replication point scenario history"},
            )
        else:
            if value.shape[0] < n_rows:
                value.resize((n_rows, *value.shape[1:]))
            n_rows = value.shape[0]
        for name, (dimension, content) in _coordinates(layout, slots, n_rows).items():
            _write_coordinate(group, path / name, dimension, content)


def write_slot(folder: Path, layout: Layout, slot: int, block: np.ndarray) -> None:
    """Write a shard's trajectories (float32, shape (n, quarters, columns)) to its slot, durable under its name.

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
        for path in (chunk, *chunk.parents[:4]):
            sync(path)


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


def _group(path: Path) -> Any:
    """Return the group, made where there is none, or none that its metadata show to be one; its arrays stay."""
    import zarr

    with _reading(path):
        try:
            is_there = json.loads((path / METADATA).read_bytes())["node_type"] == "group"
        except _DAMAGED:
            is_there = False
        if not is_there:
            (path / METADATA).unlink(missing_ok=True)
        return zarr.open_group(str(path), mode="a", zarr_format=3)


def _opened(node: Path) -> Any:
    """Return an array, or None where its metadata are missing or damaged.

    Raises InputError where the system does not let them be read.
    """
    import zarr

    with _reading(node):
        try:
            return zarr.open_array(str(node), mode="r+")
        except _DAMAGED:
            return None


@contextmanager
def _reading(node: Path) -> Iterator[None]:
    """Turn a refusal of the system into an InputError that names what it was about."""
    try:
        yield
    except OSError as error:
        raise unreadable(node, error) from error


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


def _write_coordinate(group: Any, path: Path, dimension: str, content: np.ndarray | Iterable[str]) -> None:
    """Write a coordinate, unless it is there as it should be."""
    from zarr.dtype import VariableLengthUTF8

    values = content if isinstance(content, np.ndarray) else np.array(list(content), dtype=object)
    if _is_there(path, values):
        return
    kind = VariableLengthUTF8() if values.dtype == object else values.dtype
    array = group.create_array(
        path.name, shape=values.shape, chunks=values.shape, dtype=kind, dimension_names=(dimension,), overwrite=True
    )
    array[:] = values


def _is_there(path: Path, values: np.ndarray) -> bool:
    """Return whether a coordinate is stored with these values; InputError where the system does not let it be read."""
    array = _opened(path)
    if array is None or array.shape != values.shape:
        return False
    with _reading(path):
        try:
            return bool(np.array_equal(array[:].astype(values.dtype), values))
        except OSError:
            raise
        except Exception:  # whatever a codec raises of a damaged chunk
            return False
