"""Routes.

Summary of rule: people leave, move on or stay by the cheapest plan that they see, weighing the way, the risk of being
seen and what awaits them; some are seen and held, and where one border hardens the rest go another way.

    hazard  = max(control, weight_closure · restriction) · detection of the owner
    price   = cost + weight_hazard · hazard · (1 − weight_papers for those with papers)
    onward  = min(stay, min over legs (price + onward at the end))

with stay = weight_stay · (1 − max(haven, pull)), at the node where they start weight_home · repression, and pull =
pull from outside · (1 − weight_held + weight_held · held), held being the share of the node that armed groups hold:
with weight_held a war draws only where they hold land. A share of those at each node reconsider in a quarter, at home
more of them the more of their people are abroad. They choose among staying and every leg by a logit on these costs,
divided by `scale`; expected numbers move, nobody is made or lost. Of those without papers some are seen on the way and
held on the guarded side, others arrested where they stay.

Mechanisms 38 (the next-cheapest route), 51 (papers make the way easier), 79 (when the pull of a war ends, those there
move on), 102 (kin follow), 104 and 105 (a war may pull at any node, one on the way or one already left), 128 (a closed
border is one more cost). Evidence: E0826, E0827, E0932 (the southern frontier became the sensible exit), E0929, E0934,
E0358, E0731, E0595, E0997, E1002 (the last a forecast, contested). Assumed: that people know all costs; every number.

Known limits: nobody is born or dies on the way; only present repression counts, not what is feared; nobody
remembers where he came from, so that where two nodes are near a few go to and fro.
"""

from math import exp, inf

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped
from sim.world.cooperation import HELD, IRREGULAR, PAPERS
from sim.world.fields import NOBODY

NAME = "cooperation/routes"
READS = (
    "politics.contact_restriction",
    "states.detection",
    "origins.node",
    "origins.repression",
    "origins.cum_left",
    "origins.abroad",
    "nodes.state",
    "nodes.governed",
    "nodes.haven",
    "nodes.pull_declared",
    "nodes.held",
    "nodes.persons",
    "legs.start",
    "legs.end",
    "legs.owner",
    "legs.corridor",
    "legs.cost",
    "legs.control",
    "legs.cum_flow",
)
WRITES = (
    "origins.leaving",
    "origins.cum_left",
    "origins.corridor_share",
    "origins.abroad",
    "nodes.persons",
    "nodes.stock",
    "nodes.onward",
    "legs.hazard",
    "legs.flow",
    "legs.seen",
    "legs.cum_flow",
)
DRAWS = ()


@compiled
def hazard_of(control, restriction, detection, params):
    """Return the chance (0-1) of being seen on a leg, given its control and its owner's detection."""
    return max(control, clipped(params.routes.weight_closure * restriction)) * detection


@compiled
def price_of(cost, hazard, status, params):
    """Return what a leg costs somebody of this legal status."""
    relief = 1.0 - params.routes.weight_papers if status == PAPERS else 1.0
    return cost + params.routes.weight_hazard * hazard * relief


@compiled
def stay_cost(node, is_start, repression, params):
    """Return what staying at a node costs; where people start, repression there is what they stay under."""
    if is_start:
        return params.routes.weight_home * repression
    held = 1.0 - params.routes.weight_held + params.routes.weight_held * node.held
    return params.routes.weight_stay * (1.0 - max(node.haven, node.pull_declared * held))


@compiled
def reconsidering(is_start, abroad, params):
    """Return the share (0-1) of those at a node who reconsider this quarter; abroad: share of their people there."""
    if is_start:
        return clipped(params.routes.rate_leave * (1.0 + params.routes.weight_kin * abroad))
    return clipped(params.routes.rate_move)


@compiled
def find_ways(legs, price, onward):
    """Lower the costs of staying (nodes) to those of the best plan from there, by repeated relaxation of all legs.

    price: float64 (legs,), never negative, infinite where nobody can go. With prices of at least 0 the best plan passes
    no node twice, so that as many rounds as there are nodes are enough; mostly a few are.
    """
    for _ in range(onward.shape[0]):
        is_lower = False
        for g in range(price.shape[0]):
            plan = price[g] + onward[legs[g].end]
            if plan < onward[legs[g].start]:
                onward[legs[g].start] = plan
                is_lower = True
        if not is_lower:
            return


@compiled
def weigh(legs, price, stay, onward, going, weight, total, params):
    """Write the logit weight of every leg, and for every node the sum of these and of staying; 0 where nobody is."""
    scale = max(params.routes.scale, 1e-9)
    for n in range(stay.shape[0]):
        total[n] = exp((onward[n] - stay[n]) / scale) if going[n] > 0.0 else 0.0
    for g in range(price.shape[0]):
        n = legs[g].start
        weight[g] = 0.0
        if going[n] > 0.0 and price[g] < inf:
            weight[g] = exp((onward[n] - (price[g] + onward[legs[g].end])) / scale)
            total[n] += weight[g]


