"""Overseas interests.

Summary of rule: where persons abroad, a grievance, fear or a war nearby make a state dangerous to another's projects,
that state asks for more cooperation first; only past a threshold, and where its law allows it, may it send a mission.

    threat of a state = clip(w_present · persons / (persons + half_present) + w_near · war
                             + w_insecurity · insecurity + w_returnees · returnees / (returnees + half_present))
    danger            = clip(threat + w_grievance · grievance) · (1 − relief · mission)
    projects          = Σ over firms of the home: value of projects · presence in the state
    risk              = Σ projects · danger / Σ projects
    priority          = clip(usual priority + w_risk · risk)
    excess            = projects / (projects + half_value) · danger · (1 + w_cost · cost) − threshold
    hazard of mission = rate_mission · law · (1 − mission) · excess                      where excess > 0

grievance is repression · salience · solidarity, the largest over origins; war the largest pull on either side of a
border of the state; insecurity the fear that incidents on its soil left; returnees former members of groups that aimed
at it, who came back of late; mission the largest there. A mission begins at 1 and is withdrawn by a rate; the more of
it is gone, the sooner another may be sent. cost is the cooperation lost through refusals.

Mechanisms 54 (cooperation before force), 106 (grievance), 42 (danger abroad) and 104 (returnees). Evidence: E0874,
E1007 (cooperation is preferred), E0873, E1006 (law), E1005 (contested: a what-if, no mission is documented), E1004,
E0821, E0823, E1003 (contested), E0876. Assumed: all weights; that a state's danger is what its government sees in those
who are there.

Known limits: persons are counted as a suspicious state counts them, which says nothing of what they intend; a mission
angers nobody.
"""

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.hazards import happens, probability
from sim.numerics.ledger import note_between
from sim.numerics.stocks import clipped
from sim.rules.persons import saturating
from sim.world.cooperation import MISSION
from sim.world.fields import NOBODY

NAME = "cooperation/overseas_interests"
READS = (
    "clock.quarter",
    "states.insecurity",
    "states.returnees",
    "firms.home",
    "firms.project_value",
    "firms.presence",
    "origins.state",
    "origins.home",
    "origins.priority_base",
    "origins.repression",
    "origins.salience",
    "origins.deploy_law",
    "origins.cost",
    "origins.cum_missions",
    "nodes.state",
    "nodes.pull_declared",
    "nodes.persons",
    "legs.start",
    "legs.end",
    "legs.is_border",
    "channels.id",
    "channels.state",
    "channels.origin",
    "channels.solidarity",
    "channels.mission",
)
WRITES = ("states.threat", "origins.risk", "origins.priority", "origins.cum_missions", "channels.mission")
DRAWS = ("cooperation/overseas_interests/missions",)
_MISSIONS = stream(DRAWS[0])


@compiled
def threat_of(persons, war, insecurity, returnees, params):
    """Return the threat (0-1) that a state sees in persons, a war nearby (0-1), its own fear (0-1) and returnees."""
    p = params.overseas_interests
    threat = p.weight_present * saturating(persons, p.half_present) + p.weight_near * war
    threat += p.weight_insecurity * insecurity
    return clipped(threat + p.weight_returnees * saturating(returnees, p.half_present))


@compiled
def danger_of(threat, grievance, mission, params):
    """Return the danger (0-1) to another's projects in a state; threat, grievance and mission are 0-1."""
    p = params.overseas_interests
    return clipped(threat + p.weight_grievance * grievance) * (1.0 - p.relief * mission)


@compiled
def excess_of(projects, danger, cost, params):
    """Return by how much the danger to projects in a state exceeds what brings a mission; negative below that."""
    p = params.overseas_interests
    return saturating(projects, p.half_value) * danger * (1.0 + p.weight_cost * cost) - p.threshold


@compiled
def count_persons(world, persons):
    """Add to `persons` (states,) those in every state who left another."""
    for node in world.nodes:
        if node.state != NOBODY:
            for o in range(world.origins.shape[0]):
                if world.origins[o].state != node.state:
                    persons[node.state] += node.persons[o].sum()


@compiled
def find_wars(world, war):
    """Raise `war` (states,) to the largest pull (0-1) on either side of a border of each state."""
    for leg in world.legs:
        if leg.start != NOBODY and leg.end != NOBODY and leg.is_border == 1:
            start = world.nodes[leg.start]
            end = world.nodes[leg.end]
            pull = max(start.pull_declared, end.pull_declared)
            if start.state != NOBODY:
                war[start.state] = max(war[start.state], pull)
            if end.state != NOBODY:
                war[end.state] = max(war[end.state], pull)


@compiled
def look_at_threats(world, danger, params):
    """Write the threat in every state, and to `danger` (states,) what threatens another's projects there."""
    found = np.zeros((4, world.states.shape[0]))
    persons, grievance, war, mission = found[0], found[1], found[2], found[3]
    count_persons(world, persons)
    find_wars(world, war)
    for channel in world.channels:
        s = channel.state
        origin = world.origins[channel.origin]
        grievance[s] = max(grievance[s], origin.repression * origin.salience * channel.solidarity)
        mission[s] = max(mission[s], channel.mission)
    for s in range(persons.shape[0]):
        state = world.states[s]
        state.threat = threat_of(persons[s], war[s], state.insecurity, state.returnees, params)
        danger[s] = danger_of(state.threat, grievance[s], mission[s], params)


@compiled
def value_projects(world, home, projects):
    """Write to `projects` (states,) what the home's firms stand to lose in every state."""
    projects[:] = 0.0
    for firm in world.firms:
        if firm.home == home and firm.project_value > 0.0:
            for s in range(projects.shape[0]):
                projects[s] += firm.project_value * firm.presence[s]


@compiled
def send_mission(world, c, projects, danger, params, dice, ledger):
    """Withdraw from the mission on a channel, or send one, by what there is to lose in that state and its danger."""
    channel = world.channels[c]
    origin = world.origins[channel.origin]
    left = 1.0 - channel.mission
    channel.mission *= 1.0 - params.overseas_interests.rate_withdraw
    if origin.deploy_law <= 0.0:
        return
    excess = excess_of(projects, danger, origin.cost, params)
    rate = params.overseas_interests.rate_mission * origin.deploy_law * left * excess
    if rate > 0.0:
        u = uniform(moment(dice, world.clock.quarter, _MISSIONS), channel.id, NO_ID, NO_ID)
        if happens(rate, u):
            note_between(ledger, channel.state, channel.origin, MISSION, NOBODY, probability(rate), u)
            channel.mission = 1.0
            origin.cum_missions += 1.0


@compiled
def apply(world, params, dice, ledger):
    """Look at every state's threat, then let the states of origins ask more, or send missions."""
    of_states = np.zeros((2, world.states.shape[0]))
    projects, dangers = of_states[0], of_states[1]
    look_at_threats(world, dangers, params)
    for o in range(world.origins.shape[0]):
        origin = world.origins[o]
        if origin.home != NOBODY:
            value_projects(world, origin.home, projects)
        else:
            projects[:] = 0.0
        danger = 0.0
        total = 0.0
        for c in range(world.channels.shape[0]):
            channel = world.channels[c]
            if channel.origin == o:
                danger += projects[channel.state] * dangers[channel.state]
                total += projects[channel.state]
                send_mission(world, c, projects[channel.state], dangers[channel.state], params, dice, ledger)
        origin.risk = danger / total if total > 0.0 else 0.0
        origin.priority = clipped(origin.priority_base + params.overseas_interests.weight_risk * origin.risk)
