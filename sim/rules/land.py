"""Land in theatres, as rules and scenarios look at it and take it; those who lose it lose people with it.

A holder is a group, or a state whose number follows those of all groups. Shares of a theatre's land add up to 1 at
most; the rest is nobody's. A client holds no land of its own: it lives on its protector's, fights for it, and loses
people with it.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped
from sim.rules.followings import FALLEN, disperse, leave, seize, to_pool
from sim.rules.groups import is_active, is_linked, members
from sim.world.fields import NOBODY

LAST_LAND = 0.05
"""A group that sinks below this share of a theatre's land has lost its last stronghold there."""


@compiled
def is_there(world, g, t):
    """Return whether group g is active and in theatre t."""
    return world.groups[g].theatre == t and is_active(world.groups[g], world.clock.quarter)


@compiled
def head_of(world, g):
    """Return the group on whose land group g lives: its protector in the same theatre, the protector's own, or g."""
    head = g
    for _ in range(world.groups.shape[0]):
        above = world.groups[head].protector
        if above == NOBODY or world.groups[above].theatre != world.groups[g].theatre:
            return head
        head = above
    return head


@compiled
def share_of_clients(world, t):
    """Return the share (0-1) of a theatre's fighters who live on the land of a group that protects them."""
    clients = 0.0
    total = 0.0
    for g in range(world.groups.shape[0]):
        if is_there(world, g, t):
            number = members(world.groups[g])
            total += number
            head = head_of(world, g)
            if head != g and world.theatres[t].control[head] > 0.0:
                clients += number
    return clients / total if total > 0.0 else 0.0


@compiled
def free_land(theatre):
    """Return the share of a theatre's land that is nobody's, 0-1."""
    total = 0.0
    for i in range(theatre.control.shape[0]):
        total += theatre.control[i]
    return clipped(1.0 - total)


@compiled
def are_allied(world, i, j):
    """Return whether holders i and j leave one another's land alone: both are states, or groups that are linked."""
    n = world.groups.shape[0]
    if i < n and j < n:
        return is_linked(world, i, j)
    return i >= n and j >= n


@compiled
def lose_people(world, g, share, taker, params):
    """Take a share (0-1) of its members from group g: some fall, some are seized by the taker, the rest disperse."""
    group = world.groups[g]
    hard, other = share * group.hard, share * group.other
    if hard + other <= 0.0:
        return
    leave(group, hard, other)
    dead = clipped(params.territory.share_dead)
    to_pool(world, g, dead * (hard + other), FALLEN)
    held = min(params.territory.share_held, 1.0 - dead)
    if not (held > 0.0 and seize(world, taker, g, held * hard, held * other)):
        held = 0.0
    rest = 1.0 - dead - held
    disperse(world, g, rest * hard, rest * other, params)


@compiled
def is_held_by_group(theatre, n_groups):
    """Return whether any group holds more than a last bit of the theatre's land."""
    most = 0.0
    for g in range(n_groups):
        most = max(most, theatre.control[g])
    return most >= LAST_LAND


@compiled
def take(world, t, taker, loser, amount, params):
    """Shift land (0-1) of theatre t from one holder, or from nobody, to another; return how much was there to take."""
    theatre = world.theatres[t]
    n = world.groups.shape[0]
    held = free_land(theatre) if loser == NOBODY else theatre.control[loser]
    taken = min(amount, held)
    if taken <= 0.0 or taker == loser:
        return 0.0
    theatre.control[taker] = clipped(theatre.control[taker] + taken)
    if taker == n + theatre.state:
        theatre.regained = clipped(theatre.regained + taken)
    if loser == NOBODY:
        return taken
    theatre.control[loser] = max(0.0, held - taken)
    theatre.cum_displaced += params.territory.weight_displaced * taken
    if loser < n:
        if held >= LAST_LAND and not is_held_by_group(theatre, n):
            theatre.fell = 1.0
        share = clipped(params.territory.weight_loss * taken / held)
        for g in range(n):
            if is_there(world, g, t) and g != taker and head_of(world, g) == loser:
                weight = 1.0 if g == loser else params.territory.weight_client
                lose_people(world, g, clipped(weight * share), taker, params)
    return taken


@compiled
def largest_foe(world, t, taker):
    """Return the holder with most land of theatre t among those not allied with the taker, or nobody."""
    found = NOBODY
    most = 0.0
    for j in range(world.theatres[t].control.shape[0]):
        if world.theatres[t].control[j] > most and j != taker and not are_allied(world, taker, j):
            most = world.theatres[t].control[j]
            found = j
    return found


@compiled
def take_share(world, t, taker, loser, amount, params):
    """Let a holder take a share of theatre t: from the one named, if any, then nobody's, then from the largest foes."""
    left = amount
    if loser != NOBODY:
        left -= take(world, t, taker, loser, left, params)
    left -= take(world, t, taker, NOBODY, left, params)
    for _ in range(world.theatres[t].control.shape[0]):
        foe = largest_foe(world, t, taker)
        if left <= 0.0 or foe == NOBODY:
            return
        left -= take(world, t, taker, foe, left, params)
