"""How one number of the world is declared: its kind, range, unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass

NEVER = 100_000
"""Quarter that no run reaches: a date that has not been set."""

NOBODY = -1
"""Index that stands for no actor: test for it before indexing, since index -1 would wrap."""

FLOAT, INT, ID = "f8", "i8", "u8"


@dataclass(frozen=True)
class Field:
    """One declared number (or array of numbers) of a record.

    `low` and `high` bound what is valid; the contract tests perturb within them. `shape` names dimensions of `Sizes`.
    """

    name: str
    kind: str
    low: float
    high: float
    unit: str
    meaning: str
    shape: tuple[str, ...] = ()


def identity(meaning: str) -> Field:
    """Declare the stable id of a row: `id`."""
    return Field("id", ID, 0, 0, "hash", meaning)


def share(name: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    """Declare a number of 0-1."""
    return Field(name, FLOAT, 0.0, 1.0, "0-1", meaning, shape)


def quarter(name: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    """Declare a quarter, which may be never."""
    return Field(name, INT, -1, NEVER, "quarters since 1991Q1", meaning, shape)


def index(name: str, of: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    """Declare the row of another table, which may be nobody."""
    return Field(name, INT, NOBODY, NEVER, f"index in {of}", meaning, shape)
