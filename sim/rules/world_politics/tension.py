"""Great-power tension over technology.

Summary of rule: tension grows as one home comes to supply everybody, and with what happens outside; left alone it ebbs.

    Δτ = (rate_declared · declared + rate_contest · lead) · (1 − τ) − rate_decay · τ

where `lead` is the largest home's share of all installed bases, as reported for the last quarter.

Mechanism 107 as far as vendors feel it; attention to theatres of war arrives with those. Evidence: supply as
a contest between great powers (E0015), each side presses clients. Assumed: all rates. Known limit: one tension for all
rivalries, save quarrels between two states.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import moved

NAME = "world_politics/tension"
READS = ("politics.tension", "politics.tension_declared", "measures.market")
WRITES = ("politics.tension",)
DRAWS = ()


@compiled
def next_tension(tension, declared, lead, params):
    """Return tension (0-1) after a quarter."""
    gain = params.tension.rate_declared * declared + params.tension.rate_contest * lead
    return moved(tension, gain, params.tension.rate_decay)


@compiled
def apply(world, params, dice, ledger):
    """Move great-power tension on by one quarter."""
    lead = world.measures.market.max()
    politics = world.politics
    politics.tension = next_tension(politics.tension, politics.tension_declared, lead, params)
