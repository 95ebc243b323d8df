"""What a government weighs when it chooses a supplier: shared by the rules that buy.

The utility of an offer of firm f (home h) to state s in sector k is

    U = w_q·quality − w_p·(1 + w_poor·poverty)·price + w_c·aid·credit + w_l·lock_in·share·min(1, age/renewal)
      + w_a·alignment + w_t·trust + w_r·similarity + w_y·share of h in the layer below
      + w_law·law copied from h·how far the sector is bought by law
      + w_g·tension·(leverage + energy leverage)
      − w_h·hedging·supply of h − w_s·sanction·western ties − w_o·(1 − openness) + ln(1 − ban)
      − w_b·public opposition to the sector's model of surveillance·voice

where pressure, hedging, sanctions and closure are absent for the state's own firms, which count as aligned,
trusted and alike and as fitting the law. Poverty is (5 − economy class)/4. A ban that closes part of the market takes
that part of the odds. Additive random utility after McFadden (1974).
"""

import math

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel
from sim.numerics.ledger import note_choice
from sim.rules.deciding import follow, is_imitating, is_satisficing
from sim.world.cells import home_share
from sim.world.fields import NOBODY

UTILITY_READS = (
    "clock.quarter",
    "politics.tension",
    "states.economy_class",
    "states.aid_dependence",
    "states.hedging",
    "states.western_ties",
    "states.openness",
    "states.supply",
    "states.voice",
    "states.opposition",
    "states.suspension_declared",
    "states.suspended_until",
    "states.supplier_dyad",
    "dyads.alignment",
    "dyads.trust",
    "dyads.similarity",
    "dyads.law",
    "dyads.leverage",
    "dyads.energy_leverage",
    "firms.offer_price",
    "firms.offer_quality",
    "firms.offer_credit",
    "firms.sanction",
    "firms.entry",
    "firms.suspended_until",
    "firms.ban",
    "sectors.lock_in",
    "sectors.renewal",
    "sectors.by_law",
    "sectors.opens",
    "sectors.lower",
    "sectors.model",
    "sectors.n_sellers",
    "sectors.seller",
    "sectors.seller_home",
    "sectors.seller_from",
    "cells.penetration",
    "cells.age",
    "cells.share",
)
"""Fields that `offer_utility`, `is_eligible` and `is_suspended` read."""


@compiled
def is_eligible(firm, sector, j, s, quarter):
    """Return whether the firm of slot j may offer in state s: it sells there, not suspended nor wholly banned."""
    has_begun = sector.opens <= quarter and firm.entry[s] <= quarter and sector.seller_from[j] <= quarter
    return has_begun and firm.suspended_until <= quarter and firm.ban[s] < 1.0


@compiled
def is_suspended(state, sector, quarter):
    """Return whether the state buys nothing of the sector's model of surveillance; never where it has no model."""
    m = sector.model
    return m != NOBODY and (quarter < state.suspended_until[m] or state.suspension_declared[m] > 0.0)


@compiled
def price_factor_of(state, weight_poverty):
    """Return the factor by which poverty makes price count more, 1 for the richest class."""
    return 1.0 + weight_poverty * (5.0 - state.economy_class) / 4.0


@compiled
def closed_off(ban):
    """Return what a ban of this strength (0-1) takes off utility: the odds fall to 1 − ban of what they were."""
    if ban <= 0.0:
        return 0.0
    return math.log(1.0 - ban) if ban < 1.0 else -math.inf


@compiled
def merit(firm, state, price, params):
    """Return the part of utility that any buyer of any home sees: quality, price and credit."""
    return (
        params.tenders.weight_quality * firm.offer_quality
        - params.tenders.weight_price * price_factor_of(state, params.tenders.weight_poverty) * price
        + params.tenders.weight_credit * state.aid_dependence * firm.offer_credit
    )


@compiled
def bond(world, s, k, j, params):
    """Return what an installed base adds: its age makes it bind, its size makes it count."""
    sector = world.sectors[k]
    cell = world.cells[s, k]
    return params.tenders.weight_lock_in * sector.lock_in * cell.share[j] * min(1.0, cell.age / sector.renewal)


@compiled
def foreign_terms(world, s, k, home, firm, params):
    """Return what counts for or against a home: fit, trust, likeness, pressure, hedging, sanctions, closure."""
    state = world.states[s]
    by_law = params.tenders.weight_law * world.sectors[k].by_law
    d = state.supplier_dyad[home]
    if d == NOBODY:
        own = params.tenders.weight_alignment + params.tenders.weight_trust + params.tenders.weight_similarity
        return own + by_law
    dyad = world.dyads[d]
    return (
        params.tenders.weight_alignment * dyad.alignment
        + params.tenders.weight_trust * dyad.trust
        + params.tenders.weight_similarity * dyad.similarity
        + by_law * dyad.law
        + params.tenders.weight_pressure * world.politics.tension * (dyad.leverage + dyad.energy_leverage)
        - params.tenders.weight_hedging * state.hedging * state.supply[home]
        - params.tenders.weight_sanction * firm.sanction * state.western_ties
        - params.tenders.weight_closure * (1.0 - state.openness)
    )


