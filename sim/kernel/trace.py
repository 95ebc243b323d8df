"""The decision ledger of one run: what every decision rests on, without changing any result.

A traced run calls the same compiled rules in the same order, one by one. Before each rule the flat vector of the
world is copied; afterwards every number that differs was written by that rule. A shadow vector keeps, for each
number, the line on which it last came to rest: the rule's own line where one concerns the number, else (a stock that
merely moved on) the latest line that anything rests on which the rule read about the same entity. A line cites, of
the numbers that its rule declares in `READS` and that concern its entities, the latest lines on which they rest.

A choice also cites the event, just before it, that called for it; the act of an inject that waited for a condition
cites what last wrote the numbers compared.

A number concerns the entities of the row that it stands in (a cell its state and sector, a dyad its client and home,
a channel its state and origin, a node its state, a leg the state that guards it, a designation its group and power).
It concerns a line where none of the entities that both name differs, and at least one agrees or the number has none.

What a held coupling feeds to a rule comes from another run, so that no line of this one rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.kernel.conditions import judge
from sim.kernel.held import Base, words_of
from sim.kernel.observe import Observations
from sim.kernel.quarter import NO_LEDGER, simulate
from sim.numerics.compiled import compiled
from sim.numerics.draws import throw_dice
from sim.numerics.feed import NO_FEED, Feed, begins, ends
from sim.numerics.ledger import CHOICE, ENTITIES, HAZARD, MAX_CAUSES, NOBODY, make_ledger
from sim.rules import scenario_acts
from sim.rules.schedule import SCHEDULE
from sim.world.build import World
from sim.world.records import TABLES, flat_view

CAPACITY = 1 << 17
"""Lines that a traced run has room for; a run of the default world takes some thousands."""

ENTITY_TABLES = ("states", "homes", "firms", "institutions", "sectors", "origins", "groups", "theatres")
"""Tables of the entities of a line, in the order of `ENTITIES`."""


_POINTERS = {
    "dyads": {"states": "state", "homes": "home"},
    "channels": {"states": "state", "origins": "origin"},
    "nodes": {"states": "state"},
    "legs": {"states": "owner"},
    "patrons": {"groups": "group", "states": "state"},
    "custodies": {"groups": "of", "theatres": "theatre"},
    "designations": {"groups": "group", "states": "power"},
    "accusers": {"states": "state"},
    "audiences": {"states": "state"},
    "migrants": {"states": "host"},
}
"""Tables whose rows belong to the entities that their fields point to."""


@dataclass(frozen=True)
class Trace:
    """A traced run: its lines (`ENTRY`), and the world at its end, record (1,)."""

    entries: np.ndarray
    record: np.ndarray


def _owners_of_table(world: World, table: str) -> dict[int, np.ndarray]:
    """Return for a table, by place in `ENTITIES`, which entity each of its rows belongs to."""
    record, dims = world.record[0], TABLES[table][1]
    shape = tuple(getattr(world.sizes, d) for d in dims)
    owners = {ENTITY_TABLES.index(d): np.indices(shape)[a] for a, d in enumerate(dims) if d in ENTITY_TABLES}
    for name, pointer in _POINTERS.get(table, {}).items():
        owners[ENTITY_TABLES.index(name)] = record[table][pointer]
    return owners


def word_owners(world: World) -> np.ndarray:
    """Return int32 (words, entities): whom each number of the flat vector concerns, `NOBODY` where it is nobody's."""
    tracker = np.zeros(1, world.record.dtype)
    words = flat_view(tracker).view(np.int64)
    owners = np.full((words.size, len(ENTITIES)), NOBODY, np.int32)
    for table, (fields, dims) in TABLES.items():
        by_row = _owners_of_table(world, table)
        for f in fields:
            view = tracker[table][f.name].view(np.int64)
            inside = {d: axis for axis, d in enumerate(f.shape) if d in ENTITY_TABLES}
            mask = words_of(world, f"{table}.{f.name}")
            for place, entity in enumerate(ENTITY_TABLES):
                if place in by_row:
                    view[0] = by_row[place].reshape(by_row[place].shape + (1,) * len(f.shape))
                elif entity in inside:
                    view[0] = np.indices(view.shape[1:])[len(dims) + inside[entity]]
                else:
                    continue
                owners[mask, place] = words[mask]
    return owners


