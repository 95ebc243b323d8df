from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.locations import TABLES
from sim.report.labels import OUTCOMES
from sim.report.set_by_scenario import set_by_scenario


def test_shipped_scenarios_set_what_their_injects_name() -> None:
    found = set_by_scenario(
        ["baseline", "western_sanctions", "great_power_tension", "sco_bank", "vendor_outage"], TABLES
    )
    assert found["baseline"] == found["vendor_outage"] == frozenset()
    assert found["western_sanctions"] == {"sanction_huawei"}
    assert found["great_power_tension"] == {"tension"}
    assert {"bank_level", "bank_passed", "free_trade_level"} <= found["sco_bank"]
    assert not any(name.startswith("digital") for name in found["sco_bank"])


def test_scenarios_of_cooperation_set_attention_policy_and_counts_of_treaties() -> None:
    found = set_by_scenario(["internment_salience", "repression_eased", "turkey_ratifies"], TABLES)
    assert found["internment_salience"] == {"salience"}
    assert found["repression_eased"] == {"repression"}
    assert {"treaties_signed", "treaties_in_force", "map_extradition.TUR"} <= found["turkey_ratifies"]
    assert [name for name in found["turkey_ratifies"] if name.startswith("map_")] == ["map_extradition.TUR"]
    assert not any(name.startswith(("answers", "returned", "sentenced")) for name in found["turkey_ratifies"])


def test_treaties_are_set_state_by_state() -> None:
    found = set_by_scenario(["asean_treaty"], TABLES)["asean_treaty"]
    told = {name.partition(".")[2] for name in found if name.startswith("map_extradition")}
    assert told == {"THA", "MYS", "IDN", "VNM", "LAO", "KHM", "PHL"}


@pytest.mark.parametrize(
    ("inject", "set_by_it", "left"),
    [
        (
            "{kind: answer, state: MYS, %s, answer: return, strength: 0.1}",
            {"answers_return", "map_returned.MYS"},
            "acceptance",
        ),
        ("{kind: answer, state: MYS, %s, answer: refuse, strength: 0.1}", {"answers_refuse"}, "returned"),
        ("{kind: hunt, %s, strength: 0.5}", {"hunt"}, "contacts"),
        ("{kind: sign, state: IDN, instrument: extradition, %s}", {"treaties_signed"}, "treaties_in_force"),
        ("{kind: swap, state: IDN, %s}", {"swaps_indonesia"}, "returned"),
    ],
)
def test_orders_and_levels_are_set_and_what_follows_from_them_is_not(
    tmp_path: Path, inject: str, set_by_it: set[str], left: str
) -> None:
    row = inject % "origin: Western China, start: 2025Q1"
    file = tmp_path / "mine.yaml"
    head = 'name: mine\ntitle: Mine\nquestion: What if?\nbase: baseline\ntag: document\nsource: "000:85"\n'
    file.write_text(f"{head}expected: Nothing.\ninjects:\n  - {row}\n", encoding="utf-8")
    hunted = {"hunt": {"of": "origins[Western China].hunt", "how": "mean", "unit": "0-1", "meaning": "hunts"}}
    folder = tmp_path / "world"
    folder.mkdir()
    shipped = (TABLES / OUTCOMES).read_text(encoding="utf-8")
    (folder / OUTCOMES).write_text(shipped + yaml.safe_dump(hunted), encoding="utf-8")
    found = set_by_scenario([file], folder)["mine"]
    assert set_by_it <= found
    assert left not in found


def test_what_a_strategy_orders_is_set(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\nstrategies:\n  - actor: USA\n"
        "    budget: 1\n    orders: [{act: sanction, firm: Huawei, when: politics.tension > 0.5, strength: 0.5}]\n",
        encoding="utf-8",
    )
    assert set_by_scenario([file], TABLES)["mine"] == {"sanction_huawei"}


def test_a_scenario_that_is_gone_or_a_world_without_outcomes_sets_nothing(tmp_path: Path) -> None:
    assert set_by_scenario(["no_such_scenario"], TABLES) == {}
    assert set_by_scenario(["western_sanctions"], tmp_path) == {"western_sanctions": frozenset()}


def test_scenarios_of_restraint_set_land_designations_and_protest() -> None:
    found = set_by_scenario(
        ["idlib_falls", "patron_delisted", "hardliner_coup", "protest_wave", "recognition_refused"], TABLES
    )
    assert {"hold_idlib_hts", "hold_idlib_state", "displaced_idlib"} <= found["idlib_falls"]
    assert "listed_hts" in found["patron_delisted"]
    assert found["hardliner_coup"] == frozenset()
    assert found["protest_wave"] == {"protest_russia"}
    assert found["recognition_refused"] == frozenset()
    assert not any(name.startswith(("hazard", "attempts")) for name in frozenset().union(*found.values()))
