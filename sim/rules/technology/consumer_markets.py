"""Consumer markets: devices and e-commerce.

Summary of rule: each quarter some consumers choose anew among the sellers, by price, quality, what others use and the
layer below; the market grows with connection, online demand and agreements.

    V_j = w_quality·quality − w_price·(1 + w_poverty·poverty)·price + w_network·share_j
          + w_layer·share of its home below + w_alignment·alignment + taste_j
    share′ = (1 − rate_choice)·share + rate_choice·P,   P_j ∝ (1 − ban_j)·exp(V_j)
    Δpen = rate_growth·(reach + penetration of the layer below)·(1 + w_online·online + w_agreement·agreement)
           ·(1 − w_grid·stress)·(1 − pen) − rate_fade·pen
    taste′ = persistence·taste + taste_size·Gumbel, once a year
    Δproducers = rate_revival·(1 − producers) − rate_displaced·foreign e-commerce·(1 − w_customs·customs)·producers

Mechanisms 5, 26, 120. Evidence: E0055, E0065, E0110-E0117, E0139-E0151, E0187. Assumed: all weights and rates. Known
limit: consumers do not learn of prices in other states.
"""

import math

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import gumbel_at, moment, place, stream
from sim.numerics.stocks import moved
from sim.rules.supplier_choice import is_eligible, price_factor_of
from sim.world.fields import NOBODY
from sim.world.records import DOMAINS

NAME = "technology/consumer_markets"
READS = (
    "clock.quarter",
    "states.id",
    "states.economy_class",
    "states.online_demand",
    "states.agreement",
    "states.grid_stress",
    "states.local_producers",
    "states.supplier_dyad",
    "dyads.alignment",
    "firms.id",
    "firms.entry",
    "firms.suspended_until",
    "firms.ban",
    "firms.offer_price",
    "firms.offer_quality",
    "sectors.id",
    "sectors.is_tendered",
    "sectors.displaces",
    "sectors.opens",
    "sectors.lower",
    "sectors.n_sellers",
    "sectors.seller",
    "sectors.seller_home",
    "sectors.seller_from",
    "cells.penetration",
    "cells.share",
    "cells.taste",
)
WRITES = ("states.local_producers", "cells.penetration", "cells.share", "cells.taste")
DRAWS = ("technology/consumer_markets/tastes",)
_TASTES = stream(DRAWS[0])
_DIGITAL, _CUSTOMS = DOMAINS.index("digital"), DOMAINS.index("customs")


@compiled
def draw_tastes(world, s, k, when, params):
    """Move consumers' tastes for every seller on by one year, by the draws of a moment."""
    persistence, size = params.consumer_markets.taste_persistence, params.consumer_markets.taste_size
    sector = world.sectors[k]
    cell = world.cells[s, k]
    where = place(when, world.states[s].id, sector.id)
    for j in range(sector.n_sellers):
        taste = persistence * cell.taste[j] + size * gumbel_at(where, world.firms[sector.seller[j]].id)
        cell.taste[j] = max(-6.0, min(6.0, taste))


@compiled
def fit_by_home(world, s, params, fit):
    """Fill fit (homes,) with what alignment with each home adds to V in state s; its own counts as aligned."""
    for h in range(fit.shape[0]):
        d = world.states[s].supplier_dyad[h]
        alignment = world.dyads[d].alignment if d != NOBODY else 1.0
        fit[h] = params.consumer_markets.weight_alignment * alignment


@compiled
def pull_by_home(world, s, k, params, fit, pull):
    """Fill pull (homes,) with what a home's alignment (fit) and share in the layer below add to V in cell (s, k)."""
    for h in range(pull.shape[0]):
        pull[h] = fit[h]
    lower = world.sectors[k].lower
    if lower != NOBODY:
        below = world.sectors[lower]
        for j in range(below.n_sellers):
            pull[below.seller_home[j]] += params.consumer_markets.weight_layer * world.cells[s, lower].share[j]


@compiled
def price_weight_of(state, params):
    """Return the weight of price for a state's consumers: it rises with poverty."""
    p = params.consumer_markets
    return p.weight_price * price_factor_of(state, p.weight_poverty)


@compiled
def appeal(firm, cell, j, pull, price_weight, params):
    """Return V of slot j to consumers who weigh prices so; `pull` is that of the firm's home."""
    p = params.consumer_markets
    own = p.weight_quality * firm.offer_quality - price_weight * firm.offer_price
    return own + p.weight_network * cell.share[j] + pull + cell.taste[j]


