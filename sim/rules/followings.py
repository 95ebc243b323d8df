"""Members of armed groups on the move: between groups, areas and custody. Nobody is made or lost.

Only people move: what a group leans to follows from who is in it. Dispersal is in expected numbers and draws nothing:
those who leave a theatre choose by logit among the groups of other theatres, home, and hiding.
"""

import math

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved
from sim.rules.groups import is_active, kin, set_orientation
from sim.world.fields import NOBODY

LEFT, GONE, FALLEN, RETURNED = range(4)
ALIKE = 1e-9
"""Groups whose closeness (0-1) differs by less are as close."""


@compiled
def mixed(lean, number, lean_new, number_new):
    """Return the mean leaning (0-1) of two numbers of persons; `lean` where there is nobody."""
    total = number + number_new
    return (lean * number + lean_new * number_new) / total if total > 0.0 else lean


@compiled
def join(group, hard, other, leaning_hard, leaning_other):
    """Add persons of these leanings to a group."""
    group.leaning_hard = mixed(group.leaning_hard, group.hard, leaning_hard, hard)
    group.leaning_other = mixed(group.leaning_other, group.other, leaning_other, other)
    group.hard += hard
    group.other += other
    set_orientation(group)


@compiled
def leave(group, hard, other):
    """Take persons out of a group, at most those who are there."""
    group.hard = max(0.0, group.hard - hard)
    group.other = max(0.0, group.other - other)
    set_orientation(group)


@compiled
def to_pool(world, g, persons, place):
    """Add persons of group g to the areas that its people come from, at LEFT, GONE, FALLEN or RETURNED."""
    for a in range(world.pools.shape[0]):
        pool = world.pools[a]
        number = world.groups[g].pool[a] * persons
        if place == LEFT:
            pool.left += number
        elif place == GONE:
            pool.gone += number
        elif place == FALLEN:
            pool.fallen += number
        else:
            pool.returned += number
    if place == FALLEN:
        world.groups[g].cum_fallen += persons


@compiled
def defect(world, g, h, hard, other):
    """Move persons from group g to group h."""
    group = world.groups[g]
    hard = min(hard, group.hard)
    other = min(other, group.other)
    leave(group, hard, other)
    join(world.groups[h], hard, other, group.leaning_hard, group.leaning_other)
    group.cum_defected += hard + other


@compiled
def custody_of(world, holder, g):
    """Return the row in which a holder keeps people of group g, or nobody: its row for them, else for anybody."""
    found = NOBODY
    for c in range(world.custodies.shape[0]):
        if world.custodies[c].custodian == holder:
            if world.custodies[c].of == g:
                return c
            if world.custodies[c].of == NOBODY:
                found = c
    return found


@compiled
def seize(world, holder, g, hard, other):
    """Put persons who have left group g into a holder's custody; return False where it has none."""
    c = custody_of(world, holder, g)
    if c == NOBODY:
        return False
    world.custodies[c].hard += hard
    world.custodies[c].other += other
    return True


@compiled
def nearest_kin(world, g, t):
    """Return the active group of theatre t closest to group g, or nobody, and how close: kin, and a like line, 0-1.

    Of several that are as close, the one that may grow largest.
    """
    best = NOBODY
    most = -1.0
    for h in range(world.groups.shape[0]):
        if h != g and world.groups[h].theatre == t and is_active(world.groups[h], world.clock.quarter):
            shared = kin(world, g, h) * (1.0 - abs(world.groups[g].line - world.groups[h].line))
            is_larger = best != NOBODY and world.groups[h].size_high > world.groups[best].size_high
            if shared > most + ALIKE or (is_larger and shared > most - ALIKE):
                most = shared
                best = h
    return best, max(0.0, most)


