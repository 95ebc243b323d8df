"""What a design may vary: keys, ranges, levels, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.configuration import compose
from sim.ensemble.checks import read_inputs
from sim.ensemble.factors import Factor, read_factors
from sim.errors import InputError
from sim.parameters.register import load_register
from sim.scenario.reader import Scenario, load_scenario
from sim.settings import Config

REGISTER = load_register()
PRICE = REGISTER.entries["tenders.weight_price"]


def config(*over: str) -> Config:
    return compose(["experiment=cooperation", "scenario=baseline", "design=sobol", *over])


def factors(*over: str, scenarios: tuple[Scenario, ...] = ()) -> tuple[Factor, ...]:
    return read_factors(config(*over), REGISTER, scenarios)[0]


def refusal(*over: str, scenarios: tuple[Scenario, ...] = ()) -> str:
    with pytest.raises(InputError) as found:
        factors(*over, scenarios=scenarios)
    return str(found.value)


def sets_price(tmp_path: Path) -> Scenario:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\ntitle: Mine\nquestion: What if?\ntag: analyst\nsource: a test\n"
        "parameters: {tenders.weight_price: 0.5}\n"
    )
    return load_scenario(str(path))


def test_a_list_of_factors_takes_the_registers_ranges() -> None:
    (one,) = factors("design.over=[tenders.weight_price]")
    assert one.key == "parameters.tenders.weight_price"
    assert (one.low, one.high, one.distribution, one.peak) == (PRICE.low, PRICE.high, PRICE.distribution, PRICE.value)
    assert factors("design.over=[parameters.tenders.weight_price]") == (one,)


def test_factors_come_in_the_order_of_their_keys_however_they_are_named() -> None:
    keys = ("theory.choice", "tenders.weight_price", "worldview", "rules.technology/sanctions")
    one, other = (factors(f"design.over=[{','.join(order)}]") for order in (keys, keys[::-1]))
    assert one == other
    assert [factor.key for factor in one] == sorted(factor.key for factor in one)


def test_a_range_or_levels_may_be_narrower_than_the_registers() -> None:
    (narrow,) = factors("design.over.tenders.weight_price=[0.5,1]")
    assert (narrow.low, narrow.high, narrow.levels) == (0.5, 1.0, ())
    (levels,) = factors("design.over.tenders.weight_price={levels:[0.5,1,2]}")
    assert levels.levels == (0.5, 1.0, 2.0)
    assert levels.at(np.array([0.0, 0.34, 0.999, 1.0])).tolist() == [0.5, 1.0, 2.0, 2.0]


def test_what_is_typed_for_one_factor_stands_over_the_list() -> None:
    over = ("design.over.tenders.weight_price=[0.5,1]", "design.over=[tenders.weight_price,theory.choice]")
    price, choice = factors(*over)
    assert (price.low, price.high) == (0.5, 1.0)
    assert choice.levels == ("imitation", "random_utility", "satisficing")


def test_named_levels_keep_the_order_in_which_they_are_given() -> None:
    (worldview,) = factors("design.over.worldview=[cautious,all]")
    assert worldview.levels == ("cautious", "all")
    (rule,) = factors("design.over=[rules.technology.sanctions]")
    assert rule.levels == (True, False)
    assert rule.told() == {"key": "rules.technology.sanctions", "kind": "levels", "levels": [True, False]}


def test_a_pattern_stands_for_all_factors_that_it_matches_but_those_that_would_not_vary(tmp_path: Path) -> None:
    found, left = read_factors(config("design.over=[tenders.*]"), REGISTER, [sets_price(tmp_path)])
    in_group = {f"parameters.{key}" for key, entry in REGISTER.entries.items() if entry.group == "tenders"}
    assert {factor.key for factor in found} == in_group - {
        "parameters.tenders.theory",
        PRICE.key and f"parameters.{PRICE.key}",
    }
    assert left == (
        "parameters.tenders.theory is not varied: theory.choice=random_utility sets it.",
        "parameters.tenders.weight_price is not varied: the scenario mine sets it.",
    )
    whole, _ = read_factors(config("design.over=[all]"), REGISTER, [])
    assert len(whole) > 0.9 * len(REGISTER.entries)


def test_what_a_scenario_or_a_theory_sets_is_refused_by_name(tmp_path: Path) -> None:
    words = refusal("design.over=[tenders.weight_price]", scenarios=(sets_price(tmp_path),))
    assert "design.over.parameters.tenders.weight_price: the scenario mine sets it" in words
    assert "theory.choice=random_utility sets it" in refusal("design.over=[tenders.theory]")


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ("design.over=[scenario]", "every point is run under every arm of the experiment, on the same dice"),
        ("design.over=[history]", "history is not a factor"),
        ("design.over=[tenders.weight_prise]", "there is no such factor. Did you mean 'tenders.weight_price'?"),
        ("design.over=[tenderz.*]", "stands for no factor. Did you mean 'tenders.*'?"),
        ("design.over.tenders.weight_price=[0.5,80]", "80 lies outside the range 0.4..3 of configs/parameters/tenders"),
        ("design.over.tenders.weight_price=[1,0.5]", "write [low,high], the lower first"),
        ("design.over.tenders.weight_price=[0.5,1,2]", "{levels: [...]} for single values"),
        ("design.over.tenders.weight_price=[a,b]", "not all of these are numbers"),
        ("design.over.tenders.weight_price={levels:[1,1]}", "two levels or more, each once"),
        ("design.over.theory.choice=[imitation,satisfycing]", "Did you mean 'satisficing'?"),
        ("design.over.theory.choise=all", "there is no such question. Did you mean 'choice'?"),
        ("design.over.worldview=[all]", "two levels or more"),
        ("design.over.rules.technology.sanctions=[1,0]", "Known: true, false"),
        ("design.over=[rules.technology.sanction]", "Did you mean 'rules.technology.sanctions'?"),
        ("design.over=[couplings.nothing]", "nothing"),
        ("design.over=[tenders.weight_price,parameters.tenders.weight_price]", "is named twice"),
        ("design.over=[worldview,worldview]", "design.over: worldview is named twice."),
        ("design.over.tenders.weight_price={levels:[]}", "not {levels: []}. Levels are two or more values."),
        ("design.over.tenders.weight_price={level:[1,2]}", "not {level: [1, 2]}. Did you mean 'levels'?"),
    ],
)
def test_what_is_no_factor_is_refused_with_the_nearest_spelling(over: str, words: str) -> None:
    assert words in refusal(over)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("design=sobol",), "design=sobol needs design.over="),
        (("design=sobl", "design.over=[all]"), "Did you mean 'sobol'?"),
        (("design.over=[all]",), "design.over: no design uses it. Choose one, such as design=sobol"),
        (("design=none", "design.n=8"), "design.n: no design uses it"),
        (("design=table",), "needs design.table="),
        (("design=sobol", "design.over=[all]", "design.table=x.csv"), "write design=table"),
        (("design=one_at_a_time", "design.over=[all]", "design.n=8"), "has no size to set"),
        (("design=sobol", "design.n=null", "design.over=[all]"), "needs design.n=, the number of points"),
        (("design=sobol", "design.n=0", "design.over=[all]"), "design.n: must be at least 1"),
        (("design=sobol", "design.over={tenders:{weight_price:[1,2]}}"), "such as tenders.weight_price"),
        (("design=sobol", "design.size=8"), "unknown key 'design.size'"),
        (("design=sobol", "design.over.=8"), "write design.over.<key>=[low,high]"),
    ],
)
def test_keys_of_a_design_that_do_not_go_together_are_refused(keys: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError) as found:
        compose(keys)
    assert words in str(found.value)


def test_a_design_is_told_in_the_title_and_none_takes_it_away() -> None:
    assert config("design.over=[worldview,theory.choice]").full_title.endswith(
        "scenario baseline; design sobol over theory.choice, worldview"
    )
    tabled = compose(["design=table", "design.table=elsewhere/points.csv"])
    assert tabled.full_title.endswith(": design table points.csv")
    assert compose(["design=none"]).full_title == compose([]).full_title


def test_a_scenario_that_sets_a_factor_is_found_before_anything_is_built(tmp_path: Path) -> None:
    mine = sets_price(tmp_path)
    keys = ["experiment=cooperation", f"scenario={mine.path}", "design=sobol", "design.over=[tenders.weight_price]"]
    with pytest.raises(InputError, match="the scenario mine sets it"):
        read_inputs(compose(keys))


@given(
    share=st.floats(0.0, 1.0),
    low=st.floats(1e-3, 1e3),
    width=st.floats(1e-3, 1e3),
    peak=st.floats(0.0, 1.0),
    distribution=st.sampled_from(["uniform", "loguniform", "triangular"]),
)
def test_values_keep_to_the_range(share: float, low: float, width: float, peak: float, distribution: str) -> None:
    factor = Factor("parameters.a.b", low, low + width, distribution, min(low + peak * width, low + width))
    (value,) = factor.at(np.array([share]))
    assert low <= value <= low + width


def test_values_follow_the_inverse_of_the_distribution() -> None:
    half = np.array([0.0, 0.5, 1.0])
    assert Factor("parameters.a.b", 1.0, 100.0, "loguniform").at(half) == pytest.approx([1.0, 10.0, 100.0])
    assert Factor("parameters.a.b", 0.0, 4.0).at(half).tolist() == [0.0, 2.0, 4.0]
    # A triangle over 0..4 with its peak at 1 has a quarter of its weight below the peak.
    peaked = Factor("parameters.a.b", 0.0, 4.0, "triangular", 1.0)
    assert peaked.at(np.array([0.0, 0.25, 1.0])) == pytest.approx([0.0, 1.0, 4.0])
