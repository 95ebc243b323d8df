"""Procurement: gifts, tied loans and tenders.

Summary of rule: homes offer gifts and tied loans where the gap is wide and their interest high; governments ask for
tenders as their systems lag or age; both are decided by the same utility of an offer.

    hazard of an offer  = rate_offer · interest · (credit + w_showcase · showcase + w_bank · bank)
                          · (1 + w_stalled · stalled) · (1 − w_retreat · isolation) · pull of the sector that pulls most
    pull of a sector    = gap · (1 + w_motive · home's motive to watch · interest · how far the sector watches)
    hazard of a tender  = rate_tender · exp(w_gap · gap + w_age · min(2, age/renewal) + w_ambition · ambition
                          + w_online · online demand + w_operators · operators · sector's use by operators
                          + w_demanded · law copied · how far the sector is bought by law
                          + w_wanted · the government's demand for the sector's model of surveillance)
    choice              = nested logit over eligible firms, nests = homes, and "no award" as a nest of its own; under
                          rival theories the first bid that is good enough, or what peers took (`sim/rules/bids.py`)

    Δopenness           = rate_opening · max(0, supply of the reported states − own supply) · (1 − openness)
                          − rate_closing · (openness − usual openness)

with gap = 1 − penetration. Operators are the service run by firms, less bans and what their homes' isolation takes;
the law copied is the most that any partner's law was copied. An offer is a gift with probability share_gift · aid
dependence, else a loan that buys only the lender's firms; it is judged without a price, or at 1 − concession of it. An
award builds build_size · gap and replaces turnover · min(1, age/renewal) of the old base, which costs cost_replacement
times as much where it is another firm's. A state that cannot pay `least_share` of it keeps what it has; whoever can
pay part gets that part. Where purchases of a model of surveillance are suspended, nothing of it is asked for or
offered; an award ordered from outside is carried out all the same. Whoever is ordered to ask or to offer does so, in
both modes, and the state chooses as always. In replay homes make no offers of their own. What is
installed retires by rate_retire a quarter. Ties go to the lower slot.

Mechanisms 1-4, 6, 7, 10-12, 21, 25, 35, 118, 121 (demand for surveillance makes a state ask), 124. Evidence:
E0042, E0056, E0068, E0097-E0107, E0196, E0200, E0213, E0215, E0225, E0792-E0796, E0797 (contested), E0799, E0814,
E0816 (contested). Assumed: all weights and rates. Known limit: one award a cell a quarter.
"""

import math

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import is_open as is_traced
from sim.numerics.ledger import note_choice, note_hazard
from sim.numerics.stocks import clipped, moved
from sim.rules.awards import most_pull, price_factor_of_mode, pull, settle
from sim.rules.bids import NESTS, OPTIONS, choose_bid
from sim.rules.law import copied_law
from sim.rules.supplier_choice import UTILITY_READS, best_offer_of, is_eligible, is_suspended, net_value, offer_utility
from sim.world.fields import NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN
from sim.world.standing import is_open

NAME = "technology/tenders"
READS = (
    *UTILITY_READS,
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.openness_base",
    "states.ambition",
    "states.online_demand",
    "states.purse",
    "states.demand",
    "states.foreign_purchases",
    "states.cum_tenders",
    "states.cum_bidders",
    "states.cum_awards",
    "homes.id",
    "homes.credit",
    "homes.isolation",
    "homes.motive",
    "homes.showcase",
    "homes.stalled",
    "dyads.state",
    "dyads.home",
    "dyads.interest",
    "dyads.bank",
    "dyads.ordered_sector",
    "dyads.ordered_mode",
    "dyads.debt",
    "dyads.cum_gifts",
    "dyads.cum_loans",
    "firms.id",
    "firms.home",
    "firms.service",
    "firms.is_operator",
    "sectors.id",
    "sectors.is_tendered",
    "sectors.cost",
    "sectors.operators",
    "sectors.watches",
    "cells.ask_order",
    "cells.order_slot",
    "cells.order_mode",
    "cells.order_size",
    "cells.cum_awards",
    "measures.supply_focus",
)
WRITES = (
    "states.purse",
    "states.openness",
    "states.operators",
    "states.foreign_purchases",
    "states.cum_tenders",
    "states.cum_bidders",
    "states.cum_awards",
    "dyads.debt",
    "dyads.offer_sector",
    "dyads.offer_mode",
    "dyads.offer_value",
    "dyads.cum_gifts",
    "dyads.cum_loans",
    "cells.penetration",
    "cells.age",
    "cells.share",
    "cells.award_slot",
    "cells.award_mode",
    "cells.cum_awards",
)
DRAWS = (
    "technology/tenders/offers",
    "technology/tenders/gifts",
    "technology/tenders/accepts",
    "technology/tenders/asks",
    NESTS,
    OPTIONS,
)
_OFFERS, _GIFTS, _ACCEPTS, _ASKS = (stream(name) for name in DRAWS[:4])


