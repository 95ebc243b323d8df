"""Accusation.

Summary of rule: a government accuses an armed group because something happened on its soil, because people protest at
home, or because figures are wanted; whom it accuses follows from aims, ties and habit, and it may be wrong.

    rate of accusing = mix_evidence · rate_evidence · Σ class weights of its soil's incidents that nobody is accused of
                       + mix_diversion · rate_diversion · protest · control
                       + mix_quota · rate_quota · publicity · breadth
    utility of group g as the accused = weight_aim · aim + weight_global · line of the hub that g is pledged to
                       + weight_listed · [listed by this state] + weight_past · habit + weight_reach · reported land
                       + weight_known · detection, where an incident is the cause and g brought it forth
    habit of accusing g = moved(habit, rate_lean · accusation, rate_forget)
    a wrong accusation is exposed at rate_expose · (1 − control) · voice of its public, from the next quarter on
    the accused denies with chance_denial
    pressure on a theatre gains weight_strikes · (1 − pressure) with every accusation of a group that is there

The cause is drawn by the parts of the rate. An accusation for the sake of evidence takes the latest incident on the
accuser's soil, one for another cause takes none and is bare. The accused is written beside the author of an incident,
never in its place. Whether it was right is counted for incidents of the model alone: accusations about incidents on
record stay unsettled, whoever was behind them, and their author is not read here at all.

Three theories of why governments accuse stand side by side, and the mixture is assumed. Evidence: they accuse because
of what happened. Diversion: they point abroad when people protest at home; that is one author's reading of one country
and is contested. Quota: wide laws and a wish for figures bring accusations; inferred from the same author's judgement.

Mechanisms 84 (a pledge invites blame), 87 (diversion), 89 (accusing so as to strike), 97 (broad definitions), with
denial of 66 and exposure of 94. Evidence: E0543, E0588, E0466, E0465, E0469, E0498, E0581, E0395 (all contested or an
author's judgement), E0462 (a group's own statement, contested). Assumed: every number, and the even mixture.

In replay, as long as there is a record, only accusations, denials and exposures on record are made.

Known limits: a government accuses of its own accord once a quarter at most; nobody accuses a person, a state or a
group that the model does not hold; a denial counts in the quarter of the accusation alone.
"""

import numpy as np

from sim.numerics.choice import best_two
from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, gumbel, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_group, note_link
from sim.numerics.stocks import moved
from sim.rules.groups import is_active
from sim.rules.incidents import class_weight
from sim.world.conflict import ACCUSE, ACCUSED, DENIAL, DIVERSION, EVIDENCE, EXPOSURE, QUOTA
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "information/accusation"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "politics.next_incident",
    "states.voice",
    "states.detection",
    "states.protest",
    "groups.id",
    "groups.theatre",
    "groups.pledge",
    "groups.enters",
    "groups.aim",
    "groups.line",
    "groups.rep_hold",
    "theatres.pressure",
    "designations.group",
    "designations.power",
    "designations.listed",
    "incidents.quarter",
    "incidents.target",
    "incidents.severity",
    "incidents.author",
    "incidents.accused",
    "incidents.accuser",
    "incidents.is_simulated",
    "incidents.is_exposed",
    "accusers.id",
    "accusers.state",
    "accusers.breadth",
    "accusers.publicity",
    "accusers.control",
    "accusers.lean",
    "accusers.declared",
    "accusers.denial_declared",
    "accusers.exposure_declared",
    "accusers.cum_accused",
    "accusers.cum_right",
    "accusers.cum_wrong",
    "accusers.cum_unsettled",
    "accusers.cum_bare",
    "accusers.cum_exposed",
)
WRITES = (
    "theatres.pressure",
    "incidents.accused",
    "incidents.accuser",
    "incidents.is_exposed",
    "accusers.lean",
    "accusers.accuses",
    "accusers.denied",
    "accusers.exposed",
    "accusers.cum_accused",
    "accusers.cum_right",
    "accusers.cum_wrong",
    "accusers.cum_unsettled",
    "accusers.cum_bare",
    "accusers.cum_exposed",
)
DRAWS = (
    "information/accusation/acts",
    "information/accusation/causes",
    "information/accusation/whom",
    "information/accusation/denials",
    "information/accusation/exposures",
)
_ACTS = stream(DRAWS[0])
_CAUSES = stream(DRAWS[1])
_WHOM = stream(DRAWS[2])
_DENIALS = stream(DRAWS[3])
_EXPOSURES = stream(DRAWS[4])


