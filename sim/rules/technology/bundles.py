"""Tied packages.

Summary of rule: a home whose gift or loan was accepted offers a second sector with it, and the two together buy
investment at the price of leverage.

    U(bundle) − U(first alone) = U(second at its concession)
                                 + (w_investment + conditionality · w_condition) · aid dependence
                                 − w_leverage · new leverage + w_motive · partner's interest
    leverage′ = leverage + per_bundle · (1 − leverage) for each bundle taken

accepted when it exceeds the constant of no award, with Gumbel terms. New leverage is per_bundle · (1 − leverage).
Whether one part is a *condition* of another is contested: `conditionality` 0 drops the claim. Of several bundles for
one cell the state takes the one of the most utility. In replay no bundles are offered.

Mechanisms 6, 7, 35 (for any sector). Evidence: E0102, E0130, E0196, E0799, E0806-E0808 (contested). Assumed: all
weights. Known limit: the first part is taken by itself; a bundle cannot carry a part that would be declined alone.
"""

import math

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stream
from sim.numerics.ledger import note_choice
from sim.numerics.stocks import moved
from sim.rules.awards import carry_out, owe
from sim.rules.supplier_choice import UTILITY_READS, best_offer_of, offer_utility
from sim.world.records import NO_AWARD, NOBODY, TIED_LOAN
from sim.world.standing import is_open

NAME = "technology/bundles"
READS = (
    *UTILITY_READS,
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.foreign_purchases",
    "states.cum_awards",
    "dyads.state",
    "dyads.home",
    "dyads.interest",
    "dyads.debt",
    "dyads.offer_sector",
    "dyads.offer_mode",
    "dyads.cum_bundles",
    "firms.id",
    "sectors.id",
    "sectors.is_tendered",
    "sectors.cost",
    "cells.award_slot",
    "cells.cum_awards",
)
WRITES = (
    "states.foreign_purchases",
    "states.cum_awards",
    "dyads.debt",
    "dyads.leverage",
    "dyads.cum_bundles",
    "cells.penetration",
    "cells.age",
    "cells.share",
    "cells.award_slot",
    "cells.award_mode",
    "cells.cum_awards",
)
DRAWS = ("technology/bundles/accepts",)
_ACCEPTS = stream(DRAWS[0])


@compiled
def second_sector(world, d):
    """Return the other tendered sector with the widest gap that the home can supply and nobody does now, or nobody."""
    dyad = world.dyads[d]
    widest = NOBODY
    for k in range(world.sectors.shape[0]):
        cell = world.cells[dyad.state, k]
        if k == dyad.offer_sector or world.sectors[k].is_tendered == 0 or cell.award_slot != NOBODY:
            continue
        if best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter) == NOBODY:
            continue
        if widest == NOBODY or cell.penetration < world.cells[dyad.state, widest].penetration:
            widest = k
    return widest


@compiled
def bundle_premium(aid_dependence, interest, leverage, params):
    """Return what the bundle adds to the utility of its second part (aid, interest and leverage 0-1)."""
    investment = params.bundles.weight_investment + params.bundles.conditionality * params.bundles.weight_condition
    new_leverage = params.bundles.per_bundle * (1.0 - leverage)
    gained = investment * aid_dependence + params.bundles.weight_motive * interest
    return gained - params.bundles.weight_leverage * new_leverage


@compiled
def weigh(world, d, k, j, params, dice, ledger):
    """Return the utility of the second part to the state, random term included, or -inf where it declines."""
    dyad = world.dyads[d]
    state = world.states[dyad.state]
    firm = world.sectors[k].seller[j]
    utility = np.empty(2)
    options = np.array([NOBODY, firm])
    utility[0] = params.tenders.constant_none
    utility[1] = offer_utility(world, dyad.state, k, j, 1.0 - params.tenders.concession, params)
    utility[1] += bundle_premium(state.aid_dependence, dyad.interest, dyad.leverage, params)
    when = moment(dice, world.clock.quarter, _ACCEPTS)
    sector_id, firm_id = world.sectors[k].id, world.firms[firm].id
    total = utility + np.array([gumbel(when, state.id, sector_id, NO_ID), gumbel(when, state.id, sector_id, firm_id)])
    chosen, lead = best_two(total, 2)
    note_choice(ledger, dyad.state, dyad.home, firm, NOBODY, k, options, utility, 2, chosen, lead)
    return total[1] if chosen == 1 else -math.inf


@compiled
def deliver(world, d, k, j, params):
    """Build the second part on a tied loan, and count it."""
    dyad = world.dyads[d]
    build = params.tenders.build_size * (1.0 - world.cells[dyad.state, k].penetration)
    price = world.firms[world.sectors[k].seller[j]].offer_price
    carry_out(world, dyad.state, k, j, TIED_LOAN, build, 0.0, params)
    owe(dyad, world.sectors[k].cost * price * build, params)
    dyad.cum_bundles += 1.0


@compiled
def offer_bundles(world, best, taker, params, dice, ledger):
    """Offer a second sector with whatever was accepted this quarter.

    Fills best (states, sectors) with the highest utility of what is offered for a cell, and taker with whose it is.
    """
    for d in range(world.dyads.shape[0]):
        dyad = world.dyads[d]
        if dyad.offer_mode != NO_AWARD:
            k = second_sector(world, d)
            if k != NOBODY:
                j = best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter)
                utility = weigh(world, d, k, j, params, dice, ledger)
                if utility > best[dyad.state, k]:
                    best[dyad.state, k] = utility
                    taker[dyad.state, k] = d


@compiled
def deliver_bundles(world, params, dice, ledger):
    """Offer bundles, then build what was taken, and raise the leverage of whoever built it."""
    best = np.full(world.cells.shape, -math.inf)
    taker = np.full(world.cells.shape, NOBODY)
    offer_bundles(world, best, taker, params, dice, ledger)
    for s in range(taker.shape[0]):
        for k in range(taker.shape[1]):
            if taker[s, k] != NOBODY:
                d = taker[s, k]
                deliver(world, d, k, best_offer_of(world, s, k, world.dyads[d].home, world.clock.quarter), params)
                dyad = world.dyads[d]
                dyad.leverage = moved(dyad.leverage, params.bundles.per_bundle, 0.0)


@compiled
def is_any_offer(world):
    """Return whether any gift or loan was accepted this quarter."""
    for dyad in world.dyads:  # noqa: SIM110  any() of a generator does not compile
        if dyad.offer_mode != NO_AWARD:
            return True
    return False


@compiled
def apply(world, params, dice, ledger):
    """Offer bundles where something was accepted."""
    if is_open(world.clock) and is_any_offer(world):
        deliver_bundles(world, params, dice, ledger)
