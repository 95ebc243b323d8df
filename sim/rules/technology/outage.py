"""Outage.

Summary of rule: when a firm's equipment fails, a state loses the service that rests on it, more than in proportion
where several sectors rest on it at once; skill at home softens the blow, and those hit come to hedge.

    loss = min{1, (1 − c) [Σ a_k x_k + γ Σ_{k<l} a_k a_l x_k x_l]},   x_k = penetration × Σ failing · share

with a_k the criticality of sector k and γ the common mode. Firms fail by record or at rate_failure · (1 + w_sanction ·
sanction) a quarter, with strength `severity`, and mend by rate_repair a quarter.

    Δhedging = gain_hedging · loss · (1 − hedging) − rate_forget · (hedging − usual hedging)

Mechanisms 30 and 123. Evidence: E0198, E0199 (contested). Assumed: all rates, γ.
"""

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_hazard
from sim.numerics.stocks import clipped
from sim.rules.service import loss_of
from sim.world.fields import NOBODY

NAME = "technology/outage"
READS = (
    "clock.quarter",
    "states.local_capacity",
    "states.hedging_base",
    "states.hedging",
    "firms.id",
    "firms.home",
    "firms.sanction",
    "firms.failing_declared",
    "firms.failing",
    "sectors.criticality",
    "sectors.n_sellers",
    "sectors.seller",
    "cells.penetration",
    "cells.share",
)
WRITES = ("states.hedging", "states.service_lost", "firms.failing")
DRAWS = ("technology/outage/failures",)
_FAILURES = stream(DRAWS[0])


@compiled
def rate_of_failure(firm, params):
    """Return the rate a quarter at which a firm's equipment fails."""
    return params.outage.rate_failure * (1.0 + params.outage.weight_sanction * firm.sanction)


@compiled
def mended(firm, params):
    """Return the share of a firm's equipment that fails by record, or fails still after a quarter of repair."""
    return max(firm.failing_declared, firm.failing * (1.0 - params.outage.rate_repair))


@compiled
def let_fail(world, when, params, ledger):
    """Move what is failing of every firm's equipment on by one quarter; return whether anything fails."""
    is_any = False
    for f in range(world.firms.shape[0]):
        firm = world.firms[f]
        failing = mended(firm, params)
        rate = rate_of_failure(firm, params)
        u = uniform(when, firm.id, NO_ID, NO_ID)
        if happens(rate, u):
            p = probability(rate)
            note_hazard(ledger, NOBODY, firm.home, f, NOBODY, NOBODY, p, u, margin(p, u))
            failing = max(failing, params.outage.severity)
        firm.failing = failing if failing > 1e-3 else 0.0
        is_any = is_any or firm.failing > 0.0
    return is_any


@compiled
def service_lost(world, s, params):
    """Return the service that state s loses to failing firms this quarter, 0-1."""
    simple = 0.0
    squares = 0.0
    for k in range(world.sectors.shape[0]):
        sector = world.sectors[k]
        failing = 0.0
        for j in range(sector.n_sellers):
            failing += world.firms[sector.seller[j]].failing * world.cells[s, k].share[j]
        weight = sector.criticality * failing * world.cells[s, k].penetration
        simple += weight
        squares += weight * weight
    return loss_of(simple, squares, world.states[s].local_capacity, params.outage.common_mode)


@compiled
def next_hedging(hedging, usual, loss, params):
    """Return hedging (0-1) after a quarter with this loss of service (0-1)."""
    gain = params.outage.gain_hedging * loss * (1.0 - hedging)
    return clipped(hedging + gain - params.outage.rate_forget * (hedging - usual))


@compiled
def apply(world, params, dice, ledger):
    """Let firms fail and mend, and every state lose service and learn from it."""
    is_any = let_fail(world, moment(dice, world.clock.quarter, _FAILURES), params, ledger)
    for s in range(world.states.shape[0]):
        state = world.states[s]
        state.service_lost = service_lost(world, s, params) if is_any else 0.0
        state.hedging = next_hedging(state.hedging, state.hedging_base, state.service_lost, params)
