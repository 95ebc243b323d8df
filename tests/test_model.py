"""Steppe in Mesa: the kernel's numbers to the last bit, live agents, events, and collection."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import mesa
import numpy as np
import pandas as pd
import pytest

from sim.configuration import compose
from sim.ensemble.checks import read_inputs
from sim.ensemble.prepare import Prepared, prepare
from sim.errors import InputError
from sim.model import DEFAULT_SEED, Actor, Firm, State, Steppe, SteppeScenario
from sim.rules.schedule import SCHEDULE, summary
from sim.world.build import build_world
from sim.world.records import TABLES

SHORT = {"rng": 1, "end": "2004Q4"}
IS_MESA_3 = mesa.__version__.startswith("3.")


@cache
def campaign(*overrides: str) -> Prepared:
    config = compose(overrides)
    return prepare(config, read_inputs(config))


def expected(replication: int, *overrides: str) -> bytes:
    """The outcomes of the kernel, through the entrance that `steppe run` takes."""
    return campaign(*overrides).simulate(0, np.array([replication])).outcomes[0].tobytes()


def outcomes_of(model: Steppe) -> bytes:
    model.run_model()
    return np.array(list(model.outcomes.values())).tobytes()


@pytest.fixture
def model() -> Steppe:
    return Steppe(**SHORT)


@pytest.fixture
def kaz(model: Steppe) -> State:
    return model.states["KAZ"]


class TestSameNumbersAsTheKernel:
    @pytest.mark.parametrize("history", ["replay", "free"])
    @pytest.mark.parametrize(
        "scenario",
        [
            *("baseline", "vendor_outage", "western_sanctions", "great_power_tension"),
            *("sanctions_if_dependent", "kazakhstan_hedges"),
        ],
    )
    def test_outcomes_are_equal_bit_for_bit(self, scenario: str, history: str) -> None:
        for replication in (0, 3):
            wanted = expected(replication, f"scenario={scenario}", f"history={history}", "seed=7")
            assert outcomes_of(Steppe(scenario, history=history, replication=replication, rng=7)) == wanted

    def test_parameters_switches_and_window_count(self) -> None:
        wanted = expected(
            1,
            "scenario=sco_bank",
            "parameters.tenders.weight_price=2.0",
            "rules.technology.training=false",
            "start=2010Q1",
            "end=2029Q2",
        )
        keys = {"parameters": {"tenders.weight_price": 2.0}, "rules_off": ["technology/training"]}
        given = SteppeScenario(name="sco_bank", replication=1, start="2010Q1", end="2029Q2", **keys)
        assert outcomes_of(Steppe(given)) == wanted
        assert outcomes_of(Steppe("sco_bank", replication=1, start="2010Q1", end="2029Q2")) != wanted

    def test_the_default_seed_is_that_of_the_command(self) -> None:
        assert compose(()).seed == DEFAULT_SEED
        assert Steppe().scenario.seed == Steppe(rng=None).scenario.seed == DEFAULT_SEED

    def test_the_way_a_run_is_driven_changes_nothing(self) -> None:
        wanted = outcomes_of(Steppe(**SHORT))
        stepped, mixed = Steppe(**SHORT), Steppe(**SHORT, collect="politics.tension")
        for _ in range(56):
            stepped.step()
        mixed.run_for(10)
        mixed.agents.shuffle_do("step")
        mixed.run_for(0.5)
        mixed.run_until("1999Q1")
        assert mixed.quarter == "1999Q1"
        assert mixed.time == 32
        for run in (stepped, mixed):
            assert outcomes_of(run) == wanted
            assert not run.running

    def test_models_side_by_side_do_not_touch_each_other(self) -> None:
        one, other = Steppe(**SHORT), Steppe(**SHORT)
        one.run_for(20)
        other.states["KAZ"].local_capacity = 0.9
        other.run_model()
        assert outcomes_of(one) == outcomes_of(Steppe(**SHORT)) != outcomes_of(other)

    def test_another_world_may_be_given_and_stays_as_it_is(self) -> None:
        world = build_world()
        record = world.record.copy()
        record["states"]["local_capacity"] = 0.9
        skilled, before = world.with_record(record), record.tobytes()
        assert outcomes_of(Steppe(world=world, **SHORT)) == outcomes_of(Steppe(**SHORT))
        assert outcomes_of(Steppe(world=skilled, **SHORT)) != outcomes_of(Steppe(**SHORT))
        assert record.tobytes() == before

    def test_injects_act_at_their_dates_as_events(self) -> None:
        model = Steppe("vendor_outage", rng=1)
        injects = model.live.world.record["injects"][0]
        assert not injects["kind"].any()
        model.run_until("2025Q1")
        assert model.firms["Huawei"].failing_declared == 0.0
        model.run_for(1)
        assert model.firms["Huawei"].failing_declared > 0.0


class TestAgents:
    def test_every_row_has_its_agent(self, model: Steppe) -> None:
        names = model.live.world.names
        assert [agent.name for agent in model.agents_by_type[State]] == list(names.states)
        assert [agent.name for agent in model.agents_by_type[Firm]] == list(names.firms)
        assert list(model.states) == list(names.states)
        assert model.states["KAZ"] is model.states["KAZ"] is model.agents_by_type[State][names.states.index("KAZ")]
        assert model.states["KAZ"].label == "Kazakhstan"
        assert model.states["KAZ"].scenario is model.scenario

    def test_selections_groups_and_set(self, model: Steppe) -> None:
        states = model.agents_by_type[State]
        reported = states.select(lambda state: state.is_focus)
        assert tuple(reported.get("name")) == model.live.world.names.reported
        firms = model.agents_by_type[Firm].groupby("home").groups
        assert "Huawei" in firms["CHN"].get("name")
        reported.set("ambition", 0.9)
        assert model.live.world.record["states"]["ambition"][0][model.states["UZB"].place] == 0.9
        assert states.agg("ambition", max) >= 0.9

    @pytest.mark.parametrize("kind", [State, Firm])
    def test_a_docstring_lists_every_rule_and_attribute(self, kind: type) -> None:
        for rule in SCHEDULE:
            if any(path.startswith(f"{kind.table}.") for path in rule.WRITES):
                assert f"    {rule.NAME}: {summary(rule)}\n" in kind.__doc__
        for field in TABLES[kind.table][0]:
            assert re.search(rf"(?m)^    {field.name}(\[.*\])?: {re.escape(field.meaning)} \(", kind.__doc__)

    @pytest.mark.parametrize("kind", [State, Firm])
    def test_no_field_hides_what_mesa_or_the_handle_needs(self, kind: type) -> None:
        taken = {*dir(mesa.Agent), *vars(mesa.Agent(mesa.Model())), "live", "place", "columns", "name", "label"}
        assert not taken & {field.name for field in TABLES[kind.table][0]}

    def test_another_kind_of_agent_takes_one_line(self) -> None:
        class Group(Actor, table="groups"):
            """A group."""

        class WithGroups(Steppe):
            actor_types = (*Steppe.actor_types, Group)

        model = WithGroups(**SHORT)
        assert len(model.agents_by_type[Group]) == len(model.live.world.names.groups)
        assert model.groups[model.live.world.names.groups[0]].theatre in {None, *model.live.world.names.theatres}
        assert outcomes_of(model) == outcomes_of(Steppe(**SHORT))

    def test_a_subclass_may_keep_notes_of_its_own(self) -> None:
        class Watched(State, table="states"):
            """A state that is watched."""

            seen: int = 0

        class Watching(Steppe):
            actor_types = (Watched, Firm)

        model = Watching(**SHORT)
        model.states["KAZ"].seen = 3
        assert (model.states["KAZ"].seen, model.states["UZB"].seen) == (3, 0)
        assert model.states["KAZ"].cells["networks"].penetration >= 0

    def test_a_change_by_hand_has_consequences(self) -> None:
        plain, changed = Steppe(rng=1), Steppe(rng=1)
        for model in (plain, changed):
            model.run_until("2010Q1")
        changed.states["KAZ"].local_capacity = 0.95
        for model in (plain, changed):
            model.run_for(1)
        assert changed.states["KAZ"].dependence["CHN"] < plain.states["KAZ"].dependence["CHN"]


class TestInjects:
    @pytest.mark.parametrize("scenario", ["vendor_outage", "sanctions_if_dependent"])
    def test_a_scheduled_inject_equals_that_of_a_scenario(self, scenario: str) -> None:
        model = Steppe("baseline", rng=3)
        model.run_until("2020Q1")
        for _, entry in campaign(f"scenario={scenario}").arms[0].scenario.injects:
            model.schedule_inject(**entry)
        assert outcomes_of(model) == outcomes_of(Steppe(scenario, rng=3))

    def test_agents_times_and_whole_homes_are_understood(self, model: Steppe, kaz: State) -> None:
        model.run_for(30)
        model.schedule_inject("leader_demand", state=kaz, strength=1.0)
        model.schedule_inject("sanction", firm="all:CHN", start=model.time + 4, end="2003Q1", strength=0.5)
        model.run_for(1)
        assert kaz.leader_demand == 1.0
        model.run_for(4)
        chinese = model.agents_by_type[Firm].select(lambda firm: firm.home == "CHN")
        assert set(chinese.get("sanction_declared")) == {0.5}
        model.run_until("2003Q2")
        assert set(chinese.get("sanction_declared")) == {0.0}

    def test_an_event_may_be_cancelled_before_it_acts(self) -> None:
        model = Steppe(rng=1)
        model.schedule_inject("outage", firm="Huawei", start="2010Q1", strength=1.0).cancel()
        assert outcomes_of(model) == outcomes_of(Steppe(rng=1))

    @pytest.mark.parametrize(
        ("keys", "message"),
        [
            ({"kind": "outige", "firm": "Huawei"}, "no kind of inject. Did you mean 'outage'"),
            ({"kind": "outage", "firm": "Huawey", "strength": 1}, "Did you mean 'Huawei'"),
            ({"kind": "outage", "firm": "Huawei"}, "outage needs the key 'strength'"),
            ({"kind": "tension", "strength": 2}, "lies outside"),
            ({"kind": "tension", "strength": 1, "start": "1990Q4"}, "before the model's first quarter"),
            (
                {"kind": "tension", "strength": 1, "start": "1992Q1"},
                "outside what is left of the run, 1993Q3 to 2004Q4",
            ),
            ({"kind": "tension", "strength": 1, "start": "2005Q1"}, "outside what is left of the run"),
            ({"kind": "tension", "strength": 1, "start": [1]}, "start: write a quarter, as 2020Q1 or whole number"),
            ({"kind": "pandemic", "strength": 1, "start": np.nan}, "start: write a quarter.*, not nan"),
            ({"kind": "tension", "strength": 1, "start": 15.5}, "start: write a quarter.*, not 15.5"),
            ({"kind": "tension", "strength": 1, "start": -5}, "before the model's first quarter"),
            ({"kind": "tension", "strength": 1, "when": "politics.tension > 2"}, "when: .* never holds"),
            (
                {"kind": "tension", "strength": 1, "when": "politics.alert > 0.1", "by": "1992Q1"},
                "outside what is left of the run",
            ),
            (
                {"kind": "outage", "firm": "Hikvision", "strength": 1},
                "schedule_inject: Hikvision is founded in 2001Q1, after 1993Q3",
            ),
        ],
    )
    def test_a_wrong_inject(self, model: Steppe, keys: dict, message: str) -> None:
        model.run_for(10)
        with pytest.raises(InputError, match=message):
            model.schedule_inject(**keys)

    def test_there_is_room_for_so_many(self, model: Steppe) -> None:
        rows = campaign().arms[0].world.record["injects"][0]
        for _ in range(np.count_nonzero(rows["kind"] == 0)):
            model.schedule_inject("tension", strength=0.1)
        with pytest.raises(InputError, match=f"there is room for {len(rows)} injects"):
            model.schedule_inject("tension", strength=0.1)


class TestCollection:
    def test_addresses_are_taken_down_every_quarter_from_the_start(self) -> None:
        model = Steppe(rng=1, start="2000Q1", end="2004Q4", collect=["states[*].dependence[*]", "gifts"])
        model.run_model()
        frame = model.datacollector.get_model_vars_dataframe()
        assert list(frame["quarter"])[:2] == ["2000Q1", "2000Q2"]
        assert len(frame) == 20
        assert frame["states[KAZ].dependence[CHN]"].iloc[-1] == model.states["KAZ"].dependence["CHN"]
        assert frame["gifts"].iloc[:-1].isna().all()
        assert frame["gifts"].iloc[-1] == model.outcomes["gifts"]

    def test_outcomes_are_taken_down_once_where_nothing_is_named(self, model: Steppe) -> None:
        model.run_model()
        frame = model.datacollector.get_model_vars_dataframe()
        pd.testing.assert_frame_equal(frame, pd.DataFrame([model.outcomes]), check_exact=True)

    def test_a_collector_of_ones_own_takes_agents(self, model: Steppe) -> None:
        model.datacollector = mesa.DataCollector(
            model_reporters=model.reporters("politics.tension"),
            agenttype_reporters={State: {"name": "name", "purse": "purse", "dependence": "dependence"}},
        )
        model.run_for(3)
        frame = model.datacollector.get_agenttype_vars_dataframe(State)
        assert len(frame) == 3 * len(model.states)
        last = frame.xs(3.0 if 3.0 in frame.index.get_level_values(0) else 3, level=0)
        assert last.set_index("name").loc["KAZ", "purse"] == model.states["KAZ"].purse
        assert type(last["dependence"].iloc[0]) is dict

    @pytest.mark.skipif(not IS_MESA_3, reason="Mesa 4 has no batch_run")
    def test_batch_run_gives_the_kernels_outcomes(self) -> None:
        """Mesa's runner sets the start method of processes to spawn for good; it is put back."""
        import multiprocessing

        parameters = {"scenario": ["baseline", "vendor_outage"], "replication": range(2), "end": "2030Q4"}
        method = multiprocessing.get_start_method(allow_none=True)
        try:
            rows = mesa.batch_run(Steppe, parameters, rng=[5], display_progress=False)
        finally:
            multiprocessing.set_start_method(method, force=True)
        assert len(rows) == 4
        for row in rows:
            wanted = expected(row["replication"], f"scenario={row['scenario']}", "seed=5", "end=2030Q4")
            names = campaign(f"scenario={row['scenario']}", "seed=5", "end=2030Q4").outcome_names
            assert np.array([row[name] for name in names]).tobytes() == wanted


