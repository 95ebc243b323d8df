"""Joining and leaving.

Summary of rule: groups draw members from finite areas through kin, screens and places, the more so where grievance is
high and they hold land, up to what they can hold; a few leave in peace unless they have settled; means follow.

    contact  = clip(w_kin · m/(m + half_kin) + w_online · content + w_place · embedding)
    appeal_a = clip(base + w_grievance · max(own grievance, that of the area) + w_land · own land)
    joining from a = rate_join · share of a · candidates in a · contact · appeal_a · max(0, 1 − m/ceiling) · war
    leaving for good = rate_leave · (1 − w_settled · embedding) · (1 − war) · m

    income'    = income at entry · (1 + w_crime · (1 − dependence)) + w_tax · own land + w_diaspora · grievance of areas
    dependence' = supply / (supply + income' · m')
    embedding' = moved(embedding, rate_embed · land, rate_uproot · (1 − land))       land: its protector's, or its own
    grievance' = moved(grievance, rate_grieve · (w_enemy · war · enemies + w_force · force + w_migrants · pressure
                                                 + w_home · policy at home + w_watched · watched), rate_forgive)

war is that of its theatre; outside theatres it counts as 1. enemies sums the support that states aimed at give others
in the theatre; force, use of force abroad, and watched, surveillance that rights do not restrain, sum over the same
states by aim; pressure and policy at home (repression · salience) over the areas of its people. Candidates are those
of the area who have not joined; where the area is an origin of persons abroad, at most `share_most` of those at the
node of the theatre, less the members there: they stay where they are. The ceiling lies between the estimates of a
group's size, by a draw addressed to its quarter of entry. Where areas are asked for more than they have, all get the
same part. Those who join lean as those who are there.

Mechanisms 77 (settling), 91 (force abroad), 102 (kin), 106 (policy at home), 131 (roots outlast war), 135 (crime where
nobody provides), 137 (support from abroad), 138 (old grievances), 141 (online), 142 (places). Evidence: E0731, E0358,
E0337, E0410, E1001, E0623, E0636, E0637, E0407, E0350, E0424, E0446 (contested), E0471 (contested), E0779 (contested),
E0863, E0743. Assumed: every form and number; that surveillance without rights drives people to groups; that content
which was taken down no longer counts, so that removal enters by content alone. Known limits: supply neither grows with
a group nor ends with its ties, so that dependence falls as a group grows; those who leave for good never come back.
"""

import math

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.stocks import clipped, moved
from sim.rules.followings import GONE, join, leave, to_pool
from sim.rules.groups import dependence_of, is_active, members
from sim.rules.persons import saturating
from sim.world.fields import NOBODY

NAME = "restraint/recruitment"
READS = (
    "clock.quarter",
    "states.use_of_force",
    "states.misuse",
    "origins.repression",
    "origins.salience",
    "nodes.persons",
    "groups.id",
    "groups.theatre",
    "groups.protector",
    "groups.enters",
    "groups.aim",
    "groups.pool",
    "groups.size_low",
    "groups.size_high",
    "groups.hard",
    "groups.other",
    "groups.hardliners",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.supply",
    "groups.income_base",
    "groups.dependence",
    "groups.grievance",
    "groups.embedding",
    "groups.content",
    "groups.cum_recruited",
    "theatres.node",
    "theatres.war",
    "theatres.control",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "pools.origin",
    "pools.left",
    "pools.gone",
    "pools.grievance",
    "migrants.pool",
    "migrants.pressure",
)
WRITES = (
    "groups.ceiling",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.income",
    "groups.dependence",
    "groups.grievance",
    "groups.embedding",
    "groups.cum_recruited",
    "pools.left",
    "pools.gone",
)
DRAWS = ("restraint/recruitment/ceilings",)
_CEILINGS = stream(DRAWS[0])


@compiled
def ceiling_of(low, high, u):
    """Return the size that a group can reach: between two estimates, evenly in logarithms."""
    return low * math.exp(u * math.log(high / low)) if low > 0.0 and high > 0.0 else 0.0


@compiled
def contact_of(persons, content, embedding, params):
    """Return how well (0-1) a group of so many members reaches those who may join."""
    p = params.recruitment
    kin = p.weight_kin * saturating(persons, p.half_kin)
    return clipped(kin + p.weight_online * content + p.weight_place * embedding)


@compiled
def appeal_of(grievance, land, params):
    """Return how much (0-1) a group appeals to those whom it reaches."""
    p = params.recruitment
    return clipped(p.base_appeal + p.weight_grievance * grievance + p.weight_land * land)


@compiled
def share_leaving(embedding, war, params):
    """Return the share of members who leave for good in a quarter, 0-1."""
    p = params.recruitment
    return clipped(p.rate_leave * (1.0 - p.weight_settled * embedding) * (1.0 - war))


@compiled
def income_of(base, dependence, land, diaspora, params):
    """Return own income a member: crime where nobody provides, taxes of the land held, gifts of those abroad."""
    p = params.recruitment
    crime = p.weight_crime * (1.0 - dependence)
    return base * (1.0 + crime) + p.weight_tax * land + p.weight_diaspora * diaspora


@compiled
def grief_of(enemies, force, pressure, home, watched, params):
    """Return what adds to a group's grievance in a quarter, before its rate."""
    p = params.recruitment
    abroad = p.weight_enemy * enemies + p.weight_force * force
    return abroad + p.weight_migrants * pressure + p.weight_home * home + p.weight_watched * watched


@compiled
def war_of(world, group):
    """Return how hard the war around a group is fought, 0-1; 1 outside theatres."""
    return world.theatres[group.theatre].war if group.theatre != NOBODY else 1.0


