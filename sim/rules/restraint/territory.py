"""Territory.

Summary of rule: those who fight in a theatre take land from one another by their strength, a state's offensives wait
where a guarantor stands behind a cease-fire, and whoever loses land loses people with it.

    power     = m / (m + half_power) · (1 + weight_support · support) · (1 + weight_hold_power · control)
    q         = power / Σ power
    rate      = rate_offensive · war · q · (1 − weight_truce · truce)                     of a group
    rate      = rate_offensive · war · q · (1 + weight_attention · attention + weight_strike · pressure)
                · (1 − weight_guarantee · guarantee · cease-fire)                         of a state
    gain_j    = control_j · q^d / (q^d + q_j^d), nobody's land: all of it;  share_taken · gain of the best j is taken

m counts a group and its clients there; a client has no power of its own, and land that a group holds when it becomes
one passes to its protector. For a state weight_state stands in place of m / (m + half_power), and a group that has
taken a state's place has at least that. The state of a theatre fights on without land, any other only while it holds
some. Two states, and groups that share a protector, leave one another's land alone. Where several offensives would
begin in a theatre within a quarter, the first one does.

    cease-fire begins at rate_ceasefire · guarantee · (1 − attention), in full
    it breaks at rate_break · cease-fire · (1 − guarantee · (1 − weight_protected · share of clients))

Loss of land takes φ · weight_loss of the loser's members, φ being the share of its land that it lost, and weight_client
of that from its clients: some fall, some come into the taker's custody, the others disperse (`sim/rules/land.py`).

Mechanisms 74 (a guarantor's cover delays an attack), 75 (who holds land needs cover), 79 and 117 (those who lost a
stronghold disperse, to where there is war), 85 (a group outlives its land), 89 (pressure brings strikes), 109 (a
guarantor can do little where groups are protected), 110 (attention brings attacks), 134, 136 (a supported partner takes
land). Evidence: E0518, E0583, E0662, E0628, E0629, E0673, E0581 (contested), E0702, E0719, E0671, E0842, E0728, E0730
(contested), E0997. weight_state and weight_guarantee are fitted to E0518, E0583 and E0662; every other number is
assumed, and so are the forms.

In replay, as long as there is a record, land changes hands and cease-fires begin and end by the record alone.

Known limits: land is a share without places; support counts the same whoever gives it; nothing is said of how land is
taken; a group fights in one theatre only.
"""

from math import inf, log

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import clipped
from sim.rules.groups import members
from sim.rules.land import are_allied, free_land, head_of, is_there, share_of_clients, take
from sim.rules.persons import saturating
from sim.world.conflict import BREACH, CEASEFIRE, OFFENSIVE
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "restraint/territory"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.id",
    "states.returnees",
    "groups.id",
    "groups.theatre",
    "groups.protector",
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
    "groups.cum_fallen",
    "theatres.id",
    "theatres.state",
    "theatres.node",
    "theatres.transit",
    "theatres.part",
    "theatres.war",
    "theatres.attention",
    "theatres.control",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.guarantee",
    "theatres.ceasefire",
    "theatres.truce",
    "theatres.pressure",
    "theatres.regained",
    "theatres.cum_displaced",
    "custodies.custodian",
    "custodies.of",
    "custodies.hard",
    "custodies.other",
    "pools.gone",
    "pools.fallen",
    "pools.returned",
    "legs.owner",
    "legs.control",
)
WRITES = (
    "states.returnees",
    "nodes.held",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.cum_fallen",
    "theatres.control",
    "theatres.ceasefire",
    "theatres.regained",
    "theatres.fell",
    "theatres.cum_displaced",
    "custodies.hard",
    "custodies.other",
    "pools.gone",
    "pools.fallen",
    "pools.returned",
)
DRAWS = ("restraint/territory/offensives", "restraint/territory/ceasefires", "restraint/territory/breaks")
_OFFENSIVES = stream(DRAWS[0])
_CEASEFIRES = stream(DRAWS[1])
_BREAKS = stream(DRAWS[2])


