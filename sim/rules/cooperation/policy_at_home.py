"""Policy at home.

Summary of rule: what a state does at home to the area that people leave grows harsher with the threat that it sees in
those abroad, and may soften, weakly, where it loses cooperation or its projects abroad come into danger.

    threat      = abroad / (abroad + half_abroad)            persons at the seats of wars outside the state
    cost        = Σ denied · persons / Σ persons             over the states asked, persons being those there
    goal        = clip(logistic(w_threat · threat − w_cost · cost − w_risk · risk − resistance) + shift)
    Δrepression = rate_policy · (goal − repression)

denied is how often the state asked refused of late, weighed by how many there are to ask for; risk is that to projects
abroad, as found last; shift is set from outside. With weight_cost and weight_risk at 0 nothing softens policy.

Mechanisms 41 and 42. Evidence: E0824, E0835, E0876 (threat), E0836, E1011 (contested: the author's conditional
speculation that cost and risk may moderate), E1010 (one small softening). Assumed: all weights; that policy moves by a
rate; that the threat seen is counted in persons where there is war.

Known limits: what is done at home follows only from abroad, from what usually resists and from outside; persons abroad
are counted as a suspicious state counts them, which says nothing of what they intend.
"""

import numpy as np

from sim.numerics.choice import logistic
from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, towards
from sim.rules.persons import saturating
from sim.world.fields import NOBODY

NAME = "cooperation/policy_at_home"
READS = (
    "origins.state",
    "origins.repression_shift",
    "origins.repression",
    "origins.risk",
    "nodes.state",
    "nodes.pull_declared",
    "nodes.persons",
    "channels.state",
    "channels.origin",
    "channels.denied",
)
WRITES = ("origins.repression", "origins.threat", "origins.cost")
DRAWS = ()


@compiled
def policy_goal(threat, cost, risk, shift, params):
    """Return the severity (0-1) that policy at home aims at; shift -1 to 1, the rest 0-1."""
    p = params.policy_at_home
    drive = p.weight_threat * threat - p.weight_cost * cost - p.weight_risk * risk - p.resistance
    return clipped(logistic(drive) + shift)


@compiled
def count_persons(world, o, here):
    """Write the persons of origin o by state to `here` (states,); return those at seats of wars outside its state."""
    at_war = 0.0
    for node in world.nodes:
        if node.state != NOBODY:
            number = node.persons[o].sum()
            here[node.state] += number
            if node.pull_declared > 0.0 and node.state != world.origins[o].state:
                at_war += number
    return at_war


@compiled
def cooperation_lost(world, o, here):
    """Return refusals of late (0-1), the mean over persons abroad, who are counted by state in `here` (states,)."""
    denied = 0.0
    persons = 0.0
    for channel in world.channels:
        if channel.origin == o:
            denied += channel.denied * here[channel.state]
            persons += here[channel.state]
    return denied / persons if persons > 0.0 else 0.0


@compiled
def apply(world, params, dice, ledger):
    """Move the policy of every origin's state on by one quarter."""
    here = np.zeros(world.states.shape[0])
    for o in range(world.origins.shape[0]):
        origin = world.origins[o]
        here[:] = 0.0
        at_war = count_persons(world, o, here)
        origin.threat = saturating(at_war, params.policy_at_home.half_abroad)
        origin.cost = cooperation_lost(world, o, here)
        goal = policy_goal(origin.threat, origin.cost, origin.risk, origin.repression_shift, params)
        origin.repression = towards(origin.repression, goal, params.policy_at_home.rate_policy)
