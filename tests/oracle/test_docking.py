"""The compiled model and the oracle, written independently, agree run by run: awards exactly, shares within 1e-9.

`python -m tests.oracle.dock` does the same at full size.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.numerics import draws
from tests.oracle.dock import ARMS, dock, point
from tests.oracle.luck import Luck, hashed
from tests.oracle.oracle import Oracle
from tests.oracle.tables import CONFIGS
from tests.oracle.view import events

CLOSE = 1e-9

EVERY_KIND = [
    {"kind": "pandemic", "start": "2024Q1", "end": "2026Q1", "strength": 0.9},
    {"kind": "tension", "start": "2023Q1", "end": "2030Q1", "strength": 0.9},
    {"kind": "leader_demand", "state": "KAZ", "start": "2023Q1", "strength": 0.9},
    {"kind": "leader_demand", "state": "KAZ", "start": "2024Q1", "end": "2025Q1", "strength": 0.1},
    {"kind": "capacity_drive", "state": "UZB", "start": "2023Q1", "strength": 0.7},
    {"kind": "subsidy", "home": "CHN", "start": "2023Q1", "strength": 0.8},
    {"kind": "subsidy", "home": "CHN", "start": "2025Q1", "end": "2027Q1", "strength": -0.5},
    {"kind": "price", "home": "USA", "start": "2023Q1", "strength": -0.7},
    {"kind": "price", "home": "USA", "start": "2024Q1", "end": "2029Q1", "strength": -0.6},
    {"kind": "isolation", "home": "CHN", "start": "2028Q1", "strength": 0.3},
    {"kind": "quarrel", "state": "KGZ", "partner": "CHN", "start": "2023Q1", "strength": 0.5},
    {"kind": "quarrel", "state": "CHN", "partner": "CHN", "start": "2023Q1", "strength": 0.5},
    {"kind": "sanction", "firm": "all:RUS", "start": "2023Q1", "end": "2026Q2", "strength": 0.6},
    {"kind": "ban", "firm": "all:USA", "state": "TJK", "start": "2024Q1", "end": "2031Q1", "strength": 0.5},
    {"kind": "ban", "firm": "Huawei", "state": "TJK", "start": "2024Q1", "strength": 1.0},
    {"kind": "ban", "firm": "Beeline", "state": "KAZ", "start": "2024Q1", "strength": 0.7},
    {"kind": "crackdown", "firm": "Alibaba", "start": "2023Q2", "strength": 0.35},
    {"kind": "crackdown", "firm": "Huawei", "start": "2023Q2", "strength": 0.9},
    {"kind": "outage", "firm": "all:CHN", "start": "2027Q1", "end": "2027Q3", "strength": 0.8},
    {"kind": "expelled_industry", "state": "KAZ", "start": "2023Q1", "end": "2026Q1", "strength": 0.8},
    {"kind": "training", "firm": "ZTE", "state": "MNG", "start": "2023Q1", "strength": 0.6},
    {"kind": "training", "firm": "ZTE", "state": "CHN", "start": "2023Q1", "strength": 0.6},
    {"kind": "gift", "firm": "Huawei", "state": "KEN", "sector": "networks", "start": "2023Q3", "strength": 0.5},
    {"kind": "gift", "firm": "Kazakh supplier", "state": "KAZ", "sector": "interception", "start": "2023Q3",
     "strength": 0.4},
    {"kind": "tied_loan", "firm": "Hikvision", "state": "KEN", "sector": "surveillance", "start": "2023Q3",
     "strength": 1.0},
    {"kind": "tied_loan", "firm": "ZTE", "state": "LKA", "sector": "cloud", "start": "2023Q4", "strength": 1.0},
    {"kind": "award", "firm": "Google", "state": "LKA", "sector": "cloud", "start": "2023Q4", "strength": 0.3},
    {"kind": "award", "firm": "Xiaomi", "state": "LKA", "sector": "devices", "start": "2023Q4", "strength": 0.3},
    {"kind": "award", "firm": "ZTE", "state": "LKA", "sector": "devices", "start": "2023Q4", "strength": 0.3},
    {"kind": "award", "firm": "Signatek", "state": "USA", "sector": "interception", "start": "2024Q1", "strength": 0.0},
    {"kind": "agreement", "institution": "EAEU", "domain": "customs", "start": "2024Q1", "strength": 0.95},
    {"kind": "agreement", "institution": "SCO", "domain": "finance", "start": "2024Q3", "strength": 0.0},
    {"kind": "join", "institution": "SCO", "state": "KOR", "start": "2024Q1"},
    {"kind": "join", "institution": "EAEU", "state": "UZB", "start": "2024Q1"},
    {"kind": "leave", "institution": "EAEU", "state": "RUS", "start": "2026Q1"},
    {"kind": "join", "institution": "EAEU", "state": "RUS", "start": "2029Q1"},
    {"kind": "opacity", "state": "CHN", "start": "2023Q1", "strength": 0.1},
    {"kind": "opacity", "state": "CHN", "start": "2025Q1", "end": "2027Q1", "strength": 1.0},
]  # fmt: skip

EAGER = {
    "tenders.rate_offer": 0.8, "tenders.weight_motive": 6.0, "tenders.constant_none": 1.0, "tenders.build_size": 0.06,
    "tenders.rate_retire": 0.02, "tenders.rate_tender": 0.001, "bundles.weight_investment": 3.0,
    "bundles.conditionality": 1.0, "bundles.weight_leverage": 0.0,
}  # fmt: skip
"""Homes that offer much, and clients that take the whole where they decline the parts: now and then a bundle lapses."""


WHAT_TO_DO = (
    "A new rule belongs into the oracle, written from docs/model.md; or into NOT_DOCKED of tests/oracle/dock.py, which "
    "switches it off here."
)


def assert_docks(run):
    assert not run.differences, (WHAT_TO_DO, *run.differences[:5])
    assert run.awards > 0
    assert run.share_gap <= CLOSE
    assert run.gap <= CLOSE, run.gaps


@pytest.mark.parametrize(("case", "history"), ARMS)
def test_awards_are_equal_and_shares_within_1e9_run_by_run(case, history):
    assert_docks(dock(case, history, replication=1))


@pytest.mark.parametrize("history", ["replay", "free"])
def test_whole_states_are_equal_in_every_quarter_with_injects_of_every_kind(history):
    run = dock("sco_bank", history, 7, injects=EVERY_KIND, deep=True)
    assert_docks(run)
    met = {event for event, times in run.events.items() if times > 0}
    assert {"tenders", "gifts", "loans", "bans", "crackdowns", "agreed", "blocked"} <= met


@pytest.mark.parametrize("number", range(3))
def test_they_dock_at_other_parameters_and_seeds_too(number):
    assert_docks(dock("western_sanctions", "free", number, seed=2 + number, parameters=point(number)))


def test_they_dock_where_surveillance_is_wanted_opposed_and_suspended():
    run = dock("baseline", "free", moody=True)
    assert_docks(run)
    assert run.events["tenders"] != dock("baseline", "free").events["tenders"]


@pytest.mark.parametrize("weight", ["tenders.weight_opposition", "tenders.weight_wanted"])
def test_a_weight_of_surveillance_off_in_the_oracle_alone_is_found(weight):
    assert dock("baseline", "free", oracles={weight: 1.1}, moody=True).differences


def test_they_dock_where_bundles_lapse():
    run = dock("baseline", "free", parameters=EAGER)
    assert_docks(run)
    assert run.events["bundles"] > 0
    assert run.events["lapsed bundles"] > 0


def test_free_history_meets_every_event_that_the_page_describes():
    met = set()
    for parameters in ({}, EAGER):
        oracle = Oracle("great_power_tension", "free", parameters=parameters)
        for _ in range(180):
            oracle.step()
        met |= {event for event, times in events(oracle).items() if times > 0}
    assert met == set(events(oracle))


@pytest.mark.parametrize(
    ("weight", "in_shares"),
    [("consumer_markets.weight_price", True), ("tenders.build_size", True), ("dependence.rate_prominence", False)],
)
def test_a_number_a_millionth_off_in_the_oracle_alone_is_found(weight, in_shares):
    group, name = weight.split(".")
    off = getattr(getattr(Oracle().p, group), name) * 1.000001
    run = dock("western_sanctions", "free", quarters=60, oracles={weight: off})
    assert (run.share_gap if in_shares else run.gap) > CLOSE


def test_a_weight_a_tenth_off_makes_awards_differ():
    assert dock("western_sanctions", "replay", oracles={"tenders.weight_price": 1.65}).differences


def test_other_luck_and_another_order_of_rules_are_found():
    class Lucky(Oracle):
        def __init__(self, *rest):
            super().__init__(*rest)
            self.luck = Luck(1, 99)

    class Hasty(Oracle):
        def sanction(self):
            self.agents_by_type[type(self.firms[0])].do("set_offer")
            super().sanction()
            self.agents_by_type[type(self.firms[0])].do("set_offer")

    assert dock("vendor_outage", "replay", quarters=60, model=Lucky).differences
    assert dock("western_sanctions", "replay", model=Hasty).share_gap > CLOSE


def test_draws_are_those_of_the_page():
    luck, kaz, networks = Luck(1, 0), hashed("state", "KAZ"), hashed("sector", "networks")
    luck.begin(120)
    assert luck.uniform("technology/tenders/asks", kaz, networks) == 0.16930353168476076
    assert luck.gumbel("technology/tenders/asks", kaz, networks) == -0.5743986268117848
    assert np.uint64(draws.mix(np.uint64(0))) == np.uint64(0xE220A8397B1DCDAF)


def test_the_oracle_leaves_the_start_method_of_other_processes_alone():
    """In a process of its own: here another test may have imported Mesa before."""
    code = "import multiprocessing as m; import tests.oracle.oracle; print(m.get_start_method(allow_none=True))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CONFIGS.parent)
    assert done.stdout.strip() == "None"


def test_the_oracle_shares_only_the_draws_with_the_model():
    judges = {"dock.py", "test_docking.py"}
    for path in Path(__file__).parent.glob("*.py"):
        taken = re.findall(r"^\s*(?:from|import) (sim\S*)", path.read_text("utf-8"), re.MULTILINE)
        assert path.name in judges or set(taken) <= {"sim.numerics"}, path.name
