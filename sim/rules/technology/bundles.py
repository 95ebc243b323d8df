"""Tied packages.

Summary of rule: a home that offers a gift or loan offers a second sector with it, and the two together buy investment
at the price of leverage.

    U(bundle) = U(first) + U(second at its concession)
                + (w_investment + conditionality · w_condition) · aid dependence − w_leverage · new leverage
    leverage′ = leverage + per_bundle · (1 − leverage) for each bundle taken

All utilities are those beyond taking nothing, random terms included, each part's on the dice of its own decision. The
client takes whichever is worth most: nothing, the first part alone, or both, so that a bundle can carry a first part
that was declined by itself. New leverage is per_bundle · (1 − leverage). Whether one part is a *condition* of another
is contested: `conditionality` 0 drops the claim. The second sector is the one that pulls the home most (see tenders)
among those that nobody supplies this quarter. Of several bundles for one cell the state takes the one worth most; a
bundle whose cells were filled meanwhile lapses. In replay no bundles are offered.

Mechanisms 6, 7 and 35 (which sector comes second). Evidence: E0102, E0130, E0196, E0799, E0806-E0808 (contested).
Assumed: all weights. Known limits: two parts at most; none is offered where another filled the cell of the
first part, even if the whole were worth more.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import moment, stream
from sim.numerics.ledger import note_choice
from sim.numerics.stocks import moved
from sim.rules.awards import price_factor_of_mode, pull, settle
from sim.rules.supplier_choice import UTILITY_READS, best_offer_of, net_value, offer_utility
from sim.world.fields import NOBODY
from sim.world.records import NO_AWARD, TIED_LOAN
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
    "dyads.offer_value",
    "dyads.cum_gifts",
    "dyads.cum_loans",
    "dyads.cum_bundles",
    "homes.motive",
    "firms.id",
    "sectors.id",
    "sectors.is_tendered",
    "sectors.cost",
    "sectors.watches",
    "cells.order_slot",
    "cells.award_slot",
    "cells.award_mode",
    "cells.cum_awards",
)
WRITES = (
    "states.foreign_purchases",
    "states.cum_awards",
    "dyads.debt",
    "dyads.leverage",
    "dyads.offer_sector",
    "dyads.offer_mode",
    "dyads.cum_gifts",
    "dyads.cum_loans",
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
def is_taken(world, d):
    """Return whether the client of dyad d took what was offered to it."""
    dyad = world.dyads[d]
    cell = world.cells[dyad.state, dyad.offer_sector]
    if cell.award_slot == NOBODY or cell.award_mode != dyad.offer_mode:
        return False
    return world.sectors[dyad.offer_sector].seller_home[cell.award_slot] == dyad.home


@compiled
def is_free(world, s, k):
    """Return whether nobody supplies cell (s, k) this quarter."""
    return world.cells[s, k].award_slot == NOBODY


@compiled
def second_sector(world, d, params):
    """Return the other tendered sector that pulls the home most, can be supplied and is free, or nobody."""
    dyad = world.dyads[d]
    most = NOBODY
    for k in range(world.sectors.shape[0]):
        if k == dyad.offer_sector or world.sectors[k].is_tendered == 0 or not is_free(world, dyad.state, k):
            continue
        if best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter) == NOBODY:
            continue
        if most == NOBODY or pull(world, d, k, params) > pull(world, d, most, params):
            most = k
    return most


@compiled
def bundle_premium(aid_dependence, leverage, params):
    """Return what the bundle adds to the utility of its parts (aid dependence and leverage 0-1)."""
    investment = params.bundles.weight_investment + params.bundles.conditionality * params.bundles.weight_condition
    new_leverage = params.bundles.per_bundle * (1.0 - leverage)
    return investment * aid_dependence - params.bundles.weight_leverage * new_leverage


@compiled
def weigh(world, d, k, params, dice, ledger):
    """Return what the bundle of dyad d with second sector k is worth beyond the better of nothing and its first part.

    A first part that was declined brings the utility that it lacked.
    """
    dyad = world.dyads[d]
    premium = bundle_premium(world.states[dyad.state].aid_dependence, dyad.leverage, params)
    lacking = 0.0 if is_taken(world, d) else dyad.offer_value
    j = best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter)
    factor = price_factor_of_mode(TIED_LOAN, params)
    when = moment(dice, world.clock.quarter, _ACCEPTS)
    return net_value(world, d, k, j, factor, premium, lacking, TIED_LOAN, when, params, ledger)


@compiled
def offer_bundles(world, taker, best, params, dice, ledger):
    """Offer a second sector with whatever was offered this quarter and nobody else supplies.

    Fills taker (states, sectors) with the dyad whose bundle is worth most for a cell, as second part, if any is taken,
    and best with what that is worth beyond taking nothing.
    """
    for d in range(world.dyads.shape[0]):
        dyad = world.dyads[d]
        if dyad.offer_mode == NO_AWARD or not (is_taken(world, d) or is_free(world, dyad.state, dyad.offer_sector)):
            continue
        k = second_sector(world, d, params)
        if k != NOBODY:
            value = weigh(world, d, k, params, dice, ledger)
            if value > best[dyad.state, k]:
                best[dyad.state, k] = value
                taker[dyad.state, k] = d


@compiled
def deliver_part(world, d, k, mode, params):
    """Build one part of a bundle, in sector k, by the firm of the home with the best offer."""
    dyad = world.dyads[d]
    cell = world.cells[dyad.state, k]
    cell.award_slot = best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter)
    cell.award_mode = mode
    settle(world, dyad.state, k, params)


@compiled
def note_carried(world, d, k, mode, value, params, ledger):
    """Write the line of a first part that was declined by itself and is taken for the worth of the bundle."""
    dyad = world.dyads[d]
    j = best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter)
    firm = world.sectors[k].seller[j]
    options = np.array([NOBODY, firm])
    utility = np.empty(2)
    utility[0] = params.tenders.constant_none
    utility[1] = offer_utility(world, dyad.state, k, j, price_factor_of_mode(mode, params), params)
    note_choice(ledger, dyad.state, dyad.home, firm, k, mode, options, utility, 2, 1, value)


@compiled
def deliver_bundle(world, d, k, value, params, ledger):
    """Build what the bundle brings, count it, and raise the leverage of whoever built it; or let it lapse."""
    dyad = world.dyads[d]
    first, mode = dyad.offer_sector, dyad.offer_mode
    if is_taken(world, d):
        deliver_part(world, d, k, TIED_LOAN, params)
    elif is_free(world, dyad.state, first):
        note_carried(world, d, first, mode, value, params, ledger)
        deliver_part(world, d, first, mode, params)
        deliver_part(world, d, k, TIED_LOAN, params)
    else:
        return
    dyad.cum_bundles += 1.0
    dyad.leverage = moved(dyad.leverage, params.bundles.per_bundle, 0.0)


@compiled
def is_any_offer(world):
    """Return whether any gift or loan was offered this quarter."""
    for dyad in world.dyads:  # noqa: SIM110  any() of a generator does not compile
        if dyad.offer_mode != NO_AWARD:
            return True
    return False


@compiled
def apply(world, params, dice, ledger):
    """Offer bundles where something was offered; decide on all of them, then deliver."""
    if is_open(world.clock) and is_any_offer(world):
        taker = np.full(world.cells.shape, NOBODY)
        best = np.zeros(world.cells.shape)
        offer_bundles(world, taker, best, params, dice, ledger)
        for s in range(taker.shape[0]):
            for k in range(taker.shape[1]):
                if taker[s, k] != NOBODY and is_free(world, s, k):
                    deliver_bundle(world, taker[s, k], k, best[s, k], params, ledger)
