"""Debt and leverage.

Summary of rule: debt is paid back from the purse as far as it goes, and while it stands it becomes leverage of the
lender.

    payment   = min(rate_amortise · debt, purse)
    Δleverage = rate_leverage · debt/(1 + debt) · (1 − leverage) − rate_ebb · leverage

debt in quarters of usual digital spending; where one state owes several partners they are paid in the order of dyads.

Mechanisms 1 and 7 (what loans leave behind). Evidence: E0130, E0196. Assumed: all rates. Known limit: no default.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved

NAME = "technology/debt"
READS = ("states.purse", "dyads.state", "dyads.debt", "dyads.leverage")
WRITES = ("states.purse", "dyads.debt", "dyads.leverage")
DRAWS = ()


@compiled
def next_leverage(leverage, debt, params):
    """Return leverage (0-1) after a quarter of debt, in quarters of usual digital spending."""
    return moved(leverage, params.debt.rate_leverage * debt / (1.0 + debt), params.debt.rate_ebb)


@compiled
def pay(state, dyad, params):
    """Pay the quarter's service of a debt, as far as the purse goes."""
    paid = min(params.debt.rate_amortise * dyad.debt, state.purse)
    state.purse -= paid
    dyad.debt -= paid


@compiled
def apply(world, params, dice, ledger):
    """Let every debt weigh, then pay its service."""
    for dyad in world.dyads:
        dyad.leverage = next_leverage(dyad.leverage, dyad.debt, params)
        if dyad.debt > 0.0:
            pay(world.states[dyad.state], dyad, params)
