"""Doctrine.

Summary of rule: a state accepts the terms of another that asks for persons less where its own law is narrow and
attention to policy at home is high; returns bring protest abroad and criticism of the state that returned.

    attention       = returned / (returned + half_returned)       of a channel, last quarter's returns
    Δprotest        = weight_protest · a · s · (1 − protest) − rate_calm · protest
    Δbacklash       = rate_backlash · attention · (b + (1 − b) · salience) · (1 − backlash) − rate_forget · backlash
    Δsalience       = (rate_notice · repression + rate_protest · protest) · (1 − salience) − rate_fade · salience
    goal            = (usual + w_agreement · agreement · (1 − usual))
                      · (1 − w_breadth · breadth · rights) · (1 − w_salience · salience · rights)
    Δacceptance     = rate_acceptance · (goal − acceptance)

with a the largest attention over all channels and s the largest solidarity · voice, since people protest where there
are sympathisers, wherever the return took place; b = base_notice; `agreement` 1 where an agreement on the three evils
stands. Salience set from outside is the least that there is. All follows from what the rule finds.

Mechanisms 40 and 41. Evidence: E0832-E0835, E0875, E0921, E0922, E0943, E0959, E0972-E0974, E0983, E0984, E1008,
E1009. Assumed: all rates and weights. Known limits: the terms are of one kind, more or less broad; the agreement of
one state persuades no other; usual acceptance is that before breadth and attention are felt.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved, towards
from sim.rules.persons import saturating
from sim.world.cooperation import THREE_EVILS

NAME = "cooperation/doctrine"
READS = (
    "states.rights",
    "states.voice",
    "origins.breadth",
    "origins.repression",
    "origins.salience_declared",
    "origins.salience",
    "origins.protest",
    "channels.state",
    "channels.origin",
    "channels.acceptance_base",
    "channels.acceptance",
    "channels.solidarity",
    "channels.backlash",
    "channels.standing",
    "channels.returned",
)
WRITES = ("origins.salience", "origins.protest", "channels.acceptance", "channels.backlash")
DRAWS = ()


@compiled
def next_protest(protest, attention, sympathy, params):
    """Return protest (0-1) after a quarter with this attention to returns and this voice of sympathisers (0-1)."""
    return moved(protest, params.doctrine.weight_protest * attention * sympathy, params.doctrine.rate_calm)


@compiled
def next_backlash(backlash, attention, salience, params):
    """Return criticism of a state (0-1) after a quarter in which its returns drew this attention (0-1)."""
    p = params.doctrine
    notice = p.base_notice + (1.0 - p.base_notice) * salience
    return moved(backlash, p.rate_backlash * attention * notice, p.rate_forget)


@compiled
def next_salience(salience, declared, repression, protest, params):
    """Return attention abroad to policy at home (0-1) after a quarter; `declared` is the least that there is."""
    gain = params.doctrine.rate_notice * repression + params.doctrine.rate_protest * protest
    return max(declared, moved(salience, gain, params.doctrine.rate_fade))


@compiled
def acceptance_goal(usual, agreement, breadth, salience, rights, params):
    """Return how far a state comes to accept the terms in the end, 0-1; all arguments are shares (0-1)."""
    p = params.doctrine
    agreed = usual + p.weight_agreement * agreement * (1.0 - usual)
    return agreed * (1.0 - p.weight_breadth * breadth * rights) * (1.0 - p.weight_salience * salience * rights)


@compiled
def move_channel(world, c, params):
    """Move the acceptance and the backlash of one channel on by one quarter."""
    channel = world.channels[c]
    origin = world.origins[channel.origin]
    rights = world.states[channel.state].rights
    attention = saturating(channel.returned, params.doctrine.half_returned)
    agreement = channel.standing[THREE_EVILS]
    goal = acceptance_goal(channel.acceptance_base, agreement, origin.breadth, origin.salience, rights, params)
    channel.acceptance = towards(channel.acceptance, goal, params.doctrine.rate_acceptance)
    channel.backlash = next_backlash(channel.backlash, attention, origin.salience, params)


@compiled
def move_origin(world, o, params):
    """Move salience and protest of one origin on by one quarter."""
    attention = 0.0
    sympathy = 0.0
    for channel in world.channels:
        if channel.origin == o:
            attention = max(attention, saturating(channel.returned, params.doctrine.half_returned))
            sympathy = max(sympathy, channel.solidarity * world.states[channel.state].voice)
    origin = world.origins[o]
    protest = origin.protest
    origin.salience = next_salience(origin.salience, origin.salience_declared, origin.repression, protest, params)
    origin.protest = next_protest(protest, attention, sympathy, params)


@compiled
def apply(world, params, dice, ledger):
    """Move acceptance and backlash of all channels on, by the salience found; then salience and protest."""
    for c in range(world.channels.shape[0]):
        move_channel(world, c, params)
    for o in range(world.origins.shape[0]):
        move_origin(world, o, params)
