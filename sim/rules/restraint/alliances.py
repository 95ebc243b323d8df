"""Alliances.

Summary of rule: groups now and then review to whom they pledge themselves and under whose protection they live; rivals
of different pledges clash, those whom both need bring them to a truce, and foreigners fear to be traded away.

    bargain_h   = clip(pressure · (weight_talks · hope_h + weight_terms · cover_h))            in the theatre of h
    protector h = weight_land · land of h − weight_fear · bargain_h + weight_loyal · loyalty · [h is it now]
                  + weight_enemy · shared aims;                        none: weight_land · own land
    pledge h    = weight_kin · kin − weight_creed · |line − line of h| + weight_bind · [h is it now]
                  + weight_shelter · [h protects it] · (1 + weight_quarrel · clash);           none: 0

A group reviews both at rate_review · (1 + weight_quarrel · clash) and takes the best by these and a Gumbel term each.
It may turn to a hub; for protection to one in its theatre. Land is as reported. Nobody turns to a group that reviews
its ties in the same quarter, itself among them, or that hangs on one that does: so no ring of ties can close.

    Δloyalty  = rate_loyal · [it has a protector] · (1 − bargain) · (1 − loyalty)
                − (rate_strain · [purged] + rate_wane) · loyalty
    clash     at rate_clash · |line of H − line of r| · strength_r · (1 − truce), H the largest holder, r a rival
    truce     at rate_truce · clash · (share of clients + weight_common · attention)
    Δpressure = rate_pressure · land that the government won back · (1 − pressure) − rate_ebb · pressure

A clash costs both sides weight_toll of their members. Shared aims are Σ min of their aims by state.

Mechanisms 70 (refuge earns loyalty), 71 (a quarrel forces a choice), 72 (fear of being traded), 76 (mediation), 103
(prior ties decide), 127 (pressure to expel as the government wins land), 133 (a shared enemy), 134 (infighting).
Evidence: E0633, E0639, E0619, E0620, E0669, E0647, E0650, E0856, E0613, E0671, E0672, E0676 (contested), E0642, E0670,
E0657, E0673, E0622, E0627. Assumed: every number and form; that a group with land of its own shelters itself by as
much; that loyalty to one protector is not carried over to another. No statement or truce on record is used here.

In replay, as long as there is a record, pledges, protectors, clashes and truces follow it; loyalty and pressure move.

Known limits: a group reviews both ties at once or neither; a truce holds for a whole theatre.
"""

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group, note_link
from sim.numerics.stocks import clipped, moved
from sim.rules.followings import FALLEN, leave, to_pool
from sim.rules.groups import is_active, is_linked, kin, strength_of
from sim.rules.land import is_there, share_of_clients
from sim.world.conflict import CLASH, PLEDGE, PROTECTOR, TRUCE
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/alliances"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "groups.id",
    "groups.theatre",
    "groups.pledge",
    "groups.protector",
    "groups.is_hub",
    "groups.enters",
    "groups.aim",
    "groups.pool",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.line",
    "groups.disarray",
    "groups.loyalty",
    "groups.purged",
    "groups.cum_fallen",
    "groups.rep_hold",
    "patrons.hope",
    "patrons.cover",
    "theatres.id",
    "theatres.attention",
    "theatres.control",
    "theatres.truce",
    "theatres.clash",
    "theatres.pressure_declared",
    "theatres.pressure",
    "theatres.regained",
    "pools.fallen",
)
WRITES = (
    "groups.pledge",
    "groups.protector",
    "groups.hard",
    "groups.other",
    "groups.orientation",
    "groups.loyalty",
    "groups.cum_fallen",
    "theatres.truce",
    "theatres.clash",
    "theatres.pressure",
    "theatres.regained",
    "pools.fallen",
)
DRAWS = (
    "restraint/alliances/reviews",
    "restraint/alliances/pledges",
    "restraint/alliances/protectors",
    "restraint/alliances/clashes",
    "restraint/alliances/truces",
)
_REVIEWS, _PLEDGES, _PROTECTORS, _CLASHES, _TRUCES = (
    stream(DRAWS[0]),
    stream(DRAWS[1]),
    stream(DRAWS[2]),
    stream(DRAWS[3]),
    stream(DRAWS[4]),
)


@compiled
def bargain_of(pressure, hope, cover, params):
    """Return how likely (0-1) a hub is to trade its foreigners away, under pressure (0-1) and with hope and cover."""
    return clipped(pressure * (params.alliances.weight_talks * hope + params.alliances.weight_terms * cover))


@compiled
def protection_from(land, bargain, loyalty, enemies, params):
    """Return the utility of a protector: land, fear of being traded, loyalty, shared enemies (all 0-1)."""
    weights = params.alliances
    gain = weights.weight_land * land + weights.weight_loyal * loyalty + weights.weight_enemy * enemies
    return gain - weights.weight_fear * bargain


