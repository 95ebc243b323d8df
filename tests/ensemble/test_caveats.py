from __future__ import annotations

import pytest

from sim.configuration import compose
from sim.ensemble.caveats import GENERAL, MEASURING, SUMMED, caveats, idle_fields, not_measured
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import prepare
from sim.rules import measures
from sim.rules.schedule import NAMES


def said(*overrides: str, experiment: str = "cooperation") -> list[str]:
    config = compose([f"experiment={experiment}", "scenario=baseline", *overrides])
    return caveats(prepare(config, read_inputs(config)), is_dirty=False)


def test_the_general_come_first_and_nothing_is_said_of_switches_that_are_on() -> None:
    found = said()
    assert tuple(found[: len(GENERAL)]) == GENERAL
    assert any("simulated true world" in caveat for caveat in GENERAL)
    assert "rest on contested facts" in found[len(GENERAL)]
    assert not any("switched off" in caveat for caveat in found)


def test_without_the_rule_that_measures_its_outcomes_are_said_not_to_be_measured() -> None:
    (told,) = (caveat for caveat in said("rules.technology.dependence=false") if caveat.startswith("Not measured"))
    for name in ("dependence_china", "dependence_other", "exit_cost", "supply_networks", "prominence_huawei"):
        assert f" {name}" in told
    assert "local_capacity" not in told
    assert not any("stay as they began" in caveat for caveat in said("rules.technology.dependence=false"))


def test_pairs_are_of_all_runs_but_those_at_sampled_points() -> None:
    sampled = ("design=halton", "design.n=2", "design.over=[tenders.weight_price]")
    of_all, of_some = said(experiment="restraint"), said(*sampled, experiment="restraint")
    assert any(caveat.startswith("Every run was made a second time") for caveat in of_all)
    assert any(caveat.startswith("Every run but those at sampled points was") for caveat in of_some)


def test_without_another_rule_what_it_alone_moves_is_said_to_stay() -> None:
    found = said("rules.technology.local_capacity=false")
    assert "The mechanism technology/local_capacity was switched off." in found
    assert found[-1].endswith("they stay as they began: local_capacity, capacity_2014, capacity_2018.")


def test_a_field_is_idle_only_without_all_rules_that_write_it() -> None:
    assert "institutions.level" not in idle_fields(["institutions/blocs"])
    assert "dyads.cum_gifts" not in idle_fields(["technology/tenders"])
    both = idle_fields(["technology/tenders", "technology/bundles"])
    assert {"dyads.cum_gifts", "measures.cum_gifts"} <= both
    assert idle_fields([]) == frozenset()


@pytest.mark.parametrize("address", ["states[KAZ].dependence[CHN]", "cells[KAZ,cloud].hold", "measures.market[CHN]"])
def test_addresses_are_told_by_their_field(address: str) -> None:
    assert not_measured(MEASURING, [("x", address), ("y", "politics.tension")]) == ("x",)
    assert not_measured(["technology/tenders"], [("x", address)]) == ()


def test_the_names_that_stand_here_are_those_of_the_rules() -> None:
    assert set(MEASURING) <= set(NAMES)
    assert set(SUMMED) == set(measures.WRITES)
    assert set(SUMMED.values()) <= set(measures.READS)
