"""How a tender is decided: one slot among the bids for a cell, or no award.

Under random utility a nested logit over the bids, nests = homes, and "no award" as a nest of its own:

    P(nest) ∝ exp(λ·I),   I = ln[(1/n) Σ exp(U/λ)],   λ = nest_scale,   U[no award] = constant_none

Under satisficing the first bid that reaches `aspiration` wins, bids being looked at in an order drawn; where none does,
nothing is awarded. Under imitation the same nested logit runs on what following peers is worth (`deciding`).
"""

import math

import numpy as np

from sim.numerics.choice import best_two, inclusive_value
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel_at, moment, place, stream
from sim.rules.deciding import first_good, follow, is_imitating, is_satisficing
from sim.rules.supplier_choice import taken_by_peers
from sim.world.fields import NOBODY

NESTS = "technology/tenders/nests"
OPTIONS = "technology/tenders/options"
"""Streams of tenders: a Gumbel term for each nest, and one for each bid, which is also its turn to be looked at."""

_NESTS, _OPTIONS = stream(NESTS), stream(OPTIONS)


@compiled
def choose_nest(world, s, k, utility, params, dice):
    """Return the home chosen, or nobody for no award, and the lead over the next best nest."""
    n_homes = world.homes.shape[0]
    sector = world.sectors[k]
    where = place(moment(dice, world.clock.quarter, _NESTS), world.states[s].id, sector.id)
    scale = params.tenders.nest_scale
    value = np.empty(n_homes + 1)
    for h in range(n_homes):
        value[h] = scale * inclusive_value(utility, sector.seller_home, h, sector.n_sellers, scale)
        if value[h] > -math.inf:
            value[h] += gumbel_at(where, world.homes[h].id)
    value[n_homes] = params.tenders.constant_none + gumbel_at(where, NO_ID)
    best, lead = best_two(value, n_homes + 1)
    return (NOBODY if best == n_homes else best), lead


@compiled
def choose_firm(world, s, k, home, utility, params, dice):
    """Return the slot chosen within a home's nest, and its lead there in units of utility."""
    sector = world.sectors[k]
    where = place(moment(dice, world.clock.quarter, _OPTIONS), world.states[s].id, sector.id)
    value = np.empty(sector.n_sellers)
    for j in range(sector.n_sellers):
        value[j] = -math.inf
        if sector.seller_home[j] == home and utility[j] > -math.inf:
            value[j] = utility[j] / params.tenders.nest_scale + gumbel_at(where, world.firms[sector.seller[j]].id)
    best, lead = best_two(value, sector.n_sellers)
    return best, lead * params.tenders.nest_scale


@compiled
def first_good_bid(world, s, k, utility, params, dice):
    """Return the slot of the first bid that is good enough, or nobody for no award, and by how much it is so."""
    sector = world.sectors[k]
    where = place(moment(dice, world.clock.quarter, _OPTIONS), world.states[s].id, sector.id)
    turn = np.empty(sector.n_sellers)
    for j in range(sector.n_sellers):
        turn[j] = gumbel_at(where, world.firms[sector.seller[j]].id)
    return first_good(utility, turn, sector.n_sellers, params.tenders.aspiration)


@compiled
def choose_bid(world, s, k, utility, params, dice):
    """Return the slot chosen under the theory in force, or nobody for no award, and its lead in units of utility.

    Under imitation `utility` is replaced by what following peers is worth.
    """
    if is_satisficing(params.tenders.theory):
        return first_good_bid(world, s, k, utility, params, dice)
    if is_imitating(params.tenders.theory):
        taken = taken_by_peers(world, s, k)
        follow(taken, world.sectors[k].n_sellers, params.tenders.weight_peers, utility)
    home, lead = choose_nest(world, s, k, utility, params, dice)
    if home == NOBODY:
        return NOBODY, lead
    slot, within = choose_firm(world, s, k, home, utility, params, dice)
    return slot, min(lead, within)