@compiled
def begin_quarter(world, params):
    """Clear last quarter's awards, pay every state its quarter's spending, and let every base age and retire."""
    for state in world.states:
        state.purse = min(params.tenders.purse_limit, state.purse + 1.0)
    for dyad in world.dyads:
        dyad.offer_sector = NOBODY
        dyad.offer_mode = NO_AWARD
        dyad.offer_value = 0.0
    for s in range(world.cells.shape[0]):
        for k in range(world.cells.shape[1]):
            cell = world.cells[s, k]
            cell.award_slot = cell.order_slot
            cell.award_mode = cell.order_mode
            cell.age = min(1000.0, cell.age + 1.0)
            if world.sectors[k].is_tendered == 1:
                cell.penetration *= 1.0 - params.tenders.rate_retire


@compiled
def count_operators(world, params):
    """Sum for every state the service run by operators that are free to buy: not banned, their home not isolated."""
    for state in world.states:
        state.operators = 0.0
    for firm in world.firms:
        if firm.is_operator == 1:
            means = 1.0 - params.vendors.weight_retreat * world.homes[firm.home].isolation
            for s in range(firm.service.shape[0]):
                served = firm.service[s] * (1.0 - firm.ban[s]) * means
                world.states[s].operators = min(1.0, world.states[s].operators + served)


@compiled
def next_openness(openness, usual, boom, own, params):
    """Return openness (0-1) after a quarter in which the region is supplied to `boom` and the state to `own` (0-1)."""
    opened = moved(openness, params.tenders.rate_opening * max(0.0, boom - own), 0.0)
    return clipped(opened - params.tenders.rate_closing * (openness - usual))


@compiled
def see_neighbours(world, params):
    """Let every state that lags behind the reported states open a little more."""
    for state in world.states:
        own = 0.0
        for h in range(state.supply.shape[0]):
            own += state.supply[h]
        state.openness = next_openness(state.openness, state.openness_base, world.measures.supply_focus, own, params)


@compiled
def sector_to_offer(world, d, params):
    """Return the tendered sector that pulls the home of a dyad most, among those that it can offer, or nobody."""
    dyad = world.dyads[d]
    most = NOBODY
    for k in range(world.sectors.shape[0]):
        if world.sectors[k].is_tendered == 1 and world.cells[dyad.state, k].order_slot == NOBODY:
            is_more = most == NOBODY or pull(world, d, k, params) > pull(world, d, most, params)
            if is_more and best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter) != NOBODY:
                most = k
    return most


@compiled
def weigh_offer(world, d, k, mode, best, params, dice, ledger):
    """Let a state weigh a gift or loan; of several for one cell it takes the one worth most, if any beats nothing.

    best (states, sectors) holds what the offers accepted so far are worth beyond taking nothing.
    """
    dyad = world.dyads[d]
    s = dyad.state
    j = best_offer_of(world, s, k, dyad.home, world.clock.quarter)
    when = moment(dice, world.clock.quarter, _ACCEPTS)
    value = net_value(world, d, k, j, price_factor_of_mode(mode, params), 0.0, 0.0, mode, when, params, ledger)
    dyad.offer_sector = k
    dyad.offer_mode = mode
    dyad.offer_value = value
    if value > best[s, k]:
        best[s, k] = value
        world.cells[s, k].award_slot = j
        world.cells[s, k].award_mode = mode


