"""Demand for surveillance.

Summary of rule: a government wants surveillance the more it fears and the more unrest it sees, the technical model the
more it resembles the home that stands for it, the legal one also the more it copied a law that asks for it.

    goal[m]   = clip(usual + w_insecurity · insecurity + w_protest · protest + w_similarity · likeness[m]
                     + w_law · law copied, for the legal model alone)
    Δdemand[m] = rate_adjust · (goal[m] − demand[m])

with likeness[m] the likeness to the home that stands for model m (the largest of several; 1 where the state is that
home itself) and the law copied the most that any partner's was. Incidents raise demand through insecurity, here and
nowhere else.

Mechanisms 11 (what it does for that kind of rule), 12 (a copied law makes a state want what conforms to it) and 121.
Evidence: E0127, E0778, E0780, E0803 (cameras against crime and for control over information), E0779 (contested: it
singles out dissenters), E0788 (contested: likeness eases it), E0792-E0796. Assumed: all weights, the rate. Known limit:
what peers have installed does not count; the law of the home that others copied counts nothing at home.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, towards
from sim.rules.law import copied_law
from sim.world.fields import NOBODY
from sim.world.surveillance import LEGAL

NAME = "surveillance/demand"
READS = (
    "states.insecurity",
    "states.protest",
    "states.supplier_dyad",
    "states.demand",
    "homes.model",
    "dyads.similarity",
    "dyads.law",
)
WRITES = ("states.demand",)
DRAWS = ()


@compiled
def likeness(world, s, m):
    """Return how far state s resembles the home that stands for model m, 0-1; 0 where no home does."""
    most = 0.0
    for h in range(world.homes.shape[0]):
        if world.homes[h].model == m:
            d = world.states[s].supplier_dyad[h]
            most = max(most, world.dyads[d].similarity if d != NOBODY else 1.0)
    return most


@compiled
def goal_of(state, like, law, params):
    """Return the demand (0-1) that a state tends to, with its likeness to the home and the law it copied (0-1)."""
    goal = params.demand.usual + params.demand.weight_insecurity * state.insecurity
    goal += params.demand.weight_protest * state.protest
    goal += params.demand.weight_similarity * like + params.demand.weight_law * law
    return clipped(goal)


@compiled
def apply(world, params, dice, ledger):
    """Let the demand of every state for each model move towards what it fears, sees and resembles."""
    for s in range(world.states.shape[0]):
        state = world.states[s]
        for m in range(state.demand.shape[0]):
            law = copied_law(world, s) if m == LEGAL else 0.0
            goal = goal_of(state, likeness(world, s, m), law, params)
            state.demand[m] = towards(state.demand[m], goal, params.demand.rate_adjust)
