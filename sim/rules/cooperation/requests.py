"""Requests for persons, and answers to them.

Summary of rule: a state that others have left asks for persons whom it knows to be abroad, and the state asked
extradites, returns by an administrative act, refuses, shares intelligence instead, sends on, or stalls.

    request at rate · priority · (1 + w · contacts) · wanted/(wanted + half)
    wanted = held + seen · free,   seen = clip(detection + w · access)
    pressure = (leverage + w · interest + w · supply) · (1 − w · western ties)
    gain = w · pressure + w · acceptance + w · threat + w · goodwill
    cost = w · rights · salience + w · solidarity · voice · (1 + w · protest) + w · backlash
    U[extradite] = b + w · treaty · acceptance + gain − cost        U[return] = b + w · sharing + gain − cost
    U[refuse] = −w · pressure     U[share] = b + w · sharing + part · gain     U[third country] = b + part · cost
    U[stall] = b + w · min(gain, cost)

Each utility has a Gumbel term; the largest wins. A treaty counts as far as its terms are accepted. Under rival theories
(`deciding`) the first answer whose utility reaches the aspiration is given, a stall where none does; or utility is what
the answers of the others to the same origin so far are worth. A request concerns a share of the held and of those seen,
and no more than `most_concerned`. Detection is what the services of the state asked see, access what the state that
asks reads in data of systems that its firms supplied there (contested). A request set from outside comes without
chance, an answer set from outside without chance or choice. A share of those returned, which grows with the breadth of
the law, was wrongly suspected.

Mechanisms 37, 44-50 and 126. Evidence: E0831, E0832, E0880, E0881, E0940, E0943, E0955-E0961, E0974, E0976, E0979,
E0990, E0717, E0800, E0801 (contested). The mechanisms fix the signs. Assumed: the form, and every number; weights are
set by hand so that eight situations of the documents come out (`tests/cases/`), which is a fit and no test. Known
limits: persons are expected numbers; one request a quarter and state; what a court and what a government decides are
one answer.
"""

import math

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_answer, note_between
from sim.numerics.stocks import clipped, moved
from sim.rules.deciding import first_good, follow, is_imitating, is_satisficing
from sim.rules.persons import error_of, put, saturating, share_seen, take, wanted, within_reach
from sim.world.cooperation import (
    EXTRADITE,
    EXTRADITION,
    HELD,
    IRREGULAR,
    PAPERS,
    REFUSE,
    REQUEST,
    RETURN,
    SENTENCED_PERSONS,
    SHARE,
    STALL,
    THIRD_COUNTRY,
)
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "cooperation/requests"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.western_ties",
    "states.supply",
    "states.rights",
    "states.voice",
    "states.threat",
    "states.informers",
    "states.detection",
    "dyads.interest",
    "dyads.leverage",
    "dyads.access",
    "origins.home",
    "origins.breadth",
    "origins.priority",
    "origins.salience",
    "origins.protest",
    "origins.contacts",
    "origins.returned",
    "origins.wrong",
    "origins.cum_requests",
    "nodes.state",
    "nodes.governed",
    "nodes.persons",
    "channels.id",
    "channels.state",
    "channels.origin",
    "channels.dyad",
    "channels.third",
    "channels.acceptance",
    "channels.solidarity",
    "channels.sharing",
    "channels.backlash",
    "channels.goodwill",
    "channels.denied",
    "channels.standing",
    "channels.request_order",
    "channels.answer_order",
    "channels.answer_size",
    "channels.cum_answers",
    "channels.cum_exposed",
    "channels.cum_returned",
)
WRITES = (
    "origins.returned",
    "origins.wrong",
    "origins.cum_requests",
    "nodes.persons",
    "channels.pressure",
    "channels.denied",
    "channels.answer",
    "channels.returned",
    "channels.cum_answers",
    "channels.cum_exposed",
    "channels.cum_returned",
)
DRAWS = ("cooperation/requests/arrivals", "cooperation/requests/answers")
_ARRIVALS, _ANSWERS = stream(DRAWS[0]), stream(DRAWS[1])
_N_ANSWERS = 6


@compiled
def pressure_of(leverage, interest, supply, western_ties, params):
    """Return the pressure (0-1) on a state that owes, trades and buys so much and has these ties with the West."""
    means = leverage + params.requests.weight_economy * interest + params.requests.weight_supply * supply
    return clipped(means * (1.0 - params.requests.weight_west * western_ties))


@compiled
def gain_of(pressure, acceptance, threat, goodwill, params):
    """Return what handing persons over is worth to a state, all determinants 0-1."""
    weights = params.requests
    owed = weights.weight_pressure * pressure + weights.weight_goodwill * goodwill
    return owed + weights.weight_doctrine * acceptance + weights.weight_threat * threat


