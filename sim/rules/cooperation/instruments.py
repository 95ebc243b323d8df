"""Instruments.

Summary of rule: a state that wants persons back opens talks on legal instruments; what is talked about may be signed;
what is signed enters into force when home politics lets it, months or many years later; a quarrel suspends it all.

    rate of talks     = rate_talks · priority · (b + (1 − b) · demand) · (1 + weight_contacts · contacts)
    demand            = wanted / (wanted + half_wanted),   b = base_demand
    rate of signature = rate_sign · ease · logistic(w_acceptance · acceptance + w_pressure · pressure
                        − w_rights · rights · salience − resistance)
    entry at age a    = 1 − S(a + 1) / S(a),   S(x) = 1 − Φ((ln x − ln median) / spread)

with a the quarters since signature; wanted as in `sim/rules/persons.py`. Extradition treaties wait for entry into force
as fitted to the documents' table (`sim/analysis/treaty_delays.py`); the other kinds enter with signature. In replay
talks wait, signature and entry follow the record up to its end, and what is then signed and not in force waits on from
its age; in free history the record is not read.

Cooperation is suspended at rate_suspend · quarrel and taken up again at rate_resume · (1 − quarrel), in both modes;
what is set from outside suspends it as long as it holds.

    Δcontacts = rate_contacts · hunt · (1 − contacts) − rate_fade · contacts

Mechanisms 39, 43, 44 (a treaty is one thing among several: what it is worth stands in the rule of requests) and 55.
Evidence: E0831, E0877, E0879, E0882-E0928. Assumed: all rates and weights but the delay; that the other kinds enter
with signature; suspension. Known limits: one delay for all states, since the table carries no covariate; nothing that
was signed lapses or is given notice; no listing of groups is modelled apart from the acceptance of terms.
"""

import math

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_between
from sim.numerics.stocks import moved
from sim.rules.persons import saturating, wanted
from sim.world.cooperation import (
    ENTRY_INTO_FORCE,
    EXTRADITION,
    RESUMPTION,
    SENTENCED_PERSONS,
    SIGNATURE,
    SUSPENSION,
    TALKS,
    THREE_EVILS,
)
from sim.world.fields import NEVER, NOBODY
from sim.world.standing import is_open

NAME = "cooperation/instruments"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.rights",
    "states.detection",
    "dyads.access",
    "dyads.quarrel",
    "origins.priority",
    "origins.salience",
    "origins.hunt",
    "origins.contacts",
    "nodes.state",
    "nodes.governed",
    "nodes.persons",
    "channels.id",
    "channels.state",
    "channels.origin",
    "channels.dyad",
    "channels.acceptance",
    "channels.pressure",
    "channels.talks",
    "channels.signed",
    "channels.in_force",
    "channels.signed_on_record",
    "channels.in_force_on_record",
    "channels.suspension_declared",
    "channels.is_suspended",
)
WRITES = (
    "origins.contacts",
    "channels.talks",
    "channels.signed",
    "channels.in_force",
    "channels.standing",
    "channels.is_suspended",
)
DRAWS = (
    "cooperation/instruments/talks",
    "cooperation/instruments/signatures",
    "cooperation/instruments/entries",
    "cooperation/instruments/suspensions",
)
_TALKS, _SIGNATURES, _ENTRIES, _SUSPENSIONS = (stream(name) for name in DRAWS)
_ROOT_TWO = math.sqrt(2.0)


@compiled
def demand_of(number, params):
    """Return the demand for an instrument (0-1) where `number` persons are wanted."""
    base = params.instruments.base_demand
    return base + (1.0 - base) * saturating(number, params.instruments.half_wanted)


@compiled
def talks_rate(priority, contacts, demand, params):
    """Return the rate of talks a quarter; priority, contacts and demand are 0-1."""
    p = params.instruments
    return p.rate_talks * priority * demand * (1.0 + p.weight_contacts * contacts)


@compiled
def ease(kind, params):
    """Return how easily an instrument of this kind is signed, extradition treaties being 1."""
    if kind == EXTRADITION:
        return 1.0
    if kind == THREE_EVILS:
        return params.instruments.ease_three_evils
    if kind == SENTENCED_PERSONS:
        return params.instruments.ease_sentenced
    return params.instruments.ease_intelligence


@compiled
def signature_rate(kind, acceptance, pressure, rights, salience, params):
    """Return the rate of signature a quarter once there are talks; all but the kind are shares (0-1)."""
    p = params.instruments
    will = p.weight_acceptance * acceptance + p.weight_pressure * pressure
    will -= p.weight_rights * rights * salience + p.resistance
    return p.rate_sign * ease(kind, params) * logistic(will)


@compiled
def waiting(age, params):
    """Return the share of treaties that are not yet in force at this age (quarters since signature)."""
    if age <= 0.0:
        return 1.0
    z = (math.log(age) - math.log(params.instruments.median)) / params.instruments.spread
    return 0.5 * math.erfc(z / _ROOT_TWO)


@compiled
def entry_probability(age, params):
    """Return the chance that a treaty that has waited this many quarters enters into force within the next one."""
    still = waiting(age, params)
    return 1.0 - waiting(age + 1.0, params) / still if still > 0.0 else 1.0


