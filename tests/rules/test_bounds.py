"""Stocks stay off their bounds: in 200 runs of each history, without a scenario, at most 5 % end with one at an edge.

A stock counts where it has moved since the first quarter and something still feeds it: an input below the same edge is
none. Shares, probabilities and copies of other numbers are no stocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.rules.schedule import SCHEDULE, step
from sim.world.cooperation import EXTRADITE, INTELLIGENCE, REFUSE, RETURN, SHARE, STALL, THIRD_COUNTRY
from sim.world.fields import FLOAT
from sim.world.records import field
from tests.rules.made_world import dice, register, staged

RUNS = 200
QUARTERS = 180
EDGE = 0.01
ALLOWED = 0.05


def _trainings(world: np.void) -> np.ndarray:
    """Sum of all homes' training in each state."""
    return np.bincount(world["dyads"]["state"], world["dyads"]["training"], len(world["states"]))


def _supply(world: np.void) -> np.ndarray:
    """Base of the partner's home in each dyad's state, 0 where the partner is no home."""
    dyads = world["dyads"]
    return np.where(dyads["home"] >= 0, world["states"]["supply"][dyads["state"], dyads["home"]], 0.0)


def _builders(world: np.void) -> np.ndarray:
    """Whether anybody who may still sell in a cell has built in it or, in a consumer market, sells."""
    sectors, firms, quarter = world["sectors"], world["firms"], world["clock"]["quarter"]
    found = np.zeros(world["cells"].shape, bool)
    for k, sector in enumerate(sectors):
        for j in range(sector["n_sellers"]):
            firm = firms[sector["seller"][j]]
            may_sell = (firm["entry"] <= quarter) & (firm["ban"] < 1.0)
            has_built = (world["cells"]["cum_awards"][:, k, j] > 0) | (sector["is_tendered"] == 0)
            found[:, k] |= may_sell & has_built
    return found


def _proposed(world: np.void) -> np.ndarray:
    """Zeal of all members in each domain that is open."""
    institutions, quarter = world["institutions"], world["clock"]["quarter"]
    is_in = (institutions["joins"] <= quarter) & (quarter < institutions["leaves"])
    return (institutions["zeal"] * is_in[:, :, None]).sum(1) * (institutions["opens"] <= quarter)


def _heard(world: np.void) -> np.ndarray:
    """What makes states share in each channel: an agreement, goodwill or an answer of this quarter, with trust."""
    channels = world["channels"]
    has_helped = np.isin(channels["answer"], (EXTRADITE, RETURN, SHARE))
    return (channels["standing"][:, INTELLIGENCE] + channels["goodwill"] + has_helped) * channels["trust"]


def _noticed(world: np.void) -> np.ndarray:
    """Attention to the last returns on each channel, as far as there is any salience."""
    returned = world["channels"]["returned"]
    return returned / (returned + 50.0) * world["origins"]["salience"][world["channels"]["origin"]]


def _sympathy(world: np.void) -> np.ndarray:
    """The loudest sympathy with those who left, where anybody was returned: for each origin."""
    channels, found = world["channels"], np.zeros(len(world["origins"]))
    voice = channels["solidarity"] * world["states"]["voice"][channels["state"]]
    np.maximum.at(found, channels["origin"], voice)
    has_returned = np.bincount(channels["origin"], channels["returned"], len(found)) > 1.0
    return found * has_returned


def _denials(world: np.void) -> np.ndarray:
    """Whether each channel's answer of this quarter denies what was asked, wholly or in part."""
    return np.isin(world["channels"]["answer"], (REFUSE, SHARE, THIRD_COUNTRY, STALL)).astype(float)