@compiled
def barrier(world, g):
    """Return the mean control (0-1) of the ways out of the state that those who leave g's theatre have to cross."""
    t = world.groups[g].theatre
    if t == NOBODY or world.theatres[t].transit == NOBODY:
        return 0.0
    total = 0.0
    count = 0
    for leg in world.legs:
        if leg.owner == world.theatres[t].transit:
            total += leg.control
            count += 1
    return total / count if count > 0 else 0.0


@compiled
def go_home(world, g, persons):
    """Send persons who have left group g home; the states that it aims at see them come back."""
    to_pool(world, g, persons, RETURNED)
    for s in range(world.states.shape[0]):
        if world.groups[g].aim[s] > 0.0:
            world.states[s].returnees += world.groups[g].aim[s] * persons


@compiled
def pull_of(war, shared, p):
    """Return the log-odds of going on to a theatre with this war and kin (0-1) rather than hiding; p: `territory`."""
    return p.const_abroad + p.weight_war * war + p.weight_kin * shared


@compiled
def disperse(world, g, hard, other, params):
    """Spread persons who have left group g: to groups of other theatres at war, home, or into hiding."""
    if hard + other <= 0.0:
        return
    p = params.territory
    closed = p.weight_closed * barrier(world, g)
    group = world.groups[g]
    home = math.exp(p.const_home - closed)
    total = 1.0 + home
    for t in range(world.theatres.shape[0]):
        if t != group.theatre and world.theatres[t].war > 0.0:
            h, shared = nearest_kin(world, g, t)
            if h != NOBODY:
                total += math.exp(pull_of(world.theatres[t].war, shared, p) - closed)
    for t in range(world.theatres.shape[0]):
        if t != group.theatre and world.theatres[t].war > 0.0:
            h, shared = nearest_kin(world, g, t)
            if h != NOBODY:
                share = math.exp(pull_of(world.theatres[t].war, shared, p) - closed) / total
                join(world.groups[h], share * hard, share * other, group.leaning_hard, group.leaning_other)
    go_home(world, g, (hard + other) * home / total)
    to_pool(world, g, (hard + other) / total, GONE)


@compiled
def release(world, c, share, params):
    """Let a share of those in a custody get out: half back to their group, the rest dispersed, all of a hub's."""
    custody = world.custodies[c]
    hard = share * custody.hard
    other = share * custody.other
    custody.hard -= hard
    custody.other -= other
    custody.cum_escaped += hard + other + share * custody.relatives
    custody.relatives -= share * custody.relatives
    if custody.of != NOBODY:
        group = world.groups[custody.of]
        join(group, 0.5 * hard, 0.5 * other, group.leaning_hard, group.leaning_other)
        disperse(world, custody.of, 0.5 * hard, 0.5 * other, params)
    elif custody.custodian < world.groups.shape[0]:
        disperse(world, custody.custodian, hard, other, params)


@compiled
def transfer(world, c, share, params):
    """Move a share of those in a custody to another, out of the model's sight, at a cost to rights."""
    custody = world.custodies[c]
    moved_on = share * (custody.hard + custody.other)
    custody.hard -= share * custody.hard
    custody.other -= share * custody.other
    custody.cum_transferred += moved_on + share * custody.relatives
    custody.relatives -= share * custody.relatives
    custody.rights_cost = moved(custody.rights_cost, params.detention.gain_rights, 0.0)
    if custody.of != NOBODY:
        to_pool(world, custody.of, moved_on, GONE)
    elif custody.custodian < world.groups.shape[0]:
        to_pool(world, custody.custodian, moved_on, GONE)


@compiled
def take_home(world, c, share):
    """Let states take this share (0-1) of those held in custody c home; members leave the groups for good."""
    if share <= 0.0:
        return
    custody = world.custodies[c]
    g = custody.of
    if g == NOBODY and custody.custodian < world.groups.shape[0]:
        g = custody.custodian
    if g != NOBODY:
        to_pool(world, g, share * (custody.hard + custody.other), GONE)
        custody.hard -= share * custody.hard
        custody.other -= share * custody.other
    custody.relatives -= share * custody.relatives
