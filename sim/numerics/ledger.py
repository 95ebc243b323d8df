"""The decision ledger: one line for each decision, and for each event that a rule draws.

Proposals leave a line when they are made, votes and revivals of blocs either way; offers, tenders, crackdowns,
sanctions, bans and failures when they happen, and so do events between a state and an origin's state, and those of
armed groups; whether a group attempts anything leaves a line either way.

With tracing off the ledger has no rows, and every call here returns at once. A line says who decided, what about,
which options there were with their utilities (or which hazard with which draw), what was chosen and by how much.
What it rests on is filled in by the kernel, which watches what each rule writes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.numerics import hazards
from sim.numerics.compiled import compiled

MAX_OPTIONS = 64
"""Options kept of a choice: as many as a sector may have sellers."""

MAX_CAUSES = 8
NOBODY = -1
ACT, HAZARD, CHOICE = range(3)
KINDS = ("act", "hazard", "choice")

ENTITIES = ("state", "home", "firm", "institution", "sector", "origin", "group", "theatre")
"""Who a line can concern, in the order of `who`."""

ENTRY = np.dtype(
    [
        ("quarter", "i8"),
        ("rule", "i8"),
        ("kind", "i8"),
        ("who", "i8", (len(ENTITIES),)),
        ("about", "i8"),
        ("by", "i8"),
        ("mode", "i8"),
        ("strength", "f8"),
        ("chosen", "i8"),
        ("n_options", "i8"),
        ("margin", "f8"),
        ("probability", "f8"),
        ("draw", "f8"),
        ("option", "i8", (MAX_OPTIONS,)),
        ("utility", "f8", (MAX_OPTIONS,)),
        ("rests_on", "i8", (MAX_CAUSES,)),
    ]
)


class Ledger(NamedTuple):
    """Rows of `ENTRY`, and a cursor: rows written, the rule at work, the quarter."""

    entries: np.ndarray
    cursor: np.ndarray


def make_ledger(capacity: int) -> Ledger:
    """Return an empty ledger; `capacity` 0 switches tracing off."""
    return Ledger(np.zeros(capacity, ENTRY), np.zeros(3, np.int64))


@compiled
def is_open(ledger):
    """Return whether another line fits: False with tracing off."""
    return ledger.cursor[0] < ledger.entries.shape[0]


@compiled
def _write(ledger, kind, state, home, firm, institution, sector):
    row = ledger.cursor[0]
    ledger.cursor[0] = row + 1
    entry = ledger.entries[row]
    entry.rule = ledger.cursor[1]
    entry.quarter = ledger.cursor[2]
    entry.kind = kind
    entry.who[0] = state
    entry.who[1] = home
    entry.who[2] = firm
    entry.who[3] = institution
    entry.who[4] = sector
    entry.who[5:] = NOBODY
    entry.about = NOBODY
    entry.by = NOBODY
    entry.rests_on[:] = NOBODY
    return entry


@compiled
def note_hazard(ledger, state, home, firm, institution, sector, p, u, margin):
    """Write a line for an event that happens when the draw `u` is below `p`."""
    if is_open(ledger):
        entry = _write(ledger, HAZARD, state, home, firm, institution, sector)
        entry.chosen = 1 if u < p else 0
        entry.n_options = 2
        entry.margin = margin
        entry.probability = p
        entry.draw = u


@compiled
def note_choice(ledger, state, home, firm, sector, mode, options, utilities, n, chosen, margin):
    """Write a line for a choice of supplier among the first `n` options (firms); `chosen` is the option's place.

    `mode` is the code of the mode of procurement.
    """
    if is_open(ledger):
        entry = _write(ledger, CHOICE, state, home, firm, NOBODY, sector)
        entry.mode = mode
        entry.chosen = chosen
        entry.n_options = n
        entry.margin = margin
        for j in range(min(n, MAX_OPTIONS)):
            entry.option[j] = options[j]
            entry.utility[j] = utilities[j]


@compiled
def note_vote(ledger, state, institution, domain, proposer, p, u, margin):
    """Write a line for a vote on a state's proposal in a domain, for it when the draw `u` is below `p`.

    The line of the proposal itself names its own state as proposer.
    """
    if is_open(ledger):
        row = ledger.cursor[0]
        note_hazard(ledger, state, NOBODY, NOBODY, institution, NOBODY, p, u, margin)
        ledger.entries[row].about = domain
        ledger.entries[row].by = proposer


@compiled
def note_between(ledger, state, origin, event, instrument, p, u):
    """Write a line for an event between a state and an origin's state, which may be about a kind of instrument.

    It happens when the draw `u` is below `p`.
    """
    if is_open(ledger):
        row = ledger.cursor[0]
        note_hazard(ledger, state, NOBODY, NOBODY, NOBODY, NOBODY, p, u, hazards.margin(p, u))
        ledger.entries[row].who[5] = origin
        ledger.entries[row].about = instrument
        ledger.entries[row].by = event


@compiled
def note_answer(ledger, state, origin, utilities, n, chosen, margin):
    """Write a line for a state's answer to an origin's state: the first `n` utilities (n,) by the answers' codes."""
    if is_open(ledger):
        entry = _write(ledger, CHOICE, state, NOBODY, NOBODY, NOBODY, NOBODY)
        entry.who[5] = origin
        entry.mode = NOBODY
        entry.chosen = chosen
        entry.n_options = n
        entry.margin = margin
        for j in range(n):
            entry.option[j] = j
            entry.utility[j] = utilities[j]


@compiled
def note_group(ledger, state, group, theatre, event, other, p, u):
    """Write a line for an event of a group, a theatre or a state among groups, which may be about another group.

    It happens when the draw `u` is below `p`.
    """
    if is_open(ledger):
        row = ledger.cursor[0]
        note_hazard(ledger, state, NOBODY, NOBODY, NOBODY, NOBODY, p, u, hazards.margin(p, u))
        entry = ledger.entries[row]
        entry.who[6] = group
        entry.who[7] = theatre
        entry.about = other
        entry.by = event


@compiled
def note_link(ledger, state, group, event, options, utilities, n, chosen, margin):
    """Write a line for a choice by a group, or by a state where one is named, among the first `n` options (groups)."""
    if is_open(ledger):
        row = ledger.cursor[0]
        note_choice(ledger, state, NOBODY, NOBODY, NOBODY, NOBODY, options, utilities, n, chosen, margin)
        ledger.entries[row].who[6] = group
        ledger.entries[row].by = event


@compiled
def note_act_on_group(ledger, state, group, theatre, kind, strength):
    """Write a line for what a scenario does to a group or a theatre: the code of the inject's kind and its strength."""
    if is_open(ledger):
        row = ledger.cursor[0]
        note_act(ledger, state, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, kind, strength)
        ledger.entries[row].who[6] = group
        ledger.entries[row].who[7] = theatre


@compiled
def note_act(ledger, state, home, firm, institution, sector, origin, kind, strength):
    """Write a line for what a scenario does: the code of the inject's kind and its strength."""
    if is_open(ledger):
        entry = _write(ledger, ACT, state, home, firm, institution, sector)
        entry.who[5] = origin
        entry.about = kind
        entry.strength = strength
