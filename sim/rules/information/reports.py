"""Reports.

Summary of rule: what is told of a group lags behind, is misjudged by a factor that stays, and leaves gaps; only what is
reported is known to patrons, accusers and audiences.

    noise       = exp(spread · z), z a standard normal variate, drawn once a run in the quarter in which a group enters
    rep_members = moved by rate_report of its distance to members · noise
    rep_hold    = moved by rate_report of its distance to the land that the group holds in its theatre
    rep_blame   = Σ over audiences of weight · max(0, belief − prior)

With probability gap nothing new is told of a group in a quarter, of members or land. The normal variate is
√(−2 ln u) · cos(2π v) of two uniform draws (Box and Muller 1958). What all believed before anything was said is no
blame. With spread 0, gap 0 and rate_report 1 what is reported is true.

Mechanisms 98 (counts are uncertain) and 93 as far as blame rests on belief. Evidence: E0849, E0853 (contested hearsay:
figures from one to five thousand), E0847 (contested). Assumed: that misjudgement is log-normal and stays, since those
who count do not change; the delay. Known limits: one report for all; land is judged late but not wrongly.
"""

import math

from sim.numerics.compiled import compiled
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.numerics.stocks import clipped, towards
from sim.rules.groups import is_active, members
from sim.world.fields import NOBODY

NAME = "information/reports"
READS = (
    "clock.quarter",
    "groups.id",
    "groups.theatre",
    "groups.enters",
    "groups.hard",
    "groups.other",
    "groups.noise",
    "groups.rep_members",
    "groups.rep_hold",
    "theatres.control",
    "audiences.prior",
    "audiences.weight",
    "audiences.belief",
)
WRITES = ("groups.noise", "groups.rep_members", "groups.rep_hold", "groups.rep_blame")
DRAWS = ("information/reports/noise", "information/reports/gaps")
_NOISE, _GAPS = (stream(name) for name in DRAWS)
LEAST, MOST = 0.01, 100.0


@compiled
def noise_of(u, v, params):
    """Return the factor (0.01-100) by which a group is misjudged, from two uniform draws."""
    z = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)
    return min(MOST, max(LEAST, math.exp(params.reports.spread * z)))


@compiled
def blame_of(world, g):
    """Return how far audiences believe a group guilty beyond what they always did (0-1), by their weight."""
    blame = 0.0
    for audience in world.audiences:
        blame += audience.weight * max(0.0, audience.belief[g] - audience.prior)
    return clipped(blame)


@compiled
def apply(world, params, dice, ledger):
    """Report of every group that is there how many belong to it, what it holds and what is believed of it."""
    quarter = world.clock.quarter
    noise, gaps = moment(dice, quarter, _NOISE), moment(dice, quarter, _GAPS)
    rate, gap = params.reports.rate_report, params.reports.gap
    for g in range(world.groups.shape[0]):
        group = world.groups[g]
        if not is_active(group, quarter):
            continue
        if group.enters == quarter:
            u = uniform(noise, group.id, NO_ID, NO_ID)
            group.noise = noise_of(u, uniform(noise, group.id, group.id, NO_ID), params)
        if gap <= 0.0 or uniform(gaps, group.id, NO_ID, NO_ID) >= gap:
            held = world.theatres[group.theatre].control[g] if group.theatre != NOBODY else 0.0
            group.rep_members = towards(group.rep_members, members(group) * group.noise, rate)
            group.rep_hold = towards(group.rep_hold, held, rate)
        group.rep_blame = blame_of(world, g)
