"""What cannot hold together: two injects of a scenario, or two orders of a strategy, that set the same thing otherwise.

Each inject claims what it sets: a ban the firm's place in a state, an award the cell that is built in, a pledge to whom
the group is tied. Two that claim the same with another value contradict each other where both may begin or hold in one
quarter; of two whose conditions exclude each other it is not asked whether one outlasts its condition. What adds up
(`ADDING`) claims nothing. A strength that a lever drives is another than any number, since it can be set to any. Orders
of different actors may run against one another: that is what strategies are for, and what several of one kind do
together, `sim/rules/scenario_acts.py` says.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from sim.errors import InputError
from sim.scenario.conditions import Conditions
from sim.scenario.injects import WITHOUT_STRENGTH, Inject
from sim.world.build import World
from sim.world.calendar import format_quarter
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import KINDS

ADDING = (
    *("subsidy", "price", "repression", "abandon", "incident"),
    *("defection", "merge", "arrest", "purge", "transfer", "prison_break", "repatriation"),
)
"""Kinds of which several at once add up, or each take their share."""

_AWARDS = ("gift", "tied_loan", "award")
_TIES = ("patron", "protector", "move")
_FOR_GOOD = "become_state"

Placed = tuple[str, Inject]
"""An inject and where it is written."""


def check_contradictions(world: World, injects: Sequence[Placed], conditions: Conditions) -> None:
    """Raise InputError, with both places, where two of the injects cannot hold together and may have to."""
    claimed: dict[Hashable, list[tuple[Hashable, Placed]]] = {}
    for place, inject in injects:
        for what, value in _claims(inject):
            for other_value, (other_place, other) in claimed.setdefault((inject.strategy, what), []):
                if value != other_value and (quarter := _common(inject, other, conditions)) is not None:
                    raise InputError(
                        f"{place}: {told(world, inject)} and {told(world, other)} ({other_place}) cannot hold "
                        f"together, and both may in {format_quarter(quarter)}."
                    )
            claimed[(inject.strategy, what)].append((value, (place, inject)))


def told(world: World, inject: Inject) -> str:
    """Return an inject in words: its kind, whom it names, its strength or the lever that sets it."""
    kind = KINDS[inject.kind]
    named = ((kind.actor, inject.actor), (kind.target, inject.target), (kind.sector, inject.sector))
    words = [getattr(world.names, table)[row] for table, row in named if table and row != NOBODY]
    if kind.name not in WITHOUT_STRENGTH:
        words.append(f"lever {inject.lever}" if inject.lever else f"{inject.strength:g}")
    return f"{kind.name} ({', '.join(words)})" if words else kind.name


def _claims(inject: Inject) -> list[tuple[Hashable, Hashable]]:
    """Return what an inject sets, each with the value that it gives it."""
    name, a, b, c = KINDS[inject.kind].name, inject.actor, inject.target, inject.sector
    x = inject.lever or inject.strength
    if name in ADDING:
        return []
    if name in _AWARDS:
        return [(("award", b, c), (name, a, x))]
    if name in _TIES:
        return [((name, a), b)]
    if name in ("offer_gift", "offer_loan"):
        return [(("offer", a, b), (name, c))]
    if name == "proposal":
        return [((name, a, c), b)]
    if name in ("join", "leave"):
        return [(("member", a, b), name)]
    if name in ("clash", "truce"):
        return [(("peace", min(a, b), max(a, b)), (name, x))]
    if name == "answer":
        return [((name, a, b), (c, x))]
    if name == "guarantee":
        return [((name, b), x)]
    if name == _FOR_GOOD:
        return [((name, b), a)]
    if name == "offensive":
        return [(("front", b), name)]
    if name == "ceasefire":
        return [(("front", a), name), ((name, a), x)]
    return [((name, a, b, c), x)]


def _common(inject: Inject, other: Inject, conditions: Conditions) -> int | None:
    """Return the first quarter in which both may hold, or None where times or conditions keep them apart."""
    if KINDS[inject.kind].name == _FOR_GOOD:
        return max(0, inject.span[0], other.span[0])
    first, last = max(0, inject.span[0], other.span[0]), min(NEVER, inject.span[1], other.span[1])
    if first >= last or conditions.exclude(inject.when, other.when):
        return None
    return first
