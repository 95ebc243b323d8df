from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.configuration import compose
from sim.ensemble import shards
from sim.ensemble.campaign import Campaign
from sim.ensemble.caveats import caveats
from sim.ensemble.checks import read_inputs
from sim.ensemble.finalise import describe
from sim.ensemble.observed import expand
from sim.ensemble.prepare import Prepared, prepare
from sim.ensemble.provenance import config_hash, register_hash, tables_hash
from sim.errors import InputError
from sim.results.manifest import made_by, seal
from sim.results.schema import LEDGER
from sim.results.store import open_result
from sim.scenario.reader import load_scenario
from sim.settings import Config, Variant
from sim.world.build import World, build_world
from sim.world.injects import CODES
from tests.ensemble.fakes import FakeWatcher

EXPERIMENT = "experiment=cooperation"
"""An experiment without pairs."""

SHORT = {"runs": "3", "report": "false", "start": "1995Q1", "end": "2004Q4"}

OWN = """
name: mine
title: Mine
question: What if the levers differ?
tag: analyst
source: a test
parameters: {tenders.weight_price: 0.5}
"""
ORDERS = """
strategies:
  - {actor: KAZ, budget: 1, orders: [{act: capacity_drive, start: 2025Q1, for: 8, strength: 1}]}
"""


def ready(*overrides: str) -> Prepared:
    config = compose(overrides)
    return prepare(config, read_inputs(config))


def short(*overrides: str) -> list[str]:
    """Return the overrides of a short campaign with these put in their place."""
    wanted = SHORT | dict(text.split("=", 1) for text in overrides)
    return [f"{key}={value}" for key, value in wanted.items()]


def fingerprints(prepared: Prepared) -> tuple[str, ...]:
    return tuple(arm.fingerprint for arm in prepared.planned)


def finished(folder: Path, *overrides: str) -> tuple[Config, Path]:
    config = compose([*short(*overrides), f"results_dir={folder}"])
    prepared = prepare(config, read_inputs(config))
    campaign = Campaign.of(config, prepared, FakeWatcher())
    seal(campaign.folder, describe(campaign, campaign.run()))
    return config, campaign.folder


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_a_block_has_the_shape_that_the_plan_says() -> None:
    prepared = ready(*short("scenario=baseline"))
    block = prepared.simulate(0, np.arange(3))
    assert prepared.quarters[0] == "1995Q1"
    assert prepared.quarters[-1] == "2004Q4"
    assert block.outcomes.shape == (3, len(prepared.outcome_names))
    assert block.trajectories.shape == (3, len(prepared.quarters), len(prepared.columns))


def test_the_fingerprint_follows_everything_that_a_run_is_computed_from() -> None:
    usual = fingerprints(ready("scenario=baseline"))
    assert usual == fingerprints(ready("scenario=baseline", "runs=9", "report=false", "seed=5"))
    for change in (
        "history=free",
        "end=2030Q4",
        "start=1995Q1",
        "parameters.tenders.weight_price=1.0",
        "rules.technology.sanctions=false",
    ):
        assert usual != fingerprints(ready("scenario=baseline", change)), change


def test_the_arms_of_one_scenario_in_two_histories_differ() -> None:
    prepared = ready(EXPERIMENT)
    assert len(set(fingerprints(prepared))) == len(prepared.arms) == 6


def test_a_scenario_file_of_ones_own_is_read_and_its_levers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    prepared = ready(EXPERIMENT, f"scenario=[baseline,{path}]", "parameters.tenders.weight_price=1.0")
    levers = [arm.params["tenders"]["weight_price"][0] for arm in prepared.arms]
    assert levers == [1.0, 0.5]
    said = " ".join(caveats(prepared, is_dirty=False))
    assert "tenders.weight_price was set by hand to 1." in said
    assert "The scenario mine sets tenders.weight_price to 0.5, against 1 set by hand." in said
    assert prepared.told()["mine"]["question"] == "What if the levers differ?"


