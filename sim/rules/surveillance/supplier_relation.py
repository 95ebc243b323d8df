"""Relation of the suppliers of both models.

Summary of rule: whether the homes that stand for the two models add to each other or take from each other in a state is
measured by who is bought while the other is there.

    rivals'      = (1 − rate_forget) · rivals + Σ what the other has in the cell of an award
    complements' = (1 − rate_forget) · complements + Σ what the other has in the state's other cells
    relation     = (complements' − rivals') / (complements' + rivals' + half)

Sums run over this quarter's awards to a firm of a home that stands for a model, in sectors that belong to a model or
let a supplier watch; the other is the home that stands for the other model, and has penetration · share in a cell, as
the award left it. Nothing reads the relation. That opinion turns it (E0816, contested) is no part of the rule: opinion
acts on purchases, and what becomes of the relation is a result.

Mechanism 16. Evidence: E0785, E0790, E0791 (ranges that complement each other), E0784, E0786, E0815-E0817 (contested, a
forecast). Assumed: the measure, the rate, the half. Known limit: awards are counted by what the other has there, not by
their size; homes that act together without awards do not show.
"""

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY

NAME = "surveillance/supplier_relation"
READS = (
    "states.complements",
    "states.rivals",
    "homes.model",
    "sectors.watches",
    "sectors.n_sellers",
    "sectors.seller_home",
    "sectors.model",
    "cells.penetration",
    "cells.share",
    "cells.award_slot",
)
WRITES = ("states.complements", "states.rivals", "states.relation")
DRAWS = ()


@compiled
def counts(sector):
    """Return whether awards in a sector tell of the relation: it belongs to a model or lets a supplier watch."""
    return sector.model != NOBODY or sector.watches > 0.0


@compiled
def held_against(world, s, k, side):
    """Return what homes that stand for another model than `side` have in cell (s, k), as a share of a full build."""
    sector = world.sectors[k]
    total = 0.0
    for j in range(sector.n_sellers):
        model = world.homes[sector.seller_home[j]].model
        if model not in (NOBODY, side):
            total += world.cells[s, k].share[j]
    return total * world.cells[s, k].penetration


@compiled
def held_elsewhere(world, s, k, side):
    """Return what homes that stand for another model than `side` have in the cells of state s that count but k."""
    total = 0.0
    for other in range(world.sectors.shape[0]):
        if other != k and counts(world.sectors[other]):
            total += held_against(world, s, other, side)
    return total


@compiled
def relation_of(complements, rivals, half):
    """Return the relation, −1 to 1: 0 where there is nothing to measure it by."""
    total = complements + rivals + half
    return (complements - rivals) / total if total > 0.0 else 0.0


@compiled
def apply(world, params, dice, ledger):
    """Let every state forget a part of its past awards, add this quarter's, and measure."""
    kept = 1.0 - params.supplier_relation.rate_forget
    for s in range(world.states.shape[0]):
        state = world.states[s]
        complements, rivals = kept * state.complements, kept * state.rivals
        for k in range(world.sectors.shape[0]):
            slot = world.cells[s, k].award_slot
            if slot == NOBODY or not counts(world.sectors[k]):
                continue
            side = world.homes[world.sectors[k].seller_home[slot]].model
            if side != NOBODY:
                complements += held_elsewhere(world, s, k, side)
                rivals += held_against(world, s, k, side)
        state.complements, state.rivals = complements, rivals
        state.relation = relation_of(complements, rivals, params.supplier_relation.half)
