"""The decision ledger as a table: one row a line, with names instead of rows of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.numerics.ledger import ACT, CHOICE, ENTITIES, ENTRY, HAZARD, KINDS
from sim.results.files import write_whole
from sim.world.calendar import format_quarter
from sim.world.conflict import EVENTS as GROUP_EVENTS
from sim.world.cooperation import EVENTS
from sim.world.injects import KINDS as INJECT_KINDS
from sim.world.names import Names
from sim.world.records import MODES

NOTHING = "nothing"
"""What is chosen when no firm is."""


@dataclass(frozen=True)
class Traced:
    """The ledger of one run: `entries` are its lines, in the order in which they were written."""

    scenario: str
    history: str
    replication: int
    entries: np.ndarray


def write_ledger(path: Path, traces: Sequence[Traced], rules: Sequence[str], names: Names) -> None:
    """Write all traces as one table; `rules` are the names of the rules by their numbers.

    Without traces it is a table without rows. `line` counts within a run; `rests_on` names lines of the same run. Utilities are without their random terms;
    `margin` is the lead of the winner with them, or the log-odds by which an event happened or was missed. Raises
    InputError where the disk refuses.
    """
    traces = traces or [Traced("", "", 0, np.empty(0, ENTRY))]
    table = pa.concat_tables([_table(trace, rules, names) for trace in traces])
    write_whole(path, lambda temporary: pq.write_table(table, str(temporary), compression="zstd"))


def _table(trace: Traced, rules: Sequence[str], names: Names) -> pa.Table:
    entries = trace.entries
    n = len(entries)
    columns: dict[str, pa.Array] = {
        "scenario": pa.array([trace.scenario] * n, pa.string()),
        "history": pa.array([trace.history] * n, pa.string()),
        "replication": pa.array(np.full(n, trace.replication, np.int64)),
        "line": pa.array(np.arange(n, dtype=np.int64)),
        "quarter": pa.array([format_quarter(int(q)) for q in entries["quarter"]], pa.string()),
        "rule": pa.array([rules[r] for r in entries["rule"]], pa.string()),
        "kind": pa.array([KINDS[k] for k in entries["kind"]], pa.string()),
    }
    for place, entity in enumerate(ENTITIES):
        known = getattr(names, f"{entity}s")
        columns[entity] = pa.array([known[i] if i >= 0 else None for i in entries["who"][:, place]], pa.string())
    columns |= _particulars(entries, names)
    columns["rests_on"] = pa.array(
        [[int(i) for i in row if i >= 0] for row in entries["rests_on"]], pa.list_(pa.int64())
    )
    return pa.table(columns)


def _particulars(entries: np.ndarray, names: Names) -> dict[str, pa.Array]:
    """Return the columns that only lines of one kind have; they are empty in lines of the others."""
    is_act, is_hazard, is_choice = (entries["kind"] == kind for kind in (ACT, HAZARD, CHOICE))
    is_between = is_hazard & (entries["who"][:, ENTITIES.index("origin")] >= 0)
    is_vote = (
        is_hazard & ~is_between & (entries["who"][:, ENTITIES.index("institution")] >= 0) & (entries["about"] >= 0)
    )
    is_of_groups = (is_hazard & ~is_between & ~is_vote | is_choice) & (entries["by"] >= 0)
    winners = [_winner(entry, names) if choice else None for entry, choice in zip(entries, is_choice, strict=True)]
    happened = pa.array(entries["chosen"] == 1, mask=~is_hazard)
    return {
        "act": _named(entries["about"], [kind.name for kind in INJECT_KINDS], is_act),
        "strength": pa.array(entries["strength"], mask=~is_act),
        "domain": _named(entries["about"], names.domains, is_vote),
        "proposer": _named(entries["by"], names.states, is_vote),
        "event": pa.array(_events(entries, is_between, is_of_groups), pa.string()),
        "other": _named(entries["about"], names.groups, is_of_groups & (entries["about"] >= 0)),
        "instrument": _named(entries["about"], names.kinds, is_between & (entries["about"] >= 0)),
        "happened": happened,
        "probability": pa.array(entries["probability"], mask=~is_hazard),
        "draw": pa.array(entries["draw"], mask=~is_hazard),
        "mode": _named(entries["mode"], MODES, is_choice & (entries["mode"] >= 0)),
        "winner": pa.array(winners, pa.string()),
        "margin": pa.array(entries["margin"], mask=is_act),
        "options": pa.array(
            [_options(entry, names) if choice else None for entry, choice in zip(entries, is_choice, strict=True)],
            pa.list_(pa.string()),
        ),
        "utilities": pa.array(
            [
                entry["utility"][: entry["n_options"]].tolist() if choice else None
                for entry, choice in zip(entries, is_choice, strict=True)
            ],
            pa.list_(pa.float64()),
        ),
    }


def _events(entries: np.ndarray, is_between: np.ndarray, is_of_groups: np.ndarray) -> list[str | None]:
    """Return the name of the event in every line that tells of one between states, or of groups."""
    found: list[str | None] = []
    for code, between, of_groups in zip(entries["by"], is_between, is_of_groups, strict=True):
        found.append(EVENTS[code] if between else GROUP_EVENTS[code] if of_groups else None)
    return found


def _named(codes: np.ndarray, known: Sequence[str], where: np.ndarray) -> pa.Array:
    """Return the names of codes in the lines that have them."""
    return pa.array([known[code] if has else None for code, has in zip(codes, where, strict=True)], pa.string())


def _options(entry: np.void, names: Names) -> list[str]:
    """Return the names of a choice's options: answers to an origin's state, groups, or firms; or to take nothing."""
    is_answer = entry["who"][ENTITIES.index("origin")] >= 0
    known = names.answers if is_answer else names.groups if entry["by"] >= 0 else names.firms
    return [known[i] if i >= 0 else NOTHING for i in entry["option"][: entry["n_options"]]]


def _winner(entry: np.void, names: Names) -> str:
    """Return the name of the option chosen."""
    return _options(entry, names)[entry["chosen"]] if entry["chosen"] >= 0 else NOTHING
