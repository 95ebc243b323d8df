"""Persons abroad, as several rules count and move them: by node, origin and legal status. Nobody is made or lost."""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped
from sim.world.cooperation import HELD, IRREGULAR, PAPERS
from sim.world.fields import NOBODY


@compiled
def saturating(x, half):
    """Return x / (x + half): 0 at nothing (x <= 0), one half at `half`, 1 far above it."""
    return x / (x + half) if x > 0.0 else 0.0


@compiled
def within_reach(world, s, o, status):
    """Return the persons of origin o with this legal status in state s, as far as it governs where they are."""
    total = 0.0
    for node in world.nodes:
        if node.state == s:
            total += node.governed * node.persons[o, status]
    return total


@compiled
def share_seen(world, channel, params):
    """Return the share (0-1) of the free in the channel's state of whom the state that asks knows.

    The services there see some of them; where that state reads data through what its firms supplied, it sees more.
    """
    detection = world.states[channel.state].detection
    access = world.dyads[channel.dyad].access if channel.dyad != NOBODY else 0.0
    return clipped(detection + params.requests.weight_access * access)


@compiled
def wanted(world, channel, params):
    """Return the persons in the channel's state of whom the state that asks knows: held or seen, within reach."""
    s, o = channel.state, channel.origin
    free = within_reach(world, s, o, IRREGULAR) + within_reach(world, s, o, PAPERS)
    return within_reach(world, s, o, HELD) + share_seen(world, channel, params) * free


@compiled
def take(world, s, o, status, share):
    """Remove a share (0-1) of the persons of origin o with this status within the reach of state s; return how many."""
    total = 0.0
    for node in world.nodes:
        if node.state == s:
            taken = share * node.governed * node.persons[o, status]
            node.persons[o, status] -= taken
            total += taken
    return total


@compiled
def put(world, n, o, status, number):
    """Add persons of origin o with this status to node n."""
    world.nodes[n].persons[o, status] += number


@compiled
def error_of(breadth, informers, params):
    """Return the share (0-1) of those handed over who are wrongly suspected; of the group `requests`."""
    weights = params.requests
    return clipped(weights.base_error + weights.weight_breadth * breadth + weights.weight_informers * informers)
