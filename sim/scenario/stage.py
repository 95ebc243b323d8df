"""A scenario put on stage: a copy of the world with its clock set and every inject in its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sim.errors import InputError, did_you_mean
from sim.scenario.conditions import Conditions
from sim.scenario.contradictions import Placed, check_contradictions
from sim.scenario.history import MODES, custodies_not_begun, read_history, read_leaders
from sim.scenario.injects import Inject, is_whole_home, parse_inject
from sim.scenario.levers import set_levers
from sim.scenario.possible import check_possible, there_from
from sim.scenario.reader import Scenario
from sim.scenario.reported import check_reported
from sim.scenario.strategies import as_inject, cost_of
from sim.world.build import World
from sim.world.calendar import format_quarter
from sim.world.conditions import WITH_LAST
from sim.world.fields import NEVER, NOBODY


def place_entry(
    world: World,
    place: str,
    entry: Mapping[str, Any],
    conditions: Conditions,
    first: int,
    strategy: int = NOBODY,
) -> list[Inject]:
    """Return the injects of one entry; InputError naming `place` where it is wrong or impossible.

    A condition without `from` counts from the quarter `first`, or the later one in which all are there. strategy: the
    one whose order it is.
    """
    check = check_reported if strategy != NOBODY else None
    found = []
    for inject in parse_inject(entry, world, place, conditions, strategy, check):
        check_possible(world, inject, place, is_whole_home(entry))
        there = 0 if is_whole_home(entry) else there_from(world, inject)[0]
        counts_at_once = inject.times > 0 and inject.opens == NOBODY
        found.append(replace(inject, opens=max(first, there)) if counts_at_once else inject)
    return found


def _check_window(inject: Inject, place: str, first: int, last: int) -> None:
    """Raise InputError where an inject begins before the window, or can never begin in it."""
    begins = inject.start if inject.times == 0 else inject.opens
    told = format_quarter(begins)
    if begins < first:
        raise InputError(f"{place}: it begins in {told}, before the start, {format_quarter(first)}.")
    if begins > last:
        raise InputError(
            f"{place}: it can never happen: {told} lies after the end, {format_quarter(last)}; "
            "leave the scenario out with scenario=baseline or set a later end=."
        )
    if inject.times > 0 and inject.closes <= begins:
        by = format_quarter(inject.closes - 1)
        raise InputError(f"{place}: it can never happen: by: {by} lies before the start, {told}.")


def _own_injects(world: World, scenario: Scenario, first: int, last: int, conditions: Conditions) -> list[Inject]:
    """Return the scenario's own injects, then the orders of its strategies; InputError where one is wrong."""
    found: list[Placed] = []
    for place, entry in scenario.injects:
        found += [(place, inject) for inject in place_entry(world, place, entry, conditions, first)]
    for number, strategy in enumerate(scenario.strategies):
        for place, order in strategy.orders:
            entry, cost = as_inject(order, strategy.actor, world, place), cost_of(order, place)
            given = place_entry(world, place, entry, conditions, first, number)
            found += [(place, replace(inject, cost=WITH_LAST if n else cost)) for n, inject in enumerate(given)]
    for place, inject in found:
        _check_window(inject, place, first, last)
    check_contradictions(world, found, conditions)
    return [inject for _, inject in found]


def write_injects(rows: np.ndarray, injects: list[Inject]) -> None:
    """Write injects into rows of the record, as many as there are injects at least."""
    for row, inject in zip(rows, injects, strict=False):
        for name in rows.dtype.names or ():
            row[name] = getattr(inject, name)


def _all_injects(
    world: World, scenario: Scenario, history: str, first: int, last: int, conditions: Conditions
) -> list[Inject]:
    """Return every inject in the order of its row: those of leaders and history, then the scenario's own."""
    if history not in MODES:
        raise InputError(f"history={history}: write replay or free.{did_you_mean(history, MODES)}")
    own = _own_injects(world, scenario, first, last, conditions)
    return [*read_leaders(world), *read_history(world, history), *own]


def stage(
    world: World, scenario: Scenario, history: str, first: int, last: int, levers: Mapping[str, float] | None = None
) -> World:
    """Return the world ready for a run that reports from quarter `first` to `last`, with history `replay` or `free`.

    levers: values by name, in place of those of the scenario. InputError for what is wrong in any of them.
    """
    scenario = set_levers(scenario, levers or {})
    conditions = Conditions(world)
    injects = _all_injects(world, scenario, history, first, last, conditions)
    record = world.record.copy()
    rows, strategies = record["injects"][0], record["strategies"][0]
    if len(injects) > len(rows):
        raise InputError(
            f"{scenario.name}: {len(injects)} injects with those of history; there is room for {len(rows)}."
        )
    if len(scenario.strategies) > len(strategies):
        raise InputError(
            f"{scenario.name}: {len(scenario.strategies)} strategies; there is room for {len(strategies)}."
        )
    write_injects(rows, injects)
    conditions.write(record)
    strategies["budget"][: len(scenario.strategies)] = [strategy.budget for strategy in scenario.strategies]
    record["custodies"]["begins"][0, custodies_not_begun(world, history)] = NEVER
    clock = record["clock"]
    clock["first_reported"] = first
    clock["is_replay"] = int(history == "replay")
    return world.with_record(record)


def lever_rows(world: World, scenario: Scenario, history: str, first: int, last: int) -> Mapping[str, tuple[int, ...]]:
    """Return the rows of injects that each lever drives once `stage` was called with the same, by the lever's name."""
    injects = _all_injects(world, scenario, history, first, last, Conditions(world))
    return {name: tuple(row for row, one in enumerate(injects) if one.lever == name) for name in scenario.levers}


def with_levers(world: World, rows: Mapping[str, tuple[int, ...]], values: Mapping[str, float]) -> World:
    """Return a staged world with other values of levers, by name; what `stage` makes of them, in a copy's time.

    rows: of this world, as `lever_rows` returns them. Values are not checked: see `Lever.set_to`.
    """
    record = world.record.copy()
    strengths = record["injects"]["strength"][0]
    for name, value in values.items():
        strengths[list(rows[name])] = value
    return world.with_record(record)