@compiled
def power_of(base, support, control, params):
    """Return the power of a holder from its base (0-1), its support (0-1) and the land that it holds (0-1)."""
    weights = params.territory
    return base * (1.0 + weights.weight_support * support) * (1.0 + weights.weight_hold_power * control)


@compiled
def group_rate(q, war, truce, params):
    """Return the rate of offensives of a group with part `q` (0-1) of all power in a theatre."""
    return params.territory.rate_offensive * war * q * (1.0 - params.territory.weight_truce * truce)


@compiled
def state_rate(q, war, attention, pressure, shelter, params):
    """Return the rate of offensives of a state with part `q` (0-1) of all power; shelter: guarantee × cease-fire."""
    weights = params.territory
    zeal = 1.0 + weights.weight_attention * attention + weights.weight_strike * pressure
    return weights.rate_offensive * war * q * zeal * (1.0 - weights.weight_guarantee * shelter)


@compiled
def gain_from(control, q, q_other, params):
    """Return how much of a holder's land (0-1) somebody with part `q` of all power could hope to take."""
    if q_other <= 0.0:
        return control
    return control / (1.0 + (q_other / q) ** params.territory.decisiveness)


@compiled
def break_rate(ceasefire, guarantee, clients, params):
    """Return the rate at which a cease-fire breaks, given the share of fighters whom a holder of land protects."""
    grip = guarantee * (1.0 - params.territory.weight_protected * clients)
    return params.territory.rate_break * ceasefire * (1.0 - grip)


@compiled
def pass_on(world):
    """Let the land of groups that have become clients pass to their protectors."""
    for g in range(world.groups.shape[0]):
        t = world.groups[g].theatre
        if t != NOBODY and world.theatres[t].control[g] > 0.0:
            head = head_of(world, g)
            if head != g:
                theatre = world.theatres[t]
                theatre.control[head] = clipped(theatre.control[head] + theatre.control[g])
                theatre.control[g] = 0.0


@compiled
def state_place(world, t):
    """Return the state that fights on in theatre t without land: its own, or nobody where a group took its place."""
    for g in range(world.groups.shape[0]):
        if world.groups[g].is_state == 1 and is_there(world, g, t):
            return NOBODY
    return world.theatres[t].state


@compiled
def weigh_powers(world, t, power, params):
    """Write the part of every holder in all power in theatre t: float64 (holders,), 0 where it does not fight."""
    theatre = world.theatres[t]
    n = world.groups.shape[0]
    power[:] = 0.0
    for g in range(n):
        if is_there(world, g, t):
            power[head_of(world, g)] += members(world.groups[g])
    own = state_place(world, t)
    for i in range(power.shape[0]):
        if i < n:
            base = saturating(power[i], params.territory.half_power)
            if world.groups[i].is_state == 1 and is_there(world, i, t):
                base = max(base, params.territory.weight_state)
        else:
            base = params.territory.weight_state if i == n + own or theatre.control[i] > 0.0 else 0.0
        power[i] = 0.0
        if base > 0.0:
            support = theatre.support_declared[i] * theatre.kept[i]
            power[i] = power_of(base, support, theatre.control[i], params)
    total = power.sum()
    if total > 0.0:
        power /= total


@compiled
def first_to_attack(world, t, power, params, dice, ledger):
    """Return who attacks first in theatre t this quarter, or nobody, with the probability and the draw."""
    theatre = world.theatres[t]
    n = world.groups.shape[0]
    when = moment(dice, world.clock.quarter, _OFFENSIVES)
    shelter = theatre.guarantee * theatre.ceasefire
    found, soonest, p, draw = NOBODY, inf, 0.0, 1.0
    for i in range(power.shape[0]):
        if power[i] > 0.0:
            if i < n:
                rate = group_rate(power[i], theatre.war, theatre.truce, params)
            else:
                rate = state_rate(power[i], theatre.war, theatre.attention, theatre.pressure, shelter, params)
            u = uniform(when, theatre.id, world.groups[i].id if i < n else world.states[i - n].id, NO_ID)
            if happens(rate, u) and -log(1.0 - u) / rate < soonest:
                soonest = -log(1.0 - u) / rate
                found, p, draw = i, probability(rate), u
    return found, p, draw