@compiled
def weigh_sellers(world, s, k, pull, price_weight, params, value):
    """Fill value (slots,) with (1 − ban)·exp(V) of every seller of cell (s, k), 0 if it may not sell; return the sum.

    pull (homes,) is what each home adds to V.
    """
    quarter = world.clock.quarter
    sector = world.sectors[k]
    cell = world.cells[s, k]
    total = 0.0
    if sector.opens > quarter:
        return total
    for j in range(sector.n_sellers):
        value[j] = 0.0
        firm = world.firms[sector.seller[j]]
        if is_eligible(firm, sector, j, s, quarter):
            v = appeal(firm, cell, j, pull[sector.seller_home[j]], price_weight, params)
            value[j] = (1.0 - firm.ban[s]) * math.exp(v)
            total += value[j]
    return total


@compiled
def choose_again(cell, n_sellers, value, total, params):
    """Let part of the consumers of a cell choose anew by what the sellers are worth (value, total: their sum)."""
    if total <= 0.0:
        return
    rate = params.consumer_markets.rate_choice if cell.penetration > 0.0 else 1.0
    factor = rate / total
    for j in range(n_sellers):
        cell.share[j] = (1.0 - rate) * cell.share[j] + factor * value[j]


@compiled
def growth_rate(base_below, online, agreement, stress, params):
    """Return the rate a quarter at which what is left of a market fills (all inputs 0-1)."""
    p = params.consumer_markets
    reach = p.base_reach + base_below
    return (
        p.rate_growth
        * reach
        * (1.0 + p.weight_online * online + p.weight_agreement * agreement)
        * (1.0 - p.weight_grid * stress)
    )


@compiled
def grow(world, s, k, base_below, is_sold, params):
    """Move the penetration of a cell on by one quarter; a market in which nobody sells only fades."""
    cell = world.cells[s, k]
    state = world.states[s]
    rate = 0.0
    if is_sold:
        rate = growth_rate(base_below, state.online_demand, state.agreement[_DIGITAL], state.grid_stress, params)
    cell.penetration = moved(cell.penetration, rate, params.consumer_markets.rate_fade)


@compiled
def next_producers(producers, foreign, customs, params):
    """Return producers not displaced (0-1) after a quarter of foreign sales under a customs union (both 0-1)."""
    p = params.consumer_markets
    loss = p.rate_displaced * foreign * (1.0 - p.weight_customs * customs)
    return moved(producers, p.rate_revival, loss)


@compiled
def foreign_sales(world, s):
    """Return the base of foreign sellers in the sectors that displace local traders, 0-1."""
    total = 0.0
    for k in range(world.sectors.shape[0]):
        if world.sectors[k].displaces > 0.0:
            cell = world.cells[s, k]
            for j in range(world.sectors[k].n_sellers):
                if world.states[s].supplier_dyad[world.sectors[k].seller_home[j]] != NOBODY:
                    total += world.sectors[k].displaces * cell.penetration * cell.share[j]
    return min(1.0, total)


@compiled
def apply(world, params, dice, ledger):
    """Move every consumer market on by one quarter, lower layers as this quarter's awards left them."""
    # The steps stand here, not in a function for each cell: one that is handed arrays and calls others counts
    # references to them each time, which costs more than its sums.
    when = moment(dice, world.clock.quarter, _TASTES)
    n_sectors = world.sectors.shape[0]
    value = np.empty(world.cells[0, 0].share.shape[0])
    fit = np.empty(world.homes.shape[0])
    pull = np.empty(world.homes.shape[0])
    below = np.empty(n_sectors)
    for s in range(world.cells.shape[0]):
        state = world.states[s]
        price_weight = price_weight_of(state, params)
        fit_by_home(world, s, params, fit)
        for k in range(n_sectors):
            lower = world.sectors[k].lower
            below[k] = world.cells[s, lower].penetration if lower != NOBODY else 0.0
        for k in range(n_sectors - 1, -1, -1):
            if world.sectors[k].is_tendered == 0:
                if world.clock.quarter % 4 == 0:
                    draw_tastes(world, s, k, when, params)
                pull_by_home(world, s, k, params, fit, pull)
                total = weigh_sellers(world, s, k, pull, price_weight, params, value)
                choose_again(world.cells[s, k], world.sectors[k].n_sellers, value, total, params)
                grow(world, s, k, below[k], total > 0.0, params)
        state.local_producers = next_producers(
            state.local_producers, foreign_sales(world, s), state.agreement[_CUSTOMS], params
        )
