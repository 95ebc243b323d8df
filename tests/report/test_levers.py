from __future__ import annotations

from pathlib import Path

from sim.locations import TABLES
from sim.report.levers import levers


def test_shipped_scenarios_set_what_their_injects_name() -> None:
    found = levers(["baseline", "western_sanctions", "great_power_tension", "sco_bank", "vendor_outage"], TABLES)
    assert found["baseline"] == found["vendor_outage"] == frozenset()
    assert found["western_sanctions"] == {"sanction_huawei"}
    assert found["great_power_tension"] == {"tension"}
    assert {"bank_level", "bank_passed", "free_trade_level"} <= found["sco_bank"]
    assert not any(name.startswith("digital") for name in found["sco_bank"])


def test_a_scenario_that_is_gone_or_a_world_without_outcomes_has_no_levers(tmp_path: Path) -> None:
    assert levers(["no_such_scenario"], TABLES) == {}
    assert levers(["western_sanctions"], tmp_path) == {"western_sanctions": frozenset()}
