"""Attempts abroad.

Summary of rule: a group that looks abroad attempts attacks there at a rate that rises with its strength, hardliners and
grievances, and falls with the effort of a patron that feeds it and is near; a few cells act of their own accord.

    own rate  = rate_base · strength · orientation · hardliners · e^(w · grievance − w · held back)
                · (1 + w · land · orientation) · (1 + w · alarm) · (1 − w · embedding)
    cell rate = rate_cells · (1 + w · mean detection in the states aimed at)             where it has any members
    carried out with logistic(ease − w · capability − w · detection − w · heard), else foiled
    class     = best of 0, serious + w · strength − w · detection, mass + the same, each with a Gumbel term
    alarm'      = moved(alarm, w · [foiled], rate_alarm)
    capability' = moved(capability, rate_build · (alert + insecurity) · economy + rate_common · [body], rate_relax)

*held back* is effort × reach × dependence of the patron, for a hub without one its own effort. Both rates are
multiplied by the share of the aims that it may strike: neither its sponsor nor its host, while `spare_host` is 1.
The hazard is the sum of both rates over aims abroad, that is, neither in its host state nor in that of its theatre.
hardliners are a share of members; heard is the most that the state aimed at shares in any channel. A cell's class takes
nothing from its group's strength.

Mechanisms 62 (control through dependence), 80 (a host is spared), 81 (cells), 83 (a part caught alarms the rest), 114
(common bodies), 115 (lone acts where plots are stopped), 116 and 144 (rates outlast campaigns), 132 (land). Evidence:
E0500, E0508, E0703, E0704, E0413, E0821, E0823 (both contested), E0404 (contested), E0339, E0384, E0392, E0333, E0840.
Fitted: rate_base, to the seven places in E0704. Assumed: all other numbers and every form; one attempt of its own a
group and quarter; that what is foiled counts as an attempt but as no incident.

Known limits: nothing is said of means or of places below states; who is behind an attempt is known to the record alone.
In replay, as long as there is a record, nothing is attempted: hazards and margins are those of what might have been.
"""

import math

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, gumbel_at, moment, place, stream, uniform
from sim.numerics.hazards import happens, margin, probability
from sim.numerics.ledger import note_group
from sim.numerics.stocks import moved
from sim.rules.groups import hold_on, is_active, members, patron_of, strength_of
from sim.rules.incidents import record_incident
from sim.world.conflict import ATTEMPT, CELL
from sim.world.fields import NOBODY
from sim.world.standing import is_member, is_open

NAME = "restraint/conduct"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "politics.alert",
    "politics.next_incident",
    "states.id",
    "states.economy_class",
    "states.insecurity",
    "states.detection",
    "states.capability",
    "institutions.joins",
    "institutions.leaves",
    "institutions.security_from",
    "origins.state",
    "channels.state",
    "channels.origin",
    "channels.sharing",
    "groups.id",
    "groups.theatre",
    "groups.state",
    "groups.pledge",
    "groups.protector",
    "groups.sponsor",
    "groups.is_hub",
    "groups.enters",
    "groups.aim",
    "groups.hard",
    "groups.other",
    "groups.orientation",
    "groups.disarray",
    "groups.dependence",
    "groups.grievance",
    "groups.embedding",
    "groups.alarm",
    "groups.cum_external",
    "groups.cum_severity",
    "groups.cum_hazard",
    "groups.cum_failures",
    "groups.spell",
    "patrons.group",
    "patrons.state",
    "patrons.effort",
    "theatres.state",
    "theatres.control",
)
WRITES = (
    "politics.next_incident",
    "states.capability",
    "groups.alarm",
    "groups.hazard",
    "groups.margin",
    "groups.attempts",
    "groups.cum_external",
    "groups.cum_severity",
    "groups.cum_hazard",
    "groups.cum_failures",
    "groups.spell",
    "incidents.quarter",
    "incidents.target",
    "incidents.severity",
    "incidents.author",
    "incidents.accused",
    "incidents.accuser",
    "incidents.is_simulated",
    "incidents.is_foiled",
    "incidents.is_exposed",
)
DRAWS = (
    "restraint/conduct/attempts",
    "restraint/conduct/cells",
    "restraint/conduct/targets",
    "restraint/conduct/outcomes",
    "restraint/conduct/severity",
)
_ATTEMPTS = stream(DRAWS[0])
_CELLS = stream(DRAWS[1])
_TARGETS = stream(DRAWS[2])
_OUTCOMES = stream(DRAWS[3])
_SEVERITY = stream(DRAWS[4])
_OWN, _OF_CELL = np.uint64(1), np.uint64(2)
_CLASSES = (np.uint64(1), np.uint64(2), np.uint64(3))
_MOST = 20.0
"""Margins beyond these log-odds are told as these."""


