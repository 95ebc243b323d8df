"""What a folder of results holds: names of files, columns of tables, and the version of this layout."""

from __future__ import annotations

LAYOUT = 1
"""Version of the layout, raised when a reader of the older one would misread the new one."""

MANIFEST = "manifest.json"
CONFIG = "config.yaml"
DESIGN = "design.parquet"
PLAN = "plan.parquet"
OUTCOMES = "outcomes"
RECEIPTS = "receipts"
TRAJECTORIES = "trajectories.zarr"
LEDGER = "ledger.parquet"
FIGURES = "figures"
REPORT = "report.html"
LOG = "run.log"

DEFAULT_POINT = "default"
"""The point at which an experiment stands: its theories, its worldview, and what was set by hand.

Variants of an experiment are further points, each under its own name."""

PAIRED_POINT = "paired"
"""The point at which every arm is run once more, on the same dice, without the rules of the experiment's `pair`."""

EFFORT = "restraint/patron_effort"
"""The rule without which a paired run shows what would be attempted if no patron held anybody back."""

JOINED = ("restraint", "restraint_idlib")
"""Outcomes that a run and its pair without EFFORT give together; no run has them by itself, no file holds them."""

WORLD = "simulated true world"
"""Which world outputs show, but for what is called reported, accused or believed."""

KEYS = ("run", "point", "scenario", "history", "replication", "seed")
"""Columns that say which run a row is; every other column of `outcomes/` is an outcome (float64)."""


def part_name(shard: int) -> str:
    """Return the path of a shard's outcomes inside the folder."""
    return f"{OUTCOMES}/part-{shard:05d}.parquet"


def receipt_name(shard: int) -> str:
    """Return the path of a shard's receipt inside the folder."""
    return f"{RECEIPTS}/shard-{shard:05d}.json"