STOCKS: dict[str, Callable[[np.void], np.ndarray]] = {
    "politics.contact_restriction": lambda w: w["politics"]["pandemic_declared"],
    "politics.tension": lambda w: w["measures"]["market"].max(),
    "states.ambition": lambda w: w["states"]["leader_demand"],
    "states.local_capacity": lambda w: w["states"]["ambition"] + w["states"]["trained"],
    "states.openness": lambda w: np.maximum(0.0, w["measures"]["supply_focus"] - w["states"]["supply"].sum(axis=-1)),
    "states.hedging": lambda w: w["states"]["hedging_base"] + w["states"]["service_lost"],
    "states.western_ties": lambda w: w["states"]["western_base"],
    "states.trained": _trainings,
    "states.local_producers": lambda w: np.ones(len(w["states"])),
    "states.grid_stress": lambda w: w["states"]["expelled_industry"],
    "states.online_demand": lambda w: np.full(len(w["states"]), w["politics"]["contact_restriction"]),
    "homes.industry": lambda w: w["measures"]["market"],
    "dyads.trust": lambda w: w["dyads"]["trust_base"],
    "dyads.alignment": lambda w: w["dyads"]["training"] + w["dyads"]["harmony"] + _supply(w),
    "dyads.leverage": lambda w: w["dyads"]["debt"],
    "dyads.energy_leverage": lambda w: w["dyads"]["energy_tie"],
    "firms.project_value": lambda w: np.ones(len(w["firms"])),
    "firms.sanction_own": lambda w: w["firms"]["prominence"],
    "firms.failing": lambda w: w["firms"]["failing_declared"],
    "cells.penetration": lambda w: _builders(w).astype(float),
    "institutions.level": _proposed,
    "institutions.implementation": lambda w: w["institutions"]["level"],
    "states.informers": lambda w: w["states"]["threat"],
    "origins.contacts": lambda w: w["origins"]["hunt"],
    "origins.protest": _sympathy,
    "origins.repression": lambda w: np.ones(len(w["origins"])),
    "origins.salience": lambda w: w["origins"]["repression"],
    "legs.control": lambda w: w["legs"]["control_base"],
    "channels.acceptance": lambda w: w["channels"]["acceptance_base"],
    "channels.backlash": _noticed,
    "channels.denied": _denials,
    "channels.fugitives": lambda w: w["origins"]["contacts"][w["channels"]["origin"]],
    "channels.sharing": _heard,
    "channels.trust": lambda w: w["channels"]["trust_base"],
}
"""Every stock of 0-1 that a rule moves, with what feeds it."""

NO_STOCKS = {
    "set from outside": "politics.pandemic_declared politics.tension_declared states.leader_demand states.drive "
    "states.expelled_industry homes.subsidy homes.isolation dyads.quarrel firms.sanction_declared "
    "origins.salience_declared origins.hunt origins.deploy_law nodes.pull_declared legs.control_declared "
    "channels.accusation_order firms.failing_declared firms.crackdown_order firms.ban_declared "
    "dyads.training_order cells.order_size",
    "a smoothed share": "firms.prominence homes.showcase homes.stalled",
    "a share": "cells.share states.foreign_purchases states.concentration measures.market origins.abroad "
    "origins.corridor_share",
    "a flag": "firms.ban_own channels.standing",
    "raised by single events, and else fading": "channels.goodwill channels.mission",
    "computed anew from others": "firms.sanction firms.ban states.operators states.agreement states.service_lost "
    "states.dependence states.supply states.outage_exposure states.capacity_gap dyads.harmony dyads.bank cells.hold "
    "dyads.training firms.offer_quality firms.offer_credit institutions.effect measures.dependence_focus "
    "measures.dependence_other measures.service_lost measures.supply_focus measures.control "
    "states.threat states.detection origins.priority origins.threat origins.cost origins.risk legs.hazard "
    "channels.pressure",
}


def test_every_number_of_0_to_1_that_a_rule_writes_is_a_stock_or_known_not_to_be():
    written = {path for rule in SCHEDULE for path in rule.WRITES}
    bounded = {p for p in written if (f := field(p)).kind == FLOAT and (f.low, f.high) == (0.0, 1.0)}
    assert bounded == set(STOCKS) | {path for paths in NO_STOCKS.values() for path in paths.split()}


def _end_of_run(history: str, replication: int) -> np.void:
    world = staged(history)
    params, switches, thrown = register().record()[0], switches_for(), dice(replication)
    for quarter in range(QUARTERS):
        world["clock"]["quarter"] = quarter
        step(world[0], params, switches, thrown, NO_LEDGER)
    return world[0]


@pytest.mark.parametrize("history", ["free", "replay"])
def test_few_runs_end_with_a_stock_at_a_bound(history):
    first, runs = staged(history)[0], Counter()
    rows: Counter[tuple[str, int]] = Counter()
    for replication in range(RUNS):
        last = _end_of_run(history, replication)
        for path, inputs in STOCKS.items():
            table, _, name = path.partition(".")
            value, fed = last[table][name], inputs(last) > EDGE
            has_moved = np.abs(value - first[table][name]) > 1e-9
            is_at_edge = has_moved & fed & ((value < EDGE) | (value > 1.0 - EDGE))
            runs[path] += bool(is_at_edge.any())
            rows.update((path, int(row)) for row in np.flatnonzero(is_at_edge))
    worst = {path: [row for (p, row), _ in rows.most_common() if p == path][:3] for path in runs}
    found = {path: (n / RUNS, worst[path]) for path, n in runs.items() if n > ALLOWED * RUNS}
    assert found == {}, "share of runs with such a stock at a bound, and the rows in which it is there most often"
