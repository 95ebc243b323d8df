"""Detention.

Summary of rule: whoever holds people of groups keeps them the worse the more there are and the more alone it is left;
some get out, some are moved to harsher places, and few states take theirs back while they are afraid.

    load     = persons / capacity
    break    at rate_break · (1 + weight_load · max(0, load − 1) + weight_abandoned · abandoned)
    slip     at rate_slip · (1 − capability), of a state that holds people for its own ends
    transfer at rate_transfer · abandoned
    home     = rate_repatriate · (1 − weight_reluctance · fear) of those held, a quarter
    Δrights_cost = [transfer] · gain_rights · (1 − rights_cost) − rate_forget · rights_cost

A break or a slip lets share_escape out: half of the members go back to their group, the rest disperse as if they had
lost its land. A transfer takes share_moved out of sight. Fear is the insecurity of the states that the group aims at,
by the share of its aims. That a custodian was left alone fades at rate_recover.

Mechanisms 60 (home states that do not take their own back), 82 (a state loses control of those whom it keeps as a
bargain), 108 (abandonment opens prisons), 126 (transfers cost rights). Evidence: E0711, E0712 (contested), E0713
(contested), E0714 (contested), E0717 (contested), E0420, E0423. Assumed: every number and form; that the states a group
aims at are those whose citizens are held.

In replay, as long as there is a record, breaks and transfers are those on record; people are taken home all the same.

Known limits: relatives are counted in custody alone; those moved or taken home do not come back; nobody is tried.
"""

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import clipped
from sim.rules.followings import release, take_home, transfer
from sim.world.conflict import ESCAPE, TRANSFER
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/detention"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.insecurity",
    "states.capability",
    "states.returnees",
    "groups.theatre",
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
    "theatres.war",
    "theatres.transit",
    "custodies.id",
    "custodies.custodian",
    "custodies.of",
    "custodies.begins",
    "custodies.relatives_base",
    "custodies.relatives",
    "custodies.hard",
    "custodies.other",
    "custodies.capacity",
    "custodies.abandoned",
    "custodies.rights_cost",
    "custodies.cum_escaped",
    "custodies.cum_transferred",
    "pools.gone",
    "pools.returned",
    "legs.owner",
    "legs.control",
)
WRITES = (
    "states.returnees",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "custodies.relatives",
    "custodies.hard",
    "custodies.other",
    "custodies.abandoned",
    "custodies.rights_cost",
    "custodies.cum_escaped",
    "custodies.cum_transferred",
    "pools.gone",
    "pools.returned",
)
DRAWS = ("restraint/detention/breaks", "restraint/detention/transfers")
_BREAKS = stream(DRAWS[0])
_TRANSFERS = stream(DRAWS[1])


@compiled
def escape_rate(load, abandoned, grip, params):
    """Return the rate at which people get out, by load (persons over capacity), abandonment and a grip (all else 0-1).

    grip: capability of a state that holds people for its own ends; 1 where a group holds them.
    """
    weights = params.detention
    strain = 1.0 + weights.weight_load * max(0.0, load - 1.0) + weights.weight_abandoned * abandoned
    return weights.rate_break * strain + weights.rate_slip * (1.0 - grip)


@compiled
def home_share(fear, params):
    """Return the share (0-1) of those held whom their states take home in a quarter, given fear there (0-1)."""
    return clipped(params.detention.rate_repatriate * (1.0 - params.detention.weight_reluctance * fear))


@compiled
def fear_of(world, g):
    """Return the insecurity (0-1) of the states that group g aims at, by the shares of its aims; 0 for nobody."""
    total = 0.0
    if g != NOBODY:
        for s in range(world.states.shape[0]):
            total += world.groups[g].aim[s] * world.states[s].insecurity
    return total


@compiled
def grip_of(world, custodian):
    """Return how well a custodian controls what it does (0-1): a state as far as its services can, a group fully."""
    n = world.groups.shape[0]
    return 1.0 if custodian < n else world.states[custodian - n].capability


@compiled
def disturb(world, c, params, dice, ledger):
    """Let people of a custody get out, or be moved, by chance and by what was found."""
    custody = world.custodies[c]
    load = (custody.hard + custody.other + custody.relatives) / custody.capacity
    escape = escape_rate(load, custody.abandoned, grip_of(world, custody.custodian), params)
    removal = params.detention.rate_transfer * custody.abandoned
    quarter = world.clock.quarter
    n = world.groups.shape[0]
    state, group = (NOBODY, custody.custodian) if custody.custodian < n else (custody.custodian - n, NOBODY)
    if escape > 0.0:
        u = uniform(moment(dice, quarter, _BREAKS), custody.id, NO_ID, NO_ID)
        if happens(escape, u):
            note_group(ledger, state, group, custody.theatre, ESCAPE, custody.of, probability(escape), u)
            release(world, c, clipped(params.detention.share_escape), params)
    if removal > 0.0:
        u = uniform(moment(dice, quarter, _TRANSFERS), custody.id, NO_ID, NO_ID)
        if happens(removal, u):
            note_group(ledger, state, group, custody.theatre, TRANSFER, custody.of, probability(removal), u)
            transfer(world, c, clipped(params.detention.share_moved), params)


@compiled
def apply(world, params, dice, ledger):
    """Let those held get out, be moved or be taken home; rows of people of different groups never share anybody."""
    for c in range(world.custodies.shape[0]):
        custody = world.custodies[c]
        if custody.begins == world.clock.quarter:
            custody.relatives += custody.relatives_base
        custody.rights_cost *= 1.0 - params.detention.rate_forget
        if custody.hard + custody.other + custody.relatives > 0.0:
            if is_open(world.clock):
                disturb(world, c, params, dice, ledger)
            take_home(world, c, home_share(fear_of(world, custody.of), params))
        custody.abandoned *= 1.0 - params.detention.rate_recover
