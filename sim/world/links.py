"""Dated changes of armed groups: pledges, protection, moves, leaderships and liftings, from the tables of the world.

`pledges.csv` says to whom a group is tied from a date on (an empty `to`: to nobody), `group_leaders.csv` which line a
new leadership takes, and `designations.csv` when a power lifts a designation. Whoever is tied to a group has to find it
there, and no ties lead back to where they began: both are checked at every date, for what free history knows and for
all that is on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.world.fields import NEVER, NOBODY
from sim.world.names import Names
from sim.world.tables import Row, Tables

LINKS = ("patron", "protector", "theatre")
"""What a row of pledges.csv changes."""

_MODES = ("given", "replay")


@dataclass(frozen=True)
class Change:
    """One dated change: a kind of inject, whom it names, and whether free history knows it too.

    `actor` and `target` are rows of the kind's tables; `target` is nobody where a tie ends.
    """

    kind: str
    start: int
    strength: float
    actor: int
    target: int
    is_given: bool
    row: Row


def read_changes(tables: Tables, names: Names) -> list[Change]:
    """Return all dated changes of groups, in the order of the tables; InputError where a row is wrong."""
    entries = {row.text("name"): row.date("enters") for row in tables.rows("groups", ["name", "enters"])}
    changes = [*_read_pledges(tables, names), *_read_leaderships(tables, names)]
    for change in changes:
        if change.start < entries[names.groups[change.actor]]:
            raise change.row.fail("from", f"{names.groups[change.actor]} enters later, see groups.csv.")
    return [*changes, *_read_liftings(tables, names)]


def _read_pledges(tables: Tables, names: Names) -> list[Change]:
    found = []
    for row in tables.rows("pledges", ["group", "link", "to", "from", "mode", "source"]):
        link = LINKS[row.one_of("link", LINKS)]
        kind, known = ("move", names.theatres) if link == "theatre" else (link, names.groups)
        if not row.text("to") and kind == "move":
            raise row.fail("to", "is empty; write the theatre that it moves to.")
        target = row.one_of("to", known) if row.text("to") else NOBODY
        group, is_given = row.one_of("group", names.groups), row.one_of("mode", _MODES) == 0
        found.append(Change(kind, row.date("from"), 1.0, group, target, is_given, row))
    return found


def _read_leaderships(tables: Tables, names: Names) -> list[Change]:
    found: list[Change] = []
    last: dict[int, int] = {}
    for row in tables.rows("group_leaders", ["group", "from", "line", "mode", "source"]):
        group, start = row.one_of("group", names.groups), row.date("from")
        if start <= last.get(group, -1):
            raise row.fail("from", f"the leaderships of {names.groups[group]} stand in the wrong order.")
        last[group] = start
        is_given = row.one_of("mode", _MODES) == 0
        found.append(Change("line", start, row.number("line", "groups.line"), group, NOBODY, is_given, row))
    return found


def _read_liftings(tables: Tables, names: Names) -> list[Change]:
    """Return the liftings on record, which happen in replay alone."""
    found = []
    for row in tables.rows("designations", ["group", "power", "from", "lifted"]):
        lifted = row.quarter("lifted")
        if lifted <= row.date("from"):
            raise row.fail("lifted", f"{row.text('lifted')} does not lie after {row.text('from')}, see column from.")
        if lifted != NEVER:
            power, group = row.one_of("power", names.states), row.one_of("group", names.groups)
            found.append(Change("designate", lifted, 0.0, power, group, False, row))
    return found


def read_hubs(tables: Tables, groups: Sequence[str]) -> tuple[str, ...]:
    """Return the groups that any other is ever pledged to or sheltered by, in the order of the groups."""
    named = set()
    for row in tables.rows("groups", ["patron", "protector"]):
        named |= {groups[row.one_of(link, groups)] for link in ("patron", "protector") if row.text(link)}
    for row in tables.rows("pledges", ["link", "to"]):
        if row.text("link") != "theatre" and row.text("to"):
            named.add(groups[row.one_of("to", groups)])
    return tuple(group for group in groups if group in named)


@dataclass(frozen=True)
class _Tie:
    """To whom a group is tied since when, and the cell that says so."""

    to: int
    since: int
    row: Row
    column: str


def check_ties(tables: Tables, names: Names, changes: Sequence[Change]) -> None:
    """Raise InputError for pledges or protection in a circle, or to a group that is not there yet, at any date."""
    entries = [row.date("enters") for row in tables.rows("groups", ["enters"])]
    for link in ("patron", "protector"):
        for known in ([c for c in changes if c.is_given], changes):
            dated = [c for c in known if c.kind == link]
            ties: dict[int, _Tie] = {}
            for group, row in enumerate(tables.rows("groups", [link])):
                if row.text(link):
                    ties[group] = _Tie(row.one_of(link, names.groups), entries[group], row, link)
            for quarter in sorted({*entries, *(c.start for c in dated)}):
                for change in dated:
                    if change.start == quarter:
                        ties[change.actor] = _Tie(change.target, quarter, change.row, "to")
                _check_at(quarter, ties, entries, names)


def _check_at(quarter: int, ties: dict[int, _Tie], entries: Sequence[int], names: Names) -> None:
    """Raise InputError for what does not hold in a quarter, at the latest of the ties that are at fault."""
    for group, tie in sorted(ties.items(), key=lambda item: -item[1].since):
        if tie.to == NOBODY:
            continue
        if entries[group] <= quarter < entries[tie.to]:
            why = f"{names.groups[tie.to]} enters later than {names.groups[group]} is tied to it, see groups.csv."
            raise tie.row.fail(tie.column, why)
        passed, at = [group], tie.to
        while at != NOBODY and at not in passed:
            passed.append(at)
            at = ties[at].to if at in ties else NOBODY
        if at == group:
            circle = " > ".join(names.groups[g] for g in [*passed, group])
            raise tie.row.fail(tie.column, f"ties in a circle: {circle}.")
