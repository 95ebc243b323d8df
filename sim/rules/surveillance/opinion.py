"""Public opinion on surveillance.

Summary of rule: the public comes to oppose a model of surveillance where it sees what was bought in secret, where civil
groups contest the law that it rests on, and where it suspects the supplier; a government that hears it suspends.

    deployment[m] = clip(Σ_k penetration)                          over the sectors k of model m, here and below
    seen          = Σ_k visibility · penetration
    contested     = Σ_k by law · penetration · law copied
    suspected     = Σ_k penetration · Σ_h share of h · suspicion of h
    ΔO[m]         = (1 − O) · (w_seen · seen · opacity + w_law · civil society · contested + w_suspected · suspected)
                    − rate_fade · O;   O[m] is at least what is declared
    hazard of a suspension = rate_suspend · x / (x + half_pressure),   x = max(0, O · voice − threshold)
    misuse        = clip(Σ_m deployment[m]) · (1 − rights)

So the technical model meets opposition where it is seen and secret, even with weak civil groups, and the legal one
where civil groups contest its law. A suspension keeps the government from buying of the model in the `dur_suspension`
quarters that follow; one declared from outside, in every quarter in which it is declared. In replay a
government suspends nothing of its own accord. Suspicion is that of the last quarter.

Mechanisms 13, 14 and 15. Evidence: E0797, E0811 (contested, a forecast: civil groups against the legal model), E0779,
E0809, E0810, E0812, E0814 (contested: what is visible is blamed), E0802, E0804 (contested: deals that nobody was told
of), E0132, E0281, E0805 (contested: suspicion), E0816 (contested, a forecast: opinion may obstruct deployment).
Assumed: all rates and weights, that voice turns opposition into suspensions. Known limit: opposition does not spread
to neighbours, and what is installed stays.
"""

import math

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_hazard
from sim.numerics.stocks import clipped, moved
from sim.rules.law import copied_law
from sim.rules.persons import saturating
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "surveillance/opinion"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.supplier_dyad",
    "states.opacity",
    "states.rights",
    "states.voice",
    "states.civil_society",
    "states.opposition_declared",
    "states.opposition",
    "states.suspension_declared",
    "states.suspended_until",
    "states.cum_suspended",
    "dyads.law",
    "dyads.suspicion",
    "sectors.by_law",
    "sectors.n_sellers",
    "sectors.seller_home",
    "sectors.model",
    "sectors.visibility",
    "cells.penetration",
    "cells.share",
)
WRITES = (
    "states.deployment",
    "states.opposition",
    "states.suspended_until",
    "states.cum_suspended",
    "states.misuse",
)
DRAWS = ("surveillance/opinion/suspensions",)
_SUSPENSIONS = stream(DRAWS[0])


@compiled
def suspicion_in(world, s, k):
    """Return how far those who supplied cell (s, k) are suspected, by their shares, 0-1."""
    sector = world.sectors[k]
    total = 0.0
    for j in range(sector.n_sellers):
        share = world.cells[s, k].share[j]
        d = world.states[s].supplier_dyad[sector.seller_home[j]]
        if share > 0.0 and d != NOBODY:
            total += share * world.dyads[d].suspicion
    return total


@compiled
def gain_of(world, s, k, law, params):
    """Return what cell (s, k) adds to opposition in a quarter, per unit of what is left to be won."""
    state = world.states[s]
    sector = world.sectors[k]
    gain = params.opinion.weight_seen * sector.visibility * state.opacity
    gain += params.opinion.weight_law * state.civil_society * sector.by_law * law
    gain += params.opinion.weight_suspected * suspicion_in(world, s, k)
    return gain * world.cells[s, k].penetration


@compiled
def form_opinion(world, s, m, law, params):
    """Write deployment of model m in state s and opposition to it; law: the most that the state copied (0-1)."""
    state = world.states[s]
    deployed, gain = 0.0, 0.0
    for k in range(world.sectors.shape[0]):
        if world.sectors[k].model == m and world.cells[s, k].penetration > 0.0:
            deployed += world.cells[s, k].penetration
            gain += gain_of(world, s, k, law, params)
    state.deployment[m] = clipped(deployed)
    opposition = moved(state.opposition[m], gain, params.opinion.rate_fade)
    state.opposition[m] = max(opposition, state.opposition_declared[m])


@compiled
def suspension_rate(opposition, voice, params):
    """Return the rate a quarter at which a government suspends a model, by opposition to it and voice (0-1 both)."""
    pressure = opposition * voice - params.opinion.threshold
    return params.opinion.rate_suspend * saturating(pressure, params.opinion.half_pressure)


@compiled
def sector_of(world, m):
    """Return the first sector of a model, or nobody."""
    for k in range(world.sectors.shape[0]):
        if world.sectors[k].model == m:
            return k
    return NOBODY


@compiled
def consider_suspension(world, s, m, when, is_undecided, params):
    """Count a quarter of suspension of model m in state s, and suspend it on where the government so decides.

    Return the rate of the suspension that the government decides on, 0 where it decides on none.
    """
    state = world.states[s]
    quarter = world.clock.quarter
    if quarter < state.suspended_until[m] or state.suspension_declared[m] > 0.0:
        state.cum_suspended[m] += 1.0
    if is_undecided and state.suspended_until[m] <= quarter + 1:
        rate = suspension_rate(state.opposition[m], state.voice, params)
        if rate > 0.0 and happens(rate, uniform(when, state.id, np.uint64(m + 1), NO_ID)):
            state.suspended_until[m] = quarter + 1 + math.ceil(params.opinion.dur_suspension)
            return rate
    return 0.0


@compiled
def note_suspension(world, s, m, when, rate, ledger):
    """Write the line of a suspension that was decided at this rate."""
    p, u = probability(rate), uniform(when, world.states[s].id, np.uint64(m + 1), NO_ID)
    note_hazard(ledger, s, NOBODY, NOBODY, NOBODY, sector_of(world, m), p, u, margin(p, u))


@compiled
def apply(world, params, dice, ledger):
    """Let the public of every state see, suspect and oppose, and its government suspend purchases."""
    is_undecided = is_open(world.clock)
    when = moment(dice, world.clock.quarter, _SUSPENSIONS)
    for s in range(world.states.shape[0]):
        state = world.states[s]
        law = copied_law(world, s)
        deployed = 0.0
        for m in range(state.opposition.shape[0]):
            form_opinion(world, s, m, law, params)
            deployed += state.deployment[m]
            rate = consider_suspension(world, s, m, when, is_undecided, params)
            if rate > 0.0:
                note_suspension(world, s, m, when, rate, ledger)
        state.misuse = clipped(deployed) * (1.0 - state.rights)
