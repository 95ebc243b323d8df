"""Pandemic.

Summary of rule: restrictions of contact follow the severity set from outside, and move demand online, where part stays.

    Δr = rate_response · (severity − r)
    Δo = rate_online · r · (1 − o) − rate_return · o

Mechanism 33; what states then do about borders and threats arrives with the rules of cooperation. Evidence: the
pandemic sped up digital work (E0016, E0164), donated services made friends (E0178, E0183). Assumed: all rates. Goodwill
from donations is felt in trust, which another rule moves.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved, towards

NAME = "world_politics/pandemic"
READS = ("politics.pandemic_declared", "politics.contact_restriction", "states.online_demand")
WRITES = ("politics.contact_restriction", "states.online_demand")
DRAWS = ()


@compiled
def next_online_demand(online, restriction, params):
    """Return demand that moved online (0-1) after a quarter under a restriction of contact (0-1)."""
    return moved(online, params.pandemic.rate_online * restriction, params.pandemic.rate_return)


@compiled
def apply(world, params, dice, ledger):
    """Move restrictions of contact and every state's online demand on by one quarter."""
    politics = world.politics
    restriction = towards(politics.contact_restriction, politics.pandemic_declared, params.pandemic.rate_response)
    politics.contact_restriction = restriction
    for state in world.states:
        state.online_demand = next_online_demand(state.online_demand, restriction, params)