@compiled
def own_rate(strength, orientation, hardliners, grievance, held, land, alarm, embedding, params):
    """Return the rate a quarter at which a group attempts attacks of its own; all arguments 0-1."""
    c = params.conduct
    rate = c.rate_base * strength * orientation * hardliners
    if rate <= 0.0:
        return 0.0
    rate *= (1.0 + c.weight_land * land * orientation) * (1.0 + c.weight_partial * alarm)
    rate *= 1.0 - c.weight_root * embedding
    return rate * math.exp(c.weight_grievance * grievance - c.weight_control * held)


@compiled
def cell_rate(detection, params):
    """Return the rate a quarter at which a group's cells act of their own accord, by detection where it aims (0-1)."""
    return params.conduct.rate_cells * (1.0 + params.conduct.weight_block * detection)


@compiled
def carried_out(capability, detection, heard, params):
    """Return the probability that an attempt is not foiled in a state; all arguments 0-1."""
    c = params.conduct
    stop = c.weight_capability * capability + c.weight_detection * detection + c.weight_heard * heard
    return logistic(c.ease - stop)


@compiled
def class_of(strength, detection, where, params):
    """Return the class of an attempt, by its code; `strength` is 0 for a cell, `where` the place of its draws."""
    c = params.conduct
    lift = c.weight_size * strength - c.weight_watch * detection
    best = gumbel_at(where, _CLASSES[0])
    found = 0
    serious = c.base_serious + lift + gumbel_at(where, _CLASSES[1])
    if serious > best:
        best = serious
        found = 1
    return 2 if c.base_mass + lift + gumbel_at(where, _CLASSES[2]) > best else found


@compiled
def next_capability(capability, fear, economy_class, body, params):
    """Return the capability of a state's services (0-1) after a quarter; fear 0-2, body 0 or 1."""
    c = params.conduct
    gain = c.rate_build * fear * economy_class / 5.0 + c.rate_common * body
    return moved(capability, gain, c.rate_relax)


@compiled
def is_spared(group, s, params):
    """Return whether a group leaves state s alone: its host, or its sponsor."""
    return params.conduct.spare_host > 0.5 and (s == group.state or s == group.sponsor)


@compiled
def is_abroad(world, group, s):
    """Return whether state s is neither a group's host nor the one that its theatre lies in."""
    if s == group.state:
        return False
    return group.theatre == NOBODY or world.theatres[group.theatre].state != s


@compiled
def aims_of(world, g, params):
    """Return the shares of a group's aims that it may strike and that of these lie abroad, and mean detection there."""
    group = world.groups[g]
    total = 0.0
    abroad = 0.0
    seen = 0.0
    for s in range(world.states.shape[0]):
        aim = group.aim[s]
        if aim > 0.0 and not is_spared(group, s, params):
            total += aim
            seen += aim * world.states[s].detection
            if is_abroad(world, group, s):
                abroad += aim
    return total, abroad, seen / total if total > 0.0 else 0.0


@compiled
def target_of(world, g, kind, params, dice):
    """Return the state that an attempt is aimed at: one that the group does not spare, with a chance as its aims."""
    group = world.groups[g]
    when = moment(dice, world.clock.quarter, _TARGETS)
    most = -math.inf
    found = NOBODY
    for s in range(world.states.shape[0]):
        if group.aim[s] > 0.0 and not is_spared(group, s, params):
            drawn = math.log(group.aim[s]) + gumbel(when, group.id, world.states[s].id, kind)
            if drawn > most:
                most = drawn
                found = s
    return found


@compiled
def heard_in(world, s):
    """Return the most intelligence (0-1) that state s shares in any channel that it is an end of."""
    most = 0.0
    for channel in world.channels:
        is_end = channel.state == s
        if not is_end and channel.origin != NOBODY:
            is_end = world.origins[channel.origin].state == s
        if is_end:
            most = max(most, channel.sharing)
    return most


