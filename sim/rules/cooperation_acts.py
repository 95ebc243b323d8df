"""What a scenario or the record does to origins, nodes, borders and channels: the part of scenario acts for these."""

from sim.numerics.compiled import compiled
from sim.numerics.ledger import note_act
from sim.world.fields import NOBODY
from sim.world.injects import CODES

_SALIENCE, _REPRESSION, _PULL, _HUNT = (CODES[name] for name in ("salience", "repression", "pull", "hunt"))
_DEPLOY_LAW, _TREATY, _ANSWER = (CODES[name] for name in ("deploy_law", "treaty", "answer"))
_BORDER, _ACCUSATION = (CODES[name] for name in ("border", "accusation"))
_NEGOTIATE, _SIGN, _BREAK_OFF, _REQUEST = (CODES[name] for name in ("negotiate", "sign", "break_off", "request"))
_SWAP, _PAPERS, _GUARD = (CODES[name] for name in ("swap", "papers", "guard"))


@compiled
def is_of_cooperation(kind):
    """Return whether an inject of this kind concerns law-enforcement cooperation."""
    return _SALIENCE <= kind <= _ACCUSATION or _NEGOTIATE <= kind <= _GUARD


@compiled
def set_controls(world, inject, level):
    """Raise the declared control of the borders with which a corridor of an origin begins; level 0 takes it away."""
    for leg in world.legs:
        if leg.corridor == inject.sector and leg.start == world.origins[inject.actor].node:
            leg.control_declared = max(leg.control_declared, level) if level > 0.0 else 0.0


@compiled
def set_guard(world, s, level):
    """Raise the declared control of the borders that state s guards; level 0 takes it away."""
    for leg in world.legs:
        if leg.owner == s and leg.is_border == 1:
            leg.control_declared = max(leg.control_declared, level) if level > 0.0 else 0.0


@compiled
def channel_of(world, inject):
    """Return the channel between the state and the origin that an inject names, or nobody."""
    for c in range(world.channels.shape[0]):
        if world.channels[c].state == inject.actor and world.channels[c].origin == inject.target:
            return c
    return NOBODY


@compiled
def release_channel(world, inject):
    """Take back what an inject set or ordered on the channel that it names."""
    c = channel_of(world, inject)
    if c == NOBODY:
        return
    channel, kind = world.channels[c], inject.kind
    if kind == _ANSWER:
        channel.answer_order = NOBODY
        channel.answer_size = 0.0
    elif kind == _ACCUSATION:
        channel.accusation_order = 0.0
    elif kind == _BREAK_OFF:
        channel.suspension_declared = 0.0
    elif kind == _REQUEST:
        channel.request_order = 0.0
    elif kind == _SWAP:
        channel.swap_order = 0.0
    elif kind == _PAPERS:
        channel.papers_declared = 0.0


@compiled
def release_cooperation(world, inject):
    """Put the level that an inject sets back to none, and withdraw what it ordered for a quarter."""
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
    elif kind == _GUARD:
        set_guard(world, a, 0.0)
    else:
        release_channel(world, inject)


@compiled
def hold_cooperation(world, inject):
    """Put in force an inject that holds a level for an origin, a node, a state's borders or a channel."""
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
    elif kind == _GUARD:
        set_guard(world, a, x)
    elif kind == _BREAK_OFF or kind == _PAPERS:
        c = channel_of(world, inject)
        if c != NOBODY and kind == _BREAK_OFF:
            world.channels[c].suspension_declared = max(world.channels[c].suspension_declared, x)
        elif c != NOBODY:
            world.channels[c].papers_declared = max(world.channels[c].papers_declared, x)


@compiled
def give_channel_order(world, inject, quarter):
    """Open talks, sign or ratify as an inject says, or hand its order to the channel; nobody asks itself."""
    c = channel_of(world, inject)
    if c == NOBODY:
        return
    channel, kind, k = world.channels[c], inject.kind, inject.sector
    if kind == _NEGOTIATE:
        channel.talks[k] = min(channel.talks[k], quarter)
    elif kind == _TREATY or kind == _SIGN:
        channel.signed[k] = min(channel.signed[k], quarter)
        if kind == _TREATY:
            channel.in_force[k] = min(channel.in_force[k], quarter)
    elif kind == _ANSWER:
        channel.answer_order = k
        channel.answer_size = 1000.0 * inject.strength
    elif kind == _ACCUSATION:
        channel.accusation_order = 1.0
    elif kind == _REQUEST:
        channel.request_order = 1.0
    elif kind == _SWAP:
        channel.swap_order = 1.0


@compiled
def note_cooperation(world, inject, ledger):
    """Write the line of an inject that begins."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    if kind == _GUARD:
        note_act(ledger, a, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    elif kind >= _NEGOTIATE or kind == _TREATY or kind == _ANSWER or kind == _ACCUSATION:
        note_act(ledger, a, NOBODY, NOBODY, NOBODY, NOBODY, b, kind, x)
    elif kind == _PULL:
        note_act(ledger, world.nodes[a].state, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    else:
        note_act(ledger, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, a, kind, x)
