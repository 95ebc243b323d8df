"""Intelligence.

Summary of rule: services share what they know where a treaty, a common body, repeated help or trust leads them to, also
in place of persons whom their state keeps; what they hear from others, from cameras and from informers lets them see.

    gain       = rate_treaty · standing + rate_body · body + rate_substitute · [answer: share]
               + rate_repeat · [answer: extradite or return] + rate_goodwill · goodwill
    sharing'   = moved(sharing, gain · trust, rate_decay)
    informers' = moved(informers, rate_informers · threat, rate_dismiss)
    detection  = clip(base_detection + weight_surveillance · surveillance + weight_sharing · heard
                      + weight_informers · informers) · (1 − weight_unjoined · (1 − heard))
                      · (1 − weight_alienation · stigma)

heard is the most that a state shares with anybody, 1 for a state that asks for persons itself, since it knows its own
files; surveillance sums what is installed in sectors that let somebody watch; stigma is the largest that rests on
migrants in the state, who then withdraw from its services. body is 1 within a common body that shares security by
then: those outside get nothing from it.

Mechanisms 45, 90 (alienation), 56 (a body serves its members only), 57 (what began with security shares data), 58
(repetition), 100 (signals not joined up are overlooked), 129 (what informers bring; the doubt that they sow is felt by
other rules). Evidence: E0955, E0949 (speculation, contested), E0090, E0250, E0006, E0736, E0737, E0761 (contested),
E0392, E0384, E0386, E0431, E0929, E0329, E0331. Assumed: all rates; that partners give all that they know to the state
that hears most.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, moved
from sim.world.cooperation import EXTRADITE, INTELLIGENCE, RETURN, SHARE
from sim.world.fields import NOBODY
from sim.world.standing import share_security

NAME = "cooperation/intelligence"
READS = (
    "clock.quarter",
    "states.threat",
    "states.informers",
    "sectors.watches",
    "cells.penetration",
    "institutions.joins",
    "institutions.leaves",
    "institutions.security_from",
    "origins.state",
    "migrants.host",
    "migrants.stigma",
    "channels.state",
    "channels.origin",
    "channels.standing",
    "channels.answer",
    "channels.sharing",
    "channels.trust",
    "channels.goodwill",
)
WRITES = ("channels.sharing", "states.informers", "states.detection")
DRAWS = ()


@compiled
def next_sharing(channel, body, params):
    """Return intelligence shared in a channel (0-1) after a quarter; body 0 or 1."""
    gain = params.intelligence.rate_treaty * channel.standing[INTELLIGENCE]
    gain += params.intelligence.rate_body * body + params.intelligence.rate_goodwill * channel.goodwill
    if channel.answer == SHARE:
        gain += params.intelligence.rate_substitute
    elif channel.answer == EXTRADITE or channel.answer == RETURN:
        gain += params.intelligence.rate_repeat
    return moved(channel.sharing, gain * channel.trust, params.intelligence.rate_decay)


@compiled
def detection_of(surveillance, heard, informers, stigma, params):
    """Return how much of what moves through it a state sees, 0-1; all arguments 0-1."""
    seen = params.intelligence.base_detection + params.intelligence.weight_surveillance * surveillance
    seen += params.intelligence.weight_sharing * heard + params.intelligence.weight_informers * informers
    joined = clipped(seen) * (1.0 - params.intelligence.weight_unjoined * (1.0 - heard))
    return joined * (1.0 - params.intelligence.weight_alienation * stigma)


@compiled
def surveillance_in(world, s):
    """Return how far a state is watched: Σ over sectors of how far each lets watch × what is installed, 0-1."""
    total = 0.0
    for k in range(world.sectors.shape[0]):
        if world.sectors[k].watches > 0.0:
            total += world.sectors[k].watches * world.cells[s, k].penetration
    return clipped(total)


@compiled
def stigma_in(world, s):
    """Return the largest stigma (0-1) that rests on migrants in a state."""
    found = 0.0
    for row in world.migrants:
        if row.host == s:
            found = max(found, row.stigma)
    return found


@compiled
def note_heard(world, heard):
    """Write for every state the most that it shares with anybody: 1 for those that ask for persons themselves."""
    heard[:] = 0.0
    for channel in world.channels:
        if channel.state != NOBODY:
            heard[channel.state] = max(heard[channel.state], channel.sharing)
    for origin in world.origins:
        if origin.state != NOBODY:
            heard[origin.state] = 1.0


@compiled
def apply(world, params, dice, ledger):
    """Move sharing and informers on by one quarter, and let every state see by those that it found."""
    heard = np.empty(world.states.shape[0])
    note_heard(world, heard)
    for channel in world.channels:
        body = 0.0
        if channel.state != NOBODY and channel.origin != NOBODY:
            asking = world.origins[channel.origin].state
            if asking != NOBODY and share_security(world.institutions, channel.state, asking, world.clock.quarter):
                body = 1.0
        channel.sharing = next_sharing(channel, body, params)
    for s in range(world.states.shape[0]):
        state = world.states[s]
        watched, stigma = surveillance_in(world, s), stigma_in(world, s)
        state.detection = detection_of(watched, heard[s], state.informers, stigma, params)
        gain = params.intelligence.rate_informers * state.threat
        state.informers = moved(state.informers, gain, params.intelligence.rate_dismiss)