@compiled
def land_of(world, g, holder):
    """Return the share of the land in group g's theatre that a group holds, 0-1."""
    theatre = world.groups[g].theatre
    return world.theatres[theatre].control[holder] if theatre != NOBODY else 0.0


@compiled
def members_at(world, n, a):
    """Return the members from area a of the groups whose theatre is part of node n."""
    total = 0.0
    for group in world.groups:
        t = group.theatre
        if t != NOBODY and world.theatres[t].node == n and is_active(group, world.clock.quarter):
            total += members(group) * group.pool[a]
    return total


@compiled
def candidates(world, group, a, params):
    """Return how many of area a may join a group: those left, of an origin's at most those at the theatre's node."""
    pool = world.pools[a]
    if pool.origin == NOBODY:
        return pool.left
    n = world.theatres[group.theatre].node if group.theatre != NOBODY else NOBODY
    if n == NOBODY:
        return 0.0
    there = params.recruitment.share_most * world.nodes[n].persons[pool.origin].sum()
    return min(pool.left, max(0.0, there - members_at(world, n, a)))


@compiled
def note_wishes(world, wished, params):
    """Write to `wished` (groups, pools) how many would join each group from each area."""
    for g in range(wished.shape[0]):
        group = world.groups[g]
        war = war_of(world, group)
        persons = members(group)
        room = 1.0 - persons / group.ceiling if group.ceiling > 0.0 else 0.0
        if room <= 0.0 or war <= 0.0 or persons <= 0.0 or not is_active(group, world.clock.quarter):
            continue
        land = land_of(world, g, g)
        rate = params.recruitment.rate_join * contact_of(persons, group.content, group.embedding, params) * room * war
        for a in range(wished.shape[1]):
            if group.pool[a] > 0.0:
                appeal = appeal_of(max(group.grievance, world.pools[a].grievance), land, params)
                wished[g, a] = rate * group.pool[a] * appeal * candidates(world, group, a, params)


@compiled
def draw_on_areas(world, wished):
    """Take those who join out of their areas: where more are wished for than are left, all groups get the same part."""
    for a in range(wished.shape[1]):
        total = 0.0
        for g in range(wished.shape[0]):
            total += wished[g, a]
        left = world.pools[a].left
        if total > left:
            for g in range(wished.shape[0]):
                wished[g, a] *= left / total
        world.pools[a].left = max(0.0, left - total)


@compiled
def enemies_of(world, g):
    """Return the support (0-1) that states at which group g aims give to others in its theatre."""
    group = world.groups[g]
    theatre = world.theatres[group.theatre]
    total = 0.0
    for h in range(theatre.backer.shape[0]):
        if theatre.backer[h] != NOBODY and h != g and h != group.protector:
            total += group.aim[theatre.backer[h]] * theatre.support_declared[h] * theatre.kept[h]
    return clipped(total)


@compiled
def next_grievance(world, g, war, params):
    """Return a group's grievance (0-1) after a quarter."""
    group = world.groups[g]
    enemies = war * enemies_of(world, g) if group.theatre != NOBODY else 0.0
    force, watched = 0.0, 0.0
    for s in range(world.states.shape[0]):
        if group.aim[s] > 0.0:
            force += group.aim[s] * world.states[s].use_of_force
            watched += group.aim[s] * world.states[s].misuse
    pressure = 0.0
    for migrant in world.migrants:
        pressure += group.pool[migrant.pool] * migrant.pressure
    home = 0.0
    for a in range(world.pools.shape[0]):
        o = world.pools[a].origin
        if o != NOBODY:
            home += group.pool[a] * world.origins[o].repression * world.origins[o].salience
    gain = params.recruitment.rate_grieve * grief_of(enemies, force, pressure, home, watched, params)
    return moved(group.grievance, gain, params.recruitment.rate_forgive)


@compiled
def move_members(world, g, joining, war, params):
    """Let members leave a group for good and others join it."""
    group = world.groups[g]
    share = share_leaving(group.embedding, war, params)
    if share > 0.0:
        gone = share * members(group)
        leave(group, share * group.hard, share * group.other)
        to_pool(world, g, gone, GONE)
    if joining > 0.0:
        hard = group.hardliners * joining
        join(group, hard, joining - hard, group.leaning_hard, group.leaning_other)
        group.cum_recruited += joining


@compiled
def settle(world, g, war, params):
    """Move a group's means, roots and grievance on by one quarter."""
    group = world.groups[g]
    own = land_of(world, g, g)
    land = land_of(world, g, group.protector) if group.protector != NOBODY else own
    diaspora = 0.0
    for a in range(world.pools.shape[0]):
        diaspora += group.pool[a] * world.pools[a].grievance
    group.income = income_of(group.income_base, group.dependence, own, diaspora, params)
    group.dependence = dependence_of(group.supply, group.income, members(group))
    gain = params.recruitment.rate_embed * land
    group.embedding = moved(group.embedding, gain, params.recruitment.rate_uproot * (1.0 - land))
    group.grievance = next_grievance(world, g, war, params)


@compiled
def apply(world, params, dice, ledger):
    """Let people join every group and leave it, by what is found; then move its means, roots and grievance on."""
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        if is_active(group, world.clock.quarter):
            u = uniform(moment(dice, group.enters, _CEILINGS), group.id, NO_ID, NO_ID)
            group.ceiling = ceiling_of(group.size_low, group.size_high, u)
    wished = np.zeros((world.groups.shape[0], world.pools.shape[0]))
    note_wishes(world, wished, params)
    draw_on_areas(world, wished)
    for g in range(world.groups.shape[0]):
        if is_active(world.groups[g], world.clock.quarter):
            war = war_of(world, world.groups[g])
            move_members(world, g, wished[g].sum(), war, params)
            settle(world, g, war, params)