@compiled
def parts_of_rate(new, protest, control, publicity, breadth, params):
    """Return the rates a quarter of accusing for evidence, diversion and quota; `new` sums weights of incidents."""
    p = params.accusation
    evidence = p.mix_evidence * p.rate_evidence * new
    diversion = p.mix_diversion * p.rate_diversion * protest * control
    quota = p.mix_quota * p.rate_quota * publicity * breadth
    return evidence, diversion, quota


@compiled
def cause_of(evidence, diversion, quota, u):
    """Return the cause of an accusation by the parts of its rate and a draw."""
    share = u * (evidence + diversion + quota)
    if share < evidence:
        return EVIDENCE
    return DIVERSION if share < evidence + diversion else QUOTA


@compiled
def appeal_of(aim, line, listed, lean, hold, known, params):
    """Return how much a group lends itself to being accused, all arguments 0-1; `line` is that of its hub."""
    p = params.accusation
    ties = p.weight_aim * aim + p.weight_global * line + p.weight_listed * listed
    return ties + p.weight_past * lean + p.weight_reach * hold + p.weight_known * known


@compiled
def find_incidents(world, state):
    """Return Σ class weights of this quarter's incidents in a state of which nobody is accused, and the latest row.

    Nobody where there is none. Rows are gone through from the newest.
    """
    n = world.incidents.shape[0]
    newest = world.politics.next_incident - 1
    quarter = world.clock.quarter
    new = 0.0
    latest = NOBODY
    for k in range(n):
        i = (newest - k) % n
        incident = world.incidents[i]
        if incident.quarter < quarter:
            break
        if incident.target == state and incident.accuser == NOBODY:
            latest = i if latest == NOBODY else latest
            new += class_weight(incident.severity)
    return new, latest


@compiled
def settle(world, d, g, i):
    """Count an accusation of group g by accuser d, and write it beside the author of incident i, or of none.

    Whether one on record was about anything is not the model's to say.
    """
    accuser = world.accusers[d]
    accuser.cum_accused += 1.0
    if i == NOBODY:
        if is_open(world.clock):
            accuser.cum_bare += 1.0
        else:
            accuser.cum_unsettled += 1.0
        return
    incident = world.incidents[i]
    incident.accused = g
    incident.accuser = d
    if incident.is_simulated == 0 or incident.author < 0:
        accuser.cum_unsettled += 1.0
    elif incident.author == g:
        accuser.cum_right += 1.0
    else:
        accuser.cum_wrong += 1.0


@compiled
def is_listed(world, g, state):
    """Return 1 where the state designates group g, else 0; a share where it does in part."""
    for designation in world.designations:
        if designation.group == g and designation.power == state:
            return designation.listed
    return 0.0


@compiled
def choose(world, d, author, options, utilities, dice, params, ledger):
    """Return the group that accuser d accuses, or nobody; `author` is the group that its services may know of.

    options (groups,) and utilities (2, groups), without and with their random terms, are overwritten.
    """
    accuser = world.accusers[d]
    s = accuser.state
    quarter = world.clock.quarter
    when = moment(dice, quarter, _WHOM)
    n = 0
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        if is_active(group, quarter):
            line = world.groups[group.pledge].line if group.pledge != NOBODY else 0.0
            known = world.states[s].detection if g == author else 0.0
            listed = is_listed(world, g, s)
            appeal = appeal_of(group.aim[s], line, listed, accuser.lean[g], group.rep_hold, known, params)
            utilities[0, n] = appeal
            utilities[1, n] = appeal + gumbel(when, accuser.id, group.id, NO_ID)
            options[n] = g
            n += 1
    place, lead = best_two(utilities[1], n)
    if place == NOBODY:
        return NOBODY
    note_link(ledger, s, NOBODY, ACCUSED, options, utilities[0], n, place, lead)
    return options[place]


