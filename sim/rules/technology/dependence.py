"""Measures of dependence.

Summary of rule: what each state rests on abroad is measured at the end of the quarter, and what each firm and home
holds.

    D[s, h]  = Σ_k criticality · penetration · share of h · (1 − c),  0 for the state's own home
    concentration = Σ_h (base of h / base of all)²,  weighted by criticality
    capacity gap = max(0, supply of all − c);  bidders = viable bidders over tenders so far
    exposure = the loss of an outage of all firms of the largest foreign home
    exit cost = Σ_k cost · base of that home · (1 + w_lock_in · lock-in);  exit time = max_k renewal · base · (2 − c)

Prominence of a firm follows its share of all bases, weighed by criticality, by rate_prominence a quarter.

Mechanisms 30, 122 and 123. Evidence: E0108, E0186, E0198, E0208. Assumed: weight of lock-in in exit cost, the rate.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.stocks import towards
from sim.rules.service import loss_of
from sim.world.fields import NOBODY

NAME = "technology/dependence"
READS = (
    "states.cum_tenders",
    "states.cum_bidders",
    "states.local_capacity",
    "states.supplier_dyad",
    "firms.home",
    "firms.prominence",
    "sectors.criticality",
    "sectors.lock_in",
    "sectors.renewal",
    "sectors.cost",
    "sectors.n_sellers",
    "sectors.seller",
    "sectors.seller_home",
    "cells.penetration",
    "cells.share",
)
WRITES = (
    "states.dependence",
    "states.supply",
    "states.concentration",
    "states.outage_exposure",
    "states.capacity_gap",
    "states.bidders",
    "states.exit_cost",
    "states.exit_time",
    "firms.prominence",
    "cells.hold",
    "measures.market",
)
DRAWS = ()


@compiled
def hold_cell(cell, sector, sold, held):
    """Add the base of every home in a cell to held (homes,), and to sold (firms,), weighed by criticality."""
    penetration, criticality = cell.penetration, sector.criticality
    for j in range(sector.n_sellers):
        installed = penetration * cell.share[j]
        held[sector.seller_home[j]] += installed
        sold[sector.seller[j]] += criticality * installed


@compiled
def take_held(sector, held, supply):
    """Move what is in held (homes,) into supply (homes,), weighed by criticality; return the most that a home held."""
    largest = 0.0
    criticality = sector.criticality
    for j in range(sector.n_sellers):
        home = sector.seller_home[j]
        supply[home] += criticality * held[home]
        largest = max(largest, held[home])
        held[home] = 0.0
    return largest


@compiled
def measure_supply(world, s, sold, held):
    """Write what every home supplies of state s and what is held of each cell; add to sold (firms,).

    held (homes,) is scratch, 0 before and after.
    """
    supply = world.states[s].supply
    for h in range(supply.shape[0]):
        supply[h] = 0.0
    for k in range(world.sectors.shape[0]):
        cell = world.cells[s, k]
        largest = 0.0
        if cell.penetration > 0.0:
            hold_cell(cell, world.sectors[k], sold, held)
            largest = take_held(world.sectors[k], held, supply)
        cell.hold = largest


@compiled
def largest_foreign(state):
    """Return the foreign home that supplies most of a state, or nobody (the lower index where two are equal)."""
    largest = NOBODY
    for h in range(state.supply.shape[0]):
        is_foreign = state.supplier_dyad[h] != NOBODY and state.supply[h] > 0.0
        if is_foreign and (largest == NOBODY or state.supply[h] > state.supply[largest]):
            largest = h
    return largest


@compiled
def measure_exit(world, s, home, params):
    """Measure what a failure of a home would cost state s, and what replacing it would cost and how long it takes."""
    state = world.states[s]
    simple, squares, cost, time = 0.0, 0.0, 0.0, 0.0
    for k in range(world.sectors.shape[0]):
        sector = world.sectors[k]
        base = 0.0
        for j in range(sector.n_sellers):
            if sector.seller_home[j] == home:
                base += world.cells[s, k].penetration * world.cells[s, k].share[j]
        simple += sector.criticality * base
        squares += sector.criticality * base * sector.criticality * base
        cost += sector.cost * base * (1.0 + params.dependence.weight_lock_in * sector.lock_in)
        time = max(time, sector.renewal * base * (2.0 - state.local_capacity))
    state.outage_exposure = loss_of(simple, squares, state.local_capacity, params.outage.common_mode)
    state.exit_cost = cost
    state.exit_time = time


@compiled
def measure_state(world, s, params):
    """Write the measures of state s from what every home supplies of it."""
    state = world.states[s]
    total, squares = 0.0, 0.0
    for h in range(state.supply.shape[0]):
        supply = state.supply[h]
        state.dependence[h] = supply * (1.0 - state.local_capacity) if state.supplier_dyad[h] != NOBODY else 0.0
        total += supply
        squares += supply * supply
    state.concentration = squares / (total * total) if total > 0.0 else 0.0
    state.capacity_gap = max(0.0, total - state.local_capacity)
    state.bidders = state.cum_bidders / state.cum_tenders if state.cum_tenders > 0.0 else 0.0
    home = largest_foreign(state)
    if home != NOBODY:
        measure_exit(world, s, home, params)
    else:
        state.outage_exposure = 0.0
        state.exit_cost = 0.0
        state.exit_time = 0.0


@compiled
def measure_markets(world, sold, params):
    """Write every home's share of all bases, and move every firm's prominence towards its own."""
    total = 0.0
    for f in range(sold.shape[0]):
        total += sold[f]
    world.measures.market[:] = 0.0
    for f in range(world.firms.shape[0]):
        firm = world.firms[f]
        share = sold[f] / total if total > 0.0 else 0.0
        world.measures.market[firm.home] += share
        firm.prominence = towards(firm.prominence, share, params.dependence.rate_prominence)


@compiled
def apply(world, params, dice, ledger):
    """Measure every state, firm and home at the end of the quarter."""
    held = np.zeros(world.homes.shape[0])
    sold = np.zeros(world.firms.shape[0])
    for s in range(world.states.shape[0]):
        measure_supply(world, s, sold, held)
        measure_state(world, s, params)
    measure_markets(world, sold, params)