@compiled
def cost_of(rights, salience, solidarity, voice, protest, backlash, params):
    """Return what handing persons over costs a state with its public and with others, all determinants 0-1."""
    weights = params.requests
    sympathy = weights.weight_solidarity * solidarity * voice * (1.0 + weights.weight_protest * protest)
    return weights.weight_rights * rights * salience + sympathy + weights.weight_backlash * backlash


@compiled
def utilities_of(gain, cost, pressure, treaty, acceptance, sharing, has_third, params):
    """Return the utility of each answer (6,), -inf for a third country that there is not; `treaty` is 1 or 0."""
    weights = params.requests
    utilities = np.empty(_N_ANSWERS)
    handing_over = gain - cost
    utilities[EXTRADITE] = weights.base_extradite + weights.weight_treaty * treaty * acceptance + handing_over
    utilities[RETURN] = weights.base_return + weights.weight_intelligence * sharing + handing_over
    utilities[REFUSE] = -weights.weight_fear * pressure
    utilities[SHARE] = weights.base_share + weights.weight_substitute * sharing + weights.part_gain * gain
    utilities[THIRD_COUNTRY] = weights.base_third + weights.part_cost * cost if has_third else -math.inf
    utilities[STALL] = weights.base_stall + weights.weight_cross * min(gain, cost)
    return utilities


@compiled
def pressure_on(world, c, params):
    """Return the pressure on the state of channel c, 0-1; where there is no dyad or home, that part is 0."""
    channel = world.channels[c]
    state = world.states[channel.state]
    home = world.origins[channel.origin].home
    supply = state.supply[home] if home != NOBODY else 0.0
    leverage = world.dyads[channel.dyad].leverage if channel.dyad != NOBODY else 0.0
    interest = world.dyads[channel.dyad].interest if channel.dyad != NOBODY else 0.0
    return pressure_of(leverage, interest, supply, state.western_ties, params)


@compiled
def utilities_in(world, c, pressure, params):
    """Return the utility of each answer (6,) of the state of channel c under this pressure, without the random term."""
    channel = world.channels[c]
    state = world.states[channel.state]
    origin = world.origins[channel.origin]
    gain = gain_of(pressure, channel.acceptance, state.threat, channel.goodwill, params)
    sympathy, backlash = channel.solidarity, channel.backlash
    cost = cost_of(state.rights, origin.salience, sympathy, state.voice, origin.protest, backlash, params)
    has_third = channel.third != NOBODY and world.nodes[channel.third].state != channel.state
    treaty = channel.standing[EXTRADITION]
    return utilities_of(gain, cost, pressure, treaty, channel.acceptance, channel.sharing, has_third, params)


@compiled
def answers_of_others(world, c):
    """Return how often each answer (6,) was given so far by the other states that the origin of channel c asked."""
    given = np.zeros(_N_ANSWERS)
    for other in range(world.channels.shape[0]):
        if other != c and world.channels[other].origin == world.channels[c].origin:
            for answer in range(_N_ANSWERS):
                given[answer] += world.channels[other].cum_answers[answer]
    return given


@compiled
def chosen_answer(world, c, pressure, params, dice, ledger):
    """Return the state's choice among the six answers under the theory in force, and note it."""
    channel = world.channels[c]
    utilities = utilities_in(world, c, pressure, params)
    when = moment(dice, world.clock.quarter, _ANSWERS)
    drawn = np.empty(_N_ANSWERS)
    for answer in range(_N_ANSWERS):
        drawn[answer] = gumbel(when, channel.id, np.uint64(answer + 1), NO_ID)
    if is_satisficing(params.requests.theory):
        best, lead = first_good(utilities, drawn, _N_ANSWERS, params.requests.aspiration)
        best = STALL if best == NOBODY else best
    else:
        if is_imitating(params.requests.theory):
            follow(answers_of_others(world, c), _N_ANSWERS, params.requests.weight_peers, utilities)
        for answer in range(_N_ANSWERS):
            drawn[answer] = utilities[answer] + drawn[answer]
        best, lead = best_two(drawn, _N_ANSWERS)
    note_answer(ledger, channel.state, channel.origin, utilities, _N_ANSWERS, best, lead)
    return best


@compiled
def number_within_reach(world, channel):
    """Return how many persons of the channel's origin its state could hand over, of any status."""
    total = 0.0
    for status in range(3):
        total += within_reach(world, channel.state, channel.origin, status)
    return total


