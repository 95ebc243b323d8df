"""The points of a campaign: which value of a parameter stands over which, and how points are told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.configuration import compose
from sim.ensemble.campaign import Campaign
from sim.ensemble.caveats import caveats
from sim.ensemble.checks import read_inputs
from sim.ensemble.finalise import describe
from sim.ensemble.points import check_theories, design, record_of, told, values_at
from sim.ensemble.prepare import prepare
from sim.errors import InputError
from sim.parameters.register import load_register
from sim.results.manifest import seal
from sim.results.store import open_result
from sim.scenario.reader import Scenario, load_scenario
from sim.settings import Config, Variant
from tests.ensemble.fakes import FakeWatcher

REGISTER = load_register()
EXPERIMENT = "experiment=cooperation"
VARIANTS = {
    "imitating": Variant(theory={"choice": "imitation"}),
    "careful": Variant(worldview="cautious", parameters={"tenders": {"weight_price": 0.5}}),
}


def varied(*overrides: str, **changes: object) -> Config:
    """A configuration with these variants."""
    return compose([EXPERIMENT, *overrides]).model_copy(update={"variants": VARIANTS, **changes})


def scenario(tmp_path: Path, **parameters: float) -> Scenario:
    path = tmp_path / "mine.yaml"
    levers = ", ".join(f"{key}: {value}" for key, value in parameters.items())
    path.write_text(
        f"name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\nparameters: {{{levers}}}\n"
    )
    return load_scenario(str(path))


def test_a_value_stands_over_those_before_it(tmp_path: Path) -> None:
    key = "accusation.mix_quota"
    assert values_at(compose([EXPERIMENT]), REGISTER)[key] == pytest.approx(1 / 3)
    cautious = compose([EXPERIMENT, "worldview=cautious"])
    assert values_at(cautious, REGISTER)[key] == 0.0
    assert values_at(compose([EXPERIMENT, "worldview=botobekov_ktj"]), REGISTER)[key] == 0.5
    assert values_at(compose([EXPERIMENT, "worldview=cautious", "theory.accusation=quota"]), REGISTER)[key] == 1.0
    typed = compose([EXPERIMENT, "worldview=cautious", f"parameters.{key}=0.25"])
    assert values_at(typed, REGISTER)[key] == 0.25
    mine = scenario(tmp_path, **{key: 0.75})
    assert record_of(typed, REGISTER, mine)["accusation"]["mix_quota"].tolist() == [0.75]


def test_the_default_point_is_the_register_as_it_stands() -> None:
    assert values_at(compose([EXPERIMENT]), REGISTER) == REGISTER.defaults()


def test_a_scenario_that_sets_what_a_theory_sets_otherwise_is_refused(tmp_path: Path) -> None:
    same = scenario(tmp_path, **{"tenders.theory": 0.0})
    check_theories(compose([EXPERIMENT]), same)
    words = r"the scenario mine sets tenders.theory to 0, but theory.choice=imitation sets it to 2"
    with pytest.raises(InputError, match=words):
        check_theories(varied(), same)
    other = scenario(tmp_path, **{"tenders.theory": 1.0})
    with pytest.raises(InputError, match=r"sets tenders\.theory to 1, but theory.choice=random_utility sets it to 0"):
        check_theories(compose([EXPERIMENT]), other)


def test_the_design_has_a_row_a_point_with_what_differs() -> None:
    config = varied("parameters.tenders.weight_hedging=1", pair=("technology/sanctions",))
    columns = design(config, REGISTER)
    assert columns["point"] == ["default", "paired", "imitating", "careful"]
    assert columns["theory.choice"] == ["random_utility", "random_utility", "imitation", "random_utility"]
    assert columns["worldview"] == ["all", "all", "all", "cautious"]
    assert columns["parameters.tenders.theory"] == [0.0, 0.0, 2.0, 0.0]
    assert columns["parameters.tenders.weight_price"] == [1.5, 1.5, 1.5, 0.5]
    assert columns["parameters.tenders.weight_hedging"] == [1.0] * 4, "set by hand, though alike everywhere"
    assert columns["parameters.tenders.weight_motive"] == [2.0, 2.0, 2.0, 0.0], "dropped by the worldview"
    assert columns["rules.technology.sanctions"] == [True, False, True, True]
    assert "parameters.tenders.weight_quality" not in columns


def test_levers_that_are_set_anywhere_have_a_column_of_the_design_and_are_told() -> None:
    asked = ("scenario=[baseline,western_sanctions]", "levers.western_sanctions.severity=0.5")
    usual = {"mild": Variant(levers={"western_sanctions": {"severity": 0.25}}), "plain": Variant(worldview="cautious")}
    config = varied(*asked, variants=usual)
    assert design(config, REGISTER)["levers.western_sanctions.severity"] == [0.5, 0.25, 0.5]
    found = told(config)
    assert found["mild"]["title"] == "lever western_sanctions.severity = 0.25"
    assert found["plain"]["levers"] == {"western_sanctions.severity": 0.5}
    config = varied(asked[0], variants=usual)
    assert design(config, REGISTER)["levers.western_sanctions.severity"] == [0.8, 0.25, 0.8], "as its file has it"
    assert not [key for key in design(varied(), REGISTER) if key.startswith("levers")]


def test_points_are_told_by_what_they_set() -> None:
    found = told(varied("parameters.tenders.weight_hedging=1"))
    assert [point["title"] for point in found.values()] == [
        "As the experiment stands",
        "Imitation",
        "Only what is not contested; tenders.weight_price = 0.5",
    ]
    assert found["imitating"]["theory"] == {
        "choice": "imitation",
        "restraint": "principal_agent",
        "accusation": "mixture",
    }
    assert found["careful"]["parameters"] == {"tenders.weight_hedging": 1.0, "tenders.weight_price": 0.5}


def test_an_unknown_or_unfit_parameter_of_a_variant_is_refused() -> None:
    for name, value, words in (("weight_prize", 1.0, "weight_price"), ("weight_price", 9.0, "outside its range")):
        bad = {"bad": Variant(parameters={"tenders": {name: value}})}
        with pytest.raises(InputError, match=words):
            read_inputs(varied(variants=bad))


def test_every_arm_is_run_at_every_point_on_the_same_dice(tmp_path: Path) -> None:
    asked = ("scenario=[baseline,western_sanctions]", "runs=3", "end=2026Q4", "report=false", f"results_dir={tmp_path}")
    config = varied(*asked)
    prepared = prepare(config, read_inputs(config))
    assert [(arm.point, arm.scenario) for arm in prepared.planned] == [
        (point, scenario)
        for point in ("default", "imitating", "careful")
        for scenario in ("baseline", "western_sanctions")
    ]
    assert len({arm.fingerprint for arm in prepared.planned}) == 6
    assert [arm.is_recorded for arm in prepared.planned] == [True, True, False, False, False, False]
    campaign = Campaign.of(config, prepared, FakeWatcher())
    seal(campaign.folder, describe(campaign, campaign.run()))
    result = open_result(campaign.folder)
    assert result.manifest["counts"]["points"] == 3
    assert list(result.manifest["points"]) == ["default", "imitating", "careful"]
    assert pd.read_parquet(campaign.folder / "design.parquet")["point"].tolist() == ["default", "imitating", "careful"]
    outcomes = result.outcomes.set_index(["point", "scenario", "replication"]).sort_index()
    assert len(outcomes) == 18
    alone = compose([EXPERIMENT, *asked[:-1], "theory.choice=imitation"])
    block = prepare(alone, read_inputs(alone)).simulate(0, np.arange(3))
    np.testing.assert_array_equal(
        outcomes.loc["imitating", "baseline"][list(prepared.outcome_names)].to_numpy(), block.outcomes
    )


def test_caveats_name_theories_worldview_and_variants_where_they_are_not_the_usual() -> None:
    def said(config: Config) -> str:
        return " ".join(caveats(prepare(config, read_inputs(config)), is_dirty=False))

    usual = said(compose([EXPERIMENT, "scenario=baseline"]))
    assert "theor" not in usual
    assert "worldview" not in usual
    other = said(varied("scenario=baseline", "theory.restraint=ideology", "worldview=cautious"))
    assert "Of the rival theories on why a patron holds its clients back, ideology holds" in other
    assert "(theory.restraint=ideology)" in other
    assert re.search(r"The worldview cautious holds; the claims behind \d\d parameters are dropped", other)
    assert "at 2 further points" in other
