"""Swaps of persons.

Summary of rule: a state whose requests were denied offers to swap somebody whom the other side wants for persons held
there; if it is refused, it may hand that person over all the same, in the hope of goodwill.

    offer at rate · denied · fugitives, where anybody is held
    consent with logistic(b + w · pressure + w · fugitives − w · rights · salience − w · solidarity · voice)
    consent:  `persons_swapped` of the held are returned (all, where fewer are held), and nobody is left to swap
    refusal:  with `share_anyway` the requester hands over nonetheless, and goodwill gains gain · (1 − goodwill)

Fugitives are found at rate · (b + contacts) · (1 − fugitives) and grow old at a rate; goodwill fades at a rate.

Mechanism 53. Evidence: E0945, E0946, E0947, E0948, E0949 (contested). One offer is documented, four persons for one,
and it was declined. Assumed: the form and every number but those four. Known limits: fugitives are a share, not persons
with names; those swapped count as returned like any others. In replay, as long as there is a record, nobody offers but
by an order from outside.
"""

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_between
from sim.numerics.stocks import moved
from sim.rules.persons import error_of, take, within_reach
from sim.world.cooperation import HAND_OVER, HELD, SWAP_CONSENT, SWAP_OFFER
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "cooperation/swaps"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.rights",
    "states.voice",
    "states.informers",
    "origins.breadth",
    "origins.salience",
    "origins.contacts",
    "origins.returned",
    "origins.wrong",
    "nodes.state",
    "nodes.governed",
    "nodes.persons",
    "channels.id",
    "channels.state",
    "channels.origin",
    "channels.solidarity",
    "channels.pressure",
    "channels.goodwill",
    "channels.denied",
    "channels.fugitives",
    "channels.swap_order",
    "channels.returned",
    "channels.cum_returned",
    "channels.cum_swaps",
)
WRITES = (
    "origins.returned",
    "origins.wrong",
    "nodes.persons",
    "channels.goodwill",
    "channels.fugitives",
    "channels.returned",
    "channels.cum_returned",
    "channels.cum_swaps",
)
DRAWS = ("cooperation/swaps/offers", "cooperation/swaps/consents", "cooperation/swaps/gestures")
_OFFERS = stream(DRAWS[0])
_CONSENTS = stream(DRAWS[1])
_GESTURES = stream(DRAWS[2])
NONE, SWAPPED, REFUSED, GESTURE = range(4)


@compiled
def consent_to(pressure, fugitives, rights, salience, solidarity, voice, params):
    """Return the probability that a state consents to a swap, all determinants 0-1."""
    weights = params.swaps
    gain = weights.weight_pressure * pressure + weights.weight_fugitives * fugitives
    cost = weights.weight_rights * rights * salience + weights.weight_solidarity * solidarity * voice
    return logistic(weights.base_accept + gain - cost)


@compiled
def consent_in(world, c, params):
    """Return the probability that the state of channel c consents to a swap."""
    channel = world.channels[c]
    state = world.states[channel.state]
    salience = world.origins[channel.origin].salience
    return consent_to(
        channel.pressure, channel.fugitives, state.rights, salience, channel.solidarity, state.voice, params
    )


@compiled
def next_fugitives(fugitives, contacts, params):
    """Return how many (0-1) whom the state wants the other side holds, after a quarter without a hand-over."""
    return moved(fugitives, params.swaps.rate_fugitives * (params.swaps.base_hunt + contacts), params.swaps.rate_age)


@compiled
def is_offered(world, channel, params, dice, ledger):
    """Return whether a swap is offered this quarter, by chance or by order; never where nobody is held."""
    rate = params.swaps.rate_offer * channel.denied * channel.fugitives if is_open(world.clock) else 0.0
    if channel.swap_order == 0.0 and rate <= 0.0:
        return False
    if within_reach(world, channel.state, channel.origin, HELD) <= 0.0:
        return False
    if channel.swap_order > 0.0:
        return True
    u = uniform(moment(dice, world.clock.quarter, _OFFERS), channel.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return False
    note_between(ledger, channel.state, channel.origin, SWAP_OFFER, NOBODY, probability(rate), u)
    return True


@compiled
def outcome_of(world, c, params, dice, ledger):
    """Return what comes of channel c this quarter: no offer, a swap, a refusal, or a hand-over after a refusal."""
    channel = world.channels[c]
    if not is_offered(world, channel, params, dice, ledger):
        return NONE
    quarter = world.clock.quarter
    p = consent_in(world, c, params)
    u = uniform(moment(dice, quarter, _CONSENTS), channel.id, NO_ID, NO_ID)
    note_between(ledger, channel.state, channel.origin, SWAP_CONSENT, NOBODY, p, u)
    if u < p:
        return SWAPPED
    p = params.swaps.share_anyway
    u = uniform(moment(dice, quarter, _GESTURES), channel.id, NO_ID, NO_ID)
    note_between(ledger, channel.state, channel.origin, HAND_OVER, NOBODY, p, u)
    return GESTURE if u < p else REFUSED


@compiled
def apply(world, params, dice, ledger):
    """Let swaps be offered and answered, and fugitives and goodwill move on; no two channels share persons."""
    for c in range(world.channels.shape[0]):
        channel = world.channels[c]
        outcome = outcome_of(world, c, params, dice, ledger)
        if outcome != NONE:
            channel.cum_swaps += 1.0
        if outcome == SWAPPED:
            held = within_reach(world, channel.state, channel.origin, HELD)
            number = take(world, channel.state, channel.origin, HELD, min(1.0, params.swaps.persons_swapped / held))
            channel.returned += number
            channel.cum_returned[HELD] += number
            origin = world.origins[channel.origin]
            origin.returned += number
            origin.wrong += number * error_of(origin.breadth, world.states[channel.state].informers, params)
        gain = params.swaps.gain_goodwill if outcome == GESTURE else 0.0
        channel.goodwill = moved(channel.goodwill, gain, params.swaps.rate_fade)
        is_over = outcome == SWAPPED or outcome == GESTURE
        contacts = world.origins[channel.origin].contacts
        channel.fugitives = 0.0 if is_over else next_fugitives(channel.fugitives, contacts, params)
