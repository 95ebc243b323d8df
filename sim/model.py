"""Steppe as a Mesa model: the same world and the same numbers, to be explored, changed by hand and collected.

    model = Steppe("vendor_outage", rng=1, collect="states[KAZ].dependence[*]")
    model.run_until("2020Q1")
    model.states["KAZ"].local_capacity = 0.8
    model.run_model()

Agents are handles on the rows of the compiled model's record. A step is a quarter and calls the kernel, so a run that
is left alone equals the kernel's bit for bit. Nothing else in the package imports Mesa.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import Any, ClassVar

import numpy as np
from mesa import Agent, DataCollector, Model
from mesa.experimental.scenarios import Scenario

from sim.ensemble.checks import overruled
from sim.ensemble.observed import OUTCOMES_FILE, expand
from sim.errors import InputError, did_you_mean
from sim.kernel.observe import Observations, read_outcomes
from sim.kernel.quarter import NO_LEDGER, advance
from sim.kernel.run import switches_for
from sim.numerics.draws import throw_dice
from sim.numerics.feed import NO_FEED
from sim.parameters.register import load_register
from sim.rules.scenario_acts import WRITES
from sim.rules.schedule import SCHEDULE, summary
from sim.scenario.conditions import Conditions
from sim.scenario.reader import load_scenario
from sim.scenario.stage import place_entry, stage, write_injects
from sim.world.build import World, build_world
from sim.world.calendar import format_quarter, parse_quarter
from sim.world.handles import Index, LiveWorld, Row, Rows, as_number
from sim.world.records import flat_view
from sim.world.rows import NAMED, Cell, Dyad, Measures, Politics

DEFAULT_SEED = 1
"""Seed of the dice where `rng` is not given: that of `steppe run`."""


_register = cache(load_register)


@cache
def _shipped() -> tuple[World, Observations]:
    """Return the default world and its declared outcomes, read once a process."""
    world = build_world()
    return world, _outcomes_of(world)


def _outcomes_of(world: World) -> Observations:
    return Observations.of(world, read_outcomes(world.folder / OUTCOMES_FILE), ())


class SteppeScenario(Scenario):
    """What a run is asked for: Mesa's Scenario with Steppe's keys, each with the default of `steppe run`.

    name: a scenario of configs/scenario/, or the path of a file; history: replay or free; start: where outcomes begin
    to count; end: the last quarter; replication: with `rng`, a whole number, it throws the dice; parameters: values by
    key, such as {"tenders.weight_price": 2.0}; rules_off: rules that are switched off, as folder/file. A subclass may
    declare further keys. InputError for an unknown key, and for a value that is not of its kind.
    """

    name: str = "baseline"
    history: str = "replay"
    start: str = "1991Q1"
    end: str = "2035Q4"
    replication: int = 0
    parameters: Mapping[str, float] | None = None
    rules_off: Sequence[str] = ()

    def __init__(self, *, rng: int | None = None, **keys: Any) -> None:
        bases = [base for base in type(self).__mro__ if issubclass(base, SteppeScenario)]
        known = ["rng", *(key for base in reversed(bases) for key in base.__annotations__)]
        for key in keys:
            if key not in known and not hasattr(Scenario, key):
                raise InputError(f"there is no key {key!r}; known are {', '.join(known)}.{did_you_mean(key, known)}")
        seed = DEFAULT_SEED if rng is None else rng
        _check_keys({**self._scenario_defaults, **keys, "rng": seed})
        super().__init__(rng=int(seed), **keys)
        self.__dict__["seed"] = int(seed)


def _check_keys(keys: Mapping[str, Any]) -> None:
    """Raise InputError, with what to write, for a key of Steppe's whose value is not of its kind."""
    for key in ("rng", "replication"):
        number = keys[key]
        is_whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not (is_whole and 0 <= number < 2**63):
            raise InputError(f"{key}={number!r}: write a whole number from 0; with it the dice are thrown.")
    for key in ("name", "history", "start", "end"):
        if not isinstance(keys[key], str):
            raise InputError(f"{key}={keys[key]!r}: write it as text, such as {getattr(SteppeScenario, key)!r}.")
    values = {} if keys["parameters"] is None else keys["parameters"]
    if not isinstance(values, Mapping) or not all(
        isinstance(key, str) and math.isfinite(as_number(value)) for key, value in values.items()
    ):
        raise InputError("parameters: write a dictionary of numbers by key, such as {'tenders.weight_price': 2.0}.")
    _check_texts("rules_off", keys["rules_off"], "['technology/sanctions']")