@compiled
def strike(world, g, s, kind, strength, has_patron, params, dice):
    """Attempt an attack in state s, and count it; return whether it was foiled."""
    group = world.groups[g]
    state = world.states[s]
    quarter = world.clock.quarter
    p = carried_out(state.capability, state.detection, heard_in(world, s), params)
    is_foiled = uniform(moment(dice, quarter, _OUTCOMES), group.id, kind, NO_ID) >= p
    where = place(moment(dice, quarter, _SEVERITY), group.id, kind)
    severity = class_of(strength, state.detection, where, params)
    record_incident(world, s, severity, g, 1, 1 if is_foiled else 0)
    group.attempts += 1.0
    if is_abroad(world, group, s):
        group.cum_external += 1.0
        if has_patron:
            group.cum_failures += 1.0
        if not is_foiled:
            group.cum_severity[severity] += 1.0
    return is_foiled


@compiled
def attempt(world, g, own, u, cell, u_cell, strength, has_patron, params, dice, ledger):
    """Let a group, and apart from it a cell of it, attempt an attack or not; return whether any was foiled."""
    group = world.groups[g]
    is_foiled = False
    if own > 0.0:
        s = NOBODY
        if happens(own, u):
            s = target_of(world, g, _OWN, params, dice)
            is_foiled = strike(world, g, s, _OWN, strength, has_patron, params, dice)
        note_group(ledger, s, g, group.theatre, ATTEMPT, NOBODY, probability(own), u)
    if happens(cell, u_cell):
        s = target_of(world, g, _OF_CELL, params, dice)
        note_group(ledger, s, g, group.theatre, CELL, NOBODY, probability(cell), u_cell)
        if strike(world, g, s, _OF_CELL, 0.0, has_patron, params, dice):
            is_foiled = True
    return is_foiled


@compiled
def act(world, g, u, u_cell, params, dice, ledger):
    """Write a group's hazard and margin, and where history is open let it attempt attacks."""
    group = world.groups[g]
    c = params.conduct
    persons = members(group)
    strength = strength_of(group, c.half_strength, c.weight_disarray)
    total, abroad, seen = aims_of(world, g, params)
    land = world.theatres[group.theatre].control[g] if group.theatre != NOBODY else 0.0
    own = 0.0
    cell = 0.0
    if persons > 0.0:
        held = hold_on(world, g, c.share_afar)
        hardliners = group.hard / persons
        own = own_rate(
            strength, group.orientation, hardliners, group.grievance, held, land, group.alarm, group.embedding, params
        )
        cell = cell_rate(seen, params)
    has_patron = patron_of(world, g) != NOBODY
    group.hazard = abroad * (own + cell)
    group.margin = min(_MOST, max(-_MOST, margin(probability(total * own), u)))
    group.attempts = 0.0
    is_foiled = False
    if is_open(world.clock):
        group.cum_hazard += group.hazard
        is_foiled = attempt(world, g, total * own, u, total * cell, u_cell, strength, has_patron, params, dice, ledger)
        if has_patron and group.cum_failures == 0.0:
            group.spell += 1.0
    group.alarm = moved(group.alarm, c.weight_caught if is_foiled else 0.0, c.rate_alarm)


@compiled
def is_in_body(world, s):
    """Return whether state s belongs to a body whose members share data on security."""
    quarter = world.clock.quarter
    for institution in world.institutions:
        if institution.security_from <= quarter and is_member(institution, s, quarter):
            return True
    return False


@compiled
def apply(world, params, dice, ledger):
    """Let every group act, by the capability that each state had; then let states build capability up, or relax."""
    quarter = world.clock.quarter
    attempts = moment(dice, quarter, _ATTEMPTS)
    cells = moment(dice, quarter, _CELLS)
    for g in range(world.groups.shape[0]):
        if is_active(world.groups[g], quarter):
            own_id = world.groups[g].id
            u = uniform(attempts, own_id, NO_ID, NO_ID)
            u_cell = uniform(cells, own_id, NO_ID, NO_ID)
            act(world, g, u, u_cell, params, dice, ledger)
    for s in range(world.states.shape[0]):
        state = world.states[s]
        fear = world.politics.alert + state.insecurity
        body = 1.0 if is_in_body(world, s) else 0.0
        state.capability = next_capability(state.capability, fear, state.economy_class, body, params)