def test_a_scenario_tells_the_orders_of_its_own_file_and_not_its_bases(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN + ORDERS)
    above = tmp_path / "above.yaml"
    above.write_text(OWN.replace("name: mine", "name: above") + f"base: {path}\n")
    told = ready(f"scenario=[{path},{above}]").told()
    assert [entry["state"] for entry in told["mine"]["injects"] if entry.get("act")] == ["KAZ"]
    assert told["above"]["injects"] == []


SANCTIONED = "scenario=[baseline,western_sanctions]"
SEVERITY = "levers.western_sanctions.severity"


def test_a_lever_set_by_hand_is_on_stage_and_told() -> None:
    usual, prepared = ready(EXPERIMENT, SANCTIONED), ready(EXPERIMENT, SANCTIONED, f"{SEVERITY}=0.25")
    assert [a == b for a, b in zip(fingerprints(usual), fingerprints(prepared), strict=True)] == [True, False]
    rows = prepared.arms[1].world.record["injects"][0]
    assert rows["strength"][rows["kind"] == CODES["sanction"]][-3:].tolist() == [0.25] * 3
    told = prepared.told()
    assert [entry["strength"] for entry in told["western_sanctions"]["injects"]] == [0.25] * 3
    lever = told["western_sanctions"]["levers"]["severity"]
    assert (lever["value"], lever["low"], lever["high"], lever["unit"]) == (0.25, 0.0, 1.0, "0-1")
    assert told["baseline"]["levers"] == {}
    said = "The lever western_sanctions.severity was set by hand to 0.25."
    assert said in caveats(prepared, is_dirty=False)
    assert said not in caveats(usual, is_dirty=False)
    alike = ready(EXPERIMENT, SANCTIONED, f"{SEVERITY}=0.8")
    assert fingerprints(alike) == fingerprints(usual), "the value of the file"


def test_a_variant_sets_levers_and_the_manifest_tells_those_of_the_default_point() -> None:
    variants = {"mild": Variant(levers={"western_sanctions": {"severity": 0.1}})}
    config = compose([EXPERIMENT, SANCTIONED]).model_copy(update={"variants": variants})
    prepared = prepare(config, read_inputs(config))
    values = {(a.point, a.scenario.name): [one.value for one in a.scenario.levers.values()] for a in prepared.arms}
    assert values[("default", "western_sanctions")] == [0.8]
    assert values[("mild", "western_sanctions")] == [0.1]
    assert prepared.told()["western_sanctions"]["levers"]["severity"]["value"] == 0.8


def test_a_lever_that_a_variant_cannot_set_is_named_with_its_file() -> None:
    variants = {"mild": Variant(levers={"western_sanctions": {"severity": 1.5}})}
    config = compose([EXPERIMENT, SANCTIONED]).model_copy(update={"variants": variants})
    words = r"^configs/experiment/cooperation\.yaml: variants\.mild: levers\.western_sanctions\.severity: 1\.5 lies"
    with pytest.raises(InputError, match=words):
        read_inputs(config)


