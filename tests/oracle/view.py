"""Shows the oracle's world as the tables of numbers of section 4, to lay it beside a record of the compiled model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.oracle.institutions import DOMAINS
from tests.oracle.oracle import Oracle

FIELDS = {
    "states": (
        "purse", "ambition", "leader_demand", "drive", "local_capacity", "hedging", "openness", "western_ties",
        "trained", "foreign_purchases", "local_producers", "expelled_industry", "grid_stress", "operators",
        "online_demand", "service_lost", "lost_investment", "concentration", "outage_exposure", "capacity_gap",
        "bidders", "exit_cost", "exit_time", "cum_tenders", "cum_bidders", "opacity",
    ),
    "homes": ("subsidy", "price_shift", "isolation", "industry", "showcase", "stalled"),
    "dyads": (
        "debt", "trust", "alignment", "law", "harmony", "bank", "training_order", "training", "leverage",
        "energy_leverage", "quarrel", "offer_mode", "offer_value", "cum_gifts", "cum_loans", "cum_bundles",
    ),
    "firms": (
        "prominence", "sanction_declared", "sanction_own", "sanction", "suspended_until", "crackdown_order",
        "failing_declared", "failing", "project_value", "offer_price", "offer_quality", "offer_credit",
    ),
    "cells": ("penetration", "age", "hold"),
}  # fmt: skip
BY_HOME, BY_STATE = ("dependence", "supply", "cum_awards"), ("presence", "service", "entry", "ban", "ban_own")
BY_DOMAIN = ("level", "implementation", "effect", "cum_blocked")
POLITICS = ("pandemic_declared", "contact_restriction", "tension_declared", "tension")
MEASURES = ("supply_focus", "cum_gifts", "cum_loans", "cum_bundles", "cum_crackdowns", "cum_bans", "service_lost")
MEASURES_BY_HOME = ("dependence_focus", "dependence_other", "market")

Shown = tuple[str, str, Any]


def awards(oracle: Oracle) -> tuple[np.ndarray, np.ndarray]:
    """Return the slot of the winner, -1 for nobody, and the mode, by state and sector."""
    slots = {sector: {None: -1} | {firm: j for j, firm in enumerate(sector.sellers)} for sector in oracle.sectors}
    won = [[slots[sector][base.award] for sector, base in state.bases.items()] for state in oracle.states]
    return np.array(won), np.array([[base.award_mode for base in state.bases.values()] for state in oracle.states])


def by_slot(oracle: Oracle, field: str) -> np.ndarray:
    """Return what cells hold for each slot: state, sector, slot."""
    wide = max(len(sector.sellers) for sector in oracle.sectors)
    shown = np.zeros((len(oracle.states), len(oracle.sectors), wide))
    for s, state in enumerate(oracle.states):
        for k, base in enumerate(state.bases.values()):
            held = getattr(base, field)
            shown[s, k, : len(held)] = list(held.values())
    return shown


def shown(oracle: Oracle) -> Iterator[Shown]:
    """Yield table, field and numbers of everything that changes in a run but awards, shares and plain orders."""
    cells = [list(state.bases.values()) for state in oracle.states]
    tables = {"states": oracle.states, "homes": oracle.homes, "dyads": oracle.dyads, "firms": oracle.firms}
    for table, fields in FIELDS.items():
        for field in fields:
            if table == "cells":
                yield table, field, [[getattr(base, field) for base in row] for row in cells]
            else:
                yield table, field, [getattr(agent, field) for agent in tables[table]]
    yield "cells", "taste", by_slot(oracle, "taste")
    yield "cells", "cum_awards", by_slot(oracle, "cum_awards")
    yield from _shown_by_place(oracle)


def _shown_by_place(oracle: Oracle) -> Iterator[Shown]:
    for field in BY_HOME:
        yield "states", field, [[getattr(state, field)[home] for home in oracle.homes] for state in oracle.states]
    yield "states", "agreement", [[state.agreement[domain] for domain in DOMAINS] for state in oracle.states]
    for field in BY_STATE:
        yield "firms", field, [[getattr(firm, field)[state] for state in oracle.states] for firm in oracle.firms]
    for field in BY_DOMAIN:
        yield "institutions", field, [[getattr(i, field)[domain] for domain in DOMAINS] for i in oracle.institutions]
    places = {sector: k for k, sector in enumerate(oracle.sectors)}
    yield "dyads", "offer_sector", [places.get(dyad.offer_sector, -1) for dyad in oracle.dyads]
    for field in POLITICS:
        yield "politics", field, getattr(oracle.politics, field)
    for field in MEASURES:
        yield "measures", field, getattr(oracle.measures, field)
    for field in MEASURES_BY_HOME:
        yield "measures", field, [getattr(oracle.measures, field)[home] for home in oracle.homes]


def events(oracle: Oracle) -> dict[str, float]:
    """Return how often what a docking should meet has happened by now."""
    measures, institutions = oracle.measures, oracle.institutions
    return {
        "tenders": sum(state.cum_tenders for state in oracle.states),
        "gifts": sum(dyad.cum_gifts for dyad in oracle.dyads),
        "loans": sum(dyad.cum_loans for dyad in oracle.dyads),
        "bundles": sum(dyad.cum_bundles for dyad in oracle.dyads),
        "lapsed bundles": sum(dyad.lapsed for dyad in oracle.dyads),
        "crackdowns": measures.cum_crackdowns,
        "bans": measures.cum_bans,
        "sanctions": sum(firm.sanction_own > 0.0 for firm in oracle.firms),
        "breakdowns": sum(firm.breakdowns for firm in oracle.firms),
        "blocked": sum(sum(institution.cum_blocked.values()) for institution in institutions),
        "agreed": sum(level > 0.0 for institution in institutions for level in institution.level.values()),
    }
