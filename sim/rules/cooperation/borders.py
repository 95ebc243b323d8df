"""Borders.

Summary of rule: a border hardens where people were seen, as far as those who guard it wish to help, faster where
they guard it jointly with the state that asks, and softens again when nothing is seen.

    gain     = willing · (rate_harden · saturating(seen, half_seen) + rate_joint · joint)
    Δcontrol = gain · (1 − control) − rate_relax · (control − control as it began)

willing is 1 for a state that asks for persons, else how far the owner accepts its terms. joint is 1 where the owner and
a state that asks are members of a body that shares security by then, or have an agreement on the three evils that
stands; where the owner is itself the one that asks, the state on the other side of its border has to be such a one.
In replay controls are those on record. Equipment helps through detection: what is not seen
hardens nothing.

Mechanisms 38 (the hardening; the routes do the displacing) and 128 (one owner's closure does not bind the next).
Evidence: E0929 (work in the common body, cameras and patrols hardened borders), E0921, E0930, E0931, E0826, E0932.
Assumed: all rates; that nobody hardens a border for another owner.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped
from sim.rules.persons import saturating
from sim.world.cooperation import THREE_EVILS
from sim.world.fields import NOBODY
from sim.world.standing import is_open, share_security

NAME = "cooperation/borders"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "origins.state",
    "nodes.state",
    "legs.start",
    "legs.end",
    "legs.owner",
    "legs.control_base",
    "legs.control_declared",
    "legs.control",
    "legs.seen",
    "channels.state",
    "channels.origin",
    "channels.acceptance",
    "channels.standing",
    "institutions.joins",
    "institutions.leaves",
    "institutions.security_from",
)
WRITES = ("legs.control",)
DRAWS = ()


@compiled
def next_control(leg, willing, joint, params):
    """Return control of a leg (0-1) after a quarter; willing 0-1, joint 0 or 1."""
    gain = (
        params.borders.rate_harden * saturating(leg.seen, params.borders.half_seen) + params.borders.rate_joint * joint
    )
    hardening = gain * willing * (1.0 - leg.control)
    return clipped(leg.control + hardening - params.borders.rate_relax * (leg.control - leg.control_base))


@compiled
def note_willing(world, willing):
    """Write for every state how far it wishes to help those who ask: 1 for these themselves."""
    willing[:] = 0.0
    for channel in world.channels:
        if channel.state != NOBODY:
            willing[channel.state] = max(willing[channel.state], channel.acceptance)
    for origin in world.origins:
        if origin.state != NOBODY:
            willing[origin.state] = 1.0


@compiled
def note_joint(world, joint):
    """Write for every state and origin (states, origins) 1 where it guards borders jointly with that origin's state."""
    joint[:] = 0.0
    for channel in world.channels:
        if channel.state != NOBODY and channel.origin != NOBODY:
            asking = world.origins[channel.origin].state
            is_in_body = share_security(world.institutions, channel.state, asking, world.clock.quarter)
            if is_in_body or channel.standing[THREE_EVILS] == 1.0:
                joint[channel.state, channel.origin] = 1.0


@compiled
def guarded_with(world, leg):
    """Return the state on the other side of a border from its owner, or nobody within one state."""
    for n in (leg.start, leg.end):
        if n != NOBODY and world.nodes[n].state != leg.owner:
            return world.nodes[n].state
    return NOBODY


@compiled
def joint_at(world, leg, joint):
    """Return 1 where a border is guarded jointly: by its owner with one that asks, or by that one with the other."""
    found = 0.0
    for o in range(world.origins.shape[0]):
        guard = guarded_with(world, leg) if world.origins[o].state == leg.owner else leg.owner
        if guard != NOBODY:
            found = max(found, joint[guard, o])
    return found


@compiled
def apply(world, params, dice, ledger):
    """Move control of every border on by one quarter, or set it to what is on record."""
    if not is_open(world.clock):
        for leg in world.legs:
            leg.control = max(leg.control_base, leg.control_declared)
        return
    willing = np.empty(world.states.shape[0])
    joint = np.empty((world.states.shape[0], world.origins.shape[0]))
    note_willing(world, willing)
    note_joint(world, joint)
    for leg in world.legs:
        if leg.owner != NOBODY:
            leg.control = next_control(leg, willing[leg.owner], joint_at(world, leg, joint), params)
        leg.control = max(leg.control, leg.control_declared)
