"""Recognition by outside powers.

Summary of rule: powers list groups, block or consider lifting that, and acknowledge quiet; what they hold out is what a
patron may hope for; a group may come to take a state's place, and then settles what becomes of its clients.

    laid    = class weight of what any accuser, right or wrong, laid to it or to a client in the quarter before
    quiet   = quarters since something was last laid to it
    z       = w · interest + w · acknowledged − w · opposed − resistance
    lifted at rate = rate_lift · quiet/(quiet + half) · logistic(z) · (1 − veto)      twice that for one that is a state
    chance  = its probability within horizon quarters;  1 once lifted, since what is won can be lost;  0 before listing
    listed again at rate_list · laid · belief of the power's audience
    hope    = Σ weight · chance over the powers;    cover = max(guarantee in the theatre, support of the group there)
    blame   = max over clients of blame as reported + weight_own · its own
    acknowledged grows by weight_speech · interest · quiet/(quiet + half), by the power to whom that is most, and fades

Opposed is a power to whose own state or whose ally's the theatre belongs. A bare accusation weighs as a minor incident.
A group takes the state's place at rate_state · land held · (1 − the state's) · (1 − w · support of that state), or on
order; each client is then expelled with weight_burden · hope, and disperses, or else is absorbed.

Mechanisms 61, 63, 67, 68, 74, 78 and 125. Evidence: E0648, E0514 (contested), E0517, E0519, E0516 (contested), E0503,
E0676 (contested). That a group becomes a state is the analyst's: the documents did not foresee it. Assumed: the form
and every number. Known limits: a power listens to all accusers alike; quiet is counted, not weighed. In replay, as long
as there is a record, nothing is lifted, listed again or acknowledged but on record; first listings come on their dates.
"""

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import clipped, moved
from sim.rules.followings import disperse, join, leave
from sim.rules.groups import is_active, members, patron_of
from sim.rules.incidents import class_weight
from sim.rules.persons import saturating
from sim.world.conflict import LIFTING, LISTING, STATEHOOD
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/recognition"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.returnees",
    "groups.id",
    "groups.theatre",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.is_state",
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
    "groups.state_order",
    "groups.rep_blame",
    "patrons.state",
    "patrons.hope",
    "patrons.acknowledged",
    "theatres.state",
    "theatres.transit",
    "theatres.war",
    "theatres.control",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "theatres.guarantee",
    "legs.owner",
    "legs.control",
    "designations.id",
    "designations.group",
    "designations.power",
    "designations.lists",
    "designations.listed",
    "designations.interest",
    "designations.veto",
    "designations.weight",
    "designations.quiet",
    "designations.cum_lifted",
    "pools.gone",
    "pools.returned",
    "incidents.quarter",
    "incidents.severity",
    "incidents.accused",
    "accusers.accuses",
    "audiences.state",
    "audiences.belief",
)
WRITES = (
    "groups.loyalty",
    "states.returnees",
    "groups.pledge",
    "groups.protector",
    "groups.is_state",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "patrons.hope",
    "patrons.blame",
    "patrons.cover",
    "patrons.acknowledged",
    "designations.listed",
    "designations.quiet",
    "designations.chance",
    "designations.cum_lifted",
    "pools.gone",
    "pools.returned",
)
DRAWS = (
    "restraint/recognition/lifts",
    "restraint/recognition/lists",
    "restraint/recognition/states",
    "restraint/recognition/clients",
)
_LIFTS, _LISTS, _STATES, _CLIENTS = (stream(name) for name in DRAWS)
HASTE = 2.0
"""How much faster powers review the designations of a group that has become a state."""


@compiled
def laid_to(world, laid):
    """Write into `laid` (groups,) the class weight of what was laid to each group in the quarter before."""
    quarter = world.clock.quarter
    for accuser in world.accusers:
        for g in range(world.groups.shape[0]):
            if accuser.accuses[g] > 0.0:
                laid[g] = class_weight(0)
    for incident in world.incidents:
        g = incident.accused
        if g != NOBODY and laid[g] > 0.0 and quarter - 2 <= incident.quarter < quarter:
            laid[g] = max(laid[g], class_weight(incident.severity))


