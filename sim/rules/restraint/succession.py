"""Replacement, purge, split and loss of leaders.

Summary of rule: a patron replaces the leader of a client whose line goes too far or who brings blame on it, hardliners
leave, and a few are seized; leaders are lost to enemies, and members are repelled by what was done.

    gap      = max(0, line − line of the patron − slack)
    replaced at rate_replace · effort · reach · dependence · (gap + w · blame):   line falls by the gap
    pushed   = hard · clip([replaced] · share_leave · gap + rate_backlash · cover · effort + what a scenario orders)
    of them share_seized into the patron's custody, of the rest share_afield to other theatres, all others to a rival
    rival    = best of w · line + gumbel      among groups near by that neither are the patron nor answer to it
    lost at rate_lost · (attention + w · blame):   disarray 1, line = what members lean to, else disarray mends
    gone     = clip(rate_disillusion · harm) of all members, harm grows by serious and mass incidents of one's own

Else the line drifts to what members lean to. Cover and effort in what is pushed are the group's own, as a patron:
backlash against a hub that lives with a state's protection. Only people move: orientation falls because those who
wanted attacks abroad are gone, and dependence rises because the same supply feeds fewer; neither is written by hand.

Mechanisms 64, 65, 73, 85 and 86. Evidence: E0502, E0503, E0505, E0506 (fit), E0586, E0643, E0645, E0840, E0374
(contested). Assumed: the form and every number but the share that leaves, which is set so that about fifty leave in the
one documented case. Powers strike at those whom they believe guilty. A state that sponsors a group replaces nobody.
Known limits: no group arises anew, those who split join one that is there; all leave at once. In replay, as long as
there is a record, leaders are replaced and lost and hardliners leave on record alone; line, disarray and harm move.
"""

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group, note_link
from sim.numerics.stocks import clipped, moved, towards
from sim.rules.followings import GONE, defect, disperse, leave, seize, to_pool
from sim.rules.groups import is_active, is_near, members, patron_of, reach_of
from sim.rules.incidents import class_weight
from sim.world.conflict import LOSS, REPLACEMENT, RIVAL
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/succession"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.returnees",
    "groups.id",
    "groups.theatre",
    "groups.state",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.is_hub",
    "groups.enters",
    "groups.aim",
    "groups.pool",
    "groups.size_high",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.line",
    "groups.tenure",
    "groups.disarray",
    "groups.dependence",
    "groups.harm",
    "groups.purge_order",
    "groups.rep_blame",
    "groups.cum_defected",
    "patrons.group",
    "patrons.state",
    "patrons.effort",
    "patrons.cover",
    "theatres.transit",
    "theatres.war",
    "theatres.attention",
    "legs.owner",
    "legs.control",
    "custodies.custodian",
    "custodies.of",
    "custodies.hard",
    "pools.gone",
    "pools.returned",
    "incidents.quarter",
    "incidents.severity",
    "incidents.author",
    "incidents.is_foiled",
    "incidents.is_simulated",
)
WRITES = (
    "states.returnees",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.line",
    "groups.tenure",
    "groups.disarray",
    "groups.harm",
    "groups.purged",
    "groups.cum_defected",
    "custodies.hard",
    "pools.gone",
    "pools.returned",
)
DRAWS = ("restraint/succession/replacements", "restraint/succession/losses", "restraint/succession/rivals")
_REPLACEMENTS, _LOSSES, _RIVALS = (stream(name) for name in DRAWS)


@compiled
def gap_of(world, g, p, params):
    """Return how far (0-1) the line of group g goes beyond what its patron p allows; 0 under nobody or a state."""
    if p == NOBODY or world.patrons[p].group == NOBODY:
        return 0.0
    return max(0.0, world.groups[g].line - world.groups[world.patrons[p].group].line - params.succession.slack)


@compiled
def replacement_rate(effort, dependence, gap, blame, params):
    """Return the rate a quarter at which a patron replaces a client's leader; `effort` as it reaches the client."""
    return params.succession.rate_replace * effort * dependence * (gap + params.succession.weight_taint * blame)