@compiled
def offer_rate(dyad, home, params):
    """Return the rate a quarter at which a home would offer a client a sector of pull 1."""
    means = home.credit + params.tenders.weight_showcase * home.showcase + params.tenders.weight_bank * dyad.bank
    stalled = 1.0 + params.tenders.weight_stalled * home.stalled
    present = 1.0 - params.vendors.weight_retreat * home.isolation
    return params.tenders.rate_offer * dyad.interest * means * stalled * present


@compiled
def consider_offer(world, d, u, rate, best, params, dice, ledger):
    """Let a home offer a gift or tied loan to a client or not, by the draw `u` and the rate at a pull of 1."""
    dyad = world.dyads[d]
    quarter = world.clock.quarter
    k = sector_to_offer(world, d, params)
    if k == NOBODY:
        return
    p = probability(rate * pull(world, d, k, params))
    if u >= p:
        return
    note_hazard(ledger, dyad.state, dyad.home, NOBODY, NOBODY, k, p, u, margin(p, u))
    share = params.tenders.share_gift * world.states[dyad.state].aid_dependence
    when = moment(dice, quarter, _GIFTS)
    is_gift = uniform(when, world.states[dyad.state].id, world.homes[dyad.home].id, NO_ID) < share
    weigh_offer(world, d, k, GIFT if is_gift else TIED_LOAN, best, params, dice, ledger)


@compiled
def want_of(state, params):
    """Return what makes a state ask sooner in any sector, in units of the log rate: ambition and online demand."""
    return params.tenders.weight_ambition * state.ambition + params.tenders.weight_online * state.online_demand


@compiled
def tender_rate(cell, state, sector, want, law, params):
    """Return the rate a quarter at which a cell asks for a tender; want and law are the state's."""
    want += params.tenders.weight_gap * (1.0 - cell.penetration)
    want += params.tenders.weight_age * min(2.0, cell.age / sector.renewal)
    want += params.tenders.weight_operators * state.operators * sector.operators
    want += params.tenders.weight_demanded * law * sector.by_law
    if sector.model != NOBODY:
        want += params.tenders.weight_wanted * state.demand[sector.model]
    return params.tenders.rate_tender * math.exp(want)


@compiled
def most_rate(state, want, law, params):
    """Return a rate that no sector's of the state exceeds: spares an exponential where the draw lies above it."""
    want += params.tenders.weight_gap + 2.0 * params.tenders.weight_age
    want += params.tenders.weight_operators * state.operators + params.tenders.weight_demanded * law
    want += params.tenders.weight_wanted * state.demand.max()
    return 1.001 * params.tenders.rate_tender * math.exp(want)


@compiled
def collect_bids(world, s, k, utility, params):
    """Fill the utility (slots,) of every eligible bid in cell (s, k), -inf for the others; return their number."""
    sector = world.sectors[k]
    bidders = 0
    for j in range(sector.n_sellers):
        utility[j] = -math.inf
        if is_eligible(world.firms[sector.seller[j]], sector, j, s, world.clock.quarter):
            utility[j] = offer_utility(world, s, k, j, 1.0, params)
            bidders += 1
    return bidders


@compiled
def hold_tender(world, s, k, params, dice, ledger):
    """Collect the bids for a cell and choose among them; the award is settled afterwards."""
    sector = world.sectors[k]
    state = world.states[s]
    utility = np.empty(world.cells[s, k].share.shape[0])
    bidders = collect_bids(world, s, k, utility, params)
    state.cum_tenders += 1.0
    state.cum_bidders += bidders
    slot, lead = choose_bid(world, s, k, utility, params, dice)
    home = NOBODY
    if slot != NOBODY:
        home = sector.seller_home[slot]
        world.cells[s, k].award_slot = slot
        world.cells[s, k].award_mode = TENDER
    if is_traced(ledger):
        note_choice(ledger, s, home, NOBODY, k, TENDER, sector.seller, utility, sector.n_sellers, slot, lead)