class TestScenario:
    def test_its_keys_stand_on_the_model_and_are_frozen(self) -> None:
        model = Steppe(SteppeScenario(rng=4, history="free", end="1999Q4"))
        assert (model.scenario.history, model.scenario.seed, model.scenario.name) == ("free", 4, "baseline")
        assert dict(model.scenario)["history"] == "free"
        assert repr(model) == "<Steppe baseline, free, rng 4, replication 0: at 1991Q1>"
        with pytest.raises((ValueError, TypeError)):
            model.scenario.history = "replay"

    def test_a_subclass_may_declare_keys_of_its_own(self) -> None:
        class Shock(SteppeScenario):
            strength: float = 0.5
            history: str = "free"

        model = Steppe(Shock(strength=0.8, end="1999Q4"))
        assert (model.scenario.strength, model.scenario.history, model.scenario.end) == (0.8, "free", "1999Q4")
        with pytest.raises(InputError, match="Did you mean 'strength'"):
            Shock(strenght=0.8)

    @pytest.mark.skipif(not IS_MESA_3, reason="a scenario of Mesa 4 does not know its model")
    def test_one_scenario_serves_one_running_model(self) -> None:
        scenario = SteppeScenario(rng=1)
        Steppe(scenario)
        with pytest.raises(InputError, match="make a SteppeScenario for each model"):
            Steppe(scenario)


def test_importing_it_leaves_the_start_of_processes_alone() -> None:
    code = "import multiprocessing as m, sim.model; assert m.get_start_method(allow_none=True) is None"
    subprocess.run([sys.executable, "-c", code], check=True)
