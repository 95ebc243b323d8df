"""The home government's hand.

Summary of rule: a home acts against its own firm, the sooner the more prominent the firm is; its offers stop, its
projects abroad lose value, and clients trust the home less.

    hazard a quarter = rate_crackdown · exposure · exp(w_prominence · max(prominence, projects))
    Δtrust = rate_return · (usual trust − trust) + rate_goodwill · goodwill · restriction · (1 − trust)
             − w_trust · severity · interest · trust
    Δprojects = rate_rebuild · (usual projects − projects) − severity · projects, from the firm's foundation on
    investment lost in a state = severity · projects · the firm's presence there

In replay crackdowns are set by record instead; severity is then the record's, else `severity`. A firm is prominent by
its markets or by its projects abroad. The loss of trust falls on every client by the partner's interest in it: those
most courted are hit most. Investment is lost where it lay.

Mechanisms 27 and 33 (donations). Evidence: E0178, E0183, E0202-E0208. Assumed: all rates and weights.
"""

import math

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_hazard
from sim.numerics.stocks import clipped, towards
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "technology/home_government"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "politics.contact_restriction",
    "states.lost_investment",
    "homes.goodwill",
    "dyads.home",
    "dyads.interest",
    "dyads.trust_base",
    "dyads.trust",
    "firms.id",
    "firms.home",
    "firms.founded",
    "firms.exposure",
    "firms.prominence",
    "firms.project_base",
    "firms.project_value",
    "firms.presence",
    "firms.suspended_until",
    "firms.crackdown_order",
    "measures.cum_crackdowns",
)
WRITES = (
    "states.lost_investment",
    "dyads.trust",
    "firms.project_value",
    "firms.suspended_until",
    "measures.cum_crackdowns",
)
DRAWS = ("technology/home_government/crackdowns",)
_CRACKDOWNS = stream(DRAWS[0])


@compiled
def crackdown_rate(exposure, prominence, params):
    """Return the rate a quarter at which a home acts against a firm of this exposure and prominence (0-1)."""
    rate = params.home_government.rate_crackdown * exposure
    return rate * math.exp(params.home_government.weight_prominence * prominence)


@compiled
def severity_of(world, f, is_undecided, params, dice, ledger):
    """Return the severity (0-1) of a crackdown on firm f this quarter, 0 where there is none."""
    firm = world.firms[f]
    if is_undecided and firm.exposure > 0.0 and firm.founded <= world.clock.quarter:
        rate = crackdown_rate(firm.exposure, max(firm.prominence, firm.project_value), params)
        u = uniform(moment(dice, world.clock.quarter, _CRACKDOWNS), firm.id, NO_ID, NO_ID)
        if happens(rate, u):
            p = probability(rate)
            note_hazard(ledger, NOBODY, firm.home, f, NOBODY, NOBODY, p, u, margin(p, u))
            return max(params.home_government.severity, firm.crackdown_order)
    return firm.crackdown_order


@compiled
def crack_down(world, f, severity, params):
    """Suspend a firm, and take its clients' investments and trust by the severity (0-1)."""
    firm = world.firms[f]
    firm.suspended_until = world.clock.quarter + math.ceil(params.home_government.dur_suspension * severity)
    for s in range(firm.presence.shape[0]):
        world.states[s].lost_investment += severity * firm.project_value * firm.presence[s]
    for dyad in world.dyads:
        if dyad.home == firm.home:
            dyad.trust *= 1.0 - params.home_government.weight_trust * severity * dyad.interest
    firm.project_value *= 1.0 - severity
    world.measures.cum_crackdowns += 1.0


@compiled
def next_trust(trust, usual, goodwill, restriction, params):
    """Return trust (0-1) after a quarter without a crackdown."""
    returned = towards(trust, usual, params.home_government.rate_return)
    return clipped(returned + params.home_government.rate_goodwill * goodwill * restriction * (1.0 - trust))


@compiled
def apply(world, params, dice, ledger):
    """Let every client's trust and every firm's projects recover, then let homes act against their firms."""
    clock = world.clock
    is_undecided = is_open(clock)
    restriction = world.politics.contact_restriction
    for dyad in world.dyads:
        if dyad.home != NOBODY:
            goodwill = world.homes[dyad.home].goodwill
            dyad.trust = next_trust(dyad.trust, dyad.trust_base, goodwill, restriction, params)
    for f in range(world.firms.shape[0]):
        firm = world.firms[f]
        if firm.founded <= clock.quarter:
            firm.project_value = towards(firm.project_value, firm.project_base, params.home_government.rate_rebuild)
        severity = severity_of(world, f, is_undecided, params, dice, ledger)
        if severity > 0.0:
            crack_down(world, f, severity, params)