@compiled
def laid_with_clients(world, own, laid):
    """Write into `laid` (groups,) what was laid to each group or to one of its clients."""
    n = world.groups.shape[0]
    for g in range(n):
        laid[g] = max(laid[g], own[g])
        p = patron_of(world, g) if own[g] > 0.0 else NOBODY
        if p != NOBODY and p < n:
            laid[p] = max(laid[p], own[g])


@compiled
def support_in(theatre, holder):
    """Return the support (0-1) that a holder has in a theatre."""
    return theatre.support_declared[holder] * theatre.kept[holder]


@compiled
def opposition_of(world, g, s):
    """Return how far (0-1) power s stands on the other side where group g is: as its state, or by supporting that."""
    if world.groups[g].theatre == NOBODY:
        return 0.0
    theatre = world.theatres[world.groups[g].theatre]
    if theatre.state == s:
        return 1.0
    holder = world.groups.shape[0] + theatre.state
    return support_in(theatre, holder) if theatre.backer[holder] == s else 0.0


@compiled
def lifting_rate(interest, acknowledged, opposed, quiet, veto, params):
    """Return the rate a quarter at which a power lifts a designation after so many quarters of quiet."""
    p = params.recognition
    z = p.weight_interest * interest + p.weight_acknowledged * acknowledged - p.weight_ally * opposed - p.resistance
    return p.rate_lift * saturating(quiet, p.half_quiet) * logistic(z) * (1.0 - veto)


@compiled
def belief_of(world, s, g):
    """Return how far (0-1) the audience of power s believes group g guilty, else how far all blame it."""
    found = -1.0
    for audience in world.audiences:
        if audience.state == s:
            found = max(found, audience.belief[g])
    return found if found >= 0.0 else world.groups[g].rep_blame


@compiled
def lift(world, d, rate, dice, ledger):
    """Let a power lift designation d at a rate, where history leaves that open."""
    row = world.designations[d]
    if rate <= 0.0 or not is_open(world.clock):
        return
    u = uniform(moment(dice, world.clock.quarter, _LIFTS), row.id, NO_ID, NO_ID)
    if happens(rate, u):
        note_group(ledger, row.power, row.group, NOBODY, LIFTING, NOBODY, probability(rate), u)
        row.listed = 0.0
        row.cum_lifted += 1.0


@compiled
def list_again(world, d, laid, params, dice, ledger):
    """Let a power that had lifted designation d list the group again for what was laid to it."""
    row = world.designations[d]
    if laid <= 0.0 or not is_open(world.clock):
        return
    rate = params.recognition.rate_list * laid * belief_of(world, row.power, row.group)
    u = uniform(moment(dice, world.clock.quarter, _LISTS), row.id, NO_ID, NO_ID)
    if happens(rate, u):
        note_group(ledger, row.power, row.group, NOBODY, LISTING, NOBODY, probability(rate), u)
        row.listed = 1.0


@compiled
def review(world, d, laid, params, dice, ledger):
    """Let the power of designation d count quiet, say what chance there is, and lift or list; return its speech."""
    row = world.designations[d]
    group = world.groups[row.group]
    row.quiet = 0.0 if laid > 0.0 else row.quiet + 1.0
    speech = row.interest * saturating(row.quiet, params.recognition.half_quiet)
    if row.listed > 0.5:
        opposed = opposition_of(world, row.group, row.power)
        said = world.patrons[row.group].acknowledged
        rate = lifting_rate(row.interest, said, opposed, row.quiet, row.veto, params)
        rate *= HASTE if group.is_state == 1 else 1.0
        row.chance = probability(params.recognition.horizon * rate)
        lift(world, d, rate, dice, ledger)
    else:
        row.chance = 1.0 if world.clock.quarter > row.lists else 0.0
        if world.clock.quarter > row.lists:
            list_again(world, d, laid, params, dice, ledger)
    return speech


@compiled
def is_taken(world, t):
    """Return whether a group of theatre t, or of another in the same state, has taken that state's place."""
    for group in world.groups:
        is_in_place = group.is_state == 1 and group.theatre != NOBODY
        if is_in_place and world.theatres[group.theatre].state == world.theatres[t].state:
            return True
    return False