@compiled
def layer_below(world, s, k, home):
    """Return the share of a home in the layer below sector k, 0 where there is none."""
    lower = world.sectors[k].lower
    if lower == NOBODY:
        return 0.0
    return home_share(world.cells, world.sectors, s, lower, home)


@compiled
def public_cost(state, sector, params):
    """Return what public opposition, as far as it is heard, takes off the utility of any offer in the sector."""
    if sector.model == NOBODY:
        return 0.0
    return params.tenders.weight_opposition * state.opposition[sector.model] * state.voice


@compiled
def offer_utility(world, s, k, j, price_factor, params):
    """Return the utility to state s of slot j's offer in sector k at `price_factor` times the offered price."""
    sector = world.sectors[k]
    firm = world.firms[sector.seller[j]]
    home = sector.seller_home[j]
    return (
        merit(firm, world.states[s], price_factor * firm.offer_price, params)
        + bond(world, s, k, j, params)
        + foreign_terms(world, s, k, home, firm, params)
        + params.tenders.weight_layer * layer_below(world, s, k, home)
        + closed_off(firm.ban[s])
        - public_cost(world.states[s], sector, params)
    )


@compiled
def taken_by_peers(world, s, k):
    """Return the base in sector k of each slot's seller (slots,) in the other states, the likelier in income more."""
    taken = np.zeros(world.cells[s, k].share.shape[0])
    for p in range(world.states.shape[0]):
        likeness = 1.0 - abs(world.states[p].economy_class - world.states[s].economy_class) / 4.0
        if p != s and likeness > 0.0:
            cell = world.cells[p, k]
            for j in range(world.sectors[k].n_sellers):
                taken[j] += likeness * cell.penetration * cell.share[j]
    return taken


@compiled
def weigh_against_nothing(world, s, k, j, price_factor, premium, utility, params):
    """Fill utility (2,) with that of nothing and that of slot j's gift or loan, under the theory in force."""
    utility[0] = params.tenders.constant_none
    utility[1] = offer_utility(world, s, k, j, price_factor, params) + premium
    if is_satisficing(params.tenders.theory):
        utility[0] = params.tenders.aspiration
    elif is_imitating(params.tenders.theory):
        worth = np.zeros(world.cells[s, k].share.shape[0])
        follow(taken_by_peers(world, s, k), world.sectors[k].n_sellers, params.tenders.weight_peers, worth)
        utility[1] = worth[j]


@compiled
def net_value(world, d, k, j, price_factor, premium, carried, mode, when, params, ledger):
    """Return what slot j's gift or loan in sector k is worth to the client of dyad d beyond taking nothing.

    Both have their random terms, addressed at the moment `when`, but none under satisficing, where nothing is worth the
    aspiration; above 0 the client takes it. `premium` is utility on
    top of the offer's own at `price_factor` times its price; `carried` is the worth of what has to be taken with it,
    which the ledger tells in the margin only.
    """
    dyad = world.dyads[d]
    firm = world.sectors[k].seller[j]
    state_id, sector_id, firm_id = world.states[dyad.state].id, world.sectors[k].id, world.firms[firm].id
    utility = np.empty(2)
    weigh_against_nothing(world, dyad.state, k, j, price_factor, premium, utility, params)
    total = np.empty(2)
    if is_satisficing(params.tenders.theory):
        total[0] = utility[0]
        total[1] = utility[1] + carried
    else:
        total[0] = utility[0] + gumbel(when, state_id, sector_id, NO_ID)
        total[1] = utility[1] + gumbel(when, state_id, sector_id, firm_id) + carried
    chosen, lead = best_two(total, 2)
    options = np.array([NOBODY, firm])
    note_choice(ledger, dyad.state, dyad.home, firm, k, mode, options, utility, 2, chosen, lead)
    return total[1] - total[0]


@compiled
def best_offer_of(world, s, k, home, quarter):
    """Return the slot of a home's eligible firm with the best quality for its price in cell (s, k), or nobody.

    Nobody, too, where the state has suspended what it buys of the sector's model of surveillance.
    """
    sector = world.sectors[k]
    best = NOBODY
    if is_suspended(world.states[s], sector, quarter):
        return best
    value = -1e9
    for j in range(sector.n_sellers):
        firm = world.firms[sector.seller[j]]
        if sector.seller_home[j] == home and is_eligible(firm, sector, j, s, quarter):
            merit_of_firm = firm.offer_quality - firm.offer_price
            if merit_of_firm > value:
                value = merit_of_firm
                best = j
    return best
