"""Protest and fear at home.

Summary of rule: waves of protest come by chance, the sooner the less a state heeds rights and the fewer rally to its
government, and calm down; incidents reported on a state's soil bring fear, and time wears it off.

    hazard of a wave = rate_wave · (1 − rights) · (1 + weight_discontent · (1 − rally))
    protest'         = moved(protest, max(declared, size_wave in a quarter with a wave), rate_calm)
    insecurity'      = moved(insecurity, rate_fear · shock / (shock + half_fear), rate_forget)
    returnees'       = returnees · (1 − rate_forget)

shock sums the class weights of the last quarter's incidents on the state's soil that were not foiled, whoever is
behind them and whoever is accused. In replay, as long as there is a record, protest comes only where it is declared.

Mechanisms 87 (the unrest that a government may turn from itself), 88 (fear, on which a rally rests) and 104 (those who
come back are feared for a time). Evidence: E0561 (contested, one author's reading: fear of terror raised ratings),
E0563 (contested). Assumed: every rate; that protest feels neither prices nor elections. Known limit: a wave has one
size; fear does not spread to neighbours.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import moved
from sim.rules.incidents import class_weight
from sim.rules.persons import saturating
from sim.world.conflict import WAVE
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "world_politics/protest"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.rights",
    "states.protest_declared",
    "states.protest",
    "states.insecurity",
    "states.rally",
    "states.returnees",
    "incidents.quarter",
    "incidents.target",
    "incidents.severity",
    "incidents.is_foiled",
)
WRITES = ("states.protest", "states.insecurity", "states.returnees")
DRAWS = ("world_politics/protest/waves",)
_WAVES = stream(DRAWS[0])


@compiled
def wave_rate(rights, rally, params):
    """Return the rate a quarter of waves of protest; rights and rally are 0-1."""
    return params.protest.rate_wave * (1.0 - rights) * (1.0 + params.protest.weight_discontent * (1.0 - rally))


@compiled
def next_insecurity(insecurity, shock, params):
    """Return fear (0-1) after a quarter that began with this shock (weights of incidents on the state's soil)."""
    gain = params.protest.rate_fear * saturating(shock, params.protest.half_fear)
    return moved(insecurity, gain, params.protest.rate_forget)


@compiled
def note_shocks(world, shock):
    """Add to `shock` (states,) the weights of the last quarter's incidents on the soil of each."""
    last = world.clock.quarter - 1
    for incident in world.incidents:
        if incident.quarter == last and incident.is_foiled == 0 and incident.target != NOBODY and last >= 0:
            shock[incident.target] += class_weight(incident.severity)


@compiled
def wave_in(world, s, when, params, ledger):
    """Return the size (0-1) of the wave that begins in a state this quarter, 0 mostly; note it."""
    state = world.states[s]
    rate = wave_rate(state.rights, state.rally, params)
    if rate <= 0.0:
        return 0.0
    u = uniform(when, state.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return 0.0
    note_group(ledger, s, NOBODY, NOBODY, WAVE, NOBODY, probability(rate), u)
    return params.protest.size_wave


@compiled
def apply(world, params, dice, ledger):
    """Let protest begin and calm down, and fear come and go, in every state."""
    shock = np.zeros(world.states.shape[0])
    note_shocks(world, shock)
    may_begin = is_open(world.clock)
    when = moment(dice, world.clock.quarter, _WAVES)
    for s in range(shock.shape[0]):
        state = world.states[s]
        wave = wave_in(world, s, when, params, ledger) if may_begin else 0.0
        state.protest = moved(state.protest, max(state.protest_declared, wave), params.protest.rate_calm)
        state.insecurity = next_insecurity(state.insecurity, shock[s], params)
        state.returnees *= 1.0 - params.protest.rate_forget
