"""What stands behind the parameters: how many are documented, derived or assumed, and on contested facts or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sim.errors import did_you_mean
from sim.evidence.loader import Finding
from sim.parameters.register import Register, cites_contested
from sim.parameters.schema import BACKINGS, Backing, Entry
from sim.parameters.worldviews import rests_on_contested_alone


@dataclass(frozen=True)
class BackingRow:
    """Parameters of one kind of backing, contested or not."""

    backing: Backing
    contested: bool
    """Whether any fact cited is contested; an assumed parameter cites none."""
    count: int
    share: float
    """Part of all parameters, 0 to 1."""


@dataclass(frozen=True)
class BackingTable:
    """Six rows: documented, derived and assumed, each uncontested first; the counts sum to `total`."""

    total: int
    rows: tuple[BackingRow, ...]

    def count(self, backing: Backing, contested: bool | None = None) -> int:
        """Return the number of parameters of that backing; both contested and not where `contested` is None."""
        return sum(row.count for row in self._rows(backing, contested))

    def share(self, backing: Backing, contested: bool | None = None) -> float:
        """Return the part of all parameters, 0 to 1; 0 for an empty register."""
        return self.count(backing, contested) / self.total if self.total else 0.0

    def _rows(self, backing: Backing, contested: bool | None) -> list[BackingRow]:
        return [row for row in self.rows if row.backing == backing and contested in (None, row.contested)]


def backing(register: Register, findings: Mapping[str, Finding]) -> BackingTable:
    """Return the table of backing; contested follows from `findings`."""
    entries = register.entries.values()
    counts = Counter((entry.backing, cites_contested(entry.evidence, findings)) for entry in entries)
    total = counts.total()
    rows = tuple(
        BackingRow(kind, contested, counts[kind, contested], counts[kind, contested] / total if total else 0.0)
        for kind in BACKINGS
        for contested in (False, True)
    )
    return BackingTable(total, rows)


def check(register: Register, findings: Mapping[str, Finding]) -> list[str]:
    """Return what is wrong between register and facts, a sentence each that names file and key; empty when sound.

    A fact must exist; `contested` must follow from the facts; a value that claims to be documented must rest on at
    least one fact that gives a figure and on one whose grade is above low, or else state an assumption. What rests on
    contested facts alone states what becomes of it where they are dropped, and nothing else does.
    """
    return [problem for entry in register.entries.values() for problem in _problems(entry, findings)]


def _problems(entry: Entry, findings: Mapping[str, Finding]) -> list[str]:
    place = f"{entry.file}: {entry.key}"
    unknown = [identity for identity in entry.evidence if identity not in findings]
    if unknown:
        return [f"{place}: unknown fact {name!r} in evidence.{did_you_mean(name, findings)}" for name in unknown]
    problems = []
    if entry.contested != cites_contested(entry.evidence, findings):
        problems.append(f"{place}: is marked contested={entry.contested}, but its facts say otherwise.")
    says = entry.neutral is not None or entry.kept is not None
    if says != rests_on_contested_alone(entry, findings):
        remedy = (
            "does not rest on contested facts alone, so that nothing drops it"
            if says
            else "rests on contested facts alone: state neutral, the value without its claim, or kept, why it stays"
        )
        problems.append(f"{place}: {remedy}.")
    if entry.backing == "documented":
        cited = [findings[identity] for identity in entry.evidence]
        if not any(fact.figure for fact in cited):
            problems.append(f"{place}: is documented, but none of its facts gives a figure; state the assumption.")
        if all(fact.confidence == "low" for fact in cited):
            problems.append(f"{place}: is documented by facts of low confidence only; state the assumption.")
    return problems
