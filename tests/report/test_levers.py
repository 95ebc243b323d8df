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


def test_scenarios_of_cooperation_set_attention_policy_and_counts_of_treaties() -> None:
    found = levers(["internment_salience", "repression_eased", "turkey_ratifies"], TABLES)
    assert found["internment_salience"] == {"salience"}
    assert found["repression_eased"] == {"repression"}
    assert {"treaties_signed", "treaties_in_force"} <= found["turkey_ratifies"]
    assert not any(name.startswith(("answers", "returned", "sentenced")) for name in found["turkey_ratifies"])


def test_a_scenario_that_is_gone_or_a_world_without_outcomes_has_no_levers(tmp_path: Path) -> None:
    assert levers(["no_such_scenario"], TABLES) == {}
    assert levers(["western_sanctions"], tmp_path) == {"western_sanctions": frozenset()}
