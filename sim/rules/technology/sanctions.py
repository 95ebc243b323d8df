"""Sanctions and bans.

Summary of rule: a sender of sanctions acts against prominent foreign firms when tension is high; a state that quarrels
with a home bans its firms; what a banned firm installed is taken out bit by bit, at a cost; and a state that relies on
sanctioned firms drifts from the West.

    hazard of a sanction a quarter = rate_sanction · readiness of the sender · tension · prominence
    hazard of a ban a quarter      = rate_ban · quarrel
    Δwestern ties = rate_return · (usual ties − ties) − rate_strain · Σ sanction · supply of each foreign firm · ties

A sanction decided here has strength `severity` and fades by `rate_fade` a quarter. In replay sanctions and bans are set
by record instead. A ban closes the part of the market that its strength says (see supplier choice), one decided here
the whole; the seller loses rate_removal · ban of its base a quarter. The state pays `cost_removal` times the
cost of a build for what it takes out, as far as its purse goes; in consumer markets the users bear it. A ban that a
state decided on is not lifted.

Mechanisms 29, 32 (bans) and 107. Evidence: E0117, E0212-E0214, E0227, E0229. Assumed: all rates and costs.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_hazard
from sim.numerics.stocks import clipped, towards
from sim.world.cells import remove
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "technology/sanctions"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "politics.tension",
    "states.id",
    "states.purse",
    "states.western_base",
    "states.western_ties",
    "states.supplier_dyad",
    "homes.id",
    "homes.sender",
    "dyads.state",
    "dyads.home",
    "dyads.quarrel",
    "firms.id",
    "firms.home",
    "firms.prominence",
    "firms.sanction_declared",
    "firms.sanction_own",
    "firms.ban_declared",
    "firms.ban_own",
    "firms.ban",
    "sectors.criticality",
    "sectors.is_tendered",
    "sectors.cost",
    "sectors.n_sellers",
    "sectors.seller",
    "sectors.seller_home",
    "cells.penetration",
    "cells.share",
    "measures.cum_bans",
)
WRITES = (
    "states.purse",
    "states.western_ties",
    "firms.sanction_own",
    "firms.sanction",
    "firms.ban_own",
    "firms.ban",
    "cells.penetration",
    "cells.share",
    "measures.cum_bans",
)
DRAWS = ("technology/sanctions/sanctions", "technology/sanctions/bans")
_SANCTIONS, _BANS = (stream(name) for name in DRAWS)


@compiled
def decided_sanction(world, f, params, dice, ledger):
    """Return the strength (0-1) of a sanction that a sender decides on against firm f this quarter, 0 for none."""
    firm = world.firms[f]
    strongest = 0.0
    for h in range(world.homes.shape[0]):
        sender = world.homes[h].sender
        if sender > 0.0 and h != firm.home and firm.prominence > 0.0:
            rate = params.sanctions.rate_sanction * sender * world.politics.tension * firm.prominence
            u = uniform(moment(dice, world.clock.quarter, _SANCTIONS), firm.id, world.homes[h].id, NO_ID)
            if happens(rate, u):
                p = probability(rate)
                note_hazard(ledger, NOBODY, h, f, NOBODY, NOBODY, p, u, margin(p, u))
                strongest = params.sanctions.severity
    return strongest


@compiled
def ban_home(world, dyad, ledger, params, dice):
    """Let a state that quarrels with a home ban its firms, or not."""
    p = probability(params.sanctions.rate_ban * dyad.quarrel)
    u = uniform(moment(dice, world.clock.quarter, _BANS), world.states[dyad.state].id, world.homes[dyad.home].id, NO_ID)
    if u < p:
        note_hazard(ledger, dyad.state, dyad.home, NOBODY, NOBODY, NOBODY, p, u, margin(p, u))
        for firm in world.firms:
            if firm.home == dyad.home:
                firm.ban_own[dyad.state] = 1.0


@compiled
def is_banned_anywhere(firm):
    """Return whether any ban of the firm was in force last quarter, was decided, or is declared: most have none."""
    n_bans = 0
    for s in range(firm.ban.shape[0]):
        n_bans += (firm.ban[s] > 0.0) | (firm.ban_own[s] > 0.0) | (firm.ban_declared[s] > 0.0)
    return n_bans > 0


@compiled
def enforce_bans(world):
    """Put in force what was decided or declared, and count the bans that are new; return whether any is in force."""
    is_any = False
    for firm in world.firms:
        if is_banned_anywhere(firm):
            for s in range(firm.ban.shape[0]):
                ban = max(firm.ban_own[s], firm.ban_declared[s])
                if ban > 0.0:
                    is_any = True
                    if firm.ban[s] <= 0.0:
                        world.measures.cum_bans += 1.0
                firm.ban[s] = ban
    return is_any


@compiled
def take_out(world, s, k, params):
    """Take out part of what banned firms installed in a cell, and pay for it."""
    state = world.states[s]
    sector = world.sectors[k]
    for j in range(sector.n_sellers):
        cell = world.cells[s, k]
        ban = world.firms[sector.seller[j]].ban[s]
        if cell.share[j] > 0.0 and ban > 0.0:
            removed = remove(cell, j, params.sanctions.rate_removal * ban)
            if sector.is_tendered == 1:
                state.purse = max(0.0, state.purse - params.sanctions.cost_removal * sector.cost * removed)


@compiled
def sanctioned_supply(world, supply):
    """Fill supply (states,) with what sanctioned firms of other homes supply, weighed by their sanctions, 0-1."""
    supply[:] = 0.0
    for k in range(world.sectors.shape[0]):
        sector = world.sectors[k]
        for j in range(sector.n_sellers):
            weight = sector.criticality * world.firms[sector.seller[j]].sanction
            if weight > 0.0:
                for s in range(supply.shape[0]):
                    if world.states[s].supplier_dyad[sector.seller_home[j]] != NOBODY:
                        cell = world.cells[s, k]
                        supply[s] += weight * cell.penetration * cell.share[j]


@compiled
def next_ties(ties, usual, supply, params):
    """Return ties with the West (0-1) after a quarter in which sanctioned firms supply this much (0-1)."""
    returned = towards(ties, usual, params.sanctions.rate_return)
    return clipped(returned - params.sanctions.rate_strain * supply * ties)


@compiled
def strain_ties(world, params):
    """Move every state's ties with the West on by one quarter."""
    supply = np.empty(world.states.shape[0])
    sanctioned_supply(world, supply)
    for s in range(supply.shape[0]):
        state = world.states[s]
        state.western_ties = next_ties(state.western_ties, state.western_base, supply[s], params)


@compiled
def apply(world, params, dice, ledger):
    """Decide on sanctions and bans where history leaves that open, put them in force, and take out what is banned."""
    clock = world.clock
    is_undecided = is_open(clock)
    for f in range(world.firms.shape[0]):
        firm = world.firms[f]
        firm.sanction_own *= 1.0 - params.sanctions.rate_fade
        if is_undecided:
            firm.sanction_own = max(firm.sanction_own, decided_sanction(world, f, params, dice, ledger))
        firm.sanction = max(firm.sanction_own, firm.sanction_declared)
    strain_ties(world, params)
    if is_undecided:
        for dyad in world.dyads:
            if dyad.quarrel > 0.0 and dyad.home != NOBODY:
                ban_home(world, dyad, ledger, params, dice)
    if enforce_bans(world):
        for s in range(world.cells.shape[0]):
            for k in range(world.cells.shape[1]):
                take_out(world, s, k, params)
