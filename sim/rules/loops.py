"""The loops that the documents describe, as chains of rules and what passes between them: records of `loops.csv`.

Signs and titles are the documents'; that a chain exists says nothing of how strong it is, or that a run shows its sign.
A test holds every link to account: its field is written by the rule before it and read by the rule after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError
from sim.evidence.loader import load_mechanisms
from sim.evidence.rows import Row, one_of, parts_of, rows_of, text
from sim.rules.couplings import load_couplings

LOOPS_FILE = Path(__file__).resolve().parent / "loops.csv"
COLUMNS = ("name", "sign", "title", "mechanisms", "chains", "note")
SIGNS = ("reinforcing", "balancing")


@dataclass(frozen=True)
class Link:
    """One step of a chain: a rule writes a field (`table.field`), another, or the same a quarter later, reads it."""

    writer: str
    field: str
    reader: str

    @property
    def cut_by(self) -> tuple[str, ...]:
        """Names of the couplings that, held, cut this link."""
        couplings = load_couplings().values()
        return tuple(c.name for c in couplings if self.field in c.fields and self.reader in c.receivers)


Chain = tuple[Link, ...]
"""Links of which each begins where the one before it ends; the last ends where the first begins."""


@dataclass(frozen=True)
class Loop:
    """One loop of the documents."""

    name: str
    sign: str
    """One of `SIGNS`, as the documents tell it."""
    title: str
    mechanisms: tuple[int, ...]
    """Numbers of the mechanisms that it is made of."""
    chains: tuple[Chain, ...]
    """The ways in which it closes in the model."""
    note: str

    @property
    def rules(self) -> frozenset[str]:
        """The rules that it passes through, as `folder/file`."""
        return frozenset(link.writer for chain in self.chains for link in chain)


def load_loops(path: Path = LOOPS_FILE) -> Mapping[str, Loop]:
    """Return all loops by name, in their order; raise InputError naming file and line where a row is malformed."""
    return _loops(path)


def loops_of(rule: str) -> tuple[str, ...]:
    """Return the names of the loops that pass through a rule (`folder/file`)."""
    return tuple(loop.name for loop in load_loops().values() if rule in loop.rules)


@cache
def _loops(path: Path) -> Mapping[str, Loop]:
    found: dict[str, Loop] = {}
    for place, row in rows_of(path, COLUMNS):
        loop = _loop(place, row)
        if loop.name in found:
            raise InputError(f"{place}: the loop {loop.name!r} stands twice.")
        found[loop.name] = loop
    return MappingProxyType(found)


def _loop(place: str, row: Row) -> Loop:
    name, title, note = (text(place, row, column) for column in ("name", "title", "note"))
    numbers = parts_of(text(place, row, "mechanisms"))
    known = {str(number): number for number in load_mechanisms()}
    for number in numbers:
        if number not in known:
            raise InputError(f"{place}: there is no mechanism {number!r}; they are numbered 1 to {len(known)}.")
    chains = tuple(_chain(place, part) for part in parts_of(text(place, row, "chains")))
    return Loop(name, one_of(place, row, "sign", SIGNS), title, tuple(known[n] for n in numbers), chains, note)


def _chain(place: str, written: str) -> Chain:
    """Return the links of a chain written `rule > table.field > rule > ...`, which has to end where it begins."""
    steps = [step.strip() for step in written.split(">")]
    if len(steps) < 3 or len(steps) % 2 == 0:
        raise InputError(f"{place}: the chain {written!r} does not go from rule to field to rule.")
    if steps[0] != steps[-1]:
        raise InputError(f"{place}: a chain begins at {steps[0]} and ends at {steps[-1]}: it does not close.")
    return tuple(Link(*steps[at : at + 3]) for at in range(0, len(steps) - 1, 2))