@compiled
def look_at_legs(world, params):
    """Write the hazard of every leg, and that nobody has gone or was seen there yet this quarter."""
    restriction = world.politics.contact_restriction
    for leg in world.legs:
        detection = world.states[leg.owner].detection if leg.owner != NOBODY else 0.0
        leg.hazard = hazard_of(leg.control, restriction, detection, params)
        leg.flow = 0.0
        leg.seen = 0.0


@compiled
def plan(world, o, status, price, stay, onward, going, params):
    """Write the prices of legs, the costs of staying and of the best plans, and how many reconsider at each node."""
    origin = world.origins[o]
    for g in range(price.shape[0]):
        leg = world.legs[g]
        is_way = leg.start != NOBODY and leg.end != NOBODY
        price[g] = price_of(leg.cost, leg.hazard, status, params) if is_way else inf
    for n in range(stay.shape[0]):
        node = world.nodes[n]
        is_start = n == origin.node
        stay[n] = stay_cost(node, is_start, origin.repression, params)
        onward[n] = stay[n]
        going[n] = node.persons[o, status] * reconsidering(is_start, origin.abroad, params)
    find_ways(world.legs, price, onward)
    for n in range(stay.shape[0]):
        world.nodes[n].onward[o, status] = onward[n]


@compiled
def move(world, o, status, going, weight, total, left, change, params):
    """Note in `change` (nodes, statuses) who goes where, and in `left` how many go from each node.

    Of those without papers some are seen on the way and held by the state that guards it, where that is.
    """
    left[:] = 0.0
    for g in range(weight.shape[0]):
        leg = world.legs[g]
        if weight[g] > 0.0:
            trying = going[leg.start] * (weight[g] / total[leg.start])
            caught = trying * leg.hazard * params.routes.share_arrested if status == IRREGULAR else 0.0
            is_at_start = leg.owner != NOBODY and world.nodes[leg.start].state == leg.owner
            passed = trying - caught if is_at_start else trying
            leg.flow += passed
            if leg.start == world.origins[o].node and leg.corridor != NOBODY:
                world.origins[o].leaving[leg.corridor] += passed
            leg.seen += trying * leg.hazard
            left[leg.start] += trying
            change[leg.end, status] += trying - caught
            change[leg.start if is_at_start else leg.end, HELD] += caught
    for n in range(left.shape[0]):
        change[n, status] -= left[n]


@compiled
def arrest(world, o, left, change, params):
    """Note in `change` who is arrested and who released: of those without papers who stay, and of those held."""
    for n in range(left.shape[0]):
        node = world.nodes[n]
        arrested = 0.0
        if n != world.origins[o].node and node.state != NOBODY:
            rate = clipped(params.routes.rate_arrest * world.states[node.state].detection * node.governed)
            arrested = rate * (node.persons[o, IRREGULAR] - left[n])
        released = clipped(params.routes.rate_release) * node.persons[o, HELD]
        change[n, IRREGULAR] += released - arrested
        change[n, HELD] += arrested - released


@compiled
def settle(world, o, change):
    """Carry out what was noted for origin o, and write how many are where and the share of its people abroad."""
    origin = world.origins[o]
    everybody = 0.0
    at_home = 0.0
    for n in range(change.shape[0]):
        node = world.nodes[n]
        node.stock[o] = 0.0
        for status in range(change.shape[1]):
            node.persons[o, status] = max(0.0, node.persons[o, status] + change[n, status])
            node.stock[o] += node.persons[o, status]
        everybody += node.stock[o]
        at_home += node.stock[o] if n == origin.node else 0.0
    origin.abroad = clipped(1.0 - at_home / everybody) if everybody > 0.0 else 0.0


@compiled
def share_corridors(origin):
    """Count those who left by each corridor, and write its share of them: 0 where nobody left."""
    leaving = origin.leaving.sum()
    for corridor in range(origin.leaving.shape[0]):
        origin.cum_left[corridor] += origin.leaving[corridor]
        origin.corridor_share[corridor] = origin.leaving[corridor] / leaving if leaving > 0.0 else 0.0


@compiled
def apply(world, params, dice, ledger):
    """Let people leave, move on, stay, be held and be released, all by what they found."""
    of_nodes = np.empty((5, world.nodes.shape[0]))
    stay, onward, going, total, left = of_nodes[0], of_nodes[1], of_nodes[2], of_nodes[3], of_nodes[4]
    of_legs = np.empty((2, world.legs.shape[0]))
    price, weight = of_legs[0], of_legs[1]
    change = np.empty((world.nodes.shape[0], 3))
    look_at_legs(world, params)
    for o in range(world.origins.shape[0]):
        change[:] = 0.0
        world.origins[o].leaving[:] = 0.0
        for status in (PAPERS, IRREGULAR):  # the irregular last: `left` then holds those of them who went
            plan(world, o, status, price, stay, onward, going, params)
            weigh(world.legs, price, stay, onward, going, weight, total, params)
            move(world, o, status, going, weight, total, left, change, params)
        arrest(world, o, left, change, params)
        settle(world, o, change)
        share_corridors(world.origins[o])
    for leg in world.legs:
        leg.cum_flow += leg.flow
