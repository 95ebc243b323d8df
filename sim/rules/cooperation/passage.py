"""Passage.

Summary of rule: missions of a state that sympathises are alleged to give papers to those on the way, and the state that
asks for them suspects it of that and of profiting from them in a war; what it suspects costs trust, true or not.

    papers given a quarter = rate_issue · solidarity · (1 − weight_pressure · pressure) · those without papers there,
                             or the share set from outside, if that is more
    suspicion              = solidarity · near / (near + half_present)
    rumour                 = solidarity · papers / (papers + half_present)
    hazard of accusation   = rate_accuse · (suspicion + weight_papers · rumour)
    sponsoring             = largest care for · (belief − prior) in · aim at the state that asks, of any group
    Δtrust                 = rate_mend · (usual trust − trust) − (rate_proxy · suspicion + weight_doubt · informers
                             + rate_sponsor · sponsoring + [accused] · share_lost) · trust

near counts persons at the seats of wars across a border of the state; papers counts those with papers anywhere outside
it, whoever gave them, if its missions could give any. belief is that of audiences of the state that asks; a state has
care for the groups that it sponsors (1), and for those in a theatre where it supports another group (that support),
since nobody sees who passes what on to whom. Nobody knows who did, so that a state may be accused although it gives
nothing (rate_issue = 0), and give without being accused.

Mechanisms 51 (papers, alleged and denied) and 52 (suspected use of fighters, poorly documented: rate_proxy and
rate_sponsor), and the doubt of 129: informers of mixed loyalty. Evidence: E0991, E0992, E0994, E0995, E0934, E0966,
E0967, E0989, E0996 (contested: what officials, a newspaper and emigrants allege), E0993, E0982, E0386. Assumed: all
rates and weights; that trust mends towards what it was.

In replay, as long as there is a record, only accusations on record are made.

Known limits: papers are never taken back, and wear off for nobody.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_between
from sim.numerics.stocks import clipped, towards
from sim.rules.persons import saturating
from sim.world.cooperation import ACCUSATION, IRREGULAR, PAPERS
from sim.world.fields import NOBODY
from sim.world.standing import is_open

NAME = "cooperation/passage"
READS = (
    "clock.quarter",
    "clock.is_replay",
    "clock.history_end",
    "states.informers",
    "origins.state",
    "groups.theatre",
    "groups.sponsor",
    "groups.aim",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "audiences.state",
    "audiences.prior",
    "audiences.belief",
    "nodes.state",
    "nodes.issuer",
    "nodes.pull_declared",
    "nodes.persons",
    "legs.start",
    "legs.end",
    "legs.is_border",
    "channels.id",
    "channels.state",
    "channels.origin",
    "channels.solidarity",
    "channels.trust_base",
    "channels.trust",
    "channels.pressure",
    "channels.papers_declared",
    "channels.accusation_order",
    "channels.cum_accused",
)
WRITES = ("nodes.persons", "channels.trust", "channels.cum_accused")
DRAWS = ("cooperation/passage/accusations",)
_ACCUSATIONS = stream(DRAWS[0])


@compiled
def issued_share(solidarity, pressure, params):
    """Return the share (0-1) of those without papers to whom a mission gives some; both arguments are 0-1."""
    return clipped(params.passage.rate_issue * solidarity * (1.0 - params.passage.weight_pressure * pressure))


@compiled
def accusation_rate(suspicion, rumour, params):
    """Return the rate a quarter of accusations, given suspicion of use in a war and rumour of papers (0-1)."""
    return params.passage.rate_accuse * (suspicion + params.passage.weight_papers * rumour)


@compiled
def next_trust(trust, usual, suspicion, informers, sponsoring, is_accused, params):
    """Return trust (0-1) after a quarter; usual trust, suspicion, informers and sponsoring are 0-1."""
    loss = params.passage.rate_proxy * suspicion + params.passage.weight_doubt * informers
    loss += params.passage.rate_sponsor * sponsoring
    if is_accused:
        loss += params.passage.share_lost
    return clipped(towards(trust, usual, params.passage.rate_mend) - loss * trust)


@compiled
def near_war(world):
    """Return persons at the seats of wars across a state's border: float64 (states, origins), each seat once."""
    near = np.zeros((world.states.shape[0], world.origins.shape[0]))
    last = np.full(world.states.shape[0], NOBODY)
    for n in range(world.nodes.shape[0]):
        seat = world.nodes[n]
        if seat.pull_declared > 0.0:
            for leg in world.legs:
                is_next = leg.end == n and leg.start != NOBODY and leg.is_border == 1
                s = world.nodes[leg.start].state if is_next else NOBODY
                if s != NOBODY and last[s] != n:
                    last[s] = n
                    for o in range(near.shape[1]):
                        near[s, o] += seat.persons[o].sum()
    return near