@compiled
def best_target(world, t, i, power, params):
    """Return from whom holder i could gain most in theatre t (nobody: land that is nobody's), and that gain."""
    theatre = world.theatres[t]
    loser = NOBODY
    most = free_land(theatre)
    for j in range(power.shape[0]):
        if theatre.control[j] > 0.0 and j != i and not are_allied(world, i, j):
            gain = gain_from(theatre.control[j], power[i], power[j], params)
            if gain > most:
                most = gain
                loser = j
    return loser, most


@compiled
def contest(world, t, power, params, dice, ledger):
    """Let somebody take land in theatre t, where there is war and an offensive begins."""
    weigh_powers(world, t, power, params)
    i, p, u = first_to_attack(world, t, power, params, dice, ledger)
    if i == NOBODY:
        return
    loser, gain = best_target(world, t, i, power, params)
    if gain > 0.0:
        n = world.groups.shape[0]
        state, group = (NOBODY, i) if i < n else (i - n, NOBODY)
        note_group(ledger, state, group, t, OFFENSIVE, loser if loser < n else NOBODY, p, u)
        take(world, t, i, loser, params.territory.share_taken * gain, params)


@compiled
def next_ceasefire(world, t, clients, params, dice, ledger):
    """Return the cease-fire (0-1) in theatre t after a quarter in which one may begin or the one there may break."""
    theatre = world.theatres[t]
    ceasefire = theatre.ceasefire
    rate = break_rate(ceasefire, theatre.guarantee, clients, params)
    if rate > 0.0:
        u = uniform(moment(dice, world.clock.quarter, _BREAKS), theatre.id, NO_ID, NO_ID)
        if happens(rate, u):
            note_group(ledger, NOBODY, NOBODY, t, BREACH, NOBODY, probability(rate), u)
            return 0.0
    rate = params.territory.rate_ceasefire * theatre.guarantee * (1.0 - theatre.attention)
    if rate > 0.0 and ceasefire < 1.0:
        u = uniform(moment(dice, world.clock.quarter, _CEASEFIRES), theatre.id, NO_ID, NO_ID)
        if happens(rate, u):
            note_group(ledger, NOBODY, NOBODY, t, CEASEFIRE, NOBODY, probability(rate), u)
            return 1.0
    return ceasefire


@compiled
def look_at_nodes(world):
    """Write how much of every node armed groups hold."""
    for node in world.nodes:
        node.held = 0.0
    for theatre in world.theatres:
        if theatre.node != NOBODY:
            held = 0.0
            for g in range(world.groups.shape[0]):
                held += theatre.control[g]
            node = world.nodes[theatre.node]
            node.held = clipped(node.held + theatre.part * held)


@compiled
def apply(world, params, dice, ledger):
    """Let land be contested where there is war, cease-fires begin and break by what was found, and nodes be held."""
    pass_on(world)
    power = np.empty(world.theatres[0].control.shape[0]) if world.theatres.shape[0] > 0 else np.empty(0)
    for t in range(world.theatres.shape[0]):
        theatre = world.theatres[t]
        theatre.fell = 0.0
        if is_open(world.clock):
            clients = share_of_clients(world, t) if theatre.ceasefire > 0.0 else 0.0
            ceasefire = next_ceasefire(world, t, clients, params, dice, ledger)
            if theatre.war > 0.0:
                contest(world, t, power, params, dice, ledger)
            theatre.ceasefire = ceasefire
    look_at_nodes(world)