@compiled
def follow_record(channel, k, quarter):
    """Let the record sign and put in force instrument k, as far as its quarters have come."""
    if channel.signed[k] == NEVER and channel.signed_on_record[k] <= quarter:
        channel.signed[k] = channel.signed_on_record[k]
    if channel.in_force[k] == NEVER and channel.in_force_on_record[k] <= quarter:
        channel.in_force[k] = channel.in_force_on_record[k]


@compiled
def happened(channel, event, k, rate, u, ledger):
    """Return whether a draw says that an event happens on the channel at this rate, and note it if it does."""
    if happens(rate, u):
        note_between(ledger, channel.state, channel.origin, event, k, probability(rate), u)
        return True
    return False


@compiled
def negotiate(world, channel, k, params, moments, ledger):
    """Open talks on instrument k, or let it be signed, or neither."""
    quarter = world.clock.quarter
    origin = world.origins[channel.origin]
    kind = np.uint64(k + 1)
    if channel.talks[k] == NEVER:
        u = uniform(moments[0], channel.id, kind, NO_ID)
        demand = demand_of(wanted(world, channel, params), params)
        rate = talks_rate(origin.priority, origin.contacts, demand, params)
        if happened(channel, TALKS, k, rate, u, ledger):
            channel.talks[k] = quarter
    elif channel.talks[k] < quarter:
        rights = world.states[channel.state].rights
        rate = signature_rate(k, channel.acceptance, channel.pressure, rights, origin.salience, params)
        u = uniform(moments[1], channel.id, kind, NO_ID)
        if happened(channel, SIGNATURE, k, rate, u, ledger):
            channel.signed[k] = quarter


@compiled
def enter(world, channel, k, params, moments, ledger):
    """Put instrument k, which is signed, in force or not: a treaty on extradition by chance, another at once."""
    quarter = world.clock.quarter
    if k != EXTRADITION:
        channel.in_force[k] = quarter
        return
    p = entry_probability(np.float64(quarter - channel.signed[k]), params)
    u = uniform(moments[2], channel.id, np.uint64(k + 1), NO_ID)
    if u < p:
        note_between(ledger, channel.state, channel.origin, ENTRY_INTO_FORCE, k, p, u)
        channel.in_force[k] = quarter


@compiled
def most_rates(world, channel, params):
    """Return the rate of talks if everybody were wanted, and of suspension or resumption, on a channel."""
    origin = world.origins[channel.origin]
    quarrel = world.dyads[channel.dyad].quarrel if channel.dyad != NOBODY else 0.0
    turn = params.instruments.rate_suspend * quarrel
    if channel.is_suspended == 1:
        turn = params.instruments.rate_resume * (1.0 - quarrel)
    return talks_rate(origin.priority, origin.contacts, 1.0, params), turn


@compiled
def may_come(channel, k, quarter, talks, params, moments):
    """Return whether instrument k may move on this quarter: its draw lies below the most that its rate can be."""
    if channel.signed[k] <= quarter:
        return channel.in_force[k] == NEVER
    kind = np.uint64(k + 1)
    if channel.talks[k] == NEVER:
        return uniform(moments[0], channel.id, kind, NO_ID) < talks
    most = params.instruments.rate_sign * ease(k, params)
    return channel.talks[k] < quarter and uniform(moments[1], channel.id, kind, NO_ID) < most


@compiled
def move_instrument(world, c, k, params, moments, ledger):
    """Let talks begin on instrument k, or its signature, or its entry into force."""
    channel = world.channels[c]
    if channel.signed[k] == NEVER:
        negotiate(world, channel, k, params, moments, ledger)
    if channel.signed[k] <= world.clock.quarter:
        enter(world, channel, k, params, moments, ledger)


@compiled
def turn_channel(channel, rate, moments, ledger):
    """Suspend cooperation on a channel, or resume it, by chance at this rate a quarter."""
    event = RESUMPTION if channel.is_suspended == 1 else SUSPENSION
    u = uniform(moments[3], channel.id, NO_ID, NO_ID)
    if happened(channel, event, NOBODY, rate, u, ledger):
        channel.is_suspended = 1 - channel.is_suspended


@compiled
def apply(world, params, dice, ledger):
    """Let all channels negotiate, sign, put in force and suspend; then hunts for other fugitives build contacts."""
    quarter = world.clock.quarter
    moments = (
        *(moment(dice, quarter, _TALKS), moment(dice, quarter, _SIGNATURES)),
        *(moment(dice, quarter, _ENTRIES), moment(dice, quarter, _SUSPENSIONS)),
    )
    is_undecided = is_open(world.clock)
    for c in range(world.channels.shape[0]):
        channel = world.channels[c]
        talks, turn = most_rates(world, channel, params)
        if turn > 0.0:
            turn_channel(channel, turn, moments, ledger)
        for k in range(channel.signed.shape[0]):
            if not is_undecided:
                follow_record(channel, k, quarter)
            elif may_come(channel, k, quarter, talks, params, moments):
                move_instrument(world, c, k, params, moments, ledger)
            is_suspended = channel.is_suspended == 1 or channel.suspension_declared > 0.0
            is_standing = channel.in_force[k] <= quarter and not is_suspended
            channel.standing[k] = 1.0 if is_standing else 0.0
    for origin in world.origins:
        gain = params.instruments.rate_contacts * origin.hunt
        origin.contacts = moved(origin.contacts, gain, params.instruments.rate_fade)