def words_read(world: World) -> np.ndarray:
    """Return bool (rules, words): which numbers each rule declares that it reads."""
    reads = np.zeros((len(SCHEDULE), world.record.dtype.itemsize // 8), np.bool_)
    for index, rule in enumerate(SCHEDULE):
        for path in rule.READS:
            table, _, name = path.partition(".")
            if world.record[table][name].size:
                reads[index] |= words_of(world, path)
    return reads


@compiled
def concerns(owner, who):
    """Return whether a number (its owners) concerns a line (its entities): none differs, and one agrees or none is."""
    agrees = 0
    named = 0
    for e in range(owner.shape[0]):
        if owner[e] != NOBODY:
            named += 1
            if who[e] != NOBODY:
                if owner[e] != who[e]:
                    return False
                agrees += 1
    return agrees > 0 or named == 0


@compiled
def cite(entry, row, reads, owners, shadow):
    """Fill what a line rests on: the latest lines, before its own rule's, that wrote what it read."""
    for w in range(reads.shape[0]):
        cause = shadow[w]
        if reads[w] and cause != NOBODY and cause < row and concerns(owners[w], entry.who):
            _keep_latest(entry.rests_on, cause)


@compiled
def _keep_latest(causes, cause):
    """Keep a cause among the latest ones (causes, descending), once."""
    for i in range(MAX_CAUSES):
        if causes[i] == cause:
            return
        if causes[i] < cause:
            for j in range(MAX_CAUSES - 1, i, -1):
                causes[j] = causes[j - 1]
            causes[i] = cause
            return


@compiled
def _latest_by_entity(reads, owners, shadow, latest):
    """Fill latest (entities, rows) with the latest line on which anything read about an entity rests.

    Returns the latest line of what is read about nobody in particular.
    """
    latest[:] = NOBODY
    of_nobody = NOBODY
    for w in range(reads.shape[0]):
        if reads[w] and shadow[w] != NOBODY:
            is_owned = False
            for e in range(owners.shape[1]):
                if owners[w, e] != NOBODY:
                    is_owned = True
                    latest[e, owners[w, e]] = max(latest[e, owners[w, e]], shadow[w])
            if not is_owned:
                of_nobody = max(of_nobody, shadow[w])
    return of_nobody


@compiled
def _inherited(owner, latest, of_nobody):
    """Return the line that a number without a line of its own inherits from its first named entity."""
    for e in range(owner.shape[0]):
        if owner[e] != NOBODY:
            return max(latest[e, owner[e]], of_nobody)
    return of_nobody


@compiled
def attribute(before, now, reads, owners, shadow, latest, ledger, first):
    """Say of every number that a rule changed on which line it rests now (the rule's lines begin at row `first`)."""
    of_nobody = _latest_by_entity(reads, owners, shadow, latest)
    for w in range(before.shape[0]):
        if before[w] != now[w]:
            line = NOBODY
            for row in range(ledger.cursor[0] - 1, first - 1, -1):
                if concerns(owners[w], ledger.entries[row].who):
                    line = row
                    break
            shadow[w] = max(shadow[w], line if line != NOBODY else _inherited(owners[w], latest, of_nobody))


def recorded(base: Base | None, switches: np.ndarray, seed: int, replication: int, n_quarters: int) -> Feed:
    """Run a base through on these dice and return what it feeds; without one, what feeds nothing to anybody."""
    if base is None:
        return NO_FEED
    world, feed, seen = base.world, base.feed(n_quarters), Observations.of(base.world, {}, ())
    scratch, kept = world.record.copy(), (np.empty((1, 0)), np.empty((1, n_quarters, 0), np.float32))
    settings = (base.params[0], switches, seen.probes, seen.columns, seed, np.array([replication]), (0, n_quarters))
    both = (world.record, base.params[0])
    simulate(world.record, scratch, flat_view(scratch), *settings, NO_LEDGER, both, feed, *kept)
    return feed


def trace_run(
    world: World,
    params: np.ndarray,
    switches: np.ndarray,
    seed: int,
    replication: int,
    n_quarters: int,
    base: Base | None = None,
) -> Trace:
    """Run one replication with the ledger open; the record ends exactly as it does without one.

    Takes what `run_block` takes. Lines beyond `CAPACITY` are not kept.
    """
    record = world.record.copy()
    flat = flat_view(record)
    now = flat.view(np.int64)
    owners, reads = word_owners(world), words_read(world)
    shadow = np.full(now.size, NOBODY, np.int64)
    latest = np.empty((len(ENTITIES), max(world.record[t].shape[1] for t in ENTITY_TABLES)), np.int64)
    ledger = make_ledger(CAPACITY)
    dice = np.uint64(throw_dice(seed, replication))
    feed = recorded(base, switches, seed, replication, n_quarters)
    for index in range(len(feed.starts) - 1):
        reads[index, feed.offsets[feed.starts[index] : feed.starts[index + 1]]] = False
    for quarter in range(n_quarters):
        record["clock"]["quarter"] = quarter
        ledger.cursor[2] = quarter
        judge(record[0], flat)
        for index, rule in enumerate(SCHEDULE):
            if switches[index] == 1:
                ledger.cursor[1] = index
                before, first = now.copy(), int(ledger.cursor[0])
                if base is not None:
                    begins(index, quarter, flat, feed)
                rule.apply(record[0], params[0], dice, ledger)
                if base is not None:
                    ends(index, flat, feed)
                if rule is scenario_acts:
                    cite_conditions(record[0], shadow, ledger, first)
                _close_rule(before, now, owners, reads[index], shadow, latest, ledger, first)
    return Trace(ledger.entries[: int(ledger.cursor[0])].copy(), record)


@compiled
def cite_conditions(world, shadow, ledger, first):
    """Let the line of an inject that waited for a condition rest on what last wrote the numbers compared.

    Scenario acts write a line for each inject that begins, in order, from row `first` of the ledger on.
    """
    row = first
    for inject in world.injects:
        if inject.kind == 0 or not inject.start == world.clock.quarter < inject.end:
            continue
        c = inject.when
        while c != NOBODY and row < ledger.cursor[0]:
            cause = shadow[world.conditions[c].offset]
            if cause != NOBODY:
                _keep_latest(ledger.entries[row].rests_on, cause)
            c = world.conditions[c].also
        row += 1


@compiled
def _close_rule(before, now, owners, reads, shadow, latest, ledger, first):
    """Cite what a rule's lines rest on, then attribute what it wrote."""
    for row in range(first, ledger.cursor[0]):
        entry = ledger.entries[row]
        cite(entry, first, reads, owners, shadow)
        if entry.kind == CHOICE and row > first and ledger.entries[row - 1].kind == HAZARD:
            _keep_latest(entry.rests_on, row - 1)
    attribute(before, now, reads, owners, shadow, latest, ledger, first)