def test_a_lever_of_a_base_is_set_where_a_coupling_holds_to_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN + "base: western_sanctions\n")
    held = (f"scenario=[western_sanctions,{path}]", "couplings.leverage=held")
    usual, both = ready(*held), ready(*held, f"{SEVERITY}=0.25")
    assert usual.arms[1].world.record.tobytes() == both.arms[1].world.record.tobytes(), "its own lever is untouched"
    assert usual.planned[1].fingerprint != both.planned[1].fingerprint, "its base is another"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (f"{SEVERITY}=1.5", r"levers\.western_sanctions\.severity: 1\.5 lies outside 0\.\.1 \(western_sanctions\.yaml"),
        ("levers.western_sanctions.severty=1", r"there is no such lever\. Did you mean 'severity'\?"),
        ("levers.baseline.severity=1", r"levers\.baseline\.severity: .* baseline\.yaml has no levers\."),
        (
            "levers.western_sanction.severity=1",
            r"is none of the scenarios that are run\. Did you mean 'western_sanctions'",
        ),
        ("levers.zzz.effort=1", r"levers\.zzz\.effort: .* Those are baseline, western_sanctions\."),
    ],
)
def test_levers_that_cannot_be_set_are_refused_before_anything_is_staged(key: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_inputs(compose([EXPERIMENT, SANCTIONED, key]))


def test_edited_tables_and_parameters_are_told_apart_by_their_hash() -> None:
    prepared, other = ready(), ready("scenario=vendor_outage", "parameters.tenders.weight_price=1.0")
    tables, parameters = tables_hash(prepared.world), register_hash(prepared.register)
    assert (tables, parameters) == (tables_hash(other.world), register_hash(other.register))
    record = prepared.world.record.copy()
    record["politics"]["tension"][0] += 0.1
    assert tables != tables_hash(replace(prepared.world, record=record))
    key, entries = "tenders.weight_price", dict(prepared.register.entries)
    entries[key] = entries[key].model_copy(update={"value": entries[key].value + 0.1})
    assert parameters != register_hash(replace(prepared.register, entries=entries))


def test_what_a_scenario_sets_goes_before_what_is_set_by_hand_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    beside, typed = f"scenario=[baseline,{path}]", "parameters.tenders.weight_price"
    assert read_inputs(compose([beside, f"{typed}=1.0"])).overruled == (
        f"{typed}=1 does not hold everywhere: the scenario mine sets it to 0.5.",
    )
    assert read_inputs(compose([beside, f"{typed}=0.5"])).overruled == ()
    assert read_inputs(compose([beside, "parameters.tenders.constant_none=1.0"])).overruled == ()
    assert read_inputs(compose([f"scenario={path}", f"{typed}=0.5"])).overruled == ()
    with pytest.raises(InputError, match=f"{typed}=1 would hold for no run: the scenario mine sets it to 0.5"):
        read_inputs(compose([f"scenario={path}", f"{typed}=1.0"]))


def test_scenarios_named_in_place_of_the_experiments_bring_their_questions() -> None:
    outage, sanctions, bank = (load_scenario(n).question for n in ("vendor_outage", "western_sanctions", "sco_bank"))
    assert ready().question == ready("history=free").question == compose([]).question
    assert ready("scenario=vendor_outage").question == outage
    assert ready("scenario=[baseline,western_sanctions]").question == sanctions
    assert ready("scenario=[baseline,vendor_outage,sco_bank]").question == f"{outage} {bank}"
    assert ready("scenario=baseline").question == load_scenario("baseline").question


def test_a_measure_that_is_no_outcome_is_refused() -> None:
    config = compose([]).model_copy(update={"measure": ("dependance_china",)})
    with pytest.raises(InputError, match=r"reference\.yaml: measure: there is no outcome .*'dependence_china'"):
        prepare(config, read_inputs(config))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.yaml").write_text(OWN)
    with pytest.raises(InputError, match="both scenarios named 'mine'"):
        ready(f"scenario=[{tmp_path}/a/mine.yaml,{tmp_path}/b/mine.yaml]")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("trajectories=['states[KAX].purse']",), "KAX"),
        (("trajectories=['states[KAZ].purze']",), "Did you mean 'purse'"),
        (("trajectories=['nonsense']",), "is no address"),
        (("scenario=vendor_outage", "end=2000Q4"), "can never happen: 2025Q1 lies after the end, 2000Q4"),
        (("scenario=vendor_outage", "start=2030Q1"), "before the start"),
    ],
)
def test_bad_input_is_found_before_anything_runs(overrides: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ready(*overrides)


def test_a_star_in_the_last_brackets_stands_for_every_name(world: World) -> None:
    assert expand("states[*].dependence[*]", world) == [f"states[*].dependence[{h}]" for h in world.names.homes]
    shares = expand("cells[KGZ,devices].share[*]", world)
    assert "cells[KGZ,devices].share[Xiaomi]" in shares
    assert not any("Hikvision" in share for share in shares)
    assert expand("states[KAZ].purse", world) == ["states[KAZ].purse"]
    assert expand("states[KAZ].dependence[CHN]", world) == ["states[KAZ].dependence[CHN]"]


def test_the_manifest_says_what_was_asked_and_made(tmp_path: Path) -> None:
    config, folder = finished(tmp_path, EXPERIMENT, "scenario=baseline")
    manifest = open_result(folder).manifest
    assert manifest["complete"] is True
    assert manifest["title"] == config.full_title == f"{config.title}: scenario baseline; from 1995Q1; to 2004Q4"
    assert (manifest["start"], manifest["history_end"], manifest["end"]) == ("1995Q1", "2022Q3", "2004Q4")
    assert manifest["question"] == manifest["config"]["question"] == load_scenario("baseline").question
    assert manifest["counts"]["runs"] == 3
    assert manifest["config"]["scenarios"] == ["baseline"]
    price = manifest["register"]["default"]["tenders"]["weight_price"]
    assert price == ready().register.defaults()["tenders.weight_price"]
    assert manifest["machine"]["cpu_features"]
    assert manifest["versions"]["numba"]
    assert manifest["made_by"] == [{**made_by(), "runs": 3}]
    assert len(manifest["source_hash"]) == len(manifest["digest"]) == 64
    assert any("assumed" in caveat for caveat in manifest["caveats"])
    assert {"config.yaml", "design.parquet", "plan.parquet", *manifest["parts"]} <= set(manifest["files"])


def test_runs_of_two_environments_are_told_in_the_manifest_and_its_caveats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finishes is neither of the two."""
    environments = iter([{**made_by(), "numba": "0.1"}, {**made_by(), "numba": "0.2"}])
    monkeypatch.setattr(shards, "made_by", lambda: next(environments))
    _, folder = finished(tmp_path, EXPERIMENT, "scenario=baseline", "engine.threads=1", "engine.shard_runs=2")
    manifest = open_result(folder).manifest
    assert [(row["numba"], row["runs"]) for row in manifest["made_by"]] == [("0.1", 2), ("0.2", 1)]
    told = "made in 2 environments, whose values may differ in the last bit: 2 with numba 0.1; 1 with numba 0.2."
    assert any(told in caveat for caveat in manifest["caveats"])


def test_the_hash_of_a_configuration_leaves_out_where_and_how_it_is_run(tmp_path: Path) -> None:
    def hash_of(*overrides: str) -> str:
        return config_hash(compose(overrides).model_dump(mode="json"))

    assert hash_of() == hash_of("results_dir=elsewhere", "engine.threads=3", "report=false", "trace=true")
    assert len({hash_of(), hash_of("seed=2"), hash_of("runs=3"), hash_of("history=free")}) == 4


def test_more_replications_leave_those_that_exist_as_they_were(tmp_path: Path) -> None:
    _, small = finished(tmp_path / "a", EXPERIMENT, "scenario=baseline")
    before = open_result(small).outcomes
    _, large = finished(tmp_path / "b", EXPERIMENT, "scenario=[baseline,western_sanctions]", "runs=5", "end=2024Q4")
    _, same = finished(tmp_path / "c", EXPERIMENT, "scenario=baseline", "runs=5")
    after = open_result(same).outcomes
    shared = after[after["replication"] < 3].reset_index(drop=True)
    assert shared.drop(columns="run").equals(before.drop(columns="run"))
    assert len(open_result(large).outcomes) == 10


def test_scenarios_share_their_dice_until_they_part(tmp_path: Path) -> None:
    keys = ("scenario=[baseline,vendor_outage]", "end=2026Q4", "start=1991Q1")
    _, folder = finished(tmp_path, *keys)
    series = open_result(folder).trajectories
    assert series is not None
    quarters = list(series["quarter"].values)
    parted = quarters.index("2025Q1")
    one, other = (
        series.isel(run=np.flatnonzero(series["scenario"].values == s)).values for s in ("baseline", "vendor_outage")
    )
    np.testing.assert_array_equal(one[:, :parted], other[:, :parted])
    assert not np.array_equal(one[:, parted:], other[:, parted:])


def test_a_ledger_is_a_table_of_names(tmp_path: Path) -> None:
    import pandas as pd

    prepared = ready(*short("scenario=[baseline,western_sanctions]", "end=2024Q4", "trace=true"))
    assert prepared.write_ledger(tmp_path) == []
    table = pd.read_parquet(tmp_path / LEDGER)
    assert set(table["scenario"]) == {"baseline", "western_sanctions"}
    assert set(table["replication"]) == {0}
    assert set(table["kind"]) <= {"act", "hazard", "choice"}
    choices = table[table["kind"] == "choice"]
    assert len(choices)
    assert set(choices["state"].dropna()) <= set(prepared.world.names.states)
    for options, utilities, winner in zip(choices["options"], choices["utilities"], choices["winner"], strict=True):
        assert len(options) == len(utilities)
        assert winner == "nothing" or winner in options


def test_every_arm_of_a_paired_experiment_is_run_once_more_without_a_rule() -> None:
    prepared = ready(*short("experiment=restraint", "scenario=baseline", "start=2010Q1", "end=2016Q4"))
    live, pair = prepared.planned
    assert (live.point, pair.point) == ("default", "paired")
    assert (live.scenario, live.history) == (pair.scenario, pair.history)
    assert live.fingerprint != pair.fingerprint
    one, other = (prepared.simulate(arm, np.arange(3)) for arm in (0, 1))
    assert one.trajectories.shape == (3, len(prepared.quarters), len(prepared.columns))
    assert other.trajectories.shape == (3, len(prepared.quarters), 0)
    effort = prepared.outcome_names.index("effort_hts")
    assert (one.outcomes[:, effort] > 0).all()
    assert (other.outcomes[:, effort] == 0).all()
    assert any("a second time on the same dice" in caveat for caveat in caveats(prepared, is_dirty=False))


def test_a_paired_run_is_the_run_of_the_same_dice_with_the_rule_off() -> None:
    window = ("scenario=baseline", "start=2010Q1", "end=2016Q4", "trajectories=false")
    paired = ready(*short("experiment=restraint", *window)).simulate(1, np.arange(3))
    off = ready(*short(EXPERIMENT, *window), "rules.restraint.patron_effort=false").simulate(0, np.arange(3))
    np.testing.assert_array_equal(paired.outcomes, off.outcomes)


def test_a_measure_of_pairs_needs_the_pairs() -> None:
    config = compose(["experiment=restraint", "scenario=baseline"])
    with pytest.raises(InputError, match=r"measure: 'restraint_idlib' needs pair: \[restraint/patron_effort\]"):
        prepare(config.model_copy(update={"pair": ()}), read_inputs(config))


def test_the_manifest_and_the_design_tell_of_pairs_and_the_ledger_leaves_them_out(tmp_path: Path) -> None:
    import pandas as pd

    overrides = ("experiment=restraint", "scenario=baseline", "start=2010Q1", "end=2012Q4")
    _, folder = finished(tmp_path, *overrides)
    manifest = open_result(folder).manifest
    assert {key: manifest["counts"][key] for key in ("runs", "arms", "points")} == {"runs": 6, "arms": 2, "points": 2}
    assert [arm["point"] for arm in manifest["arms"]] == ["default", "paired"]
    design = pd.read_parquet(folder / "design.parquet")
    assert design["point"].tolist() == ["default", "paired"]
    assert design["rules.restraint.patron_effort"].tolist() == [True, False]
    assert [name for name in design if name.startswith("parameters.")] == []
    assert ready(*short(*overrides, "trace=true")).write_ledger(tmp_path) == []
    assert len(pd.read_parquet(tmp_path / LEDGER).groupby(["scenario", "history"])) == 1


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("technology/sanction", r"reference.yaml: pair: there is no rule 'technology/sanction'. Did you mean"),
        ("measures", "pair: there is no rule 'measures'"),
        ("technology/sanctions", "pair: rules.technology.sanctions=false leaves nothing to pair"),
    ],
)
def test_a_pair_without_a_rule_that_is_on_is_refused(pair: str, words: str) -> None:
    config = compose(["rules.technology.sanctions=false"]).model_copy(update={"pair": (pair,)})
    with pytest.raises(InputError, match=words):
        read_inputs(config)