@compiled
def pledge_to(gap, kinship, is_now, is_protector, clash, params):
    """Return the utility of a pledge: the gap between lines, kin, an old tie, and shelter in a quarrel (all 0-1)."""
    weights = params.alliances
    shelter = weights.weight_shelter * is_protector * (1.0 + weights.weight_quarrel * clash)
    return weights.weight_kin * kinship - weights.weight_creed * gap + weights.weight_bind * is_now + shelter


@compiled
def clash_rate(gap, strength, truce, params):
    """Return the rate at which the largest holder and a rival clash, by the gap between their lines (all 0-1)."""
    return params.alliances.rate_clash * gap * strength * (1.0 - truce)


@compiled
def truce_rate(clash, clients, attention, params):
    """Return the rate at which a truce is found, by those who need both sides and by a common threat (all 0-1)."""
    return params.alliances.rate_truce * clash * (clients + params.alliances.weight_common * attention)


@compiled
def next_loyalty(loyalty, is_sheltered, bargain, is_purged, params):
    """Return loyalty (0-1) after a quarter with or without a protector, who may bargain (0-1) or have purged it."""
    gain = params.alliances.rate_loyal * (1.0 - bargain) if is_sheltered else 0.0
    strain = params.alliances.rate_strain if is_purged else 0.0
    return moved(loyalty, gain, strain + params.alliances.rate_wane)


@compiled
def bargain_by(world, h, params):
    """Return how likely (0-1) group h is to trade its foreigners away; 0 where it is in no theatre."""
    t = world.groups[h].theatre
    if t == NOBODY:
        return 0.0
    return bargain_of(world.theatres[t].pressure, world.patrons[h].hope, world.patrons[h].cover, params)


@compiled
def clash_around(world, g):
    """Return how hard groups clash (0-1) in the theatre of group g, 0 where it is in none."""
    t = world.groups[g].theatre
    return world.theatres[t].clash if t != NOBODY else 0.0


@compiled
def shared_aims(world, g, h):
    """Return how far the aims of groups g and h lie in the same states, 0-1."""
    total = 0.0
    for s in range(world.states.shape[0]):
        total += min(world.groups[g].aim[s], world.groups[h].aim[s])
    return total


@compiled
def is_free_of(world, h, is_reviewing, is_pledge):
    """Return whether neither group h nor any that it hangs on, by pledge or by protector, is reviewing its ties."""
    for _ in range(world.groups.shape[0]):
        if is_reviewing[h]:
            return False
        h = world.groups[h].pledge if is_pledge else world.groups[h].protector
        if h == NOBODY:
            return True
    return False


@compiled
def may_turn(world, g, h, is_reviewing, is_pledge):
    """Return whether group g, which is reviewing, may choose hub h; to stay where it is it always may."""
    now = world.groups[g].pledge if is_pledge else world.groups[g].protector
    if h == now:
        return True
    hub = world.groups[h]
    if h == g or hub.is_hub == 0 or not is_active(hub, world.clock.quarter):
        return False
    is_near = hub.theatre != NOBODY and hub.theatre == world.groups[g].theatre
    return (is_pledge or is_near) and is_free_of(world, h, is_reviewing, is_pledge)


@compiled
def utility_of(world, g, h, clash, is_pledge, params):
    """Return the utility to group g of a pledge to hub h, or of its protection."""
    group, hub = world.groups[g], world.groups[h]
    if is_pledge:
        is_now = 1.0 if group.pledge == h else 0.0
        is_protector = 1.0 if group.protector == h else 0.0
        return pledge_to(abs(group.line - hub.line), kin(world, g, h), is_now, is_protector, clash, params)
    loyalty = group.loyalty if group.protector == h else 0.0
    return protection_from(hub.rep_hold, bargain_by(world, h, params), loyalty, shared_aims(world, g, h), params)


@compiled
def choose(world, g, is_reviewing, is_pledge, params, dice, ledger):
    """Return the hub that group g turns to, by pledge or for protection, or nobody; note the choice."""
    n = world.groups.shape[0]
    when = moment(dice, world.clock.quarter, _PLEDGES if is_pledge else _PROTECTORS)
    options, utilities, totals = np.empty(n + 1, np.int64), np.empty(n + 1), np.empty(n + 1)
    group = world.groups[g]
    options[0] = NOBODY
    utilities[0] = 0.0 if is_pledge else params.alliances.weight_land * group.rep_hold
    totals[0] = utilities[0] + gumbel(when, group.id, NO_ID, NO_ID)
    count = 1
    clash = clash_around(world, g)
    for h in range(n):
        if may_turn(world, g, h, is_reviewing, is_pledge):
            options[count] = h
            utilities[count] = utility_of(world, g, h, clash, is_pledge, params)
            totals[count] = utilities[count] + gumbel(when, group.id, world.groups[h].id, NO_ID)
            count += 1
    place, lead = best_two(totals, count)
    event = PLEDGE if is_pledge else PROTECTOR
    note_link(ledger, NOBODY, g, event, options, utilities, count, place, lead)
    return options[place]