def _check_texts(what: str, given: Any, example: str) -> None:
    """Raise InputError where something is no list of texts; a text alone is none."""
    is_list = isinstance(given, Collection) and not isinstance(given, str)
    if not is_list or not all(isinstance(text, str) for text in given):
        raise InputError(f"{what}: write a list of texts, such as {example}, not {given!r}.")


class Actor(Row, Agent):
    """An agent that is a handle on a row of the record: `class Group(Actor, table="groups")` makes another kind.

    What it does is decided by the rules of the compiled model. Numbers that a rule measures are measured anew every
    quarter; the others stay as written until a rule moves them. Those that injects set are only read here: they are
    changed with `schedule_inject`.
    """

    def __init_subclass__(cls, *, table: str = "", writes: tuple[str, ...] = (), **kwargs: Any) -> None:
        """Name the table of a kind of agent, and the tables that the rules concerning it write."""
        if table:
            tables = {table, *writes}
            rules = [rule for rule in SCHEDULE if not tables.isdisjoint(path.partition(".")[0] for path in rule.WRITES)]
            listed = "".join(f"    {rule.NAME}: {summary(rule)}\n" for rule in rules) or "    none yet\n"
            cls.__doc__ = (
                f"{(cls.__doc__ or '').rstrip()}\n\nRules that concern it, in the order of a quarter:\n\n{listed}"
            )
        super().__init_subclass__(table=table, **kwargs)

    def __init__(self, model: Steppe, place: int) -> None:
        if hasattr(model, self.table):
            raise InputError(f"agents are made with the model; take them from model.{self.table}.")
        Agent.__init__(self, model)
        Row.__init__(self, model.live, place)

    def remove(self) -> None:
        """Refuse: the actors of a world are rows of its record."""
        raise InputError(
            f"{self!r} cannot leave: the actors of a run are fixed; ban a firm, or edit the world's tables."
        )


class State(Actor, table="states", writes=("cells", "dyads")):
    """A state: its government buys, borrows, trains, hedges, votes and builds capacity of its own.

    `cells` and `dyads` hold what is installed in it by sector, and its relations by partner.
    """

    @cached_property
    def cells(self) -> Rows[Cell]:
        """What is installed, by sector: `kaz.cells["networks"].share["Huawei"]`."""
        sectors = self.live.index("sectors")
        return Rows(sectors, lambda k: Cell(self.live, self.place * len(sectors.names) + k))

    @cached_property
    def dyads(self) -> Rows[Dyad]:
        """Relations by partner: `kaz.dyads["CHN"].trust`."""
        columns, states = self.live.columns("dyads"), self.live.index("states").names
        places = np.flatnonzero(columns["state"] == self.place)
        partners = tuple(states[p] for p in columns["partner"][places])
        return Rows(Index(self.live, partners, f"partners of {self.name}"), lambda d: Dyad(self.live, int(places[d])))


class Firm(Actor, table="firms"):
    """A firm: it sells in its sectors, at prices and on credit that follow its home government."""