@compiled
def hear_asks(world, s, law, when, params, rate):
    """Fill rate (sectors,) with the rate at which every cell of state s asks, 0 where its draw says that it does not.

    It is infinite where asking is ordered from outside.

    A cell that somebody supplies this quarter does not ask, nor does one of a suspended model of surveillance. law: the
    most that the state copied of a partner's.
    Knows nothing of the ledger: to be handed it for every state costs more than the sums here.
    """
    quarter = world.clock.quarter
    state = world.states[s]
    want = want_of(state, params)
    bound = most_rate(state, want, law, params)
    for k in range(rate.shape[0]):
        rate[k] = 0.0
        sector = world.sectors[k]
        cell = world.cells[s, k]
        if sector.is_tendered == 1 and sector.opens <= quarter and cell.award_slot == NOBODY:
            if cell.ask_order > 0.0:
                rate[k] = 0.0 if is_suspended(state, sector, quarter) else math.inf
                continue
            u = uniform(when, state.id, sector.id, NO_ID)
            if u < bound and not is_suspended(state, sector, quarter):
                asked = tender_rate(cell, state, sector, want, law, params)
                rate[k] = asked if happens(asked, u) else 0.0


@compiled
def consider_tenders(world, params, dice, ledger):
    """Let every cell that nobody supplies this quarter ask for a tender, or not."""
    when = moment(dice, world.clock.quarter, _ASKS)
    rate = np.empty(world.sectors.shape[0])
    for s in range(world.cells.shape[0]):
        hear_asks(world, s, copied_law(world, s), when, params, rate)
        for k in range(rate.shape[0]):
            if rate[k] > 0.0:
                if rate[k] < math.inf:
                    u = uniform(when, world.states[s].id, world.sectors[k].id, NO_ID)
                    p = probability(rate[k])
                    note_hazard(ledger, s, NOBODY, NOBODY, NOBODY, k, p, u, margin(p, u))
                hold_tender(world, s, k, params, dice, ledger)


@compiled
def make_ordered(world, d, best, params, dice, ledger):
    """Let a home make the offer that was ordered, where it sells in the cell and the cell is not supplied by order."""
    dyad = world.dyads[d]
    k = dyad.ordered_sector
    can_offer = world.sectors[k].is_tendered == 1 and world.cells[dyad.state, k].order_slot == NOBODY
    if can_offer and best_offer_of(world, dyad.state, k, dyad.home, world.clock.quarter) != NOBODY:
        weigh_offer(world, d, k, dyad.ordered_mode, best, params, dice, ledger)


@compiled
def make_offers(world, params, dice, ledger):
    """Let homes make the offers that are ordered and, where history is open, those that they wish and can afford."""
    when = moment(dice, world.clock.quarter, _OFFERS)
    best = np.zeros(world.cells.shape)
    may_decide = is_open(world.clock)
    for d in range(world.dyads.shape[0]):
        dyad = world.dyads[d]
        if dyad.ordered_sector != NOBODY:
            make_ordered(world, d, best, params, dice, ledger)
            continue
        if not may_decide:
            continue
        rate = offer_rate(dyad, world.homes[dyad.home], params) if dyad.home != NOBODY else 0.0
        if rate > 0.0:
            u = uniform(when, world.states[dyad.state].id, world.homes[dyad.home].id, NO_ID)
            if u < rate * most_pull(world.homes[dyad.home], dyad, params):
                consider_offer(world, d, u, rate, best, params, dice, ledger)


@compiled
def apply(world, params, dice, ledger):
    """Let homes offer and governments ask; decide everything from what the quarter began with, then settle it all."""
    begin_quarter(world, params)
    see_neighbours(world, params)
    count_operators(world, params)
    make_offers(world, params, dice, ledger)
    consider_tenders(world, params, dice, ledger)
    for s in range(world.cells.shape[0]):
        for k in range(world.cells.shape[1]):
            if world.cells[s, k].award_slot != NOBODY:
                settle(world, s, k, params)
