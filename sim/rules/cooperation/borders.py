"""Borders.

Summary of rule: a border hardens where people were seen, as far as those who guard it wish to help, faster where
they guard it jointly with the state that asks, and softens again when nothing is seen.

    gain     = willing · (rate_harden · saturating(seen, half_seen) + rate_joint · joint)
    Δcontrol = gain · (1 − control) − rate_relax · (control − control as it began)

willing is 1 for a state that asks for persons, else how far the owner accepts its terms. joint is 1 where the owner and
a state that asks are members of a body that shares security by then, or have an agreement on the three evils that
stands; where the owner is itself the one that asks, the state on the other side of its border has to be such a one.
Equipment helps through detection: what is not seen
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
from sim.world.standing import is_member

NAME = "cooperation/borders"
READS = (
    "clock.quarter",
    "origins.state",
    "nodes.state",
    "legs.start",
    "legs.end",
    "legs.owner",
    "legs.control_base",
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
def have_common_body(world, s, other):
    """Return whether both states belong, by now, to a body whose members share data on security."""
    quarter = world.clock.quarter
    for institution in world.institutions:
        is_at_work = institution.security_from <= quarter
        if is_at_work and is_member(institution, s, quarter) and is_member(institution, other, quarter):
            return True
    return False


@compiled
def note_joint(world, joint):
    """Write for every state 1 where it guards borders jointly with one that asks, by a body or an agreement; else 0."""
    joint[:] = 0.0
    for channel in world.channels:
        if channel.state != NOBODY and channel.origin != NOBODY:
            asking = world.origins[channel.origin].state
            if channel.standing[THREE_EVILS] == 1.0 or have_common_body(world, channel.state, asking):
                joint[channel.state] = 1.0


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
    for origin in world.origins:
        if origin.state == leg.owner:
            other = guarded_with(world, leg)
            return joint[other] if other != NOBODY else 0.0
    return joint[leg.owner]


@compiled
def apply(world, params, dice, ledger):
    """Move control of every border on by one quarter."""
    of_states = np.empty((2, world.states.shape[0]))
    willing, joint = of_states[0], of_states[1]
    note_willing(world, willing)
    note_joint(world, joint)
    for leg in world.legs:
        if leg.owner != NOBODY:
            leg.control = next_control(leg, willing[leg.owner], joint_at(world, leg, joint), params)