class Steppe(Model):
    """One run of Steppe, from 1991Q1, a quarter a step.

    scenario: the name or file of a scenario, with further keys of `SteppeScenario` (`history`, `replication`,
    `parameters` …), or a `SteppeScenario` that holds them all. rng: whole number, seed of the dice; with `replication`
    it decides all luck, so that runs are paired across scenarios. collect: addresses and outcomes that `datacollector`
    takes down every quarter; where none are named, it takes all outcomes once, at the end. world: another world than
    the default one. `time` is the number of quarters computed, so that what is done at time t precedes quarter t.
    InputError for whatever is wrong.
    """

    actor_types: ClassVar[tuple[type[Actor], ...]] = (State, Firm)
    states: Rows[State]
    firms: Rows[Firm]

    def __init__(
        self,
        scenario: str | SteppeScenario = "baseline",
        *,
        rng: int | None = None,
        collect: str | Sequence[str] = (),
        world: World | None = None,
        **keys: Any,
    ) -> None:
        if isinstance(scenario, str):
            scenario = SteppeScenario(rng=rng, name=scenario, **keys)
        elif not isinstance(scenario, SteppeScenario):
            raise InputError(f"scenario={scenario!r}: write the name of a scenario, or a SteppeScenario.")
        elif keys or rng is not None:
            raise InputError(f"{next(iter(keys), 'rng')}=: the scenario holds all keys; give it to SteppeScenario.")
        if (held := getattr(scenario, "model", None)) is not None and held.running:
            raise InputError(f"this scenario belongs to {held!r}; make a SteppeScenario for each model.")
        super().__init__(scenario=scenario)
        self._prepare(scenario, world)
        self._make_actors()
        self._hold_injects()
        self._advance = self.step
        self.step = self._step_once  # type: ignore[method-assign]  # as Mesa itself replaces it
        self._at_end = self.datacollector = DataCollector(self.reporters(*self._observed.outcome_names))
        asked = (collect,) if isinstance(collect, str) else collect
        _check_texts("collect", asked, "['states[KAZ].dependence[*]']")
        if len(asked):
            self.datacollector = DataCollector({"quarter": _quarter_computed, **self.reporters(*asked)})

    def _prepare(self, asked: SteppeScenario, world: World | None) -> None:
        """Build all that the kernel needs of this run."""
        self._first, self._n_quarters = parse_quarter(asked.start), parse_quarter(asked.end) + 1
        if self._n_quarters <= self._first:
            raise InputError(f"end={asked.end} lies before start={asked.start}.")
        if not isinstance(world, World | None):
            raise InputError(f"world={world!r}: write a World, such as build_world() of sim.world.build returns.")
        base, self._observed = (world, _outcomes_of(world)) if world else _shipped()
        source = load_scenario(asked.name)
        self.live = LiveWorld(stage(base, source, asked.history, self._first, self._n_quarters - 1), WRITES)
        overruled(asked.parameters or {}, [source])
        self._params = _register().record({**(asked.parameters or {}), **source.parameters})
        self._switches = switches_for(asked.rules_off)
        self._dice = np.uint64(throw_dice(asked.seed, asked.replication))
        self._flat = flat_view(self.live.world.record)
        self._out = np.full(len(self._observed.probes), math.nan)
        self._quarter = 0

    def _make_actors(self) -> None:
        """Make a handle for every row of the tables of agents, and of whatever else has names."""
        for kind in self.actor_types:
            index = self.live.index(kind.table)
            actors = [kind(self, place) for place in range(len(index.names))]
            setattr(self, kind.table, Rows(index, actors.__getitem__))
        for handle in NAMED:
            if not hasattr(self, handle.table):
                setattr(self, handle.table, self.live.rows(handle))
        self.politics, self.measures = Politics(self.live, 0), Measures(self.live, 0)

    def _hold_injects(self) -> None:
        """Take the injects of scenario and history out of their rows, and put each back by an event at its start."""
        self._callbacks: list[Callable[[], None]] = []
        rows = self.live.world.record["injects"][0]
        waiting = rows.copy()
        self._n_injects = 0
        for place in np.flatnonzero(waiting["kind"]):
            rows[place] = np.zeros((), rows.dtype)
            begins = min(int(waiting[place]["start"]), int(waiting[place]["opens"]))
            self._schedule_rows(begins, {int(place): waiting[place]})
            self._n_injects = int(place) + 1

    def _schedule_rows(self, at: int, injects: Mapping[int, Any]) -> Any:
        """Return the event that puts injects into their rows. Mesa holds callbacks weakly, hence the list."""
        callback = partial(_put, self.live.world.record["injects"][0], injects)
        self._callbacks.append(callback)
        return self.schedule_event(callback, at=max(float(at), self.time))

    @property
    def quarter(self) -> str:
        """The quarter that the next step computes, such as 2020Q1."""
        return format_quarter(self._quarter)

    @property
    def outcomes(self) -> dict[str, float]:
        """The declared outcomes by name, once the run has ended; InputError before."""
        if self._quarter < self._n_quarters:
            raise InputError(
                f"outcomes are known when the run has ended, with {self.scenario.end}; it stands at {self.quarter}. "
                "Finish it with run_model(), or read agents."
            )
        return dict(zip(self._observed.outcome_names, self._out.tolist(), strict=True))

    def reporters(self, *names: str) -> dict[str, Callable[[Steppe], float]]:
        """Return reporters for a DataCollector by name: of addresses, and of outcomes, which are NaN before the end.

        Stars work as elsewhere: `states[*]` for the reported states, `dependence[*]` for every home.
        """
        places = {name: place for place, name in enumerate(self._observed.outcome_names)}
        _check_texts("reporters", names, "'states[KAZ].dependence[*]'")
        found: dict[str, Callable[[Steppe], float]] = {}
        for name in names:
            if name in places:
                found[name] = partial(_read_outcome, places[name])
            else:
                found |= {address: partial(_read_number, offset) for address, offset in self._offsets(name, places)}
        return found

    def _offsets(self, text: str, outcomes: Iterable[str]) -> Iterable[tuple[str, int]]:
        """Return every address that a text names, with its offset in the flat record."""
        try:
            observed = Observations.of(self.live.world, {}, expand(text, self.live.world))
        except InputError as error:
            raise InputError(f"{error}{did_you_mean(text, outcomes, 0.8)}") from None
        return zip(observed.trajectory_names, observed.columns.tolist(), strict=True)

    def schedule_inject(self, kind: str, *, start: str | float | None = None, **keys: Any) -> Any:
        """Schedule anything that a scenario may do (docs/scenarios.md); return Mesa's event, to be cancelled.

        start: a quarter, as text or number; by default the next one, where no condition `when` is given. keys: those of
        the kind, such as firm, state, sector, end and strength; agents stand for their names. InputError where anything
        is wrong or the start is past.
        """
        entry = {"kind": kind, **{key: self.live.name_of(value) for key, value in keys.items()}}
        if "when" not in keys or start is not None:
            entry["start"] = _as_quarter(self._quarter if start is None else start)
        world, place = self.live.world, "schedule_inject"
        conditions = Conditions(world)
        found = place_entry(world, place, entry, conditions, self._quarter)
        begins = min(found[0].start, found[0].opens)
        if not self._quarter <= begins < min(self._n_quarters, found[0].closes):
            left = f"{self.quarter} to {self.scenario.end}"
            raise InputError(f"{place}: {format_quarter(begins)} lies outside what is left of the run, {left}.")
        rows = world.record["injects"][0]
        if self._n_injects + len(found) > len(rows):
            raise InputError(f"schedule_inject: there is room for {len(rows)} injects, those of history included.")
        conditions.write(world.record)
        values = np.zeros(len(found), rows.dtype)
        write_injects(values, found)
        injects = dict(enumerate(values, self._n_injects))
        self._n_injects += len(found)
        return self._schedule_rows(begins, injects)

    def step(self) -> None:
        """Compute one quarter with the kernel."""
        record, window = self.live.world.record, (self._first, self._n_quarters)
        probes, columns, path = self._observed.probes, self._observed.columns, np.empty((0, 0), np.float32)
        settings = (self._params[0], self._switches, self._dice, NO_LEDGER, NO_FEED, probes, columns)
        advance(record[0], self._flat, *settings, self._quarter, window, self._out, path)
        self._quarter += 1
        is_over = self._quarter == self._n_quarters
        if is_over:
            self.running = False
        if self._quarter > self._first and (is_over or self.datacollector is not self._at_end):
            self.datacollector.collect(self)

    def _step_once(self) -> None:
        if self._leads_on(self.time + 1):
            self._advance()

    def run_for(self, duration: float) -> None:
        """Run for a number of quarters; InputError where that leads back or past the end."""
        if self._leads_on(self.time + as_number(duration)):
            super().run_for(duration)

    def run_until(self, end_time: float | str) -> None:
        """Run up to a time, or to the beginning of a quarter such as 2020Q1; InputError as in run_for."""
        until = parse_quarter(end_time) if isinstance(end_time, str) else as_number(end_time)
        if self._leads_on(until):
            super().run_until(until)

    def _leads_on(self, until: float) -> bool:
        """Return whether a time is yet to come; InputError where it is no number, over already, or past the end."""
        if math.isnan(until):
            raise InputError("run_for takes a number of quarters, run_until a time or a quarter such as 2020Q1.")
        if until < self.time:
            raise InputError(f"a run does not go back, and this one stands at {self.quarter}; make the model anew.")
        if until > self._n_quarters:
            end, left = self.scenario.end, self._n_quarters - self._quarter
            raise InputError(f"the run ends with {end}; quarters left: {left}. For more, make it with a later end=.")
        return until > self.time

    def __getstate__(self) -> Any:
        """Refuse to be copied or pickled: Mesa's events would not survive it."""
        raise InputError("a model cannot be copied or pickled; make it again from the same scenario and rng.")

    def __repr__(self) -> str:
        s = self.scenario
        return f"<Steppe {s.name}, {s.history}, rng {s.seed}, replication {s.replication}: at {self.quarter}>"


def _as_quarter(begin: str | float) -> str:
    """Return a quarter as text, where it is given as text or number; InputError for anything else."""
    if isinstance(begin, str):
        return begin
    if not as_number(begin).is_integer():
        raise InputError(f"schedule_inject: start: write a quarter, as 2020Q1 or whole number, not {begin!r}.")
    return format_quarter(int(begin))


def _put(rows: np.ndarray, injects: Mapping[int, Any]) -> None:
    for place, inject in injects.items():
        rows[place] = inject


def _read_number(offset: int, model: Steppe) -> float:
    return model._flat.item(offset)


def _read_outcome(place: int, model: Steppe) -> float:
    return model._out.item(place) if model._quarter == model._n_quarters else math.nan


def _quarter_computed(model: Steppe) -> str:
    return format_quarter(model._quarter - 1)
