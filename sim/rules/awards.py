"""What every award does, whoever made it: shared by the rules that buy.

A base retires for `turnover` of it and a build is added, for one slot; the award is counted for its home and slot, and
moves the foreign share of recent purchases. What is bought on a loan is owed at 1 − concession of its cost.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import towards
from sim.world.cells import install
from sim.world.records import NOBODY

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
def owe(dyad, cost, params):
    """Add what was bought on a tied loan to the debt of a dyad."""
    dyad.debt = min(_MOST_DEBT, dyad.debt + cost * (1.0 - params.tenders.concession))
