"""What a folder of results holds: names of files, columns of tables, and the version of this layout."""

from __future__ import annotations

LAYOUT = 2
"""Version of the layout, raised when a reader of the older one would misread the new one."""

MANIFEST = "manifest.json"
CONFIG = "config.yaml"
DESIGN = "design.parquet"
PLAN = "plan.parquet"
OUTCOMES = "outcomes"
RECEIPTS = "receipts"
TRAJECTORIES = "trajectories.zarr"
BANDS = "bands"
QUANTILES = "quantiles.parquet"
LEDGER = "ledger.parquet"
FIGURES = "figures"
REPORT = "report.html"
LOG = "run.log"

DATA = tuple(f"{name}/" for name in (OUTCOMES, BANDS, RECEIPTS, TRAJECTORIES))
"""Where the data of runs are: folders that hold nothing but what a manifest lists."""

DEFAULT_POINT = "default"
"""The point at which an experiment stands: its theories, its worldview, and what was set by hand.

Variants of an experiment are further points, each under its own name."""

PAIRED_POINT = "paired"
"""The point at which every arm is run once more, on the same dice, without the rules of the experiment's `pair`."""

DESIGN_POINT = "design"
"""What quantiles call all points of a sampled design together."""

COMPARISON = "comparison"
"""Experiment of what `steppe compare` runs, and the folder in which comparisons stand."""

EFFORT = "restraint/patron_effort"
"""The rule without which a paired run shows what would be attempted if no patron held anybody back."""

JOINED = ("restraint", "restraint_idlib")
"""Outcomes that a run and its pair without EFFORT give together; no run has them by itself, no file holds them."""

WORLD = "simulated true world"
"""Which world outputs show, but for what is called reported, accused or believed."""

KEYS = ("run", "point", "scenario", "history", "replication", "seed")
"""Columns that say which run a row is; every other column of `outcomes/` is an outcome (float64)."""


MOST_RUNS = 10_000_000
"""More than there are replications of any arm: the number of a run is this times that of its arm, plus its replication.

So runs keep their numbers however many points and replications are added."""

CHUNK_RUNS = 100
"""Length of a chunk of trajectories along the axis of runs; part of the layout, never of a result."""


def part_name(shard: str) -> str:
    """Return the path of a shard's outcomes inside the folder."""
    return f"{OUTCOMES}/part-{shard}.parquet"


def first_arm(part: str) -> int:
    """Return the number of the first arm of a shard whose outcomes stand in a file, from the file's path."""
    return int(part.rpartition("/part-")[2].partition("x")[0])


def bands_name(shard: str) -> str:
    """Return the path inside the folder of how a shard's series were counted."""
    return f"{BANDS}/part-{shard}.parquet"


def receipt_name(shard: str) -> str:
    """Return the path of a shard's receipt inside the folder."""
    return f"{RECEIPTS}/shard-{shard}.json"