@compiled
def accuse_openly(world, d, options, utilities, params, dice, ledger):
    """Let accuser d accuse a group of its own accord, or not."""
    accuser = world.accusers[d]
    state = world.states[accuser.state]
    new, latest = find_incidents(world, accuser.state)
    evidence, diversion, quota = parts_of_rate(
        new, state.protest, accuser.control, accuser.publicity, accuser.breadth, params
    )
    rate = evidence + diversion + quota
    if rate <= 0.0:
        return
    quarter = world.clock.quarter
    u = uniform(moment(dice, quarter, _ACTS), accuser.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return
    note_group(ledger, accuser.state, NOBODY, NOBODY, ACCUSE, NOBODY, probability(rate), u)
    cause = cause_of(evidence, diversion, quota, uniform(moment(dice, quarter, _CAUSES), accuser.id, NO_ID, NO_ID))
    i = latest if cause == EVIDENCE else NOBODY
    is_ours = i != NOBODY and world.incidents[i].is_simulated == 1
    author = world.incidents[i].author if is_ours else NOBODY
    g = choose(world, d, author, options, utilities, dice, params, ledger)
    if g != NOBODY:
        accuser.accuses[g] = 1.0
        settle(world, d, g, i)


@compiled
def begin(world, d):
    """Write what was set from outside for accuser d this quarter: accusations, denials, an exposure."""
    accuser = world.accusers[d]
    accuser.exposed = max(accuser.exposed, accuser.exposure_declared)
    if accuser.exposure_declared > 0.0:
        accuser.cum_exposed += 1.0
    for g in range(world.groups.shape[0]):
        accuser.accuses[g] = accuser.declared[g]
        accuser.denied[g] = accuser.denial_declared[g]
        if accuser.declared[g] > 0.0:
            settle(world, d, g, find_incidents(world, accuser.state)[1])


@compiled
def expose(world, params, dice, ledger):
    """Let accusations that were wrong, of incidents of the model, be found out."""
    when = moment(dice, world.clock.quarter, _EXPOSURES)
    for incident in world.incidents:
        is_wrong = incident.author >= 0 and incident.author != incident.accused
        if incident.is_simulated == 0 or incident.is_exposed == 1 or incident.accuser == NOBODY or not is_wrong:
            continue
        accuser = world.accusers[incident.accuser]
        rate = params.accusation.rate_expose * (1.0 - accuser.control) * world.states[accuser.state].voice
        u = uniform(when, accuser.id, world.groups[incident.accused].id, np.uint64(incident.quarter))
        if happens(rate, u):
            note_group(ledger, accuser.state, incident.accused, NOBODY, EXPOSURE, NOBODY, probability(rate), u)
            incident.is_exposed = 1
            accuser.exposed = 1.0
            accuser.cum_exposed += 1.0


@compiled
def deny(world, d, g, params, dice, ledger):
    """Let group g deny what accuser d lays to it, by chance."""
    accuser = world.accusers[d]
    group = world.groups[g]
    u = uniform(moment(dice, world.clock.quarter, _DENIALS), group.id, accuser.id, NO_ID)
    p = params.accusation.chance_denial
    if u < p:
        note_group(ledger, accuser.state, g, group.theatre, DENIAL, NOBODY, p, u)
        accuser.denied[g] = 1.0


@compiled
def follow(world, d, may_decide, params, dice, ledger):
    """Draw what follows from the accusations of accuser d: denials, habit, and pressure on the theatre."""
    accuser = world.accusers[d]
    p = params.accusation
    for g in range(world.groups.shape[0]):
        said = accuser.accuses[g]
        if said > 0.0:
            if may_decide:
                deny(world, d, g, params, dice, ledger)
            t = world.groups[g].theatre
            if t != NOBODY:
                world.theatres[t].pressure = moved(world.theatres[t].pressure, p.weight_strikes * said, 0.0)
        if said > 0.0 or accuser.lean[g] > 0.0:
            accuser.lean[g] = moved(accuser.lean[g], p.rate_lean * said, p.rate_forget)


@compiled
def apply(world, params, dice, ledger):
    """Let errors come out, then let governments accuse, as ordered or of their own accord, and groups deny."""
    may_decide = is_open(world.clock)
    n_accusers = world.accusers.shape[0]
    n_groups = world.groups.shape[0]
    options = np.zeros(n_groups, np.int64)
    utilities = np.zeros((2, n_groups))
    for d in range(n_accusers):
        world.accusers[d].exposed = 0.0
    if may_decide:
        expose(world, params, dice, ledger)
    for d in range(n_accusers):
        begin(world, d)
        if may_decide:
            accuse_openly(world, d, options, utilities, params, dice, ledger)
        follow(world, d, may_decide, params, dice, ledger)