@compiled
def find_reviews(world, params, dice):
    """Return which groups review their ties this quarter: bool (groups,)."""
    found = np.zeros(world.groups.shape[0], np.bool_)
    when = moment(dice, world.clock.quarter, _REVIEWS)
    for g in range(found.shape[0]):
        if is_active(world.groups[g], world.clock.quarter):
            clash = clash_around(world, g)
            rate = params.alliances.rate_review * (1.0 + params.alliances.weight_quarrel * clash)
            found[g] = rate > 0.0 and happens(rate, uniform(when, world.groups[g].id, NO_ID, NO_ID))
    return found


@compiled
def review(world, params, dice, ledger):
    """Let groups review to whom they are pledged and under whose protection they live, all by the ties found."""
    is_reviewing = find_reviews(world, params, dice)
    if not is_reviewing.any():
        return
    n = world.groups.shape[0]
    pledges, protectors = np.empty(n, np.int64), np.empty(n, np.int64)
    for g in range(n):
        if is_reviewing[g]:
            pledges[g] = choose(world, g, is_reviewing, True, params, dice, ledger)
            protectors[g] = choose(world, g, is_reviewing, False, params, dice, ledger)
    for g in range(n):
        if is_reviewing[g]:
            group = world.groups[g]
            if protectors[g] != group.protector:
                group.loyalty = 0.0
            group.pledge = pledges[g]
            group.protector = protectors[g]


@compiled
def largest_holder(world, t):
    """Return the group that holds most land of theatre t and is there, or nobody where none holds any."""
    found = NOBODY
    most = 0.0
    for g in range(world.groups.shape[0]):
        if world.theatres[t].control[g] > most and is_there(world, g, t):
            most = world.theatres[t].control[g]
            found = g
    return found


@compiled
def are_rivals(world, g, h):
    """Return whether two groups may clash: not linked by protection, not pledged to one another or to the same hub."""
    first, second = world.groups[g].pledge, world.groups[h].pledge
    if is_linked(world, g, h) or first == h or second == g:
        return False
    return first == NOBODY or first != second


@compiled
def pay_toll(world, g, params):
    """Let group g lose members in a clash."""
    group = world.groups[g]
    hard, other = params.alliances.weight_toll * group.hard, params.alliances.weight_toll * group.other
    leave(group, hard, other)
    to_pool(world, g, hard + other, FALLEN)


@compiled
def fight(world, t, params, dice, ledger):
    """Return whether the largest holder of theatre t clashes with any rival; both sides pay for it."""
    largest = largest_holder(world, t)
    if largest == NOBODY:
        return False
    theatre = world.theatres[t]
    head = world.groups[largest]
    when = moment(dice, world.clock.quarter, _CLASHES)
    conduct = params.conduct
    has_clashed = False
    for r in range(world.groups.shape[0]):
        if is_there(world, r, t) and are_rivals(world, largest, r):
            rival = world.groups[r]
            strength = strength_of(rival, conduct.half_strength, conduct.weight_disarray)
            rate = clash_rate(abs(head.line - rival.line), strength, theatre.truce, params)
            u = uniform(when, head.id, rival.id, NO_ID) if rate > 0.0 else 1.0
            if happens(rate, u):
                note_group(ledger, NOBODY, largest, t, CLASH, r, probability(rate), u)
                pay_toll(world, largest, params)
                pay_toll(world, r, params)
                has_clashed = True
    return has_clashed


@compiled
def quarrel(world, t, params, dice, ledger):
    """Let groups in theatre t clash, or quarrels cool, and a truce be found, or lapse."""
    theatre = world.theatres[t]
    is_free = is_open(world.clock)
    has_clashed = is_free and fight(world, t, params, dice, ledger)
    theatre.clash = 1.0 if has_clashed else theatre.clash * (1.0 - params.alliances.rate_cool)
    truce = theatre.truce * (1.0 - params.alliances.rate_lapse)
    if is_free and theatre.clash > 0.0:
        rate = truce_rate(theatre.clash, share_of_clients(world, t), theatre.attention, params)
        u = uniform(moment(dice, world.clock.quarter, _TRUCES), theatre.id, NO_ID, NO_ID)
        if rate > 0.0 and happens(rate, u):
            note_group(ledger, NOBODY, NOBODY, t, TRUCE, NOBODY, probability(rate), u)
            truce = 1.0
    theatre.truce = truce


@compiled
def apply(world, params, dice, ledger):
    """Let groups review their ties, loyalty move, rivals clash or make peace, and pressure on foreigners move."""
    if is_open(world.clock):
        review(world, params, dice, ledger)
    for group in world.groups:
        h = group.protector
        bargain = bargain_by(world, h, params) if h != NOBODY else 0.0
        if is_active(group, world.clock.quarter):
            group.loyalty = next_loyalty(group.loyalty, h != NOBODY, bargain, group.purged > 0.0, params)
    for t in range(world.theatres.shape[0]):
        quarrel(world, t, params, dice, ledger)
        theatre = world.theatres[t]
        gain = params.alliances.rate_pressure * theatre.regained
        pressure = moved(theatre.pressure, gain, params.alliances.rate_ebb)
        theatre.pressure = max(theatre.pressure_declared, pressure)
        theatre.regained = 0.0
