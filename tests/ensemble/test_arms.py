"""Arms at sampled points: the same runs as with the values set by hand, made on demand and small."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd

from sim.configuration import compose
from sim.ensemble.caveats import caveats
from sim.ensemble.checks import read_inputs
from sim.ensemble.plan import PlannedArm
from sim.ensemble.prepare import Prepared, prepare
from sim.results.schema import DESIGN

SHORT = (
    "experiment=cooperation",
    "scenario=[baseline,western_sanctions]",
    "start=2020Q1",
    "end=2026Q4",
    "report=false",
)
TABLE = """point,tenders.weight_price,theory.choice,worldview,rules.technology.sanctions,couplings.leverage,\
levers.western_sanctions.severity
one,0.7,imitation,cautious,false,held,0.3
two,1.1,,,,,
"""
BY_HAND = (
    "parameters.tenders.weight_price=0.7", "theory.choice=imitation", "worldview=cautious",
    "rules.technology.sanctions=false", "couplings.leverage=held", "levers.western_sanctions.severity=0.3",
)  # fmt: skip


def ready(*overrides: str) -> Prepared:
    config = compose([*SHORT, *overrides])
    return prepare(config, read_inputs(config))


def of_table(tmp_path: Path, text: str = TABLE) -> Prepared:
    path = tmp_path / "points.csv"
    path.write_text(text)
    return ready("design=table", f"design.table={path}")


def test_a_run_at_a_sampled_point_is_the_run_with_its_values_set_by_hand(tmp_path: Path) -> None:
    sampled, by_hand, usual = of_table(tmp_path), ready(*BY_HAND), ready("parameters.tenders.weight_price=1.1")
    assert [(arm.point, arm.scenario) for arm in sampled.planned] == [
        (point, scenario) for point in ("default", "one", "two") for scenario in ("baseline", "western_sanctions")
    ]
    for place in range(2):
        for arm, alone in ((2 + place, by_hand), (4 + place, usual)):
            here, there = sampled.arms[arm], alone.arms[place]
            assert here.params.tobytes() == there.params.tobytes()
            assert here.switches.tolist() == there.switches.tolist()
            assert here.world.record.tobytes() == there.world.record.tobytes()
            assert (here.base is None) == (there.base is None)
    block, alone = sampled.simulate(3, np.arange(2)), by_hand.simulate(1, np.arange(2))
    np.testing.assert_array_equal(block.outcomes, alone.outcomes)
    assert not np.array_equal(block.outcomes, sampled.simulate(5, np.arange(2)).outcomes, equal_nan=True)


def test_sampled_arms_come_last_and_each_has_a_fingerprint_of_its_own() -> None:
    design = ("design=sobol", "design.n=8", "design.over=[tenders.weight_price,rules.technology.*,levers.*]")
    planned = ready(*design).planned
    assert [arm.is_sampled for arm in planned] == [False] * 2 + [True] * 16
    assert [arm.is_recorded for arm in planned] == [True] * 2 + [False] * 16
    assert len({arm.fingerprint for arm in planned}) == 18
    more = ready("design.n=16", *(key for key in design if key != "design.n=8")).planned
    assert more[:18] == planned
    other = ready("parameters.tenders.constant_none=1.0", *design).planned
    assert not {arm.fingerprint for arm in other} & {arm.fingerprint for arm in planned}


def test_the_same_numbers_of_other_factors_are_other_points(tmp_path: Path) -> None:
    """Of parameters and of levers; the order of the columns changes nothing."""
    keys = [key.replace("western_sanctions", "affordable_western_offer") for key in SHORT]

    def planned_of(path: Path) -> tuple[PlannedArm, ...]:
        config = compose([*keys, "design=table", f"design.table={path}"])
        return prepare(config, read_inputs(config)).planned

    columns = {
        "tenders.weight_price": (0.5, 0.7), "tenders.weight_gap": (0.5, 0.7),
        "levers.affordable_western_offer.subsidy": (0.0, 0.0), "levers.affordable_western_offer.price_change": (0, 0),
    }  # fmt: skip
    found = []
    for key, values in columns.items():
        path = tmp_path / f"{key}.csv"
        path.write_text("\n".join([key, *map(str, values)]))
        found += [{arm.fingerprint for arm in planned_of(path) if arm.is_sampled}]
    assert len(set().union(*found)) == 2 * (2 + 2 + 1 + 1)
    names = [key for key in columns if key.startswith("tenders.")]
    planned = []
    for order in (names, names[::-1]):
        path = tmp_path / "both.csv"
        path.write_text(",".join(order) + "\n" + ",".join({names[0]: "0.5", names[1]: "0.7"}[key] for key in order))
        planned.append(planned_of(path))
    assert planned[0] == planned[1]


def test_worlds_and_templates_are_shared_by_thousands_of_arms() -> None:
    prepared = ready("design=sobol", "design.n=4096", "design.over=[tenders.*,theory.choice,rules.technology.*]")
    assert len(prepared.planned) == len(prepared.arms) == 2 + 2 * 4096
    assert len({id(prepared.arms[place].world) for place in range(2, 60)}) == 2
    assert prepared.arms[-1].point == "p0004095"
    sent = pickle.dumps(prepared)
    assert len(sent) < 10_000_000
    again = pickle.loads(sent)
    assert again.arms[77].params.tobytes() == prepared.arms[77].params.tobytes()
    assert again.planned[77] == prepared.planned[77]


def test_the_table_of_points_and_the_caveats_tell_of_the_design(tmp_path: Path) -> None:
    prepared = of_table(tmp_path)
    prepared.write_design(tmp_path)
    table = pd.read_parquet(tmp_path / DESIGN).set_index("point")
    assert table.index.tolist() == ["default", "one", "two"]
    usual = prepared.register.entries["tenders.weight_price"].value
    assert table["parameters.tenders.weight_price"].tolist() == [usual, 0.7, 1.1]
    assert table["theory.choice"].tolist() == ["random_utility", "imitation", "random_utility"]
    assert table["rules.technology.sanctions"].tolist() == [True, False, True]
    assert table["levers.western_sanctions.severity"].tolist()[1] == 0.3
    said = " ".join(caveats(prepared, is_dirty=False))
    assert "at 2 sampled points (design table over couplings.leverage" in said
    assert "figures and tables show the default point" in said
    same = ready("design=table", f"design.table={tmp_path / DESIGN}")
    assert same.planned == prepared.planned


def test_a_parameter_that_a_sampled_worldview_sets_stands_in_the_table_with_it(tmp_path: Path) -> None:
    config = compose(
        [*SHORT, "design=grid", "design.over.worldview=[all,cautious]", "parameters.accusation.mix_quota=0.2"]
    )
    typed = prepare(config, read_inputs(config))
    typed.write_design(tmp_path)
    assert pd.read_parquet(tmp_path / DESIGN)["parameters.accusation.mix_quota"].tolist() == [0.2, 0.2, 0.2]