@compiled
def next_answer(world, c, pressure, params, dice, ledger):
    """Return the answer of this quarter, ordered or chosen, or nobody where no request comes."""
    channel = world.channels[c]
    if channel.answer_order != NOBODY:
        return channel.answer_order if number_within_reach(world, channel) > 0.0 else NOBODY
    if channel.request_order > 0.0 and number_within_reach(world, channel) > 0.0:
        return chosen_answer(world, c, pressure, params, dice, ledger)
    known = wanted(world, channel, params) if is_open(world.clock) else 0.0
    if known <= 0.0:
        return NOBODY
    origin = world.origins[channel.origin]
    rate = params.requests.rate_request * origin.priority * (1.0 + params.requests.weight_contacts * origin.contacts)
    rate *= saturating(known, params.requests.half_wanted)
    u = uniform(moment(dice, world.clock.quarter, _ARRIVALS), channel.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return NOBODY
    p = probability(rate)
    note_between(ledger, channel.state, channel.origin, REQUEST, NOBODY, p, u)
    return chosen_answer(world, c, pressure, params, dice, ledger)


@compiled
def shares_concerned(world, channel, params):
    """Return the share of the persons of each status (3,) in the state whom this quarter's answer concerns."""
    weights = params.requests
    shares = np.empty(3)
    if channel.answer_order != NOBODY:
        shares[:] = min(1.0, channel.answer_size / number_within_reach(world, channel))
        return shares
    shares[:] = weights.share_concerned * share_seen(world, channel, params)
    shares[HELD] = max(weights.share_concerned, weights.share_sentenced * channel.standing[SENTENCED_PERSONS])
    number = 0.0
    for status in range(3):
        number += shares[status] * within_reach(world, channel.state, channel.origin, status)
    return shares * (weights.most_concerned / number) if number > weights.most_concerned else shares


@compiled
def shift(world, channel, old, new, share):
    """Give a share of those with one status in the state another status, each at the node where they are."""
    for node in world.nodes:
        if node.state == channel.state:
            number = share * node.governed * node.persons[channel.origin, old]
            node.persons[channel.origin, old] -= number
            node.persons[channel.origin, new] += number


@compiled
def hand_over(world, channel, shares, params):
    """Take those concerned out of the state into custody at home, and count them."""
    origin = world.origins[channel.origin]
    for status in range(3):
        number = take(world, channel.state, channel.origin, status, shares[status])
        channel.returned += number
        channel.cum_returned[status] += number
    origin.returned += channel.returned
    origin.wrong += channel.returned * error_of(origin.breadth, world.states[channel.state].informers, params)


@compiled
def carry_out(world, channel, params):
    """Do what the answer says with those it concerns; return how many leave for the third country."""
    leaving = 0.0
    shares = shares_concerned(world, channel, params)
    if channel.answer == EXTRADITE or channel.answer == RETURN:
        hand_over(world, channel, shares, params)
    elif channel.answer == REFUSE or channel.answer == SHARE:
        shift(world, channel, HELD, IRREGULAR, shares[HELD])
    elif channel.answer == STALL:
        shift(world, channel, IRREGULAR, HELD, shares[IRREGULAR])
        shift(world, channel, PAPERS, HELD, shares[PAPERS])
    elif channel.answer == THIRD_COUNTRY and channel.third != NOBODY:
        for status in range(3):
            leaving += take(world, channel.state, channel.origin, status, shares[status])
    return leaving


@compiled
def next_denied(denied, answer, params):
    """Return refusals of late (0-1) after an answer, or after none (nobody)."""
    is_denied = answer == REFUSE or answer == THIRD_COUNTRY
    is_in_part = answer == SHARE or answer == STALL
    part = 1.0 if is_denied else params.requests.part_denied if is_in_part else 0.0
    return moved(denied, params.requests.rate_denied * part, params.requests.rate_forgive)


@compiled
def apply(world, params, dice, ledger):
    """Let every state asked decide on what all found, then carry out all answers, arrivals elsewhere last."""
    n_channels = world.channels.shape[0]
    leaving = np.zeros(n_channels)
    for c in range(n_channels):
        channel = world.channels[c]
        channel.pressure = pressure_on(world, c, params)
        channel.returned = 0.0
        for status in range(3):
            channel.cum_exposed[status] += within_reach(world, channel.state, channel.origin, status)
        channel.answer = next_answer(world, c, channel.pressure, params, dice, ledger)
    for c in range(n_channels):
        channel = world.channels[c]
        channel.denied = next_denied(channel.denied, channel.answer, params)
        if channel.answer != NOBODY:
            world.origins[channel.origin].cum_requests += 1.0
            channel.cum_answers[channel.answer] += 1.0
            leaving[c] = carry_out(world, channel, params)
    for c in range(n_channels):
        if leaving[c] > 0.0:
            put(world, world.channels[c].third, world.channels[c].origin, PAPERS, leaving[c])
