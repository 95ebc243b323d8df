"""Data access by suppliers' homes.

Summary of rule: a home that watches abroad for its own security reads what it supplied the means for; a client may find
out, and suspects it in any case where deals are secret.

    supplied   = clip(Σ_k watches · penetration · share of the home)
    access'    = moved(access, rate_read · motive · (1 − localised) · supplied, rate_lost)
    hazard of a discovery = rate_discover · access' · clip(local capacity + audit)
    suspicion' = moved(suspicion, w_secrecy · opacity · supplied + jump · max(found out, declared), rate_forget)

with found out 1 in a quarter with a discovery, else 0, and declared what is found out from outside; data localised and
audits are set from outside. Suspicion needs no
reading: it grows of secrecy alone, whoever the supplier is. In replay nothing is found out by chance.

That data are read at all is contested: one document says that people suspect it more and more (E0805), another only
asks (E0132), a third source put it as a question (E0281). At rate_read = 0 nobody reads anything, and the rest stands.

Mechanisms 15 (secrecy to suspicion), 35 (what a home with a motive reads) and 122 (what a supplier gains by it).
Evidence: E0132, E0281, E0802, E0804, E0805 (contested), E0781, E0799-E0801 (contested, by an investigation that one
document reports). Assumed: all rates and weights; that skill at home finds out. Known limit: reading has one depth;
what is found out in one state is not known in another.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_hazard
from sim.numerics.stocks import clipped, moved
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "surveillance/data_access"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.local_capacity",
    "states.opacity",
    "states.localised",
    "states.supplier_dyad",
    "homes.motive",
    "dyads.id",
    "dyads.access",
    "dyads.suspicion",
    "dyads.audit_declared",
    "dyads.scandal_order",
    "dyads.cum_discovered",
    "sectors.n_sellers",
    "sectors.seller_home",
    "sectors.watches",
    "cells.penetration",
    "cells.share",
)
WRITES = ("dyads.access", "dyads.suspicion", "dyads.cum_discovered")
DRAWS = ("surveillance/data_access/discoveries",)
_DISCOVERIES = stream(DRAWS[0])


@compiled
def count_supplied(world, s, supplied):
    """Fill supplied (homes,) with how far the bases of each home in state s let it watch, 0-1."""
    supplied[:] = 0.0
    for k in range(world.sectors.shape[0]):
        sector = world.sectors[k]
        cell = world.cells[s, k]
        if sector.watches > 0.0 and cell.penetration > 0.0:
            for j in range(sector.n_sellers):
                supplied[sector.seller_home[j]] += sector.watches * cell.penetration * cell.share[j]
    for h in range(supplied.shape[0]):
        supplied[h] = clipped(supplied[h])


@compiled
def next_access(access, motive, supplied, params):
    """Return access to data (0-1) after a quarter, by the home's motive and what it supplied (0-1)."""
    return moved(access, params.data_access.rate_read * motive * supplied, params.data_access.rate_lost)


@compiled
def next_suspicion(suspicion, opacity, supplied, found, params):
    """Return suspicion (0-1) after a quarter; found: how far reading was found out in it (0-1)."""
    gain = params.data_access.weight_secrecy * opacity * supplied + params.data_access.jump * found
    return moved(suspicion, gain, params.data_access.rate_forget)


@compiled
def discovery_rate(access, capacity, params):
    """Return the rate a quarter at which a client of this local capacity finds out that it is read (0-1 both)."""
    return params.data_access.rate_discover * access * capacity


@compiled
def found_out_at(world, s, d, when, params):
    """Return the rate at which state s finds out that its dyad's partner reads its data, 0 where it does not."""
    dyad = world.dyads[d]
    looked = clipped(world.states[s].local_capacity + dyad.audit_declared)
    rate = discovery_rate(dyad.access, looked, params)
    if rate > 0.0 and happens(rate, uniform(when, dyad.id, NO_ID, NO_ID)):
        return rate
    return 0.0


@compiled
def note_discovery(world, s, h, d, when, rate, ledger):
    """Write the line of a discovery that was made at this rate."""
    p, u = probability(rate), uniform(when, world.dyads[d].id, NO_ID, NO_ID)
    note_hazard(ledger, s, h, NOBODY, NOBODY, NOBODY, p, u, margin(p, u))


@compiled
def apply(world, params, dice, ledger):
    """Let homes read, clients find out, and the public suspect."""
    is_undecided = is_open(world.clock)
    when = moment(dice, world.clock.quarter, _DISCOVERIES)
    supplied = np.empty(world.homes.shape[0])
    for s in range(world.states.shape[0]):
        state = world.states[s]
        count_supplied(world, s, supplied)
        for h in range(supplied.shape[0]):
            d = state.supplier_dyad[h]
            if d == NOBODY:
                continue
            dyad = world.dyads[d]
            within_reach = supplied[h] * (1.0 - state.localised)
            dyad.access = next_access(dyad.access, world.homes[h].motive, within_reach, params)
            found = dyad.scandal_order
            rate = found_out_at(world, s, d, when, params) if is_undecided else 0.0
            if rate > 0.0:
                note_discovery(world, s, h, d, when, rate, ledger)
                found = 1.0
            dyad.suspicion = next_suspicion(dyad.suspicion, state.opacity, supplied[h], found, params)
            dyad.cum_discovered += 1.0 if found > 0.0 else 0.0
