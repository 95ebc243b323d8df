"""What a scenario or the record does to origins, nodes, borders and channels: the part of scenario acts for these."""

from sim.numerics.compiled import compiled
from sim.numerics.ledger import note_act
from sim.world.fields import NOBODY
from sim.world.injects import CODES

_SALIENCE, _REPRESSION, _PULL, _HUNT = (CODES[name] for name in ("salience", "repression", "pull", "hunt"))
_DEPLOY_LAW, _TREATY, _ANSWER = (CODES[name] for name in ("deploy_law", "treaty", "answer"))
_BORDER, _ACCUSATION = (CODES[name] for name in ("border", "accusation"))


@compiled
def is_of_cooperation(kind):
    """Return whether an inject of this kind concerns law-enforcement cooperation."""
    return _SALIENCE <= kind <= _ACCUSATION


@compiled
def set_controls(world, inject, level):
    """Raise the declared control of the borders with which a corridor of an origin begins; level 0 takes it away."""
    for leg in world.legs:
        if leg.corridor == inject.sector and leg.start == world.origins[inject.actor].node:
            leg.control_declared = max(leg.control_declared, level) if level > 0.0 else 0.0


@compiled
def release_cooperation(world, inject):
    """Put the level of an origin or a node that an inject sets back to none, and withdraw an answer that it ordered."""
    kind, a = inject.kind, inject.actor
    if kind == _SALIENCE:
        world.origins[a].salience_declared = 0.0
    elif kind == _REPRESSION:
        world.origins[a].repression_shift = 0.0
    elif kind == _HUNT:
        world.origins[a].hunt = 0.0
    elif kind == _DEPLOY_LAW:
        world.origins[a].deploy_law = 0.0
    elif kind == _PULL:
        world.nodes[a].pull_declared = 0.0
    elif kind == _BORDER:
        set_controls(world, inject, 0.0)
    elif kind == _ANSWER or kind == _ACCUSATION:
        for channel in world.channels:
            if channel.state == a and channel.origin == inject.target:
                channel.answer_order = NOBODY
                channel.answer_size = 0.0
                channel.accusation_order = 0.0


@compiled
def hold_cooperation(world, inject):
    """Put in force an inject that holds a level for an origin or a node."""
    kind, a, x = inject.kind, inject.actor, inject.strength
    if kind == _SALIENCE:
        world.origins[a].salience_declared = max(world.origins[a].salience_declared, x)
    elif kind == _REPRESSION:
        world.origins[a].repression_shift = max(-1.0, min(1.0, world.origins[a].repression_shift + x))
    elif kind == _HUNT:
        world.origins[a].hunt = max(world.origins[a].hunt, x)
    elif kind == _DEPLOY_LAW:
        world.origins[a].deploy_law = max(world.origins[a].deploy_law, x)
    elif kind == _PULL:
        world.nodes[a].pull_declared = max(world.nodes[a].pull_declared, x)
    elif kind == _BORDER:
        set_controls(world, inject, x)


@compiled
def give_channel_order(world, inject, quarter):
    """Sign and ratify the instrument that an inject names, or hand the answer to the channel; nobody asks itself."""
    for channel in world.channels:
        if channel.state == inject.actor and channel.origin == inject.target:
            if inject.kind == _TREATY:
                channel.signed[inject.sector] = min(channel.signed[inject.sector], quarter)
                channel.in_force[inject.sector] = min(channel.in_force[inject.sector], quarter)
            elif inject.kind == _ANSWER:
                channel.answer_order = inject.sector
                channel.answer_size = 1000.0 * inject.strength
            elif inject.kind == _ACCUSATION:
                channel.accusation_order = 1.0


@compiled
def note_cooperation(world, inject, ledger):
    """Write the line of an inject that begins."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    if kind == _TREATY or kind == _ANSWER or kind == _ACCUSATION:
        note_act(ledger, a, NOBODY, NOBODY, NOBODY, NOBODY, b, kind, x)
    elif kind == _PULL:
        note_act(ledger, world.nodes[a].state, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    else:
        note_act(ledger, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, a, kind, x)
