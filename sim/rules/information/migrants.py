"""Migrants.

Summary of rule: where groups of an area are accused and a state is afraid, people from there are pressed by police and
employers; the stigma outlasts the pressure, and grieves all who come from there.

    accused    = Σ over groups of accuses of the host's accuser · share of the group's people from that area
    pressure'  = moved(pressure, rate_pressure · (accused · breadth + weight_police · insecurity) · presence,
                       rate_relax)
    stigma'    = moved(stigma, rate_stigma · pressure', rate_fade)
    wrong      = clip(breadth · (1 − detection) · pressure')
    grievance' = moved(grievance of the area, rate_grieve · the largest stigma' of its people, rate_forgive)

accuses and breadth are those of the row's accuser, 0 where there is none; insecurity and detection are the host's.
wrong is an index, not a number of persons: pressure on people of whom little is known falls mostly on the wrong ones.

Mechanisms 101 (migration seen as a threat), 90 (those singled out withdraw, felt in `cooperation/intelligence`), 91 (in
part: grievance among relatives) and 92 (through origins' protest, as it stands). Evidence: E0470, E0471, E0490, E0563
(all contested), E0329, E0331. Assumed: all rates; that an accusation presses people of an area as far as the accused
group is of that area. Known limits: people are counted by area of origin and by nothing else; nobody goes home because
of pressure.
"""

from sim.numerics.compiled import compiled
from sim.numerics.stocks import clipped, moved
from sim.world.fields import NOBODY

NAME = "information/migrants"
READS = (
    "states.insecurity",
    "states.detection",
    "groups.pool",
    "pools.grievance",
    "accusers.breadth",
    "accusers.accuses",
    "migrants.host",
    "migrants.pool",
    "migrants.accuser",
    "migrants.presence",
    "migrants.pressure",
    "migrants.stigma",
)
WRITES = ("pools.grievance", "migrants.pressure", "migrants.stigma", "migrants.wrong")
DRAWS = ()


@compiled
def next_pressure(pressure, accused, breadth, insecurity, presence, params):
    """Return pressure (0-1) on migrants after a quarter; accused: accusations of groups of their area."""
    p = params.migrants
    gain = p.rate_pressure * (accused * breadth + p.weight_police * insecurity) * presence
    return moved(pressure, gain, p.rate_relax)


@compiled
def accused_of(world, accuser, area):
    """Return the accusations that an accuser made this quarter, of groups as far as their people are of an area."""
    total = 0.0
    for g in range(world.groups.shape[0]):
        if world.accusers[accuser].accuses[g] > 0.0:
            total += world.accusers[accuser].accuses[g] * world.groups[g].pool[area]
    return total


@compiled
def press(world, m, params):
    """Move pressure and stigma of a row of migrants on by one quarter, and judge how many are suspected wrongly."""
    row = world.migrants[m]
    if row.host == NOBODY or row.pool == NOBODY:
        return
    host = world.states[row.host]
    accused = 0.0
    breadth = 0.0
    if row.accuser != NOBODY:
        accused = accused_of(world, row.accuser, row.pool)
        breadth = world.accusers[row.accuser].breadth
    row.pressure = next_pressure(row.pressure, accused, breadth, host.insecurity, row.presence, params)
    row.stigma = moved(row.stigma, params.migrants.rate_stigma * row.pressure, params.migrants.rate_fade)
    row.wrong = clipped(breadth * (1.0 - host.detection) * row.pressure)


@compiled
def apply(world, params, dice, ledger):
    """Press migrants, let stigma follow and grieve the areas that they come from."""
    for m in range(world.migrants.shape[0]):
        press(world, m, params)
    for a in range(world.pools.shape[0]):
        stigma = 0.0
        for row in world.migrants:
            if row.pool == a:
                stigma = max(stigma, row.stigma)
        pool = world.pools[a]
        pool.grievance = moved(pool.grievance, params.migrants.rate_grieve * stigma, params.migrants.rate_forgive)
