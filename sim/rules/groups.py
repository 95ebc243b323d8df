"""Armed groups, as several rules look at them: who is there, how strong, whose client, how near, of what kin."""

from sim.numerics.compiled import compiled
from sim.rules.persons import saturating
from sim.world.fields import NOBODY


@compiled
def is_active(group, quarter):
    """Return whether a group is there in a quarter."""
    return group.enters <= quarter


@compiled
def members(group):
    """Return the members of a group, persons."""
    return group.hard + group.other


@compiled
def strength_of(group, half_strength, weight_disarray):
    """Return the strength of a group (0-1): one half at `half_strength` members, less by disarray."""
    return saturating(group.hard + group.other, half_strength) * (1.0 - weight_disarray * group.disarray)


@compiled
def dependence_of(supply, income, persons):
    """Return supply over supply and own income (0-1), all in incomes of a member; 0 where there is neither."""
    total = supply + income * persons
    return supply / total if total > 0.0 else 0.0


@compiled
def patron_of(world, g):
    """Return the row of patrons that group g answers to: its protector, else its sponsor, else its pledge, or nobody.

    The rows of groups as patrons come first, in their order; those of sponsoring states follow.
    """
    group = world.groups[g]
    if group.protector != NOBODY:
        return group.protector
    if group.sponsor != NOBODY:
        for p in range(world.groups.shape[0], world.patrons.shape[0]):
            if world.patrons[p].state == group.sponsor:
                return p
    return group.pledge


@compiled
def is_near(world, g, h):
    """Return whether groups g and h are in one theatre or, in none, in one state."""
    if world.groups[g].theatre != NOBODY:
        return world.groups[g].theatre == world.groups[h].theatre
    return world.groups[h].theatre == NOBODY and world.groups[g].state == world.groups[h].state


@compiled
def reach_of(world, g, p, share_afar):
    """Return how far patron p reaches group g: 1 near it (a sponsoring state always is), `share_afar` elsewhere."""
    h = world.patrons[p].group
    return 1.0 if h == NOBODY or is_near(world, g, h) else share_afar


@compiled
def hold_on(world, g, share_afar):
    """Return effort × reach × dependence (0-1) with which group g is held back.

    A hub holds itself back too: its own effort counts in full, where that is more.
    """
    group = world.groups[g]
    own = world.patrons[g].effort if group.is_hub == 1 else 0.0
    p = patron_of(world, g)
    if p == NOBODY:
        return own
    return max(own, world.patrons[p].effort * reach_of(world, g, p, share_afar) * group.dependence)


@compiled
def kin(world, g, h):
    """Return how much of their people groups g and h draw from the same areas, 0-1."""
    total = 0.0
    for a in range(world.pools.shape[0]):
        total += min(world.groups[g].pool[a], world.groups[h].pool[a])
    return total


@compiled
def is_linked(world, g, h):
    """Return whether g and h are one, one protects the other, or both have one protector."""
    first = world.groups[g].protector
    second = world.groups[h].protector
    return g == h or first == h or second == g or (first != NOBODY and first == second)


@compiled
def withdraw_support(world, holder, backer, share):
    """Let a state withdraw a share (0-1) of its support of a holder, whose custodies are then left alone as far."""
    for theatre in world.theatres:
        if theatre.backer[holder] == backer:
            theatre.kept[holder] *= 1.0 - share
    for custody in world.custodies:
        if custody.custodian == holder:
            custody.abandoned = max(custody.abandoned, share)


@compiled
def set_orientation(group):
    """Write a group's orientation: the mean over its members; it stays where there are none."""
    total = group.hard + group.other
    if total > 0.0:
        group.orientation = (group.hard * group.leaning_hard + group.other * group.leaning_other) / total
