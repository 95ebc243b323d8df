"""What Steppe in Mesa refuses, each with a message that says what to write, and without a trace in the record."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mesa.experimental.scenarios import Scenario

from sim.errors import InputError
from sim.model import State, Steppe, SteppeScenario
from sim.rules.scenario_acts import WRITES

SHORT = {"rng": 1, "end": "2004Q4"}


@pytest.fixture
def model() -> Steppe:
    return Steppe(**SHORT)


@pytest.fixture
def kaz(model: Steppe) -> State:
    return model.states["KAZ"]


class TestRefused:
    def test_an_agent_of_another_model(self, model: Steppe) -> None:
        other = Steppe(**SHORT)
        message = r"belongs to another model; take this model's own, such as model\.(states|firms)\["
        with pytest.raises(InputError, match=message):
            model.firms["Huawei"].entry[other.states["KAZ"]] = 5
        with pytest.raises(InputError, match=message):
            model.states["KAZ"].cells["networks"].award_slot = other.firms["Huawei"]
        with pytest.raises(InputError, match=message):
            model.schedule_inject("outage", firm=other.firms["Huawei"])

    def test_a_step_past_the_end(self) -> None:
        model = Steppe(rng=1, end="1992Q4")
        model.run_for(7)
        for past in (lambda: model.run_for(2), lambda: model.run_until("1993Q2")):
            with pytest.raises(InputError, match=r"ends with 1992Q4; quarters left: 1\. .* later end="):
                past()
        model.run_model()
        before = model.outcomes
        for _ in range(2):
            with pytest.raises(InputError, match="quarters left: 0"):
                model.step()
        assert model.outcomes == pytest.approx(before, abs=0, nan_ok=True)
        assert model.time == 8

    @pytest.mark.parametrize("time", ["a", math.nan, None, [1]])
    def test_what_is_no_time(self, model: Steppe, time: Any) -> None:
        for run in (model.run_for, model.run_until):
            with pytest.raises(InputError, match=r"takes a number of quarters|'a' is not a quarter; write it as"):
                run(time)
        assert model.time == 0

    def test_a_step_back(self, model: Steppe) -> None:
        model.run_for(9)
        for back in (lambda: model.run_for(-1), lambda: model.run_until(5), lambda: model.run_until("1993Q1")):
            with pytest.raises(InputError, match="does not go back, and this one stands at 1993Q2; make"):
                back()
        with pytest.raises(InputError, match="the run ends with 2004Q4"):
            model.run_for(10**400)
        model.run_for(0)
        model.run_until("1993Q2")
        assert model.time == 9

    def test_agents_neither_come_nor_leave_nor_are_copied(self, model: Steppe, kaz: State) -> None:
        with pytest.raises(InputError, match="cannot leave"):
            kaz.remove()
        with pytest.raises(InputError, match="made with the model"):
            State(model, 0)
        assert len(model.agents_by_type[State]) == len(model.states)
        for copied in (copy.deepcopy, pickle.dumps):
            with pytest.raises(InputError, match="cannot be copied or pickled"):
                copied(model)

    @pytest.mark.parametrize(
        ("keys", "message"),
        [
            ({"scenario": "basline"}, "basline: there is no such scenario. Did you mean 'baseline'"),
            ({"historie": "free"}, "no key 'historie'.* Did you mean 'history'"),
            ({"seed": 3}, "no key 'seed'; known are rng"),
            ({"history": "past"}, "write replay or free"),
            ({"rng": -1}, "rng=-1: write a whole number from 0"),
            ({"rng": np.random.default_rng(1)}, "rng=Generator.*: write a whole number"),
            ({"replication": 1.5}, "replication=1.5: write a whole number"),
            ({"start": "2020Q1", "end": "2019Q4"}, "lies before start"),
            ({"parameters": {"tenders.weight_prize": 1}}, "Did you mean 'tenders.weight_price'"),
            ({"rules_off": ["technology/tender"]}, "Did you mean 'technology/tenders'"),
            ({"collect": "states[KAZ].purze"}, "no field 'purze'. Did you mean 'purse'"),
            ({"collect": "dependense_china.KAZ"}, "Did you mean 'dependence_china.KAZ'"),
            ({"parameters": {"tenders.weight_price": "much"}}, "parameters: write a dictionary of numbers by key"),
            ({"parameters": {"tenders.weight_price": 10**400}}, "parameters: write a dictionary of numbers by key"),
            ({"parameters": {3: 1.0}}, "parameters: write a dictionary of numbers by key"),
            ({"parameters": [1]}, "parameters: write a dictionary of numbers by key"),
            ({"rules_off": 3}, r"rules_off: write a list of texts, such as \['technology/sanctions'\], not 3"),
            ({"rules_off": [3]}, "rules_off: write a list of texts"),
            ({"rules_off": "technology/sanctions"}, "rules_off: write a list of texts.*, not 'technology/sanctions'"),
            ({"replication": None}, "replication=None: write a whole number"),
            ({"name": 3}, "name=3: write it as text, such as 'baseline'"),
            ({"history": 3}, "history=3: write it as text, such as 'replay'"),
            ({"history": ["free"]}, r"history=\['free'\]: write it as text"),
            ({"end": 2030}, "end=2030: write it as text, such as '2035Q4'"),
            ({"collect": 3}, "collect: write a list of texts, such as .*, not 3"),
            ({"collect": [3]}, "collect: write a list of texts"),
            ({"world": 3}, r"world=3: write a World, such as build_world\(\)"),
            ({"world": 0}, r"world=0: write a World"),
            ({"scenario": SteppeScenario(rng=1), "history": "free"}, "history=: the scenario holds all keys"),
            ({"scenario": SteppeScenario(), "rng": 2}, "rng=: the scenario holds all keys"),
            ({"scenario": Scenario(rng=1)}, "or a SteppeScenario"),
        ],
    )
    def test_a_wrong_setting(self, keys: dict, message: str) -> None:
        with pytest.raises(InputError, match=message):
            SteppeScenario(**keys) if "name" in keys else Steppe(**keys)

    def test_a_wrong_default_of_a_subclass(self) -> None:
        class Dated(SteppeScenario):
            start: int = 2000

        with pytest.raises(InputError, match="start=2000: write it as text"):
            Dated()

    def test_a_parameter_that_the_scenario_sets_otherwise(self, tmp_path: Path) -> None:
        file = tmp_path / "dear.yaml"
        stated = "{name: dear, title: Dear, question: So dear, tag: analyst, source: why, base: baseline, parameters: "
        file.write_text(stated + "{tenders.weight_price: 1.5}}", encoding="utf-8")
        with pytest.raises(InputError, match=r"weight_price=2 would hold for no run: .* dear sets it to 1\.5"):
            Steppe(str(file), parameters={"tenders.weight_price": 2.0})
        same, other = ({"tenders.weight_price": 1.5}, {"tenders.weight_quality": 1.5})
        for keys in (same, other):
            assert Steppe(str(file), parameters=keys).scenario.parameters == keys

    @pytest.mark.parametrize("text", [3, ["gifts"], None])
    def test_a_reporter_of_what_is_no_text(self, model: Steppe, text: object) -> None:
        with pytest.raises(InputError, match="reporters: write a list of texts"):
            model.reporters("gifts", text)

    def test_outcomes_before_the_end(self, model: Steppe) -> None:
        with pytest.raises(InputError, match=r"it stands at 1991Q1. Finish it with run_model\(\)"):
            model.outcomes  # noqa: B018  reading it is what is tested


class TestWhatInjectsSet:
    @pytest.mark.parametrize("path", [path for path in WRITES if not path.startswith("incidents.")])
    def test_it_is_read_but_not_written_by_hand(self, model: Steppe, path: str) -> None:
        table, _, field = path.partition(".")
        rows = {"cells": model.states["KAZ"].cells, "dyads": model.states["KAZ"].dyads}.get(table)
        row = getattr(model, table) if table == "politics" else next(iter((rows or getattr(model, table)).values()))
        before, held = model.live.world.record.tobytes(), getattr(row, field)
        with pytest.raises(InputError, match=r"is set by injects alone; use model\.schedule_inject\("):
            setattr(row, field, held)
        if isinstance(held, Mapping):
            with pytest.raises(InputError, match="is set by injects alone"):
                held[next(iter(held))] = next(iter(held.values()))
        assert model.live.world.record.tobytes() == before

    def test_incidents_have_no_handle_so_that_nothing_shows_who_was_behind_one_on_record(self, model: Steppe) -> None:
        assert not hasattr(model, "incidents")

    def test_the_kind_is_named_where_the_field_tells_it(self, model: Steppe, kaz: State) -> None:
        for act, told in (
            (lambda: setattr(kaz, "leader_demand", 0.99), r"states\[KAZ\]\.leader_demand .*'leader_demand', \.\.\."),
            (lambda: setattr(kaz, "drive", 0.5), "'capacity_drive'"),
            (lambda: setattr(model.homes["CHN"], "subsidy", 0.5), "'subsidy'"),
            (lambda: setattr(model.politics, "tension_declared", 0.5), "'tension'"),
            (lambda: model.firms["Huawei"].ban_declared.update(KAZ=1.0), r"ban_declared\[KAZ\] .*'ban'"),
            (lambda: model.institutions["SCO"].leaves.update(KAZ=5), "'leave'"),
            (lambda: setattr(kaz.cells["cloud"], "order_mode", "gift"), r"schedule_inject\(\.\.\.\); docs/model\.md"),
        ):
            with pytest.raises(InputError, match=told):
                act()
