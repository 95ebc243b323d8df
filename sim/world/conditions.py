"""The record's tables of injects, of the conditions that they wait for, and of the strategies that pay for them.

A condition compares one number, as the last quarter left it, with a level. Several that have to hold together are
chained by `also`. A strategy is the orders of one actor; each quarter it has points to spend on those that begin.
"""

from __future__ import annotations

from sim.world.fields import FLOAT, INT, NEVER, Field, index, quarter

CONDITION_ROWS = 64
"""Conditions that a world has room for."""

STRATEGY_ROWS = 16
"""Strategies that a world has room for."""

WITH_LAST = -1
"""Cost of an inject that begins with the one in the row before it, of the same order: one for each firm of a home."""

INJECT = (
    Field("kind", INT, 0, 127, "code of scenario kinds", "what it does; 0: an empty row"),
    quarter("start", "first quarter; never, as long as it waits"),
    quarter("end", "first quarter in which it no longer holds"),
    index("when", "conditions", "condition that it waits for, or nobody"),
    index("until", "conditions", "condition that ends it, or nobody"),
    quarter("opens", "first quarter in which its condition counts"),
    quarter("closes", "first quarter in which its condition no longer counts"),
    Field("lasts", INT, 0, NEVER, "quarters", "how long it holds once its condition has held"),
    Field("times", INT, 0, NEVER, "times", "how often it may yet begin by its condition"),
    index("strategy", "strategies", "strategy that pays for it, or nobody"),
    Field("cost", INT, WITH_LAST, NEVER, "points", "what its strategy pays when it begins; -1: see the row before"),
    Field("strength", FLOAT, -1, 1, "as its kind says", "strength"),
    index("actor", "the kind's table", "actor"),
    index("target", "the kind's table", "target, or nobody"),
    index("sector", "sectors, domains or slots", "sector or domain, or nobody"),
)

CONDITION = (
    Field("offset", INT, 0, NEVER * 10, "place in the flat vector", "the number that is compared; 0: an empty row"),
    Field("is_above", INT, 0, 1, "flag", "1: holds while the number is above the level; 0: while it is below"),
    Field("level", FLOAT, -1e9, 1e9, "the number's own", "the level"),
    index("also", "conditions", "another condition that has to hold too, or nobody"),
)

STRATEGY = (
    Field("budget", INT, 0, NEVER, "points a quarter", "what it can spend on orders that begin; 0: an empty row"),
    Field("left", INT, 0, NEVER, "points", "what is left of that this quarter"),
)
