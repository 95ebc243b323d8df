"""What every award does, whoever made it: shared by the rules that buy.

A base retires for `turnover` of it and a build is added, for one slot; the award is counted for its home and slot, and
moves the foreign share of recent purchases. What is bought on a loan is owed at 1 − concession of its cost. What pulls
a home to offer a sector is the gap there, more where it lets the home watch for its own security.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import towards
from sim.world.cells import install
from sim.world.fields import NOBODY
from sim.world.records import GIFT, NO_AWARD, TENDER

_MOST_DEBT = 60.0


@compiled
def build_cost(cell, sector, slot, build, turnover, price, params):
    """Return the cost of an award in quarters of usual digital spending."""
    replaced = turnover * cell.penetration
    others = 1.0 - cell.share[slot]
    return sector.cost * price * (build + replaced * (1.0 + (params.tenders.cost_replacement - 1.0) * others))


@compiled
def carry_out(world, s, k, slot, mode, build, turnover, params):
    """Install an award in cell (s, k), mark who won it and how, and count it."""
    cell = world.cells[s, k]
    state = world.states[s]
    home = world.sectors[k].seller_home[slot]
    install(cell, slot, build, turnover)
    cell.age = 0.0
    cell.award_slot = slot
    cell.award_mode = mode
    cell.cum_awards[slot] += 1.0
    state.cum_awards[home] += 1.0
    is_foreign = 0.0 if state.supplier_dyad[home] == NOBODY else 1.0
    state.foreign_purchases = towards(state.foreign_purchases, is_foreign, params.tenders.rate_purchases)


@compiled
def charge(world, s, k, cost, params):
    """Charge the award of a cell to the purse, to the debt of the dyad, or to nobody for a gift, and count it."""
    cell = world.cells[s, k]
    state = world.states[s]
    d = state.supplier_dyad[world.sectors[k].seller_home[cell.award_slot]]
    if cell.award_mode == TENDER:
        state.purse = max(0.0, state.purse - cost)
    elif d != NOBODY:
        dyad = world.dyads[d]
        dyad.offer_sector = k
        dyad.offer_mode = cell.award_mode
        if cell.award_mode == GIFT:
            dyad.cum_gifts += 1.0
        else:
            dyad.cum_loans += 1.0
            dyad.debt = min(_MOST_DEBT, dyad.debt + cost * (1.0 - params.tenders.concession))


@compiled
def affordable(world, s, k, cost):
    """Return the share (0-1) of this quarter's award in cell (s, k) that the state can carry out."""
    cell = world.cells[s, k]
    if cell.award_mode != TENDER or cell.order_slot != NOBODY or cost <= 0.0:
        return 1.0
    return min(1.0, world.states[s].purse / cost)


@compiled
def settle(world, s, k, params):
    """Carry out the award that stands in a cell, as far as the state can pay for it."""
    cell = world.cells[s, k]
    sector = world.sectors[k]
    is_ordered = cell.order_slot != NOBODY
    size = cell.order_size if is_ordered else params.tenders.build_size
    build = size * (1.0 - cell.penetration)
    turnover = params.tenders.turnover * min(1.0, cell.age / sector.renewal)
    price = world.firms[sector.seller[cell.award_slot]].offer_price
    cost = build_cost(cell, sector, cell.award_slot, build, turnover, price, params)
    part = affordable(world, s, k, cost)
    if part < params.tenders.least_share:
        cell.award_slot = NOBODY
        cell.award_mode = NO_AWARD
        return
    carry_out(world, s, k, cell.award_slot, cell.award_mode, part * build, part * turnover, params)
    charge(world, s, k, part * cost, params)


@compiled
def price_factor_of_mode(mode, params):
    """Return the part of the price that counts for the buyer: none of a gift's, 1 − concession of a loan's."""
    return 0.0 if mode == GIFT else 1.0 - params.tenders.concession


@compiled
def most_pull(home, dyad, params):
    """Return the most that any sector can pull a home towards a client, 1 where it has no motive to watch there."""
    return 1.0 + params.tenders.weight_motive * home.motive * dyad.interest


@compiled
def pull(world, d, k, params):
    """Return how far sector k of the client pulls the home of dyad d to offer there."""
    dyad = world.dyads[d]
    home = world.homes[dyad.home]
    lag = 1.0 - world.cells[dyad.state, k].penetration
    return lag * (1.0 + params.tenders.weight_motive * home.motive * dyad.interest * world.sectors[k].watches)