@compiled
def note_sponsors(world, g, o, feared, sponsoring):
    """Raise `sponsoring` (states, origins) for those who care for group g, which the state of origin o fears (0-1)."""
    group = world.groups[g]
    if group.sponsor != NOBODY:
        sponsoring[group.sponsor, o] = max(sponsoring[group.sponsor, o], feared)
    if group.theatre != NOBODY:
        theatre = world.theatres[group.theatre]
        for h in range(world.groups.shape[0]):
            backer = theatre.backer[h]
            if backer != NOBODY and group.aim[backer] == 0.0:
                care = feared * theatre.support_declared[h] * theatre.kept[h]
                sponsoring[backer, o] = max(sponsoring[backer, o], care)


@compiled
def find_sponsors(world):
    """Return how far states are thought to care for groups that aim at an origin's state: float64 (states, origins)."""
    sponsoring = np.zeros((world.states.shape[0], world.origins.shape[0]))
    for o in range(world.origins.shape[0]):
        asking = world.origins[o].state
        for audience in world.audiences:
            if audience.state == asking and asking != NOBODY:
                for g in range(world.groups.shape[0]):
                    feared = (audience.belief[g] - audience.prior) * world.groups[g].aim[asking]
                    if feared > 0.0:
                        note_sponsors(world, g, o, feared, sponsoring)
    return sponsoring


@compiled
def have_missions(world):
    """Return which states have a mission on the way that could give papers: bool (states,)."""
    found = np.zeros(world.states.shape[0], np.bool_)
    for node in world.nodes:
        if node.issuer != NOBODY:
            found[node.issuer] = True
    return found


@compiled
def papers_outside(world, s, o):
    """Return the persons of origin o with papers outside state s."""
    total = 0.0
    for node in world.nodes:
        if node.state != s:
            total += node.persons[o, PAPERS]
    return total


@compiled
def is_accused(world, c, suspicion, rumour, params, dice, ledger):
    """Return whether a state is accused this quarter; note it."""
    channel = world.channels[c]
    if not is_open(world.clock):
        return channel.accusation_order == 1.0
    rate = accusation_rate(suspicion, rumour, params)
    if rate <= 0.0:
        return channel.accusation_order == 1.0
    u = uniform(moment(dice, world.clock.quarter, _ACCUSATIONS), channel.id, NO_ID, NO_ID)
    if not happens(rate, u):
        return channel.accusation_order == 1.0
    note_between(ledger, channel.state, channel.origin, ACCUSATION, NOBODY, probability(rate), u)
    return True


@compiled
def judge(world, c, near, sponsoring, has_mission, params, dice, ledger):
    """Let the state asked on a channel be suspected, and perhaps accused, with what that does to trust."""
    channel = world.channels[c]
    s, o, half = channel.state, channel.origin, params.passage.half_present
    suspicion = channel.solidarity * saturating(near[s, o], half)
    rumour = channel.solidarity * saturating(papers_outside(world, s, o), half) if has_mission[s] else 0.0
    accused = is_accused(world, c, suspicion, rumour, params, dice, ledger)
    informers = world.states[s].informers
    channel.trust = next_trust(
        channel.trust, channel.trust_base, suspicion, informers, sponsoring[s, o], accused, params
    )
    if accused:
        channel.cum_accused += 1.0


@compiled
def give_papers(world, channel, params):
    """Let the missions of a state that is asked give papers, at every node where it has one."""
    share = max(channel.papers_declared, issued_share(channel.solidarity, channel.pressure, params))
    for node in world.nodes:
        if node.issuer == channel.state:
            given = share * node.persons[channel.origin, IRREGULAR]
            node.persons[channel.origin, IRREGULAR] -= given
            node.persons[channel.origin, PAPERS] += given


@compiled
def apply(world, params, dice, ledger):
    """Let states be suspected by what is found, then let their missions give papers."""
    near = near_war(world)
    sponsoring = find_sponsors(world)
    has_mission = have_missions(world)
    for c in range(world.channels.shape[0]):
        judge(world, c, near, sponsoring, has_mission, params, dice, ledger)
    for channel in world.channels:
        if has_mission[channel.state]:
            give_papers(world, channel, params)