@compiled
def takes_state(world, g, params, dice, ledger):
    """Return whether group g takes the state's place this quarter, on order or by its own."""
    group = world.groups[g]
    if group.is_state == 1:
        return False
    if group.state_order > 0.0:
        return True
    if group.theatre == NOBODY or not is_open(world.clock):
        return False
    theatre = world.theatres[group.theatre]
    holder = world.groups.shape[0] + theatre.state
    if is_taken(world, group.theatre):
        return False
    alone = 1.0 - params.recognition.weight_outside * support_in(theatre, holder)
    rate = params.recognition.rate_state * theatre.control[g] * (1.0 - theatre.control[holder]) * max(0.0, alone)
    if rate <= 0.0:
        return False
    u = uniform(moment(dice, world.clock.quarter, _STATES), group.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return False
    note_group(ledger, theatre.state, g, group.theatre, STATEHOOD, NOBODY, probability(rate), u)
    return True


@compiled
def settle_clients(world, g, params, dice, ledger):
    """Expel or absorb the clients of group g, which has become a state; none is a client any more."""
    p = clipped(params.recognition.weight_burden * world.patrons[g].hope)
    when = moment(dice, world.clock.quarter, _CLIENTS)
    for h in range(world.groups.shape[0]):
        client = world.groups[h]
        is_there = is_active(client, world.clock.quarter) and members(client) > 0.0
        if not is_there or patron_of(world, h) != g:
            continue
        u = uniform(when, world.groups[g].id, client.id, NO_ID)
        note_group(ledger, NOBODY, h, client.theatre, STATEHOOD, g, p, u)
        client.protector = NOBODY
        client.loyalty = 0.0
        client.pledge = NOBODY if client.pledge == g else client.pledge
        hard, other = client.hard, client.other
        leave(client, hard, other)
        if u < p:
            disperse(world, h, hard, other, params)
        else:
            join(world.groups[g], hard, other, client.leaning_hard, client.leaning_other)


@compiled
def stand_of(world, g, speech, params):
    """Write what group g is covered by as a patron, and how far powers acknowledge it after so much speech (0-1)."""
    group, patron = world.groups[g], world.patrons[g]
    gain = params.recognition.weight_speech * speech if is_open(world.clock) else 0.0
    patron.acknowledged = moved(patron.acknowledged, gain, params.recognition.rate_forget)
    patron.cover = 0.0
    if group.theatre != NOBODY:
        theatre = world.theatres[group.theatre]
        patron.cover = max(theatre.guarantee, support_in(theatre, g))


@compiled
def blame_patrons(world, params):
    """Write the blame (0-1) of every patron: the most of any client, and a part of its own."""
    for patron in world.patrons:
        patron.blame = 0.0
    for g in range(world.groups.shape[0]):
        p = patron_of(world, g) if world.groups[g].rep_blame > 0.0 else NOBODY
        if p != NOBODY:
            world.patrons[p].blame = max(world.patrons[p].blame, world.groups[g].rep_blame)
    for g in range(world.groups.shape[0]):
        own = params.recognition.weight_own * world.groups[g].rep_blame
        world.patrons[g].blame = clipped(world.patrons[g].blame + own)


@compiled
def apply(world, params, dice, ledger):
    """Let groups take a state's place, powers review every designation, and patrons see where they stand."""
    n, quarter = world.groups.shape[0], world.clock.quarter
    own, laid, speech = np.zeros(n), np.zeros(n), np.zeros(n)
    laid_to(world, own)
    laid_with_clients(world, own, laid)
    for g in range(n):
        if is_active(world.groups[g], quarter) and takes_state(world, g, params, dice, ledger):
            world.groups[g].is_state = 1
            settle_clients(world, g, params, dice, ledger)
    for g in range(n):
        world.patrons[g].hope = 0.0
    for d in range(world.designations.shape[0]):
        row = world.designations[d]
        g = row.group
        if row.lists == quarter:
            row.listed = 1.0
        if is_active(world.groups[g], quarter):
            speech[g] = max(speech[g], review(world, d, laid[g], params, dice, ledger))
            world.patrons[g].hope = clipped(world.patrons[g].hope + row.weight * row.chance)
    for g in range(n):
        if is_active(world.groups[g], quarter):
            stand_of(world, g, speech[g], params)
    blame_patrons(world, params)