@compiled
def is_replaced(world, g, p, gap, params, dice, ledger):
    """Return whether patron p replaces the leader of group g this quarter."""
    if p == NOBODY or world.patrons[p].group == NOBODY or not is_open(world.clock):
        return False
    group = world.groups[g]
    effort = world.patrons[p].effort * reach_of(world, g, p, params.conduct.share_afar)
    rate = replacement_rate(effort, group.dependence, gap, group.rep_blame, params)
    if rate <= 0.0:
        return False
    u = uniform(moment(dice, world.clock.quarter, _REPLACEMENTS), group.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return False
    note_group(ledger, NOBODY, g, group.theatre, REPLACEMENT, world.patrons[p].group, probability(rate), u)
    return True


@compiled
def is_lost(world, g, params, dice, ledger):
    """Return whether group g loses its leader to its enemies this quarter."""
    if not is_open(world.clock):
        return False
    group = world.groups[g]
    attention = world.theatres[group.theatre].attention if group.theatre != NOBODY else 0.0
    rate = params.succession.rate_lost * (attention + params.succession.weight_hit * group.rep_blame)
    if rate <= 0.0:
        return False
    u = uniform(moment(dice, world.clock.quarter, _LOSSES), group.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return False
    note_group(ledger, NOBODY, g, group.theatre, LOSS, NOBODY, probability(rate), u)
    return True


@compiled
def next_line(world, g, gap, is_new, is_beheaded, params):
    """Return the line (0-1) of group g after a replacement, a loss, or neither."""
    group = world.groups[g]
    if is_new:
        return group.line - gap
    if is_beheaded:
        return group.orientation
    return towards(group.line, group.orientation, params.succession.rate_line)


@compiled
def share_pushed(world, g, gap, is_new, params):
    """Return the share (0-1) of group g's hardliners who are pushed out or leave this quarter."""
    share = world.groups[g].purge_order
    if is_new:
        share += params.succession.share_leave * gap
    if is_open(world.clock):
        share += params.succession.rate_backlash * world.patrons[g].cover * world.patrons[g].effort
    return clipped(share)


@compiled
def rival_of(world, g, p, params, dice, ledger):
    """Return the group that hardliners of group g turn to, or nobody; p is the patron whose reach they leave."""
    n = world.groups.shape[0]
    options = np.empty(n, np.int64)
    utilities = np.empty(n)
    drawn = np.empty(n)
    when = moment(dice, world.clock.quarter, _RIVALS)
    count = 0
    for h in range(n):
        other = world.groups[h]
        is_there = is_active(other, world.clock.quarter) and members(other) > 0.0
        if is_there and h != g and h != p and is_near(world, g, h) and patron_of(world, h) != p:
            options[count] = h
            utilities[count] = params.succession.weight_zeal * other.line
            drawn[count] = utilities[count] + gumbel(when, world.groups[g].id, other.id, NO_ID)
            count += 1
    best, lead = best_two(drawn, count)
    if best == NOBODY:
        return NOBODY
    note_link(ledger, NOBODY, g, RIVAL, options, utilities, count, best, lead)
    return options[best]


@compiled
def push_out(world, g, p, h, pushed, params):
    """Move hardliners out of group g: some into the custody of patron p, some afield, the others to group h."""
    seized = clipped(params.succession.share_seized) * pushed
    if seized > 0.0 and p < world.groups.shape[0] and seize(world, p, g, seized, 0.0):
        leave(world.groups[g], seized, 0.0)
        pushed -= seized
    afield = params.succession.share_afield * pushed if h != NOBODY else pushed
    leave(world.groups[g], afield, 0.0)
    disperse(world, g, afield, 0.0, params)
    if h != NOBODY:
        defect(world, g, h, pushed - afield, 0.0)


@compiled
def decide(world, g, params, dice, ledger):
    """Return group g's next line, the share of its hardliners pushed out, and by which patron: a hub by itself.

    Its tenure and disarray move on.
    """
    group = world.groups[g]
    p = patron_of(world, g)
    gap = gap_of(world, g, p, params)
    is_new = is_replaced(world, g, p, gap, params, dice, ledger)
    is_beheaded = is_lost(world, g, params, dice, ledger)
    group.tenure = 0.0 if is_new or is_beheaded else group.tenure + 1.0
    group.disarray = 1.0 if is_beheaded else group.disarray * (1.0 - params.succession.rate_mend)
    pusher = g if p == NOBODY or (group.is_hub == 1 and not is_new) else p
    return next_line(world, g, gap, is_new, is_beheaded, params), share_pushed(world, g, gap, is_new, params), pusher


@compiled
def repel(world, params):
    """Let members leave for good over what their group did, and groups remember and forget what they did."""
    quarter = world.clock.quarter
    done = np.zeros(world.groups.shape[0])
    for incident in world.incidents:
        is_of_now = incident.quarter == quarter - 1 and incident.is_foiled == 0 and incident.is_simulated == 1
        if is_of_now and incident.severity > 0 and incident.author >= 0:
            done[incident.author] += class_weight(incident.severity)
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        share = clipped(params.succession.rate_disillusion * group.harm)
        if share > 0.0:
            hard, other = share * group.hard, share * group.other
            leave(group, hard, other)
            to_pool(world, g, hard + other, GONE)
        group.harm = moved(group.harm, done[g], params.succession.rate_forget_harm)


@compiled
def apply(world, params, dice, ledger):
    """Decide for every group by what all found, then write lines and move people."""
    n = world.groups.shape[0]
    line, pushed = np.empty(n), np.zeros(n)
    rival = np.full(n, NOBODY)
    pusher = np.full(n, NOBODY)
    for g in range(n):
        group = world.groups[g]
        line[g] = group.line
        if is_active(group, world.clock.quarter) and members(group) > 0.0:
            line[g], share, pusher[g] = decide(world, g, params, dice, ledger)
            pushed[g] = share * group.hard
            if pushed[g] > 0.0:
                rival[g] = rival_of(world, g, pusher[g], params, dice, ledger)
    for g in range(n):
        world.groups[g].line = line[g]
        world.groups[g].purged = pushed[g]
        if pushed[g] > 0.0:
            push_out(world, g, pusher[g], rival[g], pushed[g], params)
    repel(world, params)
